"""A tree by its definition, records, and whole logs in memory: what the tests of the log share."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from impetus.adapters.signatures import verify as check
from impetus.core.access import Category, Purpose
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.ethics.log.checkpoint import Checkpoint, Note, VerifierKey, sign_checkpoint
from impetus.ethics.log.entry import SALTS_BYTES, write_entry
from impetus.ethics.log.rebuild import CHECKPOINT, KEY, Copy
from impetus.ethics.log.tree import EntryTree
from impetus.ethics.log.verdict import Verdict
from impetus.ethics.log.verify import Trusted, verify
from impetus.testing.signatures import SeededSignatures

AT = datetime(2026, 5, 3, 12, tzinfo=UTC)
ORIGIN = "impetus/test"
SIGNATURES = SeededSignatures()
LOG_KEY = VerifierKey(name=ORIGIN, public_key=SIGNATURES.public_key("log"))


def reference_root(entries: Sequence[bytes]) -> bytes:
    """Return the root by the definition of RFC 6962, section 2.1, word by word."""
    if not entries:
        return hashlib.sha256(b"").digest()
    if len(entries) == 1:
        return hashlib.sha256(b"\x00" + entries[0]).digest()
    split = 1
    while split * 2 < len(entries):
        split *= 2
    left, right = reference_root(entries[:split]), reference_root(entries[split:])
    return hashlib.sha256(b"\x01" + left + right).digest()


def reference_path(index: int, entries: Sequence[bytes]) -> list[bytes]:
    """Return the audit path by the definition of RFC 6962, section 2.1.1."""
    if len(entries) == 1:
        return []
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if index < split:
        return [*reference_path(index, entries[:split]), reference_root(entries[split:])]
    return [*reference_path(index - split, entries[split:]), reference_root(entries[:split])]


def reference_proof(old: int, entries: Sequence[bytes], *, is_whole: bool = True) -> list[bytes]:
    """Return the consistency proof by the definition of RFC 6962, section 2.1.2."""
    if old == len(entries):
        return [] if is_whole else [reference_root(entries)]
    split = 1
    while split * 2 < len(entries):
        split *= 2
    if old <= split:
        return [*reference_proof(old, entries[:split], is_whole=is_whole), reference_root(entries[split:])]
    return [*reference_proof(old - split, entries[split:], is_whole=False), reference_root(entries[:split])]


def numbered(count: int) -> list[bytes]:
    """Return short entries, each different."""
    return [b"entry %d" % number for number in range(count)]


def a_record(number: int = 0, **changes: object) -> LogRecord:
    """Return a record of an operator who looked at a camera."""
    record = LogRecord(
        at=AT + timedelta(seconds=number),
        who=f"anna{number % 7}",
        role="operator",
        act="alert.read",
        outcome=Outcome.PERMITTED,
        processing=Processing.CONSULTATION,
        rule="operators see alerts",
        subject=f"camera:{number % 14}",
        purpose=Purpose.PUBLIC_SAFETY,
        category=Category.IMAGE_MASKED,
        controller="City",
        case="12",
        why="a bag was left",
        recipient="police" if number % 5 == 0 else "",
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def salts_of(number: int) -> bytes:
    """Return 48 bytes, the same for the same number."""
    return hashlib.sha512(b"salt %d" % number).digest()[:SALTS_BYTES]


def an_entry(number: int = 0) -> bytes:
    """Return the entry of a record with its salts."""
    return write_entry(a_record(number), salts_of(number))


class StoredLog:
    """A log in memory, with every file it has: what a copy of it holds."""

    def __init__(self, origin: str = ORIGIN, signer: str = "log") -> None:
        self.files: dict[str, bytes] = {}
        self.tree = EntryTree()
        self.key = VerifierKey(name=origin, public_key=SIGNATURES.public_key(signer))
        self._signer = signer

    def grow(self, entries: Sequence[bytes], *, minimum: int = 0) -> bytes:
        """Add entries, store what a writer stores, and return the signed checkpoint."""
        self.tree.append(entries)
        self.files |= {tile.path: content for tile, content in [*self.tree.take_full(), *self.tree.edge()]}
        self.files[KEY] = f"{self.key.text()}\n".encode()
        head = Checkpoint(origin=self.key.name, size=self.tree.size, root=self.tree.root(), minimum=minimum)
        self.files[CHECKPOINT] = self.signed(head).encode()
        return self.files[CHECKPOINT]

    def signed(self, head: Checkpoint) -> Note:
        """Return a head under this log's signature."""
        return sign_checkpoint(head, self.key, lambda message: SIGNATURES.sign(self._signer, message))


def judge(files: Mapping[str, bytes], trusted: Trusted | None = None) -> Verdict:
    """Return the verdict on a copy in memory."""
    return verify(Copy(read=files.get, names=sorted(files)), trusted or Trusted(key=LOG_KEY), check)
