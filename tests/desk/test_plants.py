"""Planted test alerts: real until judged, a test ever after, never outside, and nobody's mark."""

from datetime import timedelta

import pytest

from desk.gate_samples import Room, room
from desk.samples import AT, fuse, seen
from impetus.core.action import ActionKind
from impetus.core.alert import Alert, AlertState, Verdict
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.desk import gates, incidents, plants, triage
from impetus.testing.desk import clock_of

DUE = timedelta(hours=1)
HOUR_S = 3600


@pytest.fixture
def house() -> Room:
    """Return a control room with a closed false alarm, number 2, of moderate severity."""
    house = room()
    closed(house, "b")
    return house


def closed(house: Room, key: str, verdict: Verdict = Verdict.FALSE_ALARM, **changes: object) -> AlertId:
    """Raise an alert of its own place, judge and close it; return its number."""
    fuse(house.desk, seen(key, subject=f"zone:{key}", **changes))
    with house.desk.store.read() as unit:
        number = unit.alerts.recent((), near_since=AT)[0].id
    ada = house.people["ada"]
    triage.assess(house.desk, ada, number, verdict=verdict)
    triage.close(house.desk, ada, number)
    return number


def raised(house: Room, source: int = 2) -> Alert:
    """Plan a test for an hour from now, let it be raised, and return it."""
    now = house.desk.clock.now()
    plants.plan(house.desk, house.people["sol"], AlertId(source), due=now + DUE, why="monthly")
    clock_of(house.desk).advance(HOUR_S)
    assert plants.tend(house.desk) == 1
    with house.desk.store.read() as unit:
        number = unit.plants.open()[0].alert
        assert number is not None
        return unit.alerts.get(number)


def now_stands(house: Room, alert: Alert) -> Alert:
    """Return an alert as stored now."""
    with house.desk.store.read() as unit:
        return unit.alerts.get(alert.id)


def test_a_test_looks_like_what_it_repeats_as_if_it_happened_now(house: Room) -> None:
    """The same words and severity, fresh times, nobody's, and no mark of a simulation until it is judged."""
    alert = raised(house)
    assert (alert.state, alert.simulated, alert.verdict, alert.owner) == (AlertState.NEW, False, None, None)
    assert alert.headline.say() == "many people"
    assert alert.raised_at == house.desk.clock.now()
    assert plants.plant_of(house.desk, house.people["ada"], alert.id) is None


def test_judging_it_discloses_it_to_everybody_at_once(house: Room) -> None:
    """Violet from then on, with what it repeated and what that had been; the log knew from the beginning."""
    alert = raised(house)
    judged = triage.assess(house.desk, house.people["ada"], alert.id, verdict=Verdict.FALSE_ALARM)
    assert judged.simulated
    plant = plants.plant_of(house.desk, house.people["siv"], alert.id)
    assert plant is not None
    assert (plant.verdict, plant.expected, plant.source) == (Verdict.FALSE_ALARM, Verdict.FALSE_ALARM, 2)
    acts = [record.act for record in house.desk.journal.records if record.facts.get("planted")]
    assert acts == ["plant.plan", "plant.raise", "plant.disclose"]


def test_no_name_stands_beside_what_was_said(house: Room) -> None:
    """The test keeps the verdict; the only names are of who planned it."""
    alert = raised(house)
    triage.assess(house.desk, house.people["ada"], alert.id, verdict=Verdict.CONFIRMED)
    plant = plants.plants(house.desk, house.people["sol"])[0]
    assert "ada" not in repr(plant)
    disclosed = [record for record in house.desk.journal.records if record.act == "plant.disclose"]
    assert [record.who for record in disclosed] == ["platform:fusion"]
    assert "ada" not in repr(disclosed)


def test_opening_an_incident_from_it_discloses_it_and_reaches_nobody(house: Room) -> None:
    """Who believed it is told at once, and nothing can be proposed from it."""
    alert = raised(house)
    incident = incidents.open_incident(house.desk, house.people["ada"], "Crowd again", [alert.id])
    assert now_stands(house, alert).simulated
    assert incident.simulated
    with pytest.raises(Refused, match="planted test alert"):
        gates.propose(
            house.desk,
            house.people["ada"],
            gates.Proposal(
                kind=ActionKind.MESSAGE,
                target="colleagues",
                why="come",
                lasts=timedelta(minutes=5),
                incident=incident.id,
                parameters={"to": "sol", "text": "come"},
            ),
        )


def test_a_test_wrongly_joined_does_not_stop_a_real_incident(house: Room) -> None:
    """It is disclosed by joining; what really happens there can still be answered."""
    alert = raised(house)
    incidents.join(house.desk, house.people["ada"], IncidentId(1), alert.id)
    assert now_stands(house, alert).simulated
    asked = house.propose(ActionKind.CITY_SYSTEM)
    house.approve("sol", asked.id)
    assert len(house.city.performed) == 1


def test_nobody_answering_discloses_it_after_half_an_hour(house: Room) -> None:
    """A test does not lie about for ever, and keeps nobody from real work."""
    alert = raised(house)
    clock_of(house.desk).advance(29 * 60)
    assert plants.tend(house.desk) == 0
    clock_of(house.desk).advance(60)
    assert plants.tend(house.desk) == 1
    assert now_stands(house, alert).simulated
    assert plants.tend(house.desk) == 0


def test_a_test_waits_while_there_is_much_to_do(house: Room) -> None:
    """Two alerts in ten minutes are enough for anybody; it comes when it is quiet again."""
    clock_of(house.desk).advance(60)
    plants.plan(house.desk, house.people["sol"], AlertId(2), due=house.desk.clock.now(), why="monthly")
    assert plants.tend(house.desk) == 0
    clock_of(house.desk).advance(11 * 60)
    assert plants.tend(house.desk) == 1


def test_no_finding_joins_a_test(house: Room) -> None:
    """The real thing is a new alert, even in the same place at the same moment: it cannot hide in a test."""
    alert = raised(house)
    at = house.desk.clock.now()
    before = now_stands(house, alert)
    fuse(house.desk, seen("real", subject="zone:b", began=at, noticed=at))
    assert now_stands(house, alert) == before
    with house.desk.store.read() as unit:
        newest = unit.alerts.recent((), near_since=at)
    assert {each.id for each in newest} > {alert.id}


@pytest.mark.parametrize(
    ("verdict", "changes"),
    [
        (Verdict.NOT_ENOUGH_INFORMATION, {}),
        (Verdict.EXERCISE, {}),
        (Verdict.CONFIRMED, {"severity": Severity.SEVERE}),
        (Verdict.CONFIRMED, {"severity": Severity.EXTREME}),
    ],
)
def test_only_a_mild_alert_whose_truth_is_known_can_be_told_again(
    house: Room, verdict: Verdict, changes: dict[str, object]
) -> None:
    """A test needs a right answer, and nobody may run for it."""
    number = closed(house, "c", verdict, **changes)
    with pytest.raises(Malformed, match=f"alert {number}"):
        plants.plan(house.desk, house.people["sol"], number, due=AT + DUE, why="monthly")


@pytest.mark.parametrize("due", [AT - timedelta(seconds=1), AT + timedelta(days=15), AT.replace(tzinfo=None)])
def test_a_test_is_planned_within_two_weeks(house: Room, due: object) -> None:
    """Not in the past, not for next year, not at a time without a zone."""
    with pytest.raises(Malformed, match="a test at"):
        plants.plan(house.desk, house.people["sol"], AlertId(2), due=due, why="x")  # type: ignore[arg-type]  # a time


def test_open_alerts_and_tests_themselves_are_not_told_again(house: Room) -> None:
    """A test of a test would count a wrong truth."""
    alert = raised(house)
    triage.assess(house.desk, house.people["ada"], alert.id, verdict=Verdict.FALSE_ALARM)
    triage.close(house.desk, house.people["ada"], alert.id)
    due = house.desk.clock.now() + DUE
    with pytest.raises(Malformed, match="was a test itself"):
        plants.plan(house.desk, house.people["sol"], alert.id, due=due, why="x")
    with pytest.raises(Malformed, match="alert 1 is"):
        plants.plan(house.desk, house.people["sol"], AlertId(1), due=due, why="x")


def test_only_supervisors_plan_tests_and_at_most_three_at_once(house: Room) -> None:
    """An operator neither plans nor sees what is planned; a fourth waits."""
    with pytest.raises(Refused):
        plants.plan(house.desk, house.people["ada"], AlertId(2), due=AT + DUE, why="x")
    with pytest.raises(Refused):
        plants.plants(house.desk, house.people["ada"])
    for _ in range(3):
        plants.plan(house.desk, house.people["sol"], AlertId(2), due=AT + DUE, why="x")
    with pytest.raises(Conflict, match="3 tests are planned"):
        plants.plan(house.desk, house.people["sol"], AlertId(2), due=AT + DUE, why="x")


def test_a_planned_test_can_be_taken_back_until_it_is_raised(house: Room) -> None:
    """Then it never comes; a raised one runs its course."""
    plant = plants.plan(house.desk, house.people["sol"], AlertId(2), due=AT + DUE, why="x")
    plants.cancel(house.desk, house.people["siv"], plant.id)
    clock_of(house.desk).advance(2 * HOUR_S)
    assert plants.tend(house.desk) == 0
    with pytest.raises(Conflict, match="is not waiting"):
        plants.cancel(house.desk, house.people["siv"], plant.id)


def test_a_test_whose_source_was_erased_is_cancelled(house: Room) -> None:
    """What was erased when its time was over does not come back as a test."""
    plants.plan(house.desk, house.people["sol"], AlertId(2), due=AT + DUE, why="x")
    clock_of(house.desk).advance(HOUR_S)
    with house.desk.store.write() as unit:
        unit.alerts.erase_closed(house.desk.clock.now())
    assert plants.tend(house.desk) == 1
    assert plants.plants(house.desk, house.people["sol"])[0].cancelled_at is not None
