"""DATEX II measured data, versions 2 and 3: what the measuring sites at roads tell.

A site is a thing. Its values have numbers (`index`) whose meaning, a lane or a class of vehicles, stands in the site's table; the
number is part of the datastream's name, so that a lane that says nothing today is not taken for its neighbour. Weather has none. Flow is in
vehicles per hour, speed in km/h. What the sender marks as an error (`dataError`), and a speed of no vehicles (negative), is a
reading without a value.

Where the sites are a document of its own tells (`MeasurementSiteTable`); it is read once, from a file of the home.

**Source**: EN 16157-5 (measured and elaborated data publications), EN 16157-2 (locations).
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final

from impetus.adapters.feeds.datex2_types import BasicData, Site, SiteMeasurements, Value
from impetus.adapters.feeds.options import Reading
from impetus.adapters.feeds.records import Wanted, bound, names_of, records
from impetus.core.feed import FeedDraft, FeedReport, FeedThing, point_of, thing_of
from impetus.core.quantity import KNOWN, TRAFFIC, Measure
from impetus.core.said import time_us

SPACES: Final = (
    "http://datex2.eu/schema/",
    "http://www.w3.org/2003/05/soap-envelope",
    "http://schemas.xmlsoap.org/soap/envelope",
)
ROOTS: Final = frozenset({"d2LogicalModel", "messageContainer", "payload", "payloadPublication", "Envelope"})
MEASURED: Final = Wanted(
    root=ROOTS,
    spaces=SPACES,
    records=frozenset({"siteMeasurements"}),
    through=frozenset({"timeValue", "period", "endOfPeriod"}),
    known=names_of(SiteMeasurements),
)
SITES: Final = Wanted(
    root=ROOTS,
    spaces=SPACES,
    records=frozenset({"measurementSiteRecord", "measurementSite"}),
    known=names_of(Site),
    through=frozenset(
        {
            "measurementSiteLocation",
            "pointByCoordinates",
            "pointCoordinates",
            "locationForDisplay",
            "coordinatesForDisplay",
            "locationReference",
            "_pointLocationExtension",
        }
    ),
)
KMH: Final = Decimal("3.6")
"""Every speed of DATEX II is in kilometres per hour; wind is kept in metres per second. **Source**: EN 16157-5."""
MOST_INDEX: Final = 9_999
Sites = Mapping[str, FeedThing]


def read_sites(body: bytes) -> dict[str, FeedThing]:
    """Read a table of sites: each by its id, with name and position."""
    found: dict[str, FeedThing] = {}
    for record, _ in records(body, SITES):
        site = bound(record, Site)
        if site is not None and site.id and site.id.strip():
            names = (
                site.measurement_site_name.values.value
                if site.measurement_site_name and site.measurement_site_name.values
                else ()
            )
            lon, lat = (float(each[0]) if each else None for each in (site.longitude, site.latitude))
            found[site.id.strip()] = thing_of(
                site.id, next((name for name in names if name.strip()), ""), point_of(lon, lat)
            )
    return found


def read_datex2(body: bytes, how: Reading, sites: Sites) -> FeedReport:
    """Read a publication of measured data; sites that cannot be read are counted."""
    draft = FeedDraft()
    for record, _ in records(body, MEASURED):
        measured = bound(record, SiteMeasurements)
        reference = measured.measurement_site_reference if measured else None
        name = (reference.id or "").strip() if reference else ""
        if measured is None or not name:
            draft.leave_out("a record that cannot be read")
            continue
        thing = sites.get(name) or thing_of(name)
        if not how.wants(name) or not how.is_inside(thing.point):
            draft.leave_out("not asked for")
            continue
        _take_site(measured, thing, how, draft)
    return draft.report()


def _take_site(measured: SiteMeasurements, thing: FeedThing, how: Reading, draft: FeedDraft) -> None:
    """Take what a site measured; a second value of the weather under another number is left out."""
    usual_us = time_us((measured.measurement_time_default or "").strip(), how.zone)
    told: set[str] = set()
    for indexed in (*measured.measured_value, *measured.physical_quantity):
        content = indexed.basic_data or (indexed.measured_value.basic_data if indexed.measured_value else None)
        if content is None or indexed.index is None or not 0 <= indexed.index <= MOST_INDEX:
            draft.leave_out("a value without a number or without a content")
            continue
        own_us = time_us((content.measurement_or_calculation_time or "").strip(), how.zone)
        at_us, values = usual_us if own_us is None else own_us, list(_values(content))
        if at_us is None or not values:
            draft.leave_out("a time that cannot be read" if at_us is None else "a quantity nobody here knows")
            continue
        for name, value, number in values:
            measure = _measure(name, indexed.index)
            if measure.property in told:
                draft.leave_out("a second value of one quantity")
                continue
            told.add(measure.property)
            is_sound = not value.data_error and number is not None and (number >= 0 or measure.lowest < 0)
            draft.add(thing, measure, at_us, float(number) if is_sound and number is not None else float("nan"))


def _measure(name: str, index: int) -> Measure:
    """Return the measure: of traffic by its number, which is a lane or a class; of weather once a site."""
    known = KNOWN[name]
    return replace(known, property=f"{name}_{index}") if name in TRAFFIC else known


def _values(told: BasicData) -> Iterator[tuple[str, Value, Decimal | None]]:
    """Yield the quantities a value tells: ours for it, the value, and its number."""
    air, road, wind = told.temperature, told.road_surface_condition_measurements, told.wind
    seen, damp = told.visibility, told.humidity
    for name, value, field in (
        ("traffic_flow", told.vehicle_flow, "vehicle_flow_rate"),
        ("traffic_speed", told.average_vehicle_speed, "speed"),
        ("traffic_density", told.concentration, "concentration_of_vehicles"),
        ("occupancy", told.occupancy, "percentage"),
        ("headway", told.average_time_headway, "duration"),
        ("travel_time", told.travel_time, "duration"),
        ("air_temperature", air.air_temperature if air else None, "temperature"),
        ("road_temperature", road.road_surface_temperature if road else None, "temperature"),
        ("wind_speed", wind.wind_speed if wind else None, "speed"),
        ("wind_direction", wind.wind_direction_bearing if wind else None, "direction_bearing"),
        ("visibility", seen.minimum_visibility_distance if seen else None, "integer_metre_distance"),
        ("relative_humidity", damp.relative_humidity if damp else None, "percentage"),
    ):
        if value is not None:
            number: Decimal | None = getattr(value, field)
            yield name, value, number / KMH if number is not None and name == "wind_speed" else number
