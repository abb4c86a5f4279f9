"""How every datastream of a tool stands now, in columns: what is expected, how surprising the newest reading is, and its health.

A tool that offers `standing` is asked for it every few seconds; the host writes it where screens read it, so that ten
thousand datastreams are one small table and never ten thousand objects. `p` is the chance of a reading at least this
surprising where nothing happens: small is surprising. A calibrated tool has one reading in a hundred with `p <= 0.01`;
`exceeded` of `judged` say how many it really had.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Malformed
from impetus.core.observation import Float64s, Int64s

NOMINAL_P = 0.01
"""The `p` that `exceeded` counts: one reading in a hundred, if the tool is calibrated."""
COVERAGE = 0.90
"""Share of calm readings that lie between `low` and `high`, where a tool states no other."""

UInt8s = NDArray[np.uint8]
Float32s = NDArray[np.float32]


class StandingState(IntEnum):
    """How a datastream stands, in rising need of a look."""

    LEARNING = 0
    """Too little was seen to judge."""
    CALM = 1
    STRANGE = 2
    """Within an event: readings are not what is normal for this place and time."""
    FAULT = 3
    """The instrument, not the city."""
    SILENT = 4
    """Nothing was heard for longer than the datastream's cadence allows."""


class FaultKind(IntEnum):
    """What is wrong with an instrument."""

    NONE = 0
    STUCK = 1
    DROPOUT = 2
    DRIFT = 3
    SPIKE = 4
    CLOCK = 5
    UNIT = 6
    MISSING = 7


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Standing:
    """One row per datastream, columns of shape `(datastreams,)`, ascending and without repetition by `datastream`.

    `time_us` is when the newest reading was measured, -1 for never; `measured` its value; `expected`, `low` and `high` what
    was expected of it, in the datastream's unit, the range with the stated `coverage`, 0..1; `p` 0..1; all NaN when unknown.
    `state` and `fault` hold `StandingState` and `FaultKind`. `alarms` started in `days` stream-days judged; `nominal` is how
    many a stream-day the tool promises where nothing happens. `exceeded` of `judged` readings had `p <= NOMINAL_P`.
    """

    at_us: int
    coverage: float
    datastream: Int64s
    time_us: Int64s
    measured: Float64s
    expected: Float64s
    low: Float64s
    high: Float64s
    p: Float64s
    state: UInt8s
    fault: UInt8s
    alarms: Int64s
    days: Float64s
    nominal: Float64s
    exceeded: Int64s
    judged: Int64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length or wrong type, ids out of order and codes nobody knows."""
        check_columns(self, STANDING_TYPES)
        if not 0.0 < self.coverage < 1.0:
            raise Malformed(f"coverage {self.coverage}", value=self.coverage, limit="above 0, below 1")
        if len(self) > 1 and not bool(np.all(np.diff(self.datastream) > 0)):
            raise Malformed("datastreams are not ascending", limit="ascending, each once", remedy="sort by datastream")
        for name, codes in (("state", StandingState), ("fault", FaultKind)):
            highest = int(getattr(self, name).max(initial=0))
            if highest > max(codes):
                raise Malformed(f"{name} {highest}", value=highest, limit=f"0..{max(codes)}")

    def __len__(self) -> int:
        """Return the number of datastreams."""
        return int(self.datastream.shape[0])

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Standing":
        """Return the standing of these rows (ascending), or of those where the mask is true."""
        return replace(self, **{name: getattr(self, name)[rows] for name in STANDING_TYPES})

    def rows_of(self, datastreams: Int64s) -> NDArray[np.intp]:
        """Return the row of each datastream, -1 where there is none."""
        if not len(self):
            return np.full(len(datastreams), -1, dtype=np.intp)
        rows = np.minimum(np.searchsorted(self.datastream, datastreams), len(self) - 1)
        return np.where(self.datastream[rows] == datastreams, rows, -1)


STANDING_TYPES: Mapping[str, type[np.generic]] = {
    "datastream": np.int64,
    "time_us": np.int64,
    "measured": np.float64,
    "expected": np.float64,
    "low": np.float64,
    "high": np.float64,
    "p": np.float64,
    "state": np.uint8,
    "fault": np.uint8,
    "alarms": np.int64,
    "days": np.float64,
    "nominal": np.float64,
    "exceeded": np.int64,
    "judged": np.int64,
}
"""Type of each column."""
UNKNOWN: Mapping[str, float] = {
    "time_us": -1,
    "measured": np.nan,
    "expected": np.nan,
    "low": np.nan,
    "high": np.nan,
    "p": np.nan,
}
"""What a column holds where nothing is known; 0 for those not named."""


def standing_of(columns: Mapping[str, NDArray[np.generic]], *, at_us: int, coverage: float) -> Standing:
    """Return a standing of columns by name, converted to their types; `Malformed` for a column that is missing."""
    missing = sorted(STANDING_TYPES.keys() - columns.keys())
    if missing:
        raise Malformed(f"no column {', '.join(missing)}", value=missing, limit=", ".join(STANDING_TYPES))
    typed = {name: columns[name].astype(kind, copy=False) for name, kind in STANDING_TYPES.items()}
    return Standing(at_us=at_us, coverage=coverage, **typed)


def unknown_standing(datastreams: Int64s, *, at_us: int, coverage: float = COVERAGE) -> Standing:
    """Return the standing of datastreams nothing is known about, to be filled in with `dataclasses.replace`.

    >>> unknown_standing(np.array([3, 7]), at_us=0).state.tolist()
    [0, 0]
    """
    count = len(datastreams)
    columns = {
        name: np.full(count, UNKNOWN.get(name, 0), dtype=kind)
        for name, kind in STANDING_TYPES.items()
        if name != "datastream"
    }
    return Standing(at_us=at_us, coverage=coverage, datastream=np.asarray(datastreams, dtype=np.int64), **columns)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What is expected of each datastream at coming times: `expected`, `low`, `high` of shape `(datastreams, times)`, NaN unknown.

    `datastream` ascending; `time_us` ascending microseconds; the range has the stated `coverage`.
    """

    at_us: int
    coverage: float
    datastream: Int64s
    time_us: Int64s
    expected: Float32s
    low: Float32s
    high: Float32s

    def __post_init__(self) -> None:
        """Refuse columns whose shapes do not fit each other."""
        shape = (len(self.datastream), len(self.time_us))
        shapes = {self.expected.shape, self.low.shape, self.high.shape}
        if shapes != {shape}:
            raise Malformed(
                f"shapes {sorted(shapes)}", limit=f"{shape}", remedy="one row a datastream, one column a time"
            )
        kinds = {column.dtype for column in (self.expected, self.low, self.high)}
        if kinds != {np.dtype(np.float32)} or {self.datastream.dtype, self.time_us.dtype} != {np.dtype(np.int64)}:
            raise Malformed(f"types {sorted(map(str, kinds))}", limit="int64 ids and times, float32 values")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StandingPast:
    """How datastreams stood at past moments, columns of shape `(rows,)`, by datastream, then `time_us`, the moment written down.

    `measured` is the newest reading at that moment; the other columns are as in `Standing`.
    """

    datastream: Int64s
    time_us: Int64s
    measured: Float32s
    expected: Float32s
    low: Float32s
    high: Float32s
    p: Float32s
    state: UInt8s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length or wrong type."""
        check_columns(self, PAST_TYPES)

    def __len__(self) -> int:
        """Return the number of rows."""
        return int(self.datastream.shape[0])

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "StandingPast":
        """Return these rows, or those where the mask is true."""
        return StandingPast(**{name: getattr(self, name)[rows] for name in PAST_TYPES})


PAST_TYPES: Mapping[str, type[np.generic]] = {
    "datastream": np.int64,
    "time_us": np.int64,
    "measured": np.float32,
    "expected": np.float32,
    "low": np.float32,
    "high": np.float32,
    "p": np.float32,
    "state": np.uint8,
}
"""Type of each column; what is kept for thirty days is kept in four bytes."""


def past_of(standing: Standing, at_us: int) -> StandingPast:
    """Return a standing as the row of the past that is written down at `at_us`."""
    columns = {name: getattr(standing, name).astype(kind) for name, kind in PAST_TYPES.items() if name != "time_us"}
    return StandingPast(time_us=np.full(len(standing), at_us, dtype=np.int64), **columns)


def joined_past(parts: Sequence[StandingPast]) -> StandingPast:
    """Join parts and order them by datastream, then time."""
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts] or [np.empty(0, dtype=kind)])
        for name, kind in PAST_TYPES.items()
    }
    return StandingPast(**columns).take(np.lexsort((columns["time_us"], columns["datastream"])))


def check_columns(table: object, types: Mapping[str, type[np.generic]]) -> None:
    """Raise `Malformed` unless every named column is one-dimensional, of its type, and as long as the others."""
    columns = {name: getattr(table, name) for name in types}
    wrong = sorted(
        name for name, column in columns.items() if column.dtype != np.dtype(types[name]) or column.ndim != 1
    )
    lengths = sorted({len(column) for column in columns.values() if column.ndim == 1})
    if wrong or len(lengths) > 1:
        raise Malformed(
            f"columns {', '.join(wrong) or 'differ in length'} ({lengths})"[:300],
            limit=", ".join(f"{name} {np.dtype(kind)}" for name, kind in types.items()),
            remedy="send one-dimensional columns of one length and these types",
        )
