"""What anybody could do, to be measured beside the tool: blind alarms, a static threshold, a moving z-score.

Each returns one score a row, like the tool; each, like the tool, is given a hold-off, without which none is better than
silence under these rules.
"""

from collections.abc import Callable, Mapping

import numpy as np

from impetus.core.observation import US_PER_S, Float64s
from impetus.tools.urban_anomaly.nab import Labelled

HOLD_OFF_S = 86_400.0
"""Seconds between alarms of a baseline: a day did best for z-scores on the whole benchmark, so this favours them."""
BLIND_ALARMS = 20
"""Evenly spaced alarms a file: the number that does best blindly on the whole benchmark."""
EWMA_ALPHA = 0.002
"""Pace of the moving mean and variance: the value that did best on the whole benchmark."""


def blind(file: Labelled) -> Float64s:
    """Raise evenly spaced alarms without looking at anything."""
    scores = np.zeros(len(file.value))
    scores[np.linspace(file.probation(), len(file.value) - 1, BLIND_ALARMS + 1)[:-1].astype(np.int64)] = 1.0
    return scores


def static(file: Labelled) -> Float64s:
    """Score by distance from the mean of the probation part, in its standard deviations."""
    known = file.value[: max(file.probation(), 2)]
    return _held(file, np.abs(file.value - known.mean()) / max(float(known.std()), 1e-9))


def ewma_z(file: Labelled) -> Float64s:
    """Score by an exponentially weighted z, causal."""
    mean, variance, scores = float(file.value[0]), 0.0, np.zeros(len(file.value))
    for row, value in enumerate(file.value.tolist()):
        scores[row] = abs(value - mean) / max(variance**0.5, 1e-9) if row > file.probation() // 2 else 0.0
        step = value - mean
        mean += EWMA_ALPHA * step
        variance = (1 - EWMA_ALPHA) * (variance + EWMA_ALPHA * step * step)
    return _held(file, scores)


def _held(file: Labelled, scores: Float64s) -> Float64s:
    """Silence a row when an equal or higher score came within the hold-off."""
    kept = np.zeros(len(scores))
    first = np.searchsorted(file.time_us, file.time_us - np.int64(HOLD_OFF_S * US_PER_S))
    for row in range(len(scores)):
        before = scores[first[row] : row]
        if not len(before) or scores[row] > before.max():
            kept[row] = scores[row]
    return np.nan_to_num(kept, posinf=1e9)


BASELINES: Mapping[str, Callable[[Labelled], Float64s]] = {
    "blind": blind,
    "static_threshold": static,
    "ewma_z": ewma_z,
}
