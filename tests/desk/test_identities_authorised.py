"""An identity comes out of the vault under an authorisation of two different people who may still decide, and no other."""

from dataclasses import replace

import pytest

from desk.test_identities import PLAIN, Vaulted
from impetus.core.actor import console
from impetus.core.errors import Refused
from impetus.core.identity import IdentityState
from impetus.desk import accounts, identities


@pytest.fixture
def approved() -> Vaulted:
    """Return a room in which per asked and sol approved."""
    room = Vaulted()
    room.ask()
    identities.approve(room.desk, room.who("sol"), 1)
    return room


def test_two_people_open_the_vault(approved: Vaulted) -> None:
    """Who asked and who approved."""
    assert identities.show(approved.desk, approved.who("per"), 1).value == PLAIN


def test_an_approval_of_somebody_disabled_since_opens_nothing(approved: Vaulted) -> None:
    """What a yes is worth is decided when it is used; the request stays as it was."""
    accounts.disable(approved.desk, console(), "sol")
    with pytest.raises(Refused, match="not enough people have agreed"):
        identities.show(approved.desk, approved.who("per"), 1)
    assert approved.state() is IdentityState.APPROVED


@pytest.mark.parametrize("approver", [None, "per", "nobody-here"])
def test_a_state_set_by_force_opens_nothing(approved: Vaulted, approver: str | None) -> None:
    """Approved by nobody, by who asked, or by a name without an account: a word in a column is no decision."""
    with approved.desk.store.write() as unit:
        unit.identities.replace(replace(unit.identities.get(1), approved_by=approver))
    with pytest.raises(Refused, match="not enough people have agreed"):
        identities.show(approved.desk, approved.who("per"), 1)
    assert approved.state() is IdentityState.APPROVED
