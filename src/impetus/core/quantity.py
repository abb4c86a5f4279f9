"""What city instruments measure, in which unit, and how values in other units become values in that one.

A feed names its quantities and units in its own words (`PM2.5`, `µg/m³`, `GQ`). Here they get one name, one unit and the
range that such an instrument can report at all, so that a reading means the same whoever sent it. A value in a unit of
another dimension, or in one nobody here knows, is not converted: a guess would be a wrong reading.

**Source**: UCUM 2.1 (units); UN/CEFACT Recommendation 20 (common codes, which NGSI-LD uses).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One quantity of a feed: the datastream's property, its unit (UCUM) and what an instrument can report.

    `is_count` says that nothing seen is a reading of 0 and no silence: the vehicles of a line, the people in a square.
    """

    property: str
    unit: str
    lowest: float
    highest: float
    is_count: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unit:
    """A unit of a dimension: `value * factor + offset` is the value in the dimension's base unit."""

    dimension: str
    factor: float = 1.0
    offset: float = 0.0


_WRITTEN: Final = (
    ("mass", 1.0, 0.0, "ug/m3 µg/m3 μg/m3 µg/m³ μg/m³ ug/m³ microg/m3 GQ"),
    ("mass", 1000.0, 0.0, "mg/m3 mg/m³ GP"),
    ("mixing", 1.0, 0.0, "[ppb] ppb 61"),
    ("mixing", 1000.0, 0.0, "[ppm] ppm 59"),
    ("temperature", 1.0, 0.0, "Cel C c degC °C CEL"),
    ("temperature", 5 / 9, -160 / 9, "[degF] F f °F FAH"),
    ("temperature", 1.0, -273.15, "K KEL"),
    ("share", 1.0, 0.0, "% P1"),
    ("share", 100.0, 0.0, "1 C62"),
    ("speed", 1.0, 0.0, "m/s MTS"),
    ("speed", 1 / 3.6, 0.0, "km/h KMH"),
    ("angle", 1.0, 0.0, "deg ° DD"),
    ("length", 1.0, 0.0, "m MTR"),
    ("length", 0.01, 0.0, "cm CMT"),
    ("length", 0.001, 0.0, "mm MMT"),
    ("pressure", 1.0, 0.0, "hPa hpa mbar mb MBR A97"),
    ("pressure", 0.01, 0.0, "Pa PAL"),
    ("sound", 1.0, 0.0, "dB(A) dB dBA 2N"),
    ("volume_flow", 1.0, 0.0, "m3/s MQS"),
    ("light", 1.0, 0.0, "lx lux LUX"),
    ("time", 1.0, 0.0, "s SEC"),
    ("time", 60.0, 0.0, "min MIN"),
    ("rate", 1.0, 0.0, "/h"),
    ("per_length", 1.0, 0.0, "/km"),
    ("grains", 1.0, 0.0, "/m3 grains/m3 particles/m³"),
    ("grains", 1e6, 0.0, "/cm3 particles/cm³ particles/cm3"),
)
"""Dimension, factor, offset, and every way the unit is written in the feeds we read."""
UNITS: Final[Mapping[str, _Unit]] = MappingProxyType(
    {
        written: _Unit(dimension=dimension, factor=factor, offset=offset)
        for dimension, factor, offset, words in _WRITTEN
        for written in words.split()
    }
)


def convert(value: float, written: str, unit: str) -> float | None:
    """Return a value in `unit`, None when the unit it was written in is unknown or of another dimension.

    >>> convert(0.54, "C62", "%"), convert(50.0, "FAH", "Cel"), convert(1.0, "GP", "%")
    (54.0, 10.0, None)
    """
    if written == unit:
        return value
    source, target = UNITS.get(written), UNITS.get(unit)
    if source is None or target is None or source.dimension != target.dimension:
        return None
    return round((value * source.factor + source.offset - target.offset) / target.factor, 9)


def _measures(*rows: tuple[str, str, float, float]) -> Mapping[str, Measure]:
    made = (Measure(property=name, unit=unit, lowest=low, highest=high) for name, unit, low, high in rows)
    return MappingProxyType({measure.property: measure for measure in made})


AIR: Final = _measures(
    ("pm1", "ug/m3", -10, 10_000),
    ("pm4", "ug/m3", -10, 10_000),
    ("pm25", "ug/m3", -10, 10_000),
    ("pm10", "ug/m3", -10, 20_000),
    ("tsp", "ug/m3", -10, 50_000),
    ("no", "ug/m3", -20, 10_000),
    ("no2", "ug/m3", -20, 10_000),
    ("nox", "ug/m3", -20, 20_000),
    ("o3", "ug/m3", -20, 5_000),
    ("so2", "ug/m3", -20, 20_000),
    ("co", "ug/m3", -500, 1_000_000),
    ("co2", "[ppm]", 0, 100_000),
    ("bc", "ug/m3", -10, 5_000),
    ("nh3", "ug/m3", -20, 50_000),
    ("benzene", "ug/m3", -5, 10_000),
    ("h2s", "ug/m3", -5, 50_000),
)
"""Air pollutants. Small negative values are real: an analyser drifts about zero. Ranges: what analysers report. House choice."""
WEATHER: Final = _measures(
    ("air_temperature", "Cel", -60, 60),
    ("relative_humidity", "%", 0, 105),
    ("air_pressure", "hPa", 500, 1100),
    ("wind_speed", "m/s", 0, 75),
    ("wind_direction", "deg", 0, 360),
    ("precipitation", "mm", 0, 500),
    ("illuminance", "lx", 0, 200_000),
)
"""The weather, by the names under which the detectors look for it. Ranges: records, with room. House choice."""
PLACES: Final = _measures(
    ("sound_level", "dB(A)", 0, 140),
    ("sound_level_peak", "dB(A)", 0, 160),
    ("water_level", "m", -500, 9000),
    ("water_flow", "m3/s", 0, 1_000_000),
    ("pollen", "/m3", 0, 1e6),
    ("people", "1", 0, 1e6),
    ("free_spaces", "1", 0, 1e6),
)
"""Sound, water, pollen, and counts of what is in a place."""
_NAMED: Final = (
    Measure(property="vehicles", unit="1", lowest=0, highest=100_000, is_count=True),
    Measure(property="journeys", unit="1", lowest=0, highest=100_000, is_count=True),
    Measure(property="cancelled", unit="1", lowest=0, highest=100_000, is_count=True),
    Measure(property="disruptions", unit="1", lowest=0, highest=10_000, is_count=True),
    Measure(property="delay", unit="s", lowest=-7200, highest=86_400),
    Measure(property="delay_worst", unit="s", lowest=-7200, highest=86_400),
    Measure(property="vehicle_speed", unit="m/s", lowest=0, highest=120),
)
LINES: Final[Mapping[str, Measure]] = MappingProxyType({measure.property: measure for measure in _NAMED})
"""What is told of a line of public transport: how many vehicles and journeys, and how late. Never of one vehicle: a bus is
somebody at work. Ranges: a day late, two hours early; beyond that a clock is wrong. House choice."""
TRAFFIC: Final = _measures(
    ("traffic_flow", "/h", 0, 20_000),
    ("traffic_speed", "km/h", 0, 250),
    ("traffic_density", "/km", 0, 1_000),
    ("occupancy", "%", 0, 100),
    ("headway", "s", 0, 3_600),
    ("travel_time", "s", 0, 86_400),
    ("road_temperature", "Cel", -60, 90),
    ("visibility", "m", 0, 100_000),
)
"""What a measuring site at a road tells. Ranges: what detectors can report. House choice."""
COUNTS: Final = frozenset(measure.property for measure in _NAMED if measure.is_count)
KNOWN: Final[Mapping[str, Measure]] = MappingProxyType({**AIR, **WEATHER, **PLACES, **TRAFFIC})


def mixing_ratio(measure: Measure) -> Measure:
    """Return the measure for a gas told as parts per billion: without pressure and temperature that is another quantity."""
    return Measure(property=f"{measure.property}_ratio", unit="[ppb]", lowest=-1000, highest=1e7)


def told_in(measure: Measure, value: float, written: str) -> tuple[Measure, float] | None:
    """Return the measure and the value in its unit, None when the unit does not fit.

    >>> told_in(AIR["no2"], 0.02, "ppm")[0].property
    'no2_ratio'
    """
    for fitting in (measure, *((mixing_ratio(measure),) if measure.unit == "ug/m3" else ())):
        converted = convert(value, written, fitting.unit)
        if converted is not None:
            return fitting, converted
    return None
