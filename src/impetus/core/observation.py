"""Things, datastreams and observations, as in OGC SensorThings 1.1, with observations in columns.

A `Batch` is three NumPy columns of equal length and nothing else; there is no Python object per reading anywhere
between the socket and the detector. Times are whole microseconds since 1970-01-01 UTC, so that comparing, sorting and
subtracting stay integer work.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.place import Point

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
US_PER_S = 1_000_000

Int64s = NDArray[np.int64]
Float64s = NDArray[np.float64]


def to_us(at: datetime) -> int:
    """Return whole microseconds since the epoch of an aware datetime; a naive one is an error.

    >>> to_us(datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC))
    1000000
    """
    if at.tzinfo is None:
        raise Malformed(f"time {at} has no zone", value=at, limit="an aware UTC time", remedy="add Z or an offset")
    return (at - EPOCH) // timedelta(microseconds=1)


def from_us(us: int) -> datetime:
    """Return the aware UTC datetime of whole microseconds since the epoch."""
    return EPOCH + timedelta(microseconds=int(us))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """Readings in columns, all of shape `(readings,)`.

    `datastream` int64 ids; `time_us` int64 phenomenon time, microseconds since the epoch UTC; `result` float64 in the
    datastream's unit, NaN when the sensor said it has no value. No order is promised.
    """

    datastream: Int64s
    time_us: Int64s
    result: Float64s

    def __post_init__(self) -> None:
        """Refuse columns of unequal length or wrong type: a wrong column is a bug worth stopping for."""
        shapes = {self.datastream.shape, self.time_us.shape, self.result.shape}
        types = tuple(column.dtype.str[1:] for column in (self.datastream, self.time_us, self.result))
        if len(shapes) != 1 or self.datastream.ndim != 1 or types != ("i8", "i8", "f8"):
            raise Malformed(
                f"columns differ: shapes {shapes}, types {types}",
                limit="one shape (readings,), int64, int64, float64",
                remedy="send three columns of one length",
            )

    def __len__(self) -> int:
        """Return the number of readings."""
        return int(self.datastream.shape[0])

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> "Batch":
        """Return the readings at these rows, or where the mask is true."""
        return Batch(datastream=self.datastream[rows], time_us=self.time_us[rows], result=self.result[rows])


def batch_of(
    datastream: Sequence[int] | Int64s, time_us: Sequence[int] | Int64s, result: Sequence[float] | Float64s
) -> Batch:
    """Build a batch from anything array-like, converting types; raises `Malformed` when lengths differ."""
    return Batch(
        datastream=np.asarray(datastream, dtype=np.int64),
        time_us=np.asarray(time_us, dtype=np.int64),
        result=np.asarray(result, dtype=np.float64),
    )


def empty_batch() -> Batch:
    """Return a batch without readings."""
    return batch_of([], [], [])


def concatenate(batches: Sequence[Batch]) -> Batch:
    """Join batches in the order given."""
    if not batches:
        return empty_batch()
    return Batch(
        datastream=np.concatenate([batch.datastream for batch in batches]),
        time_us=np.concatenate([batch.time_us for batch in batches]),
        result=np.concatenate([batch.result for batch in batches]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where data comes from. `freshness_s` is the silence after which a watch raises an alert, 0 for never."""

    id: SourceId
    name: str
    kind: str
    simulated: bool = False
    freshness_s: float = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Datastream:
    """One property of one thing, as declared; undeclared datastreams are refused at ingest.

    `lowest` and `highest` bound what the instrument can physically report, in `unit` (UCUM code); `cadence_s` is the
    nominal seconds between readings, 0 for irregular. `personal` is never true for what is accepted as a reading.
    """

    id: DatastreamId
    key: DatastreamKey
    source: SourceId
    thing: ThingKey
    thing_name: str
    observed_property: str
    unit: str
    point: Point | None = None
    zone: ZoneId | None = None
    lowest: float = -1e18
    highest: float = 1e18
    cadence_s: float = 60.0
    freshness_s: float = 0.0
    retention: str = "observations"
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """Every declared datastream of an installation, by id, with a version that rises at each change."""

    version: int = 0
    datastreams: Mapping[DatastreamId, Datastream] = field(default_factory=dict)

    def by_key(self) -> dict[DatastreamKey, Datastream]:
        """Return the datastreams by their stable name."""
        return {datastream.key: datastream for datastream in self.datastreams.values()}

    def highest_id(self) -> int:
        """Return the highest id in use, 0 for none: the length of per-datastream state columns is one more."""
        return max(self.datastreams, default=0)
