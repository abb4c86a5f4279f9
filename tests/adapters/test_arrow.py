"""Columns on the bus: what is written is read, and nothing else is."""

import math

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arrow_bombs import bomb, bomb_of_old
from impetus.adapters.arrow import MAX_BODY_BYTES, SCHEMA, ArrowColumns, decode, encode
from impetus.core.errors import Malformed, TooLarge
from impetus.core.observation import Batch, batch_of, empty_batch

WHOLE = st.integers(-(2**63), 2**63 - 1)
READINGS = st.lists(st.tuples(WHOLE, WHOLE, st.floats()), max_size=50)


def stream_of(table: pa.Table, options: pa.ipc.IpcWriteOptions | None = None) -> bytes:
    """Return a table as an IPC stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=options) as stream:
        stream.write_table(table)
    return bytes(sink.getvalue())


def same(one: Batch, other: Batch) -> bool:
    """Say whether two batches hold the same bits."""
    return all(
        getattr(one, name).tobytes() == getattr(other, name).tobytes() for name in ("datastream", "time_us", "result")
    )


@given(readings=READINGS)
def test_readings_come_back_as_they_were(readings: list[tuple[int, int, float]]) -> None:
    """Every 64-bit number, NaN and infinity survive."""
    batch = batch_of(*map(list, zip(*readings, strict=True))) if readings else empty_batch()

    assert same(decode(encode(batch)), batch)


def test_several_record_batches_are_joined() -> None:
    """A stream may hold its readings in several parts."""
    parts = [encode(batch_of([number], [number], [float(number)])) for number in (1, 2)]
    table = pa.concat_tables(pa.ipc.open_stream(part).read_all() for part in parts)

    assert decode(stream_of(table)).datastream.tolist() == [1, 2]


def test_decoded_columns_cannot_be_changed() -> None:
    """A detector that writes into what it was given fails instead of changing it for the next one."""
    batch = ArrowColumns().decode(ArrowColumns().encode(batch_of([1], [2], [3.0])))

    with pytest.raises(ValueError, match="read-only"):
        batch.result[0] = 4.0


@pytest.mark.parametrize(
    "table",
    [
        pa.table({"a": [1]}),
        pa.table({"datastream": [1], "time": [1], "result": [1.0]}),
        pa.table(
            {"datastream": pa.array([1], pa.int32()), "time": pa.array([1], SCHEMA.field(1).type), "result": [1.0]}
        ),
        pa.table({"datastream": [1], "time": pa.array([1], pa.timestamp("us")), "result": [1.0]}),
        pa.table({"datastream": [1], "result": [1.0], "time": pa.array([1], SCHEMA.field(1).type)}),
        pa.table({"datastream": [1], "time": pa.array([1], SCHEMA.field(1).type), "result": ["1"]}),
    ],
    ids=["other", "time as number", "narrow", "no zone", "order", "text"],
)
def test_other_columns_are_refused(table: pa.Table) -> None:
    """Names, order and types are exactly those of the bus."""
    with pytest.raises(Malformed):
        decode(stream_of(table))


def test_nulls_are_refused() -> None:
    """A missing value is NaN, never null, so that columns stay columns."""
    columns = [pa.array([1]), pa.array([1]).cast(SCHEMA.field(1).type), pa.array([None], pa.float64())]
    nullable = pa.schema([SCHEMA.field(0), SCHEMA.field(1), pa.field("result", pa.float64())])
    with pytest.raises(Malformed):
        decode(stream_of(pa.Table.from_arrays(columns, schema=nullable)))


def test_a_message_too_large_is_refused_unread() -> None:
    """The bound names itself."""
    with pytest.raises(TooLarge) as refusal:
        decode(bytes(MAX_BODY_BYTES + 1))

    assert refusal.value.limit == MAX_BODY_BYTES


@pytest.mark.parametrize(
    "body",
    [bomb(1_000_000, SCHEMA), bomb(1_000_000, SCHEMA, "lz4"), bomb_of_old(9, SCHEMA)],
    ids=["zstd", "lz4", "the older way"],
)
def test_a_compressed_message_is_refused_before_it_is_unpacked(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here writes one; whoever put it there wants memory."""
    monkeypatch.setattr(pa.ipc, "open_stream", lambda _body: pytest.fail("it was opened"))
    with pytest.raises(Malformed, match="the message is compressed"):
        decode(body)


@given(body=st.binary(max_size=300))
def test_any_bytes_are_read_or_malformed(body: bytes) -> None:
    """Noise never raises anything else."""
    with pytest.raises(Malformed):
        decode(body)


@settings(max_examples=400)
@given(place=st.integers(0, 2000), value=st.integers(0, 255), cut=st.integers(0, 60))
def test_a_damaged_message_is_read_or_malformed(place: int, value: int, cut: int) -> None:
    """A byte changed or an end cut off gives columns of one length, or `Malformed`; never a crash or another error."""
    body = bytearray(encode(batch_of(np.arange(40), np.arange(40), np.full(40, math.pi))))
    body[place % len(body)] = value
    damaged = bytes(body[: len(body) - cut])
    try:
        batch = decode(damaged)
    except Malformed:
        return
    assert len(batch) == batch.result.shape[0]
