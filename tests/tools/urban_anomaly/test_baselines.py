"""The baselines, compiled, against what a person would write; and what each is blind to."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly.baselines import (
    BLIND_ALARMS,
    DISTANCES,
    EWMA_ALPHA,
    LEARNING,
    NAMES,
    SEASONAL_VISITS,
    SEEN,
    VISITS_KNOWN,
    WINSORISED,
    Plain,
    blind,
)

A_DAY = 48
EWMA, SEASONAL, NOVELTY = range(3)


def scores_of(values: list[float] | np.ndarray, *, cuts: int = 1) -> np.ndarray:
    """Return the three scores of one series of half-hours, given in so many pieces."""
    value = np.asarray(values, dtype=np.float64)
    local_s = np.arange(len(value), dtype=np.int64) * 1800
    plain = Plain.of(1)
    parts = [
        plain.score(np.zeros(len(rows), dtype=np.int64), local_s[rows], value[rows])
        for rows in np.array_split(np.arange(len(value)), cuts)
    ]
    return np.concatenate(parts, axis=1)


def ewma_by_hand(values: list[float]) -> list[float]:
    """Return what the moving z-score is, reading by reading."""
    mean, variance, scores = 0.0, 0.0, []
    for seen, value in enumerate(values):
        mean = value if seen == 0 else mean
        step = value - mean
        scores.append(abs(step) / max(math.sqrt(variance), 1e-9 + 1e-9 * abs(mean)) if seen >= LEARNING else 0.0)
        pace = max(EWMA_ALPHA, 1 / (seen + 2))
        mean += pace * step
        variance = (1 - pace) * (variance + pace * step * step)
    return scores


def seasonal_by_hand(values: list[float]) -> list[float]:
    """Return what the z-score by the half-hour is, reading by reading."""
    state = {half_hour: [0.0, 0.0, 0] for half_hour in range(A_DAY)}
    scores = []
    for row, value in enumerate(values):
        mean, usual, seen = state[row % A_DAY]
        step = value - mean if seen else 0.0
        score = 0.0
        if seen >= VISITS_KNOWN:
            score = abs(step) / (1.2533 * usual + 1e-3 * abs(mean) + 1e-9)
            step = min(max(step, -WINSORISED * usual), WINSORISED * usual)
        mean = value if seen == 0 else mean
        pace = max(1 / SEASONAL_VISITS, 1 / (seen + 1))
        state[row % A_DAY] = [mean + pace * step, usual + pace * (abs(step) - usual), seen + 1]
        scores.append(score)
    return scores


def novelty_by_hand(values: list[float]) -> list[float]:
    """Return what the score of values never seen is, reading by reading."""
    seen: list[float] = []
    sizes, scores = [0] * DISTANCES, []
    for value in values:
        near = min((abs(value - other) for other in seen), default=0.0)
        span = max(seen) - min(seen) if seen else 0.0
        size = near / span if span > 0 else float(near > 0)
        level = min(max(int(4 * (math.log2(size) + 12)) + 1, 0), DISTANCES - 1) if size > 0 else 0
        total, above = sum(sizes), sum(sizes[level:])
        scores.append(math.log((total + 1) / (above + 1)) + min(size, 10.0) if total >= LEARNING and size > 0 else 0.0)
        sizes[level] += 1
        if len(seen) < SEEN and (not seen or near > 1e-3 * span):
            seen.append(value)
    return scores


BY_HAND = {EWMA: ewma_by_hand, SEASONAL: seasonal_by_hand, NOVELTY: novelty_by_hand}


@pytest.mark.parametrize("which", sorted(BY_HAND))
def test_a_compiled_baseline_is_what_a_person_would_write(which: int) -> None:
    """Ten days of a noisy wave with two jumps: the same score at every reading."""
    rng = np.random.default_rng(4)
    values = 50 + 20 * np.sin(np.arange(10 * A_DAY) / A_DAY * 2 * np.pi) + rng.normal(0, 2, 10 * A_DAY)
    values[[300, 400]] += 60
    assert scores_of(values)[which] == pytest.approx(BY_HAND[which](values.tolist()), rel=1e-6, abs=1e-6)


def test_a_moving_score_does_not_know_the_hour_and_a_seasonal_one_does() -> None:
    """A noon value at midnight is nothing to the first and far out for the second; to novelty it is old."""
    rng = np.random.default_rng(5)
    values = 50 + 40 * np.sin(np.arange(20 * A_DAY) / A_DAY * 2 * np.pi) + rng.normal(0, 1, 20 * A_DAY)
    noon, night = 15 * A_DAY + 12, 15 * A_DAY + 36
    values[night] = values[noon]
    moving, seasonal, novel = scores_of(values)[:, night]
    assert moving < 3
    assert seasonal > 20
    assert novel < 3


def test_a_value_never_seen_is_new_to_novelty() -> None:
    """The highest of all scores where a value lies far outside what was seen."""
    values = np.random.default_rng(6).normal(0, 1, 500)
    values[450] = 25.0
    assert int(np.argmax(scores_of(values)[NOVELTY])) == 450


@given(some.integers(1, 9))
@settings(max_examples=8, deadline=None)
def test_scores_do_not_depend_on_how_a_series_was_cut(cuts: int) -> None:
    """In one piece or in nine."""
    values = np.random.default_rng(7).normal(0, 1, 200)
    assert np.array_equal(scores_of(values, cuts=cuts), scores_of(values))


@given(some.lists(some.one_of(some.floats(-1e6, 1e6), some.just(math.nan), some.just(math.inf)), max_size=80))
@settings(max_examples=30, deadline=None)
def test_nothing_a_sensor_says_breaks_a_baseline(values: list[float]) -> None:
    """Scores are numbers, and what is no number scores nothing and is not learnt from."""
    scores = scores_of(values)
    assert np.isfinite(scores).all()
    assert not scores[:, ~np.isfinite(np.array(values, dtype=np.float64))].any()


def test_what_comes_later_changes_nothing_of_what_was_said_before() -> None:
    """A baseline looks only back."""
    values = np.random.default_rng(8).normal(0, 1, 300)
    changed = values.copy()
    changed[200:] += 30
    assert np.array_equal(scores_of(values)[:, :200], scores_of(changed)[:, :200])


def test_blind_alarms_come_at_even_distances_from_where_scoring_begins() -> None:
    """Twenty of them, whatever the readings."""
    rows = np.flatnonzero(blind(1000, 150))
    assert (len(rows), rows[0]) == (BLIND_ALARMS, 150)
    assert set(np.diff(rows).tolist()) <= {42, 43}
    assert len(NAMES) == 3
