"""Protocols of what ethics needs from outside: the policy engine, the log, signatures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from impetus.core.access import AccessRequest, Category, Ruling
from impetus.core.log_record import LogRecord, Outcome
from impetus.ports.page import Page


class Policy(Protocol):
    """Decides what may be done; denies by default, and denies everything when it cannot decide."""

    def decide(self, request: AccessRequest) -> Ruling:
        """Return the decision; never raises for a request, however odd."""
        ...


class Journal(Protocol):
    """Where every guard decision and every act goes on its way into the log."""

    def write(self, records: Sequence[LogRecord]) -> None:
        """Keep durably before returning; `NotNow` when the disk is full: an act that cannot be logged does not happen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An Ed25519 signature (RFC 8032): who signed by name, with which public key (32 bytes), the 64 bytes, and when."""

    name: str
    public_key: bytes
    signature: bytes
    at: datetime


class Signatures(Protocol):
    """Ed25519 key pairs by name, private halves encrypted at rest; a name's pair is made when first asked for."""

    def public_key(self, name: str) -> bytes:
        """Return the 32 bytes of the name's public key, making the pair when there is none."""
        ...

    def sign(self, name: str, message: bytes) -> bytes:
        """Return the 64-byte signature of the message by the name's private key."""
        ...

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is that key's over that message; false for anything unreadable: fails closed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One entry of the log with what opens it: the record in clear and the salts of its commitments.

    `index` is its place in the tree, from 0 up. `salts` is 48 bytes: 16 each for who, why and recipient. Both the three
    words and the salts are empty once the openings were erased.
    """

    index: int
    record: LogRecord
    salts: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessQuery:
    """Which entries, newest first. Times are `since <= at < until`; empty words mean all; `limit` 1..200.

    `after` is the cursor a previous page returned. `acts` are operations or verbs; `who` is a name, exactly.
    """

    since: datetime | None = None
    until: datetime | None = None
    subject: str = ""
    category: Category | None = None
    outcome: Outcome | None = None
    acts: tuple[str, ...] = ()
    who: str = ""
    after: str | None = None
    limit: int = 50


class Accesses(Protocol):
    """The index over the log: its entries in clear, for as long as the law lets them be opened."""

    def add(self, entries: Sequence[Logged]) -> None:
        """Store entries whose indices follow each other and what is stored; `Conflict` for any other."""
        ...

    def next_index(self) -> int:
        """Return the index the next entry must have; never goes back, whatever was erased."""
        ...

    def start_at(self, index: int) -> None:
        """Let the next entry have this index: for an index that was lost while the log went on."""
        ...

    def from_index(self, index: int, *, limit: int = 1024) -> Sequence[Logged]:
        """Return entries from an index on, in the order of the log."""
        ...

    def page(self, query: AccessQuery) -> Page[Logged]:
        """Return one page, newest first; `Malformed` for a bad cursor."""
        ...

    def count(self, query: AccessQuery) -> int:
        """Return how many acts there were: the sum of the entries' counts; cursor and limit are ignored."""
        ...

    def days(self, since: datetime, *, is_personal: bool = False) -> Sequence[tuple[date, int]]:
        """Return for each day (UTC) from the time on how many acts there were, oldest first; days with none are left out.

        `is_personal` counts permitted accesses to personal data only.
        """
        ...

    def erase_before(self, at: datetime, *, limit: int = 10_000) -> int:
        """Erase entries older than the time, openings and all, at most `limit`; return how many."""
        ...

    def erase_openings(self, indices: Sequence[int]) -> int:
        """Erase who, why, recipient and salts of these entries, so that nobody can open them; return how many had any."""
        ...


class LogFiles(Protocol):
    """The files of the tamper-evident log by path; a file is there whole or not at all.

    Paths are relative, of the characters `a-z 0-9 . /`. Names that begin with a dot are the keeper's own notes.
    """

    def read(self, path: str) -> bytes | None:
        """Return a file's bytes, None when there is none."""
        ...

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files durably before returning, each whole or not at all; `NotNow` when the disk is full."""
        ...

    def remove(self, paths: Sequence[str]) -> int:
        """Remove files, and what lies below a path that is a folder; return how many files went."""
        ...

    def names(self) -> Sequence[str]:
        """Return the paths of all files but the keeper's own notes, sorted."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Witnessed:
    """What a witness answered: the size of a tree it already holds when it will not take ours, and its signature lines.

    `refusal` is empty when it took the checkpoint; `holds` is None when it did not say what it holds.
    """

    refusal: str = ""
    holds: int | None = None
    signatures: bytes = b""


class Witness(Protocol):
    """Somebody outside who remembers checkpoints, so that the log cannot be rewritten unseen."""

    @property
    def name(self) -> str:
        """Return what it is called on screens, without secrets."""
        ...

    def last(self) -> bytes | None:
        """Return the newest checkpoint it holds; None when it holds none, or cannot say."""
        ...

    def show(self, checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> Witnessed:
        """Give it a checkpoint with the consistency proof from a size it took before; `NotNow` when it is out of reach."""
        ...
