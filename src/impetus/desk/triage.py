"""What people do with an alert: take it, say what it was, put it aside, hand it on, close it, and take any of it back.

Each verb asks the guard, checks the version the person saw, lets the table decide, and stamps who, when and why.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor, Role, platform
from impetus.core.alert import Alert, AlertEvent, AlertState, Verdict
from impetus.core.attention import Because
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.desk.context import Desk
from impetus.desk.flood import call
from impetus.desk.permit import permit
from impetus.desk.plants import judged
from impetus.desk.transition import (
    Act,
    current,
    last_act,
    move,
    only_the_person_asked,
    owner_or_supervisor,
    words,
)
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.quiet import is_still_so

MAX_SHELF = timedelta(days=7)
"""Longest time an alert may be put aside; house rule, so that a shelf is looked through within a week.

Source: shelving needs a limit by design, ISA-18.2 and IEC 62682; the number is ours.
"""


def acknowledge(desk: Desk, actor: Actor, alert_id: AlertId, *, version: int | None = None) -> Alert:
    """Take an alert nobody holds: the actor becomes its owner."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.ACKNOWLEDGE, at=desk.clock.now())
    with desk.store.write() as unit:
        return move(desk, unit, current(unit, alert_id, version, act.event), act)


def undo(desk: Desk, actor: Actor, alert_id: AlertId, *, why: str = "", version: int | None = None) -> Alert:
    """Take the last step back; only for whoever took it or holds it, and supervisors."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.UNDO, at=desk.clock.now(), why=words(why, "the reason", needed=False))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        owner_or_supervisor(actor, _responsible(unit, alert), "undo what was done to")
        return move(desk, unit, alert, act)


def assess(  # noqa: PLR0913 - a judgement has this many parts, and each is named at the call
    desk: Desk,
    actor: Actor,
    alert_id: AlertId,
    *,
    verdict: Verdict,
    why: str = "",
    version: int | None = None,
    shown: datetime | None = None,
) -> Alert:
    """Say what the alert was; assessing an alert nobody holds takes it. A later assessment replaces the verdict.

    `shown` is when it came on the screen: it is counted by the week, and not kept with the verdict (`decision_figures`).
    """
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.ASSESS, at=desk.clock.now(), why=words(why, "the reason", needed=False))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        owner_or_supervisor(actor, alert.owner, "assess")
        after = move(desk, unit, replace(alert, verdict=verdict), act, detail={"verdict": verdict.value})
        return judged(desk, unit, alert, after, actor, shown)


def shelve(
    desk: Desk, actor: Actor, alert_id: AlertId, *, until: datetime, why: str, version: int | None = None
) -> Alert:
    """Put an alert aside until a time at most seven days ahead; it comes back then, or when it gets worse."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    at = desk.clock.now()
    _check_shelf(at, until)
    act = Act(actor=actor, event=AlertEvent.SHELVE, at=at, why=words(why, "the reason", needed=True))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        owner_or_supervisor(actor, alert.owner, "shelve")
        return move(desk, unit, replace(alert, shelved_until=until), act, detail={"until": until.isoformat()})


def offer(desk: Desk, actor: Actor, alert_id: AlertId, *, to: str, why: str = "", version: int | None = None) -> Alert:
    """Ask somebody to take the alert; it stays its owner's until they accept."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.OFFER, at=desk.clock.now(), why=words(why, "the reason", needed=False))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        owner_or_supervisor(actor, alert.owner, "hand on")
        asked = colleague(unit, to, alert.owner, Operation.ALERTS_TRIAGE)
        return move(desk, unit, replace(alert, offered_to=asked), act, detail={"to": asked})


def accept(desk: Desk, actor: Actor, alert_id: AlertId, *, version: int | None = None) -> Alert:
    """Take an alert one was asked to take."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.ACCEPT, at=desk.clock.now())
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        only_the_person_asked(actor, alert.offered_to)
        return move(desk, unit, alert, act)


def decline(desk: Desk, actor: Actor, alert_id: AlertId, *, why: str = "", version: int | None = None) -> Alert:
    """Say no to an alert one was asked to take; its owner keeps it and is told."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.DECLINE, at=desk.clock.now(), why=words(why, "the reason", needed=False))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        only_the_person_asked(actor, alert.offered_to)
        return move(desk, unit, alert, act)


def close(desk: Desk, actor: Actor, alert_id: AlertId, *, why: str = "", version: int | None = None) -> Alert:
    """Close an alert that has a verdict."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.CLOSE, at=desk.clock.now(), why=words(why, "the reason", needed=False))
    with desk.store.write() as unit:
        alert = current(unit, alert_id, version, act.event)
        owner_or_supervisor(actor, alert.owner, "close")
        if alert.state is AlertState.HELD and alert.verdict is None:
            raise Conflict(
                f"alert {alert_id} has no verdict",
                value=act.event.value,
                limit=", ".join(Verdict),
                remedy="assess it first; not_enough_information is a full answer",
            )
        return move(desk, unit, alert, act, detail={"verdict": str(alert.verdict)})


def reopen(desk: Desk, actor: Actor, alert_id: AlertId, *, why: str, version: int | None = None) -> Alert:
    """Take a closed alert up again, with a reason."""
    permit(desk, actor, Operation.ALERTS_TRIAGE, on=f"alert:{alert_id}")
    act = Act(actor=actor, event=AlertEvent.REOPEN, at=desk.clock.now(), why=words(why, "the reason", needed=True))
    with desk.store.write() as unit:
        return move(desk, unit, current(unit, alert_id, version, act.event), act)


def wake_due(desk: Desk) -> int:
    """Bring back every shelved alert whose time is over and return how many; cheap enough to ask each second."""
    actor, at = platform("shelf"), desk.clock.now()
    permit(desk, actor, Operation.ALERTS_RAISE)
    with desk.store.read() as unit:
        if not unit.alerts.shelved_due(at):
            return 0
    with desk.store.write() as unit:
        return len([_wake(desk, unit, alert, actor, at) for alert in unit.alerts.shelved_due(at)])


def _wake(desk: Desk, unit: Unit, alert: Alert, actor: Actor, at: datetime) -> Alert:
    """Bring one back; what a quiet rule put aside and ended by itself since is told in a quarter of an hour, with its like."""
    rule = unit.attention.rule_of(alert.id)
    if rule is None or alert.shelved_until not in {rule.until, rule.ended_at}:
        return move(desk, unit, alert, Act(actor=actor, event=AlertEvent.WAKE, at=at, why="the shelf time is over"))
    is_so = is_still_so(alert, at)
    why = f"{rule.title} is over; " + ("it is still so" if is_so else f"it was last so at {alert.last_at:%H:%M:%S}")
    woken = move(desk, unit, alert, Act(actor=actor, event=AlertEvent.WAKE, at=at, why=why))
    if not is_so:
        unit.attention.heard([woken.id])
        call(unit, woken, at, because=Because.ENDED, severity=Severity.MINOR)
    return woken


def colleague(unit: Unit, name: str, owner: str | None, operation: Operation) -> str:
    """Return the account name of somebody who can be handed work; refuses strangers, the owner, and who may not do it."""
    account = unit.accounts.by_name(name.strip())
    if account is None or account.disabled_at is not None:
        raise Malformed(
            f"nobody here is called {name!r}", value=name, limit="an account", remedy="choose from the list"
        )
    if account.name == owner:
        raise Conflict(f"{owner} has it already", value=name, remedy="hand it to somebody else, or keep it")
    if not may(Actor(name=account.name, role=Role(account.role)), operation):
        raise Refused(
            f"{account.name} ({account.role}) may not take it",
            rule="work is handed to those who may do it",
            value=account.name,
            limit=operation.value,
            remedy="ask somebody whose role may",
        )
    return account.name


def _responsible(unit: Unit, alert: Alert) -> str | None:
    """Return who may take the last step back: the owner, or who shelved or closed it."""
    if alert.owner is not None or alert.state is AlertState.NEW:
        return alert.owner
    entry = last_act(unit.alerts.entries(alert.id))
    return entry.who if entry else None


def _check_shelf(at: datetime, until: datetime) -> None:
    """Refuse a shelf time that is past, endless or without a zone."""
    if until.tzinfo is None:
        raise Malformed(f"time {until} has no zone", value=until, limit="an aware time", remedy="add Z or an offset")
    if not at < until <= at + MAX_SHELF:
        raise Malformed(
            f"shelf time {until.isoformat()} is not within the next seven days",
            value=until.isoformat(),
            limit=f"{at.isoformat()} .. {(at + MAX_SHELF).isoformat()}",
            remedy="choose a time from a minute to seven days ahead",
        )
