"""A made-up neighbourhood for the tests of region, faults and events: sensors on a line, and what was seen of them."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ZoneId
from impetus.core.observation import Catalogue, Datastream, Float64s, Int64s, to_us
from impetus.core.place import Point
from impetus.tools.urban_anomaly.seen import Seen
from tools.urban_anomaly.street import START

CADENCE_S = 300.0
STEP_US = int(CADENCE_S * 1e6)
BEGIN_US = to_us(START)
STEP_DEG = 1e-3
"""About 111 m between one sensor and the next."""


def sensor(number: int, **changes: object) -> Datastream:
    """Return the `number`-th sensor of a line that runs north, as a thing of its own, with changes."""
    return Datastream(
        **{
            "id": DatastreamId(number),
            "key": DatastreamKey(f"line/s{number}/flow"),
            "source": SourceId("line"),
            "thing": ThingKey(f"line/s{number}"),
            "thing_name": f"S{number}",
            "observed_property": "flow",
            "unit": "/min",
            "point": Point(lon=10.7, lat=59.9 + number * STEP_DEG),
            "lowest": 0.0,
            "cadence_s": CADENCE_S,
            **changes,
        }  # type: ignore[arg-type]  # the fields' own types, changed by a test
    )


def catalogue_of(*sensors: Datastream) -> Catalogue:
    """Return a catalogue of these sensors."""
    return Catalogue(version=len(sensors), datastreams={each.id: each for each in sensors})


def line(count: int, **changes: object) -> Catalogue:
    """Return a catalogue of so many sensors on a line."""
    return catalogue_of(*(sensor(number, **changes) for number in range(1, count + 1)))


def zoned(name: str) -> ZoneId:
    """Return a zone."""
    return ZoneId(name)


def seen_of(z: Float64s, *, expected: float = 100.0, scale: float = 1.0, since_us: int = BEGIN_US) -> Seen:
    """Return what was seen of sensors 1.. from deviations `(moments, sensors)`, a step between moments; NaN is no reading."""
    moments, sensors = z.shape
    ids = np.tile(np.arange(1, sensors + 1, dtype=np.int64), moments)
    time_us = since_us + np.repeat(np.arange(moments, dtype=np.int64), sensors) * STEP_US
    flat = z.reshape(-1)
    return rows_of(ids, time_us, flat, expected=expected, scale=scale, kept=~np.isnan(flat))


def rows_of(
    ids: Int64s,
    time_us: Int64s,
    z: Float64s,
    *,
    expected: float = 100.0,
    scale: float = 1.0,
    kept: np.ndarray[tuple[int, ...], np.dtype[np.bool_]] | None = None,
) -> Seen:
    """Return readings that lie so many deviations from what was expected."""
    rows = np.arange(len(ids)) if kept is None else np.flatnonzero(kept)
    count = len(rows)
    return Seen(
        ids=ids[rows],
        time_us=time_us[rows],
        value=expected + scale * z[rows],
        z=z[rows],
        p=np.full(count, 0.5),
        expected=np.full(count, expected),
        scale=np.full(count, scale),
        one_in=np.zeros(count),
        mark=np.zeros(count, dtype=np.int64),
        judged=np.ones(count, dtype=np.bool_),
    )


def noise(moments: int, sensors: int, *, seed: int = 1) -> Float64s:
    """Return calm deviations."""
    return np.random.default_rng(seed).normal(0, 1, (moments, sensors))


def cut(seen: Seen, places: Sequence[int]) -> list[Seen]:
    """Return the same readings in parts that end at these rows."""
    edges = [0, *sorted({min(place, len(seen)) for place in places}), len(seen)]
    names = ("ids", "time_us", "value", "z", "p", "expected", "scale", "one_in", "mark", "judged")
    return [Seen(**{name: getattr(seen, name)[first:last] for name in names}) for first, last in pairwise(edges)]
