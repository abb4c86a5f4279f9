"""Keys of pseudonyms: made once, held by three, renewed by two, and never twice with another meaning."""

from datetime import date, timedelta

import pytest

from desk.samples import AT, person
from impetus.core.actor import Role, console, platform
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.desk.identities import pseudonymise
from impetus.desk.pseudonym_keys import key_days, make_days, set_up
from impetus.ethics.pseudonym import IdentityKind
from impetus.testing.desk import clock_of, memory_desk

TODAY = AT.date()


def test_a_set_up_gives_three_shares_and_the_days_ahead() -> None:
    """Shown in the answer, and in no repr."""
    desk = memory_desk(AT)
    made = set_up(desk, console(), days=30)
    assert len(made.shares) == 3
    assert (made.first, made.last, made.count) == (TODAY, TODAY + timedelta(days=29), 30)
    assert made.shares[0] not in repr(made)
    assert key_days(desk, console()).shares == ()


def test_any_two_custodians_make_more_days_behind_the_last() -> None:
    """And the days they make go on from the same master: a pseudonym is what it would have been."""
    long, short = memory_desk(AT), memory_desk(AT)
    shares = set_up(long, console(), days=40).shares
    for pair in ((0, 1), (0, 2), (1, 2)):
        short = memory_desk(AT)
        short.vault.keep({TODAY: long.vault.day(TODAY)})
        made = make_days(short, console(), [shares[one] for one in pair], days=39)
        assert made.last == long.vault.days()[-1]
        assert [short.vault.day(day) for day in short.vault.days()] == [
            long.vault.day(day) for day in long.vault.days()
        ]
    later = AT + timedelta(days=20)
    names = [
        pseudonymise(desk, platform("x"), "intrusion", IdentityKind.PLATE, "EK 12345", at=later)
        for desk in (long, short)
    ]
    assert names[0] == names[1]


def test_a_gap_is_not_filled_with_days_that_are_past() -> None:
    """After a year nobody came, keys begin today."""
    desk = memory_desk(AT)
    shares = set_up(desk, console(), days=1).shares
    clock_of(desk).set(AT + timedelta(days=365))
    assert make_days(desk, console(), shares[:2], days=2).last == TODAY + timedelta(days=366)
    assert desk.vault.days()[1] == TODAY + timedelta(days=365)


def test_a_second_set_up_is_refused() -> None:
    """Another master would give old pseudonyms new meanings."""
    desk = memory_desk(AT)
    set_up(desk, console(), days=3)
    with pytest.raises(Conflict, match="already"):
        set_up(desk, console(), days=3)


def test_shares_of_another_installation_make_nothing() -> None:
    """Well-formed and of one set, but not of this master."""
    desk, other = memory_desk(AT), memory_desk(AT)
    set_up(desk, console(), days=3)
    other.chance.bytes_(7)
    foreign = set_up(other, console(), days=3).shares
    with pytest.raises(Malformed, match="another master"):
        make_days(desk, console(), foreign[:2], days=3)
    assert len(desk.vault.days()) == 3


@pytest.mark.parametrize("days", [0, -1, 401])
def test_days_have_a_bound(days: int) -> None:
    """Each is a file."""
    with pytest.raises(Malformed, match="days"):
        set_up(memory_desk(AT), console(), days=days)


def test_one_custodian_alone_makes_nothing() -> None:
    """Nor the same paper twice."""
    desk = memory_desk(AT)
    shares = set_up(desk, console(), days=3).shares
    for lines in (shares[:1], (shares[0], shares[0])):
        with pytest.raises(Malformed):
            make_days(desk, console(), lines, days=3)


def test_who_works_on_alerts_makes_no_keys() -> None:
    """Keys are for whoever keeps the platform, and the shares for the custodians."""
    desk = memory_desk(AT)
    with pytest.raises(Refused):
        set_up(desk, person(desk, "kari", Role.OPERATOR), days=3)
    assert desk.vault.days() == ()
    assert key_days(desk, console()).first is None


def test_the_days_are_days_of_utc() -> None:
    """Whatever the installation's zone, one moment has one key."""
    desk = memory_desk(AT)
    assert set_up(desk, console(), days=1).first == date(2026, 3, 14)
