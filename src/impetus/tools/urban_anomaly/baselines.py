"""What anybody could do, to be measured beside the tool on the same page: blind alarms and three plain scores, all causal.

Each score sees a reading before it learns from it, and knows nothing of other datastreams, holidays or plans. Compiled, one
pass over readings in any number of datastreams; the state is columns by datastream, so that a day can follow a day.

- `ewma_z`: distance from an exponentially weighted mean, in weighted standard deviations.
- `seasonal_z`: distance from the mean of the half-hour of the day, in its usual distances.
- `value_novelty`: distance to the nearest value ever seen, held against such distances before.

**Source**: for the choice, Wu and Keogh, "Current Time Series Anomaly Detection Benchmarks are Flawed", IEEE TKDE 2021: a
detector is worth nothing that is not told apart from the simplest ones.
"""

from dataclasses import dataclass

import numpy as np
from numba import njit
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Float64s, Int64s

EWMA_ALPHA = 0.002
"""Pace of the moving mean and variance: the value that does best on the whole benchmark, so it favours the baseline."""
BINS = 48
"""Times of day of the seasonal baseline."""
SEASONAL_VISITS = 10.0 * 6.0
"""Readings of a half-hour after which it forgets: some ten days at five minutes."""
VISITS_KNOWN, WINSORISED = 4.0, 4.0
"""Readings of a half-hour before it is judged, and usual distances beyond which a reading moves it no further."""
SEEN = 512
"""Values remembered by the novelty baseline, at least a thousandth of the range apart."""
DISTANCES = 64
"""Sizes of novelty counted, four to a doubling, from 2^-12 of the range up."""
LEARNING = 48
"""Readings before a baseline says anything."""
HOLD_OFF_S = 86_400.0
"""Seconds between alarms of a baseline: a day did best for z-scores on the benchmark, so this favours them."""
BLIND_ALARMS = 20
"""Evenly spaced alarms a file: the number that does best blindly on the whole benchmark."""
NAMES = ("ewma_z", "seasonal_z", "value_novelty")


@dataclass(slots=True, kw_only=True)
class Plain:
    """State of the three plain scores for `streams` datastreams; rows are positions 0.. . Mutable."""

    moving: Float64s
    season: Float64s
    values: Float64s
    filled: Int64s
    sizes: NDArray[np.float32]

    @classmethod
    def of(cls, streams: int) -> "Plain":
        """Return what is known before anything was seen; about 5 KiB a datastream."""
        return cls(
            moving=np.zeros((streams, 3)),
            season=np.zeros((streams, BINS, 3)),
            values=np.zeros((streams, SEEN)),
            filled=np.zeros(streams, dtype=np.int64),
            sizes=np.zeros((streams, DISTANCES), dtype=np.float32),
        )

    def score(self, place: Int64s, local_s: Int64s, value: Float64s) -> Float64s:
        """Return scores `(3, readings)` in the order of `NAMES`, and learn; `local_s` is local seconds since 1970.

        Readings come in the order of time. NaN is passed over and scores 0.
        """
        scores = np.zeros((len(NAMES), len(value)))
        half_hour = local_s % 86_400 // (86_400 // BINS)
        _ewma(self.moving, place, value, scores[0])
        _seasonal(self.season, place, half_hour, value, scores[1])
        _novelty(self.values, self.filled, self.sizes, place, value, scores[2])
        return scores


@njit(cache=True)
def _ewma(moving: Float64s, place: Int64s, value: Float64s, scores: Float64s) -> None:
    """Score by `moving`: mean, variance, readings of each datastream."""
    for row in range(len(value)):
        measured = value[row]
        if not np.isfinite(measured):
            continue
        state = moving[place[row]]
        if state[2] == 0.0:
            state[0] = measured
        step = measured - state[0]
        if state[2] >= LEARNING:
            scores[row] = abs(step) / max(np.sqrt(state[1]), 1e-9 + 1e-9 * abs(state[0]))
        pace = max(EWMA_ALPHA, 1.0 / (state[2] + 2.0))
        state[0] += pace * step
        state[1] = (1.0 - pace) * (state[1] + pace * step * step)
        state[2] += 1.0


@njit(cache=True)
def _seasonal(season: Float64s, place: Int64s, half_hour: Int64s, value: Float64s, scores: Float64s) -> None:
    """Score by `season`: mean, mean distance and visits of each half-hour of each datastream."""
    for row in range(len(value)):
        measured = value[row]
        if not np.isfinite(measured):
            continue
        state = season[place[row], half_hour[row]]
        step = measured - state[0] if state[2] > 0.0 else 0.0
        limit = WINSORISED * state[1]
        if state[2] >= VISITS_KNOWN:
            scores[row] = abs(step) / (1.2533 * state[1] + 1e-3 * abs(state[0]) + 1e-9)
            step = min(max(step, -limit), limit)
        elif state[2] == 0.0:
            state[0] = measured
        pace = max(1.0 / SEASONAL_VISITS, 1.0 / (state[2] + 1.0))
        state[0] += pace * step
        state[1] += pace * (abs(step) - state[1])
        state[2] += 1.0


@njit(cache=True)
def _novelty(
    values: Float64s,
    filled: Int64s,
    sizes: NDArray[np.float32],
    place: Int64s,
    value: Float64s,
    scores: Float64s,
) -> None:
    """Score by `values` seen, sorted, `filled` so far, and `sizes`: how often each size of distance came."""
    for row in range(len(value)):
        measured = value[row]
        if not np.isfinite(measured):
            continue
        at = place[row]
        seen, count = values[at], filled[at]
        where = np.searchsorted(seen[:count], measured)
        near, span = _nearest(seen, count, where, measured)
        size = near / span if span > 0.0 else np.sign(near)
        level = min(max(int(4.0 * (np.log2(size) + 12.0)) + 1, 0), DISTANCES - 1) if size > 0.0 else 0
        total, above = sizes[at].sum(), sizes[at, level:].sum()
        if total >= LEARNING and size > 0.0:
            scores[row] = np.log((total + 1.0) / (above + 1.0)) + min(size, 10.0)
        sizes[at, level] += 1.0
        if count < SEEN and (count == 0 or near > 1e-3 * span):
            seen[where + 1 : count + 1] = seen[where:count].copy()
            seen[where] = measured
            filled[at] = count + 1


@njit(cache=True)
def _nearest(seen: Float64s, count: int, where: int, measured: float) -> tuple[float, float]:
    """Return the distance to the nearest value seen, 0 for none seen, and the range of those seen."""
    if count == 0:
        return 0.0, 0.0
    near = np.inf
    if where > 0:
        near = measured - seen[where - 1]
    if where < count:
        near = min(near, seen[where] - measured)
    return near, seen[count - 1] - seen[0]


def blind(rows: int, first: int) -> Float64s:
    """Return alarms evenly spaced from row `first` on, without looking at anything."""
    scores = np.zeros(rows)
    scores[np.linspace(first, max(rows - 1, first), BLIND_ALARMS + 1)[:-1].astype(np.int64)] = 1.0
    return scores


HOLD_OFF_US = int(HOLD_OFF_S) * US_PER_S
