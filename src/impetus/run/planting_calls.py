"""Planting marks in what people were told and handed over: notices, plans, shifts and their log."""

from impetus.core.call import Plan, PlanKind, StandIn
from impetus.core.finding import Urgency
from impetus.core.hand_over import HandOver, HandOverState, Item, ItemKind, Shift, ShiftNote
from impetus.core.ids import AccountId, HandOverId, NoticeId
from impetus.core.notice import Delivery, DeliveryState, NoticeRecord, Recipient
from impetus.run.planting_ground import Field


def plant_notice(ground: Field, *, held: bool) -> None:
    """Plant marks in a notice that ended, who was asked, how it was delivered, a plan that was retired and a stand-in."""
    del held
    at, text = ground.at, ground.text(held=False)
    record = NoticeRecord(
        id=NoticeId(0),
        version=0,
        key=text(),
        to=(text(),),
        title=text(),
        text=text(),
        incident=None,
        alert=None,
        place=text(),
        urgency=Urgency.IMMEDIATE,
        asked_by=text(),
        at=at,
        ends=at,
        plan=text(),
        ended_at=at,
        ended_why=text(),
    )
    plan = Plan(id=0, kind=PlanKind.ROTATION, name=text(), version=1, body=text(), by=text(), at=at, retired=True)
    stand_in = StandIn(
        id=0, rotation=text(), person=text(), begins=at, ends=at, why=text(), by=text(), at=at, cancelled_by=text()
    )
    with ground.desk.store.write() as unit:
        notice = unit.notices.add(record).id
        person = text()
        unit.notices.ask(
            Recipient(
                notice=notice,
                person=person,
                account=AccountId(1),
                step=0,
                asked_at=at,
                token_hash=text(),
                token_sealed=text().encode(),
                token_until=at,
            )
        )
        unit.notices.queue(
            Delivery(
                id=0,
                notice=notice,
                person=person,
                channel="mail",
                state=DeliveryState.FAILED,
                changed_at=at,
                why=text(),
                receipt=text(),
            )
        )
        unit.calls.save_plan(plan)
        unit.calls.add_stand_in(stand_in)


def plant_shift(ground: Field, *, held: bool) -> None:
    """Plant marks in a shift that ended, its hand-over with an item, and a line of the shift log."""
    del held
    at, text = ground.at, ground.text(held=False)
    with ground.desk.store.write() as unit:
        shift = unit.shifts.begin(Shift(id=0, watch=text(), person=text(), account=None, began_at=at, ended_at=at))
        given = unit.shifts.give(
            HandOver(
                id=HandOverId(0),
                version=0,
                state=HandOverState.TAKEN,
                shift=shift.id,
                watch=text(),
                giver=text(),
                taker=text(),
                at=at,
                changed_at=at,
                ended_why=text(),
            )
        )
        unit.shifts.add_item(
            Item(
                id=0,
                hand_over=given.id,
                key=text(),
                kind=ItemKind.NOTE,
                title=text(),
                detail=text(),
                link=text(),
                added_at=at,
                read_by=text(),
                read_back=text(),
            )
        )
        unit.shifts.note(
            ShiftNote(id=0, at=at, who=text(), text=text(), pinned_by=text(), struck_by=text(), struck_why=text())
        )
