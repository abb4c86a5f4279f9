"""Real recorded series of other cities, played again beside the simulated square where the data folder is there.

A recording is played round and round in whole weeks, so that Monday morning stays Monday morning; which moment of it belongs
to a time follows from the time alone. It is marked as replayed, and as simulated input, because it is not happening here.

**Source**: Numenta Anomaly Benchmark (NAB), `realTraffic` and `realKnownCause`: Minnesota traffic sensors, New York taxis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s, batch_of

SOURCE = "recorded"
WEEK_US = 7 * 86_400 * US_PER_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One file, and what it holds: property, unit (UCUM or what people write), range, seconds between readings."""

    file: str
    key: str
    name: str
    property: str
    unit: str
    highest: float
    cadence_s: float


def _road(kind: str, site: str, unit: str, highest: float) -> Recording:
    return Recording(
        file=f"nab/data/realTraffic/{kind}_{site}.csv",
        key=f"{kind}-{site}".lower(),
        name=f"Road {kind}, site {site} (replayed)",
        property=f"road_{kind}",
        unit=unit,
        highest=highest,
        cadence_s=300.0,
    )


RECORDINGS: tuple[Recording, ...] = (
    _road("occupancy", "6005", "%", 100.0),
    _road("occupancy", "t4013", "%", 100.0),
    _road("speed", "6005", "[mi_i]/h", 200.0),
    _road("speed", "t4013", "[mi_i]/h", 200.0),
    Recording(
        file="nab/data/realKnownCause/nyc_taxi.csv",
        key="taxi",
        name="Taxi passengers (replayed)",
        property="taxi_passengers",
        unit="{passengers}",
        highest=1e6,
        cadence_s=1800.0,
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Played:
    """A recording with its readings, by time, and the number of its datastream on this installation."""

    datastream: int
    time_us: Int64s
    result: Float64s

    def readings(self, since_us: int, until_us: int) -> Batch:
        """Return the readings with `since < time <= until`; the last incomplete week of the recording is left out."""
        if not self.time_us.size:
            return batch_of([], [], [])
        first = int(self.time_us[0])
        span_us = max(1, int(self.time_us[-1] - first) // WEEK_US) * WEEK_US
        inside = self.time_us < first + span_us
        rounds = range((since_us - first) // span_us, (until_us - first) // span_us + 1)
        times = [self.time_us[inside] + number * span_us for number in rounds]
        results = [self.result[inside]] * len(times)
        time_us, result = np.concatenate(times), np.concatenate(results)
        wanted = (time_us > since_us) & (time_us <= until_us)
        return batch_of(np.full(int(wanted.sum()), self.datastream), time_us[wanted], result[wanted])


def declaration(recordings: Sequence[Recording] = RECORDINGS) -> Mapping[str, object]:
    """Return the declaration of the replayed source."""
    return {
        "source": {
            "id": SOURCE,
            "name": "Recorded city series (replayed)",
            "kind": "replayed",
            "simulated": True,
            "freshness_s": 7200.0,
        },
        "things": [_thing(recording) for recording in recordings],
    }


def _thing(recording: Recording) -> dict[str, object]:
    stream = {
        "property": recording.property,
        "unit": recording.unit,
        "lowest": 0.0,
        "highest": recording.highest,
        "cadence_s": recording.cadence_s,
    }
    return {"key": recording.key, "name": recording.name, "datastreams": [stream]}
