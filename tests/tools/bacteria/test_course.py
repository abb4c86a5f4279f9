"""What is expected of a sampler, what its last samples say of the next, and how surprise becomes a chance that holds."""

import math
import pickle
from datetime import UTC
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s, Int64s, to_us
from impetus.tools.bacteria.charts import Charts
from impetus.tools.bacteria.conformal import KEPT, MOST, Calibration, Tail, far_reach, pooled, reach_of
from impetus.tools.bacteria.course import ROWS, Course, surprise
from impetus.tools.bacteria.memory import Memory
from impetus.tools.bacteria.regression import (
    DAY_US,
    Baseline,
    Terms,
    design,
    fit,
    gamma_score,
    quantile,
    tail,
    terms_of,
    variance,
)
from tools.bacteria.air import START

YEAR = 366


def days(count: int) -> Int64s:
    """Return so many days from the start on."""
    return to_us(START) + np.arange(count, dtype=np.int64) * DAY_US


def baseline(load: Float64s, *, limit: float = 0.0) -> Baseline:
    """Return past days with these loads."""
    return Baseline(local_us=days(len(load)), load=load, limit=np.full(len(load), limit), exposure=np.ones(len(load)))


def counts(mean: float, scatter: float, count: int, *, season: float = 0.0, seed: int = 1) -> Float64s:
    """Return negative binomial counts with a season."""
    waves = mean * np.exp(season * np.cos(2 * np.pi * np.arange(count) / 365.25))
    return np.random.default_rng(seed).negative_binomial(waves / (scatter - 1), 1 / scatter).astype(np.float64)


def means(fitted_on: Baseline, at: Int64s) -> Float64s:
    """Return what the fit expects."""
    fitted = fit(fitted_on)
    return np.asarray(np.exp(design(at, fitted.terms) @ fitted.beta), dtype=np.float64)


def test_without_seasons_the_mean_is_the_mean() -> None:
    """Two hundred counts around twenty are expected to go on around twenty, with their own scatter."""
    load = counts(20.0, 4.0, 200)
    fitted = fit(baseline(load))
    mean = float(np.exp(fitted.beta[0]))
    assert mean == pytest.approx(load.mean(), rel=0.06)
    assert float(variance(np.array([mean]), fitted.a, fitted.b, np.ones(1))[0]) == pytest.approx(load.var(), rel=0.25)


def test_a_season_is_found_within_a_tenth() -> None:
    """Summer and winter differ by a factor of three, and the next year's are foreseen."""
    load = counts(50.0, 2.0, 2 * YEAR, season=0.55)
    foreseen = means(baseline(load), days(3 * YEAR)[2 * YEAR :])
    truth = 50.0 * np.exp(0.55 * np.cos(2 * np.pi * np.arange(2 * YEAR, 3 * YEAR) / 365.25))
    assert np.abs(foreseen / truth - 1).max() < 0.1


def test_a_week_of_disaster_is_not_part_of_what_is_normal() -> None:
    """Seven days of twenty times the load move the expectation of two hundred days by less than a tenth."""
    load = counts(50.0, 2.0, 200)
    loaded = load.copy()
    loaded[100:107] *= 20.0
    clean, spoiled = (float(means(baseline(one), days(1))[0]) for one in (load, loaded))
    assert clean <= spoiled < 1.1 * clean


def test_what_lies_below_the_limit_is_reckoned_as_below_it_and_not_at_it() -> None:
    """Loads around ten seen with a limit of eight: taking the limit for the load would expect too much."""
    load = np.random.default_rng(2).gamma(4.0, 2.5, 400)
    seen = np.maximum(load, 8.0)
    expected = float(means(baseline(seen, limit=8.0), days(1))[0])
    naive = float(means(baseline(seen), days(1))[0])
    assert abs(expected - 10.0) < abs(naive - 10.0) / 2


def test_terms_come_with_the_past_that_can_tell_them() -> None:
    """Ten days of daily samples have no season; a year has one; hours need samples at different hours."""
    assert terms_of(days(10)) == Terms(year=False, day=False, week=False)
    assert terms_of(days(400)) == Terms(year=True, day=False, week=True)
    hourly = to_us(START) + np.arange(24 * 6, dtype=np.int64) * 3_600_000_000
    assert terms_of(hourly) == Terms(year=False, day=True, week=False)
    assert terms_of(hourly[:1]) == Terms(year=False, day=False, week=False)


def test_week_ends_are_saturday_and_sunday() -> None:
    """The sixth of January 2025 was a Monday."""
    week = design(days(7), Terms(year=False, day=False, week=True))
    assert week[:, 1].tolist() == [0, 0, 0, 0, 0, 1, 1]


@pytest.mark.parametrize(
    ("load", "mean", "spread", "chance"),
    [(4.0, 2.0, 2.0, 0.0978), (7.0, 2.0, 3.0, 0.0142), (0.0, 2.0, 2.0, 0.9323)],
)
def test_a_count_s_chance_is_the_binomial_s_with_half_of_itself(
    load: float, mean: float, spread: float, chance: float
) -> None:
    """Poisson by hand: of mean 2, P(>4) + P(4)/2 = .0527 + .0451; negative binomial of variance 3: size 4, share 2/3."""
    assert tail(load, mean, spread, step=1.0) == pytest.approx(chance, abs=5e-4)


def test_counts_in_other_units_have_the_same_chance() -> None:
    """A count of seven is as rare when it is told per tenth of a cubic metre."""
    assert tail(70.0, 20.0, 300.0, step=10.0) == pytest.approx(tail(7.0, 2.0, 3.0, step=1.0))


@settings(max_examples=60, deadline=None)
@given(
    mean=some.floats(0.05, 1e5),
    over=some.floats(0.05, 50.0),
    chance=some.floats(0.001, 0.9),
)
def test_the_quantile_is_the_load_of_its_chance(mean: float, over: float, chance: float) -> None:
    """There and back, for every mean and scatter."""
    spread = mean**2 / 10 + over * mean / 10
    assert tail(quantile(chance, mean, spread), mean, spread) == pytest.approx(chance, rel=1e-3, abs=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    mean=some.floats(0.5, 1e4),
    low=some.floats(0.0, 1e5),
    more=some.floats(0.0, 1e5),
    step=some.sampled_from([0.0, 1.0]),
)
def test_more_load_is_never_less_rare(mean: float, low: float, more: float, step: float) -> None:
    """Whatever mean and scatter, chance falls as load rises."""
    spread = 1.5 * mean
    assert tail(low + more, mean, spread, step=step) <= tail(low, mean, spread, step=step) + 1e-12


def test_the_normal_score_of_a_gamma_is_nearly_normal() -> None:
    """Mean 0 and deviation 1 within a twentieth, for ten thousand draws."""
    draws = np.random.default_rng(3).gamma(8.0, 25.0, 10_000)
    scores = gamma_score(draws, np.full(10_000, 200.0), np.full(10_000, 5_000.0))
    assert abs(scores.mean()) < 0.05
    assert scores.std() == pytest.approx(1.0, abs=0.05)


def listened(load: Float64s, zone: str = "UTC") -> Course:
    """Return a course that has learnt these daily loads."""
    course = Course(zone=ZoneInfo(zone))
    for moment, one in zip(days(len(load)).tolist(), load.tolist(), strict=True):
        course.learn(moment, one, 0.0, math.nan)
    return course


def test_the_band_holds_nine_in_ten() -> None:
    """Of the next hundred days, 82 to 97 lie in the stated 90 % band."""
    load = counts(60.0, 2.0, 400, seed=4)
    course = listened(load[:300])
    bands = [course.expect(moment, math.nan) for moment in days(400)[300:].tolist()]
    inside = [band.low <= one <= band.high for band, one in zip(bands, load[300:], strict=True) if band is not None]
    assert 82 <= sum(inside) <= 97


def test_counts_are_known_for_counts() -> None:
    """Whole numbers are, a tenth is not; a concentration is one when its air makes it whole again."""
    assert listened(counts(5.0, 2.0, 20)).is_whole
    assert not listened(counts(5.0, 2.0, 20) + 0.1).is_whole
    course = Course(zone=UTC)
    for moment in days(20).tolist():
        course.learn(moment, 4 / 2.9, 0.0, 2.9)
    assert course.is_whole


def test_a_course_stays_bounded_and_keeps_all_hours() -> None:
    """A minute's samples for weeks are thinned; what is kept still falls on every hour of the day, newest included."""
    course = Course(zone=UTC)
    step = 8 * 60_000_000
    for number in range(2 * ROWS + 400):
        course.learn(to_us(START) + number * step, 100.0 + number % 7, 0.0, math.nan)
    kept = course.local_us[: course.count]
    assert course.count <= ROWS
    assert (np.diff(kept) > 0).all()
    assert len(np.unique(kept // 3_600_000_000 % 24)) == 24
    assert kept[-1] >= to_us(START) + 2 * ROWS * step
    assert len(pickle.dumps(course)) < 100_000


def test_local_time_follows_the_clocks() -> None:
    """Noon in Oslo is noon in January and in July."""
    course = Course(zone=ZoneInfo("Europe/Oslo"))
    winter, summer = to_us(START) + 11 * 3_600_000_000, to_us(START) + (180 * 24 + 10) * 3_600_000_000
    for moment in (winter, summer):
        course.learn(moment, 1.0, 0.0, math.nan)
    assert (course.local_us[:2] % DAY_US // 3_600_000_000).tolist() == [12, 12]


def test_no_weather_is_found_in_chance() -> None:
    """Two hundred scores that follow no pattern foresee nothing."""
    memory = Memory()
    for score in np.random.default_rng(5).normal(0, 1, 200).tolist():
        memory.learn(score, 1.0)
    assert memory.expect(1.0)[1] > 0.97
    assert abs(memory.expect(1.0)[0]) < 0.15


def test_weather_is_followed_and_makes_the_next_surer() -> None:
    """Scores with a memory of .8 and little chance: three hundred of them foresee the next better than nothing does."""
    rng, level, memory, misses = np.random.default_rng(6), 0.0, Memory(), []
    for number in range(400):
        level = 0.8 * level + rng.normal(0, 0.6)
        score = 0.9 * level + rng.normal(0, 0.4)
        if number >= 300:
            misses.append((score - memory.expect(1.0)[0]) ** 2)
        memory.learn(score, 1.0)
    assert np.mean(misses) < 0.7
    assert memory.expect(1.0)[1] < 0.9
    assert memory.expect(50.0)[1] > memory.expect(1.0)[1]


def test_one_far_sample_does_not_make_weather() -> None:
    """A release of one sample leaves the next expectation nearly where it was; ten in a row move it."""
    memory = Memory()
    memory.learn(12.0, 1.0)
    assert memory.expect(1.0)[0] < 0.1
    for _ in range(10):
        memory.learn(12.0, 1.0)
    assert memory.expect(1.0)[0] > 3.0


def test_a_right_model_keeps_its_chances() -> None:
    """Scores as they should be: of four thousand, 1 % fall below 1 % within a quarter."""
    calibration, rng = Calibration(), np.random.default_rng(7)
    for score in rng.exponential(1.0, 4_000).tolist():
        calibration.learn(score, calibration.chance(score), Tail(), is_first=True)
    assert calibration.exceeded / calibration.judged == pytest.approx(0.01, rel=0.25)


def test_a_model_that_is_too_sure_is_mended() -> None:
    """Scores twice as high as they should be would cry ten times too often; after a thousand the rate is as promised."""
    calibration, rng = Calibration(), np.random.default_rng(8)
    for score in (2.0 * rng.exponential(1.0, 4_000)).tolist():
        calibration.learn(score, calibration.chance(score), Tail(), is_first=True)
        if calibration.judged == 1_000:
            calibration.exceeded = 0
    assert calibration.exceeded / 3_000 == pytest.approx(0.01, rel=0.35)


@settings(max_examples=50, deadline=None)
@given(some.lists(some.floats(0.0, 1e4), max_size=60), some.floats(0.0, 1e4), some.floats(0.0, 1e4))
def test_a_chance_is_a_chance_and_falls(scores: list[float], low: float, more: float) -> None:
    """Between 0 and 1, never rising with the score, whatever was seen."""
    calibration = Calibration()
    for score in scores:
        calibration.learn(score, calibration.chance(score), Tail(), is_first=True)
    first, second = calibration.chance(low), calibration.chance(low + more)
    assert 0.0 <= second <= first <= 1.0
    assert abs(calibration.harder) <= MOST


def test_an_event_makes_the_next_harder_once() -> None:
    """Ten samples below the nominal chance in one event count as one."""
    once, often = Calibration(), Calibration()
    for number in range(10):
        once.learn(9.0, 1e-4, Tail(), is_first=number == 0)
        often.learn(9.0, 1e-4, Tail(), is_first=True)
    assert 0 < once.harder < often.harder / 5


def test_the_tail_of_an_exponential_is_its_mean_whatever_is_cut() -> None:
    """Of exceedances with mean .8, those beyond the cut are not needed; a tenth beyond it is no long tail."""
    beyond = np.random.default_rng(9).exponential(0.8, 3_000)
    assert reach_of(beyond, 1.0) == pytest.approx(0.8, rel=0.1)
    assert reach_of(np.array([]), 1.3) == 1.3
    assert far_reach(beyond) < 0.8


def test_all_samplers_together_weigh_by_what_they_saw() -> None:
    """A thousand scores that reach twice as far pull the common tail most of the way; none leave it exact."""
    far = Calibration(count=KEPT, own=Tail(start=2.4, reach=2.0))
    assert pooled([]).reach == 1.0
    assert pooled([far]).reach == pytest.approx((60 + 1024 * 2.0) / 1084)


def test_ears_by_hand() -> None:
    """Seven loads of mean 10 and deviation 2: a load of 16 is three deviations out, by C1; C2 leaves two days out."""
    charts = Charts()
    for load in (8.0, 8.0, 8.0, 10.0, 12.0, 12.0, 12.0):
        charts.learn(load, 0.0)
    assert charts.score("ears_c1", 16.0, 0.0) == pytest.approx(3.0)
    assert charts.score("ears_c2", 16.0, 0.0) == 0.0
    for load in (10.0, 30.0):
        charts.learn(load, 0.0)
    assert charts.score("ears_c2", 16.0, 0.0) == pytest.approx(3.0)
    assert charts.score("ears_c3", 16.0, 0.0) == pytest.approx(2.0)
    charts.learn(16.0, 0.0)
    assert charts.score("ears_c3", 9.0, 0.0) == pytest.approx(2.0)


def test_ewma_and_cusum_by_hand() -> None:
    """Two normal scores of one: moving average .3 then .51, sum .5 then 1; the sum begins again beyond five."""
    charts = Charts()
    charts.learn(0.0, 1.0)
    assert charts.moving == pytest.approx(0.3)
    assert charts.score("cusum", 0.0, 1.0) == pytest.approx(1.0)
    assert charts.score("ewma", 0.0, 1.0) == pytest.approx(0.51 / math.sqrt(0.3 / 1.7))
    charts.learn(0.0, 9.0)
    assert charts.sum == 0.0


def test_surprise_has_no_end() -> None:
    """A score of forty is still a finite number, and more than one of thirty-nine."""
    assert surprise(39.0) < surprise(40.0) < math.inf
