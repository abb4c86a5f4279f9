"""Fault or event: what is wrong with an instrument, told to who mends it, and kept from those who watch the city.

A departure that bears the signature of an instrument is **suspected** from its first reading: no event starts on it while the
suspicion stands. It becomes a fault when the signature lasts, or is dropped when it does not, and then the event starts, a
few readings late. Signatures are in `fault_kernels`; here are the two kinds that are about times and not about values:

- clock: readings come in steadily whose times are off by the same amount, ahead or behind;
- missing: nothing comes from a sensor while the rest of the city goes on talking.
"""

from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Self

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Batch, Catalogue, Float64s, Int64s, to_us
from impetus.core.standing import FaultKind
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.fault_kernels import BLOCKS, LAST, MEAN, SEEN, VALUE, look
from impetus.tools.urban_anomaly.graph import Graph
from impetus.tools.urban_anomaly.region import Around
from impetus.tools.urban_anomaly.seen import Seen

HOURS = 72
"""Hours of a working day, a Saturday and a Sunday, for the slow profile that a drift is measured against."""
SHARED_Z = 1.5
"""Mean deviations of its fellows, however few, the same way, that make a departure theirs too: no instrument's."""
MISSING_CADENCES = 5.0
"""Cadences of silence after which a sensor is missing. At one reading lost in a hundred, five in a row are no chance."""
LEAST_MISSING_S = 900.0
LONGER_THAN_EVER = 2.0
"""How much longer than its longest silence before a sensor must be silent."""
LONGEST_STEP_US = 300 * US_PER_S
"""Most that the city's own time goes on between two readings of anybody: when all are silent, nobody is missing."""
OFF_US = 900 * US_PER_S
"""Least a clock is off by before it is the clock: below it are lines that queue."""
OFF_READINGS = 3
SAME_US = 120 * US_PER_S
"""How equal offs must be to be one clock's."""
LATE_PACE = 20
"""Readings over which the usual lateness is learnt."""
UNBOUNDED = -1e17
"""A declared lowest value below this is none; then nothing is lower than zero."""
LEAST_SEEN = 50.0
"""Readings after which a sensor is missed."""
MOST_LONGEST = 10.0
"""Cadences up to which a silence of the past makes a sensor's silence ordinary."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Looked:
    """What each reading says of its instrument, columns of shape `(readings,)`; codes are `FaultKind`.

    `suspect` is what an event starting here would be instead, 0 for none; `began` and `over` are faults that begin or end;
    `since_us` is when such a fault began and `about` which value it is about.
    """

    suspect: Int64s
    began: Int64s
    over: Int64s
    since_us: Int64s
    about: Float64s


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A fault of one datastream that begins, or is over."""

    datastream: int
    kind: FaultKind
    since_us: int
    at_us: int
    value: float
    over: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class FaultColumns:
    """State by datastream id (last axis); rows of `us`, `numbers` and `kinds` are named in `fault_kernels`.

    `heard` is the city's time at the last reading and `longest` the longest silence, `late` how late readings usually come
    in, `off` how far beyond that the last `off_count` of them were, the last at `off_at`: all microseconds.
    """

    us: Int64s
    numbers: Float64s
    kinds: Int64s
    usual: Float64s
    visits: Float64s
    blocks: Float64s
    heard: Int64s
    longest: Int64s
    missing: NDArray[np.bool_]
    late: Int64s
    off: Int64s
    off_count: Int64s
    off_at: Int64s
    clock: NDArray[np.bool_]

    @classmethod
    def fresh(cls, count: int) -> Self:
        """Return the state of datastreams nothing is known about."""
        made = cls(
            us=np.full((7, count), -1, dtype=np.int64),
            numbers=np.zeros((12, count)),
            kinds=np.zeros((8, count), dtype=np.int64),
            usual=np.zeros((HOURS, count)),
            visits=np.zeros((HOURS, count)),
            blocks=np.full((BLOCKS, count), np.nan),
            heard=np.full(count, -1, dtype=np.int64),
            longest=np.zeros(count, dtype=np.int64),
            missing=np.zeros(count, dtype=np.bool_),
            late=np.zeros(count, dtype=np.int64),
            off=np.zeros(count, dtype=np.int64),
            off_count=np.zeros(count, dtype=np.int64),
            off_at=np.full(count, -1, dtype=np.int64),
            clock=np.zeros(count, dtype=np.bool_),
        )
        made.numbers[MEAN] = np.nan
        return made

    def grown(self, count: int) -> Self:
        """Return at least this many rows, the old ones in front."""
        have = len(self.missing)
        if count <= have:
            return self
        more = self.fresh(count - have)
        return type(self)(
            **{
                item.name: np.concatenate((getattr(self, item.name), getattr(more, item.name)), axis=-1)
                for item in fields(self)
            }
        )


class Faults:
    """State and rules; pickles."""

    def __init__(self, config: Config, catalogue: Catalogue, graph: Graph) -> None:
        self.rules = np.array(
            [config.stuck_readings, config.stuck_s * US_PER_S, config.spike_z, config.end_z], dtype=np.float64
        )
        self.columns = FaultColumns.fresh(0)
        self.city_us = 0
        self.newest_us = -1
        self.learn(catalogue, graph)

    def learn(self, catalogue: Catalogue, graph: Graph) -> None:
        """Take in a changed catalogue; what is withdrawn is no longer missed."""
        count = len(graph.fellows)
        self.fellows = graph.fellows
        self.columns = self.columns.grown(count)
        self.floor = np.zeros(count)
        self.cadence_us = np.zeros(count, dtype=np.int64)
        for each in catalogue.datastreams.values():
            if 0 < each.id < count:
                self.floor[each.id] = each.lowest if each.lowest > UNBOUNDED else 0.0
                self.cadence_us[each.id] = int(max(each.cadence_s, 0.0) * US_PER_S)

    def screen(self, batch: Batch, *, at: datetime) -> tuple[NDArray[np.bool_], list[Fault]]:
        """Say which readings have a time to believe, and which clocks go wrong or right again."""
        at_us, columns = to_us(at), self.columns
        inside = (batch.datastream > 0) & (batch.datastream < len(self.floor)) & np.isfinite(batch.result)
        rows = np.flatnonzero(inside & (batch.time_us > 0) & (np.abs(batch.time_us) < 2 * at_us))
        last = rows[np.unique(batch.datastream[rows][::-1], return_index=True)[1] * -1 + len(rows) - 1]
        ids, late = batch.datastream[last], at_us - batch.time_us[last]
        new = columns.off_at[ids] < 0
        columns.late[ids[new]] = late[new]
        onward = new | (at_us - columns.off_at[ids] >= self.cadence_us[ids] // 2)
        ids, late = ids[onward], late[onward]
        told = self._off(ids, late, at_us) if len(ids) else []
        bad = np.where(inside, columns.clock[np.where(inside, batch.datastream, 0)], False)
        return ~bad, told

    def _off(self, ids: Int64s, late: Int64s, at_us: int) -> list[Fault]:
        """Hold each sensor's newest reading against how late its readings usually come in."""
        columns = self.columns
        # Whoever agrees with our clock is not wrong: what went before was the past, sent late.
        caught_up = (np.abs(late) < OFF_US) & (np.abs(columns.late[ids]) >= OFF_US)
        columns.late[ids] = np.where(caught_up, late, columns.late[ids])
        off = late - columns.late[ids]
        columns.off_at[ids] = at_us
        wrong = (np.abs(off) >= OFF_US) & (self.cadence_us[ids] > 0)
        steady = wrong & (np.abs(off - columns.off[ids]) <= SAME_US)
        count = np.where(columns.clock[ids], np.where(wrong, 0, columns.off_count[ids] + 1), 0)
        count = np.where(columns.clock[ids], count, np.where(steady, columns.off_count[ids] + 1, wrong))
        began = ~columns.clock[ids] & (count >= OFF_READINGS)
        over = columns.clock[ids] & (count >= OFF_READINGS)
        columns.off[ids] = off
        columns.off_count[ids] = np.where(began | over, 0, count)
        columns.clock[ids] = (columns.clock[ids] | began) & ~over
        columns.late[ids] += np.where(wrong, 0, off // LATE_PACE)
        return [
            Fault(
                datastream=int(ids[place]),
                kind=FaultKind.CLOCK,
                since_us=int(columns.us[LAST, ids[place]]),
                at_us=int(columns.us[LAST, ids[place]] if began[place] else at_us - late[place]),
                value=float(off[place] if began[place] else 0) / US_PER_S,
                over=bool(over[place]),
            )
            for place in np.flatnonzero((began | over) & (columns.us[LAST, ids] >= 0)).tolist()
        ]

    def look(self, seen: Seen, around: Around, hour: Int64s) -> Looked:
        """Look at readings sorted by time, one after the other; `hour` is 0..71, of working days, Saturdays, Sundays."""
        columns, count = self.columns, len(seen.ids)
        shared = (around.count > 0) & (around.mean * np.sign(seen.z) >= SHARED_Z)
        found = Looked(
            suspect=np.zeros(count, dtype=np.int64),
            began=np.zeros(count, dtype=np.int64),
            over=np.zeros(count, dtype=np.int64),
            since_us=np.zeros(count, dtype=np.int64),
            about=np.zeros(count),
        )
        look(
            seen.ids, seen.time_us, seen.value, seen.z, seen.expected, seen.scale, seen.judged, shared, hour, self.floor,
            np.maximum(self.cadence_us, US_PER_S), self.fellows, self.rules,
            columns.us, columns.numbers, columns.kinds, columns.usual, columns.visits, columns.blocks,
            found.suspect, found.began, found.over, found.since_us, found.about,
        )  # fmt: skip
        off = (columns.off_count[seen.ids] > 1) | columns.clock[seen.ids]
        found.suspect[off] = FaultKind.CLOCK
        return found

    def silent(self, seen: Seen) -> list[Fault]:
        """Say which sensors fell silent and which came back, by the city's own time: readings sorted by time."""
        if not len(seen):
            return []
        columns = self.columns
        city = self._city_time(seen.time_us)
        by_id = np.lexsort((seen.time_us, seen.ids))
        ids, heard = seen.ids[by_id], city[by_id]
        first = np.concatenate(([True], ids[1:] != ids[:-1]))
        before = np.where(first, columns.heard[ids], np.concatenate(([0], heard[:-1])))
        before_us = np.where(first, columns.us[LAST, ids], np.concatenate(([0], seen.time_us[by_id][:-1])))
        told = self._back(ids, heard - before, before >= 0, before_us, seen.time_us[by_id])
        columns.heard[ids] = heard
        columns.heard[columns.clock] = self.city_us
        return told + self._gone()

    def _city_time(self, time_us: Int64s) -> Int64s:
        """Return the city's time at each reading: it goes on only while somebody talks."""
        newest = np.maximum.accumulate(
            np.concatenate(([self.newest_us if self.newest_us >= 0 else time_us[0]], time_us))
        )
        city = self.city_us + np.cumsum(np.minimum(np.diff(newest), LONGEST_STEP_US))
        self.city_us, self.newest_us = int(city[-1]), int(newest[-1])
        return np.asarray(city, dtype=np.int64)

    def _limits(self, ids: Int64s) -> Float64s:
        """Return after how long a silence each sensor is missing, microseconds."""
        ever = np.minimum(LONGER_THAN_EVER * self.columns.longest[ids], 2 * MOST_LONGEST * self.cadence_us[ids])
        least = np.maximum(MISSING_CADENCES * self.cadence_us[ids], LEAST_MISSING_S * US_PER_S)
        return np.asarray(np.maximum(least, ever), dtype=np.float64)

    def _back(
        self, ids: Int64s, silence: Int64s, known: NDArray[np.bool_], before_us: Int64s, at_us: Int64s
    ) -> list[Fault]:
        """Tell who came back after having been missing, and learn how long silences usually are."""
        columns = self.columns
        known = known & (self.cadence_us[ids] > 0)
        was = known & (silence > self._limits(ids)) & (columns.numbers[SEEN, ids] >= LEAST_SEEN)
        told = []
        for place in np.flatnonzero(was).tolist():
            one = int(ids[place])
            gone = Fault(
                datastream=one,
                kind=FaultKind.MISSING,
                since_us=int(before_us[place]),
                at_us=int(at_us[place]),
                value=float(columns.numbers[VALUE, one]),
            )
            told += [replace(gone, over=True)] if columns.missing[one] else [gone, replace(gone, over=True)]
            columns.missing[one] = False
        kept = np.minimum(silence, (MOST_LONGEST * self.cadence_us[ids]).astype(np.int64))
        np.maximum.at(columns.longest, ids[known & ~was], kept[known & ~was])
        return told

    def _gone(self) -> list[Fault]:
        """Tell who is missing now."""
        columns = self.columns
        some = np.flatnonzero((self.cadence_us > 0) & (columns.heard >= 0) & ~columns.missing)
        some = some[
            (self.city_us - columns.heard[some] > self._limits(some)) & (columns.numbers[SEEN, some] >= LEAST_SEEN)
        ]
        columns.missing[some] = True
        return [
            Fault(
                datastream=int(one),
                kind=FaultKind.MISSING,
                since_us=int(columns.us[LAST, one]),
                at_us=self.newest_us,
                value=float(columns.numbers[VALUE, one]),
            )
            for one in some.tolist()
        ]
