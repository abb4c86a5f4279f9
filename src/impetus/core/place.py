"""Places, zones and assets: the map's words. WGS 84 throughout; distances in metres on the sphere."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from impetus.core.errors import Malformed
from impetus.core.ids import ZoneId

EARTH_RADIUS_M = 6_371_008.8
"""Mean radius of the Earth in metres. Source: IUGG, GRS 80 arithmetic mean radius R1."""
MAX_LON_DEG = 180.0
MAX_LAT_DEG = 90.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A position in WGS 84 degrees: longitude -180..180 east, latitude -90..90 north."""

    lon: float
    lat: float

    def __post_init__(self) -> None:
        """Refuse what is not on the globe, NaN included."""
        if not (abs(self.lon) <= MAX_LON_DEG and abs(self.lat) <= MAX_LAT_DEG):
            raise Malformed(
                f"position lon {self.lon}, lat {self.lat} is not on the globe",
                value=(self.lon, self.lat),
                limit="lon -180..180, lat -90..90",
                remedy="give degrees in WGS 84, longitude first",
            )


def distance_m(one: Point, other: Point) -> float:
    """Return the great-circle distance in metres (haversine; error below 0.6 % against the ellipsoid).

    >>> round(distance_m(Point(lon=10.7339, lat=59.9127), Point(lon=10.7339, lat=59.9136)))
    100
    """
    lat_1, lat_2 = math.radians(one.lat), math.radians(other.lat)
    half_lat, half_lon = (lat_2 - lat_1) / 2, math.radians(other.lon - one.lon) / 2
    chord = math.sin(half_lat) ** 2 + math.cos(lat_1) * math.cos(lat_2) * math.sin(half_lon) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(min(1.0, math.sqrt(chord)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Zone:
    """A part of a place with a name; `ring` is its outline, first point not repeated."""

    id: ZoneId
    name: str
    kind: str
    ring: tuple[Point, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """A thing the city owns on the map or the network: camera, sampler, exit, switch."""

    key: str
    name: str
    kind: str
    point: Point
    heading_deg: float | None = None
    zone: ZoneId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What one installation watches: a name, its zones and its assets."""

    key: str
    name: str
    centre: Point
    zones: tuple[Zone, ...] = ()
    assets: tuple[Asset, ...] = ()


def contains(ring: Sequence[Point], point: Point) -> bool:
    """Say whether the point lies inside the ring (ray casting; a point on the edge may fall either way)."""
    inside = False
    for a, b in zip(ring, (*ring[1:], *ring[:1]), strict=True):
        if (a.lat > point.lat) != (b.lat > point.lat):
            crossing = a.lon + (point.lat - a.lat) / (b.lat - a.lat) * (b.lon - a.lon)
            inside ^= point.lon < crossing
    return inside
