"""The parts of the SQL store by themselves: whose fault an error is, cursors of pages, and waking who waits."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import TimeoutError as PoolTimeout

from impetus.adapters.sql.engine import READERS, database_file, open_reader, open_writer, translated
from impetus.adapters.sql.repository import (
    INT64_MAX,
    MAX_CURSOR_CHARS,
    MAX_PAGE,
    check_limit,
    read_cursor,
    unknown,
    write_cursor,
)
from impetus.adapters.sql.signal import BetweenProcesses, Signal, WithinProcess
from impetus.core.errors import ImpetusError, Malformed, NotNow, OurFault, Unknown

LONG_S, SHORT_S = 20.0, 0.02
PLACES = st.lists(st.integers(-INT64_MAX, INT64_MAX), min_size=1, max_size=3)


def sqlite_error(name: str, kind: type[sqlite3.Error] = sqlite3.OperationalError) -> sqlite3.Error:
    """Return an error as the driver raises it."""
    error = kind(name.lower())
    error.sqlite_errorname = name
    return error


@pytest.mark.parametrize(
    ("error", "family"),
    [
        (sqlite_error("SQLITE_BUSY"), NotNow),
        (sqlite_error("SQLITE_BUSY_SNAPSHOT"), NotNow),
        (sqlite_error("SQLITE_LOCKED_SHAREDCACHE"), NotNow),
        (sqlite_error("SQLITE_FULL"), NotNow),
        (sqlite_error("SQLITE_IOERR_WRITE"), NotNow),
        (sqlite_error("SQLITE_IOERR"), NotNow),
        (sqlite_error("SQLITE_CANTOPEN"), NotNow),
        (sqlite_error("SQLITE_CONSTRAINT_FOREIGNKEY", sqlite3.IntegrityError), Unknown),
        (sqlite_error("SQLITE_CONSTRAINT_NOTNULL", sqlite3.IntegrityError), OurFault),
        (sqlite_error("SQLITE_CORRUPT", sqlite3.DatabaseError), OurFault),
        (sqlite_error("SQLITE_READONLY"), OurFault),
        (sqlite3.ProgrammingError("closed"), OurFault),
        (PoolTimeout("QueuePool limit"), NotNow),
        (OverflowError("too large"), Malformed),
    ],
    ids=lambda value: getattr(value, "sqlite_errorname", None) or getattr(value, "__name__", type(value).__name__),
)
def test_each_error_of_the_driver_is_somebodys_fault(error: BaseException, family: type[ImpetusError]) -> None:
    """Busy and full pass by themselves, an absent owner is the sender's, the rest is ours; each says what would help."""
    ours = translated(error)
    assert type(ours) is family
    assert ours is not None
    assert ours.remedy


@pytest.mark.parametrize("error", [ValueError("x"), KeyError("x"), KeyboardInterrupt(), NotNow("x", retry_after_s=1)])
def test_errors_of_others_are_left_alone(error: BaseException) -> None:
    """What is none of the driver's keeps its name, our own errors as well."""
    assert translated(error) is None


def test_a_reader_sees_tables_and_changes_none(tmp_path: Path) -> None:
    """Not by mistake, not by hand: the connection itself refuses, as our fault."""
    url = f"sqlite:///{tmp_path}/state.sqlite3"
    with open_writer(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
        connection.exec_driver_sql("INSERT INTO t VALUES (7)")
    with open_reader(url).connect() as connection:
        assert connection.execute(sa.text("SELECT x FROM t")).scalar() == 7
        with pytest.raises(OurFault):
            connection.exec_driver_sql("INSERT INTO t VALUES (8)")


def test_what_is_committed_is_on_the_disk_and_what_is_erased_is_overwritten(tmp_path: Path) -> None:
    """The two promises that are settings of a connection: `synchronous=FULL` (2) and `secure_delete`."""
    engine = open_writer(f"sqlite:///{tmp_path}/state.sqlite3")
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("synchronous", "secure_delete", "foreign_keys")
        }
    assert found == {"synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


@pytest.mark.parametrize(
    ("url", "file"),
    [
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:////var/home/state.sqlite3", Path("/var/home/state.sqlite3")),
        ("sqlite:///state.sqlite3", Path("state.sqlite3")),
    ],
)
def test_an_address_says_which_file_it_is(url: str, file: Path | None) -> None:
    """A database in memory has none, and so only one connection and no other process."""
    assert database_file(url) == file


def test_more_readers_than_there_are_connections_wait_for_their_turn(tmp_path: Path) -> None:
    """Twice as many threads as connections all read; none is turned away while turns are short."""
    url = f"sqlite:///{tmp_path}/state.sqlite3"
    with open_writer(url).begin() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x INTEGER)")
    reader = open_reader(url)

    def count(_: int) -> object:
        with reader.connect() as connection:
            return connection.execute(sa.text("SELECT count(*) FROM t")).scalar()

    with ThreadPoolExecutor(2 * READERS) as pool:
        assert list(pool.map(count, range(4 * READERS))) == [0] * 4 * READERS


@given(order=st.sampled_from(["newest", "urgent", "incidents"]), place=PLACES)
def test_a_cursor_leads_back_to_its_place(order: str, place: list[int]) -> None:
    """Any position of 64-bit numbers, in the order it was made in."""
    cursor = write_cursor(order, *place)
    assert len(cursor) <= MAX_CURSOR_CHARS
    assert read_cursor(cursor, order, len(place)) == tuple(place)


@given(place=PLACES)
def test_a_cursor_of_another_order_or_length_is_refused(place: list[int]) -> None:
    """A page of one list cannot be continued in another."""
    cursor = write_cursor("newest", *place)
    for order, length in (("urgent", len(place)), ("newest", len(place) + 1)):
        with pytest.raises(Malformed):
            read_cursor(cursor, order, length)


@given(text=st.text(max_size=200) | st.binary(max_size=100).map(lambda raw: raw.decode("latin-1")))
def test_any_other_text_is_no_cursor(text: str) -> None:
    """Whatever somebody puts into an address: refused with a remedy, never a crash, never a place."""
    with pytest.raises(Malformed) as refusal:
        read_cursor(text, "newest", 3)
    assert refusal.value.remedy


@pytest.mark.parametrize("number", [INT64_MAX + 1, -INT64_MAX - 2, 10**18 * 99])
def test_a_cursor_beyond_64_bits_is_refused(number: int) -> None:
    """The database could not look for it."""
    with pytest.raises(Malformed):
        read_cursor(write_cursor("newest", number), "newest", 1)


@pytest.mark.parametrize("limit", [1, 50, MAX_PAGE])
def test_a_page_has_from_one_to_two_hundred_items(limit: int) -> None:
    """Both ends count."""
    assert check_limit(limit) == limit


@pytest.mark.parametrize("limit", [0, -1, MAX_PAGE + 1, 10**9])
def test_a_page_of_none_or_of_everything_is_refused(limit: int) -> None:
    """With the bounds."""
    with pytest.raises(Malformed) as refusal:
        check_limit(limit)
    assert refusal.value.limit == "1..200"


def test_what_is_not_there_is_named() -> None:
    """With its number, and with what may have become of it."""
    error = unknown("alert", 7)
    assert (error.detail, error.value) == ("there is no alert 7", 7)
    assert "erased" in error.remedy


@pytest.fixture(params=["between processes", "within one"])
def signal(request: pytest.FixtureRequest, tmp_path: Path) -> Signal:
    """Give each way of waking in turn."""
    return BetweenProcesses(tmp_path / "wake") if request.param == "between processes" else WithinProcess()


def test_a_ring_wakes_everybody_who_listens(signal: Signal) -> None:
    """Several waiters, one ring: each of them once."""
    waiters = [signal.waiter() for _ in range(3)]
    signal.ring()
    assert [waiter.wait(LONG_S) for waiter in waiters] == [True] * 3
    assert [waiter.wait(0) for waiter in waiters] == [False] * 3
    for waiter in waiters:
        waiter.close()


def test_a_ring_after_listening_began_is_not_lost(signal: Signal) -> None:
    """Between looking and sleeping: the sleep ends at once."""
    waiter = signal.waiter()
    signal.ring()
    signal.ring()
    assert waiter.wait(LONG_S)
    waiter.close()


def test_a_ring_before_listening_wakes_nobody(signal: Signal) -> None:
    """Who comes later looks first; what was rung before is theirs to see."""
    signal.ring()
    waiter = signal.waiter()
    assert not waiter.wait(SHORT_S)
    waiter.close()


def test_a_ring_from_another_thread_ends_a_sleep(signal: Signal) -> None:
    """Well before its time."""
    waiter = signal.waiter()
    ringer = threading.Timer(SHORT_S, signal.ring)
    ringer.start()
    assert waiter.wait(LONG_S)
    ringer.join()
    waiter.close()


def test_ringing_nobody_is_no_error(signal: Signal) -> None:
    """Neither before anybody listened nor after they left."""
    signal.ring()
    waiter = signal.waiter()
    waiter.close()
    signal.ring()
    assert not signal.waiter().wait(0)
