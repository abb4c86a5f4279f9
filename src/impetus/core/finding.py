"""What a tool noticed: an object, because it is rare.

Severity, urgency and certainty are the words and the order of CAP 1.2 (OASIS, section 3.2.2), so that a finding can
become a public warning without translation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from impetus.core.ids import DatastreamId, FindingKey, ToolId, ZoneId
from impetus.core.place import Point
from impetus.core.text import Phrase


class Severity(StrEnum):
    """How bad, CAP 1.2: extreme, severe, moderate, minor, unknown."""

    EXTREME = "extreme"
    SEVERE = "severe"
    MODERATE = "moderate"
    MINOR = "minor"
    UNKNOWN = "unknown"

    @property
    def rank(self) -> int:
        """Return 4 for extreme down to 0 for unknown."""
        return 4 - list(Severity).index(self)


class Urgency(StrEnum):
    """How soon to act, CAP 1.2."""

    IMMEDIATE = "immediate"
    EXPECTED = "expected"
    FUTURE = "future"
    PAST = "past"
    UNKNOWN = "unknown"


class Certainty(StrEnum):
    """How sure, CAP 1.2: observed, likely (p > about 0.5), possible, unlikely, unknown."""

    OBSERVED = "observed"
    LIKELY = "likely"
    POSSIBLE = "possible"
    UNLIKELY = "unlikely"
    UNKNOWN = "unknown"


class Kind(StrEnum):
    """What sort of thing was noticed; decides who is told, not how bad it is."""

    ANOMALY = "anomaly"
    FAULT = "fault"
    SILENCE = "silence"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One noticing of one tool.

    `key` is deterministic: the same tool on the same input gives the same key, so that sending it again is harmless.
    `subject` names what it is about (`zone:south-east`, `thing:demo/c11`); with tool and kind it is the identity by
    which repeats are counted. `score` is the tool's own 0..1; `one_in` says "one in so many readings looks like this by
    chance" when the tool can know it. `began` and `noticed` are aware UTC; `ended` is None while it lasts.
    """

    key: FindingKey
    tool: ToolId
    kind: Kind
    subject: str
    headline: Phrase
    why: Phrase
    began: datetime
    noticed: datetime
    ended: datetime | None = None
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    score: float = 0.0
    one_in: float | None = None
    point: Point | None = None
    zone: ZoneId | None = None
    datastreams: tuple[DatastreamId, ...] = ()
    simulated: bool = False
    facts: Mapping[str, float] = field(default_factory=dict)
