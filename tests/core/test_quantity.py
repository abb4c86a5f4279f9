"""Units of others into ours: what fits is converted exactly, what does not is not guessed at."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.feed import FeedDraft, document_of, thing_of
from impetus.core.quantity import AIR, KNOWN, LINES, UNITS, WEATHER, convert, mixing_ratio, told_in
from impetus.desk.declare_source import read_document


@pytest.mark.parametrize(
    ("value", "written", "unit", "expected"),
    [
        (1.0, "mg/m3", "ug/m3", 1000.0),
        (500.0, "GP", "ug/m3", 500_000.0),
        (45.0, "GQ", "ug/m3", 45.0),
        (12.5, "µg/m³", "ug/m3", 12.5),
        (32.0, "FAH", "Cel", 0.0),
        (273.15, "KEL", "Cel", 0.0),
        (0.54, "1", "%", 54.0),
        (36.0, "KMH", "m/s", 10.0),
        (10.0, "m/s", "km/h", 36.0),
        (1013.25, "A97", "hPa", 1013.25),
        (101325.0, "Pa", "hPa", 1013.25),
        (352.0, "CMT", "m", 3.52),
        (0.02, "ppm", "[ppb]", 20.0),
        (7.0, "furlong", "furlong", 7.0),
    ],
)
def test_a_value_means_the_same_in_our_unit(value: float, written: str, unit: str, expected: float) -> None:
    """Each conversion, worked by hand."""
    assert convert(value, written, unit) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("written", "unit"), [("GQ", "Cel"), ("furlong", "m"), ("", "m"), ("m", "furlong")])
def test_a_unit_of_another_dimension_is_not_guessed_at(written: str, unit: str) -> None:
    """No value rather than a wrong one."""
    assert convert(1.0, written, unit) is None


@given(st.sampled_from(sorted(UNITS)), st.sampled_from(sorted(UNITS)), st.floats(-1e4, 1e4))
def test_there_and_back_is_the_same_value(one: str, other: str, value: float) -> None:
    """Between any two units of one dimension."""
    there = convert(value, one, other)
    if there is None:
        assert UNITS[one].dimension != UNITS[other].dimension
    else:
        back = convert(there, other, one)
        assert back == pytest.approx(value, rel=1e-3, abs=1e-2)


def test_a_gas_in_parts_per_billion_is_another_quantity() -> None:
    """Without pressure and temperature it cannot become a mass per volume, so it gets a name of its own."""
    found = told_in(AIR["no2"], 0.02, "ppm")
    assert found is not None
    assert (found[0].property, found[0].unit, found[1]) == ("no2_ratio", "[ppb]", 20.0)
    assert told_in(WEATHER["air_temperature"], 1.0, "ppm") is None


def test_every_known_quantity_has_a_range_and_a_unit_that_converts_to_itself() -> None:
    """A table entry nobody can reach would be a silent loss."""
    for name, measure in KNOWN.items():
        assert measure.property == name
        assert measure.lowest < measure.highest
        assert measure.unit in UNITS
        assert told_in(measure, 1.0, measure.unit) == (measure, 1.0)
    assert mixing_ratio(AIR["o3"]).property == "o3_ratio"


def test_every_measure_can_be_declared() -> None:
    """None is taken for a person's, none has a unit that is no UCUM code, and none a range upside down."""
    draft = FeedDraft()
    everything = [*KNOWN.values(), *LINES.values(), *map(mixing_ratio, AIR.values())]
    for measure in everything:
        draft.add(thing_of("site"), measure, 0, 1.0)
        draft.add(thing_of("lane"), replace(measure, property=f"{measure.property}_12"), 0, 1.0)
    declared = read_document(document_of({"id": "feed"}, draft.report().streams)).datastreams
    assert len(declared) == 2 * len({measure.property for measure in everything})


def test_the_weather_has_the_names_under_which_the_detectors_look_for_it() -> None:
    """Temperature, precipitation and wind of the same zone are ordinary inputs of theirs."""
    assert {"air_temperature", "precipitation", "wind_speed", "wind_direction"} <= set(WEATHER)
    assert (WEATHER["air_temperature"].unit, WEATHER["wind_speed"].unit) == ("Cel", "m/s")
