"""The store: units of work over one database.

A writing unit is one transaction, alone among writers (`turns.py`); it commits at the end of the `with`, rolls back on any exception. A reading unit sees one moment and
cannot write. Units do not nest in a thread: an inner one would not see what the outer one wrote, or wait for it for ever.
The bell rings after a commit that added to the outbox, never before; a waiter starts to listen before it looks, so that a
change between looking and sleeping wakes it.
"""

import contextlib
import fcntl
import functools
import os
import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path

import sqlalchemy as sa

from impetus.adapters.sql.accesses import SqlAccesses
from impetus.adapters.sql.accounts import SqlAccounts
from impetus.adapters.sql.alarm_load import SqlAttention
from impetus.adapters.sql.alerts import SqlAlerts
from impetus.adapters.sql.calls import SqlCalls
from impetus.adapters.sql.compact import copy_journal, empty_journal, give_pages_back
from impetus.adapters.sql.cursors import SqlCursors
from impetus.adapters.sql.custody import SqlCustody
from impetus.adapters.sql.effects import SqlEffects
from impetus.adapters.sql.engine import (
    database_file,
    open_reader,
    open_writer,
    require_open_transaction,
    set_writable,
)
from impetus.adapters.sql.evidence import SqlEvidence
from impetus.adapters.sql.findings import SqlFindings
from impetus.adapters.sql.gates import SqlActions, SqlFigures, SqlPlants
from impetus.adapters.sql.incidents import SqlIncidents
from impetus.adapters.sql.media import SqlIdentities, SqlReveals
from impetus.adapters.sql.migrate import migrate
from impetus.adapters.sql.notices import SqlNotices
from impetus.adapters.sql.outbox import SqlOutbox
from impetus.adapters.sql.parts import SqlParts
from impetus.adapters.sql.register import SqlRegister
from impetus.adapters.sql.retention import SqlHolds, SqlRetentionRuns
from impetus.adapters.sql.runs import SqlRevisions, SqlRuns
from impetus.adapters.sql.schema import METADATA
from impetus.adapters.sql.shares import SqlLinks, SqlShares
from impetus.adapters.sql.shifts import SqlShifts
from impetus.adapters.sql.signal import BetweenProcesses, Signal, WithinProcess
from impetus.adapters.sql.situation import SqlSituation
from impetus.adapters.sql.sources import SqlSources
from impetus.adapters.sql.turns import Turns
from impetus.adapters.sql.warnings import SqlWarnings
from impetus.core.errors import NotNow, OurFault

STATE_FILE = "state.sqlite3"
DROPPED = (
    "outbox",
    "quarantine",
    "alert_entries",
    "incident_entries",
    "notices",
    "revisions",
    "register_answers",
    "register_statements",
    "register_signings",
    "warnings_read_in",
    "methane_lines",
)


class SqlUnit:
    """Fulfils `impetus.ports.Unit`: every repository over one transaction."""

    def __init__(self, connection: sa.Connection) -> None:
        self.alerts = SqlAlerts(connection)
        self.attention = SqlAttention(connection)
        self.findings = SqlFindings(connection)
        self.incidents = SqlIncidents(connection)
        self.accounts = SqlAccounts(connection)
        self.sources = SqlSources(connection)
        self.parts = SqlParts(connection)
        self.outbox = SqlOutbox(connection)
        self.cursors = SqlCursors(connection)
        self.evidence = SqlEvidence(connection)
        self.effects = SqlEffects(connection)
        self.warnings = SqlWarnings(connection)
        self.custody = SqlCustody(connection)
        self.actions = SqlActions(connection)
        self.plants = SqlPlants(connection)
        self.figures = SqlFigures(connection)
        self.reveals = SqlReveals(connection)
        self.identities = SqlIdentities(connection)
        self.accesses = SqlAccesses(connection)
        self.holds = SqlHolds(connection)
        self.retention_runs = SqlRetentionRuns(connection)
        self.calls = SqlCalls(connection)
        self.notices = SqlNotices(connection)
        self.shifts = SqlShifts(connection)
        self.register = SqlRegister(connection)
        self.revisions = SqlRevisions(connection)
        self.runs = SqlRuns(connection)
        self.situation = SqlSituation(connection)
        self.links = SqlLinks(connection)
        self.shares = SqlShares(connection)


class SqlStore:
    """Fulfils `impetus.ports.Store`. Its database must have the current schema: see `open_store`."""

    def __init__(self, url: str, *, wake_dir: Path | None) -> None:
        self._shared = database_file(url) is None
        self._writer = open_writer(url)
        self._reader = self._writer if self._shared else open_reader(url)
        self._signal: Signal = BetweenProcesses(wake_dir) if wake_dir else WithinProcess()
        self._turns = Turns(database_file(url))
        self._thread = threading.local()
        self._closed = False

    @contextlib.contextmanager
    def write(self) -> Iterator[SqlUnit]:
        """Open a writing unit; `NotNow` when its turn does not come within 5 s, or the disk is full."""
        with self._alone_in_thread(), self._turns.own():
            self._require_open()
            with self._writer.connect() as connection, connection.begin():
                unit = SqlUnit(connection)
                yield unit
                require_open_transaction(connection)
            if unit.outbox.added:
                self._signal.ring()

    @contextlib.contextmanager
    def read(self) -> Iterator[SqlUnit]:
        """Open a unit that sees one moment; an attempt to write in it is `OurFault`."""
        with self._alone_in_thread():
            if self._shared:
                with self._turns.own():
                    self._require_open()
                    with self._writer.connect() as connection, connection.begin() as transaction:
                        set_writable(connection, writable=False)
                        try:
                            yield SqlUnit(connection)
                        finally:
                            set_writable(connection, writable=True)
                            transaction.rollback()
            else:
                with self._reader.connect() as connection, connection.begin() as transaction:
                    yield SqlUnit(connection)
                    transaction.rollback()

    def wait_for_change(self, after: int, *, timeout_s: float) -> bool:
        """Sleep until the outbox holds something newer than `after`, or the time is over; false when closed meanwhile."""
        until = time.monotonic() + timeout_s
        waiter = self._signal.waiter()
        try:
            while self._newest() <= after:
                left = until - time.monotonic()
                if left <= 0:
                    return False
                waiter.wait(left)
            return True
        except NotNow:
            if self._closed:
                return False
            raise
        finally:
            waiter.close()

    def dropped(self) -> Mapping[str, int]:
        """Return how many rows bounds have pushed out since the first start, by table."""
        names = {f"dropped.{table}": table for table in DROPPED}
        with self.read() as unit:
            found = unit.outbox.counted(*names)
        return {names[name]: value for name, value in found.items()}

    def compact(self) -> bool:
        """Give free pages back and empty the write-ahead log, in which pages lie as they were before the erasure.

        Most of the log is copied without holding anybody up; only what is left is done as the one writer, and given up
        at once when a reader still looks at the past.
        """
        if self._shared:
            return True
        copy_journal(self._writer)
        with self._alone_in_thread(), self._turns.own():
            self._require_open()
            give_pages_back(self._writer)
            return empty_journal(self._writer)

    def create_schema(self) -> None:
        """Make every table in an empty database, without the migrations: for a store in memory."""
        with self._writer.begin() as connection:
            for statement in _statements():
                connection.exec_driver_sql(statement)

    def close(self) -> None:
        """Give connections back when the unit at work is done, and wake waiters, so that they end; no unit opens again."""
        self._closed = True
        self._signal.ring()
        with self._turns.own():
            self._writer.dispose()
            self._reader.dispose()
        self._turns.close()

    def _require_open(self) -> None:
        if self._closed:
            raise NotNow("the store is closed", retry_after_s=1.0, remedy="open it again")

    def _newest(self) -> int:
        with self.read() as unit:
            return unit.outbox.newest()

    @contextlib.contextmanager
    def _alone_in_thread(self) -> Iterator[None]:
        """Refuse a unit inside another of the same thread, or of a closed store."""
        self._require_open()
        if getattr(self._thread, "busy", False):
            raise OurFault("a unit is open in this thread already", remedy="use that unit, or end it first")
        self._thread.busy = True
        try:
            yield
        finally:
            self._thread.busy = False


@functools.cache
def _statements() -> tuple[str, ...]:
    """Return what makes every table, written once a process: writing it takes ten times as long as running it."""
    written, dialect = list[str](), sa.create_engine("sqlite://").dialect
    engine = sa.create_mock_engine("sqlite://", lambda sql, *_: written.append(str(sql.compile(dialect=dialect))))
    METADATA.create_all(engine, checkfirst=False)
    return tuple(written)


def open_store(home: Path) -> SqlStore:
    """Open the state under `home`, creating or migrating it first; safe from several processes at once.

    The file is readable by its owner only; its journal files inherit that.
    """
    home.mkdir(parents=True, exist_ok=True)
    file = home / STATE_FILE
    with (home / "state.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
        migrate(f"sqlite:///{file}")
    return SqlStore(f"sqlite:///{file}", wake_dir=home / "wake" / "outbox")
