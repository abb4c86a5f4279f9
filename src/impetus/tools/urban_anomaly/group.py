"""An event as it grows: the marked readings that carry it, by datastream, and what was told of it so far."""

from dataclasses import dataclass, field
from enum import IntEnum

from impetus.core.finding import Severity
from impetus.core.ids import DatastreamId
from impetus.core.observation import Datastream


class Carrier(IntEnum):
    """Which way of looking started a datastream's event; the first two are the neighbourhood's channels."""

    REGION = 0
    ALONE = 1
    OWN = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One marked reading of one datastream.

    `strength` is the signed deviation of what carried it, `z` its own; `fellows` the neighbours heard at that time;
    `reach` is how many `scale` either side hold `coverage` of the readings. `suspect` is a fault code, 0 for none.
    """

    datastream: DatastreamId
    time_us: int
    z: float
    value: float
    expected: float
    scale: float
    one_in: float
    strength: float = 0.0
    carrier: Carrier = Carrier.OWN
    fellows: int = 0
    reach: float = 2.5
    coverage: float = 0.0
    suspect: int = 0


@dataclass(slots=True, kw_only=True)
class Member:
    """One datastream's part in a group, at its peak. `z` and `strength` as in `Event`; `is_broken` is its instrument's fault."""

    datastream: Datastream
    began_us: int
    z: float
    value: float
    expected: float
    scale: float
    one_in: float
    seen_us: int
    strength: float = 0.0
    carrier: Carrier = Carrier.OWN
    fellows: int = 0
    reach: float = 2.5
    coverage: float = 0.0
    running: bool = True
    is_broken: bool = False
    carriers: set[Carrier] = field(default_factory=set)

    @classmethod
    def of(cls, event: Event, datastream: Datastream, carriers: set[Carrier]) -> "Member":
        """Return the part that begins with a reading."""
        return cls(
            datastream=datastream,
            began_us=event.time_us,
            z=event.z,
            value=event.value,
            expected=event.expected,
            scale=event.scale,
            one_in=event.one_in,
            seen_us=event.time_us,
            strength=event.strength,
            carrier=event.carrier,
            fellows=event.fellows,
            reach=event.reach,
            coverage=event.coverage,
            carriers=set(carriers),
        )

    def saw(self, event: Event) -> None:
        """Keep a later reading if it is further out."""
        self.seen_us = max(self.seen_us, event.time_us)
        if abs(event.strength) > abs(self.strength):
            self.strength = event.strength
        if abs(event.z) > abs(self.z):
            self.z, self.value, self.expected, self.scale = event.z, event.value, event.expected, event.scale

    def weight(self) -> float:
        """Return by how much it carries the event: what it shares with a region counts by its own part alone."""
        return abs(self.z) if self.carrier is Carrier.REGION else max(abs(self.z), abs(self.strength))


@dataclass(slots=True, kw_only=True)
class Group:
    """Events near each other that run together. `tellings` counts findings, `told_*` is how the last one stood.

    `first` is the datastream it began with, which names it for good.
    """

    first: Datastream
    began_us: int
    members: dict[DatastreamId, Member] = field(default_factory=dict)
    tellings: int = 0
    told_late: bool = False
    told_us: int = 0
    told_severity: Severity = Severity.UNKNOWN
    told_things: int = 0
    over: bool = True
    over_us: int = 0

    def running(self) -> list[Member]:
        """Return the members whose events run."""
        return [member for member in self.members.values() if member.running]

    def ranked(self) -> list[Member]:
        """Return the members, those that carry it most first; broken instruments last, the lowest id among equals."""
        return sorted(self.members.values(), key=lambda each: (each.is_broken, -each.weight(), each.datastream.id))

    def lead(self) -> Member:
        """Return the member that carries it most."""
        return self.ranked()[0]

    def things(self) -> int:
        """Return how many things take part."""
        sound = {member.datastream.thing for member in self.members.values() if not member.is_broken}
        return max(len(sound), 1)
