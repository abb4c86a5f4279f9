"""Figures of detectors, worked by hand on a handful of readings."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.tools.urban_anomaly.metrics import (
    alarms_at_budget,
    auc,
    average_precision,
    break_even_f1,
    buffered,
    events_found,
    f1,
    held,
    interval_90,
    runs,
    vus_pr,
)

HOUR_US = 3_600_000_000


def flags(*rows: int, length: int = 20) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Return true at these rows."""
    made = np.zeros(length, dtype=np.bool_)
    made[list(rows)] = True
    return made


def test_the_area_under_the_curve_is_the_share_of_pairs_in_order() -> None:
    """Anomalies 3 and 2, normals 1 and 2: three pairs in order, one tie: 3.5 of 4."""
    assert auc(np.array([3.0, 2.0, 1.0, 2.0]), flags(0, 3, length=4)) == 0.875
    assert math.isnan(auc(np.ones(3), np.ones(3, dtype=np.bool_)))


def test_break_even_takes_as_many_as_there_are() -> None:
    """Two anomalies, the two highest scores hold one of them; ties at the border count by their share."""
    assert break_even_f1(np.array([4.0, 3.0, 2.0, 1.0]), flags(0, 3, length=4)) == 0.5
    assert break_even_f1(np.array([4.0, 1.0, 1.0, 1.0]), flags(0, 3, length=4)) == pytest.approx((1 + 1 / 3) / 2)
    assert math.isnan(break_even_f1(np.ones(3), flags(length=3)))


def test_runs_bridge_short_gaps() -> None:
    """Rows 1, 2, 4 are two runs, or one when a gap of one row is bridged."""
    assert runs(flags(1, 2, 4)) == [(1, 2), (4, 4)]
    assert runs(flags(1, 2, 4), bridge=1) == [(1, 4)]
    assert runs(flags()) == []


def test_a_buffer_falls_away_on_both_sides_and_never_out_of_the_rows() -> None:
    """The paper's square root, cut at the ends, the larger where two meet."""
    assert buffered(4, [(0, 0)], 4).round(3).tolist() == [1.0, 0.866, 0.707, 0.0]
    assert buffered(5, [(0, 0), (4, 4)], 4).round(3).tolist() == [1.0, 0.866, 0.707, 0.866, 1.0]
    assert buffered(5, [(2, 2)], 0).tolist() == [0, 0, 1, 0, 0]


def test_the_volume_of_a_perfect_score_is_near_one_and_of_a_constant_near_the_share() -> None:
    """A score that is the label finds all; one that says nothing is as good as calling everything."""
    label = flags(*range(100, 120), length=400)
    perfect = vus_pr(label + np.linspace(0, 1e-6, 400), label, longest=0)
    assert perfect > 0.95
    assert vus_pr(np.zeros(400), label, longest=0) == pytest.approx(20 / 400, abs=0.01)
    assert math.isnan(vus_pr(np.zeros(9), flags(length=9), longest=4))


def test_the_volume_forgives_an_alarm_a_little_late_and_not_one_far_away() -> None:
    """Two rows behind the anomaly is worth something with a buffer, nothing without; far away nothing at all."""
    label = flags(*range(100, 110), length=400)
    late, far = (flags(*range(at, at + 3), length=400) + np.linspace(0, 1e-6, 400) for at in (111, 300))
    assert vus_pr(late, label, longest=12) > 1.5 * vus_pr(far, label, longest=12)
    assert vus_pr(late, label, longest=0) < vus_pr(late, label, longest=12)


def test_a_budget_is_kept_by_raising_the_threshold() -> None:
    """Three peaks of 5, 4, 3 and a floor of noise: with two alarms, the two highest; with none, none."""
    scores = np.array([0.1, 5.0, 0.2, 0.1, 4.0, 0.1, 0.3, 3.0, 0.1])
    assert alarms_at_budget(scores, 2, bridge=0) == [(1, 1), (4, 4)]
    assert alarms_at_budget(scores, 0, bridge=0) == []
    assert alarms_at_budget(np.zeros(5), 3, bridge=0) == []


@given(some.lists(some.integers(0, 6), min_size=1, max_size=60), some.integers(0, 6), some.integers(0, 3))
def test_a_budget_is_never_exceeded(scores: list[int], budget: int, bridge: int) -> None:
    """Whatever the scores, ties and gaps."""
    assert len(alarms_at_budget(np.array(scores, dtype=np.float64), budget, bridge=bridge)) <= budget


def test_an_event_is_found_by_the_first_alarm_that_overlaps_it() -> None:
    """Delays count from its first row; an alarm that ran before it counts as at once; what is missed has none."""
    assert events_found([(3, 5), (12, 12)], [(4, 8), (10, 14), (17, 18)]) == [0, 2, None]
    assert events_found([(1, 2)], [(4, 8)], early=2) == [0]


def test_f1_is_the_harmonic_mean() -> None:
    """Two right, one wrong, one missed: precision and recall 2/3; of nothing there is none."""
    assert f1(2, 1, 1) == pytest.approx(2 / 3)
    assert math.isnan(f1(0, 0, 0))


def test_an_interval_holds_the_figure_and_narrows_with_more_units() -> None:
    """Of ones and noughts the mean's 90 % interval is about 1.64 standard errors either side."""
    few, many = (np.tile([0.0, 1.0], half) for half in (10, 1000))
    ends = {
        len(each): interval_90(len(each), lambda rows, each=each: float(each[rows].mean()), seed=1)
        for each in (few, many)
    }
    assert ends[20][0] < 0.5 < ends[20][1]
    assert ends[20][1] - ends[20][0] == pytest.approx(2 * 1.645 * 0.5 / math.sqrt(20), abs=0.06)
    assert ends[2000][1] - ends[2000][0] < 0.05
    assert interval_90(0, lambda _: 1.0, seed=1) is None
    assert interval_90(3, lambda _: math.nan, seed=1) is None


def test_a_score_is_held_until_it_is_beaten_or_the_hold_off_is_over() -> None:
    """Of 3, 2, 4, 4, 1 an hour apart with two hours' hold-off: 3 is told, 4 beats it, the rest is the same event."""
    time_us = np.arange(5, dtype=np.int64) * HOUR_US
    assert held(time_us, np.array([3.0, 2.0, 4.0, 4.0, 1.0]), 2 * HOUR_US).tolist() == [3.0, 0.0, 4.0, 0.0, 0.0]


@given(some.lists(some.integers(0, 5), max_size=40), some.integers(0, 10))
def test_holding_is_what_looking_back_says(scores: list[int], hold: int) -> None:
    """Told exactly where no equal or higher score came within the hold-off: the plain way, reading by reading."""
    values = np.array(scores, dtype=np.float64)
    time_us = np.arange(len(scores), dtype=np.int64)
    plain = [
        value if not (values[max(0, row - hold) : row] >= value).any() else 0.0 for row, value in enumerate(values)
    ]
    assert held(time_us, values, hold).tolist() == plain


@given(some.lists(some.tuples(some.sampled_from([0.0, 0.5, 1.0]), some.booleans()), min_size=2, max_size=30))
def test_no_figure_leaves_its_range(rows: list[tuple[float, bool]]) -> None:
    """All between nothing and all, or not a number."""
    scores, label = np.array([row[0] for row in rows]), np.array([row[1] for row in rows])
    for figure in (
        average_precision(scores, label),
        auc(scores, label),
        break_even_f1(scores, label),
        vus_pr(scores, label, longest=6),
    ):
        assert math.isnan(figure) or -1e-9 <= figure <= 1 + 1e-9
