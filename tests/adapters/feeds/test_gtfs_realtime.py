"""GTFS-Realtime told by route: vehicles, trips and notices, worked by hand, and feeds that are none."""

import pytest
from google.transit.gtfs_realtime_pb2 import FeedHeader, FeedMessage
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.gtfs_feed import AT_S, feed, notice, trip, vehicle
from feed_samples import sample, told
from impetus.adapters.feeds import gtfs_realtime
from impetus.adapters.feeds.gtfs_realtime import read_gtfs_realtime
from impetus.adapters.feeds.options import Box, Reading
from impetus.core.errors import ImpetusError, Malformed, TooLarge
from impetus.core.feed import FeedReport

ANY = Reading()


def read(made: FeedMessage, how: Reading = ANY) -> FeedReport:
    """Read a feed as it goes over the line."""
    return read_gtfs_realtime(made.SerializeToString(), how)


def values(report: FeedReport) -> dict[str, float | None]:
    """Return the readings by key; all are of the feed's time."""
    assert {when for _, when, _ in told(report)} <= {"2026-06-01 10:00:00"}
    return {key: value for key, _, value in told(report)}


def test_vehicles_are_counted_by_route_with_the_speed_in_the_middle() -> None:
    """One that has not spoken for twenty minutes is not on the line."""
    made = feed()
    for speed in (4.0, 8.0, 9.0):
        vehicle(made, "17", speed=speed)
    vehicle(made, "31")
    vehicle(made, "31", age_s=1200)
    report = read(made)
    assert values(report) == {"17/vehicles": 3.0, "17/vehicle_speed": 8.0, "31/vehicles": 1.0}
    assert report.left_out == {"a vehicle that no longer speaks": 1}
    assert report.whole_at_us == AT_S * 1_000_000


def test_no_vehicle_is_told() -> None:
    """Neither number nor plate nor place leaves the reader."""
    made = feed()
    vehicle(made, "17")
    report = read(made)
    assert not [word for word in ("4711", "AB 12345", "10.73", "59.91") if word in repr(report)]


def test_a_trip_is_late_where_it_stops_next() -> None:
    """Not where it was; without times of its own the trip's delay counts, else the last one told; cancelled is not late."""
    made = feed()
    trip(made, "17", (-300, 500), (60, 120), (600, 300))
    trip(made, "31", (-300, 500), delay=40)
    trip(made, "32", (-300, 500))
    trip(made, "33", (60, 900), gone=True)
    trip(made, "34")
    found = values(read(made))
    assert [found.get(f"{route}/delay") for route in (17, 31, 32, 33, 34)] == [120.0, 40.0, 500.0, None, None]
    assert [found[f"{route}/cancelled"] for route in (17, 33)] == [0.0, 1.0]
    assert found["34/journeys"] == 1.0


def test_the_worst_and_the_middle_of_a_route_s_delays() -> None:
    """Ten minutes, one and none: one in the middle, ten at worst."""
    made = feed()
    for late_s in (600, 60, 0):
        trip(made, "17", (60, late_s))
    assert values(read(made))["17/delay"] == 60.0
    assert values(read(made))["17/delay_worst"] == 600.0


def test_notices_in_force_are_counted_for_each_route_they_name() -> None:
    """Tomorrow's is not in force."""
    made = feed()
    notice(made, "17", "31", "17")
    notice(made, "17", start=AT_S - 10, end=AT_S + 10)
    notice(made, "17", start=AT_S + 10)
    notice(made)
    report = read(made)
    assert values(report) == {"17/disruptions": 2.0, "31/disruptions": 1.0}
    assert report.left_out == {"a notice that is not in force": 1}


def test_only_routes_and_places_that_were_asked_for() -> None:
    """By name or by rectangle; a vehicle without a place is nowhere."""
    made = feed()
    vehicle(made, "17")
    vehicle(made, "17", lon=11.0)
    vehicle(made, "31", lon=0.0, lat=0.0)
    trip(made, "32", (60, 1))
    notice(made, "32")
    here = Reading(box=Box(west=10.7, south=59.9, east=10.8, north=60.0), only=frozenset({"17", "31"}))
    report = read(made, here)
    assert values(report) == {"17/vehicles": 1.0}
    assert report.left_out == {"not asked for": 4}


def test_a_trip_without_a_route_needs_a_timetable_and_is_left_out() -> None:
    """We have none, and a guess would be somebody else's line."""
    made = feed()
    vehicle(made, "")
    trip(made, " ")
    assert read(made).left_out == {"a trip that names no route": 2}


def test_a_feed_of_changes_is_no_whole_picture() -> None:
    """What it does not name is simply not told."""
    made = feed()
    vehicle(made, "17")
    made.header.incrementality = FeedHeader.DIFFERENTIAL
    assert read(made).whole_at_us is None


def test_a_feed_without_a_time_has_the_newest_of_its_vehicles_or_none() -> None:
    """An old clock is better than a wrong one."""
    made = feed(0)
    vehicle(made, "17", age_s=0)
    assert read(made).whole_at_us == AT_S * 1_000_000
    with pytest.raises(Malformed, match="names no time"):
        read(feed(0))
    with pytest.raises(Malformed, match="names no time"):
        read(feed(2**63))


def test_entities_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A city has some thousand vehicles."""
    monkeypatch.setattr(gtfs_realtime, "MOST_ENTITIES", 1)
    made = feed()
    vehicle(made, "17")
    vehicle(made, "17")
    with pytest.raises(TooLarge):
        read(made)


def test_the_recorded_sample_is_read() -> None:
    """As it came over the line."""
    assert values(read_gtfs_realtime(sample("gtfs.pb"), ANY)) == {
        "17/vehicles": 1.0,
        "17/vehicle_speed": 5.5,
        "17/journeys": 1.0,
        "17/cancelled": 0.0,
        "17/delay": 90.0,
        "17/delay_worst": 90.0,
        "17/disruptions": 1.0,
    }


@settings(max_examples=60)
@given(st.binary(max_size=200), st.integers(0, 400))
def test_whatever_comes_is_read_or_refused(raw: bytes, cut: int) -> None:
    """Noise, pages of errors, and feeds cut anywhere."""
    whole = sample("gtfs.pb")
    outcomes = set()
    for body in (raw, whole[:cut], whole[:cut] + raw + whole[cut:], b"<html>" + raw):
        try:
            outcomes.add(len(read_gtfs_realtime(body, ANY)) >= 0)
        except ImpetusError as error:
            outcomes.add(bool(error.remedy))
    assert outcomes == {True}
