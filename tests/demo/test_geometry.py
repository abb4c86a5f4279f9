"""The drawing of the square as geometry: rings that close, zones that tile, things that stand where they should."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.place import Point, distance_m
from impetus.demo import draw
from impetus.demo.streams import things

FEATURES: list[dict[str, Any]] = json.loads(draw.place_text())["features"]
INSIDE = st.tuples(st.floats(-74.9, 74.9), st.floats(-49.9, 49.9))


def _area(ring: draw.Ring) -> float:
    """Return a ring's area in square metres, by Gauss's formula; positive anticlockwise."""
    return sum(ax * by - bx * ay for (ax, ay), (bx, by) in zip(ring, (*ring[1:], ring[0]), strict=True)) / 2


@pytest.mark.parametrize(
    "feature",
    [each for each in FEATURES if each["geometry"]["type"] == "Polygon"][::11],
    ids=lambda each: each["properties"]["key"],
)
def test_a_ring_closes_and_runs_anticlockwise(feature: dict[str, Any]) -> None:
    """RFC 7946, section 3.1.6: first and last position alike, at least four, exterior rings anticlockwise."""
    (ring,) = feature["geometry"]["coordinates"]
    assert ring[0] == ring[-1]
    assert len(ring) >= 4
    assert _area([(lon, lat) for lon, lat in ring[:-1]]) > 0


def test_the_zones_have_the_area_of_the_square() -> None:
    """150 m by 100 m, without gap or overlap: 15,000 square metres."""
    assert sum(_area(ring) for _, ring in draw.ZONES.values()) == pytest.approx(15_000)


@settings(max_examples=60, deadline=None)
@given(INSIDE)
def test_a_spot_of_the_square_lies_in_one_zone_or_on_a_seam(spot: tuple[float, float]) -> None:
    """Never in two."""
    assert sum(draw._inside(ring, spot) for _, ring in draw.ZONES.values()) == 1


@settings(max_examples=60, deadline=None)
@given(INSIDE, INSIDE)
def test_metres_on_paper_are_metres_on_the_globe(one: tuple[float, float], other: tuple[float, float]) -> None:
    """To 5 cm over the whole square."""
    assert distance_m(draw.locate(one), draw.locate(other)) == pytest.approx(math.dist(one, other), abs=0.05)


@settings(max_examples=30, deadline=None)
@given(st.floats(-150, 149), st.floats(-150, 149))
def test_east_is_right_and_north_is_up(x: float, y: float) -> None:
    """No coordinate is swapped."""
    here, east, north = draw.locate((x, y)), draw.locate((x + 1, y)), draw.locate((x, y + 1))
    assert east.lon > here.lon
    assert north.lat > here.lat
    assert (east.lat, north.lon) == (here.lat, here.lon)


def test_the_middle_is_the_middle() -> None:
    """Zero metres from it is it."""
    assert draw.locate((0.0, 0.0)) == draw.CENTRE


@settings(max_examples=30, deadline=None)
@given(INSIDE)
def test_weights_of_any_spot_are_shares_of_its_nearest_counters(spot: tuple[float, float]) -> None:
    """Three of them, summing to one, the nearest with the largest."""
    shares = draw._feeders(spot)
    near = sorted((math.dist(where, spot), key) for key, (_, where) in draw.counters().items())[:3]
    assert set(shares) == {key for _, key in near}
    assert sum(shares.values()) == pytest.approx(1.0, abs=0.002)
    assert max(shares.values()) == shares[near[0][1]]


@pytest.mark.parametrize("number", [1, 6, 16])
def test_a_cell_over_a_counter_is_almost_that_counters(number: int) -> None:
    """Its own weight above nine tenths."""
    spot = draw.counters()[f"p{number}"][1]
    assert draw._feeders(spot)[f"p{number}"] > 0.9


def test_exits_lie_on_the_rim() -> None:
    """Both posts on the same side of the square, six metres to twenty apart."""
    for name, _, start, end in draw.EXITS.values():
        on_side = start[0] == end[0] and abs(start[0]) == draw.HALF_WIDTH_M
        on_front = start[1] == end[1] and abs(start[1]) == draw.HALF_DEPTH_M
        assert on_side or on_front, name
        assert 6.0 <= math.dist(start, end) <= 20.0


def test_no_building_stands_on_the_square() -> None:
    """Its corners lie outside, so that nobody is counted inside a wall."""
    for name, ring in draw.BUILDINGS.values():
        assert all(abs(x) > draw.HALF_WIDTH_M or abs(y) > draw.HALF_DEPTH_M for x, y in ring), name


def test_every_instrument_that_is_declared_is_drawn_and_has_its_zone() -> None:
    """Map and datastreams meet by key."""
    drawn = {each["properties"]["key"]: each["properties"] for each in FEATURES}
    for thing in things():
        assert drawn[thing.key]["zone"] == thing.zone, thing.key


def test_every_instrument_stands_at_one_place() -> None:
    """Two on one spot could not be told apart on the map."""
    spots = [thing.spot for thing in things()]
    assert len(set(spots)) == len(spots)


def test_coordinates_have_seven_decimals_at_most() -> None:
    """About a centimetre; more would claim a survey."""
    point = draw.locate((12.3456789, -3.14159))
    assert isinstance(point, Point)
    assert all(round(value, 7) == value for value in (point.lon, point.lat))


def test_water_and_streets_are_painted_before_the_square_and_cells_last() -> None:
    """What is drawn later lies on top."""
    roles = [each["properties"]["role"] for each in FEATURES]
    order = ["water", "street", "ground", "building", "zone", "exit", "camera", "cell"]
    assert [roles.index(role) for role in order] == sorted(roles.index(role) for role in order)
    assert set(roles[roles.index("cell") :]) == {"cell"}
