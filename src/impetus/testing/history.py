"""History in memory, for tests."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import numpy as np

from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import EPOCH, Batch, concatenate, empty_batch, from_us, to_us
from impetus.ports import Spared, Swept

BYTES_PER_ROW = 24


class MemoryHistory:
    """Port `History` over lists; what was not flushed is not read, as on a disk."""

    def __init__(self) -> None:
        self._waiting: list[tuple[str, Batch]] = []
        self._kept: dict[str, Batch] = {}
        self._newest: dict[int, tuple[int, float]] = {}
        self._taken = Offset(0)
        self._through = Offset(0)

    def append(self, batch: Batch, retention: str, *, through: Offset) -> None:
        """Take readings in."""
        self._waiting.append((retention, batch))
        self._taken = through
        columns = (batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist())
        for datastream, time_us, result in zip(*columns, strict=True):
            if datastream not in self._newest or self._newest[datastream][0] <= time_us:
                self._newest[datastream] = (time_us, result)

    def flush(self) -> Offset:
        """Keep what was taken in."""
        for retention, batch in self._waiting:
            self._kept[retention] = concatenate([self._kept.get(retention, empty_batch()), batch])
        self._waiting = []
        self._through = self._taken
        return self._through

    def through(self) -> Offset:
        """Return the offset through which readings are kept."""
        return self._through

    def read(
        self, datastreams: Sequence[DatastreamId], since: datetime, until: datetime, *, limit: int = 200_000
    ) -> Batch:
        """Return kept readings by datastream then time; at most `limit`, the newest."""
        batch = concatenate(list(self._kept.values()))
        batch = batch.take(
            np.isin(batch.datastream, np.asarray(datastreams, dtype=np.int64))
            & (batch.time_us >= to_us(since))
            & (batch.time_us < to_us(until))
        )
        if len(batch) > limit:
            batch = batch.take(np.argsort(batch.time_us, kind="stable")[len(batch) - limit :])
        return batch.take(np.lexsort((batch.time_us, batch.datastream)))

    def latest(self) -> Batch:
        """Return the newest reading of each datastream, by datastream."""
        ids = sorted(self._newest)
        return Batch(
            datastream=np.array(ids, dtype=np.int64),
            time_us=np.array([self._newest[one][0] for one in ids], dtype=np.int64),
            result=np.array([self._newest[one][1] for one in ids], dtype=np.float64),
        )

    def sweep(
        self, horizons: Mapping[str, datetime], *, spared: Sequence[Spared] = (), limit: int | None = None
    ) -> Swept:
        """Erase, per class, whole days that ended before its horizon, all but the spared readings; all at once."""
        del limit
        partitions = rows = held = 0
        for retention, horizon in horizons.items():
            batch = self._kept.get(retention, empty_batch())
            start_us = to_us(EPOCH + timedelta(days=(horizon - EPOCH).days))
            due = batch.time_us < start_us
            old = due & ~_spared(batch, spared)
            held += int(due.sum() - old.sum())
            partitions += len(np.unique(_days(batch.take(old))))
            rows += int(old.sum())
            self._kept[retention] = batch.take(~old)
        at = max(horizons.values(), default=EPOCH)
        last_us = to_us(EPOCH + timedelta(days=(at - EPOCH).days))
        self._newest = {one: newest for one, newest in self._newest.items() if newest[0] >= last_us}
        return Swept(at=at, partitions=partitions, rows=rows, bytes_=rows * BYTES_PER_ROW, held=held)

    def days(self) -> Sequence[tuple[str, str, int]]:
        """Return `(class, day, bytes)` of each day kept, oldest first."""
        found = [
            (retention, from_us(int(day) * 86_400_000_000).date().isoformat(), int((_days(batch) == day).sum()))
            for retention, batch in self._kept.items()
            for day in np.unique(_days(batch))
        ]
        return sorted(
            ((retention, day, rows * BYTES_PER_ROW) for retention, day, rows in found), key=lambda one: (one[1], one[0])
        )


def _spared(batch: Batch, spared: Sequence[Spared]) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Return which readings are spared."""
    kept = np.zeros(len(batch), dtype=np.bool_)
    for one in spared:
        within = (batch.time_us >= to_us(one.since)) & (batch.time_us < to_us(one.until))
        kept |= within & np.isin(batch.datastream, np.array(sorted(one.datastreams), dtype=np.int64))
    return kept


def _days(batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Return the UTC day of each reading, counted from 1970-01-01."""
    return np.asarray(batch.time_us // 86_400_000_000, dtype=np.int64)
