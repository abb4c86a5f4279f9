"""The main job, told as stories: from readings at the door to what an operator reads on the page."""

from dataclasses import replace

from impetus.core.alert import AlertState
from impetus.core.evidence import Evidence
from impetus.core.finding import Kind, Severity, Urgency
from impetus.core.ids import AlertId, FindingKey
from impetus.desk import triage
from impetus.desk.platform_finding import PLATFORM
from page_reader import read_page
from pipeline.city import City, crowd, square, usual
from seats import actor, look, seat


def test_an_ordinary_hour_raises_nothing(city: City) -> None:
    """What is as always is not worth a person's look."""
    city.live(30)
    assert len(city.readings()) == 90 * 3
    assert city.findings() == []
    assert city.alerts() == []


def test_a_crowd_becomes_one_alert(city: City) -> None:
    """Three counters agree for six minutes: one alert of their zone, severe, and not eighteen of readings."""
    city.live(6, crowd)
    [alert] = city.alerts()
    assert (alert.subject, alert.severity, alert.urgency) == ("zone:quay", Severity.SEVERE, Urgency.IMMEDIATE)
    assert alert.state is AlertState.NEW
    assert len(alert.datastreams) == 3


def test_a_crowd_at_one_counter_is_about_that_counter(city: City) -> None:
    """One sensor alone is a smaller matter, and named by itself."""
    city.live(6, crowd, counters=(1,))
    [alert] = city.alerts()
    assert alert.subject == "thing:square/c1"
    assert alert.severity.rank < Severity.SEVERE.rank


def test_a_single_strange_reading_is_no_crowd(city: City) -> None:
    """A glitch between calm readings is a matter of the instrument, and it is the sensor that is named."""
    city.live(1, crowd, counters=(1,))
    city.live(10)
    assert {alert.kind for alert in city.alerts()} <= {Kind.FAULT}


def test_people_leaving_is_told_as_well(city: City) -> None:
    """A square that empties is as unusual as one that fills."""
    city.live(90)
    city.live(8, lambda *_: 0.0)
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]
    assert "below normal" in city.alerts()[0].headline.say()


def test_a_growing_crowd_stays_one_alert(city: City) -> None:
    """Minute after minute, each taken in by itself: the list does not grow, and the first to notice is not repeated."""
    for _ in range(12):
        city.live(1, crowd)
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]
    assert len({finding.key for finding in city.findings()}) == len(city.findings())


def test_a_thousand_readings_of_one_crowd_stay_one_alert(city: City) -> None:
    """Far more readings than findings, and one row on the screen."""
    city.live(340, crowd)
    assert len(city.readings()) == (60 + 340) * 3
    assert len(city.alerts()) == 1
    assert len(city.findings()) < 20


def test_a_hundred_repeats_stay_one_alert(city: City) -> None:
    """A tool that says the same over and over is counted, not listed."""
    city.live(6, crowd)
    [said] = city.findings()
    words = Evidence(finding=said.key, summary=said.why)
    again = [FindingKey(f"{said.key}:again:{number}") for number in range(100)]
    city.say([(replace(said, key=key), replace(words, finding=key)) for key in again])
    city.turn()
    [alert] = city.alerts()
    assert alert.repeats == 100
    assert len(alert.evidence) <= 8


def test_a_crowd_that_is_over_ends_in_the_same_alert(city: City) -> None:
    """Its end is more of the same story: no second alert says that there is nothing."""
    city.live(6, crowd)
    city.live(30)
    [alert] = city.alerts()
    assert len(city.findings()) >= 2
    assert city.findings()[-1].ended is not None
    assert alert.last_at > alert.began


def test_who_holds_an_alert_keeps_it_through_its_repeats(city: City) -> None:
    """A crowd that goes on takes nothing out of anybody's hands."""
    city.live(6, crowd)
    with city.pages() as town:
        seat(town, "Kari")
        triage.acknowledge(city.desk, actor(town), AlertId(1))
    city.live(30)
    [alert] = city.alerts()
    assert (alert.state, alert.owner) == (AlertState.HELD, "Kari")


def test_a_dark_camera_and_a_crowd_in_the_same_place_meet(city: City) -> None:
    """What the keeper misses and what the tool sees within minutes and metres are one thing to look at."""
    city.declare(square(pulse_within_s=300))
    city.turn()
    city.live(6)
    assert [alert.kind for alert in city.alerts()] == [Kind.SILENCE]
    city.live(6, crowd)
    [alert] = city.alerts()
    assert set(alert.tools) == {PLATFORM, "urban_anomaly"}
    assert alert.severity is Severity.SEVERE
    assert len(alert.joined) == 1


def test_a_dark_camera_that_comes_back_says_so_in_its_own_alert(city: City) -> None:
    """The end of a silence repeats it; the operator reads on where they read before."""
    city.declare(square(pulse_within_s=300))
    city.turn()
    city.live(6)
    city.post({"datastream": ["square/camera/frames_per_minute"], "time": [city.now_us], "result": [1500]})
    city.turn()
    city.clock.advance(6)
    city.turn()
    [alert] = city.alerts()
    assert alert.kind is Kind.SILENCE
    assert alert.repeats == 1


def test_what_an_operator_reads_is_what_was_measured(city: City) -> None:
    """The page of the alert names the place, the measured against the expected, and shows the series behind it."""
    city.live(6, crowd)
    [alert] = city.alerts()
    with city.pages() as town:
        page = look(seat(town), "/alerts/1")
    assert alert.headline.say() in page.words
    assert "expected at this time of day" in page.words
    assert f"{round(alert.facts['measured'])}" in page.words


def test_a_program_reads_the_alert_with_a_token(city: City) -> None:
    """The API says the same as the page, in one item."""
    city.live(6, crowd)
    with city.pages() as town:
        document = town.program("alerts.read").get("/api/v1/alerts").json()
    [item] = document["items"]
    assert document["next"] is None
    assert (item["subject"], item["severity"], item["state"]) == ("zone:quay", "severe", "new")


def test_evidence_of_an_alert_is_the_series_that_was_sent(city: City) -> None:
    """Measured values in the evidence are the readings at the door, not a retelling."""
    city.live(6, crowd)
    [alert] = city.alerts()
    evidence = city.desk.codec.decode_evidence(city.desk.blobs.get(alert.evidence[0]))
    first = evidence.series[0]
    sent = city.readings()
    known = dict(zip(zip(sent.datastream.tolist(), sent.time_us.tolist(), strict=True), sent.result, strict=True))
    assert first.time_us.size > 10
    assert all(
        known[(int(first.datastream), time_us)] == value
        for time_us, value in zip(first.time_us.tolist(), first.measured.tolist(), strict=True)
    )


def test_history_holds_what_was_accepted(city: City) -> None:
    """The keeper's history and the bus tell of the same readings."""
    city.clock.advance(6)
    city.turn()
    assert len(city.desk.history.latest()) == 3
    assert city.desk.history.through() == 1


def test_the_sources_page_counts_what_came(city: City) -> None:
    """Who connected the counters sees that 180 readings were taken in, and none refused."""
    city.intake.settle()
    with city.pages() as town:
        page = read_page(seat(town).get("/sources").text)
    assert "taken in 180" in page.words
    assert "refused 0" in page.words


def test_what_happens_twice_in_a_day_is_two_alerts(city: City) -> None:
    """After a calm of hours a new crowd is a new matter."""
    city.live(6, crowd)
    city.live(8 * 60, usual)
    city.live(12, lambda counter, minute: 3 * crowd(counter, minute))
    assert len(city.alerts()) == 2
