"""Pages of alerts in constant time, whatever is filtered, however many are stored.

How: an index range answers "the next 51 in this order" only when every filter before the order is an equality. So a
query is split into one branch per (state, severity), each such a range, and the database merges the branches lazily
(`UNION ALL ... ORDER BY`: a merge of sorted streams in both engines), reading about one page in all. Alerts of one owner
or one incident are few (an owner is set only while an alert is open) and need one branch. A tool has its own listing
(`alert_tools`), because an alert may come from several. Keyset, not offset: page 1,000 costs what page 1 costs.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.repository import check_limit, read_cursor, write_cursor
from impetus.adapters.sql.schema import ALERT_TOOLS, ALERTS
from impetus.core.alert import AlertState
from impetus.core.errors import Malformed
from impetus.core.finding import Severity
from impetus.core.observation import to_us
from impetus.ports import AlertQuery

NEWEST = "newest"
URGENT = "urgent"
_TIME = {NEWEST: "raised_at", URGENT: "last_at"}

Condition = sa.ColumnElement[bool]
Branch = sa.Select[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Position:
    """Where the previous page ended; `rank` is 0 in order newest, which does not look at it."""

    rank: int
    time: int
    id: int


def find_page(connection: sa.Connection, query: AlertQuery) -> tuple[list[int], str | None]:
    """Return the ids of one page in order and the cursor of the next page, None when this was the last."""
    limit = check_limit(query.limit)
    statement = page_statement(query)
    if statement is None:
        return [], None
    rows = list(connection.execute(statement))
    if len(rows) <= limit:
        return [row.id for row in rows], None
    last = rows[limit - 1]
    return [row.id for row in rows[:limit]], write_cursor(query.order, last.rank, last.time, last.id)


def page_statement(query: AlertQuery) -> sa.Select[Any] | sa.CompoundSelect[Any] | None:
    """Return the statement for one page and one row more, None when nothing can match; `Malformed` for a bad order."""
    if query.order not in _TIME:
        raise Malformed(f"order is {query.order!r}", value=query.order, limit=", ".join(_TIME), remedy="choose one")
    position = None if query.after is None else _position(query.after, query.order)
    branches = list(_branches(query, position))
    if not branches:
        return None
    if len(branches) == 1:
        statement: sa.Select[Any] | sa.CompoundSelect[Any] = branches[0]
    else:
        statement = sa.union_all(*branches)
    ranked: list[sa.ColumnElement[Any]] = [sa.desc("rank")] if query.order == URGENT else []
    return statement.order_by(*ranked, sa.desc("time"), sa.desc("id")).limit(query.limit + 1)


def _position(cursor: str, order: str) -> _Position:
    rank, time, number = read_cursor(cursor, order, 3)
    return _Position(rank=rank, time=time, id=number)


def _branches(query: AlertQuery, position: _Position | None) -> Iterator[Branch]:
    """Yield index ranges that together hold every match."""
    if query.owner is not None or query.incident is not None:
        yield _few(query, position)
        return
    if query == AlertQuery(after=query.after, limit=query.limit, raised_since=query.raised_since):
        yield _branch(ALERTS, query, [], _before(ALERTS, query.order, position))
        return
    table = ALERTS if query.tool is None else ALERT_TOOLS
    under_tool = [] if query.tool is None else [ALERT_TOOLS.c.tool == query.tool]
    for state, severity in product(_states(query), _severities(query)):
        if query.order == URGENT and position and severity.rank > position.rank:
            continue
        same = [*under_tool, table.c.state == str(state), table.c.severity_rank == severity.rank]
        bounded = query.order == NEWEST or (position is not None and severity.rank == position.rank)
        yield _branch(table, query, same, _before(table, query.order, position) if bounded else [])


def _branch(table: sa.Table, query: AlertQuery, same: Sequence[Condition], before: Sequence[Condition]) -> Branch:
    time = table.c[_TIME[query.order]]
    since = [] if query.raised_since is None else [table.c.raised_at >= to_us(query.raised_since)]
    # In order newest the rank is not looked at; a constant keeps the index of times covering.
    rank: sa.ColumnElement[int] = table.c.severity_rank if query.order == URGENT else sa.literal_column("0", sa.Integer)
    return sa.select(rank.label("rank"), time.label("time"), table.c.id).where(*same, *before, *since)


def _few(query: AlertQuery, position: _Position | None) -> Branch:
    """Return one range over the alerts of an owner or an incident, filtered and sorted as they are few."""
    same: list[Condition] = []
    if query.incident is not None:
        same.append(ALERTS.c.incident == query.incident)
    if query.owner is not None:
        same.append(ALERTS.c.owner == query.owner)
    if query.tool is not None:
        listed = sa.and_(ALERT_TOOLS.c.id == ALERTS.c.id, ALERT_TOOLS.c.tool == query.tool)
        same.append(sa.exists().where(listed))
    if query.states or query.order == URGENT:
        same.append(ALERTS.c.state.in_([str(state) for state in _states(query)]))
    if query.severity is not None:
        same.append(ALERTS.c.severity_rank == query.severity.rank)
    if position and query.order == URGENT:
        key = sa.tuple_(ALERTS.c.severity_rank, ALERTS.c.last_at, ALERTS.c.id)
        return _branch(ALERTS, query, same, [key < sa.tuple_(position.rank, position.time, position.id)])
    return _branch(ALERTS, query, same, _before(ALERTS, query.order, position))


def _before(table: sa.Table, order: str, position: _Position | None) -> list[Condition]:
    """Return what comes after the position in this order."""
    if position is None:
        return []
    return [sa.tuple_(table.c[_TIME[order]], table.c.id) < sa.tuple_(position.time, position.id)]


def _states(query: AlertQuery) -> tuple[AlertState, ...]:
    """Return the states asked for; none named means all in order newest, and the open ones in order urgent."""
    if query.states:
        return tuple(dict.fromkeys(query.states))
    return tuple(state for state in AlertState if query.order == NEWEST or state is not AlertState.CLOSED)


def _severities(query: AlertQuery) -> tuple[Severity, ...]:
    return tuple(Severity) if query.severity is None else (query.severity,)
