"""Two operators, a supervisor, time, and an alert that repeats and worsens: whatever they do, in whatever order.

The machine does what people and tools could do, allowed or not, and checks after each step what must always hold.
"""

from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import ALERT_LIFECYCLE, Alert, AlertEvent, AlertState, Verdict
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.desk import incidents, triage
from impetus.testing.desk import clock_of, memory_desk

PEOPLE = st.sampled_from(["ada", "bo", "sol"])
OWNED = (AlertState.HELD, AlertState.OFFERED)
AN_ALERT = AlertId(1)
REFUSALS = (Conflict, Refused, Malformed)


class OperatorsAtWork(RuleBasedStateMachine):
    """One alert, three people, and a model that knows only who has it."""

    @initialize()
    def begin(self) -> None:
        """Raise an alert and let three people be there."""
        self.desk = memory_desk(AT)
        roles = {"ada": Role.OPERATOR, "bo": Role.OPERATOR, "sol": Role.SUPERVISOR}
        self.people = {name: person(self.desk, name, role) for name, role in roles.items()}
        self.noticed = 0
        self.seen_versions: dict[str, int] = {}
        self.version = 0
        self.repeats = 0
        fuse(self.desk, self._finding(Severity.MINOR))

    def _finding(self, severity: Severity) -> object:
        self.noticed += 1
        now = self.desk.clock.now()
        return seen(f"{self.noticed}", severity=severity, began=now, noticed=now)

    def _alert(self) -> Alert:
        with self.desk.store.read() as unit:
            return unit.alerts.get(AN_ALERT)

    def _try(self, name: str, act: object) -> None:
        """Act as somebody would: refused or done, and nothing in between; a refusal changes nothing."""
        before = self._alert()
        version = self.seen_versions.pop(name, None)
        refused = False
        try:
            act(self.people[name], version)  # type: ignore[operator]  # an act of the rules below
        except REFUSALS:
            refused = True
        after = self._alert()
        assert after == before if refused else after.version > before.version

    @rule(name=PEOPLE)
    def look(self, name: str) -> None:
        """Somebody looks at the alert and will act on what they saw."""
        self.seen_versions[name] = self._alert().version

    @rule(name=PEOPLE)
    def acknowledge(self, name: str) -> None:
        """Somebody takes it; if it worked, it is theirs."""
        self._try(name, lambda who, version: triage.acknowledge(self.desk, who, AN_ALERT, version=version))

    @rule(name=PEOPLE)
    def undo(self, name: str) -> None:
        """Somebody takes the last step back."""
        self._try(name, lambda who, version: triage.undo(self.desk, who, AN_ALERT, version=version))

    @rule(name=PEOPLE, verdict=st.sampled_from(list(Verdict)))
    def assess(self, name: str, verdict: Verdict) -> None:
        """Somebody says what it was."""
        self._try(name, lambda who, version: triage.assess(self.desk, who, AN_ALERT, verdict=verdict, version=version))

    @rule(name=PEOPLE, hours=st.integers(-1, 200))
    def shelve(self, name: str, hours: int) -> None:
        """Somebody puts it aside."""
        until = self.desk.clock.now() + timedelta(hours=hours)
        self._try(
            name,
            lambda who, version: triage.shelve(self.desk, who, AN_ALERT, until=until, why="works", version=version),
        )

    @rule(name=PEOPLE, to=PEOPLE)
    def offer(self, name: str, to: str) -> None:
        """Somebody hands it on."""
        self._try(name, lambda who, version: triage.offer(self.desk, who, AN_ALERT, to=to, version=version))

    @rule(name=PEOPLE)
    def accept(self, name: str) -> None:
        """Somebody says yes."""
        self._try(name, lambda who, version: triage.accept(self.desk, who, AN_ALERT, version=version))

    @rule(name=PEOPLE)
    def decline(self, name: str) -> None:
        """Somebody says no."""
        self._try(name, lambda who, version: triage.decline(self.desk, who, AN_ALERT, version=version))

    @rule(name=PEOPLE)
    def close(self, name: str) -> None:
        """Somebody closes it."""
        self._try(name, lambda who, version: triage.close(self.desk, who, AN_ALERT, version=version))

    @rule(name=PEOPLE)
    def reopen(self, name: str) -> None:
        """Somebody takes it up again."""
        self._try(name, lambda who, version: triage.reopen(self.desk, who, AN_ALERT, why="again", version=version))

    @rule(name=PEOPLE)
    def open_incident(self, name: str) -> None:
        """Somebody makes it an incident."""

        def act(who: Actor, version: int | None) -> None:
            incidents.open_incident(self.desk, who, "Crowd", [AN_ALERT])

        self._try(name, act)

    @rule(times=st.integers(1, 5), severity=st.sampled_from([Severity.MINOR, Severity.MODERATE, Severity.EXTREME]))
    def repeat(self, times: int, severity: Severity) -> None:
        """Let the tool notice it again, perhaps worse."""
        fuse(self.desk, *(self._finding(severity) for _ in range(times)))  # type: ignore[arg-type]  # findings

    @rule(minutes=st.integers(0, 12))
    def time_passes(self, minutes: int) -> None:
        """Let some minutes pass, fewer than end an episode, and bring back what is due."""
        clock_of(self.desk).advance(60 * minutes)
        triage.wake_due(self.desk)

    @invariant()
    def owned_exactly_while_held_or_offered(self) -> None:
        """One owner while somebody has it, none otherwise; asked, put aside and judged only where that makes sense."""
        found = self._alert()
        assert (found.owner is not None) == (found.state in OWNED)
        assert (found.offered_to is not None) == (found.state is AlertState.OFFERED)
        assert (found.shelved_until is not None) == (found.state is AlertState.SHELVED)
        assert found.owner is None or found.owner in self.people
        assert found.offered_to != found.owner or found.owner is None
        assert found.verdict is None or found.state is not AlertState.NEW
        assert found.state is not AlertState.CLOSED or found.verdict is not None

    @invariant()
    def versions_and_repeats_only_rise(self) -> None:
        """No act turns the alert back to what it was."""
        found = self._alert()
        assert found.version >= self.version
        assert found.repeats >= self.repeats
        self.version, self.repeats = found.version, found.repeats

    @invariant()
    def history_explains_state(self) -> None:
        """Replaying the history over the table, with who did what, gives the state and the owner that are stored."""
        found = self._alert()
        with self.desk.store.read() as unit:
            entries = unit.alerts.entries(AN_ALERT)
        state, owner = AlertState.NEW, None
        for entry in entries:
            assert entry.who
            if entry.event in set(AlertEvent):
                step = ALERT_LIFECYCLE.step(state, entry.event)
                state = AlertState(step.state)
                owner = entry.who if "take" in step.effects else None if "release" in step.effects else owner
            assert entry.state == state
        assert (state, owner) == (found.state, found.owner)


class OperatorsForLong(OperatorsAtWork):
    """The same for longer."""


OperatorsAtWork.TestCase.settings = settings(max_examples=10, stateful_step_count=25, deadline=None)
OperatorsForLong.TestCase.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
TestOperatorsAtWork = OperatorsAtWork.TestCase
TestOperatorsForLong = pytest.mark.slow(OperatorsForLong.TestCase)
