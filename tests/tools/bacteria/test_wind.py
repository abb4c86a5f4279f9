"""The wind: directions are averaged as arrows, halves find each other, and no wind is no wind."""

import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey
from impetus.core.observation import Catalogue, Datastream, batch_of
from impetus.tools.bacteria.wind import KEPT, PARTS, UNPAIRED, Masts, during, mean_wind, winds_of

HOUR_US = 3_600_000_000


def stream(number: int, thing: str, observed: str) -> Datastream:
    """Return a datastream of a mast."""
    return Datastream(
        id=DatastreamId(number),
        key=DatastreamKey(f"city/{thing}/{observed}"),
        source=SourceId("city"),
        thing=ThingKey(f"city/{thing}"),
        thing_name=thing,
        observed_property=observed,
        unit="m/s" if observed == "wind_speed" else "deg",
    )


def masts() -> Masts:
    """Return two masts and a thermometer."""
    declared = [
        stream(1, "a", "wind_speed"),
        stream(2, "a", "wind_direction"),
        stream(3, "b", "wind_speed"),
        stream(4, "b", "wind_direction"),
        stream(5, "a", "air_temperature"),
    ]
    made = Masts()
    made.learn(Catalogue(version=1, datastreams={each.id: each for each in declared}))
    return made


def test_north_by_a_little_either_way_is_north_and_not_south() -> None:
    """350 and 10 degrees: the mean is 0, and the spread is ten degrees."""
    mean = mean_wind(np.array([3.0, 5.0]), np.array([350.0, 10.0]))
    assert mean.from_deg % 360 == pytest.approx(0.0, abs=1e-9) or mean.from_deg == pytest.approx(360.0)
    assert mean.speed_mps == 4.0
    assert mean.spread_deg == pytest.approx(10.0, abs=0.2)


@given(bearing=st.floats(0, 360), count=st.integers(1, 5))
def test_a_steady_wind_has_no_spread(bearing: float, count: int) -> None:
    """However often it was read."""
    mean = mean_wind(np.full(count, 3.0), np.full(count, bearing))
    assert np.cos(np.radians(mean.from_deg - bearing)) == pytest.approx(1.0)
    assert mean.spread_deg == pytest.approx(0.0, abs=1e-3)


def test_a_wind_that_turns_within_a_sample_shows_in_its_parts() -> None:
    """Four quarters of an hour, four directions."""
    minutes = np.arange(60) * 60_000_000
    winds = winds_of(minutes, [4.0] * 60, [90.0 * (minute // 15) for minute in range(60)])
    found = during(winds, 0, HOUR_US - 60_000_000)
    assert found is not None
    assert len(found[1]) == PARTS
    assert found[1] == pytest.approx([0.0, 90.0, 180.0, 270.0], abs=4.0)


def test_the_nearest_reading_serves_within_an_hour_and_no_further() -> None:
    """A reading 50 minutes before a short sample; one three hours before it."""
    ends = 10 * HOUR_US
    near = winds_of([ends - 50 * 60_000_000], [3.0], [45.0])
    far = winds_of([ends - 3 * HOUR_US], [3.0], [45.0])
    found = during(near, ends - 60_000_000, ends)
    assert found is not None
    assert found[1].tolist() == pytest.approx([45.0] * PARTS)
    assert during(far, ends - 60_000_000, ends) is None
    assert during(winds_of([], [], []), 0, ends) is None


def test_what_is_no_wind_is_left_out() -> None:
    """A calm has no direction, a NaN is a gap; the rest comes out in the order of its times, within the circle."""
    kept = winds_of([3, 1, 2, 4], [2.0, 3.0, 0.0, float("nan")], [370.0, -10.0, 90.0, 90.0])
    assert kept.time_us.tolist() == [1, 3]
    assert kept.from_deg.tolist() == [350.0, 10.0]


def test_halves_of_a_reading_find_each_other_whatever_comes_first() -> None:
    """Two masts at one time, in four readings mixed up, and a temperature between them."""
    made = masts()
    made.take(batch_of([4, 1, 5], [100, 100, 100], [200.0, 3.0, 18.0]))
    assert len(made.winds(0, 200)) == 0
    made.take(batch_of([2, 3], [100, 100], [90.0, 5.0]))
    winds = made.winds(0, 200)
    assert sorted(zip(winds.speed_mps.tolist(), winds.from_deg.tolist(), strict=True)) == [(3.0, 90.0), (5.0, 200.0)]


def test_what_never_finds_its_other_half_is_forgotten() -> None:
    """Speeds without a direction, more than are waited for."""
    made = masts()
    made.take(batch_of([1] * (2 * UNPAIRED), list(range(2 * UNPAIRED)), [3.0] * (2 * UNPAIRED)))
    assert len(made.half) == UNPAIRED


def test_the_wind_kept_is_bounded_and_comes_back_from_a_snapshot() -> None:
    """The newest readings stay."""
    made = masts()
    made.readings = [(each, 3.0, 10.0) for each in range(KEPT)]
    made.take(batch_of([1, 2], [KEPT, KEPT], [4.0, 20.0]))
    again = pickle.loads(pickle.dumps(made))  # noqa: S301 - our own bytes
    assert len(again.readings) == KEPT
    assert again.readings[-1] == (KEPT, 4.0, 20.0)
