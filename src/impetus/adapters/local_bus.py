"""The bus of one machine: a durable, bounded log per topic in a directory, shared by all processes.

Publishers of one process that arrive while the disk is busy are written together, with one `fdatasync` for all; those of
other processes take turns by a file lock. Readers take no lock. What a topic is made of is in `adapters/log`; the file
format is in `docs/reference/bus.md`.
"""

import re
import threading
import time
from collections import deque
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from impetus.adapters.durable_file import write_durably
from impetus.adapters.log.frames import frame_bytes
from impetus.adapters.log.reader import Reader
from impetus.adapters.log.tail import Tail, TailPage
from impetus.adapters.log.writer import Bound, Ticket, Writer
from impetus.adapters.wake import Bell, Sleeper
from impetus.core.errors import Malformed, OurFault, TooLarge
from impetus.core.ids import Offset
from impetus.core.observation import to_us
from impetus.ports import Clock, Gap, Message, TopicStatus

SEGMENT_BYTES = 16 * 1024 * 1024
NAME = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,62}")
SEGMENTS_PER_LIMIT = 8
"""A topic is at least this many segments, so that dropping the oldest drops an eighth, not everything. House rule."""
LARGEST_PUBLISH_BYTES = 64 * 1024 * 1024


class LocalBus:
    """Port `Bus` over a directory; every process opens its own, threads share one."""

    def __init__(self, directory: Path, *, clock: Clock, limit_bytes: int, segment_bytes: int = SEGMENT_BYTES) -> None:
        self._directory = directory
        self._clock = clock
        segment_bytes = max(1, min(segment_bytes, limit_bytes // SEGMENTS_PER_LIMIT))
        self._bound = Bound(limit_bytes=limit_bytes, segment_bytes=segment_bytes)
        self._topics: dict[str, _Topic] = {}
        self._lock = threading.Lock()

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Append durably, all or none, and return the offset of the last.

        `NotNow` when a holder blocks the way or the disk is full; `TooLarge` beyond a quarter of the topic's limit.
        """
        if not bodies:
            return self.status(topic).last
        size, most = frame_bytes(bodies), min(LARGEST_PUBLISH_BYTES, self._bound.limit_bytes // 4)
        if size > most:
            raise TooLarge(f"{size} bytes in one publish", value=size, limit=most, remedy="publish fewer at once")
        return self._topic(topic).publish(bodies, to_us(self._clock.now()))

    def read(self, topic: str, after: Offset, *, limit: int = 256) -> Sequence[Message]:
        """Return up to `limit` messages after the offset, in order; fewer when they are large or some are missing."""
        return self._topic(topic).read(after, limit)

    def wait(self, topic: str, after: Offset, *, timeout_s: float) -> bool:
        """Sleep until there is something after the offset or the time is over, and say which."""
        return self._topic(topic).wait(after, timeout_s)

    def gap(self, topic: str, after: Offset) -> Gap | None:
        """Return what is missing right after the offset: dropped, or damaged on the disk.

        An offset from before the topic was lost or restored, beyond its end, is a gap of nothing: go back to `resume`.
        """
        return self._topic(topic).gap(after)

    def hold(self, topic: str, consumer: str, offset: Offset) -> None:
        """Durably state that this consumer has passed `offset` and that nothing after it may be dropped."""
        self._topic(topic).hold(_checked(consumer), offset)

    def release(self, topic: str, consumer: str) -> None:
        """Forget a holding consumer; no error when it holds nothing."""
        self._topic(topic).release(_checked(consumer))

    def held(self, topic: str, consumer: str) -> Offset | None:
        """Return how far a holding consumer has passed, None when it holds nothing."""
        return self._topic(topic).held(_checked(consumer))

    def trim(self, topic: str, *, older_than: datetime, even_held: bool = False) -> int:
        """Drop segments older than the time that no holder needs, or even those; return messages dropped."""
        return self._topic(topic).trim(to_us(older_than), even_held=even_held)

    def topics(self) -> Sequence[str]:
        """Return the topics there are, whichever process made them."""
        if not self._directory.is_dir():
            return []
        return sorted(each.name for each in self._directory.iterdir() if each.is_dir() and NAME.fullmatch(each.name))

    def status(self, topic: str) -> TopicStatus:
        """Return how full the topic is."""
        tail = self._topic(topic).tail()
        is_empty = tail.last < tail.first
        return TopicStatus(
            topic=topic,
            first=Offset(0 if is_empty else tail.first),
            last=Offset(0 if is_empty else tail.last),
            bytes_=tail.bytes_,
            limit_bytes=self._bound.limit_bytes,
        )

    def close(self) -> None:
        """Give files and wake-ups back."""
        with self._lock:
            for topic in self._topics.values():
                topic.close()
            self._topics.clear()

    def _topic(self, name: str) -> "_Topic":
        """Return the topic, opened at first use."""
        topic = self._topics.get(name)
        if topic is None:
            with self._lock:
                topic = self._topics.get(name)
                if topic is None:
                    topic = self._topics[name] = _Topic(self._directory / _checked(name), self._bound)
        return topic


class _Topic:
    """One topic as this process has it open."""

    def __init__(self, directory: Path, bound: Bound) -> None:
        self._holders = directory / "holders"
        self._holders.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._page = TailPage(directory / "tail")
        self._writer = Writer(directory, self._page, bound, self._holders)
        self._reader = Reader(directory, self._page)
        self._bell = Bell(directory / "wake")
        self._wake = directory / "wake"
        self._idle: deque[Sleeper] = deque()
        self._queue: deque[Ticket] = deque()
        self._commit = threading.Lock()
        self._group_bytes = bound.segment_bytes

    def tail(self) -> Tail:
        """Return where the topic stands."""
        tail = self._page.load()
        if tail is None:
            raise OurFault("the tail of a topic was damaged while in use", remedy="restart the platform")
        return tail

    def publish(self, bodies: Sequence[bytes], at_us: int) -> Offset:
        """Queue up; whoever gets the turn writes for all who wait."""
        ticket = Ticket(bodies=bodies)
        self._queue.append(ticket)
        with self._commit:
            while not ticket.is_done:
                self._writer.append(self._group(), at_us)
                self._bell.ring()
        if ticket.error is not None:
            raise ticket.error
        return Offset(ticket.last)

    def _group(self) -> list[Ticket]:
        """Take the tickets to write together from the queue: at least one, at most about a segment."""
        group, size = [self._queue.popleft()], 0
        while self._queue and (size := size + frame_bytes(group[-1].bodies)) < self._group_bytes:
            group.append(self._queue.popleft())
        return group

    def read(self, after: int, limit: int) -> Sequence[Message]:
        """Return what is after the offset."""
        tail = self.tail()
        return self._reader.read(after, limit, tail) if after < tail.last else ()

    def wait(self, after: int, timeout_s: float) -> bool:
        """Sleep until the tail is beyond the offset."""
        if self.tail().last > after:
            return True
        deadline_s = time.monotonic() + timeout_s
        try:
            sleeper = self._idle.pop()
        except IndexError:
            sleeper = Sleeper(self._wake)
        try:
            while self.tail().last <= after and (left_s := deadline_s - time.monotonic()) > 0:
                sleeper.wait(left_s)
        finally:
            self._idle.append(sleeper)
        return self.tail().last > after

    def gap(self, after: int) -> Gap | None:
        """Return what is missing right after the offset."""
        tail = self.tail()
        if after > tail.last:
            return Gap(lost=0, resume=Offset(tail.last + 1))
        if after == tail.last:
            return None
        resume = self._reader.next_after(after, tail)
        return Gap(lost=resume - after - 1, resume=Offset(resume)) if resume > after + 1 else None

    def hold(self, consumer: str, offset: int) -> None:
        """Write down how far a consumer has passed."""
        if self.held(consumer) != offset:
            with self._writer.exclusive():
                write_durably(self._holders / consumer, str(offset).encode())

    def release(self, consumer: str) -> None:
        """Forget a consumer."""
        with self._writer.exclusive():
            (self._holders / consumer).unlink(missing_ok=True)

    def held(self, consumer: str) -> Offset | None:
        """Read how far a consumer has passed."""
        try:
            return Offset(int((self._holders / consumer).read_text()))
        except FileNotFoundError:
            return None

    def trim(self, before_us: int, *, even_held: bool) -> int:
        """Drop what is old."""
        return self._writer.trim(before_us, even_held=even_held)

    def close(self) -> None:
        """Give files and wake-ups back."""
        while self._idle:
            self._idle.pop().close()
        self._reader.close()
        self._writer.close()
        self._page.close()


def _checked(name: str) -> str:
    """Return the name of a topic or consumer if it can be a file's name here."""
    if not NAME.fullmatch(name):
        raise Malformed(f"{name[:80]!r} cannot name a topic or a consumer", value=name, limit=NAME.pattern)
    return name
