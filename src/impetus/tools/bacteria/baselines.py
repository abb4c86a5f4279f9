"""What anybody could do: scores to hold the detector against, each looking only back, none knowing instrument or season's law.

They are compared where each is given the very threshold at which it cries once in a hundred quiet samples of the files it is
measured on: a favour the detector does not get, which must keep its promise unseen.

**Source**: EARS C1 to C3 as in `charts.py`; value novelty as the best of the simple causal scores of published comparisons.
"""

import math
from bisect import insort
from collections.abc import Callable, Mapping

import numpy as np

from impetus.core.observation import Float64s
from impetus.tools.bacteria.charts import Charts
from impetus.tools.bacteria.series import DAY_US, Series

WINDOW = 28
"""Samples that the moving median looks back over: four weeks of daily samples."""
WEIGHT = 0.05
SEASON_BINS = 12
"""Parts of the year the seasonal score keeps apart: months."""
BLIND_EVERY = 100


def null(series: Series) -> Float64s:
    """Return silence."""
    return np.zeros(len(series))


def blind(series: Series) -> Float64s:
    """Return an alarm each hundredth sample, whatever it holds."""
    scores = np.zeros(len(series))
    scores[BLIND_EVERY - 1 :: BLIND_EVERY] = 1.0
    return scores


def ewma_z(series: Series) -> Float64s:
    """Return deviations from a moving mean, in moving deviations."""
    load, var, scores = _load(series), 1.0, np.zeros(len(series))
    mean = float(load[0])
    for row, value in enumerate(load):
        scores[row] = (value - mean) / math.sqrt(var + 1e-9)
        var += WEIGHT * ((value - mean) ** 2 - var)
        mean += WEIGHT * (value - mean)
    return scores


def seasonal_z(series: Series) -> Float64s:
    """Return deviations of the root from what its month had before, in deviations of all months."""
    month = (series.time_us / DAY_US / 365.25 % 1.0 * SEASON_BINS).astype(int)
    sums, counts, var, scores = np.zeros(SEASON_BINS), np.zeros(SEASON_BINS), 1.0, np.zeros(len(series))
    for row, value in enumerate(np.sqrt(_load(series))):
        bin_ = month[row]
        if counts[bin_] > 0:
            off = value - sums[bin_] / counts[bin_]
            scores[row] = off / math.sqrt(var + 1e-9)
            var += WEIGHT / 5 * (off**2 - var)
        sums[bin_] += value
        counts[bin_] += 1
    return scores


def value_novelty(series: Series) -> Float64s:
    """Return how far above every value seen a value lies, relative to the spread; 0 within what was seen."""
    seen: list[float] = []
    scores = np.zeros(len(series))
    for row, value in enumerate(_load(series)):
        if seen:
            above = value - seen[-1]
            scores[row] = above / (seen[-1] - seen[0] + 1.0) if above > 0 else 0.0
            if above <= 0:
                scores[row] = -sum(1 for one in seen[-WINDOW:] if one >= value) / WINDOW
        insort(seen, float(value))
    return scores


def median_mad(series: Series) -> Float64s:
    """Return deviations from the median of the last four weeks, in median deviations."""
    load, scores = _load(series), np.zeros(len(series))
    for row in range(WINDOW, len(load)):
        past = load[row - WINDOW : row]
        middle = float(np.median(past))
        scores[row] = (load[row] - middle) / (1.4826 * float(np.median(np.abs(past - middle))) + 0.5)
    return scores


def _ears(method: str) -> Callable[[Series], Float64s]:
    def scored(series: Series) -> Float64s:
        charts, scores = Charts(), np.zeros(len(series))
        for row, value in enumerate(_load(series).tolist()):
            scores[row] = charts.score(method, value, 0.0)
            charts.learn(value, 0.0)
        return scores

    return scored


def _load(series: Series) -> Float64s:
    return np.maximum(np.nan_to_num(series.value), 0.0)


BASELINES: Mapping[str, Callable[[Series], Float64s]] = {
    "null": null,
    "blind": blind,
    "ewma_z": ewma_z,
    "seasonal_z": seasonal_z,
    "value_novelty": value_novelty,
    "median_mad": median_mad,
    "ears_c1": _ears("ears_c1"),
    "ears_c2": _ears("ears_c2"),
    "ears_c3": _ears("ears_c3"),
}
"""Each baseline by its name in the figures."""
