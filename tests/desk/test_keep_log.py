"""Keeping the log: every record once, whatever fails in between; and no checkpoint that does not go on from the last."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from desk.log_samples import (
    SITE,
    a_desk,
    acts,
    drain,
    entries_of,
    head_of,
    indexed,
    judged,
    report,
    subjects,
    writer_of,
)
from ethics.log_samples import AT, SIGNATURES, a_record
from impetus.adapters.bus_journal import BusJournal
from impetus.core.actor import Actor, Role
from impetus.core.errors import Malformed, NotNow, OurFault, Refused
from impetus.core.ids import Offset
from impetus.desk.context import LOG, Desk
from impetus.desk.keep_log import FLUSH_BYTES, READ_MESSAGES, LogWriter
from impetus.desk.log_notes import read_sealed
from impetus.ethics.log.checkpoint import COSIGNATURE, VerifierKey, cosign, parse_note
from impetus.ethics.log.entry import open_commitment, read_entry, write_entry
from impetus.ethics.log.rebuild import CHECKPOINT, KEY
from impetus.ports.ethics import LogFiles
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import clock_of
from impetus.testing.log_files import MemoryLogFiles


@pytest.fixture
def desk() -> Desk:
    """Give a desk whose records travel over its bus."""
    return a_desk()


@pytest.fixture
def writer(desk: Desk) -> LogWriter:
    """Give a writer that has taken and signed one record."""
    desk.journal.write([a_record(0, subject="site:all")])
    writer = writer_of(desk)
    drain(writer)
    writer.seal()
    return writer


def test_records_become_entries_rows_and_a_signed_head(desk: Desk, writer: LogWriter) -> None:
    """In their order, once each, opened by the index and covered by a checkpoint that verifies."""
    before = writer.size
    records = report(desk, 0, 300)
    assert writer.take() is False
    assert not writer.is_sealed
    assert writer.seal()
    assert writer.is_sealed
    assert indexed(desk)[before:] == records
    assert head_of(desk).size == writer.size == before + 300
    assert judged(desk).is_sound
    with desk.store.read() as unit:
        (last,) = unit.accesses.from_index(writer.size - 1)
    entry = entries_of(desk)[-1]
    assert entry == write_entry(last.record, last.salts)
    assert open_commitment(entry, "who", "anna5", last.salts)


def test_the_log_holds_no_names(desk: Desk, writer: LogWriter) -> None:
    """No file of it, whatever was said."""
    report(desk, 0, 40)
    drain(writer)
    writer.seal()
    assert not any(b"anna" in content or b"a bag" in content for content in desk.log_files.files.values())


def test_nothing_new_is_not_signed_again(desk: Desk, writer: LogWriter) -> None:
    """A checkpoint is written when there is something to sign, not by the clock."""
    content = desk.log_files.read(CHECKPOINT)
    assert writer.take() is False
    assert writer.seal() is False
    assert desk.log_files.read(CHECKPOINT) == content


def test_more_than_one_read_is_taken_in_several(desk: Desk, writer: LogWriter) -> None:
    """So many at a time, and it says that there is more."""
    report(desk, 0, READ_MESSAGES + 5)
    assert writer.take() is True
    assert writer.take() is False
    assert len(subjects(indexed(desk))) == READ_MESSAGES + 5


def test_the_bus_keeps_records_until_they_are_signed(desk: Desk, writer: LogWriter) -> None:
    """Taken is not enough: only what a checkpoint covers may be dropped."""
    held = desk.bus.held(LOG, "log")
    report(desk, 0, 5)
    drain(writer)
    assert desk.bus.held(LOG, "log") == held
    writer.seal()
    assert desk.bus.held(LOG, "log") == desk.bus.status(LOG).last


def test_a_restart_after_taking_signs_the_same_bytes(desk: Desk, writer: LogWriter) -> None:
    """What the index has and no checkpoint names is written into the tree again, salts and all."""
    report(desk, 0, 700)
    drain(writer)
    fresh = writer_of(desk)
    drain(fresh)
    fresh.seal()
    with desk.store.read() as unit:
        rows = unit.accesses.from_index(0, limit=10_000)
    assert entries_of(desk) == [write_entry(row.record, row.salts) for row in rows]
    assert len(subjects(indexed(desk))) == 700
    assert judged(desk).is_sound


def test_a_writer_that_never_came_finds_every_record(desk: Desk) -> None:
    """The topic is held for it from the first record on."""
    report(desk, 0, 10)
    assert desk.bus.held(LOG, "log") == 0
    writer = writer_of(desk)
    drain(writer)
    assert len(subjects(indexed(desk))) == 10


def test_without_a_keeper_the_bus_says_not_now(desk: Desk) -> None:
    """When nobody drains the log, it fills, and acts that cannot be logged do not happen."""
    small = MemoryBus(desk.clock, limit_bytes=4_000)
    journal = BusJournal(small)
    for number in range(11):
        journal.write([a_record(number)])
    with pytest.raises(NotNow, match="still needed by log"):
        journal.write([a_record(11)])
    assert (small.status(LOG).first, small.status(LOG).last) == (1, 11)


def test_a_record_that_cannot_be_written_is_refused_before_anything_happens(desk: Desk) -> None:
    """Half a character is no text; a reason of a hundred thousand letters is too long."""
    for record in (a_record(why="\ud800"), a_record(why="x" * 100_000)):
        with pytest.raises(Malformed):
            desk.journal.write([record])
    assert desk.bus.status(LOG).last == 0


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"nonsense",
        b"{}",
        b"[]",
        b'{"at":1,"who":"x"}',
        b'{"at":1e300,"who":"x","role":"y","act":"z","outcome":"done"}',
    ],
)
def test_a_record_that_cannot_be_read_leaves_a_line(desk: Desk, writer: LogWriter, body: bytes) -> None:
    """It is counted, and an entry says that there was one, with its hash."""
    desk.bus.publish(LOG, [body])
    report(desk, 0, 1)
    drain(writer)
    unread, good = indexed(desk)[-2:]
    assert unread.act == "log.unreadable"
    assert unread.facts["bytes"] == len(body)
    assert good.subject == "camera:0"
    assert writer.unreadable == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"who": 7},
        {"subject": None},
        {"count": 0},
        {"count": True},
        {"count": 2**60},
        {"count": 1.5},
        {"facts": [1]},
        {"facts": {"a": [1]}},
        {"facts": {"a": None}},
    ],
)
def test_a_record_that_would_not_come_back_from_the_index_is_not_taken_as_it_is(
    desk: Desk, writer: LogWriter, changes: Mapping[str, object]
) -> None:
    """A number for a name or a list among facts: what is stored must give the same bytes again."""
    wrong = LogWriter(desk, writer._actor, origin=SITE, decode=lambda _: a_record(1, **changes))
    desk.bus.publish(LOG, [b"{}"])
    wrong.take()
    assert indexed(desk)[-1].act == "log.unreadable"
    wrong.seal()
    fresh = writer_of(desk)
    report(desk, 0, 1)
    drain(fresh)
    fresh.seal()
    assert judged(desk).is_sound


def test_records_that_the_bus_lost_leave_a_line(desk: Desk, writer: LogWriter) -> None:
    """A gap is told with its number; the records after it are taken."""
    desk.bus.release(LOG, "log")
    report(desk, 0, 3)
    desk.bus.trim(LOG, older_than=AT + timedelta(days=1))
    report(desk, 3, 2)
    drain(writer)
    lost, *others = indexed(desk)[-3:]
    assert (lost.act, lost.facts) == ("log.lost", {"records": 3})
    assert subjects(others) == ["camera:3", "camera:4"]


def test_a_bus_that_was_replaced_is_read_from_its_beginning(desk: Desk, writer: LogWriter) -> None:
    """Offsets beyond the end of a new bus belong to one that is gone; nothing is lost and nothing doubled."""
    report(desk, 0, 20)
    drain(writer)
    writer.seal()
    new = replace(desk, bus=MemoryBus(desk.clock))
    fresh = writer_of(new)
    fresh.take()
    BusJournal(new.bus).write([a_record(50)])
    drain(fresh)
    assert subjects(indexed(desk))[-2:] == ["camera:5", "camera:8"]
    assert len(subjects(indexed(desk))) == 21


def test_a_bus_put_back_from_a_copy_is_not_taken_twice(desk: Desk, writer: LogWriter) -> None:
    """It ends before what the log had taken, and the keeper had held it: all of it is in the log already."""
    bus = MemoryBus(desk.clock)
    old = replace(desk, bus=bus, journal=BusJournal(bus))
    report(old, 0, 4)
    old.bus.hold(LOG, "log", Offset(2))
    with desk.store.write() as unit:
        unit.cursors.move("log", LOG, Offset(9))
    writer_of(old).take()
    report(old, 70, 9)
    drain(writer_of(old))
    assert subjects(indexed(desk)) == [f"camera:{number % 14}" for number in range(70, 79)]


def test_the_index_put_back_from_a_backup_goes_on_where_the_log_stands(desk: Desk, writer: LogWriter) -> None:
    """Entries it lost stay lost and closed; no index is given twice, and nothing is taken twice."""
    report(desk, 0, 10)
    drain(writer)
    writer.seal()
    size = writer.size
    with desk.store.write() as unit:
        unit.accesses.start_at(4)
        unit.accesses.erase_before(AT + timedelta(days=1))
        unit.cursors.move("log", LOG, Offset(3))
    fresh = writer_of(desk)
    report(desk, 90, 1)
    drain(fresh)
    fresh.seal()
    with desk.store.read() as unit:
        rows = unit.accesses.from_index(0)
    assert [row.index for row in rows if row.record.subject == "camera:6"] == [head_of(desk).size - 1]
    assert rows[0].index == size
    assert judged(desk).is_sound


def test_tiles_that_were_lost_are_made_again_from_the_index(desk: Desk, writer: LogWriter) -> None:
    """The same bytes, so the new checkpoint goes on from every old one."""
    report(desk, 0, 600)
    drain(writer)
    writer.seal()
    head, entries = head_of(desk), entries_of(desk)
    desk.log_files.files.clear()
    fresh = writer_of(desk)
    report(desk, 600, 1)
    drain(fresh)
    fresh.seal()
    assert entries_of(desk)[: head.size] == entries
    assert judged(desk).is_sound


def test_tiles_that_were_lost_with_the_openings_erased_stop_the_log(desk: Desk, writer: LogWriter) -> None:
    """Then the same bytes cannot be made, and other bytes would be a fork."""
    report(desk, 0, 5)
    drain(writer)
    writer.seal()
    with desk.store.write() as unit:
        unit.accesses.erase_openings([2])
    desk.log_files.files.clear()
    with pytest.raises(OurFault, match="openings were erased"):
        writer_of(desk).take()
    with desk.store.write() as unit:
        unit.accesses.erase_before(AT + timedelta(seconds=2))
    with pytest.raises(OurFault, match="neither in its tiles nor in the index"):
        writer_of(desk).take()


@pytest.mark.parametrize("path", ["tile/0/000.p/6", "tile/entries/000.p/6", CHECKPOINT])
def test_a_damaged_log_is_not_gone_on_with(desk: Desk, writer: LogWriter, path: str) -> None:
    """A missing, cut or changed edge, or a checkpoint that we did not sign: nothing more is signed."""
    report(desk, 0, 6 - writer.size)
    drain(writer)
    writer.seal()
    good = dict(desk.log_files.files)
    head = desk.log_files.read(CHECKPOINT)
    report(desk, 9, 1)
    spoiled = [good[path][:-1], good[path].replace(b"6\n", b"5\n") if path == CHECKPOINT else bytes(len(good[path]))]
    for content in spoiled:
        desk.log_files.files |= {**good, path: content}
        fresh = writer_of(desk)
        if path.startswith("tile/entries") and content == bytes(len(good[path])):
            continue
        with pytest.raises(OurFault, match="the stored log is damaged"):
            fresh.take()
        assert desk.log_files.read(CHECKPOINT) == (content if path == CHECKPOINT else head)


def test_a_log_of_another_installation_is_not_gone_on_with(desk: Desk, writer: LogWriter) -> None:
    """Its checkpoint is signed, but not by us."""
    foreign = replace(desk, log_files=MemoryLogFiles(), signatures=_Other())
    stranger = writer_of(foreign)
    with foreign.store.write() as unit:
        unit.accesses.start_at(0)
        unit.cursors.move("log", LOG, Offset(0))
        unit.accesses.erase_before(AT + timedelta(days=9))
    drain(stranger)
    stranger.seal()
    with pytest.raises(OurFault, match="not signed by this installation"):
        writer_of(replace(desk, log_files=foreign.log_files)).take()


class _Other:
    """Signatures of another installation."""

    def public_key(self, name: str) -> bytes:
        """Return another key."""
        return SIGNATURES.public_key(f"other {name}")

    def sign(self, name: str, message: bytes) -> bytes:
        """Sign with another key."""
        return SIGNATURES.sign(f"other {name}", message)

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Verify as everybody does."""
        return SIGNATURES.verify(public_key, signature, message)


def test_the_origin_stays_when_the_site_gets_another_name(desk: Desk, writer: LogWriter) -> None:
    """A log has one name for ever: its witnesses know it by that."""
    renamed = LogWriter(desk, writer._actor, origin="impetus/new-name", decode=writer._decode)
    report(desk, 0, 1)
    drain(renamed)
    renamed.seal()
    assert head_of(desk).origin == SITE


def test_full_bundles_are_put_on_disk_before_memory_fills(desk: Desk, writer: LogWriter) -> None:
    """What is full is written ahead of its checkpoint; nothing claims it yet."""
    long = "x" * 30_000
    written = len(desk.log_files.files)
    while written == len(desk.log_files.files):
        desk.journal.write([a_record(0, rule=long) for _ in range(64)])
        drain(writer)
        assert writer._tree.waiting_bytes <= FLUSH_BYTES + 256 * 31_000
    assert head_of(desk).size < writer.size
    writer.seal()
    assert judged(desk).is_sound


def test_partial_tiles_go_when_their_tile_is_full(desk: Desk, writer: LogWriter) -> None:
    """Every checkpoint's partial tiles stay until then, as C2SP tlog-tiles demands."""
    for start in range(0, 240, 60):
        report(desk, start, 60)
        drain(writer)
        writer.seal()
    assert sum("tile/0/000.p/" in name for name in desk.log_files.names()) == 5
    report(desk, 300, 60)
    drain(writer)
    writer.seal()
    assert not any("/000.p/" in name and "tile/1" not in name for name in desk.log_files.names())
    assert judged(desk).is_sound


def test_pruning_keeps_the_rest_provable(desk: Desk, writer: LogWriter) -> None:
    """Whole bundles of old entries go, the signed minimum index says so, and the copy still verifies."""
    clock_of(desk).advance(1)
    report(desk, 0, 1000)
    drain(writer)
    writer.seal()
    assert writer.prune(AT - timedelta(days=1)) == 0
    gone = writer.prune(AT + timedelta(seconds=600))
    assert gone == 512
    assert head_of(desk).minimum == 512
    assert desk.log_files.read("tile/entries/001") is None
    assert desk.log_files.read("tile/0/001") is None
    assert desk.log_files.read("tile/entries/002") is not None
    verdict = judged(desk)
    assert verdict.is_sound
    assert verdict.minimum == 512
    report(desk, 2000, 10)
    drain(writer)
    writer.seal()
    assert head_of(desk).minimum == 512
    assert judged(desk).is_sound
    assert writer.prune(AT + timedelta(seconds=600)) == 0


def test_nothing_is_pruned_before_it_is_signed(desk: Desk, writer: LogWriter) -> None:
    """While entries wait for their checkpoint the minimum index stays."""
    report(desk, 0, 600)
    drain(writer)
    assert writer.prune(AT + timedelta(days=1)) == 0


def test_an_entry_that_does_not_say_when_is_kept(desk: Desk, writer: LogWriter) -> None:
    """What cannot be dated is not old."""
    report(desk, 0, 600)
    drain(writer)
    writer.seal()
    desk.log_files.files["tile/entries/000"] = b"\x00\x02{}"
    assert writer.prune(AT + timedelta(days=1)) == 0


def test_erased_openings_leave_the_log_as_it_was(desk: Desk, writer: LogWriter) -> None:
    """Retention erases from the index; the log verifies as before and goes on."""
    report(desk, 0, 30)
    drain(writer)
    writer.seal()
    with desk.store.write() as unit:
        assert unit.accesses.erase_before(AT + timedelta(seconds=10)) > 0
    report(desk, 30, 1)
    fresh = writer_of(desk)
    drain(fresh)
    fresh.seal()
    assert min(record.at for record in indexed(desk)) >= AT + timedelta(seconds=10)
    assert judged(desk).is_sound
    assert acts(desk, "camera:3") == 1


def test_cosignatures_are_added_to_the_checkpoint_they_sign(desk: Desk, writer: LogWriter) -> None:
    """Once each, and never to another checkpoint than the one they are of."""
    report(desk, 0, 1)
    drain(writer)
    writer.seal()
    note = parse_note(desk.log_files.read(CHECKPOINT))
    witness = VerifierKey(name="w", public_key=SIGNATURES.public_key("w"), kind=COSIGNATURE)
    line = cosign(note, witness, lambda message: SIGNATURES.sign("w", message), at=AT).line().rstrip("\n")
    assert writer.cosign(note.text, [line])
    assert not writer.cosign(note.text, [line])
    assert not writer.cosign(note.text + "other\n", [line])
    assert [one.name for one in parse_note(desk.log_files.read(CHECKPOINT)).signatures] == [SITE, "w"]
    assert judged(desk).is_sound


def test_only_the_platform_keeps_the_log(desk: Desk, writer: LogWriter) -> None:
    """An administrator reads it, and writes nothing into it by hand."""
    with pytest.raises(Refused):
        LogWriter(desk, Actor(name="Admin", role=Role.ADMINISTRATOR), origin=SITE, decode=writer._decode)


def test_the_key_lies_beside_the_log(desk: Desk, writer: LogWriter) -> None:
    """Whoever copies the log has what its signatures are checked with, and the keeper's note says how far it came."""
    key = VerifierKey(name=SITE, public_key=desk.signatures.public_key("log"))
    assert desk.log_files.read(KEY) == f"{key.text()}\n".encode()
    assert read_sealed(desk.log_files).offset == writer.offset
    assert read_entry(entries_of(desk)[0])["v"] == 1


class _Breaking:
    """Files of which one writing or removal fails, as a killed process or a full disk would have it."""

    def __init__(self, inner: LogFiles) -> None:
        self.inner, self.left = inner, -1

    def _step(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise NotNow("no room", retry_after_s=1.0)

    def read(self, path: str) -> bytes | None:
        """Read."""
        return self.inner.read(path)

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write one by one, failing at the chosen step."""
        for path, content in files.items():
            self._step()
            self.inner.write({path: content})

    def remove(self, paths: list[str]) -> int:
        """Remove, failing at the chosen step."""
        self._step()
        return self.inner.remove(paths)

    def names(self) -> list[str]:
        """Return the names."""
        return list(self.inner.names())


class Interrupted(RuleBasedStateMachine):
    """A keeper that is interrupted at any step of its writing, and started anew, against a plain list of records."""

    def __init__(self) -> None:
        super().__init__()
        inner = MemoryLogFiles()
        self.files = _Breaking(inner)
        self.desk = replace(a_desk(), log_files=self.files)
        self.writer = writer_of(self.desk)
        self.sent: list[str] = []
        self.heads: list[bytes] = []

    @rule(count=st.integers(1, 400))
    def report(self, count: int) -> None:
        """Write records."""
        self.sent += [record.subject for record in report(self.desk, len(self.sent), count)]

    @rule(steps=st.integers(-1, 9), seals=st.booleans())
    def work(self, steps: int, seals: bool) -> None:  # noqa: FBT001 - a rule's arguments are drawn
        """Take and perhaps sign, with a failure at some step, after which the part starts anew or goes on."""
        self.files.left = steps
        try:
            drain(self.writer)
            if seals:
                self.writer.seal()
        except NotNow:
            if steps % 2:
                self.writer = writer_of(self.desk)
        self.files.left = -1

    @rule()
    def start_anew(self) -> None:
        """Kill and start."""
        self.writer = writer_of(self.desk)

    @invariant()
    def what_is_signed_stays(self) -> None:
        """Each checkpoint goes on from the ones before, and everything it names is there."""
        content = self.desk.log_files.read(CHECKPOINT)
        if content is not None and (not self.heads or self.heads[-1] != content):
            self.heads.append(content)
            assert judged(self.desk).is_sound

    def teardown(self) -> None:
        """Drain at last: every record is in index and log once, in order."""
        self.report(count=1)
        self.writer = writer_of(self.desk)
        drain(self.writer)
        self.writer.seal()
        assert subjects(indexed(self.desk)) == self.sent
        said = [read_entry(entry).get("subject", "") for entry in entries_of(self.desk)]
        assert [subject for subject in said if subject.startswith("camera:")] == self.sent


TestInterrupted = Interrupted.TestCase
TestInterrupted.settings = settings(max_examples=25, stateful_step_count=12, deadline=None)
