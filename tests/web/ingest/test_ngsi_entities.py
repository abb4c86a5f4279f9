"""NGSI-LD entities into readings: every representation the standard has, the Smart Data Models' own examples, and oddities."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import sample, told, units
from impetus.core.errors import ImpetusError, Malformed, TooLarge
from impetus.web.ingest import ngsi
from impetus.web.ingest.ngsi import ATTRIBUTES, read_entities

EXAMPLES = Path(os.environ.get("IMPETUS_DATA", "../shared/data")) / "ngsi"
AT = "2026-06-01 10:00:00"
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.text(max_size=8), inside, max_size=3),
    max_leaves=8,
)


def entity(**attributes: Any) -> dict[str, Any]:
    """Return an entity of a harbour's air, observed at `AT`."""
    base = {
        "id": "urn:ngsi-ld:AirQualityObserved:quay",
        "type": "AirQualityObserved",
        "dateObserved": "2026-06-01T10:00:00Z",
    }
    return {**base, **attributes}


def test_a_notification_becomes_readings_in_our_units() -> None:
    """The recorded sample: milligrams, a share, a noise level over an interval, taken at its end."""
    report = read_entities(json.loads(sample("ngsi-notification.json")))
    assert told(report) == [
        ("airqualityobserved:quay-1/co", AT, 500.0),
        ("airqualityobserved:quay-1/no2", AT, 69.0),
        ("airqualityobserved:quay-1/relative_humidity", AT, 54.0),
        ("airqualityobserved:quay-1/air_temperature", "2026-06-01 09:58:00", 12.2),
        ("noiselevelobserved:quay-2/sound_level", AT, 67.8),
    ]
    assert units(report)["noiselevelobserved:quay-2/sound_level"] == "dB(A)"
    assert report.streams[0].thing.name == "North Quay"
    assert report.streams[0].thing.point is not None
    assert report.left_out == {"an attribute nobody here knows": 6, "an entity that is no observation of a place": 1}


@pytest.mark.parametrize(
    "no2",
    [
        69,
        {"type": "Property", "value": 69},
        {"value": 69, "unitCode": "GQ"},
        {"type": "Property", "value": 0.069, "unitCode": "GP"},
        {"type": "Number", "value": 69, "metadata": {"unitCode": {"value": "GQ"}}},
        [{"value": 1, "datasetId": "urn:model"}, {"value": 69}],
        {"type": "Property", "value": "69"},
    ],
)
def test_every_representation_says_the_same(no2: object) -> None:
    """Plain, normalised, concise, with a unit, in NGSIv2's form, and one of several data sets."""
    assert told(read_entities([entity(no2=no2)])) == [("airqualityobserved:quay/no2", AT, pytest.approx(69.0))]


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        (
            {
                "dateObserved": {
                    "type": "Property",
                    "value": {"@type": "DateTime", "@value": "2026-06-01T12:00:00+02:00"},
                }
            },
            AT,
        ),
        ({"dateObserved": "2026-06-01T09:00:00Z/2026-06-01T10:00:00Z"}, AT),
        ({"dateObserved": "2026-06-01T09:00:00Z", "dateObservedTo": "2026-06-01T10:00:00Z"}, AT),
        ({"dateObserved": "2026-06-01T10:00:00"}, AT),
        ({"dateObserved": "?", "dateModified": "2026-06-01T10:00:00Z"}, AT),
        ({"dateObserved": None}, None),
    ],
)
def test_a_reading_is_taken_at_the_end_of_its_observation(fields: dict[str, object], at: str | None) -> None:
    """Without a zone it is UTC, as the standard demands; without any time there is no reading."""
    found = told(read_entities([entity(no2=69, **fields)]))
    assert [when for _, when, _ in found] == ([at] if at else [])


def test_the_broker_s_own_time_counts_when_the_entity_names_none() -> None:
    """The moment of the notification is at least not before the observation."""
    document = {
        "type": "Notification",
        "notifiedAt": "2026-06-01T10:00:00Z",
        "data": [entity(no2=1, dateObserved=None)],
    }
    assert told(read_entities(document)) == [("airqualityobserved:quay/no2", AT, 1.0)]


def test_an_id_that_holds_a_time_is_the_same_thing_every_hour() -> None:
    """Else each hour would be a new station."""
    hours = [
        entity(id=f"urn:ngsi-ld:AirQualityObserved:Quay-2026-06-01T{hour:02}:00:00", no2=hour) for hour in range(3)
    ]
    assert len(read_entities(hours).streams) == 1


@pytest.mark.parametrize(
    "kind", ["Person", "Vehicle", "UserObserved", "VehicleObserved", "WearableMonitoring", "Building", "", 7]
)
def test_what_is_no_observation_of_a_place_is_passed_over(kind: object) -> None:
    """People and what they carry are no sensors."""
    report = read_entities([entity(type=kind, no2=69)])
    assert (len(report), report.left_out) == (0, {"an entity that is no observation of a place": 1})


def test_a_unit_that_does_not_fit_is_left_out() -> None:
    """Degrees of nitrogen dioxide mean nothing."""
    assert read_entities([entity(no2={"value": 1, "unitCode": "CEL"})]).left_out["a unit that does not fit"] == 1


def test_a_place_is_taken_of_points_only() -> None:
    """The middle of an area would be a guess."""
    point = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": [10.7, 59.9]}}
    area = {"type": "Polygon", "coordinates": [[[10, 59], [11, 59], [11, 60], [10, 59]]]}
    places = [
        read_entities([entity(no2=1, location=each)]).streams[0].thing.point
        for each in (point, area, None, {"type": "Point"})
    ]
    assert [place is not None for place in places] == [True, False, False, False]


@pytest.mark.parametrize("document", [None, 7, "x", {}, {"data": 7}, {"type": "Notification"}])
def test_another_document_is_refused_whole(document: object) -> None:
    """It says what would be read."""
    with pytest.raises(Malformed, match="no entities"):
        read_entities(document)


def test_entities_at_once_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker sends what changed, not the city."""
    monkeypatch.setattr(ngsi, "MOST_ENTITIES", 2)
    with pytest.raises(TooLarge):
        read_entities([entity()] * 3)


@settings(max_examples=40)
@given(
    JSON
    | st.lists(
        st.fixed_dictionaries(
            {"id": JSON, "type": st.just("AirQualityObserved")},
            optional=dict.fromkeys([*[*ATTRIBUTES][:6], "location", "dateObserved"], JSON),
        ),
        max_size=3,
    )
)
def test_whatever_comes_is_read_or_refused(document: object) -> None:
    """No document ends the door, and every reading has a key and a time."""
    try:
        report = read_entities(document)
    except ImpetusError:
        return
    assert all("/" in key for key, _, _ in told(report))


@pytest.mark.data
@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the public data sets are not there: see docs/how-to/get-data.md")
@pytest.mark.parametrize(
    "model", ["AirQualityObserved", "NoiseLevelObserved", "WaterObserved", "FloodMonitoring", "AeroAllergenObserved"]
)
def test_the_examples_of_the_smart_data_models_are_read(model: str) -> None:
    """Every example of a model says the same, in whichever representation; what its schema calls a number we know is taken."""
    schema = json.loads((EXAMPLES / model / "schema.json").read_text())
    numbers = {
        name
        for part in schema["allOf"]
        for name, said in part.get("properties", {}).items()
        if said.get("type") in {"number", "integer"}
    }
    for file in sorted((EXAMPLES / model / "examples").glob("*.json*")):
        if file.suffix == ".csv":
            continue
        document = json.loads(file.read_text())
        report = read_entities(document)
        entity_of = document.get("properties", document)
        expected = {ATTRIBUTES[name][0].property for name in entity_of if name in ATTRIBUTES and name in numbers}
        expected -= {"precipitation"} if "false" in json.dumps(entity_of.get("precipitation")) else set()
        assert {stream.measure.property for stream in report.streams} == expected, file.name
        assert len({stream.thing.key for stream in report.streams}) <= 1


@pytest.mark.parametrize(
    ("attribute", "expected"), sorted((name, measure.property) for name, (measure, _) in ATTRIBUTES.items())
)
def test_every_known_attribute_becomes_its_datastream(attribute: str, expected: str) -> None:
    """In the middle of its range, in its own unit, it comes out as it went in; of a share told as 0..1, as a percentage."""
    measure, usual = ATTRIBUTES[attribute]
    value = 0.5 if usual == "1" and measure.unit == "%" else 1000.0 if measure.unit == "hPa" else 3.0
    (reading,) = told(read_entities([entity(**{attribute: value})]))
    shown = 50.0 if usual == "1" and measure.unit == "%" else value
    assert reading == (f"airqualityobserved:quay/{expected}", AT, shown)
    assert measure.lowest <= shown <= measure.highest


@pytest.mark.data
@pytest.mark.skipif(not EXAMPLES.is_dir(), reason="the public data sets are not there: see docs/how-to/get-data.md")
def test_our_own_sample_follows_the_schemas_of_its_models() -> None:
    """Every number it holds is a number there, and every text a text."""
    kinds = {"number": (int, float), "integer": (int,), "string": (str,)}
    for sent in json.loads(sample("ngsi-notification.json"))["data"]:
        file = EXAMPLES / str(sent["type"]) / "schema.json"
        if not file.exists():
            continue
        schema = json.loads(file.read_text())
        known = {name: said for part in schema["allOf"] for name, said in part.get("properties", {}).items()}
        checked = 0
        for name, attribute in sent.items():
            value = attribute["value"] if isinstance(attribute, dict) else attribute
            value = value.get("@value", value) if isinstance(value, dict) else value
            if known.get(name, {}).get("type") in kinds:
                assert isinstance(value, kinds[known[name]["type"]]), name
                checked += 1
        assert checked >= 3


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"value": 21.5, "unitCode": "FAH"}, -5.833333333),
        ({"value": 300, "unitCode": "KEL"}, 26.85),
        ({"value": 21.5, "unitCode": "CEL"}, 21.5),
        ({"value": "21.5"}, 21.5),
        (21.5, 21.5),
    ],
)
def test_a_temperature_is_one_in_every_unit(sent: object, shown: float) -> None:
    """By UN/CEFACT code."""
    ((_, _, value),) = told(read_entities([entity(temperature=sent)]))
    assert value == pytest.approx(shown)


@pytest.mark.parametrize(
    "sent", [True, None, "warm", {"value": None}, {"value": True}, {"object": "urn:x"}, {}, [], [{}], {"value": [1, 2]}]
)
def test_what_is_no_number_is_no_reading(sent: object) -> None:
    """It is counted, and the others of the entity are taken."""
    report = read_entities([entity(temperature=sent, no2=7)])
    assert [key for key, _, _ in told(report)] == ["airqualityobserved:quay/no2"]
    assert report.left_out == {"a value that is no number": 1, "an attribute nobody here knows": 1}


def test_features_of_a_collection_are_entities() -> None:
    """As brokers answer when GeoJSON is asked for."""
    geometry = {"type": "Point", "coordinates": [10.7, 59.9]}
    one = {
        "id": "urn:ngsi-ld:AirQualityObserved:quay",
        "type": "Feature",
        "geometry": geometry,
        "properties": entity(no2=7),
    }
    for document in (
        {"type": "FeatureCollection", "features": [one]},
        {"type": "Notification", "data": {"type": "FeatureCollection", "features": [one]}},
        one,
    ):
        report = read_entities(document)
        assert told(report) == [("airqualityobserved:quay/no2", AT, 7.0)]
        assert report.streams[0].thing.point is not None
