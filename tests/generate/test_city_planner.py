"""How a made-up city's happenings are drawn: times, things and numbers by hand, and what holds for any seed."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import US_PER_S, from_us, to_us
from impetus.generate import city_truth
from impetus.generate.city_days import free_days
from impetus.generate.city_plan import MODELS, SORTS, THINGS_PER_ZONE, City, plan_city
from impetus.generate.city_truth import (
    BREAK_SD,
    CLOCK_H,
    FAULT_PER_MILLION,
    FAULTS,
    HOUR_US,
    LEAST,
    PER_MILLION,
    REST_US,
    SIZES_SD,
    UNIT_FACTORS,
    Planner,
    Truth,
    plan_truth,
)

CITY = plan_city(seed=11, streams=300)


def planner(*, weeks: int = 6, seed: int = 0, city: City = CITY) -> Planner:
    """Return a planner to which nothing has happened."""
    return Planner(city=city, weeks=weeks, rng=np.random.default_rng(seed))


def day_us(year: int, month: int, day: int) -> int:
    """Return the first microsecond of a day, UTC."""
    return to_us(datetime(year, month, day, tzinfo=UTC))


@pytest.mark.parametrize(
    ("weeks", "begin"), [(3, (2026, 4, 6)), (4, (2026, 3, 30)), (6, (2026, 3, 16)), (52, (2025, 4, 28))]
)
def test_happenings_begin_two_weeks_in_and_end_with_the_city(weeks: int, begin: tuple[int, int, int]) -> None:
    """The city ends with 12 April 2026, whatever its length."""
    assert planner(weeks=weeks).begin_us == day_us(*begin)
    assert planner(weeks=weeks).end_us == day_us(2026, 4, 13)


@pytest.mark.parametrize(
    ("streams", "weeks", "per_million", "wanted"),
    [
        (10_000, 6, PER_MILLION["local"], 60),
        (10_000, 6, FAULT_PER_MILLION, 20),
        (50, 3, 215.0, LEAST),
        (300, 3, 0.0, 3),
    ],
)
def test_how_many_happen_goes_with_stream_days(streams: int, weeks: int, per_million: float, wanted: int) -> None:
    """10,000 datastreams over four weeks are 280,000 stream-days: 215 in a million are 60; small cities have three."""
    assert planner(weeks=weeks, city=plan_city(seed=0, streams=streams)).many(per_million, LEAST) == wanted


@pytest.mark.parametrize(
    ("start", "end", "is_free"),
    [
        (0, 10, False),
        (REST_US + 21, REST_US + 30, True),
        (REST_US + 20, REST_US + 30, False),
        (-REST_US - 20, -REST_US + 10, False),
        (-REST_US - 20, -REST_US + 9, True),
        (12, 13, False),
        (-5 * REST_US, 5 * REST_US, False),
    ],
)
def test_a_thing_rests_more_than_a_day_before_and_after(start: int, end: int, *, is_free: bool) -> None:
    """Taken from 10 to 20: what overlaps, holds it, lies within it, or comes within a day is refused."""
    plan = planner()
    plan.take([3, 4], 10, 20)
    assert plan.free([4], start, end) == is_free
    assert plan.free([2, 3], start, end) == is_free
    assert plan.free([5], start, end)


def test_nothing_asked_for_is_always_free() -> None:
    """No things, no trouble; a thing taken twice is judged by both."""
    plan = planner()
    plan.take([1], 0, 10)
    plan.take([1], 10 * REST_US, 11 * REST_US)
    assert plan.free([], 0, 10)
    assert plan.free([1], 2 * REST_US, 3 * REST_US)
    assert not plan.free([1], 2 * REST_US, 9 * REST_US)


@given(length_h=some.integers(0, 24 * 40), pace=some.sampled_from([300, 600, 900, 3600]), seed=some.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_a_beginning_is_on_the_beat_and_leaves_time_to_end(length_h: int, pace: int, seed: int) -> None:
    """Six hours before the city's end it is over; what is longer than the city begins at once."""
    plan = planner(seed=seed)
    start = plan.moment(length_h * HOUR_US, pace)
    assert start % (pace * US_PER_S) == 0
    assert start >= plan.begin_us
    room = plan.end_us - 6 * HOUR_US - plan.begin_us
    if length_h * HOUR_US < room - pace * US_PER_S:
        assert start + length_h * HOUR_US <= plan.end_us - 6 * HOUR_US
    else:
        assert start == plan.begin_us


def test_by_day_is_between_seven_and_six_in_the_evening() -> None:
    """So that something can go down as well as up, and it ends on the day it began."""
    plan = planner()
    starts = [city_truth._by_day(plan, 4 * HOUR_US) for _ in range(60)]
    assert all(start >= plan.begin_us for start in starts)
    hours = [(start - plan.begin_us) % REST_US / HOUR_US for start in starts]
    assert all(7 <= hour < 18 for hour in hours)
    assert max(starts) + 4 * HOUR_US < plan.end_us


@pytest.mark.parametrize("model", [model.name for model in MODELS])
def test_a_thing_is_of_the_model_asked_for_and_comes_whole(model: str) -> None:
    """All of its datastreams, of one thing and one model."""
    rows = planner().thing(model=model)
    number = [each.name for each in MODELS].index(model)
    assert set(CITY.model[rows].tolist()) == {number}
    assert len(set(CITY.thing[rows].tolist())) == 1
    assert len(rows) == len(MODELS[number].sorts)


def test_a_thing_of_two_datastreams_is_never_one_of_one() -> None:
    """Forty draws, two rows each."""
    plan = planner()
    assert {len(plan.thing(streams=2)) for _ in range(40)} == {2}


def test_the_nearest_things_are_itself_and_then_by_distance() -> None:
    """Roads and squares only; a plain search over all of them agrees."""
    plan = planner()
    row = int(np.flatnonzero(CITY.model == 0)[5])
    near = city_truth._nearest(plan, np.array([row]), 7)
    first = {int(thing): int(np.flatnonzero(CITY.thing == thing)[0]) for thing in np.unique(CITY.thing)}
    far = sorted(
        (((CITY.lon[at] - CITY.lon[row]) * 0.5) ** 2 + (CITY.lat[at] - CITY.lat[row]) ** 2, thing)
        for thing, at in first.items()
        if CITY.model[at] in (0, 1)
    )
    assert near[0] == int(CITY.thing[row])
    assert near == [thing for _, thing in far[:7]]


def test_the_calendar_of_six_weeks_by_hand() -> None:
    """Four days of Easter, and the Sunday on which the clocks change: whole local days, one of 23 hours."""
    told = city_truth._calendar(planner())
    zone = ZoneInfo("Europe/Oslo")
    days = {(truth.kind, from_us(truth.start_us).astimezone(zone).date()) for truth in told}
    easter = {date(2026, 4, day) for day in (2, 3, 5, 6)}
    assert {day for kind, day in days if kind == "holiday"} == easter <= free_days()
    [clocks] = [truth for truth in told if truth.kind == "dst"]
    assert from_us(clocks.start_us) == datetime(2026, 3, 28, 23, tzinfo=UTC)
    assert clocks.end_us - clocks.start_us == 23 * HOUR_US
    assert {truth.category for truth in told} == {"expected"}
    assert not any(truth.rows for truth in told)


def test_three_weeks_hold_only_the_monday_of_easter() -> None:
    """The clocks changed while things were learnt."""
    told = city_truth._calendar(planner(weeks=3))
    assert [(truth.kind, from_us(truth.start_us)) for truth in told] == [
        ("holiday", datetime(2026, 4, 5, 22, tzinfo=UTC))
    ]


def test_matches_are_evenings_at_one_place_half_of_them_announced() -> None:
    """From 17 to 23 local time, also after the change of clocks, and its name bears a zone."""
    matches = city_truth._matches(planner())
    zone = ZoneInfo("Europe/Oslo")
    assert {from_us(match.start_us).astimezone(zone).hour for match in matches} == {17}
    assert {match.end_us - match.start_us for match in matches} == {6 * HOUR_US}
    assert len({match.rows for match in matches}) == 1
    classes = Counter(match.category for match in matches)
    assert classes["event"] == classes["expected"] >= 1
    assert {match.name for match in matches} == {matches[0].name}


def happenings(seed: int, streams: int, weeks: int) -> tuple[City, list[Truth]]:
    """Return a city and everything that happens in it."""
    city = plan_city(seed=seed, streams=streams)
    return city, plan_truth(city, weeks)


@given(seed=some.integers(0, 2**31 - 1), streams=some.integers(50, 200), weeks=some.integers(3, 8))
@settings(max_examples=6, deadline=None)
def test_any_citys_happenings_are_in_order_numbered_and_within_it(seed: int, streams: int, weeks: int) -> None:
    """Each begins, is large and ends in turn; datastreams exist; numbers are given once."""
    city, truths = happenings(seed, streams, weeks)
    assert sorted(truth.number for truth in truths) == list(range(1, len(truths) + 1))
    assert [truth.start_us for truth in truths] == sorted(truth.start_us for truth in truths)
    end_us = planner(weeks=weeks).end_us
    for truth in truths:
        assert truth.start_us <= truth.onset_us < truth.end_us
        assert truth.end_us <= end_us
        assert truth.rows == tuple(sorted(set(truth.rows)))
        assert all(0 <= row < len(city) for row in truth.rows)
        assert truth.category in {"event", "fault", "expected"}


@pytest.mark.parametrize("seed", [0, 19, 34, 43, 122])
def test_also_in_the_smallest_city_no_thing_has_two_happenings_at_a_time(seed: int) -> None:
    """Fifty datastreams and one week for thirty happenings: what finds no place is left out, also in cities with little room."""
    city, truths = happenings(seed, 50, 3)
    spans: dict[int, list[tuple[int, int]]] = {}
    for truth in truths:
        for thing in {int(city.thing[row]) for row in truth.rows}:
            spans.setdefault(thing, []).append((truth.start_us, truth.end_us))
    for each in spans.values():
        each.sort()
        assert all(before[1] <= after[0] for before, after in pairwise(each))


def test_a_fault_is_at_one_instrument_unless_its_clock_or_link_is_wrong() -> None:
    """Clock and link belong to the thing; each kind's amount is of its list."""
    city, truths = happenings(7, 400, 8)
    faults = [truth for truth in truths if truth.category == "fault"]
    assert {truth.kind for truth in faults} == set(FAULTS)
    for truth in faults:
        whole = np.flatnonzero(city.thing == city.thing[truth.rows[0]]).tolist()
        assert list(truth.rows) == whole if truth.kind in {"clock", "missing"} else len(truth.rows) == 1
        allowed = {"unit": UNIT_FACTORS, "clock": CLOCK_H}.get(truth.kind)
        assert allowed is None or truth.amount in allowed
        assert truth.kind != "spike" or 20.0 <= truth.amount <= 40.0
        assert truth.kind not in {"stuck", "dropout", "missing"} or truth.amount == 0.0


def test_an_event_says_its_size_and_who_is_pushed_which_way() -> None:
    """Of the sizes in the list; one sign a datastream, and parting datastreams are two of one thing."""
    city, truths = happenings(8, 400, 8)
    for truth in (one for one in truths if one.category == "event"):
        assert len(truth.signs) == len(truth.rows) > 0
        assert set(truth.signs) <= {-1.0, 1.0}
        assert truth.sd == BREAK_SD if truth.kind == "correlation_break" else truth.sd in SIZES_SD
        things = {int(city.thing[row]) for row in truth.rows}
        assert truth.kind not in {"local", "gradual", "correlation_break"} or len(things) == 1
        assert truth.kind != "local" or len(truth.rows) == 1
        assert truth.kind != "regional" or 6 <= len(things) <= 14


def test_only_what_is_slow_has_an_onset_of_its_own() -> None:
    """Everything else is as large as it gets from its beginning; a match is after half an hour."""
    _, truths = happenings(9, 200, 8)
    for truth in truths:
        late = truth.onset_us - truth.start_us
        if truth.kind in {"gradual", "drift"}:
            size = truth.sd or truth.amount
            assert late == pytest.approx((truth.end_us - truth.start_us) * 3.0 / size, abs=US_PER_S)
        else:
            assert late == (HOUR_US // 2 if truth.kind == "football_match" else 0)


@given(seed=some.integers(0, 2**31 - 1), streams=some.integers(50, 600))
@settings(max_examples=10, deadline=None)
def test_any_city_has_its_streams_its_sorts_and_finite_places(seed: int, streams: int) -> None:
    """What a datastream measures is what its thing's model measures, at that model's pace."""
    city = plan_city(seed=seed, streams=streams)
    assert len(city) == streams
    assert sorted(row for pace in city.paces() for row in city.at_cadence(pace).tolist()) == list(range(streams))
    for model, sort, pace in zip(city.model.tolist(), city.sort.tolist(), city.cadence_s.tolist(), strict=True):
        assert SORTS[sort] in MODELS[model].sorts
        assert pace == MODELS[model].cadence_s
    assert np.isfinite([city.lon, city.lat, city.level, city.lag_h, city.calm]).all()
    assert (city.level > 0).all()
    assert len(set(city.zone.tolist())) <= max(4, -(-int(city.thing.max() + 1) // THINGS_PER_ZONE))


def test_no_thing_measures_one_thing_twice_and_only_the_last_may_be_cut() -> None:
    """An odd number of datastreams may leave the last thing with the first of its two."""
    for streams in range(50, 60):
        city = plan_city(seed=1, streams=streams)
        pairs = list(zip(city.thing.tolist(), city.sort.tolist(), strict=True))
        assert len(set(pairs)) == streams
        for thing in range(int(city.thing.max())):
            rows = np.flatnonzero(city.thing == thing)
            assert len(rows) == len(MODELS[int(city.model[rows[0]])].sorts)


def test_levels_of_a_scale_are_not_stretched() -> None:
    """Decibels and degrees have a level of one at every thing; a count has one of its own."""
    sorts = np.array([sort.name for sort in SORTS])[CITY.sort]
    assert set(CITY.level[np.isin(sorts, ["sound_level", "air_temperature"])].tolist()) == {1.0}
    flow = CITY.level[sorts == "traffic_flow"]
    assert len(set(flow.tolist())) == len(flow)
    assert float(np.median(flow)) == pytest.approx(60.0, rel=0.25)


def test_a_week_is_seven_days_of_every_stream() -> None:
    """The planner's week, the city's first day and the warm-up agree."""
    plan = planner(weeks=5)
    assert timedelta(microseconds=plan.end_us - plan.begin_us) == timedelta(weeks=3)
    assert plan.many(1e6 / (len(CITY) * 21), 0) == 1
