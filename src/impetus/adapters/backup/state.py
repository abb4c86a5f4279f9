"""The state as pieces: rows of every table, grouped by the class and the day their retention starts.

Read in one transaction, so that all rows are of one moment while writers go on. Alerts and incidents take along what
belongs to them; an open one has not begun its retention, and lies under the day of the backup. What can be made anew
(lists, loads, open counts) or means nothing elsewhere (sessions, cursors of the bus, changes for screens) is left out.
"""

import base64
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import orjson
import sqlalchemy as sa

from impetus.adapters.sql.alerts import ALERT
from impetus.adapters.sql.incidents import INCIDENT
from impetus.adapters.sql.log_schema import ACCESSES
from impetus.adapters.sql.quarantine import QUARANTINED
from impetus.adapters.sql.schema import (
    ALERT_ENTRIES,
    ALERT_LOAD,
    ALERT_TOOLS,
    ALERTS,
    COUNTERS,
    CURSORS,
    DECISIONS,
    EVIDENCE,
    FINDINGS,
    INCIDENT_ENTRIES,
    INCIDENTS,
    METADATA,
    OUTBOX,
    PARTS,
    QUARANTINE,
    QUARANTINE_HELD,
    SESSIONS,
)
from impetus.core.observation import from_us
from impetus.ports.backups import Item, KeyName, Label

STATE = "state"
"""Class of what has no class of its own: it lives as long as backups do."""
LEFT_OUT = frozenset({SESSIONS.name, OUTBOX.name, CURSORS.name, PARTS.name, ALERT_LOAD.name, QUARANTINE_HELD.name})
SEQUENCES = "sqlite_sequence"
"""The highest number each table ever gave: what was erased never lends its number to something else."""
OWN_COUNTERS = "alerts."
"""Begins the counters of open alerts, which are counted anew."""
CHUNK = 400
"""Alerts or incidents read with all that belongs to them at once, below the parameters any SQLite takes."""
ROWS_A_PIECE = 20_000
"""Rows of a piece at most: some megabytes before they are packed."""

Row = Mapping[str, Any]
Group = tuple[KeyName, list[tuple[str, Row]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A table whose rows have a retention of their own, with the tables whose rows go with them."""

    kind: str
    table: sa.Table
    start: str
    children: tuple[tuple[sa.Table, str], ...] = ()
    closed_only: bool = False


ROOTS = (
    Root(
        kind="incidents",
        table=INCIDENTS,
        start="closed_at",
        children=((INCIDENT_ENTRIES, "incident"), (DECISIONS, "incident")),
        closed_only=True,
    ),
    Root(
        kind="alerts",
        table=ALERTS,
        start="changed_at",
        children=((ALERT_TOOLS, "id"), (ALERT_ENTRIES, "alert"), (FINDINGS, "alert")),
        closed_only=True,
    ),
    Root(kind="evidence", table=EVIDENCE, start="stored_at"),
    Root(kind="quarantine", table=QUARANTINE, start="at"),
    Root(kind="accesses", table=ACCESSES, start="at"),
)
GROUPED = frozenset(table.name for root in ROOTS for table in (root.table, *(child for child, _ in root.children)))


@dataclass(slots=True)
class StateRows:
    """Walks the whole state in one transaction, a group of rows of one key at a time."""

    connection: sa.Connection
    today: date
    label: Label
    _of_evidence: dict[str, KeyName] = field(default_factory=dict)

    def groups(self) -> Iterator[Group]:
        """Yield `((class, day), [(table, row), …])`, at most `ROWS_A_PIECE` rows or one root's worth more at a time."""
        highest = self.connection.execute(sa.text(f"SELECT name, seq FROM {SEQUENCES}")).mappings()  # noqa: S608 - a constant
        yield self.label(STATE, self.today, None), [(SEQUENCES, dict(row)) for row in highest]
        for table in METADATA.sorted_tables:
            if table.name not in GROUPED and table.name not in LEFT_OUT:
                yield from self._plain(table)
        for root in ROOTS:
            yield from self._rooted(root)

    def count(self) -> int:
        """Return about how many rows there are, to show progress by."""
        tables = [table for table in METADATA.sorted_tables if table.name not in LEFT_OUT]
        return sum(
            self.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one() for table in tables
        )

    def _plain(self, table: sa.Table) -> Iterator[Group]:
        """Yield the rows of a table without a class of its own."""
        key = self.label(STATE, self.today, None)
        rows = self.connection.execution_options(yield_per=CHUNK).execute(sa.select(table)).mappings()
        kept = (row for row in rows if table is not COUNTERS or not str(row["name"]).startswith(OWN_COUNTERS))
        for some in _in_lots(kept):
            yield key, [(table.name, dict(row)) for row in some]

    def _rooted(self, root: Root) -> Iterator[Group]:
        """Yield the rows of a root table with what belongs to them, grouped by their key."""
        groups: dict[KeyName, list[tuple[str, Row]]] = {}
        for rows in self._pages(root.table):
            keys = {self._identity(root, row): self._key(root, row) for row in rows}
            for row in rows:
                groups.setdefault(keys[self._identity(root, row)], []).append((root.table.name, row))
            for child, column in root.children:
                mine = sa.select(child).where(child.c[column].in_(list(keys)))
                for own in self.connection.execute(mine).mappings():
                    groups[keys[own[column]]].append((child.name, dict(own)))
            for key in [key for key, held in groups.items() if len(held) >= ROWS_A_PIECE]:
                yield key, groups.pop(key)
        yield from groups.items()

    def _pages(self, table: sa.Table) -> Iterator[list[Row]]:
        """Read a table by its primary key, so that no long cursor lies open beside the reads of what belongs to it."""
        [key] = table.primary_key.columns
        after: Any = None
        while True:
            page = sa.select(table).order_by(key).limit(CHUNK)
            rows: list[Row] = [
                dict(row)
                for row in self.connection.execute(page if after is None else page.where(key > after)).mappings()
            ]
            if not rows:
                return
            yield rows
            after = rows[-1][key.name]

    def _identity(self, root: Root, row: Row) -> Any:  # noqa: ANN401 - numbers for some tables, text for others
        [key] = root.table.primary_key.columns
        return row[key.name]

    def _key(self, root: Root, row: Row) -> KeyName:
        """Return under which class and day a row lies."""
        if root.table is EVIDENCE and row["id"] in self._of_evidence:
            return self._of_evidence[row["id"]]
        is_open = root.closed_only and row["state"] != "closed"
        start = None if is_open else row[root.start]
        day = self.today if start is None else min(self.today, from_us(start).date())
        key = self.label(root.kind, day, _item(root.table, row))
        if root.table is ALERTS and key[0] != root.kind:
            self._of_evidence |= dict.fromkeys(ALERT.from_row(row).evidence, key)
        return key


def encode_rows(rows: Sequence[tuple[str, Row]]) -> bytes:
    """Return rows as JSON lines, a table's name and its row each; bytes are base 64 under their column's name and a `*`."""
    return b"\n".join(orjson.dumps([table, _plain_row(row)]) for table, row in rows)


def decode_rows(content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield what `encode_rows` was given."""
    for line in content.split(b"\n"):
        table, row = orjson.loads(line)
        yield (
            table,
            {
                name.removesuffix("*"): base64.b64decode(value) if name.endswith("*") else value
                for name, value in row.items()
            },
        )


def _plain_row(row: Row) -> dict[str, Any]:
    """Return a row as JSON takes it; a column's name may be a string of the database library's own kind."""
    return {
        f"{name}*" if isinstance(value, bytes) else str(name): (
            base64.b64encode(value).decode() if isinstance(value, bytes) else value
        )
        for name, value in row.items()
    }


def _item(table: sa.Table, row: Row) -> Item:
    """Return what a row is, where a hold may cover it."""
    if table is ALERTS:
        return ALERT.from_row(row)
    if table is INCIDENTS:
        return INCIDENT.from_row(row)
    return QUARANTINED.from_row(row) if table is QUARANTINE else None


def _in_lots(rows: Iterator[Any]) -> Iterator[list[Any]]:
    """Gather rows into lots of a piece."""
    lot: list[Any] = []
    for row in rows:
        lot.append(row)
        if len(lot) == ROWS_A_PIECE:
            yield lot
            lot = []
    if lot:
        yield lot
