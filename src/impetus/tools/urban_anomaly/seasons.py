"""Where in the city's day and week a reading falls: columns in, columns out."""

from dataclasses import dataclass
from datetime import datetime, tzinfo

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import EPOCH, US_PER_S, Float64s, Int64s, from_us
from impetus.tools.urban_anomaly.holidays_of import is_day_off

BINS = 48
"""Times of day, half an hour each: fine enough for a rush hour, coarse enough to be visited by slow sensors."""
BIN_S = 86_400 // BINS
QUARTER_US = 900 * US_PER_S
"""Offsets of zones change on whole quarters of an hour of UTC. Source: tz database, all rules since 1970."""
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday; Monday is 0."""
SATURDAY = 5


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seasons:
    """Where readings fall, columns of shape `(readings,)`.

    `before` and `after` are the two half-hours between whose middles the reading lies, `share` in 0..1 how near it is to
    `after`; `now` is the half-hour it lies in; `day` is 1 on a working day, 2 on Saturday, Sunday and public holidays.
    """

    before: Int64s
    after: Int64s
    share: Float64s
    now: Int64s
    day: Int64s

    def take(self, rows: NDArray[np.intp]) -> "Seasons":
        """Return those of these readings."""
        return Seasons(
            before=self.before[rows],
            after=self.after[rows],
            share=self.share[rows],
            now=self.now[rows],
            day=self.day[rows],
        )


def seasons(time_us: Int64s, zone: tzinfo, country: str = "") -> Seasons:
    """Place times of 1970..9998 in the local day and week; a public holiday of the country is like a Sunday."""
    local_s = time_us // US_PER_S + offsets_s(time_us, zone)
    second = local_s % 86_400
    position = second / BIN_S - 0.5
    before = np.floor(position).astype(np.int64)
    day = local_s // 86_400
    weekday = (day + EPOCH_WEEKDAY) % 7
    return Seasons(
        before=before % BINS,
        after=(before + 1) % BINS,
        share=position - before,
        now=second // BIN_S,
        day=np.where((weekday >= SATURDAY) | is_day_off(country, day), 2, 1),
    )


def offsets_s(time_us: Int64s, zone: tzinfo) -> Int64s:
    """Return seconds to add to UTC, looked up once per quarter of an hour that occurs."""
    if not len(time_us):
        return np.zeros(0, dtype=np.int64)
    quarter = time_us // QUARTER_US
    if quarter[0] == quarter[-1] and bool((quarter == quarter[0]).all()):
        return np.full(len(time_us), _offset_s(int(quarter[0]), zone), dtype=np.int64)
    unique, where = np.unique(quarter, return_inverse=True)
    return np.array([_offset_s(int(item), zone) for item in unique], dtype=np.int64)[where]


def _offset_s(quarter: int, zone: tzinfo) -> int:
    at: datetime = from_us(quarter * QUARTER_US).astimezone(zone)
    offset = at.utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


LAST_US = int((datetime(9998, 1, 1, tzinfo=EPOCH.tzinfo) - EPOCH).total_seconds()) * US_PER_S
"""Latest time that can be placed in a calendar with a year to spare."""
