"""Three people, three alerts and one incident after another: whatever they do to them, in whatever order.

The machine does what people could do, allowed or not, and checks after each step what must always hold.
"""

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertState, Verdict
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import INCIDENT_LIFECYCLE, Incident, IncidentEvent, IncidentState
from impetus.desk import decide, incidents, read, triage
from impetus.testing.desk import memory_desk

PEOPLE = st.sampled_from(["ada", "bo", "sol"])
ALERTS = st.sampled_from([AlertId(1), AlertId(2), AlertId(3)])
WORDS = st.sampled_from(["over", "seen", "  ", "why not"])
REFUSALS = (Conflict, Refused, Malformed)
MOST = 3


class IncidentsAtWork(RuleBasedStateMachine):
    """Some incidents over three alerts of different severity; a model that knows which alert is where."""

    @initialize()
    def begin(self) -> None:
        """Raise three alerts far apart and let three people be there."""
        self.desk = memory_desk(AT)
        roles = {"ada": Role.OPERATOR, "bo": Role.OPERATOR, "sol": Role.SUPERVISOR}
        self.people = {name: person(self.desk, name, role) for name, role in roles.items()}
        severities = (Severity.MINOR, Severity.SEVERE, Severity.EXTREME)
        fuse(self.desk, *(seen(f"{each}", subject=f"zone:{each}", severity=each) for each in severities))
        self.where: dict[AlertId, IncidentId] = {}
        self.worst: dict[IncidentId, int] = {}
        self.newest = IncidentId(0)

    def _all(self) -> tuple[Incident, ...]:
        with self.desk.store.read() as unit:
            return unit.incidents.find().items

    def _try(self, name: str, act: Callable[[Actor], Incident | object]) -> bool:
        """Act as somebody would: refused or done, and nothing in between."""
        before = self._all()
        try:
            act(self.people[name])
        except REFUSALS:
            assert self._all() == before
            return False
        return True

    @precondition(lambda self: self.newest < MOST)
    @rule(name=PEOPLE, alert=ALERTS)
    def open_incident(self, name: str, alert: AlertId) -> None:
        """Somebody opens one; an alert that is in one already cannot begin another."""
        is_free = alert not in self.where
        done = self._try(name, lambda who: incidents.open_incident(self.desk, who, "Crowd", [alert]))
        assert done == is_free
        if done:
            self.newest = self._all()[0].id
            self.where[alert] = self.newest
            self.worst[self.newest] = self._rank(alert)

    def _rank(self, alert: AlertId) -> int:
        with self.desk.store.read() as unit:
            return unit.alerts.get(alert).severity.rank

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE, alert=ALERTS, which=st.integers(1, MOST))
    def join(self, name: str, alert: AlertId, which: int) -> None:
        """Somebody joins an alert to one of them."""
        incident = IncidentId(min(which, self.newest))
        if self._try(name, lambda who: incidents.join(self.desk, who, incident, alert)):
            assert alert not in self.where
            self.where[alert] = incident
            self.worst[incident] = max(self.worst[incident], self._rank(alert))

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE, alert=ALERTS, which=st.integers(1, MOST))
    def leave(self, name: str, alert: AlertId, which: int) -> None:
        """Somebody takes an alert out of one of them."""
        incident = IncidentId(min(which, self.newest))
        if self._try(name, lambda who: incidents.leave(self.desk, who, incident, alert)):
            assert self.where.pop(alert) == incident

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE, text=WORDS)
    def note(self, name: str, text: str) -> None:
        """Somebody writes a line; only an empty one is refused, whatever the state."""
        done = self._try(name, lambda who: incidents.note(self.desk, who, self.newest, text))
        assert done == bool(text.strip())

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE, to=PEOPLE)
    def offer(self, name: str, to: str) -> None:
        """Somebody hands it on."""
        self._try(name, lambda who: incidents.offer(self.desk, who, self.newest, to=to))

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE)
    def accept(self, name: str) -> None:
        """Somebody says yes; only whoever was asked can."""
        asked = self._all()[0].offered_to
        assert self._try(name, lambda who: incidents.accept(self.desk, who, self.newest)) == (asked == name)

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE)
    def decline(self, name: str) -> None:
        """Somebody says no, or takes the question back."""
        self._try(name, lambda who: incidents.decline(self.desk, who, self.newest))

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE, outcome=WORDS)
    def close(self, name: str, outcome: str) -> None:
        """Somebody closes it; its owner or a supervisor, with an outcome, while it is nobody else's question."""
        before = self._all()[0]
        may = name in (before.owner, "sol") and outcome.strip() and before.state is IncidentState.OPEN
        assert self._try(name, lambda who: incidents.close(self.desk, who, self.newest, outcome=outcome)) == bool(may)

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE)
    def reopen(self, name: str) -> None:
        """Somebody takes it up again; then it is theirs."""
        was_closed = self._all()[0].state is IncidentState.CLOSED
        assert self._try(name, lambda who: incidents.reopen(self.desk, who, self.newest, why="again")) == was_closed
        assert not was_closed or self._all()[0].owner == name

    @precondition(lambda self: self.newest)
    @rule(name=PEOPLE)
    def decide(self, name: str) -> None:
        """Somebody decides; open or offered, never after the end."""
        is_open = self._all()[0].state is not IncidentState.CLOSED
        parts = {"seen": "full", "options": ("wait", "go"), "choice": "go", "reason": "it is full"}
        assert self._try(name, lambda who: decide.decide(self.desk, who, self.newest, **parts)) == is_open

    @rule(name=PEOPLE, alert=ALERTS)
    def judge(self, name: str, alert: AlertId) -> None:
        """Somebody judges an alert: its incident is not moved by it."""
        before = self._all()
        with contextlib.suppress(*REFUSALS):
            triage.assess(self.desk, self.people[name], alert, verdict=Verdict.CONFIRMED)
        assert self._all() == before

    @invariant()
    def every_alert_is_where_the_model_says(self) -> None:
        """In one incident at most, on both sides; and whoever joined it took it, so it is new no more."""
        with self.desk.store.read() as unit:
            found = {number: unit.alerts.get(number) for number in (AlertId(1), AlertId(2), AlertId(3))}
        assert {number: alert.incident for number, alert in found.items() if alert.incident} == self.where
        for incident in self._all():
            listed = {alert.id for alert in read.incident(self.desk, self.people["sol"], incident.id).alerts}
            assert listed == {number for number, where in self.where.items() if where == incident.id}
        assert all(found[number].state is not AlertState.NEW for number in self.where)

    @invariant()
    def an_incident_is_whole(self) -> None:
        """Owned always; asked exactly while offered; an outcome and an end exactly while closed; never less bad."""
        for found in self._all():
            assert found.owner in self.people
            assert (found.offered_to is not None) == (found.state is IncidentState.OFFERED)
            assert found.offered_to != found.owner
            assert bool(found.outcome) == (found.closed_at is not None) == (found.state is IncidentState.CLOSED)
            assert found.severity.rank == self.worst[found.id]

    @invariant()
    def timeline_explains_state(self) -> None:
        """Replaying the timeline over the table gives the state that is stored; each line has a name."""
        for found in self._all():
            with self.desk.store.read() as unit:
                entries = unit.incidents.entries(found.id)
            state = IncidentState.OPEN
            for entry in entries[1:]:
                assert entry.who in self.people
                state = IncidentState(INCIDENT_LIFECYCLE.step(state, IncidentEvent(entry.event)).state)
            assert (entries[0].event, state) == ("open", found.state)


class IncidentsForLong(IncidentsAtWork):
    """The same for longer."""


IncidentsAtWork.TestCase.settings = settings(max_examples=6, stateful_step_count=25, deadline=None)
IncidentsForLong.TestCase.settings = settings(max_examples=80, stateful_step_count=40, deadline=None)
TestIncidentsAtWork = IncidentsAtWork.TestCase
TestIncidentsForLong = pytest.mark.slow(IncidentsForLong.TestCase)
