"""The index over the log: entries in clear, found by what they are about and when."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.codec import dump, load
from impetus.adapters.sql.log_schema import ACCESSES
from impetus.adapters.sql.repository import Repository, check_limit, read_cursor, write_cursor
from impetus.adapters.sql.schema import COUNTERS
from impetus.core.access import Category, Purpose, Regime
from impetus.core.errors import Conflict
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.core.observation import from_us, to_us
from impetus.ports.ethics import AccessQuery, Logged
from impetus.ports.page import Page

NEXT = "log.next_index"
ORDER = "accesses"
CHUNK = 500
"""Indices named in one statement, below the 999 parameters any SQLite takes."""
PERSONAL = tuple(category.value for category in Category if category is not Category.NONE)
DAY_US = 86_400_000_000
EPOCH = date(1970, 1, 1)
COLUMNS = tuple(column.name for column in ACCESSES.columns)
_SPELLED: Mapping[str, str] = {
    member: member.value
    for kind in (Outcome, Processing, Purpose, Category, Regime)
    for member in kind.__members__.values()
}
"""Words of enumerations as plain text; `.value` costs ten times as much."""


class SqlAccesses(Repository):
    """Fulfils `impetus.ports.ethics.Accesses`."""

    def add(self, entries: Sequence[Logged]) -> None:
        """Store entries; each index must be the one after the last, so that none is stored twice or left out."""
        if not entries:
            return
        expected = self.next_index()
        found = [entry.index for entry in entries]
        if found != list(range(expected, expected + len(entries))):
            raise Conflict(
                f"entries {found[0]}..{found[-1]} do not follow {expected - 1}",
                value=found[0],
                limit=expected,
                remedy="read where the log stands, then go on from there",
            )
        rows = [_row(entry) for entry in entries]
        statement, is_by_place = _compiled(self._connection.dialect)
        self._connection.exec_driver_sql(
            statement, rows if is_by_place else [dict(zip(COLUMNS, row, strict=True)) for row in rows]
        )
        self.start_at(expected + len(entries))

    def next_index(self) -> int:
        """Return the index the next entry must have; it never goes back, whatever was erased."""
        return self.counted(NEXT)[NEXT]

    def start_at(self, index: int) -> None:
        """Let the next entry have this index."""
        self._put(COUNTERS, {"name": NEXT, "value": index})

    def from_index(self, index: int, *, limit: int = 1024) -> Sequence[Logged]:
        """Return entries from an index on, in the order of the log."""
        found = sa.select(ACCESSES).where(ACCESSES.c.index >= index).order_by(ACCESSES.c.index).limit(limit)
        return tuple(_logged(row) for row in self._rows(found))

    def page(self, query: AccessQuery) -> Page[Logged]:
        """Return one page, newest first; goes on from the last row seen, so page 1,000 costs what page 1 costs."""
        check_limit(query.limit)
        statement = sa.select(ACCESSES).where(*_conditions(query))
        if query.after is not None:
            position = sa.tuple_(*map(sa.literal, read_cursor(query.after, ORDER, 2)))
            statement = statement.where(sa.tuple_(ACCESSES.c.at, ACCESSES.c.index) < position)
        newest = statement.order_by(ACCESSES.c.at.desc(), ACCESSES.c.index.desc())
        rows = self._rows(newest.limit(query.limit + 1))
        items = tuple(_logged(row) for row in rows[: query.limit])
        more = len(rows) > query.limit
        last = rows[query.limit - 1] if more else None
        return Page(items=items, next=write_cursor(ORDER, last["at"], last["index"]) if last else None)

    def count(self, query: AccessQuery) -> int:
        """Return how many acts there were: one entry may stand for many like acts of a machine."""
        total = sa.select(sa.func.coalesce(sa.func.sum(ACCESSES.c.count), 0)).where(*_conditions(query))
        return int(self._connection.execute(total).scalar_one())

    def days(self, since: datetime, *, is_personal: bool = False) -> Sequence[tuple[date, int]]:
        """Return for each day (UTC) from the time on how many acts there were, oldest first."""
        wanted = [ACCESSES.c.at >= to_us(since)]
        if is_personal:
            wanted += [ACCESSES.c.category.in_(PERSONAL), ACCESSES.c.outcome == Outcome.PERMITTED.value]
        day = ACCESSES.c.at // DAY_US
        counted = sa.select(day.label("day"), sa.func.sum(ACCESSES.c.count).label("acts"))
        rows = self._rows(counted.where(*wanted).group_by(day).order_by(day))
        return tuple((EPOCH + timedelta(days=int(row["day"])), int(row["acts"])) for row in rows)

    def erase_before(self, at: datetime, *, limit: int = 10_000) -> int:
        """Erase entries older than the time, openings and all; return how many."""
        old = sa.select(ACCESSES.c.index).where(ACCESSES.c.at < to_us(at)).order_by(ACCESSES.c.at).limit(limit)
        return self._connection.execute(sa.delete(ACCESSES).where(ACCESSES.c.index.in_(old))).rowcount

    def erase_openings(self, indices: Sequence[int]) -> int:
        """Erase who, why, recipient and salts of these entries; return how many had any."""
        empty = {"who": "", "why": "", "recipient": "", "salts": b""}
        return sum(
            self._connection.execute(
                sa.update(ACCESSES)
                .where(ACCESSES.c.index.in_(indices[start : start + CHUNK]), ACCESSES.c.salts != b"")
                .values(empty)
            ).rowcount
            for start in range(0, len(indices), CHUNK)
        )


@lru_cache(maxsize=4)
def _compiled(dialect: sa.Dialect) -> tuple[str, bool]:
    """Return the statement that inserts a row as the driver takes it, and whether its values go by place, not by name.

    Given to the driver as it is, because thousands of entries a second are too many to look at each value again.
    """
    compiled = sa.insert(ACCESSES).compile(dialect=dialect)
    return str(compiled), tuple(compiled.positiontup or ()) == COLUMNS


def _conditions(query: AccessQuery) -> list[sa.ColumnElement[bool]]:
    """Return what an entry must fulfil."""
    columns = ACCESSES.c
    found: list[sa.ColumnElement[bool]] = []
    if query.since is not None:
        found.append(columns.at >= to_us(query.since))
    if query.until is not None:
        found.append(columns.at < to_us(query.until))
    equal = {"subject": query.subject, "category": query.category, "outcome": query.outcome, "who": query.who}
    found += [columns[name] == str(word) for name, word in equal.items() if word]
    if query.acts:
        found.append(columns.act.in_(query.acts))
    return found


def _row(entry: Logged) -> tuple[Any, ...]:
    """Return the values of an entry in the order of `COLUMNS`."""
    record = entry.record
    return (
        entry.index,
        to_us(record.at),
        record.who,
        record.role,
        record.act,
        _SPELLED[record.outcome],
        _SPELLED[record.processing],
        record.rule,
        record.subject,
        _SPELLED[record.purpose],
        _SPELLED[record.category],
        _SPELLED[record.regime],
        record.controller,
        record.case,
        record.why,
        record.recipient,
        record.count,
        dump(record.facts) if record.facts else "{}",
        entry.salts,
    )


def _logged(row: sa.RowMapping) -> Logged:
    """Return the entry of a row."""
    record = LogRecord(
        at=from_us(row["at"]).astimezone(UTC),
        who=row["who"],
        role=row["role"],
        act=row["act"],
        outcome=Outcome(row["outcome"]),
        processing=Processing(row["processing"]),
        rule=row["rule"],
        subject=row["subject"],
        purpose=Purpose(row["purpose"]),
        category=Category(row["category"]),
        regime=Regime(row["regime"]),
        controller=row["controller"],
        case=row["case_"],
        why=row["why"],
        recipient=row["recipient"],
        count=row["count"],
        facts=load(row["facts"]),
    )
    return Logged(index=row["index"], record=record, salts=bytes(row["salts"]))
