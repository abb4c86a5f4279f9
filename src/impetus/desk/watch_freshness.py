"""Silence is an alert: sources and datastreams that say nothing for longer than they promised.

Pure: who is watched, who was silent already and the time are handed in; findings and who is silent now come out. What
counts is when something last arrived, not the time it was about, so that old readings played back are no silence. The
key of a finding is the silence itself (who, since when), so that a watch that starts anew says nothing twice.

A silent source speaks for all its datastreams, and many datastreams of a source that fall silent together are one
finding: the operator needs to know once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, SourceId, ZoneId
from impetus.core.observation import to_us
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.desk.platform_finding import PLATFORM

TOGETHER = 5
"""Datastreams of a source that fall silent in one look and are still told one by one. House rule."""
MOST_LISTED = 100
"""Datastreams one finding names. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """A source (`datastream` None) or a datastream; `limit_s` above 0; `seen` when something last arrived, None for never."""

    source: SourceId
    name: str
    limit_s: float
    seen: datetime | None
    datastream: DatastreamId | None = None
    key: str = ""
    simulated: bool = False
    point: Point | None = None
    zone: ZoneId | None = None

    @property
    def subject(self) -> str:
        """Return what findings about it are about."""
        return f"source:{self.source}" if self.datastream is None else f"datastream:{self.key}"


Silences = Mapping[str, datetime]
"""Who is silent, by subject, and since when."""


def watch_freshness(
    watched: Sequence[Watched], silent: Silences, *, started: datetime, at: datetime
) -> tuple[list[Finding], dict[str, datetime]]:
    """Return what is to be told now, and who is silent now.

    Nobody is judged by the time before the watch started: a platform that was off hears nobody.
    """
    is_silent = {
        one.subject: one
        for one in watched
        if _is_over(one, started, at) or _is_unheard_since(one, silent.get(one.subject))
    }
    quiet_sources = {one.source for one in is_silent.values() if one.datastream is None}
    told = [one for one in is_silent.values() if one.datastream is None or one.source not in quiet_sources]
    now = {one.subject: silent.get(one.subject, one.seen or started) for one in told}
    fresh = [one for one in told if one.subject not in silent]
    back = [one for one in watched if one.subject in silent and one.subject not in is_silent and one.seen]
    # Datastreams hidden by their silent source stay as they were, so that they are not told again afterwards.
    hidden = {subject: since for subject, since in silent.items() if subject in is_silent and subject not in now}
    return [*_began(fresh, now, at), *_ended(back, silent, at)], {**hidden, **now}


def _is_over(one: Watched, started: datetime, at: datetime) -> bool:
    """Say whether somebody has been silent for longer than promised."""
    heard = max(one.seen, started) if one.seen else started
    return one.limit_s > 0 and at - heard > timedelta(seconds=one.limit_s)


def _is_unheard_since(one: Watched, since: datetime | None) -> bool:
    """Say whether somebody known to be silent has still not been heard, however young this watch is."""
    return one.limit_s > 0 and since is not None and (one.seen is None or one.seen <= since)


def _began(fresh: Sequence[Watched], since: Silences, at: datetime) -> list[Finding]:
    """Tell who fell silent: one by one, or together when they are many."""
    findings: list[Finding] = []
    for _, group in groupby(sorted(fresh, key=_by_source), key=_by_source):
        members = list(group)
        if members[0].datastream is None or len(members) <= TOGETHER:
            findings += [_silence(one, since[one.subject], at) for one in members]
        else:
            findings.append(_silences(members, min(since[one.subject] for one in members), at))
    return findings


def _by_source(one: Watched) -> tuple[str, bool]:
    """Sort by source, the source itself apart from its datastreams."""
    return one.source, one.datastream is not None


def _silence(one: Watched, since: datetime, at: datetime) -> Finding:
    """Return the finding that somebody is silent."""
    return Finding(
        key=FindingKey(f"platform:silence:{one.subject}:{to_us(since)}"),
        tool=PLATFORM,
        kind=Kind.SILENCE,
        subject=one.subject,
        headline=Phrase(template="{name} is silent", values={"name": one.name}),
        why=Phrase(
            template="Nothing arrived for {seconds} s; it promised something at least every {limit} s.",
            values={"seconds": round((at - since).total_seconds()), "limit": f"{one.limit_s:g}"},
        ),
        began=since,
        noticed=at,
        severity=Severity.MODERATE if one.datastream is None else Severity.MINOR,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.OBSERVED,
        score=1.0,
        point=one.point,
        zone=one.zone,
        datastreams=() if one.datastream is None else (one.datastream,),
        simulated=one.simulated,
        facts={"limit_s": one.limit_s},
    )


def _silences(members: Sequence[Watched], since: datetime, at: datetime) -> Finding:
    """Return the one finding that many datastreams of a source are silent."""
    subject = f"source:{members[0].source}:datastreams"
    return Finding(
        key=FindingKey(f"platform:silence:{subject}:{to_us(since)}"),
        tool=PLATFORM,
        kind=Kind.SILENCE,
        subject=subject,
        headline=Phrase(
            template="{count} datastreams of {source} are silent",
            values={"count": len(members), "source": members[0].source},
        ),
        why=Phrase(
            template="They fell silent together, after {since}; the first of them is {name}.",
            values={"since": since.isoformat(timespec="seconds"), "name": members[0].name},
        ),
        began=since,
        noticed=at,
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.OBSERVED,
        score=1.0,
        datastreams=tuple(one.datastream for one in members[:MOST_LISTED] if one.datastream is not None),
        simulated=all(one.simulated for one in members),
        facts={"datastreams": float(len(members))},
    )


def _ended(back: Sequence[Watched], silent: Silences, at: datetime) -> list[Finding]:
    """Tell who speaks again: one by one, or together when they are many."""
    findings: list[Finding] = []
    for _, group in groupby(sorted(back, key=_by_source), key=_by_source):
        members = list(group)
        if members[0].datastream is None or len(members) <= TOGETHER:
            findings += [_back(one.subject, silent[one.subject], one, at) for one in members]
        else:
            since = min(silent[one.subject] for one in members)
            subject = f"source:{members[0].source}:datastreams"
            findings.append(_back(subject, since, members[0], at, count=len(members)))
    return findings


def _back(subject: str, since: datetime, one: Watched, at: datetime, *, count: int = 1) -> Finding:
    """Return the finding that a silence is over, of one or of so many datastreams of its source."""
    alone = Phrase(template="{name} speaks again", values={"name": one.name})
    together = Phrase(
        template="{count} datastreams of {source} speak again", values={"count": count, "source": one.source}
    )
    return Finding(
        key=FindingKey(f"platform:back:{subject}:{to_us(since)}"),
        tool=PLATFORM,
        kind=Kind.SILENCE,
        subject=subject,
        headline=alone if count == 1 else together,
        why=Phrase(template="It was silent for {seconds} s.", values={"seconds": round((at - since).total_seconds())}),
        began=since,
        noticed=at,
        ended=at,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        certainty=Certainty.OBSERVED,
        point=one.point,
        zone=one.zone,
        datastreams=() if one.datastream is None else (one.datastream,),
        simulated=one.simulated,
    )
