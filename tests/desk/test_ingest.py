"""Readings go in: judged, durable, acknowledged; never the other way round."""

from collections.abc import Iterator
from concurrent.futures import wait
from dataclasses import replace

import pytest

from impetus.core.admission import Limits
from impetus.core.board import Quarantined, Rule
from impetus.core.errors import NotNow, Refused, Unknown
from impetus.core.finding import Kind
from impetus.core.ids import Offset, SourceId
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.declare_source import declare, read_toml
from impetus.desk.ingest import Intake
from impetus.desk.parcel import Parcel, Receipt
from impetus.desk.refused_records import BURST, PER_S, TOLD
from impetus.testing.clock import SettableClock
from ingest_samples import (
    ADMINISTRATOR,
    HARBOUR,
    NOW,
    SQUARE,
    TightBus,
    datastreams,
    declaration,
    make_desk,
    published,
    readings,
    sender,
)


@pytest.fixture
def bus() -> TightBus:
    """Return a bus whose disk can be full."""
    return TightBus()


@pytest.fixture
def desk(bus: TightBus) -> Desk:
    """Return a desk over it."""
    return make_desk(bus=bus)


@pytest.fixture
def intake(desk: Desk) -> Iterator[Intake]:
    """Return a started intake, and stop it."""
    intake = Intake(desk, Limits())
    intake.start()
    yield intake
    intake.close()


def send(intake: Intake, *rows: tuple[int, float, float], source: str = SQUARE) -> Receipt:
    """Send rows and wait for the receipt."""
    return intake.take(sender(source), Parcel(batch=readings(*rows)))


def quarantine(desk: Desk, source: SourceId = SQUARE) -> list[Quarantined]:
    """Return what the quarantine holds of a source, newest first."""
    with desk.store.read() as unit:
        return list(unit.sources.quarantined(source=source, limit=200).items)


def counts(desk: Desk, source: SourceId = SQUARE) -> dict[Rule, int]:
    """Return a source's counters."""
    with desk.store.read() as unit:
        return next(status.counts for status in unit.sources.statuses() if status.source == source)


def test_what_is_acknowledged_is_on_the_bus(intake: Intake, desk: Desk) -> None:
    """The receipt comes after the durable write."""
    receipt = send(intake, (1, 0, 20.0), (2, 0, 21.0))
    assert (receipt.received, receipt.accepted, receipt.refused) == (2, 2, 0)
    assert published(desk).result.tolist() == [20.0, 21.0]


def test_one_bad_record_does_not_cost_the_good_ones(intake: Intake, desk: Desk) -> None:
    """The rest goes through; the refused one is explained and kept."""
    receipt = send(intake, (1, 0, 20.0), (2, 0, 900.0), (3, 0, 22.0))
    intake.settle()
    assert receipt.counts == {Rule.ACCEPTED: 2, Rule.OUT_OF_RANGE: 1}
    assert (receipt.refusals[0].row, receipt.quarantined) == (1, 1)
    assert "900 Cel is outside -40..60" in quarantine(desk)[0].detail
    assert published(desk).datastream.tolist() == [1, 3]


def test_a_source_writes_only_its_own_datastreams(intake: Intake, desk: Desk) -> None:
    """A reading for another source's datastream is undeclared."""
    other = datastreams(desk)["harbour/t1/temperature"].id
    receipt = send(intake, (other, 0, 20.0))
    assert receipt.counts == {Rule.UNDECLARED: 1}
    assert len(published(desk)) == 0


def test_every_rule_has_a_sentence_with_value_limit_and_remedy(intake: Intake, desk: Desk) -> None:
    """Refusals can be acted on."""
    day_s = 86_400
    send(intake, (1, 0, 20.0))
    receipt = send(
        intake, (1, 0, 21.0), (1, 9_999, 1.0), (1, -2 * day_s, 1.0), (1, -90 * day_s, 1.0), (99, 0, 1.0), (1, 0, 1e9)
    )
    said = {refusal.rule: refusal.detail for refusal in receipt.refusals}
    assert set(said) == {
        Rule.CONFLICT,
        Rule.FUTURE,
        Rule.LATE,
        Rule.EXPIRED,
        Rule.UNDECLARED,
        Rule.OUT_OF_RANGE,
    }
    assert "300 s ahead of 2026-06-01T12:00:00" in said[Rule.FUTURE]
    assert "late_s" in said[Rule.LATE]
    assert "30 days" in said[Rule.EXPIRED]


def test_a_batch_sent_again_is_acknowledged_and_dropped(intake: Intake, desk: Desk) -> None:
    """However many readings of one datastream it holds: more than the ring remembers."""
    rows = [(1, second - 100.0, float(second % 50)) for second in range(100)]
    assert send(intake, *rows).counts == {Rule.ACCEPTED: 100}
    assert send(intake, *rows).counts == {Rule.DUPLICATE: 100}
    assert len(published(desk)) == 100


def test_a_restarted_intake_knows_what_was_taken(desk: Desk) -> None:
    """The bus's tail is its memory: single readings and whole batches."""
    rows = [(1, second - 100.0, 1.0) for second in range(50)]
    for expected in (Rule.ACCEPTED, Rule.DUPLICATE):
        intake = Intake(desk, Limits())
        intake.start()
        assert send(intake, *rows).counts == {expected: 50}
        assert set(send(intake, (1, -51, 2.0)).counts) == {Rule.CONFLICT}
        intake.close()


def test_counts_are_written_in_one_go_not_per_batch(intake: Intake, desk: Desk) -> None:
    """A source's page is at most about a second old."""
    for second in range(5):
        send(intake, (1, second, 20.0))
    intake.settle()
    assert counts(desk) == {Rule.ACCEPTED: 5}


def test_a_full_disk_acknowledges_nothing_and_loses_nothing(intake: Intake, desk: Desk, bus: TightBus) -> None:
    """The same reading is taken once there is room: it was not remembered as known."""
    bus.room.left = False
    with pytest.raises(NotNow) as told:
        send(intake, (1, 0, 20.0))
    bus.room.left = True
    assert told.value.retry_after_s == 5.0
    assert send(intake, (1, 0, 20.0)).counts == {Rule.ACCEPTED: 1}
    assert published(desk).result.tolist() == [20.0]


def test_a_full_disk_raises_one_finding_and_clears_it(intake: Intake, desk: Desk, bus: TightBus) -> None:
    """However often it fails in between, and although the findings' topic is on the same disk."""
    bus.room.left = False
    for second in range(3):
        with pytest.raises(NotNow):
            send(intake, (1, second, 20.0))
        intake.settle()
    assert intake.status().failing_since == NOW
    bus.room.left = True
    send(intake, (1, 0, 20.0))
    intake.settle()
    intake.settle()
    findings = [desk.codec.decode_finding(message.body)[0] for message in bus.read(FINDINGS, Offset(0))]
    assert [(finding.kind, finding.ended is None) for finding in findings] == [
        (Kind.PLATFORM, True),
        (Kind.PLATFORM, False),
    ]
    assert findings[1].facts["refused_readings"] == 3
    assert intake.status().failing_since is None


def test_a_failed_group_fails_whole_and_is_taken_whole_afterwards(intake: Intake, desk: Desk, bus: TightBus) -> None:
    """No parcel of a group is judged against another that did not become durable."""
    bus.room.left = False
    parcels = [Parcel(batch=readings((1, second, 1.0), (1, second, 1.0))) for second in range(20)]
    futures = [intake.submit(sender(), parcel) for parcel in parcels]
    wait(futures, timeout=10)
    assert all(isinstance(future.exception(), NotNow) for future in futures)
    bus.room.left = True
    again = [intake.take(sender(), parcel).counts for parcel in parcels]
    assert again == [{Rule.ACCEPTED: 1, Rule.DUPLICATE: 1}] * 20


def test_garbage_at_full_speed_is_counted_but_cannot_fill_the_store(intake: Intake, desk: Desk) -> None:
    """Of 1,000 refused records a burst is kept; the bucket fills again with time."""
    receipt = send(intake, *((1, 0, 1000.0 + row) for row in range(1000)))
    intake.settle()
    assert (receipt.refused, receipt.quarantined, len(receipt.refusals)) == (1000, BURST, TOLD)
    assert (len(quarantine(desk)), intake.status().not_kept) == (BURST, 1000 - BURST)
    assert isinstance(desk.clock, SettableClock)
    desk.clock.advance(2.0)
    assert send(intake, *((1, 0, 1000.0 + row) for row in range(1000))).quarantined == 2 * PER_S
    assert counts(desk)[Rule.OUT_OF_RANGE] == 1000


def test_a_long_record_is_cut(intake: Intake, desk: Desk) -> None:
    """4 KiB show what it was."""
    intake.refuse(sender(), Rule.MALFORMED, "not JSON", b"x" * 100_000)
    intake.settle()
    assert len(quarantine(desk)[0].record) == 4096


def test_a_record_that_is_no_columns_is_counted_and_quarantined(intake: Intake, desk: Desk) -> None:
    """A body that cannot be read is one malformed record."""
    assert intake.refuse(sender(), Rule.MALFORMED, "not JSON", b"{]")
    intake.settle()
    assert counts(desk) == {Rule.MALFORMED: 1}
    assert (quarantine(desk)[0].record, quarantine(desk)[0].rule) == (b"{]", Rule.MALFORMED)


def test_a_store_that_is_busy_costs_no_counts(intake: Intake, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What could not be written waits for the next turn."""
    send(intake, (1, 0, 20.0), (1, 0, 99.0))

    def busy(*_: object, **__: object) -> None:
        raise NotNow("the store is busy", retry_after_s=1.0)

    with monkeypatch.context() as patched:
        patched.setattr(type(desk.store), "write", busy)
        intake.settle()
    intake.settle()
    assert counts(desk) == {Rule.ACCEPTED: 1, Rule.OUT_OF_RANGE: 1}
    assert len(quarantine(desk)) == 1


def test_a_changed_catalogue_is_learned_while_running(intake: Intake, desk: Desk) -> None:
    """A new datastream is taken after the next turn; what is remembered stays."""
    send(intake, (1, 0, 20.0))
    declare(desk, ADMINISTRATOR, read_toml(declaration(SQUARE, 4)))
    intake.settle()
    new = intake.names(SQUARE)["square/t4/temperature"]
    assert send(intake, (new, 0, 20.0), (1, 0, 20.0)).counts == {Rule.ACCEPTED: 1, Rule.DUPLICATE: 1}


@pytest.mark.parametrize("actor", [sender(None), sender(SQUARE, "alerts.read"), ADMINISTRATOR])
def test_only_a_token_of_a_source_that_may_write_writes(intake: Intake, desk: Desk, actor: object) -> None:
    """Deny by default: no source, another operation, a person."""
    with pytest.raises(Refused):
        intake.submit(actor, Parcel(batch=readings((1, 0, 1.0))))  # type: ignore[arg-type]
    assert len(published(desk)) == 0


def test_a_source_that_was_never_declared_is_told_so(intake: Intake) -> None:
    """A token may outlive or precede its source's declaration."""
    with pytest.raises(Unknown, match="not declared"):
        send(intake, (1, 0, 1.0), source="elsewhere")


def test_too_much_waiting_is_refused_at_once(desk: Desk) -> None:
    """Memory is bounded: what waits beyond 64 MiB comes back later."""
    intake = Intake(desk, Limits())
    intake.refresh()
    parcel = Parcel(batch=readings((1, 0, 1.0)), size_bytes=40 * 1024 * 1024)
    intake.submit(sender(), parcel)
    intake.submit(sender(), parcel)
    with pytest.raises(NotNow, match="wait to become durable"):
        intake.submit(sender(), parcel)


def test_what_waits_when_it_closes_is_still_made_durable(desk: Desk) -> None:
    """Closing takes what was submitted before, and nothing after."""
    intake = Intake(desk, Limits())
    intake.start()
    futures = [intake.submit(sender(), Parcel(batch=readings((1, second, 1.0)))) for second in range(50)]
    intake.close()
    assert [future.result().accepted for future in futures] == [1] * 50
    with pytest.raises(NotNow, match="stopping"):
        intake.submit(sender(), Parcel(batch=readings((1, 0, 1.0))))


def test_a_sender_that_gives_up_waiting_stops_nothing(intake: Intake, desk: Desk) -> None:
    """A cancelled future is passed over or kept; the others get their receipts."""
    futures = [intake.submit(sender(), Parcel(batch=readings((1, second, 1.0)))) for second in range(20)]
    for future in futures[::2]:
        future.cancel()
    assert all(future.result(timeout=10).accepted == 1 for future in futures[1::2])


def test_an_unreadable_message_of_the_bus_does_not_stop_a_start(desk: Desk) -> None:
    """It is passed over with a warning; ingest must come up."""
    desk.bus.publish(OBSERVATIONS, [b"no arrow"])
    intake = Intake(desk, Limits())
    intake.start()
    assert send(intake, (1, 0, 20.0)).accepted == 1
    intake.close()


def test_a_bug_in_a_group_is_told_and_does_not_end_the_thread(desk: Desk) -> None:
    """The sender gets an error, the next one a receipt, and nothing half-taken is remembered."""

    class Broken:
        def __init__(self) -> None:
            self.broken = True

        def encode(self, batch: object) -> bytes:
            if self.broken:
                raise ValueError("bug")
            return desk.columns.encode(batch)  # type: ignore[arg-type]

        decode = staticmethod(desk.columns.decode)

    columns = Broken()
    intake = Intake(replace(desk, columns=columns), Limits())  # type: ignore[arg-type]
    intake.start()
    with pytest.raises(Exception, match="ingest failed: bug"):
        send(intake, (1, 0, 20.0))
    columns.broken = False
    assert send(intake, (1, 0, 20.0)).counts == {Rule.ACCEPTED: 1}
    intake.close()


def test_another_source_is_counted_by_itself(intake: Intake, desk: Desk) -> None:
    """Counters are per source."""
    number = datastreams(desk)["harbour/t1/temperature"].id
    send(intake, (number, 0, 20.0), source=HARBOUR)
    intake.settle()
    assert counts(desk, HARBOUR) == {Rule.ACCEPTED: 1}
    assert counts(desk) == {}
