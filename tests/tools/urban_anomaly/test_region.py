"""The two channels over the neighbourhood: one sensor against its fellows, and twelve that each move a little."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.graph import graph_of
from impetus.tools.urban_anomaly.region import Around, Channel, Region
from impetus.tools.urban_anomaly.seen import Seen
from tools.urban_anomaly.region_twin import Twin
from tools.urban_anomaly.town_of import BEGIN_US, CADENCE_S, STEP_US, cut, line, noise, seen_of

SENSORS = 120
LEARNING = 3 * 288
"""Moments of calm in three days."""
HOUR = 12


def region(sensors: int = SENSORS) -> Region:
    """Return fresh channels over a line of sensors."""
    return Region(Config(), graph_of(line(sensors), sensors + 1))


def take(channels: Region, seen: Seen) -> Around:
    """Look at readings five minutes apart."""
    return channels.take(seen, np.full(len(channels.fellows), CADENCE_S))


def starts(around: Around, channel: Channel, sensors: int = SENSORS) -> set[int]:
    """Return the sensors whose event a channel started."""
    return {int(place) % sensors + 1 for place in np.flatnonzero(around.mark[channel] == 1)}


def calm_then(change: Float64s, *, seed: int = 3) -> tuple[Region, Around]:
    """Let three days of calm pass, then readings `(moments, sensors)` on top of calm; return what is said of the latter."""
    channels = region(change.shape[1])
    before = seen_of(noise(LEARNING, change.shape[1], seed=seed))
    assert not take(channels, before).mark.any(), "nothing is told of calm"
    after = noise(len(change), change.shape[1], seed=seed + 1) + change
    return channels, take(channels, seen_of(after, since_us=BEGIN_US + LEARNING * STEP_US))


def test_twelve_sensors_that_each_move_a_little_are_a_region() -> None:
    """Two deviations each, alone no news for anybody: the region fires at those in the middle, and nobody stands alone."""
    change = np.zeros((HOUR, SENSORS))
    change[:, 10:22] = 2.5
    _, around = calm_then(change)
    found = starts(around, Channel.REGION)
    assert len(found) >= 6
    assert found <= set(range(10, 24))
    assert starts(around, Channel.ALONE) == set()


def test_one_sensor_that_leaves_its_fellows_stands_alone() -> None:
    """Seven deviations at one place: no region, one sensor."""
    change = np.zeros((HOUR, SENSORS))
    change[:, 20] = 7.5
    _, around = calm_then(change)
    assert starts(around, Channel.ALONE) == {21}
    assert starts(around, Channel.REGION) == set()


def test_what_the_whole_city_does_is_no_region() -> None:
    """A wet Saturday: all sensors two deviations down, and no neighbourhood is singled out."""
    _, around = calm_then(np.full((HOUR, SENSORS), -2.5))
    assert starts(around, Channel.REGION) == set()
    assert starts(around, Channel.ALONE) == set()


def test_an_event_of_a_region_ends_with_calm() -> None:
    """Two hours up, then calm: each that began ends, and is no longer active."""
    change = np.zeros((5 * HOUR, SENSORS))
    change[: 2 * HOUR, 10:22] = 3.0
    channels, around = calm_then(change)
    began = starts(around, Channel.REGION)
    ended = {int(place) % SENSORS + 1 for place in np.flatnonzero(around.mark[Channel.REGION] == 2)}
    assert began
    assert began == ended
    assert not channels.active(np.arange(SENSORS + 1)).any()


def test_the_same_again_within_the_hold_off_is_no_news() -> None:
    """An event of two hours, two hours of calm, the same again: told once."""
    change = np.zeros((6 * HOUR, SENSORS))
    change[: 2 * HOUR, 10:22] = change[4 * HOUR :, 10:22] = 3.0
    _, around = calm_then(change)
    begun = [int(place) % SENSORS for place in np.flatnonzero(around.mark[Channel.REGION] == 1)]
    assert len(begun) == len(set(begun))


def test_fewer_than_three_fellows_are_no_neighbourhood() -> None:
    """Three sensors have two fellows each: nothing is ever said."""
    change = np.full((HOUR, 3), 9.0)
    _, around = calm_then(change)
    assert not around.mark.any()
    assert not around.strength.any()
    assert set(around.count.tolist()) <= {0, 1, 2}


def test_nothing_is_said_in_the_first_day() -> None:
    """What the neighbourhood usually does is not known yet."""
    channels = region()
    wild = noise(280, SENSORS)
    wild[100:, 10:22] += 8.0
    assert not take(channels, seen_of(wild)).mark.any()


def test_a_fellow_that_fell_silent_says_nothing_about_now() -> None:
    """After more than two cadences its last reading no longer counts."""
    readings = noise(LEARNING + 10, 9)
    readings[LEARNING:, 1:5] = np.nan
    around = take(region(9), seen_of(readings))
    assert around.count[LEARNING * 9 - 5] == 8
    assert around.count[-1] == 4


def test_sensors_still_being_learnt_are_no_fellows() -> None:
    """Their deviations mean nothing yet."""
    seen = seen_of(noise(20, 9))
    young = replace(seen, judged=seen.ids > 4)
    assert take(region(9), young).count[-1] == 4


def test_a_wild_sensor_moves_the_average_no_further_than_four_deviations() -> None:
    """A broken fellow at a hundred deviations is no region of its own."""
    change = np.zeros((HOUR, SENSORS))
    change[:, 20] = 100.0
    _, around = calm_then(change)
    assert starts(around, Channel.REGION) == set()
    assert np.abs(around.mean).max() < 4.0


@pytest.mark.parametrize("sensors", [9, 30])
def test_the_compiled_pass_agrees_with_its_twin(sensors: int) -> None:
    """Strengths of two days of calm, sensors dropping out now and then, to the tenth decimal."""
    readings = noise(2 * 288, sensors, seed=5)
    readings[noise(2 * 288, sensors, seed=6) > 1.5] = np.nan
    seen = seen_of(readings)
    channels = region(sensors)
    strengths = Twin(graph=graph_of(line(sensors), sensors + 1)).strengths(seen)
    around = take(channels, seen)
    assert np.abs(strengths).max() > 1.0
    assert around.strength == pytest.approx(strengths, abs=1e-10)


@given(some.lists(some.integers(0, 36_000), max_size=4))
@settings(max_examples=10)
def test_where_readings_are_cut_changes_nothing(places: list[int]) -> None:
    """In one piece or in several: the same strengths and marks, to the bit."""
    change = np.zeros((300, SENSORS))
    change[290:, 10:22] = 4.0
    seen = seen_of(noise(300, SENSORS) + change)
    whole = take(region(), seen)
    channels = region()
    parts = [take(channels, part) for part in cut(seen, places)]
    assert (np.concatenate([part.strength for part in parts], axis=1) == whole.strength).all()
    assert (np.concatenate([part.mark for part in parts], axis=1) == whole.mark).all()


def test_what_is_learnt_of_each_sensor_survives_a_changed_catalogue() -> None:
    """A grown neighbourhood keeps the spreads, and gives newcomers none."""
    channels = region()
    take(channels, seen_of(noise(LEARNING, SENSORS)))
    spread = channels.columns.spread[:, 1 : SENSORS + 1].copy()
    channels.learn(graph_of(line(150), 151))
    assert (channels.columns.spread[:, 1 : SENSORS + 1] == spread).all()
    assert not channels.columns.spread[:, SENSORS + 1 :].any()
