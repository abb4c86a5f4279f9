"""What every change of an incident's situation leaves behind: a line in its timeline, a line in the log, a word to the screens."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.errors import Conflict
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import INCIDENT_LIFECYCLE, Incident, IncidentEntry, IncidentEvent
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.ethics.guard import Operation
from impetus.ethics.purpose import own_purpose
from impetus.ports import Unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One sentence of the timeline: `event` is `group.verb`, `text` what people read, `detail` what programs read."""

    event: str
    text: str
    alert: AlertId | None = None
    detail: Mapping[str, str | int | float] = field(default_factory=dict)


def tell(desk: Desk, unit: Unit, actor: Actor, incident: Incident, said: Said) -> None:
    """Write what was done into the timeline, the log and the outbox of this unit."""
    at = desk.clock.now()
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=at,
            event=said.event,
            who=actor.name,
            text=said.text,
            alert=said.alert,
            detail={**said.detail, "version": incident.version},
        )
    )
    note_done(
        desk,
        actor,
        said.event,
        f"incident:{incident.id}",
        why=said.text,
        case=str(incident.id),
        purpose=own_purpose(actor.role, Operation.INCIDENTS_WRITE),
    )
    show(unit, incident, at)


def show(unit: Unit, incident: Incident, at: datetime) -> None:
    """Tell open pages that something of the incident changed."""
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


def is_worked_on(incident: Incident) -> bool:
    """Say whether decisions may still be taken about it: it is not closed."""
    return not isinstance(INCIDENT_LIFECYCLE.table[incident.state, IncidentEvent.DECIDE], str)


def worked_on(unit: Unit, incident_id: IncidentId) -> Incident:
    """Return the incident; `Conflict` when it is closed, because what is known of it then stands."""
    incident = unit.incidents.get(incident_id)
    if not is_worked_on(incident):
        raise Conflict(
            f"incident {incident_id} is {incident.state}",
            value=incident.state,
            limit="an incident that is worked on",
            remedy="reopen it first, with a reason",
        )
    return incident
