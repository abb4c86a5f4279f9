"""One child under supervision, with the time in the test's hand."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import patience
from impetus.core.board import PartState
from impetus.core.ids import ToolId
from impetus.core.manifest import Limits
from impetus.run.heartbeat import Beat, encode_beat
from impetus.run.parts import Part
from impetus.run.restarts import Pace, Restarts
from impetus.run.supervised import Child, Phase, Trouble

AT = datetime(2026, 3, 2, 14, 7, tzinfo=UTC)
LIMIT_S = 20.0


@pytest.fixture(autouse=True)
def _roles(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let children find the trial roles."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def _child(home: Path, role: str = "healthy", **limits: float) -> Child:
    part = Part(
        id=ToolId(role),
        role=f"call:trial_roles:{role}",
        name="The part",
        limits=Limits(silence_s=limits.get("silence_s", 15.0), memory_mib=int(limits.get("memory_mib", 512))),
    )
    return Child(part, home, Restarts(pace=Pace(starting_s=30.0)))


def _heard(child: Child, now_s: float) -> None:
    """Wait for a heartbeat and take it in as heard at this moment."""

    def is_heard() -> bool:
        child.listen(AT + timedelta(seconds=now_s), now_s)
        return child.beat is not None

    patience.until(is_heard, limit_s=LIMIT_S, what="a heartbeat")


def _ended(child: Child, now_s: float) -> Trouble:
    """Judge until the child has ended, and return the trouble."""
    found: list[Trouble] = []

    def is_over() -> bool:
        trouble = child.judge(now_s)
        found.extend([trouble] if trouble else [])
        return bool(found)

    patience.until(is_over, limit_s=LIMIT_S, what="the end")
    return found[0]


def test_a_child_is_due_at_once_and_starting_until_its_first_heartbeat(tmp_path: Path) -> None:
    """The board says starting before the start and until the first beat, then running."""
    child = _child(tmp_path)
    assert child.is_due(0.0)
    assert child.status().state is PartState.STARTING
    child.start(AT, 0.0)
    assert child.status().state is PartState.STARTING
    _heard(child, 1.0)
    row = child.status()
    assert (row.state, row.started_at, row.rate_per_s) == (PartState.RUNNING, AT, 7.0)
    child.finish()


def test_a_child_that_has_not_spoken_yet_gets_the_time_to_start(tmp_path: Path) -> None:
    """Its own silence limit counts from the first heartbeat on."""
    child = _child(tmp_path, "deaf", silence_s=2.0)
    child.start(AT, 0.0)
    child.judge(29.0)
    assert child.phase is Phase.ALIVE
    child.judge(31.0)
    assert child.phase is Phase.ENDING
    child.finish()


def test_silence_ends_it_politely_then_by_force(tmp_path: Path) -> None:
    """SIGTERM at the limit, SIGKILL two seconds later; the trouble says how long it was silent."""
    child = _child(tmp_path, "deaf", silence_s=5.0)
    child.start(AT, 0.0)
    _heard(child, 1.0)
    assert child.judge(5.9) is None
    assert child.phase is Phase.ALIVE
    child.judge(6.1)
    assert child.status().state is PartState.SILENT
    assert child.judge(7.0) is None
    assert child.is_running()
    child.judge(8.2)
    trouble = _ended(child, 8.2)
    assert trouble.headline.say() == "The part stopped answering and was restarted"
    assert trouble.why.say() == "no heartbeat for 5 s, limit 5.0 s"


def test_after_a_failure_it_waits_longer_each_time(tmp_path: Path) -> None:
    """Restarting, with the reason, until it is due."""
    child = _child(tmp_path, "crasher")
    child.start(AT, 0.0)
    trouble = _ended(child, 10.0)
    assert (trouble.is_first, trouble.is_failed, trouble.episode) == (True, False, 1)
    assert not child.is_due(10.4)
    assert child.is_due(10.6)
    assert child.status().state is PartState.RESTARTING
    assert "out of luck" in child.status().note
    child.start(AT, 10.6)
    again = _ended(child, 12.0)
    assert (again.is_first, again.episode) == (False, 1)
    assert not child.is_due(12.9)
    assert child.is_due(13.1)


def test_memory_over_the_limit_ends_it(tmp_path: Path) -> None:
    """Measured as resident memory, told with both numbers."""
    child = _child(tmp_path, memory_mib=2)
    child.start(AT, 0.0)
    _heard(child, 1.0)
    child.judge(1.1)
    assert child.phase is Phase.ENDING
    trouble = _ended(child, 1.2)
    assert trouble.headline.say() == "The part used too much memory and was restarted"
    assert trouble.why.say().endswith("limit 2 MiB")


def test_a_part_with_a_fault_is_never_started(tmp_path: Path) -> None:
    """Its row is failed and says why."""
    child = Child(
        Part(id=ToolId("x"), role="tool:x", name="X", fault="its manifest is not TOML"), tmp_path, Restarts(pace=Pace())
    )
    assert not child.is_due(1e9)
    assert (child.status().state, child.status().note) == (PartState.FAILED, "its manifest is not TOML")


def test_a_machine_that_refuses_to_start_it_counts_as_a_failure(tmp_path: Path) -> None:
    """No process slots, no memory: tried again later, and told."""
    child = _child(tmp_path)
    trouble = child.fail_to_start(OSError("Resource temporarily unavailable"), 5.0)
    assert trouble.is_first
    assert "Resource temporarily unavailable" in trouble.why.say()
    assert child.status().restarts == 1
    assert child.is_due(5.6)


def test_beats_cut_by_the_pipe_are_put_together_and_nonsense_is_passed_over(tmp_path: Path) -> None:
    """A line arrives in pieces; a line that is none is not a sign of life."""
    child = _child(tmp_path)
    child.heart_fd, writing = os.pipe()
    os.set_blocking(child.heart_fd, False)
    line = encode_beat(Beat(lag=4))
    os.write(writing, b"nonsense\n" + line[:10])
    child.listen(AT, 1.0)
    assert child.beat is None
    os.write(writing, line[10:])
    child.listen(AT, 2.0)
    assert child.beat == Beat(lag=4)
    os.close(writing)
    child.listen(AT, 3.0)
    assert child.heart_fd is None


def test_finishing_leaves_no_process_and_no_pipe(tmp_path: Path) -> None:
    """Even of a child that hears nothing; finishing twice is harmless."""
    child = _child(tmp_path, "deaf")
    child.start(AT, 0.0)
    _heard(child, 1.0)
    pid = child.pid
    child.finish()
    child.finish()
    assert (child.pid, child.heart_fd, child.log_fd, child.phase) == (None, None, None, Phase.STOPPED)
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_arguments_of_the_part_reach_the_child(tmp_path: Path) -> None:
    """A port given on the command line is the port the role sees."""
    part = Part(
        id=ToolId("told"), role="call:trial_roles:told", name="Told", arguments=("--port", "8999", "--host", "::1")
    )
    child = Child(part, tmp_path, Restarts(pace=Pace()))
    child.start(AT, 0.0)
    _heard(child, 1.0)
    assert child.status().note == "::1 8999"
    child.finish()
