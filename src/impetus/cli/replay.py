"""`impetus replay`: play recorded series into an installation, at a chosen speed."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final

import numpy as np
import typer

from impetus.adapters.ingest_client import IngestClient
from impetus.adapters.series_files import SeriesFile, read_series, slug
from impetus.cli.say import progress_bar, say_progress, show_table
from impetus.core.errors import Malformed, Refused, Unknown
from impetus.core.observation import US_PER_S, Batch, Int64s, from_us

TICK_S: Final = 0.2
"""Readings that fall due within this are sent together."""
MOST_ROWS: Final = 5000
DEFAULT_URL: Final = "http://127.0.0.1:8471"

Move = Callable[[float, str], None]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Plan:
    """What is played: the declaration, the keys, and all readings by time; `datastream` is a position in `keys`."""

    declaration: dict[str, object]
    keys: tuple[str, ...]
    readings: Batch


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("replay", rich_help_panel="Feed")(replay)


def replay(
    files: Annotated[list[Path], typer.Argument(help="CSV or Parquet files.", metavar="FILE…")],
    *,
    source: Annotated[str, typer.Option(help="Source to play them as.")],
    token: Annotated[str, typer.Option(help="Token of the source.", envvar="IMPETUS_TOKEN", show_default=False)],
    speed: Annotated[
        float, typer.Option(min=0.0, help="Seconds played per second; 0 is as fast as accepted.")
    ] = 3600.0,
    shift_to_now: Annotated[
        bool, typer.Option("--shift-to-now/--keep-times", help="Shift times so that nothing lies in the future.")
    ] = True,
    url: Annotated[str, typer.Option(help="Where readings go.", envvar="IMPETUS_INGEST_URL")] = DEFAULT_URL,
    zone: Annotated[str, typer.Option(help="Zone of times that state none.")] = "UTC",
    missing: Annotated[list[str] | None, typer.Option(help="Marker of a missing value, such as -200.")] = None,
    unit: Annotated[str, typer.Option(help="Unit of the values, UCUM.")] = "1",
    json_only: Annotated[bool, typer.Option("--json", help="Print one line of JSON.")] = False,
) -> None:
    """Play recorded series into an installation, at a chosen speed.

    Declares the datastreams when the token may. Shifted, a recording ends now, or begins now when it is played at its own
    speed (1); its datastreams are marked simulated, because they are not the present. A lost connection is waited out and
    play goes on where it stopped.
    """
    read = [read_series(file, zone=_zone(zone), missing=missing or ()) for file in files]
    for each in read:
        _say_unread(each)
    plan = plan_of(read, source, unit=unit, simulated=shift_to_now)
    shift_us = shift_of(plan.readings, speed, time.time_ns() // 1000) if shift_to_now else 0
    client = IngestClient(url=url, token=token, on_wait=lambda reason, s: say_progress(f"waiting {s:g} s: {reason}"))
    try:
        with progress_bar("replay") as move:
            counts = play(client, plan, speed=speed, shift_us=shift_us, move=move)
    finally:
        client.close()
    if json_only:
        typer.echo(json.dumps({"source": source, "readings": counts.total(), "counts": dict(counts)}))
    else:
        show_table(("rule", "readings"), [(rule, f"{number:,}") for rule, number in counts.most_common()])


def plan_of(files: Sequence[SeriesFile], source: str, *, unit: str, simulated: bool) -> Plan:
    """Return what is played: a thing for each file, a datastream for each series, all readings by time."""
    keys: list[str] = []
    things: list[dict[str, object]] = []
    columns: list[tuple[Int64s, Int64s, np.ndarray[tuple[int, ...], np.dtype[np.float64]]]] = []
    for file in files:
        thing = slug(file.path.stem)
        declared: list[dict[str, object]] = []
        for series in file.series:
            prop = series.name if len(file.series) > 1 else "value"
            declared.append({"property": prop, "unit": unit, "cadence_s": _cadence_s(series.time_us)})
            columns.append((np.full(series.time_us.size, len(keys), dtype=np.int64), series.time_us, series.result))
            keys.append(f"{source}/{thing}/{prop}")
        things.append({"key": thing, "name": file.path.stem[:200], "datastreams": declared})
    if len(set(keys)) < len(keys):
        raise Malformed("two files have the same name", value=[str(file.path) for file in files], remedy="rename one")
    which, times, results = (np.concatenate(column) for column in zip(*columns, strict=True))
    order = np.argsort(times, kind="stable")
    return Plan(
        declaration={"source": {"id": source, "kind": "replay", "simulated": simulated}, "things": things},
        keys=tuple(keys),
        readings=Batch(datastream=which[order], time_us=times[order], result=results[order]),
    )


def shift_of(readings: Batch, speed: float, now_us: int) -> int:
    """Return by how many microseconds times are shifted: the first to now at speed 1, else the last."""
    if not len(readings):
        return 0
    return now_us - int(readings.time_us[0 if speed == 1.0 else -1])


def play(
    client: IngestClient,
    plan: Plan,
    *,
    speed: float,
    shift_us: int,
    move: Move,
    sleep: Callable[[float], None] = time.sleep,
) -> Counter[str]:
    """Declare, send everything when it is due, and return the counts per rule."""
    numbers = _numbers(client, plan)
    ids = np.array([numbers[key] for key in plan.keys], dtype=np.int64)
    readings, counts = plan.readings, Counter[str]()
    began_s = time.monotonic()
    for start, end in pieces(readings.time_us, speed):
        if speed:
            due_s = (int(readings.time_us[end - 1]) - int(readings.time_us[0])) / US_PER_S / speed
            sleep(max(0.0, began_s + due_s - time.monotonic()))
        part = slice(start, end)
        batch = Batch(
            datastream=ids[readings.datastream[part]],
            time_us=readings.time_us[part] + shift_us,
            result=readings.result[part],
        )
        counts.update(client.send(batch))
        said = f"{from_us(int(batch.time_us[-1])):%Y-%m-%d %H:%M} UTC, {counts.total():,} readings"
        move(end / len(readings), said)
    return counts


def pieces(time_us: Int64s, speed: float) -> Iterator[tuple[int, int]]:
    """Yield the rows of each batch: what falls due within a tick at this speed, at most `MOST_ROWS`."""
    span_us = round(TICK_S * US_PER_S * speed) if speed else 0
    start = 0
    while start < time_us.size:
        end = min(start + MOST_ROWS, time_us.size)
        if span_us:
            due = int(np.searchsorted(time_us, time_us[start] + span_us, side="right"))
            end = min(end, max(due, start + 1))
        yield start, end
        start = end


def _numbers(client: IngestClient, plan: Plan) -> dict[str, int]:
    """Declare, or when the token may not, take what is declared already."""
    try:
        return client.declare(plan.declaration)
    except Refused as refused:
        numbers = client.datastreams()
        absent = [key for key in plan.keys if key not in numbers]
        if absent:
            raise Unknown(
                f"{absent[0]} is not declared, and {refused.detail}",
                value=absent[0],
                limit="declared datastreams",
                remedy="declare it, or use a token that may: impetus source token NAME --may-declare",
            ) from refused
        return numbers


def _cadence_s(time_us: Int64s) -> float:
    """Return the median seconds between readings, 0 for fewer than two."""
    return float(min(np.median(np.diff(time_us)) / US_PER_S, 366 * 86_400.0)) if time_us.size > 1 else 0.0


def _zone(name: str) -> str:
    """Return the zone's name, or say that there is none of that name."""
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError  # noqa: PLC0415 - help needs none of it

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Malformed(
            f"there is no zone {name}", value=name, limit="IANA zones", remedy="such as Europe/Oslo"
        ) from error
    return name


def _say_unread(file: SeriesFile) -> None:
    """Say what of a file could not be read."""
    if file.rows_passed_over or file.values_unread:
        say_progress(
            f"{file.path}: {file.rows_passed_over} rows without a time passed over, {file.values_unread} values unread"
        )
