"""Reveals and re-identifications: what each state allows, written by hand; every cell is filled."""

import pytest

from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict, Malformed
from impetus.core.identity import IDENTITY_LIFECYCLE, IdentityEvent, IdentityState
from impetus.core.lifecycle import Lifecycle
from impetus.core.reveal import REVEAL_LIFECYCLE, RevealEvent, RevealState, check_subject

ALLOWED_TO_REVEALS = {
    "asked": "approve decline close expire",
    "approved": "decline open close expire",
    "open": "close expire",
    "closed": "",
    "declined": "",
    "expired": "",
}
ALLOWED_TO_IDENTITIES = {
    "asked": "approve decline expire",
    "approved": "decline show expire",
    "spent": "",
    "declined": "",
    "expired": "",
}
BOTH = [(REVEAL_LIFECYCLE, ALLOWED_TO_REVEALS), (IDENTITY_LIFECYCLE, ALLOWED_TO_IDENTITIES)]
CELLS = [(table, state, event) for table, _ in BOTH for state in table.states for event in table.events]


@pytest.mark.parametrize(("table", "allowed"), BOTH, ids=["reveal", "identity"])
def test_each_state_allows_what_is_written_above(table: Lifecycle, allowed: dict[str, str]) -> None:
    """These are the buttons a person has."""
    assert {state: " ".join(table.allowed(state)) for state in table.states} == allowed


@pytest.mark.parametrize(("table", "state", "event"), CELLS)
def test_every_cell_leads_somewhere_or_says_why_not(table: Lifecycle, state: str, event: str) -> None:
    """Nothing is decided by omission; every step is recorded and shown to all."""
    cell = table.table[state, event]
    if isinstance(cell, Step):
        assert {Effect.RECORD, Effect.SHOW} <= set(cell.effects)
        assert cell.state in table.states
    else:
        with pytest.raises(Conflict, match=cell):
            table.step(state, event)


def test_nothing_is_shown_without_an_approval_before_it() -> None:
    """Open and spent are reached from approved only, and approved from asked only."""
    for table, shown in ((REVEAL_LIFECYCLE, RevealState.OPEN), (IDENTITY_LIFECYCLE, IdentityState.SPENT)):
        ways = [(state, cell.state) for (state, _), cell in table.table.items() if isinstance(cell, Step)]
        assert {before for before, after in ways if after == shown} == {"approved"}
        assert {before for before, after in ways if after == "approved"} == {"asked"}


def test_what_is_over_stays_over() -> None:
    """No event leads out of an end."""
    assert not any(REVEAL_LIFECYCLE.allowed(state) for state in ("closed", "declined", "expired"))
    assert not any(IDENTITY_LIFECYCLE.allowed(state) for state in ("spent", "declined", "expired"))


def test_an_approval_asks_for_attention() -> None:
    """Who waits for it hears it; nothing else sounds."""
    for table, approve in ((REVEAL_LIFECYCLE, RevealEvent.APPROVE), (IDENTITY_LIFECYCLE, IdentityEvent.APPROVE)):
        sounding = {
            event for (_, event), cell in table.table.items() if isinstance(cell, Step) and "sound" in cell.effects
        }
        assert sounding == {approve}


@pytest.mark.parametrize("subject", ["camera:c14", "camera:quay_2", "evidence:6f1e-a.b"])
def test_one_camera_or_one_piece_of_evidence_can_be_revealed(subject: str) -> None:
    """One at a time."""
    assert check_subject(subject) == subject


@pytest.mark.parametrize(
    "subject",
    ["", "camera:", "camera:*", "camera:C14", "cameras:all", "camera:c1,c2", "evidence:../key", "camera:c1\n"],
)
def test_nothing_else_can(subject: str) -> None:
    """Not all at once, not a path, not a list."""
    with pytest.raises(Malformed, match="cannot be revealed"):
        check_subject(subject)
