"""What the square's instruments measure: one frozen description a kind, and the declaration made from them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from impetus.demo.draw import CAMERAS, EXITS, SAMPLERS, SENSORS, SWITCHES, MetrePoint, counters, locate

SOURCE = "square"
SOURCE_NAME = "City Hall Square (simulated)"
CADENCE_S = 10
"""Seconds between readings of one instrument, live. House rule: what city people counters and samplers offer."""
SAMPLE_S = 120
"""Seconds between two samples of an air sampler; real ones take minutes to hours, and a demonstration has half an hour."""
FRESHNESS_S = 300.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One property an instrument reports: unit (UCUM, or what people write where it has none) and physical range."""

    property: str
    unit: str
    lowest: float
    highest: float
    cadence_s: int = CADENCE_S


DENSITY = Measure(property="people_density", unit="{people}/m2", lowest=0.0, highest=15.0)
EGRESS = Measure(property="egress_flow", unit="{people}/min", lowest=0.0, highest=3000.0)
BACTERIA = Measure(property="airborne_bacteria", unit="/m3", lowest=0.0, highest=1e7, cadence_s=SAMPLE_S)
SAMPLE = (
    BACTERIA,
    Measure(property="sample_duration", unit="s", lowest=0.0, highest=86_400.0, cadence_s=SAMPLE_S),
    Measure(property="air_volume", unit="m3", lowest=0.0, highest=1_000.0, cadence_s=SAMPLE_S),
    Measure(property="collector_volume", unit="mL", lowest=0.0, highest=1_000.0, cadence_s=SAMPLE_S),
    Measure(property="raw_signal", unit="1", lowest=0.0, highest=65_535.0, cadence_s=SAMPLE_S),
    Measure(property="detection_limit", unit="/m3", lowest=0.0, highest=1e7, cadence_s=SAMPLE_S),
    Measure(property="quality_flag", unit="1", lowest=0.0, highest=3.0, cadence_s=SAMPLE_S),
)
"""What a sampler reports of one sample, all with the same time: the end of sampling."""
SOUND = Measure(property="sound_level", unit="dB(A)", lowest=0.0, highest=140.0)
TRAFFIC = Measure(property="traffic", unit="Mbit/s", lowest=0.0, highest=10_000.0)
PACKETS = Measure(property="packets", unit="/s", lowest=0.0, highest=1e7)
LOGINS = Measure(property="failed_logins", unit="/min", lowest=0.0, highest=1e5)
FRAMES = Measure(property="frame_rate", unit="/s", lowest=0.0, highest=120.0)
WIND = Measure(property="wind_speed", unit="m/s", lowest=0.0, highest=75.0)
WIND_FROM = Measure(property="wind_direction", unit="deg", lowest=0.0, highest=360.0)
TEMPERATURE = Measure(property="air_temperature", unit="Cel", lowest=-60.0, highest=60.0)
TRAM = Measure(property="tram_delay", unit="s", lowest=-600.0, highest=7200.0)
"""Ranges: what such instruments can report at all, well beyond what a square sees. House choice."""

_BY_FIRST_LETTER: Mapping[str, tuple[Measure, ...]] = {
    "p": (DENSITY,),
    "e": (EGRESS,),
    "a": SAMPLE,
    "n": (SOUND,),
    "s": (TRAFFIC, PACKETS, LOGINS),
    "c": (FRAMES,),
    "w": (WIND, WIND_FROM, TEMPERATURE),
    "t": (TRAM,),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """An instrument: its key on the map, name, zone, position and what it measures."""

    key: str
    name: str
    zone: str
    spot: MetrePoint
    measures: tuple[Measure, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """One datastream of the demo."""

    thing: str
    zone: str
    measure: Measure

    @property
    def key(self) -> str:
        """Return the datastream's key, as declared."""
        return f"{SOURCE}/{self.thing}/{self.measure.property}"


def _spots() -> Iterator[tuple[str, str, str, MetrePoint]]:
    """Yield key, name, zone and position of every instrument."""
    yield from ((key, f"People counter {key.upper()}", zone, spot) for key, (zone, spot) in counters().items())
    for key, (name, zone, start, end) in EXITS.items():
        yield key, name, zone, ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    yield from ((key, f"Air sampler {key.upper()}", zone, spot) for key, (zone, spot) in SAMPLERS.items())
    yield from ((key, f"Switch {key.upper()}", zone, spot) for key, (zone, spot) in SWITCHES.items())
    yield from ((key, f"Camera {key.upper()}", zone, spot) for key, (zone, spot, _, _) in CAMERAS.items())
    yield from ((key, name, zone, spot) for key, (name, zone, spot) in SENSORS.items())


def things() -> tuple[Thing, ...]:
    """Return every instrument of the square."""
    return tuple(
        Thing(key=key, name=name, zone=zone, spot=spot, measures=_BY_FIRST_LETTER[key[0]])
        for key, name, zone, spot in _spots()
    )


def streams() -> tuple[Stream, ...]:
    """Return every datastream of the square, in the order it is declared."""
    return tuple(
        Stream(thing=thing.key, zone=thing.zone, measure=measure) for thing in things() for measure in thing.measures
    )


def declaration() -> dict[str, object]:
    """Return the declaration of the source, as a document to be read strictly like anybody's."""
    return {
        "source": {
            "id": SOURCE,
            "name": SOURCE_NAME,
            "kind": "simulated",
            "simulated": True,
            "freshness_s": FRESHNESS_S,
        },
        "things": [_declared(thing) for thing in things()],
    }


def _declared(thing: Thing) -> dict[str, object]:
    point = locate(thing.spot)
    return {
        "key": thing.key,
        "name": thing.name,
        "zone": thing.zone,
        "position": [point.lon, point.lat],
        "datastreams": [
            {
                "property": measure.property,
                "unit": measure.unit,
                "lowest": measure.lowest,
                "highest": measure.highest,
                "cadence_s": measure.cadence_s,
            }
            for measure in thing.measures
        ],
    }
