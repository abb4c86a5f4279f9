"""The process is killed around an effect that no database can take back: at most once, and never silently."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk import gate_program
from desk.gate_program import SIGN, Sign, desk_of, propose
from impetus.core.action import ActionState
from impetus.desk.perform import PATIENCE, perform_due
from impetus.testing.desk import clock_of

TESTS = Path(__file__).parents[1]
LONG_S = 120.0


def agree(home: Path, point: str, *, repeatable: bool) -> int:
    """Let another process agree and die at that point; return how it ended."""
    program = gate_program.__file__
    assert program is not None
    words = [sys.executable, program, str(home), point, "repeatable" if repeatable else "once"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(words, env=environment, timeout=LONG_S, check=False).returncode


def shown(home: Path) -> list[str]:
    """Return what the sign has shown."""
    file = home / SIGN
    return file.read_text().splitlines() if file.exists() else []


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a home with one proposal that waits for one yes."""
    desk = desk_of(tmp_path, Sign(tmp_path))
    assert propose(desk).state is ActionState.PROPOSED
    desk.store.close()
    return tmp_path


@pytest.mark.parametrize("repeatable", [False, True])
@pytest.mark.parametrize("point", ["before the effect", "after the effect"])
def test_a_killed_process_leaves_at_most_one_effect_and_a_plain_word(
    home: Path, point: str, *, repeatable: bool
) -> None:
    """What may be repeated is brought to its end with one effect; what may not is said to have failed, and not tried."""
    assert agree(home, point, repeatable=repeatable) == -signal.SIGKILL
    desk = desk_of(home, Sign(home, repeatable=repeatable))
    with desk.store.read() as unit:
        action = unit.actions.find()[0]
    assert action.state is ActionState.PERFORMING
    clock_of(desk).advance(PATIENCE.total_seconds())
    assert perform_due(desk) == 1
    assert perform_due(desk) == 0
    with desk.store.read() as unit:
        ended = unit.actions.get(action.id)
    desk.store.close()
    assert ended.state is (ActionState.PERFORMED if repeatable else ActionState.FAILED)
    assert len(shown(home)) == (1 if repeatable or point == "after the effect" else 0)
    assert repeatable or "nobody knows" in ended.receipt


@pytest.mark.slow
def test_a_process_that_lives_performs_once_and_a_second_one_is_refused(home: Path) -> None:
    """The same yes from another process afterwards: refused, and nothing is shown again."""
    assert agree(home, "never", repeatable=False) == 0
    assert len(shown(home)) == 1
    assert agree(home, "never", repeatable=False) != 0
    assert len(shown(home)) == 1


@pytest.mark.slow
def test_two_processes_that_agree_at_the_same_moment_have_one_effect(home: Path) -> None:
    """Both hold the page, both click; the store lets one of them through."""
    program = gate_program.__file__
    assert program is not None
    words = [sys.executable, program, str(home), "never", "once"]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    running = [subprocess.Popen(words, env=environment, stderr=subprocess.DEVNULL) for _ in range(3)]
    ends = [process.wait(LONG_S) for process in running]
    assert sorted(end == 0 for end in ends) == [False, False, True]
    assert len(shown(home)) == 1
