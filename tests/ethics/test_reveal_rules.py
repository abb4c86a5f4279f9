"""Two persons, a short time, and a mark: the rules of lifting a mask, by themselves."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Malformed, Refused
from impetus.core.ids import AccountId
from impetus.ethics.reveal import MAX_REVEAL, Asker, is_within, person, second_person, span, watermark

AT = datetime(2026, 5, 3, 14, 8, 12, tzinfo=UTC)
KARI = Actor(name="kari", role=Role.OPERATOR, account=AccountId(1))
SOL = Actor(name="sol", role=Role.SUPERVISOR, account=AccountId(2))
TOKEN = Actor(name="a program", role=Role.SERVICE, operations=frozenset({"reveals.approve"}))


@pytest.mark.parametrize("actor", [console(), platform("fusion"), TOKEN])
def test_a_mask_is_lifted_between_persons_only(actor: Actor) -> None:
    """The console, the platform and tokens neither ask nor approve."""
    with pytest.raises(Refused, match="no signed-in person"):
        person(actor)
    with pytest.raises(Refused, match="no signed-in person"):
        second_person(person(KARI), actor)


def test_another_person_approves() -> None:
    """Two accounts, two names."""
    assert second_person(person(KARI), SOL) == Asker(name="sol", account=AccountId(2))


@pytest.mark.parametrize(
    "same",
    [
        KARI,
        Actor(name="kari", role=Role.SUPERVISOR, account=AccountId(1)),
        Actor(name="KARI", role=Role.SUPERVISOR, account=AccountId(9)),
        Actor(name="someone", role=Role.SUPERVISOR, account=AccountId(1)),
    ],
)
def test_nobody_approves_what_they_asked(same: Actor) -> None:
    """Not with a new role, another spelling, a renamed account or a second account of the same name."""
    with pytest.raises(Refused, match="cannot approve") as refusal:
        second_person(person(KARI), same)
    assert refusal.value.rule == "asker and approver are two persons"


@pytest.mark.parametrize("minutes", [-1, 0, 31, 10_000])
def test_no_reveal_is_longer_than_half_an_hour(minutes: int) -> None:
    """Nor shorter than a minute."""
    with pytest.raises(Malformed, match="minutes"):
        span(minutes)


@pytest.mark.parametrize("minutes", [1, 10, 30])
def test_a_short_reveal_is_as_long_as_asked(minutes: int) -> None:
    """Ten minutes are ten minutes."""
    assert span(minutes) == timedelta(minutes=minutes)


def test_the_end_is_not_part_of_the_span() -> None:
    """Open at the first moment, over at the last."""
    until = AT + timedelta(minutes=10)
    assert is_within(AT, until, AT, AT)
    assert is_within(AT, until, AT, until - timedelta(microseconds=1))
    assert not is_within(AT, until, AT, until)


def test_a_clock_set_back_wins_no_time() -> None:
    """Once looked at 14:17, a clock that says 14:10 shows nothing; two seconds of steering are forgiven."""
    until, newest = AT + timedelta(minutes=10), AT + timedelta(minutes=9)
    assert not is_within(AT, until, newest, AT + timedelta(minutes=2))
    assert is_within(AT, until, newest, newest - timedelta(seconds=2))
    assert not is_within(AT, until, newest, newest - timedelta(seconds=3))


@given(jumps=st.lists(st.integers(-3600, 3600), max_size=30))
def test_whatever_the_clock_does_no_more_is_seen_than_was_granted(jumps: list[int]) -> None:
    """Times at which the picture is clear never span more than the half hour, and end for good when it ends."""
    until, newest, at, seen = AT + MAX_REVEAL, AT, AT, []
    for jump in jumps:
        at += timedelta(seconds=jump)
        if is_within(AT, until, newest, at):
            newest = max(newest, at)
            seen.append(at)
        elif at >= until:
            newest = at
    assert all(later >= earlier - timedelta(seconds=2) for earlier, later in pairwise(seen))
    assert not seen or max(seen) - min(seen) <= MAX_REVEAL + timedelta(seconds=2)


def test_the_mark_says_whose_screen_it_was() -> None:
    """Viewer, role, time to the second, the request, and the reason's beginning, on one line."""
    mark = watermark("kari", "operator", AT, "reveal 7", "armed person\nseen at the north steps")
    assert mark == "kari · operator · 2026-05-03 14:08:12Z · reveal 7 · armed person seen at th…"


@pytest.mark.parametrize(
    ("reason", "end"),
    [
        ("a" * 24, "a" * 24),
        ("a" * 25, "a" * 23 + "…"),
        (f"{'a' * 22} bcd", "a" * 22 + "…"),
        ("  armed \n person ", "armed person"),
        ("", ""),
    ],
)
def test_a_reason_in_the_mark_has_24_letters_at_most(reason: str, end: str) -> None:
    """Spaces become one, and a cut says that it is one, without a space before it."""
    assert watermark("kari", "operator", AT, "reveal 7", reason).rpartition(" · ")[2] == end


def test_two_seconds_before_it_was_opened_are_within_and_no_more() -> None:
    """A clock that is steered may step so far back; once the end was seen, nothing is within."""
    until, two = AT + timedelta(minutes=10), timedelta(seconds=2)
    assert is_within(AT, until, AT, AT - two)
    assert not is_within(AT, until, AT - two, AT - two - timedelta(microseconds=1))
    assert is_within(AT, until, until - timedelta(microseconds=1), until - timedelta(seconds=1))
    assert not is_within(AT, until, until, until - timedelta(seconds=1))
