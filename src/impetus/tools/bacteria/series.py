"""Series of samplers from files: one CSV file a sampler, liberal in names and formats, strict about everything else.

A column of times and one of values are enough. Where no column is called a value, every column of numbers is a sampler of its
own; where columns of words stand beside the value, each combination of them is. Times are ISO 8601 or dates, whole weeks
in a column `week`, or numbers: below 100,000 days, below 1e11 seconds, else milliseconds since 1970.
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from impetus.core.errors import Malformed, Unknown
from impetus.core.observation import Float64s, Int64s, to_us

Read = Callable[[Path], str]
"""How a file becomes text; who evaluates gives it, so that nothing here opens anything."""
BESIDE = frozenset({"wind.csv", "samplers.csv", "sources.csv"})
"""Files that are about the network and hold no series."""
TIMES = ("time", "timestamp", "datetime", "date", "to", "week")
VALUES = ("value", "concentration", "count", "cases", "load")
PARTS: Mapping[str, str] = {
    "volume": "air_volume",
    "volume_m3": "air_volume",
    "duration_s": "sample_duration",
    "collector_ml": "collector_volume",
    "raw": "raw_signal",
    "limit": "detection_limit",
    "flag": "quality_flag",
}
"""Columns that are parts of a sample, and the property each is."""
OUTBREAKS = ("outbreak", "event", "label")
DAYS_BELOW, SECONDS_BELOW = 1e5, 1e11
DAY_US = 86_400_000_000
MOST_US = 8_000 * 365.25 * DAY_US
"""Farthest time from 1970 that a calendar knows, about."""
LEAST_SAMPLES = 30
"""Shortest series that says anything."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One sampler: columns `(samples,)` by ascending time; `outbreak` 0 where nothing happens, else its size (1 unknown)."""

    name: str
    time_us: Int64s
    value: Float64s
    outbreak: Float64s
    parts: Mapping[str, Float64s] = field(default_factory=dict)
    fault: tuple[str, ...] = ()

    def __len__(self) -> int:
        """Return the number of samples."""
        return len(self.time_us)


def read_series_of(directory: Path, read: Read) -> list[Series]:
    """Read every series under a directory; `Unknown` when there is none, `Malformed` names file, line and value."""
    files = [file for file in sorted(directory.rglob("*.csv")) if file.name not in BESIDE]
    found = [one for file in files for one in series_in(file.stem, read(file))]
    if not found:
        raise Unknown(
            f"no series under {directory} ({len(files)} CSV files looked at)",
            value=str(directory),
            limit="one CSV file a sampler with time,value[,volume][,outbreak]",
            remedy="see docs/reference/evaluate.md for the layout",
        )
    return found


def series_in(name: str, text: str) -> list[Series]:
    """Return the series of one file: none when it has no time, no value or fewer than thirty samples."""
    rows = [row for row in csv.reader(text.splitlines()) if row]
    header = [cell.strip().strip("\ufeff").lower() for cell in rows[0]] if rows else []
    time = next((header.index(one) for one in TIMES if one in header), None)
    if time is None or len(rows) <= LEAST_SAMPLES:
        return []
    body = _even(name, header, rows[1:])
    columns = {one: [row[place].strip() for row in body] for place, one in enumerate(header)}
    time_us = _times(name, header[time], columns[header[time]])
    value = next((one for one in VALUES if one in header), None)
    if value is None:
        beside = {*TIMES, *PARTS, *OUTBREAKS}
        wide = [one for one in header if one not in beside and _is_number(columns[one])]
        alone = [_series(f"{name}/{one}", time_us, columns, one, None) for one in wide]
        return [one for one in alone if one is not None]
    words = [
        one
        for one in header
        if one not in TIMES and one not in (value, "fault", "from") and not _is_number(columns[one])
    ]
    keys = (
        ["/".join(cells) for cells in zip(*(columns[one] for one in words), strict=True)] if words else [""] * len(body)
    )
    found = []
    for key in sorted(set(keys)):
        rows_of = np.array([one == key for one in keys])
        series = _series(f"{name}/{key}" if key else name, time_us, columns, value, rows_of)
        found += [series] if series is not None else []
    return found


def _even(name: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    for number, row in enumerate(rows, 2):
        if len(row) != len(header):
            raise Malformed(
                f"{name}.csv, line {number} has {len(row)} cells",
                value=len(row),
                limit=f"{len(header)} as in the header",
                remedy="mend the line",
            )
    return list(rows)


def _series(
    name: str,
    time_us: Int64s,
    columns: Mapping[str, Sequence[str]],
    value: str,
    rows: "np.ndarray[tuple[int], np.dtype[np.bool_]] | None",
) -> Series | None:
    """Return the series of some rows, oldest first, samples without a value left out unless they have parts."""
    values = _numbers(name, value, columns[value])
    parts = {PARTS[one]: _numbers(name, one, cells) for one, cells in columns.items() if one in PARTS}
    kept = np.isfinite(values) | (np.any([np.isfinite(part) for part in parts.values()], axis=0) if parts else False)
    kept = kept & rows if rows is not None else kept
    order = np.flatnonzero(kept)
    order = order[np.unique(time_us[order], return_index=True)[1]]
    if len(order) < LEAST_SAMPLES:
        return None
    marked = next((one for one in OUTBREAKS if one in columns), None)
    outbreak = np.nan_to_num(_numbers(name, marked, columns[marked])) if marked else np.zeros(len(values))
    faults = columns.get("fault")
    return Series(
        name=name,
        time_us=time_us[order],
        value=values[order],
        outbreak=outbreak[order],
        parts={one: column[order] for one, column in parts.items()},
        fault=tuple(faults[row] for row in order.tolist()) if faults else (),
    )


def _times(name: str, column: str, cells: Sequence[str]) -> Int64s:
    if column == "week":
        return _whole_us(name, column, cells, 7 * DAY_US)
    if _is_number(cells):
        top = max(abs(float(cell)) for cell in cells if cell and cell.upper() != "NA")
        return _whole_us(name, column, cells, DAY_US if top < DAYS_BELOW else 1e6 if top < SECONDS_BELOW else 1e3)
    return np.array([_moment(name, number, cell) for number, cell in enumerate(cells, 2)], dtype=np.int64)


def _whole_us(name: str, column: str, cells: Sequence[str], scale: float) -> Int64s:
    """Return microseconds of numbers; a sample without a time, or beyond any calendar, is refused by its line."""
    numbers = _numbers(name, column, cells)
    wrong = np.flatnonzero(~(np.abs(numbers) < MOST_US / scale))
    if len(wrong):
        raise Malformed(
            f"{name}.csv, line {wrong[0] + 2}: {column} is {cells[wrong[0]]!r}",
            value=cells[wrong[0]],
            limit="a time before the year 9999 in every line",
            remedy="give the sample its time, or leave the line out",
        )
    return np.asarray(numbers * scale, dtype=np.int64)


def _moment(name: str, number: int, cell: str) -> int:
    try:
        moment = datetime.fromisoformat(cell)
    except ValueError as error:
        raise Malformed(
            f"{name}.csv, line {number}: time {cell!r}",
            value=cell,
            limit="ISO 8601, or days, seconds or milliseconds since 1970",
            remedy="write it as 2026-03-02T14:00:00Z",
        ) from error
    return to_us(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _is_number(cells: Sequence[str]) -> bool:
    """Say whether a column holds numbers: every cell that says anything, and at least one does."""
    said = [cell for cell in cells if cell and cell.upper() != "NA"]
    return bool(said) and all(_number(cell) is not None for cell in said)


def _number(cell: str) -> float | None:
    try:
        return float(cell)
    except ValueError:
        return None


def _numbers(name: str, column: str, cells: Sequence[str]) -> Float64s:
    values = np.full(len(cells), math.nan)
    for row, cell in enumerate(cells):
        if not cell or cell.upper() == "NA":
            continue
        number = _number(cell)
        if number is None:
            raise Malformed(
                f"{name}.csv, line {row + 2}: {column} is {cell!r}",
                value=cell,
                limit="a number",
                remedy="mend the line",
            )
        values[row] = number
    return values
