"""SIRI told by line: the recorded samples, worked by hand, and what is left out and why."""

import pytest

from feed_samples import sample, told
from impetus.adapters.feeds.options import Box, Reading
from impetus.adapters.feeds.siri import read_siri
from impetus.core.errors import Malformed
from impetus.core.feed import FeedReport
from impetus.core.observation import to_us
from town import NOW

HEAD = '<Siri xmlns="http://www.siri.org.uk/siri"><ServiceDelivery><ResponseTimestamp>{at}</ResponseTimestamp>{inside}</ServiceDelivery></Siri>'
VEHICLE = "<VehicleActivity><MonitoredVehicleJourney><LineRef>{line}</LineRef>{more}</MonitoredVehicleJourney></VehicleActivity>"


def read(inside: str, at: str = "2026-06-01T10:00:00Z", how: Reading | None = None) -> FeedReport:
    """Read a delivery of this content."""
    return read_siri(HEAD.format(at=at, inside=inside).encode(), how or Reading())


def values(report: FeedReport) -> dict[str, float | None]:
    """Return the readings by key; all of a body are of one time."""
    assert len({when for _, when, _ in told(report)}) <= 1
    return {key: value for key, _, value in told(report)}


def test_vehicles_are_counted_by_line_and_their_delays_in_the_middle() -> None:
    """90 s late and 30 s early are 30 s in the middle; one that fell silent an hour ago is not on the line."""
    report = read_siri(sample("siri-vm.xml"), Reading())
    assert values(report) == {
        "har:line:17/vehicles": 2.0,
        "har:line:17/delay": 30.0,
        "har:line:17/delay_worst": 90.0,
        "har:line:31/vehicles": 1.0,
    }
    assert report.left_out == {"a vehicle that no longer speaks": 1, "a journey that names no line": 1}
    assert report.whole_at_us is not None


def test_no_vehicle_is_told() -> None:
    """Neither its number nor its place nor its journey is anywhere in the report."""
    report = read_siri(sample("siri-vm.xml"), Reading())
    said = repr(report)
    assert not [word for word in ("4711", "4712", "10.7339", "HAR:1", "Operator") if word in said]
    assert all(stream.thing.point is None for stream in report.streams)


def test_journeys_are_late_where_they_stop_next() -> None:
    """The first stop before it that is not left out; cancelled whole or stop by stop is cancelled."""
    report = read_siri(sample("siri-et.xml"), Reading())
    assert values(report) == {
        "har:line:17/journeys": 2.0,
        "har:line:17/cancelled": 1.0,
        "har:line:17/delay": 120.0,
        "har:line:17/delay_worst": 120.0,
        "har:line:31/journeys": 1.0,
        "har:line:31/cancelled": 1.0,
        "har:line:32/journeys": 1.0,
        "har:line:32/cancelled": 0.0,
        "har:line:32/delay": 0.0,
        "har:line:32/delay_worst": 0.0,
    }
    assert report.left_out == {"a record that cannot be read": 1}
    assert report.streams[0].thing.name == "17 Harbour - Hill"


def test_only_lines_and_places_that_were_asked_for() -> None:
    """By the name of the line, or by where the vehicle is now."""
    lines = values(read_siri(sample("siri-vm.xml"), Reading(only=frozenset({"HAR:Line:31"}))))
    assert lines == {"har:line:31/vehicles": 1.0}
    here = Reading(box=Box(west=10.7, south=59.9, east=10.8, north=59.93))
    assert values(read_siri(sample("siri-vm.xml"), here))["har:line:17/vehicles"] == 1.0


@pytest.mark.parametrize(
    ("more", "delays"),
    [
        ("<Delay>PT0S</Delay>", 0.0),
        ("<Delay>-PT1H</Delay>", -3600.0),
        ("<Delay>P1DT0S</Delay>", 86_400.0),
        ("<Delay>P2D</Delay>", None),
        ("<Delay>P1M</Delay>", None),
        ("", None),
    ],
)
def test_a_delay_beyond_sense_is_none(more: str, delays: float | None) -> None:
    """The vehicle is counted all the same."""
    found = values(read(VEHICLE.format(line="1", more=more)))
    assert found["1/vehicles"] == 1.0
    assert found.get("1/delay") == delays


def test_a_vehicle_that_is_not_monitored_is_not_counted() -> None:
    """Nobody knows whether it is there."""
    assert read(VEHICLE.format(line="1", more="<Monitored>false</Monitored>")).left_out == {
        "a vehicle that no longer speaks": 1
    }


def test_times_without_a_zone_are_read_in_the_declared_one() -> None:
    """Some senders leave it out."""
    report = read(VEHICLE.format(line="1", more=""), at="2026-06-01T12:00:00", how=Reading(zone="Europe/Oslo"))
    assert report.whole_at_us == to_us(
        NOW.replace(year=2026, month=6, day=1, hour=10, minute=0, second=0, microsecond=0)
    )


def test_an_answer_in_parts_is_no_whole_picture() -> None:
    """Else every line of the other part would have no vehicle."""
    assert read("<MoreData>true</MoreData>" + VEHICLE.format(line="1", more="")).whole_at_us is None


def test_an_answer_without_content_says_so_and_one_without_a_time_is_refused() -> None:
    """At night there is nothing; a clock that says nothing is a fault."""
    assert read("").left_out == {"an answer without vehicles and journeys": 1}
    with pytest.raises(Malformed, match="names no time"):
        read(VEHICLE.format(line="1", more=""), at="now")
