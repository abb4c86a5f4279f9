"""Where from: a region with three samplers, a sector with fewer, nothing without wind; and what is told is true as often as told."""

from dataclasses import replace

import numpy as np
import pytest

from impetus.core.place import Point, distance_m
from impetus.core.source_area import AreaKind, from_metres
from impetus.tools.bacteria.plume import Stability
from impetus.tools.bacteria.source import SECTOR_REACH_M, locate
from impetus.tools.bacteria.wind import winds_of
from tools.bacteria.releases import OSLO, Release, World, release


def one(seed: int = 1, **world: object) -> Release:
    """Return one release."""
    return release(np.random.default_rng(seed), World(**world))  # type: ignore[arg-type]  # the test names what it changes


def only(told: Release, count: int) -> Release:
    """Return the release as fewer samplers saw it: those that saw most."""
    ranked = sorted(told.samples, key=lambda each: -each.measured)
    things = list(dict.fromkeys(each.thing for each in ranked))[:count]
    return replace(told, samples=tuple(each for each in told.samples if each.thing in things))


def test_three_samplers_give_a_region_that_states_its_coverage() -> None:
    """With outlines, the wind and the samplers it was worked out from."""
    told = only(one(), 3)
    area = locate(told.samples, told.winds)
    assert area is not None
    assert (area.kind, area.coverage, len(area.samplers)) == (AreaKind.REGION, 0.9, 3)
    assert area.samples == len(told.samples)


@pytest.mark.parametrize("count", [1, 2])
def test_fewer_give_the_sector_upwind_of_who_saw_most(count: int) -> None:
    """Upwind of the sampler is inside, downwind of it is not, and no distance is claimed beyond what is drawn."""
    told = only(one(), count)
    area = locate(told.samples, told.winds)
    assert area is not None
    assert area.kind is AreaKind.SECTOR
    apex, angle = area.samplers[0].point, np.radians(area.wind.from_deg)
    assert area.holds(from_metres(apex, 1000 * np.sin(angle), 1000 * np.cos(angle)))
    assert not area.holds(from_metres(apex, -1000 * np.sin(angle), -1000 * np.cos(angle)))
    assert max(distance_m(apex, corner) for corner in area.rings[0]) == pytest.approx(SECTOR_REACH_M, rel=0.01)


def test_without_wind_nothing_is_said() -> None:
    """Nor when the only reading of it is a day old, nor when nothing showed more than usual."""
    told = one()
    assert locate(told.samples, winds_of([], [], [])) is None
    assert locate(told.samples, winds_of([-86_400_000_000], [3.0], [10.0])) is None
    quiet = [replace(each, measured=0.5 * each.expected) for each in told.samples]
    assert locate(quiet, told.winds) is None
    assert locate([], told.winds) is None


def test_numbers_that_are_none_are_left_out() -> None:
    """A NaN, an infinite reading: the rest is worked out as if they had not come."""
    told = one(samplers=6, times=1)
    odd = [replace(told.samples[0], measured=float("nan")), replace(told.samples[1], measured=float("inf"))]
    assert locate([*odd, *told.samples[2:]], told.winds) == locate(told.samples[2:], told.winds)


def test_the_order_in_which_samples_come_changes_nothing() -> None:
    """Same samples, same area."""
    told = one(samplers=4, times=1)
    assert locate(told.samples[::-1], told.winds) == locate(told.samples, told.winds)


def test_weak_wind_widens_the_sector() -> None:
    """At one metre a second the air wanders by some 27 degrees more."""
    told = only(one(), 1)
    strong = locate(told.samples, replace(told.winds, speed_mps=np.full(len(told.winds), 5.0)))
    weak = locate(told.samples, replace(told.winds, speed_mps=np.full(len(told.winds), 1.0)))
    assert strong is not None
    assert weak is not None
    assert weak.wind.spread_deg > strong.wind.spread_deg + 10
    assert weak.area_m2() > 1.5 * strong.area_m2()


def test_a_sampler_that_showed_nothing_says_where_the_source_is_not() -> None:
    """Close upwind of a sampler without excess there is no source."""
    wind = winds_of([0], [4.0], [270.0])
    told = one()
    sites = [from_metres(OSLO, east, north) for east, north in ((0, 0), (0, 700), (0, -700), (1500, 0))]
    readings = (1500.0, 200.0, 200.0, 700.0)
    samples = [
        replace(told.samples[0], thing=f"air/{place}", point=point, began_us=0, ended_us=1, measured=reading)  # type: ignore[arg-type]  # a thing's key is text
        for place, (point, reading) in enumerate(zip(sites, readings, strict=True))
    ]
    area = locate(samples, wind)
    assert area is not None
    assert area.holds(from_metres(OSLO, -500, 0))
    assert not area.holds(from_metres(OSLO, -300, 700))
    assert not area.holds(from_metres(OSLO, -300, -700))


def test_the_globe_has_no_corner_where_it_fails() -> None:
    """Far north and across the equator."""
    told = one(samplers=4)
    for lat in (69.6, -33.9):
        moved = [
            replace(each, point=Point(lon=each.point.lon, lat=each.point.lat - 59.91 + lat)) for each in told.samples
        ]
        assert locate(moved, told.winds) is not None


def covered(world: World, releases: int, seed: int) -> float:
    """Return the share of releases whose region holds their source."""
    rng = np.random.default_rng(seed)
    hits = 0
    for _ in range(releases):
        told = release(rng, world)
        area = locate(told.samples, told.winds)
        hits += area is not None and area.holds(told.source)
    return hits / releases


def test_a_region_of_nine_tenths_holds_the_source_about_as_often() -> None:
    """Eight releases of a network of four: six or more; with nine in ten true, fewer happen once in twenty-six."""
    assert covered(World(samplers=4, times=2), 8, seed=5) >= 6 / 8


@pytest.mark.slow
@pytest.mark.parametrize(
    "world",
    [
        World(samplers=4, times=3),
        World(samplers=9, times=3),
        World(samplers=9, times=3, is_lasting=True),
        World(samplers=9, times=3, stability=Stability.C),
        World(samplers=9, times=3, stability=Stability.EF),
        World(samplers=25, times=3),
    ],
)
def test_coverage_holds_for_networks_winds_and_airs_it_was_not_made_for(world: World) -> None:
    """A hundred releases each: 85 to 95 true in the long run, so 80 to 99 of these hundred."""
    assert 0.8 <= covered(world, 100, seed=105) <= 0.99
