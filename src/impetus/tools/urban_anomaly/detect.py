"""The idea, pure: how far each reading is from what its own past makes normal for this place and time.

For each datastream the state holds a profile of the day (48 half-hours, for all days, working days and week-ends), the
level of the last hours relative to it, the usual size of surprises (by half-hour and over all), and how often surprises
of each size came. A reading is first scored against this, then taken in; nothing looks ahead. What is taken in is
winsorised, so that an event moves the expectation slowly and a lasting change of level is accepted within hours.

    expected = profile(time of day, day) + level
    z        = (reading - expected) / scale

A datastream fires when |z| stays above `start_z` for some readings, the departure is a fair share of its own spread, and
its own history before that passed such a z less than `exceedances_per_day`: each sensor sets its own bar.

State is one row per datastream id, columns are NumPy arrays; several readings of one datastream in one batch are taken
in rounds (the first of each, the second of each ...), so the result does not depend on how readings were cut into batches.
Readings not newer than the datastream's newest, not finite, undeclared, or ahead of `at` are left out and counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import IntEnum
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Misconfigured
from impetus.core.observation import US_PER_S, Batch, Catalogue, Float64s, Int64s, to_us
from impetus.tools.urban_anomaly.calibrate import tail_p
from impetus.tools.urban_anomaly.columns import Columns, fresh_columns, grown
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.score import Expectation, Readings, expect, foretold, rarity, update
from impetus.tools.urban_anomaly.seasons import BIN_S, BINS, LAST_US, Seasons, seasons
from impetus.tools.urban_anomaly.views import Forecast, View
from impetus.tools.urban_anomaly.views_context import ABOVE, AROUND, HIGHEST, Context, Rise
from impetus.tools.urban_anomaly.views_novelty import Novelty, fresh_novelty
from impetus.tools.urban_anomaly.views_together import ENOUGH, Together, fresh_together

AHEAD_US = 600 * US_PER_S
"""Readings further ahead of `at` than ten minutes are left out: one of them would silence its datastream. House rule."""
HUGEST = 1e18
"""Largest magnitude taken in; the catalogue's widest instrument range."""
MAX_DATASTREAMS = 2_000_000
"""Highest datastream id the state is laid out for: about 4 KiB each. House rule."""
MOVES_PACE = 0.002
"""Pace of the share of readings that differ from the one before: the last few hundred count."""
MOVES_USUALLY = 0.2
"""Share from which a datastream usually moves, so that standing still says something. House rule."""
AGAIN = 1.5
"""How much further than the last event a new one must go to start within its hold-off. House rule."""
SPIKE_AGAIN_US = 7 * 86_400 * US_PER_S
"""A sensor that spikes is reported once a week: a person mends it or lives with it. House rule."""
EXCEEDED = 0.01
"""Probability whose actual frequency is counted beside the nominal one."""
SEASONAL_POWER = 0.6
"""Power of the seasonal probability when it is joined with novelty's: its surprises come in runs, so that ten of them are no
more than about six independent powers of ten say. House choice, flat between 0.5 and 0.7."""
GAP_READINGS = 20.0
"""Cadences of silence after which a run of strange readings starts anew."""


class Mark(IntEnum):
    """What a reading changed in the event of its datastream."""

    NOTHING = 0
    STARTED = 1
    ENDED = 2


class Fault(IntEnum):
    """What a reading says about its instrument."""

    NOTHING = 0
    SPIKE = 1
    """The reading before was far out, alone between calm ones."""
    STUCK = 2
    MOVED = 3
    """A stuck sensor moves again."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scored:
    """One entry per accepted reading, columns of shape `(accepted,)`, in the order taken in.

    `row` is the reading's row in the batch; `p` is the probability of a reading as surprising as this one, all views joined
    and held against the datastream's own past, NaN while it is being learnt, 1 where a later reading of the same moment
    of the same thing has the verdict; `carried` is the `View` that made it so; `z` is signed robust deviations, 0 while the datastream is being learnt;
    `one_in` is above 0 only where `mark` is `STARTED`. Where `fault` is not `NOTHING`, `about_us`, `about_value` and
    `about_z` tell when the fault began, which value it is about and how far out that was; else they repeat the reading.
    """

    row: Int64s
    p: Float64s
    carried: Int64s
    z: Float64s
    expected: Float64s
    scale: Float64s
    one_in: Float64s
    mark: Int64s
    fault: Int64s
    about_us: Int64s
    about_value: Float64s
    about_z: Float64s


VerdictKind = Literal["benign", "expected", "true"]


class Detector:
    """State and idea; pickles."""

    def __init__(self, config: Config, catalogue: Catalogue) -> None:
        self.config = config
        self.zone = config.zone()
        self.ignored = 0
        self.columns: Columns = fresh_columns(0)
        self.novelty: Novelty = fresh_novelty()
        self.together: Together = fresh_together()
        self.context = Context()
        self.learn(catalogue)

    def learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue: room for new datastreams, silence for withdrawn ones; nothing learnt is lost."""
        highest = catalogue.highest_id()
        if highest > MAX_DATASTREAMS:
            raise Misconfigured(
                f"datastream id {highest}", value=highest, limit=MAX_DATASTREAMS, remedy="declare fewer datastreams"
            )
        self.columns = grown(self.columns, highest + 1)
        self.novelty = self.novelty.grown(highest + 1)
        self.together.learn(catalogue)
        self.context.zones = {int(one): datastream.zone for one, datastream in catalogue.datastreams.items()}
        self.columns.known[:] = False
        for identity, datastream in catalogue.datastreams.items():
            if identity > 0:
                self.columns.known[identity] = True
                self.columns.cadence_s[identity] = datastream.cadence_s if datastream.cadence_s > 0 else 60.0

    def take(self, batch: Batch, *, at: datetime) -> Scored:
        """Score readings, then learn from them."""
        rows = self._accepted(batch, at)
        time_us, ids = batch.time_us[rows], batch.datastream[rows]
        order = np.lexsort((time_us, ids))
        rows, time_us, ids = rows[order], time_us[order], ids[order]
        values, where = batch.result[rows], seasons(time_us, self.zone, self.config.country)
        parts: list[Scored] = []
        with np.errstate(all="ignore"):
            for turn in _rounds(ids, self.together.group_of[ids], time_us):
                fresh = turn[time_us[turn] > self.columns.last_us[ids[turn]]]
                self.ignored += len(turn) - len(fresh)
                if len(fresh):
                    parts.append(self._round(rows[fresh], ids[fresh], time_us[fresh], values[fresh], where.take(fresh)))
        return _joined(parts)

    def forecast(self, ids: Int64s, times_us: Int64s, *, coverage: float = 0.9) -> Forecast:
        """Say what is expected of datastreams at times to come, the level of the last hours fading to the usual one.

        `ids` `(datastreams,)` in range of the catalogue, `times_us` `(times,)`; changes nothing.
        """
        return foretold(
            self.columns, self.config, ids, times_us, seasons(times_us, self.zone, self.config.country), coverage
        )

    def accept(self, ids: Int64s, began_us: int, ended_us: int, kind: VerdictKind) -> None:
        """Take in what a person decided about an event of these datastreams between two times.

        "benign" and "expected" raise the bar for these datastreams around this time of day on this kind of day to a little
        above the event, by less and less over weeks; "true" takes such a rise back. No verdict changes what is normal.
        """
        where = seasons(np.array([began_us, ended_us], dtype=np.int64), self.zone, self.config.country)
        first, day = (int(where.now[0]) - AROUND) % BINS, int(where.day[0])
        count = min((ended_us - began_us) // (BIN_S * US_PER_S) + 1 + 2 * AROUND, BINS)
        for one in ids.tolist():
            if not 0 < one < len(self.columns.known):
                continue
            if kind == "true":
                self.context.withdraw(one, first, count, day)
                continue
            size = float(self.columns.peak[one]) / self.config.start_z
            above = min(max(ABOVE * size, ABOVE), HIGHEST) - 1.0
            self.context.accept(one, Rise(first=first, count=count, day=day, above=above, since_us=ended_us))

    def plan(self, events: Sequence[tuple[str | None, int, int]]) -> None:
        """Take in all that is planned: (zone or None for everywhere, since, until) in microseconds; replaces the plan before."""
        self.context.plan(events)

    def _accepted(self, batch: Batch, at: datetime) -> Int64s:
        """Return rows that can be used, and count the others."""
        ids = batch.datastream
        inside = (ids > 0) & (ids < len(self.columns.known))
        latest = min(to_us(at) + AHEAD_US, LAST_US)
        good = inside & self.columns.known[np.where(inside, ids, 0)]
        good &= (batch.time_us >= 0) & (batch.time_us <= latest) & (np.abs(batch.result) <= HUGEST)
        rows = np.flatnonzero(good).astype(np.int64)
        self.ignored += len(batch) - len(rows)
        return rows

    def _round(self, rows: Int64s, ids: Int64s, time_us: Int64s, values: Float64s, where: Seasons) -> Scored:
        """Take one reading each of several datastreams."""
        columns = self.columns
        first = columns.last_us[ids] < 0
        columns.first_us[ids[first]] = time_us[first]
        readings = Readings(
            ids=ids,
            time_us=time_us,
            values=values,
            passed_s=np.where(first, columns.cadence_s[ids], (time_us - columns.last_us[ids]) / US_PER_S),
            where=where,
            learnt=(time_us - columns.first_us[ids]) >= self.config.learning_s * US_PER_S,
        )
        expectation = expect(columns, readings)
        scored = self._judged(rows, readings, expectation)
        update(columns, self.config, readings, expectation)
        return self._joined_views(scored, readings, expectation)

    def _joined_views(self, scored: Scored, readings: Readings, expectation: Expectation) -> Scored:
        """Join what the views found into one probability a reading, and keep how each datastream stands.

        Of a datastream alone two views speak, each ranked in its own past; the rarer one counts, twice its probability
        (union bound), so that what is told is no rarer than it is.
        """
        columns, ids, learnt = self.columns, readings.ids, readings.learnt
        novel = self.novelty.judge(ids, readings.values, columns.spread[ids])
        usual = 10.0 ** (-SEASONAL_POWER * columns.nines[ids])
        p = np.where(learnt, np.minimum(2.0 * np.minimum(novel, usual), 1.0), np.nan)
        carried = np.where(learnt, np.where(novel < usual, View.NOVELTY, View.SEASONAL), View.NONE).astype(np.int64)
        columns.last_p[ids], columns.last_expected[ids], columns.last_scale[ids] = (
            p,
            expectation.expected,
            expectation.scale,
        )
        columns.judged[ids] += learnt
        columns.exceeded[ids] += p <= EXCEEDED
        columns.alarms[ids] += scored.mark == Mark.STARTED
        self._look_together(readings, p, carried)
        return replace(scored, p=p, carried=carried)

    def _look_together(self, readings: Readings, p: Float64s, carried: Int64s) -> None:
        """Let the reading that completes a moment of its thing carry what the thing's datastreams say together.

        Of a thing that is known the other readings of the moment have no verdict of their own: 1. How each datastream stands
        alone stays in `columns.last_p`.
        """
        together, columns = self.together, self.columns
        group_of = together.group_of[readings.ids]
        grouped = np.flatnonzero(group_of >= 0)
        if not len(grouped):
            return
        order = grouped[np.lexsort((readings.ids[grouped], group_of[grouped]))]
        last = order[np.append(group_of[order][1:] != group_of[order][:-1], True)]
        members, time_us = together.members[group_of[last]], readings.time_us[last]
        inside = members > 0
        complete = (~inside | (columns.last_us[members] == time_us[:, None])).all(axis=1)
        last, members, inside, time_us = last[complete], members[complete], inside[complete], time_us[complete]
        position = (readings.where.before[last] + readings.where.share[last] + 0.5) % BINS
        rare, told = together.judge(
            group_of[last],
            position,
            time_us,
            np.where(inside, columns.last_value[members], np.nan),
            np.where(inside, np.maximum(columns.spread[members], np.finfo(np.float32).tiny), np.nan),
            np.where(inside, columns.nines[members], 0.0).max(axis=1, initial=0.0),
        )
        p[grouped[together.known[group_of[grouped]] >= ENOUGH]] = 1.0
        known = np.isfinite(rare)
        p[last[known]] = rare[known]
        carried[last[known]] = np.where(told, View.TOGETHER, View.SEASONAL)[known]

    def _judged(self, rows: Int64s, readings: Readings, expectation: Expectation) -> Scored:
        """Decide what each reading starts, ends or says of its instrument."""
        columns, ids = self.columns, readings.ids
        z = np.where(readings.learnt, expectation.z, 0.0)
        still_us = columns.equal_us[ids]
        fault = self._still(readings)
        strange, one_in = self._strange(readings, expectation, z)
        self._spikes(readings, z, strange, fault)
        self._runs(readings, z, strange)
        mark = self._events(readings, z, strange)
        spike = fault == Fault.SPIKE
        p = np.where(readings.learnt, tail_p(columns.sizes[:, ids], columns.readings[ids], np.abs(z)), 1.0)
        columns.nines[ids] = -np.log10(p)
        return Scored(
            row=rows,
            p=p,
            carried=fault,
            z=z,
            expected=expectation.expected,
            scale=expectation.scale,
            one_in=np.where(mark == Mark.STARTED, one_in, 0.0),
            mark=mark,
            fault=fault,
            about_us=np.where(
                spike, columns.last_us[ids], np.where(fault != Fault.NOTHING, still_us, readings.time_us)
            ),
            about_value=np.where(fault % 2 == 1, columns.last_value[ids], readings.values),
            about_z=np.where(spike, columns.last_z[ids], z),
        )

    def _strange(self, readings: Readings, expectation: Expectation, z: Float64s) -> tuple[NDArray[np.bool_], Float64s]:
        """Say which readings are far, visibly so, and rarely so far by this datastream's own past; and how rarely."""
        ids = readings.ids
        one_in = np.zeros(len(ids))
        bar = self.context.bars(ids, readings.time_us, readings.where)
        strange = np.abs(z) >= self.config.start_z * bar
        strange &= np.abs(expectation.surprise) >= self.config.least_effect * self.columns.spread[ids]
        picked = np.flatnonzero(strange)
        if len(picked):
            continued = self._continued(readings, z)[picked]
            per_day, chance = rarity(self.columns, ids[picked], np.abs(z[picked]), continued)
            strange[picked] = per_day <= self.config.exceedances_per_day
            one_in[picked] = chance
        return strange, one_in

    def _still(self, readings: Readings) -> Int64s:
        """Count equal readings in a row, and tell where they become a stuck sensor or end being one."""
        columns, config, ids, time_us = self.columns, self.config, readings.ids, readings.time_us
        fault = np.zeros(len(ids), dtype=np.int64)
        change = readings.values != columns.last_value[ids]
        fault[change & columns.stuck[ids]] = Fault.MOVED
        moved = ids[change]
        usual = moved[~columns.stuck[moved]]
        columns.longest[usual] = np.maximum(columns.longest[usual], columns.equal[usual])
        columns.stuck[moved] = False
        columns.equal[moved] = 0
        columns.equal_us[moved] = time_us[change]
        columns.equal[ids] += 1
        columns.moves[ids] += np.maximum(MOVES_PACE, 1.0 / (columns.seen[ids] + 1.0)) * (change - columns.moves[ids])
        long = columns.equal[ids] >= np.maximum(config.stuck_readings, 3 * columns.longest[ids])
        if bool(long.any()):
            long &= (time_us - columns.equal_us[ids] >= config.stuck_s * US_PER_S) & readings.learnt
            long &= (columns.moves[ids] >= MOVES_USUALLY) & ~columns.stuck[ids]
            columns.stuck[ids[long]] = True
            fault[long] = Fault.STUCK
        return fault

    def _spikes(self, readings: Readings, z: Float64s, strange: NDArray[np.bool_], fault: Int64s) -> None:
        """Tell where a calm reading follows exactly one reading far out."""
        columns, ids = self.columns, readings.ids
        alone = (np.abs(columns.run[ids]) == 1) & (np.abs(columns.last_z[ids]) >= self.config.spike_z)
        if bool(alone.any()):
            alone &= ~strange & (np.abs(z) < self.config.end_z) & (columns.active[ids] == 0)
            alone &= ~self._gap(readings) & (fault == Fault.NOTHING)
            told_us = columns.spike_us[ids]
            alone &= (told_us < 0) | (readings.time_us - told_us >= SPIKE_AGAIN_US)
            columns.spike_us[ids[alone]] = readings.time_us[alone]
            fault[alone] = Fault.SPIKE

    def _runs(self, readings: Readings, z: Float64s, strange: NDArray[np.bool_]) -> None:
        """Count strange readings on one side, signed; a half strange one neither counts nor ends the run."""
        columns, ids = self.columns, readings.ids
        run = columns.run[ids]
        if not bool((strange | (run != 0)).any()):
            return
        side = np.sign(z).astype(np.int32)
        same = self._continued(readings, z)
        kept = np.where(same & (np.abs(z) >= self.config.end_z), run, 0)
        columns.run[ids] = np.where(strange, np.where(same, run + side, side), kept)
        columns.run_sizes[:, ids[(run != 0) & (~same | (columns.run[ids] == 0))]] = 0

    def _continued(self, readings: Readings, z: Float64s) -> NDArray[np.bool_]:
        """Say which readings lie on the side of the run before them, without a long silence in between."""
        return np.asarray((np.sign(self.columns.run[readings.ids]) == np.sign(z)) & ~self._gap(readings))

    def _events(self, readings: Readings, z: Float64s, strange: NDArray[np.bool_]) -> Int64s:
        """Start and end events."""
        columns, config, ids = self.columns, self.config, readings.ids
        mark = np.zeros(len(ids), dtype=np.int64)
        running = columns.active[ids] != 0
        some = np.flatnonzero(running | strange)
        if not len(some):
            return mark
        ids, running, size, side = ids[some], running[some], np.abs(z[some]), np.sign(z[some])
        needed = np.where(size >= 2 * config.start_z, min(2, config.start_readings), config.start_readings)
        calm = np.where(running & (size < config.end_z), columns.calm[ids] + 1, 0)
        ended = running & ((calm >= config.end_readings) | self._gap(readings)[some])
        held = (readings.time_us[some] < columns.hold_us[ids]) & (size < AGAIN * columns.peak[ids])
        started = ~running & strange[some] & (np.abs(columns.run[ids]) >= needed) & ~held
        columns.calm[ids] = calm
        columns.active[ids] = np.where(started, side, np.where(ended, 0, columns.active[ids]))
        columns.peak[ids] = np.where(
            started, size, np.where(running, np.maximum(columns.peak[ids], size), columns.peak[ids])
        )
        busy = running | started
        columns.hold_us[ids[busy]] = readings.time_us[some][busy] + np.int64(config.hold_off_s * US_PER_S)
        mark[some[ended]] = Mark.ENDED
        mark[some[started]] = Mark.STARTED
        return mark

    def _gap(self, readings: Readings) -> NDArray[np.bool_]:
        """Say where a datastream was silent for long before the reading."""
        return np.asarray(readings.passed_s > GAP_READINGS * self.columns.cadence_s[readings.ids])


def _rounds(ids: Int64s, groups: Int64s, time_us: Int64s) -> list[NDArray[np.intp]]:
    """Cut readings, sorted by id and time, into rounds with each id at most once, in order.

    The readings that a group, -1 for none, has at one time come in one round, whatever is missing before them.
    """
    if not len(ids):
        return []
    fresh = np.flatnonzero(np.concatenate(([True], ids[1:] != ids[:-1])))
    rank = np.arange(len(ids)) - np.repeat(fresh, np.diff(np.append(fresh, len(ids))))
    grouped = np.flatnonzero(groups >= 0)
    if len(grouped):
        rank[grouped] = _group_ranks(ids[grouped], groups[grouped], time_us[grouped])
    order = np.argsort(rank, kind="stable")
    return [turn for turn in np.split(order, np.cumsum(np.bincount(rank))[:-1]) if len(turn)]


def _group_ranks(ids: Int64s, groups: Int64s, time_us: Int64s) -> Int64s:
    """Return the how-manieth time of its group each reading has; a second reading of one id at one time comes later."""
    order = np.lexsort((ids, time_us, groups))
    group, time, one = groups[order], time_us[order], ids[order]
    new_group = np.concatenate(([True], group[1:] != group[:-1]))
    again = np.concatenate(([False], (one[1:] == one[:-1]) & (time[1:] == time[:-1]) & ~new_group[1:]))
    step = np.concatenate(([False], (time[1:] != time[:-1]))) | again
    count = np.cumsum(np.where(new_group, 0, step))
    start = count[np.flatnonzero(new_group)]
    ranks = np.empty(len(ids), dtype=np.int64)
    ranks[order] = count - np.repeat(start, np.diff(np.append(np.flatnonzero(new_group), len(ids))))
    return ranks


def _joined(parts: list[Scored]) -> Scored:
    """Join rounds."""
    if not parts:
        none, zero = np.zeros(0, dtype=np.int64), np.zeros(0)
        return Scored(
            row=none, p=zero, carried=none, z=zero, expected=zero, scale=zero, one_in=zero, mark=none, fault=none,
            about_us=none, about_value=zero, about_z=zero,
        )  # fmt: skip
    if len(parts) == 1:
        return parts[0]
    return Scored(
        **{item.name: np.concatenate([getattr(part, item.name) for part in parts]) for item in fields(Scored)}
    )
