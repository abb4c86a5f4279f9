"""The square's days and weeks: busy when a square is, in local time, for every kind of instrument, always the same."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.observation import US_PER_S, Float64s, to_us
from impetus.demo.generator import GAP_STEP_S, NORMAL, WEEKEND, WORKDAY, Square, due, measure, moments, normal_square
from impetus.demo.noise import Chance
from impetus.demo.script import Script
from impetus.demo.streams import CADENCE_S, SAMPLE, Stream, streams

OSLO = ZoneInfo("Europe/Oslo")
STREAMS = streams()
SAMPLE_PARTS = {measure.property for measure in SAMPLE}
SET = {"sample_duration", "detection_limit", "quality_flag"}
"""What a sampler reports of a sample that nobody but its owner changes."""
KINDS = {stream.measure.property: stream for stream in STREAMS}
IDS = {stream.key: number for number, stream in enumerate(STREAMS, 1)}
MONDAY = datetime(2026, 3, 2, tzinfo=UTC)


def _us(day: int, hour: int, minute: int = 0) -> int:
    """Return a moment of March 2026 in Oslo; the 2nd is a Monday, the 7th a Saturday."""
    return to_us(datetime(2026, 3, day, hour, minute, tzinfo=OSLO))


def _busy(day: int, hour: int, minute: int = 0) -> float:
    return float(moments(np.array([_us(day, hour, minute)]), OSLO).busy[0])


def _mean(kind: str, day: int, hour: int) -> float:
    """Return the mean over all instruments of a kind, over an hour, of an ordinary day."""
    values: list[Float64s] = []
    for stream in STREAMS:
        if stream.measure.property == kind:
            time_us = due(stream, _us(day, hour), _us(day, hour) + 3600 * US_PER_S, 60)
            values.append(measure(stream, Chance(seed=7, name=stream.key), moments(time_us, OSLO)))
    return float(np.mean(np.concatenate(values)))


@pytest.mark.parametrize(
    ("day", "hour", "minute", "busy"),
    [
        (2, 5, 0, 0.05),
        (2, 8, 30, 0.6),
        (2, 12, 30, 0.95),
        (2, 16, 30, 1.0),
        (6, 16, 30, 1.0),
        (7, 16, 0, 1.1),
        (8, 5, 0, 0.06),
        (7, 8, 0, 0.14),
        (2, 6, 0, 0.175),
        (7, 12, 30, 0.825),
    ],
)
def test_how_busy_an_hour_is(day: int, hour: int, minute: int, busy: float) -> None:
    """Read off the curves, and halfway between two of their points: (0.05 + 0.3) / 2, (0.6 + 1.05) / 2."""
    assert _busy(day, hour, minute) == pytest.approx(busy)


def test_friday_is_a_workday_and_saturday_is_not() -> None:
    """The rush of the morning belongs to one, the late morning in bed to the other."""
    assert _busy(6, 8, 30) > 2.5 * _busy(7, 8, 30)
    assert _busy(9, 8, 30) == _busy(6, 8, 30)


def test_the_week_turns_at_midnight_in_the_city_and_not_in_greenwich() -> None:
    """At 23:30 UTC on Friday it is Saturday in Oslo."""
    at_us = np.array([to_us(datetime(2026, 3, 6, 23, 30, tzinfo=UTC))])
    assert moments(at_us, OSLO).busy[0] == pytest.approx(np.interp(0.5, *WEEKEND))
    assert moments(at_us, ZoneInfo("UTC")).busy[0] == pytest.approx(np.interp(23.5, *WORKDAY))


@pytest.mark.parametrize("curve", [WORKDAY, WEEKEND])
def test_a_day_ends_where_it_begins(curve: tuple[tuple[float, ...], tuple[float, ...]]) -> None:
    """Midnight has one value, hours rise from 0 to 24, and nothing is emptier than empty."""
    hours, shares = curve
    assert (hours[0], hours[-1], shares[0]) == (0, 24, shares[-1])
    assert list(hours) == sorted(set(hours))
    assert min(shares) > 0.0
    assert max(shares) <= 1.1


@settings(max_examples=40, deadline=None)
@given(st.integers(10**9, 4 * 10**9), st.sampled_from(["Europe/Oslo", "UTC", "Asia/Kathmandu", "Asia/Kolkata"]))
def test_the_local_hour_is_what_the_calendar_says(second: int, zone: str) -> None:
    """Also in zones that are half or three quarters of an hour off, and in summer time."""
    local = datetime.fromtimestamp(second, UTC).astimezone(ZoneInfo(zone))
    seen = moments(np.array([second * US_PER_S]), ZoneInfo(zone)).hour[0]
    assert seen == pytest.approx(local.hour + local.minute / 60 + local.second / 3600, abs=1e-6)


@pytest.mark.parametrize(
    "kind", ["people_density", "egress_flow", "sound_level", "traffic", "airborne_bacteria", "tram_delay"]
)
def test_what_people_cause_is_higher_when_they_are_there(kind: str) -> None:
    """Monday at half past four against Monday before dawn."""
    assert _mean(kind, 2, 16) > 1.1 * _mean(kind, 2, 4)


@pytest.mark.parametrize("kind", ["frame_rate", "failed_logins"])
def test_what_machines_do_knows_no_hour(kind: str) -> None:
    """A camera sends its 25 frames at night too, and strangers try the door at any time."""
    assert _mean(kind, 2, 16) == pytest.approx(_mean(kind, 2, 4), rel=0.35)


def test_afternoons_are_warmer_than_nights() -> None:
    """By about twice the day's swing of 4.5 degrees between three at night and three in the afternoon."""
    assert 5.0 < _mean("air_temperature", 3, 15) - _mean("air_temperature", 3, 3) < 13.0


def test_saturday_afternoon_is_the_fullest() -> None:
    """More people than on a Monday at the same hour, fewer in the morning."""
    assert _mean("people_density", 7, 16) > _mean("people_density", 2, 15)
    assert _mean("people_density", 7, 8) < _mean("people_density", 2, 8)


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_a_week_of_any_instrument_lies_within_what_it_can_report(kind: str) -> None:
    """Before it is bounded: nothing is cut on an ordinary day but the glitches and the cold end of noise."""
    stream = KINDS[kind]
    time_us = due(stream, _us(2, 0), _us(9, 0), 300)
    values = measure(stream, Chance(seed=7, name=stream.key), moments(time_us, OSLO))
    assert np.all(np.isfinite(values))
    beyond = (values < stream.measure.lowest) | (values > stream.measure.highest)
    assert beyond.mean() < 0.02


@settings(max_examples=25, deadline=None)
@given(
    st.integers(0, 4 * 10**9).map(lambda second: second * US_PER_S),
    st.integers(1, 1800),
    st.sampled_from([10, 30, 60]),
    st.integers(0, 1000),
    st.booleans(),
)
def test_whatever_is_asked_is_in_time_in_order_and_in_range(
    since_us: int,
    span_s: int,
    every_s: int,
    seed: int,
    is_played: bool,  # noqa: FBT001 - a drawn case
) -> None:
    """Any moment, any span, any seed, with the scenario or without."""
    some = STREAMS[::7]
    script = Script(begin_us=since_us) if is_played else Script()
    square = Square(seed=seed, zone=OSLO, script=script, streams=some, ids=IDS)
    until_us = since_us + span_s * US_PER_S
    batch = square.readings(since_us, until_us, every_s=every_s)
    lowest = {IDS[stream.key]: stream.measure.lowest for stream in some}
    highest = {IDS[stream.key]: stream.measure.highest for stream in some}
    assert np.all((batch.time_us > since_us) & (batch.time_us <= until_us))
    assert np.all(np.diff(batch.time_us) >= 0)
    for datastream, result in zip(batch.datastream.tolist(), batch.result.tolist(), strict=True):
        assert np.isnan(result) or lowest[datastream] <= result <= highest[datastream]


def _readings(stream: Stream, since_us: int, until_us: int) -> Float64s:
    return normal_square(7, OSLO, [stream], IDS).readings(since_us, until_us).result


def test_an_empty_span_has_no_readings() -> None:
    """Nor has one that ends before it begins."""
    square = normal_square(7, OSLO, STREAMS, IDS)
    assert len(square.readings(_us(2, 12), _us(2, 12))) == 0
    assert len(square.readings(_us(2, 12), _us(2, 11))) == 0


def test_a_span_of_one_cadence_has_one_reading_of_each_instrument_that_speaks() -> None:
    """Each at its own second, never two."""
    batch = normal_square(7, OSLO, STREAMS, IDS).readings(_us(2, 12), _us(2, 12) + CADENCE_S * US_PER_S)
    assert len(set(batch.datastream.tolist())) == len(batch)
    assert len(batch) >= len(STREAMS) - 3


def test_instruments_do_not_all_speak_in_the_same_second() -> None:
    """The ingest gets a trickle, not a thump; the measures of one thing come together."""
    seconds = {stream.thing: int(due(stream, 0, CADENCE_S * US_PER_S, CADENCE_S)[0]) for stream in STREAMS}
    assert len(set(seconds.values())) >= 8
    assert len(seconds) < len(STREAMS)


def test_a_gap_lasts_a_quarter_of_an_hour_and_concerns_one_datastream() -> None:
    """Look for the first gap of a fortnight: all of its quarter is missing, its neighbours are there."""
    stream = KINDS["sound_level"]
    start_us = _us(2, 0)
    quarters = np.arange(start_us, _us(16, 0), GAP_STEP_S * US_PER_S) // (GAP_STEP_S * US_PER_S)
    silent = quarters[Chance(seed=7, name=stream.key).uniform(quarters, "gap") <= 0.002]
    quarter_us = int(silent[0]) * GAP_STEP_S * US_PER_S
    assert len(_readings(stream, quarter_us - 1, quarter_us + GAP_STEP_S * US_PER_S - 1)) == 0
    assert len(_readings(stream, quarter_us - 600 * US_PER_S - 1, quarter_us - 1)) == 600 // CADENCE_S


@pytest.mark.parametrize(
    ("kind", "decimals"), [("people_density", 3), ("packets", 0), ("wind_direction", 1), ("sound_level", 2)]
)
def test_an_instrument_rounds_as_it_always_does(kind: str, decimals: int) -> None:
    """No counter reports half a packet."""
    values = _readings(KINDS[kind], _us(2, 12), _us(2, 14))
    values = values[np.isfinite(values)]
    assert np.array_equal(values, np.round(values, decimals))


def test_no_glitch_falls_on_a_whole_minute() -> None:
    """A past told by the minute raises no alarm about last week; asked with chance that is always a spike."""

    class Spiky(Chance):
        def uniform(self, steps: object, salt: str = "") -> Float64s:
            numbers: Float64s = super().uniform(steps, salt)  # type: ignore[arg-type]
            return numbers * 1e-9 if salt == "spike" else numbers

    stream = KINDS["frame_rate"]
    time_us = np.arange(_us(2, 12), _us(2, 12) + 120 * US_PER_S, CADENCE_S * US_PER_S)
    values = measure(stream, Spiky(seed=7, name=stream.key), moments(time_us, OSLO))
    assert [value > 90.0 for value in values] == [False, True, True, True, True, True] * 2


def test_every_kind_of_instrument_has_some_noise() -> None:
    """No two readings in a row are equal for long: a flat line would look like a fault."""
    for kind, stream in KINDS.items():
        time_us = due(stream, _us(2, 12), _us(2, 13), CADENCE_S)
        values = NORMAL[kind](Chance(seed=7, name=stream.key), moments(time_us, OSLO))
        assert len(np.unique(values)) > (300 if kind not in SAMPLE_PARTS else 27 if kind not in SET else 0), kind
