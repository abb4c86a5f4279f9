"""From the squares of a grid to outlines a map can draw: holes filled, stairs cut, few corners."""

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from impetus.core.observation import Float64s
from impetus.core.source_area import MAX_CORNERS, MAX_RINGS

Mask = NDArray[np.bool_]
LEAST_CORNERS = 4


def outlines(mask: Mask) -> list[Float64s]:
    """Return the outlines `(corners, 2)` of the squares that are true, as column and row of corners of the grid.

    Patches are joined by growing until there are at most `MAX_RINGS`; holes are filled. Square (row, column) reaches from
    (column, row) to (column + 1, row + 1).
    """
    filled = ndimage.binary_fill_holes(mask)
    while ndimage.label(filled)[1] > MAX_RINGS:
        filled = ndimage.binary_fill_holes(ndimage.binary_dilation(filled))
    labels, count = ndimage.label(filled)
    return [_few(_cut(_walk(labels == label))) for label in range(1, count + 1)]


def grown(mask: Mask, squares: int) -> Mask:
    """Return the mask, grown on all sides until it holds at least so many squares; an empty one stays empty."""
    while 0 < mask.sum() < min(squares, mask.size):
        mask = ndimage.binary_dilation(mask)
    return mask


def _walk(patch: Mask) -> Float64s:
    """Return the corners of one patch without holes, in the order they are walked along with the patch to the right."""
    framed = np.pad(patch, 1)
    row, column = (int(each[0]) for each in np.nonzero(framed))
    start = (column, row)
    corner, heading = start, (1, 0)
    corners: list[tuple[int, int]] = []
    while True:
        ahead_left, ahead_right = _ahead(framed, corner, heading)
        if ahead_left:
            turned = (heading[1], -heading[0])
        elif ahead_right:
            turned = heading
        else:
            turned = (-heading[1], heading[0])
        if turned != heading:
            corners.append(corner)
        heading = turned
        corner = (corner[0] + heading[0], corner[1] + heading[1])
        if corner == start and corners:
            break
    return np.array([start, *corners] if corners[0] != start else corners, dtype=np.float64) - 1.0


def _ahead(framed: Mask, corner: tuple[int, int], heading: tuple[int, int]) -> tuple[bool, bool]:
    """Say whether the squares ahead of a corner are true, left and right of the heading; rows count downwards."""
    x, y = corner
    right = {(1, 0): (y, x), (0, 1): (y, x - 1), (-1, 0): (y - 1, x - 1), (0, -1): (y - 1, x)}
    left = {(1, 0): (y - 1, x), (0, 1): (y, x), (-1, 0): (y, x - 1), (0, -1): (y - 1, x - 1)}
    return bool(framed[left[heading]]), bool(framed[right[heading]])


def _cut(ring: Float64s) -> Float64s:
    """Cut the corners of stairs once, each a quarter in. **Source**: Chaikin, CGIP 3, 346 (1974)."""
    after = np.roll(ring, -1, axis=0)
    return np.stack([0.75 * ring + 0.25 * after, 0.25 * ring + 0.75 * after], axis=1).reshape(-1, 2)


def _few(ring: Float64s) -> Float64s:
    """Leave out corners that say least until the ring has no more than may be told."""
    while len(ring) > LEAST_CORNERS:
        before, after = np.roll(ring, 1, axis=0), np.roll(ring, -1, axis=0)
        one, two = ring - before, after - ring
        turn = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0])
        least = int(np.argmin(turn))
        if len(ring) <= MAX_CORNERS and turn[least] > 1e-9:  # noqa: PLR2004 - a corner that turns nowhere
            return ring
        ring = np.delete(ring, least, axis=0)
    return ring
