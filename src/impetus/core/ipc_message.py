"""Headers of Arrow IPC messages, read just far enough to know whether a message would unpack to more than was sent.

A compressed message of 8 MiB can unpack to more memory than a machine has, and pyarrow does not say whether a message is
compressed before it unpacks it. There are two ways to say so: the field `compression` of a record batch, and, from before
Arrow 1.0, a key in the message's own metadata, which readers still follow.

**Source**: Apache Arrow columnar format 1.5, `Message.fbs`; FlatBuffers binary format, tables and vtables; Arrow C++,
`GetCompressionExperimental` (the older way).
"""

import struct
from typing import Final

from impetus.core.errors import Malformed

OLDER_WAY: Final = b"ARROW:experimental_compression"
"""The key of the older way. A FlatBuffer holds texts as they are, so a message without these bytes does not say it."""
_KIND, _HEADER = 1, 2
_DICTIONARY_BATCH, _RECORD_BATCH = 2, 3
_DATA, _COMPRESSION = 1, 3


def is_compressed(header: bytes) -> bool:
    """Say whether the header of a message, a FlatBuffer `Message`, announces compressed buffers.

    Raises `Malformed` for bytes that are no such header.
    """
    if OLDER_WAY in header:
        return True
    try:
        return _has_compression(header)
    except (struct.error, IndexError) as error:
        raise Malformed(
            f"the header of an Arrow message points outside itself: {error}",
            value=f"{len(header)} bytes",
            limit="a FlatBuffer Message",
            remedy="send an Arrow IPC stream",
        ) from error


def _has_compression(header: bytes) -> bool:
    """Say whether the record batch of a message, or of its dictionary, has the field `compression`."""
    message = struct.unpack_from("<I", header)[0]
    kind_at, body_at = _field(header, message, _KIND), _field(header, message, _HEADER)
    if kind_at is None or body_at is None:
        return False
    kind = header[kind_at]
    batch = _pointed(header, body_at)
    if kind == _DICTIONARY_BATCH:
        data_at = _field(header, batch, _DATA)
        return data_at is not None and _field(header, _pointed(header, data_at), _COMPRESSION) is not None
    return kind == _RECORD_BATCH and _field(header, batch, _COMPRESSION) is not None


def _field(buffer: bytes, table: int, number: int) -> int | None:
    """Return where a table keeps a field, None when it has none."""
    vtable = table - struct.unpack_from("<i", buffer, table)[0]
    if vtable < 0:
        raise struct.error("offset before the message")
    place = 4 + 2 * number
    if place + 2 > struct.unpack_from("<H", buffer, vtable)[0]:
        return None
    offset = struct.unpack_from("<H", buffer, vtable + place)[0]
    return table + offset if offset else None


def _pointed(buffer: bytes, at: int) -> int:
    """Follow an offset."""
    place: int = at + struct.unpack_from("<I", buffer, at)[0]
    return place
