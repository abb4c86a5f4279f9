"""The idea, pure: noise is strange while it stays above a limit at night. No clock, no file, no socket.

Columns in, few objects out: only readings above the limit, or of a datastream that was above it, are looked at one by one.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

import numpy as np

from impetus.core.observation import EPOCH, Batch, from_us

LAST_US = int((datetime(9998, 1, 1, tzinfo=UTC) - EPOCH) / timedelta(microseconds=1))
AHEAD_US = 600_000_000
"""Readings further ahead of the time than ten minutes are left out: one of them would silence its datastream."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A datastream that began (`is_over` false) or ceased to be above the limit, with the reading that showed it."""

    datastream: int
    began_us: int
    time_us: int
    value: float
    is_over: bool


class Levels:
    """What is remembered of each datastream: columns of shape `(datastreams,)`, the datastream's id being the row."""

    def __init__(self) -> None:
        self.known = np.zeros(0, dtype=np.bool_)
        self.last_us = np.zeros(0, dtype=np.int64)
        self.began_us = np.zeros(0, dtype=np.int64)
        self.above = np.zeros(0, dtype=np.int64)
        self.told = np.zeros(0, dtype=np.bool_)

    def grow(self, known: np.ndarray) -> None:
        """Take in which datastreams are declared; what is remembered stays."""
        more = max(0, len(known) - len(self.known))
        self.known = np.zeros(len(self.known) + more, dtype=np.bool_)
        self.known[: len(known)] = known
        self.last_us = np.concatenate((self.last_us, np.full(more, -1)))
        self.began_us = np.concatenate((self.began_us, np.full(more, -1)))
        self.above = np.concatenate((self.above, np.zeros(more, dtype=np.int64)))
        self.told = np.concatenate((self.told, np.zeros(more, dtype=np.bool_)))

    def sound(self, batch: Batch, at_us: int) -> Batch:
        """Return the readings that can be used, oldest first."""
        inside = (batch.datastream > 0) & (batch.datastream < len(self.known))
        good = inside & self.known[np.where(inside, batch.datastream, 0)] & np.isfinite(batch.result)
        good &= (batch.time_us >= 0) & (batch.time_us <= min(at_us + AHEAD_US, LAST_US))
        chosen = batch.take(good)
        return chosen.take(np.lexsort((chosen.datastream, chosen.time_us)))

    def take(self, batch: Batch, limit: float, readings: int, night: "Night") -> list[Crossing]:
        """Return which datastreams crossed the limit for good, in the order of time; by day nothing is loud."""
        crossings = []
        loud = (batch.result > limit) & night.holds(batch.time_us)
        looked_at = loud | np.isin(batch.datastream, np.flatnonzero(self.above))
        looked_at |= np.isin(batch.datastream, np.unique(batch.datastream[loud]))
        for row in np.flatnonzero(looked_at & (batch.time_us > self.last_us[batch.datastream])).tolist():
            crossing = self._one(
                int(batch.datastream[row]),
                int(batch.time_us[row]),
                float(batch.result[row]),
                readings,
                is_loud=bool(loud[row]),
            )
            if crossing is not None:
                crossings.append(crossing)
        np.maximum.at(self.last_us, batch.datastream, batch.time_us)
        return crossings

    def _one(self, row: int, time_us: int, value: float, readings: int, *, is_loud: bool) -> Crossing | None:
        if time_us <= self.last_us[row]:
            return None
        self.last_us[row] = time_us
        if is_loud:
            self.began_us[row] = self.began_us[row] if self.above[row] else time_us
            self.above[row] += 1
            if self.told[row] or self.above[row] < readings:
                return None
            self.told[row] = True
        else:
            was_told, self.told[row], self.above[row] = bool(self.told[row]), False, 0
            if not was_told:
                return None
        return Crossing(
            datastream=row,
            began_us=int(self.began_us[row]),
            time_us=time_us,
            value=value,
            is_over=not is_loud,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """Hours of local time from `first` until before `until`, over midnight when `first` is the later one."""

    first: int
    until: int
    zone: tzinfo

    def holds(self, time_us: np.ndarray) -> np.ndarray:
        """Say which times lie in the night; the zone is asked once per hour that occurs."""
        hours, where = np.unique(time_us // 3_600_000_000, return_inverse=True)
        local = [from_us(int(hour) * 3_600_000_000).astimezone(self.zone).hour for hour in hours]
        inside = [self._has(hour) for hour in local]
        return np.array(inside, dtype=np.bool_)[where] if len(hours) else np.zeros(0, dtype=np.bool_)

    def _has(self, hour: int) -> bool:
        if self.first > self.until:
            return hour >= self.first or hour < self.until
        return self.first <= hour < self.until
