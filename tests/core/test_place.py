"""Positions on the globe, the metres between them, and what lies inside a ring."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.errors import Malformed
from impetus.core.place import EARTH_RADIUS_M, Point, contains, distance_m

SQUARE = (Point(lon=0, lat=0), Point(lon=2, lat=0), Point(lon=2, lat=2), Point(lon=0, lat=2))
HOOK = tuple(Point(lon=lon, lat=lat) for lon, lat in ((0, 0), (4, 0), (4, 4), (3, 4), (3, 1), (0, 1)))
"""A concave ring, an L lying on its back: a floor one high and a wall one wide at its eastern end."""
OSLO, BERGEN = Point(lon=10.7522, lat=59.9139), Point(lon=5.3221, lat=60.3913)
HALF_ROUND_M = math.pi * EARTH_RADIUS_M

points = some.builds(Point, lon=some.floats(-180, 180), lat=some.floats(-90, 90))
near = some.builds(Point, lon=some.floats(-3, 6), lat=some.floats(-3, 6))


@pytest.mark.parametrize(("lon", "lat"), [(180, 90), (-180, -90), (0, 0), (-0.0, 90)])
def test_the_whole_globe_can_be_named(lon: float, lat: float) -> None:
    """The ends of the ranges belong to them."""
    assert Point(lon=lon, lat=lat) == Point(lon=lon, lat=lat)


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(180.001, 0), (-181, 0), (0, 90.001), (0, -91), (math.nan, 0), (0, math.nan), (math.inf, 0), (0, -math.inf)],
)
def test_what_is_not_on_the_globe_is_refused_with_the_ranges(lon: float, lat: float) -> None:
    """Swapped, projected or missing coordinates stop here, with what would have been right."""
    with pytest.raises(Malformed) as refusal:
        Point(lon=lon, lat=lat)
    assert refusal.value.limit == "lon -180..180, lat -90..90"
    assert "longitude first" in refusal.value.remedy


def test_one_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    """By hand: 6,371,008.8 m x pi / 180 = 111,195.08 m."""
    assert distance_m(Point(lon=7, lat=45), Point(lon=7, lat=46)) == pytest.approx(111_195.08, abs=0.01)


def test_a_degree_of_longitude_shrinks_with_latitude() -> None:
    """At 60 degrees a degree east is half of one at the equator, up to the bend of the great circle."""
    at_60 = distance_m(Point(lon=10, lat=60), Point(lon=11, lat=60))
    assert at_60 == pytest.approx(111_195.08 / 2, rel=1e-4)


def test_a_known_distance_is_met() -> None:
    """Oslo to Bergen is 305 km as the crow flies."""
    assert distance_m(OSLO, BERGEN) == pytest.approx(305_000, rel=0.005)


def test_pole_to_pole_is_half_way_round() -> None:
    """The longest distance there is, whatever longitude the poles are given."""
    assert distance_m(Point(lon=13, lat=90), Point(lon=-77, lat=-90)) == pytest.approx(HALF_ROUND_M)


def test_the_date_line_does_not_divide() -> None:
    """Two points either side of 180 degrees are neighbours: 0.2 degrees, 22.24 km."""
    assert distance_m(Point(lon=179.9, lat=0), Point(lon=-179.9, lat=0)) == pytest.approx(22_239.0, abs=1)


@given(points, points)
def test_distance_is_the_same_both_ways_and_within_half_a_turn(one: Point, other: Point) -> None:
    """A distance has no direction, is never negative, and no two places are further apart than the poles."""
    there = distance_m(one, other)
    assert there == pytest.approx(distance_m(other, one), abs=1e-6)
    assert 0 <= there <= HALF_ROUND_M * (1 + 1e-12)


@given(points)
def test_a_point_is_nowhere_but_where_it_is(point: Point) -> None:
    """No distance to itself."""
    assert distance_m(point, point) == 0


@given(points, points, points)
def test_a_detour_is_never_shorter(start: Point, over: Point, end: Point) -> None:
    """The triangle inequality, up to half a metre of rounding where the arcsine is steepest, at the antipodes."""
    assert distance_m(start, end) <= distance_m(start, over) + distance_m(over, end) + 0.5


@pytest.mark.parametrize(("lon", "lat"), [(1, 1), (0.01, 0.01), (1.99, 1.99)])
def test_a_point_inside_a_square_is_inside(lon: float, lat: float) -> None:
    """The middle and near the corners."""
    assert contains(SQUARE, Point(lon=lon, lat=lat))


@pytest.mark.parametrize(("lon", "lat"), [(-0.01, 1), (2.01, 1), (1, -0.01), (1, 2.01), (3, 3), (-1, 0)])
def test_a_point_beside_a_square_is_outside(lon: float, lat: float) -> None:
    """On each side, beyond a corner, and level with an edge."""
    assert not contains(SQUARE, Point(lon=lon, lat=lat))


@pytest.mark.parametrize(
    ("lon", "lat", "inside"), [(1, 0.5, True), (3.5, 3, True), (1, 2, False), (2.9, 1.1, False), (3.1, 1.1, True)]
)
def test_the_hollow_of_a_concave_ring_is_outside(lon: float, lat: float, *, inside: bool) -> None:
    """Floor and wall of the hook are in it, the room between them is not."""
    assert contains(HOOK, Point(lon=lon, lat=lat)) is inside


@pytest.mark.parametrize("ring", [(), SQUARE[:1], SQUARE[:2]])
def test_a_ring_without_an_area_contains_nothing(ring: tuple[Point, ...]) -> None:
    """No point, one point and a line have no inside."""
    assert not contains(ring, Point(lon=1, lat=0.5))


@given(some.integers(0, 5), near)
def test_it_does_not_matter_where_a_ring_begins_or_which_way_it_runs(turn: int, point: Point) -> None:
    """The same outline, started elsewhere or walked backwards, holds the same points."""
    turned = HOOK[turn:] + HOOK[:turn]
    assert contains(turned, point) == contains(HOOK, point)
    on_an_edge = point.lon in {0, 3, 4} or point.lat in {0, 1, 4}
    assert on_an_edge or contains(HOOK[::-1], point) == contains(HOOK, point)


@given(near)
def test_a_ring_holds_what_the_rectangles_it_is_made_of_hold(point: Point) -> None:
    """The hook is a floor and a wall: ray casting agrees with comparing coordinates."""
    on_an_edge = point.lon in {0, 3, 4} or point.lat in {0, 1, 4}
    floor = 0 < point.lon < 4 and 0 < point.lat < 1
    wall = 3 < point.lon < 4 and 0 < point.lat < 4
    assert on_an_edge or contains(HOOK, point) == (floor or wall)
