"""How often a region of nine tenths holds the source, and how large it is: from releases whose place is known.

What is usual at a sampler is taken from its sixty samples before the release, never from those during it or after.
"""

import csv
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from impetus.core.errors import Malformed
from impetus.core.ids import ThingKey
from impetus.core.observation import US_PER_S, to_us
from impetus.core.place import Point
from impetus.core.source_area import AreaKind, SourceArea
from impetus.tools.bacteria.series import Series
from impetus.tools.bacteria.source import AirSample, locate
from impetus.tools.bacteria.wind import Winds, winds_of

Read = Callable[[Path], str]
BEFORE = 60
"""Samples from which what is usual is taken."""
LEAST_BEFORE = 8
LONGEST_S = 4 * 3_600.0
"""How long a sample is drawn at most when it does not say; rarer samples are drawn for an hour."""
UNSAID_US = 24 * 3_600 * US_PER_S
"""How long a release is looked at that does not say when it ended: a day."""
M2_PER_KM2 = 1e6
NORMAL = 1.4826
"""Median absolute deviation to standard deviation of a normal."""
IDS, STARTS = ("sampler", "id", "name", "thing"), ("began", "start", "time", "from", "timestamp")
ENDS, SPEEDS = ("ended", "end", "to", "until"), ("speed_mps", "speed", "wind_speed", "u")
BEARINGS = ("from_deg", "direction_deg", "direction", "wind_direction", "dir")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planted:
    """A release: when, and where it was."""

    began_us: int
    ended_us: int
    point: Point


def region_figures(directory: Path, read: Read, series: Sequence[Series]) -> dict[str, object]:
    """Return coverage and size of the regions of planted releases; only their number when there is none.

    `samplers.csv` (sampler, lon, lat), `wind.csv` (time, speed_mps, from_deg) and `sources.csv` (began, ended, lon, lat)
    lie beside the series.
    """
    files = {name: directory / f"{name}.csv" for name in ("samplers", "wind", "sources")}
    if not all(file.is_file() for file in files.values()):
        return {"sources": 0}
    tables = {name: _table(file.name, read(file)) for name, file in files.items()}
    places = {row[_named(row, IDS, "samplers.csv")]: _point(row, "samplers.csv") for row in tables["samplers"]}
    winds = _winds(tables["wind"])
    planted = [_planted(row) for row in tables["sources"]]
    told = [(one, locate(samples_of(series, places, one), winds)) for one in planted]
    return summed_up([(one.point, area) for one, area in told])


def summed_up(told: Sequence[tuple[Point, SourceArea | None]]) -> dict[str, object]:
    """Return the share of regions that hold their source, their median and nine-tenths size, and what was said otherwise."""
    regions = [(point, area) for point, area in told if area is not None and area.kind is AreaKind.REGION]
    sectors = [(point, area) for point, area in told if area is not None and area.kind is AreaKind.SECTOR]
    figures: dict[str, object] = {
        "sources": len(told),
        "regions": len(regions),
        "sectors": len(sectors),
        "nothing_said": len(told) - len(regions) - len(sectors),
    }
    if regions:
        sizes = [area.area_m2() / M2_PER_KM2 for _, area in regions]
        figures["region_coverage"] = round(float(np.mean([area.holds(point) for point, area in regions])), 3)
        figures["region_area_km2"] = {
            "median": round(float(np.median(sizes)), 3),
            "p90": round(float(np.quantile(sizes, 0.9)), 3),
        }
    return figures


def samples_of(series: Sequence[Series], places: Mapping[str, Point], planted: Planted) -> list[AirSample]:
    """Return the samples of all samplers on the map that overlap a release."""
    found: list[AirSample] = []
    for one in series:
        point = places.get(one.name)
        if point is None:
            continue
        drawn_us = _drawn_us(one)
        before = (one.time_us <= planted.began_us) & np.isfinite(one.value)
        usual = one.value[before][-BEFORE:]
        rows = np.flatnonzero((one.time_us > planted.began_us) & (one.time_us - drawn_us < planted.ended_us))
        if len(usual) < LEAST_BEFORE or not len(rows):
            continue
        expected = float(np.median(usual))
        spread = max(NORMAL * float(np.median(np.abs(usual - expected))), 0.2 * expected, 1e-9)
        flags = one.parts.get("quality_flag")
        found += [
            AirSample(
                thing=ThingKey(f"evaluation/{one.name}"),
                name=one.name,
                point=point,
                began_us=int(one.time_us[row] - drawn_us[row]),
                ended_us=int(one.time_us[row]),
                measured=float(one.value[row]),
                expected=max(expected, 1e-9),
                spread=spread,
            )
            for row in rows.tolist()
            if flags is None or not flags[row] > 1
        ]
    return found


def _drawn_us(one: Series) -> np.ndarray:
    """Return how long each sample was drawn, in microseconds: as it says, else the time between samples up to four hours."""
    said = one.parts.get("sample_duration")
    apart_s = float(np.median(np.diff(one.time_us))) / US_PER_S if len(one) > 1 else 3_600.0
    fallback_s = apart_s if apart_s <= LONGEST_S else 3_600.0
    seconds = np.full(len(one), fallback_s) if said is None else np.where(said > 0, said, fallback_s)
    return (seconds * US_PER_S).astype(np.int64)


def _table(name: str, text: str) -> list[dict[str, str]]:
    rows = list(csv.DictReader(text.splitlines()))
    for number, row in enumerate(rows, 1):
        if None in row or None in row.values():
            raise Malformed(
                f"{name}: line {number} below the header has other cells than the header",
                value=number,
                limit="as many cells as the header",
                remedy="mend the line",
            )
    return [{key.strip().lower(): value.strip() for key, value in row.items()} for row in rows]


def _named(row: Mapping[str, str], names: Sequence[str], file: str) -> str:
    for name in names:
        if name in row:
            return name
    raise Malformed(
        f"{file} has no column {names[0]}", value=", ".join(row), limit=" or ".join(names), remedy="name the column so"
    )


def _number(row: Mapping[str, str], names: Sequence[str], file: str) -> float:
    name = _named(row, names, file)
    try:
        return float(row[name])
    except ValueError as error:
        raise Malformed(
            f"{file}: {name} is {row[name]!r}", value=row[name], limit="a number", remedy="mend it"
        ) from error


def _point(row: Mapping[str, str], file: str) -> Point:
    return Point(lon=_number(row, ("lon", "longitude"), file), lat=_number(row, ("lat", "latitude"), file))


def _us(text: str, file: str) -> int:
    """Return microseconds of an ISO time or of seconds or milliseconds since 1970."""
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if math.isfinite(number):
            return int(number * (US_PER_S if abs(number) < 1e11 else 1_000))  # noqa: PLR2004 - seconds until the year 5138
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{file}: {text!r} is no time", value=text, limit="ISO 8601", remedy="mend it") from error
    return to_us(at if at.tzinfo else at.replace(tzinfo=UTC))


def _winds(rows: Sequence[Mapping[str, str]]) -> Winds:
    return winds_of(
        [_us(row[_named(row, STARTS, "wind.csv")], "wind.csv") for row in rows],
        [_number(row, SPEEDS, "wind.csv") for row in rows],
        [_number(row, BEARINGS, "wind.csv") for row in rows],
    )


def _planted(row: Mapping[str, str]) -> Planted:
    began_us = _us(row[_named(row, STARTS, "sources.csv")], "sources.csv")
    end = next((row[name] for name in ENDS if row.get(name)), "")
    ended_us = _us(end, "sources.csv") if end else began_us + UNSAID_US
    return Planted(began_us=began_us, ended_us=max(ended_us, began_us + 1), point=_point(row, "sources.csv"))
