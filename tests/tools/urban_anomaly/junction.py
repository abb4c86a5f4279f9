"""A junction whose flow and density belong together, for tests of what looks at them together; days alike, seeded."""

from datetime import UTC, datetime

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Batch, Catalogue, Datastream, Float64s, Int64s, batch_of, from_us, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector, Scored

MONDAY_US = to_us(datetime(2026, 3, 2, tzinfo=UTC))
QUARTER_US = 900_000_000
A_DAY = 96


def junction() -> Catalogue:
    """Return one thing with flow (1) and density (2), and a lamp (3) that stands alone."""
    kinds = {1: ("loop", "flow"), 2: ("loop", "density"), 3: ("lamp", "brightness")}
    return Catalogue(
        version=1,
        datastreams={
            DatastreamId(number): Datastream(
                id=DatastreamId(number),
                key=DatastreamKey(f"street/{thing}/{kind}"),
                source=SourceId("street"),
                thing=ThingKey(f"street/{thing}"),
                thing_name=thing,
                observed_property=kind,
                unit="1",
                cadence_s=900.0,
            )
            for number, (thing, kind) in kinds.items()
        },
    )


def quarters(days: int, seed: int = 1) -> tuple[Int64s, Float64s, Float64s]:
    """Return times, flow and density of days alike: free at night, busy at eight and at five, density following flow."""
    rng = np.random.default_rng(seed)
    time_us = MONDAY_US + np.arange(days * A_DAY) * QUARTER_US
    hour = np.arange(days * A_DAY) % A_DAY / 4
    busy = 0.1 + np.exp(-(((hour - 8) / 1.5) ** 2)) + np.exp(-(((hour - 17) / 2) ** 2))
    flow = 400 * busy * (1 + 0.05 * rng.normal(size=len(hour)))
    return time_us, flow, 10 * busy * (1 + 0.05 * rng.normal(size=len(hour)))


def readings(time_us: Int64s, flow: Float64s, density: Float64s) -> Batch:
    """Return flow and density as one batch, moment by moment."""
    both = np.column_stack((flow, density)).ravel()
    return batch_of(np.tile([1, 2], len(time_us)), np.repeat(time_us, 2), both)


def listened(batch: Batch, cuts: int = 1) -> tuple[Detector, Scored | None]:
    """Return a fresh detector that took the batch in so many pieces, and what it made of the last piece."""
    detector, scored = Detector(Config(), junction()), None
    for rows in np.array_split(np.arange(len(batch)), cuts):
        part = batch.take(rows)
        scored = detector.take(part, at=from_us(int(part.time_us.max(initial=0))))
    return detector, scored


def p_by_moment(scored: Scored, batch: Batch) -> Float64s:
    """Return the verdict of each moment: that of its last datastream, NaN while it is being learnt."""
    p = np.full(len(batch), np.nan)
    p[scored.row] = scored.p
    return np.asarray(p[batch.datastream == 2], dtype=np.float64)
