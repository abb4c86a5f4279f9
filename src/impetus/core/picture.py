"""A picture on its way from a camera to a person: pixels, and where persons are in them."""

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from impetus.core.errors import Malformed
from impetus.core.place import Point

Pixels = NDArray[np.uint8]
"""`(height, width, 3)`, red green blue."""
Outline = NDArray[np.bool_]
"""`(height, width)`, true where somebody is."""
CHANNELS = 3
MAX_SIDE = 4096
"""Longest side of a picture in pixels: 4K cameras fit; a bomb that unfolds to more does not. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """Where one person is, in pixels from the top left corner; `right` and `bottom` are one past the last."""

    left: int
    top: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Frame:
    """One picture of one camera, with faces and all: nothing but `access_*` functions of the desk may hold one.

    `boxes` is None when nobody looked for persons, or the one who looked crashed: such a frame is never shown masked,
    only dropped. An empty tuple says that somebody looked and saw nobody. `outline` is the union of finer outlines,
    when a segmentation gives them. `background` is the same view without anybody, when the camera has learnt one.
    """

    camera: str
    at: datetime
    pixels: Pixels
    boxes: tuple[Box, ...] | None
    outline: Outline | None = None
    background: Pixels | None = None
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSight:
    """A camera as people know it: key and name on the plan, source, zone, position, and whether it is simulated."""

    key: str
    name: str
    source: str = ""
    zone: str = ""
    point: Point | None = None
    simulated: bool = False

    @property
    def thing(self) -> str:
        """Return the camera as a thing of its source, for the kill switch."""
        return f"{self.source}/{self.key}" if self.source else self.key


def check_pixels(pixels: Pixels) -> Pixels:
    """Return the pixels, or raise `Malformed` for anything but `(height, width, 3)` bytes within bounds."""
    shape = pixels.shape
    if (
        pixels.dtype != np.uint8
        or len(shape) != CHANNELS
        or shape[2] != CHANNELS
        or not 0 < min(shape) <= max(shape) <= MAX_SIDE
    ):
        raise Malformed(
            f"a picture of shape {shape} and type {pixels.dtype}",
            value=shape,
            limit=f"(height, width, 3) uint8, sides up to {MAX_SIDE}",
            remedy="convert it to RGB bytes and make it smaller",
        )
    return pixels
