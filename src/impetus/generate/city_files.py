"""A made-up city as files: `streams.csv`, `observations/<day>.parquet`, `events.csv`, `planned.csv` and `city.json`.

One Parquet file a UTC day of arrival, rows by the moment they arrive, then by datastream: `stream` int32, `time`
microseconds UTC (what the instrument's clock says), `value` float32, `late_s` int32 (arrival minus `time`; 0 unless the
instrument's clock is wrong). What is lost has no row.
"""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from impetus.core.errors import Malformed
from impetus.core.observation import US_PER_S, from_us
from impetus.generate.city_bend import Bender
from impetus.generate.city_days import COUNTRY, TIMEZONE, Weather, day_of, first_day
from impetus.generate.city_plan import SORTS, City, plan_city, thing_names, zone_names
from impetus.generate.city_truth import WARM_UP_WEEKS, Truth, plan_truth

MOST_STREAMS, LEAST_STREAMS, MOST_WEEKS = 100_000, 50, 52
SCHEMA = pa.schema(
    [("stream", pa.int32()), ("time", pa.timestamp("us", tz="UTC")), ("value", pa.float32()), ("late_s", pa.int32())]
)

Progress = Callable[[str], None]


def generate_city(directory: Path, *, seed: int, streams: int, weeks: int, progress: Progress) -> dict[str, object]:
    """Write a city and return what was written: counts of readings, events, faults.

    The directory is made, and must be empty or absent. Memory: one day of readings. `Malformed` names a size out of range.
    """
    _check(directory, seed, streams, weeks)
    city = plan_city(seed=seed, streams=streams)
    truths = plan_truth(city, weeks)
    (directory / "observations").mkdir(parents=True, exist_ok=True)
    _write_streams(directory / "streams.csv", city)
    _write_events(directory / "events.csv", truths)
    _write_planned(directory / "planned.csv", truths, city)
    about = {"timezone": TIMEZONE, "country": COUNTRY, "seed": seed, "streams": streams, "weeks": weeks,
             "warm_up_days": 7 * WARM_UP_WEEKS, "simulated": True}  # fmt: skip
    (directory / "city.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    bender, weather, readings = Bender(city=city, truths=truths), Weather(city=city), 0
    for offset in range(7 * weeks):
        day = first_day(weeks) + timedelta(days=offset)
        table = day_table(city, weather, bender, day)
        pq.write_table(table, directory / "observations" / f"{day}.parquet", compression="zstd", compression_level=1)
        readings += table.num_rows
        progress(f"day {offset + 1} of {7 * weeks}: {readings:,} readings")
    counted = {kind: sum(truth.category == kind for truth in truths) for kind in ("event", "fault", "expected")}
    return {"directory": str(directory), "readings": readings, **about, "truths": counted}


def _check(directory: Path, seed: int, streams: int, weeks: int) -> None:
    for name, value, lowest, highest in (
        ("streams", streams, LEAST_STREAMS, MOST_STREAMS),
        ("weeks", weeks, WARM_UP_WEEKS + 1, MOST_WEEKS),
        ("seed", seed, 0, 2**31 - 1),
    ):
        if not lowest <= value <= highest:
            raise Malformed(
                f"{name} is {value}", value=value, limit=f"{lowest}..{highest}", remedy="choose one in range"
            )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Malformed(
            f"{directory} is not an empty directory",
            value=str(directory),
            limit="empty or absent",
            remedy="name another",
        )


def day_table(city: City, weather: Weather, bender: Bender, day: date) -> pa.Table:
    """Return one day of all datastreams by the moment of arrival; call with days in order."""
    streams, arrivals, values, lates = [], [], [], []
    for pace in city.paces():
        made = day_of(city, weather, day, pace)
        late_s, arrives = bender.bend(made)
        row, moment = np.nonzero(arrives.T)[::-1]
        streams.append(made.rows[row] + 1)
        arrivals.append(made.time_us[moment])
        values.append(made.value[row, moment])
        lates.append(late_s[row, moment])
    stream, arrival = np.concatenate(streams), np.concatenate(arrivals)
    order = np.lexsort((stream, arrival))
    late = np.concatenate(lates)[order]
    time_us = arrival[order] - late * US_PER_S
    return pa.Table.from_arrays(
        [
            pa.array(stream[order].astype(np.int32)),
            pa.array(time_us).view(pa.timestamp("us", tz="UTC")),
            pa.array(np.concatenate(values)[order].astype(np.float32)),
            pa.array(late.astype(np.int32)),
        ],
        schema=SCHEMA,
    )


def _write_streams(file: Path, city: City) -> None:
    header = ("id", "kind", "unit", "lon", "lat", "thing", "zone", "cadence_s", "lowest", "highest")
    sorts = [SORTS[sort] for sort in city.sort.tolist()]
    columns = (
        range(1, len(city) + 1),
        (sort.name for sort in sorts),
        (sort.unit for sort in sorts),
        (f"{lon:.6f}" for lon in city.lon.tolist()),
        (f"{lat:.6f}" for lat in city.lat.tolist()),
        thing_names(city),
        zone_names(city),
        city.cadence_s.tolist(),
        (sort.lowest for sort in sorts),
        (sort.highest for sort in sorts),
    )
    _write_csv(file, header, zip(*columns, strict=True))


def _write_events(file: Path, truths: Sequence[Truth]) -> None:
    """Write the truth: `streams` are ids apart by spaces, none for the whole city; `carrying` those pushed hardest."""
    header = ("event", "class", "kind", "start", "onset", "end", "sd", "streams", "carrying", "name")
    rows = (
        (
            truth.number,
            truth.category,
            truth.kind,
            _time(truth.start_us),
            _time(truth.onset_us),
            _time(truth.end_us),
            f"{truth.sd:g}" if truth.sd else "",
            ids,
            ids,
            truth.name,
        )
        for truth in truths
        for ids in (" ".join(str(row + 1) for row in truth.rows),)
    )
    _write_csv(file, header, rows)


def _write_planned(file: Path, truths: Sequence[Truth], city: City) -> None:
    """Write what was announced beforehand, as a city's plan would say it: a row for each zone concerned."""
    zones = zone_names(city)
    rows = (
        (zone, _time(truth.start_us), _time(truth.end_us), truth.name.partition(",")[0])
        for truth in truths
        if truth.category == "expected" and truth.name
        for zone in sorted({zones[row] for row in truth.rows})
    )
    _write_csv(file, ("zone", "start", "end", "name"), rows)


def _write_csv(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", newline="", encoding="utf-8") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)


def _time(us: int) -> str:
    return from_us(us).isoformat().replace("+00:00", "Z")
