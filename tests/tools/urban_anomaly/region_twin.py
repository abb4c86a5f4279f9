"""The neighbourhood in plain Python, as one would write it down: the twin that the compiled pass must agree with."""

from dataclasses import dataclass, field

import numpy as np

from impetus.core.observation import Float64s
from impetus.tools.urban_anomaly.graph import Graph
from impetus.tools.urban_anomaly.seen import Seen
from tools.urban_anomaly.town_of import STEP_US

DAY_US = 86_400e6


def clip(value: float, reach: float) -> float:
    """Return the value, no further from zero than `reach`."""
    return max(-reach, min(reach, value))


@dataclass
class Twin:
    """What is known of each sensor; only ever calm, so that nothing but learning and strength is told."""

    graph: Graph
    last: dict[int, tuple[int, float]] = field(default_factory=dict)
    city: dict[int, float] = field(default_factory=dict)
    ties: dict[int, tuple[float, float]] = field(default_factory=dict)
    spread: dict[tuple[int, int], float] = field(default_factory=dict)
    seen: dict[tuple[int, int], int] = field(default_factory=dict)
    lived: dict[tuple[int, int], float] = field(default_factory=dict)

    def strengths(self, seen: Seen) -> Float64s:
        """Return `(2, readings)` deviations of the region and of the sensor without it."""
        told = np.zeros((2, len(seen)))
        for place, (one, time_us, z) in enumerate(zip(seen.ids, seen.time_us, seen.z, strict=True)):
            told[:, place] = self._one(int(one), int(time_us), float(z))
        return told

    def _one(self, one: int, time_us: int, z: float) -> tuple[float, float]:
        passed_us = time_us - self.last[one][0] if one in self.last else STEP_US
        near = [int(other) for other in self.graph.fellows[one] if other >= 0 and int(other) in self.last]
        fresh = [clip(self.last[other][1], 4) for other in near if time_us - self.last[other][0] <= 2 * STEP_US]
        kin = int(self.graph.kin[one])
        size = int((self.graph.kin == kin).sum())
        common = self.city.get(kin, 0.0) if size >= 1.5 * (len(fresh) + 1) else 0.0
        self.city[kin] = self.city.get(kin, 0.0) + (clip(z, 4) - self.city.get(kin, 0.0)) / size
        self.last[one] = (time_us, clip(z, 12))
        if len(fresh) < 3:
            return 0.0, 0.0
        mean = sum(fresh) / len(fresh)
        square, product = self.ties.get(one, (0.0, 0.0))
        tie = clip(max(product / max(square, 1e-9), 0.0), 1.2)
        region = (sum(fresh) + clip(z, 4)) / (len(fresh) + 1) - common
        strengths = (
            self._strength((0, one), region, common, passed_us, floor=0.15),
            self._strength((1, one), clip(z, 12) - tie * mean, tie * mean, passed_us, floor=0.5),
        )
        pace = max(min(passed_us / (2 * DAY_US), 0.05), 1 / (self.seen[1, one] + 1))
        self.ties[one] = (square + pace * (mean**2 - square), product + pace * (mean * clip(z, 4) - product))
        return strengths

    def _strength(self, key: tuple[int, int], value: float, common: float, passed_us: float, *, floor: float) -> float:
        seen, lived = self.seen.get(key, 0), self.lived.get(key, 0.0)
        usual = max(floor, 1.2533 * self.spread.get(key, 0.0))
        ready = lived >= DAY_US and seen >= 100
        size = min(abs(value), 3 * usual) if ready else abs(value)
        pace = max(min(passed_us / (2 * DAY_US), 0.05), 1 / (seen + 1))
        self.spread[key] = self.spread.get(key, 0.0) + pace * (size - self.spread.get(key, 0.0))
        self.seen[key], self.lived[key] = seen + 1, lived + min(passed_us, 3_600e6)
        return value / (usual + 0.35 * abs(common)) if ready else 0.0
