"""What notices need next, done: people asked step by step, another way when one fails, and an end when somebody has it.

`watch_notices` looks at every open notice with the pure rules of `processes.notifying` and makes their moves, one unit a
notice. `watch_untaken` begins an escalation for an alert that nobody took in its time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.alert import Alert, AlertState
from impetus.core.call import PlanKind
from impetus.core.errors import Conflict, Unknown
from impetus.core.ids import AccountId, AlertId, IncidentId
from impetus.core.incident import IncidentState
from impetus.core.notice import Delivery, DeliveryState, Notice, NoticeRecord
from impetus.desk.context import Desk
from impetus.desk.noted import tally_done
from impetus.desk.notices import NOTICES, announce_notice, ask_people, end_notice, send_notice, tell_timeline
from impetus.desk.on_call_desk import resolve
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import AlertQuery, Unit
from impetus.ports.notices import Channel
from impetus.processes.call_plan import ESCALATION_PREFIX, Escalation, read_escalation
from impetus.processes.notifying import Ask, End, Hurry, Known, Move, Queue, next_moves

MOST_OPEN = 1000
"""Open notices looked at in one turn; more wait for the next. House rule."""
UNTAKEN_FOR = timedelta(hours=24)
"""Alerts older than this begin no escalation by themselves: somebody switched it on late. House rule."""


def watch_notices(desk: Desk) -> int:
    """Make the moves that are due and return how many; cheap when nothing is."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    at = desk.clock.now()
    with desk.store.read() as unit:
        due = [notice for notice, moves in _looked_at(desk, unit, at) if moves]
    return sum(_moved(desk, notice, at) for notice in due)


def watch_untaken(desk: Desk) -> int:
    """Ask for somebody where an alert was taken by nobody in its time; return how many notices that made."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    at = desk.clock.now()
    with desk.store.read() as unit:
        due = [
            (alert, plan)
            for plan in _beginning(unit)
            for alert in _untaken(unit, plan, at)
            if not unit.notices.is_known(_key(alert, plan))
        ]
    for alert, plan in due:
        with desk.store.write() as unit:
            if unit.alerts.get(alert.id).state is AlertState.NEW:
                send_notice(desk, unit, NOTICES, _about(alert, plan))
    return len(due)


def _looked_at(desk: Desk, unit: Unit, at: datetime) -> list[tuple[NoticeRecord, tuple[Move, ...]]]:
    """Return every open notice with its moves, oldest first."""
    notices = list(reversed(unit.notices.find(is_open=True, limit=MOST_OPEN)))
    channels, ways, dead = desk.channels.channels(), _ways(unit), _dead(unit)
    return [(notice, next_moves(_known(unit, notice, channels, ways, dead), at)) for notice in notices]


def _moved(desk: Desk, notice: NoticeRecord, at: datetime) -> int:
    """Make one notice's moves in a unit of their own; nothing when somebody changed it meanwhile: the next turn looks again."""
    try:
        with desk.store.write() as unit:
            now = unit.notices.get(notice.id)
            moves = next_moves(_known(unit, now, desk.channels.channels(), _ways(unit), _dead(unit)), at)
            for move in moves:
                now = _made(desk, unit, now, move, at)
            tally_done(desk, NOTICES, "notice.move", len(moves))
            return len(moves)
    except (Conflict, Unknown):
        return 0


def _made(desk: Desk, unit: Unit, notice: NoticeRecord, move: Move, at: datetime) -> NoticeRecord:
    """Make one move and return the notice after it."""
    if isinstance(move, End):
        return end_notice(unit, notice, move.why, at)
    if isinstance(move, Ask):
        ask_people(desk, unit, notice, resolve(unit, move.asks, at), step=move.step)
        return unit.notices.replace(replace(notice, step=move.step))
    if isinstance(move, Hurry):
        text = f"{notice.title}: nobody of step {move.step + 1} can be reached, the next step is asked now"
        tell_timeline(unit, notice, "notice.hurry", text, at)
        return unit.notices.replace(replace(notice, ahead_s=notice.ahead_s + move.by_s))
    unit.notices.queue(_queued(notice, move, at))
    announce_notice(unit, notice, at)
    return notice


def _queued(notice: NoticeRecord, move: Queue, at: datetime) -> Delivery:
    return Delivery(
        id=0,
        notice=notice.id,
        person=move.person,
        channel=move.channel,
        state=DeliveryState.QUEUED,
        changed_at=at,
        next_at=at,
    )


def _known(
    unit: Unit,
    notice: NoticeRecord,
    channels: Mapping[str, Channel],
    ways: Mapping[AccountId, Sequence[str]],
    dead: frozenset[str],
) -> Known:
    """Return everything the rules ask about one notice."""
    recipients = unit.notices.recipients([notice.id])
    return Known(
        notice=notice,
        steps=read_escalation(notice.plan).steps if notice.plan else (),
        recipients=recipients,
        deliveries=unit.notices.deliveries([notice.id]),
        ways={one.person: ways.get(one.account, ()) for one in recipients},
        usable=frozenset(name for name, way in channels.items() if way.takes_exercises or not notice.simulated),
        dead=dead,
        over=_over(unit, notice),
    )


def _ways(unit: Unit) -> Mapping[AccountId, Sequence[str]]:
    """Return each person's channels in their order."""
    found: dict[AccountId, list[str]] = {}
    for contact in unit.calls.contacts():
        found.setdefault(contact.account, []).append(contact.channel)
    return found


def _dead(unit: Unit) -> frozenset[str]:
    return frozenset(health.channel for health in unit.notices.healths() if health.dead_since is not None)


def _over(unit: Unit, notice: NoticeRecord) -> str:
    """Say why nobody is needed any more: the alert was taken, the incident was closed; empty while somebody is."""
    try:
        if notice.incident is not None:
            incident = unit.incidents.get(IncidentId(notice.incident))
            return "the incident was closed" if incident.state is IncidentState.CLOSED else ""
        if notice.alert is not None:
            alert = unit.alerts.get(AlertId(notice.alert))
            return "" if alert.state is AlertState.NEW else f"the alert is {alert.state}: {alert.owner or 'by nobody'}"
    except Unknown:
        return "what it was about was erased"
    return ""


def _beginning(unit: Unit) -> list[Escalation]:
    """Return the escalations that begin by themselves."""
    found = [read_escalation(plan.body) for plan in unit.calls.plans(PlanKind.ESCALATION)]
    return [escalation for escalation in found if escalation.alerts_from is not None]


def _untaken(unit: Unit, plan: Escalation, at: datetime) -> list[Alert]:
    """Return the alerts nobody took in a plan's time, as bad as it asks for or worse."""
    if plan.alerts_from is None:
        return []
    query = AlertQuery(states=(AlertState.NEW,), raised_since=at - UNTAKEN_FOR, limit=200)
    return [
        alert
        for alert in unit.alerts.find(query).items
        if alert.severity.rank >= plan.alerts_from.rank and at - alert.raised_at >= plan.untaken
    ]


def _key(alert: Alert, plan: Escalation) -> str:
    return f"alert:{alert.id}:{plan.name}"


def _about(alert: Alert, plan: Escalation) -> Notice:
    """Return the notice that an alert waits for somebody."""
    return Notice(
        to=(f"{ESCALATION_PREFIX}{plan.name}",),
        title=alert.headline.say()[:200],
        alert=alert.id,
        place=str(alert.zone or ""),
        urgency=alert.urgency,
        key=_key(alert, plan),
        simulated=alert.simulated,
    )
