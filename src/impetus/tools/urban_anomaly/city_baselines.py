"""The baselines on a city: their thresholds are set so that the second week of learning has one alarm per 1,000 stream-days.

No label is looked at for that, only what they score where nothing is known to happen. Each alarm is an incident about one
datastream; none of them knows faults, neighbours or plans.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s
from impetus.tools.urban_anomaly.baselines import HOLD_OFF_US, NAMES, Plain
from impetus.tools.urban_anomaly.city_score import EVENT, Incident

NOMINAL = 1e-3
"""Alarms per stream-day that thresholds are set for."""
DAY_US = 86_400 * US_PER_S
CALIBRATION_DAYS = 7


@dataclass(slots=True, kw_only=True)
class CityBaselines:
    """The three plain scores over a city's days. `begin_us` is where judging begins. Mutable."""

    streams: int
    begin_us: int
    plain: Plain
    largest: NDArray[np.float64]
    alarmed_us: Int64s
    threshold: Float64s | None = None
    incidents: dict[str, list[Incident]] = field(default_factory=lambda: {name: [] for name in NAMES})

    @classmethod
    def of(cls, streams: int, begin_us: int) -> "CityBaselines":
        """Return baselines that have seen nothing; `streams` is the highest id."""
        return cls(
            streams=streams,
            begin_us=begin_us,
            plain=Plain.of(streams + 1),
            largest=np.zeros((len(NAMES), CALIBRATION_DAYS, streams + 1)),
            alarmed_us=np.full((len(NAMES), streams + 1), -HOLD_OFF_US, dtype=np.int64),
        )

    def take(self, readings: Batch, arrival_us: Int64s, local_s: Int64s) -> None:
        """Score a day, learn from it, and keep what it alarms."""
        order = np.argsort(arrival_us, kind="stable")
        place, at_us = readings.datastream[order], arrival_us[order]
        scores = self.plain.score(place, local_s[order], readings.result[order])
        day = (at_us - self.begin_us) // DAY_US + CALIBRATION_DAYS
        known = (day >= 0) & (day < CALIBRATION_DAYS)
        for number in range(len(NAMES)):
            if known.any():
                np.maximum.at(self.largest[number], (day[known], place[known]), scores[number, known])
        judged = at_us >= self.begin_us
        if not judged.any():
            return
        if self.threshold is None:
            self.threshold = self._thresholds()
        for number, name in enumerate(NAMES):
            over = np.flatnonzero(judged & (scores[number] > self.threshold[number]))
            for row in over.tolist():
                self._alarm(name, number, int(place[row]), int(at_us[row]))

    def _alarm(self, name: str, number: int, stream: int, at_us: int) -> None:
        """Raise an alarm unless this datastream had one within a day."""
        if at_us - self.alarmed_us[number, stream] >= HOLD_OFF_US:
            self.incidents[name].append(told_once(stream, at_us))
            self.alarmed_us[number, stream] = at_us

    def _thresholds(self) -> Float64s:
        """Return for each score the size that as many days of datastreams pass as are nominal."""
        allowed = int(NOMINAL * self.streams * CALIBRATION_DAYS)
        return np.array([np.sort(each.ravel())[::-1][allowed] for each in self.largest])

    def all(self, end_us: int) -> Mapping[str, list[Incident]]:
        """Return the incidents of every baseline, nothing and blind ones too."""
        return {"null": [], "blind": _blind(self.streams, self.begin_us, end_us), **self.incidents}


def told_once(stream: int, at_us: int) -> Incident:
    """Return an incident told once about one datastream."""
    return Incident(category=EVENT, lead=(stream,), told=[(at_us, frozenset({stream}))])


def _blind(streams: int, begin_us: int, end_us: int) -> list[Incident]:
    """Return alarms at the nominal rate, evenly over time, at datastreams in an order that knows nothing."""
    count = round(NOMINAL * streams * (end_us - begin_us) / DAY_US)
    chosen = np.random.default_rng(0).integers(1, streams + 1, count)
    at_us = np.linspace(begin_us, end_us, count, endpoint=False).astype(np.int64)
    return [told_once(stream, us) for stream, us in zip(chosen.tolist(), at_us.tolist(), strict=True)]
