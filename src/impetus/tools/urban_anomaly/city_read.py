"""A city's directory: `streams.csv`, `observations/*.parquet`, `events.csv`, and if present `planned.csv` and `city.json`.

Only `id` and `kind` of a stream, and `start`, `end` and `streams` of an event, have to be there; what else is given makes
figures finer: a place, a thing, a zone, a pace, the class of an event, its size, when it could be seen, what carries it.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import US_PER_S, Batch, Catalogue, Datastream, Int64s, batch_of
from impetus.core.place import Point
from impetus.tools.urban_anomaly.series import Read, time_us_of

FAULTS = frozenset(
    {
        "stuck",
        "flat_line",
        "flatline",
        "dropout",
        "drift",
        "spike",
        "clock",
        "clock_jump",
        "unit",
        "unit_change",
        "missing",
    }
)
EXPECTED = frozenset({"holiday", "dst"})
STREAM_NAMES = ("stream", "id", "datastream", "stream_id", "sensor")
TIME_NAMES = ("time", "timestamp", "time_us", "phenomenontime")
VALUE_NAMES = ("value", "result")
DEFAULT_WARM_UP_DAYS = 14
DEFAULT_CADENCE_S = 300.0
SECONDS_END, MILLIS_END = 1e11, 1e14
"""Whole numbers below the first are seconds since 1970, below the second milliseconds, else microseconds."""
MOST_ID = 2_000_000

Table = Callable[[Path], pa.Table]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """One happening: `category` is `event`, `fault` or `expected`; `streams` are ids, none for the whole city."""

    category: str
    kind: str
    start_us: int
    onset_us: int
    end_us: int
    sd: float
    streams: frozenset[int]
    carrying: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class CityFiles:
    """A city as read: the catalogue, the truth, what was announced `(zone, since_us, until_us)`, and its files by day."""

    catalogue: Catalogue
    truths: Sequence[Truth]
    planned: Sequence[tuple[str, int, int]]
    timezone: str
    country: str
    warm_up_days: float
    files: Sequence[Path]
    ids: Mapping[str, int]
    table: Table

    def days(self) -> Iterator[tuple[Batch, Int64s]]:
        """Yield each file's readings and when each arrived, in the order of the files' names."""
        for file in self.files:
            yield observations(file.name, self.table(file), self.ids)


def is_city(directory: Path) -> bool:
    """Say whether the directory is laid out like a city."""
    return (directory / "streams.csv").is_file() and (directory / "observations").is_dir()


def read_city(directory: Path, read: Read, table: Table) -> CityFiles:
    """Read all but the observations; `Malformed` names the file and what is missing in it."""
    streams = _rows(read(directory / "streams.csv"), "streams.csv", ("id", "kind"))
    ids = _numbers(streams)
    about = json.loads(read(directory / "city.json")) if (directory / "city.json").is_file() else {}
    events = directory / "events.csv"
    planned = directory / "planned.csv"
    files = sorted((directory / "observations").glob("*.parquet"))
    if not files:
        raise Malformed(f"{directory / 'observations'} is empty", value=str(directory), limit="*.parquet")
    return CityFiles(
        catalogue=_catalogue(streams, ids),
        truths=[
            _truth(row, ids) for row in _rows(read(events), "events.csv", ("start", "end", "streams"))
        ] if events.is_file() else [],
        planned=[
            (row["zone"], time_us_of(row["start"]), time_us_of(row["end"]))
            for row in (_rows(read(planned), "planned.csv", ("zone", "start", "end")) if planned.is_file() else [])
        ],
        timezone=str(about.get("timezone", "UTC")),
        country=str(about.get("country", "")),
        warm_up_days=float(about.get("warm_up_days", DEFAULT_WARM_UP_DAYS)),
        files=files,
        ids=ids,
        table=table,
    )  # fmt: skip


def _rows(text: str, name: str, needed: Sequence[str]) -> list[dict[str, str]]:
    """Return rows by lower-case column; `Malformed` names a column that is not there."""
    reader = csv.DictReader(text.splitlines())
    header = [column.strip().lower() for column in reader.fieldnames or ()]
    missing = [column for column in needed if column not in header]
    if missing:
        raise Malformed(f"{name} has no column {missing[0]}", value=", ".join(header), limit=", ".join(needed))
    return [dict(zip(header, (value or "" for value in row.values()), strict=False)) for row in reader]


def _numbers(streams: Sequence[Mapping[str, str]]) -> dict[str, int]:
    """Return the number of each id: itself where all are small whole numbers above 0, else its place from 1."""
    names = [row["id"].strip() for row in streams]
    if len(set(names)) != len(names) or not names:
        raise Malformed("streams.csv names a stream twice, or none", value=len(names), limit="each id once")
    if all(re.fullmatch(r"[1-9]\d{0,6}", name) and int(name) <= MOST_ID for name in names):
        return {name: int(name) for name in names}
    return {name: place for place, name in enumerate(names, start=1)}


def _catalogue(streams: Sequence[Mapping[str, str]], ids: Mapping[str, int]) -> Catalogue:
    declared: dict[DatastreamId, Datastream] = {}
    for row in streams:
        name, number = row["id"].strip(), DatastreamId(ids[row["id"].strip()])
        thing = row.get("thing") or name
        declared[number] = Datastream(
            id=number,
            key=DatastreamKey(f"city/{thing}/{name}"),
            source=SourceId("city"),
            thing=ThingKey(f"city/{thing}"),
            thing_name=thing,
            observed_property=row["kind"],
            unit=row.get("unit") or "1",
            point=_point(row),
            zone=ZoneId(row["zone"]) if row.get("zone") else None,
            lowest=_number(row.get("lowest"), -1e18),
            highest=_number(row.get("highest"), 1e18),
            cadence_s=_number(row.get("cadence_s"), DEFAULT_CADENCE_S),
        )
    return Catalogue(version=1, datastreams=declared)


def _point(row: Mapping[str, str]) -> Point | None:
    lon, lat = _number(row.get("lon"), np.nan), _number(row.get("lat"), np.nan)
    return Point(lon=lon, lat=lat) if np.isfinite(lon) and np.isfinite(lat) else None


def _number(text: str | None, absent: float) -> float:
    if text is None or not text.strip():
        return absent
    try:
        return float(text)
    except ValueError as error:
        raise Malformed(f"{text[:40]!r} is no number", value=text[:40], limit="a number or empty") from error


def _truth(row: Mapping[str, str], ids: Mapping[str, int]) -> Truth:
    kind = (row.get("kind") or row.get("type") or "event").strip().lower()
    category = (row.get("class") or "").strip().lower()
    if not category:
        category = "fault" if kind in FAULTS else "expected" if kind in EXPECTED else "event"
    streams = _named(row["streams"], ids)
    start = time_us_of(row["start"])
    return Truth(
        category=category,
        kind=kind,
        start_us=start,
        onset_us=time_us_of(row["onset"]) if row.get("onset") else start,
        end_us=time_us_of(row["end"]),
        sd=_number(row.get("sd"), np.nan),
        streams=streams,
        carrying=_named(row.get("carrying") or "", ids) or streams,
    )


def _named(text: str, ids: Mapping[str, int]) -> frozenset[int]:
    names = [name for name in re.split(r"[\s;|,]+", text) if name]
    unknown = next((name for name in names if name not in ids), None)
    if unknown is not None:
        raise Malformed(f"events.csv names stream {unknown[:40]!r}", value=unknown[:40], limit="ids of streams.csv")
    return frozenset(ids[name] for name in names)


def observations(name: str, table: pa.Table, ids: Mapping[str, int]) -> tuple[Batch, Int64s]:
    """Return the readings of one file and the microsecond each arrived; `Malformed` names the file and the column."""
    stream, time, value = (_column(name, table, names) for names in (STREAM_NAMES, TIME_NAMES, VALUE_NAMES))
    numbers = _places(name, stream, ids)
    time_us = _microseconds(name, time)
    late_s = table.column("late_s").to_numpy().astype(np.int64) if "late_s" in table.column_names else 0
    result = np.asarray(pc.cast(value, pa.float64()).to_numpy(zero_copy_only=False), dtype=np.float64)
    return batch_of(numbers, time_us, result), np.asarray(time_us + late_s * US_PER_S, dtype=np.int64)


def _column(name: str, table: pa.Table, names: Sequence[str]) -> pa.ChunkedArray:
    found = next((each for each in table.column_names if each.lower() in names), None)
    if found is None:
        raise Malformed(f"{name} has no column {names[0]}", value=", ".join(table.column_names), limit=", ".join(names))
    return table.column(found)


def _places(name: str, stream: pa.ChunkedArray, ids: Mapping[str, int]) -> Int64s:
    encoded = pc.dictionary_encode(stream).combine_chunks()
    known = [str(one) for one in encoded.dictionary.to_pylist()]
    unknown = next((one for one in known if one not in ids), None)
    if unknown is not None:
        raise Malformed(f"{name} has readings of {unknown[:40]!r}", value=unknown[:40], limit="ids of streams.csv")
    numbers = np.array([ids[one] for one in known], dtype=np.int64)
    return np.asarray(numbers[encoded.indices.to_numpy()], dtype=np.int64) if len(numbers) else np.zeros(0, np.int64)


def _microseconds(name: str, time: pa.ChunkedArray) -> Int64s:
    try:
        if pa.types.is_integer(time.type):
            whole = time.to_numpy().astype(np.int64)
            largest = float(np.abs(whole).max(initial=0))
            factor = 1_000_000 if largest < SECONDS_END else 1_000 if largest < MILLIS_END else 1
            return np.asarray(whole * factor, dtype=np.int64)
        stamps = pc.cast(time, pa.timestamp("us", tz="UTC"))
        return np.asarray(stamps.cast(pa.int64()).to_numpy(), dtype=np.int64)
    except pa.ArrowInvalid as error:
        raise Malformed(f"{name}: times cannot be read: {error}", value=str(time.type), limit="a timestamp") from error
