"""From judged samples to what is told: one episode of one neighbourhood once, and again only when there is more to say.

Samplers near each other whose loads are high at the same time are one episode; simulated and real ones never share one. It is
told when it begins, when it becomes an alarm, when another sampler joins, and when it is over. All of it goes by the times of
samples, so that what is told does not depend on how readings were cut into batches, or on what comes later.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from impetus.core.ids import ThingKey
from impetus.core.observation import US_PER_S, Datastream
from impetus.core.place import distance_m
from impetus.tools.bacteria.config import Config
from impetus.tools.bacteria.detect import Judged, Level

NEAR_M = 5_000.0
"""Metres within which samplers breathe the same air for one release: an hour's light wind. House rule."""


@dataclass(slots=True, kw_only=True)
class Member:
    """One sampler's part in an episode, at its highest. `calm` counts ordinary samples in a row."""

    stream: Datastream
    peak: Judged
    seen_us: int
    calm: int = 0
    running: bool = True


@dataclass(slots=True, kw_only=True)
class Episode:
    """High loads that run together, named after the sampler that began it. `told_*` is how the last telling stood."""

    thing: ThingKey
    began_us: int
    calm_needed: int
    level: Level = Level.NOTHING
    members: dict[ThingKey, Member] = field(default_factory=dict)
    tellings: int = 0
    told_level: Level = Level.NOTHING
    told_members: int = 0

    def lead(self) -> Member:
        """Return the member farthest above what was expected, the lowest id among equals."""
        return max(self.members.values(), key=lambda member: (member.peak.normal, -member.stream.id))

    @property
    def is_over(self) -> bool:
        """Say whether no member runs."""
        return not any(member.running for member in self.members.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something to tell of an episode: that it is so now, or that it is over, by calm or by silence."""

    episode: Episode
    over: bool = False
    silent: bool = False


@dataclass(slots=True, kw_only=True)
class Episodes:
    """Running episodes; mutable, pickles, bounded by samplers. `ended_us` by sampler is when its last one was over."""

    config: Config
    running: list[Episode] = field(default_factory=list)
    ended_us: dict[ThingKey, int] = field(default_factory=dict)
    started: dict[ThingKey, int] = field(default_factory=dict)

    def saw(self, judged: Judged, stream: Datastream) -> Iterator[News]:
        """Take in a judged sample and yield what there is to tell of it, at most once."""
        yield from self._fall_silent(judged.sample.time_us)
        episode = self.of(stream.thing)
        if episode is None:
            if not self._may_start(judged, stream.thing):
                return
            episode = self._start(judged, stream)
        member = episode.members.get(stream.thing)
        if member is None:
            member = episode.members[stream.thing] = Member(stream=stream, peak=judged, seen_us=judged.sample.time_us)
        self._count(episode, member, judged)
        yield from self._tell(episode)

    def of(self, thing: ThingKey) -> Episode | None:
        """Return the episode a sampler is part of."""
        return next((episode for episode in self.running if thing in episode.members), None)

    def expire(self, *, at_us: int) -> Iterator[News]:
        """End what can no longer be seen."""
        yield from self._fall_silent(at_us)

    def forget(self, things: frozenset[ThingKey]) -> None:
        """Let withdrawn samplers' parts be over; only these samplers are declared now."""
        for episode in self.running:
            for thing, member in episode.members.items():
                member.running = member.running and thing in things

    def _may_start(self, judged: Judged, thing: ThingKey) -> bool:
        held = judged.sample.time_us - self.ended_us.get(thing, -(10**18)) < self.config.hold_off_s * US_PER_S
        return judged.level is Level.ALARM or (judged.level is Level.WATCH and not held)

    def _start(self, judged: Judged, stream: Datastream) -> Episode:
        """Let an episode begin, or this sampler join one nearby."""
        self.started[stream.thing] = self.started.get(stream.thing, 0) + 1
        reach_us = int(self.config.pool_s * US_PER_S)
        for episode in self.running:
            newest = max(member.seen_us for member in episode.members.values())
            if judged.sample.time_us - newest <= reach_us and _near(episode, stream):
                return episode
        episode = Episode(thing=stream.thing, began_us=judged.sample.time_us, calm_needed=self.config.end_samples)
        self.running.append(episode)
        return episode

    def _count(self, episode: Episode, member: Member, judged: Judged) -> None:
        """Let a member grow, calm down, or run on; a sample with a fault says nothing either way."""
        member.seen_us = judged.sample.time_us
        if judged.level:
            member.calm, member.running = 0, True
            episode.level = max(episode.level, judged.level)
            if judged.normal > member.peak.normal:
                member.peak = judged
        elif not judged.fault:
            member.calm += 1
            member.running = member.running and member.calm < self.config.end_samples

    def _fall_silent(self, at_us: int) -> Iterator[News]:
        oldest_us = at_us - int(self.config.silence_s * US_PER_S)
        for episode in list(self.running):
            silent = False
            for member in episode.members.values():
                if member.running and member.seen_us < oldest_us:
                    member.running, silent = False, True
            if episode.is_over:
                yield from self._end(episode, silent=silent)

    def _end(self, episode: Episode, *, silent: bool) -> Iterator[News]:
        self.running.remove(episode)
        for thing, member in episode.members.items():
            self.ended_us[thing] = member.seen_us
        yield News(episode=episode, over=True, silent=silent)
        episode.tellings += 1

    def _tell(self, episode: Episode) -> Iterator[News]:
        if episode.is_over:
            yield from self._end(episode, silent=False)
            return
        if episode.level > episode.told_level or len(episode.members) > episode.told_members:
            episode.told_level, episode.told_members = episode.level, len(episode.members)
            yield News(episode=episode)
            episode.tellings += 1


def _near(episode: Episode, stream: Datastream) -> bool:
    """Say whether a sampler is near one that takes part: by distance, or by zone where a position is unknown."""
    for member in episode.members.values():
        other = member.stream
        if other.simulated != stream.simulated:
            return False
        if other.point is not None and stream.point is not None:
            if distance_m(other.point, stream.point) <= NEAR_M:
                return True
        elif other.zone is not None and other.zone == stream.zone:
            return True
    return False
