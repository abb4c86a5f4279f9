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

from impetus.core.picture import MAX_SIDE, Box, Frame, Outline, Pixels, check_pixels

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
RAMP = (np.arange(1, FEATHER_PX + 1) * 256 // (FEATHER_PX + 1)).astype(np.uint16)
"""Weights of the ground from the outside in, in 256ths."""
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
        _feather(canvas, box)
    for box in larger:
        _fill(canvas, box.top, box.bottom, box.left, box.right, GROUND)
    if outline is not None and outline.shape == canvas.shape[:2]:
        canvas[_thickened(outline)] = GROUND


def _feather(canvas: Pixels, box: Box) -> None:
    """Blend a strip along each side of a box towards the ground, the more the nearer; corners get both strips."""
    outer = _cut(box, FEATHER_PX, canvas.shape)
    columns = slice(outer.left, outer.right)
    above, below = box.top - outer.top, outer.bottom - box.bottom
    _blend(canvas[outer.top : box.top, columns], RAMP[FEATHER_PX - above :, None, None])
    _blend(canvas[box.bottom : outer.bottom, columns], RAMP[::-1][:below, None, None])
    rows = slice(box.top, box.bottom)
    before, behind = box.left - outer.left, outer.right - box.right
    _blend(canvas[rows, outer.left : box.left], RAMP[None, FEATHER_PX - before :, None])
    _blend(canvas[rows, box.right : outer.right], RAMP[::-1][None, :behind, None])


def _blend(strip: Pixels, weight: NDArray[np.uint16]) -> None:
    """Mix a strip with the ground, weights in 256ths."""
    strip[:] = (strip * (256 - weight) + GROUND * weight) >> 8


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
    """Draw the one figure into a box, as far as the box lies in the picture, as rectangles: filling those is quick."""
    width, height = box.right - box.left, box.bottom - box.top
    if width < 1 or height < 1:
        return
    for top, bottom, left, right in _figure():
        _fill(
            canvas,
            box.top + top * height // FIGURE_HEIGHT,
            box.top + bottom * height // FIGURE_HEIGHT,
            box.left + left * width // FIGURE_WIDTH,
            box.left + right * width // FIGURE_WIDTH,
            colour,
        )


def _fill(canvas: Pixels, top: int, bottom: int, left: int, right: int, colour: NDArray[np.uint8]) -> None:
    """Fill a rectangle, cut to the picture; copied row by row from one long line, which is what memory likes."""
    top, left, right = max(0, top), max(0, left), min(right, canvas.shape[1])
    if bottom > top and right > left:
        canvas[top:bottom, left:right] = _line(tuple(colour.tolist()))[: right - left]


@lru_cache(maxsize=8)
def _line(colour: tuple[int, ...]) -> NDArray[np.uint8]:
    """Return a line of one colour, as long as a picture may be wide."""
    return np.tile(np.array(colour, dtype=np.uint8), (MAX_SIDE, 1))


@lru_cache(maxsize=1)
def _figure() -> tuple[tuple[int, int, int, int], ...]:
    """Return the figure, a head over a rounded body, the same for everybody: rectangles as top, bottom, left, right."""
    y, x = np.mgrid[0:FIGURE_HEIGHT, 0:FIGURE_WIDTH] + 0.5
    middle = FIGURE_WIDTH / 2
    head = ((x - middle) / 8.5) ** 2 + ((y - 11) / 11) ** 2 <= 1
    shoulders = ((x - middle) / 17) ** 2 + ((y - 42) / 18) ** 2 <= 1
    body = np.maximum(np.abs(x - middle) / 17, np.abs(y - 69) / 27) <= 1
    shape = head | shoulders | body
    spans = [tuple(np.flatnonzero(row)[[0, -1]].tolist()) if row.any() else None for row in shape]
    bands, top = [], 0
    for row in range(1, FIGURE_HEIGHT + 1):
        if row == FIGURE_HEIGHT or spans[row] != spans[top]:
            span = spans[top]
            if span is not None:
                bands.append((top, row, span[0], span[1] + 1))
            top = row
    return tuple(bands)
