"""A desk in memory with two declared sources, for tests of everything that lets readings in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from impetus.adapters.arrow import decode
from impetus.core.actor import Actor, Role
from impetus.core.errors import NotNow
from impetus.core.ids import Offset, SourceId
from impetus.core.observation import Batch, Datastream, batch_of, concatenate, to_us
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.declare_source import declare, read_toml
from impetus.testing.bus import MemoryBus
from impetus.testing.clock import SettableClock
from impetus.testing.desk import memory_desk

NOW = datetime(2026, 6, 1, 12, 0, tzinfo=UTC)
NOW_US = to_us(NOW)
SQUARE, HARBOUR = SourceId("square"), SourceId("harbour")
ADMINISTRATOR = Actor(name="ada", role=Role.ADMINISTRATOR)


def sender(source: str | None = SQUARE, *operations: str) -> Actor:
    """Return the service that sends for a source."""
    return Actor(
        name=f"token:{source}",
        role=Role.SERVICE,
        operations=frozenset(operations or {"observations.write"}),
        source=source,
    )


def declaration(source: str = SQUARE, things: int = 3) -> str:
    """Return the TOML of a source with that many thermometers, -40 to 60 degrees."""
    head = f'[source]\nid = "{source}"\nname = "{source.title()}"\nkind = "thermometers"\n'
    thing = '[[things]]\nkey = "t{number}"\nposition = [10.73, 59.91]\n[[things.datastreams]]\nproperty = "temperature"\nunit = "Cel"\nlowest = -40\nhighest = 60\n'
    return head + "".join(thing.format(number=number) for number in range(1, things + 1))


def make_desk(*, bus: MemoryBus | None = None) -> Desk:
    """Return a desk in memory at `NOW`, with the sources square (3 datastreams) and harbour (1)."""
    desk = memory_desk(NOW)
    desk = desk if bus is None else replace(desk, bus=bus)
    declare(desk, ADMINISTRATOR, read_toml(declaration()))
    declare(desk, ADMINISTRATOR, read_toml(declaration(HARBOUR, 1)))
    return desk


def datastreams(desk: Desk) -> dict[str, Datastream]:
    """Return every datastream by key."""
    with desk.store.read() as unit:
        return {datastream.key: datastream for datastream in unit.sources.catalogue().datastreams.values()}


def published(desk: Desk) -> Batch:
    """Return every reading on the bus."""
    return concatenate([decode(message.body) for message in desk.bus.read(OBSERVATIONS, Offset(0), limit=10_000)])


def readings(*rows: tuple[int, float, float]) -> Batch:
    """Return a batch of (datastream, seconds from now, result)."""
    return batch_of([row[0] for row in rows], [NOW_US + round(row[1] * 1e6) for row in rows], [row[2] for row in rows])


@dataclass(slots=True)
class Room:
    """Whether the disk under a bus has room."""

    left: bool = True


class TightBus(MemoryBus):
    """A bus on a disk that can be full."""

    def __init__(self) -> None:
        super().__init__(SettableClock(NOW))
        self.room = Room()

    def publish(self, topic: str, bodies: Sequence[bytes]) -> Offset:
        """Append, or say that the disk is full."""
        if not self.room.left:
            raise NotNow("the disk is full", retry_after_s=5.0, value="0 bytes", remedy="free some space")
        return super().publish(topic, bodies)
