"""The process is killed at every step of a playbook: nothing is lost, nothing is done twice, whoever tries again."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from desk import run_program

TESTS = Path(__file__).parents[1]
LONG_S = 900.0
PLAYED = [
    "start",
    "finish 1",
    "finish 2",
    "finish 3",
    "finish 4",
    "finish 5",
    "propose 6",
    "perform 6",
    "finish 7",
    "finish 8",
]
"""What the drill comes to, whatever died on the way."""
KILLED = 8
"""Processes that die in a run at least: of eleven acts one writes nothing, and a yes may be over before its last unit."""


def play(home: Path, seed: int, rounds: int) -> list[dict[str, Any]]:
    """Let the program play the drill, each act killed once, and return what it stored, round by round."""
    program = run_program.__file__
    assert program is not None
    words = [sys.executable, program, str(home), str(seed), str(rounds)]
    environment = {**os.environ, "PYTHONPATH": str(TESTS)}
    ended = subprocess.run(words, env=environment, timeout=LONG_S, check=True, capture_output=True, text=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def check(rounds: list[dict[str, Any]]) -> int:
    """Hold every round to the same end, and return how many processes were killed."""
    for stored in rounds:
        assert stored["events"] == PLAYED, stored
        assert stored["numbers"] == list(range(1, len(PLAYED) + 1))
        assert stored["told"] == len(PLAYED)
        assert stored["actions"] == ["performed"]
        assert stored["shown"] == 1
        assert stored["incident"] == "closed"
    return sum(stored["killed"] for stored in rounds)


def test_killed_at_every_step_nothing_is_lost_and_nothing_done_twice(tmp_path: Path) -> None:
    """One run, each act killed before, in or behind its unit; then the same click again: each event is there once."""
    assert check(play(tmp_path, 1, 1)) >= KILLED


@pytest.mark.slow
def test_killed_at_every_step_a_hundred_times(tmp_path: Path) -> None:
    """The same a hundred times, with other points each time: over eight hundred processes die."""
    assert check(play(tmp_path, 1_000, 100)) >= 100 * KILLED
