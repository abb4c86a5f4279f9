"""Made-up samplers: where they stand, the wind's memory, counts and outbreaks, by hand where a number says it."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import to_us
from impetus.generate import air
from impetus.generate.air import (
    APART_DAYS,
    DAY_US,
    EXTENT_M,
    HOUR_US,
    HOURLY,
    MEANS,
    SCATTERS,
    SEASONS,
    SIZES,
    START,
    WARM_UP_DAYS,
    WEATHER_SD,
    Site,
    blow,
    count,
    plan_sites,
)

PLAIN = Site(name="a001", east_m=0.0, north_m=0.0, mean=20.0, scatter=1.5, season=0.0, peak=0.0, has_weather=False)


def like(**other: float | bool) -> Site:
    """Return the plain sampler with something else about it."""
    about = {name: getattr(PLAIN, name) for name in Site.__slots__}
    return Site(**(about | other))


def caught(site: Site = PLAIN, *, seed: int = 0, **other: float) -> air.Counts:
    """Return two quiet years of a sample a day, or what is asked instead."""
    asked = {"years": 2.0, "every_h": 24.0, "per_year": 0.0} | other
    return count(np.random.default_rng(seed), site, **asked)


@pytest.mark.parametrize("samplers", [1, 2, 9, 10, 50])
def test_samplers_stand_each_in_a_cell_of_its_own(samplers: int) -> None:
    """A jitter of three tenths of a cell never lets two share one, and names count from one."""
    sites = plan_sites(np.random.default_rng(1), samplers)
    assert [site.name for site in sites] == [f"a{number:03d}" for number in range(1, samplers + 1)]
    cell = EXTENT_M / math.ceil(math.sqrt(samplers))
    cells = {(int((site.east_m + EXTENT_M / 2) // cell), int((site.north_m + EXTENT_M / 2) // cell)) for site in sites}
    assert len(cells) == samplers
    assert max(max(abs(site.east_m), abs(site.north_m)) for site in sites) < EXTENT_M / 2


def test_scenarios_are_taken_in_turn_so_that_each_comes_equally_often() -> None:
    """Three means, two scatters, two seasons, weather or not: 24, each twice among 48 samplers."""
    sites = plan_sites(np.random.default_rng(2), 48)
    grid = Counter((site.mean, site.scatter, site.season, site.has_weather) for site in sites)
    assert len(grid) == len(MEANS) * len(SCATTERS) * len(SEASONS) * 2
    assert set(grid.values()) == {2}


def test_the_thousandth_sampler_has_a_name_of_its_own() -> None:
    """Three digits are the least, not the most: its number can be read back."""
    names = [site.name for site in plan_sites(np.random.default_rng(0), 1_000)]
    assert names[-1] == "a1000"
    assert [int(name[1:]) for name in names] == list(range(1, 1_001))


def test_the_wind_has_an_hour_a_row_and_a_bearing_on_the_rose() -> None:
    """Half a year is 4,383 hours, from the first of January 2022."""
    wind = blow(np.random.default_rng(3), 0.5)
    assert len(wind.time_us) == 4_383
    assert int(wind.time_us[0]) == to_us(START)
    assert set(np.diff(wind.time_us).tolist()) == {HOUR_US}
    assert ((wind.from_deg >= 0) & (wind.from_deg <= 360)).all()
    assert (wind.speed_mps > 0).all()


def test_the_wind_is_mostly_from_west_south_west_and_fresh() -> None:
    """The mean direction is near 245 degrees, the middle speed near 3.5 m/s."""
    wind = blow(np.random.default_rng(4), 2.0)
    turned = np.radians(wind.from_deg)
    mean = math.degrees(math.atan2(float(np.sin(turned).mean()), float(np.cos(turned).mean()))) % 360
    assert mean == pytest.approx(245.0, abs=12.0)
    assert float(np.median(wind.speed_mps)) == pytest.approx(3.5, abs=0.3)


@pytest.mark.parametrize("lasts", [0.5, 4.5, 18.0])
def test_memory_fades_to_one_in_e_in_the_steps_it_lasts(lasts: float) -> None:
    """Unit deviation, and neighbours in a row are alike as exp(-1 / steps) says."""
    walked = air._memory(np.random.default_rng(5), 40_000, lasts)
    assert float(walked.std()) == pytest.approx(1.0, abs=0.08)
    alike = float(np.corrcoef(walked[:-1], walked[1:])[0, 1])
    assert alike == pytest.approx(math.exp(-1.0 / lasts), abs=0.02)


def test_memory_of_one_step_is_one_ordinary_draw() -> None:
    """The first value has the spread of any other: no start from nought."""
    firsts = [float(air._memory(np.random.default_rng(seed), 1, 18.0)[0]) for seed in range(400)]
    assert float(np.std(firsts)) == pytest.approx(1.0, abs=0.1)


def test_memory_that_lasts_no_time_is_none() -> None:
    """Nothing is divided by nought."""
    walked = air._memory(np.random.default_rng(6), 5_000, 0.0)
    assert abs(float(np.corrcoef(walked[:-1], walked[1:])[0, 1])) < 0.05


@pytest.mark.parametrize(("every_h", "samples"), [(24.0, 365), (168.0, 52), (6.0, 1_461), (1.0, 8_766)])
def test_a_year_has_as_many_samples_as_fit_into_it(every_h: float, samples: int) -> None:
    """A year is 365.25 days, a part of a sample is none."""
    made = caught(years=1.0, every_h=every_h)
    assert len(made.time_us) == len(made.count) == len(made.expected) == len(made.outbreak) == samples
    assert set(np.diff(made.time_us).tolist()) == {int(every_h * HOUR_US)}


@pytest.mark.parametrize("scatter", SCATTERS)
def test_counts_have_the_mean_and_the_scatter_of_their_sampler(scatter: float) -> None:
    """Variance over mean is the scatter, around twenty; whole and never negative."""
    made = caught(like(scatter=scatter), years=10.0)
    assert made.expected == pytest.approx(20.0)
    assert float(made.count.mean()) == pytest.approx(20.0, abs=0.6)
    assert float(made.count.var() / made.count.mean()) == pytest.approx(scatter, rel=0.1)
    assert (made.count >= 0).all()
    assert (made.count == np.floor(made.count)).all()


def test_a_season_turns_around_its_peak() -> None:
    """With a peak at the new year the first day has exp(0.6) of the middle and the half-year day its inverse."""
    made = caught(like(season=0.6), years=1.0)
    assert made.expected[0] == pytest.approx(20.0 * math.exp(0.6))
    assert made.expected[182] == pytest.approx(20.0 * math.exp(-0.6), rel=1e-3)
    later = caught(like(season=0.6, peak=0.5), years=1.0)
    assert int(np.argmax(later.expected)) in {182, 183}


@pytest.mark.parametrize(("every_h", "has_hours"), [(1.0, True), (6.0, True), (12.0, False), (24.0, False)])
def test_hours_of_the_day_show_only_where_samples_are_less_than_half_a_day_apart(
    every_h: float, *, has_hours: bool
) -> None:
    """At one an hour the busiest is 2 x 0.3 on the log scale above the quietest."""
    swing = np.ptp(np.log(caught(years=0.5, every_h=every_h).expected))
    assert (swing > 0) == has_hours
    if every_h == 1.0:
        assert swing == pytest.approx(2 * HOURLY, abs=0.02)


def test_weather_lasts_for_days_and_has_its_own_spread() -> None:
    """On the log scale a quarter, and one day is like the next."""
    eta = np.log(caught(like(has_weather=True), years=10.0).expected / 20.0)
    assert float(eta.std()) == pytest.approx(WEATHER_SD, abs=0.05)
    assert float(np.corrcoef(eta[:-1], eta[1:])[0, 1]) == pytest.approx(math.exp(-1 / 4.5), abs=0.06)


def test_no_outbreak_is_asked_for_and_none_comes() -> None:
    """Nought a year is none, in ten years."""
    assert not caught(years=10.0).outbreak.any()


def test_outbreaks_come_after_the_first_year_and_never_close_together() -> None:
    """Starts are twelve days apart at least, and their sizes are those of the list."""
    days = np.arange(3_650, dtype=np.float64)
    for seed in range(5):
        rows = air._outbreaks(np.random.default_rng(seed), days, 12.0)
        assert rows == sorted(rows)
        assert min(rows) >= WARM_UP_DAYS
        assert min(np.diff(rows)) >= math.floor(APART_DAYS)
        assert max(rows) <= 3_650 - APART_DAYS + 1


def test_as_many_outbreaks_come_as_are_asked_for() -> None:
    """Two a year over nine years are eighteen, give or take what chance and keeping apart do."""
    days = np.arange(3_650, dtype=np.float64)
    numbers = [len(air._outbreaks(np.random.default_rng(seed), days, 2.0)) for seed in range(60)]
    assert 15.0 < float(np.mean(numbers)) < 18.5


def test_a_short_series_learns_in_its_first_half() -> None:
    """Half a year has no year of warm-up: outbreaks begin in its second half."""
    days = np.arange(182, dtype=np.float64)
    rows = [row for seed in range(40) for row in air._outbreaks(np.random.default_rng(seed), days, 12.0)]
    assert rows
    assert min(rows) >= 90


def test_an_outbreak_spreads_over_days_by_its_delays_and_loses_nothing() -> None:
    """Counts grow by what is drawn, from its first row to its last mark, and marks bear its size."""
    expected, counts, outbreak = np.full(100, 150.0), np.zeros(100), np.zeros(100)
    air._break_out(np.random.default_rng(7), like(scatter=4.0), expected, counts, outbreak, (50, 1.0))
    felt = np.flatnonzero(outbreak)
    size = float(outbreak[50])
    assert size in SIZES
    assert (felt[0], felt[-1]) == (50, int(np.flatnonzero(counts)[-1]))
    assert float(counts.sum()) == pytest.approx(size * math.sqrt(600.0), rel=0.2)
    assert not counts[:50].any()


def test_half_of_an_outbreak_comes_within_a_day() -> None:
    """The middle of the delays is one day, so with a sample a day half of it is in the first."""
    shares = []
    for seed in range(30):
        counts = np.zeros(60)
        air._break_out(np.random.default_rng(seed), PLAIN, np.full(60, 400.0), counts, np.zeros(60), (10, 1.0))
        shares.append(counts[10] / counts.sum())
    assert float(np.mean(shares)) == pytest.approx(0.5, abs=0.05)


def test_an_outbreak_at_the_last_row_ends_with_the_series() -> None:
    """What would come later is not counted anywhere."""
    counts, outbreak = np.zeros(20), np.zeros(20)
    air._break_out(np.random.default_rng(1), PLAIN, np.full(20, 100.0), counts, outbreak, (19, 1.0))
    assert np.flatnonzero(outbreak).tolist() == [19]
    assert not counts[:19].any()


def test_an_outbreak_of_which_nothing_was_caught_is_marked_where_it_began() -> None:
    """With nothing usual there is nothing to add, and a sample of it remains to be found."""
    counts, outbreak = np.zeros(20), np.zeros(20)
    air._break_out(np.random.default_rng(1), PLAIN, np.zeros(20), counts, outbreak, (5, 1.0))
    assert np.flatnonzero(outbreak).tolist() == [5]
    assert not counts.any()


def test_outbreaks_change_neither_what_was_expected_nor_the_time() -> None:
    """The truth beside the counts stays what it would have been."""
    quiet, loud = caught(years=4.0), caught(years=4.0, per_year=6.0)
    assert np.array_equal(quiet.expected, loud.expected)
    assert np.array_equal(quiet.time_us, loud.time_us)
    assert (loud.count >= quiet.count).all()
    assert np.array_equal(loud.count[: int(WARM_UP_DAYS)], quiet.count[: int(WARM_UP_DAYS)])


@given(seed=some.integers(0, 2**31 - 1), every_h=some.sampled_from([6.0, 24.0, 168.0]), years=some.floats(0.5, 3.0))
@settings(max_examples=20, deadline=None)
def test_counts_are_whole_and_marked_only_in_the_later_half(seed: int, every_h: float, years: float) -> None:
    """Whatever is asked for, nothing is negative, not a number, or an outbreak while things are learnt."""
    made = caught(seed=seed, every_h=every_h, years=years, per_year=12.0)
    assert np.isfinite(made.expected).all()
    assert (made.count >= 0).all()
    first_day = min(WARM_UP_DAYS, (int(made.time_us[-1]) - int(made.time_us[0])) / DAY_US / 2)
    learnt = (made.time_us - made.time_us[0]) / DAY_US < first_day - 1
    assert not made.outbreak[learnt].any()
