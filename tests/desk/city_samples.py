"""A control room with a sign that remembers, for tests of effects on the city and of warnings."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from desk.gate_samples import ROLES
from desk.samples import AT, fuse, person, seen
from impetus.core.action import Action, ActionKind
from impetus.core.actor import Actor
from impetus.core.effect import CityEffect, Device
from impetus.core.ids import ActionId, AlertId, IncidentId
from impetus.desk import gates, incidents
from impetus.desk.context import Desk
from impetus.desk.take_back import tend_effects
from impetus.testing.city import SIGN, MemoryCity, MemoryDevice, MemoryGateways
from impetus.testing.desk import clock_of, memory_desk

REAL = replace(SIGN, simulated=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityRoom:
    """A desk with an incident, people by name, and one sign."""

    desk: Desk
    people: dict[str, Actor]
    sign: MemoryDevice

    @property
    def gateways(self) -> MemoryGateways:
        """Return where warnings go."""
        assert isinstance(self.desk.outside.gateways, MemoryGateways)
        return self.desk.outside.gateways

    def propose(self, words: str = "leave by E2", *, minutes: float = 30, until: str = "") -> Action:
        """Propose to set the sign for so long."""
        ends = until or (self.now + timedelta(minutes=minutes)).isoformat()
        return gates.propose(
            self.desk,
            self.people["ada"],
            gates.Proposal(
                kind=ActionKind.CITY_SYSTEM,
                target=self.sign.device.id,
                why="the crowd must move",
                lasts=timedelta(minutes=20),
                incident=IncidentId(1),
                parameters={"command": words, "until": ends},
            ),
        )

    def approve(self, action: Action, name: str = "sol") -> Action:
        """Say yes to a proposal."""
        return gates.approve(self.desk, self.people[name], action.id, content_hash=action.content_hash())

    def set_sign(self, words: str = "leave by E2", *, minutes: float = 30) -> CityEffect:
        """Propose and agree, and return what came of it."""
        return self.effect_of(self.approve(self.propose(words, minutes=minutes)).id)

    def effect_of(self, action: ActionId) -> CityEffect:
        """Return the effect of an action."""
        with self.desk.store.read() as unit:
            found = unit.effects.of_action(action)
        assert found is not None
        return found

    def effect(self, number: int = 1) -> CityEffect:
        """Return an effect as stored."""
        with self.desk.store.read() as unit:
            return unit.effects.get(number)

    def said(self) -> list[str]:
        """Return the events of the incident's timeline that are about effects and warnings."""
        with self.desk.store.read() as unit:
            entries = unit.incidents.entries(IncidentId(1))
        return [str(entry.event) for entry in entries if str(entry.event).startswith(("effect.", "warning."))]

    @property
    def now(self) -> datetime:
        """Return what the clock says."""
        return self.desk.clock.now()

    def later(self, **by: float) -> int:
        """Let time pass, then tend, and return how many effects changed."""
        clock_of(self.desk).advance(timedelta(**by).total_seconds())
        return tend_effects(self.desk)


def city_room(device: Device = REAL, *, simulated: bool = False) -> CityRoom:
    """Return a control room with one incident of ada's and one sign; `simulated` says where the incident comes from."""
    desk = memory_desk(AT)
    assert isinstance(desk.outside.city, MemoryCity)
    sign = desk.outside.city.add(device)
    people = {name: person(desk, name, role) for name, role in ROLES.items()}
    fuse(desk, seen("a", simulated=simulated))
    incidents.open_incident(desk, people["ada"], "Crowd", [AlertId(1)])
    room = CityRoom(desk=desk, people=people, sign=sign)
    room.gateways.name = "control-room@city.example"
    return room
