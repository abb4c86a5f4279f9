"""Readings under the kill switch: refused at the door, refused in the queue, and nothing of them kept anywhere."""

from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from impetus.core.admission import Limits
from impetus.core.board import Rule
from impetus.core.errors import Stopped
from impetus.core.stop import Target, parse_target
from impetus.desk.context import Desk
from impetus.desk.ingest import Intake
from impetus.desk.parcel import Parcel, Receipt
from impetus.desk.stop_watch import LOOK_EVERY_S
from impetus.testing.desk import clock_of
from ingest_samples import HARBOUR, NOW, SQUARE, make_desk, published, readings, sender


@pytest.fixture
def desk() -> Desk:
    """Return a desk with the sources square (t1 to t3) and harbour (t1)."""
    return make_desk()


@pytest.fixture
def intake(desk: Desk) -> Iterator[Intake]:
    """Return a running intake."""
    intake = Intake(desk, Limits())
    intake.start()
    yield intake
    intake.close()


def hold(desk: Desk, target: str) -> Target:
    """Stop a target and let an older look lose its value."""
    wanted = parse_target(target)
    desk.stops.stop(wanted, by="ada", at=NOW)
    clock_of(desk).advance(LOOK_EVERY_S)
    return wanted


def send(intake: Intake, *rows: tuple[int, float, float], source: str = SQUARE) -> Receipt:
    """Send readings of a source and wait."""
    return intake.take(sender(source), Parcel(batch=readings(*rows), record=lambda row: f"row {row}".encode()))


@pytest.mark.parametrize("target", ["source:square", "site", "all"])
def test_a_stopped_source_is_refused_whole(intake: Intake, desk: Desk, target: str) -> None:
    """With who stopped it; nothing is counted, quarantined or published."""
    hold(desk, target)
    with pytest.raises(Stopped, match="source square is stopped by ada"):
        send(intake, (1, 0, 20.0), (1, 1, 999.0))
    intake.settle()
    assert len(published(desk)) == 0
    with desk.store.read() as unit:
        assert all(not status.counts for status in unit.sources.statuses())


def test_other_sources_go_on(intake: Intake, desk: Desk) -> None:
    """The harbour is not the square."""
    hold(desk, "source:square")
    assert send(intake, (4, 0, 20.0), source=HARBOUR).counts == {Rule.ACCEPTED: 1}


@pytest.mark.parametrize("target", ["camera:square/t2", "camera:t2"])
def test_of_a_batch_only_the_stopped_things_readings_are_refused(intake: Intake, desk: Desk, target: str) -> None:
    """One gateway sends for many; the rest of what it sends is taken in."""
    hold(desk, target)
    receipt = send(intake, (1, 0, 20.0), (2, 0, 21.0), (3, 0, 22.0))
    assert receipt.counts == {Rule.ACCEPTED: 2, Rule.STOPPED: 1}
    [refusal] = receipt.refusals
    assert (refusal.row, refusal.rule) == (1, Rule.STOPPED)
    assert "square/t2 was stopped by a person" in refusal.detail
    assert published(desk).datastream.tolist() == [1, 3]


def test_nothing_of_a_stopped_thing_goes_to_the_quarantine(intake: Intake, desk: Desk) -> None:
    """Beside a reading that is out of range, which does."""
    hold(desk, "camera:square/t2")
    receipt = send(intake, (2, 0, 21.0), (2, 1, 999.0), (1, 0, 999.0))
    assert receipt.counts == {Rule.STOPPED: 2, Rule.OUT_OF_RANGE: 1}
    assert receipt.quarantined == 1
    waiting = intake._tally._refused.waiting
    assert [(one.rule, one.record) for one in waiting] == [(Rule.OUT_OF_RANGE, b"row 2")]


def test_what_is_lifted_is_taken_in_again_though_the_same_batch_was_refused(intake: Intake, desk: Desk) -> None:
    """The refusal is not remembered as the batch's verdict."""
    wanted = hold(desk, "camera:square/t2")
    rows = [(1, 0.0, 20.0), (2, 0.0, 21.0)]
    assert send(intake, *rows).counts == {Rule.ACCEPTED: 1, Rule.STOPPED: 1}
    desk.stops.lift(wanted, by="sam", at=NOW, why="mended")
    clock_of(desk).advance(LOOK_EVERY_S)
    assert send(intake, *rows).counts == {Rule.DUPLICATE: 1, Rule.ACCEPTED: 1}


def test_a_parcel_that_waited_when_its_source_was_stopped_is_not_made_durable(desk: Desk) -> None:
    """It was submitted before the stop and its turn came after it."""
    intake = Intake(desk, Limits())
    intake.refresh()
    waiting: list[Future[Receipt]] = [
        intake.submit(sender(source), Parcel(batch=readings((number, 0, 20.0))))
        for source, number in ((SQUARE, 1), (HARBOUR, 4))
    ]
    hold(desk, "source:square")
    intake.start()
    with pytest.raises(Stopped):
        waiting[0].result(5)
    assert waiting[1].result(5).counts == {Rule.ACCEPTED: 1}
    intake.close()
    assert published(desk).datastream.tolist() == [4]


def test_a_look_at_the_stops_is_believed_for_a_tenth_of_a_second(intake: Intake, desk: Desk) -> None:
    """Two hundred batches a second do not read the folder two hundred times."""
    assert send(intake, (1, 0, 20.0)).accepted == 1
    desk.stops.stop(parse_target("source:square"), by="ada", at=NOW)
    assert send(intake, (1, 1, 20.0)).accepted == 1
    clock_of(desk).advance(LOOK_EVERY_S)
    with pytest.raises(Stopped):
        send(intake, (1, 2, 20.0))
