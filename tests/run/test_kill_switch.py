"""The kill switch over real processes: deaf, spinning in native code, halted by SIGSTOP, with children of its own."""

import os
import signal
import time
from pathlib import Path

import psutil
import pytest

import patience
from impetus.adapters.stop_files import StopFiles
from impetus.core.board import PartState
from impetus.core.stop import Standing, Stop, StopState, parse_target
from impetus.run.parts import INGEST, KEEPER, LOG, SIMULATOR, WEB
from impetus.run.supervisor import stop_of
from impetus.wiring import open_clock
from supervised_trial import LIMIT_S, Trial, is_running, part, running

WITHIN_S = 2.0


@pytest.fixture(autouse=True)
def _roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let children find the trial roles."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here}:{here.parent}")


def is_gone(pid: int | None) -> bool:
    """Say whether a process is gone or only waits to be collected."""
    try:
        return pid is None or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def until_gone(pid: int | None) -> float:
    """Return the seconds until a process is gone."""
    began_s = time.monotonic()
    patience.until(lambda: is_gone(pid), limit_s=LIMIT_S, what=f"the end of process {pid}")
    return time.monotonic() - began_s


@pytest.mark.parametrize("habit", ["talker", "deaf", "spinner", "frozen"])
def test_a_stopped_tool_is_dead_within_two_seconds_whatever_it_does(tmp_path: Path, habit: str) -> None:
    """It ignores SIGTERM, spins in native code, or was halted; the other part lives on, and nobody is alarmed."""
    with running(tmp_path, part("healthy"), part("deaf", role=habit)) as trial:
        other = trial.until("healthy", is_running).pid
        pid = trial.until("deaf", is_running).pid
        assert pid is not None
        if habit == "frozen":
            os.kill(pid, signal.SIGSTOP)
        (tmp_path / "stops").mkdir(exist_ok=True)
        (tmp_path / "stops" / "tool:deaf").touch()
        assert until_gone(pid) < WITHIN_S
        row = trial.until("deaf", lambda row: row.state is PartState.STOPPED)
        assert "by hand at " in row.note
        assert (row.pid, row.restarts) == (None, 0)
        assert trial.until("healthy", is_running).pid == other
        assert trial.findings() == []


def test_what_a_tool_started_dies_with_it(tmp_path: Path) -> None:
    """Its whole group, and a child that left the group."""
    with running(tmp_path, part("parent")) as trial:
        parent = trial.until("parent", is_running).pid
        assert parent is not None
        patience.until(lambda: len(psutil.Process(parent).children()) == 2, limit_s=LIMIT_S, what="two children")
        children = [child.pid for child in psutil.Process(parent).children()]
        StopFiles(tmp_path / "stops").stop(parse_target("tool:parent"), by="ada", at=trial.clock.now())
        assert until_gone(parent) < WITHIN_S
        assert all(until_gone(child) < WITHIN_S for child in children)
        trial.until("parent", lambda row: row.state is PartState.STOPPED and row.note.startswith("stopped by ada at "))


def test_a_stop_survives_a_restart_and_only_a_lift_by_name_ends_it(tmp_path: Path) -> None:
    """Stopped before the supervisor starts: never started. Its file removed by hand: still not."""
    stops, at = StopFiles(tmp_path / "stops"), open_clock().now()
    stops.stop(parse_target("tool:deaf"), by="ada", at=at)
    with running(tmp_path, part("healthy"), part("deaf")) as trial:
        trial.until("healthy", is_running)
        assert trial.until("deaf", lambda row: row.state is PartState.STOPPED).started_at is None
        (tmp_path / "stops" / "tool:deaf").unlink()
        patience.until(lambda: stops.standing().stops[0].gone_at is not None, limit_s=LIMIT_S, what="its noticing")
        assert trial.until("deaf", lambda row: row.state is PartState.STOPPED).pid is None
        stops.lift(parse_target("tool:deaf"), by="sam", at=at, why="drill over")
        assert trial.until("deaf", is_running).restarts == 0
        assert trial.findings() == []


def test_state_and_bus_that_cannot_be_written_do_not_hold_up_a_stop(tmp_path: Path) -> None:
    """The state file is locked by somebody, the bus's folder is gone: files alone are enough."""
    with running(tmp_path, part("healthy"), part("deaf")) as trial:
        pid = trial.until("deaf", is_running).pid
        trial.until("healthy", is_running)
        (tmp_path / "bus").mkdir(exist_ok=True)
        (tmp_path / "bus").rename(tmp_path / "bus-away")
        (tmp_path / "bus").write_text("no folder")
        with trial.locked_state():
            (tmp_path / "stops" / "ALL").touch()
            assert until_gone(pid) < WITHIN_S
        (tmp_path / "bus").unlink()
        (tmp_path / "bus-away").rename(tmp_path / "bus")


def test_a_folder_of_stops_that_cannot_be_read_stops_every_tool(tmp_path: Path) -> None:
    """Fails closed, and the board says why."""
    with running(tmp_path, part("healthy")) as trial:
        pid = trial.until("healthy", is_running).pid
        (tmp_path / "stops").rename(tmp_path / "elsewhere")
        (tmp_path / "stops").write_text("")
        assert until_gone(pid) < WITHIN_S
        assert "stops cannot be read" in trial.until("healthy", lambda row: row.state is PartState.STOPPED).note


@pytest.mark.parametrize("target", ["tool:deaf", "site", "all"])
def test_the_page_and_the_keeper_stay_so_that_people_see(target: str) -> None:
    """Whatever is stopped; the ingest and the simulator go with the site."""
    stop = Stop(target=parse_target(target), state=StopState.STOPPED, at=open_clock().now(), by="ada")
    standing = Standing(stops=(stop,))
    is_whole = target != "tool:deaf"
    assert [stop_of(each, standing) is not None for each in (WEB, KEEPER, LOG, INGEST, SIMULATOR)] == [
        False,
        False,
        False,
        is_whole,
        is_whole,
    ]
    assert stop_of(part("deaf"), standing) == stop


def test_a_part_that_cannot_be_started_stays_so_after_a_lift(tmp_path: Path) -> None:
    """The stop hides its fault for a while and does not mend it."""
    stops = StopFiles(tmp_path / "stops")
    broken = part("broken", fault="no tool 'broken' is installed")
    stops.stop(parse_target("tool:broken"), by="ada", at=open_clock().now())
    with running(tmp_path, part("healthy"), broken) as trial:
        assert "stopped by ada" in trial.until("broken", lambda row: row.state is PartState.STOPPED).note
        stops.lift(parse_target("tool:broken"), by="sam", at=open_clock().now(), why="try")
        assert trial.until("broken", lambda row: row.state is PartState.FAILED).note == broken.fault
    assert isinstance(trial, Trial)
