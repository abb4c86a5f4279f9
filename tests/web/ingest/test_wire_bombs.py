"""Streams made to cost far more than they weigh are refused for what they would cost, before it is paid."""

import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

from arrow_bombs import bomb, bomb_of_old, stream_of
from impetus.core.errors import Malformed, TooLarge
from impetus.core.ids import DatastreamId
from impetus.web.ingest.wire import MAX_BODY_BYTES, MAX_ROWS
from impetus.web.ingest.wire_arrow import MAX_MESSAGES, read_arrow

MIB = 1024 * 1024
SCHEMA = pa.schema([("datastream", pa.int64()), ("time", pa.int64()), ("result", pa.float64())])
KNOWN = {"square/c1/people": DatastreamId(1)}


def rows(keys: pa.Array, indices: list[int]) -> pa.RecordBatch:
    """Return readings whose datastreams are a dictionary of keys."""
    return pa.record_batch(
        {
            "datastream": pa.DictionaryArray.from_arrays(pa.array(indices, pa.int32()), keys),
            "time": pa.array([1] * len(indices), pa.int64()),
            "result": pa.array([1.0] * len(indices), pa.float64()),
        }
    )


def _opened(_body: bytes) -> None:
    """Say that a body was opened for reading, where none should be."""
    pytest.fail("the bomb was opened")


@pytest.mark.parametrize(
    "body",
    [
        bomb(4_000_000, SCHEMA, "zstd"),
        bomb(4_000_000, SCHEMA, "lz4"),
        bomb_of_old(4_000_000, SCHEMA),
    ],
    ids=["zstd", "lz4", "the older way"],
)
def test_a_decompression_bomb_is_refused_unread(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Some kilobytes that would unpack to 96 MB: refused by their headers, before anybody opens them."""
    monkeypatch.setattr(pa.ipc, "open_stream", _opened)
    with pytest.raises(Malformed, match="compressed") as refusal:
        read_arrow(body, KNOWN)
    assert refusal.value.remedy == "send these three columns, not compressed"


def test_what_is_refused_would_have_been_a_bomb() -> None:
    """The same few kilobytes, unpacked by Arrow itself, take their 96 MB: the tests above test something."""
    body = bomb_of_old(4_000_000, SCHEMA)
    before = pa.total_allocated_bytes()
    table = pa.ipc.open_stream(body).read_all()
    assert pa.total_allocated_bytes() - before >= table.nbytes == 4_000_000 * 24
    assert len(body) < MAX_BODY_BYTES // 1_000


def test_a_long_unknown_key_is_said_once_however_many_rows_name_it() -> None:
    """One key of a megabyte, two thousand rows: what is said stays short, and memory about what was sent."""
    body = stream_of(rows(pa.array(["k" * MIB]), [0] * 2_000))
    tracemalloc.start()
    parcel = read_arrow(body, KNOWN)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * MIB
    assert len(parcel.details) == 2_000
    assert len(set(parcel.details.values())) == 1
    assert len(parcel.details[0]) < 200


def test_each_row_is_told_its_own_unknown_key() -> None:
    """Said once a key, and still about the right one; a key that is none is said to be none."""
    batch = rows(pa.array(["square/c1/people", "x", None, "y"]), [3, 0, 1, 2, 3])
    parcel = read_arrow(stream_of(batch), KNOWN)
    said = {row: text.split()[1] for row, text in parcel.details.items()}
    assert said == {0: "'y'", 2: "'x'", 3: "None", 4: "'y'"}
    assert parcel.batch.datastream.tolist() == [0, 1, 0, 0, 0]


def test_unknown_keys_of_a_later_record_batch_keep_their_rows() -> None:
    """Rows are counted through the whole stream."""
    parcel = read_arrow(stream_of(rows(pa.array(["x"]), [0, 0]), times=3), KNOWN)
    assert sorted(parcel.details) == [0, 1, 2, 3, 4, 5]


def test_a_stream_of_very_many_messages_is_refused() -> None:
    """Each would look through its dictionary again, rows or no rows."""
    body = stream_of(rows(pa.array(["x"]), []), times=MAX_MESSAGES)
    with pytest.raises(TooLarge) as refusal:
        read_arrow(body, KNOWN)
    assert refusal.value.limit == MAX_MESSAGES


def test_a_stream_of_some_messages_is_read() -> None:
    """A sender that writes its readings in parts is no attacker: the same columns, in a few record batches."""
    part = pa.record_batch({"datastream": np.array([1]), "time": np.array([5]), "result": np.array([2.5])})
    assert read_arrow(stream_of(part, times=MAX_MESSAGES - 1), KNOWN).batch.result.tolist() == [2.5] * 63


def test_a_dictionary_of_more_keys_than_readings_is_refused() -> None:
    """More names than rows may be sent at once are not listed for the rows there are."""
    keys = pa.array([str(number) for number in range(MAX_ROWS + 1)])
    with pytest.raises(TooLarge) as refusal:
        read_arrow(stream_of(rows(keys, [0])), KNOWN)
    assert refusal.value.limit == MAX_ROWS
