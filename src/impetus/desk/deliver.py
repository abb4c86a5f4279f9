"""Bringing notices to people's devices: planned in one unit, tried outside, written down in another.

A try is written down before it is made, with the time of the next: whoever dies between the try and its outcome leaves a
delivery that is tried again, with the same message id. So a message goes out at least once, and the other side tells a
repetition by its id; nobody is asked twice for one notice by one channel otherwise.
"""

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.call import Contact
from impetus.core.errors import ImpetusError, Misconfigured, NotNow, TheirFault
from impetus.core.notice import (
    DELIVERY_LIFECYCLE,
    ChannelHealth,
    Delivery,
    DeliveryEvent,
    DeliveryState,
    NoticeRecord,
    Outgoing,
    Recipient,
)
from impetus.desk.channel_health import after_sending, health_of
from impetus.desk.contacts import address_of
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import mask_words
from impetus.desk.noted import note_done, tally_done
from impetus.desk.notices import NOTICES, announce_notice, number_of, tell_timeline, token_name
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.ports.notices import Channel, Sent
from impetus.processes.notifying import MAX_ATTEMPTS, backoff_s

log = logging.getLogger(__name__)
Outcome = Sent | ImpetusError


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """One try that was written down and is to be made now."""

    delivery: Delivery
    message: Outgoing
    address: str


def send_due(desk: Desk, channel: str) -> int:
    """Try what is due by one channel and return how many tries were made; to be called by that channel's one worker."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    way = desk.channels.channels().get(channel)
    with desk.store.read() as unit:
        due = unit.notices.due(desk.clock.now(), channel=channel)
    if way is None:
        return 0
    return sum(_tried(desk, way, delivery) for delivery in due)


def _tried(desk: Desk, way: Channel, delivery: Delivery) -> bool:
    """Make one try, between its two units."""
    attempt = _begun(desk, way, delivery)
    if attempt is None:
        return False
    outcome = _sent(way, attempt)
    with desk.store.write() as unit:
        _written_down(desk, unit, way, attempt.delivery, outcome)
    return True


def _begun(desk: Desk, way: Channel, delivery: Delivery) -> Try | None:
    """Write down that a try is made, and what; None when nobody needs it any more."""
    at = desk.clock.now()
    with desk.store.write() as unit:
        notice = unit.notices.get(delivery.notice)
        recipient = next((one for one in unit.notices.recipients([notice.id]) if one.person == delivery.person), None)
        now = next((one for one in unit.notices.deliveries([notice.id]) if one.id == delivery.id), None)
        if recipient is None or now is None or now.state is not DeliveryState.QUEUED or notice.ended_at is not None:
            return None
        contact = _contact(unit, recipient, delivery.channel)
        why = _in_the_way(way, notice, contact, now)
        if why or contact is None:
            _fail(desk, unit, notice, now, why, at)
            return None
        again = at + timedelta(seconds=backoff_s(now.attempts + 1))
        begun = replace(now, attempts=now.attempts + 1, next_at=again, changed_at=at)
        unit.notices.change(begun)
        tally_done(desk, NOTICES, "notice.try")
    try:
        address, message = address_of(desk, contact), _message(desk, notice, recipient, begun)
    except ImpetusError as error:
        log.warning("notice %d to one person cannot be composed: %s", notice.id, type(error).__name__)
        return None
    return Try(delivery=begun, message=message, address=address)


def _contact(unit: Unit, recipient: Recipient, channel: str) -> Contact | None:
    """Return where a person is reached by a channel; nobody writes to somebody whose account was disabled."""
    if unit.accounts.get(recipient.account).disabled_at is not None:
        return None
    return next((one for one in unit.calls.contacts(recipient.account) if one.channel == channel), None)


def _in_the_way(way: Channel, notice: NoticeRecord, contact: Contact | None, delivery: Delivery) -> str:
    """Say why a delivery cannot be tried (any more), empty for nothing; tries that came to no end count as well."""
    if delivery.attempts >= MAX_ATTEMPTS:
        return delivery.why or f"{delivery.attempts} tries came to no end"
    if notice.simulated and not way.takes_exercises:
        return "it comes from simulated input, and the channel takes no exercises"
    return "the person has no address here any more" if contact is None else ""


def _message(desk: Desk, notice: NoticeRecord, recipient: Recipient, delivery: Delivery) -> Outgoing:
    """Return what goes out: number, masked title, place and links."""
    sealed = recipient.token_sealed
    token = desk.keys.open(sealed, about=token_name(notice.id, recipient.person)).decode() if sealed else ""
    base = desk.channels.address()
    page = f"/incidents/{notice.incident}" if notice.incident is not None else ""
    page = page or (f"/alerts/{notice.alert}" if notice.alert is not None else "/on-call")
    return Outgoing(
        id=message_id(desk.tenant, delivery),
        number=number_of(notice),
        title=mask_words(desk, notice.title),
        place=notice.place,
        link=f"{base}{page}",
        answer_link=f"{base}/answer/{token}" if token else f"{base}/on-call",
        at=notice.at,
        answer_until=recipient.token_until,
        urgency=notice.urgency,
        simulated=notice.simulated,
    )


def message_id(tenant: str, delivery: Delivery) -> str:
    """Return the id of a message: the same for every try of one delivery, and of no other."""
    return f"{tenant}-notice-{delivery.notice}-{delivery.id}"


def _sent(way: Channel, attempt: Try) -> Outcome:
    """Send, and return what came of it; only an error that is none of ours passes through, and its try is repeated."""
    try:
        return way.send(attempt.message, attempt.address)
    except ImpetusError as error:
        return error


def _written_down(desk: Desk, unit: Unit, way: Channel, delivery: Delivery, outcome: Outcome) -> None:
    """Store the outcome of a try, and how its channel fares now."""
    at = desk.clock.now()
    notice = unit.notices.get(delivery.notice)
    now = next((one for one in unit.notices.deliveries([notice.id]) if one.id == delivery.id), None)
    _note_health(unit, way, delivery.channel, outcome, at)
    if now is None or now.state is not DeliveryState.QUEUED:
        return
    if isinstance(outcome, Sent):
        event = DeliveryEvent.CONFIRM if outcome.is_delivered else DeliveryEvent.SEND
        state = DeliveryState(DELIVERY_LIFECYCLE.step(now.state, event).state)
        went = replace(now, state=state, changed_at=at, next_at=None, why="", receipt=outcome.receipt[:200])
        unit.notices.change(went)
        text = f"{notice.title}: {state.value} to {now.person} by {now.channel}"
        tell_timeline(unit, notice, f"notice.{event.value}", text, at)
        note_done(desk, NOTICES, f"notice.{event.value}", f"notice:{notice.id}", facts={"channel": now.channel})
        announce_notice(unit, notice, at)
    elif is_final(outcome) or now.attempts >= MAX_ATTEMPTS:
        _fail(desk, unit, notice, now, outcome.detail, at)
    else:
        DELIVERY_LIFECYCLE.step(now.state, DeliveryEvent.RETRY)
        unit.notices.change(replace(now, why=outcome.detail[:200], changed_at=at))
        tally_done(desk, NOTICES, "notice.retry")
        announce_notice(unit, notice, at)


def is_final(error: ImpetusError) -> bool:
    """Say whether trying again is in vain: the address or the message was refused, not the moment or the channel."""
    return isinstance(error, TheirFault) and not isinstance(error, NotNow | Misconfigured)


def _note_health(unit: Unit, way: Channel, channel: str, outcome: Outcome, at: datetime) -> None:
    """Store how a channel fares after a try; an address that was refused says nothing against the channel."""
    known = health_of(unit, channel) or ChannelHealth(channel=channel, kind=way.kind, checked_at=at)
    error = None if isinstance(outcome, Sent) or is_final(outcome) else outcome
    unit.notices.put_health(after_sending(replace(known, kind=way.kind), error, at))


def _fail(desk: Desk, unit: Unit, notice: NoticeRecord, delivery: Delivery, why: str, at: datetime) -> None:
    """Give a delivery up, and say so where people look."""
    step = DELIVERY_LIFECYCLE.step(delivery.state, DeliveryEvent.FAIL)
    lost = replace(delivery, state=DeliveryState(step.state), changed_at=at, next_at=None, why=why[:200])
    unit.notices.change(lost)
    text = f"{notice.title}: not delivered to {delivery.person} by {delivery.channel}: {why[:200]}"
    tell_timeline(unit, notice, "notice.fail", text, at)
    facts: dict[str, str | int] = {"channel": delivery.channel, "attempts": delivery.attempts}
    note_done(desk, NOTICES, "notice.fail", f"notice:{notice.id}", why=why[:200], facts=facts)
    announce_notice(unit, notice, at)
