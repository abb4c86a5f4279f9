"""Readings kept as Parquet files by class and UTC day; one process appends, any process reads.

What is taken in waits in memory. A flush writes one file per class and day, and then one small state file with the
number of the flush and the offset it reaches: that is the moment it happened. Files of a later flush than the state's do
not count and are removed at the next start, so whoever is killed whenever, each reading is there exactly once when the
bus is read again from `through`. Retention is removing a day's directory.
"""

import contextlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

import numpy as np

from impetus.adapters.durable_file import disk_full, sync_directory, write_durably
from impetus.adapters.parquet.columns import in_order, read_rows, write_part
from impetus.adapters.parquet.erase import Erased, erase_partition
from impetus.adapters.parquet.files import (
    CLASS,
    US_PER_DAY,
    Part,
    Partition,
    all_parts,
    day_name,
    live_parts,
    partitions,
)
from impetus.adapters.parquet.latest import Latest, read_latest
from impetus.adapters.parquet.merge import merge_once, remove_replaced
from impetus.core.errors import Malformed, NotNow, OurFault
from impetus.core.ids import DatastreamId, Offset
from impetus.core.observation import US_PER_S, Batch, concatenate, empty_batch, from_us, to_us
from impetus.ports import Spared, Swept

BUFFER_ROWS = 4_000_000
"""Readings taken in at most before a flush must succeed: 96 MB, 40 s at 100,000 a second. House rule."""
FIRST_WINDOW_US = 600 * US_PER_S
"""Reading goes back from the end in windows, first ten minutes, so that a limit also bounds what is looked at."""
ATTEMPTS = 20
"""Times a reader looks again when files are merged or swept under it."""


class ParquetHistory:
    """Port `History` over a directory. The first `append` makes this process the one that appends."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._state = directory / "state.json"
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._waiting: dict[str, list[Batch]] = {}
        self._waiting_rows = 0
        self._taken = Offset(0)
        self._latest: Latest | None = None
        self._settled: dict[Path, tuple[tuple[tuple[Spared, ...], tuple[str, ...]], Erased]] = {}

    def append(self, batch: Batch, retention: str, *, through: Offset) -> None:
        """Take readings in; `NotNow` when too many wait because flushes failed."""
        if not CLASS.fullmatch(retention):
            raise Malformed(f"{retention!r} cannot name a retention class", value=retention, limit=CLASS.pattern)
        latest = self._open()
        if self._waiting_rows + len(batch) > BUFFER_ROWS:
            raise NotNow(
                f"{self._waiting_rows} readings wait for the disk",
                retry_after_s=1.0,
                value=self._waiting_rows,
                limit=BUFFER_ROWS,
                remedy="flush; free space if that fails",
            )
        latest.take_in(batch)
        if len(batch):
            self._waiting.setdefault(retention, []).append(batch)
            self._waiting_rows += len(batch)
        self._taken = through

    def flush(self) -> Offset:
        """Write what was taken in and return the offset through which history is durable; `NotNow` when the disk is full.

        Also merges one group of small files in each partition written to.
        """
        flushed, through = self._read_state()
        if self._latest is None or self._taken == through:
            return through
        files: list[Path] = []
        try:
            self._write_waiting(flushed + 1, files)
            self._latest.save()
            write_durably(self._state, json.dumps({"flush": flushed + 1, "through": self._taken}).encode())
        except (OSError, NotNow) as error:
            if self._read_state()[0] == flushed:
                for file in files:
                    file.unlink(missing_ok=True)
            raise disk_full(error, self._directory) if isinstance(error, OSError) else error from error
        self._waiting, self._waiting_rows = {}, 0
        for directory in sorted({file.parent for file in files}):
            # No room to merge is no harm: the next flush tries again.
            with contextlib.suppress(NotNow):
                merge_once(directory, flushed + 1)
        return self._taken

    def through(self) -> Offset:
        """Return the offset through which history is durable."""
        return self._read_state()[1]

    def read(
        self, datastreams: Sequence[DatastreamId], since: datetime, until: datetime, *, limit: int = 200_000
    ) -> Batch:
        """Return flushed readings with `since <= time < until`, by datastream then time; at most `limit`, the newest.

        Cost: opens the files whose times overlap, and of these the groups that may hold the datastreams.
        """
        for _ in range(ATTEMPTS):
            try:
                return _newest(self._gather(datastreams, to_us(since), to_us(until), limit), limit)
            except FileNotFoundError:
                continue
        raise OurFault("files of the history change faster than they are read", remedy="read again")

    def latest(self) -> Batch:
        """Return the newest reading of each datastream taken in so far, flushed or not, by datastream."""
        return read_latest(self._directory) if self._latest is None else self._latest.all()

    def sweep(
        self, horizons: Mapping[str, datetime], *, spared: Sequence[Spared] = (), limit: int | None = None
    ) -> Swept:
        """Erase, per retention class, whole day partitions that ended before its horizon, all but the spared readings."""
        flushed, _ = self._read_state()
        at = max(horizons.values(), default=from_us(0))
        due = [
            partition
            for partition in partitions(self._directory)
            if partition.retention in horizons and partition.end_us <= to_us(horizons[partition.retention])
        ]
        done: list[Erased] = []
        for partition in due:
            if limit is not None and sum(1 for one in done if one.rows) >= limit:
                break
            done.append(self._erase(partition, flushed, spared))
        self._open().forget(to_us(at) // US_PER_DAY * US_PER_DAY)
        return Swept(
            at=at,
            partitions=sum(1 for one in done if one.rows),
            rows=sum(one.rows for one in done),
            bytes_=sum(one.bytes_ for one in done),
            held=sum(one.held for one in done),
            is_complete=len(done) == len(due),
        )

    def days(self) -> Sequence[tuple[str, str, int]]:
        """Return `(class, day, bytes)` of each partition, oldest first."""
        return [(one.retention, one.day, _size(one)) for one in partitions(self._directory)]

    def _erase(self, partition: Partition, flushed: int, spared: Sequence[Spared]) -> Erased:
        """Erase a partition, unless it was found to hold only what is spared and has not changed since."""
        look = (tuple(spared), tuple(part.path.name for part in all_parts(partition.path)))
        known = self._settled.get(partition.path)
        if known is not None and known[0] == look:
            return known[1]
        erased = erase_partition(partition, flushed, spared)
        self._settled.pop(partition.path, None)
        if erased.held:
            names = tuple(part.path.name for part in all_parts(partition.path))
            self._settled[partition.path] = ((tuple(spared), names), Erased(held=erased.held))
        return erased

    def _open(self) -> Latest:
        """Become the process that appends: remove what an earlier one could not finish."""
        if self._latest is None:
            flushed, through = self._read_state()
            for partition in partitions(self._directory):
                for half in partition.path.glob("*.new"):
                    half.unlink()
                remove_replaced(partition.path, flushed)
            self._taken = through
            self._latest = Latest(self._directory)
        return self._latest

    def _read_state(self) -> tuple[int, Offset]:
        """Return the number of the last flush and the offset it reached."""
        try:
            state = json.loads(self._state.read_bytes())
            return int(state["flush"]), Offset(int(state["through"]))
        except FileNotFoundError:
            return 0, Offset(0)
        except (ValueError, KeyError, TypeError) as error:
            raise OurFault(
                f"{self._state} cannot be read", value=str(self._state), remedy="restore it from a backup"
            ) from error

    def _write_waiting(self, flush: int, files: list[Path]) -> None:
        """Write the files of a flush, which do not count yet, and add them to `files` one by one."""
        for retention, batches in self._waiting.items():
            for day, batch in _by_day(in_order(concatenate(batches))):
                directory = self._directory / retention / day
                if not directory.exists():
                    directory.mkdir(mode=0o700, parents=True)
                    sync_directory(directory.parent)
                    sync_directory(self._directory)
                files.append(write_part(directory, batch, (flush, flush), level=0))
        for directory in {file.parent for file in files}:
            sync_directory(directory)

    def _gather(self, datastreams: Sequence[DatastreamId], since_us: int, until_us: int, limit: int) -> list[Batch]:
        """Go back from the end window by window until there is enough."""
        flushed, _ = self._read_state()
        parts = self._overlapping(since_us, until_us, flushed)
        found: list[Batch] = []
        window_us, end_us, rows = FIRST_WINDOW_US, until_us, 0
        while end_us > since_us and rows < limit and parts:
            # Nothing lies between here and the newest file left: go there at once.
            end_us = min(end_us, max(part.newest_us for part in parts) + 1)
            start_us = max(since_us, end_us - window_us)
            for part in parts:
                if part.newest_us >= start_us and part.oldest_us < end_us:
                    found.append(read_rows(part, datastreams, start_us, end_us))
                    rows += len(found[-1])
            parts = [part for part in parts if part.oldest_us < start_us]
            end_us, window_us = start_us, window_us * (4 if rows * 4 < limit else 1)
        return found

    def _overlapping(self, since_us: int, until_us: int, flushed: int) -> list[Part]:
        """Return the files that count and may hold readings of a span."""
        return [
            part
            for partition in partitions(self._directory)
            if partition.start_us < until_us and partition.end_us > since_us
            for part in live_parts(partition.path, flushed)
            if part.oldest_us < until_us and part.newest_us >= since_us
        ]


def _by_day(batch: Batch) -> list[tuple[str, Batch]]:
    """Split readings by UTC day; each part keeps the order."""
    days = batch.time_us // US_PER_DAY
    return [(day_name(int(day)), batch.take(days == day)) for day in np.unique(days)]


def _newest(found: Sequence[Batch], limit: int) -> Batch:
    """Join, keep the newest `limit`, and order by datastream then time."""
    batch = concatenate(found) if found else empty_batch()
    if len(batch) > limit:
        batch = batch.take(np.argsort(batch.time_us, kind="stable")[len(batch) - limit :])
    return in_order(batch)


def _size(partition: Partition) -> int:
    """Return the bytes of a partition's files."""
    size = 0
    for part in all_parts(partition.path):
        # Merged or swept away meanwhile: it takes nothing any more.
        with contextlib.suppress(FileNotFoundError):
            size += part.path.stat().st_size
    return size
