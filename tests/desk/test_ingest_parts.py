"""The small parts of ingest by themselves: buckets, known batches, the tally, the alarm."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.admission import RULES
from impetus.core.board import Rule
from impetus.core.errors import NotNow
from impetus.core.finding import Severity
from impetus.core.ids import Offset
from impetus.core.observation import empty_batch
from impetus.desk.context import FINDINGS
from impetus.desk.intake_alarm import MAX_WAITING, IntakeAlarm
from impetus.desk.intake_tally import MAX_WAITING_RECORDS, IntakeTally
from impetus.desk.parcel import Parcel, Receipt
from impetus.desk.refused_records import BURST, DETAIL_CHARS, PER_S, RECORD_BYTES, Bucket, RefusedRecords
from impetus.desk.resends import KEPT, KEPT_ROWS, Resends, digest_of
from ingest_samples import HARBOUR, NOW, SQUARE, TightBus, make_desk, readings


def codes(*rules: Rule) -> np.ndarray[tuple[int], np.dtype[np.uint8]]:
    """Return verdict codes."""
    return np.array([RULES.index(rule) for rule in rules], dtype=np.uint8)


def test_a_bucket_gives_a_burst_then_a_trickle() -> None:
    """And is full again after a while, never fuller."""
    bucket = Bucket()
    assert (bucket.draw(BURST + 50, NOW), bucket.draw(1, NOW)) == (BURST, 0)
    assert bucket.draw(1000, NOW + timedelta(seconds=3)) == 3 * PER_S
    assert bucket.draw(1000, NOW + timedelta(days=1)) == BURST


def test_a_clock_that_went_back_does_not_empty_a_bucket() -> None:
    """Spans below zero count as none."""
    bucket = Bucket()
    bucket.draw(10, NOW)
    assert bucket.draw(10, NOW - timedelta(hours=1)) == 10


@given(some.lists(some.tuples(some.integers(0, 500), some.floats(0, 5)), max_size=20))
def test_a_bucket_never_gives_more_than_it_may(drawn: list[tuple[int, float]]) -> None:
    """However it is asked: at most a burst and what flowed in since."""
    bucket, at, given_out = Bucket(), NOW, 0
    for wanted, wait_s in drawn:
        at += timedelta(seconds=wait_s)
        given_out += bucket.draw(wanted, at)
    assert given_out <= BURST + (at - NOW).total_seconds() * PER_S + 1e-6


def test_each_source_has_its_own_bucket() -> None:
    """One source's garbage does not hide another's."""
    refused = RefusedRecords()
    garbage = [(Rule.MALFORMED, "x", b"x")] * (BURST + 7)
    assert refused.keep(SQUARE, NOW, garbage) == BURST
    assert refused.keep(HARBOUR, NOW, garbage[:5]) == 5
    assert (refused.not_kept, len(refused.empty()), refused.waiting) == (7, BURST + 5, [])


def test_records_and_details_are_cut() -> None:
    """Bounded whatever comes."""
    refused = RefusedRecords()
    refused.add(SQUARE, NOW, Rule.MALFORMED, "d" * 9999, b"r" * 99_999)
    assert (len(refused.waiting[0].detail), len(refused.waiting[0].record)) == (DETAIL_CHARS, RECORD_BYTES)


def test_a_known_batch_is_all_duplicates_where_it_was_taken() -> None:
    """What was refused is refused again, under the same rule."""
    resends, batch = Resends(), readings((1, 0, 1.0), (2, 0, 2.0), (3, 0, 3.0))
    resends.keep(digest_of(SQUARE, batch), codes(Rule.ACCEPTED, Rule.LATE, Rule.MISSING))
    verdicts = resends.verdicts(digest_of(SQUARE, batch))
    assert verdicts is not None
    assert verdicts.tolist() == codes(Rule.DUPLICATE, Rule.LATE, Rule.DUPLICATE).tolist()


def test_batches_differ_by_source_value_and_order() -> None:
    """Nothing else is the same batch."""
    batch = readings((1, 0, 1.0), (2, 0, 2.0))
    others = [
        readings((2, 0, 2.0), (1, 0, 1.0)),
        readings((1, 0, 1.0), (2, 0, 2.5)),
        readings((1, 1, 1.0), (2, 0, 2.0)),
    ]
    digests = {digest_of(SQUARE, each) for each in [batch, *others]} | {digest_of(HARBOUR, batch)}
    assert len(digests) == 5
    assert digest_of(SQUARE, replace(batch)) == digest_of(SQUARE, batch)
    assert digest_of(SQUARE, batch.take(np.array([0, 1]))) == digest_of(SQUARE, batch)


def test_known_batches_are_bounded_in_number_and_rows() -> None:
    """The oldest go first; one that is too large alone is still known."""
    resends = Resends()
    for number in range(KEPT + 10):
        resends.keep(number.to_bytes(16, "big"), codes(Rule.ACCEPTED))
    assert resends.verdicts((9).to_bytes(16, "big")) is None
    assert resends.verdicts((10).to_bytes(16, "big")) is not None
    resends.keep(b"large", np.zeros(KEPT_ROWS + 1, dtype=np.uint8))
    assert resends.verdicts((KEPT + 9).to_bytes(16, "big")) is None
    assert resends.verdicts(b"large") is not None


def test_a_batch_that_did_not_become_durable_is_forgotten() -> None:
    """And forgetting twice is no error."""
    resends = Resends()
    resends.keep(b"x", codes(Rule.ACCEPTED))
    for _ in range(2):
        resends.drop(b"x")
    assert resends.verdicts(b"x") is None


def test_a_receipt_adds_up() -> None:
    """Received is accepted, refused and acknowledged duplicates together."""
    counts = {Rule.ACCEPTED: 5, Rule.MISSING: 2, Rule.OUT_OF_ORDER: 1, Rule.DUPLICATE: 3, Rule.LATE: 4}
    receipt = Receipt(source=SQUARE, codes=codes(), counts=counts)
    assert (receipt.received, receipt.accepted, receipt.refused) == (15, 8, 4)


def test_a_parcel_of_columns_alone_has_empty_records() -> None:
    """Nothing else came with it."""
    assert Parcel(batch=empty_batch()).record(0) == b""


def test_the_tally_writes_once_and_then_has_nothing() -> None:
    """Counters add up over parcels; a second write changes nothing."""
    desk, tally = make_desk(), IntakeTally()
    for _ in range(3):
        tally.count(SQUARE, {Rule.ACCEPTED: 10}, NOW)
    assert tally.keep(SQUARE, Rule.MALFORMED, "no JSON", b"{", NOW)
    for _ in range(2):
        tally.write(desk.store)
    with desk.store.read() as unit:
        status = next(each for each in unit.sources.statuses() if each.source == SQUARE)
        assert len(unit.sources.quarantined().items) == 1
    assert (status.counts, status.seen_at) == ({Rule.ACCEPTED: 30, Rule.MALFORMED: 1}, NOW)


def test_the_tally_keeps_what_a_busy_store_did_not_take_up_to_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """Counters never get lost; of records the oldest go, and are counted."""
    desk, tally = make_desk(), IntakeTally()

    def busy(*_: object, **__: object) -> None:
        raise NotNow("busy", retry_after_s=1.0)

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.store), "write", busy)
        for minute in range(12):
            at = NOW + timedelta(minutes=minute)
            for number in range(BURST):
                tally.keep(SQUARE, Rule.LATE, f"{minute}:{number}", b"r", at)
            with pytest.raises(NotNow):
                tally.write(desk.store)
    tally.write(desk.store)
    with desk.store.read() as unit:
        counts = next(each.counts for each in unit.sources.statuses() if each.source == SQUARE)
        newest = unit.sources.quarantined(limit=1).items[0]
    assert counts == {Rule.LATE: 12 * BURST}
    assert tally.not_kept == 12 * BURST - MAX_WAITING_RECORDS
    assert newest.detail == f"11:{BURST - 1}"


def test_the_alarm_is_raised_once_and_ends_with_numbers() -> None:
    """What it was, since when, for how long, how many were sent away."""
    desk, alarm = make_desk(), IntakeAlarm()
    for second in range(5):
        alarm.refuse(NOW + timedelta(seconds=second), 100, "the disk is full")
    alarm.recover(NOW + timedelta(seconds=60))
    alarm.recover(NOW + timedelta(seconds=61))
    alarm.speak(desk)
    alarm.speak(desk)
    began, ended = [desk.codec.decode_finding(each.body)[0] for each in desk.bus.read(FINDINGS, Offset(0))]
    assert (began.severity, began.ended) == (Severity.SEVERE, None)
    assert "the disk is full" in began.why.say()
    assert (ended.began, ended.ended) == (NOW, NOW + timedelta(seconds=60))
    assert ended.facts == {"refused_readings": 500.0, "lasted_s": 60.0}
    assert began.subject == ended.subject
    assert began.key != ended.key


def test_an_alarm_that_cannot_be_published_waits_bounded() -> None:
    """A flapping disk: the last spells are said once there is room."""
    bus = TightBus()
    desk, alarm = make_desk(bus=bus), IntakeAlarm()
    bus.room.left = False
    for minute in range(10):
        alarm.refuse(NOW + timedelta(minutes=minute), 1, "full")
        alarm.recover(NOW + timedelta(minutes=minute, seconds=30))
        alarm.speak(desk)
    assert len(alarm.waiting) == MAX_WAITING
    bus.room.left = True
    alarm.speak(desk)
    assert (len(bus.read(FINDINGS, Offset(0))), alarm.waiting) == (MAX_WAITING, ())


def test_no_alarm_ends_that_did_not_begin() -> None:
    """Every durable group says that it is; only the first after trouble matters."""
    alarm = IntakeAlarm()
    alarm.recover(NOW)
    assert alarm.waiting == ()
