"""Several processes on one state, and what is left of one that is killed."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from contracts.samples import T0, an_alert, minutes
from impetus.adapters.sql.store import open_store
from impetus.core.alert import AlertState
from impetus.core.ids import FindingKey, Offset
from impetus.ports import Unit

PROGRAM = Path(__file__).with_name("store_program.py")
LONG_S = 60.0


@contextmanager
def program(*arguments: str | Path) -> Iterator["subprocess.Popen[str]"]:
    """Run the other program and end it for sure."""
    command = [sys.executable, str(PROGRAM), *map(str, arguments)]
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])}
    running = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.PIPE, text=True, env=environment)
    try:
        yield running
    finally:
        running.kill()
        running.wait(LONG_S)
        for pipe in (running.stdout, running.stdin):
            if pipe:
                pipe.close()


def line(running: "subprocess.Popen[str]") -> str:
    """Wait for the program's next line."""
    assert running.stdout is not None
    return running.stdout.readline().strip()


def consistent(unit: Unit) -> int:
    """Check that everything written together is there together; return how many times."""
    count = unit.cursors.get("fusion", "findings")
    assert unit.alerts.count_open()[AlertState.NEW] == count
    assert unit.alerts.raised_between(minutes(-1), minutes(1)) == count
    assert unit.outbox.newest() == count
    for number in range(1, count + 1):
        alert = unit.findings.alert_of(FindingKey(f"f-{number}"))
        assert alert is not None
        assert unit.alerts.get(alert).fingerprint == f"p{number}"
        assert len(unit.alerts.entries(alert)) == 1
    return count


def test_a_writer_killed_in_mid_transaction_leaves_nothing_of_it(tmp_path: Path) -> None:
    """All of a unit or nothing: killed before its commit, no table, counter or cursor shows a trace."""
    store = open_store(tmp_path)
    with program("hang", tmp_path) as writer:
        assert line(writer) == "written, not committed"
        writer.send_signal(signal.SIGKILL)
        writer.wait(LONG_S)
    with store.read() as unit:
        assert consistent(unit) == 1
        assert unit.findings.alert_of(FindingKey("f-2")) is None
    with store.write() as unit:
        assert unit.alerts.add(an_alert()).id == 2


@pytest.mark.parametrize("kills", [(1, 6), pytest.param((1, 2, 5, 9, 14, 3), marks=pytest.mark.slow)], ids=len)
def test_what_a_killed_writer_acknowledged_is_there(tmp_path: Path, kills: tuple[int, ...]) -> None:
    """Killed at any moment while it commits as fast as it can: each unit it reported is whole, at most one more is."""
    store = open_store(tmp_path)
    reported = 0
    for lines in kills:
        with program("write", tmp_path) as writer:
            for _ in range(lines):
                reported = int(line(writer))
            writer.send_signal(signal.SIGKILL)
            assert writer.stdout is not None
            rest = writer.stdout.read()
            writer.wait(LONG_S)
        reported = max([reported, *(int(text) for text in rest.split())])
        with store.read() as unit:
            assert reported <= consistent(unit) <= reported + 1


def test_processes_take_turns(tmp_path: Path) -> None:
    """Three processes raising one number lose no step, and nobody is turned away."""
    store = open_store(tmp_path)
    with store.write() as unit:
        first = unit.alerts.add(an_alert())
    with ExitStack() as stack:
        running = [stack.enter_context(program("count", tmp_path, "25")) for _ in range(3)]
        assert [line(one) for one in running] == ["counted"] * 3
    with store.read() as unit:
        assert unit.alerts.get(first.id).repeats == 75


def test_a_change_in_one_process_wakes_another(tmp_path: Path) -> None:
    """A process asleep in `wait_for_change` sees a change as soon as another commits it, and an old one at once."""
    store = open_store(tmp_path)
    with program("wait", tmp_path) as waiter:
        assert line(waiter) == "waiting"
        with store.write() as unit:
            unit.outbox.add(T0, "alert", "1", {})
            unit.cursors.move("fusion", "findings", Offset(1))
        assert line(waiter) == "woken"
