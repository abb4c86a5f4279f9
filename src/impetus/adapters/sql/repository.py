"""What every repository shares: one connection inside one transaction, and named counters."""

import base64
import re
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.engine import insert
from impetus.adapters.sql.schema import COUNTERS
from impetus.core.errors import Malformed, Unknown

MAX_PAGE = 200
"""Items in one page at most, as `AlertQuery` says."""
MAX_CURSOR_CHARS = 120
INT64_MAX = 2**63 - 1


class Repository:
    """A part of the state, seen through one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection

    def _rows(self, statement: sa.Executable) -> list[sa.RowMapping]:
        return list(self._connection.execute(statement).mappings())

    def _row(self, statement: sa.Executable) -> sa.RowMapping | None:
        return self._connection.execute(statement).mappings().first()

    def _add(self, table: sa.Table, row: Mapping[str, Any]) -> int:
        """Insert a row, its `id` given by the database, and return that."""
        values = {name: value for name, value in row.items() if name != "id"}
        key = self._connection.execute(sa.insert(table).values(values)).inserted_primary_key
        return int(key[0]) if key else 0

    def _put(self, table: sa.Table, row: Mapping[str, Any]) -> None:
        """Insert a row, or change the one with its primary key."""
        keys = [column.name for column in table.primary_key]
        statement = insert(self._connection, table).values(dict(row))
        changed = {name: statement.excluded[name] for name in row if name not in keys}
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed))

    def _put_once(self, table: sa.Table, row: Mapping[str, Any]) -> bool:
        """Insert a row unless any key of it is taken, and say whether it was inserted."""
        statement = insert(self._connection, table).values(dict(row)).on_conflict_do_nothing()
        return self._connection.execute(statement).rowcount > 0

    def _add_to(self, table: sa.Table, column: str, row: Mapping[str, Any]) -> None:
        """Insert a row, or add its `column` to that of the row with its primary key."""
        keys = [item.name for item in table.primary_key]
        statement = insert(self._connection, table).values(dict(row))
        total = table.c[column] + statement.excluded[column]
        self._connection.execute(statement.on_conflict_do_update(index_elements=keys, set_={column: total}))

    def _add_all(self, table: sa.Table, column: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Do as `_add_to` for many rows with one statement: building one costs more than running it."""
        if not rows:
            return
        keys = [item.name for item in table.primary_key]
        statement = insert(self._connection, table)
        total = table.c[column] + statement.excluded[column]
        changed = statement.on_conflict_do_update(index_elements=keys, set_={column: total})
        self._connection.execute(changed, [dict(row) for row in rows])

    def _count(self, name: str, by: int) -> None:
        """Add to a named counter."""
        self._add_to(COUNTERS, "value", {"name": name, "value": by})

    def counted(self, *names: str) -> dict[str, int]:
        """Return the named counters, 0 for those never counted."""
        found = self._connection.execute(sa.select(COUNTERS.c.name, COUNTERS.c.value).where(COUNTERS.c.name.in_(names)))
        return dict.fromkeys(names, 0) | {row.name: row.value for row in found}

    def _keep_newest(self, table: sa.Table, owner: sa.Column[int], value: int, kept: int) -> None:
        """Drop an owner's oldest rows beyond `kept` and count them as dropped."""
        mine = owner == value
        edge = sa.select(table.c.id).where(mine).order_by(table.c.id.desc()).offset(kept).limit(1).scalar_subquery()
        dropped = self._connection.execute(sa.delete(table).where(mine, table.c.id <= edge)).rowcount
        if dropped:
            self._count(f"dropped.{table.name}", dropped)


def unknown(what: str, value: object) -> Unknown:
    """Return the error for something that is not here."""
    return Unknown(f"there is no {what} {value}", value=value, remedy="it may have been erased; reload the list")


def check_limit(limit: int, highest: int = MAX_PAGE) -> int:
    """Return the page size, or refuse it."""
    if not 1 <= limit <= highest:
        raise Malformed(f"limit is {limit}", value=limit, limit=f"1..{highest}", remedy="ask for fewer at once")
    return limit


def write_cursor(order: str, *position: int) -> str:
    """Return the opaque text of a position in an order; it is no secret and grants nothing."""
    plain = ".".join((order, *(str(number) for number in position)))
    return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def read_cursor(text: str, order: str, length: int) -> tuple[int, ...]:
    """Return the position in a cursor of this order, or raise `Malformed`."""
    if re.fullmatch(rf"{order}(\.-?[0-9]{{1,19}}){{{length}}}", plain := _plain(text), re.ASCII):
        position = tuple(int(number) for number in plain.split(".")[1:])
        if max(map(abs, position)) <= INT64_MAX:
            return position
    raise Malformed(
        "the cursor is not one of ours, or of another order",
        value=text[:MAX_CURSOR_CHARS],
        limit=f"a cursor from a page in order {order}",
        remedy="start from the first page",
    )


def _plain(text: str) -> str:
    """Return what a cursor says, empty for anything that is no cursor."""
    if len(text) > MAX_CURSOR_CHARS:
        return ""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:  # not base64, not ASCII
        return ""
