"""Keep the log: records from the bus into the index and the tree, and a signed checkpoint over them.

The order is what makes it exact. First the index takes entries with their salts and the place in the bus, in one unit; then
the tree takes them; then tiles are put on disk; then the checkpoint that names them; then the bus may drop what is behind.
A keeper killed anywhere finds in the index every entry that the checkpoint does not name yet, and writes it into the tree
again, byte for byte the same. No checkpoint is ever signed that does not go on from the last one.
"""

import logging
import math
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from operator import attrgetter

from impetus.core.actor import Actor
from impetus.core.errors import OurFault, TheirFault
from impetus.core.ids import Offset
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk.context import LOG, Desk
from impetus.desk.log_notes import Sealed, read_sealed, write_sealed
from impetus.desk.permit import permit
from impetus.ethics.log.checkpoint import (
    Checkpoint,
    Note,
    VerifierKey,
    is_signed,
    parse_checkpoint,
    parse_note,
    parse_signature,
    sign_checkpoint,
)
from impetus.ethics.log.entry import SALTS_BYTES, time_of, write_entry
from impetus.ethics.log.rebuild import CHECKPOINT, KEY
from impetus.ethics.log.tiles import ENTRIES, WIDTH, Tile, decode_bundle, tiles_of
from impetus.ethics.log.tree import EntryTree
from impetus.ports import Message
from impetus.ports.ethics import Logged

KEEPER = "log"
"""Name under which the keeper holds the topic, moves its cursor, and signs."""
LOG_KEEP = "log.keep"
READ_MESSAGES = 2048
"""Records taken at once: a tenth of a second at most in which nobody else writes state. House rule."""
FLUSH_BYTES = 16 * 1024 * 1024
"""Full bundles kept in memory before they are put on disk ahead of their checkpoint. House rule."""
PRUNE_BUNDLES = 1_000
"""Bundles looked at in one pruning: a quarter of a million entries. House rule."""

_words = attrgetter("who", "role", "act", "rule", "subject", "controller", "case", "why", "recipient")
MOST_COUNTED = 2**53
"""Largest count believed: whole numbers beyond it are not exact in JSON (RFC 8259, section 6)."""

Decode = Callable[[bytes], LogRecord]

log = logging.getLogger(__name__)


class LogWriter:
    """The one who writes the log of an installation; there must be one at a time."""

    def __init__(self, desk: Desk, actor: Actor, *, origin: str, decode: Decode) -> None:
        permit(desk, actor, LOG_KEEP, on="log:entries")
        self._desk, self._actor, self._origin, self._decode = desk, actor, origin, decode
        self._tree: EntryTree | None = None
        self._head: Checkpoint | None = None
        self._offset = Offset(0)
        self.unreadable = 0

    @property
    def size(self) -> int:
        """Return how many entries the tree has, signed or not."""
        return self._tree.size if self._tree else 0

    @property
    def is_sealed(self) -> bool:
        """Say whether the newest checkpoint covers every entry."""
        return self._tree is None or self.size == (self._head.size if self._head else 0)

    @property
    def offset(self) -> Offset:
        """Return the message of the bus through which records are entries."""
        return self._offset

    def take(self) -> bool:
        """Make entries of the next records, and say whether there are more; `OurFault` when the stored log is damaged."""
        tree = self._opened()
        records, through = self._next_records()
        if not records:
            return False
        entries = self._entries(records, tree.size)
        self._tree = None  # until index and tree agree again: an error in between makes the next call open anew
        with self._desk.store.write() as unit:
            unit.accesses.add([entry for entry, _ in entries])
            unit.cursors.move(KEEPER, LOG, through)
        tree.append(content for _, content in entries)
        self._offset = through
        if tree.waiting_bytes > FLUSH_BYTES:
            self._desk.log_files.write({tile.path: content for tile, content in tree.take_full()})
        self._tree = tree
        return self._offset < self._desk.bus.status(LOG).last

    def seal(self) -> bool:
        """Sign a checkpoint over every entry, and let the bus drop what it covers; false when nothing is new."""
        tree = self._opened()
        if self.is_sealed:
            return False
        minimum = self._head.minimum if self._head else 0
        before = self._head.size if self._head else 0
        self._tree = None  # as in take: what could not be written is opened anew
        files = self._desk.log_files
        files.write({tile.path: content for tile, content in [*tree.take_full(), *tree.edge()]})
        self._sign(Checkpoint(origin=self._origin, size=tree.size, root=tree.root(), minimum=minimum))
        self._tree = tree
        self._desk.bus.hold(LOG, KEEPER, self._offset)
        files.remove([f"{full.path}.p" for full in _filled(before, tree.size)])
        return True

    def cosign(self, text: str, lines: Sequence[str]) -> bool:
        """Add witnesses' signature lines to the newest checkpoint, if it is still the one they signed; say if any came."""
        content = self._desk.log_files.read(CHECKPOINT)
        note = parse_note(content) if content else None
        if note is None or note.text != text:
            return False
        known = {signature.line() for signature in note.signatures}
        fresh = [signature for line in lines if (signature := parse_signature(line)).line() not in known]
        if fresh:
            merged = Note(text=note.text, signatures=(*note.signatures, *fresh))
            self._desk.log_files.write({CHECKPOINT: merged.encode()})
        return bool(fresh)

    def prune(self, before: datetime) -> int:
        """Remove bundles and level-0 tiles whose every entry is older than the time; return the entries that went.

        The checkpoint with the new minimum index is signed first: nothing is ever missing without a signature on it.
        """
        self._opened()
        if self._head is None or not self.is_sealed:
            return 0
        first = self._head.minimum // WIDTH
        number = first
        while number < min(self._head.size // WIDTH, first + PRUNE_BUNDLES) and self._is_older(number, before):
            number += 1
        if number == first:
            return 0
        head = self._head
        self._sign(Checkpoint(origin=self._origin, size=head.size, root=head.root, minimum=number * WIDTH))
        gone = [Tile(level=level, number=each) for each in range(first, number) for level in (ENTRIES, 0)]
        self._desk.log_files.remove([path for tile in gone for path in (tile.path, f"{tile.path}.p")])
        return (number - first) * WIDTH

    def _sign(self, head: Checkpoint) -> None:
        """Sign and store a checkpoint, with the key beside it and the keeper's note."""
        signatures = self._desk.signatures
        key = VerifierKey(name=self._origin, public_key=signatures.public_key(KEEPER))
        note = sign_checkpoint(head, key, lambda message: signatures.sign(KEEPER, message))
        files = self._desk.log_files
        if files.read(KEY) is None:
            files.write({KEY: f"{key.text()}\n".encode()})
        files.write({CHECKPOINT: note.encode()})
        self._head = head
        write_sealed(files, Sealed(size=head.size, at=self._desk.clock.now(), offset=self._offset))

    def _opened(self) -> EntryTree:
        """Return the tree, taken up from the files and the index when it is not in memory."""
        if self._tree is None:
            head = self._stored_head()
            tree = EntryTree()
            if head is not None:
                _resume(tree, head, self._desk)
                self._origin = head.origin
            self._catch_up(tree)
            self._find_place()
            self._head, self._tree = head, tree
            if self._desk.bus.held(LOG, KEEPER) is None:
                self._desk.bus.hold(LOG, KEEPER, self._offset)
        return self._tree

    def _stored_head(self) -> Checkpoint | None:
        """Return the newest checkpoint, None before the first; `OurFault` for one that we did not sign."""
        content = self._desk.log_files.read(CHECKPOINT)
        if content is None:
            return None
        try:
            note = parse_note(content)
            head = parse_checkpoint(note.text)
        except TheirFault as error:
            raise damaged(error.detail) from error
        key = VerifierKey(name=head.origin, public_key=self._desk.signatures.public_key(KEEPER))
        if not is_signed(note, key, self._desk.signatures.verify):
            raise damaged("its checkpoint is not signed by this installation")
        return head

    def _catch_up(self, tree: EntryTree) -> None:
        """Give the tree what the index has and no checkpoint names yet; let the index follow when it is behind."""
        with self._desk.store.read() as unit:
            following, self._offset = unit.accesses.next_index(), unit.cursors.get(KEEPER, LOG)
        while tree.size < following:
            with self._desk.store.read() as unit:
                entries = unit.accesses.from_index(tree.size, limit=READ_MESSAGES)
            indices = [entry.index for entry in entries]
            if not entries or indices != list(range(tree.size, tree.size + len(entries))):
                raise damaged(f"entry {tree.size} is neither in its tiles nor in the index")
            if any(len(entry.salts) != SALTS_BYTES for entry in entries):
                raise damaged(f"entries from {tree.size} on are not in its tiles, and their openings were erased")
            tree.append(write_entry(entry.record, entry.salts) for entry in entries)
        if following < tree.size:
            self._bring_index_along(tree.size, following)

    def _bring_index_along(self, size: int, following: int) -> None:
        """Let an index that was put back from a copy go on where the log stands."""
        log.warning("the index knows %d entries, the log has %d: it goes on from there", following, size)
        sealed = read_sealed(self._desk.log_files)
        if sealed is not None:
            self._offset = Offset(max(self._offset, sealed.offset))
        with self._desk.store.write() as unit:
            unit.accesses.start_at(size)
            unit.cursors.move(KEEPER, LOG, self._offset)

    def _find_place(self) -> None:
        """Go back to the beginning of a bus that was replaced, or to the end of one that was put back from a copy."""
        gap = self._desk.bus.gap(LOG, self._offset)
        if gap is not None and gap.lost == 0:
            is_new = not self._desk.bus.held(LOG, KEEPER)
            log.warning("the bus is %s: the log had taken record %d", "new" if is_new else "an old one", self._offset)
            self._offset = Offset(0 if is_new else gap.resume - 1)
            with self._desk.store.write() as unit:
                unit.cursors.move(KEEPER, LOG, self._offset)

    def _next_records(self) -> tuple[list[LogRecord], Offset]:
        """Return the next records of the bus and the message they reach through; what it lost is a record of its own."""
        gap = self._desk.bus.gap(LOG, self._offset)
        if gap is not None and gap.lost:
            log.warning("%d records are missing before %d", gap.lost, gap.resume)
            return [self._own_record("log.lost", {"records": gap.lost})], Offset(gap.resume - 1)
        messages = self._desk.bus.read(LOG, self._offset, limit=READ_MESSAGES)
        return [self._record(message) for message in messages], messages[-1].offset if messages else self._offset

    def _record(self, message: Message) -> LogRecord:
        """Return a record; one that cannot be read becomes a record that says so, so that nothing goes unnoticed."""
        try:
            record = self._decode(message.body)
        except TheirFault as error:
            return self._unread(message.body, error.detail)
        wrong = not_plain(record)
        return self._unread(message.body, wrong) if wrong else record

    def _unread(self, body: bytes, why: str) -> LogRecord:
        self.unreadable += 1
        log.warning("a record cannot be read: %s", why)
        return self._own_record("log.unreadable", {"sha256": sha256(body).hexdigest(), "bytes": len(body)})

    def _entries(self, records: Sequence[LogRecord], first: int) -> list[tuple[Logged, bytes]]:
        """Return the entries of records with fresh salts, for the index and for the tree."""
        salts = self._desk.chance.bytes_(SALTS_BYTES * len(records))
        found = []
        for place, record in enumerate(records):
            mine = salts[place * SALTS_BYTES : (place + 1) * SALTS_BYTES]
            found.append((Logged(index=first + place, record=record, salts=mine), write_entry(record, mine)))
        return found

    def _own_record(self, act: str, facts: dict[str, str | int | float | bool]) -> LogRecord:
        return LogRecord(
            at=self._desk.clock.now(),
            who=self._actor.name,
            role=self._actor.role.value,
            act=act,
            outcome=Outcome.DONE,
            processing=Processing.CONTROL,
            rule="what cannot be told is told of",
            subject="log:entries",
            facts=facts,
        )

    def _is_older(self, number: int, before: datetime) -> bool:
        """Say whether every entry of a bundle is older than the time; one that does not say when counts as younger."""
        content = self._desk.log_files.read(Tile(level=ENTRIES, number=number).path)
        if content is None:
            return True
        try:
            return all(time_of(entry) < before for entry in decode_bundle(content))
        except TheirFault:
            return False


def not_plain(record: LogRecord) -> str:
    """Say why a record would not come back from the index as it is, empty when it would.

    Words must be text, the count a whole number, facts a mapping of plain values: what is stored must give the same bytes.
    """
    if set(map(type, _words(record))) != {str}:
        return "a word is no text"
    if type(record.count) is not int or not 0 < record.count < MOST_COUNTED:
        return f"its count is {record.count!r}"
    if type(record.facts) is not dict or not all(map(_is_plain, record.facts.values())):
        return "its facts are not plain values"
    return ""


def _is_plain(value: object) -> bool:
    return isinstance(value, str | bool | int) or (isinstance(value, float) and math.isfinite(value))


def damaged(why: str) -> OurFault:
    """Return the error for a stored log that cannot be gone on with: going on would sign a fork."""
    return OurFault(
        f"the stored log is damaged: {why}",
        value=why,
        limit="the log goes on from its last checkpoint, or not at all",
        remedy="bring log-tiles back from a copy or a backup; see docs/reference/log.md",
    )


def _resume(tree: EntryTree, head: Checkpoint, desk: Desk) -> None:
    """Take up the stored tree; `OurFault` when it does not give the root that was signed."""
    try:
        tree.resume(desk.log_files.read, head.size)
    except TheirFault as error:
        raise damaged(error.detail) from error
    if tree.root() != head.root:
        raise damaged(f"its tiles give root {tree.root().hex()}, signed was {head.root.hex()}")


def _filled(before: int, now: int) -> list[Tile]:
    """Return the tiles that were partial at one size and are full at another: their partial files may go."""
    partial = [tile for tile in tiles_of(before, since=before) if tile.width < WIDTH]
    if before % WIDTH:
        partial.append(Tile(level=ENTRIES, number=before // WIDTH, width=before % WIDTH))
    return [
        Tile(level=tile.level, number=tile.number)
        for tile in partial
        if (tile.number + 1) * WIDTH <= now >> 8 * max(tile.level, 0)
    ]
