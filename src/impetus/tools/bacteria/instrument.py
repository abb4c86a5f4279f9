"""The instrument as it is: a sampler draws air for a while into a liquid, and a reader says what it finds in it.

One sample is several readings of one thing, all with the same phenomenon time, the end of sampling: concentration, how long
air was drawn and how much, how much liquid it was caught in, the reader's raw signal, the least it can tell from nothing, and
its own word on quality. Parts may come apart and in any order; `Inlet` puts them together. A sampler that declares fewer
parts sends fewer.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from impetus.core.ids import DatastreamId, ThingKey
from impetus.core.observation import US_PER_S, Batch, Catalogue, Datastream

CONCENTRATION = "airborne_bacteria"
PARTS: Mapping[str, str] = {
    CONCENTRATION: "concentration",
    "sample_duration": "duration_s",
    "air_volume": "volume_m3",
    "collector_volume": "collector_ml",
    "raw_signal": "raw",
    "detection_limit": "limit",
    "quality_flag": "flag",
}
"""Observed property of each part of a sample, and the field it fills."""
FUTURE_US = 300 * US_PER_S
"""Readings further ahead of the clock than this are no readings. The ingest's own rule."""
MAX_OPEN = 8
"""Samples of one sampler that may wait for their parts; more is a stream gone wrong, and the oldest is let go."""


class Flag(IntEnum):
    """What the instrument says of its own sample."""

    GOOD = 0
    DOUBTFUL = 1
    BAD = 2
    MAINTENANCE = 3


@dataclass(slots=True, kw_only=True)
class Sample:
    """One sample of one sampler: `concentration` and `limit` in its unit, NaN for what was not said. Mutable until whole."""

    thing: ThingKey
    time_us: int
    concentration: float = math.nan
    duration_s: float = math.nan
    volume_m3: float = math.nan
    collector_ml: float = math.nan
    raw: float = math.nan
    limit: float = math.nan
    flag: float = math.nan
    missing: tuple[str, ...] = ()

    @property
    def is_censored(self) -> bool:
        """Say whether the reader could not tell it from nothing: at or below the limit of detection."""
        return self.limit > 0 and self.concentration <= self.limit

    @property
    def flow_m3_per_s(self) -> float:
        """Return the air drawn a second, NaN when unknown."""
        return self.volume_m3 / self.duration_s if self.duration_s > 0 else math.nan

    @property
    def response(self) -> float:
        """Return what the reader makes of one unit of raw signal: concentration x air / (raw x liquid); NaN when unknown."""
        caught = self.raw * (self.collector_ml if self.collector_ml > 0 else 1.0)
        drawn = self.concentration * (self.volume_m3 if self.volume_m3 > 0 else 1.0)
        return drawn / caught if caught > 0 and drawn > 0 else math.nan


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampler:
    """A sampler as declared: the datastream of its concentration, and those of its other parts by property."""

    thing: ThingKey
    stream: Datastream
    parts: Mapping[str, Datastream]


def samplers_of(catalogue: Catalogue) -> dict[ThingKey, Sampler]:
    """Return the things that report a concentration; others are no samplers."""
    parts: dict[ThingKey, dict[str, Datastream]] = {}
    for datastream in catalogue.datastreams.values():
        if datastream.observed_property in PARTS:
            parts.setdefault(datastream.thing, {})[datastream.observed_property] = datastream
    return {
        thing: Sampler(thing=thing, stream=own[CONCENTRATION], parts=own)
        for thing, own in sorted(parts.items())
        if CONCENTRATION in own
    }


@dataclass(slots=True, kw_only=True)
class Inlet:
    """Puts samples together from their parts; mutable, pickles, bounded by samplers. Times are microseconds."""

    wait_us: int
    samplers: dict[ThingKey, Sampler] = field(default_factory=dict)
    places: dict[DatastreamId, tuple[ThingKey, str]] = field(default_factory=dict)
    open: dict[ThingKey, dict[int, dict[str, float]]] = field(default_factory=dict)
    newest_us: dict[ThingKey, int] = field(default_factory=dict)
    late: int = 0

    def learn(self, catalogue: Catalogue) -> None:
        """Take in what is declared; open samples of withdrawn samplers are dropped."""
        self.samplers = samplers_of(catalogue)
        self.places = {
            part.id: (thing, name) for thing, sampler in self.samplers.items() for name, part in sampler.parts.items()
        }
        self.open = {thing: waiting for thing, waiting in self.open.items() if thing in self.samplers}

    def take(self, batch: Batch, *, at_us: int) -> list[Sample]:
        """Return the samples that are whole now, oldest first; one is let go unfinished when a later one begins."""
        done: list[Sample] = []
        for row in np.lexsort((batch.datastream, batch.time_us)).tolist():
            place = self.places.get(DatastreamId(int(batch.datastream[row])))
            time_us = int(batch.time_us[row])
            if place is None or not 0 <= time_us <= at_us + FUTURE_US:
                continue
            thing, name = place
            if time_us <= self.newest_us.get(thing, -1):
                self.late += 1
                continue
            waiting = self.open.setdefault(thing, {})
            waiting.setdefault(time_us, {})[name] = float(batch.result[row])
            done += self._whole(thing, waiting, time_us)
        return sorted(done, key=lambda sample: (sample.time_us, sample.thing))

    def expire(self, *, at_us: int) -> list[Sample]:
        """Return the samples whose missing parts nobody waits for any longer."""
        done: list[Sample] = []
        for thing, waiting in self.open.items():
            given_up = sorted(time_us for time_us in waiting if time_us + self.wait_us < at_us)
            done += [self._let_go(thing, waiting, time_us) for time_us in given_up]
        return sorted(done, key=lambda sample: (sample.time_us, sample.thing))

    def _whole(self, thing: ThingKey, waiting: dict[int, dict[str, float]], time_us: int) -> list[Sample]:
        """Return earlier samples that are given up because this one is whole, or too many wait, and this one if whole."""
        is_whole = self.samplers[thing].parts.keys() <= waiting[time_us].keys()
        too_many = len(waiting) > MAX_OPEN
        if not is_whole and not too_many:
            return []
        done = sorted(other for other in waiting if other <= time_us) if is_whole else [min(waiting)]
        return [self._let_go(thing, waiting, other) for other in done]

    def _let_go(self, thing: ThingKey, waiting: dict[int, dict[str, float]], time_us: int) -> Sample:
        parts = waiting.pop(time_us)
        self.newest_us[thing] = max(time_us, self.newest_us.get(thing, -1))
        missing = tuple(sorted(set(self.samplers[thing].parts) - set(parts)))
        values = {PARTS[name]: value for name, value in parts.items() if name in self.samplers[thing].parts}
        return Sample(thing=thing, time_us=time_us, missing=missing, **values)
