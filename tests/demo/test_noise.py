"""Chance that can be asked at any moment, in any order, and is still chance."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.observation import US_PER_S
from impetus.demo.noise import Chance

STEPS = np.arange(20_000, dtype=np.int64)
CHANCE = Chance(seed=7, name="square/p1/people_density")
ANY_STEPS = st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=20)


@settings(max_examples=30, deadline=None)
@given(ANY_STEPS)
def test_a_number_depends_on_its_step_alone(steps: list[int]) -> None:
    """Asked together, alone or backwards: the same."""
    together = CHANCE.uniform(np.array(steps, dtype=np.int64))
    backwards = CHANCE.uniform(np.array(steps[::-1], dtype=np.int64))[::-1]
    alone = [CHANCE.uniform(np.array([step], dtype=np.int64))[0] for step in steps]
    assert together.tolist() == backwards.tolist() == alone


@settings(max_examples=30, deadline=None)
@given(ANY_STEPS, st.text(max_size=10))
def test_a_uniform_number_is_above_none_and_below_one(steps: list[int], salt: str) -> None:
    """Never 0, because a logarithm is taken of it."""
    numbers = CHANCE.uniform(np.array(steps, dtype=np.int64), salt)
    assert np.all((numbers > 0.0) & (numbers < 1.0))


@settings(max_examples=30, deadline=None)
@given(ANY_STEPS)
def test_a_normal_number_is_finite(steps: list[int]) -> None:
    """The furthest that 53 bits allow is below nine standard deviations."""
    assert np.all(np.abs(CHANCE.normal(np.array(steps, dtype=np.int64))) < 9.0)


@pytest.mark.parametrize(
    "other",
    [Chance(seed=8, name=CHANCE.name), Chance(seed=7, name="square/p2/people_density"), Chance(seed=77, name="")],
)
def test_another_seed_or_name_is_another_chance(other: Chance) -> None:
    """Two instruments do not fail together, two seeds do not agree."""
    one, two = CHANCE.uniform(STEPS), other.uniform(STEPS)
    assert np.mean(one == two) < 0.001
    assert abs(np.corrcoef(one, two)[0, 1]) < 0.03


def test_another_salt_is_another_chance() -> None:
    """A gap says nothing about a spike."""
    assert abs(np.corrcoef(CHANCE.uniform(STEPS, "gap"), CHANCE.uniform(STEPS, "spike"))[0, 1]) < 0.03


def test_uniform_numbers_fill_their_range_evenly() -> None:
    """A tenth of them in each tenth, to within 5 standard errors: 20,000 draws give 2,000 each, give or take 212."""
    counts, _ = np.histogram(CHANCE.uniform(STEPS), bins=10, range=(0.0, 1.0))
    assert np.all(np.abs(counts - 2000) < 212)


def test_normal_numbers_are_normal() -> None:
    """Mean 0, deviation 1, and 68.3 % within one deviation, to within 5 standard errors."""
    numbers = CHANCE.normal(STEPS)
    assert abs(numbers.mean()) < 5 / np.sqrt(len(STEPS))
    assert abs(numbers.std() - 1.0) < 5 / np.sqrt(2 * len(STEPS))
    assert abs(np.mean(np.abs(numbers) < 1.0) - 0.6827) < 0.0165


def test_neighbouring_steps_are_independent() -> None:
    """Counting upwards is not visible in what comes out."""
    numbers = CHANCE.uniform(STEPS)
    assert abs(np.corrcoef(numbers[:-1], numbers[1:])[0, 1]) < 0.036


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 4 * 10**15), st.floats(10.0, 1e5))
def test_smooth_noise_does_not_jump(time_us: int, period_s: float) -> None:
    """In a thousandth of its period it moves by little, also across the seam of two steps."""
    seam_us = round(time_us // (period_s * US_PER_S) * period_s * US_PER_S)
    moments = np.array([seam_us, seam_us + round(period_s * US_PER_S / 1000)], dtype=np.int64)
    before, after = CHANCE.smooth(moments, period_s)
    assert abs(after - before) < 0.05


@settings(max_examples=30, deadline=None)
@given(st.lists(st.integers(0, 4 * 10**15), min_size=2, max_size=10))
def test_smooth_noise_does_not_depend_on_how_it_is_asked(times: list[int]) -> None:
    """A second at a time or all at once."""
    whole = CHANCE.smooth(np.array(times, dtype=np.int64), 600.0)
    single = [CHANCE.smooth(np.array([time_us], dtype=np.int64), 600.0)[0] for time_us in times]
    assert whole.tolist() == single


def test_two_periods_of_one_instrument_move_independently() -> None:
    """Groups of minutes are not the tide of hours."""
    time_us = np.arange(0, 200_000, 60, dtype=np.int64) * US_PER_S
    one, other = CHANCE.smooth(time_us, 180.0), CHANCE.smooth(time_us, 240.0)
    assert abs(np.corrcoef(one, other)[0, 1]) < 0.15
