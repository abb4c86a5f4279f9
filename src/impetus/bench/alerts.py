"""Measure the alert list and single actions at 1,000 and at 1,000,000 stored alerts.

Server time of the store alone, one caller, a database file on the disk of this machine with `synchronous=FULL`: what a
page or an action adds on top (templates, HTTP) does not depend on how many alerts are stored. 98 % are closed, as in a
store that keeps half a year; the rest stands in every open state.
"""

import random
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.alerts import ALERT, MINUTE_US
from impetus.adapters.sql.schema import ALERT_LOAD, ALERT_TOOLS, ALERTS, COUNTERS
from impetus.adapters.sql.store import SqlStore, open_store
from impetus.core.alert import Alert, AlertEntry, AlertEvent, AlertState
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, ToolId
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.ports import AlertQuery

Progress = Callable[[str], None]

FEW = 1_000
MANY = 1_000_000
"""Alerts stored; the figure of the requirement."""
ENDING = datetime(2026, 6, 30, tzinfo=UTC)
SPAN = timedelta(days=180)
"""Time over which the stored alerts were raised: the default retention."""
SEED = 20260630
TOOLS = tuple(ToolId(name) for name in ("urban_anomaly", "fusion", "noise", "smoke", "platform"))
OPERATORS = tuple(f"operator-{number}" for number in range(20))
ACTIVE = (AlertState.NEW, AlertState.HELD, AlertState.OFFERED, AlertState.SHELVED)
OPEN_SHARE = 0.02
SEVERITY_WEIGHTS = (1, 5, 30, 60, 4)
"""Extreme to unknown: most alerts are minor."""
CHUNK = 20_000
ROUNDS = 200
"""Times each query is measured: enough that the 95th percentile rests on ten values."""
DEEP_PAGES = 200
LISTING = ("id", "state", "severity_rank", "raised_at", "last_at")


def run(progress: Progress, *, many: int = MANY, rounds: int = ROUNDS) -> dict[str, Any]:
    """Fill two stores, measure, and return milliseconds; `list_p95_ms` and `action_p95_ms` are the worst at `many`."""
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        small, _ = _measured(Path(folder) / "few", min(FEW, many), rounds, progress)
        large, insert_s = _measured(Path(folder) / "many", many, rounds, progress)
    return {
        "alerts": many,
        "insert_s": round(insert_s, 1),
        "list_p95_ms": max(large["lists"][name]["p95_ms"] for name in large["lists"]),
        "action_p95_ms": max(large["actions"][name]["p95_ms"] for name in large["actions"]),
        "at_few": small,
        "at_many": large,
        "ratio_p95": {
            name: round(large[group][name]["p95_ms"] / max(small[group][name]["p95_ms"], 1e-3), 2)
            for group in ("lists", "actions")
            for name in large[group]
        },
    }


def fill(store: SqlStore, count: int, *, ending: datetime, progress: Progress, open_share: float = OPEN_SHARE) -> float:
    """Store so many alerts in an empty store, in big transactions, and return the seconds it took."""
    started = time.perf_counter()
    rows = _rows(count, ending, open_share)
    done = 0
    while chunk := list(islice(rows, CHUNK)):
        with store.write() as unit:
            _insert(unit.alerts._connection, chunk)  # noqa: SLF001 - filling goes round the port, ten times faster
        done += len(chunk)
        progress(f"stored {done:,} of {count:,} alerts")
    return time.perf_counter() - started


def _insert(connection: sa.Connection, rows: list[tuple[ToolId, dict[str, Any]]]) -> None:
    """Insert rows with what the store keeps beside them."""
    connection.execute(sa.insert(ALERTS), [row for _, row in rows])
    listed = [{"tool": tool} | {name: row[name] for name in LISTING} for tool, row in rows]
    connection.execute(sa.insert(ALERT_TOOLS), listed)
    states = Counter(f"alerts.{row['state']}" for _, row in rows if row["state"] != "closed")
    _add(connection, COUNTERS, "value", states)
    _add(connection, ALERT_LOAD, "raised", Counter(row["raised_at"] // MINUTE_US for _, row in rows))


def _add(connection: sa.Connection, table: sa.Table, column: str, counts: Counter[Any]) -> None:
    """Add counts to a table of counters."""
    key = next(iter(table.primary_key))
    held = {row[0]: row[1] for row in connection.execute(sa.select(key, table.c[column]))}
    connection.execute(sa.delete(table).where(key.in_(sa.bindparam("keys", list(counts), expanding=True))))
    total = [{key.name: name, column: held.get(name, 0) + count} for name, count in counts.items()]
    if total:
        connection.execute(sa.insert(table), total)


def _rows(count: int, ending: datetime, open_share: float) -> Iterator[tuple[ToolId, dict[str, Any]]]:
    """Yield rows, oldest first, reproducibly."""
    chance = random.Random(SEED)
    base = ALERT.to_row(_alert(ending))
    first_us, step_us = to_us(ending - SPAN), SPAN // timedelta(microseconds=1) // count
    for number in range(1, count + 1):
        raised_us = first_us + number * step_us
        is_open = chance.random() < open_share
        severity = chance.choices(tuple(Severity), SEVERITY_WEIGHTS)[0]
        state = chance.choice(ACTIVE) if is_open else AlertState.CLOSED
        tool = TOOLS[int(len(TOOLS) * chance.random() ** 2)]
        held = state in (AlertState.HELD, AlertState.OFFERED)
        yield (
            tool,
            base
            | {
                "id": number,
                "fingerprint": f"{tool}/{chance.getrandbits(48):012x}",
                "state": str(state),
                "severity": str(severity),
                "severity_rank": severity.rank,
                "tools": f'["{tool}"]',
                "owner": chance.choice(OPERATORS) if held else None,
                "shelved_until": raised_us + 3_600_000_000 if state is AlertState.SHELVED else None,
                "last_at": raised_us + chance.randrange(600_000_000),
                "raised_at": raised_us,
                "changed_at": raised_us + 900_000_000,
            },
        )


def _alert(at: datetime) -> Alert:
    """Return an alert of ordinary size."""
    headline = Phrase(template="{thing} reads {value} {unit}", values={"thing": "C11", "value": 71.5, "unit": "dB"})
    return Alert(
        id=AlertId(0),
        fingerprint="",
        content_hash="0" * 32,
        version=0,
        state=AlertState.NEW,
        kind=Kind.ANOMALY,
        tools=(TOOLS[0],),
        subject="zone:south-east",
        headline=headline,
        why=headline,
        severity=Severity.MINOR,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        score=0.7,
        one_in=1e5,
        began=at,
        last_at=at,
        raised_at=at,
        changed_at=at,
        facts={"residual": 4.2, "expected": 60.0},
    )


def _measured(home: Path, count: int, rounds: int, progress: Progress) -> tuple[dict[str, Any], float]:
    """Return the figures at so many alerts and the seconds filling took."""
    store = open_store(home)
    try:
        insert_s = fill(store, count, ending=ENDING, progress=progress)
        progress(f"measuring at {count:,} alerts")
        lists = {name: _timed(call, rounds) for name, call in _lists(store).items()}
        actions = {name: _timed(call, rounds) for name, call in _actions(store, count).items()}
    finally:
        store.close()
    return {"alerts": count, "lists": lists, "actions": actions}, insert_s


def _timed(call: Callable[[], object], rounds: int) -> dict[str, float]:
    """Return the median and the 95th percentile of a call, in milliseconds, after one warm-up call."""
    call()
    spans = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        spans.append((time.perf_counter() - started) * 1000)
    p95 = statistics.quantiles(spans, n=20)[-1]
    return {"p50_ms": round(statistics.median(spans), 3), "p95_ms": round(p95, 3), "max_ms": round(max(spans), 3)}


def _lists(store: SqlStore) -> dict[str, Callable[[], object]]:
    """Return the list queries measured."""
    chance = random.Random(SEED)
    closed = (AlertState.CLOSED,)
    queries: dict[str, Callable[[], AlertQuery]] = {
        "newest": AlertQuery,
        "urgent": lambda: AlertQuery(order="urgent"),
        "newest, one tool and severity": lambda: AlertQuery(
            tool=chance.choice(TOOLS), severity=chance.choice(tuple(Severity))
        ),
        "newest, open": lambda: AlertQuery(states=ACTIVE),
        "newest, nothing matches": lambda: AlertQuery(tool=ToolId("absent"), severity=Severity.EXTREME),
        "urgent, one tool": lambda: AlertQuery(order="urgent", tool=chance.choice(TOOLS)),
        "newest, one owner": lambda: AlertQuery(owner=chance.choice(OPERATORS)),
        "newest, last hour": lambda: AlertQuery(raised_since=ENDING - timedelta(hours=1)),
        "newest, 200 a page": lambda: AlertQuery(limit=200),
    }
    calls = {name: _call(store, make) for name, make in queries.items()}
    for name, query in {"newest": AlertQuery(), "closed": AlertQuery(states=closed)}.items():
        calls[f"{name}, page {DEEP_PAGES}"] = _call(store, partial(replace, query, after=_deep_cursor(store, query)))
    return calls


def _call(store: SqlStore, make: Callable[[], AlertQuery]) -> Callable[[], object]:
    def find() -> object:
        with store.read() as unit:
            return unit.alerts.find(make())

    return find


def _deep_cursor(store: SqlStore, query: AlertQuery) -> str | None:
    """Walk forward and return the cursor there, or the last one there is."""
    after = None
    for _ in range(DEEP_PAGES):
        with store.read() as unit:
            page = unit.alerts.find(replace(query, after=after))
        if page.next is None:
            break
        after = page.next
    return after


def _actions(store: SqlStore, count: int) -> dict[str, Callable[[], object]]:
    """Return the single actions measured."""
    chance = random.Random(SEED)

    def get() -> object:
        with store.read() as unit:
            return unit.alerts.get(AlertId(chance.randint(1, count)))

    def act() -> None:
        with store.write() as unit:
            alert = unit.alerts.get(AlertId(chance.randint(1, count)))
            change = chance.choice((AlertState.HELD, AlertState.CLOSED))
            owner = "operator-1" if change is AlertState.HELD else None
            changed = unit.alerts.replace(replace(alert, state=change, owner=owner, changed_at=ENDING))
            entry = AlertEntry(alert=alert.id, at=ENDING, event=AlertEvent.ASSESS, who="operator-1", state=change)
            unit.alerts.record(entry)
            unit.outbox.add(ENDING, "alert", str(alert.id), {"version": changed.version})

    def raise_one() -> None:
        with store.write() as unit:
            found = unit.alerts.recent([f"x/{chance.random()}"], near_since=ENDING - timedelta(minutes=1))
            unit.alerts.add(replace(_alert(ENDING), fingerprint=f"x/{len(found)}", tools=TOOLS[:2]))

    def load() -> object:
        with store.read() as unit:
            return unit.alerts.count_open(), unit.alerts.raised_between(ENDING - timedelta(hours=1), ENDING)

    return {"get": get, "change with history and outbox": act, "raise": raise_one, "counts and load": load}
