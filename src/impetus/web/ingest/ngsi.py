"""NGSI-LD entities into a report: what a context broker sends when something it watches changes.

Taken are notifications (`{"type": "Notification", "data": [...]}`), single entities, lists of them and GeoJSON features;
normalised, concise or plain attributes, and NGSIv2's form. Only what this table knows becomes a reading: names of the Smart
Data Models, and entities that are observations of a place. A person, a vehicle or a device that somebody carries is none,
whatever it measures.

An entity's id is the thing. Some senders make a new entity for each observation and put its time into the id; that time is
taken off, else every hour would be a new thing.

**Source**: ETSI GS CIM 009 V1.8.1, sections 4.5 (representations) and 5.3.1 (notification); Smart Data Models, dataModel.Environment
and dataModel.Transportation.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from impetus.core.errors import Malformed, TooLarge
from impetus.core.feed import FeedDraft, FeedReport, FeedThing, point_of, thing_of
from impetus.core.place import Point
from impetus.core.quantity import KNOWN, Measure, told_in
from impetus.core.said import Document, inner, number, text, time_us

MOST_ENTITIES: Final = 10_000
OBSERVED: Final = re.compile(
    r"[A-Za-z]*(Observed|Monitoring)|OffStreetParking|OnStreetParking|ParkingSpot|WeatherStation"
)
PEOPLE: Final = re.compile(r"(?i).*(person|people[A-Z]|user|visitor|vehicle|wearable|patient|employee|animal).*")
_STAMPED: Final = re.compile(r"([-:_./]\d{4}-?\d\d-?\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?)+$", re.ASCII)
ATTRIBUTES: Final[Mapping[str, tuple[Measure, str]]] = {
    **{
        name: (KNOWN[name], "") for name in ("pm1", "pm4", "pm25", "pm10", "tsp", "no", "no2", "nox", "o3", "so2", "co")
    },
    "co2": (KNOWN["co2"], ""),
    "nh3": (KNOWN["nh3"], ""),
    "c6h6": (KNOWN["benzene"], ""),
    "sh2": (KNOWN["h2s"], ""),
    "temperature": (KNOWN["air_temperature"], ""),
    "relativeHumidity": (KNOWN["relative_humidity"], "1"),
    "pressure": (KNOWN["air_pressure"], ""),
    "atmosphericPressure": (KNOWN["air_pressure"], ""),
    "windSpeed": (KNOWN["wind_speed"], ""),
    "windDirection": (KNOWN["wind_direction"], ""),
    "precipitation": (KNOWN["precipitation"], ""),
    "illuminance": (KNOWN["illuminance"], ""),
    "LAeq": (KNOWN["sound_level"], ""),
    "LAmax": (KNOWN["sound_level_peak"], ""),
    "currentLevel": (KNOWN["water_level"], ""),
    "waterLevel": (KNOWN["water_level"], ""),
    "height": (KNOWN["water_level"], ""),
    "flow": (KNOWN["water_flow"], ""),
    "peopleCount": (KNOWN["people"], "1"),
    "availableSpotNumber": (KNOWN["free_spaces"], "1"),
    "intensity": (KNOWN["traffic_flow"], ""),
    "averageVehicleSpeed": (KNOWN["traffic_speed"], ""),
    "occupancy": (KNOWN["occupancy"], "1"),
}
"""Attribute, its measure, and the unit it has when none is stated, empty for the measure's own."""
TIMES: Final = ("dateObservedTo", "observationDateTime", "dateObserved", "dateModified", "modifiedAt")
_WRONG: Final = "a notification, an entity, or a list of entities"


def read_entities(document: object) -> FeedReport:
    """Read what a broker sent; entities and attributes that are none of ours are counted and passed over."""
    draft = FeedDraft()
    notified = inner(document, "notifiedAt")
    for count, entity in enumerate(_entities(document), start=1):
        if count > MOST_ENTITIES:
            raise TooLarge(f"more than {MOST_ENTITIES} entities", limit=MOST_ENTITIES, remedy="send fewer at once")
        if isinstance(entity, dict):
            _take(_flat(entity), notified, draft)
        else:
            draft.leave_out("an entry that is no entity")
    return draft.report()


def _entities(document: object) -> Sequence[object]:
    if isinstance(document, list):
        return document
    if isinstance(document, dict):
        for name in ("data", "features"):
            held = document.get(name)
            if isinstance(held, list):
                return held
            if isinstance(held, dict) and isinstance(held.get("features"), list):
                return _entities(held)
        if "id" in document and "type" in document:
            return [document]
    raise Malformed(
        "the body holds no entities", value=type(document).__name__, limit=_WRONG, remedy="send one of these"
    )


def _flat(entity: Document) -> Document:
    """Return a GeoJSON feature as the entity it stands for, and any other as it is."""
    properties = entity.get("properties")
    if entity.get("type") != "Feature" or not isinstance(properties, dict):
        return entity
    return {"location": entity.get("geometry"), **properties, "id": entity.get("id")}


def _take(entity: Document, notified: object, draft: FeedDraft) -> None:
    kind, name = text(entity.get("type")), text(entity.get("id"))
    if not name or not OBSERVED.fullmatch(kind.rpartition("/")[2]) or PEOPLE.fullmatch(kind):
        draft.leave_out("an entity that is no observation of a place")
        return
    thing = _thing(name, entity)
    ours = [(attribute, told) for attribute, told in _attributes(entity) if attribute in ATTRIBUTES]
    draft.leave_out("an attribute nobody here knows", max(0, len(entity) - len(ours) - 2))
    entity_us = _entity_us(entity, notified)
    for attribute, told in ours:
        _add(thing, ATTRIBUTES[attribute], told, entity_us, draft)


def _thing(name: str, entity: Document) -> FeedThing:
    bare = _STAMPED.sub("", name) or name
    short = re.sub(r"^(urn|uri):ngsi(-ld)?:", "", bare)
    shown = text(_value(entity.get("name"))) or short
    return thing_of(short, shown, _point(entity.get("location")))


def _point(location: object) -> Point | None:
    """Return the place of a Point; of any other shape none, because its middle would be a guess."""
    held = _value(location)
    if not isinstance(held, dict):
        return None
    if held.get("type") != "Point":
        return _point(held) if held.get("type") == "GeoProperty" else None
    place = held.get("coordinates")
    return point_of(number(place[0]), number(place[1])) if isinstance(place, list) and len(place) > 1 else None


def _attributes(entity: Document) -> Iterator[tuple[str, object]]:
    """Yield attributes with their newest instance; of several (one a data set) the one without a name counts, else the first."""
    for attribute, told in entity.items():
        if isinstance(told, list):
            plain = [each for each in told if isinstance(each, dict) and "datasetId" not in each]
            yield attribute, (plain or told or [None])[0]
        else:
            yield attribute, told


def _add(thing: FeedThing, known: tuple[Measure, str], told: object, entity_us: int | None, draft: FeedDraft) -> None:
    measure, usual = known
    value = number(_value(told))
    observed = time_us(inner(told, "observedAt"), "UTC")
    at_us = entity_us if observed is None else observed
    if value is None or at_us is None:
        draft.leave_out("a value that is no number" if value is None else "no time of observation")
        return
    written = text(inner(told, "unitCode")) or text(_value(inner(told, "metadata", "unitCode"))) or usual
    made = told_in(measure, value, written or measure.unit)
    if made is None:
        draft.leave_out("a unit that does not fit")
    else:
        draft.add(thing, made[0], at_us, made[1])


def _value(told: object) -> object:
    """Return what an attribute says, in whichever representation."""
    if isinstance(told, dict):
        for name in ("value", "@value", "object"):
            if name in told:
                return _value(told[name]) if name == "value" else told[name]
    return told


def _entity_us(entity: Document, notified: object) -> int | None:
    """Return when the entity was observed: at the end of an interval, else when the broker said so."""
    said = (text(_value(entity.get(name))).rpartition("/")[2] for name in TIMES)
    found = (time_us(each, "UTC") for each in (*said, text(notified)))
    return next((each for each in found if each is not None), None)
