"""How readings are cut into rounds: each datastream once a round, a thing's moment in one round, nothing lost."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly.detect import _rounds

Row = tuple[int, int]
"""A datastream and a time."""
GROUP_OF = np.array([-1, 0, 0, -1, 1, 1])
"""Datastreams 1 and 2 are one thing, 4 and 5 another, 3 stands alone."""


def rounds(*rows: Row, groups: "np.ndarray[tuple[int], np.dtype[np.int64]]" = GROUP_OF) -> list[list[Row]]:
    """Return the rounds of readings, sorted by datastream and time as the detector sorts them."""
    ordered = sorted(rows)
    ids = np.array([one for one, _ in ordered], dtype=np.int64)
    times = np.array([at for _, at in ordered], dtype=np.int64)
    return [[ordered[place] for place in turn.tolist()] for turn in _rounds(ids, groups[ids], times)]


def test_no_readings_need_no_round() -> None:
    """Empty in, empty out."""
    assert rounds() == []


def test_alone_the_first_of_each_come_first_then_the_second() -> None:
    """Times are nothing to datastreams that have nothing to do with each other."""
    alone = np.full(6, -1)
    assert rounds((1, 10), (1, 20), (2, 500), (3, 1), (3, 2), groups=alone) == [
        [(1, 10), (2, 500), (3, 1)],
        [(1, 20), (3, 2)],
    ]


def test_what_a_thing_has_at_one_time_comes_in_one_round() -> None:
    """Datastream 2 lacks the first moment: its only reading waits for the moment it belongs to."""
    assert rounds((1, 10), (1, 20), (2, 20)) == [[(1, 10)], [(1, 20), (2, 20)]]


def test_things_wait_for_their_own_moments_only() -> None:
    """A second thing's first moment is in the first round, whenever it was."""
    assert rounds((1, 10), (2, 20), (4, 999), (5, 999), (3, 7)) == [[(1, 10), (3, 7), (4, 999), (5, 999)], [(2, 20)]]


def test_a_second_reading_of_one_moment_comes_later() -> None:
    """The same datastream twice at one time: never both in a round."""
    assert rounds((1, 10), (1, 10), (2, 20)) == [[(1, 10)], [(1, 10)], [(2, 20)]]


rows = some.lists(some.tuples(some.integers(1, 5), some.integers(0, 4)), max_size=30)


@given(rows)
@settings(max_examples=40)
def test_whatever_comes_rounds_hold_all_once_and_in_order(some_rows: list[Row]) -> None:
    """Each reading in one round, no datastream twice in a round, each datastream's readings in the order of time."""
    told = rounds(*some_rows)
    assert sorted(row for turn in told for row in turn) == sorted(some_rows)
    assert all(len({one for one, _ in turn}) == len(turn) > 0 for turn in told)
    for number in range(1, 6):
        times = [at for turn in told for one, at in turn if one == number]
        assert times == sorted(times)


@given(some.sets(some.tuples(some.integers(1, 5), some.integers(0, 4)), max_size=25))
@settings(max_examples=40)
def test_a_moment_of_a_thing_is_never_parted(some_rows: set[Row]) -> None:
    """Without repetitions: the readings of one thing in one round are of one time, and all there are of it."""
    for turn in rounds(*some_rows):
        for group in (0, 1):
            mine = {row for row in turn if GROUP_OF[row[0]] == group}
            times = {at for _, at in mine}
            assert len(times) <= 1
            assert mine == {row for row in some_rows if GROUP_OF[row[0]] == group and row[1] in times}


@pytest.mark.parametrize("count", [1, 7, 50])
def test_a_lone_datastream_has_as_many_rounds_as_readings(count: int) -> None:
    """One reading a round."""
    assert [len(turn) for turn in rounds(*((3, at) for at in range(count)))] == [1] * count
