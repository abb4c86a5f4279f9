"""Findings of the platform about itself and its sources, and how they are published."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, Offset, ToolId
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS, Desk

PLATFORM = ToolId("platform")


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfReport:
    """What is wrong with the platform itself: the key that says it once, the part it is about, and both sentences."""

    key: str
    subject: str
    headline: Phrase
    why: Phrase
    facts: Mapping[str, float] = field(default_factory=dict)


def trouble_began(report: SelfReport, at: datetime, *, urgency: Urgency = Urgency.IMMEDIATE) -> Finding:
    """Return the severe finding that something of the platform's own is wrong now, seen by itself and so certain."""
    return Finding(
        key=FindingKey(report.key),
        tool=PLATFORM,
        kind=Kind.PLATFORM,
        subject=report.subject,
        headline=report.headline,
        why=report.why,
        began=at,
        noticed=at,
        severity=Severity.SEVERE,
        urgency=urgency,
        certainty=Certainty.OBSERVED,
        score=1.0,
        facts=report.facts,
    )


def trouble_ended(report: SelfReport, began: datetime, at: datetime) -> Finding:
    """Return the minor finding that it is over."""
    return Finding(
        key=FindingKey(report.key),
        tool=PLATFORM,
        kind=Kind.PLATFORM,
        subject=report.subject,
        headline=report.headline,
        why=report.why,
        began=began,
        noticed=at,
        ended=at,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        certainty=Certainty.OBSERVED,
        facts=report.facts,
    )


def publish_findings(desk: Desk, findings: Sequence[Finding]) -> Offset:
    """Put findings on the bus, all or none, each with its own reason as evidence; `NotNow` when there is no room."""
    return desk.bus.publish(
        FINDINGS,
        [
            desk.codec.encode_finding(finding, Evidence(finding=finding.key, summary=finding.why))
            for finding in findings
        ],
    )
