"""What every adapter of the port `Store` promises about alerts and findings."""

from dataclasses import replace
from datetime import timedelta

import pytest

from contracts.samples import ANOMALY, T0, a_finding, an_alert, an_incident, minutes
from impetus.adapters.sql import alerts as sql_alerts
from impetus.core.alert import Alert, AlertEntry, AlertEvent, AlertState
from impetus.core.errors import Conflict, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, FindingKey, ToolId
from impetus.ports import AlertQuery, Store

MISSING = AlertId(999)


def stored(store: Store, **changes: object) -> Alert:
    """Store one alert in a unit of its own."""
    with store.write() as unit:
        return unit.alerts.add(an_alert(**changes))


def test_a_stored_alert_comes_back_as_it_was(store: Store) -> None:
    """Adding numbers an alert and changes nothing else of it."""
    alert = stored(store)
    with store.read() as unit:
        assert unit.alerts.get(alert.id) == alert == an_alert(id=alert.id)


def test_an_unknown_alert_is_named(store: Store) -> None:
    """Asking for an alert that is not there says so, with its number."""
    with store.read() as unit, pytest.raises(Unknown, match="no alert 999"):
        unit.alerts.get(MISSING)


def test_a_change_raises_the_version(store: Store) -> None:
    """Replacing stores the change under the next version."""
    alert = stored(store)
    with store.write() as unit:
        held = unit.alerts.replace(replace(alert, state=AlertState.HELD, owner="kari"))
        assert held.version == alert.version + 1
    with store.read() as unit:
        assert unit.alerts.get(alert.id) == held


def test_the_second_of_two_who_saw_the_same_conflicts(store: Store) -> None:
    """Two people acting on the same version: the first wins, the second is told, and changes nothing."""
    alert = stored(store)
    with store.write() as unit:
        held = unit.alerts.replace(replace(alert, state=AlertState.HELD, owner="kari"))
    with pytest.raises(Conflict, match="somebody else") as caught, store.write() as unit:
        unit.alerts.replace(replace(alert, state=AlertState.HELD, owner="ola"))
    assert caught.value.limit == "version 1"
    with store.read() as unit:
        assert unit.alerts.get(alert.id) == held


def test_replacing_what_is_not_there_is_unknown(store: Store) -> None:
    """A change to an erased alert does not bring it back."""
    with store.write() as unit, pytest.raises(Unknown):
        unit.alerts.replace(an_alert(id=MISSING))


def test_ids_never_come_back(store: Store) -> None:
    """After the newest alert is erased, the next gets a number nobody has seen."""
    old = stored(store, state=AlertState.CLOSED)
    with store.write() as unit:
        unit.alerts.erase_closed(minutes(1))
    assert stored(store).id > old.id


def test_open_alerts_are_counted_by_state(store: Store) -> None:
    """Counters follow alerts as they are added, change state, close and are erased."""
    first, second = stored(store), stored(store)
    stored(store, state=AlertState.SHELVED, shelved_until=minutes(30))
    with store.write() as unit:
        unit.alerts.replace(replace(first, state=AlertState.HELD, owner="kari"))
        unit.alerts.replace(replace(second, state=AlertState.CLOSED))
        unit.alerts.erase_closed(minutes(1))
    with store.read() as unit:
        counts = unit.alerts.count_open()
    assert counts == {AlertState.NEW: 0, AlertState.HELD: 1, AlertState.OFFERED: 0, AlertState.SHELVED: 1}


@pytest.mark.parametrize(
    ("since_min", "until_min", "expected"),
    [(0, 10, 10), (0.5, 3.5, 3), (0.5, 0.9, 0), (1, 1.001, 1), (3, 3, 0), (5, 2, 0)],
)
def test_the_load_counts_each_alert_once(store: Store, since_min: float, until_min: float, expected: int) -> None:
    """The start counts, the end does not, wherever they fall in a minute."""
    with store.write() as unit:
        for minute in range(10):
            unit.alerts.add(an_alert(raised_at=minutes(minute)))
    with store.read() as unit:
        assert unit.alerts.raised_between(minutes(since_min), minutes(until_min)) == expected


def test_the_load_forgets_erased_alerts(store: Store) -> None:
    """What was erased is not counted, at the ends of the span or within."""
    stored(store, state=AlertState.CLOSED)
    kept = stored(store)
    with store.write() as unit:
        assert [alert.id for alert in unit.alerts.erase_closed(minutes(1))] != [kept.id]
        assert unit.alerts.raised_between(minutes(-10), minutes(10)) == 1


def test_recent_finds_by_fingerprint_however_old(store: Store) -> None:
    """An alert of the same identity is a candidate even when it last happened long ago."""
    old = stored(store, fingerprint="a", last_at=minutes(-10_000))
    stored(store, fingerprint="b", last_at=minutes(-10_000))
    with store.read() as unit:
        assert unit.alerts.recent(["a", "c"], near_since=T0) == (old,)


def test_recent_finds_what_is_near_in_time_newest_first(store: Store) -> None:
    """Alerts that happened since the time are candidates whoever they are of."""
    first = stored(store, fingerprint="a", raised_at=minutes(1), last_at=minutes(1))
    second = stored(store, fingerprint="b", raised_at=minutes(2), last_at=minutes(2))
    stored(store, fingerprint="c", last_at=minutes(-1))
    with store.read() as unit:
        assert unit.alerts.recent([], near_since=minutes(1)) == (second, first)


def test_recent_is_bounded_and_keeps_every_identity(store: Store) -> None:
    """A flood near in time pushes no alert of a wanted identity out."""
    wanted = stored(store, fingerprint="wanted", last_at=minutes(-10_000))
    with store.write() as unit:
        for count in range(sql_alerts.RECENT + 20):
            unit.alerts.add(an_alert(fingerprint=f"flood-{count}"))
    with store.read() as unit:
        found = unit.alerts.recent(["wanted"], near_since=T0)
    assert len(found) == sql_alerts.RECENT
    assert wanted in found


def test_shelved_alerts_come_due_at_their_time(store: Store) -> None:
    """Due means the time has come, to the microsecond, and only while shelved."""
    due = stored(store, state=AlertState.SHELVED, shelved_until=minutes(30))
    stored(store, state=AlertState.SHELVED, shelved_until=minutes(30) + timedelta(microseconds=1))
    stored(store, state=AlertState.NEW, shelved_until=minutes(1))
    with store.read() as unit:
        assert unit.alerts.shelved_due(minutes(30)) == (due,)


def test_history_reads_oldest_first(store: Store) -> None:
    """Lines come back in the order they were written, as they were."""
    alert = stored(store)
    lines = [
        AlertEntry(alert=alert.id, at=T0, event=AlertEvent.ACKNOWLEDGE, who="kari", state=AlertState.HELD),
        AlertEntry(alert=alert.id, at=T0, event="played", who="kari", why="to see", detail={"from_s": 3, "x": 0.5}),
    ]
    with store.write() as unit:
        for line in lines:
            unit.alerts.record(line)
    with store.read() as unit:
        assert unit.alerts.entries(alert.id) == tuple(lines)


def test_history_of_nothing_is_refused(store: Store) -> None:
    """A line about an alert that does not exist is not kept."""
    entry = AlertEntry(alert=MISSING, at=T0, event=AlertEvent.REPEAT, who="fusion")
    with pytest.raises(Unknown), store.write() as unit:
        unit.alerts.record(entry)


def test_history_is_bounded_and_counts_what_goes(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beyond the bound the oldest lines go, one alert's own only, and are counted."""
    monkeypatch.setattr(sql_alerts, "ENTRIES_KEPT", 3)
    alert, other = stored(store), stored(store)
    with store.write() as unit:
        unit.alerts.record(AlertEntry(alert=other.id, at=T0, event="other", who="kari"))
        for count in range(5):
            unit.alerts.record(AlertEntry(alert=alert.id, at=T0, event=f"e{count}", who="kari"))
    with store.read() as unit:
        assert [line.event for line in unit.alerts.entries(alert.id)] == ["e2", "e3", "e4"]
        assert len(unit.alerts.entries(other.id)) == 1
    assert store.dropped()["alert_entries"] == 2


def test_erasing_takes_histories_and_findings_along(store: Store) -> None:
    """Only closed alerts changed before the time go, and nothing of them stays."""
    old = stored(store, state=AlertState.CLOSED)
    kept = [stored(store), stored(store, state=AlertState.CLOSED, changed_at=minutes(5))]
    with store.write() as unit:
        unit.alerts.record(AlertEntry(alert=old.id, at=T0, event=AlertEvent.CLOSE, who="kari"))
        unit.findings.add(a_finding(), old.id)
        assert unit.alerts.erase_closed(minutes(5)) == (old,)
    with store.read() as unit:
        assert unit.alerts.entries(old.id) == ()
        assert unit.findings.alert_of(FindingKey("f-1")) is None
        assert {alert.id for alert in unit.alerts.find(AlertQuery()).items} == {alert.id for alert in kept}


def test_erasing_goes_in_bites(store: Store) -> None:
    """At most `limit` alerts go at once, the ones closed longest first."""
    with store.write() as unit:
        for minute in range(5):
            unit.alerts.add(an_alert(state=AlertState.CLOSED, changed_at=minutes(minute)))
        sizes = [len(unit.alerts.erase_closed(minutes(9), limit=2)) for _ in range(4)]
    assert sizes == [2, 2, 1, 0]


def test_an_alert_belongs_to_an_incident_that_exists(store: Store) -> None:
    """An alert can be put under a stored incident, not under an invented one."""
    alert = stored(store)
    with store.write() as unit:
        incident = unit.incidents.add(an_incident())
        alert = unit.alerts.replace(replace(alert, incident=incident.id))
    with pytest.raises(Unknown), store.write() as unit:
        unit.alerts.replace(replace(alert, incident=incident.id + 1))


def test_a_finding_is_stored_once(store: Store) -> None:
    """Sending a finding again changes nothing, even with other content or another alert."""
    alert, other = stored(store), stored(store)
    with store.write() as unit:
        assert unit.findings.add(a_finding(), alert.id)
        assert not unit.findings.add(a_finding(score=1.0), other.id)
    with store.read() as unit:
        assert unit.findings.alert_of(FindingKey("f-1")) == alert.id
        assert unit.findings.of_alert(alert.id) == (a_finding(),)
        assert unit.findings.of_alert(other.id) == ()


def test_findings_of_an_alert_come_newest_first(store: Store) -> None:
    """The newest noticing comes first, at most as many as asked for."""
    alert = stored(store)
    with store.write() as unit:
        for minute in (2, 5, 1):
            unit.findings.add(a_finding(key=FindingKey(f"f-{minute}"), noticed=minutes(minute)), alert.id)
    with store.read() as unit:
        assert [finding.key for finding in unit.findings.of_alert(alert.id, limit=2)] == ["f-5", "f-2"]


def test_the_latest_finding_of_each_sort_is_found_among_the_newest(store: Store) -> None:
    """By tool, kind, subject and severity; what lies behind the newest so many is not looked at, nor another alert's."""
    sorts: list[dict[str, object]] = [{}, {}, {"severity": Severity.MINOR}, {"tool": ToolId("watch")}, {}]
    with store.write() as unit:
        alert, other = unit.alerts.add(an_alert()), unit.alerts.add(an_alert())
        unit.findings.add(a_finding(key=FindingKey("other")), other.id)
        for minute, changes in enumerate(sorts):
            found = a_finding(key=FindingKey(f"f-{minute}"), noticed=minutes(minute), **changes)
            unit.findings.add(found, alert.id)
    with store.read() as unit:
        latest = unit.findings.latest_of_alert
        assert [finding.key for finding in latest(alert.id)] == ["f-4", "f-3", "f-2"]
        assert [finding.key for finding in latest(alert.id, among=2)] == ["f-4", "f-3"]
        assert [finding.key for finding in latest(other.id)] == ["other"]
        assert latest(MISSING) == ()


def test_a_finding_of_no_alert_is_refused(store: Store) -> None:
    """A finding cannot belong to an alert that does not exist."""
    with pytest.raises(Unknown), store.write() as unit:
        unit.findings.add(a_finding(tool=ANOMALY), MISSING)
