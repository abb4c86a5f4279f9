"""Protocols of retention: holds and runs in the state, keys by class and day, files that hold copies."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from impetus.core.retention import Hold, Proof, RetentionRun


class Holds(Protocol):
    """Holds, standing, ended and lifted."""

    def add(self, hold: Hold) -> Hold:
        """Store a new one and return it with its id."""
        ...

    def get(self, hold: int) -> Hold:
        """Return it, or raise `Unknown`."""
        ...

    def lift(self, hold: Hold) -> None:
        """Store that it was lifted."""
        ...

    def standing(self, at: datetime) -> Sequence[Hold]:
        """Return those that hold something back at this time, the first to end first."""
        ...

    def newest(self, *, limit: int = 50) -> Sequence[Hold]:
        """Return the holds placed last, whether they stand or not, newest first."""
        ...

    def erase_ended(self, before: datetime, *, limit: int) -> int:
        """Erase those that ended or were lifted before the time."""
        ...


class RetentionRuns(Protocol):
    """Runs of retention, the counts they leave, and proofs of erasure; bounded, the oldest go."""

    def unfinished(self) -> RetentionRun | None:
        """Return the run that is at work or was interrupted, None when there is none."""
        ...

    def begin(self, at: datetime) -> RetentionRun:
        """Store a new run at work."""
        ...

    def put(self, run: RetentionRun) -> None:
        """Store what a run has done so far."""
        ...

    def newest(self, *, limit: int = 50) -> Sequence[RetentionRun]:
        """Return runs, newest first."""
        ...

    def count(self, month: str, names: Mapping[str, int]) -> None:
        """Add to the counts of a month (`2026-03`) that stay when what was counted is erased."""
        ...

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return the counts by month and name."""
        ...

    def add_proof(self, proof: Proof) -> None:
        """Store the result of a proof by search."""
        ...

    def last_proof(self) -> Proof | None:
        """Return the newest one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySafe:
    """Where copies of the keys lie outside the installation. `behind` counts keys destroyed here that it still has."""

    place: str
    synced_at: datetime
    behind: int


class ClassKeys(Protocol):
    """One key for each class and day; who destroys the key makes every copy of what it sealed unreadable."""

    def seal(self, plain: bytes, *, about: str, kind: str, day: date) -> bytes:
        """Return ciphertext under the key of this class and day, bound to `about`; makes the key when there is none."""
        ...

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes; `Unknown` when its key was destroyed, `Malformed` when the bytes were changed."""
        ...

    def label(self, sealed: bytes) -> tuple[str, date] | None:
        """Return class and day of what was sealed, None for what other keys sealed."""
        ...

    def days(self) -> Sequence[tuple[str, date]]:
        """Return class and day of every key there is, sorted."""
        ...

    def destroy(self, keys: Sequence[tuple[str, date]]) -> int:
        """Overwrite and remove these keys, durably, and return how many there were."""
        ...

    def safes(self) -> Sequence[KeySafe]:
        """Return the key safes this installation knows of."""
        ...


class Remains(Protocol):
    """Files beside the stores that hold copies of what has a time: tool snapshots, text logs, backups, things half done."""

    def sweep(self, horizons: Mapping[str, datetime]) -> Mapping[str, int]:
        """Erase files last written before their store's horizon; return how many, by store.

        Stores: `tool snapshots`, `text logs`, `backups`, `half done`.
        """
        ...
