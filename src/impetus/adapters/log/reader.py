"""Reading a topic: forward from where the last read ended, up to the tail, over damage.

A read costs what is new: the place where each recent read ended is remembered, files stay open, and one `pread` takes in
all frames that arrived since. Only a read from an offset never seen hops over headers, from the nearest place known.
A damaged frame is stepped over; what it held is missing from the offsets and reported by `next_after`.
"""

import bisect
import os
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from impetus.adapters.log.frames import HEADER, Header, find_header, read_bodies, read_header
from impetus.adapters.log.segments import Segment, segments_of
from impetus.adapters.log.tail import Tail, TailPage
from impetus.core.errors import OurFault
from impetus.core.ids import Offset
from impetus.ports import Message

CHUNK_BYTES = 1024 * 1024
"""Read at once: about 80 batches of 500 readings, one disk request. House rule."""
MAX_READ_BYTES = 16 * 1024 * 1024
"""Bodies returned by one read, however many messages were asked for; bounds a consumer's memory. House rule."""
PLACES = 256
"""Ends of reads remembered; far more than there are consumers in one process."""
HOPS_PER_PLACE = 256
"""Every so many headers hopped over, the place is remembered for the next search."""
OPEN_FILES = 4
ATTEMPTS = 8
"""Times a reader starts over when segments are dropped under it; each start finds a newer first segment."""


@dataclass(frozen=True, slots=True)
class Place:
    """A position in a segment."""

    segment: Segment
    position: int


class SegmentGoneError(Exception):
    """A segment was dropped while somebody was about to read it."""


class Reader:
    """The reading side of one topic in this process; its threads take turns."""

    def __init__(self, directory: Path, page: TailPage) -> None:
        self._directory = directory
        self._page = page
        self._lock = threading.Lock()
        self._segments: list[Segment] = []
        self._files: OrderedDict[Path, int] = OrderedDict()
        self._ends: OrderedDict[int, Place] = OrderedDict()
        self._known: dict[Path, list[tuple[int, int]]] = {}
        self._chunk: tuple[Path | None, int, bytes] = (None, 0, b"")

    def read(self, after: int, limit: int, tail: Tail) -> Sequence[Message]:
        """Return up to `limit` messages after the offset, ending where some are missing."""
        with self._lock:
            for _ in range(ATTEMPTS):
                try:
                    return self._read(max(after, tail.first - 1), limit, tail)
                except SegmentGoneError:
                    tail = self._page.load() or tail
                    self._segments = []
        raise OurFault(f"segments of {self._directory.name} go faster than they are read", value=after)

    def next_after(self, after: int, tail: Tail) -> int:
        """Return the offset of the next message that can be read, the one behind the tail when none can."""
        found = self.read(after, 1, tail)
        return found[0].offset if found else tail.last + 1

    def close(self) -> None:
        """Close the files."""
        with self._lock:
            while self._files:
                os.close(self._files.popitem()[1])

    def _read(self, after: int, limit: int, tail: Tail) -> Sequence[Message]:
        """Gather messages frame by frame, and remember where that ended."""
        messages: list[Message] = []
        size = 0
        for segment, header, bodies in self._frames(self._find(after, tail), tail):
            if messages and header.first != messages[-1].offset + 1:
                break
            skipped = max(0, after + 1 - header.first)
            for offset, body in enumerate(bodies[skipped : skipped + limit - len(messages)], header.first + skipped):
                messages.append(Message(offset=Offset(offset), body=body))
                size += len(body)
            if messages:
                is_used_up = messages[-1].offset == header.last
                self._remember(messages[-1].offset, Place(segment, header.end if is_used_up else header.position))
            if len(messages) >= limit or size >= MAX_READ_BYTES:
                break
        return messages

    def _frames(self, place: Place, tail: Tail) -> Iterator[tuple[Segment, Header, list[bytes]]]:
        """Walk the whole frames from a place to the tail, stepping over damage."""
        segment, position = place.segment, place.position
        while True:
            end = self._end(segment, tail)
            if position >= end:
                following = [later for later in self._segments if later.first > segment.first]
                if segment.first >= tail.segment or not following:
                    return
                segment, position = following[0], 0
                continue
            header = self._header(segment, position, end)
            payload = b"" if header is None else self._bytes(segment, position + HEADER.size, header.payload_bytes, end)
            bodies = None if header is None else read_bodies(payload, header)
            if header is None or bodies is None:
                position = self._step_over(segment, position, end)
            else:
                yield segment, header, bodies
                position = header.end

    def _find(self, after: int, tail: Tail) -> Place:
        """Return a place at or before the message after the offset: remembered, or found by hopping over headers."""
        if not self._segments or self._segments[-1].first < tail.segment:
            self._list(tail)
        if after in self._ends:
            return self._ends[after]
        segment = self._segments[max(0, bisect.bisect_right(self._segments, after + 1, key=_first) - 1)]
        known = self._known.setdefault(segment.path, [(segment.first, 0)])
        position = known[bisect.bisect_right(known, (after + 1, 1 << 62)) - 1][1]
        end, hops = self._end(segment, tail), 0
        while position < end:
            header = self._header(segment, position, end)
            if header is not None and header.last > after:
                break
            hops += 1
            if header is not None and hops % HOPS_PER_PLACE == 0 and header.first > known[-1][0]:
                known.append((header.first, header.position))
            position = self._step_over(segment, position, end) if header is None else header.end
        return Place(segment, position)

    def _list(self, tail: Tail) -> None:
        """Look at which segments there are, and forget what is known of those gone."""
        self._segments = [segment for segment in segments_of(self._directory) if segment.first >= tail.first]
        if not self._segments:
            raise SegmentGoneError
        paths = {segment.path for segment in self._segments}
        for path in [path for path in self._known if path not in paths]:
            del self._known[path]
        for path in [path for path in self._files if path not in paths]:
            os.close(self._files.pop(path))
        for offset in [offset for offset, place in self._ends.items() if place.segment.path not in paths]:
            del self._ends[offset]

    def _end(self, segment: Segment, tail: Tail) -> int:
        """Return where the durable part of a segment ends."""
        return tail.position if segment.first == tail.segment else os.fstat(self._file(segment)).st_size

    def _header(self, segment: Segment, position: int, end: int) -> Header | None:
        """Read the header at a position, None when there is no whole frame."""
        header = read_header(self._bytes(segment, position, HEADER.size, end), position, segment.mark)
        return header if header is not None and header.end <= end else None

    def _bytes(self, segment: Segment, position: int, size: int, end: int) -> memoryview:
        """Return bytes of a segment, fewer behind its end, from the chunk read last when it has them."""
        path, start, content = self._chunk
        if path != segment.path or not start <= position <= position + size <= start + len(content):
            # Never beyond the end: what lies there may still be cut off and written anew.
            size_read = min(max(size, CHUNK_BYTES), end - position)
            content, start = os.pread(self._file(segment), size_read, position), position
            self._chunk = (segment.path, start, content)
        return memoryview(content)[position - start : position - start + size]

    def _step_over(self, segment: Segment, position: int, end: int) -> int:
        """Return the position of the next header after a damaged place, the end when there is none."""
        content = os.pread(self._file(segment), end - position, position)
        header = find_header(content, position, position + 1, segment.mark, least=segment.first)
        return end if header is None else header.position

    def _file(self, segment: Segment) -> int:
        """Return the open file of a segment."""
        if segment.path not in self._files:
            try:
                self._files[segment.path] = os.open(segment.path, os.O_RDONLY | os.O_CLOEXEC)
            except FileNotFoundError as error:
                raise SegmentGoneError from error
            while len(self._files) > OPEN_FILES:
                os.close(self._files.popitem(last=False)[1])
        return self._files[segment.path]

    def _remember(self, offset: int, place: Place) -> None:
        """Keep the place where a read ended, the oldest goes."""
        self._ends[offset] = place
        self._ends.move_to_end(offset)
        while len(self._ends) > PLACES:
            self._ends.popitem(last=False)


def _first(segment: Segment) -> int:
    """Return the key segments are sorted by."""
    return segment.first
