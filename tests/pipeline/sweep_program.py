"""A process that fills a home once, then runs retention until it is killed or done: `sweep_program.py fill|sweep HOME`."""

import sys
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
    sys.stdout.write("begun\n")
    sys.stdout.flush()
    while not sweep(desk, platform("keeper"), keep_of(settings)).is_complete:
        pass
    proof.keep_log(desk)
    while not sweep(desk, platform("keeper"), keep_of(settings)).is_complete:
        pass
    desk.close()


if __name__ == "__main__":
    {"fill": fill, "sweep": run}[sys.argv[1]](Path(sys.argv[2]))
