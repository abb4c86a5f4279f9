"""Past episodes: what was like this before, and what people said it was.

An event that is over for good becomes an episode; the latest `MOST` are kept. A finding is like an episode when both are
about the same datastreams for a good part, went the same way, and came near the same time of day. People's verdicts are kept
with the episodes they are about, so that the next operator reads what the last one found.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo

from impetus.core.finding import Finding
from impetus.core.ids import DatastreamId
from impetus.core.observation import from_us, to_us
from impetus.core.verdict import Verdict, VerdictKind
from impetus.tools.urban_anomaly.group import Group

MOST = 500
"""Episodes kept: months of a busy city. House rule."""
MOST_LIKE = 3
OVERLAP = 0.34
"""Share of the datastreams of both together that must be in both: a third."""
HOURS_APART = 3.0
"""Hours between times of day up to which an episode counts as at the same time. House rule."""
MOST_NAMED = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Episode:
    """One event that is over: its datastreams, whether it went up, when, and what a person found it to be, if anybody did."""

    datastreams: frozenset[DatastreamId]
    up: bool
    began_us: int
    ended_us: int
    verdict: VerdictKind | None = None


@dataclass(slots=True, kw_only=True)
class Episodes:
    """The latest episodes, oldest first. Mutable; pickles."""

    kept: list[Episode] = field(default_factory=list)

    def keep(self, groups: Iterable[Group]) -> None:
        """Take in events that are over."""
        for group in groups:
            ranked = group.ranked()
            self.kept.append(
                Episode(
                    datastreams=frozenset(member.datastream.id for member in ranked[:MOST_NAMED]),
                    up=ranked[0].z > 0,
                    began_us=group.began_us,
                    ended_us=max(group.began_us, *(member.seen_us for member in ranked)),
                )
            )
        del self.kept[:-MOST]

    def judge(self, verdicts: Iterable[Verdict]) -> None:
        """Keep what people said with the episodes it is about: those of its datastreams within its time."""
        for verdict in verdicts:
            about = frozenset(verdict.datastreams)
            self.kept = [
                replace(one, verdict=verdict.kind)
                if one.datastreams & about and one.began_us <= verdict.ended_us and verdict.began_us <= one.ended_us
                else one
                for one in self.kept
            ]

    def like(self, finding: Finding, zone: tzinfo) -> Sequence[Episode]:
        """Return the latest episodes like a finding, newest first, never the event itself."""
        about, up = frozenset(finding.datastreams), finding.facts.get("z", 0.0) > 0
        found = [
            one
            for one in reversed(self.kept)
            if one.up == up
            and one.began_us < to_us(finding.began)
            and len(one.datastreams & about) >= OVERLAP * len(one.datastreams | about)
            and _hours_apart(from_us(one.began_us).astimezone(zone), finding.began.astimezone(zone)) <= HOURS_APART
        ]
        return found[:MOST_LIKE]


def _hours_apart(one: datetime, other: datetime) -> float:
    """Return the hours between two times of day, 0..12."""
    apart = abs((one.hour + one.minute / 60) - (other.hour + other.minute / 60))
    return min(apart, 24.0 - apart)
