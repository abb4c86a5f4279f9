"""Witnesses: each new checkpoint once, again when they were out of reach, and a fork when one has seen another log."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from desk.log_samples import AUDITOR, SITE, a_desk, drain, head_of, judged, report, writer_of
from ethics.log_samples import SIGNATURES, StoredLog, numbered
from impetus.adapters.signatures import verify as check
from impetus.core.actor import platform
from impetus.core.errors import NotNow, Refused
from impetus.core.finding import Finding, Severity
from impetus.core.ids import Offset
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.keep_log import LogWriter
from impetus.desk.log_notes import WITNESSES, read_witnesses
from impetus.desk.show_witnesses import SUBJECT, Witnesses
from impetus.ethics.log.checkpoint import (
    COSIGNATURE,
    Checkpoint,
    VerifierKey,
    cosign,
    is_signed,
    parse_checkpoint,
    parse_note,
)
from impetus.ethics.log.merkle import EMPTY_ROOT, verify_consistency
from impetus.ethics.log.rebuild import CHECKPOINT
from impetus.ports.ethics import Witnessed
from impetus.testing.desk import clock_of

KEEPER = platform("log")


class Notary:
    """A witness that checks what C2SP tlog-witness demands, remembers the head it signed, and can be out of reach."""

    def __init__(self, desk: Desk, name: str = "notary", *, tells: bool = False) -> None:
        self.name = name
        self.held: Checkpoint | None = None
        self.stored = b""
        self.shown: list[int] = []
        self.is_down = False
        self.key = VerifierKey(name="notary.example", public_key=SIGNATURES.public_key(name), kind=COSIGNATURE)
        self._log = VerifierKey(name=SITE, public_key=desk.signatures.public_key("log"))
        self._desk, self._tells = desk, tells

    def last(self) -> bytes | None:
        """Return what it holds, if it is one that can say."""
        if self.is_down:
            raise NotNow("notary is out of reach", retry_after_s=1.0)
        return self.stored or None if self._tells else None

    def show(self, checkpoint: bytes, old_size: int, proof: Sequence[bytes]) -> Witnessed:
        """Check signature, size and proof; cosign what goes on from what it holds."""
        if self.is_down:
            raise NotNow("notary is out of reach", retry_after_s=1.0)
        note = parse_note(checkpoint)
        head = parse_checkpoint(note.text)
        assert is_signed(note, self._log, check)
        held_size = self.held.size if self.held else 0
        held_root = self.held.root if self.held else EMPTY_ROOT
        if old_size != held_size:
            return Witnessed(refusal="it holds another tree", holds=held_size)
        if not verify_consistency(held_size, head.size, held_root, head.root, proof):
            return Witnessed(refusal="it does not accept the consistency proof", holds=held_size)
        self.held, self.stored = head, checkpoint
        self.shown.append(head.size)
        line = cosign(note, self.key, lambda message: SIGNATURES.sign(self.name, message), at=self._desk.clock.now())
        return Witnessed(signatures=line.line().encode() + b"no signature\n")


@pytest.fixture
def desk() -> Desk:
    """Give a desk whose records travel over its bus."""
    return a_desk()


@pytest.fixture
def writer(desk: Desk) -> LogWriter:
    """Give a writer that has signed ten entries."""
    writer = writer_of(desk)
    return grow(desk, writer, 0, 10)


def grow(desk: Desk, writer: LogWriter, first: int, count: int) -> LogWriter:
    """Add entries and sign them."""
    report(desk, first, count)
    drain(writer)
    writer.seal()
    return writer


def told(desk: Desk) -> list[Finding]:
    """Return the findings published so far."""
    return [desk.codec.decode_finding(message.body)[0] for message in desk.bus.read(FINDINGS, Offset(0))]


def test_each_checkpoint_is_shown_once(desk: Desk, writer: LogWriter) -> None:
    """With the proof from the one before, and its cosignature comes back to be added."""
    notary = Notary(desk)
    witnesses = Witnesses(desk, KEEPER, [notary])
    (first,) = witnesses.show()
    assert witnesses.show() == []
    assert writer.cosign(*first)
    assert witnesses.show() == []
    grow(desk, writer, 10, 300)
    witnesses.show()
    assert notary.shown == [10, 310]
    assert [(seen.size, seen.trouble) for seen in read_witnesses(desk.log_files)] == [(310, "")]
    assert judged(desk).is_sound


def test_before_the_first_checkpoint_there_is_nothing_to_show(desk: Desk) -> None:
    """The witness is listed all the same, as one that has seen nothing."""
    witnesses = Witnesses(desk, KEEPER, [Notary(desk)])
    assert witnesses.show() == []
    assert [(seen.name, seen.at, seen.size) for seen in read_witnesses(desk.log_files)] == [("notary", None, 0)]


def test_a_witness_out_of_reach_is_asked_again_ever_more_slowly(desk: Desk, writer: LogWriter) -> None:
    """After ten seconds, then twenty, ten minutes at most; its failures are counted and forgotten when it is back."""
    notary = Notary(desk)
    notary.is_down = True
    witnesses = Witnesses(desk, KEEPER, [notary])
    waits = []
    for _ in range(9):
        witnesses.show()
        (seen,) = read_witnesses(desk.log_files)
        waited = 0
        while witnesses.seen[0].failures == seen.failures:
            clock_of(desk).advance(5)
            waited += 5
            witnesses.show()
        waits.append(waited)
    assert waits == [10, 20, 40, 80, 160, 320, 600, 600, 600]
    notary.is_down = False
    clock_of(desk).advance(600)
    witnesses.show()
    (seen,) = read_witnesses(desk.log_files)
    assert (seen.failures, seen.trouble, seen.size) == (0, "", 10)
    assert told(desk) == []


def test_one_that_is_down_does_not_keep_the_others_waiting(desk: Desk, writer: LogWriter) -> None:
    """Each stands for itself."""
    down, up = Notary(desk, "down"), Notary(desk, "up")
    down.is_down = True
    Witnesses(desk, KEEPER, [down, up]).show()
    assert [(seen.name, seen.failures) for seen in read_witnesses(desk.log_files)] == [("down", 1), ("up", 0)]
    assert up.shown == [10]


def test_a_witness_that_remembers_more_than_our_notes_is_given_the_proof_from_there(
    desk: Desk, writer: LogWriter
) -> None:
    """When our own notes were lost, what it holds decides where the proof begins."""
    notary = Notary(desk)
    Witnesses(desk, KEEPER, [notary]).show()
    desk.log_files.remove([WITNESSES])
    grow(desk, writer, 10, 5)
    Witnesses(desk, KEEPER, [notary]).show()
    assert notary.shown == [10, 15]


@pytest.mark.parametrize("tells", [True, False])
def test_a_witness_of_a_longer_log_has_seen_a_fork(desk: Desk, writer: LogWriter, *, tells: bool) -> None:
    """Our log was put back from an earlier day: severe, told once, and marked until it is resolved."""
    notary = Notary(desk, tells=tells)
    early = dict(desk.log_files.files)
    grow(desk, writer, 10, 20)
    Witnesses(desk, KEEPER, [notary]).show()
    desk.log_files.files.clear()
    desk.log_files.files |= early
    witnesses = Witnesses(desk, KEEPER, [notary])
    for _ in range(3):
        witnesses.show()
        clock_of(desk).advance(700)
    (seen,) = read_witnesses(desk.log_files)
    assert seen.is_fork
    assert "seen 30 entries, the log has 10" in seen.trouble
    (finding,) = told(desk)
    assert (finding.severity, finding.subject) == (Severity.SEVERE, SUBJECT)
    assert "notary" in str(finding.why.values)
    assert Witnesses(desk, KEEPER, [notary]).seen[0].is_fork


@pytest.mark.parametrize("tells", [True, False])
def test_a_witness_of_another_log_under_our_name_has_seen_a_fork(desk: Desk, writer: LogWriter, *, tells: bool) -> None:
    """Somebody rewrote the log and signed it: it does not go on from what the witness holds."""
    notary = Notary(desk, tells=tells)
    forged = StoredLog()
    forged.grow(numbered(8))
    notary.held = Checkpoint(origin=SITE, size=8, root=forged.tree.root())
    notary.stored = forged.signed(notary.held).encode()
    Witnesses(desk, KEEPER, [notary]).show()
    (seen,) = read_witnesses(desk.log_files)
    assert seen.is_fork
    assert len(told(desk)) == 1


def test_a_witness_of_another_root_at_our_size_has_seen_a_fork(desk: Desk, writer: LogWriter) -> None:
    """As many entries, but not these."""
    notary = Notary(desk)
    notary.held = Checkpoint(origin=SITE, size=10, root=bytes(32))
    Witnesses(desk, KEEPER, [notary]).show()
    assert read_witnesses(desk.log_files)[0].is_fork


@pytest.mark.parametrize("stored", [b"rubbish", StoredLog(origin="impetus/other").grow(numbered(3))])
def test_a_witness_that_holds_something_else_is_marked(desk: Desk, writer: LogWriter, stored: bytes) -> None:
    """A file that is no checkpoint, or one of another log, is never overwritten in silence."""
    notary = Notary(desk, tells=True)
    notary.stored = stored
    Witnesses(desk, KEEPER, [notary]).show()
    (seen,) = read_witnesses(desk.log_files)
    assert seen.is_fork
    assert notary.shown == []


def test_a_fork_is_over_when_the_witness_takes_a_checkpoint_again(desk: Desk, writer: LogWriter) -> None:
    """After the good log was put back, the mark goes by itself."""
    notary = Notary(desk, tells=True)
    good = dict(desk.log_files.files)
    grow(desk, writer, 10, 5)
    later = dict(desk.log_files.files)
    Witnesses(desk, KEEPER, [notary]).show()
    desk.log_files.files |= {CHECKPOINT: good[CHECKPOINT]}
    witnesses = Witnesses(desk, KEEPER, [notary])
    witnesses.show()
    assert witnesses.seen[0].is_fork
    desk.log_files.files |= {CHECKPOINT: later[CHECKPOINT]}
    clock_of(desk).advance(timedelta(hours=1).total_seconds())
    witnesses.show()
    assert not witnesses.seen[0].is_fork
    assert witnesses.seen[0].size == head_of(desk).size


def test_a_witness_taken_out_of_the_settings_is_not_listed_any_more(desk: Desk, writer: LogWriter) -> None:
    """The list is what the settings say, with what is known of those that stay."""
    one, other = Notary(desk, "one"), Notary(desk, "other")
    Witnesses(desk, KEEPER, [one, other]).show()
    Witnesses(desk, KEEPER, [other])
    assert [(seen.name, seen.size) for seen in read_witnesses(desk.log_files)] == [("other", 10)]


@pytest.mark.parametrize("content", [b"[]", b"nonsense", b'{"a": 1}', b'{"a": {"at": null}}', b'{"a":{"at":"x"}}'])
def test_notes_that_cannot_be_read_count_as_not_written(desk: Desk, content: bytes) -> None:
    """They are written anew at the next showing."""
    desk.log_files.write({WITNESSES: content})
    assert read_witnesses(desk.log_files) == ()
    Witnesses(desk, KEEPER, [Notary(desk)])
    assert len(read_witnesses(desk.log_files)) == 1


def test_only_the_platform_shows_checkpoints(desk: Desk) -> None:
    """An auditor reads how witnesses stand and shows them nothing."""
    with pytest.raises(Refused):
        Witnesses(desk, AUDITOR, [])
