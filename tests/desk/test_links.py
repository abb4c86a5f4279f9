"""Merging, splitting and linking: both numbers stay, nothing moves for good, and what stands in the way of undoing is said."""

import pytest

from desk.gate_samples import Room, room
from desk.samples import fuse, seen
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId, LinkId
from impetus.core.incident import Incident, IncidentState
from impetus.core.situation import LinkKind
from impetus.desk import incidents, links, objectives
from impetus.desk.decide import decide
from impetus.desk.links import End
from impetus.ports import AlertQuery

ONE, TWO = IncidentId(1), IncidentId(2)


@pytest.fixture
def house() -> Room:
    """Return a control room with incident 1 of ada's (alert 1) and incident 2 of sol's (alerts 2 and 3)."""
    house = room()
    fuse(house.desk, seen("b", subject="zone:b", severity=Severity.EXTREME), seen("c", subject="zone:c"))
    incidents.open_incident(house.desk, house.people["sol"], "The same crowd", [AlertId(2), AlertId(3)])
    return house


def ada(house: Room) -> Actor:
    """Return the operator."""
    return house.people["ada"]


def sol(house: Room) -> Actor:
    """Return the supervisor."""
    return house.people["sol"]


def incident(house: Room, number: IncidentId) -> Incident:
    """Return an incident as stored."""
    with house.desk.store.read() as unit:
        return unit.incidents.get(number)


def members(house: Room, number: IncidentId) -> set[int]:
    """Return the alerts of an incident."""
    with house.desk.store.read() as unit:
        return {alert.id for alert in unit.alerts.find(AlertQuery(incident=number)).items}


def told(house: Room, number: IncidentId) -> list[tuple[str, str]]:
    """Return event and text of an incident's timeline."""
    with house.desk.store.read() as unit:
        return [(str(entry.event), entry.text) for entry in unit.incidents.entries(number)]


def merged(house: Room) -> LinkId:
    """Merge sol's incident into ada's."""
    return links.merge(house.desk, sol(house), TWO, into=ONE, why="one crowd").id


def test_a_merge_keeps_both_numbers_and_moves_the_alerts(house: Room) -> None:
    """The one that goes on is as bad as the worst; the other is closed and says where to look."""
    merged(house)
    assert members(house, ONE) == {1, 2, 3}
    assert incident(house, ONE).severity is Severity.EXTREME
    assert (incident(house, TWO).state, incident(house, TWO).outcome) == (
        IncidentState.CLOSED,
        "merged into incident 1",
    )
    assert told(house, ONE)[-1] == (
        "link.merge",
        "Incident 2 was merged into this one: The same crowd (one crowd)",
    )
    assert links.links_view(house.desk, ada(house), TWO).merged_into == ONE


def test_a_merge_is_undone_as_it_was(house: Room) -> None:
    """Alerts, state and owner are back, whoever undoes it; notes written meanwhile stay where they were written."""
    before = incident(house, TWO)
    number = merged(house)
    incidents.note(house.desk, ada(house), ONE, "both crews told")
    links.undo_link(house.desk, ada(house), number, why="two crowds after all")
    after = incident(house, TWO)
    assert (members(house, ONE), members(house, TWO)) == ({1}, {2, 3})
    assert (after.state, after.owner, after.outcome, after.closed_at) == (before.state, "sol", "", None)
    assert ("note", "both crews told") in told(house, ONE)
    assert told(house, ONE)[-1][0] == "link.undo"
    with pytest.raises(Conflict, match="ada undid it at"):
        links.undo_link(house.desk, sol(house), number)


def decided(house: Room) -> None:
    """Decide something about the merged incident."""
    decide(house.desk, ada(house), ONE, seen="a crowd", options=["wait", "close"], choice="wait", reason="calm")


def taken_out(house: Room) -> None:
    """Take a moved alert out again."""
    incidents.leave(house.desk, ada(house), ONE, AlertId(3))


def closed(house: Room) -> None:
    """Close the incident that went on."""
    incidents.close(house.desk, ada(house), ONE, outcome="over")


def reopened(house: Room) -> None:
    """Reopen the absorbed one by hand."""
    incidents.reopen(house.desk, sol(house), TWO, why="it was another crowd")


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (decided, "ada acted on incident 1 since: decide at 21:00:00"),
        (taken_out, "alert 3 is no longer in incident 1"),
        (closed, "ada acted on incident 1 since: close at 21:00:00"),
        (reopened, "incident 2 was reopened by itself"),
    ],
)
def test_what_builds_on_a_merge_is_said(house: Room, act: object, says: str) -> None:
    """It cannot be undone then, the page knows why before anybody asks, and nothing moved."""
    number = merged(house)
    assert callable(act)
    act(house)
    view = links.links_view(house.desk, ada(house), ONE)
    assert [each.why_not for each in view.standing] == [says]
    where = members(house, ONE), members(house, TWO)
    with pytest.raises(Conflict, match=says):
        links.undo_link(house.desk, sol(house), number)
    assert (members(house, ONE), members(house, TWO)) == where


def test_a_split_opens_a_second_incident_of_whoever_splits(house: Room) -> None:
    """The chosen alerts go with it, whose they are stays, and both timelines say where the other is."""
    fresh = links.split(house.desk, sol(house), TWO, [AlertId(3)], title="Another matter", why="other street")
    assert (members(house, TWO), members(house, fresh.id)) == ({2}, {3})
    assert (fresh.owner, fresh.title, fresh.state) == ("sol", "Another matter", IncidentState.OPEN)
    assert told(house, TWO)[-1][1] == "Incident 3 was split from this one: Another matter (other street)"
    assert told(house, fresh.id)[0] == ("open", "Another matter")


def test_a_split_is_undone_until_somebody_works_on_the_new_one(house: Room) -> None:
    """A note is no work; a set objective is, and then the refusal says so."""
    first = links.split(house.desk, sol(house), TWO, [AlertId(3)], title="Another matter", why="other street")
    incidents.note(house.desk, ada(house), first.id, "looking")
    number = links.links_view(house.desk, ada(house), first.id).standing[0].link.id
    links.undo_link(house.desk, ada(house), number)
    assert (members(house, TWO), incident(house, first.id).state) == ({2, 3}, IncidentState.CLOSED)
    second = links.split(house.desk, sol(house), TWO, [AlertId(3)], title="After all", why="other street")
    objectives.set_objective(house.desk, ada(house), second.id, "keep the street free")
    number = links.links_view(house.desk, ada(house), second.id).standing[0].link.id
    with pytest.raises(Conflict, match=r"ada acted on incident 4 since: objective\.set at 21:00:00"):
        links.undo_link(house.desk, ada(house), number)


@pytest.mark.parametrize("chosen", [[], [2, 3], [1], [3, 9]])
def test_a_split_takes_some_of_its_own_alerts(house: Room, chosen: list[int]) -> None:
    """None, all of them, and another incident's are refused before anything moves."""
    with pytest.raises(Malformed, match="alerts"):
        links.split(house.desk, sol(house), TWO, [AlertId(each) for each in chosen], title="x", why="y")
    assert members(house, TWO) == {2, 3}


def test_only_the_owner_or_a_supervisor_merges_and_splits(house: Room) -> None:
    """Nobody's work disappears under their hands."""
    with pytest.raises(Refused, match="sol holds it; ada may not merge it"):
        links.merge(house.desk, ada(house), TWO, into=ONE, why="mine")
    with pytest.raises(Refused, match="sol holds it; ada may not split it"):
        links.split(house.desk, ada(house), TWO, [AlertId(3)], title="x", why="mine")


@pytest.mark.parametrize(("into", "error"), [(TWO, Malformed), (IncidentId(9), Unknown)])
def test_a_merge_needs_another_incident(house: Room, into: IncidentId, error: type[Exception]) -> None:
    """Not itself, and one that is there."""
    with pytest.raises(error):
        links.merge(house.desk, sol(house), TWO, into=into, why="x")


def test_a_merge_needs_a_reason_and_two_open_incidents(house: Room) -> None:
    """A closed one is history."""
    with pytest.raises(Malformed, match="the reason is empty"):
        links.merge(house.desk, sol(house), TWO, into=ONE, why=" ")
    incidents.close(house.desk, ada(house), ONE, outcome="over")
    with pytest.raises(Conflict, match="incident 1 is closed"):
        links.merge(house.desk, sol(house), TWO, into=ONE, why="x")


def test_a_link_moves_nothing_and_stands_at_both_ends(house: Room) -> None:
    """An incident and an alert of another; unlinking it leaves both lines, and it can be linked anew."""
    near, far = End(incident=ONE), End(alert=AlertId(2))
    made = links.link(house.desk, ada(house), near, far, LinkKind.CAUSE, why="it spread")
    assert (members(house, ONE), members(house, TWO)) == ({1}, {2, 3})
    assert told(house, ONE)[-1] == ("link.link", "One caused the other: alert 2 (it spread)")
    with house.desk.store.read() as unit:
        assert unit.alerts.entries(AlertId(2))[-1].why == "incident 1 it spread"
    with pytest.raises(Conflict, match="ada linked alert 2 and incident 1"):
        links.link(house.desk, sol(house), far, near, LinkKind.CAUSE)
    links.unlink(house.desk, sol(house), made.id)
    view = links.links_view(house.desk, ada(house), ONE)
    assert (view.standing, [each.link.undone_by for each in view.undone]) == ((), ["sol"])
    assert links.link(house.desk, sol(house), far, near, LinkKind.CAUSE).id != made.id


@pytest.mark.parametrize(
    ("near", "far", "kind", "error"),
    [
        (End(incident=ONE), End(incident=ONE), LinkKind.RELATED, Malformed),
        (End(incident=ONE), End(incident=TWO), LinkKind.MERGE, Malformed),
        (End(incident=ONE), End(incident=IncidentId(7)), LinkKind.RELATED, Unknown),
        (End(alert=AlertId(8)), End(incident=ONE), LinkKind.RELATED, Unknown),
    ],
)
def test_a_link_is_of_two_different_things_that_are_there(
    house: Room, near: End, far: End, kind: LinkKind, error: type[Exception]
) -> None:
    """And a merge is no link one makes by hand."""
    with pytest.raises(error):
        links.link(house.desk, ada(house), near, far, kind)


@pytest.mark.parametrize("both", [{"incident": ONE, "alert": AlertId(1)}, {}])
def test_an_end_is_an_alert_or_an_incident(both: dict[str, int]) -> None:
    """Never both, never neither."""
    with pytest.raises(Malformed, match="incident"):
        End(**both)  # type: ignore[arg-type]  # the kinds are what the test is about


def test_who_only_looks_links_nothing(house: Room) -> None:
    """An executive sees links and makes none."""
    eva = house.people["eva"]
    assert links.links_view(house.desk, eva, ONE).may_write is False
    for act in (
        lambda: links.merge(house.desk, eva, TWO, into=ONE, why="x"),
        lambda: links.link(house.desk, eva, End(incident=ONE), End(incident=TWO), LinkKind.SAME),
        lambda: links.undo_link(house.desk, eva, LinkId(1)),
    ):
        with pytest.raises(Refused):
            act()
