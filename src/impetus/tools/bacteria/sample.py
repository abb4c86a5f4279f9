"""Input for the conformance suite: three samplers that send whole samples for months, a release, and every kind of fault."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Batch, Catalogue, Datastream, batch_of, to_us
from impetus.core.place import Point
from impetus.tools.bacteria.instrument import PARTS

START = datetime(2026, 3, 2, tzinfo=UTC)
SAMPLERS = 3
DAYS = 6
SPACING_S = 1_800
RELEASES = ((2, 14.0, 18.0), (4, 1.0, 4.0), (5, 2.0, 4.0), (5, 13.0, 16.0))
"""Day, from hour, to hour: when two samplers hold twelve times what they should."""
BLOCKED = (3, 8.0, 12.0)
UNITS = {
    "airborne_bacteria": ("/m3", 1e6),
    "sample_duration": ("s", 86_400.0),
    "air_volume": ("m3", 100.0),
    "collector_volume": ("mL", 100.0),
    "raw_signal": ("1", 65_535.0),
    "detection_limit": ("/m3", 1e6),
    "quality_flag": ("1", 3.0),
}


def catalogue() -> Catalogue:
    """Return three samplers 200 m apart, each with all its parts."""
    streams = [_stream(1 + place, name) for place, name in enumerate(name for _ in range(SAMPLERS) for name in PARTS)]
    return Catalogue(version=len(streams), datastreams={stream.id: stream for stream in streams})


def _stream(identity: int, name: str) -> Datastream:
    sampler = (identity - 1) // len(PARTS) + 1
    unit, highest = UNITS[name]
    return Datastream(
        id=DatastreamId(identity),
        key=DatastreamKey(f"suite/a{sampler}/{name}"),
        source=SourceId("suite"),
        thing=ThingKey(f"suite/a{sampler}"),
        thing_name=f"A{sampler}",
        observed_property=name,
        unit=unit,
        point=Point(lon=10.73 + sampler * 0.003, lat=59.91),
        zone=ZoneId("quay"),
        lowest=0.0,
        highest=highest,
        cadence_s=SPACING_S,
        simulated=True,
    )


def batches() -> Sequence[tuple[Batch, datetime]]:
    """Return readings step by step: every sampler a whole sample every half hour."""
    rng = np.random.default_rng(20_260_302)
    steps = []
    for number in range(DAYS * 86_400 // SPACING_S):
        at = START + timedelta(seconds=number * SPACING_S)
        values = [value for sampler in range(SAMPLERS) for value in _sample(rng, number, sampler)]
        ids = list(range(1, len(values) + 1))
        steps.append((batch_of(ids, [to_us(at)] * len(ids), values), at + timedelta(seconds=1)))
    return steps


def _sample(rng: np.random.Generator, number: int, sampler: int) -> list[float]:
    """Return the parts of one sample in the order of `PARTS`."""
    day, hour = divmod(number * SPACING_S / 86_400, 1.0)
    hour *= 24
    held = 200.0 * (1.3 + np.sin((hour - 9) / 24 * 2 * np.pi)) * rng.gamma(12.0, 1 / 12.0)
    released = any(on == day and first <= hour < last for on, first, last in RELEASES)
    held *= 12.0 if released and sampler < SAMPLERS - 1 else 1.0
    blocked = sampler == SAMPLERS - 1 and BLOCKED[0] == day and BLOCKED[1] <= hour < BLOCKED[2]
    air = 3.0 * (0.3 if blocked else 1.0) * rng.normal(1.0, 0.02)
    return [round(held, 1), 1_500.0, air, 15.0, held * air / 15.0 / 0.8, 12.0, 0.0]
