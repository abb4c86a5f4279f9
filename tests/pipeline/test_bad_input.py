"""Bad input on the way to a page: it costs itself, is counted and can be read, and never becomes an alert or hides one."""

from collections.abc import Mapping

import pytest

from impetus.core.alert import Alert
from impetus.core.board import Rule
from impetus.core.finding import Kind
from impetus.core.ids import AlertId, SourceId
from impetus.desk import tokens
from impetus.desk.context import OBSERVATIONS
from impetus.desk.declare_source import declare, read_document
from pipeline.city import City, crowd, square, usual
from seats import look, seat
from town import CONSOLE

MINUTE_US = 60_000_000
DAY_US = 86_400_000_000
C1 = "square/c1/people_count"


def row(city: City, result: object = 20, **changes: object) -> dict[str, object]:
    """Return one reading of the first counter, a minute from the last, with these fields changed."""
    return {"datastream": C1, "time": city.now_us + 1, "result": result, **changes}


def counts_of(city: City, source: str = "square") -> Mapping[Rule, int]:
    """Return what the store has counted of a source."""
    city.intake.settle()
    with city.desk.store.read() as unit:
        [status] = [status for status in unit.sources.statuses() if status.source == source]
    return status.counts


GARBAGE: dict[str, object] = {
    "no object": 7,
    "nothing": {},
    "a text for a number": {"result": "many"},
    "a number for a time": {"time": 1.5},
    "a time without a zone": {"time": "2026-11-21T13:07:32"},
    "nobody's datastream": {"datastream": "square/c9/people_count"},
    "more than the counter can count": {"result": 5001},
    "infinitely many": {"result": 1e999},
    "a field too many": {"weather": "rain"},
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_beside_good_readings_costs_only_itself(city: City, kind: str) -> None:
    """Each kind of bad record goes to the quarantine with a sentence; the good ones before and after it are durable."""
    garbage = GARBAGE[kind]
    bad = row(city) | garbage if isinstance(garbage, dict) and garbage else garbage
    good = [row(city), row(city, datastream="square/c2/people_count")]
    answer = city.post({"observations": [good[0], bad, good[1]]})
    document = answer.json()
    assert answer.status_code == 207
    assert (document["accepted"], document["refused"], document["refusals"][0]["row"]) == (2, 1, 1)
    assert len(document["refusals"][0]["detail"]) > 20
    assert len(city.readings()) == 60 * 3 + 2


def test_a_crowd_is_seen_through_garbage(city: City) -> None:
    """A source whose every second record is nonsense still gets its crowd on the screen."""
    for _ in range(6):
        city.post({"observations": [{"nonsense": True}, row(city, result=-1), 5]})
        city.live(1, crowd)
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]
    assert counts_of(city)[Rule.MALFORMED] == 12


def test_garbage_alone_raises_nothing(city: City) -> None:
    """A hundred refused records are a matter for who connected the source, not for the operator."""
    city.post({"observations": [row(city, result=9e9) for _ in range(100)]})
    city.turn()
    assert city.alerts() == []
    assert counts_of(city)[Rule.OUT_OF_RANGE] == 100


def test_a_refused_record_can_be_read_on_its_page(city: City) -> None:
    """Who mends the sensor sees the value, the limit and what was sent."""
    city.post({"observations": [row(city, result=6000)]})
    city.intake.settle()
    with city.pages() as town:
        page = look(seat(town), "/sources/quarantine?source=square")
    assert "6000 {people} is outside 0..5000" in page.words
    assert C1 in page.words


def test_a_hostile_name_in_a_record_is_shown_and_not_run(city: City) -> None:
    """A refused record is text on the page, whatever it says."""
    city.post({"observations": [row(city, datastream="<script>alert(1)</script>")]})
    city.intake.settle()
    with city.pages() as town:
        answer = seat(town).get("/sources/quarantine")
    assert "<script>alert(1)" not in answer.text
    assert "&lt;script&gt;alert(1)" in answer.text


def test_a_source_whose_clock_is_ahead_is_told_and_silences_nothing(city: City) -> None:
    """An hour in the future is refused; the next reading in time is still the newest."""
    lie = city.post({"observations": [row(city, time=city.now_us + 60 * MINUTE_US)]})
    assert lie.status_code == 422
    assert "set the sender's clock" in lie.json()["detail"]
    assert city.minutes(1) == {Rule.ACCEPTED.value: 3}


def test_a_source_that_replays_last_night_as_now_is_judged_by_its_times(city: City) -> None:
    """Readings two days old are late, not a crowd of now."""
    night_us = city.now_us - 2 * DAY_US
    rows = [row(city, result=190 + step, time=night_us + step * MINUTE_US) for step in range(6)]
    answer = city.post({"observations": rows})
    city.turn()
    assert answer.json()["receipt"]["counts"] == {Rule.LATE.value: 6}
    assert city.alerts() == []


def test_a_source_that_says_everything_happened_at_once_is_in_conflict_with_itself(city: City) -> None:
    """One datastream has one value at a time: the first stays, the others are refused by name."""
    at_us = city.now_us + 1
    answer = city.post({"observations": [row(city, result=20 + step, time=at_us) for step in range(5)]})
    document = answer.json()
    assert document["counts"] == {Rule.ACCEPTED.value: 1, Rule.CONFLICT.value: 4}
    assert "the first stays" in document["refusals"][0]["detail"]


def test_readings_that_come_out_of_order_are_the_same_crowd(city: City) -> None:
    """A gateway that delivers newest first hides nothing."""
    stream = [f"square/c{number}/people_count" for number in (1, 2, 3)]
    city.clock.advance(6 * 60)
    rows = [
        {"datastream": key, "time": city.now_us - back * MINUTE_US, "result": crowd(1, 6 - back)}
        for back in range(6)
        for key in stream
    ]
    counts = city.post({"observations": rows}).json()["counts"]
    city.turn()
    assert counts == {Rule.ACCEPTED.value: 3, Rule.OUT_OF_ORDER.value: 15}
    assert [alert.subject for alert in city.alerts()] == ["zone:quay"]


def test_a_sensor_that_has_no_value_says_so_and_is_no_crowd(city: City) -> None:
    """Null is a missing value: taken, counted as missing, and nothing a tool could call strange."""
    assert city.minutes(6, lambda *_: float("nan")) == {Rule.MISSING.value: 18}
    city.turn()
    assert city.alerts() == []


def test_a_token_of_one_source_writes_nothing_into_anothers_datastream(city: City) -> None:
    """By key or by number, the harbour's token cannot put a crowd on the square."""
    city.declare(square("harbour", zone="harbour", lon=10.80))
    number = city.intake.names(SourceId("square"))[C1]
    for name in (C1, number):
        answer = city.post({"observations": [row(city, result=190, datastream=name)]}, "harbour")
        assert answer.status_code == 422
        assert "source" in answer.json()["detail"]
    city.turn()
    assert len(city.readings()) == 60 * 3
    assert counts_of(city, "harbour") == {Rule.UNDECLARED: 2}


def test_a_token_without_a_source_sends_nothing(city: City) -> None:
    """Readings come with the token of their source, or not at all; the square's counters show nothing of it."""
    _, city.tokens["nobody"] = tokens.issue(city.desk, CONSOLE, "nobody", ["observations.write"])
    answer = city.post({"observations": [row(city)]}, "nobody")
    assert answer.status_code == 403
    assert "token of their source" in answer.json()["rule"]
    assert counts_of(city) == {Rule.ACCEPTED: 180}


def test_a_reading_token_cannot_send(city: City) -> None:
    """What may read alerts may not write readings."""
    _, city.tokens["reader"] = tokens.issue(city.desk, CONSOLE, "reader", ["alerts.read"], SourceId("square"))
    answer = city.post({"observations": [row(city)]}, "reader")
    assert answer.status_code == 403
    assert "observations.write" in answer.json()["detail"]


def crowds(city: City) -> list[Alert]:
    """Return the alerts about people; that the other place was silent meanwhile is a matter of its instruments."""
    return [alert for alert in city.alerts() if alert.kind is Kind.ANOMALY]


def test_two_places_do_not_mix(city: City) -> None:
    """A crowd at the quay and one at the harbour, four kilometres apart at the same minute, are two alerts."""
    city.declare(square("harbour", zone="harbour", lon=10.80))
    city.live(60)
    for source in ("square", "harbour"):
        city.minutes(60, source=source)
    city.turn()
    city.live(6, crowd)
    city.clock.advance(-360)
    city.live(6, crowd, source="harbour")
    assert {alert.subject for alert in crowds(city)} == {"zone:quay", "zone:harbour"}
    assert all(len(alert.datastreams) == 3 for alert in crowds(city))


def test_a_crowd_in_one_place_says_nothing_of_the_other(city: City) -> None:
    """The harbour's counters, calm all the while, are in nobody's alert."""
    city.declare(square("harbour", zone="harbour", lon=10.80))
    city.minutes(60, source="harbour")
    city.turn()
    city.live(6, crowd)
    with city.desk.store.read() as unit:
        theirs = {number for number, each in unit.sources.catalogue().datastreams.items() if each.source == "harbour"}
    [alert] = crowds(city)
    assert theirs
    assert not theirs & set(alert.datastreams)


def test_simulated_and_real_never_meet(city: City) -> None:
    """A made-up crowd beside a real one is an alert of its own, and says what it is."""
    made_up = square("rehearsal")
    made_up["source"]["simulated"] = True
    city.declare(made_up)
    city.minutes(60, source="rehearsal")
    city.turn()
    city.live(6, crowd, counters=(1,))
    city.clock.advance(-360)
    city.live(
        6,
        lambda counter, minute: crowd(counter, minute) if counter == 3 else usual(counter, minute),
        source="rehearsal",
    )
    assert {alert.subject: alert.simulated for alert in crowds(city)} == {
        "thing:square/c1": False,
        "thing:rehearsal/c3": True,
    }


def test_a_body_that_cannot_be_read_at_all_is_one_refused_record(city: City) -> None:
    """Half a document is a problem with a remedy, counted once, and readable as it came."""
    answer = city.post(b'{"observations": [')
    assert answer.status_code == 400
    assert answer.json()["remedy"]
    assert counts_of(city)[Rule.MALFORMED] == 1
    with city.desk.store.read() as unit:
        [record] = unit.sources.quarantined(source=SourceId("square")).items
    assert record.record == b'{"observations": ['


def test_nonsense_on_the_bus_is_skipped_by_the_tool_and_counted(city: City) -> None:
    """A message no part of ours would write costs one count, and the crowd behind it is seen."""
    city.desk.bus.publish(OBSERVATIONS, [b"nonsense"])
    city.live(6, crowd)
    assert city.tool.tally.unreadable == 1
    assert city.keeper.tally.unreadable == 1
    assert len(city.alerts()) == 1


def test_a_declaration_that_grows_is_followed_without_a_restart(city: City) -> None:
    """A fourth counter declared in the middle of the day is taken, learnt and part of the next crowd."""
    document = square()
    more = {**document["things"][2], "key": "c4"}
    declare(city.desk, CONSOLE, read_document({**document, "things": [*document["things"], more]}))
    city.intake.settle()
    city.live(60, counters=(1, 2, 3, 4))
    city.live(6, crowd, counters=(1, 2, 3, 4))
    with city.desk.store.read() as unit:
        alert = unit.alerts.get(AlertId(1))
    assert alert.facts["things"] >= 3
    assert len(city.readings()) == 60 * 3 + 66 * 4
