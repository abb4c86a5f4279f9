"""A bus in memory, for tests: the promises of the port without the disk."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.errors import NotNow, TooLarge
from impetus.core.ids import Offset
from impetus.ports import Clock, Gap, Message, TopicStatus


@dataclass(slots=True)
class _Topic:
    """What is held of a topic: `(time, body)` from the offset `first` on."""

    first: int = 1
    kept: list[tuple[datetime, bytes]] = field(default_factory=list)
    holders: dict[str, Offset] = field(default_factory=dict)

    @property
    def last(self) -> int:
        return self.first + len(self.kept) - 1

    @property
    def bytes_(self) -> int:
        return sum(len(body) for _, body in self.kept)

    def free(self) -> int:
        """Return how many of the oldest messages no holder needs."""
        needed = min(self.holders.values(), default=self.last)
        return max(0, min(needed - self.first + 1, len(self.kept)))

    def drop(self, count: int) -> None:
        """Drop the oldest."""
        del self.kept[:count]
        self.first += count


class MemoryBus:
    """Port `Bus` for one process."""

    def __init__(self, clock: Clock, *, limit_bytes: int = 64 * 1024 * 1024) -> None:
        self._clock = clock
        self._limit_bytes = limit_bytes
        self._topics: dict[str, _Topic] = {}
        self._changed = threading.Condition()

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Append, all or none; `NotNow` when a holder blocks the way, `TooLarge` beyond a quarter of the limit."""
        size = sum(map(len, bodies))
        if size > self._limit_bytes // 4:
            raise TooLarge(
                f"{size} bytes in one publish", value=size, limit=self._limit_bytes // 4, remedy="publish fewer"
            )
        with self._changed:
            held = self._topic(topic)
            free, count, room = held.free(), 0, self._limit_bytes - held.bytes_
            while room < size and count < free:
                room += len(held.kept[count][1])
                count += 1
            if room < size:
                slow = min(held.holders, key=lambda name: held.holders[name])
                raise NotNow(f"topic {topic} is full and still needed by {slow}", retry_after_s=1.0, value=slow)
            held.drop(count)
            held.kept.extend((self._clock.now(), bytes(body)) for body in bodies)
            self._changed.notify_all()
            return Offset(held.last)

    def read(self, topic: str, after: Offset, *, limit: int = 256) -> Sequence[Message]:
        """Return up to `limit` messages after the offset."""
        with self._changed:
            held = self._topic(topic)
            start = max(0, after + 1 - held.first)
            return [
                Message(offset=Offset(offset), body=body)
                for offset, (_, body) in enumerate(held.kept[start : start + limit], held.first + start)
            ]

    def wait(self, topic: str, after: Offset, *, timeout_s: float) -> bool:
        """Sleep until there is something after the offset or the time is over."""
        deadline_s = time.monotonic() + timeout_s
        with self._changed:
            while self._topic(topic).last <= after and (left_s := deadline_s - time.monotonic()) > 0:
                self._changed.wait(left_s)
            return self._topic(topic).last > after

    def gap(self, topic: str, after: Offset) -> Gap | None:
        """Return what was dropped right after the offset; beyond the end, a gap of nothing."""
        with self._changed:
            held = self._topic(topic)
            if after > held.last:
                return Gap(lost=0, resume=Offset(held.last + 1))
            return Gap(lost=held.first - after - 1, resume=Offset(held.first)) if after + 1 < held.first else None

    def hold(self, topic: str, consumer: str, offset: Offset) -> None:
        """State that this consumer has passed `offset`."""
        with self._changed:
            self._topic(topic).holders[consumer] = offset

    def release(self, topic: str, consumer: str) -> None:
        """Forget a holding consumer."""
        with self._changed:
            self._topic(topic).holders.pop(consumer, None)

    def held(self, topic: str, consumer: str) -> Offset | None:
        """Return how far a holding consumer has passed."""
        with self._changed:
            return self._topic(topic).holders.get(consumer)

    def trim(self, topic: str, *, older_than: datetime, even_held: bool = False) -> int:
        """Drop messages older than the time that no holder needs, or even those."""
        with self._changed:
            held = self._topic(topic)
            old = next((place for place, (at, _) in enumerate(held.kept) if at >= older_than), len(held.kept))
            count = old if even_held else min(old, held.free())
            held.drop(count)
            return count

    def topics(self) -> Sequence[str]:
        """Return the topics anybody used, sorted."""
        with self._changed:
            return sorted(self._topics)

    def status(self, topic: str) -> TopicStatus:
        """Return how full the topic is."""
        with self._changed:
            held = self._topic(topic)
            ends = (held.first, held.last) if held.kept else (0, 0)
            return TopicStatus(
                topic=topic,
                first=Offset(ends[0]),
                last=Offset(ends[1]),
                bytes_=held.bytes_,
                limit_bytes=self._limit_bytes,
            )

    def _topic(self, name: str) -> _Topic:
        """Return the topic, made at first use."""
        return self._topics.setdefault(name, _Topic())
