"""How long each kind of thing is kept, from which moment on, what then happens, and what a hold covers.

A class is a start event, a period and an action; everything the installation stores belongs to exactly one. A hold keeps
what it covers beyond its period, never without an end. Pure: times come in, decisions go out.

**Source**: Regulation (EU) 2016/679, article 5(1)(e): kept no longer than necessary; article 17(3)(e): not erased while
needed for legal claims. Directive (EU) 2016/680, articles 4(1)(e) and 5: time limits for erasure.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum

from impetus.core.errors import Malformed, Refused
from impetus.core.observation import EPOCH
from impetus.core.retention import Hold

DAY = timedelta(days=1)
LONGEST_HOLD = timedelta(days=5 * 366)
"""Five years, leap days granted: beyond that somebody must decide again. House rule; no law allows an endless hold."""
SHOWN_BEFORE_END = timedelta(days=14)
"""A hold is shown as running out this long before its end: time for a decision by two people on leave. House rule."""
SCREENS = DAY
"""Time a change waits for a screen that comes back. House rule: a shift and a night."""


KEY_MARGIN = timedelta(hours=1)
"""A key outlives its day by so much, for what was sealed at midnight with the clock of before. House rule."""
HELD = "held-"
"""Begins the class of keys that seal what a hold covers; the hold's number follows."""


ACTIONS = timedelta(days=730)
"""Time an ended proposal is kept. House rule of the gates; a test holds the two together."""

STANDINGS = timedelta(days=30)
"""Time it is kept how datastreams stood. House rule: a month shows every season of the week four times."""


class Start(StrEnum):
    """The event a period is counted from."""

    DAY_ENDED = "the day it was measured ended"
    CLOSED = "it was closed"
    STORED = "it was stored"
    REFUSED = "it was refused"
    PUBLISHED = "it was published"
    HAPPENED = "it happened"
    WRITTEN = "it was last written"
    EXPIRED = "it expired"
    DISABLED = "the account was disabled"
    ENDED = "it ended"
    MADE = "it was made"


class Action(StrEnum):
    """What happens at the end of the period."""

    ERASE = "erase"
    COUNT = "erase, keep monthly counts"


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionClass:
    """One class: what, from when, how long, then what, and why so long."""

    name: str
    start: Start
    period: timedelta
    action: Action = Action.ERASE
    because: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long each kind is kept."""

    observations: timedelta
    alerts: timedelta
    evidence: timedelta
    quarantine: timedelta
    incidents: timedelta = 5 * 365 * DAY
    accounts: timedelta = 5 * 365 * DAY
    openings: timedelta = 365 * DAY
    log: timedelta = 3650 * DAY
    text_logs: timedelta = 14 * DAY
    backups: timedelta = 35 * DAY


def classes(keep: Keep) -> tuple[RetentionClass, ...]:
    """Return every class of an installation, in the order a person reads them."""
    bus = min(keep.alerts, keep.evidence)
    return (
        _class("observations", Start.DAY_ENDED, keep.observations, "readings, by whole days of each class"),
        _class("latest values", Start.DAY_ENDED, keep.observations, "a copy of readings"),
        _class(
            "standings", Start.DAY_ENDED, standings_kept(keep), "copies of readings, with what was expected of them"
        ),
        _class("tool snapshots", Start.WRITTEN, keep.observations, "what a tool has learnt from readings"),
        _class("bus: observations", Start.PUBLISHED, keep.observations, "a copy of readings"),
        _class("bus: findings", Start.PUBLISHED, bus, "a copy of alerts with their evidence"),
        _class("bus: other topics", Start.PUBLISHED, min(DAY, bus), "on the way to where it is kept"),
        RetentionClass(
            name="alerts",
            start=Start.CLOSED,
            period=keep.alerts,
            action=Action.COUNT,
            because="until what they led to is reviewed; counts by month stay",
        ),
        _class("evidence", Start.STORED, keep.evidence, "until the alert it belongs to is reviewed"),
        _class("incidents", Start.CLOSED, keep.incidents, "claims and inquiries come late"),
        _class("actions", Start.ENDED, ACTIONS, "who agreed to what stays answerable; disclosed tests a year"),
        _class("quarantine", Start.REFUSED, keep.quarantine, "until the sender has mended what was refused"),
        _class("outbox", Start.HAPPENED, min(SCREENS, keep.alerts), "for screens that come back"),
        _class("sessions", Start.EXPIRED, timedelta(0), "no use after"),
        _class("accounts", Start.DISABLED, keep.accounts, "names in timelines can be told apart until then"),
        _class("holds", Start.ENDED, keep.incidents, "who held what back and why stays answerable"),
        _class("reveals", Start.ENDED, keep.incidents, "who lifted a mask, and who agreed, stays answerable"),
        _class("identities", Start.DAY_ENDED, keep.evidence, "names behind pseudonyms, with the keys of their day"),
        _class("log: openings", Start.HAPPENED, keep.openings, "who looked at what, in words, stays answerable"),
        _class("log: entries", Start.HAPPENED, keep.log, "commitments only; they prove that nothing was changed"),
        _class("text logs", Start.WRITTEN, keep.text_logs, "to find out what went wrong with a part"),
        _class("backups", Start.MADE, keep.backups, "older ones bring back nothing anybody needs"),
    )


def standings_kept(keep: Keep) -> timedelta:
    """Return how long it is kept how datastreams stood: a month, and never longer than the readings it copies."""
    return min(STANDINGS, keep.observations)


def _class(name: str, start: Start, period: timedelta, because: str) -> RetentionClass:
    return RetentionClass(name=name, start=start, period=period, because=because)


def horizon(at: datetime, period: timedelta) -> datetime:
    """Return the time before which everything has passed its period, at the earliest 1970-01-01."""
    return max(EPOCH, at - period) if period <= at - EPOCH else EPOCH


def is_due(start: datetime | None, period: timedelta, at: datetime) -> bool:
    """Say whether the period that began at `start` is over; None has not begun: an open alert is never due."""
    return start is not None and start < horizon(at, period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a hold's subject names. `since` and `until` are set exactly for `source` and `datastream`."""

    kind: str
    key: str
    since: datetime | None = None
    until: datetime | None = None


NUMBERED = ("incident", "alert", "request")
MEASURED = ("source", "datastream")
KEY = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}(/[A-Za-z0-9][A-Za-z0-9._-]{0,62}){0,2}")


def read_scope(subject: str) -> Scope:
    """Read what a hold covers: `incident:12`, `alert:3`, `request:9`, or `source:ID@FROM/TO` and `datastream:KEY@FROM/TO`.

    FROM and TO are ISO 8601 times with a zone, TO after FROM. `Malformed` says what is wrong.

    >>> read_scope("alert:3")
    Scope(kind='alert', key='3', since=None, until=None)
    """
    kind, _, rest = subject.partition(":")
    if kind in NUMBERED and rest.isascii() and rest.isdigit() and 0 < int(rest) < 1 << 62:
        return Scope(kind=kind, key=str(int(rest)))
    if kind in MEASURED:
        return _measured(subject, kind, rest)
    raise _unreadable(subject, "names nothing a hold can cover")


def _measured(subject: str, kind: str, rest: str) -> Scope:
    """Read the subject of a hold over readings."""
    key, _, span = rest.partition("@")
    first, _, last = span.partition("/")
    try:
        since, until = datetime.fromisoformat(first), datetime.fromisoformat(last)
    except ValueError as error:
        raise _unreadable(subject, f"has no span of two times: {error}") from error
    if since.tzinfo is None or until.tzinfo is None:
        raise _unreadable(subject, "has a time without a zone")
    if not since < until:
        raise _unreadable(subject, "ends before it begins")
    if not KEY.fullmatch(key) or key.count("/") != (2 if kind == "datastream" else 0):
        raise _unreadable(subject, f"names no {kind}")
    return Scope(kind=kind, key=key, since=since, until=until)


def _unreadable(subject: str, why: str) -> Malformed:
    return Malformed(
        f"{subject[:120]!r} {why}",
        value=subject[:200],
        limit="incident:N, alert:N, request:N, source:ID@FROM/TO or datastream:KEY@FROM/TO",
        remedy="write it in one of these forms",
    )


def check_hold(placed_at: datetime, until: datetime) -> None:
    """Refuse a hold without a proper end: it ends after it begins, and within five years."""
    if placed_at < until <= placed_at + LONGEST_HOLD:
        return
    is_over = until <= placed_at
    raise Refused(
        f"a hold until {until:%Y-%m-%d} is {'over already' if is_over else 'too long'}",
        rule="a hold has an end, at most five years away",
        value=until.isoformat(),
        limit=f"after now, at the latest {placed_at + LONGEST_HOLD:%Y-%m-%d}",
        source="Regulation (EU) 2016/679, article 5(1)(e)",
        remedy=f"choose {'a later' if is_over else 'an earlier'} end; it can be extended by a new act when the time comes",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSpan:
    """Readings of some datastreams in `since <= time < until` that one hold covers."""

    hold: Hold
    source: str
    datastreams: frozenset[int]
    since: datetime
    until: datetime


IdsOf = Callable[[Scope], frozenset[int]]
"""Which datastreams, by number, a scope of readings names."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What all standing holds cover. Each question returns the covering hold that ends last, None when none covers."""

    incidents: tuple[tuple[int, Hold], ...] = ()
    alerts: tuple[tuple[int, Hold], ...] = ()
    spans: tuple[HeldSpan, ...] = ()

    def of_incident(self, incident: int) -> Hold | None:
        """Return the hold on an incident."""
        return _last(hold for number, hold in self.incidents if number == incident)

    def of_alert(
        self, alert: int, incident: int | None, datastreams: Sequence[int], began: datetime, last_at: datetime
    ) -> Hold | None:
        """Return the hold on an alert: on itself, on its incident, or on readings it was raised about."""
        direct = [hold for number, hold in self.alerts if number == alert]
        joined = [hold for number, hold in self.incidents if number == incident]
        about = [
            span.hold
            for span in self.spans
            if not span.datastreams.isdisjoint(datastreams) and began < span.until and last_at >= span.since
        ]
        return _last([*direct, *joined, *about])

    def of_record(self, source: str, at: datetime) -> Hold | None:
        """Return the hold on a refused record of a source."""
        return _last(span.hold for span in self.spans if span.source == source and span.since <= at < span.until)

    def of_span(self, since: datetime, until: datetime) -> tuple[HeldSpan, ...]:
        """Return what is held of readings within a span, such as a day."""
        return tuple(span for span in self.spans if span.since < until and since < span.until)


def cover(holds: Sequence[Hold], at: datetime, ids_of: IdsOf) -> Cover:
    """Return what those of the holds cover that stand at this time."""
    standing = [(read_scope(hold.subject), hold) for hold in holds if hold.stands(at)]
    return Cover(
        incidents=tuple((int(scope.key), hold) for scope, hold in standing if scope.kind == "incident"),
        alerts=tuple((int(scope.key), hold) for scope, hold in standing if scope.kind == "alert"),
        spans=tuple(_span(scope, hold, ids_of) for scope, hold in standing if scope.kind in MEASURED),
    )


def _span(scope: Scope, hold: Hold, ids_of: IdsOf) -> HeldSpan:
    """Resolve a scope of readings."""
    assert scope.since is not None  # noqa: S101 - read_scope gave both
    assert scope.until is not None  # noqa: S101 - read_scope gave both
    return HeldSpan(
        hold=hold,
        source=scope.key if scope.kind == "source" else "",
        datastreams=ids_of(scope),
        since=scope.since,
        until=scope.until,
    )


def _last(holds: Iterable[Hold]) -> Hold | None:
    """Return the hold that ends last, of equal ones the newest."""
    return max(holds, key=lambda hold: (hold.until, hold.id), default=None)


def held_kind(hold: int) -> str:
    """Return the class of keys for what a hold covers.

    >>> held_kind(7)
    'held-7'
    """
    return f"{HELD}{hold}"


def key_period(kind: str, keep: Keep) -> timedelta | None:
    """Return how long a class of keys lives after its day, None for keys of holds: those live as long as their hold.

    What a backup holds of a class is sealed under that class; all else in it, the state of the installation, lives as
    long as backups do. A class nobody knows is destroyed with the backups: fails towards erasure.
    """
    if kind.startswith(HELD):
        return None
    if kind.startswith("history-") or kind == "snapshots":
        return keep.observations
    periods = {
        "alerts": keep.alerts,
        "evidence": keep.evidence,
        "incidents": keep.incidents,
        "quarantine": keep.quarantine,
        "accesses": keep.openings,
        "log": keep.log,
    }
    return periods.get(kind, keep.backups)


def keys_due(
    keys: Sequence[tuple[str, date]], keep: Keep, at: datetime, standing: frozenset[int]
) -> list[tuple[str, date]]:
    """Return which keys have to be destroyed: their day is over by their period, or their hold has ended."""
    return [(kind, day) for kind, day in keys if _key_is_due(kind, day, keep, at, standing)]


def _key_is_due(kind: str, day: date, keep: Keep, at: datetime, standing: frozenset[int]) -> bool:
    """Say whether one key has to go."""
    period = key_period(kind, keep)
    if period is None:
        number = kind.removeprefix(HELD)
        return not (number.isdigit() and int(number) in standing)
    ended = (
        datetime(day.year, day.month, day.day, tzinfo=UTC) + DAY + KEY_MARGIN
        if day < date.max
        else datetime.max.replace(tzinfo=UTC)
    )
    return ended <= horizon(at, period)
