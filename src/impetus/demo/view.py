"""From metres on the square to pixels of a camera: a pinhole at a height, looking down a little.

World: metres east (`x`), north (`y`), up (`z`) of the middle of the square, as in `draw.py`. What lies behind the camera
is cut off before it is projected, so that no polygon turns inside out.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

MetrePoint3 = tuple[float, float, float]
PixelPoint = tuple[float, float]
NEAR_M = 0.4
"""Nothing nearer than this is drawn. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Where a camera stands and looks: heading clockwise from north, `pitch_deg` below the horizon."""

    spot: tuple[float, float]
    height_m: float
    heading_deg: float
    pitch_deg: float
    span_deg: float
    width: int
    height: int

    def focal_px(self) -> float:
        """Return the focal length in pixels.

        >>> round(View(spot=(0, 0), height_m=6, heading_deg=0, pitch_deg=0, span_deg=90, width=960, height=540).focal_px())
        480
        """
        return self.width / 2 / math.tan(math.radians(self.span_deg) / 2)

    def seen(self, point: MetrePoint3) -> MetrePoint3:
        """Return a point as the camera has it: right, up and ahead, in metres."""
        heading, pitch = math.radians(self.heading_deg), math.radians(self.pitch_deg)
        east, north, up = point[0] - self.spot[0], point[1] - self.spot[1], point[2] - self.height_m
        along = east * math.sin(heading) + north * math.cos(heading)
        right = east * math.cos(heading) - north * math.sin(heading)
        return (
            right,
            along * math.sin(pitch) + up * math.cos(pitch),
            along * math.cos(pitch) - up * math.sin(pitch),
        )

    def on_screen(self, seen: MetrePoint3) -> PixelPoint:
        """Return where a point before the camera lies in the picture."""
        scale = self.focal_px() / seen[2]
        return self.width / 2 + seen[0] * scale, self.height / 2 - seen[1] * scale

    def pixel(self, point: MetrePoint3) -> PixelPoint | None:
        """Return where a point of the world lies in the picture, None behind the camera."""
        seen = self.seen(point)
        return self.on_screen(seen) if seen[2] > NEAR_M else None

    def outline(self, ring: Iterable[MetrePoint3]) -> list[PixelPoint]:
        """Return a polygon in pixels, cut where it passes behind the camera; empty when all of it lies there."""
        return [self.on_screen(point) for point in _before([self.seen(point) for point in ring])]

    def horizon_px(self) -> float:
        """Return the line of the picture at which the ground ends."""
        return self.height / 2 - self.focal_px() * math.tan(math.radians(self.pitch_deg))


def _before(ring: Sequence[MetrePoint3]) -> list[MetrePoint3]:
    """Cut a ring at the near plane. **Source**: Sutherland and Hodgman, Reentrant polygon clipping, CACM 17 (1974)."""
    kept: list[MetrePoint3] = []
    for here, there in zip(ring, [*ring[1:], *ring[:1]], strict=True):
        if here[2] > NEAR_M:
            kept.append(here)
        if (here[2] > NEAR_M) != (there[2] > NEAR_M):
            share = (NEAR_M - here[2]) / (there[2] - here[2])
            kept.append((here[0] + share * (there[0] - here[0]), here[1] + share * (there[1] - here[1]), NEAR_M))
    return kept
