"""Columns of readings as Arrow IPC streams: on the bus, and from sources that speak Arrow.

On the bus: columns `datastream` int64, `time` timestamp[us, UTC], `result` float64, no nulls, not compressed; decoding is
zero-copy, so the arrays are read-only views into the message. A reading takes 24 bytes, a message about 700 more.

**Source**: Apache Arrow columnar format 1.5, "IPC Streaming Format".
"""

import numpy as np
import pyarrow as pa

from impetus.core.errors import Malformed, TooLarge
from impetus.core.ipc_message import is_compressed
from impetus.core.observation import Batch, concatenate

SCHEMA = pa.schema(
    [
        pa.field("datastream", pa.int64(), nullable=False),
        pa.field("time", pa.timestamp("us", tz="UTC"), nullable=False),
        pa.field("result", pa.float64(), nullable=False),
    ]
)
MAX_BODY_BYTES = 64 * 1024 * 1024
"""Largest message decoded: 2.8 million readings, far above any batch; keeps one message from filling memory. House rule."""
REMEDY = "send the columns datastream int64, time timestamp[us, UTC], result float64, without nulls, uncompressed"


def encode(batch: Batch) -> bytes:
    """Return the readings as one Arrow IPC stream of one record batch."""
    columns = [
        pa.array(batch.datastream),
        pa.array(batch.time_us).view(SCHEMA.field("time").type),
        pa.array(batch.result),
    ]
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, SCHEMA) as stream:
        stream.write_batch(pa.RecordBatch.from_arrays(columns, schema=SCHEMA))
    body: bytes = sink.getvalue().to_pybytes()
    return body


def decode(body: bytes) -> Batch:
    """Return the readings of a stream written by `encode`; `Malformed` says what is wrong with any other bytes."""
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(
            f"message of {len(body)} bytes", value=len(body), limit=MAX_BODY_BYTES, remedy="send less at once"
        )
    try:
        if any(is_compressed(message.metadata.to_pybytes()) for message in pa.ipc.MessageReader.open_stream(body)):
            raise Malformed("the message is compressed", limit="not compressed", remedy=REMEDY)
        with pa.ipc.open_stream(body) as stream:
            if not stream.schema.equals(SCHEMA):
                raise Malformed(
                    f"columns are {', '.join(f'{field.name} {field.type}' for field in stream.schema)[:200]}",
                    limit=", ".join(f"{field.name} {field.type}" for field in SCHEMA),
                    remedy=REMEDY,
                )
            batches = [_batch(rows) for rows in stream]
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError) as error:
        raise Malformed(
            f"bytes are no Arrow IPC stream: {str(error)[:200]}", value=f"{len(body)} bytes", remedy=REMEDY
        ) from error
    if len(batches) == 1:
        return batches[0]
    joined = concatenate(batches)
    for column in (joined.datastream, joined.time_us, joined.result):
        column.setflags(write=False)
    return joined


def _batch(rows: pa.RecordBatch) -> Batch:
    """View one record batch as NumPy columns, after checking that its buffers hold what it claims."""
    rows.validate(full=True)
    if any(column.null_count for column in rows.columns):
        raise Malformed("a column has nulls", limit="NaN where a sensor had no value", remedy=REMEDY)
    datastream, time, result = rows.columns
    return Batch(
        datastream=datastream.to_numpy(),
        time_us=np.asarray(time.view(pa.int64()).to_numpy()),
        result=result.to_numpy(),
    )


class ArrowColumns:
    """Port `Columns` over Arrow IPC streams."""

    def encode(self, batch: Batch) -> bytes:
        """Return the columns as an Arrow IPC stream."""
        return encode(batch)

    def decode(self, body: bytes) -> Batch:
        """Return the columns, or raise `Malformed`."""
        return decode(body)
