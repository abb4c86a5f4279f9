"""From how far to how rare: ranks, tails, and what a run counts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.tools.urban_anomaly.calibrate import (
    LONGEST_RUN,
    MEMORY,
    TAIL_SHARE,
    YOUNG,
    fresh_tails,
    rarity_size,
    reaches,
    tail_p,
)
from impetus.tools.urban_anomaly.columns import LEVELS

ROW = np.zeros(1, dtype=np.int64)


def past(**counts: float) -> tuple[np.ndarray, np.ndarray]:
    """Return sizes of one row: `level_3=5` for five readings of the fourth size; `calm` for those below the first."""
    sizes = np.zeros((LEVELS, 1), dtype=np.float32)
    calm = counts.pop("calm", 0.0)
    for name, count in counts.items():
        sizes[int(name.removeprefix("level_")), 0] = count
    return sizes, np.array([calm + float(sizes.sum())])


def test_with_no_past_nothing_is_rare() -> None:
    """One reading of nothing before it: it is one of one."""
    assert tail_p(*past(), np.array([0.5]))[0] == pytest.approx(1.0)


def test_inside_the_past_it_is_the_rank() -> None:
    """Of 99 readings 50 were at least twice a deviation: a reading of two is one of 51 in 100."""
    sizes = past(level_5=50, calm=49)
    assert tail_p(*sizes, np.array([2.0]))[0] == pytest.approx(0.51)


def test_beyond_the_past_twice_as_far_is_rarer_by_the_exponent() -> None:
    """Nothing was ever beyond: the usual exponent of four makes twice as far a sixteenth."""
    sizes = past(calm=999)
    near, far = (float(tail_p(*sizes, np.array([size]))[0]) for size in (4.0, 8.0))
    assert near / far == pytest.approx(16.0)


def test_a_heavy_tail_makes_far_less_rare() -> None:
    """A sensor that now and then goes very far must go further to be as rare."""
    light = past(level_0=30, calm=970)
    heavy = past(level_0=15, level_20=15, calm=970)
    assert tail_p(*heavy, np.array([40.0]))[0] > 3 * tail_p(*light, np.array([40.0]))[0]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.integers(0, 200), min_size=LEVELS, max_size=LEVELS),
    st.integers(0, 10_000),
    st.lists(st.floats(0, 1e6), min_size=2, max_size=2),
)
def test_further_is_never_more_common_and_always_a_probability(counts: list[int], calm: int, both: list[float]) -> None:
    """Whatever the past, p falls with size and stays within 0 and 1."""
    sizes = np.array(counts, dtype=np.float32)[:, None]
    readings = np.array([float(sum(counts) + calm)])
    near, far = (float(tail_p(sizes, readings, np.array([size]))[0]) for size in sorted(both))
    assert 0 < far <= near * (1 + 1e-9) <= 1 + 1e-9


def test_p_is_as_frequent_as_it_says() -> None:
    """Of independent sizes, readings of p at most 0.01 are one in a hundred, within a third."""
    rng = np.random.default_rng(7)
    tails, told = fresh_tails(200, thinned=False), []
    rows = np.arange(200)
    for turn in range(500):
        p = tails.rank(rows, rng.exponential(2.0, 200))
        told += [p] if turn >= YOUNG else []
    assert np.mean(np.concatenate(told) <= 0.01) == pytest.approx(0.01, rel=1 / 3)


def test_of_a_run_only_the_first_reading_is_counted() -> None:
    """Fifty far readings after a hundred and fifty calm ones are one excursion."""
    tails = fresh_tails(1)
    for size in [0.5] * 150 + [40.0] * 50:
        tails.rank(ROW, np.array([size]))
    assert tails.sizes.sum() == 1
    assert tails.readings[0] == 151


def test_a_run_that_lasts_is_counted_again() -> None:
    """What goes on and on becomes usual in the end."""
    tails = fresh_tails(1)
    for size in [0.5] * 150 + [40.0] * (LONGEST_RUN + 1):
        tails.rank(ROW, np.array([size]))
    assert tails.sizes.sum() == 2


def test_an_old_past_weighs_half() -> None:
    """Beyond its memory a row's counts are halved, so that new habits are learnt."""
    tails = fresh_tails(1)
    tails.readings[0], tails.sizes[3, 0] = MEMORY, 400.0
    tails.rank(ROW, np.array([0.5]))
    assert tails.readings[0] == (MEMORY + 1) / 2
    assert tails.sizes[3, 0] == 200


def test_room_grows_without_forgetting() -> None:
    """Rows added are empty, rows before stay, and so do the rules."""
    tails = fresh_tails(1, weight=3.0, share=0.02, thinned=False)
    tails.rank(ROW, np.array([4.0]))
    more = tails.grown(3)
    assert more.readings.tolist() == [1, 0, 0]
    assert (more.weight, more.share, more.thinned) == (3.0, 0.02, False)


def test_a_band_holds_the_share_asked_for() -> None:
    """Nine of ten readings were below 2 deviations: the ninety-percent band reaches about there."""
    sizes, readings = past(level_3=400, level_6=100, calm=500)
    assert reaches(sizes, readings, 0.9)[0] == pytest.approx(2.0, rel=0.2)


def test_with_no_past_the_band_is_a_normal_ones() -> None:
    """1.64 deviations hold nine tenths of a normal distribution."""
    assert reaches(*past(), 0.9)[0] == 1.64


def test_joined_surprises_double_with_each_power_of_ten() -> None:
    """So that a power tail in size is an exponential one in surprise, and nothing overflows."""
    assert rarity_size(np.array([0.0, 2.0, 1e9])).tolist() == [1, 4, 2.0**60]


def test_the_tail_is_a_small_share() -> None:
    """Most of the past is ranked, not fitted."""
    assert TAIL_SHARE <= 0.1
