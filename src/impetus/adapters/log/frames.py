"""Frames: what one publish wrote, whole or not at all, recognisable among any bytes.

A frame is a header of 40 bytes (mark, two checksums, first offset, time, number of messages, payload length) and a
payload: the length of each message, then the messages. Each segment has its own random mark, so that nothing a sender
puts into a message can pass for a frame when a damaged segment is searched for the next good one.
"""

import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

MARK_BYTES = 8
HEADER = struct.Struct("<8sIIQqII")
"""mark, CRC-32 of the rest of the header, CRC-32 of the payload, first offset, time in us, messages, payload bytes."""
REST = struct.Struct("<IQqII")
LENGTH_BYTES = 4
FRAME_MAX_BYTES = 128 * 1024 * 1024
"""Largest frame believed when reading: twice the largest publish that is accepted. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """The head of a frame. `position` is where it begins in its segment; `first` the offset of its first message."""

    position: int
    first: int
    at_us: int
    count: int
    payload_bytes: int
    payload_crc: int

    @property
    def last(self) -> int:
        """Return the offset of the last message."""
        return self.first + self.count - 1

    @property
    def end(self) -> int:
        """Return the position behind the frame."""
        return self.position + HEADER.size + self.payload_bytes


def frame_bytes(bodies: Sequence[bytes]) -> int:
    """Return how long the frame of these messages is."""
    return HEADER.size + sum(LENGTH_BYTES + len(body) for body in bodies)


def write_frame(mark: bytes, first: int, at_us: int, bodies: Sequence[bytes]) -> bytes:
    """Return the frame of these messages, at least one."""
    payload = b"".join((struct.pack(f"<{len(bodies)}I", *map(len, bodies)), *bodies))
    rest = REST.pack(zlib.crc32(payload), first, at_us, len(bodies), len(payload))
    return mark + struct.pack("<I", zlib.crc32(mark + rest)) + rest + payload


def read_header(head: bytes | memoryview, position: int, mark: bytes) -> Header | None:
    """Read the header these bytes begin with, None when they begin with none."""
    if len(head) < HEADER.size:
        return None
    found, header_crc, payload_crc, first, at_us, count, payload_bytes = HEADER.unpack_from(head)
    if found != mark or zlib.crc32(bytes(head[MARK_BYTES + 4 : HEADER.size]), zlib.crc32(mark)) != header_crc:
        return None
    if not count or count * LENGTH_BYTES > payload_bytes or payload_bytes > FRAME_MAX_BYTES:
        return None
    return Header(
        position=position,
        first=first,
        at_us=at_us,
        count=count,
        payload_bytes=payload_bytes,
        payload_crc=payload_crc,
    )


def read_bodies(payload: bytes | memoryview, header: Header) -> list[bytes] | None:
    """Return the messages of a frame, None when its payload is cut short or damaged."""
    if len(payload) != header.payload_bytes or zlib.crc32(payload) != header.payload_crc:
        return None
    lengths = struct.unpack_from(f"<{header.count}I", payload)
    start = header.count * LENGTH_BYTES
    if start + sum(lengths) != len(payload):
        return None
    bodies = []
    for length in lengths:
        bodies.append(bytes(payload[start : start + length]))
        start += length
    return bodies


def is_whole(content: bytes, base: int, header: Header) -> bool:
    """Say whether a frame lies in these bytes undamaged; `base` is the position of their first byte."""
    payload = memoryview(content)[header.position - base + HEADER.size : header.end - base]
    return len(payload) == header.payload_bytes and zlib.crc32(payload) == header.payload_crc


def find_header(content: bytes, base: int, start: int, mark: bytes, *, least: int) -> Header | None:
    """Find the next header from position `start` on whose offset is at least `least`; `base` as in `is_whole`."""
    place = content.find(mark, start - base)
    while place >= 0:
        header = read_header(memoryview(content)[place : place + HEADER.size], base + place, mark)
        if header is not None and header.first >= least:
            return header
        place = content.find(mark, place + 1)
    return None
