"""A value never had is rare, one had before is not, each datastream by its own past."""

import numpy as np
import pytest

from impetus.tools.urban_anomaly.views_novelty import ROOM, YOUNG, Novelty, fresh_novelty

ROW = np.zeros(1, dtype=np.int64)


def novelty_of(*values: float, rows: int = 1) -> tuple[Novelty, list[float]]:
    """Return a memory that was given these values of row 0, whose spread is 1, and how rare each was."""
    novelty = fresh_novelty().grown(rows)
    return novelty, [float(novelty.judge(ROW, np.array([value]), np.ones(1))[0]) for value in values]


def saw(count: int) -> list[float]:
    """Return a saw-tooth of ten values: no season, no mean worth the name, and yet nothing new."""
    return [float(turn % 10) for turn in range(count)]


def test_a_young_datastream_is_not_judged() -> None:
    """Its unit is not known before a hundred readings."""
    assert set(novelty_of(*saw(YOUNG - 1))[1]) == {1.0}


def test_a_value_never_had_is_rare_and_one_had_before_is_not() -> None:
    """After five hundred teeth of 0 to 9, 30 has never been; 7 has."""
    told = novelty_of(*saw(500), 7.0, 30.0)[1]
    assert told[-2] == pytest.approx(1.0)
    assert told[-1] < 0.01


def test_a_value_between_two_modes_is_news_to_no_mean() -> None:
    """Of a valve that is either 0 or 100, 50 is the mean and the rarest of all."""
    told = novelty_of(*([0.0, 100.0] * 250), 50.0)[1]
    assert told[-1] < 0.01


def test_the_second_time_is_no_news() -> None:
    """What was seen once is kept at once."""
    told = novelty_of(*saw(500), 30.0, 30.0)[1]
    assert told[-1] == pytest.approx(1.0)


def test_the_unit_is_taken_once() -> None:
    """A spread that grows with an event does not shrink what comes after."""
    novelty, _ = novelty_of(*saw(YOUNG))
    novelty.judge(ROW, np.array([5.0]), np.array([1e6]))
    assert novelty.unit.tolist() == [1.0]


def test_the_memory_is_bounded() -> None:
    """A thousand different values leave as many as there is room for."""
    novelty, _ = novelty_of(*np.random.default_rng(3).normal(size=1_000).tolist())
    assert novelty.count.tolist() == [ROOM]


def test_rows_are_strangers_to_each_other_and_room_grows_without_forgetting() -> None:
    """A second row knows nothing of the first, before and after there is more room."""
    novelty, _ = novelty_of(*saw(200), rows=2)
    more = novelty.grown(4)
    assert more.count.tolist() == [10, 0, 0, 0]
    assert more.grown(2) is more
    assert more.judge(np.array([1]), np.array([500.0]), np.ones(1)).tolist() == [1.0]
