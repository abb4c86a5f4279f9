"""The scoring rules of the Numenta Anomaly Benchmark, written from their description, for scores of any detector.

An anomaly is a window; the earliest alarm in it earns up to 1, more the earlier it comes (a scaled sigmoid over the window);
a missed window costs `missed`; an alarm outside costs up to `false_alarm`, less just behind a window. The first 15 % of a
file (at most 750 points) are for learning and not scored. The sum is scaled so that silence is 0 and an alarm at the first
point of each window is 100. **The benchmark picks the threshold that scores best on the very labels it scores against**;
`at_threshold` and `held_out` do not.

**Source**: Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms - the Numenta Anomaly Benchmark", ICMLA 2015,
sections II-III; weights and probation as in the benchmark's `config/profiles.json` and `nab/util.py`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s

PROBATION_RATIO = 0.15
PROBATION_OF_POINTS = 5_000
"""Probation is 15 % of a file, of at most 5,000 points: 750."""
LATEST = 3.0
"""Window widths behind a window beyond which an alarm costs its full price."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What right and wrong are worth."""

    false_alarm: float
    missed: float = 1.0
    found: float = 1.0


STANDARD = Profile(false_alarm=0.11)
LOW_FP = Profile(false_alarm=0.22)
LOW_FN = Profile(false_alarm=0.11, missed=2.0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """One file: `time_us` and `value` of shape `(points,)`, and windows as first and last row."""

    name: str
    time_us: Int64s
    value: Float64s
    windows: tuple[tuple[int, int], ...]

    def probation(self) -> int:
        """Return how many rows at the beginning are not scored."""
        return math.floor(PROBATION_RATIO * min(len(self.value), PROBATION_OF_POINTS))


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What alarms did to one file. `delays_s` is seconds from the beginning of each window hit to its first alarm."""

    points: float
    windows: int
    hit: int
    false_alarms: int
    days: float
    delays_s: tuple[float, ...]


def sigmoid(position: float) -> float:
    """Return the worth of an alarm: near 1 at the beginning of a window (-1), 0 at its end (0), -1 far behind it.

    >>> round(sigmoid(-1.0), 4), sigmoid(0.0), sigmoid(3.5)
    (0.9866, 0.0, -1.0)
    """
    return -1.0 if position > LATEST else 2.0 / (1.0 + math.exp(5.0 * position)) - 1.0


def judge(file: Labelled, alarms: NDArray[np.bool_], profile: Profile) -> Outcome:
    """Score the alarms of one file, a row each."""
    rows = np.flatnonzero(alarms)
    rows = rows[rows >= file.probation()]
    points, free, delays = 0.0, np.ones(len(rows), dtype=np.bool_), []
    for first, last in file.windows:
        inside = (rows >= first) & (rows <= last)
        free &= ~inside
        if not inside.any():
            points -= profile.missed
            continue
        row = int(rows[inside][0])
        points += profile.found * sigmoid(-(last - row + 1) / (last - first + 1)) / sigmoid(-1.0)
        delays.append(float(file.time_us[row] - file.time_us[first]) / 1e6)
    points += profile.false_alarm * sum(_false(file, int(row)) for row in rows[free])
    scored = file.time_us[file.probation() :]
    return Outcome(
        points=points,
        windows=len(file.windows),
        hit=len(delays),
        false_alarms=int(free.sum()),
        days=float(scored[-1] - scored[0]) / 86_400e6 if len(scored) else 0.0,
        delays_s=tuple(delays),
    )


def _false(file: Labelled, row: int) -> float:
    """Return -1..0 for an alarm outside every window."""
    before = [(first, last) for first, last in file.windows if last < row]
    if not before:
        return -1.0
    first, last = before[-1]
    return sigmoid((row - last) / max(last - first, 1))


def normalised(outcomes: Sequence[Outcome], profile: Profile) -> float:
    """Return 0 for silence, 100 for perfection; NaN where there is no window at all."""
    windows = sum(outcome.windows for outcome in outcomes)
    silence, perfect = -profile.missed * windows, profile.found * windows
    if not windows:
        return math.nan
    return 100.0 * (sum(outcome.points for outcome in outcomes) - silence) / (perfect - silence)


def at_threshold(
    files: Sequence[Labelled], scores: Sequence[Float64s], threshold: float, profile: Profile
) -> list[Outcome]:
    """Judge every file with one threshold: rows whose score is above 0 and not below it are alarms."""
    return [judge(file, (score >= threshold) & (score > 0), profile) for file, score in zip(files, scores, strict=True)]


def best_threshold(
    files: Sequence[Labelled], scores: Sequence[Float64s], profile: Profile, *, most: int = 400
) -> float:
    """Return the threshold that scores best on these labels, as the benchmark does; of many, quantiles are tried."""
    candidates = np.unique(np.concatenate([score[score > 0] for score in scores] or [np.zeros(0)]))
    if len(candidates) > most:
        candidates = np.unique(np.quantile(candidates, np.linspace(0, 1, most), method="nearest"))
    tried = [*(float(candidate) for candidate in candidates), math.inf]
    return max(tried, key=lambda one: (sum(o.points for o in at_threshold(files, scores, one, profile)), one))


def held_out(files: Sequence[Labelled], scores: Sequence[Float64s], profile: Profile) -> list[Outcome]:
    """Judge each half of the files with the threshold that was best on the other half (every second file by name)."""
    order = sorted(range(len(files)), key=lambda one: files[one].name)
    outcomes: list[Outcome] = []
    for half, other in ((order[::2], order[1::2]), (order[1::2], order[::2])):
        threshold = best_threshold([files[i] for i in other], [scores[i] for i in other], profile)
        outcomes += at_threshold([files[i] for i in half], [scores[i] for i in half], threshold, profile)
    return outcomes


def bootstrap(
    outcomes: Sequence[Outcome], profile: Profile, rng: np.random.Generator, *, rounds: int = 1_000
) -> tuple[float, float]:
    """Return the 5th and 95th percentile of the score over files drawn again with replacement."""
    drawn = [
        normalised([outcomes[one] for one in rng.integers(0, len(outcomes), len(outcomes))], profile)
        for _ in range(rounds)
    ]
    kept = [score for score in drawn if not math.isnan(score)]
    low, high = np.percentile(kept, [5, 95]) if kept else (math.nan, math.nan)
    return float(low), float(high)
