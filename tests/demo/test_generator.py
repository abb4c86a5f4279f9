"""The simulated square: reproducible, never ahead of its time, credible, and bent by the script only where it says."""

from datetime import UTC, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.observation import US_PER_S, Batch, Float64s, concatenate, to_us
from impetus.demo.generator import NORMAL, Square, due, moments, normal_square
from impetus.demo.noise import Chance
from impetus.demo.script import LOOP_S, SCENARIO, Script
from impetus.demo.streams import CADENCE_S, SAMPLE, SAMPLE_S, declaration, streams
from impetus.desk.declare_source import read_document

OSLO = ZoneInfo("Europe/Oslo")
STREAMS = streams()
IDS = {stream.key: number for number, stream in enumerate(STREAMS, 1)}
MONDAY_US = to_us(datetime(2026, 3, 2, 11, 0, tzinfo=UTC))
HOUR_US = 3600 * US_PER_S


def _square(script: Script | None = None, seed: int = 7) -> Square:
    return Square(seed=seed, zone=OSLO, script=script or Script(), streams=STREAMS, ids=IDS)


def _of(batch: Batch, key: str) -> Float64s:
    return batch.result[batch.datastream == IDS[key]]


def _same(one: Batch, other: Batch) -> bool:
    columns = ("datastream", "time_us", "result")
    return all(np.array_equal(getattr(one, name), getattr(other, name), equal_nan=True) for name in columns)


def test_the_same_seed_gives_the_same_readings_and_another_gives_others() -> None:
    """A demonstration can be repeated to the last digit."""
    one, again, other = (_square(seed=seed).readings(MONDAY_US, MONDAY_US + HOUR_US) for seed in (7, 7, 8))
    assert _same(one, again)
    assert not _same(one, other)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 1199), unique=True, max_size=8))
def test_how_the_time_is_cut_does_not_change_a_reading(cuts: list[int]) -> None:
    """A fortnight at once or second by second: the same readings."""
    square = _square(Script(begin_us=MONDAY_US))
    edges = [MONDAY_US + cut * US_PER_S for cut in [0, *sorted(cuts), 1200]]
    parts = concatenate([square.readings(since, until) for since, until in pairwise(edges)])
    whole = square.readings(edges[0], edges[-1])
    assert _same(parts, whole)


@given(st.integers(0, 4 * 10**15), st.integers(1, 86_400), st.sampled_from([10, 60]))
def test_no_reading_is_ever_in_the_future(since_us: int, span_s: int, every_s: int) -> None:
    """Every moment lies after the beginning asked for and not after the end."""
    until_us = since_us + span_s * US_PER_S
    for stream in STREAMS[::9]:
        times = due(stream, since_us, until_us, every_s)
        assert np.all((times > since_us) & (times <= until_us))
        step_s = max(every_s, stream.measure.cadence_s)
        assert len(times) in {span_s // step_s, span_s // step_s + 1}


def test_the_moments_of_a_minute_cadence_are_moments_of_the_live_one() -> None:
    """History and life fit together without a seam."""
    for stream in STREAMS[::9]:
        minutes = due(stream, MONDAY_US, MONDAY_US + HOUR_US, 60)
        assert set(minutes) <= set(due(stream, MONDAY_US, MONDAY_US + HOUR_US, CADENCE_S))


def test_every_reading_is_within_what_its_instrument_can_report() -> None:
    """Nothing of the demonstration lands in the quarantine."""
    batch = _square(Script(begin_us=MONDAY_US)).readings(MONDAY_US, MONDAY_US + HOUR_US)
    for stream in STREAMS:
        values = _of(batch, stream.key)
        values = values[np.isfinite(values)]
        assert len(values) > 3000 / stream.measure.cadence_s - 3
        assert values.min() >= stream.measure.lowest
        assert values.max() <= stream.measure.highest


def test_the_square_is_fuller_at_noon_than_at_night() -> None:
    """A day has its shape, in local time."""
    night_us = to_us(datetime(2026, 3, 2, 3, 0, tzinfo=UTC))
    noon, night = (_square().readings(at, at + HOUR_US) for at in (MONDAY_US, night_us))
    assert np.nanmean(_of(noon, "square/p6/people_density")) > 4 * np.nanmean(_of(night, "square/p6/people_density"))


def test_the_change_of_clocks_is_followed() -> None:
    """Noon stays noon on the day summer time begins in Oslo, 29 March 2026."""
    before = moments(np.array([to_us(datetime(2026, 3, 28, 11, 0, tzinfo=UTC))]), OSLO)
    after = moments(np.array([to_us(datetime(2026, 3, 29, 10, 0, tzinfo=UTC))]), OSLO)
    assert before.hour[0] == after.hour[0] == 12.0


def test_a_day_has_gaps_and_missing_values_but_few() -> None:
    """Real instruments fail now and then."""
    day = _square().readings(MONDAY_US, MONDAY_US + 24 * HOUR_US)
    share = len(day) / sum(24 * 3600 / stream.measure.cadence_s for stream in STREAMS)
    assert 0.99 < share < 1.0
    assert 0 < np.isnan(day.result).mean() < 0.002


def test_a_sampler_sends_whole_samples_with_one_response() -> None:
    """All parts of a sample bear one time, and its reader makes the same of each signal: also in the story's loaded air."""
    batch = _square(Script(begin_us=MONDAY_US)).readings(MONDAY_US, MONDAY_US + HOUR_US)
    times = {part.property: batch.time_us[batch.datastream == IDS[f"square/a4/{part.property}"]] for part in SAMPLE}
    assert all(np.array_equal(each, times["airborne_bacteria"]) for each in times.values())
    assert set(np.diff(times["airborne_bacteria"])) <= {SAMPLE_S * US_PER_S * steps for steps in range(1, 9)}
    load, raw, air, liquid = (
        _of(batch, f"square/a4/{name}")
        for name in ("airborne_bacteria", "raw_signal", "air_volume", "collector_volume")
    )
    response = load * air / (raw * liquid)
    assert np.nanmax(response) / np.nanmin(response) < 1.01
    assert np.nanmax(load) > 5 * np.nanmedian(load)


def test_without_a_beginning_nothing_happens() -> None:
    """The fortnight before the demonstration is ordinary."""
    quiet = normal_square(7, OSLO, STREAMS, IDS).readings(MONDAY_US, MONDAY_US + HOUR_US)
    assert _same(quiet, _square().readings(MONDAY_US, MONDAY_US + HOUR_US))


def test_the_crowd_in_the_south_east_climbs_past_its_norm_within_a_minute() -> None:
    """The first thing an operator has to judge."""
    quiet = _square().readings(MONDAY_US, MONDAY_US + 120 * US_PER_S)
    played = _square(Script(begin_us=MONDAY_US)).readings(MONDAY_US, MONDAY_US + 120 * US_PER_S)
    rise = _of(played, "square/p12/people_density") - _of(quiet, "square/p12/people_density")
    assert rise[0] < 0.5
    assert rise[5] > 2.0


def test_camera_c11_goes_dark_and_its_switch_counts_failed_sign_ins() -> None:
    """Physical and cyber, close in space and time."""
    played = _square(Script(begin_us=MONDAY_US)).readings(MONDAY_US + 110 * US_PER_S, MONDAY_US + 180 * US_PER_S)
    assert np.all(_of(played, "square/c11/frame_rate") == 0.0)
    assert np.all(_of(played, "square/s3/failed_logins") > 40.0)
    assert np.all(_of(played, "square/c5/frame_rate") > 20.0)


def test_after_the_scenario_everything_is_as_it_was() -> None:
    """It recovers before it begins again."""
    since_us = MONDAY_US + 900 * US_PER_S
    played = _square(Script(begin_us=MONDAY_US)).readings(since_us, MONDAY_US + int(LOOP_S) * US_PER_S)
    assert _same(played, _square().readings(since_us, MONDAY_US + int(LOOP_S) * US_PER_S))


def test_a_faster_script_reaches_its_end_sooner() -> None:
    """`--speed 10` plays ten minutes in one."""
    script = Script(begin_us=MONDAY_US, speed=10.0)
    played = _square(script).readings(MONDAY_US + 11 * US_PER_S, MONDAY_US + 50 * US_PER_S)
    assert np.all(_of(played, "square/c11/frame_rate") == 0.0)


@pytest.mark.parametrize("act", SCENARIO, ids=lambda act: f"{act.thing}-{act.property}")
def test_every_act_bends_an_instrument_that_exists(act: object) -> None:
    """No line of the script speaks into the void."""
    known = {(stream.thing, stream.measure.property) for stream in STREAMS}
    assert (getattr(act, "thing", None), getattr(act, "property", None)) in known


def test_the_declaration_is_read_strictly_and_labelled_simulated() -> None:
    """The demonstration goes through the same door as any city's source, and says what it is."""
    declared = read_document(declaration())
    assert [stream.key for stream in declared.datastreams] == [stream.key for stream in STREAMS]
    assert declared.source.simulated
    assert all(datastream.simulated for datastream in declared.datastreams)


def test_every_measure_has_a_normal_value() -> None:
    """No instrument is declared that cannot be simulated."""
    assert {stream.measure.property for stream in STREAMS} == set(NORMAL)


def test_smooth_noise_is_smooth_and_of_unit_size() -> None:
    """Neighbours are alike, far moments are not, and the spread is what it says."""
    time_us = np.arange(0, 2000 * 600, 60, dtype=np.int64) * US_PER_S
    noise = Chance(seed=1, name="x").smooth(time_us, 600.0)
    assert 0.85 < noise.std() < 1.15
    assert np.corrcoef(noise[:-1], noise[1:])[0, 1] > 0.9
    assert abs(np.corrcoef(noise[:-40], noise[40:])[0, 1]) < 0.15
