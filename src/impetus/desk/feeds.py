"""Warnings of other authorities, read in: each once, as something to look at, with what is known of its signature.

What is read in is somebody else's word: it becomes a finding that says whose, and a person judges it. Exercises and tests of
others are noted and alarm nobody; in an exercise here they count as simulated. A feed that falls silent is an alert.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from urllib.parse import urlsplit

from impetus.core.actor import Actor, platform
from impetus.core.errors import ImpetusError, NotNow
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.core.warning import CapAlert, MessageType, ReadIn, Signed, Status
from impetus.desk.context import Desk
from impetus.desk.noted import tally_done
from impetus.desk.permit import permit
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began, trouble_ended
from impetus.ethics.guard import Operation
from impetus.ports.city import FeedSource

FEEDS = platform("feeds")
CAP = ToolId("cap")
"""What speaks in a finding that was read in; no tool of ours."""
MOST_LINKS = 20
"""Linked alerts fetched at one reading; the rest comes at the next. House rule."""
SILENT_AFTER = 3
"""Readings that may fail before people are told. House rule."""
HEADLINE_CHARS = 200
SIGNED_WORDS = {
    Signed.NO: "not signed",
    Signed.VERIFIED: "signed, and the signature holds",
    Signed.UNVERIFIED: "signed, and nobody here can tell whether it holds",
    Signed.BROKEN: "signed, and the signature does not hold",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedReport:
    """What one reading brought: alerts told, noted only, and what was left out and why."""

    told: int = 0
    noted: int = 0
    left_out: tuple[str, ...] = ()


@dataclass(slots=True)
class FeedWatch:
    """What is remembered of a feed between readings, in the process that reads it."""

    failures: int = 0
    since: datetime | None = None
    trouble: str = ""
    is_told: bool = False
    fetched: set[str] = field(default_factory=set)


def read_feed(desk: Desk, feed: FeedSource, watch: FeedWatch) -> FeedReport:
    """Read a feed once, tell what is new, and note when it cannot be read; never raises for what others send."""
    permit(desk, FEEDS, Operation.FEEDS_READ_IN, on=f"feed:{feed.id}")
    try:
        report = _read(desk, feed, watch)
    except ImpetusError as error:
        _note_failure(desk, feed, watch, error.detail)
        return FeedReport(left_out=(error.detail,))
    if watch.is_told and watch.since is not None:
        publish_findings(desk, [trouble_ended(_silence(feed, watch, over=True), watch.since, desk.clock.now())])
    watch.failures, watch.since, watch.is_told, watch.trouble = 0, None, False, "; ".join(report.left_out)[:200]
    tally_done(desk, FEEDS, "feed.read", 1)
    return report


def _read(desk: Desk, feed: FeedSource, watch: FeedWatch) -> FeedReport:
    page = desk.outside.cap.read_page(desk.outside.fetcher.fetch(feed.url), feed.certificates)
    alerts, left_out = list(page.alerts), list(page.left_out)
    watch.fetched &= set(page.links)
    for link in [each for each in page.links if each not in watch.fetched][:MOST_LINKS]:
        if not _is_same_host(feed.url, link):
            left_out.append(f"{link[:80]}: on another machine than the feed")
            continue
        try:
            alerts.append(desk.outside.cap.read(desk.outside.fetcher.fetch(link), feed.certificates))
        except ImpetusError as error:
            left_out.append(f"{link[:80]}: {error.detail}")
            if isinstance(error, NotNow):
                continue
        watch.fetched.add(link)
    told = [take_in(desk, feed, alert) for alert in alerts]
    return FeedReport(told=told.count(True), noted=told.count(False), left_out=tuple(left_out))


def take_in(desk: Desk, feed: FeedSource, alert: CapAlert) -> bool | None:
    """Take an alert in: true when people are told, false when it is only noted, None when it was here before.

    The finding goes first and its key is the alert's own: whoever dies in between tells it again, and once is shown.
    """
    at, finding = desk.clock.now(), _finding(desk, feed, alert)
    with desk.store.read() as unit:
        if unit.warnings.is_read_in(feed.id, alert.sender, alert.identifier, alert.sent):
            return None
    if finding is not None:
        publish_findings(desk, [finding])
    with desk.store.write() as unit:
        is_new = unit.warnings.take_in(
            ReadIn(
                feed=feed.id,
                identifier=alert.identifier,
                sender=alert.sender,
                sent=alert.sent,
                at=at,
                status=alert.status,
                type=alert.type,
                headline=_headline(alert),
                severity=alert.severity,
                expires=alert.expires,
                signed=alert.signed,
                signer=alert.signer[:HEADLINE_CHARS],
                finding=finding.key if finding else "",
            )
        )
        if is_new:
            tally_done(desk, FEEDS, "feed.take_in")
    return finding is not None if is_new else None


def _finding(desk: Desk, feed: FeedSource, alert: CapAlert) -> Finding | None:
    """Return what people are to look at, None for what alarms nobody: tests, exercises elsewhere, what is over."""
    at, is_exercise = desk.clock.now(), desk.configuration.read().is_exercise
    is_theirs_real = alert.status == Status.ACTUAL
    if not is_theirs_real and not (is_exercise and alert.status == Status.EXERCISE):
        return None
    is_cancelled = alert.type == MessageType.CANCEL
    if alert.type not in set(MessageType) or (alert.expires is not None and alert.expires <= at and not is_cancelled):
        return None
    key = sha256(f"{feed.id}\n{alert.sender}\n{alert.identifier}\n{alert.sent.isoformat()}".encode()).hexdigest()[:32]
    return Finding(
        key=FindingKey(f"cap:{key}"),
        tool=CAP,
        kind=Kind.ANOMALY,
        subject=f"cap:{feed.id}:{_chain(alert)}",
        headline=Phrase(template="{feed}: {headline}", values={"feed": feed.name, "headline": _headline(alert)}),
        why=Phrase(
            template="{sender} says so for {area}; {signed}",
            values={
                "sender": alert.sender[:HEADLINE_CHARS],
                "area": alert.area[:HEADLINE_CHARS] or "no area",
                "signed": SIGNED_WORDS[alert.signed],
            },
        ),
        began=min(alert.sent, at),
        noticed=at,
        ended=at if is_cancelled else None,
        severity=Severity.MINOR if is_cancelled else alert.severity,
        urgency=Urgency.PAST if is_cancelled else alert.urgency,
        certainty=Certainty.UNKNOWN if alert.signed is Signed.BROKEN else alert.certainty,
        point=_middle(alert),
        simulated=feed.simulated or not is_theirs_real,
    )


def _chain(alert: CapAlert) -> str:
    """Return what a chain of alerts has in common: the first message it names, else itself."""
    first = alert.references[0].split(",") if alert.references else []
    name = first[1] if len(first) == 3 else alert.identifier  # noqa: PLR2004 - sender,identifier,sent
    return sha256(name.encode()).hexdigest()[:16]


def _headline(alert: CapAlert) -> str:
    said = alert.wordings[0].headline if alert.wordings else alert.type
    plain = "".join(letter if letter.isprintable() else " " for letter in said)
    return " ".join(plain.split())[:HEADLINE_CHARS]


def _middle(alert: CapAlert) -> Point | None:
    """Return the middle of the first area's corners, or of its circle; None when it has neither."""
    for area in alert.areas:
        if area.circles:
            return area.circles[0].centre
        for ring in area.polygons:
            return Point(
                lon=sum(point.lon for point in ring) / len(ring), lat=sum(point.lat for point in ring) / len(ring)
            )
    return None


def _is_same_host(one: str, other: str) -> bool:
    return (urlsplit(one).hostname or "") == (urlsplit(other).hostname or " ")


def _note_failure(desk: Desk, feed: FeedSource, watch: FeedWatch, trouble: str) -> None:
    at = desk.clock.now()
    watch.failures, watch.since, watch.trouble = watch.failures + 1, watch.since or at, trouble[:200]
    if watch.failures >= SILENT_AFTER and not watch.is_told:
        publish_findings(desk, [trouble_began(_silence(feed, watch), at, urgency=Urgency.EXPECTED)])
        watch.is_told = True


def _silence(feed: FeedSource, watch: FeedWatch, *, over: bool = False) -> SelfReport:
    since = f"{watch.since:%Y%m%dT%H%M%S}" if watch.since else ""
    template = "{feed} can be read again" if over else "{feed} cannot be read"
    return SelfReport(
        key=f"platform:feed:{feed.id}:{since}:{'over' if over else 'silent'}",
        subject=f"feed:{feed.id}",
        headline=Phrase(template=template, values={"feed": feed.name}),
        why=Phrase(template="the last try said: {trouble}", values={"trouble": watch.trouble or "nothing"}),
    )


def read_in(desk: Desk, actor: Actor, limit: int = 100) -> Sequence[ReadIn]:
    """Return what was read in, newest first."""
    permit(desk, actor, Operation.WARNINGS_READ)
    with desk.store.read() as unit:
        return unit.warnings.read_in(limit=limit)
