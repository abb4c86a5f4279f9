"""The process is killed with -9 around setting and taking back: the sign is blank at its end, whoever has to see to it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from desk import effect_program
from desk.effect_program import FILE, POINTS, desk_of, propose
from impetus.core.effect import LIVE_EFFECTS, EffectState
from impetus.desk.perform import perform_due
from impetus.desk.take_back import tend_effects
from impetus.testing.desk import clock_of

TESTS = Path(__file__).parents[1]
LONG_S = 120.0


def live_and_die(home: Path, point: str) -> int:
    """Let another process agree, wait and take back, and die at that point; return how it ended."""
    program = effect_program.__file__
    assert program is not None
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    words = [sys.executable, program, str(home), point]
    return subprocess.run(words, env=environment, timeout=LONG_S, check=False).returncode


QUICK = "set after"
"""The one point that is tried each time: sent, and nobody knows that it was; the others are longer checks."""


@pytest.mark.parametrize(
    "point", [pytest.param(point, marks=() if point == QUICK else pytest.mark.slow) for point in POINTS]
)
def test_a_sign_is_blank_at_its_end_wherever_the_process_was_killed(tmp_path: Path, point: str) -> None:
    """Another process finds the row; nothing stands, nothing is called standing, and the words were shown once at most."""
    propose(tmp_path)
    assert live_and_die(tmp_path, point) == -signal.SIGKILL
    desk = desk_of(tmp_path)
    with desk.store.read() as unit:
        (found,) = unit.effects.find()
    expected = EffectState.SENDING if point.startswith("set") else EffectState.REVERTING
    assert found.state is expected
    clock_of(desk).advance(700)
    for _ in range(4):
        perform_due(desk)
        tend_effects(desk)
        clock_of(desk).advance(120)
    with desk.store.read() as unit:
        assert unit.effects.find(states=LIVE_EFFECTS) == ()
    file = tmp_path / FILE
    assert not file.exists() or file.read_text().strip() == ""
    desk.store.close()


def test_without_a_kill_the_program_does_it_all(tmp_path: Path) -> None:
    """The control: the same way without dying ends taken back."""
    propose(tmp_path)
    assert live_and_die(tmp_path, "never") == 0
    desk = desk_of(tmp_path)
    with desk.store.read() as unit:
        assert unit.effects.find()[0].state is EffectState.REVERTED
    desk.store.close()
