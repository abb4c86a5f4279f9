"""What the desk answers with: everything a page or an API document needs, gathered in one reading of the state."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertEntry, AlertState
from impetus.core.board import PartStatus, SourceStatus
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.incident import Decision, Incident, IncidentEntry
from impetus.core.observation import Batch, Datastream, Source
from impetus.ports import Change, TopicStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertView:
    """One alert with its whole story.

    `may` holds the `AlertEvent`s the reader could ask for now. `findings` are newest first. `missing_evidence` counts
    evidence that is listed but can no longer be read. `seen_by` lists the roles that may see it.
    """

    alert: Alert
    entries: tuple[AlertEntry, ...]
    findings: tuple[Finding, ...]
    evidences: tuple[Evidence, ...]
    datastreams: tuple[Datastream, ...] = ()
    incident: Incident | None = None
    may: frozenset[str] = frozenset()
    missing_evidence: int = 0
    seen_by: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentView:
    """One incident with its timeline (oldest first), its alerts (newest first) and its decisions (oldest first).

    `struck` holds the ids of decisions that a later one corrects: shown struck through, never hidden. `older` is the
    cursor to lines of the timeline before these, None when these are all.
    """

    incident: Incident
    entries: tuple[IncidentEntry, ...]
    alerts: tuple[Alert, ...]
    decisions: tuple[Decision, ...]
    struck: frozenset[int] = frozenset()
    may: frozenset[str] = frozenset()
    seen_by: tuple[str, ...] = ()
    older: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceView:
    """One source with its datastreams and how its readings fared; `silent` when it passed its freshness limit."""

    source: Source
    status: SourceStatus | None
    datastreams: tuple[Datastream, ...]
    silent: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """The platform's own parts, how full the bus's topics are, and what fell out of the quarantine."""

    at: datetime
    parts: tuple[PartStatus, ...]
    sources: tuple[SourceView, ...]
    topics: tuple[TopicStatus, ...]
    quarantine_dropped: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureView:
    """The common operational picture.

    `alerts` are the open ones (new, held, offered), most urgent first, at most 100; `counts` says how many there are in
    all, by state. `raised_10_min` and `raised_hour` are the alert load. `latest` is the newest reading of each
    datastream. `change` is where to resume server-sent events from, so that nothing falls between page and stream.
    """

    at: datetime
    alerts: tuple[Alert, ...]
    counts: Mapping[AlertState, int]
    incidents: tuple[Incident, ...]
    parts: tuple[PartStatus, ...]
    sources: tuple[SourceView, ...]
    raised_10_min: int
    raised_hour: int
    latest: Batch
    change: int
    simulated: bool = False
    waiting: int = 0
    """Proposals and messages that wait for the reader."""
    asked_10_min: int | None = None
    """Cards the reader's own seat was asked in ten minutes; None where that is not known, and then all alerts count."""
    is_flood: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Changes after a known one; `gap` is true when some in between are no longer kept: reload the whole picture."""

    items: tuple[Change, ...]
    gap: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """A person with a session. `secret` is the cookie's value, empty except right after signing in.

    While `must_change` is true the session is good for changing the password and nothing else.
    """

    actor: Actor
    csrf: str
    expires_at: datetime
    must_change: bool
    language: str
    secret: str = field(default="", repr=False)
    has_totp: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeSecret:
    """A password to be shown once, stored nowhere, and changed at the first sign-in."""

    name: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """A second factor to be confirmed with its first code: the secret in base 32 and as an `otpauth:` address."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
