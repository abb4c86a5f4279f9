"""Handing a shift over: given by one, read back item by item by the other, taken when nothing is unread.

While a hand-over is read, the world goes on: what comes up is added unread, what is done meanwhile is marked and need not
be read. Taking looks once more, in the unit in which the shift changes hands; what the giver held goes to the taker then,
so that nothing stays with somebody who has gone home.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import AlertEvent, AlertState
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.hand_over import (
    HAND_OVER_LIFECYCLE,
    HandOver,
    HandOverEvent,
    HandOverState,
    Item,
    ItemKind,
    Shift,
    ShiftNote,
)
from impetus.core.ids import AlertId, HandOverId, IncidentId
from impetus.core.incident import IncidentEvent, IncidentState
from impetus.desk.context import Desk
from impetus.desk.hand_over_items import Found, gather
from impetus.desk.incidents import Move, take_step
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.sign_in import actor_of
from impetus.desk.transition import Act, move, words
from impetus.desk.triage import colleague
from impetus.ethics.guard import Operation
from impetus.ports import Unit

SHIFTS = platform("shifts")
WATCH = "control room"
"""The watch an installation has when nobody names another."""
MOST_EXPECTATIONS, MAX_EXPECTATION, MAX_READ_BACK = 20, 500, 500


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOverView:
    """A hand-over with its items in the order they are read back, and what the reader may do."""

    hand_over: HandOver
    items: tuple[Item, ...]
    may_read: bool
    may_withdraw: bool

    @property
    def unread(self) -> int:
        """Return how many items keep the shift from being taken."""
        return sum(item.is_open for item in self.items)


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchView:
    """Who has a watch, what would be handed over now, the hand-over that is being read, and past ones."""

    watch: str
    shift: Shift | None
    open_now: tuple[Found, ...]
    given: HandOverView | None
    past: tuple[HandOver, ...]


def watch_view(desk: Desk, actor: Actor, watch: str = WATCH) -> WatchView:
    """Return how a watch stands."""
    permit(desk, actor, Operation.SHIFTS_READ)
    with desk.store.read() as unit:
        given = next((one for one in _given(unit) if one.watch == watch), None)
        return WatchView(
            watch=watch,
            shift=unit.shifts.at_watch(watch),
            open_now=gather(desk, unit, desk.clock.now()),
            given=None if given is None else _view(unit, given, actor),
            past=tuple(one for one in unit.shifts.hand_overs() if one.state is not HandOverState.GIVEN),
        )


def hand_over_view(desk: Desk, actor: Actor, hand_over: HandOverId) -> HandOverView:
    """Return one hand-over, past or being read."""
    permit(desk, actor, Operation.SHIFTS_READ, on=f"hand_over:{hand_over}")
    with desk.store.read() as unit:
        return _view(unit, unit.shifts.get(hand_over), actor)


def begin_shift(desk: Desk, actor: Actor, watch: str = WATCH) -> Shift:
    """Take a watch that nobody has; one that somebody has is handed over."""
    permit(desk, actor, Operation.SHIFTS_WRITE)
    name, at = words(watch, "the watch", needed=True, longest=60), desk.clock.now()
    with desk.store.write() as unit:
        begun = unit.shifts.begin(Shift(id=0, watch=name, person=actor.name, account=actor.account, began_at=at))
        note_done(desk, actor, "shift.begin", f"shift:{begun.id}", facts={"watch": name})
        _announce(unit, name, at)
        return begun


def give(desk: Desk, actor: Actor, *, to: str, expectations: Sequence[str] = (), watch: str = WATCH) -> HandOverView:
    """Give one's shift to somebody, with everything open and what one expects; a supervisor may give another's."""
    permit(desk, actor, Operation.SHIFTS_WRITE)
    said, at = _expected(expectations), desk.clock.now()
    with desk.store.write() as unit:
        shift = unit.shifts.at_watch(watch)
        if shift is None:
            raise Conflict(f"nobody has the watch {watch}", value=watch, remedy="begin the shift first")
        if actor.name != shift.person and actor.role is not Role.SUPERVISOR:
            raise _not_yours(actor, shift.person, "hands a shift over")
        if any(one.watch == watch for one in _given(unit)):
            raise Conflict(f"{watch} is being handed over already", value=watch, remedy="let it be read or withdrawn")
        taker = colleague(unit, to, shift.person, Operation.SHIFTS_WRITE)
        hand_over = unit.shifts.give(
            HandOver(
                id=HandOverId(0),
                version=0,
                state=HandOverState.GIVEN,
                shift=shift.id,
                watch=watch,
                giver=shift.person,
                taker=taker,
                at=at,
                changed_at=at,
            )
        )
        for place, text in enumerate(said):
            found = Found(key=f"expectation:{place}", kind=ItemKind.EXPECTATION, title=text)
            unit.shifts.add_item(_item(hand_over, found, at))
        _refresh(desk, unit, hand_over, at)
        note_done(desk, actor, "shift.give", f"hand_over:{hand_over.id}", facts={"watch": watch, "to": taker})
        _announce(unit, watch, at)
        return _view(unit, hand_over, actor)


def read_item(desk: Desk, actor: Actor, item: int, *, read_back: str = "") -> HandOverView:
    """Read one item back, in one's own words or by naming it; only who takes the shift does."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"item:{item}")
    said, at = words(read_back, "what you read back", needed=False, longest=MAX_READ_BACK), desk.clock.now()
    with desk.store.write() as unit:
        found = unit.shifts.item(item)
        hand_over = unit.shifts.get(found.hand_over)
        _only_taker(actor, hand_over)
        HAND_OVER_LIFECYCLE.step(hand_over.state, HandOverEvent.READ)
        if found.read_at is None:
            unit.shifts.change_item(replace(found, read_at=at, read_by=actor.name, read_back=said))
            _reviewed(unit, found, actor, at)
            note_done(desk, actor, "shift.read", f"hand_over:{hand_over.id}", facts={"item": found.key[:200]})
        _refresh(desk, unit, hand_over, at)
        _announce(unit, hand_over.watch, at)
        return _view(unit, hand_over, actor)


def take(desk: Desk, actor: Actor, hand_over_id: HandOverId) -> Shift:
    """Take the shift; refused while a single item is unread, also one that came up this moment."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"hand_over:{hand_over_id}")
    at = desk.clock.now()
    _look_again(desk, actor, hand_over_id, at)
    with desk.store.write() as unit:
        hand_over = unit.shifts.get(hand_over_id)
        _only_taker(actor, hand_over)
        state = HandOverState(HAND_OVER_LIFECYCLE.step(hand_over.state, HandOverEvent.TAKE).state)
        _refresh(desk, unit, hand_over, at)
        unread = [item for item in unit.shifts.items(hand_over_id) if item.is_open]
        if unread:
            raise Conflict(
                f"{len(unread)} items are unread: {unread[0].title}",
                value=len(unread),
                limit="nothing unread",
                remedy="read each back, then take the shift",
            )
        unit.shifts.replace(replace(hand_over, state=state, changed_at=at))
        unit.shifts.end(hand_over.shift, at)
        shift = unit.shifts.begin(
            Shift(id=0, watch=hand_over.watch, person=actor.name, account=actor.account, began_at=at)
        )
        passed = _pass_on(desk, unit, hand_over, actor, at)
        text = f"{hand_over.watch}: {hand_over.giver} → {hand_over.taker}"
        unit.shifts.note(ShiftNote(id=0, at=at, who=SHIFTS.name, text=text))
        note_done(desk, actor, "shift.take", f"hand_over:{hand_over_id}", facts={"passed_on": passed})
        _announce(unit, hand_over.watch, at)
        return shift


def withdraw(desk: Desk, actor: Actor, hand_over_id: HandOverId, *, why: str) -> HandOver:
    """Take a hand-over back, with a reason; the shift goes on as it was."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"hand_over:{hand_over_id}")
    text, at = words(why, "the reason", needed=True), desk.clock.now()
    with desk.store.write() as unit:
        hand_over = unit.shifts.get(hand_over_id)
        if actor.name != hand_over.giver and actor.role is not Role.SUPERVISOR:
            raise _not_yours(actor, hand_over.giver, "withdraws a hand-over")
        state = HandOverState(HAND_OVER_LIFECYCLE.step(hand_over.state, HandOverEvent.WITHDRAW).state)
        withdrawn = unit.shifts.replace(replace(hand_over, state=state, changed_at=at, ended_why=text))
        note_done(desk, actor, "shift.withdraw", f"hand_over:{hand_over_id}", why=text)
        _announce(unit, hand_over.watch, at)
        return withdrawn


def refresh_given(desk: Desk) -> int:
    """Bring every hand-over that is being read up to now, and return how many items that changed; for the platform's clock."""
    permit(desk, SHIFTS, Operation.NOTICES_SEND)
    at = desk.clock.now()
    with desk.store.read() as unit:
        due = [one.id for one in _given(unit) if any(_changes(desk, unit, one, at))]
    changed = 0
    for number in due:
        with desk.store.write() as unit:
            hand_over = unit.shifts.get(number)
            if hand_over.state is HandOverState.GIVEN:
                changed += _refresh(desk, unit, hand_over, at)
                _announce(unit, hand_over.watch, at)
                note_done(desk, SHIFTS, "shift.refresh", f"hand_over:{number}")
    return changed


def _look_again(desk: Desk, actor: Actor, hand_over_id: HandOverId, at: datetime) -> None:
    """Store what came up meanwhile in a unit of its own, so that a refusal to take does not take it back."""
    with desk.store.write() as unit:
        hand_over = unit.shifts.get(hand_over_id)
        _only_taker(actor, hand_over)
        if hand_over.state is HandOverState.GIVEN and _refresh(desk, unit, hand_over, at):
            _announce(unit, hand_over.watch, at)


def _changes(desk: Desk, unit: Unit, hand_over: HandOver, at: datetime) -> tuple[list[Found], list[Item], list[Item]]:
    """Return what came up, what is done meanwhile, and what is back."""
    now = {one.key: one for one in gather(desk, unit, at)}
    known = {item.key: item for item in unit.shifts.items(hand_over.id)}
    came = [one for key, one in now.items() if key not in known]
    lasting = [item for item in known.values() if item.kind is not ItemKind.EXPECTATION]
    gone = [item for item in lasting if item.gone_at is None and item.key not in now]
    back = [item for item in lasting if item.gone_at is not None and item.key in now]
    return came, gone, back


def _refresh(desk: Desk, unit: Unit, hand_over: HandOver, at: datetime) -> int:
    """Add what came up, mark what is gone, ask again for what is back; return how many items changed."""
    came, gone, back = _changes(desk, unit, hand_over, at)
    for found in came:
        unit.shifts.add_item(_item(hand_over, found, at))
    for item in gone:
        unit.shifts.change_item(replace(item, gone_at=at))
    for item in back:
        unit.shifts.change_item(replace(item, gone_at=None, read_at=None, read_by="", read_back=""))
    return len(came) + len(gone) + len(back)


def _pass_on(desk: Desk, unit: Unit, hand_over: HandOver, taker: Actor, at: datetime) -> int:
    """Give the taker what the giver held, by the tables of alerts and incidents: offered by one, accepted by the other."""
    account, passed = unit.accounts.by_name(hand_over.giver), 0
    if account is None:
        return 0
    giver = actor_of(account)
    for item in unit.shifts.items(hand_over.id):
        kind, _, rest = item.key.partition(":")
        number = rest.partition(":")[0]
        if item.gone_at is not None or kind not in {"alert", "incident"} or not number.isdecimal():
            continue
        try:
            given = _pass_alert if kind == "alert" else _pass_incident
            passed += given(desk, unit, int(number), giver, taker, at)
        except Unknown:
            continue
    return passed


def _pass_alert(desk: Desk, unit: Unit, number: int, giver: Actor, taker: Actor, at: datetime) -> bool:
    alert = unit.alerts.get(AlertId(number))
    if alert.owner != giver.name or alert.state is not AlertState.HELD:
        return False
    why = "with the shift"
    offered = move(desk, unit, replace(alert, offered_to=taker.name), _act(giver, AlertEvent.OFFER, at, why))
    move(desk, unit, offered, _act(taker, AlertEvent.ACCEPT, at, why))
    return True


def _act(actor: Actor, event: AlertEvent, at: datetime, why: str) -> Act:
    return Act(actor=actor, event=event, at=at, why=why)


def _pass_incident(desk: Desk, unit: Unit, number: int, giver: Actor, taker: Actor, at: datetime) -> bool:
    incident = unit.incidents.get(IncidentId(number))
    if incident.owner != giver.name or incident.state is not IncidentState.OPEN:
        return False
    offer = Move(actor=giver, event=IncidentEvent.OFFER, at=at, text="with the shift")
    offered = take_step(desk, unit, replace(incident, offered_to=taker.name), offer)
    take_step(desk, unit, offered, Move(actor=taker, event=IncidentEvent.ACCEPT, at=at, text="with the shift"))
    return True


def _reviewed(unit: Unit, item: Item, actor: Actor, at: datetime) -> None:
    """Remember that an exception that ran out was read about; the list of exceptions asks for no more."""
    if item.kind is not ItemKind.WORK or not item.key.endswith(":1"):
        return
    rule = unit.attention.rule(int(item.key.split(":")[1]))
    if rule.reviewed_at is None:
        unit.attention.replace_rule(replace(rule, reviewed_at=at, reviewed_by=actor.name))


def _item(hand_over: HandOver, found: Found, at: datetime) -> Item:
    return Item(
        id=0,
        hand_over=hand_over.id,
        key=found.key,
        kind=found.kind,
        title=found.title,
        detail=found.detail,
        link=found.link,
        added_at=at,
    )


def _view(unit: Unit, hand_over: HandOver, actor: Actor) -> HandOverView:
    """Return a hand-over as somebody sees it, items by kind and then as they came."""
    kinds = list(ItemKind)
    items = sorted(unit.shifts.items(hand_over.id), key=lambda item: (kinds.index(item.kind), item.id))
    is_given = hand_over.state is HandOverState.GIVEN
    return HandOverView(
        hand_over=hand_over,
        items=tuple(items),
        may_read=is_given and actor.name == hand_over.taker,
        may_withdraw=is_given and (actor.name == hand_over.giver or actor.role is Role.SUPERVISOR),
    )


def _given(unit: Unit) -> Sequence[HandOver]:
    return unit.shifts.hand_overs(states=(HandOverState.GIVEN,))


def _expected(expectations: Sequence[str]) -> tuple[str, ...]:
    """Return the lines that say something; refuses too many and too long ones."""
    said = tuple(words(line, "an expectation", needed=False, longest=MAX_EXPECTATION) for line in expectations)
    kept = tuple(line for line in said if line)
    if len(kept) > MOST_EXPECTATIONS:
        raise Malformed(
            f"{len(kept)} expectations", value=len(kept), limit=MOST_EXPECTATIONS, remedy="say what matters most"
        )
    return kept


def _only_taker(actor: Actor, hand_over: HandOver) -> None:
    if actor.name != hand_over.taker:
        raise _not_yours(actor, hand_over.taker, "reads a hand-over back")


def _not_yours(actor: Actor, whose: str, what: str) -> Refused:
    return Refused(
        f"{actor.name} is not the one who {what} here",
        rule=f"only one person {what}",
        value=actor.name,
        limit=whose,
        source="processes: item-by-item read-back by the incoming person",
        remedy=f"let {whose} do it, or withdraw it and give it anew",
    )


def _announce(unit: Unit, watch: str, at: datetime) -> None:
    unit.outbox.add(at, "shift", watch, {})
