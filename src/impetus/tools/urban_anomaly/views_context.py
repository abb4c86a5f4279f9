"""What people told: verdicts on events, and what is planned; both raise the bar for some datastreams for some time.

A verdict "benign" or "expected" says that as much as this, here, at this time of the week, is no news. It raises the bar of
those datastreams to a little above that event, around the same time of day on the same kind of day, by less every day until
after a few weeks nothing of it is left. Anything clearly bigger, or at another time, or elsewhere, is told as before. "true"
takes the rise back where it overlaps. A planned event raises the bar of its zone while it lasts.

Nothing here changes what is normal: the detector cannot be talked into blindness, only into patience.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from impetus.core.observation import US_PER_S, Float64s, Int64s
from impetus.tools.urban_anomaly.seasons import BINS, Seasons

HALF_LIFE_US = 14 * 86_400 * US_PER_S
"""After two weeks half of a rise is left. House rule."""
OVER_US = 5 * HALF_LIFE_US
"""After ten weeks a verdict is forgotten."""
ABOVE = 1.2
"""The bar stands this much above the event that was judged. House rule."""
HIGHEST = 4.0
"""Highest bar as a multiple of `start_z`: beyond it no verdict silences anything. House rule."""
MOST = 64
"""Verdicts remembered of a datastream; the oldest goes first."""
AROUND = 2
"""Half-hours either side of the event that the verdict is about."""
PLANNED = 1.5
"""Bar during a planned event, as a multiple of `start_z`. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rise:
    """One verdict's rise: from which half-hour on for how many, on which kind of day, how much above 1, decided when."""

    first: int
    count: int
    day: int
    above: float
    since_us: int


@dataclass(slots=True, kw_only=True)
class Context:
    """Mutable; pickles; at most `MOST` verdicts a datastream. `planned` is (zone or None for all, since, until)."""

    rises: dict[int, list[Rise]] = field(default_factory=dict)
    planned: tuple[tuple[str | None, int, int], ...] = ()
    zones: Mapping[int, str | None] = field(default_factory=dict)

    def accept(self, identity: int, rise: Rise) -> None:
        """Remember a verdict that an event was none."""
        kept = self.rises.setdefault(identity, [])
        kept.append(rise)
        del kept[:-MOST]

    def withdraw(self, identity: int, first: int, count: int, day: int) -> None:
        """Forget verdicts about a context in which something true happened."""
        hours = {(first + step) % BINS for step in range(count)}
        self.rises[identity] = [
            rise
            for rise in self.rises.get(identity, [])
            if rise.day != day or not hours & {(rise.first + step) % BINS for step in range(rise.count)}
        ]

    def plan(self, events: Sequence[tuple[str | None, int, int]]) -> None:
        """Take in everything that is planned from now on; replaces what was planned before."""
        self.planned = tuple(events)

    def bars(self, ids: Int64s, time_us: Int64s, where: Seasons) -> Float64s:
        """Return the bar of each reading as a multiple of the usual one, 1 where nobody told anything."""
        bar = np.ones(len(ids))
        if self.rises:
            for place in np.flatnonzero(np.isin(ids, list(self.rises))).tolist():
                bar[place] = self._bar(
                    int(ids[place]), int(time_us[place]), int(where.now[place]), int(where.day[place])
                )
        for zone, since_us, until_us in self.planned:
            during = np.flatnonzero((time_us >= since_us) & (time_us <= until_us))
            for place in during.tolist():
                if zone is None or self.zones.get(int(ids[place])) == zone:
                    bar[place] = max(bar[place], PLANNED)
        return bar

    def _bar(self, identity: int, time_us: int, now: int, day: int) -> float:
        bar = 1.0
        for rise in self.rises[identity]:
            age_us = time_us - rise.since_us
            if rise.day == day and (now - rise.first) % BINS < rise.count and 0 <= age_us <= OVER_US:
                bar = max(bar, 1.0 + rise.above * 0.5 ** (age_us / HALF_LIFE_US))
        return bar
