"""Why two things were joined, in numbers an operator can weigh: metres, seconds, and how likely by chance."""

import math
from dataclasses import dataclass

from impetus.core.alert import Alert
from impetus.core.finding import Finding
from impetus.core.text import Phrase
from impetus.tools.fusion.config import Config

MIN_M, MIN_S = 25.0, 30.0
"""Closer than 25 m and 30 s is not told apart: positions of city sensors and their cadence are no finer. House rule."""

JOINED_NEAR = "Joined with what {tool} noticed: {metres} m and {seconds} s apart; unrelated alerts come this close in {percent} % of cases."
JOINED_ZONE = (
    "Joined with what {tool} noticed: the same zone {zone}, {seconds} s apart; "
    "unrelated alerts come this close in {percent} % of cases."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closeness:
    """How close a finding is to an alert. `distance_m` is None when they share a zone and one has no position.

    `gap_s` is between the end of one and the start of the other, 0 when they overlap; `chance` is the probability of 0..1
    that something unrelated comes at least this close.
    """

    distance_m: float | None
    gap_s: float
    chance: float


def chance_of(config: Config, *, distance_m: float, gap_s: float, lasted_s: float) -> float:
    """Return how likely an unrelated alert comes at least this close to one that lasted `lasted_s`, 0..1.

    Unrelated alerts are a Poisson process with the rate `r` of the background, spread evenly over the watched area `A`.
    One that begins within `d` metres and no further than `t` seconds before or after falls into a region of `pi d^2` for
    a time `T = lasted + 2 t`, so `p = 1 - exp(-r T pi d^2 / A)`. Distances and gaps below 25 m and 30 s count as these.

    >>> round(chance_of(Config(), distance_m=50.0, gap_s=60.0, lasted_s=0.0), 4)
    0.0016
    >>> round(chance_of(Config(area_km2=0.02), distance_m=50.0, gap_s=60.0, lasted_s=0.0), 4)
    0.0755

    **Source**: void probability of a homogeneous Poisson process, e.g. Daley and Vere-Jones, An Introduction to the
    Theory of Point Processes, section 2.1.
    """
    area_m2 = config.area_km2 * 1e6
    region_m2 = min(area_m2, math.pi * max(distance_m, MIN_M) ** 2)
    window_s = lasted_s + 2 * max(gap_s, MIN_S)
    return -math.expm1(-config.background_per_hour / 3600 * window_s * region_m2 / area_m2)


def why_joined(alert: Alert, finding: Finding, closeness: Closeness) -> Phrase:
    """Say why a finding was joined to an alert."""
    values: dict[str, str | int | float] = {
        "tool": finding.tool,
        "seconds": round(closeness.gap_s),
        "percent": float(f"{100 * closeness.chance:.2g}"),
    }
    if closeness.distance_m is None:
        return Phrase(template=JOINED_ZONE, values={**values, "zone": finding.zone or alert.zone or ""})
    return Phrase(template=JOINED_NEAR, values={**values, "metres": round(closeness.distance_m)})
