"""People on the simulated square: who they are not is nobody; where they are follows from the time alone."""

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from PIL import ImageDraw

from impetus.core.picture import Box
from impetus.demo.view import View

Colour = tuple[int, int, int]
WALKERS = 64
"""People on the square at once in an ordinary hour. House choice."""
SKINS: Sequence[Colour] = ((244, 208, 177), (224, 172, 133), (198, 134, 94), (141, 85, 53), (92, 58, 40))
COATS: Sequence[Colour] = ((176, 52, 48), (44, 92, 148), (58, 122, 82), (206, 164, 62), (122, 74, 138), (66, 70, 78))
HAIRS: Sequence[Colour] = ((38, 28, 24), (104, 70, 40), (198, 160, 92), (150, 150, 152))
FACE_PX = 5
"""Radius of a head in pixels from which it has a face."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walker:
    """Somebody who goes to and fro between two spots (metres), `period_s` there and back; a short way is standing about."""

    start: tuple[float, float]
    end: tuple[float, float]
    period_s: float
    phase: float
    height_m: float
    skin: Colour
    coat: Colour
    hair: Colour

    def spot(self, at: datetime) -> tuple[float, float]:
        """Return where they are at a time."""
        turn = (at.timestamp() / self.period_s + self.phase) % 1.0
        share = 2 * turn if turn <= 1 / 2 else 2 - 2 * turn
        return (
            self.start[0] + share * (self.end[0] - self.start[0]),
            self.start[1] + share * (self.end[1] - self.start[1]),
        )

    def stride(self, at: datetime) -> float:
        """Return how far the legs are apart, -1..1."""
        length_m = math.dist(self.start, self.end)
        return math.sin(at.timestamp() * 2 * math.pi + self.phase * 6) if length_m > self.height_m * 2 else 0.1


@lru_cache(maxsize=8)
def walkers(count: int = WALKERS, seed: int = 7) -> tuple[Walker, ...]:
    """Return the people of one synthetic day: a third stands about in the centre, the others cross the square."""
    rng = random.Random(seed)
    return tuple(_walker(rng, stands=number % 3 == 0) for number in range(count))


def _walker(rng: random.Random, *, stands: bool) -> Walker:
    if stands:
        start = (rng.gauss(-4, 12), rng.gauss(16, 12))
        end = (start[0] + rng.uniform(-0.8, 0.8), start[1] + rng.uniform(-0.8, 0.8))
        period_s = rng.uniform(18, 40)
    else:
        start = (rng.choice((-72.0, 72.0)), rng.uniform(-42, 44))
        end = (-start[0] * rng.uniform(0.2, 1.0), rng.uniform(-44, 46))
        period_s = 2 * math.dist(start, end) / rng.uniform(1.0, 1.6)
    return Walker(
        start=start,
        end=end,
        period_s=period_s,
        phase=rng.random(),
        height_m=rng.uniform(1.5, 1.95),
        skin=rng.choice(SKINS),
        coat=rng.choice(COATS),
        hair=rng.choice(HAIRS),
    )


def figure_box(view: View, walker: Walker, at: datetime) -> Box | None:
    """Return the box around somebody in the picture, also where it sticks out of it; None when out of sight."""
    east, north = walker.spot(at)
    feet, top = view.pixel((east, north, 0.0)), view.pixel((east, north, walker.height_m))
    if feet is None or top is None:
        return None
    tall = feet[1] - top[1]
    half = 0.24 * tall
    box = Box(
        left=math.floor(feet[0] - half),
        top=math.floor(top[1]),
        right=math.ceil(feet[0] + half) + 1,
        bottom=math.ceil(feet[1]) + 1,
    )
    is_out = box.right <= 0 or box.left >= view.width or box.bottom <= 0 or box.top >= view.height
    return None if is_out or box.bottom - box.top < 4 or tall > 2 * view.height else box  # noqa: PLR2004 - pixels


def paint(draw: ImageDraw.ImageDraw, truth: ImageDraw.ImageDraw, box: Box, walker: Walker, stride: float) -> None:
    """Draw somebody with coat, hair and face into a box, and the same outline, filled, into the truth."""
    wide, tall = box.right - box.left, box.bottom - box.top

    def spot(x: float, y: float) -> tuple[float, float]:
        return box.left + x * (wide - 1), box.top + y * (tall - 1)

    def both(kind: str, corners: Sequence[tuple[float, float]], colour: Colour, width: int = 1) -> None:
        for drawing, fill in ((draw, colour), (truth, 255)):
            if kind == "line":
                drawing.line(list(corners), fill=fill, width=width)
            else:
                getattr(drawing, kind)(list(corners), fill=fill)

    limb = max(1, round(0.13 * wide))
    red, green, blue = (round(0.85 * part) for part in walker.coat)
    for side in (-1, 1):
        foot = spot(0.5 + side * (0.1 + 0.17 * stride), 0.98)
        both("line", (spot(0.5 + side * 0.08, 0.52), foot), (40, 44, 54), limb + 1)
        hand = spot(0.5 + side * (0.34 - 0.1 * stride), 0.56)
        both("line", (spot(0.5 + side * 0.24, 0.24), hand), (red, green, blue), limb)
    both("ellipse", (spot(0.22, 0.17), spot(0.78, 0.6)), walker.coat)
    both("ellipse", (spot(0.34, 0.0), spot(0.66, 0.19)), walker.hair)
    both("ellipse", (spot(0.36, 0.035), spot(0.64, 0.19)), walker.skin)
    if 0.16 * wide >= FACE_PX:
        _face(draw, box)


def _face(draw: ImageDraw.ImageDraw, box: Box) -> None:
    """Draw eyes and a mouth inside a head."""
    wide, tall = box.right - box.left, box.bottom - box.top
    for side in (-1, 1):
        x, y, size = box.left + (0.5 + side * 0.06) * wide, box.top + 0.1 * tall, max(1.0, 0.018 * wide)
        draw.ellipse((x - size, y - size, x + size, y + size), fill=(26, 30, 38))
    mouth_y = box.top + 0.15 * tall
    draw.line((box.left + 0.45 * wide, mouth_y, box.left + 0.55 * wide, mouth_y), fill=(120, 44, 44), width=2)
