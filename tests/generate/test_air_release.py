"""Releases in the made-up wind: the plume by hand, how strong one is made, and which samples it is added to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import to_us
from impetus.generate import air
from impetus.generate.air import (
    AIR_M3,
    EXTENT_M,
    HOUR_US,
    LEAST_DILUTION,
    RELEASE_FACTOR,
    SEEN_FACTOR,
    START,
    WARM_UP_DAYS,
    Counts,
    Release,
    Site,
    Wind,
    add_release,
    blow,
    plan_sites,
    release,
)

BEGIN_US = to_us(START)


def site(east_m: float, north_m: float = 0.0, *, mean: float = 10.0, scatter: float = 1.5) -> Site:
    """Return a sampler at a place, in metres."""
    return Site(
        name="a001",
        east_m=east_m,
        north_m=north_m,
        mean=mean,
        scatter=scatter,
        season=0.2,
        peak=0.0,
        has_weather=False,
    )


def steady(from_deg: float = 270.0, speed_mps: float = 4.0, hours: int = 48) -> Wind:
    """Return a wind that neither turns nor freshens."""
    return Wind(
        time_us=BEGIN_US + np.arange(hours, dtype=np.int64) * HOUR_US,
        speed_mps=np.full(hours, speed_mps),
        from_deg=np.full(hours, from_deg),
    )


def let_go(*, first_h: float = 10.0, last_h: float = 12.0, strength: float = 1.0) -> Release:
    """Return a release in the network's middle between two hours after the beginning."""
    return Release(
        began_us=BEGIN_US + int(first_h * HOUR_US),
        ended_us=BEGIN_US + int(last_h * HOUR_US),
        east_m=0.0,
        north_m=0.0,
        strength=strength,
    )


def hourly(expected: float = 10.0, *, every_h: float = 1.0, samples: int = 24) -> Counts:
    """Return samples that caught nothing, the first ending with the first hour of the wind."""
    return Counts(
        time_us=BEGIN_US + (np.arange(samples) * every_h * HOUR_US).astype(np.int64),
        expected=np.full(samples, expected),
        count=np.zeros(samples),
        outbreak=np.zeros(samples),
    )


def strength_for(counts: float, where: Site) -> float:
    """Return the strength that adds so many counts to a full sample of a steady west wind."""
    return counts / (air._dilution(let_go(), where, steady(), 0) * AIR_M3)


def test_the_plume_a_kilometre_downwind_by_hand() -> None:
    """West wind of 4 m/s, 1,000 m east: 20 + 160 / sqrt(1.4) wide, 5 + 140 / sqrt(1.3) high, nothing off the axis."""
    sideways, upwards = 20.0 + 160.0 / math.sqrt(1.4), 5.0 + 140.0 / math.sqrt(1.3)
    told = air._dilution(let_go(), site(1_000.0), steady(), 0)
    assert told == pytest.approx(1.0 / (math.pi * sideways * upwards * 4.0))
    assert told == pytest.approx(4.01e-6, rel=0.002)


def test_one_width_off_the_axis_is_a_normal_curve_at_one_deviation() -> None:
    """The share is exp(-1/2)."""
    sideways = 20.0 + 160.0 / math.sqrt(1.4)
    on, off = (air._dilution(let_go(), site(1_000.0, north), steady(), 0) for north in (0.0, sideways))
    assert off / on == pytest.approx(math.exp(-0.5))


@pytest.mark.parametrize(
    ("from_deg", "east_m", "north_m"),
    [(0.0, 0.0, -800.0), (90.0, -800.0, 0.0), (180.0, 0.0, 800.0), (270.0, 800.0, 0.0), (360.0, 0.0, -800.0)],
)
def test_wind_is_named_by_where_it_blows_from(from_deg: float, east_m: float, north_m: float) -> None:
    """A north wind carries to the south; the sampler opposite gets nothing."""
    downwind, upwind = (
        air._dilution(let_go(), site(sign * east_m, sign * north_m), steady(from_deg), 0) for sign in (1, -1)
    )
    assert downwind > 1e-7
    assert upwind == 0.0


def test_at_the_source_itself_nothing_is_told() -> None:
    """The formula has no answer within a metre, so it gives none."""
    assert air._dilution(let_go(), site(0.0), steady(), 0) == 0.0
    assert air._dilution(let_go(), site(1.0), steady(), 0) == 0.0


def test_a_calm_is_half_a_metre_a_second_at_least() -> None:
    """No division by nothing: the stillest air dilutes as half a metre a second does."""
    calm, slow, brisk = (air._dilution(let_go(), site(500.0), steady(speed_mps=v), 0) for v in (0.0, 0.5, 1.0))
    assert calm == slow == pytest.approx(2 * brisk)


@given(
    east=some.floats(-EXTENT_M, EXTENT_M),
    north=some.floats(-EXTENT_M, EXTENT_M),
    from_deg=some.floats(0, 360),
    speed=some.floats(0, 40),
)
@settings(max_examples=60, deadline=None)
def test_a_plume_is_finite_never_negative_and_the_same_on_both_sides(
    east: float, north: float, from_deg: float, speed: float
) -> None:
    """Mirrored at its axis it is itself, wherever the sampler stands."""
    wind = steady(from_deg, speed)
    told = air._dilution(let_go(), site(east, north), wind, 0)
    assert 0.0 <= told < 1.0
    angle = math.radians(from_deg)
    along, across = (
        east * math.sin(angle) + north * math.cos(angle),
        east * math.cos(angle) - north * math.sin(angle),
    )
    mirrored = site(
        along * math.sin(angle) - across * math.cos(angle), along * math.cos(angle) + across * math.sin(angle)
    )
    assert air._dilution(let_go(), mirrored, wind, 0) == pytest.approx(told, rel=1e-6, abs=1e-18)


def test_a_release_adds_to_the_samples_drawn_while_it_lasts() -> None:
    """From ten to twelve: samples that end at eleven and at twelve drew in it, those at ten and thirteen did not."""
    where, counts = site(1_000.0), hourly()
    add_release(where, counts, let_go(strength=strength_for(40.5, where)), steady(), every_h=1.0)
    assert np.flatnonzero(counts.count).tolist() == [11, 12]
    assert counts.count[[11, 12]].tolist() == [40.0, 40.0]


def test_half_of_a_sample_gets_half() -> None:
    """From half past ten to eleven: 20.25 of 40.5, and a count is whole."""
    where, counts = site(1_000.0), hourly()
    one = let_go(first_h=10.5, last_h=11.0, strength=strength_for(40.5, where))
    add_release(where, counts, one, steady(), every_h=1.0)
    assert np.flatnonzero(counts.count).tolist() == [11]
    assert counts.count[11] == 20.0


def test_a_sample_a_day_draws_air_for_an_hour_only() -> None:
    """A release at noon passes a sampler that draws in the last hour before midnight."""
    where, counts = site(1_000.0), hourly(every_h=24.0, samples=2)
    strong = strength_for(1e4, where)
    add_release(where, counts, let_go(strength=strong), steady(), every_h=24.0)
    assert not counts.count.any()
    add_release(where, counts, let_go(first_h=23.0, last_h=23.5, strength=strong), steady(), every_h=24.0)
    assert counts.count.tolist() == [0.0, 5_000.0]


def test_quarters_of_an_hour_are_drawn_whole() -> None:
    """A sample each quarter draws that quarter: four between ten and eleven feel it, each in full."""
    where, counts = site(1_000.0), hourly(every_h=0.25, samples=60)
    add_release(where, counts, let_go(last_h=11.0, strength=strength_for(8.5, where)), steady(), every_h=0.25)
    assert np.flatnonzero(counts.count).tolist() == [41, 42, 43, 44]
    assert set(counts.count[41:45].tolist()) == {8.0}


def test_what_can_be_felt_is_marked_by_its_size_in_deviations() -> None:
    """Forty counts on ten of scatter 1.5 are 40 / sqrt(15) deviations."""
    where, counts = site(1_000.0), hourly()
    add_release(where, counts, let_go(strength=strength_for(40.0, where)), steady(), every_h=1.0)
    assert counts.outbreak[11] == pytest.approx(40.0 / math.sqrt(15.0))
    assert not counts.outbreak[[10, 13]].any()


def test_too_little_to_be_felt_is_added_but_not_asked_to_be_found() -> None:
    """Just below three tenths of the usual: counted, not marked; just above: marked."""
    where = site(1_000.0)
    below, above = hourly(), hourly()
    for counts, share in ((below, 0.99), (above, 1.01)):
        wanted = share * SEEN_FACTOR * 10.0
        add_release(where, counts, let_go(strength=strength_for(wanted, where)), steady(), every_h=1.0)
    assert below.count[11] == 2.0
    assert not below.outbreak.any()
    assert above.outbreak[11] > 0


def test_a_release_upwind_of_nobody_changes_nothing() -> None:
    """Not even a mark."""
    counts = hourly()
    add_release(site(-1_000.0), counts, let_go(strength=1e12), steady(), every_h=1.0)
    assert not counts.count.any()
    assert not counts.outbreak.any()


def test_a_sample_after_the_last_hour_of_wind_takes_the_last_wind() -> None:
    """The wind's file may end before the samples do."""
    where, counts = site(1_000.0), hourly()
    add_release(where, counts, let_go(strength=strength_for(9.5, where)), steady(hours=5), every_h=1.0)
    assert counts.count[[11, 12]].tolist() == [9.0, 9.0]


def brought(one: Release, sites: tuple[Site, ...], wind: Wind) -> float:
    """Return how many times the usual a release brings in the hour and at the sampler it hits most."""
    hours = np.flatnonzero((wind.time_us >= one.began_us) & (wind.time_us < one.ended_us)).tolist()
    return max(
        one.strength * air._dilution(one, each, wind, hour) * AIR_M3 / each.mean for each in sites for hour in hours
    )


@pytest.mark.parametrize("samplers", [1, 5, 24])
def test_no_release_brings_more_than_it_says_whichever_way_the_wind_turns(samplers: int) -> None:
    """Four to twenty times the usual where it hits most; without a bound by hour some brought millions of times."""
    rng = np.random.default_rng(samplers)
    sites, wind = plan_sites(rng, samplers), blow(rng, 1.5)
    most = [brought(release(rng, wind, sites, int(wind.time_us[-1])), sites, wind) for _ in range(15)]
    assert max(most) <= RELEASE_FACTOR[1]
    assert float(np.median(most)) > RELEASE_FACTOR[0]


def test_a_release_is_within_the_network_after_the_warm_up_and_lasts_hours() -> None:
    """One to four hours, in the second half of what is shorter than two years."""
    rng = np.random.default_rng(2)
    sites, wind = plan_sites(rng, 9), blow(rng, 1.5)
    for _ in range(20):
        one = release(rng, wind, sites, int(wind.time_us[-1]))
        assert HOUR_US <= one.ended_us - one.began_us <= 4 * HOUR_US
        assert max(abs(one.east_m), abs(one.north_m)) <= EXTENT_M / 2
        assert one.began_us >= BEGIN_US + min(WARM_UP_DAYS * 24, len(wind.time_us) // 2) * HOUR_US
        assert one.ended_us <= int(wind.time_us[-1])


def test_where_no_sampler_is_ever_downwind_the_release_has_no_strength() -> None:
    """West wind and one sampler far to the west of everything: nothing is made up for it, and no strength without bound."""
    nowhere = (site(-10 * EXTENT_M),)
    one = release(np.random.default_rng(0), steady(), nowhere, int(steady().time_us[-1]))
    assert one.strength == 0.0


def test_a_release_reaches_somebody_by_a_plume_and_not_by_its_last_tail() -> None:
    """The sampler it hits most lies within two widths or so of the axis."""
    rng = np.random.default_rng(4)
    sites, wind = plan_sites(rng, 4), blow(rng, 1.0)
    for _ in range(10):
        one = release(rng, wind, sites, int(wind.time_us[-1]))
        hours = np.flatnonzero((wind.time_us >= one.began_us) & (wind.time_us <= one.ended_us + HOUR_US)).tolist()
        assert max(air._dilution(one, each, wind, hour) for each in sites for hour in hours) >= LEAST_DILUTION
