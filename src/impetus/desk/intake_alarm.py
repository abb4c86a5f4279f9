"""The platform's own finding that readings cannot be made durable: raised once, cleared when it is over.

The finding goes over the bus, and it may be the bus's disk that is full. So it waits here until it can be published; a
topic has room for it as soon as anything has.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from impetus.core.errors import NotNow
from impetus.core.evidence import Evidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS, Desk

SUBJECT: Final = "platform:ingest"
PLATFORM: Final = ToolId("platform")
MAX_WAITING: Final = 4
"""Findings kept while they cannot be published: two spells of trouble, begun and ended. House rule."""


@dataclass(slots=True, kw_only=True)
class IntakeAlarm:
    """Whether readings are being refused for want of room, since when, and what has not been said yet.

    Two threads use it: the one that takes readings notes, the one that settles speaks.
    """

    began: datetime | None = None
    refused: int = 0
    waiting: tuple[Finding, ...] = ()
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def refuse(self, at: datetime, readings: int, reason: str) -> None:
        """Note readings that could not be made durable; the first of a row of failures raises the finding."""
        self.refused += readings
        if self.began is None:
            self.began = at
            self._add(_began(at, reason))

    def recover(self, at: datetime) -> None:
        """Note that readings are durable again."""
        if self.began is not None:
            self._add(_ended(self.began, at, self.refused))
            self.began, self.refused = None, 0

    def speak(self, desk: Desk) -> None:
        """Publish what waits; while the bus has no room for it either, it goes on waiting."""
        waiting = self.waiting
        if not waiting:
            return
        try:
            desk.bus.publish(FINDINGS, [desk.codec.encode_finding(finding, _evidence(finding)) for finding in waiting])
        except NotNow:
            return
        with self._lock:
            self.waiting = tuple(finding for finding in self.waiting if finding not in waiting)

    def _add(self, finding: Finding) -> None:
        """Let a finding wait; of a flapping disk the last few are said."""
        with self._lock:
            self.waiting = (*self.waiting, finding)[-MAX_WAITING:]


def _began(at: datetime, reason: str) -> Finding:
    """Return the finding that it began."""
    return Finding(
        key=FindingKey(f"platform:ingest:full:{to_us(at)}"),
        tool=PLATFORM,
        kind=Kind.PLATFORM,
        subject=SUBJECT,
        headline=Phrase(template="Readings are not taken in: no room to keep them"),
        why=Phrase(
            template="Ingest acknowledges nothing it cannot keep, and asks senders to wait. Reason: {reason}",
            values={"reason": reason},
        ),
        began=at,
        noticed=at,
        severity=Severity.SEVERE,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.OBSERVED,
        score=1.0,
    )


def _ended(began: datetime, at: datetime, refused: int) -> Finding:
    """Return the finding that it is over."""
    seconds = (at - began).total_seconds()
    return Finding(
        key=FindingKey(f"platform:ingest:room:{to_us(began)}"),
        tool=PLATFORM,
        kind=Kind.PLATFORM,
        subject=SUBJECT,
        headline=Phrase(template="Readings are taken in again"),
        why=Phrase(
            template="For {seconds} s senders were asked to wait with {refused} readings; those that kept them send them now.",
            values={"seconds": round(seconds), "refused": refused},
        ),
        began=began,
        noticed=at,
        ended=at,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        certainty=Certainty.OBSERVED,
        facts={"refused_readings": float(refused), "lasted_s": seconds},
    )


def _evidence(finding: Finding) -> Evidence:
    """Return evidence without series: the platform speaks of itself."""
    return Evidence(finding=finding.key, summary=finding.why)
