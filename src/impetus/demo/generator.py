"""Credible readings of the square: pure functions of time, seed and script.

How it works: each kind of instrument has a normal value (day and week patterns in local time, smooth noise with memory,
instrument noise), the script bends it, then the instrument's own habits are laid over it: gaps, single missing values,
rare single spikes, rounding. A reading depends on (seed, datastream, time) alone, so asking for a fortnight in one piece
or second by second gives the same readings. Nothing is ever in the future of the time asked for.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np

from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s, batch_of, concatenate
from impetus.demo.noise import Chance
from impetus.demo.script import Script
from impetus.demo.streams import CADENCE_S, SAMPLE_S, SOURCE, Stream

HOUR_US = 3600 * US_PER_S
EPOCH_WEEKDAY, SATURDAY = 3, 5
"""Days counted from Monday; 1 January 1970 was a Thursday."""
GAP_STEP_S = 900
GAP_SHARE = 0.002
"""Share of quarter hours an instrument says nothing: a radio link's ordinary losses. House choice."""
MISSING_SHARE = 0.0008
"""Share of readings an instrument reports as "no value". House choice."""
SPIKE_SHARE = 0.000004
"""Share of readings that are a glitch: one in about a month at 10 s. House choice."""

WORKDAY = (
    (0, 5, 7, 8.5, 10, 12.5, 15, 16.5, 18.5, 20, 22, 24),
    (0.14, 0.05, 0.3, 0.6, 0.5, 0.95, 0.75, 1.0, 0.75, 0.6, 0.35, 0.14),
)
WEEKEND = ((0, 5, 8, 11, 14, 16, 19, 22, 24), (0.28, 0.06, 0.14, 0.6, 1.05, 1.1, 0.8, 0.5, 0.28))
"""Hour of the day against the share of a busy hour; the shape of people counts on any European square. House choice."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moments:
    """Times with what the calendar says about them: `busy` 0..1.1 is how full the square is, `hour` local 0..24."""

    time_us: Int64s
    hour: Float64s
    busy: Float64s


def moments(time_us: Int64s, zone: ZoneInfo) -> Moments:
    """Look up local hour and busyness; the offset is taken per hour, so a change of clocks is followed."""
    hours, where = np.unique(time_us // HOUR_US, return_inverse=True)
    offsets = [datetime.fromtimestamp(int(hour) * 3600, UTC).astimezone(zone).utcoffset() for hour in hours]
    offset_us = np.array(
        [int(offset.total_seconds()) * US_PER_S if offset else 0 for offset in offsets], dtype=np.int64
    )
    local_us = time_us + offset_us[where]
    hour = (local_us % (24 * HOUR_US)) / HOUR_US
    weekday = (local_us // (24 * HOUR_US) + EPOCH_WEEKDAY) % 7
    busy = np.where(weekday < SATURDAY, np.interp(hour, *WORKDAY), np.interp(hour, *WEEKEND))
    return Moments(time_us=time_us, hour=hour, busy=busy)


def _density(chance: Chance, at: Moments) -> Float64s:
    """People per square metre: busyness, a favourite spot, groups that come and go."""
    favour = 0.75 + 0.6 * float(chance.uniform(np.zeros(1, dtype=np.int64), "spot")[0])
    groups = 1.0 + 0.10 * chance.smooth(at.time_us, 1500.0) + 0.07 * chance.smooth(at.time_us, 180.0)
    return favour * at.busy * np.maximum(groups, 0.2) + 0.012 * chance.normal(at.time_us, "lens") + 0.03


def _egress(chance: Chance, at: Moments) -> Float64s:
    flow = 34.0 * at.busy * (1.0 + 0.15 * chance.smooth(at.time_us, 900.0))
    return flow + np.sqrt(np.maximum(flow, 1.0)) * 0.6 * chance.normal(at.time_us, "walkers") + 2.0


def _bacteria(chance: Chance, at: Moments) -> Float64s:
    """Culturable load of city air, some hundreds per cubic metre, skewed, higher by day."""
    load = 190.0 * (1.0 + 0.35 * at.busy) * np.exp(0.18 * chance.smooth(at.time_us, 5400.0))
    return load * np.exp(0.14 * chance.normal(at.time_us, "plate"))


def _duration(_: Chance, at: Moments) -> Float64s:
    """Seconds of drawing; the rest of the two minutes the sampler rinses."""
    return np.full(len(at.time_us), SAMPLE_S - 10.0)


def _air(chance: Chance, at: Moments) -> Float64s:
    """Cubic metres drawn: 330 litres a minute, as large wet-walled samplers draw."""
    return np.asarray(0.6 * (1.0 + 0.01 * _of_thing(chance, "air_volume").normal(at.time_us)), dtype=np.float64)


def _liquid(chance: Chance, at: Moments) -> Float64s:
    return np.asarray(15.0 * (1.0 + 0.005 * _of_thing(chance, "collector_volume").normal(at.time_us)), dtype=np.float64)


def _raw(chance: Chance, at: Moments) -> Float64s:
    """Return what the reader sees in the liquid, before it is told as a load of air."""
    load = _bacteria(_of_thing(chance, "airborne_bacteria"), at)
    return np.asarray(RAW_PER_COUNT * load * _air(chance, at) / _liquid(chance, at), dtype=np.float64)


def _limit(_: Chance, at: Moments) -> Float64s:
    return np.full(len(at.time_us), 8.0)


def _good(_: Chance, at: Moments) -> Float64s:
    return np.zeros(len(at.time_us))


def _of_thing(chance: Chance, measured: str) -> Chance:
    """Return the chance of another property of the same instrument."""
    return Chance(seed=chance.seed, name=f"{chance.name.rpartition('/')[0]}/{measured}")


def _sound(chance: Chance, at: Moments) -> Float64s:
    level = 46.0 + 16.0 * np.sqrt(at.busy)
    return level + 1.5 * chance.smooth(at.time_us, 600.0) + 1.1 * chance.normal(at.time_us, "gust")


def _traffic(chance: Chance, at: Moments) -> Float64s:
    """Cameras send all day; people's use of the square's network comes on top."""
    return 62.0 + 9.0 * at.busy + 1.8 * chance.smooth(at.time_us, 1200.0) + 0.9 * chance.normal(at.time_us, "burst")


def _packets(chance: Chance, at: Moments) -> Float64s:
    return 100.0 * _traffic(chance, at) + 60.0 * chance.normal(at.time_us, "size")


def _logins(chance: Chance, at: Moments) -> Float64s:
    """Mistyped passwords and strangers at the door: a few a minute, without a season."""
    return np.abs(2.4 + 0.5 * chance.smooth(at.time_us, 3600.0) + 0.7 * chance.normal(at.time_us, "door"))


def _frames(chance: Chance, at: Moments) -> Float64s:
    return 25.0 + 0.12 * chance.normal(at.time_us, "shutter") - 0.1 * np.abs(chance.smooth(at.time_us, 400.0))


def _wind(chance: Chance, at: Moments) -> Float64s:
    mean = 3.4 + 1.1 * np.sin((at.hour - 9.0) / 24.0 * 2.0 * np.pi) + 0.9 * chance.smooth(at.time_us, 21_600.0)
    return np.maximum(mean, 0.4) * (1.0 + 0.12 * chance.normal(at.time_us, "gust"))


def _wind_from(chance: Chance, at: Moments) -> Float64s:
    return 205.0 + 18.0 * chance.smooth(at.time_us, 28_800.0) + 6.0 * chance.normal(at.time_us, "vane")


def _temperature(chance: Chance, at: Moments) -> Float64s:
    day = 12.0 + 4.5 * np.sin((at.hour - 9.0) / 24.0 * 2.0 * np.pi)
    return day + 1.4 * chance.smooth(at.time_us, 86_400.0) + 0.08 * chance.normal(at.time_us, "shade")


def _tram(chance: Chance, at: Moments) -> Float64s:
    return 45.0 + 40.0 * at.busy + 22.0 * chance.smooth(at.time_us, 1200.0) + 9.0 * chance.normal(at.time_us, "door")


NORMAL: Mapping[str, Callable[[Chance, Moments], Float64s]] = {
    "people_density": _density,
    "egress_flow": _egress,
    "airborne_bacteria": _bacteria,
    "sample_duration": _duration,
    "air_volume": _air,
    "collector_volume": _liquid,
    "raw_signal": _raw,
    "detection_limit": _limit,
    "quality_flag": _good,
    "sound_level": _sound,
    "traffic": _traffic,
    "packets": _packets,
    "failed_logins": _logins,
    "frame_rate": _frames,
    "wind_speed": _wind,
    "wind_direction": _wind_from,
    "air_temperature": _temperature,
    "tram_delay": _tram,
}
RAW_PER_COUNT = 20.0
"""Raw signal of one count a millilitre. House choice."""
DECIMALS: Mapping[str, int] = {
    "people_density": 3,
    "air_volume": 4,
    "raw_signal": 1,
    "wind_direction": 1,
    "packets": 0,
    "tram_delay": 0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Square:
    """The square under one seed and script; `ids` are the datastreams' numbers on this installation, by key."""

    seed: int
    zone: ZoneInfo
    script: Script
    streams: tuple[Stream, ...]
    ids: Mapping[str, int]

    def readings(self, since_us: int, until_us: int, *, every_s: int = CADENCE_S) -> Batch:
        """Return every reading with `since < time <= until`, by time, instruments at their own seconds of the cadence."""
        parts = [self._of(stream, since_us, until_us, every_s) for stream in self.streams]
        batch = concatenate(parts)
        return batch.take(np.argsort(batch.time_us, kind="stable"))

    def _of(self, stream: Stream, since_us: int, until_us: int, every_s: int) -> Batch:
        chance = Chance(seed=self.seed, name=stream.key)
        time_us = due(stream, since_us, until_us, every_s)
        link = (
            chance if stream.measure.cadence_s == CADENCE_S else Chance(seed=self.seed, name=f"{SOURCE}/{stream.thing}")
        )
        time_us = time_us[link.uniform(time_us // (GAP_STEP_S * US_PER_S), "gap") > GAP_SHARE]
        if not len(time_us):
            return batch_of([], [], [])
        values = self.script.play(stream, time_us, measure(stream, chance, moments(time_us, self.zone)))
        values = np.where(link.uniform(time_us, "missing") < MISSING_SHARE, np.nan, _clean(stream, values))
        return batch_of(np.full(len(time_us), self.ids[stream.key]), time_us, values)


def due(stream: Stream, since_us: int, until_us: int, every_s: int) -> Int64s:
    """Return when a stream has a reading in `since < time <= until`: its own second within the cadence.

    Parts of one sample have the same times: they go by their thing, and no sampler samples more often than it can.
    """
    every_us = max(every_s, stream.measure.cadence_s) * US_PER_S
    own_us = int(Chance(seed=0, name=stream.thing).uniform(np.zeros(1, dtype=np.int64))[0] * CADENCE_S) * US_PER_S
    first = (since_us - own_us) // every_us + 1
    last = (until_us - own_us) // every_us
    return np.arange(first, last + 1, dtype=np.int64) * every_us + own_us


def measure(stream: Stream, chance: Chance, at: Moments) -> Float64s:
    """Return what the instrument would measure on an ordinary day, with its rare glitches.

    None falls on a whole minute, so that a past told by the minute raises no alarm about last week.
    """
    values = NORMAL[stream.measure.property](chance, at)
    is_minute = at.time_us // (CADENCE_S * US_PER_S) % 6 == 0
    is_spike = (
        ~is_minute & (stream.measure.cadence_s == CADENCE_S) & (chance.uniform(at.time_us, "spike") < SPIKE_SHARE)
    )
    return np.where(is_spike, values * 4.0, values)


def _clean(stream: Stream, values: Float64s) -> Float64s:
    """Round and bound as the instrument would."""
    decimals = DECIMALS.get(stream.measure.property, 2)
    bounded = np.clip(values, stream.measure.lowest, stream.measure.highest)
    return np.asarray(np.round(bounded, decimals), dtype=np.float64)


def normal_square(seed: int, zone: ZoneInfo, streams: Sequence[Stream], ids: Mapping[str, int]) -> Square:
    """Return the square on which nothing happens."""
    return Square(seed=seed, zone=zone, script=Script(), streams=tuple(streams), ids=ids)
