"""Let go of what erased rows lay in: free pages, and the write-ahead log with pages as they were.

`secure_delete` overwrites what is erased in the page it lay in, but the log still holds older pages until it is copied
into the database and emptied. A file made by an earlier version keeps its free pages, overwritten; newer ones shrink.
"""

import contextlib
from collections.abc import Iterator
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine.interfaces import DBAPICursor

from impetus.adapters.sql.engine import BUSY_TIMEOUT_S

PATIENCE_MS = 100
"""Milliseconds to wait for readers while everybody waits for us. House rule: a tenth of a second is not noticed."""
PAGES_AT_ONCE = 2_000
"""Free pages given back at once, 8 MiB: some milliseconds."""


def copy_journal(engine: sa.Engine) -> None:
    """Copy what can be copied from the log into the database without anybody waiting."""
    with _cursor(engine) as cursor:
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")


def empty_journal(engine: sa.Engine) -> bool:
    """Copy the rest and cut the log to nothing; false when a reader is in the way."""
    with _cursor(engine) as cursor:
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            row = cast("tuple[int, int, int]", cursor.fetchone())
        finally:
            cursor.execute(f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}")
        return row[0] == 0


def give_pages_back(engine: sa.Engine) -> None:
    """Shorten the file by some of its free pages, where it was made to allow that."""
    with _cursor(engine) as cursor:
        cursor.execute(f"PRAGMA incremental_vacuum({PAGES_AT_ONCE})")
        cursor.fetchall()


@contextlib.contextmanager
def _cursor(engine: sa.Engine) -> Iterator[DBAPICursor]:
    """Give a cursor outside any transaction."""
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        yield cursor
        cursor.close()
    finally:
        raw.close()
