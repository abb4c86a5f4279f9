"""What is expected, how surprising a reading is, how rare that is, and how the expectation learns: columns in, columns out.

Every function takes `ids` without repetition: one reading per datastream.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Float64s, Int64s
from impetus.tools.urban_anomaly.calibrate import reaches
from impetus.tools.urban_anomaly.columns import LEVELS, POINTS, STEPS_PER_DOUBLING, Columns
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.seasons import BIN_S, BINS, Seasons
from impetus.tools.urban_anomaly.views import Forecast

NORMAL = 1.2533
"""Standard deviation over mean absolute deviation of a normal distribution: sqrt(pi / 2)."""
TRUST = 0.5
"""Visits of a half-hour at which the profile weighs as much as the more general one behind it. House choice."""
SCALE_TRUST = 2.0
"""Visits at which the half-hour's own scale weighs as much as the overall one. House choice."""
FLOOR_OF_SPREAD = 0.05
"""Least scale as a share of the datastream's spread: steadier than that is the instrument's rounding. House choice."""
FLOOR_OF_VALUE = 1e-6
"""Least scale as a share of the expected value: below it float noise would be a surprise."""
CLIP = 3.0
"""Robust deviations beyond which a reading moves the expectation no further. Huber's k, generous."""
SCALE_CLIP = 4.0
"""Robust deviations beyond which a surprise widens the scale no further."""
RECENT_S = 3_600.0
"""Memory of the plain level that stands in where no profile is known yet."""
SPREAD_S = 7 * 86_400.0
"""Memory of the mean and the spread of a datastream: a week."""
BIGGEST_Z = 100.0
"""Largest |z| told; beyond it the number says nothing more."""
MEMORY_OF_SIZES_DAYS = 60.0
"""Days of surprises remembered before old ones are halved."""
RING_READINGS = 3.0
"""Cadences between points kept for the plot."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Readings:
    """One reading each of several datastreams, columns of shape `(readings,)`.

    `passed_s` is seconds since the datastream's reading before (its cadence for the first); `learnt` says whether the
    datastream was seen long enough to judge.
    """

    ids: Int64s
    time_us: Int64s
    values: Float64s
    passed_s: Float64s
    where: Seasons
    learnt: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Expectation:
    """What was expected of each reading, in its unit; `base` is the profile alone."""

    base: Float64s
    expected: Float64s
    scale: Float64s
    surprise: Float64s
    z: Float64s


def expect(columns: Columns, readings: Readings) -> Expectation:
    """Say what was expected before the reading was seen."""
    ids, values, where = readings.ids, readings.values, readings.where
    fresh = columns.seen[ids] == 0
    recent = np.where(fresh, values, columns.recent[ids])
    before = _knot(columns, ids, where.before, where.day, recent)
    after = _knot(columns, ids, where.after, where.day, recent)
    base = before + where.share * (after - before)
    expected = base + columns.level[ids]
    scale = _scale(columns, ids, where, expected)
    surprise = values - expected
    z = np.minimum(np.maximum(surprise / scale, -BIGGEST_Z), BIGGEST_Z)
    return Expectation(base=base, expected=expected, scale=scale, surprise=surprise, z=z)


def foretold(
    columns: Columns, config: Config, ids: Int64s, times_us: Int64s, where: Seasons, coverage: float
) -> Forecast:
    """Say what is expected at each time, `(datastreams, times)`, with the band that holds `coverage` of past readings."""
    each = [_foretold_one(columns, config, int(one), times_us, where) for one in ids]
    reach = reaches(columns.sizes[:, ids], columns.readings[ids], coverage)[:, None]
    expected = np.array([one[0] for one in each]).reshape(len(ids), len(times_us))
    margin = reach * np.array([one[1] for one in each]).reshape(len(ids), len(times_us))
    return Forecast(expected=expected, low=expected - margin, high=expected + margin, coverage=coverage)


def _foretold_one(
    columns: Columns, config: Config, one: int, times_us: Int64s, where: Seasons
) -> tuple[Float64s, Float64s]:
    """Return the expectation and the scale of one datastream at each time; NaN while it is being learnt."""
    ids = np.full(len(times_us), one, dtype=np.int64)
    ahead_s = np.maximum(times_us - columns.last_us[one], 0) / US_PER_S
    recent = columns.recent[ids]
    before = _knot(columns, ids, where.before, where.day, recent)
    after = _knot(columns, ids, where.after, where.day, recent)
    level = columns.level[ids] * np.exp(-ahead_s / config.level_s)
    learnt = columns.last_us[one] - columns.first_us[one] >= config.learning_s * US_PER_S
    expected = before + where.share * (after - before) + level
    scale = _scale(columns, ids, where, expected)
    unknown = np.full(len(times_us), np.nan)
    return (expected, scale) if learnt and columns.seen[one] > 0 else (unknown, unknown)


def _scale(columns: Columns, ids: Int64s, where: Seasons, expected: Float64s) -> Float64s:
    """Return one robust deviation: the half-hour's own leaning on the overall one, never below rounding."""
    visits = columns.scale_visits[where.now, ids]
    usual = (visits * columns.scale_bin[where.now, ids] + SCALE_TRUST * columns.scale[ids]) / (visits + SCALE_TRUST)
    scale = np.maximum(NORMAL * usual, FLOOR_OF_SPREAD * columns.spread[ids])
    return np.asarray(
        np.maximum(scale, FLOOR_OF_VALUE * np.abs(expected) + np.finfo(np.float64).tiny), dtype=np.float64
    )


def _knot(columns: Columns, ids: Int64s, half_hour: Int64s, day: Int64s, recent: Float64s) -> Float64s:
    """Return the profile at a half-hour: this kind of day's, leaning on all days', leaning on the last hour."""
    visits, profile = columns.visits, columns.profile
    every = visits[half_hour, ids]
    general = (every * profile[half_hour, ids] + TRUST * recent) / (every + TRUST)
    place = day * BINS + half_hour
    own = visits[place, ids]
    return np.asarray((own * profile[place, ids] + TRUST * general) / (own + TRUST), dtype=np.float64)


def rarity(columns: Columns, ids: Int64s, size: Float64s, continued: NDArray[np.bool_]) -> tuple[Float64s, Float64s]:
    """Return how often a day each datastream's own past reached this |z|, and one in how many readings did.

    Where `continued`, the reading goes on with the run of strange readings before it, and that run is no part of the past
    it is held against: what is being judged does not count against itself. Counted, not extrapolated: never rarer than
    the number of readings seen plus one (Laplace's rule of succession). Readings follow each other, so chance alarms come
    in clusters; the number is about readings, not events.
    """
    own = np.where(continued, columns.run_sizes[:, ids], 0)
    past = np.maximum(columns.sizes[:, ids] - own, 0)
    above = np.where(np.arange(LEVELS)[:, None] >= _level(size), past, 0).sum(axis=0, dtype=np.float64)
    readings = np.maximum(columns.readings[ids] - own.sum(axis=0, dtype=np.float64), above)
    return (above + 1.0) / (columns.days[ids] + 1.0), (readings + 1.0) / (above + 1.0)


def _level(size: Float64s) -> NDArray[np.int64]:
    """Return which size of surprise this is, -1 below 1."""
    steps = np.floor(STEPS_PER_DOUBLING * np.log2(np.maximum(size, 0.5)))
    return np.asarray(np.minimum(np.maximum(steps, -1), LEVELS - 1), dtype=np.int64)


def update(columns: Columns, config: Config, readings: Readings, expectation: Expectation) -> None:
    """Take the readings in."""
    ids, where = readings.ids, readings.where
    limit = np.where(readings.learnt, CLIP * expectation.scale, np.inf)
    kept = expectation.expected + np.minimum(np.maximum(expectation.surprise, -limit), limit)
    _update_levels(columns, config, readings, expectation, kept)
    _update_scale(columns, config, readings, expectation)
    visit = np.minimum(readings.passed_s, BIN_S) / BIN_S
    for half_hour, share in ((where.before, 1.0 - where.share), (where.after, where.share)):
        _visit(columns, config, ids, half_hour, visit * share, kept)
        _visit(columns, config, ids, where.day * BINS + half_hour, visit * share, kept)
    _count(columns, readings, expectation.z)
    _draw(columns, readings, expectation)
    columns.last_us[ids] = readings.time_us
    columns.last_value[ids] = readings.values
    columns.last_z[ids] = np.where(readings.learnt, expectation.z, 0.0)
    columns.seen[ids] += 1.0


def _update_levels(
    columns: Columns, config: Config, readings: Readings, expectation: Expectation, kept: Float64s
) -> None:
    ids, passed_s = readings.ids, readings.passed_s
    young = 1.0 / (columns.seen[ids] + 1.0)
    fast = np.maximum(np.minimum(passed_s / (RECENT_S + passed_s), 0.5), young)
    columns.recent[ids] += fast * (kept - columns.recent[ids])
    pace = np.minimum(passed_s / (config.level_s + passed_s), 0.5)
    columns.level[ids] += pace * (kept - expectation.base - columns.level[ids])
    slow = np.maximum(np.minimum(passed_s / (SPREAD_S + passed_s), 0.1), young)
    columns.mean[ids] += slow * (kept - columns.mean[ids])
    columns.spread[ids] += slow * (np.abs(kept - columns.mean[ids]) - columns.spread[ids])


def _update_scale(columns: Columns, config: Config, readings: Readings, expectation: Expectation) -> None:
    ids, now, passed_s = readings.ids, readings.where.now, readings.passed_s
    young = 1.0 / (columns.seen[ids] + 1.0)
    pace = np.maximum(np.minimum(passed_s / (config.scale_s + passed_s), 0.2), young)
    limit = np.where(readings.learnt, SCALE_CLIP * expectation.scale, np.inf)
    size = np.minimum(np.abs(expectation.surprise), limit)
    columns.scale[ids] += pace * (size - columns.scale[ids])
    have = columns.scale_visits[now, ids]
    visit = np.minimum(passed_s, BIN_S) / BIN_S
    columns.scale_bin[now, ids] += visit / (have + visit) * (size - columns.scale_bin[now, ids])
    columns.scale_visits[now, ids] = np.minimum(have + visit, config.memory_days)


def _visit(columns: Columns, config: Config, ids: Int64s, place: Int64s, visit: Float64s, kept: Float64s) -> None:
    """Move one knot of the profile: a mean at first, forgetting once it was visited `memory_days` times."""
    have = columns.visits[place, ids]
    pace = visit / np.maximum(have + visit, 1e-12)
    columns.profile[place, ids] += pace * (kept - columns.profile[place, ids])
    columns.visits[place, ids] = np.minimum(have + visit, config.memory_days)


def _count(columns: Columns, readings: Readings, z: Float64s) -> None:
    """Count the size of each surprise; what comes within a running event is that event and not counted again."""
    ids, passed_s = readings.ids, readings.passed_s
    counted = readings.learnt & (columns.active[ids] == 0)
    some = ids[counted]
    level = _level(np.abs(z[counted]))
    felt = level >= 0
    columns.sizes[level[felt], some[felt]] += 1.0
    in_run = felt & (columns.run[some] != 0)
    columns.run_sizes[level[in_run], some[in_run]] += 1.0
    columns.readings[some] += 1.0
    columns.days[some] += np.minimum(passed_s[counted], 3_600.0) / 86_400.0
    full = some[columns.days[some] > MEMORY_OF_SIZES_DAYS]
    columns.sizes[:, full] *= 0.5
    columns.readings[full] *= 0.5
    columns.days[full] *= 0.5


def _draw(columns: Columns, readings: Readings, expectation: Expectation) -> None:
    """Keep the newest reading for the plot; every few cadences it becomes a lasting point."""
    ids, time_us = readings.ids, readings.time_us
    spacing_us = (RING_READINGS * US_PER_S * columns.cadence_s[ids]).astype(np.int64)
    onward = time_us - columns.ring_us[ids] >= spacing_us
    columns.ring_us[ids[onward]] = time_us[onward]
    columns.ring_at[ids] = (columns.ring_at[ids] + onward) % POINTS
    place = columns.ring_at[ids]
    columns.ring_time[place, ids] = time_us
    columns.ring_value[place, ids] = readings.values
    columns.ring_expected[place, ids] = expectation.expected
    columns.ring_scale[place, ids] = expectation.scale
