"""Value novelty: how far a reading is from every value its datastream ever had.

Each datastream keeps up to `ROOM` of its values, spread over all it had: a new one takes the place of one of the two closest.
Distances are counted by size, and a distance is as rare as the datastream's own past makes it. Nothing is assumed about the
shape of a day, so this sees what a seasonal expectation cannot: a value between two modes, a spike in a saw-tooth.

**Source**: left nearest neighbour of length one (Yeh et al., Matrix Profile I, ICDM 2016, for the left direction); the bounded
memory and the tail are ours.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s
from impetus.tools.urban_anomaly.calibrate import Tails, fresh_tails
from impetus.tools.urban_anomaly.kernels import nearest_value

ROOM = 256
"""Values kept of a datastream: a resolution of about half a percent of all it had, in 1 KiB. House choice."""
LEAST = 0.002
"""Distances below this share of the datastream's usual spread are all one size. House choice."""

TRUST_IN_TAIL = 10.0
"""Weight of the usual exponent: how values repeat differs so much between sensors that each soon has its own. House choice."""


SHARE_OF_TAIL = 0.02
"""Share of distances the tail is fitted to: nearly all are rounding, only the largest say something. House choice."""
YOUNG = 100
"""Readings after which a datastream's spread is taken as the unit of its distances, for good: a unit that moves with what it
measures would shrink a departure that lasts. House choice."""


@dataclass(slots=True, kw_only=True, eq=False)
class Novelty:
    """Values kept, `(datastreams, ROOM)` ascending in the first `count`, and how rare distances from them are.

    `gap` is between the closest two kept; `seen` counts readings; `unit` is the spread that distances are measured in, 0
    while young.
    """

    kept: NDArray[np.float32]
    count: NDArray[np.int32]
    gap: NDArray[np.float32]
    seen: Int64s
    unit: Float64s
    tails: Tails

    def judge(self, ids: Int64s, values: Float64s, spread: Float64s) -> Float64s:
        """Return how rare it is to be so far from all values so far, 1 while a datastream is young; then take the values in.

        `ids` names each datastream once; `spread` is its usual mean deviation.
        """
        distance = np.zeros(len(ids))
        nearest_value(self.kept, self.count, self.gap, ids, values, distance)
        self.seen[ids] += 1
        grown_up = ids[self.seen[ids] == YOUNG]
        self.unit[grown_up] = np.maximum(spread[self.seen[ids] == YOUNG], np.finfo(np.float32).tiny)
        p = np.ones(len(ids))
        known = np.flatnonzero(self.unit[ids] > 0)
        size = np.sqrt(distance[known] / (LEAST * self.unit[ids[known]]))
        p[known] = self.tails.rank(ids[known], size)
        return p

    def grown(self, count: int) -> "Novelty":
        """Return room for at least this many datastreams."""
        more = count - len(self.count)
        if more <= 0:
            return self
        return Novelty(
            kept=np.concatenate((self.kept, np.zeros((more, ROOM), dtype=np.float32))),
            count=np.concatenate((self.count, np.zeros(more, dtype=np.int32))),
            gap=np.concatenate((self.gap, np.full(more, -1, dtype=np.float32))),
            seen=np.concatenate((self.seen, np.zeros(more, dtype=np.int64))),
            unit=np.concatenate((self.unit, np.zeros(more))),
            tails=self.tails.grown(count),
        )


def fresh_novelty() -> Novelty:
    """Return the memory of no datastreams."""
    return Novelty(
        kept=np.zeros((0, ROOM), dtype=np.float32),
        count=np.zeros(0, dtype=np.int32),
        gap=np.zeros(0, dtype=np.float32),
        seen=np.zeros(0, dtype=np.int64),
        unit=np.zeros(0),
        tails=fresh_tails(weight=TRUST_IN_TAIL, share=SHARE_OF_TAIL, thinned=False),
    )
