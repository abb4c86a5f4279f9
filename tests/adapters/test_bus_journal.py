"""The journal over the real bus: durable before the act goes on, in order, and "not now" rather than a line less."""

from pathlib import Path

import pytest

from ethics.log_samples import AT, a_record
from full_disk import full_disk
from impetus.adapters.bus_journal import KEEPER, LOG, BusJournal
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.record_codec import decode_record
from impetus.core.errors import Malformed, NotNow
from impetus.core.ids import Offset
from impetus.desk import context, keep_log
from impetus.testing.clock import SettableClock

LIMIT_BYTES = 64 * 1024


def open_bus(folder: Path) -> LocalBus:
    """Open a small bus, as another process would."""
    return LocalBus(folder, clock=SettableClock(AT), limit_bytes=LIMIT_BYTES)


def test_records_are_on_the_disk_in_their_order(tmp_path: Path) -> None:
    """Another process that opens the bus reads them as they were."""
    records = [a_record(number, facts={"n": number}) for number in range(5)]
    BusJournal(open_bus(tmp_path)).write(records)
    assert [decode_record(message.body) for message in open_bus(tmp_path).read(LOG, Offset(0))] == records


def test_nothing_to_say_is_not_written(tmp_path: Path) -> None:
    """An empty list makes no message and no holder."""
    bus = open_bus(tmp_path)
    BusJournal(bus).write([])
    assert bus.status(LOG).last == 0
    assert bus.held(LOG, KEEPER) is None


def test_a_keeper_that_never_came_is_waited_for(tmp_path: Path) -> None:
    """The bus fills, says not now with what to do about it, and has dropped nothing."""
    bus = open_bus(tmp_path)
    journal = BusJournal(bus)

    def write_on() -> None:
        for number in range(1000):
            journal.write([a_record(number)])

    with pytest.raises(NotNow, match="topic log is full and still needed by log") as caught:
        write_on()
    assert "see why log stands still" in caught.value.remedy
    status = bus.status(LOG)
    assert status.first == 1
    assert decode_record(bus.read(LOG, Offset(0))[0].body) == a_record(0)
    bus.hold(LOG, KEEPER, status.last)
    journal.write([a_record(7)])


def test_where_the_keeper_stands_is_not_changed_by_those_who_write(tmp_path: Path) -> None:
    """A journal holds the topic only until the keeper does."""
    bus = open_bus(tmp_path)
    bus.hold(LOG, KEEPER, Offset(3))
    BusJournal(bus).write([a_record(0)])
    assert bus.held(LOG, KEEPER) == 3


def test_a_full_disk_is_not_now(tmp_path: Path) -> None:
    """What cannot be logged does not happen."""
    journal = BusJournal(open_bus(tmp_path))
    journal.write([a_record(0)])
    with full_disk(), pytest.raises(NotNow):
        journal.write([a_record(1)])
    journal.write([a_record(2)])
    held = open_bus(tmp_path).read(LOG, Offset(0))
    assert [decode_record(message.body).subject for message in held] == ["camera:0", "camera:2"]


def test_all_or_none_of_a_call_is_written(tmp_path: Path) -> None:
    """One record that cannot be written takes its company with it."""
    bus = open_bus(tmp_path)
    with pytest.raises(Malformed):
        BusJournal(bus).write([a_record(0), a_record(1, why="\udfff")])
    assert bus.status(LOG).last == 0


def test_everybody_speaks_of_the_same_topic_and_keeper() -> None:
    """The adapter knows no desk, so a test holds their words together."""
    assert (LOG, KEEPER) == (context.LOG, keep_log.KEEPER)
