"""The shift log as a daily tool: lines, searches, pins and strikes, at their bounds."""

from datetime import timedelta

import pytest

from desk.call_house import House, house
from desk.samples import AT
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.hand_over import ShiftNote
from impetus.core.ids import IncidentId
from impetus.desk import shift_log
from impetus.desk.shift_log import MOST_PINNED, PAGE
from impetus.testing.desk import clock_of

HOUR = timedelta(hours=1)


@pytest.fixture
def home() -> House:
    """Return the house."""
    return house(reached=False)


@pytest.fixture(scope="module")
def still() -> House:
    """Return one house for all tests that change nothing."""
    return house(reached=False)


@pytest.fixture(scope="module")
def written() -> House:
    """Return one house with three lines, for all searches."""
    made = house(reached=False)
    wrote(made, "Blåbær på torget", "gate E2 shut", "Gate E1 open")
    return made


def wrote(home: House, *texts: str, who: str = "ada", every_s: float = 0) -> list[int]:
    """Let somebody write lines, and return their numbers."""
    numbers = []
    for text in texts:
        numbers.append(shift_log.write_note(home.desk, home.people[who], text).id)
        clock_of(home.desk).advance(every_s)
    return numbers


def found(home: House, search: str, **span: object) -> list[str]:
    """Return the lines a search finds, newest first."""
    page = shift_log.shift_log(home.desk, home.people["ben"], search=search, **span)  # type: ignore[arg-type]  # named by the test
    return [note.text for note in page.notes]


@pytest.mark.parametrize("text", ["", "   ", "\n\t", "x" * 2001])
def test_a_line_says_something_in_two_thousand_characters(still: House, text: str) -> None:
    """Nothing else is stored."""
    with pytest.raises(Malformed):
        wrote(still, text)
    assert found(still, "") == []


def test_the_longest_line_is_kept_whole(home: House) -> None:
    """In any script."""
    wrote(home, "ø" * 2000)
    assert found(home, "Ø") == ["ø" * 2000]


def test_a_line_about_an_incident_names_one_that_is_here(home: House) -> None:
    """Another is unknown, and nothing is written."""
    note = shift_log.write_note(home.desk, home.people["ada"], "gate shut", incident=IncidentId(1))
    assert (note.incident, note.who, note.at) == (1, "ada", AT)
    with pytest.raises(Unknown):
        shift_log.write_note(home.desk, home.people["ada"], "gate shut", incident=IncidentId(99))
    assert len(found(home, "")) == 1


@pytest.mark.parametrize(
    ("search", "hits"),
    [
        ("gate", ["Gate E1 open", "gate E2 shut"]),
        ("GATE shut", ["gate E2 shut"]),
        ("shut gate", ["gate E2 shut"]),
        ("ate", ["Gate E1 open", "gate E2 shut"]),
        ("gate tram", []),
        ("  gate   e1  ", ["Gate E1 open"]),
        ("_", []),
        ("%", []),
        ("\\", []),
        ("'; DROP TABLE shift_notes; --", []),
        ("blåbær", ["Blåbær på torget"]),
        ("BLÅBÆR TORGET", ["Blåbær på torget"]),
    ],
)
def test_every_word_must_stand_in_the_line(written: House, search: str, hits: list[str]) -> None:
    """In any order and case; parts of words count; no sign means anything else."""
    assert found(written, search) == hits


@pytest.mark.parametrize("search", ["a " * 11, "x" * 201])
def test_a_search_has_a_bound(still: House, search: str) -> None:
    """Ten words, two hundred characters."""
    with pytest.raises(Malformed, match="a search for"):
        found(still, search)


def test_ten_words_of_two_hundred_characters_are_searched(home: House) -> None:
    """The bound itself is allowed."""
    wrote(home, "a b c d e f g h i j")
    assert found(home, "j i h g f e d c b a") == ["a b c d e f g h i j"]
    assert found(home, "x" * 200) == []


def test_a_span_holds_its_first_moment_and_not_its_last(home: House) -> None:
    """One line an hour from 21:00."""
    wrote(home, "nine", "ten", "eleven", every_s=3600)
    assert found(home, "", since=AT + HOUR) == ["eleven", "ten"]
    assert found(home, "", until=AT + HOUR) == ["nine"]
    assert found(home, "", since=AT + HOUR, until=AT + 2 * HOUR) == ["ten"]
    assert found(home, "e", since=AT + HOUR, until=AT + HOUR) == []


def test_a_page_that_is_just_full_is_the_last(home: House) -> None:
    """One more line makes a second page of one."""
    wrote(home, *(f"line {number}" for number in range(PAGE)))
    assert shift_log.shift_log(home.desk, home.people["ada"]).before is None
    (newest,) = wrote(home, "one more")
    page = shift_log.shift_log(home.desk, home.people["ada"])
    assert (page.notes[0].id, page.before) == (newest, 2)
    rest = shift_log.shift_log(home.desk, home.people["ada"], before=page.before)
    assert [note.text for note in rest.notes] == ["line 0"]


def test_pinned_lines_stand_on_every_page_and_in_every_search(home: House) -> None:
    """Newest first, whatever is searched for."""
    first, second = wrote(home, "keys at the desk", "E3 is broken")
    for number in (first, second):
        shift_log.pin(home.desk, home.people["ben"], number)
    page = shift_log.shift_log(home.desk, home.people["ada"], search="absent")
    assert (page.notes, [note.id for note in page.pinned]) == ((), [second, first])
    assert {note.pinned_by for note in page.pinned} == {"ben"}


def test_pinning_twice_keeps_who_pinned_first_and_taking_down_twice_is_no_error(home: House) -> None:
    """The line stays in the log."""
    (number,) = wrote(home, "keys at the desk")
    shift_log.pin(home.desk, home.people["ben"], number)
    assert shift_log.pin(home.desk, home.people["sol"], number).pinned_by == "ben"
    for _ in range(2):
        note = shift_log.unpin(home.desk, home.people["ada"], number)
        assert (note.pinned_at, note.pinned_by) == (None, "")
    assert found(home, "keys") == ["keys at the desk"]


def test_thirty_lines_are_pinned_and_the_next_is_refused_until_one_is_taken_down(home: House) -> None:
    """Each is read back at every hand-over."""
    numbers = wrote(home, *(f"line {number}" for number in range(MOST_PINNED + 1)))
    with home.desk.store.write() as unit:
        for number in numbers[:MOST_PINNED]:
            note = unit.shifts.note_of(number)
            unit.shifts.change_note(ShiftNote(id=note.id, at=note.at, who=note.who, text=note.text, pinned_at=AT))
    with pytest.raises(Conflict, match="30 lines are pinned"):
        shift_log.pin(home.desk, home.people["ada"], numbers[-1])
    shift_log.strike(home.desk, home.people["sol"], numbers[0], why="done")
    assert shift_log.pin(home.desk, home.people["ada"], numbers[-1]).pinned_at == AT


def test_a_line_is_struck_once_with_a_reason_by_who_wrote_it_or_a_supervisor(home: House) -> None:
    """And is found by its words as before."""
    (number,) = wrote(home, "gate E1 shut")
    with pytest.raises(Malformed):
        shift_log.strike(home.desk, home.people["ada"], number, why=" ")
    with pytest.raises(Refused, match="ada wrote it"):
        shift_log.strike(home.desk, home.people["ben"], number, why="no")
    struck = shift_log.strike(home.desk, home.people["ada"], number, why="it was E2")
    assert (struck.struck_by, struck.struck_at, struck.struck_why) == ("ada", AT, "it was E2")
    with pytest.raises(Conflict, match="ada struck it through"):
        shift_log.strike(home.desk, home.people["sol"], number, why="again")
    assert found(home, "E1") == ["gate E1 shut"]


@pytest.mark.parametrize("verb", ["pin", "unpin", "strike"])
def test_a_line_that_is_not_there_is_unknown(still: House, verb: str) -> None:
    """By each verb."""
    more = {"why": "x"} if verb == "strike" else {}
    with pytest.raises(Unknown):
        getattr(shift_log, verb)(still.desk, still.people["ada"], 99, **more)
