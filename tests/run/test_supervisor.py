"""The supervisor over real child processes, a real state and a real bus: a part that fails is restarted, alone, and says so."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from impetus.core.board import PartState, PartStatus
from impetus.core.errors import Conflict
from impetus.core.finding import Kind
from impetus.core.ids import ToolId
from impetus.run.parts import Part
from impetus.run.supervisor import only_supervisor
from impetus.settings import Settings
from impetus.wiring import open_state
from supervised_trial import LIMIT_S, Trial, is_running, part, running


@pytest.fixture(autouse=True)
def _roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let children find the trial roles."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here}:{here.parent}")


def test_a_healthy_part_is_on_the_board_with_its_rate_and_memory(tmp_path: Path) -> None:
    """State, pid, rate, lag, note and memory, as people see them."""
    with running(tmp_path, part("healthy")) as trial:
        row = trial.until("healthy", lambda row: is_running(row) and row.memory_mib > 0)
        assert (row.rate_per_s, row.lag, row.note, row.restarts) == (7.0, 1, "well", 0)
        assert row.memory_limit_mib == 512
        assert row.pid is not None
        assert psutil.pid_exists(row.pid)


def test_a_part_that_dies_is_restarted_alone_and_told(tmp_path: Path) -> None:
    """The other part keeps its process; the finding names who and why."""
    with running(tmp_path, part("healthy"), part("one_crash")) as trial:
        before = trial.until("healthy", is_running).pid
        row = trial.until("one_crash", lambda row: is_running(row) and row.restarts == 1)
        finding = trial.until_told("One_crash ended unexpectedly")
        assert trial.until("healthy", is_running).pid == before
        assert row.pid != before
        assert (finding.kind, finding.tool, finding.subject) == (Kind.PLATFORM, "platform", "part:one_crash")
        assert "SIGKILL" in finding.why.say()


def test_a_part_that_hangs_deaf_to_signals_is_killed_and_restarted(tmp_path: Path) -> None:
    """Silence is enough to end it, by force when it does not listen."""
    with running(tmp_path, part("hanger", silence_s=1.0)) as trial:
        trial.until("hanger", lambda row: is_running(row) and row.restarts == 1)
        assert "no heartbeat" in trial.until_told("Hanger stopped answering").why.say()


def test_a_part_that_eats_memory_is_ended_and_restarted(tmp_path: Path) -> None:
    """Its limit is its manifest's."""
    with running(tmp_path, part("eater", memory_mib=150)) as trial:
        trial.until("eater", lambda row: is_running(row) and row.restarts == 1)
        assert "limit 150 MiB" in trial.until_told("Eater used too much memory").why.say()


def test_a_part_that_keeps_failing_is_failed_and_people_are_told_twice_not_each_time(tmp_path: Path) -> None:
    """Once at the beginning of the episode, once when it stays; it is still tried."""
    with running(tmp_path, part("healthy"), part("crasher")) as trial:
        row = trial.until("crasher", lambda row: row.state is PartState.FAILED and row.restarts >= 6)
        trial.until_told("Crasher keeps failing")
        assert [finding.subject for finding in trial.findings()] == ["part:crasher"] * 2
        assert "nobody expected" in row.note
        assert trial.until("healthy", is_running).restarts == 0


def test_a_tool_that_cannot_be_started_at_all_is_failed_with_its_reason(tmp_path: Path) -> None:
    """The rest of the platform serves."""
    broken = Part(id=ToolId("broken"), role="tool:broken", name="Broken", fault="no tool 'broken' is installed")
    with running(tmp_path, part("healthy"), broken) as trial:
        trial.until("healthy", is_running)
        assert trial.until("broken", lambda row: row.state is PartState.FAILED).note == broken.fault
        assert "cannot be started" in trial.until_told("Broken").headline.say()


def test_whoever_starts_the_supervisor_is_told_when_the_first_part_answers(tmp_path: Path) -> None:
    """In the order in which it happens, and each change once."""
    said: list[tuple[PartState, str]] = []
    with running(tmp_path, part("healthy"), on_row=lambda row: said.append((row.state, row.note))) as trial:
        trial.until("healthy", is_running)
        assert said == [(PartState.STARTING, ""), (PartState.RUNNING, "well")]


def test_a_stop_ends_every_child_within_three_seconds_and_marks_the_board(tmp_path: Path) -> None:
    """Even one that is deaf to signals."""
    with running(tmp_path, part("healthy"), part("deaf")) as trial:
        pids = [trial.until(name, is_running).pid for name in ("healthy", "deaf")]
        began_s = time.monotonic()
        trial.supervisor.stop()
        trial.thread.join(LIMIT_S)
        assert time.monotonic() - began_s < 4.5
        assert [pid for pid in pids if pid and psutil.pid_exists(pid)] == []
        rows = [trial.row(name) for name in ("healthy", "deaf")]
        assert [row.state for row in rows if row] == [PartState.STOPPED] * 2


def test_a_row_of_a_part_that_is_not_planned_any_more_is_marked_stopped(tmp_path: Path) -> None:
    """The board does not show yesterday's tool as running."""
    with open_state(Settings(home=tmp_path)).write() as unit:
        unit.parts.report(PartStatus(part=ToolId("yesterday"), state=PartState.RUNNING, pid=1))
    with running(tmp_path, part("healthy")) as trial:
        assert trial.until("yesterday", lambda row: row.state is PartState.STOPPED).pid is None


def test_a_change_of_state_reaches_the_screens_and_a_heartbeat_does_not(tmp_path: Path) -> None:
    """The outbox carries what a person would notice."""
    with running(tmp_path, part("healthy")) as trial:
        trial.until("healthy", is_running)
        first = trial.row("healthy")
        assert first is not None
        trial.until("healthy", lambda row: row.seen_at != first.seen_at)
        with trial.store.read() as unit:
            changes = [change for change in unit.outbox.after(0) if change.kind == "part"]
        assert [change.facts["state"] for change in changes] in (["starting", "running"], ["running"])


def test_two_supervisors_cannot_serve_one_home(tmp_path: Path) -> None:
    """The second is told who serves it."""
    with only_supervisor(tmp_path), pytest.raises(Conflict, match=str(os.getpid())), only_supervisor(tmp_path):
        pytest.fail("two hold the home")


def test_children_of_a_killed_supervisor_stop_and_the_home_can_be_served_again_at_once(tmp_path: Path) -> None:
    """Nothing is left running, and nothing is in the way."""
    program = (
        "import sys; sys.path.insert(0, sys.argv[2]); import supervised_trial as t; from pathlib import Path; "
        "trial = t.Trial(Path(sys.argv[1]), [t.part('healthy')]); trial.supervisor.run()"
    )
    first = subprocess.Popen([sys.executable, "-c", program, str(tmp_path), str(Path(__file__).parents[1])])
    watcher = Trial(tmp_path, [])
    child = trial_pid = watcher.until("healthy", is_running).pid
    assert child is not None
    first.send_signal(signal.SIGKILL)
    first.wait()
    with running(tmp_path, part("healthy")) as trial:
        trial.until("healthy", lambda row: is_running(row) and row.pid != trial_pid)
        assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE
