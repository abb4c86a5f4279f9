"""The store against a plain model: whatever is added, changed and erased, counters and lists say what is there.

Open counts, the alert load, lists by tool and the quarantine's bounds are kept as the state changes, not counted when
asked; this is where they would drift.
"""

from contextlib import suppress
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from contracts.samples import ANOMALY, a_refusal, an_alert, minutes
from impetus.adapters.sql import quarantine
from impetus.core.alert import Alert, AlertState
from impetus.core.board import Quarantined
from impetus.core.errors import Conflict
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, SourceId, ToolId
from impetus.ports import AlertQuery
from impetus.testing.store import memory_store

TOOLS = (ANOMALY, ToolId("noise"), ToolId("smoke"))
STATES = st.sampled_from(AlertState)
SEVERITIES = st.sampled_from(Severity)
TOOL_SETS = st.lists(st.sampled_from(TOOLS), min_size=1, max_size=3, unique=True).map(tuple)
MINUTES = st.one_of(st.integers(0, 12).map(float), st.floats(0, 12))
SOURCES = st.sampled_from([SourceId("square"), SourceId("quay"), SourceId("dock")])
PER_SOURCE, IN_ALL = 4, 9


class AlertsKept(RuleBasedStateMachine):
    """Alerts in a dictionary beside alerts in the store."""

    @initialize()
    def begin(self) -> None:
        """Open an empty store."""
        self.store = memory_store()
        self.kept: dict[AlertId, Alert] = {}
        self.versions: dict[AlertId, int] = {}

    def teardown(self) -> None:
        """Give the store back."""
        if hasattr(self, "store"):
            self.store.close()

    @rule(state=STATES, severity=SEVERITIES, tools=TOOL_SETS, raised=MINUTES)
    def add(self, state: AlertState, severity: Severity, tools: tuple[ToolId, ...], raised: float) -> None:
        """Store a new one; its number is one nobody has had."""
        at = minutes(raised)
        with self.store.write() as unit:
            alert = unit.alerts.add(
                an_alert(state=state, severity=severity, tools=tools, raised_at=at, last_at=at, changed_at=at)
            )
        assert alert.id not in self.versions
        self.kept[alert.id], self.versions[alert.id] = alert, alert.version

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0), state=STATES, severity=SEVERITIES, tools=TOOL_SETS, changed=MINUTES)
    def change(
        self, which: int, state: AlertState, severity: Severity, tools: tuple[ToolId, ...], changed: float
    ) -> None:
        """Change one; the version rises by one."""
        before = self.kept[sorted(self.kept)[which % len(self.kept)]]
        after = replace(before, state=state, severity=severity, tools=tools, changed_at=minutes(changed))
        with self.store.write() as unit:
            stored = unit.alerts.replace(after)
        assert stored == replace(after, version=before.version + 1)
        self.kept[before.id] = stored

    @precondition(lambda self: self.kept)
    @rule(which=st.integers(0), behind=st.integers(1, 3))
    def change_an_old_one(self, which: int, behind: int) -> None:
        """Change what somebody saw some versions ago: refused, and nothing is changed."""
        before = self.kept[sorted(self.kept)[which % len(self.kept)]]
        with pytest.raises(Conflict), self.store.write() as unit:
            unit.alerts.replace(replace(before, version=before.version - behind, owner="mallory"))

    @rule(before=MINUTES, limit=st.integers(1, 3))
    def erase(self, before: float, limit: int) -> None:
        """Erase some closed ones: those changed longest ago first, and never more than asked for."""
        due = [a for a in self.kept.values() if a.state is AlertState.CLOSED and a.changed_at < minutes(before)]
        with self.store.write() as unit:
            erased = unit.alerts.erase_closed(minutes(before), limit=limit)
        assert len(erased) == min(limit, len(due))
        assert {alert.id for alert in erased} <= {alert.id for alert in due}
        for alert in erased:
            del self.kept[alert.id]
        left = [alert.changed_at for alert in due if alert.id in self.kept]
        assert not left or max(alert.changed_at for alert in erased) <= min(left)

    @rule(state=STATES)
    def fail_half_way(self, state: AlertState) -> None:
        """Begin a unit that adds and changes, and fail: nothing of it stays, no counter either."""
        with suppress(InterruptedError), self.store.write() as unit:
            unit.alerts.add(an_alert(state=state))
            for alert in self.kept.values():
                unit.alerts.replace(replace(alert, state=state))
            raise InterruptedError

    @rule(since=MINUTES, until=MINUTES)
    def ask_for_the_load(self, since: float, until: float) -> None:
        """Ask how many were raised in a span, wherever its ends fall in a minute."""
        first, last = minutes(since), minutes(until)
        with self.store.read() as unit:
            counted = unit.alerts.raised_between(first, last)
        assert counted == sum(first <= alert.raised_at < last for alert in self.kept.values())

    @rule(tool=st.sampled_from(TOOLS), severity=st.none() | SEVERITIES, order=st.sampled_from(["newest", "urgent"]))
    def list_by_tool(self, tool: ToolId, severity: Severity | None, order: str) -> None:
        """List what a tool has to do with: each alert once, whatever else it is listed under."""
        with self.store.read() as unit:
            found = unit.alerts.find(AlertQuery(tool=tool, severity=severity, order=order, limit=200)).items
        expected = {
            alert.id: alert
            for alert in self.kept.values()
            if tool in alert.tools
            and (severity is None or alert.severity is severity)
            and (order == "newest" or alert.state is not AlertState.CLOSED)
        }
        assert {alert.id: alert for alert in found} == expected
        assert len(found) == len(expected)

    @invariant()
    def open_counts_are_what_is_there(self) -> None:
        """Each state but closed, counted from the model."""
        if not hasattr(self, "store"):
            return
        with self.store.read() as unit:
            counts = unit.alerts.count_open()
        assert counts == {
            state: sum(alert.state is state for alert in self.kept.values())
            for state in AlertState
            if state is not AlertState.CLOSED
        }


class QuarantineKept(RuleBasedStateMachine):
    """Refused records in a list beside the quarantine, with bounds of four a source and nine in all."""

    @initialize()
    def begin(self) -> None:
        """Open an empty store with small bounds."""
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(quarantine, "KEPT_PER_SOURCE", PER_SOURCE)
        self.patch.setattr(quarantine, "KEPT_IN_ALL", IN_ALL)
        self.store = memory_store()
        self.kept: list[Quarantined] = []
        self.dropped = 0
        self.number = 0

    def teardown(self) -> None:
        """Give the store and the bounds back."""
        if hasattr(self, "store"):
            self.store.close()
            self.patch.undo()

    @rule(sources=st.lists(SOURCES, max_size=12), minute=st.integers(0, 9))
    def refuse(self, sources: list[SourceId], minute: int) -> None:
        """Keep some records of some sources, in one go."""
        records = []
        for source in sources:
            self.number += 1
            records.append(a_refusal(self.number, source=source, at=minutes(minute)))
        with self.store.write() as unit:
            unit.sources.quarantine(records)
        before = len(self.kept) + len(records)
        for source in set(sources):
            mine = [record for record in (*self.kept, *records) if record.source == source]
            gone = {record.detail for record in mine[: max(0, len(mine) - PER_SOURCE)]}
            self.kept = [record for record in self.kept if record.detail not in gone]
            records = [record for record in records if record.detail not in gone]
        self.kept = [*self.kept, *records][-IN_ALL:]
        self.dropped += before - len(self.kept)

    @rule(minute=st.integers(0, 9))
    def let_time_pass(self, minute: int) -> None:
        """Erase what is older than a time: retention, which is no loss."""
        with self.store.write() as unit:
            erased = unit.sources.erase_quarantine(minutes(minute))
        young = [record for record in self.kept if record.at >= minutes(minute)]
        assert erased == len(self.kept) - len(young)
        self.kept = young

    @invariant()
    def the_newest_are_kept_and_the_rest_is_counted(self) -> None:
        """In order, for each source and for all, and what was pushed out is known by its number."""
        if not hasattr(self, "store"):
            return
        with self.store.read() as unit:
            everything = unit.sources.quarantined(limit=200).items
            per_source = {
                source: [record.detail for record in unit.sources.quarantined(source=source, limit=200).items]
                for source in ("square", "quay", "dock")
            }
            dropped = unit.sources.quarantine_dropped()
        details = [record.detail for record in reversed(self.kept)]
        assert [record.detail for record in everything] == details
        for source, found in per_source.items():
            assert found == [record.detail for record in reversed(self.kept) if record.source == source]
        assert dropped == self.dropped


class AlertsKeptForLong(AlertsKept):
    """The same for longer."""


class QuarantineKeptForLong(QuarantineKept):
    """The same for longer."""


BRIEFLY = settings(max_examples=10, stateful_step_count=25, deadline=None)
AT_LENGTH = settings(max_examples=80, stateful_step_count=50, deadline=None)
AlertsKept.TestCase.settings = QuarantineKept.TestCase.settings = BRIEFLY
AlertsKeptForLong.TestCase.settings = QuarantineKeptForLong.TestCase.settings = AT_LENGTH
TestAlertsKept = AlertsKept.TestCase
TestQuarantineKept = QuarantineKept.TestCase
TestAlertsKeptForLong = pytest.mark.slow(AlertsKeptForLong.TestCase)
TestQuarantineKeptForLong = pytest.mark.slow(QuarantineKeptForLong.TestCase)
