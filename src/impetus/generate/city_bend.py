"""How happenings bend the readings of a day: matrices in, matrices changed in place, arrivals and losses beside them."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Int64s
from impetus.generate.city_days import Day, Matrix
from impetus.generate.city_plan import SORTS, City
from impetus.generate.city_truth import HOUR_US, Truth

LOST_SHARE = 0.002
"""Share of readings that never arrive: a radio link's ordinary losses."""
SPIKES = 3
"""Single wild readings of one spiking instrument."""
DROPPED_SHARE = 0.7
"""Share of readings that are the lowest possible while an instrument drops out."""
FALL_SHARE = 0.06
"""Share of a match after which people have come, and within which they leave."""


@dataclass(slots=True, kw_only=True)
class Bender:
    """Applies happenings to days in order. Mutable: a stuck instrument keeps its value over midnight."""

    city: City
    truths: list[Truth]
    stuck: dict[int, float] = field(default_factory=dict)

    def bend(self, day: Day) -> tuple[Int64s, NDArray[np.bool_]]:
        """Bend a day's values in place; return how late each reading is stamped, s, and which readings arrive."""
        late_s = np.zeros(day.value.shape, dtype=np.int64)
        rng = np.random.default_rng([self.city.seed, 5, int(day.time_us[0] // US_PER_S), len(day.time_us)])
        arrives = rng.random(day.value.shape) >= LOST_SHARE
        place = np.full(len(self.city), -1, dtype=np.int64)
        place[day.rows] = np.arange(len(day.rows))
        todays = [one for one in self.truths if one.start_us <= day.time_us[-1] and one.end_us > day.time_us[0]]
        for truth in todays:
            rows = place[list(truth.rows)] if truth.rows else np.zeros(0, dtype=np.int64)
            kept = rows >= 0
            if kept.any():
                self._one(truth, day, rows[kept], np.resize(np.array(truth.signs), len(rows))[kept])
        self._finish(day)
        for truth in todays:
            rows = place[list(truth.rows)] if truth.rows else np.zeros(0, dtype=np.int64)
            if truth.category == "fault" and (rows >= 0).any():
                self._instrument(truth, day, rows[rows >= 0], (late_s, arrives))
        return late_s, arrives

    def _one(self, truth: Truth, day: Day, rows: Int64s, signs: NDArray[np.float64]) -> None:
        """Push what an event, or a drift, pushes."""
        if truth.category == "fault" and truth.kind != "drift":
            return
        within = (day.time_us >= truth.start_us) & (day.time_us < truth.end_us)
        share = envelope(truth, day.time_us[within])
        size = truth.amount if truth.kind == "drift" else truth.sd
        pushed = signs[:, None] * size * share[None, :] * day.sd[np.ix_(rows, within)]
        room = day.normal[np.ix_(rows, within)] - _lowest(self.city, day, rows)[:, None]
        pushed = np.where(pushed < 0, np.maximum(pushed, -0.9 * room), pushed)
        day.value[np.ix_(rows, within)] += pushed

    def _finish(self, day: Day) -> None:
        """Round and bound as instruments do."""
        sorts = [SORTS[sort] for sort in self.city.sort[day.rows].tolist()]
        scale = np.array([10.0**sort.decimals for sort in sorts])[:, None]
        lowest = np.array([sort.lowest for sort in sorts])[:, None]
        highest = np.array([sort.highest for sort in sorts])[:, None]
        np.clip(np.round(day.value * scale) / scale, lowest, highest, out=day.value)

    def _instrument(self, truth: Truth, day: Day, rows: Int64s, marks: tuple[Int64s, NDArray[np.bool_]]) -> None:
        """Let an instrument read wrong, after rounding."""
        late_s, arrives = marks
        within = np.flatnonzero((day.time_us >= truth.start_us) & (day.time_us < truth.end_us))
        if not len(within):
            return
        where = np.ix_(rows, within)
        rng = np.random.default_rng([self.city.seed, 6, truth.number, int(day.time_us[0] // US_PER_S)])
        if truth.kind == "stuck":
            value = self.stuck.setdefault(truth.number, float(day.value[rows[0], within[0]]))
            day.value[where] = value
        elif truth.kind == "dropout":
            dropped = rng.random((len(rows), len(within))) < DROPPED_SHARE
            day.value[where] = np.where(dropped, _lowest(self.city, day, rows)[:, None], day.value[where])
        elif truth.kind == "spike":
            at = spikes_at(truth, day.time_us)
            day.value[np.ix_(rows, at)] += truth.amount * day.sd[np.ix_(rows, at)]
        elif truth.kind == "unit":
            day.value[where] *= truth.amount
        elif truth.kind == "clock":
            late_s[where] = -int(truth.amount * 3_600)
        elif truth.kind == "missing":
            arrives[where] = False


def _lowest(city: City, day: Day, rows: Int64s) -> Matrix:
    return np.array([SORTS[sort].lowest for sort in city.sort[day.rows[rows]].tolist()])


def envelope(truth: Truth, time_us: Int64s) -> NDArray[np.float64]:
    """Return which share of its size a happening has at these moments of it, 0..1."""
    share = (time_us - truth.start_us) / (truth.end_us - truth.start_us)
    if truth.kind in {"gradual", "drift"}:
        return np.asarray(np.minimum(share * 1.02, 1.0))
    if truth.kind == "football_match":
        come = np.minimum((time_us - truth.start_us) / (HOUR_US / 2), 1.0)
        return np.asarray(np.minimum(come, np.minimum((1.0 - share) / FALL_SHARE, 1.0)))
    return np.ones(len(time_us))


def spikes_at(truth: Truth, time_us: Int64s) -> NDArray[np.intp]:
    """Return the moments of this day at which a spiking instrument is wild: evenly over its time, alone each."""
    wild = truth.start_us + (np.arange(SPIKES) * (truth.end_us - truth.start_us)) // SPIKES
    pace = int(time_us[1] - time_us[0])
    at = np.searchsorted(time_us, wild)
    inside = (wild >= time_us[0]) & (wild <= time_us[-1] + pace - 1)
    return np.unique(np.minimum(at[inside], len(time_us) - 1))
