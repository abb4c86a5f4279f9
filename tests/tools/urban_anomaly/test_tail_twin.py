"""From far to rare in plain Python, bin by bin: the twin that the columns must agree with."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly.calibrate import (
    LEAST_P,
    TAIL_SHARE,
    USUAL_EXPONENT,
    USUAL_WEIGHT,
    YOUNG,
    fresh_tails,
    reaches,
    tail_p,
)
from impetus.tools.urban_anomaly.columns import LEVELS, STEPS_PER_DOUBLING

Past = tuple[list[int], int]
"""Counts by size, and how many readings were below the first."""
pasts = some.tuples(some.lists(some.integers(0, 60), min_size=LEVELS, max_size=LEVELS), some.integers(0, 5_000))


def edge(level: int) -> float:
    """Return where a size begins."""
    return math.pow(2.0, level / STEPS_PER_DOUBLING)


def plain_p(past: Past, size: float) -> float:
    """Return the probability of a reading at least this far, as one would write it down."""
    counts, calm = past
    total = sum(counts) + calm
    above = [sum(counts[level:]) for level in range(LEVELS)]
    start = next((level for level in range(LEVELS) if above[level] <= TAIL_SHARE * (total + 1)), LEVELS - 1)
    share = (above[start] + 1) / (total + 1)
    if size >= edge(start):
        logs = sum(counts[level] * (level - start + 0.5) for level in range(start, LEVELS)) * math.log(2) / 5
        exponent = (above[start] + USUAL_WEIGHT) / (logs + USUAL_WEIGHT / USUAL_EXPONENT)
        return min(max(share * math.pow(max(size / edge(start), 1.0), -exponent), LEAST_P), 1.0)
    return min(max(plain_rank(above, total, size), share), 1.0)


def plain_rank(above: list[int], total: int, size: float) -> float:
    """Return the rank of a size among the readings, a straight line between the sizes that are counted."""
    if size < 1.0:
        return max(1 - (1 - above[0] / max(total, 1)) * size, (above[0] + 1) / (total + 1))
    position = STEPS_PER_DOUBLING * math.log2(size)
    level = min(math.floor(position), LEVELS - 1)
    upper = above[level + 1] if level + 1 < LEVELS else 0
    return (above[level] + (position - math.floor(position)) * (upper - above[level]) + 1) / (total + 1)


def columns(*past: Past) -> tuple[np.ndarray, np.ndarray]:
    """Return pasts as columns."""
    sizes = np.array([counts for counts, _ in past], dtype=np.float32).T
    return sizes, np.array([float(sum(counts) + calm) for counts, calm in past])


@given(past=pasts, size=some.floats(0, 1e4))
@settings(max_examples=60, deadline=None)
def test_a_probability_is_what_one_would_write_down(past: Past, size: float) -> None:
    """Inside the past, at its edges and beyond."""
    assert tail_p(*columns(past), np.array([size]))[0] == pytest.approx(plain_p(past, size), rel=1e-6)


@given(some.lists(pasts, min_size=1, max_size=4), some.floats(0, 100))
@settings(max_examples=20, deadline=None)
def test_datastreams_are_strangers_to_each_other(past: list[Past], size: float) -> None:
    """Side by side or each alone: the same."""
    together = tail_p(*columns(*past), np.full(len(past), size))
    alone = [tail_p(*columns(one), np.array([size]))[0] for one in past]
    assert together.tolist() == pytest.approx(alone, rel=1e-12)


@pytest.mark.parametrize("size", [0.0, 1.0, 1e6, 1e300])
def test_no_size_is_too_small_or_too_large(size: float) -> None:
    """From nothing at all to the largest: a probability, never below the smallest that is told."""
    p = float(tail_p(*columns(([3] * LEVELS, 500)), np.array([size]))[0])
    assert LEAST_P <= p <= 1.0


@given(past=pasts.filter(lambda past: sum(past[0]) + past[1] > 0), coverage=some.floats(0.5, 0.99))
@settings(max_examples=40, deadline=None)
def test_a_band_holds_its_share_and_the_next_smaller_size_does_not(past: Past, coverage: float) -> None:
    """Counted size by size; a band is never narrower than half a deviation, nor wider than what is counted."""
    counts, calm = past
    total = sum(counts) + calm
    reach = float(reaches(*columns(past), coverage)[0])
    assert 0.5 <= reach <= edge(LEVELS - 1) * (1 + 1e-9)
    held = [1 - sum(counts[level:]) / total for level in range(LEVELS)]
    level = next((level for level in range(LEVELS) if held[level] >= coverage), LEVELS - 1)
    assert reach <= edge(level) * (1 + 1e-6)
    if level > 0:
        assert reach >= edge(level - 1) * (1 - 1e-6)


@given(some.lists(some.floats(0, 50), min_size=1, max_size=200), some.integers(0, 200))
@settings(max_examples=15, deadline=None)
def test_a_past_cut_short_says_the_same_of_what_it_saw(sizes: list[float], cut: int) -> None:
    """A reading is ranked before it is counted, and nothing looks ahead."""
    row = np.zeros(1, dtype=np.int64)
    whole, short = fresh_tails(1), fresh_tails(1)
    all_p = [float(whole.rank(row, np.array([size]))[0]) for size in sizes]
    some_p = [float(short.rank(row, np.array([size]))[0]) for size in sizes[:cut]]
    assert all_p[: len(some_p)] == some_p
    assert whole.readings[0] <= len(sizes)
    assert whole.readings[0] == len(sizes) or len(sizes) > YOUNG
