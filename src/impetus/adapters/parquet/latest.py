"""The newest reading of each datastream, in memory that all processes map.

Two columns by datastream id. Whoever writes (one process) counts up before and after each change; a reader copies the
columns and looks again when the count was odd or has moved. What the columns held at the last flush is kept in a file of
its own, so that after a restart they are right together with the readings taken in again since.
"""

import io
import mmap
import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from impetus.adapters.durable_file import disk_full, write_durably
from impetus.core.observation import Batch, Float64s, Int64s, batch_of, empty_batch

HEAD_BYTES = 64
ABSENT = np.iinfo(np.int64).min
"""Time of a datastream that has no reading yet."""
LEAST_ROWS = 1024
MOST_ROWS = 16_777_216
"""Highest datastream id kept: 256 MiB of columns, far beyond a city's sensors. House rule."""
ATTEMPTS = 1000
"""Times a reader looks again before it takes what is there: a writer that died in the middle must not stop a screen."""

Words = NDArray[np.int64]


class Latest:
    """The writing side; only one process may have it."""

    def __init__(self, directory: Path) -> None:
        self._file = directory / "latest"
        self._saved = directory / "latest.saved"
        self._map: mmap.mmap | None = None
        self._words: Words = np.zeros(0, dtype=np.int64)
        self._rows = 0
        self._grow(LEAST_ROWS)
        self.take_in(_load(self._saved))

    def take_in(self, batch: Batch) -> None:
        """Keep what is newer than what is held; of equally new readings the later one."""
        known = (batch.datastream > 0) & (batch.datastream < MOST_ROWS) & (batch.time_us > ABSENT)
        batch = batch if known.all() else batch.take(known)
        if not len(batch):
            return
        self._grow(int(batch.datastream.max()) + 1)
        times, results = _columns(self._words, self._rows)
        newer = batch.take(batch.time_us >= times[batch.datastream])
        newer = newer.take(np.argsort(newer.time_us, kind="stable"))
        self._words[0] += 1
        # Of several readings of one datastream the last assigned stays: NumPy, "Assigning values to indexed arrays".
        times[newer.datastream] = newer.time_us
        results[newer.datastream] = newer.result
        self._words[0] += 1

    def forget(self, before_us: int) -> int:
        """Forget readings of before a time, in memory and on disk; return how many. What was saved last is replaced."""
        times, results = _columns(self._words, self._rows)
        old = (times != ABSENT) & (times < before_us)
        count = int(old.sum())
        if count:
            self._words[0] += 1
            times[old] = ABSENT
            results[old] = 0.0
            self._words[0] += 1
            self.save()
        return count

    def all(self) -> Batch:
        """Return the newest readings by datastream."""
        return _present(*_columns(self._words, self._rows))

    def save(self) -> None:
        """Write what is held to disk; `NotNow` when there is no room."""
        content = io.BytesIO()
        batch = self.all()
        np.save(content, np.stack([batch.datastream, batch.time_us, batch.result.view(np.int64)]))
        write_durably(self._saved, content.getvalue())

    def _grow(self, rows: int) -> None:
        """Make room for ids below `rows`: a new file takes the old one's name, readers follow."""
        if rows <= self._rows:
            return
        rows = max(rows, 2 * self._rows)
        temporary = self._file.with_suffix(".new")
        try:
            descriptor = os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
            try:
                os.posix_fallocate(descriptor, 0, HEAD_BYTES + 16 * rows)
                mapped = mmap.mmap(descriptor, HEAD_BYTES + 16 * rows)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise disk_full(error, self._file) from error
        words = np.frombuffer(mapped, dtype=np.int64)
        times, results = _columns(words, rows)
        times[:] = ABSENT
        old_times, old_results = _columns(self._words, self._rows) if self._rows else (times[:0], results[:0])
        times[: self._rows], results[: self._rows] = old_times, old_results
        words[1] = rows
        temporary.rename(self._file)
        self._map, self._words, self._rows = mapped, words, rows


def read_latest(directory: Path) -> Batch:
    """Return the newest readings by datastream, from any process; empty before the first start."""
    try:
        with (directory / "latest").open("rb") as file:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    except (FileNotFoundError, ValueError):
        return empty_batch()
    words = np.frombuffer(mapped, dtype=np.int64)
    rows = int(words[1])
    for _ in range(ATTEMPTS):
        before = int(words[0])
        times, results = _columns(words, rows)
        copied = _present(times, results)
        if before % 2 == 0 and int(words[0]) == before:
            break
    return copied


def _columns(words: Words, rows: int) -> tuple[Int64s, Float64s]:
    """Return the two columns in mapped memory."""
    start = HEAD_BYTES // 8
    return words[start : start + rows], words[start + rows : start + 2 * rows].view(np.float64)


def _present(times: Int64s, results: Float64s) -> Batch:
    """Return the rows that have a reading."""
    ids = np.flatnonzero(times != ABSENT)
    return batch_of(ids, times[ids], results[ids])


def _load(file: Path) -> Batch:
    """Read what was saved; nothing when there is no such file or it is damaged: display fails open."""
    try:
        columns = np.load(io.BytesIO(file.read_bytes()), allow_pickle=False)
        return batch_of(columns[0], columns[1], columns[2].view(np.float64))
    except (FileNotFoundError, ValueError, EOFError, IndexError):
        return empty_batch()
