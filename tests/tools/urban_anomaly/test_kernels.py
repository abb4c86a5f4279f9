"""The compiled searches against plain twins, and what they keep."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.tools.urban_anomaly.kernels import nearest_moments, nearest_value

BINS, DAYS = 4, 3


def kept_values(room: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return room for the values of two datastreams."""
    return (
        np.zeros((2, room), dtype=np.float32),
        np.zeros(2, dtype=np.int32),
        np.full(2, -1, dtype=np.float32),
    )


def distances_of(values: list[float], room: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the distance of each value of one datastream, and what is kept in the end."""
    kept, count, gap = kept_values(room)
    told = np.zeros(len(values))
    ids = np.ones(1, dtype=np.int64)
    for place, value in enumerate(values):
        nearest_value(kept, count, gap, ids, np.array([value]), told[place : place + 1])
    return told, kept[1, : count[1]]


def test_the_distance_is_to_the_nearest_value_ever_had() -> None:
    """Hand-worked: 10 first, 14 is 4 away, 11 is 1 from 10, 30 is 16 from 14, 14 is known."""
    told, kept = distances_of([10, 14, 11, 30, 14], room=8)
    assert told.tolist() == [0, 4, 1, 16, 0]
    assert kept.tolist() == [10, 11, 14, 30]


def test_when_there_is_no_room_one_of_the_closest_two_makes_place() -> None:
    """10 and 11 are the closest two: 20 takes the place of the upper one."""
    _, kept = distances_of([10, 11, 30, 20], room=3)
    assert kept.tolist() == [10, 20, 30]


def test_what_is_nearer_than_the_closest_two_is_not_kept() -> None:
    """10.5 lies nearer to 10 than any two that are kept lie to each other."""
    _, kept = distances_of([10, 12, 30, 10.5], room=3)
    assert kept.tolist() == [10, 12, 30]


def test_one_datastream_knows_nothing_of_another() -> None:
    """The first value of the second datastream is not far from the values of the first."""
    kept, count, gap = kept_values(4)
    told = np.zeros(2)
    nearest_value(kept, count, gap, np.array([0, 1]), np.array([5.0, 500.0]), told)
    assert told.tolist() == [0, 0]
    assert count.tolist() == [1, 1]


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-1_000, 1_000), min_size=1, max_size=40))
def test_with_room_for_all_it_agrees_with_the_plain_search(values: list[int]) -> None:
    """A minimum over all earlier values is the readable twin."""
    told, kept = distances_of([float(value) for value in values], room=64)
    plain = [min((abs(value - other) for other in values[:place]), default=0) for place, value in enumerate(values)]
    assert told.tolist() == plain
    assert kept.tolist() == sorted(set(values))


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-1e6, 1e6, width=32), min_size=1, max_size=60), st.integers(2, 9))
def test_what_is_kept_is_ascending_bounded_and_really_was_there(values: list[float], room: int) -> None:
    """Whatever comes, the memory holds some of the values, each once, in order."""
    told, kept = distances_of(values, room)
    assert len(kept) <= room
    assert bool((np.diff(kept) > 0).all())
    assert set(kept.tolist()) <= {float(np.float32(value)) for value in values}
    assert bool((told >= 0).all())


def plain_moments(
    past: np.ndarray, when: np.ndarray, position: float, vector: np.ndarray, weight: float, neighbours: int
) -> float:
    """Return the distance to the how-manieth nearest moment at minute 30, the readable way."""
    bins = np.arange(BINS)[:, None] + 0.5
    chord = 2 - 2 * np.cos(2 * np.pi * (position - bins) / BINS)
    squared = np.nansum((past - vector) ** 2, axis=-1) + weight**2 * chord
    squared = np.sort(squared[(when >= 0) & (when <= 20)])
    return float(np.sqrt(squared[neighbours - 1])) if len(squared) >= neighbours else -1.0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(1, 4))
def test_moments_agree_with_the_plain_search(seed: int, neighbours: int) -> None:
    """Random pasts with gaps, two weights at once."""
    rng = np.random.default_rng(seed)
    past = rng.normal(size=(1, BINS, DAYS, 2)).astype(np.float32)
    when = rng.integers(-1, 30, size=(1, BINS, DAYS)).astype(np.int32)
    vector, position, weights = rng.normal(size=2), float(rng.uniform(0, BINS)), np.array([1.0, 3.0])
    told = np.empty((1, 2))
    nearest_moments(
        past, when, np.zeros(1, dtype=np.int64), np.array([position]), np.array([30], dtype=np.int32), vector[None],
        np.ones((1, 2)), weights, neighbours, 10, told,
    )  # fmt: skip
    plain = [plain_moments(past[0], when[0], position, vector, weight, neighbours) for weight in weights]
    assert told[0] == pytest.approx(plain)


def test_a_narrow_moment_leaves_its_empty_places_out_and_spreads_are_units() -> None:
    """6 away in spreads of 2 is 3; the missing second place counts nothing."""
    past = np.full((1, 1, 1, 2), np.nan, dtype=np.float32)
    past[0, 0, 0, 0] = 4.0
    told = np.empty((1, 1))
    nearest_moments(
        past, np.zeros((1, 1, 1), dtype=np.int32), np.zeros(1, dtype=np.int64), np.array([0.5]),
        np.array([100], dtype=np.int32), np.array([[10.0, np.nan]]), np.array([[2.0, np.nan]]), np.ones(1), 1, 0, told,
    )  # fmt: skip
    assert told[0, 0] == pytest.approx(3.0)
