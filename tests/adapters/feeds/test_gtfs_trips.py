"""The timetable's trips: which route a trip belongs to, for feeds that name trips only."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.feeds.gtfs_feed import AT_S, feed, notice, trip, vehicle
from feed_samples import told
from impetus.adapters.feeds import gtfs_trips
from impetus.adapters.feeds.declared import Dropped, FeedDeclared
from impetus.adapters.feeds.gtfs_realtime import read_gtfs_realtime
from impetus.adapters.feeds.gtfs_trips import read_trips
from impetus.adapters.feeds.options import Reading
from impetus.core.errors import ImpetusError, Malformed, Misconfigured, TooLarge
from impetus.run import feed_formats
from impetus.run.feed_formats import reader_of

TRIPS = b'\xef\xbb\xbfroute_id,service_id,trip_id,trip_headsign\r\n17,week,t1,"Hill, upper"\r\n31,week,t2,Harbour\r\n,week,t3,\r\n32,week,,\r\n'


def declared(sites: Path) -> FeedDeclared:
    """Return a source whose feed names trips only."""
    origin = Dropped(folder=sites.parent, pattern="*")
    return FeedDeclared(
        id="a", name="a", format="gtfs-realtime", origin=origin, every_s=60, freshness_s=1, how=Reading(), sites=sites
    )


def test_each_trip_has_its_route() -> None:
    """Columns in any order, commas in quotes, a mark of the byte order; rows without either are passed over."""
    assert read_trips(TRIPS) == {"t1": "17", "t2": "31"}


def test_a_trip_without_a_route_is_told_by_the_timetable_s() -> None:
    """One that names a route is believed; one that nobody knows is left out."""
    made = feed()
    trip(made, "", (60, 120))
    made.entity[0].trip_update.trip.trip_id = "t1"
    vehicle(made, "")
    made.entity[1].vehicle.trip.trip_id = "t2"
    vehicle(made, "99")
    made.entity[2].vehicle.trip.trip_id = "t1"
    vehicle(made, "")
    made.entity[3].vehicle.trip.trip_id = "t9"
    notice(made, "17")
    report = read_gtfs_realtime(made.SerializeToString(), Reading(), read_trips(TRIPS))
    assert {key: value for key, _, value in told(report)} == {
        "17/journeys": 1.0,
        "17/cancelled": 0.0,
        "17/delay": 120.0,
        "17/delay_worst": 120.0,
        "17/disruptions": 1.0,
        "31/vehicles": 1.0,
        "99/vehicles": 1.0,
    }
    assert report.left_out == {"a trip that names no route": 1}
    assert report.whole_at_us == AT_S * 1_000_000


@pytest.mark.parametrize("body", [b"", b"a,b\n1,2\n", b"trip_id\nt1\n", b"\xff\xfe", b"<html>"])
def test_another_table_is_refused_whole(body: bytes) -> None:
    """It says which columns it wants."""
    with pytest.raises(Malformed):
        read_trips(body)


def test_trips_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """And so is the file."""
    monkeypatch.setattr(gtfs_trips, "MOST_TRIPS", 1)
    with pytest.raises(TooLarge):
        read_trips(TRIPS)


def test_the_timetable_comes_from_a_file_of_the_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that is not there, or too large, is said before anything is read."""
    file = tmp_path / "trips.txt"
    with pytest.raises(Misconfigured, match="cannot be read"):
        reader_of(declared(file))
    file.write_bytes(TRIPS)
    made = feed()
    vehicle(made, "")
    made.entity[0].vehicle.trip.trip_id = "t2"
    assert [key for key, _, _ in told(reader_of(declared(file))(made.SerializeToString()))] == ["31/vehicles"]
    monkeypatch.setattr(feed_formats, "MOST_BESIDE", 10)
    with pytest.raises(Misconfigured, match="too large"):
        reader_of(declared(file))


@settings(max_examples=40)
@given(
    st.binary(max_size=60)
    | st.text(max_size=60).map(lambda text: b"trip_id,route_id\n" + text.encode("utf-8", "replace"))
)
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """Half lines, quotes that do not end, noise."""
    remedies = ["none needed"]
    try:
        assert all(read_trips(body).values())
    except ImpetusError as error:
        remedies.append(error.remedy)
    assert all(remedies)
