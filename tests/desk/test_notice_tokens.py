"""Links that acknowledge: whose they are, how often they work, when they are over, and what they never say."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from desk.call_house import House, house
from desk.samples import AT
from impetus.core.errors import Refused, Unknown
from impetus.core.ids import NoticeId
from impetus.desk import incidents, notices
from impetus.desk.notices import TOKEN_FOR
from impetus.testing.desk import clock_of
from impetus.testing.journal import MemoryJournal

HOME = house()
"""One house for what changes nothing."""


@pytest.fixture
def home() -> House:
    """Return the house after ada and ben were asked and told."""
    made = house()
    made.ask("ada", "ben")
    made.turn()
    return made


def token_of(home: House, name: str) -> str:
    """Return the token in the message to somebody."""
    message = next(one for one, address in home.mail.sent if address.startswith(f"{name}@"))
    return message.answer_link.rpartition("/")[2]


def test_each_person_has_a_token_of_their_own_that_answers_for_nobody_else(home: House) -> None:
    """Ben's link says that ben has it; ada is still asked."""
    ada, ben = token_of(home, "ada"), token_of(home, "ben")
    assert ada != ben
    notices.acknowledge_by_token(home.desk, ben)
    assert home.view().has == ("ben",)
    assert [notices.look_at_link(home.desk, token).state for token in (ada, ben)] == ["open", "used"]


def test_the_last_second_counts_and_the_next_does_not(home: House) -> None:
    """Two hours from being asked; the answer of the page still counts after."""
    clock_of(home.desk).advance(TOKEN_FOR.total_seconds() - 1)
    notices.acknowledge_by_token(home.desk, token_of(home, "ada"))
    clock_of(home.desk).advance(1)
    assert notices.look_at_link(home.desk, token_of(home, "ben")).state == "over"
    with pytest.raises(Refused, match="the link is over") as refused:
        notices.acknowledge_by_token(home.desk, token_of(home, "ben"))
    assert refused.value.value == (AT + TOKEN_FOR).isoformat()
    notices.acknowledge(home.desk, home.people["ben"], NoticeId(1))
    assert (home.of("ada").acked_over, home.of("ben").acked_over) == ("link", "page")


def test_a_link_used_in_time_and_pressed_again_after_it_is_no_error(home: House) -> None:
    """Whoever taps twice is not frightened; the first time stays."""
    token = token_of(home, "ada")
    notices.acknowledge_by_token(home.desk, token)
    clock_of(home.desk).advance(TOKEN_FOR.total_seconds() * 2)
    notices.acknowledge_by_token(home.desk, token)
    assert home.of("ada").acked_at == AT
    assert notices.look_at_link(home.desk, token).state == "used"


def test_a_link_of_something_that_ended_says_so_and_still_takes_the_answer(home: House) -> None:
    """A late yes is true as well; it wakes nobody."""
    incidents.close(home.desk, home.people["ada"], home.view().notice.incident, outcome="over")  # type: ignore[arg-type]  # it has one
    home.turn()
    assert notices.look_at_link(home.desk, token_of(home, "ben")).state == "over"
    notices.acknowledge_by_token(home.desk, token_of(home, "ben"))
    assert home.view().has == ("ben",)


def test_a_link_shows_title_place_and_time_and_nobodys_name(home: House) -> None:
    """Whoever holds the telephone is not signed in."""
    view = notices.look_at_link(home.desk, token_of(home, "ada"))
    assert (view.number, view.title, view.at, view.until) == ("incident 1", "Crowd at the quay", AT, AT + TOKEN_FOR)
    assert not {"ada", "ben", "sol"} & set(repr(view).replace("'", " ").split())


def test_no_token_stands_in_the_log_or_in_the_notices_anybody_reads(home: House) -> None:
    """Neither of a link that was used nor of one that was not."""
    tokens = token_of(home, "ada"), token_of(home, "ben")
    notices.acknowledge_by_token(home.desk, tokens[0])
    assert isinstance(home.desk.journal, MemoryJournal)
    for said in (repr(home.desk.journal.records), repr(home.view())):
        assert not any(token in said for token in tokens)


def test_a_used_link_is_written_down_as_the_persons_own_act_over_a_link(home: House) -> None:
    """One line, however often it is pressed."""
    for _ in range(3):
        notices.acknowledge_by_token(home.desk, token_of(home, "ada"))
    assert isinstance(home.desk.journal, MemoryJournal)
    (line,) = [record for record in home.desk.journal.records if record.act == "notice.acknowledge"]
    assert (line.who, line.subject, line.facts["over"]) == ("ada", "notice:1", "link")


def test_a_link_gives_no_leave_for_anything_else(home: House) -> None:
    """What it answers is one notice: another of the same person stays open."""
    home.ask("ada", key="another")
    notices.acknowledge_by_token(home.desk, token_of(home, "ada"))
    assert home.of("ada", 2).acked_at is None


@given(token=st.text(max_size=80))
def test_no_text_is_a_token(token: str) -> None:
    """Whatever is written behind the slash; each time the same sentence."""
    for verb in (notices.look_at_link, notices.acknowledge_by_token):
        with pytest.raises(Unknown, match="this link is not known"):
            verb(HOME.desk, token)


def test_a_token_is_as_long_as_two_hundred_and_fifty_six_bits(home: House) -> None:
    """43 signs of base64 and no two alike."""
    tokens = {token_of(home, name) for name in ("ada", "ben")}
    assert len(tokens) == 2
    assert timedelta(hours=2) == TOKEN_FOR
