"""Retention at the end of the main job: what is over its time is gone everywhere, and the pages say so."""

from dataclasses import replace

import pytest

from impetus.core.alert import Verdict
from impetus.core.errors import Unknown
from impetus.core.ids import AlertId
from impetus.desk import triage
from impetus.desk.context import OBSERVATIONS
from impetus.run.heartbeat import Heart
from impetus.run.keeper import Keeper
from pipeline.city import City, crowd
from seats import actor, look, seat

DAY_S = 86_400
SHORT = {"observations_days": 2, "evidence_days": 4, "quarantine_days": 3, "alerts_days": 6}


@pytest.fixture
def city(city: City) -> City:
    """Return a city that keeps little, with a crowd seen and a record refused."""
    city.settings = replace(city.settings, **SHORT)
    city.keeper = Keeper(city.desk, city.settings, Heart())
    city.post({"observations": [{"datastream": "square/c1/people_count", "time": city.now_us, "result": 9_000}]})
    city.intake.settle()
    city.live(6, crowd)
    return city


def days_pass(city: City, days: int) -> None:
    """Let days pass in which the keeper looks at what is due."""
    for _ in range(days):
        city.clock.advance(DAY_S)
        city.keeper.turn()


def close(city: City) -> None:
    """Let an operator deal with the alert."""
    with city.pages() as town:
        seat(town, "Kari")
        kari = actor(town)
    triage.acknowledge(city.desk, kari, AlertId(1))
    triage.assess(city.desk, kari, AlertId(1), verdict=Verdict.BENIGN, why="a concert")
    triage.close(city.desk, kari, AlertId(1), why="it is over")


def test_readings_are_gone_from_history_and_bus_alike(city: City) -> None:
    """There is no second place in which yesterday's readings stay."""
    days_pass(city, 1)
    assert city.desk.history.days()
    days_pass(city, 3)
    assert city.desk.history.days() == []
    assert city.desk.bus.read(OBSERVATIONS, city.keeper.offset) == []
    assert len(city.readings()) == 0


def test_a_refused_record_is_gone_from_its_page(city: City) -> None:
    """Seen until its time is over, then no more; the page says for how long records are kept."""
    with city.pages() as town:
        kari = seat(town)
        before = look(kari, "/sources/quarantine").words
        days_pass(city, 4)
    with city.pages() as town:
        after = look(seat(town, "Ola"), "/sources/quarantine").words
    assert "9000 {people}" in before
    assert "9000 {people}" not in after
    assert "kept for 3 days" in after


def test_an_alert_outlives_its_evidence_and_its_page_says_so(city: City) -> None:
    """The sentence remains; the series behind it is gone, and nobody is left wondering."""
    [alert] = city.alerts()
    days_pass(city, 5)
    with city.pages() as town:
        page = look(seat(town), "/alerts/1").words
    assert alert.headline.say() in page
    assert "The evidence was erased when its time was over" in page


def test_the_bytes_of_evidence_are_gone_with_its_row(city: City) -> None:
    """Erased means erased: the store of bytes holds nothing either."""
    [alert] = city.alerts()
    assert city.desk.blobs.get(alert.evidence[0])
    days_pass(city, 5)
    with pytest.raises(Unknown):
        city.desk.blobs.get(alert.evidence[0])


def test_an_open_alert_stays_however_old(city: City) -> None:
    """Nobody looked at it yet: time does not close it."""
    days_pass(city, 30)
    with city.desk.store.read() as unit:
        assert unit.alerts.get(AlertId(1)).verdict is None


def test_a_closed_alert_goes_and_its_address_says_why(city: City) -> None:
    """Its link from an old message leads to a page that explains, and the list no longer has it."""
    close(city)
    days_pass(city, 7)
    with city.pages() as town:
        kari = seat(town, "Ola")
        gone = look(kari, "/alerts/1", status=404).words
        listed = town.program("alerts.read").get("/api/v1/alerts").json()["items"]
    assert "erased when its time was over" in gone
    assert listed == []


def test_a_reading_older_than_retention_is_refused_at_the_door(city: City) -> None:
    """What would be erased at once is not taken in, thirty days unless the class says otherwise."""
    old_us = city.now_us - 31 * DAY_S * 1_000_000
    answer = city.post({"observations": [{"datastream": "square/c2/people_count", "time": old_us, "result": 20}]})
    assert answer.status_code == 422
    assert "it would be erased at once" in answer.json()["detail"]


def test_the_tool_forgets_nothing_it_has_learnt_when_readings_are_erased(city: City) -> None:
    """It holds what is normal, not the readings: after the sweep the next crowd is still seen."""
    close(city)
    days_pass(city, 7)
    city.live(60)
    city.live(6, crowd)
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]
