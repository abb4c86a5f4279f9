"""Every Arrow type a column may have, what it is read as, and every type it may not have."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as some

from arrow_bombs import stream_of
from impetus.core.admission import NO_TIME
from impetus.core.errors import Malformed, Refused
from impetus.core.ids import DatastreamId
from impetus.desk.parcel import Parcel
from impetus.web.ingest.wire_arrow import LIMIT, read_arrow

NAMES = {"square/t1/temperature": DatastreamId(1), "square/t2/temperature": DatastreamId(2)}
US = 1_780_315_200_000_000
NUMBERS = pa.array([1, 2], pa.int64())
TIMES = pa.array([US, US + 1], pa.int64())
RESULTS = pa.array([20.5, None], pa.float64())


def read(**columns: pa.Array) -> Parcel:
    """Read two rows with these columns in place of the plain ones."""
    named = {"datastream": NUMBERS, "time": TIMES, "result": RESULTS, **columns}
    return read_arrow(stream_of(pa.record_batch(named)), NAMES)


@pytest.mark.parametrize(
    "kind", [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]
)
def test_a_datastream_may_be_any_integer(kind: pa.DataType) -> None:
    """The number it was declared under."""
    assert read(datastream=NUMBERS.cast(kind)).batch.datastream.tolist() == [1, 2]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary(pa.int8(), pa.string())])
def test_a_datastream_may_be_its_key(kind: pa.DataType) -> None:
    """As text, or as a dictionary of texts, which is how a column of few names is sent well."""
    keys = pa.array(list(NAMES)).cast(kind)
    assert read(datastream=keys).batch.datastream.tolist() == [1, 2]


def test_a_number_beyond_63_bits_is_nobodys() -> None:
    """It turns into what is never declared, not into somebody's number."""
    huge = pa.array([2**64 - 1, 2**63], pa.uint64())
    assert max(read(datastream=huge).batch.datastream.tolist()) < 0


def test_a_null_datastream_is_undeclared() -> None:
    """By number or by key."""
    assert read(datastream=pa.array([None, 2], pa.int64())).batch.datastream.tolist() == [0, 2]
    parcel = read(datastream=pa.array([None, "square/t2/temperature"]))
    assert parcel.batch.datastream.tolist() == [0, 2]
    assert "None is not declared" in parcel.details[0]


@pytest.mark.parametrize(
    ("unit", "ticks"), [("s", 1_780_315_200), ("ms", 1_780_315_200_000), ("us", US), ("ns", US * 1000)]
)
@pytest.mark.parametrize("zone", ["UTC", "Europe/Oslo", "+05:30"])
def test_a_timestamp_of_any_unit_and_zone_is_the_same_moment(unit: str, ticks: int, zone: str) -> None:
    """An Arrow timestamp with a zone counts from the epoch in UTC, whatever zone it is shown in."""
    column = pa.array([ticks, None], pa.timestamp(unit, zone))
    assert read(time=column).batch.time_us.tolist() == [US, NO_TIME]


@pytest.mark.parametrize(("unit", "ticks"), [("s", 2**62), ("s", -(2**62)), ("ms", 2**61), ("ms", -(2**61))])
def test_a_time_that_microseconds_cannot_hold_is_no_time(unit: str, ticks: int) -> None:
    """Malformed later, instead of some other year by overflow."""
    assert read(time=pa.array([ticks, 0], pa.timestamp(unit, "UTC"))).batch.time_us.tolist() == [NO_TIME, 0]


def test_nanoseconds_are_cut_downwards() -> None:
    """Before the epoch as after it: never later than it was."""
    column = pa.array([1_999, -1], pa.timestamp("ns", "UTC"))
    assert read(time=column).batch.time_us.tolist() == [1, -1]


@pytest.mark.parametrize(
    "kind", [pa.float16(), pa.float32(), pa.float64(), pa.int8(), pa.int32(), pa.int64(), pa.uint8(), pa.uint64()]
)
def test_a_result_may_be_any_number(kind: pa.DataType) -> None:
    """Null and NaN are a missing value."""
    column = pa.array([np.float16(7), None], pa.float16()) if kind == pa.float16() else pa.array([7, None], kind)
    results = read(result=column).batch.result
    assert results[0] == 7.0
    assert math.isnan(results[1])


@pytest.mark.parametrize(
    ("column", "array"),
    [
        ("datastream", pa.array([1.0, 2.0])),
        ("datastream", pa.array([True, False])),
        ("datastream", pa.array([b"a", b"b"])),
        ("time", pa.array([1.0, 2.0])),
        ("time", pa.array([1, 2], pa.int32())),
        ("time", pa.array([1, 2], pa.timestamp("us"))),
        ("time", pa.array(["2026-06-01T12:00:00Z"] * 2)),
        ("time", pa.array([1, 2], pa.duration("us"))),
        ("result", pa.array(["20.5", "21"])),
        ("result", pa.array([True, False])),
        ("result", pa.array([[1.0], [2.0]])),
        ("result", pa.array([b"1", b"2"])),
    ],
)
def test_a_column_of_another_type_refuses_the_body(column: str, array: pa.Array) -> None:
    """With the columns that came and those that are read: what a column means is not guessed."""
    with pytest.raises(Malformed) as told:
        read(**{column: array})
    assert f"{column} {array.type}" in str(told.value.value)
    assert told.value.limit == LIMIT


@pytest.mark.parametrize("missing", ["datastream", "time", "result"])
def test_no_column_may_be_missing(missing: str) -> None:
    """Three, no fewer."""
    columns = {"datastream": NUMBERS, "time": TIMES, "result": RESULTS}
    del columns[missing]
    with pytest.raises(Malformed, match="columns are"):
        read_arrow(stream_of(pa.record_batch(columns)), NAMES)


def test_no_column_may_come_twice_or_beside_them() -> None:
    """Nobody could say which of the two was meant."""
    with pytest.raises(Malformed):
        read(quality=pa.array([1, 1]))
    twice = pa.record_batch([NUMBERS, TIMES, RESULTS, RESULTS], names=["datastream", "time", "result", "result"])
    with pytest.raises(Malformed):
        read_arrow(stream_of(twice), NAMES)


@pytest.mark.parametrize("name", ["face_embedding", "licence_plate", "MAC"])
def test_a_column_for_a_person_is_refused_as_that(name: str) -> None:
    """Policy, not format: the rule and its source are named."""
    with pytest.raises(Refused) as told:
        read(**{name: pa.array([1, 2])})
    assert told.value.rule == "no field for a person's identity exists"
    assert told.value.source


def test_columns_may_stand_in_any_order() -> None:
    """They have names."""
    batch = pa.record_batch([RESULTS, NUMBERS, TIMES], names=["result", "datastream", "time"])
    assert read_arrow(stream_of(batch), NAMES).batch.datastream.tolist() == [1, 2]


@pytest.mark.parametrize("body", [b"", b"\xff\xff\xff\xff", b"not arrow", bytes(64)])
def test_what_is_no_stream_is_refused_as_that(body: bytes) -> None:
    """Whatever pyarrow says of it."""
    with pytest.raises(Malformed, match="no Arrow IPC stream") as told:
        read_arrow(body, NAMES)
    assert told.value.limit == LIMIT


def test_a_refused_row_is_recorded_in_json() -> None:
    """The quarantine shows text, whichever way a reading came; NaN is written out."""
    parcel = read()
    assert parcel.record(0) == b'{"datastream":1,"time":1780315200000000,"result":"20.5"}'
    assert b'"nan"' in parcel.record(1)


@given(some.lists(some.tuples(some.integers(1, 2), some.integers(-(2**60), 2**60), some.floats(width=64)), max_size=20))
def test_plain_columns_arrive_bit_for_bit(rows: list[tuple[int, int, float]]) -> None:
    """Nothing is rounded, reordered or lost on the fast way."""
    which, times, results = (np.array(column) for column in zip(*rows, strict=True)) if rows else ([], [], [])
    sent = pa.record_batch(
        {
            "datastream": pa.array(which, pa.int64()),
            "time": pa.array(times, pa.int64()),
            "result": pa.array(results, pa.float64()),
        }
    )
    batch = read_arrow(stream_of(sent), NAMES).batch
    assert batch.datastream.tolist() == [row[0] for row in rows]
    assert batch.time_us.tolist() == [row[1] for row in rows]
    np.testing.assert_array_equal(batch.result, np.array([row[2] for row in rows]))
