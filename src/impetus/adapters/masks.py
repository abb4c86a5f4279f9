"""Masks over persons: the picture is built from nothing where that is possible, and painted over where it is not.

How it works. A camera with a learnt background gives that background, and where a box is, one and the same figure: not a
pixel of the frame is used, so a person nobody detected is simply not there. A camera without one gives the frame with
every box, grown by a margin, filled with flat colour and the same figure on it; the fill's edge is feathered outwards
only. Where an outline is finer than a box, it is filled too. A frame without boxes (nobody looked) gives nothing at all.

What it deliberately does not do: blur (re-identified at 95.9 % by a published attack), keep the true outline (it carries
gait and build: everybody gets the same figure), or guess where persons are.

**Source**: `docs/explain/masks-and-pseudonyms.md`; ethics position 3.
"""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from impetus.core.picture import Box, Frame, Outline, Pixels, check_pixels

GROUND = np.array((35, 45, 58), dtype=np.uint8)
FIGURE = np.array((104, 136, 172), dtype=np.uint8)
EDGE = np.array((52, 70, 92), dtype=np.uint8)
"""Flat colours of the screens' own palette, far from skin and cloth, the same for everybody."""
MARGIN_RATIO = 0.15
"""By how much of its larger side a box grows on each side. Measured: at 15 % a good detector's boxes still leave 27 % of
bodies less than 95 % covered, which is why a background is preferred."""
MARGIN_PX = 6
"""Least growth in pixels, for persons far away. House rule."""
FEATHER_PX = 5
"""Width of the ramp outside the grown box. House rule."""
FIGURE_HEIGHT, FIGURE_WIDTH = 96, 40


class SilhouetteMasks:
    """Port `Masks`: one figure for everybody."""

    def masked(self, frame: Frame) -> Pixels | None:
        """Return fresh pixels without any pixel of a person, or None for a frame in which nobody looked for persons."""
        pixels = check_pixels(frame.pixels)
        if frame.boxes is None:
            return None
        if frame.background is not None and frame.background.shape == pixels.shape:
            canvas = frame.background.copy()
        else:
            canvas = pixels.copy()
            _paint_over(canvas, frame.boxes, frame.outline)
        for box in sorted(frame.boxes, key=lambda box: box.bottom):
            _place_figure(canvas, _larger(box, 1), EDGE)
            _place_figure(canvas, box, FIGURE)
        return canvas


def grown(box: Box, shape: tuple[int, ...]) -> Box:
    """Return the box with its margin on every side, cut to the picture."""
    margin = max(MARGIN_PX, round(MARGIN_RATIO * max(box.right - box.left, box.bottom - box.top)))
    return _cut(box, margin, shape)


def _cut(box: Box, by: int, shape: tuple[int, ...]) -> Box:
    """Return the box grown by some pixels and cut to the picture; empty boxes stay empty."""
    left, top = min(max(0, box.left - by), shape[1]), min(max(0, box.top - by), shape[0])
    return Box(
        left=left,
        top=top,
        right=min(shape[1], max(left, box.right + by)),
        bottom=min(shape[0], max(top, box.bottom + by)),
    )


def _paint_over(canvas: Pixels, boxes: tuple[Box, ...], outline: Outline | None) -> None:
    """Feather all edges first, then fill all boxes, so that no feather of one lies over the fill of another."""
    larger = [grown(box, canvas.shape) for box in boxes]
    for box in larger:
        for step in range(FEATHER_PX, 0, -1):
            _blend_ring(canvas, _cut(box, step, canvas.shape), 1 - step / (FEATHER_PX + 1))
    for box in larger:
        canvas[box.top : box.bottom, box.left : box.right] = GROUND
    if outline is not None and outline.shape == canvas.shape[:2]:
        canvas[_thickened(outline)] = GROUND


def _blend_ring(canvas: Pixels, box: Box, weight: float) -> None:
    """Blend the outermost line of a box towards the ground."""
    if box.right - box.left < 1 or box.bottom - box.top < 1:
        return
    for line in (
        canvas[box.top, box.left : box.right],
        canvas[box.bottom - 1, box.left : box.right],
        canvas[box.top : box.bottom, box.left],
        canvas[box.top : box.bottom, box.right - 1],
    ):
        line[:] = (line * (1 - weight) + GROUND * weight).astype(np.uint8)


def _thickened(outline: Outline) -> Outline:
    """Return the outline grown by the least margin in every direction (a square brush, in two passes)."""
    rows = outline.copy()
    for step in range(1, MARGIN_PX + 1):
        rows[step:] |= outline[:-step]
        rows[:-step] |= outline[step:]
    grown_out = rows.copy()
    for step in range(1, MARGIN_PX + 1):
        grown_out[:, step:] |= rows[:, :-step]
        grown_out[:, :-step] |= rows[:, step:]
    return grown_out


def _larger(box: Box, by: int) -> Box:
    """Return the box grown by some pixels, wherever that is."""
    return Box(left=box.left - by, top=box.top - by, right=box.right + by, bottom=box.bottom + by)


def _place_figure(canvas: Pixels, box: Box, colour: NDArray[np.uint8]) -> None:
    """Draw the one figure into a box, as far as the box lies in the picture."""
    width, height = box.right - box.left, box.bottom - box.top
    seen = _cut(box, 0, canvas.shape)
    if width < 1 or height < 1 or seen.right <= seen.left or seen.bottom <= seen.top:
        return
    shape = _figure()
    rows = (np.arange(seen.top, seen.bottom) - box.top) * FIGURE_HEIGHT // height
    columns = (np.arange(seen.left, seen.right) - box.left) * FIGURE_WIDTH // width
    canvas[seen.top : seen.bottom, seen.left : seen.right][shape[np.ix_(rows, columns)]] = colour


@lru_cache(maxsize=1)
def _figure() -> NDArray[np.bool_]:
    """Return the figure: a head over a rounded body, `(96, 40)`, the same for everybody."""
    y, x = np.mgrid[0:FIGURE_HEIGHT, 0:FIGURE_WIDTH] + 0.5
    middle = FIGURE_WIDTH / 2
    head = ((x - middle) / 8.5) ** 2 + ((y - 11) / 11) ** 2 <= 1
    shoulders = ((x - middle) / 17) ** 2 + ((y - 42) / 18) ** 2 <= 1
    body = np.maximum(np.abs(x - middle) / 17, np.abs(y - 69) / 27) <= 1
    return np.asarray(head | shoulders | body, dtype=np.bool_)
