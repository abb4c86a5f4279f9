"""How a run begins and ends: with an incident's type, when another is chosen, and when its incident may be closed."""

from dataclasses import replace
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed
from impetus.core.finding import Urgency
from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.incident import Incident
from impetus.core.notice import Notice
from impetus.core.run import Run, RunEvent, RunEventKind
from impetus.desk.context import Desk
from impetus.desk.incident_types import TypeNow, playbook_now, type_now
from impetus.desk.notices import MOST_ASKED, send_notice
from impetus.desk.run_reading import state_of
from impetus.desk.run_step import happened
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.incident_type import IncidentType
from impetus.processes.playbook_text import write_steps
from impetus.processes.run import open_mandatory

SILENT = "none"
"""The sound of a type that asks nobody to look up."""


def begin(desk: Desk, unit: Unit, actor: Actor, incident: Incident, now: TypeNow) -> Run:
    """Start a type's playbook in the caller's unit and return the run; the same one when it is under way."""
    at, slug = desk.clock.now(), now.type.slug
    if not now.type.playbook:
        raise Malformed(f"{now.type.title} has no playbook", value=slug, remedy="choose a type that has, or write one")
    older = unit.runs.of_incident(incident.id)
    if older is not None:
        if older.type == slug and not state_of(unit, older).is_over():
            return older
        stop(desk, unit, actor, older, f"{now.type.title} was started instead")
    typed = unit.incidents.replace(replace(incident, type=slug, type_version=now.version, changed_at=at))
    led_by = playbook_now(desk, unit, now.type.playbook)
    run = unit.runs.add(
        Run(
            id=RunId(0),
            incident=typed.id,
            type=slug,
            type_version=now.version,
            playbook_version=led_by.version,
            title=led_by.playbook.title,
            steps=write_steps(led_by.playbook.steps),
            started_at=at,
            started_by=actor.name,
            changed_at=at,
            simulated=typed.simulated,
        )
    )
    said = f"Playbook {led_by.playbook.title}, version {led_by.version}"
    begun = event_of(run, at, RunEventKind.START, actor.name, text=said)
    is_loud = now.type.sound != SILENT
    return happened(desk, unit, actor, run, begun, is_loud=is_loud)[0]


def tell_recipients(desk: Desk, unit: Unit, actor: Actor, incident: Incident, type_: IncidentType) -> int:
    """Tell everybody whom a type names, but who did it, in the caller's unit, once an incident; return how many.

    A type names roles; who holds one and may still sign in is told. More than can be asked at once are not all told.
    """
    roles = set(type_.recipients)
    names = [
        account.name
        for account in unit.accounts.all()
        if account.disabled_at is None and account.role.value in roles and account.name != actor.name
    ][:MOST_ASKED]
    if names:
        notice = Notice(
            to=tuple(names),
            title=f"{type_.title}: {incident.title}",
            text=type_.objective,
            incident=incident.id,
            urgency=Urgency.IMMEDIATE if type_.priority == "high" else Urgency.EXPECTED,
            key=f"type:{incident.id}:{type_.slug}",
            simulated=incident.simulated,
        )
        send_notice(desk, unit, actor, notice)
    return len(names)


def give_type(desk: Desk, unit: Unit, actor: Actor, incident: Incident, slug: str) -> Incident:
    """Give a new incident its type in the caller's unit, and start what starts when one is opened."""
    now = type_now(desk, unit, slug)
    tell_recipients(desk, unit, actor, incident, now.type)
    if now.type.starts_when_opened and may(actor, Operation.RUNS_WORK):
        begin(desk, unit, actor, incident, now)
        return unit.incidents.get(incident.id)
    return unit.incidents.replace(replace(incident, type=slug, type_version=now.version))


def stop(desk: Desk, unit: Unit, actor: Actor, run: Run, why: str) -> Run:
    """End a run in the caller's unit, if it is not over; what was open stands as skipped, with why."""
    if state_of(unit, run).is_stopped or not run.is_open:
        return run
    return happened(desk, unit, actor, run, event_of(run, desk.clock.now(), RunEventKind.STOP, actor.name, text=why))[0]


def check_resolved(unit: Unit, incident_id: IncidentId) -> None:
    """Refuse to close an incident while mandatory steps of its playbook are open; the refusal names them."""
    run = unit.runs.of_incident(incident_id)
    numbers = open_mandatory(state_of(unit, run)) if run else ()
    if numbers:
        raise Conflict(
            f"mandatory steps are open: {', '.join(numbers)}",
            value=", ".join(numbers),
            limit="none",
            remedy="do them, or skip each with a reason; a supervisor sees what was skipped",
        )


def event_of(  # noqa: PLR0913 - an event has this many parts
    run: Run,
    at: datetime,
    kind: RunEventKind,
    who: str,
    *,
    step: str = "",
    text: str = "",
    action: ActionId | None = None,
) -> RunEvent:
    """Return something that happens next; its number is given when it is stored."""
    return RunEvent(run=run.id, number=0, at=at, event=kind, who=who, step=step, text=text, action=action)
