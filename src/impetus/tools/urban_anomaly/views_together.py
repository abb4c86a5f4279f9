"""Datastreams of one thing, looked at together and with the time of day, held against how they ever stood.

A moment of a thing is the newest reading of each of its datastreams, once all of one time are in. It is held against the
moments of the last four weeks by its distance to the seventh nearest, in each datastream's own spread, with the time of day
as a circle beside the measurements: once as wide as a day's swing (`WHOLE_DAY`: has it ever been like this?), once three times
as wide (`THIS_HOUR`: has it been like this around now?). Traffic that is dense and slow at eight is a queue; the same at three
in the morning is news, and so is dense and slow where eight o'clock knows only dense and fast.

Both distances and the strangest member's seasonal surprise are ranked in the thing's own past, added in powers of ten, smoothed
over neighbouring readings, and the sum is ranked again: the last rank is what is told, so that views that say the same do not
count twice and readings that follow each other are not taken for independent.

**Source**: left-discord nearest neighbours (Yeh et al., Matrix Profile I, ICDM 2016, for the causal direction); conformal ranks
(Laxhammar and Falkman, Annals of Mathematics and AI 74, 2015).
"""

from collections import defaultdict
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Catalogue, Float64s, Int64s
from impetus.tools.urban_anomaly.calibrate import Tails, fresh_tails, rarity_size
from impetus.tools.urban_anomaly.kernels import nearest_moments
from impetus.tools.urban_anomaly.seasons import BINS

WIDTH = 6
"""Datastreams of one thing that are looked at together, lowest ids first: beyond six, distances say little. House choice."""
DAYS = 28
"""Moments kept of each half-hour of the day: four weeks."""
NEIGHBOURS = 7
"""The how-maniest nearest moment counts: three and a half hours of half-hours must have been like this. House choice."""
WHOLE_DAY, THIS_HOUR = 1.0, 3.0
"""Radius of the day's circle in spreads. Three: an hour apart weighs like 0.8 spreads. House choice."""
WEIGHTS = np.array([WHOLE_DAY, THIS_HOUR])
LEAST_AGE_MIN = 12 * 60
"""Moments younger than twelve hours are what is going on, not the past it is held against. House choice."""
SEASONAL_WEIGHT = 0.7
"""Weight of the strangest member's seasonal surprise beside each distance. House choice, flat between 0.5 and 1."""
PACE = 0.5
"""Share of a reading in the smoothed sum: two readings that agree count more than one alone. House choice."""
LEAST = 0.02
"""Distances below this many spreads are all one size."""
ENOUGH = 5 * BINS // 2
"""Moments a thing must have before it is judged: two and a half days of half-hours."""


@dataclass(slots=True, kw_only=True, eq=False)
class Together:
    """State of all things with two to `WIDTH` datastreams; rows are groups.

    `members` `(groups, WIDTH)` ids, 0 for none; `group_of` `(datastreams,)`, -1 for none; `past` `(groups, BINS, DAYS, width)`
    with the width of the widest group; `when_min` `(groups, BINS, DAYS)` minutes since the epoch; `at` `(groups, BINS)` how many
    moments of a half-hour were kept so far; `known` `(groups,)` the same for all.
    """

    members: Int64s
    group_of: Int64s
    past: NDArray[np.float32]
    when_min: NDArray[np.int32]
    at: NDArray[np.int32]
    known: Int64s
    smooth: Float64s
    distances: tuple[Tails, Tails]
    joined: Tails
    names: list[str] = field(default_factory=list)
    """Thing of each group; a group once made is kept, so that a withdrawn thing that returns is known."""

    def learn(self, catalogue: Catalogue, leaves: frozenset[str] = frozenset()) -> None:
        """Take in a changed catalogue; a thing whose datastreams changed is learnt anew, others forget nothing."""
        by_thing: dict[str, list[int]] = defaultdict(list)
        for identity, datastream in sorted(catalogue.datastreams.items()):
            if identity > 0 and datastream.observed_property not in leaves:
                by_thing[datastream.thing].append(identity)
        wanted = {thing: ids[:WIDTH] for thing, ids in by_thing.items() if len(ids) > 1}
        self._widen(max(map(len, wanted.values()), default=2))
        self._make_room([thing for thing in sorted(wanted) if thing not in set(self.names)])
        self.group_of = np.full(max(catalogue.highest_id() + 1, len(self.group_of)), -1, dtype=np.int64)
        for group, thing in enumerate(self.names):
            ids = np.zeros(WIDTH, dtype=np.int64)
            ids[: len(wanted.get(thing, []))] = wanted.get(thing, [])
            if not wanted.get(thing):
                continue
            if self.members[group].any() and (self.members[group] != ids).any():
                self.when_min[group], self.known[group] = -1, 0
            self.members[group] = ids
            self.group_of[ids[ids > 0]] = group

    def judge(
        self, groups: Int64s, position: Float64s, time_us: Int64s, vectors: Float64s, spreads: Float64s, nines: Float64s
    ) -> tuple[Float64s, NDArray[np.bool_]]:
        """Return how rare each complete moment is, NaN while too few are known, and where it is the joint view that says so.

        `vectors`, `spreads` `(moments, WIDTH)` with NaN where a group is narrower; `nines` is the strangest member's seasonal
        surprise in powers of ten. Groups come once each. Takes the moments in.
        """
        distances = np.empty((len(groups), len(WEIGHTS)))
        now_min = (time_us // (60 * US_PER_S)).astype(np.int32)
        nearest_moments(
            self.past,
            self.when_min,
            groups,
            position,
            now_min,
            vectors,
            spreads,
            WEIGHTS,
            NEIGHBOURS,
            LEAST_AGE_MIN,
            distances,
        )
        self._keep(groups, position, now_min, vectors)
        p = np.full(len(groups), np.nan)
        told = np.zeros(len(groups), dtype=np.bool_)
        some = np.flatnonzero((distances[:, 0] >= 0) & (self.known[groups] >= ENOUGH))
        rows = groups[some]
        apart = np.zeros(len(some))
        for kind, tails in enumerate(self.distances):
            apart -= np.log10(tails.rank(rows, distances[some, kind] / LEAST))
        seasonal = SEASONAL_WEIGHT * nines[some]
        self.smooth[rows] += PACE * (apart + seasonal - self.smooth[rows])
        p[some] = self.joined.rank(rows, rarity_size(self.smooth[rows] / 2.0))
        told[some] = apart > seasonal
        return p, told

    def _keep(self, groups: Int64s, position: Float64s, now_min: NDArray[np.int32], vectors: Float64s) -> None:
        """Keep the first moment of each half-hour."""
        width = self.past.shape[3]
        step = position.astype(np.int64) % BINS
        place = self.at[groups, step] % DAYS
        before = self.when_min[groups, step, (place - 1) % DAYS]
        fresh = (before < 0) | (now_min - before >= LEAST_AGE_MIN)
        group, step, place = groups[fresh], step[fresh], place[fresh]
        self.past[group, step, place] = vectors[fresh, :width]
        self.when_min[group, step, place] = now_min[fresh]
        self.at[group, step] += 1
        self.known[group] += 1

    def _widen(self, width: int) -> None:
        """Make moments wide enough for the widest thing."""
        more = width - self.past.shape[3]
        if more > 0:
            self.past = np.pad(self.past, ((0, 0), (0, 0), (0, 0), (0, more)), constant_values=np.nan)

    def _make_room(self, things: list[str]) -> None:
        """Add groups nothing is known about."""
        more = len(things)
        if not more:
            return
        self.names += things
        count = len(self.names)
        self.members = np.concatenate((self.members, np.zeros((more, WIDTH), dtype=np.int64)))
        self.past = np.concatenate((self.past, np.full((more, *self.past.shape[1:]), np.nan, dtype=np.float32)))
        self.when_min = np.concatenate((self.when_min, np.full((more, BINS, DAYS), -1, dtype=np.int32)))
        self.at = np.concatenate((self.at, np.zeros((more, BINS), dtype=np.int32)))
        self.known = np.concatenate((self.known, np.zeros(more, dtype=np.int64)))
        self.smooth = np.concatenate((self.smooth, np.zeros(more)))
        self.distances = (self.distances[0].grown(count), self.distances[1].grown(count))
        self.joined = self.joined.grown(count)


def fresh_together() -> Together:
    """Return the state of no things."""
    return Together(
        members=np.zeros((0, WIDTH), dtype=np.int64),
        group_of=np.zeros(0, dtype=np.int64),
        past=np.zeros((0, BINS, DAYS, 2), dtype=np.float32),
        when_min=np.zeros((0, BINS, DAYS), dtype=np.int32),
        at=np.zeros((0, BINS), dtype=np.int32),
        known=np.zeros(0, dtype=np.int64),
        smooth=np.zeros(0),
        distances=(fresh_tails(), fresh_tails()),
        joined=fresh_tails(),
    )
