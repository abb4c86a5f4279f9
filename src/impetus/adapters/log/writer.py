"""Appending to a topic, healing what a dead writer left, and dropping the oldest part.

Invariants, whoever dies whenever:
1. A message is acknowledged only after its frame and the name of its segment are on disk and the tail includes it.
2. Behind the tail lies nothing, or what a writer that died could not finish. The next one looks: whole frames are taken
   over (they may have been made durable, nobody was told), the rest is cut off.
3. A damaged frame followed by whole ones is never cut off: it is damage, not a torn end. Readers step over it and say so.
4. A segment goes only when every holder has passed its last message, or when the law lets nobody keep it any longer.
"""

import fcntl
import itertools
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from impetus.adapters.durable_file import disk_full
from impetus.adapters.log.frames import find_header, frame_bytes, is_whole, write_frame
from impetus.adapters.log.segments import Segment, make_segment, segments_of, total_bytes
from impetus.adapters.log.tail import Tail, TailPage
from impetus.core.errors import NotNow

RETRY_S = 1.0
"""Seconds after which a publisher that found the topic full tries again; consumers move at least this often. House rule."""
SEGMENT_SPAN_US = 86_400_000_000
"""A segment covers at most a day, so that trimming by age has something to drop in a topic that says little."""


@dataclass(slots=True, kw_only=True, eq=False)
class Ticket:
    """What one publisher wants appended, and what became of it."""

    bodies: Sequence[bytes]
    last: int = 0
    error: Exception | None = None
    is_done: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """How large a topic may be, and when a segment is full, in bytes."""

    limit_bytes: int
    segment_bytes: int


class Writer:
    """The appending side of one topic in this process."""

    def __init__(self, directory: Path, page: TailPage, bound: Bound, holders: Path) -> None:
        self._directory = directory
        self._page = page
        self._bound = bound
        self._holders = holders
        self._lock = threading.Lock()
        self._flock = os.open(directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._segment: Segment | None = None
        self._began_us: int | None = None
        self._descriptor = -1
        with self.exclusive():
            self._tail()

    @contextmanager
    def exclusive(self) -> Iterator[None]:
        """Be the only one, of all threads and processes, to change the topic."""
        with self._lock:
            fcntl.flock(self._flock, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.flock(self._flock, fcntl.LOCK_UN)

    def append(self, tickets: Sequence[Ticket], at_us: int) -> None:
        """Append what every ticket asks for with one write to disk for all, and note in each what became of it."""
        with self.exclusive():
            try:
                tail = self._roomy_tail(at_us)
                tail, frames = self._admit(tickets, tail, at_us)
                self._commit(frames, tail)
            except Exception as error:  # noqa: BLE001 - every publisher of the group must learn of it
                for ticket in tickets:
                    ticket.error = ticket.error or error
            for ticket in tickets:
                ticket.is_done = True

    def trim(self, before_us: int, *, even_held: bool = False) -> int:
        """Drop segments whose newest message is older than the time and that no holder needs; return messages dropped.

        `even_held`: a holder that stands still does not keep them; it learns of the gap.
        """
        with self.exclusive():
            tail = self._tail()
            if tail.position and tail.at_us < before_us:
                tail = self._roll(tail)
            segments = [segment for segment in segments_of(self._directory) if segment.first >= tail.first]
            needed = tail.last if even_held else min(self.held().values(), default=tail.last)
            first = tail.first
            for segment, following in itertools.pairwise(segments):
                is_young = _newest_us(following, tail) >= before_us and _last_us(segment) >= before_us
                if following.first - 1 > needed or is_young:
                    break
                first = following.first
            return self._drop_before(first, tail)

    def held(self) -> Mapping[str, int]:
        """Return how far each holding consumer has passed."""
        return {file.name: int(file.read_text()) for file in self._holders.iterdir() if not file.name.startswith(".")}

    def close(self) -> None:
        """Give the files back."""
        for descriptor in (self._descriptor, self._flock):
            if descriptor >= 0:
                os.close(descriptor)
        self._descriptor = self._flock = -1

    def _roomy_tail(self, at_us: int) -> Tail:
        """Return the healed tail, with the segment open for writing, a new one when the old is full or a day old."""
        tail = self._tail()
        if not tail.position:
            return tail
        if self._began_us is None and self._segment is not None:
            self._began_us = _first_us(self._segment) or 0
        is_old = at_us - (self._began_us or 0) > SEGMENT_SPAN_US
        return self._roll(tail) if is_old or tail.position >= self._bound.segment_bytes else tail

    def _admit(self, tickets: Sequence[Ticket], tail: Tail, at_us: int) -> tuple[Tail, list[bytes]]:
        """Make room and frames for each ticket that fits; note `NotNow` in the others. Returns the tail to come."""
        frames = []
        for ticket in tickets:
            size = frame_bytes(ticket.bodies)
            try:
                tail = self._make_room(size, tail)
            except NotNow as error:
                ticket.error = error
                continue
            assert self._segment is not None  # noqa: S101 - _tail opened it
            frames.append(write_frame(self._segment.mark, tail.last + 1, at_us, ticket.bodies))
            ticket.last = tail.last + len(ticket.bodies)
            tail = replace(
                tail, last=ticket.last, position=tail.position + size, bytes_=tail.bytes_ + size, at_us=at_us
            )
        return tail, frames

    def _commit(self, frames: Sequence[bytes], tail: Tail) -> None:
        """Write the frames where the stored tail ends, make them durable, move the tail; or leave all as it was."""
        if not frames:
            return
        content = memoryview(b"".join(frames))
        start = tail.position - len(content)
        try:
            written = 0
            while written < len(content):
                written += os.pwrite(self._descriptor, content[written:], start + written)
            os.fdatasync(self._descriptor)
        except OSError as error:
            os.ftruncate(self._descriptor, start)
            raise disk_full(error, self._directory) from error
        self._page.store(tail)

    def _make_room(self, size: int, tail: Tail) -> Tail:
        """Drop oldest segments until so many bytes fit; `NotNow` when a holder still needs them."""
        if tail.bytes_ + size <= self._bound.limit_bytes:
            return tail
        segments = [segment for segment in segments_of(self._directory) if segment.first >= tail.first]
        held = self.held()
        first, excess = tail.first, tail.bytes_ + size - self._bound.limit_bytes
        for segment, following in itertools.pairwise(segments):
            behind = [name for name, offset in held.items() if offset < following.first - 1]
            if behind or excess <= 0:
                break
            first, excess = following.first, excess - segment.path.stat().st_size
        if first > tail.first:
            before = self._page.load() or tail
            self._drop_before(first, before)
            dropped = before.bytes_ - (self._page.load() or before).bytes_
            tail = replace(tail, first=first, bytes_=tail.bytes_ - dropped)
        if excess > 0:
            slow = ", ".join(sorted(name for name, offset in held.items() if offset < tail.last)) or "nobody"
            raise NotNow(
                f"topic {self._directory.name} is full and still needed by {slow}",
                retry_after_s=RETRY_S,
                value=tail.bytes_ + size,
                limit=self._bound.limit_bytes,
                remedy=f"see why {slow} stands still, or raise bus_limit_mib",
            )
        return tail

    def _drop_before(self, first: int, tail: Tail) -> int:
        """Remove the segments before this offset, the tail first; return how many messages they held."""
        segments = segments_of(self._directory)
        old = [one for one, following in itertools.pairwise(segments) if following.first <= first]
        freed = total_bytes([segment for segment in old if segment.first >= tail.first])
        if first > tail.first:
            self._page.store(replace(tail, first=first, bytes_=tail.bytes_ - freed))
        for segment in old:
            segment.path.unlink()
        return first - tail.first

    def _roll(self, tail: Tail) -> Tail:
        """Begin a new segment."""
        try:
            segment = make_segment(self._directory, tail.last + 1)
        except OSError as error:
            raise disk_full(error, self._directory) from error
        tail = replace(tail, segment=segment.first, position=0)
        self._page.store(tail)
        self._use(segment)
        return tail

    def _tail(self) -> Tail:
        """Return the tail after healing, with the segment it names open for writing."""
        tail = self._page.load()
        if tail is None:
            return self._recover()
        if self._segment is None or self._segment.first != tail.segment:
            found = [segment for segment in segments_of(self._directory) if segment.first == tail.segment]
            if not found:
                return self._recover()
            self._use(found[0])
        size = os.fstat(self._descriptor).st_size
        if size < tail.position:
            return self._recover()
        return tail if size == tail.position else self._heal(tail)

    def _recover(self) -> Tail:
        """Build the tail from the segments alone: after a boot, or when the page does not fit them."""
        segments = segments_of(self._directory) or [make_segment(self._directory, 1)]
        newest = segments[-1]
        self._use(newest)
        healed = self._heal(
            Tail(
                last=newest.first - 1,
                segment=newest.first,
                position=0,
                first=segments[0].first,
                bytes_=total_bytes(segments[:-1]),
                at_us=0,
            )
        )
        passed = max(self.held().values(), default=0)
        # An offset that somebody has passed is never given to another message, whatever the disk lost.
        return self._roll(replace(healed, last=passed)) if passed > healed.last else healed

    def _heal(self, tail: Tail) -> Tail:
        """Take over the whole frames behind the tail, cut off what no whole frame follows, and store the result."""
        assert self._segment is not None  # noqa: S101 - the caller opened it
        content = self._segment.path.read_bytes()[tail.position :]
        base, healed = tail.position, tail
        header = find_header(content, base, base, self._segment.mark, least=healed.last + 1)
        while header is not None:
            start = header.position + 1
            if is_whole(content, base, header):
                healed = replace(healed, last=header.last, position=header.end, at_us=header.at_us)
                start = header.end
            header = find_header(content, base, start, self._segment.mark, least=healed.last + 1)
        os.ftruncate(self._descriptor, healed.position)
        os.fdatasync(self._descriptor)
        healed = replace(healed, bytes_=healed.bytes_ + healed.position - tail.position)
        self._page.store(healed)
        return healed

    def _use(self, segment: Segment) -> None:
        """Open a segment for writing."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
        self._descriptor = os.open(segment.path, os.O_RDWR | os.O_CLOEXEC)
        self._segment, self._began_us = segment, None


def _newest_us(following: Segment, tail: Tail) -> int:
    """Return a time that no message before this segment is newer than: when it began, or the topic's newest."""
    began_us = _first_us(following)
    return tail.at_us if began_us is None or following.first > tail.last else began_us


def _last_us(segment: Segment) -> int:
    """Return the time of a segment's last readable frame, 0 for an empty one; reads the whole segment."""
    content, last_us = segment.path.read_bytes(), 0
    header = find_header(content, 0, 0, segment.mark, least=segment.first)
    while header is not None:
        last_us = header.at_us
        header = find_header(content, 0, header.end, segment.mark, least=header.last + 1)
    return last_us


def _first_us(segment: Segment) -> int | None:
    """Return the time of a segment's first readable frame, None for an empty one."""
    with segment.path.open("rb") as file:
        content = file.read(1024 * 1024)
    header = find_header(content, 0, 0, segment.mark, least=segment.first)
    return None if header is None else header.at_us
