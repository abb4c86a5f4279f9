"""Incidents: one alert in one of them, one owner, and an end with an outcome."""

import pytest

from desk.samples import AT, alert, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.alert import AlertEvent, AlertState, Verdict
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import Incident, IncidentEvent, IncidentState
from impetus.core.place import Point
from impetus.desk import incidents, triage
from impetus.desk.context import Desk
from impetus.ports import Change
from impetus.testing.desk import memory_desk

NORTH = Point(lon=10.73, lat=59.92)


@pytest.fixture
def desk() -> Desk:
    """Return a desk with three alerts far apart: moderate, minor with a place, extreme."""
    desk = memory_desk(AT)
    fuse(
        desk,
        seen("a", subject="zone:a"),
        seen("b", subject="zone:b", severity=Severity.MINOR, point=NORTH),
        seen("c", subject="zone:c", severity=Severity.EXTREME, simulated=True),
    )
    return desk


@pytest.fixture
def ada(desk: Desk) -> Actor:
    """Return an operator."""
    return person(desk, "ada", Role.OPERATOR)


@pytest.fixture
def bo(desk: Desk) -> Actor:
    """Return another operator."""
    return person(desk, "bo", Role.OPERATOR)


@pytest.fixture
def sol(desk: Desk) -> Actor:
    """Return a supervisor."""
    return person(desk, "sol", Role.SUPERVISOR)


def _opened(desk: Desk, actor: Actor, *numbers: int) -> Incident:
    return incidents.open_incident(desk, actor, "Crowd at the quay", [AlertId(number) for number in numbers])


def _timeline(desk: Desk, incident: Incident) -> list[str]:
    with desk.store.read() as unit:
        return [str(entry.event) for entry in unit.incidents.entries(incident.id)]


def _told(desk: Desk, kind: str) -> list[Change]:
    with desk.store.read() as unit:
        return [change for change in unit.outbox.after(0) if change.kind == kind]


def test_an_incident_takes_severity_and_place_from_its_alerts(desk: Desk, ada: Actor) -> None:
    """As bad as the worst, where the first of them with a place is, simulated only when all of them are."""
    found = _opened(desk, ada, 1, 2)
    assert (found.severity, found.point, found.owner, found.opened_by) == (Severity.MODERATE, NORTH, "ada", "ada")
    assert not found.simulated
    assert _opened(desk, ada, 3).simulated
    assert _timeline(desk, found) == ["open", "join", "join"]


def test_opening_takes_alerts_nobody_has_and_leaves_those_somebody_has(desk: Desk, ada: Actor, bo: Actor) -> None:
    """Bo's alert stays bo's; the new one becomes ada's."""
    triage.acknowledge(desk, bo, AlertId(1))
    found = _opened(desk, ada, 1, 2)
    assert [alert(desk, number).owner for number in (1, 2)] == ["bo", "ada"]
    assert {alert(desk, number).incident for number in (1, 2)} == {found.id}


def test_the_same_alert_twice_is_one_alert(desk: Desk, ada: Actor) -> None:
    """A double click on a list is harmless."""
    assert _timeline(desk, _opened(desk, ada, 1, 1)) == ["open", "join"]


@pytest.mark.parametrize(("title", "count"), [("", 1), ("   ", 1), ("x" * 201, 1), ("Crowd", 0), ("Crowd", 101)])
def test_an_incident_needs_a_title_and_alerts_within_bounds(desk: Desk, ada: Actor, title: str, count: int) -> None:
    """Refused with the limit, before anything is stored."""
    with pytest.raises(Malformed) as refusal:
        incidents.open_incident(desk, ada, title, [AlertId(number + 1) for number in range(count)])
    assert refusal.value.limit
    assert _told(desk, "incident") == []


def test_one_alert_that_does_not_exist_opens_nothing(desk: Desk, ada: Actor) -> None:
    """All or nothing: the alert that exists is not touched."""
    with pytest.raises(Unknown):
        _opened(desk, ada, 1, 999)
    assert alert(desk, 1).state is AlertState.NEW


def test_an_alert_joins_later_and_makes_it_worse(desk: Desk, ada: Actor, bo: Actor) -> None:
    """Anybody on duty may join one; severity follows, and does not fall when it leaves."""
    found = _opened(desk, ada, 2)
    joined = incidents.join(desk, bo, found.id, AlertId(3), why="the same crowd")
    assert (joined.severity, joined.version) == (Severity.EXTREME, found.version + 1)
    assert alert(desk, 3).owner == "bo"
    left = incidents.leave(desk, bo, found.id, AlertId(3), why="it was not")
    assert left.severity is Severity.EXTREME
    assert alert(desk, 3).incident is None
    assert alert(desk, 3).owner == "bo", "leaving changes nothing else"
    assert _timeline(desk, found) == ["open", "join", "join", "leave"]


def test_a_closed_alert_can_be_joined_and_stays_closed(desk: Desk, ada: Actor) -> None:
    """What was judged belongs to the story, and is not opened by it."""
    triage.assess(desk, ada, AlertId(2), verdict=Verdict.CONFIRMED)
    triage.close(desk, ada, AlertId(2))
    incidents.join(desk, ada, _opened(desk, ada, 1).id, AlertId(2))
    assert (alert(desk, 2).state, alert(desk, 2).owner) == (AlertState.CLOSED, None)


def test_an_alert_leaves_only_the_incident_it_is_in(desk: Desk, ada: Actor) -> None:
    """Another incident's alert, or none's, cannot be taken out."""
    found = _opened(desk, ada, 1)
    with pytest.raises(Conflict, match="is not in incident"):
        incidents.leave(desk, ada, found.id, AlertId(2))


def test_an_old_page_does_not_overwrite_what_somebody_did(desk: Desk, ada: Actor, sol: Actor) -> None:
    """Ada saw version 1; the supervisor closed it: ada's hand-over names him."""
    found = _opened(desk, ada, 1)
    incidents.close(desk, sol, found.id, outcome="over")
    with pytest.raises(Conflict, match=r"changed since you saw it \(sol: close at 21:00:00\)"):
        incidents.join(desk, ada, found.id, AlertId(2), version=found.version)


def test_notes_in_between_stand_in_nobodys_way(desk: Desk, ada: Actor, bo: Actor) -> None:
    """Ten notes while ada writes the outcome: she can still close."""
    found = _opened(desk, ada, 1)
    for number in range(10):
        incidents.note(desk, bo, found.id, f"note {number}")
    closed = incidents.close(desk, ada, found.id, outcome="dispersed", version=found.version)
    assert (closed.state, closed.outcome, closed.closed_at) == (IncidentState.CLOSED, "dispersed", AT)


def test_only_owner_or_supervisor_hand_on_and_close(desk: Desk, ada: Actor, bo: Actor, sol: Actor) -> None:
    """Bo may note, and not give away what is ada's."""
    found = _opened(desk, ada, 1)
    with pytest.raises(Refused, match="ada holds it"):
        incidents.offer(desk, bo, found.id, to="bo")
    with pytest.raises(Refused, match="ada holds it"):
        incidents.close(desk, bo, found.id, outcome="over")
    assert incidents.offer(desk, sol, found.id, to="bo").offered_to == "bo"


def test_an_offered_incident_is_answered_or_taken_back(desk: Desk, ada: Actor, bo: Actor, sol: Actor) -> None:
    """The person asked says yes or no; the owner may take the question back; nobody else answers."""
    found = _opened(desk, ada, 1)
    incidents.offer(desk, ada, found.id, to="bo", why="my shift ends")
    for answer in (incidents.accept, incidents.decline):
        with pytest.raises(Refused, match="handed to bo"):
            answer(desk, sol, found.id)
    with pytest.raises(Conflict, match="wait for the answer"):
        incidents.close(desk, ada, found.id, outcome="over")
    assert incidents.decline(desk, ada, found.id).owner == "ada"
    incidents.offer(desk, ada, found.id, to="bo")
    assert incidents.decline(desk, bo, found.id, why="full hands").offered_to is None
    incidents.offer(desk, ada, found.id, to="bo")
    assert incidents.accept(desk, bo, found.id).owner == "bo"


def test_reopening_forgets_the_outcome_and_keeps_it_written(desk: Desk, ada: Actor, bo: Actor) -> None:
    """The outcome given too early stands in the timeline; the one who reopens has it."""
    found = _opened(desk, ada, 1)
    incidents.close(desk, ada, found.id, outcome="over")
    again = incidents.reopen(desk, bo, found.id, why="they came back")
    assert (again.owner, again.outcome, again.closed_at) == ("bo", "", None)
    with desk.store.read() as unit:
        texts = [entry.text for entry in unit.incidents.entries(found.id)]
    assert texts[-2:] == ["over", "they came back"]
    with pytest.raises(Conflict, match="it is open"):
        incidents.reopen(desk, ada, found.id, why="again")


def test_every_change_is_told(desk: Desk, ada: Actor) -> None:
    """Opening, a note, the end: three changes, with state, severity and version."""
    found = _opened(desk, ada, 1)
    incidents.note(desk, ada, found.id, "x")
    incidents.close(desk, ada, found.id, outcome="over")
    told = _told(desk, "incident")
    assert [change.facts["state"] for change in told] == ["open", "open", "closed"]
    assert [change.facts["version"] for change in told] == [found.version, found.version + 1, found.version + 2]


@pytest.mark.parametrize("text", ["", " \n", "x" * 2_001])
def test_words_have_bounds(desk: Desk, ada: Actor, text: str) -> None:
    """An empty note says nothing, an endless one hides the others."""
    found = _opened(desk, ada, 1)
    with pytest.raises(Malformed):
        incidents.note(desk, ada, found.id, text)


def test_an_incident_that_does_not_exist_is_unknown(desk: Desk, ada: Actor) -> None:
    """A number nobody gave."""
    with pytest.raises(Unknown):
        incidents.note(desk, ada, IncidentId(99), "x")


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.EXECUTIVE, Role.ADMINISTRATOR, Role.SERVICE, Role.PLATFORM])
def test_those_not_on_duty_open_nothing(desk: Desk, role: Role) -> None:
    """Not the auditor, not the executive, not the administrator, no program."""
    actor = Actor(name="x", role=role, operations=frozenset({"incidents.write"}))
    with pytest.raises(Refused):
        _opened(desk, actor, 1)


def test_joining_is_written_in_both_histories(desk: Desk, ada: Actor) -> None:
    """The alert knows which incident, the incident which alert."""
    found = _opened(desk, ada, 1)
    with desk.store.read() as unit:
        of_alert, of_incident = unit.alerts.entries(AlertId(1))[-1], unit.incidents.entries(found.id)[-1]
    assert (of_alert.event, of_alert.detail["incident"]) == (AlertEvent.JOIN, found.id)
    assert (of_incident.event, of_incident.alert) == (IncidentEvent.JOIN, 1)
