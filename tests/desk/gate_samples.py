"""People who decide, an incident to decide about, and proposals of every class, for tests of the gates."""

from dataclasses import dataclass, replace
from datetime import timedelta

from desk.samples import AT, fuse, person, seen
from impetus.core.action import Action, ActionKind
from impetus.core.actor import Actor, Role
from impetus.core.ids import ActionId, AlertId, IncidentId
from impetus.desk import gates, incidents
from impetus.desk.context import Desk
from impetus.testing.desk import memory_desk
from impetus.testing.effectors import RecordingEffector

PARAMETERS: dict[ActionKind, dict[str, str]] = {
    ActionKind.NOTE: {"text": "two exits are blocked"},
    ActionKind.MESSAGE: {"text": "please look at E1", "to": "ada"},
    ActionKind.CITY_SYSTEM: {"command": "show: use exit W2", "until": "22:00"},
    ActionKind.EVIDENCE_PACKAGE: {"recipient": "district police", "regime": "led"},
    ActionKind.PUBLIC_WARNING: {"text": "leave the square to the west", "area": "the square"},
}
LIVE_KINDS = (ActionKind.CITY_SYSTEM, ActionKind.PUBLIC_WARNING)
ROLES = {"ada": Role.OPERATOR, "sol": Role.SUPERVISOR, "siv": Role.SUPERVISOR, "eva": Role.EXECUTIVE}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """A control room: a desk with an incident, people by name, and what acts on the city, which remembers."""

    desk: Desk
    people: dict[str, Actor]
    city: RecordingEffector

    def propose(self, kind: ActionKind, by: str = "ada", *, minutes: float = 30, **parameters: str) -> Action:
        """Propose something of this kind about the incident."""
        return gates.propose(
            self.desk,
            self.people[by],
            gates.Proposal(
                kind=kind,
                target="sign:W2",
                why="the crowd must move west",
                lasts=timedelta(minutes=minutes),
                incident=IncidentId(1),
                parameters={**PARAMETERS[kind], **parameters},
            ),
        )

    def approve(self, name: str, action: int, **said: str) -> Action:
        """Say yes to the proposal as it stands."""
        return gates.approve(self.desk, self.people[name], ActionId(action), content_hash=self.hash(action), **said)

    def decline(self, name: str, action: int, why: str = "too early") -> Action:
        """Say no to the proposal as it stands."""
        shown = self.hash(action)
        return gates.decline(self.desk, self.people[name], ActionId(action), content_hash=shown, why=why)

    def lack(self, name: str, action: int, missing: str = "how many people are at W2?") -> Action:
        """Say that there is not enough information about the proposal as it stands."""
        shown = self.hash(action)
        return gates.lack(self.desk, self.people[name], ActionId(action), content_hash=shown, missing=missing)

    def stored(self, action: int) -> Action:
        """Return a proposal as stored."""
        with self.desk.store.read() as unit:
            return unit.actions.get(ActionId(action))

    def hash(self, action: int) -> str:
        """Return what an answer to the proposal is about now."""
        return self.stored(action).content_hash()


def room(*, repeatable: bool = False) -> Room:
    """Return a control room with one incident of ada's and four people."""
    city = RecordingEffector(is_repeatable=repeatable)
    desk = replace(memory_desk(AT), effectors=dict.fromkeys(LIVE_KINDS, city))
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    fuse(desk, seen("a"))
    incidents.open_incident(desk, people["ada"], "Crowd", [AlertId(1)])
    return Room(desk=desk, people=people, city=city)
