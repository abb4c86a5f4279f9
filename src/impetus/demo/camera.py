"""The square's cameras, drawn: buildings in perspective, people with faces walking by, the same at the same moment.

Port `Media`. Frames follow from the camera and the time alone, so that a look back shows what was there. Boxes and outlines
are known from the drawing and need no detector; the background is the drawing without anybody. Every frame says that it is
simulated: nothing here was ever before a lens.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from impetus.core.errors import Unknown
from impetus.core.picture import Box, CameraSight, Frame, Outline, Pixels
from impetus.demo.draw import BUILDINGS, CAMERAS, STREETS, locate
from impetus.demo.streams import SOURCE
from impetus.demo.view import View
from impetus.demo.walkers import Colour, Walker, figure_box, paint, walkers

WIDTH, HEIGHT = 960, 540
CAMERA_HEIGHT_M = 4.5
HORIZON_SHARE = 0.2
"""Where the horizon lies, as a share of the height from the top: how such cameras are set up. House choice."""
SKY, GROUND, PAVING, JOINT = (150, 166, 184), (104, 108, 112), (156, 150, 140), (132, 127, 118)
STREET, WATER, BRICK, GLASS = (84, 88, 94), (66, 96, 122), (150, 92, 72), (72, 84, 98)
TOWER_M, HALL_M, BLOCK_M, HOUSE_M = 62.0, 30.0, 19.0, 7.0
FLOOR_M, SLAB_M = 3.6, 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What was drawn: the picture, where persons are as boxes and as exact outline, and the view without them."""

    pixels: Pixels
    boxes: tuple[Box, ...]
    truth: Outline
    background: Pixels


class DrawnCameras:
    """Port `Media` over the drawing."""

    def cameras(self) -> Sequence[CameraSight]:
        """Return the cameras of the plan, by key."""
        rows = [
            CameraSight(key=key, name=key.upper(), source=SOURCE, zone=zone, point=locate(spot), simulated=True)
            for key, (zone, spot, _, _) in CAMERAS.items()
        ]
        return tuple(sorted(rows, key=lambda row: (len(row.key), row.key)))

    def frame(self, camera: str, at: datetime) -> Frame:
        """Return what the camera shows at a time; `Unknown` for one that is not on the plan."""
        drawn = scene(view_of(camera), walkers(), at)
        return Frame(
            camera=camera,
            at=at,
            pixels=drawn.pixels,
            boxes=drawn.boxes,
            outline=drawn.truth,
            background=drawn.background,
            simulated=True,
        )


def view_of(camera: str) -> View:
    """Return how a camera of the plan stands; `Unknown` for another."""
    if camera not in CAMERAS:
        raise Unknown(f"there is no camera {camera[:80]}", value=camera, remedy="choose one from the list of cameras")
    _, spot, (heading_deg, span_deg, _), _ = CAMERAS[camera]
    focal_share = 0.5 / math.tan(math.radians(span_deg) / 2) * WIDTH / HEIGHT
    return View(
        spot=spot,
        height_m=CAMERA_HEIGHT_M,
        heading_deg=float(heading_deg),
        pitch_deg=math.degrees(math.atan((0.5 - HORIZON_SHARE) / focal_share)),
        span_deg=float(span_deg),
        width=WIDTH,
        height=HEIGHT,
    )


def scene(view: View, people: Sequence[Walker], at: datetime) -> Scene:
    """Draw people onto the background, the farthest first."""
    empty = background(view)
    picture, truth = Image.fromarray(empty), Image.new("L", (view.width, view.height))
    draw, outline = ImageDraw.Draw(picture), ImageDraw.Draw(truth)
    seen = [(box, walker) for walker in people if (box := figure_box(view, walker, at)) is not None]
    for box, walker in sorted(seen, key=lambda pair: pair[0].bottom):
        paint(draw, outline, box, walker, walker.stride(at))
    return Scene(
        pixels=np.asarray(picture, dtype=np.uint8).copy(),
        boxes=tuple(box for box, _ in seen),
        truth=np.asarray(truth, dtype=np.uint8) > 0,
        background=empty,
    )


@lru_cache(maxsize=32)
def background(view: View) -> Pixels:
    """Draw the place without anybody; read-only, drawn once a camera."""
    picture = Image.new("RGB", (view.width, view.height), SKY)
    draw = ImageDraw.Draw(picture)
    horizon = round(view.horizon_px())
    for line in range(max(0, horizon)):
        shade = line / max(1, horizon)
        draw.line((0, line, view.width, line), fill=_mixed((96, 118, 146), SKY, shade))
    draw.rectangle((0, max(0, horizon), view.width, view.height), fill=GROUND)
    _flat(draw, view, ((-900, -900), (900, -900), (900, -66), (-900, -66)), WATER)
    for _, ring in STREETS.values():
        _flat(draw, view, ring, STREET)
    _flat(draw, view, ((-75, -50), (75, -50), (75, 50), (-75, 50)), PAVING)
    _joints(draw, view)
    for name, _ in sorted(BUILDINGS.items(), key=lambda item: -_distance(view, item[1][1])):
        _building(draw, view, name)
    drawn = np.asarray(picture, dtype=np.uint8).copy()
    drawn.setflags(write=False)
    return drawn


def _flat(draw: ImageDraw.ImageDraw, view: View, ring: Sequence[tuple[float, float]], colour: Colour) -> None:
    """Draw a surface on the ground."""
    outline = view.outline((x, y, 0.0) for x, y in ring)
    if len(outline) > 2:  # noqa: PLR2004 - a surface has three corners at least
        draw.polygon(outline, fill=colour)


def _joints(draw: ImageDraw.ImageDraw, view: View) -> None:
    """Draw the joints between the square's slabs."""
    lines = [((x * SLAB_M, -50.0), (x * SLAB_M, 50.0)) for x in range(-15, 16)]
    lines += [((-75.0, y * SLAB_M), (75.0, y * SLAB_M)) for y in range(-10, 11)]
    for start, end in lines:
        ends = view.outline(((*start, 0.0), (*end, 0.0)))
        if len(ends) > 1:
            draw.line(ends[:2], fill=JOINT)


def _distance(view: View, ring: Sequence[tuple[float, float]]) -> float:
    """Return how far the middle of a ring is from the camera."""
    x, y = (sum(axis) / len(ring) for axis in zip(*ring, strict=True))
    return float(np.hypot(x - view.spot[0], y - view.spot[1]))


def _building(draw: ImageDraw.ImageDraw, view: View, name: str) -> None:
    """Draw a block's walls, the farthest first, with a line for each floor."""
    ring = BUILDINGS[name][1]
    tall_m = TOWER_M if name.startswith("tower") else {"city-hall": HALL_M, "ferry-house": HOUSE_M}.get(name, BLOCK_M)
    colour = BRICK if name.startswith(("tower", "city")) else (132, 126, 120)
    walls = list(zip(ring, [*ring[1:], *ring[:1]], strict=True))
    for start, end in sorted(walls, key=lambda wall: -_distance(view, wall)):
        light = 0.72 + 0.28 * abs(end[0] - start[0]) / (abs(end[0] - start[0]) + abs(end[1] - start[1]))
        wall = view.outline(((*start, 0.0), (*end, 0.0), (*end, tall_m), (*start, tall_m)))
        if len(wall) > 2:  # noqa: PLR2004 - as above
            draw.polygon(wall, fill=_mixed((0, 0, 0), colour, light))
        for floor in range(1, int(tall_m / FLOOR_M)):
            edge = view.outline(((*start, floor * FLOOR_M), (*end, floor * FLOOR_M)))
            if len(edge) > 1:
                draw.line(edge[:2], fill=_mixed(GLASS, colour, 0.45), width=2)


def _mixed(one: Colour, other: Colour, share: float) -> Colour:
    """Return a colour this share of the way from one to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue
