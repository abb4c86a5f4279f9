"""Seats, what waits, what was asked, quiet rules, and alerts' lives."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.alarm_load_schema import ASK_LINES, ASKS, QUIET, QUIETED, SEATS, WAITING
from impetus.adapters.sql.alerts import MINUTE_US
from impetus.adapters.sql.codec import RowCodec, load
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.schema import ALERT_ENTRIES, ALERT_LOAD, ALERTS, INCIDENTS
from impetus.core.alert import AlertEvent, Verdict
from impetus.core.attention import AlertLife, Ask, AskLine, Quiet, QuietKind, Seat, Waiting
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, ToolId
from impetus.core.observation import from_us, to_us

WAIT = RowCodec(Waiting)
ASK = RowCodec(Ask)
LINE = RowCodec(AskLine)
RULE = RowCodec(Quiet)
CHUNK = 500
"""Ids named in one statement, below the 999 parameters any SQLite takes."""
RULES_SHOWN = 500
TAKING = frozenset({AlertEvent.ACKNOWLEDGE, AlertEvent.ASSESS, AlertEvent.JOIN, AlertEvent.ACCEPT, AlertEvent.SHELVE})
QUALIFYING = frozenset({AlertEvent.JOIN, AlertEvent.CLOSE})


class SqlAttention(Repository):
    """Fulfils `impetus.ports.attention.Attention`."""

    def sit(self, seat: Seat, at: datetime) -> None:
        """Note that somebody works there now."""
        self._put(SEATS, {"name": seat.name, "is_second": seat.is_second, "seen_at": to_us(at)})

    def leave(self, name: str) -> None:
        """Forget a seat."""
        self._connection.execute(sa.delete(SEATS).where(SEATS.c.name == name))

    def seats(self, since: datetime) -> Sequence[Seat]:
        """Return the seats seen since a time, by name."""
        rows = self._rows(sa.select(SEATS).where(SEATS.c.seen_at >= to_us(since)).order_by(SEATS.c.name))
        return tuple(Seat(name=row["name"], is_second=bool(row["is_second"])) for row in rows)

    def wait(self, waiting: Waiting) -> None:
        """Let an alert wait, in place of how it waited before."""
        self._put(WAITING, WAIT.to_row(waiting))

    def waits(self, alert: AlertId) -> Waiting | None:
        """Return how an alert waits, None when it does not."""
        row = self._row(sa.select(WAITING).where(WAITING.c.alert == alert))
        return WAIT.from_row(row) if row else None

    def waiting(self, *, limit: int = 5_000) -> Sequence[Waiting]:
        """Return what waits, the longest first."""
        ordered = sa.select(WAITING).order_by(WAITING.c.since, WAITING.c.alert).limit(limit)
        return tuple(WAIT.from_row(row) for row in self._rows(ordered))

    def count_waiting(self) -> int:
        """Return how many wait."""
        return int(self._connection.execute(sa.select(sa.func.count()).select_from(WAITING)).scalar_one())

    def heard(self, alerts: Sequence[AlertId]) -> None:
        """Let alerts wait no longer."""
        for some in _chunks(alerts):
            self._connection.execute(sa.delete(WAITING).where(WAITING.c.alert.in_(some)))

    def ask(self, ask: Ask, lines: Sequence[AskLine]) -> Ask:
        """Store a card with its lines and end their waiting."""
        stored = replace(ask, id=self._add(ASKS, ASK.to_row(ask)))
        rows = [LINE.to_row(replace(line, ask=stored.id)) for line in lines]
        self._connection.execute(sa.insert(ASK_LINES), rows)
        self.heard([line.alert for line in lines])
        return stored

    def asked(self, since: datetime, *, seat: str | None = None) -> Sequence[Ask]:
        """Return the cards after a time, oldest first."""
        statement = sa.select(ASKS).where(ASKS.c.at > to_us(since))
        if seat is not None:
            statement = statement.where(ASKS.c.seat == seat)
        return tuple(ASK.from_row(row) for row in self._rows(statement.order_by(ASKS.c.at, ASKS.c.id)))

    def lines(self, asks: Sequence[int]) -> Sequence[AskLine]:
        """Return the lines of cards, by card, worst first."""
        found: list[AskLine] = []
        for some in _chunks(asks):
            rows = self._rows(sa.select(ASK_LINES).where(ASK_LINES.c.ask.in_(some)))
            found += [LINE.from_row(row) for row in rows]
        return tuple(sorted(found, key=lambda line: (line.ask, -line.severity.rank, line.since, line.alert)))

    def first_asks(self, alerts: Sequence[AlertId]) -> Mapping[AlertId, datetime]:
        """Return when each of these was first on a card."""
        found: dict[AlertId, datetime] = {}
        joined = sa.join(ASK_LINES, ASKS, ASK_LINES.c.ask == ASKS.c.id)
        first = sa.select(ASK_LINES.c.alert, sa.func.min(ASKS.c.at).label("at")).select_from(joined)
        for some in _chunks(alerts):
            rows = self._rows(first.where(ASK_LINES.c.alert.in_(some)).group_by(ASK_LINES.c.alert))
            found |= {AlertId(row["alert"]): from_us(row["at"]) for row in rows}
        return found

    def erase_asks(self, before: datetime) -> int:
        """Erase cards and seats older than the time."""
        self._connection.execute(sa.delete(SEATS).where(SEATS.c.seen_at < to_us(before)))
        return self._connection.execute(sa.delete(ASKS).where(ASKS.c.at < to_us(before))).rowcount

    def raised_by_minute(self, since: datetime, until: datetime) -> Sequence[int]:
        """Return how many alerts each whole minute of a span raised, from counters."""
        first, last = to_us(since) // MINUTE_US, to_us(until) // MINUTE_US
        minute = ALERT_LOAD.c.minute
        rows = self._rows(sa.select(ALERT_LOAD).where(minute >= first, minute <= last))
        raised = {row["minute"]: row["raised"] for row in rows}
        return tuple(raised.get(each, 0) for each in range(first, last + 1))

    def severities(self, since: datetime) -> Mapping[Severity, int]:
        """Return how many alerts raised since a time have each severity."""
        counted = sa.select(ALERTS.c.severity, sa.func.count().label("raised")).where(
            ALERTS.c.raised_at >= to_us(since)
        )
        return {Severity(row["severity"]): row["raised"] for row in self._rows(counted.group_by(ALERTS.c.severity))}

    def add_rule(self, rule: Quiet) -> Quiet:
        """Store a quiet rule and return it with its id."""
        return replace(rule, id=self._add(QUIET, RULE.to_row(rule)))

    def rule(self, rule: int) -> Quiet:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(QUIET).where(QUIET.c.id == rule))
        if row is None:
            raise unknown("rule", rule)
        return RULE.from_row(row)

    def replace_rule(self, rule: Quiet) -> None:
        """Store the change."""
        self._connection.execute(sa.update(QUIET).where(QUIET.c.id == rule.id).values(RULE.to_row(rule)))

    def rules(self, kind: QuietKind | None = None, *, ends_after: datetime | None = None) -> Sequence[Quiet]:
        """Return rules, the latest to end first."""
        statement = sa.select(QUIET)
        if kind is not None:
            statement = statement.where(QUIET.c.kind == str(kind))
        if ends_after is not None:
            statement = statement.where(QUIET.c.until > to_us(ends_after))
        rows = self._rows(statement.order_by(QUIET.c.until.desc(), QUIET.c.id.desc()).limit(RULES_SHOWN))
        return tuple(RULE.from_row(row) for row in rows)

    def quieted(self, rule: int, alert: AlertId, at: datetime) -> None:
        """Note that a rule put an alert aside; once each."""
        self._put_once(QUIETED, {"rule": rule, "alert": alert, "at": to_us(at)})

    def rule_of(self, alert: AlertId) -> Quiet | None:
        """Return the rule that last put this alert aside."""
        mine = sa.select(QUIETED.c.rule).where(QUIETED.c.alert == alert).order_by(QUIETED.c.at.desc()).limit(1)
        row = self._row(sa.select(QUIET).where(QUIET.c.id == mine.scalar_subquery()))
        return RULE.from_row(row) if row else None

    def counts(self, rules: Sequence[int]) -> Mapping[int, int]:
        """Return how many alerts each rule put aside."""
        found = dict.fromkeys(rules, 0)
        for some in _chunks(rules):
            counted = sa.select(QUIETED.c.rule, sa.func.count().label("aside")).where(QUIETED.c.rule.in_(some))
            found |= {row["rule"]: row["aside"] for row in self._rows(counted.group_by(QUIETED.c.rule))}
        return found

    def alerts_of(self, rule: int, *, limit: int = 200) -> Sequence[AlertId]:
        """Return the alerts a rule put aside, newest first."""
        mine = sa.select(QUIETED.c.alert).where(QUIETED.c.rule == rule)
        rows = self._rows(mine.order_by(QUIETED.c.at.desc(), QUIETED.c.alert.desc()).limit(limit))
        return tuple(AlertId(row["alert"]) for row in rows)

    def erase_rules(self, before: datetime) -> int:
        """Erase rules that ended before the time."""
        ended = sa.func.coalesce(QUIET.c.ended_at, QUIET.c.until)
        return self._connection.execute(sa.delete(QUIET).where(ended < to_us(before))).rowcount

    def lives(
        self, since: datetime, until: datetime, *, simulated: bool = False, limit: int = 50_000
    ) -> Sequence[AlertLife]:
        """Return the lives of real alerts raised in the span, or of simulated ones, oldest first."""
        wanted = sa.select(ALERTS, INCIDENTS.c.type.label("incident_type")).select_from(
            sa.outerjoin(ALERTS, INCIDENTS, ALERTS.c.incident == INCIDENTS.c.id)
        )
        span = (
            ALERTS.c.raised_at >= to_us(since),
            ALERTS.c.raised_at < to_us(until),
            ALERTS.c.simulated.is_(simulated),
        )
        rows = self._rows(wanted.where(*span).order_by(ALERTS.c.raised_at, ALERTS.c.id).limit(limit))
        steps: dict[int, _Steps] = {row["id"]: _Steps() for row in rows}
        for some in _chunks(list(steps)):
            told = sa.select(ALERT_ENTRIES).where(ALERT_ENTRIES.c.alert.in_(some)).order_by(ALERT_ENTRIES.c.id)
            for entry in self._rows(told):
                steps[entry["alert"]].take(entry)
        return tuple(_life(row, steps[row["id"]]) for row in rows)


@dataclass(slots=True)
class _Steps:
    """The first of each step of one alert, read off its history."""

    first: dict[str, datetime] = field(default_factory=dict)
    people: set[int] = field(default_factory=set)

    def take(self, entry: sa.RowMapping) -> None:
        """Take in a line of the history; what the platform did is nobody's step."""
        if entry["who"].startswith("platform:"):
            return
        event, at = entry["event"], from_us(entry["at"])
        self.people.add(int.from_bytes(hashlib.sha256(entry["who"].encode()).digest()[:6], "big"))
        named = {"taken": event in TAKING, "judged": event == AlertEvent.ASSESS, "qualified": event in QUALIFYING}
        for name, is_so in named.items():
            if is_so:
                self.first.setdefault(name, at)
        if event == AlertEvent.CLOSE:
            self.first["closed"] = at
        if event == AlertEvent.REOPEN:
            self.first.pop("closed", None)


def _life(row: sa.RowMapping, steps: _Steps) -> AlertLife:
    """Return the life of one alert."""
    return AlertLife(
        alert=AlertId(row["id"]),
        tools=tuple(ToolId(tool) for tool in load(row["tools"])),
        kind=Kind(row["kind"]),
        zone=row["zone"],
        severity=Severity(row["severity"]),
        began=from_us(row["began"]),
        raised_at=from_us(row["raised_at"]),
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        type=row["incident_type"] or "",
        taken_at=steps.first.get("taken"),
        judged_at=steps.first.get("judged"),
        qualified_at=steps.first.get("qualified"),
        closed_at=steps.first.get("closed"),
        people=frozenset(steps.people),
    )


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]
