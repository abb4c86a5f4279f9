"""One step of an alert's life: the table decides, this applies it, records it, logs it and tells the screens.

Everything that changes an alert goes through `move`. What holds afterwards, whatever happened: `owner` is set exactly
while the alert is held or offered, `offered_to` exactly while it is offered, `shelved_until` exactly while it is shelved,
and a new alert carries no verdict. The history explains the state: replaying its events over the table gives it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor, Role
from impetus.core.alert import ALERT_LIFECYCLE, Alert, AlertEntry, AlertEvent, AlertState
from impetus.core.attention import Because
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.ids import AlertId
from impetus.desk.context import Desk
from impetus.desk.flood import call, heard
from impetus.desk.noted import note_done, tally_done
from impetus.ethics.guard import Operation
from impetus.ethics.purpose import own_purpose
from impetus.ports import Unit

MAX_WORDS = 2000
"""Longest reason, note or outcome in characters; house rule, about one page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """Who does what, when and why."""

    actor: Actor
    event: AlertEvent
    at: datetime
    why: str = ""


def move(
    desk: Desk, unit: Unit, changed: Alert, act: Act, *, detail: dict[str, str | int | float] | None = None
) -> Alert:
    """Take one step of the table with an alert as it reads after the act, store, record and announce it.

    `changed` is the stored alert with the act's own fields already in it (verdict, offered_to, …); its `state` and
    `owner` are still those before the step. A cell that refuses raises `Conflict` that says who acted last.
    """
    stepped, effects = step(unit, changed, act)
    stored = unit.alerts.replace(stepped)
    if Effect.RECORD in effects:
        unit.alerts.record(
            AlertEntry(
                alert=stored.id,
                at=act.at,
                event=act.event,
                who=act.actor.name,
                why=act.why,
                state=stored.state,
                detail={**(detail or {}), "version": stored.version},
            )
        )
        _note(desk, stored, act)
    if act.actor.role is not Role.PLATFORM:
        heard(unit, stored.id, act.event)
    is_asked = Effect.SOUND in effects and stored.state is AlertState.NEW
    if is_asked:
        call(unit, stored, act.at, because=Because.BACK)
    if Effect.SHOW in effects:
        announce(unit, stored, act.at, sound=Effect.SOUND in effects, paced=is_asked)
    return stored


def _note(desk: Desk, alert: Alert, act: Act) -> None:
    """Write the act into the log; what the platform does to alerts by itself is counted."""
    verb = f"alert.{act.event.value}"
    if act.actor.role is Role.PLATFORM:
        tally_done(desk, act.actor, verb)
        return
    note_done(
        desk,
        act.actor,
        verb,
        f"alert:{alert.id}",
        why=act.why,
        purpose=own_purpose(act.actor.role, Operation.ALERTS_TRIAGE),
        case="" if alert.incident is None else str(alert.incident),
    )


def step(unit: Unit, alert: Alert, act: Act) -> tuple[Alert, tuple[Effect, ...]]:
    """Return the alert after the step, not yet stored, and the effects the table asks for."""
    try:
        outcome = ALERT_LIFECYCLE.step(alert.state, act.event)
    except Conflict as refusal:
        raise _named(refusal, last_act(unit.alerts.entries(alert.id))) from refusal
    state = AlertState(outcome.state)
    owner = alert.owner
    if Effect.TAKE in outcome.effects:
        owner = act.actor.name
    if Effect.RELEASE in outcome.effects:
        owner = None
    return (
        replace(
            alert,
            state=state,
            owner=owner,
            offered_to=alert.offered_to if state is AlertState.OFFERED else None,
            shelved_until=alert.shelved_until if state is AlertState.SHELVED else None,
            verdict=None if state is AlertState.NEW else alert.verdict,
            changed_at=act.at if Effect.RECORD in outcome.effects else alert.changed_at,
        ),
        outcome.effects,
    )


def announce(unit: Unit, alert: Alert, at: datetime, *, sound: bool, paced: bool = False) -> None:
    """Put the change of an alert into the outbox of this unit; `paced` when the sound comes with a card of its own."""
    unit.outbox.add(
        at,
        "alert",
        str(alert.id),
        {
            "state": alert.state.value,
            "severity": alert.severity.value,
            "version": alert.version,
            "sound": sound,
            "paced": paced,
            "simulated": alert.simulated,
        },
    )


def current(unit: Unit, alert_id: AlertId, version: int | None, event: AlertEvent) -> Alert:
    """Return the stored alert if nothing that matters happened since the version the actor saw.

    Repeats raise the version too, and an alert that repeats every second must still be acknowledged: so what counts is
    whether a person acted since, or the alert worsened (which stands in nobody's way of taking it). Raises `Conflict`
    naming who acted, what and when.
    """
    alert = unit.alerts.get(alert_id)
    if version is None or version == alert.version:
        return alert
    if version > alert.version:
        raise Conflict(
            f"alert {alert_id} was never at version {version}",
            value=version,
            limit=alert.version,
            remedy="look at it as it is now, then act again",
        )
    for entry in reversed(unit.alerts.entries(alert_id)):
        if int(entry.detail.get("version", 0)) <= version:
            break
        worsened = entry.event == AlertEvent.WORSEN and event is not AlertEvent.ACKNOWLEDGE
        if worsened or not entry.who.startswith("platform:"):
            raise _named(
                Conflict(
                    f"alert {alert_id} changed since you saw it",
                    value=version,
                    limit=alert.version,
                    remedy="look at it as it is now, then act again",
                ),
                entry,
            )
    return alert


def last_act(entries: Sequence[AlertEntry]) -> AlertEntry | None:
    """Return the last line of a history that a person wrote, or the last one at all."""
    people = [entry for entry in entries if not entry.who.startswith("platform:")]
    ordered = people or entries
    return ordered[-1] if ordered else None


def owner_or_supervisor(actor: Actor, owner: str | None, what: str) -> None:
    """Refuse everybody but the owner and supervisors; nobody's alert is everybody's."""
    if owner is None or actor.name == owner or actor.role is Role.SUPERVISOR:
        return
    raise Refused(
        f"{owner} holds it; {actor.name} may not {what} it",
        rule="only the owner or a supervisor",
        value=actor.name,
        limit=owner,
        source="processes: there is no state in which two people each think the other has it",
        remedy=f"ask {owner} to hand it on, or a supervisor",
    )


def only_the_person_asked(actor: Actor, asked: str | None) -> None:
    """Refuse everybody but the person it was handed to; when it was handed to nobody, the table refuses."""
    if asked is None or actor.name == asked:
        return
    raise Refused(
        f"it was handed to {asked}, not to {actor.name}",
        rule="only the person asked answers",
        value=actor.name,
        limit=asked,
        remedy=f"wait for {asked}, or let the owner take it back",
    )


def words(text: str, what: str, *, needed: bool, longest: int = MAX_WORDS) -> str:
    """Return the text without surrounding space; `Malformed` when it is needed and absent, or too long."""
    text = text.strip()
    if needed and not text:
        raise Malformed(f"{what} is empty", value=text, limit="some words", remedy=f"say {what}")
    if len(text) > longest:
        raise Malformed(
            f"{what} has {len(text)} characters", value=len(text), limit=longest, remedy="say it in fewer words"
        )
    return text


def _named(refusal: Conflict, entry: AlertEntry | None) -> Conflict:
    """Return the refusal with who acted before."""
    if entry is None:
        return refusal
    detail = f"{refusal.detail} ({entry.who}: {entry.event} at {entry.at:%H:%M:%S})"
    return Conflict(detail, value=refusal.value, limit=refusal.limit, remedy=refusal.remedy)
