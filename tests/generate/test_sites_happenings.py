"""Made-up road loops: demand, happenings and votes by hand, and what holds for any site."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.generate import sites
from impetus.generate.sites import (
    CLOSED,
    DROP,
    EXPERTS,
    JAM_PER_KM,
    LENGTH_KM,
    START,
    STEP_H,
    STEPS,
    WARM_UP_DAYS,
    Road,
    SiteDays,
    make_site,
)

ROAD = Road(demand_per_h=1_000, capacity_per_h=1_200, speed_kmph=60, morning=1, evening=1, happenings=12)
DAYS = 14


class Says(np.random.Generator):
    """A generator whose choices among words are told beforehand, so that one happening can be looked at."""

    def __init__(self, word: str, seed: int = 0) -> None:
        """Draw numbers from a seed."""
        super().__init__(np.random.PCG64(seed))
        self.word = word

    def choice(self, among: object, *_: object, **__: object) -> object:  # type: ignore[override]  # the words it is asked with here
        """Return the word, or the first hour of a crowd."""
        return self.word if isinstance(among, list) and isinstance(among[0], str) else 22.0


def happened(word: str, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return demand and capacity, as shares of before, and the dead quarters after one happening."""
    demand, capacity, dead = np.ones(DAYS * STEPS), np.ones(DAYS * STEPS), np.zeros(DAYS * STEPS, dtype=np.bool_)
    sites._happen(Says(word, seed), demand, capacity, dead)
    return demand, capacity, dead


def touched(columns: tuple[np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """Return the quarters that are not as before."""
    demand, capacity, dead = columns
    return np.flatnonzero((demand != 1) | (capacity != 1) | dead)


@pytest.mark.parametrize("word", ["incident", "closure", "crowd", "dead"])
def test_a_happening_is_one_stretch_after_the_first_week(word: str) -> None:
    """Three to ten quarters of an hour on end, unless the file ends before."""
    for seed in range(12):
        quarters = touched(happened(word, seed))
        assert quarters[0] >= WARM_UP_DAYS * STEPS
        assert 3 <= len(quarters) <= 10
        assert (np.diff(quarters) == 1).all()


@pytest.mark.parametrize(
    ("word", "demand", "capacity"),
    [
        ("incident", (1.0, 1.0), (0.15, 0.85)),
        ("closure", (0.05, 0.3), (CLOSED, CLOSED)),
        ("crowd", (1.1, 1.5), (1.0, 1.0)),
        ("dead", (1.0, 1.0), (1.0, 1.0)),
    ],
)
def test_each_happening_changes_its_own(word: str, demand: tuple[float, float], capacity: tuple[float, float]) -> None:
    """What wants to pass, what can, or what the loop tells, by the same share for its whole length."""
    for seed in range(8):
        wants, fits, dead = columns = happened(word, seed)
        quarters = touched(columns)
        for column, (lowest, highest) in ((wants, demand), (fits, capacity)):
            assert len(set(column[quarters].tolist())) == 1
            assert lowest - 1e-9 <= float(column[quarters[0]]) <= highest + 1e-9
        assert dead[quarters].all() == (word == "dead")


def test_an_incident_is_by_day_and_a_crowd_by_night() -> None:
    """From half past six to seven in the evening; a crowd comes at ten."""
    hours = [touched(happened("incident", seed))[0] % STEPS * STEP_H for seed in range(20)]
    assert all(6.5 <= hour <= 19.0 for hour in hours)
    assert touched(happened("crowd", 1))[0] % STEPS * STEP_H == 22.0


def test_working_days_have_two_peaks_and_days_of_rest_one() -> None:
    """Rush hours at eight and before five; a Sunday has its middle after noon, and a holiday is one."""
    wanted = np.median([sites._demand(np.random.default_rng(seed), ROAD, 14, 9) for seed in range(20)], axis=0)
    days = wanted.reshape(14, STEPS)
    assert days[1, 32] > 1.3 * days[1, 40]
    assert days[1, 67] > 1.3 * days[1, 48]
    for rest in (5, 6, 9, 12, 13):
        assert int(np.argmax(days[rest])) in range(50, 62)
        assert days[rest, 32] < 0.5 * days[8, 32]


def test_demand_goes_with_the_road() -> None:
    """Twice the road is twice the demand, by the same chance."""
    wide = Road(demand_per_h=2_000, capacity_per_h=1_200, speed_kmph=60, morning=1, evening=1, happenings=12)
    one, two = (sites._demand(np.random.default_rng(3), road, 7, 6) for road in (ROAD, wide))
    assert two == pytest.approx(2 * one)


@given(seed=some.integers(0, 2**31 - 1))
@settings(max_examples=30, deadline=None)
def test_any_roads_numbers_are_ones_of_a_road(seed: int) -> None:
    """What fits is near what comes at the busiest; some roads queue each day, some never."""
    road = sites._road(np.random.default_rng(seed))
    assert 600 <= road.demand_per_h <= 4_200
    assert 0.92 <= road.capacity_per_h / road.demand_per_h <= 1.35
    assert 45 <= road.speed_kmph <= 95
    assert 12 <= road.happenings <= 25


def drive_plainly(wanted: list[float], fits: list[float], road: Road) -> tuple[list[float], list[float]]:
    """Return flow and density as told in words: what waits and what comes passes, so far as it fits."""
    waiting, flows, densities = 0.0, [], []
    for wants, can in zip(wanted, fits, strict=True):
        most = can / 4 * (DROP if waiting else 1.0)
        flows.append(min(wants / 4 + waiting, most))
        waiting = min(wants / 4 + waiting - flows[-1], JAM_PER_KM * LENGTH_KM)
        densities.append(min(flows[-1] * 4 / road.speed_kmph + waiting / LENGTH_KM, JAM_PER_KM))
    return flows, densities


@given(
    some.lists(some.tuples(some.floats(0, 6_000), some.floats(0, 6_000)), min_size=1, max_size=40),
    some.floats(45, 95),
)
@settings(max_examples=40, deadline=None)
def test_traffic_is_as_the_plain_rule_says_and_no_vehicle_is_made_up(
    quarters: list[tuple[float, float]], speed: float
) -> None:
    """Never more passes than fits or than came; density never exceeds a standing queue's."""
    road = Road(demand_per_h=1, capacity_per_h=1, speed_kmph=speed, morning=1, evening=1, happenings=12)
    wanted, fits = (list(each) for each in zip(*quarters, strict=True))
    flow, density = sites._drive(np.array(wanted), np.array(fits), road)
    plain = drive_plainly(wanted, fits, road)
    assert flow == pytest.approx(plain[0], abs=1e-6)
    assert density == pytest.approx(plain[1], abs=1e-6)
    assert (np.cumsum(flow) <= np.cumsum(wanted) * STEP_H + 1e-6).all()
    assert (flow <= np.array(fits) * STEP_H + 1e-9).all()
    assert (density <= JAM_PER_KM).all()


def test_a_closed_road_fills_until_it_is_full_and_the_rest_goes_elsewhere() -> None:
    """4,000 an hour against nothing: 420 vehicles on three kilometres, 140 a kilometre, and no more."""
    flow, density = sites._drive(np.full(8, 4_000.0), np.zeros(8), ROAD)
    assert not flow.any()
    assert density.tolist() == [140.0] * 8


@pytest.mark.parametrize(
    ("by", "wanted"),
    [
        (0, [1.0, 2.0, 3.0]),
        (1, [0.0, 1.0, 2.0]),
        (-1, [2.0, 3.0, 0.0]),
        (2, [0.0, 0.0, 1.0]),
        (-3, [0.0] * 3),
    ],
)
def test_readings_moved_in_time_lose_what_falls_out(by: int, wanted: list[float]) -> None:
    """Nothing comes round from the other end of the file."""
    assert sites._moved(np.array([1.0, 2.0, 3.0]), by).tolist() == wanted


def test_a_happening_at_the_last_reading_does_not_mark_the_first() -> None:
    """Weeks lie between them; and the other way round."""
    for place, other in ((-1, 0), (0, -1)):
        far = np.zeros(200)
        far[place] = 100.0
        share = sites._votes(np.random.default_rng(1), far)
        assert share[place] > 0.3
        assert share[other] == 0.0


def test_votes_are_twentieths_and_grow_with_what_strikes() -> None:
    """On average; each expert has one vote."""
    middle = []
    for far in (0.0, 3.0, 5.0, 8.0, 50.0):
        share = sites._votes(np.random.default_rng(2), np.full(400, far))
        assert np.allclose(share * EXPERTS, np.round(share * EXPERTS))
        middle.append(float(share[4:-4].mean()))
    assert middle == sorted(middle)
    assert (middle[0], middle[-1]) == (0.0, 1.0)
    assert middle[2] == pytest.approx(0.5, abs=0.15)


@pytest.mark.parametrize(
    ("flow", "density", "strikes"),
    [(0.0, 4.0, 4.0), (4.0, 0.0, 2.8), (-4.0, 0.0, 2.8), (0.0, -4.0, 2.0), (-6.0, 4.0, 4.2), (0.0, 0.0, 0.0)],
)
def test_a_jam_strikes_most_and_an_emptier_road_least(flow: float, density: float, strikes: float) -> None:
    """Weights 1, 0.7 and 0.5; the largest of them is what is seen."""
    assert sites._strikes(np.array([flow]), np.array([density])).tolist() == [pytest.approx(strikes)]


def test_how_far_is_counted_in_the_spread_of_its_hour() -> None:
    """At 100 usual, a tenth of that and three hundredths of the busiest: 30 above is 30 / 16."""
    usual = np.array([100.0, 200.0])
    assert sites._far(np.array([130.0, 200.0]), usual, 0.10).tolist() == [pytest.approx(30.0 / 16.0), 0.0]


def test_a_road_on_which_nothing_moves_is_not_far_from_itself() -> None:
    """Nought over nought is nought."""
    assert sites._far(np.zeros(3), np.zeros(3), 0.1).tolist() == [0.0] * 3


@pytest.mark.parametrize("count", [1, 11, 12, 13, 500])
def test_what_all_experts_make_of_hours_alike_comes_by_three_hours(count: int) -> None:
    """A factor above nought for each reading, the same for twelve quarters on end."""
    common = sites._common(np.random.default_rng(4), count)
    assert len(common) == count
    assert (common > 0).all()
    assert len(set(common.tolist())) == -(-count // 12)


def test_noise_has_unit_spread_and_heavy_tails() -> None:
    """One reading in some five hundred lies beyond four deviations; a normal one in sixteen thousand."""
    noise = sites._tailed(np.random.default_rng(5), 100_000)
    assert float(noise.std()) == pytest.approx(1.0, abs=0.03)
    assert 0.001 < float((np.abs(noise) > 4).mean()) < 0.01


@pytest.fixture(scope="module")
def site() -> SiteDays:
    """Return a site of three weeks."""
    return make_site(seed=31, number=4, weeks=3)


def test_a_site_has_a_reading_each_quarter_from_a_monday_on(site: SiteDays) -> None:
    """Three weeks are 2,016, without gap; the clock is a local one without a zone."""
    assert len(site.time) == len(site.flow) == len(site.density) == len(site.share) == 2_016
    assert site.time[0] == START
    assert START.weekday() == 0
    assert {after - before for before, after in pairwise(site.time)} == {timedelta(minutes=15)}


def test_readings_are_those_of_a_counter(site: SiteDays) -> None:
    """Whole vehicles, hundredths of a vehicle a kilometre, never negative, votes between none and all."""
    assert (site.flow == np.round(site.flow)).all()
    assert site.density == pytest.approx(np.round(site.density, 2))
    assert min(site.flow.min(), site.density.min()) >= 0
    assert (site.share.min(), site.share.max() <= 1) == (0.0, True)


def test_the_text_of_a_site_is_a_line_a_reading(site: SiteDays) -> None:
    """In the layout of the literature's labelled loops, and read back as what was written."""
    lines = sites._text(site).splitlines()
    assert lines[0] == "timestamp,flow,density,probability"
    assert len(lines) == 2_017
    time, flow, density, share = lines[100].split(",")
    assert time == "2026-01-06 00:45"
    assert [float(flow), float(density), float(share)] == [site.flow[99], site.density[99], site.share[99]]


def test_sites_of_one_seed_are_not_alike_and_follow_from_their_number() -> None:
    """However many are made, and in whatever order."""
    one, other, again = (make_site(seed=1, number=number, weeks=2) for number in (0, 1, 0))
    assert np.array_equal(one.flow, again.flow)
    assert np.array_equal(one.share, again.share)
    assert not np.array_equal(one.flow, other.flow)
