"""Where something in the air may have come from: an area with its stated coverage, never a point.

Three or more samplers give a `region`: outlines that together hold the source with the stated probability. Fewer give only
a `sector`: the ground upwind of the sampler, without a claim how far away. Outlines bear no holes: what a region encloses
belongs to it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from impetus.core.errors import Malformed
from impetus.core.ids import ThingKey
from impetus.core.place import EARTH_RADIUS_M, Point, contains

LEAST_SAMPLERS = 3
"""Samplers a region needs; two can place a line, not an area. House rule."""
MAX_RINGS = 12
"""Outlines of one area; more separate patches than that are told as fewer, larger ones. House rule."""
MAX_CORNERS = 400
"""Corners of one outline: a screen shows no more. House rule."""
MAX_SAMPLERS = 64
"""Samplers drawn with one area. House rule."""
LEAST_CORNERS = 3
LEAST_AREA_M2 = 10_000.0
"""Smallest area that may be told: a block of a city, 100 m by 100 m. House rule: never a dot."""


class AreaKind(StrEnum):
    """What is claimed: a region of so much probability, or only the direction upwind."""

    REGION = "region"
    SECTOR = "sector"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wind:
    """The wind as used: `from_deg` where it blows from, 0 north, 90 east; `spread_deg` one standard deviation of it."""

    from_deg: float
    speed_mps: float
    spread_deg: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SamplerUsed:
    """One sampler behind an area: its highest reading against what was expected there, in its own unit."""

    thing: ThingKey
    name: str
    point: Point
    measured: float
    expected: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceArea:
    """An area. Coverage lies in 0..1, a sector's is of the direction alone; every ring leaves its first point unrepeated.

    `is_open`: the area runs into the edge of what was searched, so that the source may lie beyond it.
    """

    kind: AreaKind
    coverage: float
    rings: tuple[tuple[Point, ...], ...]
    wind: Wind
    samplers: tuple[SamplerUsed, ...]
    samples: int
    is_open: bool = False

    def __post_init__(self) -> None:
        """Refuse a dot, a region without the samplers it needs, and more than a screen can show."""
        if not self.rings or len(self.rings) > MAX_RINGS:
            raise _wrong("outlines", len(self.rings), f"1..{MAX_RINGS}")
        for ring in self.rings:
            if not LEAST_CORNERS <= len(ring) <= MAX_CORNERS:
                raise _wrong("corners of an outline", len(ring), f"{LEAST_CORNERS}..{MAX_CORNERS}")
        if not 0.0 < self.coverage < 1.0:
            raise _wrong("coverage", self.coverage, "between 0 and 1, never certain")
        least = LEAST_SAMPLERS if self.kind is AreaKind.REGION else 1
        if not least <= len(self.samplers) <= MAX_SAMPLERS:
            raise _wrong(f"samplers of a {self.kind}", len(self.samplers), f"{least}..{MAX_SAMPLERS}")
        if self.area_m2() < LEAST_AREA_M2:
            raise _wrong("square metres", round(self.area_m2()), f"at least {LEAST_AREA_M2:g}: an area, never a dot")

    def area_m2(self) -> float:
        """Return the square metres of all outlines together; they must not overlap."""
        return sum(ring_area_m2(ring) for ring in self.rings)

    def holds(self, point: Point) -> bool:
        """Say whether the point lies inside."""
        return any(contains(ring, point) for ring in self.rings)


def ring_area_m2(ring: Sequence[Point]) -> float:
    """Return the square metres inside an outline of a few kilometres (flat around its first point, error below 1 %).

    >>> corners = ((10.0, 60.0), (10.001, 60.0), (10.001, 60.001), (10.0, 60.001))
    >>> round(ring_area_m2([Point(lon=lon, lat=lat) for lon, lat in corners]), -1)
    6180.0
    """
    origin = ring[0]
    flat = [to_metres(origin, point) for point in ring]
    pairs = zip(flat, (*flat[1:], *flat[:1]), strict=True)
    return abs(sum(x * y_next - x_next * y for (x, y), (x_next, y_next) in pairs)) / 2


def to_metres(origin: Point, point: Point) -> tuple[float, float]:
    """Return metres east and north of the origin, flat: good to 1 % within 50 km below 70 degrees of latitude."""
    east = math.radians(point.lon - origin.lon) * math.cos(math.radians(origin.lat)) * EARTH_RADIUS_M
    return east, math.radians(point.lat - origin.lat) * EARTH_RADIUS_M


def from_metres(origin: Point, east_m: float, north_m: float) -> Point:
    """Return the point so many metres east and north of the origin, the reverse of `to_metres`."""
    lon = origin.lon + math.degrees(east_m / (EARTH_RADIUS_M * math.cos(math.radians(origin.lat))))
    return Point(lon=lon, lat=origin.lat + math.degrees(north_m / EARTH_RADIUS_M))


def _wrong(what: str, value: float, limit: str) -> Malformed:
    return Malformed(
        f"a source area with {value:g} {what}", value=value, limit=limit, remedy="say less, or say a sector"
    )
