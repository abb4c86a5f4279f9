"""Arrow IPC streams that unpack to far more than they weigh, for the tests of everything that reads one."""

import struct

import numpy as np
import pyarrow as pa

from impetus.core.ipc_message import OLDER_WAY, _field, _pointed

HEADER, COMPRESSION = 2, 3


def stream_of(rows: pa.RecordBatch, *, times: int = 1, options: pa.ipc.IpcWriteOptions | None = None) -> bytes:
    """Return a stream of this record batch, so many times."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, rows.schema, options=options) as stream:
        for _ in range(times):
            stream.write_batch(rows)
    return bytes(sink.getvalue())


def zeros(rows: int, schema: pa.Schema) -> pa.RecordBatch:
    """Return rows of nothing but zeros in columns of these types: what compresses best."""
    nothing = np.zeros(rows, dtype=np.int64)
    columns = [pa.array(nothing).view(field.type) for field in schema]
    return pa.RecordBatch.from_arrays(columns, schema=schema)


def bomb(rows: int, schema: pa.Schema, codec: str = "zstd") -> bytes:
    """Return a stream whose buffers are compressed, as Arrow has said it since 1.0."""
    return stream_of(zeros(rows, schema), options=pa.ipc.IpcWriteOptions(compression=codec))


def bomb_of_old(rows: int, schema: pa.Schema) -> bytes:
    """Return the same bomb that says it in the older way only, which readers still follow in messages of version 4."""
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="zstd", metadata_version=pa.ipc.MetadataVersion.V4)
    with pa.ipc.new_stream(sink, schema, options=options) as stream:
        stream.write_batch(zeros(rows, schema), custom_metadata={OLDER_WAY: "zstd"})
    return _without_the_field(bytes(sink.getvalue()))


def _without_the_field(body: bytes) -> bytes:
    """Return the stream with the field `compression` struck from its record batches."""
    struck = bytearray(body)
    for message in pa.ipc.MessageReader.open_stream(body):
        header = message.metadata.to_pybytes()
        root = struct.unpack_from("<I", header)[0]
        inner = _field(header, root, HEADER)
        if message.type == "record batch" and inner is not None:
            batch = _pointed(header, inner)
            vtable = batch - struct.unpack_from("<i", header, batch)[0]
            struct.pack_into("<H", struck, body.index(header) + vtable + 4 + 2 * COMPRESSION, 0)
    return bytes(struck)
