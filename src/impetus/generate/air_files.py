"""Made-up samplers as files: one CSV a sampler, `samplers.csv`, `wind.csv`, `sources.csv` and `air.json`."""

import csv
import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np

from impetus.core.errors import Malformed
from impetus.core.observation import Float64s, from_us
from impetus.core.place import Point
from impetus.core.source_area import from_metres
from impetus.generate.air import Release, Site, Wind, add_release, blow, count, plan_sites, release
from impetus.generate.air_instrument import COLUMNS, Reported, report

MIDDLE = Point(lon=10.75, lat=59.92)
MOST_SAMPLERS, MOST_YEARS, MOST_SAMPLES = 1_000, 10, 20_000
MOST_RELEASES = 1_000
MOST_EVERY_H, OFTEN_H = 168.0, 6.0
"""Longest time between samples; and the one up to which releases are made up: between rarer samples plumes pass unseen."""
HEADER = ("time", *COLUMNS, "outbreak", "fault")
Progress = Callable[[str], None]


def generate_air(  # noqa: PLR0913 - what the command asks
    directory: Path,
    *,
    seed: int,
    samplers: int,
    years: float,
    every_h: float,
    progress: Progress,
    outbreaks_per_year: float = 2.0,
    faults_per_year: float = 4.0,
    releases: int = 12,
) -> dict[str, object]:
    """Write samplers and return what was written.

    The directory is made, and must be empty or absent. Releases are planted where samples are at most six hours apart.
    `Malformed` names a size out of range.
    """
    sizes: dict[str, float] = {"seed": seed, "samplers": samplers, "years": years, "every_h": every_h}
    per_year = {"outbreaks_per_year": outbreaks_per_year, "faults_per_year": faults_per_year, "releases": releases}
    _check(directory, sizes | per_year)
    directory.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(seed)
    sites, wind = plan_sites(rng, samplers), blow(rng, years)
    planted = [release(rng, wind, sites, int(wind.time_us[-1])) for _ in range(releases if every_h <= OFTEN_H else 0)]
    _write(directory / "wind.csv", ("time", "speed_mps", "from_deg"), _wind_rows(wind))
    _write(directory / "samplers.csv", ("sampler", "lon", "lat"), (_site_row(site) for site in sites))
    _write(directory / "sources.csv", ("source", "began", "ended", "lon", "lat"), _source_rows(planted))
    events = faults = samples = 0
    for site in sites:
        own = np.random.default_rng([seed, int(site.name[1:])])
        counts = count(own, site, years=years, every_h=every_h, per_year=outbreaks_per_year)
        for one in planted:
            add_release(site, counts, one, wind, every_h=every_h)
        made = report(own, counts, faults_per_year=faults_per_year)
        _write(directory / f"{site.name}.csv", HEADER, _rows(counts.time_us.tolist(), made, counts.outbreak))
        events += int((np.diff(np.concatenate(([0], counts.outbreak > 0))) > 0).sum())
        faults += sum(bool(fault) for fault in made.fault)
        samples += len(counts.count)
        progress(f"sampler {site.name} of {len(sites)}: {samples:,} samples")
    about: dict[str, object] = {
        "seed": seed,
        "samplers": samplers,
        "years": years,
        "every_h": every_h,
        "simulated": True,
    }
    written = {**about, "samples": samples, "outbreaks": events, "fault_samples": faults, "releases": len(planted)}
    (directory / "air.json").write_text(json.dumps(written, indent=2) + "\n", encoding="utf-8")
    return {"directory": str(directory), **written}


def _check(directory: Path, asked: dict[str, float]) -> None:
    limits = {
        "seed": (0, 2**31 - 1),
        "samplers": (1, MOST_SAMPLERS),
        "years": (0.5, MOST_YEARS),
        "every_h": (0.25, MOST_EVERY_H),
        "outbreaks_per_year": (0, 12),
        "faults_per_year": (0, 24),
        "releases": (0, MOST_RELEASES),
    }
    for name, (lowest, highest) in limits.items():
        if not lowest <= asked[name] <= highest:
            raise Malformed(
                f"{name} is {asked[name]}",
                value=asked[name],
                limit=f"{lowest}..{highest}",
                remedy="choose one in range",
            )
    samples = asked["years"] * 8_766 / asked["every_h"]
    if samples > MOST_SAMPLES:
        raise Malformed(
            f"{samples:,.0f} samples a sampler",
            value=round(samples),
            limit=f"{MOST_SAMPLES:,}",
            remedy="ask for fewer years or rarer samples",
        )
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise Malformed(
            f"{directory} is not an empty directory",
            value=str(directory),
            limit="empty or absent",
            remedy="name another",
        )


def _rows(time_us: Sequence[int], made: Reported, outbreak: Float64s) -> Iterable[Sequence[object]]:
    columns = [made.columns[name].tolist() for name in COLUMNS]
    for row, moment in enumerate(time_us):
        values = [_figure(column[row]) for column in columns]
        yield (from_us(moment).isoformat(), *values, f"{outbreak[row]:g}", made.fault[row])


def _figure(value: float) -> str:
    return "" if value != value else f"{value:.6g}"  # noqa: PLR0124 - NaN is what differs from itself


def _wind_rows(wind: Wind) -> Iterable[Sequence[object]]:
    for moment, speed, bearing in zip(wind.time_us.tolist(), wind.speed_mps, wind.from_deg, strict=True):
        yield (from_us(moment).isoformat(), f"{speed:g}", f"{bearing:g}")


def _site_row(site: Site) -> Sequence[object]:
    point = from_metres(MIDDLE, site.east_m, site.north_m)
    return (site.name, f"{point.lon:.6f}", f"{point.lat:.6f}")


def _source_rows(planted: Sequence[Release]) -> Iterable[Sequence[object]]:
    for number, one in enumerate(planted, start=1):
        point = from_metres(MIDDLE, one.east_m, one.north_m)
        began, ended = from_us(one.began_us).isoformat(), from_us(one.ended_us).isoformat()
        yield (f"r{number:02d}", began, ended, f"{point.lon:.6f}", f"{point.lat:.6f}")


def _write(file: Path, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
