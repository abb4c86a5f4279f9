"""`impetus bench detect`: readings a second of the anomaly detector at 10,000 datastreams, beside what anybody would write.

Peers, in the same run on the same readings, so that the ratio does not depend on the machine: a plain Python loop with one
exponentially weighted z-score a reading, which knows no time of day, no rarity and no events; a plain Python loop that
learns a profile of the day as the tool does; and the library river's moving mean and variance when it is importable. Rates
are per second of processor time of one core, so that other work on the machine does not count.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from importlib import import_module
from importlib.util import find_spec

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Batch, Catalogue, Datastream, to_us
from impetus.tools.urban_anomaly.tool import Tool

DATASTREAMS = 10_000
BATCH_ROWS = 16_384
BATCHES = 120
PEER_BATCHES = 6
CADENCE_S = 60.0
LEARNING_S = 1_800.0
"""Shorter than the tool's own, so that what is measured is judging and not only learning."""
START = datetime(2026, 3, 2, tzinfo=UTC)

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, object]:
    """Measure and return readings a second, and the ratio to the peers."""
    batches = _batches(BATCHES)
    progress(f"{DATASTREAMS:,} datastreams, {BATCHES} batches of {BATCH_ROWS:,} readings")
    ours_per_s = _tool_rate(batches)
    progress(f"urban_anomaly {ours_per_s:,.0f} readings/s")
    figures: dict[str, object] = {"readings_per_s": round(ours_per_s), "datastreams": DATASTREAMS}
    peers: dict[str, Callable[[list[Batch]], float]] = {"plain_ewma": _plain_rate, "plain_seasonal": _seasonal_rate}
    if find_spec("river") is not None:
        peers["river"] = _river_rate
    for name, peer in peers.items():
        rate_per_s = peer(batches[:PEER_BATCHES])
        progress(f"{name} {rate_per_s:,.0f} readings/s")
        figures[f"{name}_per_s"], figures[f"times_{name}"] = round(rate_per_s), round(ours_per_s / rate_per_s, 1)
    return figures


def _batches(count: int) -> list[Batch]:
    """Return readings of every datastream in turn, a minute apart, noisy around a level of its own."""
    rng = np.random.default_rng(1)
    rows = np.arange(count * BATCH_ROWS, dtype=np.int64)
    ids, tick = rows % DATASTREAMS + 1, rows // DATASTREAMS
    time_us = to_us(START) + tick * int(CADENCE_S * 1_000_000)
    values = 10.0 + ids % 7 + rng.normal(0, 1.0, len(rows))
    cuts = [slice(first, first + BATCH_ROWS) for first in range(0, len(rows), BATCH_ROWS)]
    return [Batch(datastream=ids[cut], time_us=time_us[cut], result=values[cut]) for cut in cuts]


def _tool_rate(batches: list[Batch]) -> float:
    """Return the whole tool's rate: scoring, learning, events; the first half is for learning and not counted."""
    tool = Tool.create({"learning_s": LEARNING_S}, catalogue_of(DATASTREAMS))
    at = START + timedelta(days=2)
    half = len(batches) // 2
    for batch in batches[:half]:
        tool.observe(batch, at=at)
    began_s = time.process_time()
    for batch in batches[half:]:
        tool.observe(batch, at=at)
    return sum(map(len, batches[half:])) / (time.process_time() - began_s)


def _plain_rate(batches: list[Batch]) -> float:
    """Return the rate of a z-score per reading in plain Python."""
    mean, variance, high = dict[int, float](), dict[int, float](), 0
    began_s = time.process_time()
    for batch in batches:
        for identity, value in zip(batch.datastream.tolist(), batch.result.tolist(), strict=True):
            known = mean.setdefault(identity, value)
            step = value - known
            spread = variance.get(identity, 1.0)
            high += abs(step) > 5.0 * spread**0.5
            mean[identity] = known + 0.01 * step
            variance[identity] = 0.99 * (spread + 0.01 * step * step)
    return sum(map(len, batches)) / (time.process_time() - began_s)


def _seasonal_rate(batches: list[Batch]) -> float:
    """Return the rate of a profile of 48 half-hours and a size of surprises per datastream in plain Python."""
    profiles = [[0.0] * 48 for _ in range(DATASTREAMS + 1)]
    visits = [[0.0] * 48 for _ in range(DATASTREAMS + 1)]
    scales = [[1.0] * 48 for _ in range(DATASTREAMS + 1)]
    high, began_s = 0, time.process_time()
    for batch in batches:
        columns = (batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist())
        for identity, time_us, value in zip(*columns, strict=True):
            half_hours = time_us / 1.8e9 - 0.5
            before = int(half_hours) % 48
            after, share = (before + 1) % 48, half_hours % 1.0
            profile, visit, scale = profiles[identity], visits[identity], scales[identity]
            step = value - (profile[before] + share * (profile[after] - profile[before]))
            high += abs(step) > 5.0 * scale[before]
            scale[before] += 0.01 * (min(abs(step), 4.0 * scale[before]) - scale[before])
            for place, weight in ((before, 1.0 - share), (after, share)):
                visit[place] = min(visit[place] + weight, 10.0)
                profile[place] += weight / max(visit[place], 1e-9) * (value - profile[place])
    return sum(map(len, batches)) / (time.process_time() - began_s)


def _river_rate(batches: list[Batch]) -> float:
    """Return the rate of river's exponentially weighted mean and variance, a pair a datastream."""
    stats = import_module("river.stats")
    means = [stats.EWMean(0.01) for _ in range(DATASTREAMS + 1)]
    variances = [stats.EWVar(0.01) for _ in range(DATASTREAMS + 1)]
    began_s = time.process_time()
    for batch in batches:
        for identity, value in zip(batch.datastream.tolist(), batch.result.tolist(), strict=True):
            means[identity].update(value)
            variances[identity].update(value)
    return sum(map(len, batches)) / (time.process_time() - began_s)


def catalogue_of(datastreams: int, *, cadence_s: float = CADENCE_S, things: int | None = None) -> Catalogue:
    """Declare so many datastreams, each a thing of its own, or spread over so many things."""
    return Catalogue(
        version=1,
        datastreams={
            DatastreamId(number): Datastream(
                id=DatastreamId(number),
                key=DatastreamKey(f"bench/s{number}/level"),
                source=SourceId("bench"),
                thing=ThingKey(f"bench/s{number if things is None else number % things}"),
                thing_name=f"S{number}",
                observed_property="level" if things is None else f"level{number}",
                unit="1",
                cadence_s=cadence_s,
            )
            for number in range(1, datastreams + 1)
        },
    )
