"""The two searches that are too slow in NumPy, compiled: the nearest value ever seen, and the nearest moments ever seen.

Plain loops over one core, no fast mathematics and no threads, so that every machine says the same. Each has a readable twin
in `tests/tools/urban_anomaly/test_kernels.py` that must agree.
"""

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s

Float32s = NDArray[np.float32]
Int32s = NDArray[np.int32]


@njit(cache=True)
def nearest_value(
    kept: Float32s, count: Int32s, gap: Float32s, ids: Int64s, values: Float64s, distance: Float64s
) -> None:
    """Write how far each value is from the nearest kept of its datastream, then keep it if there is room or need.

    `kept` `(datastreams, room)` ascending in its first `count` places. When there is no room a value further from its
    nearest than the closest two are from each other takes the place of one of those; `gap` remembers how close they were,
    so that a value in familiar country costs one binary search. `distance` is 0 for a datastream's first value.
    """
    room = kept.shape[1]
    for i in range(len(ids)):
        row = ids[i]
        value = np.float32(values[i])
        have = count[row]
        low = _place(kept, row, have, value)
        best = np.float32(np.inf)
        if low < have:
            best = kept[row, low] - value
        if low > 0:
            best = min(best, value - kept[row, low - 1])
        distance[i] = best if have > 0 else 0.0
        if have < room and best > 0:
            _keep(kept, row, low, have, value)
            count[row] = have + 1
        elif best > max(gap[row], np.float32(0)):
            drop = _closest(kept, row, room)
            gap[row] = kept[row, drop] - kept[row, drop - 1]
            if best > gap[row]:
                _keep(kept, row, low, drop, value)


@njit(cache=True)
def _place(kept: Float32s, row: int, have: int, value: np.float32) -> int:
    """Return the first place whose value is not below this one."""
    low, high = 0, have
    while low < high:
        middle = (low + high) // 2
        if kept[row, middle] < value:
            low = middle + 1
        else:
            high = middle
    return low


@njit(cache=True)
def _keep(kept: Float32s, row: int, low: int, drop: int, value: np.float32) -> None:
    """Keep a value before place `low`, over what lies at place `drop`."""
    if drop < low:
        low -= 1
        for place in range(drop, low):
            kept[row, place] = kept[row, place + 1]
    else:
        for place in range(drop, low, -1):
            kept[row, place] = kept[row, place - 1]
    kept[row, low] = value


@njit(cache=True)
def _closest(kept: Float32s, row: int, room: int) -> int:
    """Return the upper place of the closest two neighbours."""
    drop = 1
    for place in range(2, room):
        if kept[row, place] - kept[row, place - 1] < kept[row, drop] - kept[row, drop - 1]:
            drop = place
    return drop


@njit(cache=True)
def nearest_moments(  # noqa: PLR0913, PLR0917  # compiled code takes arrays, not objects
    past: Float32s,
    when_min: Int32s,
    groups: Int64s,
    position: Float64s,
    time_min: Int32s,
    vectors: Float64s,
    spreads: Float64s,
    weights: Float64s,
    neighbours: int,
    least_age_min: int,
    distances: Float64s,
) -> None:
    """Write, for each of some weights of the time of day, the distance to the moment that is `neighbours`-th nearest.

    `past` `(groups, bins, days, width)` holds what was measured at `when_min` `(groups, bins, days)`, minutes since the
    epoch, -1 for nothing. A moment is `vectors` `(moments, width)`, NaN where a group is narrower, at `position` bins into
    the day. Squared distance = sum of squared differences in `spreads` `(moments, width)` + weight^2 times the squared chord
    between the times of day on a unit circle. Moments younger than `least_age_min` are passed over: what is going on is no
    past. `distances` `(moments, weights)` is -1 where fewer moments are known.
    """
    bins, days = past.shape[1], past.shape[2]
    kinds = len(weights)
    best = np.empty((kinds, neighbours))
    for i in range(len(groups)):
        group = groups[i]
        best[:] = np.inf
        for step in range(bins):
            chord = 2.0 - 2.0 * math.cos(2.0 * math.pi * (position[i] - step - 0.5) / bins)
            if _hopeless(best, weights, chord):
                continue
            for day in range(days):
                seen_min = when_min[group, step, day]
                if seen_min >= 0 and time_min[i] - seen_min >= least_age_min:
                    apart = _apart(past[group, step, day], vectors[i], spreads[i])
                    for kind in range(kinds):
                        _take(best[kind], apart + weights[kind] * weights[kind] * chord)
        for kind in range(kinds):
            last = best[kind, neighbours - 1]
            distances[i, kind] = math.sqrt(last) if last < np.inf else -1.0


@njit(cache=True)
def _hopeless(best: Float64s, weights: Float64s, chord: float) -> bool:
    """Say whether the time of day alone is too far for every weight."""
    hopeless = True
    for kind in range(len(weights)):
        hopeless &= weights[kind] * weights[kind] * chord >= best[kind, -1]
    return hopeless


@njit(cache=True)
def _apart(seen: Float32s, vector: Float64s, spreads: Float64s) -> float:
    """Return the squared distance of two moments, in spreads; NaN places are not there."""
    total = 0.0
    for place in range(len(seen)):
        if not math.isnan(vector[place]):
            difference = (vector[place] - seen[place]) / spreads[place]
            total += difference * difference
    return total


@njit(cache=True)
def _take(best: Float64s, squared: float) -> None:
    """Put a distance among the best, ascending, if it belongs there."""
    place = len(best) - 1
    if squared < best[place]:
        while place > 0 and best[place - 1] > squared:
            best[place] = best[place - 1]
            place -= 1
        best[place] = squared
