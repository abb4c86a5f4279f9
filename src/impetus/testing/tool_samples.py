"""Input for the conformance suite: some days around a small square, ordinary at first, then strange.

A tool whose idea needs other input ships a module `sample` beside its `tool` with `catalogue() -> Catalogue` and
`batches() -> Sequence[tuple[Batch, datetime]]`, on which it says something.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.manifest import Manifest
from impetus.core.observation import Batch, Catalogue, Datastream, batch_of, from_us, to_us
from impetus.core.place import Point

START = datetime(2026, 3, 2, tzinfo=UTC)
CADENCE_S = 600
DAYS = 4
STREAMS = 6
LATE_STREAMS = 2
"""Datastreams declared only after the tool has run for a while."""
UNDECLARED = 40
STRANGE_FROM_DAY = 2
STRANGE_HOURS = ((1.0, 3.0), (14.0, 16.0), (22.5, 23.5))
STRANGE_TIMES = 8.0
"""How many times what they should half of the datastreams read at these hours of the last two days."""

Step = tuple[Batch, datetime]


def sample_catalogue(manifest: Manifest, *, count: int = STREAMS) -> Catalogue:
    """Return datastreams of the properties a tool wants, in two zones, with positions 30 m apart."""
    properties = sorted(manifest.properties) or ["people_count", "noise_level"]
    streams = [_stream(place, properties[place % len(properties)]) for place in range(1, count + 1)]
    return Catalogue(version=count, datastreams={stream.id: stream for stream in streams})


def _stream(place: int, observed_property: str) -> Datastream:
    return Datastream(
        id=DatastreamId(place),
        key=DatastreamKey(f"suite/s{place}/{observed_property}"),
        source=SourceId("suite"),
        thing=ThingKey(f"suite/s{place}"),
        thing_name=f"S{place}",
        observed_property=observed_property,
        unit="1",
        point=Point(lon=10.73 + place * 0.0005, lat=59.91),
        zone=ZoneId("north" if place % 2 else "south"),
        lowest=0.0,
        highest=1e6,
        cadence_s=CADENCE_S,
        simulated=True,
    )


def sample_steps(catalogue: Catalogue) -> list[Step]:
    """Return readings step by step: every datastream every ten minutes for four days, each with the time it came in."""
    rng = np.random.default_rng(20_260_302)
    ids = sorted(catalogue.datastreams)
    steps: list[Step] = []
    for number in range(DAYS * 86_400 // CADENCE_S):
        at = START + timedelta(seconds=number * CADENCE_S)
        usual = 40.0 + 25.0 * math.sin((number * CADENCE_S / 86_400 - 0.3) * 2 * math.pi)
        strange = at >= START + timedelta(days=STRANGE_FROM_DAY) and any(
            first <= at.hour + at.minute / 60 < last for first, last in STRANGE_HOURS
        )
        values = [
            (usual + rng.normal(0, 1.5)) * (STRANGE_TIMES if strange and place % 2 else 1.0)
            for place in range(1, len(ids) + 1)
        ]
        steps.append((batch_of(ids, [to_us(at)] * len(ids), values), at + timedelta(seconds=1)))
    return steps


def hostile_steps(steps: Sequence[Step]) -> list[Step]:
    """Return input nobody should send, mixed with some that is sound: a tool must come through all of it."""
    extremes = [-(2**63), -1, 0, 1, 2**62, 2**63 - 1]
    numbers = [math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324, 0.0, -0.0]
    hostile: list[Step] = [(batch_of([], [], []), START)]
    for batch, at in steps[:50]:
        count, now_us = len(batch), to_us(at)
        hostile += [
            (batch, at),
            (batch, at),
            (batch_of(batch.datastream[::-1], batch.time_us[::-1] - 10**9, batch.result), at),
            (batch_of(batch.datastream, [now_us + 10**15] * count, batch.result), at),
            (batch_of([1] * len(numbers), np.arange(len(numbers)) + now_us, numbers), at),
            (batch_of(extremes, [now_us] * len(extremes), [1.0] * len(extremes)), at),
            (batch_of([1] * len(extremes), extremes, [1.0] * len(extremes)), at),
            (batch_of([UNDECLARED] * 3, [now_us] * 3, [1e9] * 3), at),
            (batch_of([1] * 20, [now_us] * 20, np.arange(20.0)), at),
        ]
    return hostile


def large_step(catalogue: Catalogue, readings: int) -> Step:
    """Return many readings of few datastreams at once: the worst shape a replay can give."""
    ids = np.resize(np.array(sorted(catalogue.datastreams), dtype=np.int64), readings)
    time_us = to_us(START + timedelta(days=DAYS)) + np.arange(readings, dtype=np.int64) * 1_000_000
    values = 40.0 + np.arange(readings, dtype=np.float64) % 7
    return batch_of(ids, time_us, values), from_us(int(time_us[-1])) + timedelta(seconds=1)


def by_day(steps: Sequence[Step]) -> list[Step]:
    """Return the same readings in one batch a day, as a replay gives them."""
    per_day = 86_400 // CADENCE_S
    days = [steps[first : first + per_day] for first in range(0, len(steps), per_day)]
    return [joined(day) for day in days]


def joined(steps: Sequence[Step]) -> Step:
    """Return steps as one, in at the time of the last."""
    batches = [batch for batch, _ in steps]
    return (
        Batch(
            datastream=np.concatenate([batch.datastream for batch in batches]),
            time_us=np.concatenate([batch.time_us for batch in batches]),
            result=np.concatenate([batch.result for batch in batches]),
        ),
        steps[-1][1],
    )
