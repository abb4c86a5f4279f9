"""What load is expected: a regression with seasons and log link, over counts or concentrations that scatter more than chance.

The mean is exp(level + seasons); the variance is `a mu / e + b mu^2`, which holds Poisson (b = 0), quasi-Poisson and
negative binomial counts as well as gamma-like concentrations, with `e` the air drawn relative to what is usual. Fitted by
iteratively reweighted least squares; a sample that lies far above what is expected counts the less the farther it lies, so
that yesterday's event is not part of what is normal; a sample below the limit of detection counts as what the fit expects
below it. A weak prior keeps seasons small that nobody has seen yet.

**Source**: Noufaily et al., Statistics in Medicine 32 (2013) 1206, sections 3.2 to 3.6 (reweighting by Anscombe residuals
above 2.58); Wilson and Hilferty, PNAS 17 (1931) 684; Jamriska et al., arXiv 1110.4184 (urban bioaerosol is gamma).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from impetus.core.observation import Float64s, Int64s

Matrix = NDArray[np.float64]
DAY_US = 86_400_000_000
YEAR_DAYS = 365.25
EPOCH_WEEKDAY, SATURDAY = 3, 5
"""Days counted from Monday; 1 January 1970 was a Thursday."""
FAR = 2.58
"""Normal scores from which a sample counts less. **Source**: Noufaily et al. 2013, section 3.4."""
ROUNDS = 5
"""Reweightings; changes after the fifth are below one part in a thousand on generated series."""
SEASON_SD = 0.5
"""Prior deviation of a season's wave on the log scale: seasons of bioaerosol rarely exceed a factor of three. House rule."""
LEAST_YEAR_DAYS, LEAST_DAYS, LEAST_WEEKS_DAYS = 300.0, 4.0, 21.0
"""Days seen before the year, the day and the week-end may have a wave of their own. House rule."""
LEAST_SHAPE = 0.02
"""Smallest gamma shape reckoned with: below, nearly all samples are zero."""
LARGEST_ETA = 60.0


class Terms(NamedTuple):
    """Which waves the expectation may have; `offset_us` is the zone's, added to UTC."""

    year: bool
    day: bool
    week: bool


class Fit(NamedTuple):
    """A fitted expectation: coefficients `(k,)`, their covariance `(k, k)`, and the variance's `a` and `b`."""

    terms: Terms
    beta: Float64s
    cov: Matrix
    a: float
    b: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Baseline:
    """Past samples, columns of shape `(samples,)`: local time, load, limit of detection (0 for none), air relative to usual."""

    local_us: Int64s
    load: Float64s
    limit: Float64s
    exposure: Float64s


def terms_of(local_us: Int64s) -> Terms:
    """Return the waves so much past can tell apart."""
    if len(local_us) < 2:  # noqa: PLR2004 - one sample has no span
        return Terms(year=False, day=False, week=False)
    days = float(local_us.max() - local_us.min()) / DAY_US
    per_day = len(local_us) / max(days, 1.0)
    return Terms(
        year=days >= LEAST_YEAR_DAYS,
        day=days >= LEAST_DAYS and per_day > 1.5 and _sees_hours(local_us),  # noqa: PLR2004 - daily samplers have no hours
        week=days >= LEAST_WEEKS_DAYS and len(local_us) >= 20,  # noqa: PLR2004 - six samples of week-ends
    )


def _sees_hours(local_us: Int64s) -> bool:
    """Say whether samples fall on at least four parts of the day."""
    return len(np.unique(local_us % DAY_US * 8 // DAY_US)) >= 4  # noqa: PLR2004 - said above


def design(local_us: Int64s, terms: Terms) -> Matrix:
    """Return the waves at local times, `(samples, k)`; the first column is one."""
    columns = [np.ones(len(local_us))]
    days = local_us / DAY_US
    if terms.year:
        columns += _waves(days / YEAR_DAYS)
    if terms.day:
        columns += _waves(days)
    if terms.week:
        columns.append(((np.floor(days).astype(np.int64) + EPOCH_WEEKDAY) % 7 >= SATURDAY).astype(np.float64))
    return np.stack(columns, axis=1)


def _waves(turns: Float64s) -> list[Float64s]:
    angle = 2 * np.pi * (turns % 1.0)
    return [np.sin(angle), np.cos(angle), np.sin(2 * angle), np.cos(2 * angle)]


def fit(baseline: Baseline) -> Fit:
    """Fit the expectation to past samples; at least two are needed."""
    terms = terms_of(baseline.local_us)
    waves = design(baseline.local_us, terms)
    prior = np.full(waves.shape[1], 1.0 / SEASON_SD**2)
    prior[0] = 1e-6
    load = np.maximum(baseline.load, 0.0)
    typical = max(float(np.median(load)), float(load.mean()) / 4, 1e-9)
    beta = np.zeros(waves.shape[1])
    beta[0] = np.log(typical)
    a, b, weight = typical, 0.1, _first_weight(load)
    cov = np.eye(len(beta))
    for _ in range(ROUNDS):
        mean = np.exp(np.clip(waves @ beta, -LARGEST_ETA, LARGEST_ETA))
        seen = _below_limit(load, baseline.limit, mean, variance(mean, a, b, baseline.exposure))
        beta, cov = _step(waves, seen, mean, weight * mean**2 / variance(mean, a, b, baseline.exposure), prior)
        mean = np.exp(np.clip(waves @ beta, -LARGEST_ETA, LARGEST_ETA))
        a, b = _spread(seen, mean, weight, baseline.exposure)
        far = np.maximum(gamma_score(seen, mean, variance(mean, a, b, baseline.exposure)), FAR)
        weight = (FAR / far) ** 2
    return Fit(terms=terms, beta=beta, cov=cov, a=a, b=b)


def _first_weight(load: Float64s) -> Float64s:
    """Return a first guess of how much each sample counts, from median and median deviation, so that no event hides itself."""
    middle = float(np.median(load))
    off = np.abs(load - middle)
    usual = 1.4826 * float(np.median(off))
    return (FAR / np.maximum(off / usual, FAR)) ** 2 if usual > 0 else np.ones(len(load))


def variance(mean: Float64s, a: float, b: float, exposure: Float64s) -> Float64s:
    """Return the variance of a load."""
    return np.maximum(a * mean / exposure + b * mean**2, 1e-12)


def _step(waves: Matrix, load: Float64s, mean: Float64s, weight: Float64s, prior: Float64s) -> tuple[Float64s, Matrix]:
    """Solve one reweighted least-squares step; a working residual above 3 would be an overshoot and is cut."""
    working = np.log(np.maximum(mean, 1e-300)) + np.clip((load - mean) / np.maximum(mean, 1e-300), -1.0, 3.0)
    weighted = waves * weight[:, None]
    hessian = waves.T @ weighted + np.diag(prior)
    cov = np.asarray(np.linalg.inv(hessian), dtype=np.float64)
    return np.asarray(cov @ (weighted.T @ working), dtype=np.float64), cov


def _spread(load: Float64s, mean: Float64s, weight: Float64s, exposure: Float64s) -> tuple[float, float]:
    """Return `a` and `b` from squared residuals: whichever pair, neither below zero, fits their size best."""
    squares = (load - mean) ** 2
    sure = weight / np.maximum(mean / exposure + mean**2, 1e-12) ** 2
    one, two = mean / exposure, mean**2
    s11, s12, s22 = float(sure @ one**2), float(sure @ (one * two)), float(sure @ two**2)
    t1, t2 = float(sure @ (one * squares)), float(sure @ (two * squares))
    determinant = s11 * s22 - s12**2
    if determinant > 1e-6 * s11 * s22:
        a, b = (t1 * s22 - t2 * s12) / determinant, (t2 * s11 - t1 * s12) / determinant
        if a >= 0 and b >= 0:
            return max(a, 1e-9), b
    only_one, only_two = t1 / max(s11, 1e-300), t2 / max(s22, 1e-300)
    is_count_like = t1 * only_one >= t2 * only_two
    return (max(only_one, 1e-9), 0.0) if is_count_like else (1e-9, max(only_two, 1e-6))


def gamma_score(load: Float64s, mean: Float64s, spread: Float64s) -> Float64s:
    """Return how many normal deviations above its expectation a load lies, for a gamma of this mean and variance.

    **Source**: Wilson and Hilferty 1931: the cube root of a gamma is nearly normal.
    """
    shape = np.maximum(mean**2 / spread, LEAST_SHAPE)
    ratio = np.maximum(load, 0.0) / np.maximum(mean, 1e-300)
    return np.asarray((np.cbrt(ratio) - 1.0 + 1.0 / (9.0 * shape)) * 3.0 * np.sqrt(shape), dtype=np.float64)


def _below_limit(load: Float64s, limit: Float64s, mean: Float64s, spread: Float64s) -> Float64s:
    """Put what the fit expects below the limit of detection in place of samples that lie below it."""
    censored = (limit > 0) & (load <= limit)
    if not censored.any():
        return load
    shape = np.maximum(mean**2 / spread, LEAST_SHAPE)
    cut = limit * shape / mean
    below = mean * special.gammainc(shape + 1.0, cut) / np.maximum(special.gammainc(shape, cut), 1e-12)
    return np.where(censored, np.minimum(below, limit), load)


def tail(load: float, mean: float, spread: float, *, step: float = 0.0) -> float:
    """Return the chance of a load this high or higher where nothing happens, 0..1.

    With a `step`, loads are whole multiples of it: a negative binomial of the same mean and variance, half of the chance of
    the very load counted (mid-p), which keeps the rate of small counts honest. Without one a gamma.

    >>> round(tail(100.0, 100.0, 100.0), 2), round(tail(3.0, 2.0, 2.0, step=1.0), 3)
    (0.49, 0.233)
    """
    if step > 0:
        count, expected = round(load / step), mean / step
        over = spread / step**2
        if over > expected * 1.001:
            size = expected**2 / (over - expected)
            share = size / (size + expected)
            return 0.5 * float(_nb_above(count, size, share) + _nb_above(count - 1, size, share))
        above = special.pdtrc(count, expected) + (special.pdtrc(count - 1, expected) if count > 0 else 1.0)
        return 0.5 * float(above)
    shape = max(mean**2 / spread, LEAST_SHAPE)
    return float(special.gammaincc(shape, max(load, 0.0) * shape / mean))


def _nb_above(count: int, size: float, share: float) -> float:
    """Return the chance of more than `count` of a negative binomial; 1 below zero."""
    return float(special.betainc(count + 1.0, size, 1.0 - share)) if count >= 0 else 1.0


def quantile(chance: float, mean: float, spread: float) -> float:
    """Return the load that is exceeded with this chance, of a gamma of this mean and variance."""
    shape = max(mean**2 / spread, LEAST_SHAPE)
    return float(special.gammainccinv(shape, chance)) * mean / shape
