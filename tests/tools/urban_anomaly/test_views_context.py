"""Verdicts and plans raise a bar here and for a while, never everywhere and never for good."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from impetus.core.observation import to_us
from impetus.tools.urban_anomaly.detect import Mark
from impetus.tools.urban_anomaly.seasons import seasons
from impetus.tools.urban_anomaly.views_context import HALF_LIFE_US, MOST, OVER_US, PLANNED, Context, Rise
from tools.urban_anomaly.calm import Calm

NOON = to_us(datetime(2026, 3, 2, 12, 10, tzinfo=UTC))
RISE = Rise(first=22, count=5, day=1, above=1.0, since_us=NOON)


def bar_at(context: Context, time_us: int, identity: int = 1) -> float:
    """Return one datastream's bar at a time."""
    times = np.array([time_us])
    return float(context.bars(np.array([identity]), times, seasons(times, UTC))[0])


@pytest.fixture
def told() -> Context:
    """Return a context in which one verdict was given about datastream 1 at Monday noon."""
    context = Context(zones={1: "square", 2: "harbour"})
    context.accept(1, RISE)
    return context


def test_the_bar_is_raised_at_the_same_time_of_day(told: Context) -> None:
    """Twice as high at once, half of the rise left after two weeks."""
    assert bar_at(told, NOON) == 2.0
    assert bar_at(told, NOON + HALF_LIFE_US) == pytest.approx(1.5)


@pytest.mark.parametrize("hours", [-12, 6, 5 * 24])
def test_no_other_context_is_touched(told: Context, hours: int) -> None:
    """Not before, not in the evening, not on Saturday."""
    assert bar_at(told, NOON + int(timedelta(hours=hours).total_seconds()) * 1_000_000) == 1.0


def test_no_other_datastream_is_touched(told: Context) -> None:
    """Datastream 2 is as it was."""
    assert bar_at(told, NOON, identity=2) == 1.0


def test_after_weeks_nothing_is_left(told: Context) -> None:
    """A verdict fades and is gone."""
    assert bar_at(told, NOON + OVER_US + HALF_LIFE_US // 14 * 2) == 1.0


def test_a_true_event_takes_the_rise_back(told: Context) -> None:
    """What turned out to be something is told at the usual bar."""
    told.withdraw(1, 24, 2, 1)
    assert bar_at(told, NOON) == 1.0


def test_a_true_event_at_another_time_leaves_it(told: Context) -> None:
    """The evening says nothing of noon."""
    told.withdraw(1, 40, 2, 1)
    assert bar_at(told, NOON) == 2.0


def test_verdicts_are_bounded(told: Context) -> None:
    """The oldest of too many is forgotten."""
    for _ in range(MOST + 5):
        told.accept(1, RISE)
    assert len(told.rises[1]) == MOST


def test_a_plan_raises_the_bar_of_its_zone_while_it_lasts(told: Context) -> None:
    """The harbour has a concert; the square has not, and the morning after is as ever."""
    told.plan([("harbour", NOON, NOON + 3_600_000_000)])
    assert bar_at(told, NOON, identity=2) == PLANNED
    assert bar_at(told, NOON + 7_200_000_000, identity=2) == 1.0
    assert bar_at(told, NOON, identity=3) == 1.0


def test_what_was_accepted_is_not_told_again_but_bigger_is() -> None:
    """After "benign" an event as big says nothing; one half as big again does."""
    calm = Calm(hold_off_s=0)
    assert Mark.STARTED in calm.marks(8, 8, 8, *[0] * 6)
    calm.detector.accept(np.array([1]), calm.time_us - 540_000_000, calm.time_us, "benign")
    assert Mark.STARTED not in calm.marks(8, 8, 8, *[0] * 6)
    assert Mark.STARTED in calm.marks(14, 14, 14)


def test_a_verdict_on_what_is_not_declared_is_nothing() -> None:
    """Ids beyond the catalogue are passed over."""
    calm = Calm()
    calm.detector.accept(np.array([0, 99]), 0, 1, "expected")
    assert calm.detector.context.rises == {}
