"""Proof of erasure by search: plant marks, let their time pass, run retention, look at every byte.

Done in a scratch installation with the real adapters and this installation's retention, so that nothing of the real one
is touched; only the clock is not the machine's. Looked at are all files of its home, with the free pages and journals of
the database, and a backup that lay in a drawer meanwhile: as it lies there, and opened with every key that is left.
"""

import shutil
import tempfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from impetus.adapters.backup.manifest import read_manifest
from impetus.adapters.class_keys import FileClassKeys
from impetus.adapters.file_keys import FileKeys
from impetus.adapters.record_codec import decode_record
from impetus.core.actor import Actor, Role, platform
from impetus.core.errors import Unknown
from impetus.core.retention import Proof
from impetus.desk import backups, holds
from impetus.desk.context import LOG, Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.sweep import sweep
from impetus.ethics.retention import DAY, Keep
from impetus.ports.backups import Move
from impetus.run.marks import Search, new_marks
from impetus.run.planting import plant
from impetus.run.planting_ground import Field
from impetus.settings import Settings, keep_of
from impetus.testing.clock import SettableClock
from impetus.wiring import open_backups, open_clock, open_desk

KEEPER = platform("proof")
OFFICER = Actor(name="proof", role=Role.DPO)


@dataclass(slots=True)
class Trial:
    """A scratch installation, what was planted in it, and a backup in a drawer."""

    settings: Settings
    clock: SettableClock
    desk: Desk
    ground: Field
    drawer: Path

    @property
    def home(self) -> Path:
        """Return the scratch home."""
        return self.settings.home


def prove_erasure(settings: Settings, count: int, move: Move) -> Proof:
    """Plant at least `count` marks with this installation's retention, and return what a search found afterwards."""
    with tempfile.TemporaryDirectory(prefix="impetus-proof-") as folder:
        trial = open_trial(settings, Path(folder), count)
        try:
            move(0.3, "marks are planted")
            let_time_pass(trial)
            move(0.7, "retention is over")
            search = look(trial)
        finally:
            trial.desk.close()
    return Proof(
        at=open_clock().now(),
        planted=trial.ground.marks.count(held=False),
        found=len(search.among(held=False)),
        held=trial.ground.marks.count(held=True),
        held_found=len(search.among(held=True)),
        files=search.files,
        bytes_=search.bytes_,
    )


def open_trial(settings: Settings, folder: Path, count: int, at: datetime | None = None) -> Trial:
    """Open a scratch installation, plant marks in it, and put a backup of it into a drawer."""
    clock = SettableClock(at or open_clock().now())
    scratch = replace(settings, home=folder / "home")
    desk = open_desk(scratch, clock)
    ground = Field(desk=desk, home=scratch.home, marks=new_marks())
    plant(ground, count)
    trial = Trial(settings=scratch, clock=clock, desk=desk, ground=ground, drawer=folder / "drawer")
    keep_log(trial.desk)
    back_up(trial, folder / "backup")
    shutil.copytree(folder / "backup", trial.drawer)
    return trial


def keep_log(desk: Desk) -> None:
    """Take the records on the bus into the log, sign it, and let the bus drop them, as the log's keeper does."""
    writer = LogWriter(desk, KEEPER, origin="proof", decode=decode_record)
    desk.tally.write_all(desk.journal, desk.clock.now())
    while writer.take():
        pass
    writer.seal()
    desk.bus.trim(LOG, older_than=desk.clock.now())


def back_up(trial: Trial, place: Path) -> None:
    """Make a backup."""
    operator = Actor(name="proof", role=Role.ADMINISTRATOR)
    keep = keep_of(trial.settings)
    backups.make(trial.desk, operator, open_backups(trial.settings, trial.desk), place, keep, lambda _, __: None)


def let_time_pass(trial: Trial) -> None:
    """Place the holds before anything is over, then move the clock beyond every period and run retention."""
    longest = longest_of(keep_of(trial.settings))
    trial.clock.set(trial.clock.now() + longest - DAY)
    until = trial.clock.now() + 300 * DAY
    for subject in sorted(trial.ground.subjects):
        holds.place(trial.desk, OFFICER, subject, until, "a proof")
    trial.clock.set(trial.clock.now() + 4 * DAY)
    run_retention(trial)
    keep_log(trial.desk)
    run_retention(trial)


def run_retention(trial: Trial) -> None:
    """Run until nothing is due."""
    while not sweep(trial.desk, KEEPER, keep_of(trial.settings)).is_complete:
        pass


def longest_of(keep: Keep) -> timedelta:
    """Return the longest period of anything that is erased; entries of the log hold commitments only."""
    periods: Mapping[str, timedelta] = {name: getattr(keep, name) for name in keep.__slots__ if name != "log"}
    return max(periods.values())


def look(trial: Trial) -> Search:
    """Look at every byte of the home and of the drawer, and inside everything a key is left for."""
    search = Search(marks=trial.ground.marks)
    search.look_through(trial.home)
    search.look_through(trial.drawer)
    for name in trial.desk.blobs.names():
        search.take(trial.desk.blobs.get(name), f"inside {name}")
    open_pieces(trial, trial.drawer, search)
    return search


def open_pieces(trial: Trial, place: Path, search: Search) -> int:
    """Look inside the pieces of a backup that still open, blobs in them too; return how many do not."""
    chance = trial.desk.chance
    ring = FileClassKeys(trial.home / "class-keys", FileKeys(trial.home / "key", chance), chance)
    closed = 0
    for piece in read_manifest(place).pieces:
        try:
            content = zlib.decompress(ring.open((place / piece.path).read_bytes(), about=piece.about))
        except Unknown:
            closed += 1
            continue
        search.take(content, f"inside {piece.path}")
    return closed
