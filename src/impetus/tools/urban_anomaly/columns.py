"""The state: one row per datastream id, one NumPy column per quantity, about 4 KiB a datastream."""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s
from impetus.tools.urban_anomaly.seasons import BINS

DAYS = 3
"""Profiles: all days, working days, week-ends."""
LEVELS = 32
"""Sizes of surprise that are counted: |z| from 1 up, five steps to a doubling, the last open."""
STEPS_PER_DOUBLING = 5
POINTS = 96
"""Points kept for the plot that explains a finding; what fits a screen's width at a glance. House rule."""


@dataclass(slots=True, kw_only=True, eq=False)
class Columns:
    """Shape `(datastreams,)` unless said otherwise; times are microseconds since the epoch, -1 for never.

    `profile`, `visits`: `(3 x 48, datastreams)`. `scale_bin`, `scale_visits`: `(48, datastreams)`. `sizes`:
    `(32, datastreams)` how often each size of surprise came over `days` days; `run_sizes`: those among them of the run of
    strange readings that lasts. `last_p`, `last_expected`, `last_scale`: how the newest reading stood, NaN unknown; `nines`: its
    seasonal surprise in powers of ten. `alarms`: events started; `exceeded` of `judged` readings had p <= 0.01. `ring_*`: `(96, datastreams)`, newest at `ring_at`. Datastreams come last because readings
    of one moment lie in one row then, side by side in memory.
    """

    known: NDArray[np.bool_]
    cadence_s: Float64s
    first_us: Int64s
    last_us: Int64s
    last_value: Float64s
    last_z: Float64s
    last_p: Float64s
    last_expected: Float64s
    last_scale: Float64s
    nines: Float64s
    alarms: Int64s
    judged: Int64s
    exceeded: Int64s
    seen: Float64s
    recent: Float64s
    level: Float64s
    mean: Float64s
    spread: Float64s
    scale: Float64s
    profile: Float64s
    visits: NDArray[np.float32]
    scale_bin: NDArray[np.float32]
    scale_visits: NDArray[np.float32]
    sizes: NDArray[np.float32]
    run_sizes: NDArray[np.float32]
    readings: Float64s
    days: Float64s
    run: NDArray[np.int32]
    active: NDArray[np.int8]
    calm: NDArray[np.int32]
    peak: Float64s
    hold_us: Int64s
    equal: NDArray[np.int32]
    equal_us: Int64s
    longest: NDArray[np.int32]
    moves: Float64s
    spike_us: Int64s
    stuck: NDArray[np.bool_]
    ring_time: Int64s
    ring_value: NDArray[np.float32]
    ring_expected: NDArray[np.float32]
    ring_scale: NDArray[np.float32]
    ring_at: NDArray[np.int32]
    ring_us: Int64s


TYPES: dict[str, tuple[type[np.generic], int]] = {
    "known": (np.bool_, 0),
    "first_us": (np.int64, 0),
    "last_us": (np.int64, 0),
    "profile": (np.float64, DAYS * BINS),
    "visits": (np.float32, DAYS * BINS),
    "scale_bin": (np.float32, BINS),
    "scale_visits": (np.float32, BINS),
    "sizes": (np.float32, LEVELS),
    "run_sizes": (np.float32, LEVELS),
    "alarms": (np.int64, 0),
    "judged": (np.int64, 0),
    "exceeded": (np.int64, 0),
    "run": (np.int32, 0),
    "active": (np.int8, 0),
    "calm": (np.int32, 0),
    "hold_us": (np.int64, 0),
    "equal": (np.int32, 0),
    "equal_us": (np.int64, 0),
    "longest": (np.int32, 0),
    "spike_us": (np.int64, 0),
    "stuck": (np.bool_, 0),
    "ring_time": (np.int64, POINTS),
    "ring_value": (np.float32, POINTS),
    "ring_expected": (np.float32, POINTS),
    "ring_scale": (np.float32, POINTS),
    "ring_at": (np.int32, 0),
    "ring_us": (np.int64, 0),
}
"""Type and width of each column; those not named are float64, one a datastream."""
NEVER = frozenset({"first_us", "last_us", "equal_us", "spike_us", "ring_time", "ring_us"})


def fresh_columns(count: int) -> Columns:
    """Return the state of datastreams nothing is known about."""
    made: dict[str, NDArray[np.generic]] = {}
    for item in fields(Columns):
        kind, width = TYPES.get(item.name, (np.float64, 0))
        shape = (width, count) if width else (count,)
        made[item.name] = np.full(shape, -1 if item.name in NEVER else 0, dtype=kind)
    made["last_value"] = np.full(count, np.nan)
    made["last_p"], made["last_expected"], made["last_scale"] = (np.full(count, np.nan) for _ in range(3))
    made["cadence_s"] = np.full(count, 60.0)
    return Columns(**made)  # type: ignore[arg-type]  # TYPES gives each column the type the class states


def grown(columns: Columns, count: int) -> Columns:
    """Return columns of at least this many rows with the old ones in front."""
    have = len(columns.known)
    if count <= have:
        return columns
    more = fresh_columns(count - have)
    return Columns(
        **{
            item.name: np.concatenate((getattr(columns, item.name), getattr(more, item.name)), axis=-1)
            for item in fields(Columns)
        }
    )
