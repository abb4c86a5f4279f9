"""Merges, splits, links, leaves and undos in any order: no alert is ever lost or in two places, and an undo undoes."""

from collections.abc import Mapping

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desk.gate_samples import Room, room
from desk.samples import fuse, seen
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import AlertId, IncidentId, LinkId
from impetus.core.incident import IncidentState
from impetus.core.situation import MOVING, LinkKind
from impetus.desk import incidents, links
from impetus.desk.decide import decide
from impetus.desk.links import End

ALERTS = range(1, 6)
ANY = st.integers(1, 7)


class Together(RuleBasedStateMachine):
    """People who merge, split, link and undo; what the store says is compared with where each alert was put."""

    house: Room

    @initialize()
    def open_room(self) -> None:
        """Start with three incidents over five alerts."""
        self.house = room()
        keys = ("b", "c", "d", "e")
        fuse(self.house.desk, *(seen(key, subject=f"zone:{key}") for key in keys))
        for title, alerts in (("Second", (2, 3)), ("Third", (4, 5))):
            chosen = [AlertId(alert) for alert in alerts]
            incidents.open_incident(self.house.desk, self.house.people["sol"], title, chosen)

    def where(self) -> Mapping[int, int | None]:
        """Return which incident each alert is in."""
        with self.house.desk.store.read() as unit:
            return {alert: unit.alerts.get(AlertId(alert)).incident for alert in ALERTS}

    def states(self) -> Mapping[int, IncidentState]:
        """Return how each incident stands."""
        with self.house.desk.store.read() as unit:
            return {incident.id: incident.state for incident in unit.incidents.find().items}

    @rule(number=ANY, into=ANY)
    def merge(self, number: int, into: int) -> None:
        """Merge two: all the alerts of one are in the other, or nothing moved."""
        before = self.where()
        try:
            links.merge(
                self.house.desk, self.house.people["sol"], IncidentId(number), into=IncidentId(into), why="one matter"
            )
        except (Conflict, Malformed, Unknown):
            assert self.where() == before
        else:
            assert self.where() == {alert: into if at == number else at for alert, at in before.items()}
            assert self.states()[number] is IncidentState.CLOSED

    @rule(number=ANY, chosen=st.sets(st.sampled_from(ALERTS), min_size=1, max_size=2))
    def split(self, number: int, chosen: set[int]) -> None:
        """Split some off: they and nothing else are in a fresh incident, or nothing moved."""
        before = self.where()
        try:
            fresh = links.split(
                self.house.desk,
                self.house.people["sol"],
                IncidentId(number),
                [AlertId(alert) for alert in chosen],
                title="Apart",
                why="another matter",
            )
        except (Conflict, Malformed, Unknown):
            assert self.where() == before
        else:
            assert self.where() == {alert: fresh.id if alert in chosen else at for alert, at in before.items()}

    @rule(number=ANY, other=ANY, kind=st.sampled_from(sorted(set(LinkKind) - MOVING)))
    def link(self, number: int, other: int, kind: LinkKind) -> None:
        """Link two: nothing moves, whatever comes of it."""
        before = self.where(), self.states()
        ends = End(incident=IncidentId(number)), End(incident=IncidentId(other))
        try:
            links.link(self.house.desk, self.house.people["ada"], *ends, kind)
        except (Conflict, Malformed, Unknown):
            assert kind not in MOVING
        assert (self.where(), self.states()) == before

    @rule(alert=st.sampled_from(ALERTS))
    def leave(self, alert: int) -> None:
        """Take an alert out of whatever incident it is in."""
        at = self.where()[alert]
        if at is not None and self.states()[at] is not IncidentState.CLOSED:
            incidents.leave(self.house.desk, self.house.people["sol"], IncidentId(at), AlertId(alert))

    @rule(number=ANY)
    def work(self, number: int) -> None:
        """Decide something, where that may be."""
        try:
            decide(
                self.house.desk,
                self.house.people["sol"],
                IncidentId(number),
                seen="x",
                options=["wait", "go"],
                choice="go",
                reason="y",
            )
        except (Conflict, Unknown):
            assert self.states().get(number) in {None, IncidentState.CLOSED}

    @rule(number=ANY)
    def undo(self, number: int) -> None:
        """Undo one: what the page said is what happens; refused, nothing moved; done, what moved is back."""
        before = self.where()
        with self.house.desk.store.read() as unit:
            try:
                found = unit.links.get(LinkId(number))
            except Unknown:
                return
            why_not = links._why_not(unit, found)
        try:
            links.undo_link(self.house.desk, self.house.people["sol"], found.id)
        except (Conflict, Refused):
            assert found.undone_at is not None or why_not
            assert self.where() == before
        else:
            assert not why_not
            back = found.incident if found.kind in MOVING else None
            moved = set(found.moved) if found.kind in MOVING else set()
            assert self.where() == {alert: back if alert in moved else at for alert, at in before.items()}

    @invariant()
    def nobody_is_lost(self) -> None:
        """Every alert is in one incident that is there, or in none; incidents keep their numbers."""
        states = self.states()
        assert {at for at in self.where().values() if at is not None} <= set(states)
        assert sorted(states) == list(range(1, len(states) + 1))


Together.TestCase.settings = settings(max_examples=6, stateful_step_count=12, deadline=None)
TestTogether = Together.TestCase
