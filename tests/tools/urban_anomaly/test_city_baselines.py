"""What anybody could do on a city: bars set where nothing happens, a day's silence after an alarm, blind ones evenly."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from impetus.core.observation import Float64s, Int64s, batch_of
from impetus.tools.urban_anomaly.baselines import HOLD_OFF_US, NAMES, Plain
from impetus.tools.urban_anomaly.city_baselines import (
    CALIBRATION_DAYS,
    DAY_US,
    NOMINAL,
    CityBaselines,
    told_once,
)
from impetus.tools.urban_anomaly.city_score import EVENT

BEGIN_US = 14 * DAY_US


class Known(Plain):
    """Scores known in advance: the value itself, whatever the score is called."""

    def score(self, place: Int64s, local_s: Int64s, value: Float64s) -> Float64s:  # noqa: ARG002  # as scores are asked
        """Return the values three times."""
        return np.tile(value, (len(NAMES), 1))


def baselines(streams: int = 2) -> CityBaselines:
    """Return baselines whose scores are the readings."""
    known = Known(**{name: getattr(Plain.of(1), name) for name in ("moving", "season", "values", "filled", "sizes")})
    return replace(CityBaselines.of(streams, BEGIN_US), plain=known)


def take(city: CityBaselines, *rows: tuple[int, float, float]) -> None:
    """Take readings: datastream, days from the beginning of judging, score."""
    ids, days, values = zip(*rows, strict=True)
    at_us = BEGIN_US + np.round(np.array(days) * DAY_US).astype(np.int64)
    city.take(batch_of(ids, at_us, values), at_us, at_us // 1_000_000)


def alarms(city: CityBaselines, name: str = "ewma_z") -> list[tuple[int, float]]:
    """Return the alarms: datastream and days from the beginning."""
    return [(one.lead[0], (one.first_us - BEGIN_US) / DAY_US) for one in city.incidents[name]]


def test_the_bar_is_the_largest_score_of_the_week_before_judging_begins() -> None:
    """Two sensors in a week are allowed no alarm: 5 is the bar, what was before that week does not count."""
    city = baselines()
    take(city, (1, -7.5, 99.0), (1, -7.0, 3.0), (2, -0.01, 5.0))
    take(city, (1, 0.0, 5.0), (1, 0.1, 5.1), (2, 0.2, 4.0))
    assert city.threshold is not None
    assert city.threshold.tolist() == [5.0] * 3
    assert alarms(city) == [(1, 0.1)]


def test_a_large_city_is_allowed_its_nominal_alarms() -> None:
    """A thousand datastreams: seven alarms in the week, so the eighth largest day of a datastream is the bar."""
    city = baselines(1000)
    assert int(NOMINAL * 1000 * CALIBRATION_DAYS) == 7
    take(city, *((number, -3.0, float(number)) for number in range(1, 1001)))
    take(city, (1, 0.0, 0.0))
    assert city.threshold is not None
    assert city.threshold.tolist() == [993.0] * 3


def test_of_a_day_of_a_datastream_only_the_largest_score_counts() -> None:
    """Twenty high readings of one event do not raise the bar as twenty events would."""
    city = baselines(1000)
    take(city, *((1, -3.0 + step / 100, 50.0) for step in range(20)), (2, -3.0, 7.0))
    take(city, (1, 0.0, 0.0))
    assert city.threshold is not None
    assert city.threshold.tolist() == [0.0] * 3


def test_after_an_alarm_a_datastream_is_silent_for_a_day_and_others_are_not() -> None:
    """To the microsecond of a day."""
    city = baselines()
    take(city, (1, 0.0, 9.0), (1, 0.5, 99.0), (2, 0.5, 9.0), (1, HOLD_OFF_US / DAY_US, 9.0))
    assert alarms(city) == [(1, 0.0), (2, 0.5), (1, 1.0)]


def test_the_bar_stays_where_it_was_set() -> None:
    """A wild day while judging does not make the next one ordinary."""
    city = baselines()
    take(city, (1, -1.0, 4.0))
    take(city, (1, 0.0, 1_000.0))
    take(city, (2, 1.0, 5.0))
    assert alarms(city) == [(1, 0.0), (2, 1.0)]


def test_before_judging_nothing_is_told_and_an_empty_day_is_a_day() -> None:
    """No alarm of the weeks that are learnt from."""
    city = baselines()
    take(city, (1, -2.0, 1e9))
    city.take(batch_of([], [], []), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))
    assert city.threshold is None
    assert city.all(BEGIN_US)["ewma_z"] == []


@pytest.mark.parametrize(("streams", "days", "count"), [(100, 10, 1), (1000, 30, 30), (10, 1, 0)])
def test_blind_alarms_come_at_the_nominal_rate_evenly_and_within_the_span(streams: int, days: int, count: int) -> None:
    """One in a thousand stream-days, at datastreams there are."""
    told = baselines(streams).all(BEGIN_US + days * DAY_US)["blind"]
    assert len(told) == count
    assert all(1 <= one.lead[0] <= streams for one in told)
    assert all(BEGIN_US <= one.first_us < BEGIN_US + days * DAY_US for one in told)
    steps = np.diff([one.first_us for one in told])
    assert steps.max(initial=0) - steps.min(initial=DAY_US * days) <= 1


def test_an_alarm_is_an_incident_about_one_datastream() -> None:
    """Told once, of an event, named first."""
    one = told_once(7, 123)
    assert (one.category, one.lead, one.told) == (EVENT, (7,), [(123, frozenset({7}))])


@given(some.lists(some.tuples(some.integers(1, 2), some.integers(0, 72), some.floats(0, 9)), min_size=1, max_size=30))
@settings(max_examples=15, deadline=None)
def test_no_datastream_alarms_twice_within_a_day_and_a_prefix_tells_the_same(
    rows: list[tuple[int, int, float]],
) -> None:
    """Whatever the scores; what comes later changes nothing told before."""
    whole, short = baselines(), baselines()
    ordered = sorted(rows, key=lambda row: row[1])
    take(whole, *((one, hour / 24, score) for one, hour, score in ordered))
    take(short, *((one, hour / 24, score) for one, hour, score in ordered[: len(ordered) // 2 + 1]))
    assert alarms(whole)[: len(alarms(short))] == alarms(short)
    for number in (1, 2):
        times = [at for one, at in alarms(whole) if one == number]
        assert bool((np.diff(times) >= 1.0 - 1e-9).all())
