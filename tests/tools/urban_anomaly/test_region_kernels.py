"""The steps of one channel by themselves, run as plain Python: when an event begins, holds, ends, and what is learnt."""

import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly import region_kernels as kernels
from impetus.tools.urban_anomaly.region_kernels import (
    AFTER_EVENT,
    AGAIN,
    ALONE,
    CREST_FADES_US,
    LONGEST_STEP_US,
    MEMORY_US,
    REGION,
    WINSOR,
)

step, learn = inspect.unwrap(kernels.step), inspect.unwrap(kernels.learn)
RULES = np.array([4.0, 6.0, 2.5, 3.0, 5.0, 3_600e6])
"""Bars of the two channels, end, readings to start, readings to end, hold-off of an hour."""
MINUTE_US = 60_000_000
NOTHING, BEGINS, ENDS = 0, 1, 2


class Channel:
    """One channel of one sensor, a minute between readings."""

    def __init__(self, channel: int = REGION) -> None:
        self.channel, self.now_us = channel, 0
        self.run, self.active, self.calm, self.hold_us = (np.zeros((2, 1), dtype=np.int64) for _ in range(4))
        self.peak, self.crest, self.top = (np.zeros((2, 1)) for _ in range(3))
        self.spread, self.seen, self.lived_us = (np.zeros((2, 1)) for _ in range(3))

    def hears(self, *strengths: float, gap: bool = False) -> list[int]:
        """Return what deviations start and end; those at the channel's bar are far."""
        return [self._step(strength, gap=gap) for strength in strengths]

    def _step(self, strength: float, *, gap: bool) -> int:
        self.now_us += MINUTE_US
        far = abs(strength) >= RULES[self.channel]
        return int(
            step(
                self.channel, 0, self.now_us, strength, far, gap, RULES, self.run, self.active, self.calm, self.peak,
                self.hold_us, self.crest, self.top,
            )
        )  # fmt: skip

    def learns(self, *values: float, usual: float = 1.0, ready: bool = True, passed_us: float = MINUTE_US) -> None:
        """Take values into the usual size."""
        for value in values:
            learn(
                self.channel, 0, value, usual, ready, passed_us, self.spread, self.seen, self.lived_us, self.active,
                self.run, self.top,
            )  # fmt: skip

    def at(self, column: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> float:
        """Return this channel's entry of a column."""
        return float(column[self.channel, 0])


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_three_far_readings_in_a_row_begin_an_event_on_either_side(side: float) -> None:
    """With the third; and it is told once."""
    channel = Channel()
    assert channel.hears(*[side * 5.0] * 5) == [NOTHING, NOTHING, BEGINS, NOTHING, NOTHING]
    assert channel.active[REGION, 0] == side


@pytest.mark.parametrize(
    ("between", "begins"), [(0.0, False), (2.4, False), (-5.0, False), (2.6, True), (3.9, True)], ids=str
)
def test_a_run_survives_half_a_departure_and_nothing_less(between: float, *, begins: bool) -> None:
    """Two far, one between, one far: calm or the other side starts counting anew."""
    assert (BEGINS in Channel().hears(5.0, 5.0, between, 5.0)) is begins


def test_the_other_side_begins_a_run_of_its_own() -> None:
    """Two up, then three down: the third down begins it."""
    assert Channel().hears(5.0, 5.0, -5.0, -5.0, -5.0) == [NOTHING] * 4 + [BEGINS]


def test_a_silence_ends_a_run() -> None:
    """Two far readings of this morning are not continued tonight."""
    channel = Channel()
    channel.hears(5.0, 5.0)
    assert channel.hears(5.0, gap=True) == [NOTHING]
    assert channel.hears(5.0, 5.0) == [NOTHING, BEGINS]


def test_five_calm_readings_in_a_row_end_an_event() -> None:
    """Four and one that is not calm are no end."""
    channel = Channel()
    channel.hears(5.0, 5.0, 5.0)
    assert set(channel.hears(*[1.0] * 4, 3.0, *[1.0] * 4)) == {NOTHING}
    assert channel.hears(1.0) == [ENDS]
    assert channel.active[REGION, 0] == 0


def test_an_event_ends_with_the_first_reading_behind_a_silence() -> None:
    """However far out that is."""
    channel = Channel()
    channel.hears(5.0, 5.0, 5.0)
    assert channel.hears(9.0, gap=True) == [ENDS]


def ended(peak: float) -> Channel:
    """Return a channel whose event of this peak has just ended."""
    channel = Channel()
    assert channel.hears(peak, peak, peak, *[0.0] * 5)[-1] == ENDS
    return channel


def test_within_the_hold_off_only_something_clearly_bigger_begins() -> None:
    """After a peak of six: eight is the same again, nine is half as much more; an hour later six is enough."""
    assert BEGINS not in ended(6.0).hears(*[8.0] * 4)
    assert BEGINS in ended(6.0).hears(*[6.0 * AGAIN] * 4)
    channel = ended(6.0)
    channel.now_us += 3_600_000_000
    assert BEGINS in channel.hears(*[6.0] * 4)


def test_an_event_leaves_a_share_of_its_crest_as_its_past() -> None:
    """Told at six: the same again is beyond 0.7 of six, a lesser one is not."""
    channel = ended(6.0)
    assert channel.at(channel.top) == pytest.approx(AFTER_EVENT * 6.0)
    assert channel.at(channel.crest) == 0.0


def test_an_excursion_that_was_not_told_is_past_when_it_is_over_and_never_beyond_four_bars() -> None:
    """Three deviations: three; a single wild reading: sixteen, so that nobody can blind the channel for good."""
    channel = Channel()
    channel.hears(3.0, 2.6)
    assert channel.at(channel.top) == 0.0
    channel.hears(0.0)
    assert channel.at(channel.top) == 3.0
    channel.hears(500.0, 0.0)
    assert channel.at(channel.top) == 4.0 * RULES[REGION]


def test_past_excursions_fade_in_weeks() -> None:
    """After three weeks, to 1/e of what they were."""
    channel = Channel()
    channel.top[REGION, 0] = 10.0
    channel.learns(0.0, passed_us=CREST_FADES_US)
    assert channel.at(channel.top) == pytest.approx(10.0 / np.e)


def test_the_usual_size_is_the_mean_at_first_and_then_follows_in_days() -> None:
    """1, 2, 3 are 2 on average; after a thousand readings a minute weighs a minute in two days or a thousandth."""
    channel = Channel()
    channel.learns(1.0, -2.0, 3.0, ready=False)
    assert channel.at(channel.spread) == pytest.approx(2.0)
    channel.seen[REGION, 0], channel.spread[REGION, 0] = 1e9, 1.0
    channel.learns(2.0)
    assert channel.at(channel.spread) == pytest.approx(1.0 + MINUTE_US / MEMORY_US)


def test_what_is_far_out_moves_the_usual_size_only_by_three_of_it() -> None:
    """Once it is known; before that it is believed."""
    for ready, size in ((True, WINSOR * 2.0), (False, 100.0)):
        channel = Channel()
        channel.learns(100.0, usual=2.0, ready=ready)
        assert channel.at(channel.spread) == pytest.approx(size)


@pytest.mark.parametrize(("active", "run"), [(1, 0), (-1, 0), (0, 2), (0, -1)])
def test_nothing_is_learnt_of_an_event_nor_of_what_may_become_one(active: int, run: int) -> None:
    """Neither size nor count nor age."""
    channel = Channel()
    channel.active[REGION, 0], channel.run[REGION, 0] = active, run
    channel.learns(5.0)
    assert (channel.at(channel.spread), channel.at(channel.seen), channel.at(channel.lived_us)) == (0.0, 0.0, 0.0)


def test_a_silence_of_days_is_an_hour_of_life() -> None:
    """A channel is ready after a day of listening, not of waiting."""
    channel = Channel()
    channel.learns(1.0, passed_us=5 * 86_400e6)
    assert channel.at(channel.lived_us) == LONGEST_STEP_US


@given(some.lists(some.floats(-20, 20), max_size=60), some.sampled_from([REGION, ALONE]))
@settings(max_examples=30, deadline=None)
def test_beginnings_and_ends_alternate_and_calm_always_ends(strengths: list[float], which: int) -> None:
    """Whatever comes: never two beginnings without an end; the other channel is left alone; five calm readings end all."""
    channel = Channel(which)
    marks = [mark for mark in channel.hears(*strengths, *[0.0] * 5) if mark]
    assert marks == [BEGINS, ENDS] * (len(marks) // 2)
    assert channel.active[which, 0] == 0
    for column in (channel.run, channel.active, channel.calm, channel.hold_us, channel.peak, channel.crest):
        assert column[1 - which, 0] == 0
