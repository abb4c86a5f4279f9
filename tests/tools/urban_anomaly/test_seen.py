"""What was scored, in the order of time; the hour of the week; the bar people set."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s, batch_of, from_us, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector, Scored
from impetus.tools.urban_anomaly.seen import Seen, bars_of, hours_of_week, seen_in_order
from impetus.tools.urban_anomaly.views_context import PLANNED
from tools.urban_anomaly.street import START
from tools.urban_anomaly.town_of import BEGIN_US, STEP_US, line, rows_of, sensor, zoned

OSLO = ZoneInfo("Europe/Oslo")
HOUR_US = 3_600_000_000


def scored(rows: list[int], p: Float64s | None = None, scale: float = 2.0) -> Scored:
    """Return what was made of these rows of a batch, in this order: z is the row, with a tenth to tell it apart."""
    row = np.array(rows, dtype=np.int64)
    place = row.astype(np.float64)
    none, zero = np.zeros(len(rows), dtype=np.int64), np.zeros(len(rows))
    return Scored(
        row=row,
        p=np.full(len(rows), 0.5) if p is None else p,
        carried=none,
        z=place + 0.1,
        expected=place + 0.2,
        scale=np.full(len(rows), scale),
        one_in=place + 0.3,
        mark=row % 3,
        fault=none,
        about_us=none,
        about_value=zero,
        about_z=zero,
    )


BATCH = batch_of([3, 1, 2, 1], [BEGIN_US + STEP_US, BEGIN_US + STEP_US, BEGIN_US, BEGIN_US], [30.0, 11.0, 20.0, 10.0])


def test_readings_come_in_the_order_of_time_then_of_datastream() -> None:
    """However the detector took them: at the first moment 1 then 2, at the second 1 then 3, each with its own figures."""
    seen = seen_in_order(BATCH, scored([1, 3, 2, 0]))
    assert seen.ids.tolist() == [1, 2, 1, 3]
    assert seen.time_us.tolist() == [BEGIN_US, BEGIN_US, BEGIN_US + STEP_US, BEGIN_US + STEP_US]
    assert seen.value.tolist() == [10.0, 20.0, 11.0, 30.0]
    assert seen.z.tolist() == [3.1, 2.1, 1.1, 0.1]
    assert (seen.expected.tolist(), seen.one_in.tolist()) == ([3.2, 2.2, 1.2, 0.2], [3.3, 2.3, 1.3, 0.3])
    assert seen.mark.tolist() == [0, 2, 1, 0]


def test_what_the_detector_left_out_is_not_seen() -> None:
    """Two of four rows were accepted."""
    seen = seen_in_order(BATCH, scored([0, 3]))
    assert (len(seen), seen.ids.tolist()) == (2, [1, 3])


def test_without_a_probability_a_datastream_is_not_judged() -> None:
    """NaN is a datastream that is being learnt; 1 is an opinion."""
    seen = seen_in_order(BATCH, scored([3, 2, 1, 0], p=np.array([np.nan, 1.0, 0.0, np.nan])))
    assert seen.judged.tolist() == [False, True, True, False]


def test_a_scale_is_never_zero() -> None:
    """So that what is divided by it is a number."""
    seen = seen_in_order(BATCH, scored([3, 2], scale=0.0))
    assert bool((seen.scale > 0).all())
    assert seen_in_order(BATCH, scored([3, 2])).scale.tolist() == [2.0, 2.0]


def test_nothing_scored_is_nothing_seen() -> None:
    """Empty in, empty out."""
    assert len(seen_in_order(BATCH, scored([]))) == 0


@given(some.permutations(range(6)))
@settings(max_examples=20)
def test_any_order_of_scoring_is_one_order_of_seeing(rows: list[int]) -> None:
    """The order the detector took them in is nothing to what follows."""
    batch = batch_of([2, 1, 2, 1, 3, 3], BEGIN_US + np.array([0, 1, 2, 3, 0, 1]) * STEP_US, np.arange(6.0))
    seen, same = seen_in_order(batch, scored(rows)), seen_in_order(batch, scored(list(range(6))))
    assert seen.value.tolist() == same.value.tolist() == [0, 4, 1, 5, 2, 3]
    assert seen.z.tolist() == same.z.tolist()


def hour(at: datetime, zone: ZoneInfo | None = None) -> int:
    """Return the hour of the week of a time."""
    return int(hours_of_week(np.array([to_us(at)]), zone or UTC)[0])


@pytest.mark.parametrize(
    ("day", "first"),
    [(2, 0), (3, 0), (6, 0), (7, 24), (8, 48), (9, 0)],
    ids=["Monday", "Tuesday", "Friday", "Saturday", "Sunday", "Monday again"],
)
def test_working_days_are_one_day_and_saturday_and_sunday_are_their_own(day: int, first: int) -> None:
    """From midnight to the last minute of the day."""
    assert hour(datetime(2026, 3, day, tzinfo=UTC)) == first
    assert hour(datetime(2026, 3, day, 23, 59, 59, tzinfo=UTC)) == first + 23


def test_the_hour_is_the_citys() -> None:
    """Friday half past eleven at night in London is Saturday in Oslo; and an hour more in summer."""
    friday = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)
    assert (hour(friday), hour(friday, OSLO)) == (23, 24)
    assert hour(datetime(2026, 7, 6, 12, tzinfo=UTC), OSLO) == 14


def test_the_hour_that_comes_twice_is_the_same_hour_twice() -> None:
    """On the Sunday when summer time ends, two in the morning is two in the morning."""
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert [hour(first + timedelta(hours=step), OSLO) - 48 for step in range(3)] == [2, 2, 3]


@given(some.integers(0, 4_102_444_800))
@settings(max_examples=50)
def test_an_hour_of_the_week_is_what_the_calendar_says(second: int) -> None:
    """The plain way: weekday and hour of the local date."""
    local = from_us(second * 1_000_000).astimezone(OSLO)
    plain = max(local.weekday() - 4, 0) * 24 + local.hour
    assert hours_of_week(np.array([second * 1_000_000]), OSLO).tolist() == [plain]


def test_no_times_have_no_hours() -> None:
    """Empty in, empty out."""
    assert hours_of_week(np.zeros(0, dtype=np.int64), OSLO).tolist() == []


def noon(*ids: int) -> Seen:
    """Return readings of these datastreams at a Monday's noon."""
    times = np.full(len(ids), to_us(START) + 12 * HOUR_US, dtype=np.int64)
    return rows_of(np.array(ids, dtype=np.int64), times, np.zeros(len(ids)))


def test_where_nobody_said_anything_every_bar_is_the_usual_one() -> None:
    """One for each reading."""
    assert bars_of(Detector(Config(), line(3)), noon(1, 2, 3)).tolist() == [1.0, 1.0, 1.0]
    assert bars_of(Detector(Config(), line(3)), noon()).tolist() == []


def test_a_verdict_raises_the_bar_of_its_datastream_and_a_plan_that_of_its_zone() -> None:
    """Datastream 1 was judged at noon, 2 stands in the zone of a concert, of 3 nobody said anything."""
    catalogue = line(3)
    streams = dict(catalogue.datastreams) | {
        sensor(2).id: sensor(2, zone=zoned("quay")),
        sensor(3).id: sensor(3, zone=zoned("hill")),
    }
    detector = Detector(Config(), type(catalogue)(version=9, datastreams=streams))
    at_us = to_us(START) + 12 * HOUR_US
    detector.columns.peak[1] = 10.0
    detector.accept(np.array([1]), at_us - HOUR_US, at_us, "benign")
    detector.plan([("quay", at_us - HOUR_US, at_us + HOUR_US)])
    bars = bars_of(detector, noon(1, 2, 3))
    assert bars[0] == pytest.approx(1.2 * 10 / 5)
    assert bars[1:].tolist() == [PLANNED, 1.0]
