"""Protocols of everything outside: state, bus, history, blobs, keys, clock, chance, passwords.

The desk and the tools see only these. Every adapter of a port passes the port's contract suite in `tests/contracts`;
the in-memory ones ship in `impetus.testing`.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.account import Account, ServiceToken, Session
from impetus.core.alert import Alert, AlertEntry, AlertState
from impetus.core.board import PartStatus, Quarantined, Rule, SourceStatus
from impetus.core.evidence import EvidenceRecord
from impetus.core.finding import Finding, Severity
from impetus.core.ids import (
    AccountId,
    AlertId,
    EvidenceId,
    FindingKey,
    IncidentId,
    Offset,
    SourceId,
    ToolId,
)
from impetus.core.incident import Decision, Incident, IncidentEntry, IncidentState
from impetus.core.observation import Catalogue, Datastream, Source
from impetus.ports.attention import Attention
from impetus.ports.bus import Bus as Bus
from impetus.ports.bus import Gap as Gap
from impetus.ports.bus import Message as Message
from impetus.ports.bus import TopicStatus as TopicStatus
from impetus.ports.calls import Calls, Notices, Shifts
from impetus.ports.city import Effects, Warnings
from impetus.ports.custody import Custody
from impetus.ports.ethics import Accesses
from impetus.ports.gates import Actions, Figures, Plants
from impetus.ports.history import History as History
from impetus.ports.history import Spared as Spared
from impetus.ports.history import Swept as Swept
from impetus.ports.machine import Blobs as Blobs
from impetus.ports.machine import Chance as Chance
from impetus.ports.machine import Clock as Clock
from impetus.ports.machine import Codec as Codec
from impetus.ports.machine import Columns as Columns
from impetus.ports.machine import Keys as Keys
from impetus.ports.machine import OneTimeCodes as OneTimeCodes
from impetus.ports.machine import Passwords as Passwords
from impetus.ports.page import Page as Page
from impetus.ports.pseudonyms import Identities, Reveals
from impetus.ports.register import RegisterRecords
from impetus.ports.retention import Holds, RetentionRuns
from impetus.ports.runs import Revisions, Runs
from impetus.ports.situation import Links, Shares, Situation


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertQuery:
    """Which alerts, newest or most urgent first, from where on.

    `after` is the keyset cursor a previous page returned; `limit` 1..200. Empty `states` means every state.
    """

    states: tuple[AlertState, ...] = ()
    tool: ToolId | None = None
    severity: Severity | None = None
    owner: str | None = None
    incident: IncidentId | None = None
    raised_since: datetime | None = None
    order: str = "newest"
    after: str | None = None
    limit: int = 50


class Alerts(Protocol):
    """Alerts and their histories."""

    def add(self, alert: Alert) -> Alert:
        """Store a new alert and return it with the id it was given (the id passed in is ignored)."""
        ...

    def get(self, alert: AlertId) -> Alert:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, alert: Alert) -> Alert:
        """Store the change if the stored version is still `alert.version`; return it with version + 1, else `Conflict`."""
        ...

    def find(self, query: AlertQuery) -> Page[Alert]:
        """Return one page; constant time in the number of alerts stored; `Malformed` for a bad cursor or order."""
        ...

    def recent(self, fingerprints: Sequence[str], *, near_since: datetime) -> Sequence[Alert]:
        """Return, newest first, alerts with these fingerprints or whose `last_at` is not before the time (max 500)."""
        ...

    def shelved_due(self, at: datetime) -> Sequence[Alert]:
        """Return shelved alerts whose time is over."""
        ...

    def record(self, entry: AlertEntry) -> None:
        """Add a line to an alert's history."""
        ...

    def entries(self, alert: AlertId) -> Sequence[AlertEntry]:
        """Return its history, oldest first (the last 500 lines)."""
        ...

    def count_open(self) -> Mapping[AlertState, int]:
        """Return how many stand in each state but closed."""
        ...

    def raised_between(self, since: datetime, until: datetime) -> int:
        """Return how many were raised in `since <= raised_at < until`: the alert load."""
        ...

    def closed_before(
        self, before: datetime, *, after: tuple[datetime, AlertId] | None = None, limit: int = 500
    ) -> Sequence[Alert]:
        """Return closed alerts changed before the time, longest ago first, from behind a `(changed_at, id)` on."""
        ...

    def erase_closed(
        self, before: datetime, *, limit: int = 10_000, among: Sequence[AlertId] | None = None
    ) -> Sequence[Alert]:
        """Erase closed alerts changed before the time, with their histories and findings; return those erased.

        Only those `among` these when given: whoever found them due may have been overtaken by somebody reopening one.
        """
        ...


class Findings(Protocol):
    """Findings, once each, and the alert each became."""

    def add(self, finding: Finding, alert: AlertId) -> bool:
        """Store it; false, changing nothing, when its key is known: the guard against showing anything twice."""
        ...

    def alert_of(self, key: FindingKey) -> AlertId | None:
        """Return the alert a finding became."""
        ...

    def of_alert(self, alert: AlertId, *, limit: int = 100) -> Sequence[Finding]:
        """Return an alert's findings, newest first."""
        ...

    def latest_of_alert(self, alert: AlertId, *, among: int = 500) -> Sequence[Finding]:
        """Return, of each tool, kind, subject and severity among an alert's newest findings, the latest."""
        ...


class Incidents(Protocol):
    """Incidents, their timelines and decisions."""

    def add(self, incident: Incident) -> Incident:
        """Store a new one and return it with its id."""
        ...

    def get(self, incident: IncidentId) -> Incident:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, incident: Incident) -> Incident:
        """Store the change if the version still matches, as for alerts."""
        ...

    def find(
        self, *, states: Sequence[IncidentState] = (), after: str | None = None, limit: int = 50
    ) -> Page[Incident]:
        """Return one page, newest first."""
        ...

    def record(self, entry: IncidentEntry) -> None:
        """Add a line to the timeline."""
        ...

    def entries(self, incident: IncidentId) -> Sequence[IncidentEntry]:
        """Return the timeline, oldest first (the last 1,000 lines)."""
        ...

    def timeline(self, incident: IncidentId, *, after: str | None = None, limit: int = 50) -> Page[IncidentEntry]:
        """Return one page of the timeline, newest first; the cursor of a page leads to the older ones."""
        ...

    def has_note(self, incident: IncidentId, key: str) -> bool:
        """Say whether the timeline holds a note whose detail names this key: an account's number, `/`, letters and digits."""
        ...

    def decide(self, decision: Decision) -> Decision:
        """Store a decision for good and return it with its id."""
        ...

    def closed_before(
        self, before: datetime, *, after: tuple[datetime, IncidentId] | None = None, limit: int = 500
    ) -> Sequence[Incident]:
        """Return closed incidents that no alert belongs to any more, closed before the time, longest ago first."""
        ...

    def erase_closed(self, before: datetime, *, among: Sequence[IncidentId]) -> int:
        """Erase those among these that are still due, with timelines and decisions; return how many."""
        ...

    def decisions(self, incident: IncidentId) -> Sequence[Decision]:
        """Return the decisions, oldest first."""
        ...


class Accounts(Protocol):
    """Accounts, sessions, service tokens."""

    def add(self, account: Account) -> Account:
        """Store a new account; `Conflict` when the name is taken."""
        ...

    def by_name(self, name: str) -> Account | None:
        """Return the account of that name, case-insensitive."""
        ...

    def get(self, account: AccountId) -> Account:
        """Return it, or raise `Unknown`."""
        ...

    def all(self) -> Sequence[Account]:
        """Return every account by name."""
        ...

    def replace(self, account: Account) -> None:
        """Store the change."""
        ...

    def open_session(self, session: Session) -> None:
        """Store a session."""
        ...

    def session(self, token_hash: str) -> Session | None:
        """Return the session with this hash."""
        ...

    def end_sessions(self, *, account: AccountId | None = None, token_hash: str | None = None) -> int:
        """End one session, or all of an account; return how many."""
        ...

    def expire_sessions(self, at: datetime) -> int:
        """Delete sessions that have expired."""
        ...

    def erase_departed(self, before: datetime, *, limit: int = 500) -> int:
        """Erase accounts disabled, and service tokens revoked, before the time; return how many."""
        ...

    def add_token(self, token: ServiceToken) -> ServiceToken:
        """Store a service token and return it with its id."""
        ...

    def token(self, token_hash: str) -> ServiceToken | None:
        """Return the token with this hash."""
        ...

    def tokens(self) -> Sequence[ServiceToken]:
        """Return every token by name."""
        ...

    def revoke_token(self, token: int, at: datetime) -> None:
        """Revoke; `Unknown` when there is none."""
        ...


class Sources(Protocol):
    """Sources, datastreams, how their readings fared, and the quarantine."""

    def declare(self, source: Source, datastreams: Sequence[Datastream]) -> Sequence[Datastream]:
        """Store or update a source and its datastreams by key; return them with their ids. Raises the catalogue version."""
        ...

    def all(self) -> Sequence[Source]:
        """Return every source by id."""
        ...

    def catalogue(self) -> Catalogue:
        """Return all datastreams."""
        ...

    def catalogue_version(self) -> int:
        """Return the version only: cheap enough to ask every second."""
        ...

    def count(self, source: SourceId, counts: Mapping[Rule, int], at: datetime) -> None:
        """Add to the counters and note that the source spoke at `at`."""
        ...

    def statuses(self) -> Sequence[SourceStatus]:
        """Return every source's counters."""
        ...

    def quarantine(self, records: Sequence[Quarantined]) -> None:
        """Keep refused records, the newest 10,000 per source; what is pushed out is counted as dropped."""
        ...

    def quarantined(
        self, *, source: SourceId | None = None, after: int | None = None, limit: int = 50
    ) -> Page[Quarantined]:
        """Return refused records, newest first."""
        ...

    def quarantine_dropped(self) -> int:
        """Return how many refused records were pushed out of the quarantine."""
        ...

    def erase_quarantine(
        self,
        before: datetime,
        *,
        limit: int = 100_000,
        spared: Sequence[tuple[SourceId, datetime, datetime]] = (),
    ) -> int:
        """Erase refused records older than the time, but those of a spared source in `since <= at < until`."""
        ...

    def quarantined_before(self, before: datetime) -> int:
        """Return how many refused records are older than the time."""
        ...


class Parts(Protocol):
    """The board: the platform's own parts."""

    def report(self, status: PartStatus) -> None:
        """Store or update one row."""
        ...

    def all(self) -> Sequence[PartStatus]:
        """Return every row by part."""
        ...

    def forget(self, part: ToolId) -> None:
        """Remove a row."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One entry of the outbox, what server-sent events are made of. `kind` is `alert`, `incident`, `part`, `source`."""

    id: int
    at: datetime
    kind: str
    subject: str
    facts: Mapping[str, str | int | float | bool | None]


class Outbox(Protocol):
    """Changes in the order they were committed; bounded, the oldest go."""

    def add(self, at: datetime, kind: str, subject: str, facts: Mapping[str, str | int | float | bool | None]) -> None:
        """Add a change to this unit; readers are woken after the commit."""
        ...

    def after(self, change: int, *, limit: int = 500) -> Sequence[Change]:
        """Return changes with a higher id, in order."""
        ...

    def newest(self) -> int:
        """Return the highest id, 0 for none."""
        ...

    def oldest(self) -> int:
        """Return the lowest id still kept, 0 for none."""
        ...

    def erase_before(self, at: datetime, *, limit: int = 10_000) -> int:
        """Erase changes older than the time, oldest first; return how many."""
        ...


class Cursors(Protocol):
    """How far a consumer has come, moved in the same unit as its effects."""

    def get(self, consumer: str, topic: str) -> Offset:
        """Return the position, 0 for a new consumer."""
        ...

    def move(self, consumer: str, topic: str, offset: Offset) -> None:
        """Move it."""
        ...


class EvidenceIndex(Protocol):
    """Which evidence exists; the bytes are in `Blobs` under the same id."""

    def add(self, record: EvidenceRecord) -> None:
        """Store; the same id again is no error."""
        ...

    def get(self, evidence: EvidenceId) -> EvidenceRecord:
        """Return it, or raise `Unknown`."""
        ...

    def older_than(
        self, before: datetime, *, after: tuple[datetime, EvidenceId] | None = None, limit: int = 10_000
    ) -> Sequence[EvidenceRecord]:
        """Return records stored before the time, oldest first, from behind a `(stored_at, id)` on."""
        ...

    def known(self, ids: Sequence[EvidenceId]) -> frozenset[EvidenceId]:
        """Return which of these there are records of."""
        ...

    def erase(self, ids: Sequence[EvidenceId]) -> int:
        """Forget them."""
        ...


class Unit(Protocol):
    """One transaction over all of the state: everything in it happens, or nothing does."""

    @property
    def alerts(self) -> Alerts: ...
    @property
    def findings(self) -> Findings: ...
    @property
    def incidents(self) -> Incidents: ...
    @property
    def accounts(self) -> Accounts: ...
    @property
    def sources(self) -> Sources: ...
    @property
    def parts(self) -> Parts: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def cursors(self) -> Cursors: ...
    @property
    def evidence(self) -> EvidenceIndex: ...
    @property
    def effects(self) -> Effects: ...
    @property
    def warnings(self) -> Warnings: ...
    @property
    def custody(self) -> Custody: ...
    @property
    def actions(self) -> Actions: ...
    @property
    def plants(self) -> Plants: ...
    @property
    def figures(self) -> Figures: ...
    @property
    def calls(self) -> Calls: ...
    @property
    def notices(self) -> Notices: ...
    @property
    def shifts(self) -> Shifts: ...
    @property
    def register(self) -> RegisterRecords: ...
    @property
    def reveals(self) -> Reveals: ...
    @property
    def identities(self) -> Identities: ...
    @property
    def accesses(self) -> Accesses: ...
    @property
    def holds(self) -> Holds: ...
    @property
    def retention_runs(self) -> RetentionRuns: ...
    @property
    def attention(self) -> Attention: ...
    @property
    def revisions(self) -> Revisions: ...
    @property
    def runs(self) -> Runs: ...
    @property
    def situation(self) -> Situation: ...
    @property
    def links(self) -> Links: ...
    @property
    def shares(self) -> Shares: ...


class Store(Protocol):
    """The state of an installation."""

    def write(self) -> AbstractContextManager[Unit]:
        """Open a writing unit; commits at the end, rolls back on an exception. `NotNow` when the disk is full or busy."""
        ...

    def read(self) -> AbstractContextManager[Unit]:
        """Open a unit that sees one moment; writing in it is `OurFault`. Units do not nest within a thread."""
        ...

    def wait_for_change(self, after: int, *, timeout_s: float) -> bool:
        """Sleep until the outbox holds something newer, across processes, or the time is over; never spins."""
        ...

    def dropped(self) -> Mapping[str, int]:
        """Return how many rows bounds have pushed out since the first start, by table; opens a reading unit of its own."""
        ...

    def compact(self) -> bool:
        """Let go of the pages and journals that erased rows lay in; false when readers are in the way: try again later."""
        ...

    def close(self) -> None:
        """Give connections back; no unit opens after that, and waiters end."""
        ...
