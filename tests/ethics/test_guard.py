"""The guard, cell by cell: the matrix below is written out by hand, so that a change of the code shows here."""

import pytest

from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Refused, Unauthenticated
from impetus.ethics.guard import GRANTABLE, MATRIX, OPERATIONS, Operation, may, permit, who_may

COLUMNS = "op su it an pl ex dp au in ad pf"
ROLES = dict(
    zip(
        COLUMNS.split(),
        (
            Role.OPERATOR,
            Role.SUPERVISOR,
            Role.IT_SECURITY,
            Role.ANALYST,
            Role.PLANNER,
            Role.EXECUTIVE,
            Role.DPO,
            Role.AUDITOR,
            Role.INTEGRATOR,
            Role.ADMINISTRATOR,
            Role.PLATFORM,
        ),
        strict=True,
    )
)
EXPECTED = {
    "alerts.read": "op su it an pl ex dp au ad pf",
    "alerts.triage": "op su it",
    "alerts.raise": "pf",
    "incidents.read": "op su it an pl ex dp au ad",
    "incidents.write": "op su it",
    "decisions.write": "op su it ex",
    "sources.read": "op su it an pl dp au in ad pf",
    "sources.declare": "in ad pf",
    "observations.write": "pf",
    "quarantine.read": "op su it an dp au in ad",
    "parts.read": "op su it an pl ex dp au in ad pf",
    "parts.report": "pf",
    "retention.sweep": "pf",
    "accounts.manage": "ad",
    "tokens.manage": "ad",
    "history.read": "op su it an pl in ad pf",
    "sensors.read": "op su it an pl in ad",
    "events.read": "op su it an pl ex dp au in ad",
    "log.read": "su dp au ad",
    "log.keep": "pf",
    "accesses.read": "dp au",
    "register.read": "op su it an pl ex dp au in ad",
    "register.write": "dp ad",
    "register.sign": "ex dp",
    "holds.read": "su dp au ad",
    "holds.write": "su dp",
    "retention.read": "dp au ad",
    "backups.make": "ad pf",
    "media.read": "op su",
    "reveals.read": "op su it ex dp au",
    "reveals.ask": "op su",
    "reveals.approve": "su dp",
    "identities.ask": "op su it",
    "identities.approve": "su dp",
    "stops.read": "op su it an pl ex dp au in ad",
    "stops.make": "op su it dp ad",
    "stops.lift": "su dp ad",
    "actions.propose": "op su it",
    "actions.approve": "su ex",
    "plants.manage": "su",
    "figures.read": "op su it an pl ex dp au in ad",
    "playbooks.read": "op su it an pl ex dp au in ad",
    "playbooks.write": "su pl ad",
    "runs.work": "op su it",
    "runs.lead": "su",
    "load.read": "op su it ex ad",
    "load.manage": "su",
    "calls.read": "op su it an pl ex dp au in ad",
    "calls.manage": "su ad",
    "calls.answer": "op su it an pl ex dp au in ad",
    "account.own": "op su it an pl ex dp au in ad",
    "notices.send": "pf",
    "shifts.read": "op su it ex",
    "shifts.write": "op su it",
    "shares.write": "su",
    "shares.work": "op su",
    "warnings.read": "op su it an pl ex dp au in ad",
    "warnings.draft": "op su",
    "effects.read": "op su it an pl ex dp au in ad",
    "samples.read": "op su an dp au",
    "samples.work": "op su",
    "effects.revert": "su pf",
    "feeds.read_in": "pf",
}
CELLS = [(role, operation) for operation in Operation for role in ROLES.values()]


def _actor(role: Role, *operations: str) -> Actor:
    return Actor(name="ada", role=role, operations=frozenset(operations))


@pytest.mark.parametrize(("role", "operation"), CELLS)
def test_each_cell_of_the_matrix_permits_or_refuses_as_written(role: Role, operation: Operation) -> None:
    """A cell written above is permitted; every other one is refused, and the refusal names who may."""
    granted = role in {ROLES[short] for short in EXPECTED[operation].split()}
    assert may(_actor(role), operation) is granted
    if granted:
        permit(_actor(role), operation)
        return
    with pytest.raises(Refused) as refusal:
        permit(_actor(role), operation)
    assert refusal.value.rule.startswith(role)
    assert set(str(refusal.value.limit).split(", ")) == set(who_may(operation))
    assert refusal.value.remedy


def test_every_operation_and_role_is_described() -> None:
    """Nothing is in the matrix by accident: each operation has a sentence, each role a reason."""
    assert set(OPERATIONS) == set(Operation) == set(EXPECTED)
    assert set(MATRIX) == set(Role)
    assert all(sentence.endswith(".") for sentence in OPERATIONS.values())
    assert all(grant.because for grant in MATRIX.values())


@pytest.mark.parametrize("role", list(Role))
def test_an_unknown_operation_is_refused_to_everybody(role: Role) -> None:
    """The guard fails closed: what it has never heard of, nobody may."""
    with pytest.raises(Refused, match=r"may not city\.burn") as refusal:
        permit(_actor(role, "city.burn"), "city.burn")
    assert "does not know" in refusal.value.rule


@pytest.mark.parametrize("operation", list(Operation))
def test_a_token_does_what_is_written_on_it_and_nothing_else(operation: Operation) -> None:
    """A token that carries an operation may do it if tokens can carry it at all; another token may not."""
    assert may(_actor(Role.SERVICE, operation), operation) is (operation in GRANTABLE)
    assert not may(_actor(Role.SERVICE, *(set(Operation) - {operation})), operation)


@pytest.mark.parametrize("operation", ["alerts.triage", "decisions.write", "accounts.manage", "tokens.manage"])
def test_no_token_judges_decides_or_admits(operation: str) -> None:
    """What takes a person's judgement is refused even when somebody wrote it on a token."""
    with pytest.raises(Refused) as refusal:
        permit(_actor(Role.SERVICE, operation), operation)
    assert "a person does" in refusal.value.rule


def test_operations_written_on_a_person_add_nothing() -> None:
    """A person's role decides; the field for tokens cannot widen it."""
    assert not may(_actor(Role.AUDITOR, "alerts.triage"), "alerts.triage")


@pytest.mark.parametrize("nobody", [None, Actor(name="", role=Role.ADMINISTRATOR)])
def test_nobody_is_asked_to_sign_in(nobody: Actor | None) -> None:
    """An act without a name is not refused for a role, it is told to sign in."""
    with pytest.raises(Unauthenticated) as refusal:
        permit(nobody, "alerts.read")
    assert refusal.value.status == 401


def test_console_keeps_accounts_and_the_platform_does_not() -> None:
    """The command line is the administrator; the platform's own parts cannot admit people."""
    permit(console(), "accounts.manage")
    with pytest.raises(Refused):
        permit(platform("fusion"), "accounts.manage")
