"""Retention that is killed anywhere: the next run goes on, and in the end everything is gone that should be."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from impetus.run.marks import Marks, Search
from impetus.settings import Settings
from impetus.testing.clock import SettableClock
from impetus.wiring import open_desk
from pipeline import sweep_program

PROGRAM = Path(sweep_program.__file__)


def run(*words: str) -> str:
    """Run the program to its end and return what it says."""
    environment = {**os.environ, "PYTHONPATH": str(PROGRAM.parents[1])}
    done = subprocess.run(
        [sys.executable, str(PROGRAM), *words], stdout=subprocess.PIPE, text=True, env=environment, check=True
    )
    return done.stdout


def left_in(folder: Path) -> dict[str | bytes, set[str]]:
    """Return the text marks anywhere below a folder, and where."""
    run, *texts = (folder / "marks").read_text().split("\n")
    search = Search(marks=Marks(run=run, texts=dict.fromkeys(texts, False)))
    search.look_through(folder / "home")
    search.look_through(folder / "drawer")
    return search.found


def converges(folder: Path, kills: int) -> int:
    """Kill so many runs, let one finish, look at every byte; return how many were at work when killed."""
    run("fill", str(folder))
    assert len(left_in(folder)) > 100
    at_work = int(run("storm", str(folder), str(kills)))
    run("sweep", str(folder))
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
