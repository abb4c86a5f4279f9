"""From how far a reading is to how rare that is: ranks among the datastream's own past, and a tail fitted beyond it.

What was seen is counted, in `LEVELS` sizes, five to a doubling. Inside what was seen often the answer is the conformal
rank `(above + 1) / (readings + 1)`; beyond the size that one reading in twenty passes it is that share times a power of
how much further the reading is, with the exponent estimated from the past readings beyond (Hill's estimator, drawn towards
`USUAL_EXPONENT` while they are few). A heavy-tailed sensor so gets a heavy tail, and must go further to be as rare.

**Source**: Vovk, Gammerman and Shafer, Algorithmic Learning in a Random World, 2005, section 2.2 (ranks); Hill, "A Simple
General Approach to Inference About the Tail of a Distribution", Annals of Statistics 3(5), 1975 (exponent).
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s
from impetus.tools.urban_anomaly.columns import LEVELS, STEPS_PER_DOUBLING

TAIL_SHARE = 0.05
"""Share of the past that the tail is fitted to. One in twenty: enough readings within days. House choice."""
USUAL_EXPONENT = 4.0
"""Exponent assumed of a tail nothing is known about: heavier than a normal one, with a finite variance. House choice."""
USUAL_WEIGHT = 200.0
"""Readings beyond the threshold at which the past weighs as much as the assumption: a tail fitted to a handful of readings
jumps with each of them, and what is told would jump with it. House choice."""
LEAST_P = 1e-60
"""Smallest probability told, far below what any past supports; above it, further is always rarer."""
_EDGES = 2.0 ** (np.arange(LEVELS) / STEPS_PER_DOUBLING)


def tail_p(
    sizes: NDArray[np.float32],
    readings: Float64s,
    size: Float64s,
    *,
    weight: float = USUAL_WEIGHT,
    share_of_tail: float = TAIL_SHARE,
) -> Float64s:
    """Return the probability of a reading at least this far, given the past.

    `sizes` `(LEVELS, n)` counts past surprises by size from 1 up, `readings` `(n,)` counts all of them, `size` `(n,)` is
    how far the reading is; `weight` and `share_of_tail` stand for the constants of that name. Never 0, never above 1, and never larger for a larger `size`.
    """
    counts = sizes.astype(np.float64)
    above = np.cumsum(counts[::-1], axis=0)[::-1]
    total = np.maximum(readings, above[0])
    threshold = np.argmax((above <= share_of_tail * (total + 1.0)) | (np.arange(LEVELS) == LEVELS - 1)[:, None], axis=0)
    column = np.arange(len(size))
    start, beyond = _EDGES[threshold], above[threshold, column]
    share = (beyond + 1.0) / (total + 1.0)
    place = np.arange(LEVELS)[:, None] - threshold
    logs = np.where(place >= 0, counts * (place + 0.5), 0.0).sum(axis=0) * (np.log(2.0) / STEPS_PER_DOUBLING)
    exponent = (beyond + weight) / (logs + weight / USUAL_EXPONENT)
    far = share * np.maximum(size / start, 1.0) ** -exponent
    within = _rank(above, total, size)
    return np.asarray(np.clip(np.where(size >= start, far, np.maximum(within, share)), LEAST_P, 1.0), dtype=np.float64)


def _rank(above: Float64s, total: Float64s, size: Float64s) -> Float64s:
    """Return the conformal rank of a size, interpolated between the counted sizes."""
    position = STEPS_PER_DOUBLING * np.log2(np.maximum(size, 0.5))
    level = np.floor(position)
    part = np.clip(position - level, 0.0, 1.0)
    column = np.arange(len(size))
    lower = np.where(level < 0, total, above[np.clip(level, 0, LEVELS - 1).astype(np.int64), column])
    upper = np.where(level + 1 >= LEVELS, 0.0, above[np.clip(level + 1, 0, LEVELS - 1).astype(np.int64), column])
    inside = np.where(level < 0, 1.0 - (1.0 - above[0] / np.maximum(total, 1.0)) * np.clip(size, 0.0, 1.0), np.nan)
    ranked = (lower + part * (upper - lower) + 1.0) / (total + 1.0)
    answer = np.where(level < 0, np.maximum(inside, (above[0] + 1.0) / (total + 1.0)), ranked)
    return np.asarray(answer, dtype=np.float64)


def reaches(sizes: NDArray[np.float32], readings: Float64s, coverage: float) -> Float64s:
    """Return how many robust deviations held this share of the past readings, `(n,)`; interpolated, at least a half.

    With no past at all it is that of a normal distribution near 0.9: 1.64.
    """
    inside = 1.0 - np.cumsum(sizes[::-1].astype(np.float64), axis=0)[::-1] / np.maximum(readings, 1.0)
    level = np.argmax((inside >= coverage) | (np.arange(LEVELS) == LEVELS - 1)[:, None], axis=0)
    column = np.arange(len(readings))
    below = np.where(level > 0, inside[np.maximum(level - 1, 0), column], 0.0)
    gap = np.maximum(inside[level, column] - below, 1e-9)
    part = np.clip((coverage - below) / gap, 0.0, 1.0)
    first = np.maximum(coverage / np.maximum(inside[0], 1e-9), 0.5)
    reach = np.where(level > 0, _EDGES[np.maximum(level - 1, 0)] * 2.0 ** (part / STEPS_PER_DOUBLING), first)
    return np.asarray(np.where(readings > 0, reach, 1.64), dtype=np.float64)


MEMORY = 20_000.0
"""Ranks remembered before old ones are halved: two months of a reading every five minutes. House choice."""

YOUNG = 100.0
"""Ranks below which every reading is counted: there is no rarest twentieth yet."""
LONGEST_RUN = 288
"""Readings after which a run is counted once more: what lasts becomes usual."""


@dataclass(slots=True, kw_only=True, eq=False)
class Tails:
    """How often each size of something came, for many rows: `sizes` `(LEVELS, rows)`, the others `(rows,)`.

    Readings follow each other: of a run of readings in the rarest twentieth only the first is counted, so that one event of
    fifty readings does not make the next one ten times more common. `run` is how long such a run lasts by now.
    """

    sizes: NDArray[np.float32]
    readings: Float64s
    run: NDArray[np.int32]
    weight: float = USUAL_WEIGHT
    """How much the usual exponent counts, see `USUAL_WEIGHT`."""
    share: float = TAIL_SHARE
    thinned: bool = True
    """Whether of a run only the first reading is counted."""

    def rank(self, rows: Int64s, size: Float64s) -> Float64s:
        """Return how rare each size is in its row's past, `(n,)`, then count it there unless a run goes on; rows come once each."""
        p = tail_p(self.sizes[:, rows], self.readings[rows], size, weight=self.weight, share_of_tail=self.share)
        self.run[rows] = np.where((p <= TAIL_SHARE) & (self.readings[rows] >= YOUNG), self.run[rows] + 1, 0)
        run = self.run[rows]
        counted = (run == 0) | (run % LONGEST_RUN == 1) | (not self.thinned)
        rows, size = rows[counted], size[counted]
        steps = np.floor(STEPS_PER_DOUBLING * np.log2(np.maximum(size, 0.5)))
        level = np.minimum(steps, LEVELS - 1).astype(np.int64)
        felt = level >= 0
        self.sizes[level[felt], rows[felt]] += 1.0
        self.readings[rows] += 1.0
        full = rows[self.readings[rows] > MEMORY]
        self.sizes[:, full] *= 0.5
        self.readings[full] *= 0.5
        return p

    def grown(self, count: int) -> "Tails":
        """Return room for at least this many rows."""
        more = max(0, count - len(self.readings))
        return Tails(
            sizes=np.concatenate((self.sizes, np.zeros((LEVELS, more), dtype=np.float32)), axis=1),
            readings=np.concatenate((self.readings, np.zeros(more))),
            run=np.concatenate((self.run, np.zeros(more, dtype=np.int32))),
            weight=self.weight,
            share=self.share,
            thinned=self.thinned,
        )


def fresh_tails(
    rows: int = 0, *, weight: float = USUAL_WEIGHT, share: float = TAIL_SHARE, thinned: bool = True
) -> Tails:
    """Return rows without a past."""
    return Tails(
        sizes=np.zeros((LEVELS, rows), dtype=np.float32),
        readings=np.zeros(rows),
        run=np.zeros(rows, dtype=np.int32),
        weight=weight,
        share=share,
        thinned=thinned,
    )


def rarity_size(nines: Float64s) -> Float64s:
    """Return the size that stands for a joined surprise in powers of ten: one doubling each, so that tails are exponential.

    >>> rarity_size(np.array([0.0, 3.0]))
    array([1., 8.])
    """
    return np.asarray(2.0 ** np.minimum(nines, 60.0), dtype=np.float64)
