"""The drawn square holds together."""

import json
from collections import Counter
from typing import Any

import pytest

from impetus.core.place import Point, contains, distance_m
from impetus.demo.draw import CENTRE, place_text, read_place, zone_of

FEATURES: list[dict[str, Any]] = json.loads(read_place())["features"]


def _of(role: str) -> list[dict[str, Any]]:
    return [feature for feature in FEATURES if feature["properties"]["role"] == role]


def _ring(feature: dict[str, Any]) -> list[Point]:
    return [Point(lon=lon, lat=lat) for lon, lat in feature["geometry"]["coordinates"][0][:-1]]


def _middle(feature: dict[str, Any]) -> Point:
    ring = _ring(feature)
    return Point(lon=sum(point.lon for point in ring) / len(ring), lat=sum(point.lat for point in ring) / len(ring))


def test_the_file_in_the_package_is_what_the_program_draws() -> None:
    """Nobody edited the drawing by hand."""
    assert read_place() == place_text()


def test_the_square_has_its_size() -> None:
    """150 m along the quay and 100 m deep, to half a metre."""
    south_west, south_east, _, north_west = _ring(_of("ground")[0])
    assert distance_m(south_west, south_east) == pytest.approx(150, abs=0.5)
    assert distance_m(south_west, north_west) == pytest.approx(100, abs=0.5)


def test_it_has_what_the_scenario_needs() -> None:
    """Five exits, cameras with C11 among them, samplers, counters, switches and the six zones."""
    counts = Counter(feature["properties"]["role"] for feature in FEATURES)
    assert (counts["exit"], counts["zone"], counts["cell"]) == (5, 6, 600)
    assert (counts["camera"], counts["sampler"], counts["counter"], counts["switch"]) == (13, 4, 16, 4)
    assert "c11" in {camera["properties"]["key"] for camera in _of("camera")}


def test_keys_are_unique() -> None:
    """No two features share a name on the map."""
    keys = Counter(feature["properties"]["key"] for feature in FEATURES)
    assert [key for key, count in keys.items() if count > 1] == []


def test_every_cell_lies_in_exactly_one_zone_and_names_it() -> None:
    """The zones are the square, without gap or overlap."""
    zones = {zone["properties"]["key"]: _ring(zone) for zone in _of("zone")}
    for cell in _of("cell"):
        inside = [key for key, ring in zones.items() if contains(ring, _middle(cell))]
        assert inside == [cell["properties"]["zone"]]


def test_the_weights_of_a_cell_are_shares_of_known_counters() -> None:
    """They sum to one, so that a cell's density lies between its counters'."""
    counters = {counter["properties"]["key"] for counter in _of("counter")}
    for cell in _of("cell"):
        weights = cell["properties"]["counters"]
        assert set(weights) <= counters
        assert sum(weights.values()) == pytest.approx(1, abs=0.005)


@pytest.mark.parametrize("role", ["counter", "sampler", "switch"])
def test_instruments_stand_in_the_zone_they_name(role: str) -> None:
    """The map and the readings speak of the same zone."""
    zones = {zone["properties"]["key"]: _ring(zone) for zone in _of("zone")}
    for thing in _of(role):
        lon, lat = thing["geometry"]["coordinates"]
        assert contains(zones[thing["properties"]["zone"]], Point(lon=lon, lat=lat))


def test_cameras_look_onto_the_square_and_hang_on_a_switch() -> None:
    """Each has a heading, a span and a range that a map can draw, and a switch that exists."""
    switches = {switch["properties"]["key"] for switch in _of("switch")}
    for camera in _of("camera"):
        words = camera["properties"]
        assert 0 <= words["heading_deg"] < 360
        assert 10 <= words["span_deg"] <= 90
        assert 20 <= words["range_m"] <= 60
        assert words["switch"] in switches


def test_everything_lies_within_two_hundred_metres_of_the_middle() -> None:
    """No coordinate was swapped or lost its sign."""
    for feature in FEATURES:
        points = feature["geometry"]["coordinates"]
        while isinstance(points[0], list):
            points = points[0]
        assert distance_m(CENTRE, Point(lon=points[0], lat=points[1])) < 220


def test_a_spot_south_of_the_square_belongs_to_the_quay() -> None:
    """The cameras on the promenade have a zone too."""
    assert zone_of((0.0, -200.0)) == "quay"
