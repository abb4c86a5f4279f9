"""What the next person must know: everything open, gathered from the state as it is, one item a thing.

An item's key names what it is about and what of it would have to be said again: an alert that got worse is a new item.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

from impetus.core.action import LIVE
from impetus.core.alert import Alert, AlertState
from impetus.core.board import PartState
from impetus.core.hand_over import ItemKind
from impetus.core.incident import IncidentState
from impetus.desk.context import Desk
from impetus.desk.exceptions import to_hand_over
from impetus.desk.notices import number_of
from impetus.desk.run_reading import state_of
from impetus.ethics.retention import SHOWN_BEFORE_END
from impetus.ports import AlertQuery, Unit

MOST_ALERTS = 50
"""Alerts named one by one, the most urgent first; the rest is one item that says how many. House rule: nobody reads back more."""
OPEN_ALERTS = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED, AlertState.SHELVED)
OPEN_INCIDENTS = (IncidentState.OPEN, IncidentState.OFFERED)
WELL = frozenset({PartState.RUNNING, PartState.STARTING})
MAX_TITLE = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One open thing. `detail` is one value whose meaning its kind decides: an owner, a name, a time as ISO text."""

    key: str
    kind: ItemKind
    title: str
    detail: str = ""
    link: str = ""


def gather(desk: Desk, unit: Unit, at: datetime) -> tuple[Found, ...]:
    """Return everything open now, in the order it is read back."""
    found = [one for source in SOURCES for one in source(desk, unit, at)]
    return tuple(sorted(found, key=lambda one: list(ItemKind).index(one.kind)))


def _incidents(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for incident in unit.incidents.find(states=OPEN_INCIDENTS, limit=200).items:
        yield Found(
            key=f"incident:{incident.id}:{incident.severity.value}",
            kind=ItemKind.INCIDENT,
            title=f"{incident.id} · {incident.title}",
            detail=incident.owner,
            link=f"/incidents/{incident.id}",
        )
        if incident.offered_to:
            yield Found(
                key=f"offered:incident:{incident.id}:{incident.offered_to}",
                kind=ItemKind.ASKED,
                title=f"{incident.id} · {incident.title}",
                detail=incident.offered_to,
                link=f"/incidents/{incident.id}",
            )


def _steps(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for run in unit.runs.open():
        state = state_of(unit, run)
        for visit in state.open_visits():
            step = state.steps[visit.step]
            yield Found(
                key=f"step:{run.id}:{visit.step}:{int(visit.is_late)}",
                kind=ItemKind.STEP,
                title=f"{run.incident} · {visit.step} {step.text}"[:MAX_TITLE],
                detail=step.role,
                link=f"/incidents/{run.incident}",
            )


def _alerts(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    found = unit.alerts.find(AlertQuery(states=OPEN_ALERTS, order="urgent", limit=MOST_ALERTS)).items
    for alert in found:
        yield _alert(alert)
        if alert.offered_to:
            yield Found(
                key=f"offered:alert:{alert.id}:{alert.offered_to}",
                kind=ItemKind.ASKED,
                title=f"{alert.id} · {alert.headline.say()}"[:MAX_TITLE],
                detail=alert.offered_to,
                link=f"/alerts/{alert.id}",
            )
    rest = sum(unit.alerts.count_open().values()) - len(found)
    if rest > 0:
        yield Found(key=f"alerts:rest:{rest}", kind=ItemKind.ALERT, title=f"+ {rest}", link="/alerts")


def _alert(alert: Alert) -> Found:
    return Found(
        key=f"alert:{alert.id}:{alert.severity.value}",
        kind=ItemKind.ALERT,
        title=f"{alert.id} · {alert.headline.say()}"[:MAX_TITLE],
        detail=alert.owner or "",
        link=f"/alerts/{alert.id}",
    )


def _asked(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for action in unit.actions.find(states=LIVE):
        yield Found(
            key=f"action:{action.id}:{action.revision}",
            kind=ItemKind.ASKED,
            title=f"{action.kind.value}: {action.target}"[:MAX_TITLE],
            detail=action.proposed_by,
            link="/gates",
        )


def _notices(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for notice in unit.notices.find(is_open=True):
        waiting = [one.person for one in unit.notices.recipients([notice.id]) if one.acked_at is None]
        yield Found(
            key=f"notice:{notice.id}:{notice.step}",
            kind=ItemKind.NOTICE,
            title=f"{number_of(notice)}: {notice.title}"[:MAX_TITLE],
            detail=", ".join(waiting)[:MAX_TITLE],
            link="/on-call",
        )


def _stops(desk: Desk, _unit: Unit, _at: datetime) -> Iterator[Found]:
    standing = desk.stops.standing()
    for stop in (*standing.stops, *((standing.trouble,) if standing.trouble else ())):
        yield Found(
            key=f"stop:{stop.target}:{stop.at.isoformat()}",
            kind=ItemKind.STOP,
            title=str(stop.target),
            detail=stop.by,
            link="/stops",
        )


def _parts(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for part in unit.parts.all():
        if part.state not in WELL:
            yield Found(
                key=f"part:{part.part}:{part.state.value}",
                kind=ItemKind.PART,
                title=f"{part.part}: {part.note}"[:MAX_TITLE] if part.note else str(part.part),
                detail=part.state.value,
                link="/board",
            )
    for health in unit.notices.healths():
        if health.dead_since is not None:
            yield Found(
                key=f"channel:{health.channel}:{health.dead_since.isoformat()}",
                kind=ItemKind.PART,
                title=f"{health.channel}: {health.why}"[:MAX_TITLE],
                detail="failed",
                link="/channels",
            )


def _holds(_desk: Desk, unit: Unit, at: datetime) -> Iterator[Found]:
    for hold in unit.holds.standing(at):
        if hold.until <= at + SHOWN_BEFORE_END:
            yield Found(
                key=f"hold:{hold.id}",
                kind=ItemKind.HOLD,
                title=f"{hold.subject}: {hold.why}"[:MAX_TITLE],
                detail=hold.until.isoformat(),
                link="/retention",
            )


def _works(_desk: Desk, unit: Unit, at: datetime) -> Iterator[Found]:
    for rule in to_hand_over(unit, at):
        yield Found(
            key=f"rule:{rule.id}:{int(rule.until <= at)}",
            kind=ItemKind.WORK,
            title=f"{rule.title}: {rule.why}"[:MAX_TITLE],
            detail=rule.until.isoformat(),
            link="/load",
        )


def _pinned(_desk: Desk, unit: Unit, _at: datetime) -> Iterator[Found]:
    for note in unit.shifts.notes(pinned=True):
        if note.struck_at is None:
            yield Found(
                key=f"note:{note.id}",
                kind=ItemKind.NOTE,
                title=note.text[:MAX_TITLE],
                detail=note.who,
                link="/shift-log",
            )


SOURCES: tuple[Callable[[Desk, Unit, datetime], Iterator[Found]], ...] = (
    _incidents,
    _steps,
    _alerts,
    _asked,
    _notices,
    _stops,
    _parts,
    _holds,
    _works,
    _pinned,
)
"""Where open things are; whoever keeps another kind adds its function here."""
