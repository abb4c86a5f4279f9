"""The regression's parts against SciPy's distributions and against numbers worked out by hand."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from scipy import stats

from impetus.core.observation import Float64s, to_us
from impetus.tools.bacteria.regression import (
    DAY_US,
    FAR,
    LARGEST_ETA,
    Baseline,
    Terms,
    _below_limit,
    _first_weight,
    _spread,
    design,
    fit,
    gamma_score,
    quantile,
    tail,
    terms_of,
    variance,
)
from tools.bacteria.air import START

FLAT = Terms(year=False, day=False, week=False)
HOUR_US = 3_600_000_000


def past(load: Float64s, *, exposure: Float64s | None = None, every_us: int = DAY_US) -> Baseline:
    """Return samples of these loads, one after the other."""
    rows = len(load)
    return Baseline(
        local_us=to_us(START) + np.arange(rows, dtype=np.int64) * every_us,
        load=np.asarray(load, dtype=np.float64),
        limit=np.zeros(rows),
        exposure=np.ones(rows) if exposure is None else exposure,
    )


@pytest.mark.parametrize("count", [0, 1, 2, 5, 20])
@pytest.mark.parametrize("mean", [0.3, 2.0, 9.0])
def test_a_poisson_count_has_the_mid_chance_of_scipy(count: int, mean: float) -> None:
    """The chance of more, and half of the chance of just as many."""
    law = stats.poisson(mean)
    assert tail(float(count), mean, mean, step=1.0) == pytest.approx(law.sf(count) + law.pmf(count) / 2, abs=1e-12)


@pytest.mark.parametrize("count", [0, 1, 3, 12, 40])
@pytest.mark.parametrize(("mean", "spread"), [(2.0, 3.0), (5.0, 30.0), (0.4, 0.9)])
def test_a_count_that_scatters_has_the_mid_chance_of_scipy_s_negative_binomial(
    count: int, mean: float, spread: float
) -> None:
    """Size is mean squared over what the variance has beyond the mean."""
    law = stats.nbinom(mean**2 / (spread - mean), mean / spread)
    assert tail(float(count), mean, spread, step=1.0) == pytest.approx(law.sf(count) + law.pmf(count) / 2, abs=1e-12)


@pytest.mark.parametrize("load", [0.0, 1.0, 150.0, 200.0, 900.0])
def test_a_concentration_has_the_chance_of_scipy_s_gamma(load: float) -> None:
    """Mean 200 and deviation 100: shape 4, scale 50."""
    assert tail(load, 200.0, 1e4) == pytest.approx(stats.gamma(4.0, scale=50.0).sf(load), abs=1e-12)


def test_less_than_nothing_is_as_common_as_nothing() -> None:
    """A load below zero is judged as zero: it is certain to be reached."""
    assert tail(-5.0, 200.0, 1e4) == 1.0
    assert gamma_score(np.array([-5.0]), np.array([200.0]), np.array([1e4])) == gamma_score(
        np.array([0.0]), np.array([200.0]), np.array([1e4])
    )


def test_counts_that_hardly_scatter_are_judged_as_poisson() -> None:
    """Variance at or below the mean cannot be a negative binomial; nothing breaks on the way there."""
    near = [tail(4.0, 2.0, spread, step=1.0) for spread in (1.0, 2.0, 2.0019, 2.0021)]
    assert near[0] == near[1] == near[2]
    assert near[3] == pytest.approx(near[2], abs=1e-3)


def test_zero_when_nearly_all_is_zero_is_no_surprise() -> None:
    """A tenth of a count a day: a zero has the chance 1 - P(0)/2, by hand .5476."""
    assert tail(0.0, 0.1, 0.1, step=1.0) == pytest.approx(1 - math.exp(-0.1) / 2)


@pytest.mark.parametrize("chance", [0.001, 0.05, 0.5, 0.95])
def test_the_quantile_is_scipy_s(chance: float) -> None:
    """Of a gamma of shape 4 and scale 50, exceeded with that chance."""
    assert quantile(chance, 200.0, 1e4) == pytest.approx(stats.gamma(4.0, scale=50.0).isf(chance), rel=1e-9)


def test_the_wilson_hilferty_score_by_hand() -> None:
    """Shape 9, eight times the mean: (2 - 1 + 1/81) * 9 = 9.11; at the mean 1/9."""
    scores = gamma_score(np.array([1600.0, 200.0]), np.full(2, 200.0), np.full(2, 200.0**2 / 9))
    assert scores.tolist() == pytest.approx([9 + 1 / 9, 1 / 9])


@settings(max_examples=40)
@given(low=some.floats(0, 1e6), more=some.floats(0, 1e6), mean=some.floats(1e-3, 1e6), over=some.floats(1e-3, 1e3))
def test_the_score_rises_with_the_load(low: float, more: float, mean: float, over: float) -> None:
    """Whatever mean and spread."""
    at = np.full(2, mean)
    first, second = gamma_score(np.array([low, low + more]), at, at * over).tolist()
    assert first <= second
    assert math.isfinite(second)


def test_the_variance_by_hand() -> None:
    """Mean 10, a 2 and b .1: 20 + 10 at the usual air, 40 + 10 at half of it, 10 + 10 at twice; never zero."""
    mean = np.full(3, 10.0)
    assert variance(mean, 2.0, 0.1, np.array([1.0, 0.5, 2.0])).tolist() == [30.0, 50.0, 20.0]
    assert variance(np.zeros(1), 2.0, 0.1, np.ones(1)).tolist() == [1e-12]


def test_the_waves_of_a_year_and_a_day_by_hand() -> None:
    """A quarter past midnight's six hours on: sine 1, cosine 0, and the second wave 0 and -1."""
    six = design(np.array([6 * HOUR_US]), Terms(year=False, day=True, week=False))
    assert six[0].tolist() == pytest.approx([1.0, 1.0, 0.0, 0.0, -1.0], abs=1e-9)
    half_year = design(np.array([round(365.25 / 2 * DAY_US)]), Terms(year=True, day=False, week=False))
    assert half_year[0].tolist() == pytest.approx([1.0, 0.0, -1.0, 0.0, 1.0], abs=1e-9)


@pytest.mark.parametrize(
    ("terms", "columns"),
    [
        (FLAT, 1),
        (Terms(year=True, day=False, week=False), 5),
        (Terms(year=False, day=True, week=True), 6),
        (Terms(year=True, day=True, week=True), 10),
    ],
)
def test_each_season_brings_its_columns(terms: Terms, columns: int) -> None:
    """A level, four a wave, one a week-end; also for no sample at all."""
    assert design(np.arange(3, dtype=np.int64) * DAY_US, terms).shape == (3, columns)
    assert design(np.array([], dtype=np.int64), terms).shape == (0, columns)


def test_days_before_1970_have_their_weekday() -> None:
    """The last day of 1969 was a Wednesday; the 27th and 28th of December a Saturday and a Sunday."""
    days = np.array([-1, -4, -5], dtype=np.int64) * DAY_US
    assert design(days, Terms(year=False, day=False, week=True))[:, 1].tolist() == [0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("every_us", "rows", "terms"),
    [
        (DAY_US, 301, Terms(year=True, day=False, week=True)),
        (DAY_US, 300, Terms(year=False, day=False, week=True)),
        (DAY_US, 22, Terms(year=False, day=False, week=True)),
        (DAY_US, 21, FLAT),
        (12 * HOUR_US, 20, FLAT),
        (6 * HOUR_US, 17, Terms(year=False, day=True, week=False)),
        (6 * HOUR_US, 16, FLAT),
        (7 * DAY_US, 19, FLAT),
        (7 * DAY_US, 20, Terms(year=False, day=False, week=True)),
    ],
)
def test_a_wave_needs_its_days(every_us: int, rows: int, terms: Terms) -> None:
    """Three hundred days for the year, four at four hours or more for the day, three weeks and twenty samples for the week."""
    assert terms_of(past(np.ones(rows), every_us=every_us).local_us) == terms


def test_samples_of_one_moment_have_no_season() -> None:
    """No span, no wave, and no division by it."""
    assert terms_of(np.zeros(50, dtype=np.int64)) == FLAT
    assert terms_of(np.array([], dtype=np.int64)) == FLAT


def test_the_spread_of_pure_counts_is_all_counts() -> None:
    """Squares of residuals equal to the mean: a = 1, b = 0."""
    mean = np.array([1.0, 4.0, 9.0, 100.0])
    load = mean + np.sqrt(mean)
    assert _spread(load, mean, np.ones(4), np.ones(4)) == pytest.approx((1.0, 0.0), abs=1e-9)


def test_the_spread_of_both_kinds_is_told_apart() -> None:
    """Squares of 2 mean + .25 mean^2 give back 2 and .25."""
    mean = np.array([1.0, 4.0, 9.0, 100.0])
    load = mean + np.sqrt(2 * mean + 0.25 * mean**2)
    assert _spread(load, mean, np.ones(4), np.ones(4)) == pytest.approx((2.0, 0.25))


def test_a_spread_below_zero_is_never_told() -> None:
    """Where the best pair has a negative part, the better of the two alone is taken."""
    mean = np.array([1.0, 4.0, 9.0, 100.0])
    a, b = _spread(mean + np.sqrt(mean) / mean, mean, np.ones(4), np.ones(4))
    assert (a > 0, b) == (True, 0.0)
    a, b = _spread(mean + mean**1.4, mean, np.ones(4), np.ones(4))
    assert (a, b > 0) == (1e-9, True)


def test_no_scatter_at_all_still_has_a_spread() -> None:
    """A hundred equal loads: the variance is small and above zero."""
    fitted = fit(past(np.full(100, 50.0)))
    mean = np.exp(fitted.beta[:1])
    assert mean[0] == pytest.approx(50.0, rel=1e-3)
    assert 0 < variance(mean, fitted.a, fitted.b, np.ones(1))[0] < 1.0


def test_the_first_weight_by_hand() -> None:
    """Median 3, median deviation 1: a load of 100 lies 97/1.4826 deviations out and counts (2.58/65.4)^2."""
    weight = _first_weight(np.array([1.0, 2.0, 3.0, 4.0, 100.0]))
    assert weight[:4].tolist() == [1.0] * 4
    assert weight[4] == pytest.approx((FAR / (97 / 1.4826)) ** 2)
    assert _first_weight(np.array([3.0, 3.0, 3.0, 90.0])).tolist() == [1.0] * 4


def test_what_lies_below_the_limit_is_the_mean_of_what_lies_there() -> None:
    """Of a gamma of mean 10 and shape 4 below 8, worked out by adding up the density; samples above stay."""
    grid = np.linspace(1e-4, 8.0, 200_001)
    density = stats.gamma(4.0, scale=2.5).pdf(grid)
    below = float((grid * density).sum() / density.sum())
    seen = _below_limit(np.array([8.0, 30.0]), np.full(2, 8.0), np.full(2, 10.0), np.full(2, 25.0))
    assert seen.tolist() == pytest.approx([below, 30.0], rel=1e-4)


def test_without_a_limit_the_load_is_itself() -> None:
    """Not even copied."""
    load = np.array([0.0, 3.0])
    assert _below_limit(load, np.zeros(2), np.ones(2), np.ones(2)) is load


@pytest.mark.parametrize(
    "load",
    [
        np.zeros(40),
        np.array([0.0, 1e-12]),
        np.array([1e15, 1.0]),
        np.concatenate([np.zeros(39), [1e9]]),
        np.full(30, -4.0),
        np.arange(400.0) ** 3,
    ],
)
def test_odd_pasts_are_fitted_without_a_break(load: Float64s) -> None:
    """All zero, huge, one giant, less than nothing, a steep rise: every number of the fit is finite."""
    fitted = fit(past(load))
    assert np.isfinite(fitted.beta).all()
    assert np.isfinite(fitted.cov).all()
    assert fitted.a > 0
    assert fitted.b >= 0
    assert abs(float(fitted.beta[0])) <= LARGEST_ETA


@settings(max_examples=20)
@given(some.lists(some.floats(0, 1e7), min_size=2, max_size=40))
def test_any_past_has_a_fit(load: list[float]) -> None:
    """Two samples are enough, whatever they hold."""
    fitted = fit(past(np.array(load)))
    assert np.isfinite(fitted.beta).all()
    assert np.isfinite([fitted.a, fitted.b]).all()


def test_scaling_loads_scales_the_mean_and_nothing_else() -> None:
    """Told per tenth of a cubic metre, everything is ten times as much and as rare as before."""
    load = np.random.default_rng(1).gamma(6.0, 30.0, 300)
    one, ten = fit(past(load)), fit(past(10 * load))
    assert float(ten.beta[0] - one.beta[0]) == pytest.approx(math.log(10.0), abs=2e-3)
    mean = np.exp(one.beta[:1])
    spread = variance(mean, one.a, one.b, np.ones(1))
    wide = variance(10 * mean, ten.a, ten.b, np.ones(1))
    assert wide[0] == pytest.approx(100 * spread[0], rel=0.02)


def test_the_order_of_samples_does_not_matter() -> None:
    """A fit is of a set of samples."""
    load = np.random.default_rng(2).gamma(6.0, 30.0, 120)
    made = past(load)
    turned = np.random.default_rng(3).permutation(120)
    other = Baseline(
        local_us=made.local_us[turned],
        load=made.load[turned],
        limit=made.limit[turned],
        exposure=made.exposure[turned],
    )
    assert fit(other).beta == pytest.approx(fit(made).beta, abs=1e-9)


def test_little_air_scatters_more_and_is_reckoned_so() -> None:
    """Counts of a tenth of the air told per cubic metre: the fit finds what a whole one scatters."""
    rng = np.random.default_rng(4)
    exposure = np.where(np.arange(600) % 2 == 0, 1.0, 0.1)
    load = rng.poisson(40.0 * exposure) / exposure
    fitted = fit(past(load, exposure=exposure))
    assert fitted.a + 40 * fitted.b == pytest.approx(1.0, rel=0.35)


def test_more_samples_make_the_level_surer() -> None:
    """Four times the samples, half the doubt."""
    load = np.random.default_rng(5).gamma(6.0, 30.0, 20)
    few, many = fit(past(load)), fit(past(np.tile(load, 4), every_us=HOUR_US // 6))
    assert math.sqrt(many.cov[0, 0] / few.cov[0, 0]) == pytest.approx(0.5, abs=0.08)
