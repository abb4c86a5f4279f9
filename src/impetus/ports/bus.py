"""Protocol of the bus: messages that are kept in order until those who need them have them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.ids import Offset


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message of a topic with its position."""

    offset: Offset
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicStatus:
    """How full a topic is. `first` and `last` are the offsets still held (0, 0 when empty)."""

    topic: str
    first: Offset
    last: Offset
    bytes_: int
    limit_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """What a consumer that lagged past the bound can no longer read: `lost` messages before `resume`."""

    lost: int
    resume: Offset


class Bus(Protocol):
    """A durable, bounded log per topic, shared by processes.

    Order within a topic is one order for everybody. A topic has a limit in bytes; beyond it the oldest part goes,
    unless a holding consumer (`hold`) has not passed it: then `publish` raises `NotNow` rather than lose it. A
    consumer that is not holding and lagged past the bound learns what it lost from `gap`.
    """

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Append durably, all or none, and return the offset of the last; `NotNow` when full or the disk is full."""
        ...

    def read(self, topic: str, after: Offset, *, limit: int = 256) -> Sequence[Message]:
        """Return up to `limit` messages after the offset, in order, at once; empty when there are none."""
        ...

    def wait(self, topic: str, after: Offset, *, timeout_s: float) -> bool:
        """Sleep until there is something after the offset or the time is over, and say which; never spins."""
        ...

    def gap(self, topic: str, after: Offset) -> Gap | None:
        """Return what lies after the offset but is gone, None when nothing is."""
        ...

    def hold(self, topic: str, consumer: str, offset: Offset) -> None:
        """Durably state that this consumer has passed `offset` and that nothing after it may be dropped."""
        ...

    def release(self, topic: str, consumer: str) -> None:
        """Forget a holding consumer."""
        ...

    def held(self, topic: str, consumer: str) -> Offset | None:
        """Return how far a holding consumer has passed, None when it holds nothing."""
        ...

    def trim(self, topic: str, *, older_than: datetime, even_held: bool = False) -> int:
        """Drop whole segments older than the time that no holding consumer needs; return messages dropped.

        `even_held`: also what a holding consumer still needs; it learns what it lost from `gap`.
        """
        ...

    def topics(self) -> Sequence[str]:
        """Return the topics there are, sorted, whoever made them."""
        ...

    def status(self, topic: str) -> TopicStatus:
        """Return how full the topic is."""
        ...
