"""The seam: all that differs between the engines, so that every query elsewhere is one for both.

SQLite: one writer at a time, taken at the start (`BEGIN IMMEDIATE`), so that what a writing unit has read is still true
when it writes; readers see one moment (WAL) and never wait. `synchronous=FULL`: committed means on the disk.
`secure_delete`: what is erased is overwritten, not only unlinked.
"""

import sqlite3
from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry, StaticPool
from sqlalchemy.util import LRUCache

from impetus.core.errors import ImpetusError, Malformed, NotNow, OurFault, Unknown

BUSY_TIMEOUT_S = 5.0
"""Seconds a writing unit waits for its turn before it says "not now". House rule: half of a person's ten seconds."""
READERS = 32
"""Connections reading at once in one process; each costs its cache. House rule."""
CACHE_KIB = 16_384
"""Page cache of one connection: holds the upper levels of every index at a million alerts. Measured."""
JOURNAL_BYTES = 64 * 1024 * 1024
"""Size to which the write-ahead log shrinks after a checkpoint. House rule."""
STATEMENTS = 1_000
"""Statements kept in words; what we ask in all is some hundreds. House rule."""
PRAGMAS = (
    f"PRAGMA busy_timeout={int(BUSY_TIMEOUT_S * 1000)}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    f"PRAGMA cache_size=-{CACHE_KIB}",
    f"PRAGMA journal_size_limit={JOURNAL_BYTES}",
)

_BUSY = {"SQLITE_BUSY", "SQLITE_LOCKED"}
_FULL = {"SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN"}
_INSERTS: Mapping[str, Callable[[sa.Table], sqlite.Insert]] = {
    "sqlite": sqlite.insert,
    "postgresql": postgresql.insert,  # type: ignore[dict-item]  # same methods for what we use: on_conflict_do_*
}


def insert(connection: sa.Connection, table: sa.Table) -> sqlite.Insert:
    """Return an INSERT that knows `on_conflict_do_update` and `on_conflict_do_nothing`."""
    return _INSERTS[connection.dialect.name](table)


def database_file(url: str) -> Path | None:
    """Return the file of an SQLite address, None when it is in memory, which has one connection only."""
    name = sa.make_url(url).database
    return Path(name) if name and name != ":memory:" else None


def open_writer(url: str) -> sa.Engine:
    """Return an engine whose transactions may write; each begins by taking the one writer's turn."""
    return _open(url, readers=1, begin="BEGIN IMMEDIATE")


def open_reader(url: str) -> sa.Engine:
    """Return an engine whose transactions see one moment and cannot write."""
    engine = _open(url, readers=READERS, begin="BEGIN")
    sa.event.listen(engine, "connect", _forbid_writing)
    return engine


def _open(url: str, *, readers: int, begin: str) -> sa.Engine:
    if database_file(url) is None:
        engine = sa.create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False})
    else:
        engine = sa.create_engine(url, pool_size=min(readers, 8), max_overflow=readers, pool_timeout=BUSY_TIMEOUT_S)
    sa.event.listen(engine, "connect", _set_up)
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    engine.dialect, compiled = _shared()
    engine.update_execution_options(compiled_cache=compiled)
    return engine


@cache
def _shared() -> tuple[sa.Dialect, LRUCache[Any, Any]]:
    """Return what all engines of this process share: SQLite is SQLite, so a statement is put into words once, not per engine."""
    engine = sa.create_engine("sqlite://", poolclass=StaticPool)
    sa.event.listen(engine, "handle_error", _translate)
    with engine.connect():
        return engine.dialect, LRUCache(STATEMENTS)


def _set_up(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    """Hand transactions to us (Python's driver would begin them late) and set what holds per connection."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _forbid_writing(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA query_only=ON")
    cursor.close()


def set_writable(connection: sa.Connection, *, writable: bool) -> None:
    """Allow or forbid writing on a connection that units of both sorts share."""
    connection.exec_driver_sql(f"PRAGMA query_only={'OFF' if writable else 'ON'}")


def require_open_transaction(connection: sa.Connection) -> None:
    """Raise `NotNow` when the engine gave the transaction up by itself: committing would keep half of it."""
    raw = cast("object", connection.connection.dbapi_connection)
    if isinstance(raw, sqlite3.Connection) and not raw.in_transaction:
        raise NotNow("the database gave this change up", retry_after_s=1.0)


def _translate(context: ExceptionContext) -> None:
    """Raise our own error in place of the driver's."""
    ours = translated(context.original_exception)
    if ours is not None:
        raise ours from context.original_exception


def translated(error: BaseException) -> ImpetusError | None:
    """Return our error for a driver's, None when it is none of the driver's."""
    if isinstance(error, PoolTimeout):
        return NotNow("all connections to the database are in use", limit=READERS, retry_after_s=1.0)
    if isinstance(error, UnicodeEncodeError | OverflowError):
        return Malformed(
            f"a value cannot be stored: {error}",
            limit="Unicode text without lone surrogates; whole numbers of 64 bits",
            remedy="check it where it comes in",
        )
    return _translated_sqlite(error) if isinstance(error, sqlite3.Error) else None


def _translated_sqlite(error: sqlite3.Error) -> ImpetusError:
    name = getattr(error, "sqlite_errorname", "")
    family = "_".join(name.split("_")[:2])
    if family in _BUSY:
        return NotNow(
            "somebody else is writing to the database", value=name, limit=f"{BUSY_TIMEOUT_S:g} s", retry_after_s=1.0
        )
    if family in _FULL:
        return NotNow(
            f"the database cannot write: {error}", value=name, retry_after_s=5.0, remedy="free space on its disk"
        )
    if name == "SQLITE_CONSTRAINT_FOREIGNKEY":
        return Unknown("what this belongs to does not exist", value=name, remedy="store that first")
    return OurFault(f"the database refused: {error}", value=name, remedy="this is a bug or a damaged file; see the log")
