"""`impetus bench masks`: milliseconds to mask a 1080p picture given its boxes, with a background and without.

Twenty persons of the sizes a camera over a square sees; the median of many pictures, so that other work on the machine
does not count. The detector is not measured: boxes are given.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median

import numpy as np

from impetus.adapters.masks import SilhouetteMasks
from impetus.adapters.pictures import PillowPictures
from impetus.adapters.text_masks import LibraryTextMasks
from impetus.core.picture import Box, Frame
from impetus.ethics.mask_text import mask

WIDTH, HEIGHT = 1920, 1080
PEOPLE = 20
ROUNDS = 200
AT = datetime(2026, 5, 3, tzinfo=UTC)
WORDS = "kari · operator · 2026-05-03 14:08:12Z · reveal 7 · armed person"
POST = "Kari Nordmann and @luca_99 bring flares to the quay, call +47 912 34 567 or mail luca@example.it. " * 3

Progress = Callable[[str], None]


def run(progress: Progress) -> dict[str, object]:
    """Measure and return the medians in milliseconds."""
    rng = np.random.default_rng(1)
    pixels = rng.integers(0, 255, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    frame = Frame(camera="c14", at=AT, pixels=pixels, boxes=_boxes(rng))
    built = Frame(camera="c14", at=AT, pixels=pixels, boxes=frame.boxes, background=pixels[::-1].copy())
    masks, pictures, clues = SilhouetteMasks(), PillowPictures(), LibraryTextMasks()
    drawn = np.full((540, 960, 3), 120, dtype=np.uint8)
    figures: dict[str, object] = {"people": PEOPLE}
    for name, act, rounds in (
        ("built_from_nothing_ms", lambda: masks.masked(built), ROUNDS),
        ("painted_over_ms", lambda: masks.masked(frame), ROUNDS),
        ("stamp_540p_ms", lambda: pictures.stamp(drawn, WORDS), 20),
        ("png_540p_ms", lambda: pictures.encode(drawn), 20),
        ("text_300_chars_ms", lambda: mask(POST, clues), 20),
    ):
        figures[name] = round(_median_ms(act, rounds), 2)
        progress(f"{name} {figures[name]}")
    return figures


def _boxes(rng: np.random.Generator) -> tuple[Box, ...]:
    """Return boxes of persons 40 to 400 pixels tall, anywhere."""
    boxes = []
    for _ in range(PEOPLE):
        tall = int(rng.integers(40, 400))
        left, top = int(rng.integers(0, WIDTH - tall // 2)), int(rng.integers(0, HEIGHT - tall))
        boxes.append(Box(left=left, top=top, right=left + tall // 2, bottom=top + tall))
    return tuple(boxes)


def _median_ms(act: Callable[[], object], rounds: int) -> float:
    """Return the median processor time of one call, after one to warm up."""
    act()
    spent = []
    for _ in range(rounds):
        began_s = time.process_time()
        act()
        spent.append((time.process_time() - began_s) * 1000)
    return median(spent)
