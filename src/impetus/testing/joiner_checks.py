"""The checks of a joining tool: what the suite demands of fusion, over findings instead of readings."""

import hashlib
import pickle
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Protocol, cast

from impetus.core.alert import Alert
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.manifest import Manifest
from impetus.core.observation import Catalogue
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.core.tool import JoiningTool, Repeat
from impetus.run.tools import InstalledTool
from impetus.testing.tool_watch import Watch

AT = datetime(2026, 3, 2, 12, tzinfo=UTC)


class Joining(Protocol):
    """What these checks need of their subject."""

    installed: InstalledTool
    manifest: Manifest
    catalogue: Catalogue
    digest: str


def _tool(subject: Joining) -> JoiningTool:
    return cast("JoiningTool", subject.installed.factory().create({}, subject.catalogue))


def _findings() -> list[Finding]:
    """Return findings of two tools: repeats, near ones, far ones, without a place, hostile words, odd times."""
    return [
        Finding(
            key=FindingKey(f"sample:{number}"),
            tool=ToolId("urban_anomaly" if number % 3 else "bacteria"),
            kind=list(Kind)[number % 2],
            subject=f"zone:{number % 4}",
            headline=Phrase(template="{x} <script>" if number % 5 else "far above normal", values={"x": "\x00" * 300}),
            why=Phrase(template="because"),
            began=AT + timedelta(seconds=40 * number) - timedelta(days=number % 2 * 400),
            noticed=AT + timedelta(seconds=40 * number + 5),
            severity=list(Severity)[number % 5],
            urgency=list(Urgency)[number % 5],
            certainty=list(Certainty)[number % 5],
            score=number / 40,
            point=Point(lon=10.73 + number % 4 * 0.0004, lat=59.91) if number % 3 else None,
            zone=ZoneId(str(number % 4)) if number % 2 else None,
            datastreams=(DatastreamId(number),),
        )
        for number in range(40)
    ]


def _joined(tool: JoiningTool) -> list[Alert]:
    """Let findings become alerts, handing back what came before as the host does."""
    stored: list[Alert] = []
    told: list[Alert] = []
    for finding in _findings():
        answer = tool.join(finding, tuple(stored), at=finding.noticed)
        if isinstance(answer, Repeat):
            stored = [answer.alert if known.fingerprint == answer.alert.fingerprint else known for known in stored]
        else:
            stored.insert(0, answer.alert)
        told.append(answer.alert)
    return told


def joins_deterministically(subject: Joining) -> Iterator[str]:
    """Make the same alerts of the same findings, also after having been pickled, in every process."""
    first, second = _joined(_tool(subject)), _joined(_tool(subject))
    again = _joined(pickle.loads(pickle.dumps(_tool(subject))))  # noqa: S301  # pickled on this very line
    if repr(first) != repr(second):
        yield "two instances made different alerts of the same findings"
    if repr(first) != repr(again):
        yield "a pickled instance made different alerts of the same findings"
    subject.digest = hashlib.sha256(repr(first).encode()).hexdigest()


def keeps_what_it_is_given(subject: Joining) -> Iterator[str]:
    """Change neither findings nor alerts handed to it."""
    tool, finding = _tool(subject), _findings()[1]
    recent = list(_joined(tool))
    before = repr((finding, recent))
    tool.join(finding, recent, at=AT)
    if repr((finding, recent)) != before:
        yield "join changed what it was given"


def has_stable_fingerprints(subject: Joining) -> Iterator[str]:
    """Fingerprint by identity, not by time, words or size, and never give two subjects one fingerprint."""
    tool = _tool(subject)
    by_identity: dict[tuple[str, ...], set[str]] = {}
    by_subject: dict[str, set[str]] = {}
    for finding in _findings():
        fingerprint = tool.fingerprint(finding)
        by_identity.setdefault((finding.tool, finding.kind, finding.subject), set()).add(fingerprint)
        by_subject.setdefault(finding.subject, set()).add(fingerprint)
    if mixed := [identity for identity, prints in by_identity.items() if len(prints) > 1]:
        yield f"{mixed[0]} has several fingerprints"
    if sum(map(len, by_subject.values())) > len(set[str]().union(*by_subject.values())):
        yield "different subjects share a fingerprint"


def never_repeats_a_repeat_as_news(subject: Joining) -> Iterator[str]:
    """Count the same thing said again at once as a repeat, never as a second alert."""
    tool, finding = _tool(subject), _findings()[1]
    alert = tool.join(finding, (), at=finding.noticed).alert
    if not isinstance(tool.join(finding, (alert,), at=finding.noticed + timedelta(seconds=1)), Repeat):
        yield "the same finding again, a second later, became a new alert"


def joins_without_the_outside(subject: Joining) -> Iterator[str]:
    """Open no file, socket, process or thread, read no clock and draw no chance while it joins."""
    _joined(_tool(subject))
    watch = Watch()
    watch.install(subject.installed.package)
    tool = _tool(subject)
    with watch.watching():
        _joined(tool)
    yield from sorted(watch.touched)


JOINING = (
    joins_deterministically,
    keeps_what_it_is_given,
    has_stable_fingerprints,
    never_repeats_a_repeat_as_news,
    joins_without_the_outside,
)
