"""Where a reading falls in the city's day and week, by hand and against the standard library."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import from_us, to_us
from impetus.tools.urban_anomaly.seasons import BINS, LAST_US, Seasons, offsets_s, seasons

OSLO = ZoneInfo("Europe/Oslo")
ZONES = [OSLO, ZoneInfo("Asia/Kathmandu"), ZoneInfo("America/St_Johns"), ZoneInfo("Australia/Lord_Howe"), UTC]
"""Whole hours, a quarter more, half an hour less, half an hour of daylight saving, and none."""
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)

moments = some.integers(0, to_us(datetime(2100, 1, 1, tzinfo=UTC)))


def placed(*times: datetime, zone: ZoneInfo | None = None) -> Seasons:
    """Return where these times fall."""
    return seasons(np.array([to_us(time) for time in times], dtype=np.int64), zone or UTC)


def one(time: datetime, zone: ZoneInfo | None = None) -> tuple[int, int, float, int, int]:
    """Return before, after, share, now and day of one time."""
    where = placed(time, zone=zone)
    return int(where.before[0]), int(where.after[0]), float(where.share[0]), int(where.now[0]), int(where.day[0])


@pytest.mark.parametrize(
    ("hour", "minute", "expected"),
    [
        (0, 15, (0, 1, 0.0, 0, 1)),
        (0, 0, (47, 0, 0.5, 0, 1)),
        (0, 30, (0, 1, 0.5, 1, 1)),
        (12, 0, (23, 24, 0.5, 24, 1)),
        (12, 24, (24, 25, 0.3, 24, 1)),
        (23, 45, (47, 0, 0.0, 47, 1)),
        (23, 54, (47, 0, 0.3, 47, 1)),
    ],
)
def test_a_time_lies_between_the_middles_of_two_half_hours(
    hour: int, minute: int, expected: tuple[int, int, float, int, int]
) -> None:
    """By hand: half-hours have their middles at a quarter and three quarters, and midnight joins the last to the first."""
    found = one(MONDAY + timedelta(hours=hour, minutes=minute))
    assert found == pytest.approx(expected)


@pytest.mark.parametrize(("day", "kind"), [(2, 1), (6, 1), (7, 2), (8, 2), (9, 1)])
def test_saturday_and_sunday_are_the_week_end(day: int, kind: int) -> None:
    """2 March 2026 is a Monday, the 7th and 8th a week-end."""
    assert one(datetime(2026, 3, day, 12, tzinfo=UTC))[4] == kind


def test_the_week_end_is_the_citys_not_greenwichs() -> None:
    """At 23:30 UTC on a Friday it is Saturday in Oslo."""
    friday_night = datetime(2026, 3, 6, 23, 30, tzinfo=UTC)
    assert (one(friday_night)[4], one(friday_night, OSLO)[4]) == (1, 2)


def test_a_city_keeps_its_breakfast_when_the_clocks_change() -> None:
    """Eight in the morning is the same half-hour on both sides of 29 March, an hour apart in UTC."""
    before, after = datetime(2026, 3, 28, 8, tzinfo=OSLO), datetime(2026, 3, 29, 8, tzinfo=OSLO)
    assert one(before, OSLO)[3] == one(after, OSLO)[3] == 16
    assert (after - before.astimezone(UTC)) == timedelta(hours=23)


def test_the_offset_changes_at_the_very_quarter() -> None:
    """Oslo's clocks go forward at 01:00 UTC on 29 March 2026."""
    change = datetime(2026, 3, 29, 1, tzinfo=UTC)
    times = np.array([to_us(change) - 1, to_us(change)], dtype=np.int64)
    assert offsets_s(times, OSLO).tolist() == [3600, 7200]


def test_no_readings_have_no_offsets() -> None:
    """An empty batch is no special case."""
    assert len(offsets_s(np.zeros(0, dtype=np.int64), OSLO)) == 0
    assert len(placed().before) == 0


@given(some.lists(moments, min_size=1, max_size=8), some.sampled_from(ZONES))
@settings(max_examples=60)
def test_offsets_are_those_of_the_standard_library(times: list[int], zone: ZoneInfo) -> None:
    """Looked up once a quarter of an hour, they are what asking for each time would give."""
    since_1973 = [max(time, to_us(datetime(1973, 1, 1, tzinfo=UTC))) for time in times]
    expected = [int((from_us(time).astimezone(zone).utcoffset() or timedelta()).total_seconds()) for time in since_1973]
    assert offsets_s(np.array(since_1973, dtype=np.int64), zone).tolist() == expected


@given(some.lists(moments, min_size=1, max_size=8), some.sampled_from(ZONES))
@settings(max_examples=60)
def test_every_time_lies_in_the_day(times: list[int], zone: ZoneInfo) -> None:
    """Neighbouring half-hours, a share below one, and a kind of day that exists."""
    where = seasons(np.array(times, dtype=np.int64), zone)
    assert ((where.before >= 0) & (where.before < BINS)).all()
    assert (where.after == (where.before + 1) % BINS).all()
    assert ((where.share >= 0) & (where.share < 1)).all()
    assert ((where.now == where.before) | (where.now == where.after)).all()
    assert set(where.day.tolist()) <= {1, 2}


@given(some.lists(moments, min_size=2, max_size=8), some.sampled_from(ZONES))
@settings(max_examples=40)
def test_a_time_is_placed_alike_in_any_company(times: list[int], zone: ZoneInfo) -> None:
    """What else is in the batch, and in which order, does not matter."""
    together = seasons(np.array(times, dtype=np.int64), zone)
    for place, time in enumerate(times):
        alone = seasons(np.array([time], dtype=np.int64), zone)
        taken = together.take(np.array([place]))
        assert (taken.before[0], taken.share[0], taken.day[0]) == (alone.before[0], alone.share[0], alone.day[0])


@pytest.mark.parametrize("zone", ZONES)
def test_the_last_time_that_is_taken_can_still_be_placed(zone: ZoneInfo) -> None:
    """A year to spare keeps every zone within the calendar."""
    assert seasons(np.array([0, LAST_US], dtype=np.int64), zone).now.shape == (2,)
