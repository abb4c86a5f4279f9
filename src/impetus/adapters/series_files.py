"""Recorded series from files into columns: CSV in the layouts cities have, and Parquet.

CSV: a header; one or two columns of time (`timestamp`, or `Date` and `Time`), every other column a series of numbers.
Separator `,`, `;` or tab; decimal point or comma; missing values empty, `NA`, `NaN`, `null` or a stated marker such as
`-200` (UCI air quality). Parquet: one timestamp column, every other numeric column a series; or the long layout with a
column of names. Times without a zone are read in the zone stated.

A row whose time cannot be read is passed over and counted; a value that cannot be read is missing and counted. A file that
has no time column at all is `Malformed`.
"""

import csv
import io
import itertools
import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from impetus.core.errors import Malformed, TooLarge, Unknown
from impetus.core.observation import Float64s, Int64s, to_us

MAX_FILE_BYTES: Final = 1024 * 1024 * 1024
MAX_SERIES: Final = 20_000
MAX_UNPACKED_BYTES: Final = 256 * 1024 * 1024
MAX_CELLS: Final = 20_000_000
"""What a table that came over a line may unpack to: a hundred series for half a year by the minute. House rule."""
MISSING: Final = frozenset({"", "na", "nan", "null", "none", "-"})
TIME_NAMES: Final = frozenset({"timestamp", "time", "datetime", "date_time", "phenomenontime", "date"})
_DECIMAL_COMMA: Final = re.compile(r"[+-]?\d{1,12},\d+")
_DAY_FIRST: Final = re.compile(r"(\d{1,2})[/.](\d{1,2})[/.](\d{4})")
_SHORT_HOUR: Final = re.compile(r"^(\S{8,10}[ T])(\d:)")
_SLUG: Final = re.compile(r"[^a-z0-9]+")
SAMPLE_CHARS: Final = 8192
SNIFFED: Final = ",;\t"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """One recorded series, by time: `time_us` ascending microseconds, `result` NaN where there was no value."""

    name: str
    time_us: Int64s
    result: Float64s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeriesFile:
    """The series of one file; `rows_passed_over` had no readable time, `values_unread` count as missing."""

    path: Path
    series: tuple[Series, ...]
    rows_passed_over: int = 0
    values_unread: int = 0

    @property
    def readings(self) -> int:
        """Return how many readings all series have together."""
        return sum(each.time_us.size for each in self.series)


def read_series(path: Path, *, zone: str = "UTC", missing: Sequence[str] = ()) -> SeriesFile:
    """Read a CSV or Parquet file by its ending; `missing` are further markers of a missing value, such as `-200`."""
    if not path.is_file():
        raise Unknown(f"there is no file {path}", value=str(path), remedy="check the path")
    size = path.stat().st_size
    if size > MAX_FILE_BYTES:
        raise TooLarge(f"{path} has {size} bytes", value=size, limit=MAX_FILE_BYTES, remedy="split it")
    if path.suffix.lower() in {".parquet", ".pq"}:
        return read_parquet(path, path, zone)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(f"{path} is not UTF-8: {error}", value=str(path), limit="UTF-8", remedy="convert it") from error
    return read_csv(text, path, zone=zone, missing=missing)


def read_csv(
    text: str, path: Path, *, zone: str = "UTC", missing: Sequence[str] = (), keep_name: bool = False
) -> SeriesFile:
    """Read CSV text; `path` names the file and, where there is but one column of values, its series unless `keep_name`."""
    separator = _separator(text)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=separator) if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise Malformed(f"{path} is no CSV: {error}", value=str(path), limit="RFC 4180", remedy="mend it") from error
    if not rows:
        raise Malformed(f"{path} is empty", value=str(path), limit="a header and rows", remedy="check the file")
    header = [cell.strip() for cell in rows[0]]
    when, which = _columns(header, path)
    times = [_time_us(" ".join(row[at].strip() for at in when if at < len(row)), ZoneInfo(zone)) for row in rows[1:]]
    good = [position for position, time_us in enumerate(times, 1) if time_us is not None]
    time_us = np.array([time for time in times if time is not None], dtype=np.int64)
    order = np.argsort(time_us, kind="stable")
    markers = MISSING | {marker.lower() for marker in missing}
    unread = 0
    series = []
    for at in which:
        result, bad = _numbers([rows[row][at] if at < len(rows[row]) else "" for row in good], markers, separator)
        unread += bad
        name = header[at] if len(which) > 1 or keep_name else path.stem
        series.append(Series(name=slug(name), time_us=time_us[order], result=result[order]))
    return SeriesFile(
        path=path,
        series=tuple(_distinct(series)),
        rows_passed_over=len(rows) - 1 - len(good),
        values_unread=unread,
    )


def slug(name: str) -> str:
    """Return a name as a slug: lower case, digits and underscores.

    >>> slug("PT08_S1(CO)"), slug("T")
    ('pt08_s1_co', 't')
    """
    return _SLUG.sub("_", name.lower()).strip("_")[:62] or "value"


def _separator(text: str) -> str:
    """Return the separator that occurs most often in the header."""
    header = text.lstrip().partition("\n")[0]
    return max(SNIFFED, key=header.count)


def _columns(header: Sequence[str], path: Path) -> tuple[list[int], list[int]]:
    """Return where the time stands, in one column or two, and where the values do."""
    lower = [name.lower() for name in header]
    if "date" in lower and "time" in lower:
        when = [lower.index("date"), lower.index("time")]
    else:
        when = [at for at, name in enumerate(lower) if name in TIME_NAMES][:1]
    which = [at for at, name in enumerate(header) if at not in when and name]
    if not when or not which:
        raise Malformed(
            f"{path} has no column of {'time' if not when else 'values'}",
            value=", ".join(header)[:200],
            limit=f"one of {', '.join(sorted(TIME_NAMES))}, and columns of numbers",
            remedy="name the column of time, in the first row",
        )
    if len(which) > MAX_SERIES:
        raise TooLarge(f"{path} has {len(which)} columns", value=len(which), limit=MAX_SERIES, remedy="split it")
    return when, which


def _time_us(text: str, zone: ZoneInfo) -> int | None:
    """Return microseconds of a time in ISO 8601 or day first (`10/03/2004 18:00:00`), None when it is neither."""
    found = _DAY_FIRST.match(text)
    if found is not None:
        day, month, year = (int(part) for part in found.groups())
        text = f"{year:04d}-{month:02d}-{day:02d}{text[found.end() :].replace('.', ':')}"
    try:
        at = datetime.fromisoformat(_SHORT_HOUR.sub(r"\g<1>0\g<2>", text.strip()))
        return to_us(at if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def _numbers(cells: Sequence[str], markers: frozenset[str], separator: str) -> tuple[Float64s, int]:
    """Return numbers, NaN for missing ones, and how many cells were neither."""
    numbers = np.full(len(cells), math.nan)
    unread = 0
    for row, cell in enumerate(cells):
        text = cell.strip()
        if text.lower() in markers:
            continue
        if separator != "," and _DECIMAL_COMMA.fullmatch(text):
            text = text.replace(",", ".")
        try:
            number = float(text)
        except ValueError:
            unread += 1
            continue
        if not math.isfinite(number):
            unread += 1
        elif str(int(number) if number.is_integer() else number) not in markers:
            numbers[row] = number
    return numbers, unread


def _distinct(series: Sequence[Series]) -> Iterator[Series]:
    """Yield series under names of their own; a second `no2` becomes `no2_2`."""
    taken: set[str] = set()
    for each in series:
        name = each.name
        for number in itertools.count(2):
            if name not in taken:
                break
            name = f"{each.name}_{number}"
        taken.add(name)
        yield Series(name=name, time_us=each.time_us, result=each.result)


def read_parquet(source: Path | bytes, path: Path, zone: str = "UTC", *, keep_name: bool = False) -> SeriesFile:
    """Read Parquet, wide or long, from a file or from its bytes; `path` names it."""
    try:
        if isinstance(source, bytes):
            _refuse_costly(source, path)
        table = pq.read_table(pa.BufferReader(source) if isinstance(source, bytes) else source)
    except (pa.ArrowException, OSError) as error:
        raise Malformed(
            f"{path} is no Parquet: {str(error)[:200]}", value=str(path), remedy="check the file"
        ) from error
    fields: Mapping[str, pa.DataType] = {field.name: field.type for field in table.schema}
    when = next((name for name, kind in fields.items() if pa.types.is_timestamp(kind)), None)
    numeric = [name for name, kind in fields.items() if pa.types.is_floating(kind) or pa.types.is_integer(kind)]
    if when is None or not numeric:
        raise Malformed(
            f"{path} has no timestamp column or no numbers",
            value=str(table.schema)[:200],
            limit="a timestamp column and numeric columns",
            remedy="convert it",
        )
    table = table.filter(pc.is_valid(table[when]))
    names = next((name for name, kind in fields.items() if pa.types.is_string(kind)), None)
    if names is not None:
        series = _long(table, when, names, numeric[0], zone)
    else:
        series = [
            _column(table, when, name, zone, name if len(numeric) > 1 or keep_name else path.stem) for name in numeric
        ]
    return SeriesFile(path=path, series=tuple(_distinct(series)))


def _refuse_costly(body: bytes, path: Path) -> None:
    """Refuse bytes of others that would unpack to far more than they weigh."""
    told = pq.ParquetFile(pa.BufferReader(body)).metadata
    size = sum(told.row_group(number).total_byte_size for number in range(told.num_row_groups))
    if size > MAX_UNPACKED_BYTES or told.num_rows * max(1, told.num_columns) > MAX_CELLS:
        raise TooLarge(f"{path} unpacks to {size} bytes", value=size, limit=MAX_UNPACKED_BYTES, remedy="split it")


def _long(table: pa.Table, when: str, names: str, value: str, zone: str) -> list[Series]:
    """Split a long table by its column of names."""
    distinct = [name for name in pc.unique(table[names]).to_pylist() if name]
    if len(distinct) > MAX_SERIES:
        raise TooLarge(f"{len(distinct)} series", value=len(distinct), limit=MAX_SERIES, remedy="split it")
    return [_column(table.filter(pc.equal(table[names], name)), when, value, zone, name) for name in distinct]


def _column(table: pa.Table, when: str, value: str, zone: str, name: str) -> Series:
    """Return one column as a series by time."""
    times = table[when]
    if times.type.tz is None:
        times = pc.assume_timezone(times, zone, ambiguous="earliest", nonexistent="earliest")
    ticks = times.cast(pa.timestamp("us", "UTC"), safe=False).cast(pa.int64())
    time_us = np.asarray(ticks.to_numpy(), dtype=np.int64)
    order = np.argsort(time_us, kind="stable")
    result = np.asarray(table[value].cast(pa.float64(), safe=False).to_numpy(), dtype=np.float64)
    return Series(name=slug(name), time_us=time_us[order], result=result[order])
