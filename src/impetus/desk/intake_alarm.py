"""The platform's own finding that readings cannot be made durable: raised once, cleared when it is over.

The finding goes over the bus, and it may be the bus's disk that is full. So it waits here until it can be published; a
topic has room for it as soon as anything has.
"""

import threading
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from impetus.core.errors import NotNow
from impetus.core.finding import Finding
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began, trouble_ended

SUBJECT: Final = "platform:ingest"
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
            publish_findings(desk, waiting)
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
    report = SelfReport(
        key=f"platform:ingest:full:{to_us(at)}",
        subject=SUBJECT,
        headline=Phrase(template="Readings are not taken in: no room to keep them"),
        why=Phrase(
            template="Ingest acknowledges nothing it cannot keep, and asks senders to wait. Reason: {reason}",
            values={"reason": reason},
        ),
    )
    return trouble_began(report, at)


def _ended(began: datetime, at: datetime, refused: int) -> Finding:
    """Return the finding that it is over."""
    seconds = (at - began).total_seconds()
    report = SelfReport(
        key=f"platform:ingest:room:{to_us(began)}",
        subject=SUBJECT,
        headline=Phrase(template="Readings are taken in again"),
        why=Phrase(
            template="For {seconds} s senders were asked to wait with {refused} readings; those that kept them send them now.",
            values={"seconds": round(seconds), "refused": refused},
        ),
        facts={"refused_readings": float(refused), "lasted_s": seconds},
    )
    return trouble_ended(report, began, at)
