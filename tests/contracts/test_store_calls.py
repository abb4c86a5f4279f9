"""Plans, contacts, notices, shifts and their log: one contract for every store."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from contracts.samples import T0
from impetus.adapters.sql.store import SqlStore
from impetus.core.account import Account
from impetus.core.actor import Role
from impetus.core.call import Contact, Plan, PlanKind, StandIn
from impetus.core.errors import Conflict, Unknown
from impetus.core.finding import Urgency
from impetus.core.hand_over import HandOver, HandOverState, Item, ItemKind, Shift, ShiftNote
from impetus.core.ids import AccountId, HandOverId, IncidentId, NoticeId
from impetus.core.notice import ChannelHealth, Delivery, DeliveryState, NoticeRecord, Recipient

DAY = timedelta(days=1)
PLAN = Plan(id=0, kind=PlanKind.ROTATION, name="duty", version=1, body="{}", by="sol", at=T0)
RECORD = NoticeRecord(
    id=NoticeId(0), version=0, key="k", to=("ada", "rotation:duty"), title="Crowd: æøå", text="t", incident=None, alert=None,
    place="p", urgency=Urgency.IMMEDIATE, asked_by="ada", at=T0, ends=T0 + DAY,
)  # fmt: skip


def asked(notice: NoticeId, person: str = "ada") -> Recipient:
    """Return somebody who is asked."""
    return Recipient(
        notice=notice, person=person, account=AccountId(1), step=0, asked_at=T0, token_hash=f"{notice}{person}",
        token_sealed=b"\x00\xff", token_until=T0 + DAY,
    )  # fmt: skip


def way(notice: NoticeId, channel: str = "mail", *, next_at: datetime | None = T0) -> Delivery:
    """Return a delivery that is due."""
    return Delivery(
        id=0, notice=notice, person="ada", channel=channel, state=DeliveryState.QUEUED, changed_at=T0, next_at=next_at
    )


def test_the_newest_version_of_a_plan_counts_and_a_version_is_saved_once(store: SqlStore) -> None:
    """Two who save at the same time: one is told."""
    with store.write() as unit:
        unit.calls.save_plan(PLAN)
        unit.calls.save_plan(replace(PLAN, version=2, body='{"a":1}'))
        with pytest.raises(Conflict):
            unit.calls.save_plan(replace(PLAN, version=2))
        unit.calls.save_plan(replace(PLAN, name="gone"))
        unit.calls.save_plan(replace(PLAN, name="gone", version=2, retired=True))
    with store.read() as unit:
        assert [(plan.name, plan.version) for plan in unit.calls.plans(PlanKind.ROTATION)] == [("duty", 2)]
        assert unit.calls.plans(PlanKind.ESCALATION) == ()
        gone = unit.calls.plan(PlanKind.ROTATION, "gone")
        assert gone is not None
        assert gone.retired


def test_stand_ins_that_ended_or_were_cancelled_are_not_listed(store: SqlStore) -> None:
    """The others come in the order written, because the later one counts."""
    one = StandIn(id=0, rotation="duty", person="Dee", begins=T0, ends=T0 + DAY, why="w", by="sol", at=T0)
    with store.write() as unit:
        first, second = unit.calls.add_stand_in(one), unit.calls.add_stand_in(replace(one, person="Eli"))
        third = unit.calls.add_stand_in(replace(one, person="Fay"))
        unit.calls.cancel_stand_in(replace(second, cancelled_at=T0, cancelled_by="sol"))
    with store.read() as unit:
        assert [stored.id for stored in unit.calls.stand_ins(since=T0)] == [first.id, third.id]
        assert unit.calls.stand_ins(since=T0 + DAY) == ()


def test_contacts_come_in_their_order_and_go_with_their_account(store: SqlStore) -> None:
    """One address a channel; what belongs to somebody who may not sign in is erased at once."""
    with store.write() as unit:
        account = unit.accounts.add(
            Account(id=AccountId(0), name="ada", role=Role.OPERATOR, password_hash="h", created_at=T0)
        )
        for channel, place in (("mail", 1), ("chat", 0), ("mail", 2)):
            unit.calls.put_contact(
                Contact(account=account.id, channel=channel, place=place, sealed=b"\x01", added_at=T0)
            )
    with store.read() as unit:
        assert [(one.channel, one.place) for one in unit.calls.contacts(account.id)] == [("chat", 0), ("mail", 2)]
    with store.write() as unit:
        assert unit.calls.erase_before(T0) == 0
        unit.accounts.replace(replace(unit.accounts.get(account.id), disabled_at=T0))
        assert unit.calls.erase_before(T0) == 2
        assert unit.calls.remove_contact(account.id, "mail") is False


def test_a_key_a_person_and_a_channel_each_count_once(store: SqlStore) -> None:
    """The same again changes nothing and says so."""
    with store.write() as unit:
        first = unit.notices.add(RECORD)
        assert unit.notices.add(replace(RECORD, title="other")) == first
        assert unit.notices.is_known("k")
        assert unit.notices.ask(asked(first.id))
        assert not unit.notices.ask(asked(first.id))
        assert unit.notices.queue(way(first.id)) is not None
        assert unit.notices.queue(way(first.id)) is None
    with store.read() as unit:
        assert unit.notices.get(first.id) == first
        assert unit.notices.by_token(f"{first.id}ada") == asked(first.id)
        assert unit.notices.by_token("x") is None


def test_what_is_due_comes_by_channel_and_the_longest_due_first(store: SqlStore) -> None:
    """What was sent, waits for later or belongs to another channel does not."""
    with store.write() as unit:
        numbers = [unit.notices.add(replace(RECORD, key=str(place))).id for place in range(4)]
        late = unit.notices.queue(way(numbers[0], next_at=T0 + DAY))
        soon = unit.notices.queue(way(numbers[1], next_at=T0))
        sooner = unit.notices.queue(way(numbers[2], next_at=T0 - DAY))
        unit.notices.queue(way(numbers[3], channel="chat"))
        assert late is not None
        assert soon is not None
        assert sooner is not None
        assert [one.id for one in unit.notices.due(T0, channel="mail")] == [sooner.id, soon.id]
        unit.notices.change(replace(soon, state=DeliveryState.SENT, next_at=None))
        assert [one.id for one in unit.notices.due(T0, channel="mail")] == [sooner.id]


def test_a_notice_changed_by_somebody_else_is_not_overwritten(store: SqlStore) -> None:
    """And one that is not here is unknown."""
    with store.write() as unit:
        stored = unit.notices.add(RECORD)
        unit.notices.replace(replace(stored, step=1))
        with pytest.raises(Conflict):
            unit.notices.replace(replace(stored, step=2))
        with pytest.raises(Unknown):
            unit.notices.get(NoticeId(99))


def test_ended_notices_are_erased_with_everything_under_them_but_those_of_a_held_case(store: SqlStore) -> None:
    """Open ones stay, however old."""
    with store.write() as unit:
        for key, incident, ended in (("open", None, None), ("old", None, T0), ("held", IncidentId(7), T0)):
            stored = unit.notices.add(replace(RECORD, key=key, incident=incident, ended_at=ended))
            unit.notices.ask(asked(stored.id))
            unit.notices.queue(way(stored.id))
        assert unit.notices.erase_before(T0 + DAY, spared=[IncidentId(7)]) == 1
        kept = [notice.key for notice in unit.notices.find()]
        assert kept == ["held", "open"]
        assert len(unit.notices.recipients([NoticeId(1), NoticeId(2), NoticeId(3)])) == 2
        assert len(unit.notices.deliveries([NoticeId(1), NoticeId(2), NoticeId(3)])) == 2


def test_a_channels_health_is_one_row(store: SqlStore) -> None:
    """The newest counts."""
    health = ChannelHealth(channel="mail", kind="smtp", checked_at=T0)
    with store.write() as unit:
        unit.notices.put_health(health)
        unit.notices.put_health(replace(health, failures=3, dead_since=T0, why="gone"))
    with store.read() as unit:
        assert unit.notices.healths() == (replace(health, failures=3, dead_since=T0, why="gone"),)


def test_a_watch_has_one_lasting_shift_and_its_hand_overs_go_with_it(store: SqlStore) -> None:
    """An item stands once a hand-over; a log line keeps its words whatever is changed."""
    with store.write() as unit:
        shift = unit.shifts.begin(Shift(id=0, watch="room", person="ada", account=None, began_at=T0))
        with pytest.raises(Conflict):
            unit.shifts.begin(replace(shift, person="ben"))
        given = unit.shifts.give(
            HandOver(
                id=HandOverId(0), version=0, state=HandOverState.GIVEN, shift=shift.id, watch="room", giver="ada",
                taker="ben", at=T0, changed_at=T0,
            )
        )  # fmt: skip
        item = Item(id=0, hand_over=given.id, key="a", kind=ItemKind.ALERT, title="t", added_at=T0)
        assert unit.shifts.add_item(item) is not None
        assert unit.shifts.add_item(item) is None
        note = unit.shifts.note(ShiftNote(id=0, at=T0, who="ada", text="Æ lamp"))
        unit.shifts.change_note(replace(note, text="changed", pinned_at=T0, pinned_by="ada"))
        assert [one.text for one in unit.shifts.notes(words=["æ"], pinned=True)] == ["Æ lamp"]
        with pytest.raises(Conflict):
            unit.shifts.replace(replace(given, version=5))
        unit.shifts.end(shift.id, T0)
        assert unit.shifts.at_watch("room") is None
        assert unit.shifts.erase_before(T0 + DAY) == 2
        assert unit.shifts.hand_overs() == ()
        for lost in (lambda: unit.shifts.get(given.id), lambda: unit.shifts.item(1), lambda: unit.shifts.note_of(1)):
            with pytest.raises(Unknown):
                lost()
