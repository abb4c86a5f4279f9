"""Which decisions get a line, which a count, and that none is lost."""

import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.access import Category
from impetus.core.errors import NotNow
from impetus.core.log_record import LogRecord, Outcome
from impetus.desk.tally import LOOK, MINUTE, MOST, REFUSALS_A_MINUTE, Tally
from impetus.testing.journal import MemoryJournal

AT = datetime(2026, 11, 22, 14, 8, 12, tzinfo=UTC)
LOOKED = LogRecord(at=AT, who="kari", role="operator", act="alerts.read", outcome=Outcome.PERMITTED, subject="alert:1")
MASKED = replace(LOOKED, act="media.read", subject="camera:c14", category=Category.IMAGE_MASKED)
SENT = LogRecord(at=AT, who="token:quay", role="service", act="observations.write", outcome=Outcome.PERMITTED)
REFUSED = replace(LOOKED, outcome=Outcome.REFUSED)


def later(record: LogRecord, seconds: float) -> LogRecord:
    """Return the same some seconds later."""
    return replace(record, at=record.at + timedelta(seconds=seconds))


def test_a_first_look_is_written_at_once_and_the_page_that_asks_again_is_counted() -> None:
    """Twenty questions of one page are one line now and one count when the minute is over."""
    tally, journal = Tally(), MemoryJournal()
    for step in range(20):
        tally.take(journal, later(LOOKED, step * 0.1))
    assert [record.count for record in journal.records] == [1]
    tally.write_due(journal, AT + MINUTE)
    assert [record.count for record in journal.records] == [1, 19]
    assert journal.records[1].facts["until"] == (AT + MINUTE).isoformat()


def test_a_look_at_people_is_a_line_every_five_seconds() -> None:
    """A camera watched for a minute, a frame a second: a line each five seconds, and every frame is in one."""
    tally, journal = Tally(), MemoryJournal()
    for second in range(60):
        tally.take(journal, later(MASKED, second))
    tally.write_all(journal, AT + MINUTE)
    assert sum(record.count for record in journal.records) == 60
    assert sum(record.count == 1 for record in journal.records) == 60 / LOOK.total_seconds()


@pytest.mark.parametrize(
    "other",
    [
        {"subject": "alert:2"},
        {"who": "ola"},
        {"act": "incidents.read"},
        {"case": "7"},
        {"why": "armed person"},
        {"recipient": "police"},
        {"rule": "another"},
    ],
)
def test_another_look_is_another_line(other: dict[str, str]) -> None:
    """Whoever looks at something else, or for another reason, is not counted with the first."""
    tally, journal = Tally(), MemoryJournal()
    tally.take(journal, LOOKED)
    tally.take(journal, replace(LOOKED, **other))  # type: ignore[arg-type]  # the fields above are all words
    assert len(journal.records) == 2


def test_a_machine_without_personal_data_is_one_line_a_minute() -> None:
    """137,000 readings a second would be as many lines: a thousand parcels are one."""
    tally, journal = Tally(), MemoryJournal()
    for number in range(1000):
        tally.take(journal, replace(later(SENT, number / 100), subject=f"source:{number % 3}"))
    assert journal.records == []
    tally.take(journal, later(SENT, 61))
    assert [(record.count, record.act) for record in journal.records] == [(1000, "observations.write")]


def test_a_machine_with_personal_data_gets_its_line() -> None:
    """The bound is for what is about nobody, whoever does it."""
    tally, journal = Tally(), MemoryJournal()
    tally.take(journal, replace(SENT, role="platform", category=Category.STAFF))
    assert len(journal.records) == 1


def test_refusals_get_a_line_each_until_somebody_tries_doors_by_program() -> None:
    """Sixty in a minute are written; the rest of that minute is a count, and the next minute begins anew."""
    tally, journal = Tally(), MemoryJournal()
    for number in range(500):
        tally.take(journal, replace(REFUSED, subject=f"alert:{number}"))
    assert len(journal.records) == REFUSALS_A_MINUTE
    tally.take(journal, later(REFUSED, 60))
    assert journal.records[-1].count == 1
    assert sum(record.count for record in journal.records) == 501


def test_one_persons_refusals_do_not_hide_anothers() -> None:
    """The bound is for each by themselves."""
    tally, journal = Tally(), MemoryJournal()
    for _ in range(100):
        tally.take(journal, REFUSED)
    tally.take(journal, replace(REFUSED, who="ola"))
    assert journal.records[-1].who == "ola"


def test_what_must_be_written_and_cannot_be_is_refused() -> None:
    """A look and a refusal need their line; the journal's word reaches whoever asked."""
    tally, journal = Tally(), MemoryJournal(room=0)
    for record in (LOOKED, MASKED, REFUSED):
        with pytest.raises(NotNow, match="the log is full"):
            tally.take(journal, record)
    tally.take(journal, SENT)


def test_a_look_that_could_not_be_written_is_not_counted_as_seen() -> None:
    """The next look is a first one again, and gets its line."""
    tally, journal = Tally(), MemoryJournal(room=0)
    with pytest.raises(NotNow):
        tally.take(journal, LOOKED)
    journal.room = None
    tally.take(journal, LOOKED)
    assert [record.count for record in journal.records] == [1]


def test_counts_that_cannot_be_written_wait_and_are_written_once() -> None:
    """A full disk for two minutes: readings go on, and the counts come when there is room."""
    tally, journal = Tally(), MemoryJournal(room=0)
    for second in range(0, 120, 10):
        tally.take(journal, later(SENT, second))
    assert journal.records == []
    journal.room = None
    tally.write_all(journal, AT + timedelta(seconds=120))
    tally.write_all(journal, AT + timedelta(seconds=180))
    assert sum(record.count for record in journal.records) == 12


def test_a_clock_set_back_ends_the_minute() -> None:
    """An hour that comes twice does not keep a count waiting for an hour."""
    tally, journal = Tally(), MemoryJournal()
    tally.take(journal, SENT)
    tally.write_due(journal, AT - timedelta(hours=1))
    assert [record.count for record in journal.records] == [1]


def test_what_is_kept_is_bounded() -> None:
    """Somebody who opens thousands of alerts within a minute does not fill the memory."""
    tally, journal = Tally(), MemoryJournal()
    for number in range(MOST + 10):
        tally.take(journal, replace(LOOKED, subject=f"alert:{number}"))
    assert len(tally._windows) < MOST
    assert len(journal.records) == MOST + 10


def test_threads_lose_nothing() -> None:
    """Eight threads, a thousand decisions each: the counts are eight thousand."""
    tally, journal = Tally(), MemoryJournal()

    def send() -> None:
        for number in range(1000):
            tally.take(journal, later(SENT, number * 0.2))

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    tally.write_all(journal, AT)
    assert sum(record.count for record in journal.records) == 8000


@given(
    some.lists(
        some.tuples(
            some.sampled_from([LOOKED, MASKED, SENT, REFUSED, replace(LOOKED, who="ola")]),
            some.floats(min_value=-100, max_value=200),
            some.booleans(),
        ),
        max_size=60,
    )
)
def test_every_decision_is_in_exactly_one_line(steps: list[tuple[LogRecord, float, bool]]) -> None:
    """Whatever comes in whatever order, with a disk that is full now and then: what was not refused is counted once."""
    tally, journal, taken, at = Tally(), MemoryJournal(), 0, AT
    for record, seconds, is_full in steps:
        at += timedelta(seconds=seconds)
        journal.room = 0 if is_full else None
        try:
            tally.take(journal, replace(record, at=at))
        except NotNow:
            assert is_full
        else:
            taken += 1
    journal.room = None
    tally.write_all(journal, at)
    assert sum(record.count for record in journal.records) == taken
