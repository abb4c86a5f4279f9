"""From marked readings to findings: one event of one place is told once, and again only when there is more to say.

Datastreams of one zone (or, without a zone, of one thing) whose events run at the same time are one group; simulated and
real ones never share one. A group is about its thing until a second thing of the zone joins; then it is about the zone. It
is told when it begins, when it gets worse, when another thing joins (at most once per `update_s`), and when it is over. All
of this goes by the times of readings, so that what is told does not depend on how readings were cut into batches, or on
what comes later.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import US_PER_S, Catalogue, Datastream, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.words import SIMULATED, Group, Member, group_finding, severity_of

SILENT_S = 3_600.0
"""Seconds without readings of any member after which a group is over: what cannot be seen is not said to last."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One marked reading of one datastream."""

    datastream: DatastreamId
    time_us: int
    z: float
    value: float
    expected: float
    scale: float
    one_in: float


@dataclass(slots=True, kw_only=True)
class Events:
    """Running groups, by zone or thing. Mutable; pickles; bounded by the number of datastreams."""

    config: Config
    groups: dict[str, Group] = field(default_factory=dict)

    def started(self, event: Event, datastream: Datastream) -> None:
        """Let a datastream's event begin, alone or within a running group."""
        place = _place(datastream)
        group = self.groups.get(place)
        if group is None:
            group = self.groups[place] = Group(place=place, zone=datastream.zone, began_us=event.time_us)
        group.members[event.datastream] = Member(
            datastream=datastream,
            began_us=event.time_us,
            z=event.z,
            value=event.value,
            expected=event.expected,
            scale=event.scale,
            one_in=event.one_in,
            seen_us=event.time_us,
        )

    def ended(self, datastream: Datastream, time_us: int) -> None:
        """Let a datastream's event be over."""
        group = self.groups.get(_place(datastream))
        if group is not None and (member := group.members.get(datastream.id)) is not None:
            member.running = False
            member.seen_us = max(member.seen_us, time_us)

    def grew(self, event: Event, datastream: Datastream) -> None:
        """Keep the peak of a running event; readings before its beginning say nothing about it."""
        group = self.groups.get(_place(datastream))
        member = group.members.get(event.datastream) if group is not None else None
        if member is None or event.time_us < member.began_us:
            return
        member.seen_us = max(member.seen_us, event.time_us)
        if abs(event.z) > abs(member.z):
            member.z, member.value, member.expected, member.scale = event.z, event.value, event.expected, event.scale

    def running(self) -> Sequence[DatastreamId]:
        """Return the datastreams whose events run."""
        return [m.datastream.id for group in self.groups.values() for m in group.members.values() if m.running]

    def told(self, time_us: int, *, at: datetime) -> list[Finding]:
        """Return what there is to say once all readings of this time were taken in."""
        findings = [
            finding for group in self.groups.values() if (finding := self._tell(group, time_us, at)) is not None
        ]
        for place in [place for place, group in self.groups.items() if group.over]:
            del self.groups[place]
        return findings

    def expire(self, *, at: datetime) -> list[Finding]:
        """End the events of datastreams that fell silent, and say so."""
        oldest_us = to_us(at) - int(SILENT_S * US_PER_S)
        for group in self.groups.values():
            for member in group.members.values():
                if member.running and member.seen_us < oldest_us:
                    member.running = False
        return self.told(to_us(at), at=at)

    def forget(self, catalogue: Catalogue) -> None:
        """Let groups see a changed catalogue; members withdrawn from it are over."""
        for group in self.groups.values():
            for member in group.members.values():
                member.running = member.running and member.datastream.id in catalogue.datastreams

    def _tell(self, group: Group, time_us: int, at: datetime) -> Finding | None:
        """Say one group's news, if it has any."""
        group.over = not any(member.running for member in group.members.values())
        severity, things = severity_of(group, self.config), group.things()
        worse = severity.rank > group.told_severity.rank
        waited = time_us - group.told_us >= self.config.update_s * US_PER_S
        joined = things > group.told_things and (waited or group.told_things == 1)
        if not (group.over or worse or joined):
            return None
        if worse:
            group.told_severity = severity
        finding = group_finding(group, group.told_severity, at=at)
        group.tellings += 1
        group.told_us, group.told_things = time_us, things
        return finding


def _place(datastream: Datastream) -> str:
    """Return where a datastream's events are grouped; what is simulated has a place of its own, even in a real zone."""
    place = f"zone:{datastream.zone}" if datastream.zone else f"thing:{datastream.thing}"
    return f"{SIMULATED}{place}" if datastream.simulated else place
