"""How the datastreams of tools stand, in files beside each tool's snapshot.

`tools/<id>/standing.arrow` is the newest standing, `forecast.arrow` what is expected of the coming day; both are replaced
whole. The past lies by UTC day: while a day lasts, `standing/<day>/` holds one small file a moment, sixteen of which are
merged into one; once it is over, `settle` makes one sorted `standing/<day>.parquet` of it. A file's name says the moments
it holds, so one that another covers has been replaced, and whoever is killed whenever, each moment is there once. One
process writes a tool's day, another settles days that are over; any process reads.
"""

import contextlib
import json
import logging
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from impetus.adapters.durable_file import sync_directory, write_durably
from impetus.adapters.parquet.files import DAY, US_PER_DAY, day_name
from impetus.core.errors import Malformed
from impetus.core.ids import ToolId
from impetus.core.observation import Int64s, to_us
from impetus.core.standing import COVERAGE, PAST_TYPES, STANDING_TYPES, Forecast, Standing, StandingPast, joined_past

NEWEST, FORECAST, PAST = "standing.arrow", "forecast.arrow", "standing"
MERGE_AT = 16
"""Files of single moments that become one: a reader of a day opens a hundred at most. House rule."""
GROUP_ROWS = 32_768
"""Rows of a group of a settled day: what one datastream's reader takes in at least. House rule."""
SETTLED_AFTER = timedelta(hours=1)
"""How long after its end a day may still be written to; no host is that late. House rule."""
ATTEMPTS = 10
"""Times a reader looks again when files are merged or settled under it."""
PART = re.compile(r"(\d+)_(\d+)\.arrow")
SLUG = re.compile(r"[a-z][a-z0-9_]{0,62}")

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What goes with a table of columns: when it was made, its ranges' coverage, and the times of a forecast."""

    at_us: int = 0
    coverage: float = COVERAGE
    time_us: tuple[int, ...] = ()


class StandingFiles:
    """Port `Standings` over the directory `tools` of a home."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def tools(self) -> Sequence[ToolId]:
        """Return the tools there is a standing of."""
        found = (path.parent.name for path in self._directory.glob(f"*/{NEWEST}"))
        return sorted(ToolId(name) for name in found if SLUG.fullmatch(name))

    def newest(self, tool: ToolId) -> Standing | None:
        """Return how a tool's datastreams stand."""
        found = _read(self._of(tool) / NEWEST)
        if found is None:
            return None
        columns, said = found
        try:
            made = _columns(columns, STANDING_TYPES)
            return Standing(at_us=said.at_us, coverage=said.coverage, **made)  # type: ignore[arg-type]  # each of its type
        except (KeyError, ValueError, Malformed) as error:
            log.warning("%s of %s is of another version: %s", NEWEST, tool, error)
            return None

    def forecast(self, tool: ToolId) -> Forecast | None:
        """Return what a tool expects of the coming day."""
        found = _read(self._of(tool) / FORECAST)
        if found is None:
            return None
        columns, said = found
        try:
            shape = (columns.num_rows, len(said.time_us))
            return Forecast(
                at_us=said.at_us,
                coverage=said.coverage,
                datastream=columns["datastream"].to_numpy(),
                time_us=np.asarray(said.time_us, dtype=np.int64),
                **{name: _flat(columns[name]).reshape(shape) for name in ("expected", "low", "high")},
            )
        except (KeyError, ValueError, Malformed) as error:
            log.warning("%s of %s is of another version: %s", FORECAST, tool, error)
            return None

    def between(self, tool: ToolId, datastreams: Int64s | None, since: datetime, until: datetime) -> StandingPast:
        """Return what was written down in a span."""
        since_us, until_us = to_us(since), to_us(until)
        wanted = None if datastreams is None else np.unique(np.asarray(datastreams, dtype=np.int64))
        days = range(since_us // US_PER_DAY, -(-until_us // US_PER_DAY))
        kept = self._of(tool) / PAST
        first, last = _span_of_days(kept)
        found = [
            _within(past, wanted, since_us, until_us)
            for day in days[max(0, first - days.start) : max(0, last + 1 - days.start)]
            for past in self._day(kept / day_name(day), wanted, since_us, until_us)
        ]
        return joined_past(found)

    def put(self, tool: ToolId, standing: Standing) -> None:
        """Replace how a tool's datastreams stand."""
        said = Said(at_us=standing.at_us, coverage=standing.coverage)
        columns = {name: pa.array(getattr(standing, name)) for name in STANDING_TYPES}
        self._write(tool, NEWEST, _bytes(pa.table(columns), said))

    def foresee(self, tool: ToolId, forecast: Forecast) -> None:
        """Replace what a tool expects."""
        steps = len(forecast.time_us)
        said = Said(at_us=forecast.at_us, coverage=forecast.coverage, time_us=tuple(forecast.time_us.tolist()))
        columns = {"datastream": pa.array(forecast.datastream)} | {
            name: pa.FixedSizeListArray.from_arrays(pa.array(getattr(forecast, name).ravel()), max(1, steps))
            for name in ("expected", "low", "high")
        }
        self._write(tool, FORECAST, _bytes(pa.table(columns), said))

    def append(self, tool: ToolId, past: StandingPast) -> None:
        """Write down how a tool's datastreams stand at one moment."""
        if not len(past):
            return
        at_us = int(past.time_us[0])
        day = Path(PAST) / day_name(at_us // US_PER_DAY)
        self._write(tool, str(day / f"{at_us}_{at_us}.arrow"), _bytes(_table(past), Said()))
        _merge(self._of(tool) / day)

    def settle(self, at: datetime) -> int:
        """Make one file of each day that is over."""
        over = (to_us(at - SETTLED_AFTER)) // US_PER_DAY
        count = 0
        for day in self._days():
            if day.is_dir() and _number(day) < over:
                _settle(day)
                count += 1
        return count

    def sweep(self, before: datetime) -> int:
        """Erase what is older than a time."""
        over, count = to_us(before) // US_PER_DAY, 0
        for day in self._days():
            if _number(day) < over:
                count += 1
                shutil.rmtree(day) if day.is_dir() else day.unlink(missing_ok=True)
                sync_directory(day.parent)
        for name in (NEWEST, FORECAST):
            for file in self._directory.glob(f"*/{name}"):
                with contextlib.suppress(FileNotFoundError):
                    if file.stat().st_mtime < before.timestamp():
                        file.unlink()
                        count += 1
        return count

    def _of(self, tool: ToolId) -> Path:
        if not SLUG.fullmatch(tool):
            raise Malformed(f"tool {tool!r}", value=tool, limit="a slug", remedy="name a tool there is")
        return self._directory / tool

    def _days(self) -> list[Path]:
        """Return every day of every tool, settled or not."""
        return [day for day in self._directory.glob(f"*/{PAST}/*") if DAY.fullmatch(day.name.removesuffix(".parquet"))]

    def _write(self, tool: ToolId, name: str, content: bytes) -> None:
        file = self._of(tool) / name
        file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(file, content)

    def _day(self, day: Path, wanted: Int64s | None, since_us: int, until_us: int) -> list[StandingPast]:
        """Return what may be wanted of a day, looking again when files were merged or settled meanwhile."""
        for _ in range(ATTEMPTS):
            with contextlib.suppress(FileNotFoundError):
                settled = day.with_name(f"{day.name}.parquet")
                if settled.exists():
                    return [_read_settled(settled, wanted)]
                parts = [part for part in _live(day) if _first(part) < until_us and _last(part) >= since_us]
                return [_past(pa.ipc.open_file(pa.memory_map(str(part))).read_all()) for part in parts]
        return []


def _settle(day: Path) -> None:
    """Make one sorted file of a day; killed in between, the next call does it again."""
    parts = _live(day)
    if parts:
        past = joined_past([_past(pa.ipc.open_file(pa.memory_map(str(part))).read_all()) for part in parts])
        sink = pa.BufferOutputStream()
        pq.write_table(_table(past), sink, row_group_size=GROUP_ROWS, compression="zstd", compression_level=3)
        write_durably(day.with_name(f"{day.name}.parquet"), sink.getvalue().to_pybytes())
    shutil.rmtree(day)


def _merge(day: Path) -> None:
    """Merge single moments once there are enough; those that another file covers go."""
    live = _live(day)
    singles = [part for part in live if _first(part) == _last(part)]
    if len(singles) >= MERGE_AT:
        past = joined_past([_past(pa.ipc.open_file(pa.memory_map(str(part))).read_all()) for part in singles])
        name = f"{min(map(_first, singles))}_{max(map(_last, singles))}.arrow"
        write_durably(day / name, _bytes(_table(past), Said()))
        for part in singles:
            part.unlink(missing_ok=True)


def _live(day: Path) -> list[Path]:
    """Return the files of a day that count, by time: a single moment inside a merged file was replaced by it."""
    parts = sorted(
        (path for path in day.glob("*.arrow") if PART.fullmatch(path.name)), key=lambda p: (_first(p), -_last(p))
    )
    live: list[Path] = []
    for part in parts:
        if not (live and _first(live[-1]) < _last(live[-1]) and _last(part) <= _last(live[-1])):
            live.append(part)
    return live


def _first(part: Path) -> int:
    return int(part.stem.partition("_")[0])


def _last(part: Path) -> int:
    return int(part.stem.partition("_")[2])


def _number(day: Path) -> int:
    """Return a day as counted from 1970-01-01."""
    return int(np.datetime64(day.name.removesuffix(".parquet"), "D").astype(np.int64))


def _span_of_days(kept: Path) -> tuple[int, int]:
    """Return the first and the last day there is anything of, an empty span for none."""
    days = [_number(day) for day in kept.glob("*") if DAY.fullmatch(day.name.removesuffix(".parquet"))]
    return min(days, default=0), max(days, default=-1)


def _within(past: StandingPast, wanted: Int64s | None, since_us: int, until_us: int) -> StandingPast:
    rows = (past.time_us >= since_us) & (past.time_us < until_us)
    return past.take(rows if wanted is None else rows & np.isin(past.datastream, wanted))


def _read_settled(file: Path, wanted: Int64s | None) -> StandingPast:
    """Read the groups of a settled day that may hold one of these sorted datastreams."""
    with pq.ParquetFile(file) as parquet:
        groups = [
            number for number in range(parquet.num_row_groups) if wanted is None or _may_have(parquet, number, wanted)
        ]
        return _past(parquet.read_row_groups(groups))


def _may_have(parquet: pq.ParquetFile, group: int, wanted: Int64s) -> bool:
    statistics = parquet.metadata.row_group(group).column(0).statistics
    if statistics is None or not statistics.has_min_max:
        return True
    return bool(np.searchsorted(wanted, statistics.min) < np.searchsorted(wanted, statistics.max, side="right"))


def _table(past: StandingPast) -> pa.Table:
    return pa.table({name: pa.array(getattr(past, name)) for name in PAST_TYPES})


def _past(table: pa.Table) -> StandingPast:
    return StandingPast(**_columns(table, PAST_TYPES))  # type: ignore[arg-type]  # each of its type


def _columns(
    table: pa.Table, types: Mapping[str, type[np.generic]]
) -> dict[str, np.ndarray[tuple[int], np.dtype[np.generic]]]:
    return {name: np.asarray(table[name].to_numpy(), dtype=kind) for name, kind in types.items()}


def _flat(column: pa.ChunkedArray) -> np.ndarray[tuple[int], np.dtype[np.float32]]:
    """Return the values of a column of lists of one length, one after another."""
    return np.concatenate([chunk.values.to_numpy() for chunk in column.chunks] or [np.empty(0, dtype=np.float32)])


def _bytes(table: pa.Table, said: Said) -> bytes:
    """Return a table as one Arrow IPC file; what goes with it as JSON in its schema."""
    table = table.replace_schema_metadata({"impetus": json.dumps(asdict(said))})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as file:
        file.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def _read(path: Path) -> tuple[pa.Table, Said] | None:
    """Return a table and what goes with it; None when there is none, or none that can be read: it is soon written anew."""
    try:
        table = pa.ipc.open_file(path.read_bytes()).read_all()
        return table, Said(**json.loads((table.schema.metadata or {})[b"impetus"]))
    except FileNotFoundError:
        return None
    except (pa.ArrowException, OSError, ValueError, KeyError, TypeError) as error:
        log.warning("%s cannot be read: %s", path, error)
        return None
