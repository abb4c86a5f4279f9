"""From a model's chance to an honest one: each sampler's own past says how often such chances came.

A sample's score is -ln of the chance its model gave. Were models right, scores would be exponential with mean one. They are
not: so the share of past scores as high is the chance that is told (a conformal p-value); within the highest tenth, where
past samples are few, the tail is taken as exponential with the mean of the sampler's own exceedances, and as never rarer than
past samples were, but for one in a hundred that may have been an event. Both are drawn towards what all samplers together show
while a sampler is young. Last, the chance is corrected by how many samples really fell below one in a hundred: one too many
makes the next a little harder, each calm sample a little easier, so that over time the rate is as stated whatever the model.

**Source**: Vovk et al., Algorithmic Learning in a Random World (2005), chapter 2; Gibbs and Candes, Adaptive conformal
inference under distribution shift (NeurIPS 2021), equation 2.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from impetus.core.observation import Float64s

KEPT = 1_024
"""Scores kept a sampler: nearly three years of daily samples, ten days of quarter hours."""
TENTH = 0.1
"""Share of scores that the fitted tail stands for."""
EXACT_QUANTILE = -math.log(TENTH)
POOL_WEIGHT = 60.0
"""Scores of its own that weigh as much as what all samplers show. House choice, seeds 0 to 9."""
TAIL_WEIGHT = 15.0
"""Exceedances of its own that weigh as much as what all samplers show. House choice, seeds 0 to 9."""
EXCESS_CUT = 2.5
"""Longest exceedance that teaches anything: beyond lie one in a hundred and twenty samples, and most events."""
_REACHES = np.geomspace(0.2, 5.0, 200)
_MEANS = _REACHES - EXCESS_CUT / np.expm1(EXCESS_CUT / _REACHES)
"""Mean of an exponential that is cut off at `EXCESS_CUT`, by its mean without the cut."""
NOMINAL = 0.01
"""The chance whose rate is watched."""
EVENTS = 0.1
"""Share of the highest tenth that may be events: one sample in a hundred. Where more lie far out, the tail is long."""
LUCK = 2.0
"""Past samples as high that are no proof of a long tail either. House choice, seeds 0 to 9."""
LONGER = 1.25
"""How much longer the tail is taken where nobody has seen it: one part in four. House choice, seeds 0 to 9."""
GAIN = 0.15
"""How much harder one sample below the nominal chance makes the next, on the log scale. House choice, seeds 0 to 9."""
MOST = 1.5
"""Farthest correction, on the log scale: beyond a factor of 4.5 the model is wrong and no factor mends it."""
REFRESH = 8
"""Samples after which the tail is fitted again."""


@dataclass(slots=True, kw_only=True)
class Tail:
    """Where the highest tenth of scores begins, and how far they go beyond it on average."""

    start: float = EXACT_QUANTILE
    reach: float = 1.0


@dataclass(slots=True, kw_only=True, eq=False)
class Calibration:
    """One sampler's past scores, newest overwriting oldest; mutable, pickles."""

    scores: Float64s = field(default_factory=lambda: np.zeros(KEPT))
    count: int = 0
    own: Tail = field(default_factory=Tail)
    tail: Tail = field(default_factory=Tail)
    harder: float = 0.0
    exceeded: int = 0
    judged: int = 0

    def chance(self, score: float) -> float:
        """Return how often a score this high comes where nothing happens, 0..1."""
        kept = self.scores[: min(self.count, KEPT)]
        above = float(np.count_nonzero(kept >= score))
        if score <= self.tail.start:
            model = math.exp(-score) if score < EXACT_QUANTILE else TENTH
            raw = max((above + POOL_WEIGHT * model) / (len(kept) + POOL_WEIGHT), TENTH)
        else:
            raw = self._beyond((score - self.tail.start) / self.tail.reach, len(kept))
        raw = max(raw, (above - LUCK - EVENTS * TENTH * len(kept)) / (len(kept) + 1))
        return min(raw * math.exp(self.harder), 1.0)

    @staticmethod
    def _beyond(reaches: float, kept: int) -> float:
        """Return the chance so many reaches into the tail; beyond what the samples kept can have shown, it is taken longer."""
        shown = math.log(TENTH * max(kept, 1.0 / TENTH) + 1.0)
        return TENTH * math.exp(-min(reaches, shown) - max(reaches - shown, 0.0) / LONGER)

    def learn(self, score: float, chance: float, pool: Tail, *, is_first: bool) -> None:
        """Take in a judged score. `is_first` says that no event runs, so that an event makes the next harder only once."""
        self.scores[self.count % KEPT] = score
        self.count += 1
        self.judged += 1
        hit = chance <= NOMINAL
        self.exceeded += int(hit)
        if is_first or not hit:
            self.harder = min(max(self.harder + GAIN * (float(hit) - NOMINAL), -MOST), MOST)
        if self.count % REFRESH == 0 or self.count < REFRESH:
            self._refresh(pool)

    def relive(self, scores: Sequence[float]) -> None:
        """Put these scores in place of those kept, oldest first; what was promised and kept so far stands."""
        kept = scores[-KEPT:]
        self.count = len(kept)
        self.scores[: len(kept)] = kept
        self._refresh(self.tail)

    def _refresh(self, pool: Tail) -> None:
        kept = self.scores[: min(self.count, KEPT)]
        if len(kept) >= 2 * REFRESH:
            start = float(np.quantile(kept, 1.0 - TENTH))
            beyond = kept[kept > start] - start
            self.own = Tail(start=start, reach=max(reach_of(beyond, pool.reach), far_reach(beyond)))
        tenth = TENTH * len(kept)
        share, tail_share = len(kept) / (len(kept) + POOL_WEIGHT), tenth / (tenth + TAIL_WEIGHT)
        self.tail = Tail(
            start=share * self.own.start + (1 - share) * pool.start,
            reach=max(tail_share * self.own.reach + (1 - tail_share) * pool.reach, 0.2),
        )


def reach_of(beyond: Float64s, otherwise: float) -> float:
    """Return the mean of the exponential whose values below the cut these are; `otherwise` without any.

    >>> round(reach_of(np.array([0.5, 1.0, 0.2, 2.0, 0.3]), 1.0), 2)
    1.06
    """
    near = beyond[beyond < EXCESS_CUT]
    return float(np.interp(near.mean(), _MEANS, _REACHES)) if len(near) else otherwise


def far_reach(beyond: Float64s) -> float:
    """Return the mean of the exponential that has so many values beyond the cut, a tenth of them taken for events.

    >>> round(far_reach(np.array([0.5, 3.0, 4.0, 5.0])), 2), round(far_reach(np.array([0.5, 1.0])), 2)
    (5.8, 0.0)
    """
    far = float(np.count_nonzero(beyond >= EXCESS_CUT)) / max(len(beyond), 1) - EVENTS
    return EXCESS_CUT / -math.log(far) if 0.0 < far < 1.0 else 0.0


def pooled(calibrations: "list[Calibration]") -> Tail:
    """Return the tail that all samplers together show, weighted by how much each has seen; the exact one without any."""
    weight = POOL_WEIGHT + sum(min(one.count, KEPT) for one in calibrations)
    start = POOL_WEIGHT * EXACT_QUANTILE + sum(min(one.count, KEPT) * one.own.start for one in calibrations)
    reach = POOL_WEIGHT + sum(min(one.count, KEPT) * one.own.reach for one in calibrations)
    return Tail(start=start / weight, reach=reach / weight)
