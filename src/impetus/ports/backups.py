"""Protocols of backups: what a caller says of holds, what making, checking and restoring answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Protocol

from impetus.core.alert import Alert
from impetus.core.board import Quarantined
from impetus.core.incident import Incident

KeyName = tuple[str, date]
Move = Callable[[float, str], None]
"""Progress: the share that is done, 0..1, and what is being done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryDay:
    """A day of readings of one retention class."""

    retention: str
    day: date


Item = Alert | Incident | Quarantined | HistoryDay | None


class Label(Protocol):
    """Says under which class and day something is sealed: its own, or that of the hold that keeps it past its time."""

    def __call__(self, kind: str, day: date, item: Item) -> KeyName:
        """Return class and day; `item` is what it is, None for what no hold covers."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made: where, how much, and under how many keys."""

    place: Path
    made_at: datetime
    pieces: int
    rows: int
    files: int
    bytes_: int
    keys: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What a check of a backup found. `troubles` is empty when every piece is there as it was written.

    `unreadable` counts, by class, pieces whose key was destroyed: erased on purpose. None when no keys were there to ask.
    """

    made_at: datetime
    site: str
    pieces: int
    bytes_: int
    signed_by: str
    troubles: tuple[str, ...] = ()
    unreadable: Mapping[str, int] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """What came back into a new home, and how many pieces stay unreadable because retention destroyed their keys."""

    home: Path
    made_at: datetime
    rows: int
    files: int
    unreadable: Mapping[str, int] = field(default_factory=dict)


class Backups(Protocol):
    """Copies of an installation."""

    def make(self, target: Path, label: Label, move: Move) -> Made:
        """Copy the whole installation, while it runs, into a new or empty folder; `NotNow` when there is no room."""
        ...


class Check(Protocol):
    """The check of a backup, without the installation."""

    def __call__(self, place: Path, keys: Sequence[Path], move: Move) -> Verified:
        """Read every piece and compare; `keys` are homes or key safes to ask which pieces can still be opened."""
        ...
