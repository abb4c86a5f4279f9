"""Each rule about an instrument by itself, run as plain Python: one sensor, its columns, and what one reading changes."""

import inspect
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s
from impetus.tools.urban_anomaly import fault_kernels as kernels
from impetus.tools.urban_anomaly.fault_kernels import (
    BLOCK,
    BLOCK_US,
    BLOCKS,
    BOTTOM,
    DRIFT,
    DRIFT_READY_US,
    DROP_CALM,
    DROP_FADES,
    DROP_SCORE,
    DROPOUT,
    EQUAL,
    EQUAL_SINCE,
    FACTOR,
    FACTORS,
    FAR,
    FAULT,
    FIRST,
    FITTING,
    LEAST_BLOCKS,
    LEAST_SCATTER,
    LONGEST,
    MEAN,
    MISFIT,
    MOVES,
    PER_HOUR,
    PULL,
    PULLED,
    SEEN,
    SPIKE,
    SPIKE_TOLD,
    STUCK,
    UNIT,
    UNIT_READINGS,
    VALUE,
    WEEK_US,
    Z,
)

MINUTE_US = 60_000_000
RULES = np.array([30.0, 1_800e6, 12.0, 2.5])
"""Most equal readings asked for, microseconds they must last, deviations of a spike, deviations of calm."""
stuck, spike, dropout, unit, closed, climbs, suspected = (
    inspect.unwrap(rule)
    for rule in (
        kernels.stuck,
        kernels.spike,
        kernels.dropout,
        kernels.unit,
        kernels.closed,
        kernels.climbs,
        kernels.suspected,
    )
)
RAMP = np.arange(BLOCKS, dtype=np.float64)


class Instrument:
    """One instrument's columns, row 0, as if it had long been calm at 100."""

    def __init__(self, *, moves: float = 1.0, others: int = 0) -> None:
        self.us = np.full((7, 1 + others), -1, dtype=np.int64)
        self.us[EQUAL_SINCE] = self.us[FIRST] = 0
        self.numbers = np.zeros((12, 1 + others))
        self.numbers[VALUE], self.numbers[SEEN], self.numbers[MOVES] = 100.0, 1e6, moves
        self.kinds = np.zeros((8, 1 + others), dtype=np.int64)
        self.now_us = 0

    def stands(self, *values: float, judged: bool = True, step_us: int = 5 * MINUTE_US) -> list[int]:
        """Return what the rule of standing still says of values."""
        return [self._next(value, step_us, judged=judged) for value in values]

    def _next(self, value: float, step_us: int, *, judged: bool) -> int:
        self.now_us += step_us
        found = int(stuck(0, self.now_us, value, judged, RULES, self.us, self.numbers, self.kinds))
        self.kinds[FAULT, 0] = max(found, 0) if found else self.kinds[FAULT, 0]
        self.numbers[VALUE, 0] = value
        return found

    def spikes(self, *zs: float, gap: bool = False, judged: bool = True, step_us: int = MINUTE_US) -> list[int]:
        """Return what the rule of one wild reading says of deviations."""
        found = []
        for z in zs:
            self.now_us += step_us
            found.append(spike(0, self.now_us, z, judged, gap, RULES, self.us, self.numbers, self.kinds))
            self.numbers[Z, 0] = z
        return found

    def drops(self, *values: float, z: float = -20.0, judged: bool = True) -> list[int]:
        """Return what the rule of the lowest value, 0, says of values; those at the bottom deviate by `z`."""
        found = []
        for value in values:
            told = dropout(0, value, z if value <= 0 else 0.0, judged, 0.0, self.numbers, self.kinds)
            self.kinds[FAULT, 0] = max(told, 0) if told else self.kinds[FAULT, 0]
            found.append(told)
        return found

    def units(self, *values: float, expected: float = 100.0) -> list[int]:
        """Return what the rule of other units says of values of which `expected` was expected, within one."""
        found = []
        for value in values:
            told = unit(0, value, value - expected, expected, 1.0, self.numbers, self.kinds)
            self.kinds[FAULT, 0] = max(told, 0) if told else self.kinds[FAULT, 0]
            self.numbers[VALUE, 0] = value
            found.append(told)
        return found


@pytest.mark.parametrize(("moves", "needed"), [(1.0, 6), (0.9, 9), (0.5, 30), (0.3, 30)])
def test_how_long_a_value_must_stand_follows_from_how_often_it_moves(moves: float, needed: int) -> None:
    """One chance in a billion: log(1e-9)/log(0.1) is 9 readings, log(1e-9)/log(0.5) 29.9; never below 6 nor above 30."""
    found = Instrument(moves=moves).stands(*[7.0] * 40)
    assert found.index(STUCK) + 1 == pytest.approx(needed, abs=1)


def test_a_value_that_stands_still_for_less_than_half_an_hour_is_not_stuck() -> None:
    """A hundred readings ten seconds apart last a quarter of an hour."""
    assert set(Instrument().stands(*[7.0] * 100, step_us=10_000_000)) == {0}


@pytest.mark.parametrize(("moves", "judged"), [(0.19, True), (1.0, False)])
def test_who_seldom_moves_or_is_not_known_is_not_stuck(moves: float, *, judged: bool) -> None:
    """Below one move in five standing still is no news; nothing is said of what is being learnt."""
    assert set(Instrument(moves=moves).stands(*[7.0] * 60, judged=judged)) == {0}


def test_the_end_of_standing_still_is_told_once_and_does_not_count_as_a_habit() -> None:
    """It moves: over; the stuck stretch is not its longest, so it is as soon found again."""
    box = Instrument()
    first = box.stands(*[7.0] * 20)
    assert box.stands(8.0, 9.0) == [-STUCK, 0]
    assert box.kinds[LONGEST, 0] == 1
    assert box.stands(*[7.0] * 20).index(STUCK) == first.index(STUCK)


def test_a_sensor_must_stand_three_times_as_long_as_it_ever_did() -> None:
    """Ten equal readings once: thirty from then on, not six."""
    box = Instrument()
    box.us[EQUAL_SINCE, 0] = 10**15
    assert set(box.stands(*[7.0] * 10, judged=False)) == {0}
    found = box.stands(*[8.0] * 40)
    assert (box.kinds[LONGEST, 0], found.index(STUCK) + 1) == (10, 30)


@pytest.mark.parametrize(
    ("zs", "found"),
    [
        ((20.0, 0.0), [0, SPIKE]),
        ((-20.0, 2.4), [0, SPIKE]),
        ((20.0, 2.6, 0.0), [0, 0, 0]),
        ((11.9, 0.0), [0, 0]),
        ((3.0, 20.0, 0.0), [0, 0, 0]),
        ((20.0, 0.0, 20.0, 0.0), [0, SPIKE, 0, 0]),
    ],
    ids=["up", "down", "calm comes late", "not wild", "two far", "twice in a week"],
)
def test_a_spike_is_exactly_one_far_reading_before_a_calm_one(zs: tuple[float, ...], found: list[int]) -> None:
    """Twelve deviations are wild, two and a half are calm; a second one within a week is not told."""
    assert Instrument().spikes(*zs) == found


def test_a_spike_a_week_later_is_told_again_and_one_before_a_silence_never() -> None:
    """To the microsecond of seven days; behind a gap nobody knows what lay between."""
    box = Instrument()
    box.spikes(20.0, 0.0)
    assert box.us[SPIKE_TOLD, 0] == box.now_us
    assert box.spikes(20.0, 0.0, step_us=WEEK_US // 2) == [0, SPIKE]
    for silent in (Instrument().spikes(20.0, 0.0, gap=True), Instrument().spikes(20.0, 0.0, judged=False)):
        assert silent == [0, 0]


def test_three_of_four_at_the_bottom_are_a_dropout() -> None:
    """Scores by hand: 1, 1.85, then 1.57 for a reading between, 2.34: beyond 2.2."""
    assert 1 + DROP_FADES < DROP_SCORE < (1 + DROP_FADES) * DROP_FADES**2 + 1
    assert Instrument().drops(0.0, 0.0, 80.0, 0.0) == [0, 0, 0, DROPOUT]
    assert set(Instrument().drops(0.0, 80.0, 80.0, 0.0, 80.0, 80.0, 0.0)) == {0}


@pytest.mark.parametrize(("z", "judged", "bottom"), [(-2.9, True, 0.0), (-20.0, False, 0.0), (-20.0, True, 0.02)])
def test_the_bottom_is_no_dropout_where_it_is_ordinary(z: float, bottom: float, *, judged: bool) -> None:
    """Expected to be low, not known yet, or at the bottom one time in fifty."""
    box = Instrument()
    box.numbers[BOTTOM, 0] = bottom
    assert set(box.drops(*[0.0] * 6, z=z, judged=judged)) == {0}


def test_a_dropout_ends_after_eight_readings_in_a_row_above_the_bottom() -> None:
    """One more at the bottom and counting begins anew."""
    box = Instrument()
    assert box.drops(0.0, 0.0, 0.0)[-1] == DROPOUT
    assert set(box.drops(*[80.0] * (DROP_CALM - 1), 0.0, *[80.0] * (DROP_CALM - 1))) == {0}
    assert box.drops(80.0) == [-DROPOUT]


@pytest.mark.parametrize("place", range(len(FACTORS)))
def test_six_readings_that_fit_one_factor_are_another_unit(place: int) -> None:
    """Whatever the factor, and none before the sixth."""
    box = Instrument()
    found = box.units(*[100.0 * FACTORS[place]] * UNIT_READINGS)
    assert found == [0] * (UNIT_READINGS - 1) + [UNIT]
    assert box.kinds[FACTOR, 0] == place


def test_readings_that_change_the_factor_or_fit_badly_are_no_unit() -> None:
    """Ten and a hundred in turn; and two deviations off each time, which is four in the mean square."""
    turns = [1_000.0 if turn % 2 else 10_000.0 for turn in range(20)]
    assert set(Instrument().units(*turns)) == {0}
    box = Instrument()
    assert set(box.units(*[1_020.0] * 20)) == {0}
    assert box.numbers[MISFIT, 0] == pytest.approx(4.0 * box.kinds[FITTING, 0])


@pytest.mark.parametrize(("value", "expected"), [(0.0, 100.0), (20.0, 2.0), (104.0, 100.0)])
def test_nothing_an_expectation_near_zero_and_what_is_ordinary_say_nothing_of_units(
    value: float, expected: float
) -> None:
    """Ten times nothing is nothing; a reading within five deviations is as it should be."""
    assert set(Instrument().units(*[value] * 20, expected=expected)) == {0}


def test_a_unit_is_over_when_readings_jump_back_or_are_calm_again() -> None:
    """Back by the factor: at once; the expectation having followed: after five calm readings."""
    box = Instrument()
    box.units(*[1_000.0] * UNIT_READINGS)
    assert box.units(1_010.0, 99.0) == [0, -UNIT]
    box = Instrument()
    box.units(*[1_000.0] * UNIT_READINGS)
    assert box.units(*[1_000.0] * 5, expected=1_000.0) == [0, 0, 0, 0, -UNIT]


@pytest.mark.parametrize(
    ("block", "is_climb"),
    [
        (RAMP * 0.3, True),
        (-RAMP * 0.3, True),
        (RAMP * 0.1, False),
        (np.where(RAMP < 6, 0.0, 3.0), False),
        (RAMP * 0.3 + np.where(RAMP % 2, 1.0, -1.0), False),
        (np.where(RAMP % 4 == 3, np.nan, RAMP * 0.3), True),
        (np.where(RAMP < 4, np.nan, RAMP * 0.3), False),
    ],
    ids=["up", "down", "too little", "a step", "noise", "nine of twelve", "eight of twelve"],
)
def test_a_climb_is_far_clear_and_long_enough(block: Float64s, *, is_climb: bool) -> None:
    """At least two deviations over twelve blocks, eight times further than the blocks scatter, on nine of them."""
    now = float(block[-1] if np.isfinite(block[-1]) else block[-2])
    assert bool(climbs(block, now)) == is_climb


def test_a_climb_towards_the_usual_is_no_drift() -> None:
    """From four deviations below up to one below: it is on its way home."""
    assert not climbs(RAMP * 0.3 - 4.3, -1.0)


blocks = some.lists(some.one_of(some.floats(-5, 5), some.just(float("nan"))), min_size=BLOCKS, max_size=BLOCKS)


@given(blocks)
@settings(max_examples=30, deadline=None)
def test_a_climb_is_what_a_line_fitted_by_numpy_says(values: list[float]) -> None:
    """Slope and scatter of least squares, compiled and plain."""
    block = np.array(values)
    known = np.flatnonzero(np.isfinite(block))
    now = float(block[known[-1]]) if len(known) else 0.0
    expected = False
    if len(known) >= LEAST_BLOCKS:
        slope, level = np.polyfit(known, block[known], 1)
        left = block[known] - slope * known - level
        scatter = max(float(np.sqrt((left**2).sum() / (len(known) - 2))), LEAST_SCATTER)
        rise = slope * (BLOCKS - 1)
        if min(abs(abs(rise) - 2.0), abs(abs(rise) - 8.0 * scatter), abs(rise * now)) < 1e-6:
            return
        expected = abs(rise) >= max(2.0, 8.0 * scatter) and rise * now > 0
    assert bool(climbs(block, now)) == bool(kernels.climbs(block, now)) == expected


def close(box: Instrument, pull: float, *, block: int = 50, fellows: int = 0) -> tuple[int, Float64s]:
    """Close a block in which sensor 0 was pulled so many deviations, 72 readings; return the verdict and its blocks."""
    near = np.full((1 + fellows, 8), -1, dtype=np.int32)
    near[0, :fellows] = np.arange(1, 1 + fellows)
    kept = np.full((BLOCKS, 1 + fellows), np.nan)
    kept[:, 0] = np.append(0.0, RAMP[:-1] * 0.25)
    box.numbers[PULL, 0], box.numbers[PULLED, 0] = 72 * pull, 72
    now_us = block * BLOCK_US
    return closed(0, block, now_us, near, box.us, box.numbers, box.kinds, kept), kept[:, 0]


def test_a_block_closes_with_its_mean_and_the_others_move_up() -> None:
    """Seventy-two readings of a quarter of a day are twelve an hour; the next block starts empty."""
    box = Instrument()
    found, kept = close(box, 2.75)
    assert found == DRIFT
    assert kept.tolist() == (RAMP * 0.25).tolist()
    assert (box.numbers[MEAN, 0], box.numbers[PER_HOUR, 0]) == (2.75, 12.0)
    assert (box.numbers[PULL, 0], box.numbers[PULLED, 0]) == (0.0, 0.0)


def test_what_three_fellows_share_is_taken_off_and_what_two_share_is_not() -> None:
    """All two deviations up: with three fellows three quarters of a deviation is left, and that is no drift."""
    for fellows, left in ((3, 0.75), (2, 2.75)):
        box = Instrument(others=fellows)
        box.numbers[MEAN, 1:], box.us[BLOCK, 1:] = 2.0, 50
        found, kept = close(box, 2.75, fellows=fellows)
        assert (kept[-1], found) == (left, DRIFT if fellows == 2 else 0)


def test_fellows_of_long_ago_and_wild_ones_say_little_of_now() -> None:
    """One is two blocks behind and left out; of the other three one at a hundred counts as four: (4 + 0 + 2)/3."""
    box = Instrument(others=4)
    box.numbers[MEAN, 1:], box.us[BLOCK, 1:] = [50.0, 100.0, 0.0, 2.0], [48, 50, 49, 50]
    assert close(box, 2.75, fellows=4)[1][-1] == pytest.approx(0.75)


def test_nothing_drifts_before_nine_days_or_without_readings() -> None:
    """The slow profile is not known yet; an empty block has no mean."""
    assert close(Instrument(), 2.75, block=DRIFT_READY_US // BLOCK_US - 1)[0] == 0
    box = Instrument()
    box.numbers[PULLED, 0] = 0
    near, kept = np.full((1, 8), -1, dtype=np.int32), np.zeros((BLOCKS, 1))
    assert closed(0, 50, 50 * BLOCK_US, near, box.us, box.numbers, box.kinds, kept) == 0
    assert np.isnan(kept[-1, 0])


@pytest.mark.parametrize(("pull", "found"), [(2.75, 0), (0.9, -DRIFT), (-0.9, -DRIFT), (1.1, 0)])
def test_a_drift_is_over_when_the_pull_is_gone(pull: float, found: int) -> None:
    """Within one deviation of its usual values."""
    box = Instrument()
    box.kinds[FAULT, 0] = DRIFT
    assert close(box, pull)[0] == found


def test_signs_that_are_too_short_yet_are_suspected_in_order() -> None:
    """Standing still before dropping out before another unit; nothing without a sign."""
    box = Instrument()
    assert suspected(0, box.numbers, box.kinds) == 0
    box.kinds[FITTING, 0] = 1
    assert suspected(0, box.numbers, box.kinds) == UNIT
    box.numbers[kernels.DROP, 0] = 1.0
    assert suspected(0, box.numbers, box.kinds) == DROPOUT
    box.kinds[EQUAL, 0] = 3
    assert suspected(0, box.numbers, box.kinds) == STUCK
    box.kinds[LONGEST, 0], box.kinds[FAR, 0] = 3, 1
    assert suspected(0, box.numbers, box.kinds) == DROPOUT


def test_the_factors_are_pairs_and_none_is_within_an_ordinary_event() -> None:
    """Each has its inverse, from the largest down, and none is nearer to one than three and a half."""
    assert FACTORS * FACTORS[::-1] == pytest.approx(np.ones(len(FACTORS)))
    assert all(one > other for one, other in pairwise(FACTORS))
    assert np.abs(np.log(FACTORS)).min() > np.log(3.5)
