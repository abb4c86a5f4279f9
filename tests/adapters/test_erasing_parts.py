"""The parts of erasure by themselves: part of a day, files beside the stores, topics, pages, and what the state can erase."""

import os
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from contracts.samples import an_alert
from impetus.adapters.local_bus import LocalBus
from impetus.adapters.parquet import erase
from impetus.adapters.parquet_history import ParquetHistory
from impetus.adapters.remains import FileRemains, note_backup, read_backups
from impetus.adapters.sql.store import SqlStore, open_store
from impetus.core.account import Account, ServiceToken
from impetus.core.actor import Role
from impetus.core.board import Quarantined, Rule
from impetus.core.errors import Misconfigured
from impetus.core.finding import Severity
from impetus.core.ids import AccountId, DatastreamId, EvidenceId, IncidentId, Offset, SourceId
from impetus.core.incident import Decision, Incident, IncidentEntry, IncidentState
from impetus.core.observation import batch_of, to_us
from impetus.core.retention import Proof
from impetus.ports import Bus, Spared
from impetus.testing.bus import MemoryBus
from impetus.testing.clock import SettableClock

AT = datetime(2026, 3, 10, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STREAMS = [DatastreamId(1), DatastreamId(2)]


def history_of(folder: Path, *, flushes: int = 3) -> ParquetHistory:
    """Return a history of two datastreams on one day, in several files."""
    history = ParquetHistory(folder)
    for number in range(flushes):
        at_us = to_us(AT) + number * 60_000_000
        batch = batch_of([1, 2], [at_us, at_us], [number + 0.25, number + 0.5])
        history.append(batch, "observations", through=Offset(number + 1))
        history.flush()
    return history


def left(history: ParquetHistory) -> list[float]:
    """Return what is left."""
    return sorted(history.read(STREAMS, AT - DAY, AT + DAY).result.tolist())


def spared(stream: int, minutes: tuple[float, float] = (0, 60)) -> list[Spared]:
    """Return what a hold on one datastream keeps."""
    since, until = (AT + timedelta(minutes=minute) for minute in minutes)
    return [Spared(datastreams=frozenset({stream}), since=since, until=until)]


def test_a_day_of_which_something_is_held_keeps_only_that(tmp_path: Path) -> None:
    """Within datastream and span; what is held is counted once more at the next sweep, without being written again."""
    history = history_of(tmp_path)
    horizon = {"observations": AT + 5 * DAY}
    swept = history.sweep(horizon, spared=spared(2, (0, 1.5)))
    assert (left(history), swept.rows, swept.held) == ([0.5, 1.5], 4, 2)
    files = {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")}
    again = history.sweep(horizon, spared=spared(2, (0, 1.5)))
    assert (again.rows, again.held, again.partitions, again.is_complete) == (0, 2, 0, True)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.rglob("*.parquet")} == files
    gone = history.sweep(horizon)
    assert (left(history), gone.rows, history.days()) == ([], 2, [])


@pytest.mark.parametrize("where", ["write_part", "remove_replaced"])
def test_a_sweep_killed_while_it_writes_a_day_anew_doubles_nothing(
    tmp_path: Path, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two files of the same flushes the newer counts alone; the next sweep finishes."""
    history = history_of(tmp_path)
    horizon = {"observations": AT + 5 * DAY}
    genuine = getattr(erase, where)

    def killed(*words: object, **named: object) -> object:
        genuine(*words, **named)
        raise InterruptedError

    with monkeypatch.context() as patch:
        patch.setattr(erase, where, killed)
        with pytest.raises(InterruptedError):
            history.sweep(horizon, spared=spared(2))
    assert left(history).count(0.5) == 1
    fresh = ParquetHistory(tmp_path)
    fresh.sweep(horizon, spared=spared(2))
    assert left(fresh) == [0.5, 1.5, 2.5]


def test_a_limit_bounds_the_days_of_one_sweep(tmp_path: Path) -> None:
    """One at a time, and it says that there is more."""
    history = history_of(tmp_path)
    for day in (1, 2):
        batch = batch_of([1], [to_us(AT - day * DAY)], [1.0])
        history.append(batch, "observations", through=Offset(10 + day))
        history.flush()
    horizon = {"observations": AT + 5 * DAY}
    swept = [history.sweep(horizon, limit=1) for _ in range(3)]
    assert [(one.partitions, one.is_complete) for one in swept] == [(1, False), (1, False), (1, True)]


@pytest.fixture(params=["file", "memory"])
def bus(request: pytest.FixtureRequest, tmp_path: Path) -> Bus:
    """Give each bus in turn, with a consumer that stands still."""
    clock = SettableClock(AT)
    made: Bus = (
        LocalBus(tmp_path / "bus", clock=clock, limit_bytes=2**20) if request.param == "file" else MemoryBus(clock)
    )
    made.publish("findings", [b"a"])
    made.hold("findings", "fusion", Offset(0))
    return made


def test_a_consumer_that_stands_still_keeps_messages_only_until_the_law_says_no(bus: Bus) -> None:
    """Held back as long as may be; then it learns of the gap."""
    assert bus.trim("findings", older_than=AT + DAY) == 0
    assert bus.trim("findings", older_than=AT + DAY, even_held=True) == 1
    assert bus.read("findings", Offset(0)) in ([], ())
    bus.publish("findings", [b"b"])
    gap = bus.gap("findings", Offset(0))
    assert gap is not None
    assert (gap.lost, gap.resume) == (1, 2)


def test_a_bus_names_its_topics(bus: Bus) -> None:
    """Whoever made them: none is forgotten by retention."""
    bus.publish("another", [b"x"])
    assert list(bus.topics()) == ["another", "findings"]


def test_files_beside_the_stores_go_by_their_age(tmp_path: Path) -> None:
    """Each store by its own horizon; young ones, directories and what is nobody's stay."""
    old = (AT - 20 * DAY).timestamp()
    names = {
        "tool snapshots": "tools/t/snapshot",
        "text logs": "log/web.log.1",
        "half done": "blobs/ab/.x.0a.new",
    }
    for name in [*names.values(), "tools/t/snapshot.set-aside", "tools/t/notes", "log/young.log"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
        if "young" not in name:
            os.utime(path, (old, old))
    remains = FileRemains(tmp_path)
    assert remains.sweep(dict.fromkeys(names, AT - 30 * DAY)) == dict.fromkeys(names, 0)
    swept = remains.sweep({store: datetime.now(UTC) - DAY for store in names})
    assert swept == {"tool snapshots": 2, "text logs": 1, "half done": 1}
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["notes", "young.log"]


def test_only_a_backup_is_removed_as_one(tmp_path: Path) -> None:
    """A folder that became something else stays; a list that cannot be read is said, not guessed."""
    place = tmp_path / "backup"
    place.mkdir()
    (place / "photos").write_bytes(b"x")
    note_backup(tmp_path, place, AT)
    assert FileRemains(tmp_path).sweep({"backups": AT + DAY}) == {"backups": 0}
    assert place.exists()
    assert list(read_backups(tmp_path)) == [str(place)]
    (tmp_path / "backups.json").write_text("[")
    with pytest.raises(Misconfigured):
        read_backups(tmp_path)


@pytest.fixture
def store(tmp_path: Path) -> SqlStore:
    """Give a store on disk."""
    return open_store(tmp_path / "home")


def an_incident(closed_at: datetime | None, title: str = "t") -> Incident:
    """Return an incident, closed when a time is given."""
    return Incident(
        id=IncidentId(0),
        version=0,
        state=IncidentState.CLOSED if closed_at else IncidentState.OPEN,
        title=title,
        severity=Severity.MINOR,
        owner="kari",
        opened_at=AT,
        opened_by="kari",
        changed_at=AT,
        closed_at=closed_at,
    )


def test_incidents_go_when_closed_long_ago_and_without_alerts(store: SqlStore) -> None:
    """With timeline and decisions; an open one never, one with an alert not yet."""
    with store.write() as unit:
        gone, held, _open, young = (unit.incidents.add(an_incident(at)) for at in (AT, AT, None, AT + 5 * DAY))
        for incident in (gone, held):
            unit.incidents.record(IncidentEntry(incident=incident.id, at=AT, event="note", who="kari"))
            first = Decision(
                id=0, incident=incident.id, at=AT, who="k", seen="s", options=("a",), choice="a", reason="r"
            )
            unit.incidents.decide(replace(first, corrects=unit.incidents.decide(first).id))
        unit.alerts.add(replace(an_alert(), incident=held.id))
    before = AT + DAY
    with store.write() as unit:
        assert [one.id for one in unit.incidents.closed_before(before)] == [gone.id]
        assert unit.incidents.erase_closed(before, among=[gone.id, held.id, young.id]) == 1
        assert unit.incidents.closed_before(before, after=(AT, gone.id)) == ()
        assert [one.id for one in unit.incidents.find().items] == [young.id, _open.id, held.id]
        assert unit.incidents.entries(gone.id) == unit.incidents.decisions(gone.id) == ()


def test_people_who_left_go_with_their_sessions_and_revoked_tokens(store: SqlStore) -> None:
    """Long enough after they were disabled; who is active stays."""
    account = Account(
        id=AccountId(0), name="Kari", role=Role.OPERATOR, password_hash="h", created_at=AT, must_change=False
    )
    token = ServiceToken(
        id=0, name="t", token_hash="h1", operations=frozenset({"alerts.read"}), created_at=AT, revoked_at=AT
    )
    with store.write() as unit:
        unit.accounts.add(account)
        unit.accounts.add(replace(account, name="Ola", disabled_at=AT))
        unit.accounts.add_token(token)
        unit.accounts.add_token(replace(token, name="u", token_hash="h2", revoked_at=None))
        assert unit.accounts.erase_departed(AT) == 0
        assert unit.accounts.erase_departed(AT + DAY) == 2
        assert [one.name for one in unit.accounts.all()] == ["Kari"]
        assert [one.name for one in unit.accounts.tokens()] == ["u"]


def test_refused_records_of_a_held_source_stay_within_the_span(store: SqlStore) -> None:
    """Others go, a piece at a time, the oldest first; the counts of what is held stay right."""
    records = [
        Quarantined(
            id=0, source=SourceId(name), at=AT + hour * timedelta(hours=1), rule=Rule.LATE, detail="d", record=b"r"
        )
        for name in ("a", "b")
        for hour in range(4)
    ]
    with store.write() as unit:
        unit.sources.quarantine(records)
        kept = [(SourceId("a"), AT, AT + timedelta(hours=2))]
        assert unit.sources.quarantined_before(AT + DAY) == 8
        assert unit.sources.erase_quarantine(AT + DAY, limit=4, spared=kept) == 4
        assert unit.sources.erase_quarantine(AT + DAY, limit=4, spared=kept) == 2
        assert [(one.source, one.at) for one in unit.sources.quarantined().items] == [
            ("a", AT + timedelta(hours=1)),
            ("a", AT),
        ]


def test_changes_go_by_age_the_lowest_first(store: SqlStore) -> None:
    """A young one ends the search; at most as many as asked."""
    with store.write() as unit:
        for hour in range(5):
            unit.outbox.add(AT + hour * timedelta(hours=1), "alert", str(hour), {})
        assert unit.outbox.erase_before(AT + timedelta(hours=3), limit=2) == 2
        assert unit.outbox.erase_before(AT + timedelta(hours=3)) == 1
        assert unit.outbox.erase_before(AT + timedelta(hours=3)) == 0
        assert [change.subject for change in unit.outbox.after(0)] == ["3", "4"]


def test_closed_alerts_are_walked_and_erased_only_while_still_due(store: SqlStore) -> None:
    """Pages by time and number; one reopened meanwhile stays."""
    with store.write() as unit:
        alerts = [unit.alerts.add(replace(an_alert(), state=an_alert().state.CLOSED, changed_at=AT)) for _ in range(3)]
        reopened = unit.alerts.replace(replace(alerts[1], state=alerts[1].state.NEW))
        first = unit.alerts.closed_before(AT + DAY, limit=1)
        rest = unit.alerts.closed_before(AT + DAY, after=(first[-1].changed_at, first[-1].id))
        assert [one.id for one in (*first, *rest)] == [alerts[0].id, alerts[2].id]
        gone = unit.alerts.erase_closed(AT + DAY, among=[one.id for one in alerts])
        assert [one.id for one in gone] == [alerts[0].id, alerts[2].id]
        assert unit.alerts.get(reopened.id).state is alerts[1].state.NEW


def test_a_compacted_file_holds_nothing_of_what_was_erased(tmp_path: Path) -> None:
    """Not in the database, not in its journal; with a reader in the past it says that it has to be tried again."""
    store = open_store(tmp_path)
    word = "canary-7f3a"
    with store.write() as unit:
        closed = replace(an_alert(), state=an_alert().state.CLOSED, changed_at=AT, subject=word)
        for _ in range(200):
            unit.alerts.add(closed)
    with sqlite3.connect(tmp_path / "state.sqlite3") as reader:
        reader.execute("BEGIN")
        assert reader.execute("SELECT count(*) FROM alerts").fetchone() == (200,)
        with store.write() as unit:
            unit.alerts.erase_closed(AT + DAY)
        assert not store.compact()
        reader.rollback()
    reader.close()
    assert store.compact()
    store.compact()
    content = b"".join(path.read_bytes() for path in tmp_path.glob("state.sqlite3*"))
    assert word.encode() not in content
    assert (tmp_path / "state.sqlite3-wal").stat().st_size == 0
    store.close()


def test_counts_and_proofs_are_kept(store: SqlStore) -> None:
    """Counts add up by month; the newest proof is the last one."""
    proof = Proof(at=AT, planted=10, found=0, held=2, held_found=2, files=3, bytes_=4)
    with store.write() as unit:
        runs = unit.retention_runs
        runs.count("2026-03", {"alerts: fusion: benign": 2})
        runs.count("2026-03", {"alerts: fusion: benign": 3})
        assert runs.counts() == {("2026-03", "alerts: fusion: benign"): 5}
        assert runs.last_proof() is None
        runs.add_proof(proof)
        runs.add_proof(replace(proof, at=AT + DAY))
        assert runs.last_proof() == replace(proof, at=AT + DAY)


def test_evidence_is_walked_and_known_by_its_ids(store: SqlStore) -> None:
    """None of them is there before it is stored."""
    with store.read() as unit:
        assert unit.evidence.known([EvidenceId("a")]) == frozenset()
        assert unit.evidence.older_than(AT, after=(AT - DAY, EvidenceId("a"))) == ()
