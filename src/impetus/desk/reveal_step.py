"""One step of a reveal's life: the table decides, this stores it, writes it into timeline and log, and tells the screens."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor, platform
from impetus.core.effects import Effect
from impetus.core.errors import Conflict
from impetus.core.incident import IncidentEntry
from impetus.core.log_record import Processing
from impetus.core.reveal import REVEAL_LIFECYCLE, Reveal, RevealEvent, RevealState
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.ethics.reveal import is_within
from impetus.ports import Unit

STANDING = (RevealState.ASKED, RevealState.APPROVED, RevealState.OPEN)
CLOCK = platform("reveals")
OVER = "its time is over"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """Who does what, when and why, as the log and the timeline will have it."""

    actor: Actor
    at: datetime
    act: str
    why: str


def take(  # noqa: PLR0913 - a step has this many parts, each named at the call
    desk: Desk,
    actor: Actor,
    reveal: int,
    event: RevealEvent,
    *,
    change: Callable[[Reveal, datetime], Reveal],
    version: int | None = None,
    why: str = "",
) -> Reveal:
    """Take one step of the table: whose time is over steps to expired first, and then refuses."""
    with desk.store.write() as unit:
        at = desk.clock.now()
        found = unit.reveals.get(reveal)
        if found.state in STANDING and not is_good(found, at):
            found = expired(found, at)
        if version is not None and version != found.version:
            raise Conflict(
                f"reveal {reveal} changed since you saw it",
                value=version,
                limit=found.version,
                remedy="look at it as it is now, then act again",
            )
        outcome = REVEAL_LIFECYCLE.step(found.state, event)
        stored = unit.reveals.replace(replace(change(found, at), state=RevealState(outcome.state)))
        step = Step(actor=actor, at=at, act=f"reveal.{event}", why=why or stored.why)
        tell(desk, unit, stored, step, sound=Effect.SOUND in outcome.effects)
        return stored


def tell(desk: Desk, unit: Unit, reveal: Reveal, step: Step, *, sound: bool = False) -> None:
    """Write the step into the incident's timeline and the log, and tell every open screen."""
    incident = unit.incidents.get(reveal.incident)
    detail: dict[str, str | int | float] = {"reveal": reveal.id, "subject": reveal.subject, "version": incident.version}
    unit.incidents.record(
        IncidentEntry(
            incident=reveal.incident,
            at=step.at,
            event=step.act,
            who=step.actor.name,
            text=step.why,
            detail=detail,
        )
    )
    facts = {"state": incident.state.value, "severity": incident.severity.value, "version": incident.version}
    unit.outbox.add(step.at, "incident", str(incident.id), {**facts, "sound": sound, "simulated": incident.simulated})
    note_done(
        desk,
        step.actor,
        step.act,
        reveal.subject,
        processing=Processing.CONTROL,
        why=step.why,
        case=str(reveal.incident),
        recipient=reveal.recipient,
        facts={"reveal": reveal.id, "state": reveal.state.value, "minutes": reveal.minutes},
    )


def ended(found: Reveal, actor: Actor, at: datetime, why: str) -> Reveal:
    """Return the reveal with who ended it, when and why."""
    return replace(found, ended_at=at, ended_by=actor.name, ended_why=why)


def expired(found: Reveal, at: datetime) -> Reveal:
    """Return the reveal as the clock ends it."""
    return replace(ended(found, CLOCK, at, OVER), state=RevealState.EXPIRED)


def is_good(reveal: Reveal, at: datetime) -> bool:
    """Say whether a standing reveal's time is not over, and the clock not set back behind what was seen of it."""
    begun = reveal.opened_at or reveal.approved_at or reveal.asked_at
    return is_within(begun, reveal.good_until, reveal.newest_at or begun, at)


def looked(unit: Unit, reveal: Reveal, at: datetime) -> Reveal:
    """Keep that somebody looked through an open reveal at this time: time that was used cannot be won back."""
    found = unit.reveals.get(reveal.id)
    if found.newest_at is not None and found.newest_at >= at:
        return found
    return unit.reveals.replace(replace(found, newest_at=at))
