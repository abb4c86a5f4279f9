"""What an incident is to reach, how its place is divided, and who holds what.

An objective is met, or dropped with a reason, and can be taken up again; a sector is handed from one holder to the next and
keeps who had it before. A holder is a colleague or another service, by the name people call it on the radio.

**Source**: ISO 22320:2018, 5.4 (objectives, tasks and resources); JESIP, joint decision model.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.alert import AlertState
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import IncidentId, ObjectiveId, SectorId
from impetus.core.incident import Incident
from impetus.core.situation import (
    OBJECTIVE_LIFECYCLE,
    Objective,
    ObjectiveEvent,
    ObjectiveState,
    Sector,
    ShareTask,
    TaskState,
)
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.situation import Said, is_worked_on, tell, worked_on
from impetus.desk.transition import words
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery, Unit

MAX_OBJECTIVE, MAX_HOLDER, MAX_SECTOR = 200, 80, 60
"""Longest words in characters: one line on the wall screen each. House rules."""
MOST_OBJECTIVES, MOST_SECTORS = 100, 200
"""Most of one incident, ended ones too; more than anybody can hold in mind. House rules."""
MOST_ALERTS = 200
SAID = {
    ObjectiveEvent.MEET: "Objective met",
    ObjectiveEvent.DROP: "Objective dropped",
    ObjectiveEvent.REOPEN: "Objective taken up again",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One thing and who has it: `kind` is incident, alert, objective, sector or task, `holder` empty for nobody."""

    kind: str
    number: int
    what: str
    holder: str
    since: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SituationView:
    """Objectives in the order they were set, sectors that are held, who holds what, and whether the reader may write."""

    objectives: tuple[Objective, ...]
    sectors: tuple[Sector, ...]
    held: tuple[Held, ...]
    may_write: bool

    @property
    def open_objectives(self) -> tuple[Objective, ...]:
        """Return what is still to be reached."""
        return tuple(each for each in self.objectives if each.state is ObjectiveState.OPEN)


def situation_view(desk: Desk, actor: Actor, incident_id: IncidentId) -> SituationView:
    """Return what the incident is to reach and who holds what."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        incident = unit.incidents.get(incident_id)
        return SituationView(
            objectives=tuple(unit.situation.objectives(incident_id)),
            sectors=_standing(unit, incident_id),
            held=_held(unit, incident),
            may_write=may(actor, Operation.INCIDENTS_WRITE) and is_worked_on(incident),
        )


def who_holds_what(desk: Desk, actor: Actor, incident_id: IncidentId) -> tuple[Held, ...]:
    """Return everything of an incident that somebody has or should have: it, its alerts, objectives, sectors and tasks."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        return _held(unit, unit.incidents.get(incident_id))


def set_objective(desk: Desk, actor: Actor, incident_id: IncidentId, text: str, *, holder: str = "") -> Objective:
    """Set an objective of an incident that is worked on."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    at = desk.clock.now()
    fresh = Objective(
        id=ObjectiveId(0),
        incident=incident_id,
        state=ObjectiveState.OPEN,
        text=words(text, "the objective", needed=True, longest=MAX_OBJECTIVE),
        holder=words(holder, "the holder", needed=False, longest=MAX_HOLDER),
        set_by=actor.name,
        set_at=at,
        changed_by=actor.name,
        changed_at=at,
    )
    with desk.store.write() as unit:
        incident = worked_on(unit, incident_id)
        _check_room(len(unit.situation.objectives(incident_id)), MOST_OBJECTIVES, "objectives")
        stored = unit.situation.add_objective(fresh)
        said = f"Objective set: {stored.text}" + (f" ({stored.holder})" if stored.holder else "")
        tell(desk, unit, actor, incident, Said(event="objective.set", text=said, detail={"objective": stored.id}))
        return stored


def move_objective(
    desk: Desk,
    actor: Actor,
    incident_id: IncidentId,
    objective_id: ObjectiveId,
    event: ObjectiveEvent,
    *,
    why: str = "",
) -> Objective:
    """Say that an objective is met, dropped (with a reason) or taken up again; `Conflict` when its state does not allow it."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    text = words(why, "the reason", needed=event is ObjectiveEvent.DROP)
    with desk.store.write() as unit:
        incident, before = worked_on(unit, incident_id), _objective(unit, incident_id, objective_id)
        state = ObjectiveState(OBJECTIVE_LIFECYCLE.step(before.state, event).state)
        return _change(desk, unit, actor, incident, before, replace(before, state=state, why=text), said=SAID[event])


def give_objective(
    desk: Desk, actor: Actor, incident_id: IncidentId, objective_id: ObjectiveId, *, holder: str
) -> Objective:
    """Say who sees to an objective, nobody for an empty name."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    name = words(holder, "the holder", needed=False, longest=MAX_HOLDER)
    with desk.store.write() as unit:
        incident, before = worked_on(unit, incident_id), _objective(unit, incident_id, objective_id)
        said = f"Objective given to {name or 'nobody'}"
        return _change(desk, unit, actor, incident, before, replace(before, holder=name), said=said)


def set_sector(desk: Desk, actor: Actor, incident_id: IncidentId, name: str, *, holder: str, task: str = "") -> Sector:
    """Give a sector to somebody; whoever held one of that name until now is relieved of it, and that stays on record."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    at = desk.clock.now()
    fresh = Sector(
        id=SectorId(0),
        incident=incident_id,
        name=words(name, "the sector", needed=True, longest=MAX_SECTOR),
        holder=words(holder, "the holder", needed=True, longest=MAX_HOLDER),
        task=words(task, "the task", needed=False, longest=MAX_OBJECTIVE),
        set_by=actor.name,
        set_at=at,
    )
    with desk.store.write() as unit:
        incident = worked_on(unit, incident_id)
        _check_room(len(unit.situation.sectors(incident_id)), MOST_SECTORS, "sectors")
        before = [each for each in _standing(unit, incident_id) if each.name.casefold() == fresh.name.casefold()]
        for each in before:
            unit.situation.replace_sector(replace(each, given_up_at=at, given_up_by=actor.name))
        stored = unit.situation.add_sector(fresh)
        relieved = f", in place of {before[0].holder}" if before else ""
        said = f"Sector {stored.name}: {stored.holder}{relieved}" + (f", to {stored.task}" if stored.task else "")
        tell(desk, unit, actor, incident, Said(event="sector.set", text=said, detail={"sector": stored.id}))
        return stored


def give_up_sector(desk: Desk, actor: Actor, incident_id: IncidentId, sector_id: SectorId) -> Sector:
    """Say that nobody holds a sector any more; `Conflict` when that was said before."""
    permit(desk, actor, Operation.INCIDENTS_WRITE, on=f"incident:{incident_id}")
    with desk.store.write() as unit:
        incident, before = worked_on(unit, incident_id), unit.situation.sector(sector_id)
        if before.incident != incident_id:
            raise Unknown(f"incident {incident_id} has no sector {sector_id}", value=sector_id, remedy="reload")
        if before.given_up_at is not None:
            raise Conflict(
                f"{before.given_up_by} gave it up at {before.given_up_at:%H:%M:%S}", value=sector_id, remedy="reload"
            )
        after = replace(before, given_up_at=desk.clock.now(), given_up_by=actor.name)
        unit.situation.replace_sector(after)
        said = f"Sector {after.name}: {after.holder} is relieved, nobody holds it"
        tell(desk, unit, actor, incident, Said(event="sector.give_up", text=said, detail={"sector": after.id}))
        return after


def _change(  # noqa: PLR0913 - what was, what is, and where it is told
    desk: Desk, unit: Unit, actor: Actor, incident: Incident, before: Objective, after: Objective, *, said: str
) -> Objective:
    """Store a change of an objective and tell it."""
    stamped = replace(after, changed_by=actor.name, changed_at=desk.clock.now())
    unit.situation.replace_objective(before, stamped)
    reason = f" ({stamped.why})" if stamped.why and stamped.why != before.why else ""
    text = f"{said}: {stamped.text}{reason}"
    tell(desk, unit, actor, incident, Said(event="objective.change", text=text, detail={"objective": stamped.id}))
    return stamped


def _objective(unit: Unit, incident: IncidentId, objective: ObjectiveId) -> Objective:
    """Return an objective of this incident, or raise `Unknown`."""
    found = unit.situation.objective(objective)
    if found.incident != incident:
        raise Unknown(f"incident {incident} has no objective {objective}", value=objective, remedy="reload")
    return found


def _standing(unit: Unit, incident: IncidentId) -> tuple[Sector, ...]:
    """Return the sectors somebody holds."""
    return tuple(sector for sector in unit.situation.sectors(incident) if sector.given_up_at is None)


def _held(unit: Unit, incident: Incident) -> tuple[Held, ...]:
    """Return everything somebody has or should have, the incident first."""
    found = unit.alerts.find(AlertQuery(incident=incident.id, limit=MOST_ALERTS)).items
    alerts = [alert for alert in found if alert.state is not AlertState.CLOSED]
    objectives = [each for each in unit.situation.objectives(incident.id) if each.state is ObjectiveState.OPEN]
    tasks = [
        (share.agency, task) for share in unit.shares.of_incident(incident.id) for task in unit.shares.tasks(share.id)
    ]
    return (
        Held(kind="incident", number=incident.id, what=incident.title, holder=incident.owner, since=incident.opened_at),
        *(
            Held(kind="sector", number=e.id, what=e.name, holder=e.holder, since=e.set_at)
            for e in _standing(unit, incident.id)
        ),
        *(Held(kind="objective", number=e.id, what=e.text, holder=e.holder, since=e.changed_at) for e in objectives),
        *(_held_task(agency, task) for agency, task in tasks if task.state in (TaskState.ASKED, TaskState.ACCEPTED)),
        *(
            Held(kind="alert", number=e.id, what=e.headline.say(), holder=e.owner or "", since=e.changed_at)
            for e in alerts
        ),
    )


def _held_task(agency: str, task: ShareTask) -> Held:
    """Return a task of another agency: asked is not yet held, and it says so by having no holder."""
    is_taken = task.state is TaskState.ACCEPTED
    return Held(
        kind="task",
        number=task.id,
        what=f"{agency}: {task.text}",
        holder=agency if is_taken else "",
        since=task.changed_at,
    )


def _check_room(there: int, most: int, what: str) -> None:
    """Refuse more than anybody can hold in mind."""
    if there >= most:
        raise Malformed(f"{there} {what} already", value=there, limit=most, remedy="end some, or split the incident")
