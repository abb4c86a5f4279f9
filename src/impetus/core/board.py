"""The state of the platform's own parts, as the board shows it: tools, sources, the bus."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.ids import SourceId, ToolId


class PartState(StrEnum):
    """How a part of the platform is."""

    STARTING = "starting"
    RUNNING = "running"
    SILENT = "silent"
    RESTARTING = "restarting"
    STOPPED = "stopped"
    FAILED = "failed"
    BLOCKED = "blocked"
    """It waits at its gate: the register does not clear it, and the note says what is missing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PartStatus:
    """One row of the board: a child process (tool, web, ingest, keeper).

    `rate_per_s` is readings or findings taken in per second over the last heartbeat; `dropped` counts what the part
    lost because it lagged past the bus's bound; `memory_mib` is resident memory.
    """

    part: ToolId
    state: PartState
    pid: int | None = None
    started_at: datetime | None = None
    seen_at: datetime | None = None
    restarts: int = 0
    rate_per_s: float = 0.0
    lag: int = 0
    dropped: int = 0
    memory_mib: float = 0.0
    memory_limit_mib: float = 0.0
    note: str = ""


class Rule(StrEnum):
    """The stated rules of ingest; every reading that is not simply accepted is counted under one of them."""

    ACCEPTED = "accepted"
    MISSING = "missing"
    """NaN: accepted, kept as "the sensor had no value"."""
    OUT_OF_ORDER = "out_of_order"
    """Older than the newest of its datastream, within the late limit: accepted, and counted."""
    DUPLICATE = "duplicate"
    """Same datastream, time and value again: acknowledged and dropped."""
    CONFLICT = "conflict"
    """Same datastream and time with another value: quarantined, the first stays."""
    LATE = "late"
    """Older than its datastream's newest by more than the limit: quarantined."""
    FUTURE = "future"
    """Ahead of our clock by more than the tolerance: quarantined."""
    EXPIRED = "expired"
    """Older than the retention of its class: refused, because it would be erased at once."""
    OUT_OF_RANGE = "out_of_range"
    """Outside what the instrument can report, infinity included: quarantined."""
    UNDECLARED = "undeclared"
    """No such datastream or field was declared by this source: quarantined."""
    MALFORMED = "malformed"
    """Cannot be read: quarantined."""
    STOPPED = "stopped"
    """Of a camera or thing that a person stopped: refused, and kept nowhere."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceStatus:
    """One row of the source page: when a source last spoke, and how its readings fared since the first start."""

    source: SourceId
    seen_at: datetime | None
    counts: dict[Rule, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A refused record, readable: what came, from where, under which rule, and what would have been right."""

    id: int
    source: SourceId
    at: datetime
    rule: Rule
    detail: str
    record: bytes
