"""What the sensors of a made-up city read on one day when nothing happens: matrices `(streams, moments)`.

    reading = normal(local hour, kind of day) + sd * residual

The residual has unit variance and is a sum of parts with memory: one the city shares (weather), one a zone shares, one a
thing shares, and two of the datastream's own, of which one has no memory and heavy tails. So neighbours move together,
datastreams of one thing more so, and readings follow each other as real ones do. Days come in order, since memory carries
over midnight; the same seed gives the same days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import holidays
import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from impetus.core.observation import US_PER_S, Float64s, Int64s, to_us
from impetus.generate.city_plan import MODELS, SHAPE_NAMES, SHAPES, SORTS, City

TIMEZONE = "Europe/Oslo"
COUNTRY = "NO"
SUNDAY, SATURDAY = 6, 5
GRID = 96
"""Points of a day's shape: quarters of an hour, interpolated between."""
PARTS: Mapping[str, tuple[float, float]] = {
    "city": (0.08, 10_800.0),
    "zone": (0.17, 5_400.0),
    "thing": (0.35, 2_700.0),
    "own": (0.20, 1_800.0),
    "white": (0.20, 0.0),
}
"""Share of the residual's variance and memory in seconds of each part. House choice; the shares add up to 1."""
TAIL_DEGREES = 7.0
"""Degrees of freedom of the part without memory: now and then four of its deviations, as instruments do."""
QUIET_SHARE = 0.15
"""Standard deviation at the quietest hour as a share of that at a busy one."""
DAY_SD = 0.03
"""Standard deviation of a day's own factor on the normal value."""
SPRING_PER_DAY = 0.0015
"""By how much the city gets busier a day, as a share: a season within six weeks."""

Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Day:
    """One day of the datastreams of one pace: `rows` into the city, `time_us` `(moments,)`, the rest `(rows, moments)`.

    `normal` is the value without chance, `sd` the standard deviation of chance around it, in the datastream's unit.
    """

    rows: NDArray[np.intp]
    time_us: Int64s
    normal: Matrix
    sd: Matrix
    value: Matrix


@dataclass(slots=True, kw_only=True)
class Weather:
    """The memory of the residual's parts, by part and pace. Mutable."""

    city: City
    states: dict[tuple[str, int], Any] = field(default_factory=dict)

    def part(self, name: str, pace: int, rng: np.random.Generator, shape: tuple[int, int]) -> Matrix:
        """Return one part of a day, unit variance, going on where the last day ended: an AR(1) of its memory."""
        phi = float(np.exp(-pace / PARTS[name][1]))
        drive = rng.normal(0, np.sqrt(1 - phi * phi), shape)
        before = self.states.get((name, pace))
        if before is None:
            before = phi * rng.normal(0, 1, (shape[0], 1))
        made, after = lfilter([1.0], [1.0, -phi], drive, axis=1, zi=before)
        self.states[name, pace] = after
        return np.asarray(made, dtype=np.float64)


def first_day(weeks: int) -> date:
    """Return the Monday from which so many weeks end on 12 April 2026: a change of clocks and Easter near the end."""
    return date(2026, 4, 13) - timedelta(weeks=weeks)


def free_days(years: tuple[int, ...] = (2025, 2026)) -> set[date]:
    """Return the public holidays of the made-up city's country."""
    return set(holidays.country_holidays(COUNTRY, years=list(years)))


def day_of(city: City, weather: Weather, day: date, pace: int) -> Day:
    """Return one UTC day of the datastreams of one pace; call with days in order."""
    rows = city.at_cadence(pace)
    begin = to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
    time_us = begin + np.arange(0, 86_400, pace, dtype=np.int64) * US_PER_S
    rng = np.random.default_rng([city.seed, 2, day.toordinal(), pace])
    profile = _profile(city, rows, time_us)
    sorts = np.array([(sort.floor, sort.swing, sort.noise) for sort in SORTS])[city.sort[rows]]
    level = city.level[rows][:, None]
    grown = 1.0 + SPRING_PER_DAY * (day - date(2026, 3, 1)).days
    today = grown * (1.0 + DAY_SD * rng.normal(0, 1, (len(rows), 1)))
    normal = level * (sorts[:, :1] + sorts[:, 1:2] * profile * today)
    loud = QUIET_SHARE + (1 - QUIET_SHARE) * np.clip(profile, 0.0, 1.2)
    sd = city.calm[rows][:, None] * level * sorts[:, 2:3] * loud
    value = normal + sd * _residual(city, weather, rows, rng, (pace, len(time_us)))
    return Day(rows=rows, time_us=time_us, normal=normal, sd=sd, value=value)


def _profile(city: City, rows: NDArray[np.intp], time_us: Int64s) -> Matrix:
    """Return the share of a busy hour `(rows, moments)`, in local time and by the kind of each local day."""
    hour, kind = _calendar(time_us)
    names = [SHAPE_NAMES.index(MODELS[model].shape) for model in city.model[rows].tolist()]
    grid_h = np.arange(GRID + 1) * (24.0 / GRID)
    tables = np.array([[np.interp(grid_h, *shape) for shape in SHAPES[name]] for name in SHAPE_NAMES])
    at = np.mod(hour[None, :] - city.lag_h[rows][:, None], 24.0) * (GRID / 24.0)
    place = at.astype(np.int64)
    share = at - place
    shape, day = np.array(names)[:, None], kind[None, :]
    return np.asarray(tables[shape, day, place] * (1 - share) + tables[shape, day, place + 1] * share)


def _calendar(time_us: Int64s) -> tuple[Float64s, Int64s]:
    """Return local hours 0..24 and kinds of day (0 working day, 1 Saturday, 2 Sunday or holiday) of moments."""
    zone, free = ZoneInfo(TIMEZONE), free_days()
    local = [datetime.fromtimestamp(int(us) // US_PER_S, UTC).astimezone(zone) for us in time_us.tolist()]
    hour = np.array([at.hour + at.minute / 60 + at.second / 3600 for at in local])
    kind = [2 if at.weekday() == SUNDAY or at.date() in free else 1 if at.weekday() == SATURDAY else 0 for at in local]
    return hour, np.array(kind, dtype=np.int64)


def _residual(
    city: City, weather: Weather, rows: NDArray[np.intp], rng: np.random.Generator, size: tuple[int, int]
) -> Matrix:
    """Return the residual `(rows, moments)`, unit variance."""
    pace, moments = size
    things, thing = np.unique(city.thing[rows], return_inverse=True)
    zones, zone = np.unique(city.zone[rows], return_inverse=True)
    white = rng.standard_t(TAIL_DEGREES, (len(rows), moments)) / np.sqrt(TAIL_DEGREES / (TAIL_DEGREES - 2))
    parts = {
        "city": weather.part("city", pace, rng, (1, moments)),
        "zone": weather.part("zone", pace, rng, (len(zones), moments))[zone],
        "thing": weather.part("thing", pace, rng, (len(things), moments))[thing],
        "own": weather.part("own", pace, rng, (len(rows), moments)),
        "white": white,
    }
    return np.asarray(sum(np.sqrt(PARTS[name][0]) * part for name, part in parts.items()))
