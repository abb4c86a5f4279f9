"""Reports of feeds: columns, keys made of others' names, and the declaration they lead to."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core import feed
from impetus.core.errors import Malformed, TooLarge
from impetus.core.feed import FeedDraft, FeedThing, document_of, key_of, point_of, thing_of
from impetus.core.place import Point
from impetus.core.quantity import AIR, WEATHER
from impetus.core.said import inner, number, text, time_us
from impetus.desk.declare_source import NAME, read_document

QUAY = FeedThing(key="quay", name="North Quay", point=Point(lon=10.7, lat=59.9))


def test_readings_come_out_in_columns_under_their_datastreams() -> None:
    """Two things, one reading each and a column; what was left out is counted by reason."""
    draft = FeedDraft()
    draft.add(QUAY, AIR["no2"], 60, 31.0)
    draft.add(QUAY, AIR["no2"], 120, 32.0)
    draft.add_column(thing_of("Torg"), AIR["pm10"], np.array([60, 120]), np.array([5.0, np.nan]), cadence_s=60.0)
    draft.leave_out("a unit that does not fit", 2)
    report = draft.report()
    assert [stream.key for stream in report.streams] == ["quay/no2", "torg/pm10"]
    batch = report.batch({"air/quay/no2": 7, "air/torg/pm10": 9}, "air")
    assert sorted(zip(batch.datastream.tolist(), batch.time_us.tolist(), strict=True)) == [
        (7, 60),
        (7, 120),
        (9, 60),
        (9, 120),
    ]
    assert report.left_out == {"a unit that does not fit": 2}
    assert report.batch({"air/quay/no2": 7}, "air").datastream.tolist() == [7, 7]


def test_an_empty_report_is_an_empty_batch() -> None:
    """Nothing said, nothing sent."""
    report = FeedDraft().report()
    assert (len(report), len(report.batch({}, "air"))) == (0, 0)


def test_one_body_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither datastreams nor readings without end."""
    monkeypatch.setattr(feed, "MOST_STREAMS", 2)
    monkeypatch.setattr(feed, "MOST_READINGS", 5)
    draft = FeedDraft()
    for name in ("a", "b"):
        draft.add(thing_of(name), AIR["no2"], 0, 1.0)
    with pytest.raises(TooLarge, match="datastreams"):
        draft.add(thing_of("c"), AIR["no2"], 0, 1.0)
    with pytest.raises(TooLarge, match="readings"):
        draft.add_column(thing_of("a"), AIR["no2"], np.zeros(9, dtype=np.int64), np.zeros(9))


@settings(max_examples=40)
@given(st.text(min_size=1, max_size=80).filter(lambda name: bool(name.strip())))
def test_every_name_becomes_a_key_that_can_be_declared(name: str) -> None:
    """Whatever letters others use; the strict reader of declarations is the judge."""
    assert NAME.fullmatch(key_of(name))
    draft = FeedDraft()
    draft.add(thing_of(name), AIR["no2"], 0, 1.0)
    assert read_document(document_of({"id": "air"}, draft.report().streams)).datastreams


def test_two_names_that_look_alike_stay_two() -> None:
    """What a key loses comes back as a mark."""
    assert len({key_of(name) for name in ("Gråkallen", "Grakallen", "Gr*kallen", "Gr-kallen", "grakallen!")}) == 5
    assert key_of("RUT:Line:17") == "rut:line:17"
    with pytest.raises(Malformed, match="no name"):
        key_of("  ")


def test_long_names_are_cut_and_still_differ() -> None:
    """A key has room for 60 letters."""
    keys = {key_of("x" * 100 + end) for end in "ab"}
    assert len(keys) == 2
    assert all(len(key) <= 60 for key in keys)


def test_the_declaration_keeps_position_zone_unit_and_range() -> None:
    """What the reader of declarations makes of it."""
    draft = FeedDraft()
    draft.add(QUAY, AIR["no2"], 0, 1.0, cadence_s=3600.0)
    draft.add(QUAY, WEATHER["air_temperature"], 0, 1.0)
    document = document_of({"id": "air", "simulated": True}, draft.report().streams, "harbour")
    one, other = read_document(document).datastreams
    assert (one.key, one.unit, one.lowest, one.cadence_s, one.zone) == (
        "air/quay/no2",
        "ug/m3",
        -20.0,
        3600.0,
        "harbour",
    )
    assert (one.point, one.simulated, one.thing_name) == (QUAY.point, True, "North Quay")
    assert other.observed_property == "air_temperature"


@pytest.mark.parametrize(
    ("lon", "lat"),
    [(0, 0), (181, 0), (0, 91), (True, 1), ("10", 59), (None, None), (float("nan"), 1.0), (1.0, float("inf"))],
)
def test_what_is_no_place_on_earth_is_none(lon: object, lat: object) -> None:
    """Zero, zero is what broken receivers send."""
    assert point_of(lon, lat) is None


@pytest.mark.parametrize(
    ("said", "zone", "us"),
    [
        ("1970-01-01T01:00:00+01:00", "UTC", 0),
        ("1970-01-01 01:00", "Europe/Oslo", 0),
        ("1970-01-01T00:00:01.5Z", "Europe/Oslo", 1_500_000),
        ("1970-01-01", "UTC", None),
        ("1970-13-01T00:00:00Z", "UTC", None),
        ("yesterday", "UTC", None),
        (7, "UTC", None),
        ("0001-01-01T00:00:00", "Asia/Tokyo", None),
    ],
)
def test_times_of_others_are_read_or_not_at_all(said: object, zone: str, us: int | None) -> None:
    """With their zone, in the zone declared, or not."""
    assert time_us(said, zone) == us


def test_what_others_say_is_taken_out_with_suspicion() -> None:
    """True is no number, a list is no text, and what is missing is nothing."""
    assert [number(each) for each in (True, "1.5", "x", "nan", 10**400, 2, None, "9" * 500)] == [
        None,
        1.5,
        None,
        None,
        None,
        2.0,
        None,
        None,
    ]
    assert [text(each) for each in (" a ", 7, True, ["a"], None)] == ["a", "7", "", "", ""]
    assert inner({"a": {"b": 3}}, "a", "b") == 3
    assert inner({"a": [1]}, "a", "b") is None
