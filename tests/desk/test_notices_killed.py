"""The process that tells people is killed anywhere: each is told at least once, and by one message id however often."""

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from desk import call_program
from desk.call_program import POINTS, TAKEN, desk_of, furnish, tell
from impetus.core.ids import NoticeId
from impetus.core.notice import DeliveryState

TESTS = Path(__file__).parents[1]
LONG_S = 120.0
PEOPLE = {"ada@city.example", "ben@city.example"}


def told(home: Path, point: str) -> int:
    """Let another process tell people and die at that point; return how it ended."""
    words = [sys.executable, str(call_program.__file__), str(home), point]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    return subprocess.run(words, env=environment, timeout=LONG_S, check=False).returncode


def taken(home: Path) -> Counter[str]:
    """Return how often the server took each line, `id address`."""
    file = home / TAKEN
    return Counter(file.read_text().splitlines() if file.exists() else [])


def went_on(home: Path) -> None:
    """Let a fresh process's turns come at the time of the next try, and a second one after it find nothing to do."""
    for _ in range(2):
        desk = desk_of(home, later=timedelta(seconds=6))
        tell(desk)
        with desk.store.read() as unit:
            assert {one.state for one in unit.notices.deliveries([NoticeId(1)])} == {DeliveryState.SENT}
        desk.store.close()


@pytest.mark.parametrize("point", [pytest.param("before sending", marks=pytest.mark.slow), "after sending"])
def test_a_process_killed_around_a_message_tells_everybody_under_one_id_each(tmp_path: Path, point: str) -> None:
    """Killed before it: once. Killed after the server took it and before that was written down: twice, with the same id."""
    furnish(tmp_path)
    assert told(tmp_path, point) == -signal.SIGKILL
    went_on(tmp_path)
    lines = taken(tmp_path)
    assert {line.split()[1] for line in lines} == PEOPLE
    assert len(lines) == 2
    assert sorted(lines.values()) == ([1, 2] if point == "after sending" else [1, 1])


@pytest.mark.slow
@pytest.mark.parametrize("point", POINTS)
@pytest.mark.parametrize("times", [1, 5])
def test_killed_again_and_again_nobody_is_left_out(tmp_path: Path, point: str, times: int) -> None:
    """At every point, several times in a row; the ids are two for two people."""
    furnish(tmp_path)
    for _ in range(times):
        told(tmp_path, point)
    went_on(tmp_path)
    lines = taken(tmp_path)
    assert {line.split()[1] for line in lines} == PEOPLE
    assert len(lines) == 2
