"""What a source of `sources.toml` says of how its bodies are to be read, for every format alike."""

from dataclasses import dataclass
from typing import Final

from impetus.core.place import Point

MOST_BYTES: Final = 32 * 1024 * 1024
"""Bytes of one body, unpacked; a whole country's SIRI-VM has about 10 MiB. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A rectangle in WGS 84 degrees, edges included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float) -> bool:
        """Say whether a position lies in it; a rectangle over the date line holds nothing."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How bodies are read: `zone` for times that name none, `only` these things, within `box`.

    `thing` names what a body speaks of that does not say it itself; `property`, `unit`, `lowest` and `highest` describe
    columns of numbers that say nothing of themselves; `missing` are markers of a missing value.
    """

    zone: str = "UTC"
    only: frozenset[str] = frozenset()
    box: Box | None = None
    thing: str = ""
    property: str = ""
    unit: str = ""
    lowest: float = -1e18
    highest: float = 1e18
    missing: tuple[str, ...] = ()

    def wants(self, thing: str) -> bool:
        """Say whether a thing of this name was asked for."""
        return not self.only or thing in self.only

    def is_inside(self, point: Point | None) -> bool:
        """Say whether a position lies where was asked for; without a rectangle everything does."""
        return self.box is None or (point is not None and self.box.holds(point.lon, point.lat))
