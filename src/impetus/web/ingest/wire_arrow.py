"""Arrow IPC streams into columns: the fast way in.

Columns `datastream` (any integer: the number; utf8, or a dictionary of utf8: the key), `time` (timestamp with a zone, or
int64 microseconds since 1970 UTC) and `result` (any integer or float; null and NaN mean that there was no value). Nothing
else is taken: an undeclared column refuses the body, because a column is a decision of the sender, not one bad record.

A stream costs no more than its bytes: a compressed one is refused before it is read (8 MiB of it can unpack to more memory
than the machine has), so is one of very many messages (each looks through the whole dictionary again), and what is said of
an unknown key is said once, not once for each row that names it.

**Source**: Apache Arrow columnar format 1.5, "IPC Streaming Format".
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from impetus.core.admission import NO_TIME
from impetus.core.errors import Malformed, TooLarge
from impetus.core.ipc_message import is_compressed
from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s, concatenate
from impetus.desk.identity_words import refuse_identity
from impetus.desk.parcel import Parcel
from impetus.web.ingest.wire import Names, check_rows, check_size, shown

FIELDS: Final = ("datastream", "time", "result")
LIMIT: Final = (
    "datastream: integer, utf8 or dictionary of utf8; time: timestamp with a zone, or int64 us; result: number"
)
REMEDY: Final = "send these three columns, not compressed"
MAX_MESSAGES: Final = 64
"""Schema, dictionaries and record batches of one stream; a usual one has three at most. House rule."""
_FACTOR: Final = {"s": US_PER_S, "ms": 1000}
_NS_PER_US: Final = 1000


def read_arrow(body: bytes, names: Names) -> Parcel:
    """Read an Arrow IPC stream; `Malformed` or `Refused` when it is none or has other columns, `TooLarge` beyond limits."""
    check_size(body)
    try:
        _refuse_costly(body)
        with pa.ipc.open_stream(body) as stream:
            _check_columns(stream.schema)
            details: dict[int, str] = {}
            batch = concatenate(list(_batches(stream, names, details)))
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError, OverflowError) as error:
        raise Malformed(f"the body is no Arrow IPC stream: {str(error)[:200]}", limit=LIMIT, remedy=REMEDY) from error
    return Parcel(batch=batch, details=details, record=lambda row: _record(batch, row), size_bytes=len(body))


def _batches(stream: pa.RecordBatchStreamReader, names: Names, details: dict[int, str]) -> Iterator[Batch]:
    """Read each record batch, after counting its rows and checking that its buffers hold what it claims."""
    rows = 0
    for each in stream:
        check_rows(rows + each.num_rows)
        each.validate(full=True)
        yield Batch(
            datastream=_datastreams(each.column("datastream"), names, details, rows),
            time_us=_times(each.column("time")),
            result=_results(each.column("result")),
        )
        rows += each.num_rows


def _check_columns(schema: pa.Schema) -> None:
    """Refuse other columns, and types that cannot mean what the column means."""
    for name in schema.names:
        if name not in FIELDS:
            refuse_identity(name, "column")
    kinds = {name: schema.field(name).type for name in FIELDS if schema.names.count(name) == 1}
    if len(schema.names) == len(kinds) == len(FIELDS):
        time = kinds["time"]
        is_time = pa.types.is_int64(time) or (pa.types.is_timestamp(time) and time.tz is not None)
        if _is_datastream(kinds["datastream"]) and is_time and _is_number(kinds["result"]):
            return
    columns = ", ".join(f"{field.name} {field.type}" for field in schema)
    raise Malformed(f"columns are {columns[:200] or 'none'}", value=columns, limit=LIMIT, remedy=REMEDY)


def _is_datastream(kind: pa.DataType) -> bool:
    if pa.types.is_dictionary(kind):
        return _is_text(kind.value_type)
    return pa.types.is_integer(kind) or _is_text(kind)


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _is_number(kind: pa.DataType) -> bool:
    return bool(pa.types.is_floating(kind) or pa.types.is_integer(kind))


def _datastreams(column: pa.Array, names: Names, details: dict[int, str], first: int) -> Int64s:
    """Return numbers; 0 for null and for a key nobody declared. Numbers beyond 63 bits turn negative: nobody's either."""
    if pa.types.is_integer(column.type):
        return _integers(column, 0)
    encoded = column if pa.types.is_dictionary(column.type) else column.dictionary_encode()
    check_rows(len(encoded.dictionary))
    keys = encoded.dictionary.to_pylist()
    ids = np.array([names.get(key, 0) if key is not None else 0 for key in keys] + [0], dtype=np.int64)
    indices = _integers(encoded.indices, len(keys))
    which: Int64s = ids[indices]
    unknown = np.flatnonzero(which == 0)
    if unknown.size:
        asked, which_said = np.unique(indices[unknown], return_inverse=True)
        shown_keys = [shown(keys[index] if index < len(keys) else None) for index in asked.tolist()]
        said = [f"datastream {key} is not declared by this source; declare it first" for key in shown_keys]
        details.update(
            {first + row: said[place] for row, place in zip(unknown.tolist(), which_said.tolist(), strict=True)}
        )
    return which


def _times(column: pa.Array) -> Int64s:
    """Return microseconds, `NO_TIME` for null and for what 64 bits cannot hold; finer digits are cut downwards."""
    ticks = _integers(column, NO_TIME)
    unit = column.type.unit if pa.types.is_timestamp(column.type) else "us"
    none = ticks == NO_TIME
    if unit == "us":
        return ticks
    if unit == "ns":
        time_us = ticks // _NS_PER_US
    else:
        factor = _FACTOR[unit]
        none |= np.abs(np.where(none, 0, ticks)) > (2**63 - 1) // factor
        time_us = np.where(none, 0, ticks) * factor
    return np.where(none, NO_TIME, time_us) if none.any() else time_us


def _results(column: pa.Array) -> Float64s:
    """Return float64, NaN for null."""
    values = column if pa.types.is_float64(column.type) else column.cast(pa.float64(), safe=False)
    if values.null_count:
        values = pc.fill_null(values, float("nan"))
    return np.asarray(values.to_numpy(zero_copy_only=False), dtype=np.float64)


def _integers(column: pa.Array, null: int) -> Int64s:
    """Return 64-bit integers, without a copy where they are that already, with `null` where there was none."""
    if pa.types.is_timestamp(column.type):
        column = column.view(pa.int64())
    elif not pa.types.is_int64(column.type):
        column = column.cast(pa.int64(), safe=False)
    if column.null_count:
        column = pc.fill_null(column, null)
    return np.asarray(column.to_numpy(zero_copy_only=False), dtype=np.int64)


def _record(batch: Batch, row: int) -> bytes:
    """Return a refused row as JSON text; a key that nobody declared stands in its detail."""
    return orjson.dumps(
        {
            "datastream": int(batch.datastream[row]),
            "time": int(batch.time_us[row]),
            "result": repr(float(batch.result[row])),
        }
    )


def _refuse_costly(body: bytes) -> None:
    """Refuse a stream that would cost far more than its bytes: compressed, or in very many messages."""
    for number, message in enumerate(pa.ipc.MessageReader.open_stream(body), 1):
        if number > MAX_MESSAGES:
            raise TooLarge(
                f"more than {MAX_MESSAGES} messages in one stream",
                limit=MAX_MESSAGES,
                remedy="send the readings in one record batch",
            )
        if is_compressed(message.metadata.to_pybytes()):
            raise Malformed("the stream is compressed", limit="not compressed", remedy=REMEDY)
