"""What must hold of the guard whoever asks for whatever: showing and doing agree, and every refusal can be understood."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused, Unauthenticated
from impetus.ethics.guard import GRANTABLE, MATRIX, OPERATIONS, Operation, may, permit, who_may

JUDGING = {
    Operation.ALERTS_TRIAGE,
    Operation.INCIDENTS_WRITE,
    Operation.DECISIONS_WRITE,
    Operation.ACCOUNTS_MANAGE,
    Operation.TOKENS_MANAGE,
    Operation.REGISTER_SIGN,
    Operation.REVEALS_APPROVE,
    Operation.IDENTITIES_APPROVE,
    Operation.ACTIONS_APPROVE,
    Operation.STOPS_LIFT,
}
"""What takes a person's judgement: position 5 of the house's ethics, AI Act, article 14."""

operations = some.one_of(some.sampled_from([str(each) for each in Operation]), some.text(max_size=20))
actors = some.builds(
    Actor,
    name=some.text(min_size=1, max_size=20),
    role=some.sampled_from(list(Role)),
    operations=some.frozensets(operations, max_size=6),
    source=some.one_of(some.none(), some.text(max_size=5)),
)


def refused(actor: Actor, operation: str) -> Refused | None:
    """Return the refusal, None when it is permitted."""
    try:
        permit(actor, operation)
    except Refused as error:
        return error
    return None


@given(actors, operations)
def test_what_is_shown_is_what_may_be_done(actor: Actor, operation: str) -> None:
    """A button that is there works, and one that is not there would be refused."""
    assert may(actor, operation) is (refused(actor, operation) is None)


@given(actors, operations)
def test_every_refusal_names_who_asked_what_the_rule_and_a_remedy(actor: Actor, operation: str) -> None:
    """Whoever is refused knows why and what would help, whatever they asked for."""
    error = refused(actor, operation)
    if error is not None:
        assert error.detail == f"{actor.name} ({actor.role}) may not {operation}"
        assert error.rule
        assert error.remedy
        assert error.limit == (", ".join(who_may(operation)) or "nobody")
        assert error.source == "role matrix of the guard, deny by default"


@given(actors, some.frozensets(operations, max_size=6), operations)
def test_writing_on_a_person_changes_nothing(actor: Actor, written: frozenset[str], operation: str) -> None:
    """Only the role of a person decides; what a token would carry is ignored."""
    if actor.role is not Role.SERVICE:
        other = Actor(name=actor.name, role=actor.role, operations=written)
        assert may(actor, operation) is may(other, operation)


@given(some.frozensets(operations), some.frozensets(operations), operations)
def test_a_token_with_more_on_it_may_no_less(few: frozenset[str], more: frozenset[str], operation: str) -> None:
    """Adding an operation to a token never takes another away."""
    small = Actor(name="counter", role=Role.SERVICE, operations=few)
    large = Actor(name="counter", role=Role.SERVICE, operations=few | more)
    assert may(large, operation) or not may(small, operation)


@given(some.frozensets(operations), operations)
def test_no_token_does_what_is_not_written_on_it(written: frozenset[str], operation: str) -> None:
    """Least privilege: a token is a list, and the list is short."""
    token = Actor(name="counter", role=Role.SERVICE, operations=written)
    assert not may(token, operation) or (operation in written and operation in GRANTABLE)


def test_nothing_that_takes_judgement_can_be_written_on_a_token() -> None:
    """Judging, deciding and admitting people stay with people, by the list of what tokens can carry."""
    assert not JUDGING & GRANTABLE
    assert set(OPERATIONS) > GRANTABLE


def test_the_platform_judges_nothing_by_itself() -> None:
    """It senses, raises and cleans up; nothing it may do is a judgement."""
    assert not JUDGING & MATRIX[Role.PLATFORM].may


def test_whoever_oversees_changes_nothing() -> None:
    """The auditor only reads: every operation of theirs ends in `read`, but for answering when called and their own account."""
    changing = {operation for operation in MATRIX[Role.AUDITOR].may if not operation.endswith(".read")}
    assert changing <= {"calls.answer", "account.own"}


def test_the_data_protection_officer_signs_holds_and_stops_and_judges_nothing() -> None:
    """Beyond what the auditor sees, the officer may do exactly what answers for the processing (GDPR, article 39)."""
    beyond = MATRIX[Role.DPO].may - MATRIX[Role.AUDITOR].may
    assert {operation.value for operation in beyond} == {
        "register.write",
        "register.sign",
        "holds.write",
        "reveals.approve",
        "identities.approve",
        "stops.make",
        "stops.lift",
    }
    assert not {Operation.ALERTS_TRIAGE, Operation.DECISIONS_WRITE} & MATRIX[Role.DPO].may


def test_who_keeps_accounts_does_not_judge_alerts() -> None:
    """The one who could make themselves an operator is not one already: two hands for two things."""
    assert not {Operation.ALERTS_TRIAGE, Operation.DECISIONS_WRITE} & MATRIX[Role.ADMINISTRATOR].may
    keepers = {role for role, grant in MATRIX.items() if Operation.ACCOUNTS_MANAGE in grant.may}
    assert keepers == {Role.ADMINISTRATOR}


@pytest.mark.parametrize("operation", list(Operation))
def test_every_operation_can_be_done_by_somebody(operation: Operation) -> None:
    """An operation nobody may do is a dead end in the program."""
    assert who_may(operation)
    assert any(may(Actor(name="x", role=role, operations=frozenset({operation})), operation) for role in Role)


@pytest.mark.parametrize("operation", list(Operation))
def test_who_may_is_who_is_permitted(operation: Operation) -> None:
    """The list in a refusal is true: each role on it is permitted, with a token that carries it for `service`."""
    permitted = {
        role.value for role in Role if may(Actor(name="x", role=role, operations=frozenset({operation})), operation)
    }
    assert set(who_may(operation)) == permitted


def test_a_refused_token_is_told_to_carry_it_and_a_refused_person_whom_to_ask() -> None:
    """The remedy fits who asked."""
    token, planner = Actor(name="counter", role=Role.SERVICE), Actor(name="pia", role=Role.PLANNER)
    by_token, by_person = refused(token, "alerts.read"), refused(planner, "tokens.manage")
    assert by_token is not None
    assert by_token.remedy == "issue a token that carries alerts.read"
    assert by_person is not None
    assert by_person.remedy == "ask somebody who is administrator"


def test_what_the_platform_does_not_do_has_no_remedy_to_promise() -> None:
    """An operation that exists for nobody is answered with that."""
    error = refused(Actor(name="ada", role=Role.OPERATOR), "faces.find")
    assert error is not None
    assert error.remedy == "there is none; the platform does not do this"
    assert error.limit == "nobody"


def test_nobody_is_told_to_sign_in_and_not_whether_it_exists() -> None:
    """Without a name there is one answer for every operation, known or not."""
    said = []
    for operation in ("alerts.read", "faces.find"):
        with pytest.raises(Unauthenticated) as refusal:
            permit(None, operation)
        said.append((refusal.value.detail, refusal.value.rule, refusal.value.remedy))
    assert len(set(said)) == 1
