"""What can become of a proposal, written out by hand; what a hash is of; and classes that a kind cannot escape."""

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.action import (
    ACTION_LIFECYCLE,
    AGREEING,
    CLASS_RULES,
    KIND_RULES,
    LIVE,
    WAITING,
    Action,
    ActionClass,
    ActionEvent,
    ActionKind,
    ActionState,
    answerable_of,
    deciders_of,
)
from impetus.core.actor import Role
from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict
from impetus.core.ids import AccountId, ActionId, IncidentId

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
ALLOWED = {
    ActionState.PROPOSED: "approve authorise lack change decline withdraw expire",
    ActionState.APPROVED: "approve authorise lack change decline withdraw expire",
    ActionState.AUTHORISED: "lack change decline withdraw expire begin",
    ActionState.PERFORMING: "perform fail",
    ActionState.PERFORMED: "",
    ActionState.DECLINED: "",
    ActionState.EXPIRED: "",
    ActionState.WITHDRAWN: "",
    ActionState.FAILED: "",
}
ONE = Action(
    id=ActionId(1),
    version=3,
    revision=1,
    state=ActionState.PROPOSED,
    kind=ActionKind.PUBLIC_WARNING,
    target="the square",
    incident=IncidentId(4),
    why="fire",
    proposed_by="ada",
    proposer=AccountId(9),
    at=AT,
    expires=AT + timedelta(hours=1),
    changed_at=AT,
    parameters={"text": "leave", "area": "the square"},
)
AGREED_TO = {
    "id": ActionId(2),
    "revision": 2,
    "kind": ActionKind.CITY_SYSTEM,
    "target": "the harbour",
    "incident": None,
    "why": "smoke",
    "proposer": AccountId(8),
    "at": AT + timedelta(microseconds=1),
    "expires": AT + timedelta(hours=2),
    "simulated": True,
    "parameters": {"text": "leave ", "area": "the square"},
}
"""Every field that is part of what a person agrees to, with another value."""
NOT_AGREED_TO = {"version", "state", "changed_at", "receipt", "proposed_by"}
"""What changes while the proposal stays the same; the name stands for the account, which is agreed to."""


@pytest.mark.parametrize("state", list(ActionState))
def test_a_proposal_in_each_state_allows_what_is_written_above(state: ActionState) -> None:
    """Nothing happens to what is over, and nothing but its end to what is under way."""
    assert " ".join(ACTION_LIFECYCLE.allowed(state)) == ALLOWED[state]


@pytest.mark.parametrize("state", list(ActionState))
@pytest.mark.parametrize("event", list(ActionEvent))
def test_every_cell_is_a_step_or_says_why_not(state: ActionState, event: ActionEvent) -> None:
    """Nothing is decided by omission; a refusal is the table's own sentence."""
    cell = ACTION_LIFECYCLE.table[state, event]
    if isinstance(cell, Step):
        assert ACTION_LIFECYCLE.step(state, event) == cell
        assert Effect.RECORD in cell.effects
    else:
        with pytest.raises(Conflict) as refusal:
            ACTION_LIFECYCLE.step(state, event)
        assert cell in refusal.value.detail


def test_there_is_one_way_to_an_effect() -> None:
    """Performing begins in `authorised` alone, `authorised` is reached by an agreeing event alone, and no state returns."""
    steps = {cell: cells for cell, cells in ACTION_LIFECYCLE.table.items() if isinstance(cells, Step)}
    into = {
        state: {cell for cell, step in steps.items() if step.state == state} for state in ("performing", "authorised")
    }
    assert into["performing"] == {(ActionState.AUTHORISED, ActionEvent.BEGIN)}
    assert {event for _, event in into["authorised"]} == {ActionEvent.AUTHORISE}
    assert ActionEvent.AUTHORISE in AGREEING
    assert {state for state, _ in steps} == set(LIVE)


@pytest.mark.parametrize("event", [ActionEvent.LACK, ActionEvent.CHANGE])
@pytest.mark.parametrize("state", [*WAITING, ActionState.AUTHORISED])
def test_missing_information_and_a_change_ask_everybody_again(state: ActionState, event: ActionEvent) -> None:
    """From wherever people are asked, and audibly: somebody has to look again."""
    step = ACTION_LIFECYCLE.step(state, event)
    assert step.state == ActionState.PROPOSED
    assert Effect.SOUND in step.effects


@pytest.mark.parametrize("name", list(AGREED_TO))
def test_an_approval_is_bound_to_every_word_that_was_shown(name: str) -> None:
    """Another value of any of these is another thing to agree to, a space at the end included."""
    other = replace(ONE, **{name: AGREED_TO[name]})  # type: ignore[arg-type]  # one field at a time
    assert other.content_hash() != ONE.content_hash()


def test_every_field_is_either_agreed_to_or_said_not_to_be() -> None:
    """A new field makes somebody decide whether people agree to it."""
    assert {field.name for field in fields(Action)} == set(AGREED_TO) | NOT_AGREED_TO


@pytest.mark.parametrize(
    ("name", "value"),
    [("version", 9), ("state", ActionState.AUTHORISED), ("changed_at", AT + timedelta(days=1)), ("receipt", "done")],
)
def test_what_moves_while_it_is_decided_is_not_part_of_it(name: str, value: object) -> None:
    """Otherwise the first yes would void itself."""
    assert replace(ONE, **{name: value}).content_hash() == ONE.content_hash()  # type: ignore[arg-type]  # one field


@given(parameters=st.dictionaries(st.text(max_size=8), st.text(max_size=8), max_size=5))
def test_the_order_of_parameters_is_no_part_of_it_and_their_words_are(parameters: dict[str, str]) -> None:
    """The same words in another order are the same; any other words are not."""
    one = replace(ONE, parameters=parameters)
    turned = replace(ONE, parameters=dict(reversed(parameters.items())))
    more = replace(ONE, parameters={**parameters, "one more": "x"})
    assert one.content_hash() == turned.content_hash() != more.content_hash()


@given(first=st.text(max_size=12), second=st.text(max_size=12), cut=st.integers(0, 12))
def test_words_cannot_move_from_one_field_to_the_next(first: str, second: str, cut: int) -> None:
    """No two proposals with different fields share a hash by running together."""
    whole = first + second
    one = replace(ONE, target=first, why=second)
    other = replace(ONE, target=whole[:cut], why=whole[cut:])
    assert (one.content_hash() == other.content_hash()) == (one.target == other.target and one.why == other.why)


def test_a_kind_has_its_class_and_nobody_can_give_it_another() -> None:
    """It is no field: there is nothing to set."""
    assert "action_class" not in {field.name for field in fields(Action)}
    assert [KIND_RULES[kind].action_class for kind in ActionKind] == ["A", "B", "C", "D", "E", "E"]
    with pytest.raises(TypeError):
        replace(ONE, action_class=ActionClass.A)  # type: ignore[call-arg]  # that is what is refused


def test_the_further_it_reaches_the_more_people_it_takes() -> None:
    """From nobody to two, never fewer for a higher letter; machines are never among them."""
    persons = [CLASS_RULES[letter].persons for letter in ActionClass]
    assert persons == sorted(persons) == [0, 1, 1, 2, 2]
    for kind in ActionKind:
        assert not (deciders_of(kind) | answerable_of(kind)) & {Role.SERVICE, Role.PLATFORM}
        assert answerable_of(kind) <= deciders_of(kind)


def test_behind_a_pseudonym_somebody_answerable_is_always_among_the_two() -> None:
    """Two operators are not enough to bring back an identity."""
    assert Role.OPERATOR in deciders_of(ActionKind.RE_IDENTIFICATION)
    assert answerable_of(ActionKind.RE_IDENTIFICATION) == {Role.SUPERVISOR, Role.DPO}
    assert not KIND_RULES[ActionKind.RE_IDENTIFICATION].is_proposable
