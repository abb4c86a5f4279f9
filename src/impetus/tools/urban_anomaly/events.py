"""From marked readings to findings: one event is told once, over space and time, and again only when there is more to say.

Datastreams whose events run near each other are one group: those of one thing, those that stand near by the city's own
grain (`graph`), or of one zone where there are no positions; simulated and real ones never meet. A group that fell calm is
kept for `LINGER_S`, so that what flickers is one event and not ten. It is about its thing until a second thing joins; then
it is about the zone. It is told when it begins, gets worse, grows (at most once per `update_s`), is over, or is so again.

A start that bears the signature of an instrument waits, until the signature is refuted (then it starts, late), until it is
a fault (then it never starts), or until something else happens near it: a sensor that breaks beside an event is part of it.

All of this goes by the times of readings, so that what is told does not depend on how readings were cut into batches, or on
what comes later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import US_PER_S, Catalogue, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.graph import Graph
from impetus.tools.urban_anomaly.group import Carrier, Event, Group, Member
from impetus.tools.urban_anomaly.words import group_finding, is_past, severity_of

SILENT_S = 3_600.0
"""Seconds without readings of any member after which a group is over: what cannot be seen is not said to last."""
LINGER_S = 5_400.0
"""Seconds after its end in which a group can go on: an hour and a half of calm is the end of an event. House rule."""


@dataclass(slots=True, kw_only=True)
class Pending:
    """A start that waits; `carriers` are those that still hold."""

    event: Event
    carriers: set[Carrier]


@dataclass(slots=True, kw_only=True)
class Events:
    """Running and lingering groups, oldest first, and starts that wait. Mutable; pickles; bounded by the datastreams.

    `ended` are groups that are over for good since they were last taken from it.
    """

    config: Config
    catalogue: Catalogue
    graph: Graph
    groups: list[Group] = field(default_factory=list)
    pending: dict[DatastreamId, Pending] = field(default_factory=dict)
    ended: list[Group] = field(default_factory=list)

    def started(self, event: Event) -> None:
        """Let a datastream's event begin, alone or within a group near it, unless it looks like its instrument's."""
        member = self._member(event.datastream)
        if member is not None and member.running:
            member.carriers.add(event.carrier)
            self.grew(event)
        elif event.suspect and not self._is_beside(event.datastream):
            self.pending.setdefault(event.datastream, Pending(event=event, carriers=set())).carriers.add(event.carrier)
        else:
            self._join(event, {event.carrier})

    def calmed(self, datastream: DatastreamId, carrier: Carrier, time_us: int) -> None:
        """Let what one way of looking started be over; the event is over when no way of looking holds it."""
        waiting = self.pending.get(datastream)
        if waiting is not None:
            waiting.carriers.discard(carrier)
            if not waiting.carriers:
                del self.pending[datastream]
        member = self._member(datastream)
        if member is not None and member.running:
            member.carriers.discard(carrier)
            member.seen_us = max(member.seen_us, time_us)
            member.running = bool(member.carriers)

    def grew(self, event: Event) -> None:
        """Keep the peak of a running event; let a waiting one start once nothing speaks for its instrument any more."""
        waiting = self.pending.get(event.datastream)
        if waiting is not None and (not event.suspect or self._is_beside(event.datastream)):
            del self.pending[event.datastream]
            self._join(waiting.event, waiting.carriers)
        member = self._member(event.datastream)
        if member is not None and member.running and event.time_us >= member.began_us:
            member.saw(event)

    def broken(self, datastream: DatastreamId) -> None:
        """Take a datastream out whose instrument was found to be at fault; its event never was, or is over."""
        self.pending.pop(datastream, None)
        member = self._member(datastream)
        if member is not None and member.running:
            member.running, member.is_broken = False, True

    def watched(self) -> Sequence[DatastreamId]:
        """Return the datastreams whose events run or wait: their calm readings count too."""
        return [*(each.datastream.id for group in self.groups for each in group.running()), *self.pending]

    def told(self, time_us: int, *, at: datetime) -> list[Finding]:
        """Return what there is to say once all readings of this time were taken in."""
        findings = [finding for group in self.groups if (finding := self._tell(group, time_us, at)) is not None]
        oldest_us = time_us - int(LINGER_S * US_PER_S)
        gone = [group for group in self.groups if group.over and group.over_us < oldest_us]
        if gone:
            self.ended += gone
            self.groups = [group for group in self.groups if group not in gone]
        return findings

    def given_up(self) -> list[Group]:
        """Return the groups that are over for good since this was last asked."""
        gone, self.ended = self.ended, []
        return gone

    def expire(self, *, at: datetime) -> list[Finding]:
        """End the events of datastreams that fell silent, and say so."""
        oldest_us = to_us(at) - int(SILENT_S * US_PER_S)
        for group in self.groups:
            for member in group.running():
                member.running = member.seen_us >= oldest_us
        return self.told(to_us(at), at=at)

    def learn(self, catalogue: Catalogue, graph: Graph) -> None:
        """See a changed catalogue; members withdrawn from it are over."""
        self.catalogue, self.graph = catalogue, graph
        for group in self.groups:
            for member in group.running():
                member.running = member.datastream.id in catalogue.datastreams
        self.pending = {one: each for one, each in self.pending.items() if one in catalogue.datastreams}

    def _member(self, datastream: DatastreamId) -> Member | None:
        """Return a datastream's part in the newest group it is in."""
        found = (group.members[datastream] for group in reversed(self.groups) if datastream in group.members)
        return next(found, None)

    def _near(self, datastream: DatastreamId) -> Iterator[Group]:
        """Yield groups with a member near a datastream, oldest first."""
        simulated = self.catalogue.datastreams[datastream].simulated
        for group in self.groups:
            alike = [each for each in group.members.values() if each.datastream.simulated == simulated]
            if any(self.graph.are_near(int(datastream), int(each.datastream.id)) for each in alike):
                yield group

    def _is_beside(self, datastream: DatastreamId) -> bool:
        """Say whether an event of another thing runs near a datastream."""
        thing = self.catalogue.datastreams[datastream].thing
        near = (each for group in self._near(datastream) for each in group.running())
        return any(each.datastream.thing != thing for each in near)

    def _join(self, event: Event, carriers: set[Carrier]) -> None:
        """Put a datastream into the oldest group near it, or into one of its own."""
        datastream = self.catalogue.datastreams[event.datastream]
        group = next(self._near(event.datastream), None)
        if group is None:
            group = Group(first=datastream, began_us=event.time_us)
            self.groups.append(group)
        member = group.members.get(event.datastream)
        if member is None:
            group.members[event.datastream] = Member.of(event, datastream, carriers)
        else:
            member.carriers, member.running, member.is_broken = set(carriers), True, False
            member.saw(event)

    def _tell(self, group: Group, time_us: int, at: datetime) -> Finding | None:
        """Say one group's news, if it has any; what was told of old readings is told again once its readings are recent."""
        over, again = not group.running(), group.over
        if over and not group.over:
            group.over_us = time_us
        group.over = over
        severity, things = severity_of(group, self.config), group.things()
        worse = severity.rank > group.told_severity.rank
        waited = time_us - group.told_us >= self.config.update_s * US_PER_S
        joined = things > group.told_things and (waited or group.told_things == 1)
        late = is_past(group, at)
        recent = group.told_late and not late
        if not ((over != again) or (not over and (worse or joined or recent))):
            return None
        if worse:
            group.told_severity = severity
        finding = group_finding(group, group.told_severity, at=at)
        group.tellings += 1
        group.told_late = late
        group.told_us, group.told_things = time_us, max(things, group.told_things)
        return finding
