"""An area says how sure it is and how far it reaches, and a dot cannot be said."""

from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.core.ids import ThingKey
from impetus.core.place import Point, distance_m
from impetus.core.source_area import AreaKind, SamplerUsed, SourceArea, Wind, from_metres, ring_area_m2, to_metres

OSLO = Point(lon=10.7339, lat=59.9127)
WIND = Wind(from_deg=225.0, speed_mps=4.0, spread_deg=9.0)


def square(side_m: float, *, east_m: float = 0.0) -> tuple[Point, ...]:
    """Return a square with its south-western corner so far east of Oslo."""
    corners = ((0.0, 0.0), (side_m, 0.0), (side_m, side_m), (0.0, side_m))
    return tuple(from_metres(OSLO, east_m + east, north) for east, north in corners)


def samplers(count: int) -> tuple[SamplerUsed, ...]:
    """Return so many samplers."""
    return tuple(
        SamplerUsed(thing=ThingKey(f"air/s{each}"), name=f"S{each}", point=OSLO, measured=900.0, expected=200.0)
        for each in range(count)
    )


def area(**changed: object) -> SourceArea:
    """Return a region of one hectare and more, changed as told."""
    parts: Mapping[str, object] = {
        "kind": AreaKind.REGION,
        "coverage": 0.9,
        "rings": (square(200.0),),
        "wind": WIND,
        "samplers": samplers(3),
        "samples": 9,
        **changed,
    }
    return SourceArea(**parts)  # type: ignore[arg-type]  # the test names what it changes


def test_square_metres_are_those_of_all_outlines_together() -> None:
    """A square of 200 m beside one of 100 m: 50,000 m2."""
    two = area(rings=(square(200.0), square(100.0, east_m=500.0)))
    assert two.area_m2() == pytest.approx(50_000.0, rel=1e-6)


def test_a_point_is_held_by_any_outline_and_by_none_between_them() -> None:
    """Two patches 300 m apart: inside the one, inside the other, and between."""
    two = area(rings=(square(200.0), square(200.0, east_m=500.0)))
    assert two.holds(from_metres(OSLO, 100.0, 100.0))
    assert two.holds(from_metres(OSLO, 600.0, 100.0))
    assert not two.holds(from_metres(OSLO, 350.0, 100.0))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"rings": (square(20.0),)}, "square metres"),
        ({"rings": ()}, "outlines"),
        ({"rings": (square(200.0)[:2],)}, "corners"),
        ({"coverage": 1.0}, "coverage"),
        ({"coverage": float("nan")}, "coverage"),
        ({"samplers": samplers(2)}, "samplers of a region"),
        ({"kind": AreaKind.SECTOR, "samplers": ()}, "samplers of a sector"),
    ],
)
def test_what_would_claim_too_much_cannot_be_said(changed: Mapping[str, object], said: str) -> None:
    """A dot, nothing at all, certainty, and a region from fewer than three samplers."""
    with pytest.raises(Malformed, match=said) as refused:
        area(**changed)
    assert refused.value.remedy


def test_one_sampler_is_enough_for_a_sector() -> None:
    """A sector claims a direction alone."""
    assert area(kind=AreaKind.SECTOR, samplers=samplers(1)).kind is AreaKind.SECTOR


@given(east=st.floats(-20_000, 20_000), north=st.floats(-20_000, 20_000))
def test_metres_there_and_back_are_the_same_place(east: float, north: float) -> None:
    """And they agree with the great circle within one part in two hundred."""
    there = from_metres(OSLO, east, north)
    assert to_metres(OSLO, there) == pytest.approx((east, north), abs=1e-3)
    assert distance_m(OSLO, there) == pytest.approx((east**2 + north**2) ** 0.5, rel=5e-3, abs=0.01)


def test_the_turn_of_an_outline_does_not_matter() -> None:
    """Clockwise or not, the square metres are the same to a thousandth: flat ground begins at the first corner."""
    ring = square(150.0)
    assert ring_area_m2(ring) == pytest.approx(ring_area_m2(ring[::-1]), rel=1e-3)
