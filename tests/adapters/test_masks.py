"""Masks by pixel comparison: nothing of a person survives, however the boxes wobble, and nobody's outline is kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.adapters.masks import FEATHER_PX, MARGIN_PX, MARGIN_RATIO, SilhouetteMasks, grown
from impetus.core.errors import Malformed
from impetus.core.picture import Box, Frame, Pixels
from impetus.demo.camera import DrawnCameras, Scene, scene, view_of
from impetus.demo.walkers import walkers

MASKS = SilhouetteMasks()
AT = datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC)
KEYS = sorted(sight.key for sight in DrawnCameras().cameras())
MAX_JITTER_RATIO = MARGIN_RATIO - 0.02
"""How far, as a share of its larger side, each edge of a box may be wrong in these tests: just inside the margin."""


def drawn(camera: str, seed: int, minutes: int) -> Scene:
    """Return a random scene of people walking, with the exact outline of everybody."""
    return scene(view_of(camera), walkers(40, seed), AT + timedelta(minutes=minutes))


def marked(shown: Scene, seed: int) -> Pixels:
    """Return the scene with every pixel of every person in a colour nothing else has: what survives can be counted.

    The background and the figures are even numbers in the last bit of green; persons get odd ones, all different.
    """
    pixels = shown.pixels & np.array([255, 254, 255], dtype=np.uint8)
    noise = np.random.default_rng(seed).integers(0, 128, pixels.shape[:2], dtype=np.uint8)
    pixels[shown.truth] = np.stack([noise, noise * 2 + 1, 255 - noise], axis=2)[shown.truth]
    return pixels


def jittered(box: Box, rng: np.random.Generator) -> Box:
    """Return the box as a mediocre detector would have it: each edge off by up to the margin."""
    most = max(MARGIN_PX - 1, int(MAX_JITTER_RATIO * max(box.right - box.left, box.bottom - box.top)) - 2)
    left, top, right, bottom = rng.integers(-most, most + 1, 4)
    return Box(
        left=box.left + int(left),
        top=box.top + int(top),
        right=max(box.left + int(left) + 1, box.right + int(right)),
        bottom=max(box.top + int(top) + 1, box.bottom + int(bottom)),
    )


def survivors(frame: Frame, truth: np.ndarray) -> int:
    """Return how many pixels inside persons are in the masked picture as they were in the frame."""
    shown = MASKS.masked(frame)
    assert shown is not None
    return int((shown[truth] == frame.pixels[truth]).all(axis=1).sum())


@settings(max_examples=40, deadline=None)
@given(camera=st.sampled_from(KEYS), seed=st.integers(0, 999), minutes=st.integers(0, 600), wobble=st.integers(0, 999))
def test_no_pixel_of_a_person_survives_although_the_boxes_wobble(
    camera: str, seed: int, minutes: int, wobble: int
) -> None:
    """Painted over, without a background: random scenes, every camera, each edge wrong by up to the margin."""
    shown, rng = drawn(camera, seed, minutes), np.random.default_rng(wobble)
    frame = Frame(
        camera=camera, at=AT, pixels=marked(shown, seed), boxes=tuple(jittered(box, rng) for box in shown.boxes)
    )
    assert survivors(frame, shown.truth) == 0


@settings(max_examples=20, deadline=None)
@given(camera=st.sampled_from(KEYS), seed=st.integers(0, 999), missed=st.integers(0, 40))
def test_with_a_background_not_even_a_person_nobody_detected_survives(camera: str, seed: int, missed: int) -> None:
    """Built from nothing: with any number of boxes missing, not a pixel of the frame is in the picture."""
    shown = drawn(camera, seed, seed)
    frame = Frame(
        camera=camera, at=AT, pixels=marked(shown, seed), boxes=shown.boxes[missed:], background=shown.background & 254
    )
    assert survivors(frame, shown.truth) == 0


def test_the_comparison_can_fail() -> None:
    """Control: without the margin, wobbling boxes leave people behind; with none at all, everybody."""
    shown, rng = drawn("c14", 7, 3), np.random.default_rng(1)
    tight = tuple(
        Box(left=box.left + 12, top=box.top + 12, right=max(box.left + 13, box.right - 12), bottom=box.bottom - 12)
        for box in (jittered(each, rng) for each in shown.boxes)
    )
    frame = Frame(camera="c14", at=AT, pixels=marked(shown, 7), boxes=tight)
    assert survivors(frame, shown.truth) > 0
    assert survivors(replace(frame, boxes=()), shown.truth) == shown.truth.sum() > 1000


def test_a_finer_outline_covers_what_boxes_leave() -> None:
    """Where a segmentation sees a hand outside its box, the hand goes too."""
    shown = drawn("c6", 5, 9)
    frame = Frame(camera="c6", at=AT, pixels=marked(shown, 5), boxes=(), outline=shown.truth)
    assert survivors(frame, shown.truth) == 0


def test_a_frame_nobody_looked_at_is_dropped() -> None:
    """None is not an empty tuple: without boxes there is no picture, background or not."""
    shown = drawn("c14", 1, 1)
    frame = Frame(camera="c14", at=AT, pixels=shown.pixels, boxes=None, background=shown.background)
    assert MASKS.masked(frame) is None


def test_an_empty_square_passes_as_it_is() -> None:
    """Somebody looked and saw nobody."""
    background = drawn("c14", 1, 1).background
    shown = MASKS.masked(Frame(camera="c14", at=AT, pixels=background, boxes=()))
    assert shown is not None
    assert (shown == background).all()


def test_everybody_gets_the_same_figure() -> None:
    """Two persons of different build in boxes of one size look alike to the last pixel: no gait, no build, no clothes."""
    shown = [drawn("c6", seed, seed) for seed in (3, 4)]
    box = Box(left=400, top=200, right=460, bottom=340)
    pictures = [
        MASKS.masked(
            Frame(camera="c6", at=AT, pixels=each.pixels, boxes=(box,), outline=each.truth, background=each.background)
        )
        for each in shown
    ]
    assert pictures[0] is not None
    assert pictures[1] is not None
    assert (pictures[0] == pictures[1]).all()


def test_the_frame_itself_is_left_alone() -> None:
    """Masking gives fresh pixels; whoever holds the frame for a reveal still has it."""
    shown = drawn("c14", 2, 2)
    before = shown.pixels.copy()
    MASKS.masked(Frame(camera="c14", at=AT, pixels=shown.pixels, boxes=shown.boxes))
    assert (shown.pixels == before).all()


def test_a_background_of_another_size_is_not_trusted() -> None:
    """A camera that changed its picture is painted over instead."""
    shown = drawn("c14", 2, 2)
    wrong = np.zeros((10, 10, 3), dtype=np.uint8)
    frame = Frame(camera="c14", at=AT, pixels=marked(shown, 2), boxes=shown.boxes, background=wrong)
    assert survivors(frame, shown.truth) == 0


@settings(max_examples=150)
@given(
    left=st.integers(-300, 300),
    top=st.integers(-300, 300),
    wide=st.integers(-5, 400),
    tall=st.integers(-5, 400),
)
def test_boxes_at_edges_outside_and_turned_are_harmless(left: int, top: int, wide: int, tall: int) -> None:
    """A detector's nonsense neither crashes the mask nor uncovers what lies inside the box and the picture."""
    pixels = np.full((120, 160, 3), 201, dtype=np.uint8)
    box = Box(left=left, top=top, right=left + wide, bottom=top + tall)
    shown = MASKS.masked(Frame(camera="c", at=AT, pixels=pixels, boxes=(box,)))
    assert shown is not None
    inside = shown[max(0, top) : max(0, top + tall), max(0, left) : max(0, left + wide)]
    assert not (inside == 201).all(axis=2).any()


def test_a_box_grows_by_a_share_of_its_size_and_never_less_than_some_pixels() -> None:
    """Worked by hand: 100 x 200 grows by 30; 4 x 8 by 6; cut at the picture's edge."""
    assert grown(Box(left=300, top=200, right=400, bottom=400), (540, 960, 3)) == Box(
        left=270, top=170, right=430, bottom=430
    )
    assert grown(Box(left=2, top=100, right=6, bottom=108), (540, 960, 3)) == Box(left=0, top=94, right=12, bottom=114)


def test_the_edge_is_soft_outside_and_hard_inside() -> None:
    """Beyond the margin a ramp of a few pixels, within it one flat colour."""
    pixels = np.full((200, 200, 3), 250, dtype=np.uint8)
    box = Box(left=90, top=90, right=110, bottom=110)
    shown = MASKS.masked(Frame(camera="c", at=AT, pixels=pixels, boxes=(box,)))
    assert shown is not None
    line = shown[100, : 90 - MARGIN_PX, 0].astype(int)
    assert (line[: -FEATHER_PX - 1] == 250).all()
    assert (np.diff(line[-FEATHER_PX - 1 :]) < 0).all()


@pytest.mark.parametrize("shape", [(10, 10), (10, 10, 4), (0, 10, 3), (5000, 10, 3)])
def test_what_is_no_picture_is_refused(shape: tuple[int, ...]) -> None:
    """Rather than masked wrongly."""
    with pytest.raises(Malformed, match="picture"):
        MASKS.masked(Frame(camera="c", at=AT, pixels=np.zeros(shape, dtype=np.uint8), boxes=()))
