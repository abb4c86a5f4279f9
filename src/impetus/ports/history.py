"""Protocol of history: readings kept in columns, by day and retention class."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import Batch


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What one retention sweep erased, and how many rows that were due it left because they are held."""

    at: datetime
    partitions: int
    rows: int
    bytes_: int
    held: int = 0
    is_complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Spared:
    """Readings of some datastreams in `since <= time < until` that retention leaves."""

    datastreams: frozenset[int]
    since: datetime
    until: datetime


class History(Protocol):
    """Readings kept in columns, by day and retention class."""

    def append(self, batch: Batch, retention: str, *, through: Offset) -> None:
        """Take readings in; they are durable after the next `flush`, together with the offset they came from."""
        ...

    def flush(self) -> Offset:
        """Write what was taken in, atomically, and return the offset through which history is durable."""
        ...

    def through(self) -> Offset:
        """Return the offset through which history is durable."""
        ...

    def read(
        self, datastreams: Sequence[DatastreamId], since: datetime, until: datetime, *, limit: int = 200_000
    ) -> Batch:
        """Return flushed readings with `since <= time < until`, by datastream then time; at most `limit`, the newest."""
        ...

    def latest(self) -> Batch:
        """Return the newest reading of each datastream taken in so far, flushed or not, by datastream."""
        ...

    def sweep(
        self, horizons: Mapping[str, datetime], *, spared: Sequence[Spared] = (), limit: int | None = None
    ) -> Swept:
        """Erase, per retention class, whole day partitions that ended before its horizon, all but the spared readings.

        At most `limit` partitions are changed; the newest values go with the days they were measured on.
        """
        ...

    def days(self) -> Sequence[tuple[str, str, int]]:
        """Return `(class, day, bytes)` of each partition, oldest first."""
        ...
