"""The effectors that act inside the platform: a note, a message to colleagues, a package of evidence for somebody else.

Each recognises a repetition by the action's number and does nothing then, so a try whose end nobody knows is tried again.
"""

from collections.abc import Callable, Mapping

from impetus.core.action import Action, ActionEntry, ActionKind
from impetus.core.actor import platform
from impetus.core.authorised import Authorised
from impetus.core.errors import Malformed
from impetus.core.finding import Urgency
from impetus.core.incident import IncidentEntry, IncidentEvent
from impetus.core.notice import Notice
from impetus.desk.context import Desk
from impetus.desk.notices import send_notice
from impetus.desk.package import Packer
from impetus.ports import Unit
from impetus.ports.effects import Effector, Outcome

GATES = platform("gates")
DELIVER = "deliver"
"""Event of the line that says a message reached people's pages."""
TO_ALL = "everybody on duty"


class NoteWriter:
    """Fulfils `impetus.ports.effects.Effector`: a line in the incident's timeline, however often it is tried."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Write the note; `Malformed` when it belongs to no incident."""
        action = authorised.what
        with self._desk.store.write() as unit:
            if not write_line(unit, action, action.parameters["text"]):
                return Outcome(succeeded=True, receipt="noted before")
        return Outcome(succeeded=True, receipt=f"noted in incident {action.incident}")


class Messenger:
    """Fulfils `impetus.ports.effects.Effector`: a message on the pages of people who are here, until they have read it."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Put the message where its readers look; who nobody knows is refused, and nobody gets half of it."""
        action = authorised.what
        with self._desk.store.write() as unit:
            names = recipients(unit, action.parameters["to"])
            if any(entry.event == DELIVER for entry in unit.actions.entries(action.id)):
                return Outcome(succeeded=True, receipt="sent before")
            at = max(self._desk.clock.now(), action.changed_at)
            unit.actions.record(
                ActionEntry(id=0, action=action.id, at=at, event=DELIVER, who=action.proposed_by, text=", ".join(names))
            )
            unit.outbox.add(
                at, "message", str(action.id), {"to": len(names), "sound": True, "simulated": action.simulated}
            )
            if action.incident is not None:
                write_line(unit, action, f"{', '.join(names)}: {action.parameters['text']}")
            send_notice(self._desk, unit, GATES, _notice(unit, action, names))
        return Outcome(succeeded=True, receipt=f"sent to {len(names)}")


def _notice(unit: Unit, action: Action, names: tuple[str, ...]) -> Notice:
    """Return what calls a message's readers to their pages: the words themselves stay there."""
    title = unit.incidents.get(action.incident).title if action.incident is not None else "a message for you"
    return Notice(
        to=names,
        title=title,
        text=action.parameters["text"],
        incident=action.incident,
        urgency=Urgency.EXPECTED,
        key=f"action:{action.id}",
        simulated=action.simulated,
    )


def recipients(unit: Unit, to: str) -> tuple[str, ...]:
    """Return the account names a message goes to; `Malformed` for a name nobody here has."""
    accounts = {account.name: account for account in unit.accounts.all() if account.disabled_at is None}
    if to == TO_ALL:
        return tuple(accounts)
    names = tuple(dict.fromkeys(name.strip() for name in to.split(",") if name.strip()))
    strangers = [name for name in names if name not in accounts]
    if strangers or not names:
        raise Malformed(
            f"nobody here is called {', '.join(strangers) or 'nothing'}",
            value=to,
            limit="accounts that are not disabled",
            remedy="choose from the list",
        )
    return names


def write_line(unit: Unit, action: Action, text: str) -> bool:
    """Write a line into the timeline of the action's incident, once; false when it stands there already."""
    if action.incident is None:
        raise Malformed("it belongs to no incident", value=action.id, remedy="propose it from an incident")
    if any(entry.detail.get("action") == action.id for entry in unit.incidents.entries(action.incident)):
        return False
    incident = unit.incidents.get(action.incident)
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=action.changed_at,
            event=IncidentEvent.NOTE,
            who=action.proposed_by,
            text=text,
            detail={"action": action.id, "version": incident.version},
        )
    )
    unit.outbox.add(
        action.changed_at,
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
    return True


OWN_EFFECTORS: Mapping[ActionKind, Callable[[Desk], Effector]] = {
    ActionKind.NOTE: NoteWriter,
    ActionKind.MESSAGE: Messenger,
    ActionKind.EVIDENCE_PACKAGE: Packer,
}
"""Kinds the platform performs by itself; nothing connected from outside takes their place."""
