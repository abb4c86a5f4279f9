"""Every parser of what sources send: whatever comes, a parcel as long as what was sent, or one of our errors."""

import json
from collections.abc import Callable

import numpy as np
import orjson
import pyarrow as pa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from impetus.core.admission import NO_TIME
from impetus.core.errors import ImpetusError
from impetus.core.ids import DatastreamId
from impetus.desk.parcel import Parcel
from impetus.web.ingest.sta_query import OBSERVATION_OPTIONS, read_query
from impetus.web.ingest.sta_write import read_data_array, read_observation
from impetus.web.ingest.wire import Names, us_of, us_of_text
from impetus.web.ingest.wire_arrow import read_arrow
from impetus.web.ingest.wire_json import read_json
from ingest_samples import NOW_US, SQUARE

NAMES = {f"{SQUARE}/t1/temperature": DatastreamId(1)}

values = some.recursive(
    some.one_of(
        some.none(),
        some.booleans(),
        some.integers(-(2**70), 2**70),
        some.floats(),
        some.text(max_size=10),
        some.sampled_from(["2026-01-01T00:00:00Z", f"{SQUARE}/t1/temperature", "0001-01-01T00:00:00+14:00"]),
    ),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
fields = some.sampled_from(["datastream", "time", "result", "face", "x"])
rows = some.one_of(
    values,
    some.dictionaries(fields, values, max_size=5),
    some.fixed_dictionaries({"datastream": values, "time": values, "result": values}),
)


def check_sound(parcel: Parcel, length: int | None = None) -> None:
    """Check what every parcel promises: lengths, details of rows it has, a record for each row."""
    batch = parcel.batch
    assert length is None or len(batch) == length
    assert all(0 <= row < len(batch) for row in parcel.details)
    for row in range(len(batch)):
        assert isinstance(parcel.record(row), bytes)
        unreadable = batch.datastream[row] == 0 or batch.time_us[row] == NO_TIME
        assert unreadable or row not in parcel.details


def check_read_or_refused(read: Callable[[bytes, Names], Parcel], body: bytes) -> None:
    """Check that a body is read into a sound parcel or refused with one of our errors, and nothing else."""
    status = 200
    try:
        check_sound(read(body, NAMES))
    except ImpetusError as error:
        status = error.status
    assert status < 500


@given(some.lists(rows, max_size=8))
@settings(max_examples=200, deadline=None)
def test_json_rows(sent: list[object]) -> None:
    """Each row stays a row; NaN, Infinity and numbers beyond 64 bits included."""
    body = json.dumps({"observations": sent}).encode()
    check_sound(read_json(body, NAMES), len(sent))


@given(some.lists(some.tuples(values, values, values), max_size=8))
@settings(max_examples=150, deadline=None)
def test_json_columns(sent: list[tuple[object, object, object]]) -> None:
    """The same in three lists."""
    columns = zip(*sent, strict=True) if sent else ([], [], [])
    body = json.dumps(dict(zip(("datastream", "time", "result"), map(list, columns), strict=True))).encode()
    check_sound(read_json(body, NAMES), len(sent))


@given(
    some.one_of(
        some.binary(max_size=60), some.text(max_size=60).map(str.encode), values.map(json.dumps).map(str.encode)
    )
)
@settings(max_examples=200, deadline=None)
def test_any_bytes_as_json(body: bytes) -> None:
    """A parcel or one of our errors."""
    for read in (read_json, lambda raw, names: read_data_array(raw, names, NOW_US)):
        check_read_or_refused(read, body)


def stream(table: pa.Table) -> bytes:
    """Return an Arrow IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    return body


GOOD = stream(
    pa.table(
        {
            "datastream": pa.array([f"{SQUARE}/t1/temperature", "x", None]).dictionary_encode(),
            "time": pa.array([NOW_US, None, 1], pa.timestamp("ns", "UTC")),
            "result": [1.0, None, float("inf")],
        }
    )
)
NUMBERS = stream(pa.table({"datastream": [1, 2, 3], "time": [1, 2, 3], "result": [1.0, 2.0, 3.0]}))


@given(
    some.sampled_from([GOOD, NUMBERS]),
    some.lists(some.tuples(some.integers(0, 4000), some.integers(0, 255)), max_size=6),
)
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_damaged_arrow(body: bytes, damage: list[tuple[int, int]]) -> None:
    """Any bytes changed: a parcel or one of our errors, never a crash of the reader."""
    damaged = bytearray(body)
    for place, value in damage:
        damaged[place % len(damaged)] = value
    check_read_or_refused(read_arrow, bytes(damaged))


@given(some.integers(0, len(GOOD)), some.binary(max_size=40))
@settings(max_examples=150, deadline=None)
def test_truncated_arrow(length: int, rest: bytes) -> None:
    """A body cut anywhere, with anything behind it."""
    check_read_or_refused(read_arrow, GOOD[:length] + rest)


@given(
    some.lists(some.one_of(some.none(), some.integers(-(2**63), 2**63 - 1)), min_size=1, max_size=6),
    some.sampled_from(["s", "ms", "us", "ns"]),
)
def test_arrow_times_of_any_unit(ticks: list[int | None], unit: str) -> None:
    """Exact where 64 bits hold the microseconds, no time where they do not."""
    size = len(ticks)
    table = pa.table(
        {"datastream": [1] * size, "time": pa.array(ticks, pa.timestamp(unit, "UTC")), "result": [0.0] * size}
    )
    scale = {"s": (10**6, 1), "ms": (1000, 1), "us": (1, 1), "ns": (1, 1000)}[unit]
    expected = [NO_TIME if tick in {None, NO_TIME} else tick * scale[0] // scale[1] for tick in ticks]
    got = read_arrow(stream(table), NAMES).batch.time_us.tolist()
    assert got == [each if -(2**63) <= each < 2**63 else NO_TIME for each in expected]


@given(
    some.one_of(
        rows, some.dictionaries(some.sampled_from(["phenomenonTime", "result", "Datastream", "parameters"]), values)
    )
)
@settings(max_examples=200, deadline=None)
def test_sensorthings_observations(document: object) -> None:
    """One row, or one of our errors."""
    try:
        parcel = read_observation(
            orjson.dumps(document, default=str, option=orjson.OPT_PASSTHROUGH_SUBCLASS), NAMES, NOW_US
        )
    except (ImpetusError, TypeError):
        return
    check_sound(parcel, 1)


@given(
    some.lists(
        some.fixed_dictionaries(
            {
                "Datastream": some.fixed_dictionaries({"@iot.id": values}),
                "components": some.lists(some.sampled_from(["phenomenonTime", "result", "x"]), max_size=3),
                "dataArray": some.lists(some.one_of(values, some.lists(values, max_size=3)), max_size=4),
            }
        ),
        max_size=3,
    )
)
@settings(max_examples=200, deadline=None)
def test_sensorthings_data_arrays(groups: list[dict[str, object]]) -> None:
    """A row for each row, or one of our errors."""
    length = sum(len(group["dataArray"]) for group in groups)  # type: ignore[arg-type]
    try:
        parcel = read_data_array(json.dumps(groups).encode(), NAMES, NOW_US)
    except ImpetusError:
        return
    check_sound(parcel, length)


@given(
    some.dictionaries(
        some.sampled_from(["$top", "$skip", "$filter", "$orderby", "$count", "$x", "y"]), some.text(max_size=60)
    )
)
@settings(max_examples=200, deadline=None)
def test_sensorthings_options(options: dict[str, str]) -> None:
    """A query within its bounds, or one of our errors."""
    try:
        query = read_query(options, OBSERVATION_OPTIONS)
    except ImpetusError as error:
        known = error.status in {400, 501}
    else:
        known = 0 <= query.top <= 1000 and query.skip >= 0
    assert known


@given(
    some.one_of(
        some.text(max_size=40), some.from_regex(r"\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)\Z")
    )
)
@settings(max_examples=300)
def test_times(text: str) -> None:
    """A 64-bit number of microseconds or None, for whatever text."""
    at_us = us_of_text(text)
    assert at_us is None or -(2**63) < at_us < 2**63


def test_only_texts_and_whole_numbers_are_times() -> None:
    """A float would hide what it lost."""
    assert [us_of(value) for value in (True, 1.5, None, [], 5)] == [None, None, None, None, 5]


def test_columns_keep_their_order_and_length() -> None:
    """Rows are the sender's."""
    assert np.array_equal(read_arrow(NUMBERS, NAMES).batch.datastream, [1, 2, 3])
