"""Air quality of others: NILU's list and OpenAQ's two answers, recorded samples and everything that can be odd in them."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feed_samples import sample, told, units
from impetus.adapters.feeds.nilu import read_nilu
from impetus.adapters.feeds.openaq import read_openaq
from impetus.adapters.feeds.options import Box, Reading
from impetus.core.errors import ImpetusError, Malformed

ANY = Reading()
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=12),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=8), inside, max_size=4),
    max_leaves=12,
)


def changed(**fields: Any) -> bytes:
    """Return the sample's first entry with other fields; a field of None is taken out."""
    entry = {**json.loads(sample("nilu.json"))[0], **fields}
    return json.dumps([{name: value for name, value in entry.items() if value is not None}]).encode()


def test_an_hour_of_nilu_is_taken_at_its_end_in_our_units() -> None:
    """Nobody could know it before; milligrams become micrograms; what is not valid has no value."""
    report = read_nilu(sample("nilu.json"), ANY)
    torg = report.streams[2].thing
    assert told(report) == [
        ("north-quay/no2", "2026-06-01 10:00:00", 31.25),
        ("north-quay/pm25", "2026-06-01 10:00:00", 6.5),
        (f"{torg.key}/co", "2026-06-01 10:00:00", 250.0),
        (f"{torg.key}/pm10", "2026-06-01 10:00:00", None),
    ]
    assert (torg.name, torg.point is not None) == ("Gråkallen Torg", True)
    assert report.streams[0].cadence_s == 3600.0
    assert set(units(report).values()) == {"ug/m3"}
    assert report.left_out == {"a component nobody here knows": 1}


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"station": None}, "an entry without a station"),
        ({"station": " "}, "an entry without a station"),
        ({"toTime": "soon"}, "a time that cannot be read"),
        ({"unit": "furlong"}, "a unit that does not fit"),
        ({"component": 7}, "a component nobody here knows"),
    ],
)
def test_one_bad_entry_is_left_out_with_the_reason(fields: dict[str, object], reason: str) -> None:
    """The others are taken all the same."""
    assert read_nilu(changed(**fields), ANY).left_out == {reason: 1}


@pytest.mark.parametrize("value", [None, "NaN", True, "broken"])
def test_a_value_that_is_none_is_a_reading_without_one(value: object) -> None:
    """A sick instrument still speaks."""
    assert told(read_nilu(changed(value=value), ANY))[0][2] is None


def test_only_what_was_asked_for_is_taken() -> None:
    """By name, or by a rectangle on the map."""
    only = read_nilu(sample("nilu.json"), Reading(only=frozenset({"North Quay"})))
    assert {stream.thing.name for stream in only.streams} == {"North Quay"}
    inside = read_nilu(sample("nilu.json"), Reading(box=Box(west=10.74, south=59.9, east=10.8, north=60.0)))
    assert {stream.thing.name for stream in inside.streams} == {"Gråkallen Torg"}
    assert not len(read_nilu(changed(latitude=None), Reading(box=Box(west=0, south=0, east=90, north=90))))


@pytest.mark.parametrize("body", [b"{}", b"", b"<html>", b"null", b'"x"', b"[" * 100_000])
def test_another_body_is_refused_whole(body: bytes) -> None:
    """An error page is no air."""
    with pytest.raises(Malformed):
        read_nilu(body, ANY)
    with pytest.raises(Malformed):
        read_openaq(body, ANY)


def test_sensors_of_openaq_name_what_they_measure() -> None:
    """Parts per million become a ratio of their own; a sensor without a newest value says nothing."""
    report = read_openaq(sample("openaq-sensors.json"), Reading(thing="north-quay"))
    assert told(report) == [
        ("north-quay/pm25", "2026-06-01 10:00:00", 8.5),
        ("north-quay/no2_ratio", "2026-06-01 10:00:00", 18.0),
    ]
    assert report.left_out == {"a parameter nobody here knows": 1, "no newest value": 1}


def test_newest_values_of_openaq_are_of_the_declared_quantity() -> None:
    """The body does not say which; without a declaration nothing is taken."""
    how = Reading(property="pm25", unit="µg/m³")
    assert told(read_openaq(sample("openaq-latest.json"), how)) == [
        ("2178/pm25", "2026-06-01 10:00:00", 8.5),
        ("3001/pm25", "2026-06-01 10:00:00", 12.0),
    ]
    one = Reading(property="pm25", box=Box(west=10, south=59, east=11, north=60))
    assert [key for key, _, _ in told(read_openaq(sample("openaq-latest.json"), one))] == ["2178/pm25"]
    only = Reading(property="pm25", only=frozenset({"3001"}))
    assert [key for key, _, _ in told(read_openaq(sample("openaq-latest.json"), only))] == ["3001/pm25"]
    assert not len(read_openaq(sample("openaq-latest.json"), ANY))
    assert not len(read_openaq(sample("openaq-latest.json"), Reading(property="pm25", unit="Cel")))


@settings(max_examples=40)
@given(st.binary(max_size=60) | JSON.map(lambda document: json.dumps(document).encode()))
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    """No body ends the part that reads it."""
    remedies: list[str] = []
    for read in (read_nilu, read_openaq):
        try:
            read(body, ANY)
        except ImpetusError as error:
            remedies.append(error.remedy)
    assert all(remedies)


@settings(max_examples=20)
@given(
    st.lists(st.fixed_dictionaries({}, optional=dict.fromkeys(json.loads(sample("nilu.json"))[0], JSON)), max_size=4)
)
def test_entries_of_any_content_are_taken_or_counted(entries: list[dict[str, object]]) -> None:
    """Each is one reading or one line in the count."""
    report = read_nilu(json.dumps(entries).encode(), ANY)
    assert len(report) + sum(report.left_out.values()) == len(entries)


@settings(max_examples=20)
@given(
    st.lists(
        st.fixed_dictionaries(
            {},
            optional=dict.fromkeys(("parameter", "latest", "value", "datetime", "locationsId", "coordinates"), JSON),
        ),
        max_size=4,
    )
)
def test_results_of_any_content_are_taken_or_counted(results: list[dict[str, object]]) -> None:
    """As above, for OpenAQ."""
    report = read_openaq(json.dumps({"results": results}).encode(), Reading(property="pm25"))
    assert len(report) + sum(report.left_out.values()) == len(results)
