"""How air carries something over a city: the Gaussian plume with the dispersion that Briggs fitted over towns.

Ground-level source, ground-level sampler, flat ground: what is left out (streets, height, meander within a sample) is paid
for by the error that the inversion allows, and by a least spread of `SPREAD_AT_SOURCE_M`.

**Source**: Briggs, Diffusion estimation for small emissions, ATDL 79, NOAA, 1973, urban table (100 m to 10 km); Hanna, Briggs
and Hosker, Handbook on Atmospheric Diffusion, DOE/TIC-11223, 1982, table 4.5.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from impetus.core.observation import Float64s

SPREAD_AT_SOURCE_M = 15.0
"""Spread a plume begins with, one standard deviation: half the width of a street between buildings. House rule."""
LEAST_WIND_MPS = 0.5
"""Slowest wind the formula is used with; below it nothing is carried straight. **Source**: AERMOD, calm threshold."""


class Stability(StrEnum):
    """Pasquill's classes as Briggs joins them over towns: very unstable, slightly unstable, neutral, stable."""

    AB = "AB"
    C = "C"
    D = "D"
    EF = "EF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispersion:
    """The fit of one class: sideways `side x (1 + 0.0004 x)^-1/2`, upwards `up x (1 + bend x)^power`, x in metres."""

    side: float
    up: float
    bend: float
    power: float


SIDE_BEND = 0.0004
URBAN = {
    Stability.AB: Dispersion(side=0.32, up=0.24, bend=0.001, power=0.5),
    Stability.C: Dispersion(side=0.22, up=0.20, bend=0.0, power=0.0),
    Stability.D: Dispersion(side=0.16, up=0.14, bend=0.0003, power=-0.5),
    Stability.EF: Dispersion(side=0.11, up=0.08, bend=0.00015, power=-0.5),
}
"""**Source**: Briggs 1973, urban table."""


def sigmas_m(stability: Stability, downwind_m: Float64s) -> tuple[Float64s, Float64s]:
    """Return the standard deviations of the plume sideways and upwards, in metres, at distances downwind of 0 and more.

    >>> side, up = sigmas_m(Stability.D, np.array([1000.0]))
    >>> round(float(side[0]), 1), round(float(up[0]), 1)
    (136.1, 123.7)
    """
    fit = URBAN[stability]
    side = fit.side * downwind_m / np.sqrt(1.0 + SIDE_BEND * downwind_m)
    up = fit.up * downwind_m * (1.0 + fit.bend * downwind_m) ** fit.power
    return np.hypot(side, SPREAD_AT_SOURCE_M), np.hypot(up, SPREAD_AT_SOURCE_M)


def dilution(stability: Stability, downwind_m: Float64s, across_m: Float64s, speed_mps: Float64s | float) -> Float64s:
    """Return the concentration per unit of source strength, in s/m3: for `Q` units a second, `Q * dilution` units per m3.

    Zero upwind. Columns of any one shape.
    """
    ahead = np.maximum(downwind_m, 0.0)
    side, up = sigmas_m(stability, ahead)
    speed = np.maximum(speed_mps, LEAST_WIND_MPS)
    spread = np.exp(-0.5 * (across_m / side) ** 2) / (np.pi * speed * side * up)
    return np.where(downwind_m > 0.0, spread, 0.0)


def along_wind(east_m: Float64s, north_m: Float64s, from_deg: Float64s | float) -> tuple[Float64s, Float64s]:
    """Return the metres downwind and across of a displacement from source to sampler, for a wind from that direction.

    >>> down, across = along_wind(np.array([0.0]), np.array([-100.0]), 0.0)
    >>> round(float(down[0]), 6), abs(round(float(across[0]), 6))
    (100.0, 0.0)
    """
    blows_to = np.radians(from_deg) + np.pi
    east, north = np.sin(blows_to), np.cos(blows_to)
    return np.asarray(east_m * east + north_m * north), np.asarray(east_m * north - north_m * east)
