"""Air quality as OpenAQ's version 3 tells it: the sensors of a location, or the newest values of one parameter.

`/v3/locations/{id}/sensors` names parameter, unit and newest value of each sensor; which location it is about the body does
not say, so the declaration does (`thing`). `/v3/parameters/{id}/latest` and `/v3/locations/{id}/latest` name location and
sensor, and not what is measured; there the declaration names `property` and `unit`.

**Source**: OpenAQ API, version 3, resources *Sensors* and *Latest*.
"""

from collections.abc import Mapping
from typing import Final

from impetus.adapters.feeds.json_body import parse_json
from impetus.adapters.feeds.options import Reading
from impetus.core.errors import Malformed
from impetus.core.feed import FeedDraft, FeedReport, point_of, thing_of
from impetus.core.quantity import AIR, KNOWN, WEATHER, Measure, told_in
from impetus.core.said import Document, inner, number, text, time_us

PARAMETERS: Final[Mapping[str, Measure]] = {
    **AIR,
    "temperature": WEATHER["air_temperature"],
    "relativehumidity": WEATHER["relative_humidity"],
    "humidity": WEATHER["relative_humidity"],
    "pressure": WEATHER["air_pressure"],
    "wind_speed": WEATHER["wind_speed"],
    "wind_direction": WEATHER["wind_direction"],
}


def read_openaq(body: bytes, how: Reading) -> FeedReport:
    """Read sensors or newest values; one bad entry is left out, with the reason."""
    results = inner(parse_json(body), "results")
    if not isinstance(results, list):
        raise Malformed("the body has no results", limit="an answer of version 3", remedy="look at the address")
    draft = FeedDraft()
    for entry in results:
        if not isinstance(entry, dict):
            draft.leave_out("an entry that is no object")
        elif "parameter" in entry:
            _sensor(entry, how, draft)
        else:
            _latest(entry, how, draft)
    return draft.report()


def _sensor(entry: Document, how: Reading, draft: FeedDraft) -> None:
    """Take a sensor of the one location."""
    measure = PARAMETERS.get(text(inner(entry, "parameter", "name")).lower())
    if measure is None:
        draft.leave_out("a parameter nobody here knows")
        return
    newest = entry.get("latest")
    unit = text(inner(entry, "parameter", "units")) or measure.unit
    _add(newest if isinstance(newest, dict) else {}, how.thing, measure, unit, how, draft)


def _latest(entry: Document, how: Reading, draft: FeedDraft) -> None:
    """Take the newest value at one of many locations."""
    location = text(entry.get("locationsId"))
    measure = KNOWN.get(how.property)
    if not location or measure is None:
        draft.leave_out(
            "an entry without a location" if measure else "property is not declared, or nobody here knows it"
        )
    elif how.wants(location):
        _add(entry, location, measure, how.unit or measure.unit, how, draft)
    else:
        draft.leave_out("not asked for")


def _add(newest: Document, thing: str, measure: Measure, unit: str, how: Reading, draft: FeedDraft) -> None:
    place = newest.get("coordinates")
    point = point_of(number(inner(place, "longitude")), number(inner(place, "latitude")))
    at_us, value = time_us(inner(newest, "datetime", "utc"), "UTC"), number(newest.get("value"))
    told = told_in(measure, 0.0 if value is None else value, unit)
    if at_us is None or value is None:
        draft.leave_out("no newest value")
    elif not how.is_inside(point):
        draft.leave_out("not asked for")
    elif told is None:
        draft.leave_out("a unit that does not fit")
    else:
        draft.add(thing_of(thing or "station", point=point), told[0], at_us, told[1])
