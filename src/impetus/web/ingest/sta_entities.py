"""Things, datastreams and observations as SensorThings writes them.

**Source**: OGC 18-088, sections 8.2.1 (Thing), 8.2.4 (Datastream), 8.2.7 (Observation), 9.2.1 (service root).
"""

import math
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote

from impetus.core.observation import Datastream, from_us

MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
UCUM: Final = "http://unitsofmeasure.org/"
ROOT: Final = "/sta/v1.1"
CONFORMANCE: Final = ("http://www.opengis.net/spec/iot_sensing/1.1/req/data-array/data-array",)
"""Requirement classes met whole; of the others a documented subset is offered."""
Entity = dict[str, object]


def service_root(base: str) -> Entity:
    """Return what the service offers."""
    sets = ("Things", "Datastreams", "Observations")
    return {
        "value": [{"name": name, "url": f"{base}/{name}"} for name in sets],
        "serverSettings": {"conformance": list(CONFORMANCE)},
    }


def thing_entity(base: str, datastreams: Sequence[Datastream]) -> Entity:
    """Return the thing that all these datastreams belong to."""
    first = datastreams[0]
    link = f"{base}/Things({quoted(first.thing)})"
    properties: Entity = {"source": first.source, "simulated": any(each.simulated for each in datastreams)}
    if first.point is not None:
        properties["position"] = {"type": "Point", "coordinates": [first.point.lon, first.point.lat]}
    if first.zone is not None:
        properties["zone"] = first.zone
    return {
        "@iot.id": first.thing,
        "@iot.selfLink": link,
        "name": first.thing_name,
        "description": f"{first.thing_name} of the source {first.source}",
        "properties": properties,
        "Datastreams@iot.navigationLink": f"{link}/Datastreams",
    }


def datastream_entity(base: str, datastream: Datastream) -> Entity:
    """Return a datastream; units are UCUM."""
    link = f"{base}/Datastreams({datastream.id})"
    return {
        "@iot.id": datastream.id,
        "@iot.selfLink": link,
        "name": datastream.key,
        "description": f"{datastream.observed_property} at {datastream.thing_name}",
        "observationType": MEASUREMENT,
        "unitOfMeasurement": {"name": datastream.unit, "symbol": datastream.unit, "definition": UCUM},
        "properties": {
            "lowest": datastream.lowest,
            "highest": datastream.highest,
            "cadence_s": datastream.cadence_s,
            "simulated": datastream.simulated,
        },
        "Thing@iot.navigationLink": f"{link}/Thing",
        "Observations@iot.navigationLink": f"{link}/Observations",
    }


def observation_link(base: str, datastream: int, time_us: int) -> str:
    """Return the address of an observation: a datastream has one at a time."""
    return f"{base}/Observations('{datastream}_{time_us}')"


def observation_entity(base: str, datastream: int, time_us: int, result: float) -> Entity:
    """Return an observation; a missing value is null, as JSON has no NaN."""
    at = from_us(time_us).isoformat().replace("+00:00", "Z")
    return {
        "@iot.id": f"{datastream}_{time_us}",
        "@iot.selfLink": observation_link(base, datastream, time_us),
        "phenomenonTime": at,
        "resultTime": None,
        "result": None if math.isnan(result) else result,
        "Datastream@iot.navigationLink": f"{base}/Datastreams({datastream})",
    }


def quoted(key: str) -> str:
    """Return a key as a quoted id in a path."""
    return f"'{quote(key, safe='/')}'"
