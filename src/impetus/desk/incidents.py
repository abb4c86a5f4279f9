"""What people do with an incident: open it from alerts, note on it, hand it on, close it with an outcome."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertEntry, AlertEvent, Verdict
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Malformed
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import INCIDENT_LIFECYCLE, Incident, IncidentEntry, IncidentEvent, IncidentState
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.plants import disclose
from impetus.desk.run_start import check_resolved, give_type
from impetus.desk.transition import Act, announce, move, only_the_person_asked, owner_or_supervisor, words
from impetus.desk.triage import colleague
from impetus.ethics.guard import Operation
from impetus.ethics.purpose import own_purpose
from impetus.ports import Unit

MAX_TITLE = 200
"""Longest title in characters; house rule, one line on the wall screen."""
MAX_ALERTS_AT_ONCE = 100
"""Most alerts joined in one act; house rule, as many as the picture shows."""
KEY = re.compile(r"[A-Za-z0-9-]{8,64}", re.ASCII)
"""What a note written without the server is told apart by: random, made by the browser."""
OLDEST_NOTE = timedelta(days=7)
CLOCK_SKEW = timedelta(minutes=2)
"""Longest a note may wait in a browser, and how far its clock may run ahead; house rules."""
OPENED = "open"
"""Event of the first line of a timeline; every later one is an `IncidentEvent`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """Who does what to an incident, when, with which words and about which alert."""

    actor: Actor
    event: IncidentEvent
    at: datetime
    text: str = ""
    alert: AlertId | None = None


def open_incident(desk: Desk, actor: Actor, title: str, alerts: Sequence[AlertId], *, type_: str = "") -> Incident:
    """Open an incident from one or more alerts: it is the actor's, as bad as the worst of them, and where that one is.

    With a type whose playbook starts when opened, the run begins in the same unit.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE)
    title = words(title, "the title", needed=True, longest=MAX_TITLE)
    _check_count(alerts)
    at = desk.clock.now()
    with desk.store.write() as unit:
        found = [unit.alerts.get(alert) for alert in dict.fromkeys(alerts)]
        members = [disclose(desk, unit, alert, Verdict.CONFIRMED, at=at) for alert in found]
        worst = max(members, key=lambda alert: alert.severity.rank)
        incident = unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.OPEN,
                title=title,
                severity=worst.severity,
                owner=actor.name,
                opened_at=at,
                opened_by=actor.name,
                changed_at=at,
                point=worst.point or next((alert.point for alert in members if alert.point), None),
                simulated=all(alert.simulated for alert in members),
            )
        )
        _record(unit, incident, Move(actor=actor, event=IncidentEvent.JOIN, at=at, text=title), event=OPENED)
        for alert in members:
            _join_alert(desk, unit, incident, alert, Move(actor=actor, event=IncidentEvent.JOIN, at=at, alert=alert.id))
        _announce(unit, incident, at, sound=False)
        act = Move(actor=actor, event=IncidentEvent.JOIN, at=at, text=title)
        _note(desk, incident, act, verb=OPENED)
        return give_type(desk, unit, actor, incident, type_) if type_ else incident


def join(
    desk: Desk, actor: Actor, incident_id: IncidentId, alert_id: AlertId, *, why: str = "", version: int | None = None
) -> Incident:
    """Join an alert to an open incident, which becomes as bad as the alert when that is worse."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=False)
    act = Move(actor=actor, event=IncidentEvent.JOIN, at=desk.clock.now(), text=text, alert=alert_id)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        alert = disclose(desk, unit, unit.alerts.get(alert_id), Verdict.CONFIRMED, at=act.at)
        worst = max(incident.severity, alert.severity, key=lambda severity: severity.rank)
        stepped, _ = _step(unit, replace(incident, severity=worst, point=incident.point or alert.point), act)
        stored = unit.incidents.replace(stepped)
        _join_alert(desk, unit, stored, alert, act)
        _note(desk, stored, act)
        _announce(unit, stored, act.at, sound=False)
        return stored


def leave(
    desk: Desk, actor: Actor, incident_id: IncidentId, alert_id: AlertId, *, why: str = "", version: int | None = None
) -> Incident:
    """Take an alert out of an incident; the alert stays as it is, and the incident as bad as it was."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=False)
    act = Move(actor=actor, event=IncidentEvent.LEAVE, at=desk.clock.now(), text=text, alert=alert_id)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        alert = unit.alerts.get(alert_id)
        if alert.incident != incident_id:
            raise Conflict(f"alert {alert_id} is not in incident {incident_id}", value=alert_id, remedy="reload")
        stored = _apply(desk, unit, incident, act)
        freed = unit.alerts.replace(replace(alert, incident=None))
        unit.alerts.record(
            AlertEntry(
                alert=alert_id,
                at=act.at,
                event="leave",
                who=actor.name,
                why=text,
                state=freed.state,
                detail={"incident": incident_id, "version": freed.version},
            )
        )
        announce(unit, freed, act.at, sound=False)
        return stored


def note(
    desk: Desk, actor: Actor, incident_id: IncidentId, text: str, *, key: str = "", written_at: datetime | None = None
) -> Incident:
    """Write a line into the timeline; notes never conflict with one another, so no version is asked for.

    A note written while the line was lost brings a `key` of its own, under which it is taken once however often it is
    sent, and `written_at`; it stands where it arrived, because a timeline only grows, and says when it was written.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text, at = words(text, "the note", needed=True), desk.clock.now()
    detail = _kept_note(key, written_at, at)
    act = Move(actor=actor, event=IncidentEvent.NOTE, at=at, text=text)
    with desk.store.write() as unit:
        incident = unit.incidents.get(incident_id)
        own_key = f"{actor.account or 0}/{key}"
        if key and unit.incidents.has_note(incident_id, own_key):
            return incident
        return _apply(desk, unit, incident, act, detail=detail | ({"key": own_key} if key else {}))


def _kept_note(key: str, written_at: datetime | None, at: datetime) -> dict[str, str | int | float]:
    """Return what is kept with a note that was written without the server; `Malformed` for a key or time that cannot be."""
    if key and not KEY.fullmatch(key):
        raise Malformed(
            "the note's key is odd", value=key[:64], limit="8 to 64 of A-Z a-z 0-9 -", remedy="reload the page"
        )
    if written_at is None:
        return {}
    if not at - OLDEST_NOTE <= written_at <= at + CLOCK_SKEW:
        raise Malformed(
            f"the note says it was written {written_at:%Y-%m-%d %H:%M:%S}",
            value=written_at,
            limit=f"the last {OLDEST_NOTE.days} days",
            remedy="set this seat's clock, then write the note again",
        )
    return {"written_at": written_at.isoformat(timespec="seconds")}


def offer(
    desk: Desk, actor: Actor, incident_id: IncidentId, *, to: str, why: str = "", version: int | None = None
) -> Incident:
    """Ask somebody to take the incident; it stays its owner's until they accept."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=False)
    act = Move(actor=actor, event=IncidentEvent.OFFER, at=desk.clock.now(), text=text)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        owner_or_supervisor(actor, incident.owner, "hand on")
        asked = colleague(unit, to, incident.owner, Operation.INCIDENTS_WRITE)
        return _apply(desk, unit, replace(incident, offered_to=asked), act, detail={"to": asked})


def accept(desk: Desk, actor: Actor, incident_id: IncidentId, *, version: int | None = None) -> Incident:
    """Take an incident one was asked to take."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    act = Move(actor=actor, event=IncidentEvent.ACCEPT, at=desk.clock.now())
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        only_the_person_asked(actor, incident.offered_to)
        return _apply(desk, unit, incident, act)


def decline(
    desk: Desk, actor: Actor, incident_id: IncidentId, *, why: str = "", version: int | None = None
) -> Incident:
    """Say no to an incident one was asked to take, or, as its owner, take the question back."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=False)
    act = Move(actor=actor, event=IncidentEvent.DECLINE, at=desk.clock.now(), text=text)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        if actor.name != incident.owner:
            only_the_person_asked(actor, incident.offered_to)
        return _apply(desk, unit, incident, act)


def close(desk: Desk, actor: Actor, incident_id: IncidentId, *, outcome: str, version: int | None = None) -> Incident:
    """Close an incident with its outcome; its alerts keep their own states.

    `Conflict` while mandatory steps of its playbook are open.
    """
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    outcome = words(outcome, "the outcome", needed=True)
    act = Move(actor=actor, event=IncidentEvent.CLOSE, at=desk.clock.now(), text=outcome)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        owner_or_supervisor(actor, incident.owner, "close")
        check_resolved(unit, incident_id)
        return _apply(desk, unit, replace(incident, outcome=outcome, closed_at=act.at), act)


def reopen(desk: Desk, actor: Actor, incident_id: IncidentId, *, why: str, version: int | None = None) -> Incident:
    """Take a closed incident up again, with a reason; the outcome given before stays in the timeline."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=True)
    act = Move(actor=actor, event=IncidentEvent.REOPEN, at=desk.clock.now(), text=text)
    with desk.store.write() as unit:
        incident = _current(unit, incident_id, version)
        if incident.state is IncidentState.CLOSED:
            incident = replace(incident, outcome="", closed_at=None)
        return _apply(desk, unit, incident, act)


def take_step(desk: Desk, unit: Unit, incident: Incident, act: Move) -> Incident:
    """Take one step of the table with an incident, for use cases that stamp it from elsewhere (`decide`)."""
    return _apply(desk, unit, incident, act)


def _apply(
    desk: Desk, unit: Unit, changed: Incident, act: Move, *, detail: dict[str, str | int | float] | None = None
) -> Incident:
    """Step, store, record and announce."""
    stepped, effects = _step(unit, changed, act)
    stored = unit.incidents.replace(stepped)
    _record(unit, stored, act, detail=detail)
    _note(desk, stored, act)
    _announce(unit, stored, act.at, sound=Effect.SOUND in effects)
    return stored


def _note(desk: Desk, incident: Incident, act: Move, *, verb: str = "") -> None:
    """Write the act into the log, with what was said."""
    note_done(
        desk,
        act.actor,
        f"incident.{verb or act.event.value}",
        f"incident:{incident.id}",
        why=act.text,
        case=str(incident.id),
        purpose=own_purpose(act.actor.role, Operation.INCIDENTS_WRITE),
    )


def _step(unit: Unit, incident: Incident, act: Move) -> tuple[Incident, tuple[Effect, ...]]:
    """Return the incident after the step, not yet stored; a refusal says who acted last."""
    try:
        outcome = INCIDENT_LIFECYCLE.step(incident.state, act.event)
    except Conflict as refusal:
        raise _named(unit, incident.id, refusal) from refusal
    state = IncidentState(outcome.state)
    return (
        replace(
            incident,
            state=state,
            owner=act.actor.name if Effect.TAKE in outcome.effects else incident.owner,
            offered_to=incident.offered_to if state is IncidentState.OFFERED else None,
            changed_at=act.at,
        ),
        outcome.effects,
    )


def _current(unit: Unit, incident_id: IncidentId, version: int | None) -> Incident:
    """Return the stored incident if it is the version the actor saw.

    Notes in between stand in nobody's way, nor does what happened to a part of it (`playbook.finish`, `methane.save`, …).
    """
    incident = unit.incidents.get(incident_id)
    if version is None or version == incident.version:
        return incident
    for entry in reversed(unit.incidents.entries(incident_id)):
        if "." not in entry.event and int(entry.detail.get("version", 0)) <= version:
            break
        if entry.event != IncidentEvent.NOTE and "." not in entry.event:
            raise _named(
                unit,
                incident_id,
                Conflict(
                    f"incident {incident_id} changed since you saw it",
                    value=version,
                    limit=incident.version,
                    remedy="look at it as it is now, then act again",
                ),
            )
    return incident


def _join_alert(desk: Desk, unit: Unit, incident: Incident, alert: Alert, act: Move) -> None:
    """Give the alert its incident, through the alert's own table; one alert is in one incident at most."""
    if alert.incident is not None:
        raise Conflict(
            f"alert {alert.id} is in incident {alert.incident} already",
            value=alert.id,
            limit="one incident",
            remedy="take it out there first",
        )
    who = Act(actor=act.actor, event=AlertEvent.JOIN, at=act.at, why=act.text)
    move(desk, unit, replace(alert, incident=incident.id), who, detail={"incident": incident.id})
    _record(unit, incident, act)


def _record(
    unit: Unit,
    incident: Incident,
    act: Move,
    *,
    event: str | None = None,
    detail: dict[str, str | int | float] | None = None,
) -> None:
    """Write one line of the timeline."""
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=act.at,
            event=event or act.event,
            who=act.actor.name,
            text=act.text,
            alert=act.alert,
            detail={**(detail or {}), "version": incident.version},
        )
    )


def _announce(unit: Unit, incident: Incident, at: datetime, *, sound: bool) -> None:
    """Put the change of an incident into the outbox of this unit."""
    unit.outbox.add(
        at,
        "incident",
        str(incident.id),
        {
            "state": incident.state.value,
            "severity": incident.severity.value,
            "version": incident.version,
            "sound": sound,
            "simulated": incident.simulated,
        },
    )


def _named(unit: Unit, incident_id: IncidentId, refusal: Conflict) -> Conflict:
    """Return the refusal with who acted before."""
    entries = unit.incidents.entries(incident_id)
    if not entries:
        return refusal
    last = entries[-1]
    detail = f"{refusal.detail} ({last.who}: {last.event} at {last.at:%H:%M:%S})"
    return Conflict(detail, value=refusal.value, limit=refusal.limit, remedy=refusal.remedy)


def _check_count(alerts: Sequence[AlertId]) -> None:
    """Refuse an incident from nothing, and one from more alerts than a person can have looked at."""
    if not 1 <= len(alerts) <= MAX_ALERTS_AT_ONCE:
        raise Malformed(
            f"an incident from {len(alerts)} alerts",
            value=len(alerts),
            limit=f"1..{MAX_ALERTS_AT_ONCE}",
            remedy="choose the alerts it is about",
        )
