"""A process that fills a home, then lets runs of retention be killed: `sweep_program.py fill|storm|sweep FOLDER [KILLS]`.

Each run is a child process of its own, forked when everything is imported, and ended by SIGKILL at a random moment.
"""

import os
import random
import signal
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from impetus.core.actor import platform
from impetus.desk import erasers
from impetus.desk.sweep import sweep
from impetus.run import proof
from impetus.settings import Settings, keep_of
from impetus.testing.clock import SettableClock
from impetus.wiring import open_desk

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)
LATER = timedelta(days=2_000)
"""Beyond every period but that of the log's entries."""
MARKS = 420
SEED = 3
LONGEST_S = 0.6
"""Longest time a run gets before it is killed; a whole one takes longer, in pieces of two."""
PIECE = 2
"""Small pieces, so that there are many moments to be killed at."""


def fill(folder: Path) -> None:
    """Plant marks, with a backup in a drawer, and write down which."""
    trial = proof.open_trial(Settings(home=folder), folder, MARKS, AT)
    (folder / "marks").write_text("\n".join([trial.ground.marks.run, *trial.ground.marks.texts]))
    trial.desk.close()


def run(folder: Path) -> None:
    """Run retention, a small piece at a time, until nothing is due."""
    erasers.CHUNK, erasers.ROWS = PIECE, PIECE
    settings = Settings(home=folder / "home")
    desk = open_desk(settings, SettableClock(AT + LATER))
    while not sweep(desk, platform("keeper"), keep_of(settings)).is_complete:
        pass
    proof.keep_log(desk)
    while not sweep(desk, platform("keeper"), keep_of(settings)).is_complete:
        pass
    desk.close()


def storm(folder: Path, kills: int) -> int:
    """Start and kill so many runs, and return how many were at work when killed."""
    chance, at_work = random.Random(SEED), 0  # noqa: S311 - the same moments each time
    for _ in range(kills):
        child = os.fork()
        if child == 0:
            run(folder)
            os._exit(0)
        threading.Event().wait(chance.uniform(0, LONGEST_S))
        if os.waitpid(child, os.WNOHANG)[0] == 0:
            at_work += 1
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
    return at_work


if __name__ == "__main__":
    what, place = sys.argv[1], Path(sys.argv[2])
    if what == "storm":
        sys.stdout.write(f"{storm(place, int(sys.argv[3]))}\n")
    else:
        {"fill": fill, "sweep": run}[what](place)
