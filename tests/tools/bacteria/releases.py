"""Releases with known truth: a network of samplers, a source somewhere, wind that was read wrong, and what was sampled."""

import math
from dataclasses import dataclass

import numpy as np

from impetus.core.ids import ThingKey
from impetus.core.place import Point
from impetus.core.source_area import from_metres
from impetus.tools.bacteria.plume import Stability, along_wind, dilution
from impetus.tools.bacteria.source import AirSample
from impetus.tools.bacteria.wind import Winds, winds_of

OSLO = Point(lon=10.73, lat=59.91)
HOUR_US = 3_600_000_000
USUAL = 200.0
"""Background per m3. **Source**: Haas and others 2020, median outdoors at 30 degrees, 2.1e2 CFU/m3."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """One release: where it was, what was sampled, and the wind as read."""

    source: Point
    samples: tuple[AirSample, ...]
    winds: Winds


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """How a release comes about. Lengths in metres, angles in degrees; noises are deviations of a logarithm."""

    samplers: int = 9
    times: int = 3
    width_m: float = 6_000.0
    error_deg: float = 9.0
    turns_deg: float = 25.0
    is_lasting: bool = False
    noise: float = 0.5
    stability: Stability = Stability.D


def release(rng: np.random.Generator, world: World) -> Release:
    """Return a release that at least one sampler saw: three times its background."""
    sites = _sites(rng, world)
    while True:
        source = rng.uniform(-0.5, 0.5, 2) * world.width_m
        strength, bearing, speed = 10.0 ** rng.uniform(8.5, 9.5), rng.uniform(0, 360), rng.uniform(2, 7)
        lasting = rng.normal(0, world.error_deg) if world.is_lasting else 0.0
        true = bearing + rng.normal(0, world.turns_deg, world.times) * (world.times > 1)
        read = true + (lasting if world.is_lasting else rng.normal(0, world.error_deg, world.times))
        away = sites - source
        down, across = along_wind(away[:, 0], away[:, 1], np.asarray(true)[:, None])
        brought = strength * dilution(world.stability, down, across, speed)
        brought *= np.exp(rng.normal(0, world.noise, brought.shape))
        if brought.max() > 3 * USUAL:
            break
    measured = brought + rng.gamma(4, USUAL / 4, brought.shape)
    ends = HOUR_US * np.arange(1, world.times + 1)
    return Release(
        source=from_metres(OSLO, float(source[0]), float(source[1])),
        samples=tuple(
            AirSample(
                thing=ThingKey(f"air/s{site}"),
                name=f"S{site}",
                point=from_metres(OSLO, float(sites[site, 0]), float(sites[site, 1])),
                began_us=int(ends[time]) - HOUR_US,
                ended_us=int(ends[time]),
                measured=float(measured[time, site]),
                expected=USUAL,
                spread=USUAL / 2,
            )
            for time in range(world.times)
            for site in range(world.samplers)
        ),
        winds=winds_of(ends - HOUR_US // 2, [speed] * world.times, list(read)),
    )


def _sites(rng: np.random.Generator, world: World) -> np.ndarray:
    """Return the samplers: on a square grid when their number is one, anywhere otherwise."""
    side = math.isqrt(world.samplers)
    if side * side != world.samplers:
        return rng.uniform(-0.5, 0.5, (world.samplers, 2)) * world.width_m
    middles = ((np.arange(side) + 0.5) / side - 0.5) * world.width_m
    return np.stack(np.meshgrid(middles, middles), axis=-1).reshape(-1, 2)
