"""How days of a made-up city are made and bent: local time, memory, envelopes and edges by hand."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import US_PER_S
from impetus.generate import city_days
from impetus.generate.city_bend import LOST_SHARE, SPIKES, Bender, envelope, spikes_at
from impetus.generate.city_days import PARTS, Day, Weather, day_of, first_day
from impetus.generate.city_files import day_table
from impetus.generate.city_plan import SORTS, plan_city
from impetus.generate.city_truth import FAULTS, HOUR_US, REST_US, Truth

CITY = plan_city(seed=21, streams=120)
DAY = date(2026, 3, 18)
DAY_US = int(day_of(CITY, Weather(city=CITY), DAY, 3600).time_us[0])
BEAT = 12
"""Readings an hour, of datastreams with a pace of five minutes."""


def made(pace: int = 300, day: date = DAY) -> Day:
    """Return a day as nothing bent it."""
    return day_of(CITY, Weather(city=CITY), day, pace)


def bent(*truths: Truth, pace: int = 300, day: date = DAY) -> tuple[Day, np.ndarray, np.ndarray]:
    """Return a day as these happenings bend it, how late it is stamped, and what arrives."""
    one = made(pace, day)
    late_s, arrives = Bender(city=CITY, truths=list(truths)).bend(one)
    return one, late_s, arrives


def truth(kind: str = "local", category: str = "event", **other: object) -> Truth:
    """Return a happening at the first datastream from nine to twelve, with something else about it."""
    start = DAY_US + 9 * HOUR_US
    plain = Truth(
        number=1,
        category=category,
        kind=kind,
        start_us=start,
        onset_us=start,
        end_us=start + 3 * HOUR_US,
        sd=5.0,
        rows=(0,),
        signs=(1.0,),
        amount=8.0,
    )
    return replace(plain, **other)  # type: ignore[arg-type]  # the test names what it changes


@pytest.mark.parametrize(
    ("day", "moment_h", "hour", "kind"),
    [
        (date(2026, 3, 18), 0, 1.0, 0),
        (date(2026, 3, 18), 23.5, 0.5, 0),
        (date(2026, 3, 20), 22.5, 23.5, 0),
        (date(2026, 3, 20), 23, 0.0, 1),
        (date(2026, 3, 28), 23, 0.0, 2),
        (date(2026, 3, 29), 0.75, 1.75, 2),
        (date(2026, 3, 29), 1, 3.0, 2),
        (date(2026, 4, 2), 22, 0.0, 2),
        (date(2026, 4, 6), 21.75, 23.75, 2),
        (date(2026, 4, 6), 22, 0.0, 0),
        (date(2025, 12, 25), 12, 13.0, 2),
    ],
)
def test_the_hour_and_the_kind_of_day_are_local(day: date, moment_h: float, hour: float, kind: int) -> None:
    """Midnight is at 23 UTC in winter and 22 in summer; two o'clock is skipped when clocks change."""
    begin = int(made(3600, day).time_us[0])
    hours, kinds = city_days._calendar(np.array([begin + int(moment_h * HOUR_US)]))
    assert (float(hours[0]), int(kinds[0])) == (hour, kind)


def test_every_pace_has_its_moments_of_a_utc_day() -> None:
    """From midnight on, as many as fit, each datastream in one of the paces."""
    rows = []
    for pace in CITY.paces():
        day = made(pace)
        assert len(day.time_us) == 86_400 // pace
        assert int(day.time_us[0]) == DAY_US
        assert day.value.shape == day.normal.shape == day.sd.shape == (len(day.rows), len(day.time_us))
        rows += day.rows.tolist()
    assert sorted(rows) == list(range(len(CITY)))


def test_a_day_follows_from_seed_and_days_before_it_alone() -> None:
    """Made again it is the same; what comes after changes nothing of it."""
    weather = Weather(city=CITY)
    first, _ = (day_of(CITY, weather, DAY + timedelta(days=offset), 900) for offset in (0, 1))
    assert np.array_equal(first.value, made(900).value)


@pytest.mark.parametrize("name", [name for name in PARTS if name != "white"])
def test_a_part_of_chance_has_unit_spread_and_the_memory_it_says(name: str) -> None:
    """At a pace of five minutes the next value is like the last as exp(-300 / memory)."""
    weather, rng = Weather(city=CITY), np.random.default_rng(5)
    one = np.concatenate([weather.part(name, 300, rng, (60, 288)) for _ in range(4)], axis=1)
    assert float(one.std()) == pytest.approx(1.0, abs=0.1)
    alike = float(np.mean(one[:, :-1] * one[:, 1:])) / float(np.mean(one**2))
    assert alike == pytest.approx(np.exp(-300 / PARTS[name][1]), abs=0.02)


def test_chance_is_never_without_spread_and_less_at_night() -> None:
    """The quietest hour has a share of a busy one's, above nought."""
    day = made()
    assert (day.sd > 0).all()
    road = CITY.model[day.rows] == 0
    assert day.sd[road][:, 2 * BEAT : 3 * BEAT].mean() < 0.5 * day.sd[road][:, 6 * BEAT : 8 * BEAT].mean()


@given(
    kind=some.sampled_from(["local", "regional", "gradual", "football_match", "drift", "correlation_break"]),
    length_min=some.integers(30, 3_000),
    share=some.floats(0, 1, exclude_max=True),
)
@settings(max_examples=50, deadline=None)
def test_an_envelope_is_a_share(kind: str, length_min: int, share: float) -> None:
    """Between nothing and all, at any moment of anything."""
    one = truth(kind, end_us=DAY_US + 9 * HOUR_US + length_min * 60 * US_PER_S)
    at = one.start_us + int(share * (one.end_us - one.start_us))
    [told] = envelope(one, np.array([at])).tolist()
    assert 0.0 <= told <= 1.0
    assert kind not in {"local", "regional", "correlation_break"} or told == 1.0


def test_what_grows_never_shrinks_before_its_end() -> None:
    """A slow event and a drift are ramps."""
    for kind in ("gradual", "drift"):
        one = truth(kind)
        share = envelope(one, np.arange(one.start_us, one.end_us, 300 * US_PER_S))
        assert (np.diff(share) >= 0).all()


@given(start_min=some.integers(0, 1_439), hours=some.integers(3, 60), pace=some.sampled_from([300, 600, 900]))
@settings(max_examples=40, deadline=None)
def test_wild_readings_are_three_in_all_however_many_days_they_span(start_min: int, hours: int, pace: int) -> None:
    """Each moment is wild on one day only, also at midnight and between two readings."""
    start = DAY_US + start_min * 60 * US_PER_S
    one = truth("spike", "fault", start_us=start, end_us=start + hours * HOUR_US)
    moments = np.arange(0, 86_400, pace, dtype=np.int64) * US_PER_S
    wild = [spikes_at(one, DAY_US + offset * REST_US + moments) for offset in range(-1, 5)]
    assert sum(len(each) for each in wild) == SPIKES
    assert not len(wild[0])


def test_a_happening_of_another_day_changes_nothing() -> None:
    """Neither the day before it nor the day after."""
    plain, _, _ = bent()
    for offset in (-1, 1):
        moved = truth(start_us=truth().start_us + offset * REST_US, end_us=truth().end_us + offset * REST_US)
        other, late_s, _ = bent(moved)
        assert np.array_equal(plain.value, other.value)
        assert not late_s.any()


def test_a_happening_at_instruments_of_another_pace_changes_nothing() -> None:
    """Its rows are not among the day's."""
    slow = int(CITY.at_cadence(3600)[0])
    plain, _, _ = bent()
    for kind, category in (("local", "event"), ("missing", "fault"), ("stuck", "fault"), ("clock", "fault")):
        other, late_s, arrives = bent(truth(kind, category, rows=(slow,)))
        assert np.array_equal(plain.value, other.value)
        assert not late_s.any()
        assert arrives[0].mean() > 0.9


def test_a_happening_begins_with_its_first_moment_and_ends_before_its_last() -> None:
    """At nine it is there, at twelve it is gone."""
    plain, _, _ = bent()
    other, _, _ = bent(truth(sd=20.0))
    assert np.flatnonzero(other.value[0] != plain.value[0]).tolist() == list(range(9 * BEAT, 12 * BEAT))


def test_over_midnight_a_happening_goes_on() -> None:
    """From 22 to 2 o'clock: two hours of each day."""
    night = truth(sd=20.0, start_us=DAY_US + 22 * HOUR_US, end_us=DAY_US + 26 * HOUR_US)
    bender, quiet = Bender(city=CITY, truths=[night]), Bender(city=CITY, truths=[])
    touched = []
    for offset in (0, 1):
        one, other = (made(day=DAY + timedelta(days=offset)) for _ in range(2))
        bender.bend(one)
        quiet.bend(other)
        touched.append(int((one.value[0] != other.value[0]).sum()))
    assert touched == [2 * BEAT, 2 * BEAT]


def test_what_goes_down_takes_at_most_nine_tenths_of_the_room() -> None:
    """However large it is: a tenth of what is normal stays, and with it what chance adds."""
    low = truth(sd=1_000.0, signs=(-1.0,))
    plain, free = made(), made()
    Bender(city=CITY, truths=[])._one(low, free, np.array([0]), np.array([-1.0]))
    span = slice(9 * BEAT, 12 * BEAT)
    lowest = SORTS[int(CITY.sort[0])].lowest
    assert (plain.value - free.value)[0, span] == pytest.approx(0.9 * (plain.normal[0, span] - lowest))


def test_a_days_values_are_what_instruments_can_report() -> None:
    """Rounded to their decimals, within their bounds, whatever was pushed."""
    rows = tuple(range(len(CITY)))
    day, _, _ = bent(truth(sd=1e6, rows=rows, signs=(1.0, -1.0)))
    for row, sort in enumerate(SORTS[sort] for sort in CITY.sort[day.rows].tolist()):
        assert day.value[row].min() >= sort.lowest
        assert day.value[row].max() <= sort.highest
        assert day.value[row] == pytest.approx(np.round(day.value[row], sort.decimals), abs=1e-9)


def test_signs_are_taken_in_turn_by_datastream() -> None:
    """One up, one down, as the happening lists them; a single sign is for all."""
    plain, _, _ = bent()
    apart, _, _ = bent(truth(rows=(0, 1), signs=(1.0, -1.0), sd=2.0))
    same, _, _ = bent(truth(rows=(0, 1), signs=(1.0,), sd=2.0))
    span = slice(9 * BEAT, 12 * BEAT)
    assert np.sign((apart.value - plain.value)[:2, span].mean(axis=1)).tolist() == [1.0, -1.0]
    assert np.sign((same.value - plain.value)[:2, span].mean(axis=1)).tolist() == [1.0, 1.0]


def test_a_few_in_a_thousand_are_lost_on_the_way_and_the_same_ones_again() -> None:
    """Two in a thousand, by the day's own chance."""
    (_, _, one), (_, _, again) = bent(), bent()
    assert float(1 - one.mean()) == pytest.approx(LOST_SHARE, abs=0.001)
    assert np.array_equal(one, again)
    _, _, other = bent(day=DAY + timedelta(days=1))
    assert not np.array_equal(one, other)


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_between_two_readings_finds_nothing_to_spoil(kind: str) -> None:
    """An hourly instrument with a fault from ten past to twenty past nine reads neither then."""
    row = int(CITY.at_cadence(3600)[0])
    start = DAY_US + 9 * HOUR_US + HOUR_US // 6
    short = truth(kind, "fault", rows=(row,), start_us=start, end_us=start + HOUR_US // 6)
    plain, _, kept = bent(pace=3600)
    other, late_s, arrives = bent(short, pace=3600)
    assert np.array_equal(plain.value, other.value)
    assert not late_s.any()
    assert np.array_equal(kept, arrives)


def test_a_table_of_a_day_has_a_row_for_each_reading_that_arrives() -> None:
    """A clock three hours ahead stamps later than it arrives; the order is that of arrival, and a lost link has no row."""
    fast = truth("clock", "fault", amount=3.0)
    gone = truth("missing", "fault", rows=(1,), number=2)
    table = day_table(CITY, Weather(city=CITY), Bender(city=CITY, truths=[fast, gone]), DAY)
    stream, late = table["stream"].to_numpy(), table["late_s"].to_numpy().astype(np.int64)
    time_us = table["time"].cast("int64").to_numpy()
    arrival = time_us + late * US_PER_S
    assert (np.diff(arrival) >= 0).all()
    assert set(late[stream == 1].tolist()) == {0, -10_800}
    assert (arrival[late != 0] >= fast.start_us).all()
    assert (arrival[late != 0] < fast.end_us).all()
    lost = (stream == 2) & (arrival >= gone.start_us) & (arrival < gone.end_us)
    assert not lost.any()
    expected = sum(86_400 // pace * len(CITY.at_cadence(pace)) for pace in CITY.paces())
    assert table.num_rows == pytest.approx(expected * (1 - LOST_SHARE), rel=0.005)


@pytest.mark.parametrize(("weeks", "first"), [(1, date(2026, 4, 6)), (6, date(2026, 3, 2)), (52, date(2025, 4, 14))])
def test_weeks_are_counted_back_from_the_last_sunday(weeks: int, first: date) -> None:
    """All end with 12 April 2026."""
    assert first_day(weeks) == first
    assert first + timedelta(weeks=weeks) == date(2026, 4, 13)
