"""Files of the history: their names say all that is needed to leave them closed.

A partition is a directory `class/day`. A file is named `first_last_rows_min_max_level.parquet`: the flushes it holds,
its rows, the microseconds of its oldest and newest reading, and how often its rows were merged. Files of a partition hold
disjoint ranges of flushes, except that a merged file covers those it was made from: whatever lies inside another's range
has been replaced by it and counts no more. Of two files of the same flushes the one merged more often counts: retention
wrote it anew without what was due.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from impetus.core.observation import US_PER_S

NAME = re.compile(r"(\d{12})_(\d{12})_(\d+)_(-?\d+)_(-?\d+)_(\d+)\.parquet")
CLASS = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
DAY = re.compile(r"-?\d{3,6}-\d\d-\d\d")
"""A day as NumPy writes it: the year 1 before our era is `-001`."""
US_PER_DAY = 86_400 * US_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One file. `first` and `last` are the flushes it holds; `oldest_us` and `newest_us` bound its readings."""

    path: Path
    first: int
    last: int
    rows: int
    oldest_us: int
    newest_us: int
    level: int

    def is_in(self, other: "Part") -> bool:
        """Say whether another file covers this one's flushes and more, or the same ones after another merge."""
        if (other.first, other.last) == (self.first, self.last):
            return other.level > self.level
        return other.first <= self.first and self.last <= other.last


@dataclass(frozen=True, slots=True, kw_only=True)
class Partition:
    """A day of a class."""

    retention: str
    day: str
    path: Path

    @property
    def start_us(self) -> int:
        """Return the microsecond the day begins."""
        return int(np.datetime64(self.day, "D").astype(np.int64)) * US_PER_DAY

    @property
    def end_us(self) -> int:
        """Return the microsecond the day is over."""
        return self.start_us + US_PER_DAY


def day_name(day: int) -> str:
    """Return the name of a day counted from 1970-01-01, 0 being that day.

    >>> day_name(20_513)
    '2026-03-01'
    """
    return str(np.datetime64(day, "D"))


def part_name(part: tuple[int, int], rows: int, span_us: tuple[int, int], level: int) -> str:
    """Return the name of a file of these flushes, rows, times and merges."""
    return f"{part[0]:012d}_{part[1]:012d}_{rows}_{span_us[0]}_{span_us[1]}_{level}.parquet"


def partitions(directory: Path) -> list[Partition]:
    """Return the partitions there are, oldest day first."""
    found = [
        Partition(retention=kept.name, day=day.name, path=Path(day.path))
        for kept in _directories(directory)
        if CLASS.fullmatch(kept.name)
        for day in _directories(Path(kept.path))
        if DAY.fullmatch(day.name)
    ]
    return sorted(found, key=lambda partition: (partition.start_us, partition.retention))


def all_parts(directory: Path) -> list[Part]:
    """Return every file of a partition by its flushes, replaced and uncommitted ones included."""
    try:
        names = os.listdir(directory)  # noqa: PTH208 - names are all that is read; a day may have thousands
    except FileNotFoundError:
        return []
    parts = []
    for match in filter(None, map(NAME.fullmatch, names)):
        first, last, rows, oldest_us, newest_us, level = map(int, match.groups())
        parts.append(
            Part(
                path=directory / match.string,
                first=first,
                last=last,
                rows=rows,
                oldest_us=oldest_us,
                newest_us=newest_us,
                level=level,
            )
        )
    return sorted(parts, key=lambda part: (part.first, -part.last, -part.level))


def live_parts(directory: Path, flushed: int) -> list[Part]:
    """Return the files that count: of committed flushes, and not replaced by a merged one."""
    live: list[Part] = []
    for part in all_parts(directory):
        if part.last <= flushed and not (live and part.is_in(live[-1])):
            live.append(part)
    return live


def _directories(directory: Path) -> Iterator[os.DirEntry[str]]:
    """Walk the directories in a directory, none when it is gone."""
    try:
        with os.scandir(directory) as entries:
            yield from (entry for entry in entries if entry.is_dir(follow_symlinks=False))
    except FileNotFoundError:
        return
