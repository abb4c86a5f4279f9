"""Made-up air samplers with known truth: counts that follow season, hour and weather, outbreaks, and releases in the wind.

How it works. Each sampler counts what its liquid caught. The count is negative binomial around a mean that has a season (and an
hour, where it samples by the hour), and at half of the samplers a weather of its own that lasts for days. An outbreak adds
counts, `size` times the usual deviation in all, each delayed by a lognormal of days. A release is a plume from one place in
the city's wind. What instruments make of it, with their faults, is in `air_instrument`.

Nothing here knows how the detector works; the plume is a formula of its own.

**Source**: the daily scenarios follow Noufaily et al., Statistics in Medicine 32 (2013) 1206, section 4.1; the plume Briggs's
urban class D, as in Hanna, Briggs and Hosker, Handbook on Atmospheric Diffusion (1982), table 4.5.
"""

import math
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import product

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s, to_us

START = datetime(2022, 1, 1, tzinfo=UTC)
DAY_US, HOUR_US = 86_400_000_000, 3_600_000_000
MEANS, SCATTERS, SEASONS = (2.0, 20.0, 150.0), (1.5, 4.0), (0.2, 0.6)
"""Counts of a sample, variance over mean, half the logarithm of summer over winter: the published scenarios' grid."""
SIZES = (3.0, 6.0, 10.0)
"""Outbreaks, in deviations of the count."""
SPREAD = 0.5
"""Deviation of the logarithm of an outbreak's delays, around one day. **Source**: Noufaily et al. 2013, section 4.1."""
WEATHER_SD, WEATHER_DAYS = 0.25, 4.5
"""Deviation of the weather on the log scale, and the days in which it fades to 1/e. House choice."""
HOURLY = 0.3
"""Half the logarithm of noon over night, where samples are less than half a day apart."""
AIR_M3, LIQUID_ML = 3.0, 15.0
EXTENT_M = 6_000.0
"""Side of the square in which the samplers stand."""
WARM_UP_DAYS = 365.0
APART_DAYS = 12.0
"""Days between two outbreaks of one sampler, at least."""
RELEASE_H = 1.0
RELEASE_FACTOR = (4.0, 20.0)
"""How many times the usual load a release brings, at most, to the sampler it hits most: the range. House choice."""
LEAST_DILUTION = 2e-8
"""What a release must bring some sampler, per strength, s/m3: two deviations off its axis at the network's far side."""
TRIES = 200
"""Places and hours drawn for a release before it is let go without strength."""
SEEN_FACTOR = 0.3
"""Share of the usual load a release must add for a sampler's sample to count as part of it."""
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One sampler: place in metres from the network's middle, and what it usually counts."""

    name: str
    east_m: float
    north_m: float
    mean: float
    scatter: float
    season: float
    peak: float
    has_weather: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """A plume: where from, when, and how strong, in the unit that makes `brought` a load per m3."""

    began_us: int
    ended_us: int
    east_m: float
    north_m: float
    strength: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Wind:
    """The city's wind by the hour, columns `(hours,)`; `from_deg` where it blows from."""

    time_us: Int64s
    speed_mps: Float64s
    from_deg: Float64s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """What one sampler's liquid caught: columns `(samples,)`; `outbreak` is the size where one is felt, else 0."""

    time_us: Int64s
    expected: Float64s
    count: Float64s
    outbreak: Float64s


def plan_sites(rng: np.random.Generator, samplers: int) -> tuple[Site, ...]:
    """Return samplers on a jittered grid, through the grid of scenarios in turn."""
    side = math.ceil(math.sqrt(samplers))
    cell = EXTENT_M / side
    scenarios = list(product(MEANS, SCATTERS, SEASONS, (False, True)))
    order = rng.permutation(len(scenarios))
    sites = []
    for place in range(samplers):
        mean, scatter, season, has_weather = scenarios[order[place % len(scenarios)]]
        row, column = divmod(place, side)
        sites.append(
            Site(
                name=f"a{place + 1:03d}",
                east_m=(column + 0.5 + rng.uniform(-0.3, 0.3)) * cell - EXTENT_M / 2,
                north_m=(row + 0.5 + rng.uniform(-0.3, 0.3)) * cell - EXTENT_M / 2,
                mean=mean,
                scatter=scatter,
                season=season,
                peak=rng.uniform(0.0, 1.0),
                has_weather=has_weather,
            )
        )
    return tuple(sites)


def blow(rng: np.random.Generator, years: float) -> Wind:
    """Return a wind that turns and freshens over hours, around west-south-west."""
    hours = math.ceil(years * 8_766)
    turn = _memory(rng, hours, 18.0)
    fresh = _memory(rng, hours, 12.0)
    return Wind(
        time_us=to_us(START) + np.arange(hours, dtype=np.int64) * HOUR_US,
        speed_mps=np.asarray(np.round(3.5 * np.exp(0.45 * fresh), 2), dtype=np.float64),
        from_deg=np.asarray(np.round(np.mod(245.0 + 70.0 * turn, 360.0), 1), dtype=np.float64),
    )


def count(rng: np.random.Generator, site: Site, *, years: float, every_h: float, per_year: float) -> Counts:
    """Return one sampler's counts with its outbreaks; releases are added by `add_release`."""
    samples = math.floor(years * 365.25 * 24 / every_h)
    time_us = to_us(START) + (np.arange(samples) * every_h * HOUR_US).astype(np.int64)
    days = np.arange(samples) * every_h / 24
    eta = math.log(site.mean) + site.season * np.cos(2 * np.pi * (days / 365.25 - site.peak))
    if every_h < 12:  # noqa: PLR2004 - said at `HOURLY`
        eta += HOURLY * np.cos(2 * np.pi * (days - 0.58))
    if site.has_weather:
        eta += WEATHER_SD * _memory(rng, samples, WEATHER_DAYS * 24 / every_h)
    expected = np.exp(eta)
    counts = rng.negative_binomial(expected / (site.scatter - 1.0), 1.0 / site.scatter).astype(np.float64)
    outbreak = np.zeros(samples)
    for first in _outbreaks(rng, days, per_year):
        _break_out(rng, site, expected, counts, outbreak, (first, 24 / every_h))
    return Counts(time_us=time_us, expected=expected, count=counts, outbreak=outbreak)


def _outbreaks(rng: np.random.Generator, days: Float64s, per_year: float) -> list[int]:
    """Return the first rows of outbreaks: after the warm-up, never close together."""
    first_day = min(WARM_UP_DAYS, days[-1] / 2)
    wanted = rng.poisson(per_year * max(days[-1] - first_day, 0.0) / 365.25)
    starts: list[float] = []
    for start in rng.uniform(first_day, max(days[-1] - APART_DAYS, first_day), wanted):
        if all(abs(start - other) > APART_DAYS for other in starts):
            starts.append(float(start))
    return sorted(int(np.searchsorted(days, start)) for start in starts)


def _break_out(
    rng: np.random.Generator,
    site: Site,
    expected: Float64s,
    counts: Float64s,
    outbreak: Float64s,
    when: tuple[int, float],
) -> None:
    """Add one outbreak that begins at a row; `when` is that row and the samples a day."""
    first, per_day = when
    size = float(rng.choice(SIZES))
    extra = rng.poisson(size * math.sqrt(site.scatter * expected[first]))
    late = np.floor(rng.lognormal(0.0, SPREAD, extra) * per_day).astype(np.int64)
    rows = first + late[first + late < len(counts)]
    np.add.at(counts, rows, 1.0)
    outbreak[first : (int(rows.max()) if len(rows) else first) + 1] = size


def release(rng: np.random.Generator, wind: Wind, sites: tuple[Site, ...], until_us: int) -> Release:
    """Return a release after the warm-up somewhere within the network, strong enough for the sampler it hits most.

    The strength is set by the hour and sampler it reaches best while it lasts, so that none gets more than
    `RELEASE_FACTOR` says, whichever way the wind turns. Strength 0 where no place upwind of a sampler was found.
    """
    for _ in range(TRIES):
        bare, hours = _let_go(rng, wind, until_us)
        reached = [max(_dilution(bare, site, wind, hour) for hour in hours) for site in sites]
        if max(reached) >= LEAST_DILUTION:
            most = max(share * AIR_M3 / site.mean for share, site in zip(reached, sites, strict=True))
            return replace(bare, strength=float(rng.uniform(*RELEASE_FACTOR)) / most)
    return replace(bare, strength=0.0)


def _let_go(rng: np.random.Generator, wind: Wind, until_us: int) -> tuple[Release, range]:
    """Return a release of strength 1 and the hours of wind in which samples can feel it."""
    hours = len(wind.time_us)
    first = int(rng.integers(min(int(WARM_UP_DAYS * 24), hours // 2), hours - 12))
    east, north = rng.uniform(-EXTENT_M / 2, EXTENT_M / 2, 2)
    began = min(int(wind.time_us[first]), until_us)
    ended = began + int(rng.uniform(1.0, 4.0) * RELEASE_H * HOUR_US)
    bare = Release(began_us=began, ended_us=ended, east_m=float(east), north_m=float(north), strength=1.0)
    return bare, range(first, int(np.searchsorted(wind.time_us, ended + HOUR_US)))


def add_release(site: Site, counts: Counts, one: Release, wind: Wind, *, every_h: float) -> None:
    """Add to a sampler's counts what a release brings it, and mark the samples in which it can be felt."""
    drawn_us = int(min(every_h, RELEASE_H) * HOUR_US)
    ends = counts.time_us
    for row in np.flatnonzero((ends > one.began_us) & (ends - drawn_us < one.ended_us)).tolist():
        overlap = (min(int(ends[row]), one.ended_us) - max(int(ends[row]) - drawn_us, one.began_us)) / drawn_us
        hour = int(np.clip(np.searchsorted(wind.time_us, ends[row]) - 1, 0, len(wind.time_us) - 1))
        added = one.strength * _dilution(one, site, wind, hour) * AIR_M3 * overlap
        counts.count[row] += math.floor(added)
        if added > SEEN_FACTOR * counts.expected[row]:
            counts.outbreak[row] = max(added / math.sqrt(site.scatter * counts.expected[row]), 0.1)


def _dilution(one: Release, site: Site, wind: Wind, hour: int) -> float:
    """Return concentration per strength at a sampler: Gaussian plume at the ground, Briggs urban D."""
    angle = math.radians(wind.from_deg[hour])
    east, north = site.east_m - one.east_m, site.north_m - one.north_m
    along = -(east * math.sin(angle) + north * math.cos(angle))
    across = east * math.cos(angle) - north * math.sin(angle)
    if along <= 1.0:
        return 0.0
    sideways = 20.0 + 0.16 * along / math.sqrt(1.0 + 0.0004 * along)
    upwards = 5.0 + 0.14 * along / math.sqrt(1.0 + 0.0003 * along)
    speed = max(float(wind.speed_mps[hour]), 0.5)
    return math.exp(-0.5 * (across / sideways) ** 2) / (math.pi * sideways * upwards * speed)


def _memory(rng: np.random.Generator, steps: int, lasts: float) -> Float64s:
    """Return normal deviates, mean 0 and deviation 1, that fade to 1/e in so many steps."""
    keep = math.exp(-1.0 / max(lasts, 1e-6))
    draws = rng.normal(0.0, math.sqrt(1.0 - keep**2), steps)
    draws[0] = rng.normal()
    walked = np.empty(steps)
    now = 0.0
    for step, draw in enumerate(draws.tolist()):
        now = keep * now + draw
        walked[step] = now
    return walked
