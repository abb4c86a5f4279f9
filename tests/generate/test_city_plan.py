"""Where the sensors of a made-up city stand and what an ordinary day of theirs looks like."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from impetus.core.observation import to_us
from impetus.generate.city_days import PARTS, Weather, day_of, first_day, free_days
from impetus.generate.city_plan import MODELS, SHAPES, SORTS, plan_city, thing_names, zone_names

CITY = plan_city(seed=3, streams=400)
WORKING, SUNDAY = date(2026, 3, 4), date(2026, 3, 8)


def test_a_city_has_exactly_the_streams_asked_for_in_every_sort() -> None:
    """400 datastreams, each sort of sensor among them, and no two things share a name."""
    assert len(CITY) == 400
    assert set(CITY.sort.tolist()) == set(range(len(SORTS)))
    assert len(set(thing_names(CITY))) == int(CITY.thing.max()) + 1


def test_the_same_seed_is_the_same_city_and_another_is_another() -> None:
    """Places follow from the seed alone."""
    assert np.array_equal(plan_city(seed=3, streams=400).lon, CITY.lon)
    assert not np.array_equal(plan_city(seed=4, streams=400).lon, CITY.lon)


def test_datastreams_of_one_thing_stand_in_one_place_and_zone() -> None:
    """A counter's flow and density are at the same pole."""
    for thing in range(20):
        rows = np.flatnonzero(CITY.thing == thing)
        assert len(set(CITY.lon[rows].tolist())) == 1
        assert len({zone_names(CITY)[row] for row in rows}) == 1


def test_things_of_a_zone_are_nearer_to_each_other_than_to_the_rest() -> None:
    """Zones are places, not labels: half a kilometre across, kilometres apart."""
    metres = 111_195.0
    north = CITY.lat * metres
    east = CITY.lon * metres * np.cos(np.radians(59.91))
    zone = CITY.zone == CITY.zone[0]
    inside = np.hypot(north[zone] - north[zone].mean(), east[zone] - east[zone].mean()).mean()
    across = np.hypot(north - north.mean(), east - east.mean()).mean()
    assert inside < 500 < across


def test_shares_of_models_and_of_chance_add_up() -> None:
    """Every thing is of some model, and the parts of the residual make unit variance."""
    assert sum(model.share for model in MODELS) == pytest.approx(1.0)
    assert sum(share for share, _ in PARTS.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("name", sorted(SHAPES))
def test_a_shape_joins_at_midnight(name: str) -> None:
    """Hour 24 is hour 0 of the next day, give or take a tenth: no sensor jumps at twelve."""
    for hours, shares in SHAPES[name]:
        assert (hours[0], hours[-1]) == (0, 24)
        assert abs(shares[0] - shares[-1]) <= 0.21


def test_the_residual_is_what_its_numbers_say() -> None:
    """Unit variance, as published; neighbours of one thing move together with the shared parts' share of it."""
    weather = Weather(city=CITY)
    days = [day_of(CITY, weather, date(2026, 3, day), 300) for day in range(2, 9)]
    residual = np.concatenate([(day.value - day.normal) / day.sd for day in days], axis=1)
    assert float(residual.std()) == pytest.approx(1.0, abs=0.05)
    rows = days[0].rows
    pair = [np.flatnonzero(CITY.thing[rows] == thing) for thing in np.unique(CITY.thing[rows])[:20]]
    together = [float(np.corrcoef(residual[two])[0, 1]) for two in pair if len(two) == 2]
    shared = sum(PARTS[name][0] for name in ("city", "zone", "thing"))
    assert float(np.mean(together)) == pytest.approx(shared, abs=0.1)


def test_memory_goes_on_over_midnight() -> None:
    """The first reading of a day is near the last of the day before, as any two in a row are."""
    weather = Weather(city=CITY)
    days = [day_of(CITY, weather, date(2026, 3, day), 300) for day in (2, 3)]
    before, after = ((day.value - day.normal) / day.sd for day in days)
    over_midnight = float(np.corrcoef(before[:, -1], after[:, 0])[0, 1])
    within = float(np.corrcoef(after[:, 10], after[:, 11])[0, 1])
    assert over_midnight == pytest.approx(within, abs=0.15)
    assert over_midnight > 0.5


def test_rush_hour_is_busier_than_night_and_sunday_is_quieter() -> None:
    """The shape of the day and the kind of the day are in the normal values."""
    roads = plan_city(seed=3, streams=400).model == 0
    days = {day: day_of(CITY, Weather(city=CITY), day, 300) for day in (WORKING, SUNDAY)}
    rows = roads[days[WORKING].rows]
    morning = {day: made.normal[rows][:, 7 * 12 : 8 * 12].mean() for day, made in days.items()}
    night = days[WORKING].normal[rows][:, 2 * 12 : 3 * 12].mean()
    assert morning[WORKING] > 3 * night
    assert morning[WORKING] > 2 * morning[SUNDAY]


def test_a_holiday_is_like_a_sunday() -> None:
    """Good Friday of 2026 has no morning rush hour."""
    friday = date(2026, 4, 3)
    assert friday in free_days()
    made = {day: day_of(CITY, Weather(city=CITY), day, 300).normal.mean() for day in (friday, date(2026, 3, 27))}
    assert made[friday] < 0.85 * made[date(2026, 3, 27)]


def test_the_city_lives_by_local_time_across_the_change_of_clocks() -> None:
    """The morning of Monday after the change begins an hour earlier in UTC than that of Friday before."""
    rise = {}
    for day in (date(2026, 3, 27), date(2026, 3, 30)):
        normal = day_of(CITY, Weather(city=CITY), day, 300).normal
        rise[day] = int(np.argmax(np.diff(normal[CITY.model[CITY.at_cadence(300)] == 0].mean(axis=0))[: 9 * 12]))
    first, second = rise.values()
    assert 9 <= first - second <= 15


def test_any_number_of_weeks_ends_with_easter_and_begins_on_a_monday() -> None:
    """Six weeks begin on 2 March, and the change of clocks lies after the two of learning."""
    assert [first_day(weeks).weekday() for weeks in (3, 6, 10)] == [0, 0, 0]
    assert first_day(6) == date(2026, 3, 2)
    begin = to_us(datetime(2026, 3, 4, tzinfo=ZoneInfo("UTC")))
    assert int(day_of(CITY, Weather(city=CITY), WORKING, 900).time_us[0]) == begin
