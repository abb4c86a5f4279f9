"""Alerts: constant-time actions, open counts and load kept as counters, histories."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.alert_pages import find_page
from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.schema import ALERT_ENTRIES, ALERT_LOAD, ALERT_TOOLS, ALERTS
from impetus.core.alert import Alert, AlertEntry, AlertState
from impetus.core.errors import Conflict
from impetus.core.ids import AlertId
from impetus.core.observation import US_PER_S, to_us
from impetus.ports import AlertQuery, Page

ALERT = RowCodec(Alert)
ENTRY = RowCodec(AlertEntry)
RECENT = 500
"""Alerts `recent` returns at most, as the port says."""
ENTRIES_SHOWN = 500
ENTRIES_KEPT = 5_000
"""Lines of one alert's history kept at most; a person acting on it once a minute for three days stays below."""
MINUTE_US = 60 * US_PER_S
CHUNK = 500
"""Ids named in one statement, below the 999 parameters any SQLite takes."""
OPEN = tuple(state for state in AlertState if state is not AlertState.CLOSED)


class SqlAlerts(Repository):
    """Fulfils `impetus.ports.Alerts`."""

    def add(self, alert: Alert) -> Alert:
        """Store a new alert and return it with its id."""
        stored = replace(alert, id=AlertId(self._add(ALERTS, _row(alert))))
        self._list_under_tools(stored)
        self._tally(stored, 1)
        return stored

    def get(self, alert: AlertId) -> Alert:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(ALERTS).where(ALERTS.c.id == alert))
        if row is None:
            raise unknown("alert", alert)
        return ALERT.from_row(row)

    def replace(self, alert: Alert) -> Alert:
        """Store the change if nobody else did first."""
        before = self.get(alert.id)
        if before.version != alert.version:
            raise Conflict(
                f"alert {alert.id} was changed by somebody else",
                value=alert.version,
                limit=f"version {before.version}",
                remedy="reload; somebody acted before you",
            )
        after = replace(alert, version=alert.version + 1)
        unchanged = (ALERTS.c.id == alert.id, ALERTS.c.version == alert.version)
        if self._connection.execute(sa.update(ALERTS).where(*unchanged).values(_row(after))).rowcount != 1:
            raise Conflict(f"alert {alert.id} is being changed", value=alert.version, remedy="reload and try again")
        if _listing(before) != _listing(after):
            self._connection.execute(sa.delete(ALERT_TOOLS).where(ALERT_TOOLS.c.id == alert.id))
            self._list_under_tools(after)
        if (before.state, before.raised_at) != (after.state, after.raised_at):
            self._tally(before, -1)
            self._tally(after, 1)
        return after

    def find(self, query: AlertQuery) -> Page[Alert]:
        """Return one page by keyset."""
        ids, after = find_page(self._connection, query)
        if not ids:
            return Page(items=())
        rows = {row["id"]: row for row in self._rows(sa.select(ALERTS).where(ALERTS.c.id.in_(ids)))}
        return Page(items=tuple(ALERT.from_row(rows[number]) for number in ids), next=after)

    def recent(self, fingerprints: Sequence[str], *, near_since: datetime) -> Sequence[Alert]:
        """Return candidates for joining; each fingerprint has its share, so that none pushes another out."""
        found: dict[int, sa.RowMapping] = {}
        wanted = list(dict.fromkeys(fingerprints))[:RECENT]
        for fingerprint in wanted:
            same = sa.select(ALERTS).where(ALERTS.c.fingerprint == fingerprint)
            found |= {row["id"]: row for row in self._rows(_latest(same, max(1, RECENT // len(wanted))))}
        near = sa.select(ALERTS).where(ALERTS.c.last_at >= to_us(near_since))
        for row in self._rows(_latest(near, RECENT)):
            if len(found) < RECENT:
                found.setdefault(row["id"], row)
        newest = sorted(found.values(), key=lambda row: (row["raised_at"], row["id"]), reverse=True)
        return tuple(ALERT.from_row(row) for row in newest)

    def shelved_due(self, at: datetime) -> Sequence[Alert]:
        """Return shelved alerts whose time is over, the longest over first, at most 500 at a time."""
        due = sa.select(ALERTS).where(ALERTS.c.state == "shelved", ALERTS.c.shelved_until <= to_us(at))
        ordered = due.order_by(ALERTS.c.shelved_until, ALERTS.c.id).limit(CHUNK)
        return tuple(ALERT.from_row(row) for row in self._rows(ordered))

    def record(self, entry: AlertEntry) -> None:
        """Add a line to an alert's history; `Unknown` when there is no such alert."""
        self._add(ALERT_ENTRIES, ENTRY.to_row(entry))
        self._keep_newest(ALERT_ENTRIES, ALERT_ENTRIES.c.alert, entry.alert, ENTRIES_KEPT)

    def entries(self, alert: AlertId) -> Sequence[AlertEntry]:
        """Return its history, oldest first."""
        mine = sa.select(ALERT_ENTRIES).where(ALERT_ENTRIES.c.alert == alert)
        rows = self._rows(mine.order_by(ALERT_ENTRIES.c.id.desc()).limit(ENTRIES_SHOWN))
        return tuple(ENTRY.from_row(row) for row in reversed(rows))

    def count_open(self) -> Mapping[AlertState, int]:
        """Return how many stand in each open state, from counters."""
        counted = self.counted(*(f"alerts.{state}" for state in OPEN))
        return {state: counted[f"alerts.{state}"] for state in OPEN}

    def raised_between(self, since: datetime, until: datetime) -> int:
        """Return the alert load: whole minutes from counters, the two ends from the index."""
        first_us, last_us = to_us(since), to_us(until)
        first_minute, last_minute = -(-first_us // MINUTE_US), last_us // MINUTE_US
        if first_minute >= last_minute:
            return self._raised(first_us, last_us)
        minutes = ALERT_LOAD.c.minute
        whole = sa.select(sa.func.coalesce(sa.func.sum(ALERT_LOAD.c.raised), 0)).where(
            minutes >= first_minute, minutes < last_minute
        )
        ends = self._raised(first_us, first_minute * MINUTE_US) + self._raised(last_minute * MINUTE_US, last_us)
        return int(self._connection.execute(whole).scalar_one()) + ends

    def closed_before(
        self, before: datetime, *, after: tuple[datetime, AlertId] | None = None, limit: int = CHUNK
    ) -> Sequence[Alert]:
        """Return closed alerts changed before the time, longest ago first, from behind a position on."""
        old = sa.select(ALERTS).where(ALERTS.c.state == "closed", ALERTS.c.changed_at < to_us(before))
        if after is not None:
            position = sa.tuple_(sa.literal(to_us(after[0])), sa.literal(after[1]))
            old = old.where(sa.tuple_(ALERTS.c.changed_at, ALERTS.c.id) > position)
        rows = self._rows(old.order_by(ALERTS.c.changed_at, ALERTS.c.id).limit(limit))
        return tuple(ALERT.from_row(row) for row in rows)

    def erase_closed(
        self, before: datetime, *, limit: int = 10_000, among: Sequence[AlertId] | None = None
    ) -> Sequence[Alert]:
        """Erase closed alerts changed before the time; histories and findings go with them."""
        if among is None:
            erased = self.closed_before(before, limit=limit)
        else:
            chosen = sa.select(ALERTS).where(ALERTS.c.id.in_(among[:limit]), ALERTS.c.state == "closed")
            rows = self._rows(chosen.where(ALERTS.c.changed_at < to_us(before)).order_by(ALERTS.c.id))
            erased = tuple(ALERT.from_row(row) for row in rows)
        for start in range(0, len(erased), CHUNK):
            ids = [alert.id for alert in erased[start : start + CHUNK]]
            self._connection.execute(sa.delete(ALERTS).where(ALERTS.c.id.in_(ids)))
        minutes = Counter(_minute(alert) for alert in erased)
        self._add_all(ALERT_LOAD, "raised", [{"minute": one, "raised": -raised} for one, raised in minutes.items()])
        if erased:
            self._connection.execute(sa.delete(ALERT_LOAD).where(ALERT_LOAD.c.raised <= 0))
        return erased

    def _raised(self, since_us: int, until_us: int) -> int:
        at = ALERTS.c.raised_at
        count = sa.select(sa.func.count()).select_from(ALERTS).where(at >= since_us, at < until_us)
        return int(self._connection.execute(count).scalar_one())

    def _list_under_tools(self, alert: Alert) -> None:
        rows = list(_tool_rows(alert))
        if rows:
            self._connection.execute(sa.insert(ALERT_TOOLS), rows)

    def _tally(self, alert: Alert, by: int) -> None:
        """Keep the counters of open alerts and of the load true."""
        if alert.state is not AlertState.CLOSED:
            self._count(f"alerts.{alert.state}", by)
        self._add_to(ALERT_LOAD, "raised", {"minute": _minute(alert), "raised": by})


def _row(alert: Alert) -> dict[str, object]:
    """Return the columns of an alert but its id."""
    row = ALERT.to_row(alert) | {"severity_rank": alert.severity.rank}
    del row["id"]
    return row


def _minute(alert: Alert) -> int:
    return to_us(alert.raised_at) // MINUTE_US


def _listing(alert: Alert) -> tuple[object, ...]:
    """Return what the listing under tools depends on."""
    return alert.tools, alert.state, alert.severity, alert.raised_at, alert.last_at


def _tool_rows(alert: Alert) -> Iterable[dict[str, object]]:
    for tool in dict.fromkeys(alert.tools):
        yield {
            "id": alert.id,
            "tool": tool,
            "state": str(alert.state),
            "severity_rank": alert.severity.rank,
            "raised_at": to_us(alert.raised_at),
            "last_at": to_us(alert.last_at),
        }


def _latest(statement: "sa.Select[tuple[object, ...]]", limit: int) -> "sa.Select[tuple[object, ...]]":
    return statement.order_by(ALERTS.c.last_at.desc(), ALERTS.c.id.desc()).limit(limit)
