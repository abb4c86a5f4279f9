"""Expectation, rarity and learning on one datastream, each number worked out by hand."""

from dataclasses import fields
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.tools.urban_anomaly.columns import DAYS, LEVELS, POINTS, TYPES, Columns, fresh_columns, grown
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.score import BIGGEST_Z, NORMAL, Readings, expect, rarity, update
from impetus.tools.urban_anomaly.seasons import BINS, Seasons

BEFORE, AFTER, WORKING = 20, 21, 1
HOUR_S = 3600.0
ID = 1


def known(**values: float) -> Columns:
    """Return the columns of one datastream that was seen ten times, with these values in them."""
    columns = fresh_columns(2)
    columns.seen[ID] = 9.0
    for name, value in values.items():
        getattr(columns, name)[ID] = value
    return columns


def knots(columns: Columns, *, visits: float, before: float, after: float) -> Columns:
    """Give all days' profile these values at the two half-hours, visited so often."""
    columns.profile[[BEFORE, AFTER], ID] = before, after
    columns.visits[[BEFORE, AFTER], ID] = visits
    return columns


def reading(value: float, *, share: float = 0.0, passed_s: float = HOUR_S, learnt: bool = True) -> Readings:
    """Return one reading on a working day at `share` between the half-hours 20 and 21."""
    where = Seasons(
        before=np.array([BEFORE]),
        after=np.array([AFTER]),
        share=np.array([share]),
        now=np.array([BEFORE]),
        day=np.array([WORKING]),
    )
    return Readings(
        ids=np.array([ID]),
        time_us=np.array([10**15]),
        values=np.array([value]),
        passed_s=np.array([passed_s]),
        where=where,
        learnt=np.array([learnt]),
    )


def expected(columns: Columns, value: float = 0.0, *, share: float = 0.0) -> float:
    """Return what was expected of a reading."""
    return float(expect(columns, reading(value, share=share)).expected[0])


def scale(columns: Columns, value: float = 0.0) -> float:
    """Return the usual size of surprises at a reading."""
    return float(expect(columns, reading(value)).scale[0])


def test_a_datastream_nobody_has_seen_is_expected_to_say_what_it_says() -> None:
    """The first reading is no surprise: there was nothing to compare it with."""
    expectation = expect(fresh_columns(2), reading(417.0))
    assert (expectation.expected[0], expectation.surprise[0], expectation.z[0]) == (417.0, 0.0, 0.0)


def test_without_a_profile_the_last_hour_stands_in() -> None:
    """No half-hour was ever visited: what was read lately is all there is."""
    assert expected(known(recent=40.0)) == 40.0


def test_a_profile_leans_on_the_last_hour_until_it_was_visited() -> None:
    """Visited one and a half times at 20, the last hour at 4: (1.5 x 20 + 0.5 x 4) / 2 = 16."""
    assert expected(knots(known(recent=4.0), visits=1.5, before=20.0, after=0.0)) == 16.0


def test_this_kind_of_day_leans_on_all_days() -> None:
    """Working days visited one and a half times at 32, all days at 16: (1.5 x 32 + 0.5 x 16) / 2 = 28."""
    columns = knots(known(recent=4.0), visits=1.5, before=20.0, after=0.0)
    columns.profile[WORKING * BINS + BEFORE, ID] = 32.0
    columns.visits[WORKING * BINS + BEFORE, ID] = 1.5
    assert expected(columns) == 28.0


@pytest.mark.parametrize(("share", "value"), [(0.0, 10.0), (0.25, 15.0), (0.5, 20.0), (1.0, 30.0)])
def test_between_two_half_hours_the_profile_is_a_straight_line(share: float, value: float) -> None:
    """From 10 at the middle of one to 30 at the middle of the next."""
    columns = knots(known(), visits=1e9, before=10.0, after=30.0)
    assert expected(columns, share=share) == pytest.approx(value)


def test_the_level_of_the_last_hours_is_added() -> None:
    """A day that runs 7 above its profile is expected to go on so."""
    assert expected(knots(known(level=7.0), visits=1e9, before=10.0, after=10.0)) == pytest.approx(17.0)


def test_the_scale_of_a_half_hour_leans_on_the_overall_one() -> None:
    """Two visits at 3, overall 1: (2 x 3 + 2 x 1) / 4 = 2 mean absolute, times 1.2533."""
    columns = known(scale=1.0)
    columns.scale_visits[BEFORE, ID], columns.scale_bin[BEFORE, ID] = 2.0, 3.0
    assert scale(columns) == pytest.approx(2 * NORMAL)


def test_a_sensor_is_never_steadier_than_a_share_of_its_spread() -> None:
    """A twentieth of a spread of 100 is 5, however quiet it has been."""
    assert scale(known(scale=0.001, spread=100.0)) == pytest.approx(5.0)


def test_float_noise_on_a_large_number_is_no_surprise() -> None:
    """A millionth of a billion is a thousand."""
    assert scale(known(recent=1e9)) == pytest.approx(1000.0)


@pytest.mark.parametrize(
    ("value", "z"), [(100.0, 0.0), (103.0, 3.0), (95.0, -5.0), (1e6, BIGGEST_Z), (-1e6, -BIGGEST_Z)]
)
def test_z_is_the_surprise_in_scales_and_stops_at_a_hundred(value: float, z: float) -> None:
    """Expected 100, scale 1: beyond a hundred the number says nothing more."""
    expectation = expect(known(recent=100.0, scale=1 / NORMAL), reading(value))
    assert expectation.z[0] == pytest.approx(z)


def counted(sizes: dict[int, float], *, days: float, readings: float, run: dict[int, float] | None = None) -> Columns:
    """Return a past in which each size of surprise came so often."""
    columns = known(days=days, readings=readings)
    for level, count in sizes.items():
        columns.sizes[level, ID] = count
    for level, count in (run or {}).items():
        columns.run_sizes[level, ID] = count
    return columns


def rare(columns: Columns, size: float, *, continued: bool = False) -> tuple[float, float]:
    """Return how often a day, and one in how many."""
    per_day, one_in = rarity(columns, np.array([ID]), np.array([size]), np.array([continued]))
    return float(per_day[0]), float(one_in[0])


@pytest.mark.parametrize(
    ("size", "per_day", "one_in"), [(5.0, 1.0, 25.0), (7.9, 0.5, 50.0), (8.0, 0.5, 50.0), (60.0, 0.25, 100.0)]
)
def test_rarity_is_counted_from_the_past(size: float, per_day: float, one_in: float) -> None:
    """Two of size 5 (level 11) and one of size 8 (level 15) in three days of 99 readings.

    At 5: (3 + 1) / (3 + 1) a day and 100 / 4; from 7.5 on: (1 + 1) / 4 and 100 / 2; beyond all: 1 / 4 and 100.
    """
    columns = counted({11: 2.0, 14: 0.0, 15: 1.0}, days=3.0, readings=99.0)
    assert rare(columns, size) == pytest.approx((per_day, one_in))


def test_with_no_past_nothing_is_rare() -> None:
    """One in one: never rarer than the readings that were seen, plus the one that asks."""
    assert rare(fresh_columns(2), 50.0) == (1.0, 1.0)


def test_the_run_that_is_judged_does_not_count_against_itself() -> None:
    """Two readings of this run are in the counts: taken out, (1 + 1) / (1 + 1) = 1 a day instead of (3 + 1) / 2."""
    columns = counted({11: 3.0}, days=1.0, readings=99.0, run={11: 2.0})
    assert rare(columns, 5.0, continued=True) == pytest.approx((1.0, 49.0))
    assert rare(columns, 5.0, continued=False) == pytest.approx((2.0, 25.0))


def test_a_run_cannot_take_more_out_than_was_counted() -> None:
    """When old counts were halved meanwhile, the rest stays at nothing and not below."""
    columns = counted({11: 1.0}, days=1.0, readings=1.0, run={11: 2.0})
    assert rare(columns, 5.0, continued=True) == pytest.approx((0.5, 1.0))


@given(some.lists(some.integers(0, 50), min_size=LEVELS, max_size=LEVELS), some.floats(1, 100), some.floats(1, 100))
@settings(max_examples=60)
def test_further_out_is_never_more_common(sizes: list[int], one: float, other: float) -> None:
    """Whatever the past: a larger surprise came no more often, and is one in no fewer readings."""
    columns = counted(dict(enumerate(map(float, sizes))), days=10.0, readings=float(sum(sizes)))
    (near_per_day, near_in), (far_per_day, far_in) = (rare(columns, size) for size in sorted((one, other)))
    assert far_per_day <= near_per_day
    assert 1.0 <= near_in <= far_in <= sum(sizes) + 1


def taught(columns: Columns, value: float, *, config: Config | None = None, **more: Any) -> Columns:
    """Let one reading be expected, then taken in."""
    given_reading = reading(value, **more)
    update(columns, config or Config(), given_reading, expect(columns, given_reading))
    return columns


def test_a_reading_moves_the_last_hour_half_way_in_an_hour() -> None:
    """From 100 towards 102: 3,600 / (3,600 + 3,600) of two."""
    assert taught(known(recent=100.0, scale=1.0), 102.0).recent[ID] == pytest.approx(101.0)


def test_what_is_far_out_moves_the_expectation_only_by_three_scales() -> None:
    """1,000 above with a scale of 1 counts as 3 above: half of it goes into the last hour."""
    assert taught(known(recent=100.0, scale=1 / NORMAL), 1100.0).recent[ID] == pytest.approx(101.5)


def test_in_its_first_day_a_datastream_is_believed() -> None:
    """While it is learnt nothing is far out: there is no scale yet to say so."""
    columns = taught(known(recent=100.0, scale=1 / NORMAL), 1100.0, learnt=False)
    assert columns.recent[ID] == pytest.approx(600.0)


def test_the_level_follows_at_its_own_pace() -> None:
    """With `level_s` of an hour, an hour moves it half way to what was left over: 2 / 2."""
    columns = knots(known(scale=1.0), visits=1e9, before=100.0, after=100.0)
    assert taught(columns, 102.0, config=Config(level_s=HOUR_S)).level[ID] == pytest.approx(1.0)


def test_a_half_hour_takes_its_first_value_from_its_first_visit() -> None:
    """A mean at first: 417 read in a half-hour nobody had visited is its profile, on all days and on working days."""
    columns = taught(fresh_columns(2), 417.0, learnt=False)
    assert columns.profile[BEFORE, ID] == columns.profile[WORKING * BINS + BEFORE, ID] == 417.0
    assert columns.visits[BEFORE, ID] == 1.0


def test_a_visit_is_shared_between_two_half_hours() -> None:
    """A quarter of the way to the next: three quarters of the visit stay."""
    columns = taught(fresh_columns(2), 417.0, share=0.25, learnt=False)
    assert columns.visits[[BEFORE, AFTER], ID].tolist() == [0.75, 0.25]


def test_a_reading_a_minute_is_a_thirtieth_of_a_visit() -> None:
    """However often a sensor speaks, a half-hour is visited once a day."""
    columns = taught(fresh_columns(2), 417.0, passed_s=60.0, learnt=False)
    assert columns.visits[BEFORE, ID] == pytest.approx(60 / 1800)


def test_visits_stop_counting_at_the_memory_so_that_the_profile_follows_spring() -> None:
    """At ten visits of ten, a further one moves the profile by an eleventh of the surprise and is not counted."""
    columns = taught(knots(known(scale=100.0), visits=10.0, before=100.0, after=100.0), 111.0)
    assert columns.visits[BEFORE, ID] == 10.0
    assert columns.profile[BEFORE, ID] == pytest.approx(101.0)


def test_a_surprise_is_counted_by_its_size() -> None:
    """Four scales out is level ten: 5 x log2(4)."""
    columns = taught(known(recent=100.0, scale=1 / NORMAL), 104.01)
    assert np.flatnonzero(columns.sizes[:, ID]).tolist() == [10]
    assert (columns.readings[ID], columns.run_sizes[:, ID].sum()) == (1.0, 0.0)


def test_no_surprise_is_a_reading_and_no_size() -> None:
    """Below one scale it is what it usually is."""
    columns = taught(known(recent=100.0, scale=1 / NORMAL), 100.5)
    assert (columns.sizes[:, ID].sum(), columns.readings[ID]) == (0.0, 1.0)


@pytest.mark.parametrize(("active", "learnt"), [(1, True), (-1, True), (0, False)])
def test_events_and_the_first_day_are_not_counted(active: int, *, learnt: bool) -> None:
    """What comes within a running event is that event; what comes before a scale is known has no size."""
    columns = taught(known(recent=100.0, scale=1 / NORMAL, active=active), 110.0, learnt=learnt)
    assert (columns.sizes[:, ID].sum(), columns.readings[ID], columns.days[ID]) == (0.0, 0.0, 0.0)


def test_a_reading_of_a_run_is_kept_apart_as_well() -> None:
    """So that it can be taken out of the past when the run itself is judged."""
    columns = taught(known(recent=100.0, scale=1 / NORMAL, run=2), 104.01)
    assert columns.run_sizes[10, ID] == columns.sizes[10, ID] == 1.0


@pytest.mark.parametrize(("passed_s", "days"), [(3600.0, 1 / 24), (60.0, 1 / 1440), (86_400.0, 1 / 24)])
def test_days_are_counted_only_while_the_sensor_speaks(passed_s: float, days: float) -> None:
    """A silence counts as an hour at most: nobody saw what did not happen in it."""
    assert taught(known(scale=1.0), 0.0, passed_s=passed_s).days[ID] == pytest.approx(days)


def test_counts_are_halved_after_sixty_days() -> None:
    """Old surprises fade, at an unchanged rate a day."""
    columns = taught(counted({11: 40.0}, days=60.0, readings=999.0), 0.0)
    assert (columns.sizes[11, ID], columns.readings[ID]) == (20.0, 500.0)
    assert columns.days[ID] == pytest.approx((60 + 1 / 24) / 2)


def test_one_datastream_leaves_the_others_alone() -> None:
    """Learning writes one column of each table and no other."""
    columns = fresh_columns(3)
    before = {item.name: getattr(columns, item.name)[..., [0, 2]].copy() for item in fields(Columns)}
    taught(columns, 417.0)
    for name, column in before.items():
        np.testing.assert_array_equal(getattr(columns, name)[..., [0, 2]], column)


def test_the_plot_keeps_the_newest_reading_and_one_every_three_cadences() -> None:
    """At a cadence of a minute a point begins at 0 and at 3 minutes; each is the newest reading until the next begins."""
    columns = known(scale=1.0, cadence_s=60.0)
    for minute in range(5):
        given_reading = reading(float(minute))
        given_reading.time_us[:] = 10**15 + minute * 60_000_000
        update(columns, Config(), given_reading, expect(columns, given_reading))
    kept = columns.ring_time[:, ID] >= 0
    assert columns.ring_value[kept, ID].tolist() == [2.0, 4.0]
    assert columns.ring_value[columns.ring_at[ID], ID] == 4.0


def test_fresh_columns_know_nothing() -> None:
    """Never seen, never spoken, no value: each column in the type and shape that is stated."""
    columns = fresh_columns(3)
    for item in fields(Columns):
        kind, width = TYPES.get(item.name, (np.float64, 0))
        column = getattr(columns, item.name)
        assert (column.dtype, column.shape) == (kind, (width, 3) if width else (3,)), item.name
    assert np.isnan(columns.last_value).all()
    assert (columns.last_us == -1).all()
    assert columns.profile.shape == (DAYS * BINS, 3)
    assert columns.ring_time.shape == (POINTS, 3)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_columns_never_shrink(count: int) -> None:
    """A smaller catalogue withdraws datastreams; what was learnt of them stays."""
    columns = fresh_columns(2)
    assert grown(columns, count) is columns


def test_grown_columns_hold_the_old_ones_in_front() -> None:
    """Three more know nothing; the first two are as they were."""
    columns = taught(fresh_columns(2), 417.0)
    larger = grown(columns, 5)
    for item in fields(Columns):
        np.testing.assert_array_equal(getattr(larger, item.name)[..., :2], getattr(columns, item.name))
        np.testing.assert_array_equal(getattr(larger, item.name)[..., 2:], getattr(fresh_columns(3), item.name))
