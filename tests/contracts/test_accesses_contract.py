"""The index over the log: every entry once, in order, found by what it is about, and forgotten when it must be."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ethics.log_samples import AT, a_record, salts_of
from impetus.adapters.sql.store import SqlStore
from impetus.core.access import Category, Purpose, Regime
from impetus.core.errors import Conflict, Malformed
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.ethics.log.entry import write_entry
from impetus.ports.ethics import AccessQuery, Logged
from impetus.testing.store import memory_store

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
PLAIN = st.one_of(
    WORDS, st.booleans(), st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False, allow_infinity=False)
)


def logged(index: int, **changes: object) -> Logged:
    """Return an entry of the index."""
    return Logged(index=index, record=a_record(index, **changes), salts=salts_of(index))


def fill(store: SqlStore, count: int) -> list[Logged]:
    """Store so many entries, one a second."""
    entries = [logged(index) for index in range(count)]
    with store.write() as unit:
        unit.accesses.add(entries)
    return entries


def found(store: SqlStore, query: AccessQuery) -> list[int]:
    """Return the indices of every page of a query."""
    indices, after = [], query.after
    with store.read() as unit:
        while True:
            page = unit.accesses.page(replace(query, after=after))
            indices += [entry.index for entry in page.items]
            after = page.next
            if after is None:
                return indices


def test_entries_come_back_as_they_were(store: SqlStore) -> None:
    """Every field, facts of every plain kind and the salts."""
    record = LogRecord(
        at=datetime(2026, 5, 3, 12, 0, 0, 123456, tzinfo=UTC),
        who="Åse",
        role="dpo",
        act="reveals.approve",
        outcome=Outcome.REFUSED,
        processing=Processing.DISCLOSURE,
        rule="two people",
        subject="camera:14",
        purpose=Purpose.INCIDENT_RESPONSE,
        category=Category.IMAGE_CLEAR,
        regime=Regime.LED,
        controller="Police",
        case="7",
        why="a\x00b",
        recipient="court",
        count=3,
        facts={"a": 1, "b": 2.5, "c": True, "d": "x"},
    )
    entry = Logged(index=0, record=record, salts=salts_of(9))
    with store.write() as unit:
        unit.accesses.add([entry])
    with store.read() as unit:
        assert unit.accesses.from_index(0) == (entry,)
        assert unit.accesses.page(AccessQuery()).items == (entry,)


@given(
    words=st.lists(WORDS, min_size=9, max_size=9),
    facts=st.dictionaries(WORDS, PLAIN, max_size=4),
    count=st.integers(1, 2**53),
)
@settings(max_examples=60, deadline=None)
def test_what_comes_back_gives_the_same_bytes(words: list[str], facts: dict[str, object], count: int) -> None:
    """The tree is made again from the index after a crash: an entry from there is the entry that went in."""
    names = ("who", "role", "act", "rule", "subject", "controller", "case", "why", "recipient")
    record = a_record(1, **dict(zip(names, words, strict=True)), facts=facts, count=count)
    with MEMORY.write() as unit:
        index = unit.accesses.next_index()
        unit.accesses.add([Logged(index=index, record=record, salts=salts_of(1))])
        (back,) = unit.accesses.from_index(index)
    assert write_entry(back.record, back.salts) == write_entry(record, salts_of(1))


MEMORY = memory_store()
"""One store for all the examples: making one costs more than an example."""


def test_entries_follow_each_other(store: SqlStore) -> None:
    """An index that was stored, or that leaves one out, is refused, and nothing of its company stays."""
    fill(store, 3)
    for wrong in ([2], [4], [3, 5], [4, 3]):
        with pytest.raises(Conflict, match="do not follow 2"), store.write() as unit:
            unit.accesses.add([logged(index) for index in wrong])
    with store.read() as unit:
        assert unit.accesses.next_index() == 3
    with store.write() as unit:
        unit.accesses.add([])
        unit.accesses.add([logged(3), logged(4)])
        assert unit.accesses.next_index() == 5


def test_indices_never_come_back(store: SqlStore) -> None:
    """After everything was erased the next entry has the next index."""
    fill(store, 3)
    with store.write() as unit:
        assert unit.accesses.erase_before(AT + timedelta(days=1)) == 3
        assert unit.accesses.next_index() == 3
        unit.accesses.add([logged(3)])


def test_an_index_that_was_lost_goes_on_where_the_log_stands(store: SqlStore) -> None:
    """Whoever keeps the log says where."""
    with store.write() as unit:
        unit.accesses.start_at(700)
        unit.accesses.add([logged(700)])
        assert unit.accesses.next_index() == 701
        assert [entry.index for entry in unit.accesses.from_index(0)] == [700]


def test_reading_in_the_order_of_the_log(store: SqlStore) -> None:
    """From an index on, so many at a time."""
    entries = fill(store, 10)
    with store.read() as unit:
        assert unit.accesses.from_index(4, limit=3) == tuple(entries[4:7])
        assert unit.accesses.from_index(10) == ()


def test_pages_go_on_without_gaps_or_repeats(store: SqlStore) -> None:
    """Newest first, seven at a time, everything once, also where many have one time."""
    with store.write() as unit:
        unit.accesses.add([logged(index, at=AT + timedelta(seconds=index // 10)) for index in range(50)])
    assert found(store, AccessQuery(limit=7)) == list(range(49, -1, -1))


def test_who_looked_at_a_camera_on_a_day(store: SqlStore) -> None:
    """The question of the law, in one query: subject, from, until."""
    fill(store, 60)
    query = AccessQuery(subject="camera:3", since=AT + timedelta(seconds=10), until=AT + timedelta(seconds=46), limit=2)
    assert found(store, query) == [45, 31, 17]
    with store.read() as unit:
        assert unit.accesses.page(query).items[0].record.who == "anna3"


def test_every_filter_narrows(store: SqlStore) -> None:
    """By category, outcome, act and name; nothing that does not fit."""
    with store.write() as unit:
        unit.accesses.add(
            [
                logged(0, category=Category.IDENTITY),
                logged(1, outcome=Outcome.REFUSED, who="Eve"),
                logged(2, act="reveals.ask"),
                logged(3, act="reveals.approve", outcome=Outcome.REFUSED),
            ]
        )
    assert found(store, AccessQuery(category=Category.IDENTITY)) == [0]
    assert found(store, AccessQuery(outcome=Outcome.REFUSED)) == [3, 1]
    assert found(store, AccessQuery(acts=("reveals.ask", "reveals.approve"))) == [3, 2]
    assert found(store, AccessQuery(who="Eve")) == [1]
    assert found(store, AccessQuery(acts=("reveals.ask",), outcome=Outcome.REFUSED)) == []


def test_counting_counts_acts_and_not_lines(store: SqlStore) -> None:
    """A line of a machine that stands for sixty acts counts sixty."""
    with store.write() as unit:
        unit.accesses.add([logged(0), logged(1, count=60), logged(2, outcome=Outcome.REFUSED)])
    with store.read() as unit:
        assert unit.accesses.count(AccessQuery()) == 62
        assert unit.accesses.count(AccessQuery(outcome=Outcome.REFUSED)) == 1
        assert unit.accesses.count(AccessQuery(since=AT + timedelta(seconds=1), until=AT + timedelta(seconds=2))) == 60
        assert unit.accesses.count(AccessQuery(subject="camera:99")) == 0


def test_acts_by_day(store: SqlStore) -> None:
    """By day in UTC, days without any left out, from the time on."""
    with store.write() as unit:
        unit.accesses.add(
            [
                logged(0, at=AT - timedelta(days=9)),
                logged(1, at=datetime(2026, 5, 1, 23, 59, 59, 999999, tzinfo=UTC)),
                logged(2, at=datetime(2026, 5, 2, tzinfo=UTC), count=4),
                logged(3, at=datetime(2026, 5, 4, tzinfo=UTC)),
            ]
        )
    with store.read() as unit:
        days = unit.accesses.days(AT - timedelta(days=7))
    assert list(days) == [(date(2026, 5, 1), 1), (date(2026, 5, 2), 4), (date(2026, 5, 4), 1)]


def test_erasing_by_time_erases_the_oldest_first(store: SqlStore) -> None:
    """So many at a time, until nothing is older."""
    fill(store, 10)
    with store.write() as unit:
        assert unit.accesses.erase_before(AT + timedelta(seconds=6), limit=4) == 4
    assert found(store, AccessQuery()) == [9, 8, 7, 6, 5, 4]
    with store.write() as unit:
        assert unit.accesses.erase_before(AT + timedelta(seconds=6), limit=4) == 2
        assert unit.accesses.erase_before(AT + timedelta(seconds=6), limit=4) == 0


def test_erased_openings_leave_the_entry_without_names(store: SqlStore) -> None:
    """Who, why, recipient and salts are gone; what is public in the log stays."""
    fill(store, 3)
    with store.write() as unit:
        assert unit.accesses.erase_openings([1, 2, 77]) == 2
        assert unit.accesses.erase_openings([1]) == 0
        assert unit.accesses.erase_openings([]) == 0
    with store.read() as unit:
        first, second, _ = unit.accesses.from_index(0)
    assert first.record.who == "anna0"
    assert (second.record.who, second.record.why, second.record.recipient, second.salts) == ("", "", "", b"")
    assert second.record.subject == "camera:1"


def test_erasing_the_openings_of_thousands_at_once(store: SqlStore) -> None:
    """More than a statement takes."""
    fill(store, 1200)
    with store.write() as unit:
        assert unit.accesses.erase_openings(range(1200)) == 1200


@pytest.mark.parametrize("after", ["", "x", "YWNjZXNzZXM", "b3RoZXIuMS4y"])
def test_a_cursor_that_is_not_ours_is_refused(store: SqlStore, after: str) -> None:
    """A page goes on only from a page."""
    with store.read() as unit, pytest.raises(Malformed, match="cursor"):
        unit.accesses.page(AccessQuery(after=after))


@pytest.mark.parametrize("limit", [0, 201])
def test_a_page_is_1_to_200_entries(store: SqlStore, limit: int) -> None:
    """More is asked for page by page."""
    with store.read() as unit, pytest.raises(Malformed, match=f"limit is {limit}"):
        unit.accesses.page(AccessQuery(limit=limit))


def test_the_main_questions_are_answered_from_an_index(store: SqlStore) -> None:
    """By subject, by category and plainly: no scan of the table and no sort."""
    fill(store, 20)
    queries = [AccessQuery(), AccessQuery(subject="camera:3"), AccessQuery(category=Category.IMAGE_MASKED)]
    plans: list[str] = []
    with store.read() as unit:
        connection = unit.accesses._connection
        raw = connection.connection.dbapi_connection
        for query in queries:
            statements: list[str] = []
            raw.set_trace_callback(statements.append)
            unit.accesses.page(query)
            raw.set_trace_callback(None)
            plans += [row[3] for row in raw.execute(f"EXPLAIN QUERY PLAN {statements[-1]}")]
    assert [plan.split()[0] for plan in plans] == ["SCAN", "SEARCH", "SEARCH"]
    assert all("USING INDEX accesses_" in plan for plan in plans), plans
