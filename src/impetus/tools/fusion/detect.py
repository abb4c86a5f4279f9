"""The idea of fusion, pure: one finding and the recent alerts in, one answer out.

A finding first looks for the alert it repeats (the same identity), then for one it belongs with (close in space and time,
of a related kind, and too close for chance), then whether its subject has had its share of alerts in this hour; only then
is it a new alert. Simulated and real never meet, nor do the platform's own troubles and the city's.

What it deliberately does not do: it does not chain (closeness is measured to where and when the alert itself is, not to
everything joined so far), does not split, and does not learn.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Certainty, Finding, Kind, Urgency
from impetus.core.place import distance_m
from impetus.core.tool import NEW_ALERT, Joined, Raise, Repeat
from impetus.tools.fusion.config import Config
from impetus.tools.fusion.explain import Closeness, chance_of, why_joined

_T = TypeVar("_T")

RATE_WINDOW_S = 3600.0
"""Seconds over which alerts of one subject are counted."""
LASTING = frozenset({Kind.FAULT, Kind.SILENCE, Kind.PLATFORM})
"""Kinds that are conditions rather than episodes: as long as the alert is open, more of it is the same."""
RELATED: Mapping[Kind, frozenset[Kind]] = {
    Kind.ANOMALY: frozenset({Kind.ANOMALY, Kind.SILENCE}),
    Kind.SILENCE: frozenset({Kind.ANOMALY, Kind.SILENCE}),
    Kind.FAULT: frozenset(),
    Kind.PLATFORM: frozenset(),
}
"""Kinds that can be one thing: deviations together, a sensor that goes dark among them, several that go dark together. A
fault stays with its own thing: a broken counter beside a crowd says nothing about the crowd."""
OPEN = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED)
MAX_DATASTREAMS, MAX_JOINED, MAX_FACTS = 50, 100, 32
"""Most of each that one alert carries; what is beyond stays with its finding. House rule, bounds a row of the state."""


def fingerprint(finding: Finding) -> str:
    """Return the identity of what a finding is about.

    For an anomaly: tool, kind and subject. A fault or silence of a thing is one condition of it, whoever says so and
    whichever of the two they call it.
    """
    condition = finding.kind in (Kind.FAULT, Kind.SILENCE)
    identity = ("condition", finding.subject) if condition else (finding.tool, finding.kind, finding.subject)
    words = [*identity, "simulated" if finding.simulated else "real"]
    return hashlib.sha256("\x1f".join(words).encode()).hexdigest()[:32]


def content_hash(alert: Alert) -> str:
    """Return the hash of what an alert says; counts and times are not part of it."""
    said = (
        alert.headline.template,
        *(f"{name}={value}" for name, value in sorted(alert.headline.values.items())),
        alert.why.template,
        *(f"{name}={value}" for name, value in sorted(alert.why.values.items())),
        alert.severity,
        alert.urgency,
        alert.certainty,
        *alert.tools,
        alert.zone or "",
    )
    return hashlib.sha256("\x1f".join(said).encode()).hexdigest()[:32]


def horizon_s(config: Config) -> float:
    """Return how far back alerts matter."""
    return max(config.group_s, config.join_s, config.refire_s, RATE_WINDOW_S)


def join(config: Config, finding: Finding, recent: Sequence[Alert], *, at: datetime) -> Joined:
    """Decide what a finding becomes; `recent` are newest first. The same calls give the same answers."""
    identity = fingerprint(finding)
    peers = [alert for alert in recent if _are_peers(alert, finding)]
    same = _first_open([alert for alert in peers if _repeats(config, alert, finding, identity, at)])
    if same is not None:
        return _repeat(same, finding)
    close = [(alert, how) for alert in peers if (how := closeness(config, alert, finding)) is not None]
    if close:
        alert, how = min(close, key=lambda pair: (pair[1].chance, -pair[0].id))
        return _joined(alert, finding, how, identity)
    crowding = _over_its_share(config, finding, peers, at)
    if crowding is not None:
        return _repeat(crowding, finding)
    return Raise(alert=_new(finding, identity, at), finding=finding)


def closeness(config: Config, alert: Alert, finding: Finding) -> Closeness | None:
    """Return how close a finding is to an open alert, None when they do not belong together."""
    if alert.state not in OPEN or alert.kind not in RELATED[finding.kind]:
        return None
    gap = gap_s(alert, finding)
    apart = _apart_m(alert, finding)
    share_zone = alert.zone is not None and alert.zone == finding.zone
    if gap > config.join_s or (apart > config.join_m if apart is not None else not share_zone):
        return None
    chance = chance_of(
        config,
        distance_m=config.join_m if apart is None else apart,
        gap_s=gap,
        lasted_s=(alert.last_at - alert.began).total_seconds() + (_end(finding) - finding.began).total_seconds(),
    )
    return Closeness(distance_m=apart, gap_s=gap, chance=chance) if chance <= config.max_chance else None


def gap_s(alert: Alert, finding: Finding) -> float:
    """Return the seconds between an alert and a finding, 0 when they overlap."""
    before = (finding.began - alert.last_at).total_seconds()
    after = (alert.began - _end(finding)).total_seconds()
    return max(0.0, before, after)


def _apart_m(alert: Alert, finding: Finding) -> float | None:
    """Return the metres between them, None when one has no position."""
    return None if alert.point is None or finding.point is None else distance_m(alert.point, finding.point)


def _end(finding: Finding) -> datetime:
    """Return until when a finding is known to last; never before it began, whatever its tool says."""
    return max(finding.began, finding.ended or finding.noticed)


def _are_peers(alert: Alert, finding: Finding) -> bool:
    """Say whether they may ever meet."""
    platform = (alert.kind is Kind.PLATFORM) == (finding.kind is Kind.PLATFORM)
    return platform and alert.simulated == finding.simulated


def _repeats(config: Config, alert: Alert, finding: Finding, identity: str, at: datetime) -> bool:
    """Say whether this finding is more of that alert: the same identity, and not over yet."""
    if identity != alert.fingerprint and identity not in alert.joined:
        return False
    if alert.state is AlertState.CLOSED:
        return at - alert.changed_at <= timedelta(seconds=config.refire_s)
    if alert.state is AlertState.SHELVED or alert.kind in LASTING:
        return True
    return gap_s(alert, finding) <= config.group_s


def _first_open(alerts: Sequence[Alert]) -> Alert | None:
    """Return the newest that is not closed, else the newest, else None."""
    unclosed = [alert for alert in alerts if alert.state is not AlertState.CLOSED]
    return next(iter(unclosed or alerts), None)


def _over_its_share(config: Config, finding: Finding, peers: Sequence[Alert], at: datetime) -> Alert | None:
    """Return the alert to count this finding with when its subject had its share this hour and this is no worse."""
    since = at - timedelta(seconds=RATE_WINDOW_S)
    had = [alert for alert in peers if alert.subject == finding.subject and alert.raised_at > since]
    if len(had) < config.alerts_per_subject_per_hour:
        return None
    known = _first_open(had)
    is_worse = known is None or finding.severity.rank > max(alert.severity.rank for alert in had)
    return None if is_worse else known


def _new(finding: Finding, identity: str, at: datetime) -> Alert:
    """Return the alert a finding becomes."""
    alert = Alert(
        id=NEW_ALERT,
        fingerprint=identity,
        content_hash="",
        version=0,
        state=AlertState.NEW,
        kind=finding.kind,
        tools=(finding.tool,),
        subject=finding.subject,
        headline=finding.headline,
        why=finding.why,
        severity=finding.severity,
        urgency=finding.urgency,
        certainty=finding.certainty,
        score=finding.score,
        one_in=finding.one_in,
        began=finding.began,
        last_at=_end(finding),
        raised_at=at,
        changed_at=at,
        point=finding.point,
        zone=finding.zone,
        datastreams=finding.datastreams[:MAX_DATASTREAMS],
        simulated=finding.simulated,
        facts=dict(list(finding.facts.items())[:MAX_FACTS]),
    )
    return replace(alert, content_hash=content_hash(alert))


def _repeat(alert: Alert, finding: Finding) -> Repeat:
    """Count a finding with an alert, which then says the latest that is at least as bad."""
    says = finding.severity.rank >= alert.severity.rank and finding.kind is alert.kind
    worse = finding.severity.rank > alert.severity.rank
    merged = replace(
        _merged(alert, finding),
        headline=finding.headline if says or worse else alert.headline,
        why=finding.why if (says or worse) and alert.tools == (finding.tool,) else alert.why,
    )
    return Repeat(alert=replace(merged, content_hash=content_hash(merged)), finding=finding, worse=worse)


def _joined(alert: Alert, finding: Finding, how: Closeness, identity: str) -> Repeat:
    """Join a finding of another identity to an alert; the headline is the most severe one's.

    What one tool says again nearby keeps its reason, the measured against the expected; what two tools say is joined by
    us, and then the reason is how close they are.
    """
    worse = finding.severity.rank > alert.severity.rank
    own = alert.tools == (finding.tool,)
    merged = replace(
        _merged(alert, finding),
        joined=(*alert.joined, identity)[-MAX_JOINED:],
        headline=finding.headline if worse else alert.headline,
        why=(finding.why if worse else alert.why) if own else why_joined(alert, finding, how),
    )
    return Repeat(alert=replace(merged, content_hash=content_hash(merged)), finding=finding, worse=worse)


def _merged(alert: Alert, finding: Finding) -> Alert:
    """Return the alert with what holds for repeats and joins alike: the worst, the surest, the longest, all of them."""
    return replace(
        alert,
        tools=_union(alert.tools, (finding.tool,)),
        severity=max(alert.severity, finding.severity, key=lambda severity: severity.rank),
        urgency=min(alert.urgency, finding.urgency, key=list(Urgency).index),
        certainty=min(alert.certainty, finding.certainty, key=list(Certainty).index),
        score=max(alert.score, finding.score),
        one_in=max((each for each in (alert.one_in, finding.one_in) if each is not None), default=None),
        began=min(alert.began, finding.began),
        last_at=max(alert.last_at, _end(finding)),
        repeats=alert.repeats + 1,
        point=alert.point or finding.point,
        zone=alert.zone or finding.zone,
        datastreams=_union(alert.datastreams, finding.datastreams)[:MAX_DATASTREAMS],
        facts=dict(list({**alert.facts, **finding.facts}.items())[:MAX_FACTS]),
    )


def _union(known: Iterable[_T], more: Iterable[_T]) -> tuple[_T, ...]:
    """Return both, each once, in the order first seen."""
    return tuple(dict.fromkeys((*known, *more)))
