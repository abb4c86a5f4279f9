"""Cameras of a test: every camera shows what was put before it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from impetus.core.errors import NotNow, Unknown
from impetus.core.observation import EPOCH
from impetus.core.picture import Box, CameraSight, Frame

WIDTH, HEIGHT = 160, 120
PERSON = Box(left=60, top=30, right=90, bottom=110)
SKIN = (224, 172, 133)


class StillMedia:
    """Port `Media`; `show(camera)` puts a person before a camera, `frames` may be changed, `dark` gives no picture."""

    def __init__(self) -> None:
        self.frames: dict[str, Frame] = {}
        self.dark: set[str] = set()
        self.fails = False

    def show(self, camera: str, *, boxes: tuple[Box, ...] | None = (PERSON,)) -> None:
        """Let a camera show one person of skin colour on a grey ground; `boxes=None` when nobody looks for persons."""
        pixels = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
        pixels[PERSON.top : PERSON.bottom, PERSON.left : PERSON.right] = SKIN
        self.frames[camera] = Frame(camera=camera, at=EPOCH, pixels=pixels, boxes=boxes, simulated=True)

    def cameras(self) -> Sequence[CameraSight]:
        """Return the cameras there are."""
        return tuple(CameraSight(key=key, name=key.upper(), simulated=True) for key in sorted(self.frames))

    def frame(self, camera: str, at: datetime) -> Frame:
        """Return what was put before the camera, as if taken now."""
        if self.fails:
            raise RuntimeError("the camera's driver crashed")
        if camera not in self.frames:
            raise Unknown(f"there is no camera {camera}", value=camera, remedy="choose one from the list of cameras")
        if camera in self.dark:
            raise NotNow(f"camera {camera} gives no picture", retry_after_s=5.0)
        return replace(self.frames[camera], at=at)
