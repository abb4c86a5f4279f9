"""Chance that can be asked at any moment: the same seed, name and time give the same number, in whatever order asked.

A stream of random numbers would make a reading depend on how the time before it was cut into batches. Here a hash of
(seed, name, step) stands for chance, and smooth noise is drawn between the numbers at the ends of each step.

**Source**: the hash is the finaliser of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014); normals by Box and Muller (1958).
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Float64s, Int64s

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1, _MIX_2 = np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB)
_TO_UNIT = 1.0 / 2.0**53


@dataclass(frozen=True, slots=True, kw_only=True)
class Chance:
    """Chance for one name under one seed."""

    seed: int
    name: str

    def uniform(self, steps: Int64s, salt: str = "") -> Float64s:
        """Return numbers in 0..1 (never 0), one per step."""
        digest = hashlib.blake2b(f"{self.seed}|{self.name}|{salt}".encode(), digest_size=8).digest()
        base = np.uint64(int.from_bytes(digest, "little"))
        with np.errstate(over="ignore"):
            mixed: NDArray[np.uint64] = steps.astype(np.uint64) * _GOLDEN + base
            mixed = (mixed ^ (mixed >> np.uint64(30))) * _MIX_1
            mixed = (mixed ^ (mixed >> np.uint64(27))) * _MIX_2
        unit: Float64s = ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) * _TO_UNIT
        return np.maximum(unit, _TO_UNIT)

    def normal(self, steps: Int64s, salt: str = "") -> Float64s:
        """Return standard normal numbers, one per step."""
        radius = np.sqrt(-2.0 * np.log(self.uniform(steps, salt + "/r")))
        angle: Float64s = np.cos(2.0 * np.pi * self.uniform(steps, salt + "/a"))
        return np.asarray(radius * angle, dtype=np.float64)

    def smooth(self, time_us: Int64s, period_s: float, salt: str = "") -> Float64s:
        """Return smooth noise of unit variance that forgets itself within about `period_s`."""
        position = time_us / (period_s * US_PER_S)
        step = np.floor(position).astype(np.int64)
        part = position - step
        weight = part * part * (3.0 - 2.0 * part)
        name = f"{salt}/{period_s:g}"
        mixed = self.normal(step, name) * (1.0 - weight) + self.normal(step + 1, name) * weight
        return np.asarray(mixed / np.sqrt((1.0 - weight) ** 2 + weight**2), dtype=np.float64)
