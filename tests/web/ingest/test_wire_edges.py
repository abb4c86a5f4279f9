"""Times, media types, sizes and rows on the wire: what is read, and the last value on either side of each limit."""

import math

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.admission import NO_TIME
from impetus.core.errors import Malformed
from impetus.core.ids import DatastreamId
from impetus.desk.parcel import Parcel
from impetus.web.ingest.wire import (
    INT64_MAX,
    shown,
    us_of,
    us_of_text,
)
from impetus.web.ingest.wire_json import number_of, parse, read_json, record, undeclared_field

KEY = "square/t1/temperature"
NAMES = {KEY: DatastreamId(1)}
NOON = "2026-06-01T12:00:00Z"
NOON_US = 1_780_315_200_000_000


def rows(*observations: object) -> Parcel:
    """Read observations in rows."""
    return read_json(orjson.dumps({"observations": list(observations)}), NAMES)


def one(**changes: object) -> Parcel:
    """Read one good row with these fields changed."""
    return rows({"datastream": KEY, "time": NOON, "result": 20.5, **changes})


@pytest.mark.parametrize(
    ("text", "time_us"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01t00:00:00z", 0),
        ("1970-01-01 00:00:01Z", 1_000_000),
        ("1969-12-31T23:59:59Z", -1_000_000),
        ("1970-01-01T02:00:00+02:00", 0),
        ("1970-01-01T02:00:00+0200", 0),
        ("1969-12-31T18:30:00-05:30", 0),
        ("1970-01-01T00:00:00.5Z", 500_000),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1970-01-01T00:00:00.0000019Z", 1),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ],
)
def test_a_time_is_read_as_rfc_3339_writes_it(text: str, time_us: int) -> None:
    """Section 5.6: either case, a blank for the T, any offset; digits finer than a microsecond are cut."""
    assert us_of_text(text) == time_us


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2026-06-01",
        "2026-06-01T12:00Z",
        "2026-06-01T12:00:00",
        "2026-6-1T12:00:00Z",
        "2026-06-01T24:00:01Z",
        "2026-06-31T12:00:00Z",
        "2025-02-29T00:00:00Z",
        "2026-06-01T12:00:00+25:00",
        "2026-06-01T12:00:00 +01:00",
        "2026-06-01T12:00:00Zulu",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "2026-06-01T12:00:00.0000000000000Z",
        "\uff12\uff1026-06-01T12:00:00Z",
    ],
)
def test_a_time_that_could_mean_two_things_or_none_is_none(text: str) -> None:
    """No zone, no seconds, no such day, outside the calendar: nothing is guessed."""
    assert us_of_text(text) is None


@pytest.mark.parametrize("value", [0, 1, -1, INT64_MAX, NO_TIME + 1])
def test_whole_microseconds_are_a_time(value: int) -> None:
    """From one above the mark of "no time" to the end of 64 bits."""
    assert us_of(value) == value


@pytest.mark.parametrize("value", [NO_TIME, INT64_MAX + 1, True, False, 1.0, None, [], {}, math.nan])
def test_nothing_else_is_a_time(value: object) -> None:
    """The mark itself, a number beyond 64 bits, a truth value, a fraction: none of them."""
    assert us_of(value) is None


def test_a_container_is_quoted_by_its_kind_alone() -> None:
    """What it holds may be a megabyte."""
    assert (shown([1, 2]), shown({"a": 1})) == ("list", "dict")


def test_a_long_text_is_quoted_with_a_sign_that_it_goes_on() -> None:
    """The reader sees that there was more."""
    assert shown("x" * 100).endswith("…")
    assert not shown("x" * 50).endswith("…")


def test_a_good_row_has_no_detail() -> None:
    """Columns, and nothing to say about them."""
    parcel = one()
    batch = parcel.batch
    assert (batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist()) == ([1], [NOON_US], [20.5])
    assert parcel.details == {}


@pytest.mark.parametrize(
    ("result", "value"),
    [(0, 0.0), (-0.0, 0.0), (7, 7.0), (2**53 + 1, float(2**53)), (1e-320, 1e-320), (10**400, math.inf)],
)
def test_a_number_is_read_as_a_double(result: object, value: float) -> None:
    """An integer that no double holds is infinite, and falls under out of range later."""
    import json

    body = json.dumps({"observations": [{"datastream": KEY, "time": NOON, "result": result}]}).encode()
    assert read_json(body, NAMES).batch.result.tolist() == [value]


def test_null_is_a_reading_without_a_value() -> None:
    """The sensor spoke and had nothing to say: no detail, NaN."""
    parcel = one(result=None)
    assert math.isnan(parcel.batch.result[0])
    assert parcel.details == {}


@pytest.mark.parametrize("result", ["20.5", True, [], {}, ""])
def test_a_result_of_another_kind_is_malformed_and_quoted(result: object) -> None:
    """A text is not parsed as a number: the sender mends its writer."""
    parcel = one(result=result)
    assert parcel.batch.time_us.tolist() == [NO_TIME]
    assert parcel.details[0].startswith(f"result is {shown(result)}; send a number")


@pytest.mark.parametrize("time", [None, 1.5, "noon", True, "2026-06-01T12:00:00"])
def test_a_time_of_another_kind_is_malformed_and_quoted(time: object) -> None:
    """With the two forms that are read."""
    parcel = one(time=time)
    assert parcel.batch.time_us.tolist() == [NO_TIME]
    assert parcel.details[0].startswith(f"time is {shown(time)}; send RFC 3339 with a zone")


@pytest.mark.parametrize("datastream", ["square/t9/temperature", "", None, [], 0, -1, True, 1.0, INT64_MAX + 1])
def test_a_datastream_that_is_none_is_undeclared_and_quoted(datastream: object) -> None:
    """By key or by number; a truth value and a fraction are no numbers of datastreams."""
    parcel = one(datastream=datastream)
    assert parcel.batch.datastream.tolist() == [0]
    assert f"datastream {shown(datastream)} is not declared" in parcel.details[0]


@pytest.mark.parametrize("number", [1, 77, INT64_MAX])
def test_a_datastream_may_be_named_by_its_number(number: int) -> None:
    """Whether it is the sender's own is judged later, with the others."""
    assert number_of(number) == number
    assert one(datastream=number).batch.datastream.tolist() == [number]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({}, "row lacks datastream, result, time"),
        ({"datastream": KEY, "time": NOON}, "row lacks result; a missing value is result null"),
        ({"datastream": KEY, "time": NOON, "result": 1, "noise": 3}, "field 'noise' is not declared"),
        (5, "row is 5; send an object"),
        ([], "row is list; send an object"),
        (None, "row is None; send an object"),
    ],
)
def test_a_row_of_another_shape_says_what_a_row_has(row: object, said: str) -> None:
    """The sender reads what is missing or too much, in its own words."""
    assert rows(row).details[0].startswith(said)


@pytest.mark.parametrize("field", ["face", "licence_plate", "imsi", "emotion"])
def test_a_field_for_a_person_is_refused_as_that(field: str) -> None:
    """With the rule and where it is written, not as a typing mistake."""
    said = undeclared_field(field)
    assert "no field for a person's identity exists" in said
    assert "house law 7" in said


def test_rows_keep_the_senders_numbers() -> None:
    """Bad rows stay where they were, so that a receipt can name them."""
    good = {"datastream": KEY, "time": NOON, "result": 1}
    parcel = rows(good, 5, good, {**good, "time": 1.5}, good)
    assert sorted(parcel.details) == [1, 3]
    assert len(parcel.batch) == 5


def test_a_refused_row_is_recorded_as_it_came() -> None:
    """The quarantine shows the sender's own words."""
    parcel = rows({"datastream": KEY, "time": "noon", "result": "hot"})
    assert orjson.loads(parcel.record(0)) == {"datastream": KEY, "time": "noon", "result": "hot"}


def test_a_row_of_columns_is_recorded_as_one_row() -> None:
    """Three lists or one object: the quarantine shows the same."""
    body = {"datastream": [KEY, "x"], "time": [NOON, NOON], "result": [1, 2]}
    parcel = read_json(orjson.dumps(body), NAMES)
    assert orjson.loads(parcel.record(1)) == {"datastream": "x", "time": NOON, "result": 2}


@pytest.mark.parametrize(
    ("lengths", "said"),
    [
        ((2, 1, 1), "lists of 2 datastreams, 1 times and 1 results"),
        ((1, 1, 0), "lists of 1 datastreams, 1 times and 0 results"),
    ],
)
def test_lists_of_different_lengths_are_refused_with_each_length(lengths: tuple[int, int, int], said: str) -> None:
    """Which value belongs to which time cannot be guessed, so nothing of it is taken."""
    columns = zip(("datastream", "time", "result"), lengths, strict=True)
    with pytest.raises(Malformed, match=said) as told:
        read_json(orjson.dumps({name: [0] * length for name, length in columns}), NAMES)
    assert told.value.limit == "one length"


@pytest.mark.parametrize(
    "document",
    [
        [],
        5,
        None,
        "text",
        {},
        {"observations": {}},
        {"observations": [], "x": 1},
        {"datastream": [], "time": []},
        {"datastream": [], "time": [], "result": 5},
        {"datastream": [], "time": [], "result": [], "unit": []},
    ],
)
def test_json_of_another_shape_is_refused_with_both_shapes(document: object) -> None:
    """The refusal shows what a body looks like."""
    with pytest.raises(Malformed) as told:
        read_json(orjson.dumps(document), NAMES)
    assert "observations" in str(told.value.limit)
    assert told.value.remedy


@pytest.mark.parametrize("body", [b"", b"{", b"[1,", b"\xff\xfe", b"{'a': 1}", b"[" * 100_000])
def test_what_is_no_json_is_refused_with_where_it_broke(body: bytes) -> None:
    """Also what is nested deeper than any parser goes."""
    with pytest.raises(Malformed, match="not JSON") as told:
        parse(body)
    assert told.value.limit == "RFC 8259"


def test_a_record_is_ascii_and_never_fails() -> None:
    """A lone surrogate is escaped, and what is nested without end is named instead of shown."""
    endless: list[object] = []
    for _ in range(100_000):
        endless = [endless]
    assert record("\ud800") == b'"\\ud800"'
    assert record(endless) == b"nested too deeply to be shown"


@given(
    some.lists(
        some.tuples(some.sampled_from([KEY, "other"]), some.integers(0, 2**50), some.floats(-99, 99)), max_size=9
    )
)
def test_both_shapes_of_the_same_readings_are_the_same_columns(readings: list[tuple[str, int, float]]) -> None:
    """A sender may change its writer without changing what is stored."""
    as_rows = rows(*({"datastream": which, "time": time, "result": result} for which, time, result in readings))
    columns = list(map(list, zip(*readings, strict=True))) or [[], [], []]
    as_columns = read_json(orjson.dumps(dict(zip(("datastream", "time", "result"), columns, strict=True))), NAMES)
    assert as_rows.batch.datastream.tolist() == as_columns.batch.datastream.tolist()
    assert as_rows.batch.time_us.tolist() == as_columns.batch.time_us.tolist()
    assert as_rows.batch.result.tolist() == as_columns.batch.result.tolist()
    assert as_rows.details == as_columns.details
