"""Two channels over the neighbourhood: the region's average, and each sensor without what its fellows explain.

An event that moves twelve sensors a little drowns in each of them and stands out in their average; one that moves a single
sensor drowns in an average and stands out against its fellows. Smoothing alone misses the one, subtracting alone the other,
so both are kept, each with a spread learnt on site and a bar set by its own past excursions.

    region = (mean of clipped z of a reading and its fellows - that of all their kind in the city) / its usual size
    alone  = (z - tie x mean z of the fellows) / its usual size
"""

from dataclasses import dataclass, fields
from enum import IntEnum
from typing import Self

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Float64s, Int64s
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.graph import Graph
from impetus.tools.urban_anomaly.region_kernels import follow
from impetus.tools.urban_anomaly.seen import Seen

CHANNELS = 2
START = (4.0, 6.0)
"""Deviations from which each channel fires. An average of nine has lighter tails than one sensor, what is left of one has
heavier ones. House choice, set on made-up cities (seeds 0 to 9)."""


class Channel(IntEnum):
    """Which way of looking at the neighbourhood carried."""

    REGION = 0
    ALONE = 1


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Around:
    """What the neighbourhood says of each reading, columns of shape `(readings,)`, channels first where there are two.

    `mean` is the fellows' mean z and `count` how many were fresh; `strength` `(2, readings)` signed deviations of each
    channel, 0 while it is being learnt; `mark` `(2, readings)` 1 where a channel's event begins, 2 where it ends.
    """

    mean: Float64s
    count: Int64s
    strength: Float64s
    mark: Int64s


@dataclass(slots=True, kw_only=True, eq=False)
class RegionColumns:
    """State, rows are datastream ids (last axis): `ties` `(3, n)`, everything from `spread` on `(2, n)`."""

    last_us: Int64s
    last_z: Float64s
    ties: Float64s
    spread: Float64s
    seen: Float64s
    lived_us: Float64s
    crest: Float64s
    top: Float64s
    run: Int64s
    active: Int64s
    calm: Int64s
    peak: Float64s
    hold_us: Int64s

    @classmethod
    def fresh(cls, count: int) -> Self:
        """Return the state of datastreams nothing is known about."""
        each = (CHANNELS, count)
        return cls(
            last_us=np.full(count, -1, dtype=np.int64),
            last_z=np.zeros(count),
            ties=np.zeros((3, count)),
            spread=np.zeros(each),
            seen=np.zeros(each),
            lived_us=np.zeros(each),
            crest=np.zeros(each),
            top=np.zeros(each),
            run=np.zeros(each, dtype=np.int64),
            active=np.zeros(each, dtype=np.int64),
            calm=np.zeros(each, dtype=np.int64),
            peak=np.zeros(each),
            hold_us=np.zeros(each, dtype=np.int64),
        )

    def grown(self, count: int) -> Self:
        """Return at least this many rows, the old ones in front."""
        have = len(self.last_us)
        if count <= have:
            return self
        more = self.fresh(count - have)
        return type(self)(
            **{
                item.name: np.concatenate((getattr(self, item.name), getattr(more, item.name)), axis=-1)
                for item in fields(self)
            }
        )


class Region:
    """State and idea; pickles."""

    def __init__(self, config: Config, graph: Graph) -> None:
        self.rules = np.array(
            [*START, config.end_z, config.start_readings, config.end_readings, config.hold_off_s * US_PER_S],
            dtype=np.float64,
        )
        self.columns = RegionColumns.fresh(0)
        self.learn(graph)

    def learn(self, graph: Graph) -> None:
        """Take in a changed neighbourhood; what is known of each datastream stays."""
        self.fellows, self.kin = graph.fellows, graph.kin
        self.kin_size = np.bincount(graph.kin[graph.kin >= 0], minlength=1).astype(np.int64)
        self.kin_mean = np.zeros(len(self.kin_size))
        self.columns = self.columns.grown(len(graph.fellows))

    def take(self, readings: Seen, cadence_s: Float64s, bar: Float64s | None = None) -> Around:
        """Look at readings one after the other; `cadence_s` is by datastream id.

        `bar` `(readings,)` is the bar of each as a multiple of the usual one: what people judged or planned raises it.
        """
        count = len(readings)
        seen = Around(
            mean=np.zeros(count),
            count=np.zeros(count, dtype=np.int64),
            strength=np.zeros((CHANNELS, count)),
            mark=np.zeros((CHANNELS, count), dtype=np.int64),
        )
        own = self.columns
        follow(
            readings.ids, readings.time_us, readings.z, readings.judged,
            np.ones(count) if bar is None else bar, self.fellows, self.kin, self.kin_size,
            self.kin_mean, cadence_s * US_PER_S, self.rules,
            own.last_us, own.last_z, own.ties, own.spread, own.seen, own.lived_us, own.crest, own.top,
            own.run, own.active, own.calm, own.peak, own.hold_us, seen.mean, seen.count, seen.strength, seen.mark,
        )  # fmt: skip
        return seen

    def active(self, ids: Int64s) -> NDArray[np.bool_]:
        """Say which of these datastreams are in an event of a channel."""
        return np.asarray((self.columns.active[:, ids] != 0).any(axis=0))
