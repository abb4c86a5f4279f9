"""Retention that is killed anywhere: the next run goes on, and in the end everything is gone that should be."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from impetus.run.marks import Marks, Search
from impetus.settings import Settings
from impetus.testing.clock import SettableClock
from impetus.wiring import open_desk
from pipeline import sweep_program

PROGRAM = Path(sweep_program.__file__)
SEED = 3
LONGEST_S = 0.6
"""Longest time a run gets before it is killed; a whole one takes some seconds in pieces of two."""


def start(what: str, folder: Path) -> subprocess.Popen[str]:
    """Start the program."""
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])}
    return subprocess.Popen(
        [sys.executable, str(PROGRAM), what, str(folder)], stdout=subprocess.PIPE, text=True, env=environment
    )


def kill_at_random(folder: Path, chance: random.Random) -> bool:
    """Start a run, kill it at a random moment, and say whether it was still at work then."""
    with start("sweep", folder) as child:
        assert child.stdout is not None
        child.stdout.readline()
        until = time.monotonic() + chance.uniform(0, LONGEST_S)
        while time.monotonic() < until and child.poll() is None:
            pass
        is_at_work = child.poll() is None
        child.kill()
    return is_at_work


def left_in(folder: Path) -> dict[str | bytes, set[str]]:
    """Return the text marks anywhere below a folder, and where."""
    run, *texts = (folder / "marks").read_text().split("\n")
    search = Search(marks=Marks(run=run, texts=dict.fromkeys(texts, False)))
    search.look_through(folder / "home")
    search.look_through(folder / "drawer")
    return search.found


def converges(folder: Path, kills: int) -> int:
    """Kill so many runs, let one finish, look at every byte; return how many were at work when killed."""
    with start("fill", folder) as filler:
        assert filler.wait() == 0
    assert len(left_in(folder)) > 100
    chance = random.Random(SEED)  # noqa: S311 - the same moments each time
    at_work = sum(kill_at_random(folder, chance) for _ in range(kills))
    with start("sweep", folder) as last:
        assert last.wait() == 0
    assert left_in(folder) == {}
    return at_work


def test_killed_five_times_it_converges(tmp_path: Path) -> None:
    """Wherever the kills fall, nothing is left, the run that was interrupted is over, and its report is in the log."""
    assert converges(tmp_path, 5) >= 1
    desk = open_desk(Settings(home=tmp_path / "home"), SettableClock(sweep_program.AT + sweep_program.LATER))
    with desk.store.read() as unit:
        assert unit.retention_runs.unfinished() is None
        runs = unit.retention_runs.newest()
    desk.close()
    assert all(run.digest for run in runs)
    assert sum(run.gone for run in runs) > 0


@pytest.mark.slow
def test_killed_a_hundred_times_it_converges(tmp_path: Path) -> None:
    """The same at a hundred moments."""
    assert converges(tmp_path, 100) >= 20
