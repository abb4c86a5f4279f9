"""A child that a person stopped: killed at once with its family, no trouble told, nothing started until the lift."""

import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

import patience
from impetus.core.board import PartState
from impetus.core.ids import ToolId
from impetus.run.parts import Part
from impetus.run.restarts import Pace, Restarts
from impetus.run.supervised import Child, Phase

AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Child:
    """Return a child whose process is deaf to SIGTERM."""
    here = Path(__file__).parent
    monkeypatch.setenv("PYTHONPATH", f"{here}:{here.parent}")
    part = Part(id=ToolId("deaf"), role="call:trial_roles:deaf", name="Deaf")
    return Child(part, tmp_path, Restarts(pace=Pace()))


def test_a_halted_child_is_dead_collected_and_its_pipes_are_closed(child: Child) -> None:
    """No descriptor and no zombie is left, and a second halt has nothing to do."""
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - a count is all that is wanted
    child.start(AT, 0.0)
    pid = child.pid
    assert pid is not None
    assert child.halt("stopped by ada")
    assert not psutil.pid_exists(pid)
    assert (child.pid, child.heart_fd, child.log_fd) == (None, None, None)
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208 - as above
    assert not child.halt("stopped by ada")


def test_a_halted_child_tells_no_trouble_and_is_never_due(child: Child) -> None:
    """Its row says who stopped it."""
    child.start(AT, 0.0)
    child.halt("stopped by ada at noon")
    assert [child.judge(second) for second in (1.0, 60.0, 9e9)] == [None] * 3
    assert not child.is_due(9e9)
    row = child.status()
    assert (row.state, row.note, row.pid, row.restarts) == (PartState.STOPPED, "stopped by ada at noon", None, 0)


def test_a_lift_starts_it_at_once_and_forgets_failures_before(child: Child) -> None:
    """Five failures before the stop do not make it wait a minute after it."""
    for second in range(5):
        child.restarts.fail(float(second), alive_s=0.1)
    child.halt("stopped by ada")
    child.resume()
    assert child.phase is Phase.WAITING
    assert child.is_due(0.0)
    assert not child.restarts.is_failed
    assert child.restarts.total == 5


def test_a_child_that_was_not_running_is_halted_too(child: Child) -> None:
    """Before its first start, or while it waits for the next."""
    assert not child.halt("stopped by ada")
    assert child.status().state is PartState.STOPPED
    assert not child.is_due(9e9)


def test_a_part_with_a_fault_says_who_stopped_it_and_then_its_fault_again(tmp_path: Path) -> None:
    """It was never going to start."""
    part = Part(id=ToolId("broken"), role="tool:broken", name="Broken", fault="not installed")
    broken = Child(part, tmp_path, Restarts(pace=Pace()))
    broken.halt("stopped by ada")
    assert (broken.status().state, broken.status().note) == (PartState.STOPPED, "stopped by ada")
    broken.resume()
    assert (broken.phase, broken.status().state, broken.status().note) == (
        Phase.STOPPED,
        PartState.FAILED,
        "not installed",
    )


def test_descendants_that_left_the_group_are_killed(tmp_path: Path, child: Child) -> None:
    """A grandchild in a session of its own."""
    child.start(AT, 0.0)
    assert child.pid is not None
    child.halt("stopped by ada")
    program = "import subprocess, sys; subprocess.Popen(['sleep', '600'], start_new_session=True); sys.stdin.read()"
    process = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, start_new_session=True)
    patience.until(lambda: len(psutil.Process(process.pid).children()) == 1, limit_s=20, what="a grandchild")
    [grandchild] = psutil.Process(process.pid).children()
    child._process = process
    child._kill_group()
    patience.until(lambda: not grandchild.is_running() or grandchild.status() == "zombie", limit_s=5, what="its end")
    assert tmp_path.exists()
