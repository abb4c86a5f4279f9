"""What every adapter of the port `Store` promises about units: all or nothing, one writer, one moment, no lost wake-up."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from contracts.samples import T0, an_alert
from full_disk import full_disk
from impetus.adapters.sql import engine, outbox, turns
from impetus.adapters.sql.store import STATE_FILE, SqlStore, open_store
from impetus.core.alert import AlertState
from impetus.core.errors import Conflict, Malformed, NotNow, OurFault
from impetus.core.ids import AlertId
from impetus.ports import AlertQuery, Store
from impetus.testing.store import memory_store

SHORT_S = 0.05
LONG_S = 20.0


def add_change(store: Store, subject: str = "1") -> None:
    """Commit one change to the outbox."""
    with store.write() as unit:
        unit.outbox.add(T0, "alert", subject, {"version": 1, "owner": None, "sound": True})


def test_a_unit_that_fails_leaves_nothing(store: Store) -> None:
    """An exception inside undoes everything of the unit, counters included."""
    with suppress(RuntimeError), store.write() as unit:
        unit.alerts.add(an_alert())
        unit.outbox.add(T0, "alert", "1", {})
        raise RuntimeError
    with store.read() as unit:
        assert unit.alerts.find(AlertQuery()).items == ()
        assert unit.alerts.count_open()[AlertState.NEW] == 0
        assert unit.outbox.newest() == 0


def test_a_unit_sees_what_it_wrote(store: Store) -> None:
    """Within a unit, reads see the unit's own writes."""
    with store.write() as unit:
        alert = unit.alerts.add(an_alert())
        assert unit.alerts.get(alert.id) == alert


def test_units_do_not_nest(store: Store) -> None:
    """A unit inside a unit of the same thread is a mistake, said at once instead of waited out."""
    with store.write() as outer:
        with pytest.raises(OurFault, match="open in this thread"), store.read():
            pass
        outer.alerts.add(an_alert())
    with store.read() as unit:
        assert len(unit.alerts.find(AlertQuery()).items) == 1


def test_a_reading_unit_cannot_write(store: Store) -> None:
    """An attempt to write while reading is our own mistake and is not silently lost."""
    with pytest.raises(OurFault), store.read() as unit:
        unit.alerts.add(an_alert())
    with store.write() as unit:
        unit.alerts.add(an_alert())


def test_threads_take_turns(store: Store) -> None:
    """Twenty threads raising one number each never lose a count and never see half of a unit."""
    with store.write() as unit:
        first = unit.alerts.add(an_alert())

    def repeat(_: int) -> None:
        with store.write() as unit:
            alert = unit.alerts.get(first.id)
            unit.alerts.replace(replace(alert, repeats=alert.repeats + 1))
        with store.read() as unit:
            assert unit.alerts.get(first.id).version == unit.alerts.get(first.id).repeats

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(repeat, range(40)))
    with store.read() as unit:
        assert unit.alerts.get(first.id).repeats == 40


def test_of_two_people_at_once_exactly_one_wins(store: Store) -> None:
    """Both saw version 0 and act at the same moment: one change, one `Conflict`."""
    with store.write() as unit:
        seen = unit.alerts.add(an_alert())
    together = threading.Barrier(2)

    def take(who: str) -> str:
        together.wait()
        try:
            with store.write() as unit:
                unit.alerts.replace(replace(seen, state=AlertState.HELD, owner=who))
        except Conflict:
            return "conflict"
        return who

    with ThreadPoolExecutor(2) as pool:
        outcomes = list(pool.map(take, ["kari", "ola"]))
    with store.read() as unit:
        alert = unit.alerts.get(seen.id)
    assert sorted(outcomes) == sorted(["conflict", alert.owner])
    assert alert.version == 1


def test_a_reader_sees_one_moment(tmp_path: Path) -> None:
    """What commits while a unit reads is not seen by it, and does not wait for it."""
    store = open_store(tmp_path)
    add_change(store)
    with store.read() as unit, ThreadPoolExecutor(1) as pool:
        assert unit.outbox.newest() == 1
        pool.submit(add_change, store).result(LONG_S)
        assert unit.outbox.newest() == 1
    with store.read() as unit:
        assert unit.outbox.newest() == 2


def test_waiting_ends_when_a_change_commits(store: Store) -> None:
    """A waiter asleep is woken by a commit in another thread."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait_for_change, 0, timeout_s=LONG_S)
        add_change(store)
        assert waiting.result(LONG_S)


def test_waiting_for_what_is_there_does_not_wait(store: Store) -> None:
    """A change already committed is seen without sleeping."""
    add_change(store)
    assert store.wait_for_change(0, timeout_s=0)


def test_waiting_for_nothing_ends_in_time(store: Store) -> None:
    """Nothing newer: false after the time, and an undone unit is nothing."""
    add_change(store)
    with suppress(RuntimeError), store.write() as unit:
        unit.outbox.add(T0, "alert", "2", {})
        raise RuntimeError
    assert not store.wait_for_change(1, timeout_s=SHORT_S)


def test_no_wake_up_is_lost(store: Store) -> None:
    """A reader following a writer change by change never sleeps through one."""
    count = 60

    def write_all() -> None:
        for number in range(count):
            add_change(store, str(number))

    seen = 0
    with ThreadPoolExecutor(1) as pool:
        writing = pool.submit(write_all)
        while seen < count:
            assert store.wait_for_change(seen, timeout_s=LONG_S)
            with store.read() as unit:
                seen = unit.outbox.newest()
        writing.result(LONG_S)


def test_closing_wakes_waiters(store: SqlStore) -> None:
    """Somebody who waits when the store closes is told there is nothing, and does not hang."""
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(store.wait_for_change, 0, timeout_s=LONG_S)
        store.close()
        assert not waiting.result(LONG_S)


def test_a_closed_store_opens_no_unit(store: SqlStore) -> None:
    """After the end, work is turned away rather than done on a new connection."""
    store.close()
    for unit in (store.read, store.write):
        with pytest.raises(NotNow, match="closed"), unit():
            pass


def test_changes_come_in_order_and_whole(store: Store) -> None:
    """Changes read back in the order of their commits, as they were."""
    for number in range(3):
        add_change(store, str(number))
    with store.read() as unit:
        changes = unit.outbox.after(1)
    assert [(change.id, change.subject) for change in changes] == [(2, "1"), (3, "2")]
    assert changes[0].facts == {"version": 1, "owner": None, "sound": True}
    assert changes[0].at == T0


def test_the_outbox_is_bounded_and_counts_what_goes(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest changes go, the newest stay, ids go on, and the loss is counted."""
    monkeypatch.setattr(outbox, "KEPT", 10)
    monkeypatch.setattr(outbox, "TRIM_EVERY", 5)
    with store.write() as unit:
        for number in range(25):
            unit.outbox.add(T0, "alert", str(number), {})
    with store.read() as unit:
        assert (unit.outbox.oldest(), unit.outbox.newest()) == (16, 25)
    assert store.dropped()["outbox"] == 15


def test_text_that_cannot_be_stored_is_malformed(store: Store) -> None:
    """A lone surrogate or a number beyond 64 bits is the sender's fault, not a crash."""
    with pytest.raises(Malformed, match="cannot be stored"), store.write() as unit:
        unit.alerts.add(an_alert(subject="\ud800"))
    with pytest.raises(Malformed, match="cannot be stored"), store.read() as unit:
        unit.alerts.get(AlertId(2**63))


def test_a_full_database_says_not_now_and_recovers(store: SqlStore) -> None:
    """With no room left nothing is acknowledged; with room again the same unit succeeds."""
    with store.write() as unit:
        pages = unit.alerts._connection.exec_driver_sql("PRAGMA page_count").scalar()
        unit.alerts._connection.exec_driver_sql(f"PRAGMA max_page_count={pages}")
    with pytest.raises(NotNow, match="cannot write") as caught, store.write() as unit:
        unit.alerts.add(an_alert(facts={f"fact {number}": 1.0 for number in range(20_000)}))
    assert caught.value.retry_after_s > 0
    with store.write() as unit:
        assert unit.alerts.find(AlertQuery()).items == ()
        unit.alerts._connection.exec_driver_sql("PRAGMA max_page_count=1000000")
        unit.alerts.add(an_alert(facts={f"fact {number}": 1.0 for number in range(20_000)}))


def test_a_file_that_cannot_grow_says_not_now(tmp_path: Path) -> None:
    """A write the file system refuses is not acknowledged."""
    store = SqlStore(f"sqlite:///{tmp_path}/state.sqlite3", wake_dir=tmp_path / "wake")
    with pytest.raises(NotNow), full_disk():
        store.create_schema()


def test_a_writer_waiting_too_long_says_not_now(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """When another thread does not finish, a writer gives up and says when to try again."""
    monkeypatch.setattr(turns, "BUSY_TIMEOUT_S", SHORT_S)

    def write() -> None:
        with store.write():
            pass

    with ThreadPoolExecutor(1) as pool:
        with store.write():
            waiting = pool.submit(write)
            with pytest.raises(NotNow, match="others are writing"):
                waiting.result(LONG_S)
        pool.submit(write).result(LONG_S)


def test_a_writer_of_another_process_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another store on the same file holding the turn for too long gives `NotNow`, and nothing is written."""
    one, other = open_store(tmp_path), open_store(tmp_path)
    monkeypatch.setattr(turns, "BUSY_TIMEOUT_S", SHORT_S)
    with one.write() as unit:
        unit.alerts.add(an_alert())
        with pytest.raises(NotNow, match="others are writing"), ThreadPoolExecutor(1) as pool:
            pool.submit(add_change, other).result(LONG_S)
    with other.read() as unit:
        assert len(unit.alerts.find(AlertQuery()).items) == 1


def test_a_stranger_writing_to_the_file_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that does not know our turns holds the database's own lock: `NotNow`, and then it works again."""
    monkeypatch.setattr(engine, "PRAGMAS", (*engine.PRAGMAS, "PRAGMA busy_timeout=50"))
    store = open_store(tmp_path)
    with closing(sqlite3.connect(tmp_path / STATE_FILE, isolation_level=None)) as stranger:
        stranger.execute("BEGIN IMMEDIATE")
        with pytest.raises(NotNow, match="somebody else"), store.write():
            pass
        stranger.execute("ROLLBACK")
        add_change(store)


def test_only_the_owner_reads_the_state(tmp_path: Path) -> None:
    """The file and its journal hold password hashes: nobody else may open them."""
    store = open_store(tmp_path)
    add_change(store)
    files = sorted(tmp_path.glob("state.sqlite3*"))
    assert len(files) >= 2
    assert {file.stat().st_mode & 0o077 for file in files} == {0}


def test_commits_are_on_the_disk(tmp_path: Path) -> None:
    """Write-ahead log, full synchronisation, foreign keys, and overwriting of what is erased."""
    store = open_store(tmp_path)
    with store.write() as unit:
        asked = ("journal_mode", "synchronous", "foreign_keys", "secure_delete")
        connection = unit.alerts._connection
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in asked] == ["wal", 2, 1, 1]


def test_memory_stores_are_apart() -> None:
    """Two stores in memory share nothing."""
    one, other = memory_store(), memory_store()
    add_change(one)
    with other.read() as unit:
        assert unit.outbox.newest() == 0
