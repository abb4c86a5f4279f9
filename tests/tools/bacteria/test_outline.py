"""Outlines: what is inside stays inside, holes are filled, patches are few, corners are few."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.source_area import MAX_CORNERS, MAX_RINGS
from impetus.tools.bacteria.outline import grown, outlines


def area(ring: np.ndarray) -> float:
    """Return the squares inside a ring."""
    after = np.roll(ring, -1, axis=0)
    return abs(float((ring[:, 0] * after[:, 1] - after[:, 0] * ring[:, 1]).sum())) / 2


def mask(text: str) -> np.ndarray:
    """Return the mask drawn with # in lines."""
    return np.array([[each == "#" for each in line] for line in text.split()])


def test_a_square_keeps_its_place_and_loses_a_little_of_each_corner() -> None:
    """Three by three squares at column 1, row 1; a quarter is cut off each corner, 4 x 9/32 of a square."""
    (ring,) = outlines(mask("..... .###. .###. .###. ....."))
    assert ring.min(axis=0).tolist() == [1.0, 1.0]
    assert ring.max(axis=0).tolist() == [4.0, 4.0]
    assert area(ring) == pytest.approx(9.0 - 4 * 9 / 32)


def test_a_hole_is_filled() -> None:
    """What a region encloses belongs to it."""
    ring = outlines(mask("##### #...# #.#.# #...# #####"))
    assert len(ring) == 1
    assert area(ring[0]) > 20


def test_two_patches_are_two_outlines_also_when_they_touch_at_a_corner() -> None:
    """A chessboard's two squares are two patches."""
    assert len(outlines(mask("##.. ##.. ..## ..##"))) == 2


def test_more_patches_than_can_be_told_grow_together() -> None:
    """A field of single squares."""
    field = np.zeros((60, 60), dtype=bool)
    field[::6, ::6] = True
    assert len(outlines(field)) <= MAX_RINGS


def test_a_mask_that_is_too_small_grows_and_one_that_is_large_enough_stays() -> None:
    """One square until there are five, a cross; and nine stay nine."""
    one = mask("..... ..... ..#.. ..... .....")
    assert grown(one, 5).sum() == 5
    nine = mask("..... .###. .###. .###. .....")
    assert (grown(nine, 5) == nine).all()


@settings(max_examples=50)
@given(st.integers(0, 2**32 - 1), st.integers(3, 40), st.floats(0.2, 0.9))
def test_any_mask_has_outlines_of_about_its_size(seed: int, side: int, share: float) -> None:
    """Never more corners or patches than a screen shows; squares in the middle of a patch are inside."""
    rng = np.random.default_rng(seed)
    drawn = rng.random((side, side)) < share
    drawn[side // 2, side // 2] = True
    rings = outlines(drawn)
    assert 1 <= len(rings) <= MAX_RINGS
    assert all(4 <= len(ring) <= MAX_CORNERS for ring in rings)
    assert all(ring.min() >= 0 and ring.max() <= side for ring in rings)
    assert sum(area(ring) for ring in rings) >= 0.5 * drawn.sum()
