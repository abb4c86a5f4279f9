"""Main queries stay constant however many alerts are stored: plans without scans or sorts, and work that does not grow."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from contracts.samples import ANOMALY, T0, an_alert, minutes
from impetus.adapters.sql.alert_pages import page_statement
from impetus.adapters.sql.schema import METADATA
from impetus.adapters.sql.store import SqlStore, SqlUnit, open_store
from impetus.bench.alerts import fill
from impetus.core.alert import AlertEntry, AlertState
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.ports import AlertQuery

HELD = (AlertState.HELD, AlertState.OFFERED)
PAGES = {
    "newest": AlertQuery(),
    "newest since": AlertQuery(raised_since=T0),
    "newest in one state": AlertQuery(states=(AlertState.NEW,)),
    "newest in some states": AlertQuery(states=HELD),
    "newest of a severity": AlertQuery(severity=Severity.EXTREME),
    "newest of a tool": AlertQuery(tool=ANOMALY),
    "newest of everything": AlertQuery(tool=ANOMALY, severity=Severity.MINOR, states=HELD, raised_since=T0),
    "urgent": AlertQuery(order="urgent"),
    "urgent of a severity": AlertQuery(order="urgent", severity=Severity.SEVERE),
    "urgent of a tool": AlertQuery(order="urgent", tool=ANOMALY),
    "newest of an owner": AlertQuery(owner="kari"),
    "newest of an incident": AlertQuery(incident=IncidentId(1)),
}


def act(unit: SqlUnit) -> None:
    """Do what one action of an operator does."""
    alert = unit.alerts.get(AlertId(100))
    unit.alerts.replace(replace(alert, severity=Severity.EXTREME))
    unit.alerts.record(AlertEntry(alert=alert.id, at=T0, event="note", who="kari"))
    unit.outbox.add(T0, "alert", str(alert.id), {})


QUESTIONS: dict[str, Callable[[SqlUnit], Any]] = {
    "one alert": lambda unit: unit.alerts.get(AlertId(7)),
    "open counts": lambda unit: unit.alerts.count_open(),
    "load of an hour": lambda unit: unit.alerts.raised_between(minutes(-60.5), T0),
    "recent": lambda unit: unit.alerts.recent(["a", "b"], near_since=minutes(-5)),
    "shelved due": lambda unit: unit.alerts.shelved_due(minutes(-(10**6))),
    "history": lambda unit: unit.alerts.entries(AlertId(7)),
    "findings": lambda unit: unit.findings.of_alert(AlertId(7)),
    "an action": act,
    "a new alert": lambda unit: unit.alerts.add(an_alert()),
    "closed long ago": lambda unit: unit.alerts.erase_closed(minutes(-(10**6))),
    "changes": lambda unit: unit.outbox.after(3),
    "evidence grown old": lambda unit: unit.evidence.older_than(minutes(-1)),
    **{name: (lambda unit, query=query: unit.alerts.find(query)) for name, query in PAGES.items()},
}


@pytest.fixture(scope="module")
def few(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Give a store with 4,000 alerts."""
    yield from filled(tmp_path_factory.mktemp("few"), 4_000)


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Give a store with 24,000 alerts."""
    yield from filled(tmp_path_factory.mktemp("many"), 24_000)


def filled(home: Path, count: int) -> Iterator[SqlStore]:
    """Give a store with so many alerts, half of them open, so that every page is full."""
    store = open_store(home)
    fill(store, count, ending=T0, progress=lambda _: None, open_share=0.5)
    yield store
    store.close()


@contextmanager
def undone(store: SqlStore) -> Iterator[SqlUnit]:
    """Give a writing unit that leaves nothing behind."""
    with suppress(InterruptedError), store.write() as unit:
        yield unit
        raise InterruptedError


def statements(store: SqlStore, question: Callable[[SqlUnit], Any]) -> list[tuple[str, Any]]:
    """Return the statements a question runs, with their parameters."""
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _k: object, statement: str, parameters: object, _x: object, _m: object) -> None:
        seen.append((statement, parameters))

    sa.event.listen(store._writer, "before_cursor_execute", note)
    try:
        with undone(store) as unit:
            question(unit)
    finally:
        sa.event.remove(store._writer, "before_cursor_execute", note)
    return [item for item in seen if item[0].startswith(("SELECT", "INSERT", "UPDATE", "DELETE"))]


def plan(store: SqlStore, statement: str, parameters: Any) -> list[str]:
    """Return the lines of the database's plan."""
    with undone(store) as unit:
        connection: sqlite3.Connection = unit.alerts._connection.connection.dbapi_connection  # type: ignore[assignment]
        one = parameters[0] if isinstance(parameters, list) else parameters
        return [row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {statement}", one)]


def work(store: SqlStore, question: Callable[[SqlUnit], Any]) -> int:
    """Return how many steps of 10 instructions the database's machine takes."""
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    with undone(store) as unit:
        connection: sqlite3.Connection = unit.alerts._connection.connection.dbapi_connection  # type: ignore[assignment]
        connection.set_progress_handler(count, 10)
        try:
            question(unit)
        finally:
            connection.set_progress_handler(None, 10)
    return steps


@pytest.mark.parametrize("name", QUESTIONS)
def test_no_plan_scans_or_sorts(many: SqlStore, name: str) -> None:
    """No main query walks a table or sorts: a walk along an index that ends with the page is the only scan."""
    for statement, parameters in statements(many, QUESTIONS[name]):
        lines = plan(many, statement, parameters)
        assert not [line for line in lines if "TEMP B-TREE" in line], (statement, lines)
        scans = [line for line in lines if line.startswith("SCAN") and "CONSTANT ROW" not in line]
        allowed = ["SCAN alerts USING COVERING INDEX alerts_newest"] if "LIMIT" in statement else []
        assert [line for line in scans if line not in allowed] == [], (statement, lines)


@pytest.mark.parametrize("name", QUESTIONS)
def test_work_does_not_grow_with_what_is_stored(few: SqlStore, many: SqlStore, name: str) -> None:
    """Six times the alerts: at most half as many instructions again, where a scan would take six times as many."""
    assert work(many, QUESTIONS[name]) <= 1.5 * work(few, QUESTIONS[name]) + 20


@pytest.mark.parametrize("order", ["newest", "urgent"])
def test_deep_pages_cost_what_the_first_costs(many: SqlStore, order: str) -> None:
    """Page 50 takes no more work than page 1."""
    query = AlertQuery(order=order, states=(AlertState.CLOSED,), limit=100)
    after = None
    for _ in range(50):
        with many.read() as unit:
            after = unit.alerts.find(replace(query, after=after)).next
    first = work(many, lambda unit: unit.alerts.find(query))
    deep = work(many, lambda unit: unit.alerts.find(replace(query, after=after)))
    assert after is not None
    assert deep <= 2 * first


@pytest.mark.parametrize("name", PAGES)
def test_pages_are_valid_for_the_other_engine(name: str) -> None:
    """Every page statement, and every table, can be said in PostgreSQL's SQL."""
    statement = page_statement(PAGES[name])
    assert statement is not None
    assert "LIMIT" in str(statement.compile(dialect=postgresql.dialect()))


def test_tables_can_be_made_in_the_other_engine() -> None:
    """The schema is spelled for PostgreSQL with its own number and text types."""
    for table in METADATA.sorted_tables:
        spelled = str(sa.schema.CreateTable(table).compile(dialect=postgresql.dialect()))
        assert "DOUBLE PRECISION" in spelled or "DOUBLE" not in spelled
        assert ("BIGSERIAL" in spelled) == (table.autoincrement_column is not None)
