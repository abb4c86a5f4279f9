"""Calls and shifts at their bounds, and what the sweep erases of them: one contract for every store."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from contracts.samples import T0
from contracts.test_store_calls import PLAN, RECORD, asked, way
from impetus.adapters.sql.calls_schema import NOTICES
from impetus.adapters.sql.notices import MOST_NOTICES, NOTICE
from impetus.adapters.sql.shifts import MOST_ITEMS
from impetus.adapters.sql.store import SqlStore
from impetus.core.call import PlanKind, StandIn
from impetus.core.errors import Conflict
from impetus.core.hand_over import HandOver, HandOverState, Item, ItemKind, Shift, ShiftNote
from impetus.core.ids import AccountId, HandOverId, NoticeId
from impetus.core.notice import DeliveryState

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def test_versions_that_no_longer_count_go_and_the_newest_stays_however_old(store: SqlStore) -> None:
    """Version 1 is erased when version 2 is older than the horizon; an ended plan goes whole."""
    with store.write() as unit:
        for number in range(3):
            unit.calls.save_plan(replace(PLAN, version=number + 1, at=T0 + number * DAY))
        unit.calls.save_plan(replace(PLAN, name="gone", at=T0))
        unit.calls.save_plan(replace(PLAN, name="gone", version=2, at=T0, retired=True))
        assert unit.calls.erase_before(T0) == 0
        assert unit.calls.erase_before(T0 + DAY + SECOND) == 3
        assert [plan.version for plan in unit.calls.plans(PlanKind.ROTATION)] == [3]
        assert unit.calls.plan(PlanKind.ROTATION, "gone") is None
        assert unit.calls.erase_before(T0 + 100 * DAY) == 1
        assert [plan.version for plan in unit.calls.plans(PlanKind.ROTATION)] == [3]


@pytest.mark.parametrize(("after", "gone"), [(0, 0), (1, 1)])
def test_a_stand_in_goes_when_it_ended_before_the_time_and_not_at_it(store: SqlStore, after: int, gone: int) -> None:
    """To the second."""
    one = StandIn(id=0, rotation="duty", person="Dee", begins=T0, ends=T0 + DAY, why="w", by="sol", at=T0)
    with store.write() as unit:
        unit.calls.add_stand_in(one)
        assert unit.calls.erase_before(T0 + DAY + after * SECOND) == gone


def test_an_erasure_takes_so_many_at_a_time_and_no_more(store: SqlStore) -> None:
    """The sweep comes again for the rest."""
    with store.write() as unit:
        for number in range(5):
            unit.notices.add(replace(RECORD, key=str(number), ended_at=T0))
            unit.shifts.note(ShiftNote(id=0, at=T0, who="ada", text=str(number)))
        assert [unit.notices.erase_before(T0 + DAY, limit=2) for _ in range(4)] == [2, 2, 1, 0]
        assert [unit.shifts.erase_before(T0 + DAY, limit=2) for _ in range(4)] == [2, 2, 1, 0]


def test_beyond_ten_thousand_the_oldest_that_ended_go_counted_and_open_ones_never(store: SqlStore) -> None:
    """As if so many had been: the numbers stand at the bound."""
    with store.write() as unit:
        for key, ended in (("open", None), ("ended", T0)):
            unit.notices.add(replace(RECORD, key=key, ended_at=ended))
        row = NOTICE.to_row(replace(RECORD, ended_at=T0))
        rows = [{**row, "id": number, "key": f"k{number}"} for number in range(3, MOST_NOTICES + 48)]
        unit.notices._connection.execute(sa.insert(NOTICES), rows)
        unit.notices.add(replace(RECORD, key="the one that trims", ended_at=T0))
        kept = [notice.key for notice in unit.notices.find(limit=MOST_NOTICES + 100)]
    assert len(kept) == MOST_NOTICES + 1
    assert kept[-1] == "open"
    assert "ended" not in kept
    assert store.dropped()["notices"] == 47


def test_what_is_due_is_bounded_and_takes_the_time_itself(store: SqlStore) -> None:
    """Due at the moment, not a second before it."""
    with store.write() as unit:
        for number in range(4):
            stored = unit.notices.add(replace(RECORD, key=str(number)))
            unit.notices.queue(way(stored.id, next_at=T0 + number * SECOND))
        assert len(unit.notices.due(T0 + 2 * SECOND, channel="mail")) == 3
        assert [one.notice for one in unit.notices.due(T0 + DAY, channel="mail", limit=2)] == [1, 2]
        assert unit.notices.due(T0 - SECOND, channel="mail") == ()
        assert unit.notices.due(T0 + DAY, channel="chat") == ()


def test_what_somebody_is_asked_is_open_theirs_and_not_acknowledged(store: SqlStore) -> None:
    """Newest first, as many as a page shows."""
    with store.write() as unit:
        for number in range(4):
            stored = unit.notices.add(replace(RECORD, key=str(number), ended_at=T0 if number == 1 else None))
            unit.notices.ask(replace(asked(stored.id), acked_at=T0 if number == 2 else None))
        unit.notices.ask(replace(asked(NoticeId(4), "ben"), account=AccountId(2)))
        assert [one.notice for one in unit.notices.asked_of(AccountId(1))] == [4, 1]
        assert [one.notice for one in unit.notices.asked_of(AccountId(1), limit=1)] == [4]
        assert [one.person for one in unit.notices.asked_of(AccountId(2))] == ["ben"]


def test_a_delivery_that_was_changed_keeps_its_place_and_everything_it_says(store: SqlStore) -> None:
    """Read back as it was written."""
    with store.write() as unit:
        stored = unit.notices.add(RECORD)
        queued = unit.notices.queue(way(stored.id))
        assert queued is not None
        sent = replace(queued, state=DeliveryState.SENT, attempts=3, next_at=None, why="æ", receipt="250 OK")
        unit.notices.change(sent)
        assert unit.notices.deliveries([stored.id]) == (sent,)


def test_the_items_of_a_hand_over_are_bounded_where_they_are_read(store: SqlStore) -> None:
    """A thousand; nobody reads back more."""
    with store.write() as unit:
        shift = unit.shifts.begin(Shift(id=0, watch="room", person="ada", account=None, began_at=T0))
        given = unit.shifts.give(
            HandOver(
                id=HandOverId(0), version=0, state=HandOverState.GIVEN, shift=shift.id, watch="room", giver="ada",
                taker="ben", at=T0, changed_at=T0,
            )
        )  # fmt: skip
        item = Item(id=0, hand_over=given.id, key="", kind=ItemKind.ALERT, title="t", added_at=T0)
        for number in range(3):
            unit.shifts.add_item(replace(item, key=str(number)))
        assert [one.key for one in unit.shifts.items(given.id)] == ["0", "1", "2"]
        assert MOST_ITEMS == 1000
        read = replace(unit.shifts.item(2), read_at=T0, read_by="ben", read_back="E1")
        unit.shifts.change_item(read)
        assert unit.shifts.item(2) == read


def test_another_watch_has_a_shift_of_its_own(store: SqlStore) -> None:
    """And each is found under its name, newest first in the list of both."""
    with store.write() as unit:
        for watch in ("room", "field"):
            unit.shifts.begin(Shift(id=0, watch=watch, person="ada", account=None, began_at=T0))
        with pytest.raises(Conflict, match="ada has the watch field"):
            unit.shifts.begin(Shift(id=0, watch="field", person="ben", account=None, began_at=T0))
        assert [shift.watch for shift in unit.shifts.recent()] == ["field", "room"]
        assert unit.shifts.at_watch("cellar") is None
