"""A look at the stops for those on a hot path: the folder is read a few times a second, not at every batch."""

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Batch, Catalogue
from impetus.core.stop import Standing, refusal
from impetus.desk.context import Desk

LOOK_EVERY_S = 0.1
"""Seconds a look stays good: a twentieth of the two seconds in which the last byte must have come in."""

Mask = NDArray[np.bool_]


def stopped_ids(standing: Standing, catalogue: Catalogue) -> frozenset[int]:
    """Return the datastreams of stopped sources, cameras and things."""
    if not standing.stops and standing.trouble is None:
        return frozenset()
    return frozenset(
        int(number) for number, each in catalogue.datastreams.items() if standing.of_thing(each.thing) is not None
    )


class StopWatch:
    """What is stopped now; belongs to one process, may be asked from several threads."""

    def __init__(self, desk: Desk) -> None:
        """Look when first asked."""
        self._desk = desk
        self._looked_s = float("-inf")
        self._standing = Standing()
        self._stopped: tuple[Standing, int, NDArray[np.int64]] | None = None

    def standing(self) -> Standing:
        """Return the stops in force, at most a tenth of a second old."""
        now_s = self._desk.clock.monotonic_s()
        if now_s - self._looked_s >= LOOK_EVERY_S:
            self._standing = self._desk.stops.standing()
            self._looked_s = now_s
        return self._standing

    def refuse_source(self, source: str) -> None:
        """Raise `Stopped` when the source, its site or all is stopped."""
        found = self.standing().of_source(source)
        if found is not None:
            raise refusal(found, f"source {source}")

    def rows(self, batch: Batch, catalogue: Catalogue) -> Mask | None:
        """Return which readings are of something stopped, None when none is."""
        numbers = self.numbers(catalogue)
        if not numbers.size:
            return None
        mask = np.isin(batch.datastream, numbers)
        return mask if mask.any() else None

    def numbers(self, catalogue: Catalogue) -> NDArray[np.int64]:
        """Return the numbers of the stopped datastreams; worked out anew when stops or catalogue change."""
        standing = self.standing()
        known = self._stopped
        if known is None or known[0] != standing or known[1] != catalogue.version:
            numbers = np.array(sorted(stopped_ids(standing, catalogue)), dtype=np.int64)
            known = self._stopped = (standing, catalogue.version, numbers)
        return known[2]
