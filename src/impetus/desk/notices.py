"""Telling people and hearing that they have it: a notice in the caller's unit, and its answer from the page or a link.

`send_notice` writes; a part of its own delivers (`deliver`). A link's token is 256 bits, works once and for two hours at
most, acknowledges and opens no session. It is kept as a hash, and sealed for repeating the same message, until then.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.account import Account
from impetus.core.actor import Actor, platform
from impetus.core.call import PlanKind
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import IncidentId, NoticeId
from impetus.core.incident import IncidentEntry
from impetus.core.notice import DELIVERY_LIFECYCLE, DeliveryEvent, DeliveryState, Notice, NoticeRecord, Recipient
from impetus.desk.context import Desk
from impetus.desk.mask_evidence import mask_words
from impetus.desk.noted import note_done
from impetus.desk.on_call_desk import resolve
from impetus.desk.permit import permit
from impetus.desk.sign_in import hash_of
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.call_plan import ESCALATION_PREFIX, read_escalation

NOTICES = platform("notices")
LASTS = timedelta(hours=12)
"""How long a notice asks at most: a shift with its hand-over. House rule."""
TOKEN_FOR = timedelta(hours=2)
"""How long a link can acknowledge. House rule: longer than any escalation waits, shorter than a telephone stays lost."""
MAX_TITLE, MOST_ASKED = 200, 200
OVER_LINK, OVER_PAGE = "link", "page"


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerView:
    """What an acknowledging link shows to whoever holds it: nobody's name. `state` is `open`, `used` or `over`."""

    number: str
    title: str
    place: str
    state: str
    at: datetime
    until: datetime
    simulated: bool


def send_notice(desk: Desk, unit: Unit, actor: Actor, notice: Notice) -> NoticeId:
    """Ask people, in the caller's unit; the same key again asks nobody twice and returns the same number.

    Raises `Malformed` when the names stand for nobody: then the caller's unit must not commit either.
    """
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    title = words(notice.title, "the title", needed=True, longest=MAX_TITLE)
    at = desk.clock.now()
    key = notice.key or f"own:{desk.chance.token()}"
    if unit.notices.is_known(key):
        return unit.notices.add(_record(notice, title, key, actor, at)).id
    record = _record(notice, title, key, actor, at)
    asks = notice.to
    if any(ask.startswith(ESCALATION_PREFIX) for ask in asks):
        name = asks[0].removeprefix(ESCALATION_PREFIX)
        plan = unit.calls.plan(PlanKind.ESCALATION, name) if len(asks) == 1 else None
        if plan is None or plan.retired:
            raise _nobody(asks)
        record, asks = replace(record, plan=plan.body), read_escalation(plan.body).steps[0].asks
    people = resolve(unit, asks, at)
    if (not people and not record.plan) or len(people) > MOST_ASKED:
        raise _nobody(notice.to)
    stored = unit.notices.add(record)
    ask_people(desk, unit, stored, people, step=0)
    note_done(desk, actor, "notice.send", f"notice:{stored.id}", case=str(notice.incident or ""), why=title)
    return stored.id


def send_test(desk: Desk, actor: Actor, *, simulated: bool) -> NoticeId:
    """Send the actor a test over their own channels, which is how somebody knows that they would be reached."""
    permit(desk, actor, Operation.CALLS_ANSWER)
    with desk.store.write() as unit:
        return send_notice(desk, unit, actor, Notice(to=(actor.name,), title="Test", simulated=simulated))


def ask_people(desk: Desk, unit: Unit, notice: NoticeRecord, people: tuple[Account, ...], *, step: int) -> int:
    """Ask these people for a notice, each once, and say so in its incident; return how many had not been asked before."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    at = desk.clock.now()
    fresh = [account.name for account in people if _ask(desk, unit, notice, account, step, at)]
    if fresh:
        _tell_timeline(unit, notice, "notice.ask", f"{', '.join(fresh)}: {notice.title}", at, who=notice.asked_by)
    elif not people:
        text = f"step {step + 1} asks nobody who is here: {notice.title}"
        _tell_timeline(unit, notice, "notice.nobody", text, at, who=notice.asked_by)
    announce_notice(unit, notice, at)
    return len(fresh)


def acknowledge(desk: Desk, actor: Actor, notice_id: NoticeId) -> NoticeRecord:
    """Say on the page that one has it."""
    permit(desk, actor, Operation.CALLS_ANSWER, on=f"notice:{notice_id}")
    with desk.store.write() as unit:
        notice = unit.notices.get(notice_id)
        mine = next((one for one in unit.notices.recipients([notice_id]) if one.account == actor.account), None)
        if mine is None:
            raise Refused(
                f"{actor.name} was not asked",
                rule="only who was asked acknowledges",
                value=actor.name,
                limit=", ".join(one.person for one in unit.notices.recipients([notice_id])),
                remedy="open the incident; being there needs no acknowledging",
            )
        return _acknowledged(desk, unit, notice, mine, actor, OVER_PAGE)


def acknowledge_by_token(desk: Desk, token: str) -> NoticeRecord:
    """Acknowledge for whom a link was sent to, once; it does nothing else, and opens no session."""
    recipient = _recipient_of(desk, token)
    with desk.store.read() as unit:
        account = unit.accounts.get(recipient.account)
    actor = Actor(name=account.name, role=account.role, account=account.id, operations=frozenset({"calls.answer"}))
    permit(desk, actor, Operation.CALLS_ANSWER, on=f"notice:{recipient.notice}")
    if account.disabled_at is not None:
        raise _no_link()
    at = desk.clock.now()
    with desk.store.write() as unit:
        mine = unit.notices.by_token(recipient.token_hash)
        if mine is None:
            raise _no_link()
        if mine.acked_at is None and at >= mine.token_until:
            raise Refused(
                "the link is over",
                rule="a link acknowledges for two hours at most",
                value=mine.token_until.isoformat(),
                remedy="sign in and acknowledge on the page",
            )
        return _acknowledged(desk, unit, unit.notices.get(mine.notice), mine, actor, OVER_LINK)


def look_at_link(desk: Desk, token: str) -> AnswerView:
    """Return what a link is about, changing nothing: programs that fetch links in mail acknowledge nothing."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    recipient, at = _recipient_of(desk, token), desk.clock.now()
    with desk.store.read() as unit:
        notice = unit.notices.get(recipient.notice)
    state = "used" if recipient.acked_at else "over" if at >= recipient.token_until or notice.ended_at else "open"
    return AnswerView(
        number=number_of(notice),
        title=mask_words(desk, notice.title),
        place=notice.place,
        state=state,
        at=notice.at,
        until=recipient.token_until,
        simulated=notice.simulated,
    )


def call_off(desk: Desk, actor: Actor, notice_id: NoticeId, *, why: str) -> NoticeRecord:
    """Stop asking, with a reason; what was sent cannot be taken back."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"notice:{notice_id}")
    text = words(why, "the reason", needed=True)
    with desk.store.write() as unit:
        notice = unit.notices.get(notice_id)
        if notice.ended_at is not None:
            raise Conflict(f"it ended: {notice.ended_why}", value=notice_id, remedy="nothing is left to call off")
        ended = end_notice(unit, notice, f"called off by {actor.name}: {text}", desk.clock.now())
        note_done(desk, actor, "notice.call_off", f"notice:{notice_id}", why=text)
        return ended


def end_notice(unit: Unit, notice: NoticeRecord, why: str, at: datetime) -> NoticeRecord:
    """End a notice in the caller's unit: what was not sent is called off, and its tokens are forgotten."""
    for delivery in unit.notices.deliveries([notice.id]):
        if delivery.state is DeliveryState.QUEUED:
            step = DELIVERY_LIFECYCLE.step(delivery.state, DeliveryEvent.CALL_OFF)
            off = replace(delivery, state=DeliveryState(step.state), changed_at=at, next_at=None, why=why)
            unit.notices.change(off)
    for recipient in unit.notices.recipients([notice.id]):
        if recipient.token_sealed is not None:
            unit.notices.answer(replace(recipient, token_sealed=None))
    ended = unit.notices.replace(replace(notice, ended_at=at, ended_why=why))
    _tell_timeline(unit, ended, "notice.end", f"{notice.title}: {why}", at)
    announce_notice(unit, ended, at)
    return ended


def number_of(notice: NoticeRecord) -> str:
    """Return what people say aloud."""
    if notice.incident is not None:
        return f"incident {notice.incident}"
    return f"alert {notice.alert}" if notice.alert is not None else f"notice {notice.id}"


def announce_notice(unit: Unit, notice: NoticeRecord, at: datetime) -> None:
    """Tell open pages and the part that delivers."""
    unit.outbox.add(
        at,
        "notice",
        str(notice.id),
        {"incident": notice.incident, "ended": notice.ended_at is not None, "simulated": notice.simulated},
    )


def tell_timeline(unit: Unit, notice: NoticeRecord, event: str, text: str, at: datetime) -> None:
    """Write a line into the notice's incident, if it has one that is still here."""
    _tell_timeline(unit, notice, event, text, at)


def _record(notice: Notice, title: str, key: str, actor: Actor, at: datetime) -> NoticeRecord:
    """Return the notice as it is stored."""
    return NoticeRecord(
        id=NoticeId(0),
        version=0,
        key=key,
        to=notice.to,
        title=title,
        text=words(notice.text, "the text", needed=False),
        incident=notice.incident,
        alert=notice.alert,
        place=notice.place[:MAX_TITLE],
        urgency=notice.urgency,
        asked_by=actor.name,
        at=at,
        ends=at + LASTS,
        simulated=notice.simulated,
    )


def _ask(desk: Desk, unit: Unit, notice: NoticeRecord, account: Account, step: int, at: datetime) -> bool:
    """Ask one person, with a token of their own."""
    token = desk.chance.token()
    return unit.notices.ask(
        Recipient(
            notice=notice.id,
            person=account.name,
            account=account.id,
            step=step,
            asked_at=at,
            token_hash=hash_of(token),
            token_sealed=desk.keys.seal(token.encode(), about=token_name(notice.id, account.name)),
            token_until=at + TOKEN_FOR,
        )
    )


def token_name(notice: NoticeId, person: str) -> str:
    """Return what a sealed token is bound to."""
    return f"notice:{notice}:{person}"


def _acknowledged(
    desk: Desk, unit: Unit, notice: NoticeRecord, mine: Recipient, actor: Actor, over: str
) -> NoticeRecord:
    """Store an acknowledgement; one that stands already changes nothing, so a second tap is no error."""
    if mine.acked_at is not None:
        return notice
    at = desk.clock.now()
    unit.notices.answer(replace(mine, acked_at=at, acked_over=over, token_sealed=None))
    for delivery in unit.notices.deliveries([notice.id]):
        if delivery.person == mine.person:
            step = DELIVERY_LIFECYCLE.step(delivery.state, DeliveryEvent.ACKNOWLEDGE)
            unit.notices.change(replace(delivery, state=DeliveryState(step.state), changed_at=at, next_at=None))
    after = unit.notices.replace(notice)
    _tell_timeline(unit, after, "notice.acknowledge", f"{mine.person} has it: {notice.title}", at, who=mine.person)
    announce_notice(unit, after, at)
    note_done(desk, actor, "notice.acknowledge", f"notice:{notice.id}", facts={"over": over})
    return after


def _recipient_of(desk: Desk, token: str) -> Recipient:
    """Return whose link it is; nothing tells a wrong one from one that was erased."""
    with desk.store.read() as unit:
        found = unit.notices.by_token(hash_of(token))
    if found is None:
        raise _no_link()
    return found


def _tell_timeline(
    unit: Unit, notice: NoticeRecord, event: str, text: str, at: datetime, *, who: str = NOTICES.name
) -> None:
    if notice.incident is None:
        return
    try:
        incident = unit.incidents.get(IncidentId(notice.incident))
    except Unknown:
        return
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=at,
            event=event,
            who=who,
            text=text,
            detail={"notice": notice.id, "version": incident.version},
        )
    )
    unit.outbox.add(
        at,
        "incident",
        str(incident.id),
        {
            "state": incident.state.value,
            "severity": incident.severity.value,
            "version": incident.version,
            "sound": False,
            "simulated": incident.simulated,
        },
    )


def _nobody(asks: tuple[str, ...]) -> Malformed:
    return Malformed(
        f"{', '.join(asks)[:200] or 'nothing'} stands for nobody here",
        value=", ".join(asks)[:200],
        limit=f"1..{MOST_ASKED} people, rotation:NAME, or one escalation:NAME",
        remedy="choose people who have accounts, or a rotation that has begun",
    )


def _no_link() -> Unknown:
    return Unknown("this link is not known", remedy="sign in and look at the page; links go with their notice")
