"""Service tokens: scoped, hashed, revocable, and never a person."""

import re
from datetime import UTC, datetime, timedelta

import pytest

from impetus.core.actor import Actor, Role, console
from impetus.core.errors import Malformed, Refused, Unauthenticated
from impetus.core.ids import SourceId
from impetus.desk import read, tokens
from impetus.desk.context import Desk
from impetus.ports import AlertQuery
from impetus.testing.desk import clock_of, memory_desk

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


@pytest.fixture
def desk() -> Desk:
    """Return an empty desk."""
    return memory_desk(AT)


def test_a_token_does_what_is_written_on_it(desk: Desk) -> None:
    """It may read alerts, and not history."""
    _, secret = tokens.issue(desk, console(), "wall", ["alerts.read"])
    wall = tokens.who(desk, secret)
    assert (wall.name, wall.role) == ("token:wall", Role.SERVICE)
    assert read.list_alerts(desk, wall, AlertQuery()).items == ()
    with pytest.raises(Refused, match=r"may not history\.read"):
        read.latest(desk, wall)


def test_a_token_has_256_bits_and_is_stored_as_a_hash_only(desk: Desk) -> None:
    """What is stored does not give the token away; what is shown can be found by a scanner for leaked secrets."""
    token, secret = tokens.issue(desk, console(), "square", ["observations.write"], SourceId("square"))
    assert re.fullmatch(r"imp_[A-Za-z0-9_-]{43}", secret)
    assert len(token.token_hash) == 64
    assert secret not in repr(tokens.everything(desk, console()))
    assert tokens.who(desk, secret).source == "square"


@pytest.mark.parametrize("bearer", ["", "imp_", "imp_" + "A" * 43, "A" * 47, "imp_" + "A" * 42, "imp_" + "é" * 43])
def test_what_is_no_token_is_nobody(desk: Desk, bearer: str) -> None:
    """Unknown, too short, without the prefix: one answer."""
    tokens.issue(desk, console(), "wall", ["alerts.read"])
    with pytest.raises(Unauthenticated, match="unknown, expired or revoked"):
        tokens.who(desk, bearer)


def test_a_revoked_token_is_out_at_once(desk: Desk) -> None:
    """Revoked, and still listed, with when."""
    token, secret = tokens.issue(desk, console(), "wall", ["alerts.read"])
    tokens.revoke(desk, console(), token.id)
    with pytest.raises(Unauthenticated):
        tokens.who(desk, secret)
    assert [each.revoked_at for each in tokens.everything(desk, console())] == [AT]


def test_a_token_expires(desk: Desk) -> None:
    """Good until its last moment, and not at it."""
    _, secret = tokens.issue(desk, console(), "demo", ["alerts.read"], expires_at=AT + timedelta(hours=1))
    clock_of(desk).advance(3_599)
    assert tokens.who(desk, secret).name == "token:demo"
    clock_of(desk).advance(1)
    with pytest.raises(Unauthenticated):
        tokens.who(desk, secret)


@pytest.mark.parametrize("operation", ["alerts.triage", "decisions.write", "accounts.manage", "alerts.raise"])
def test_no_token_is_issued_for_what_takes_a_person(desk: Desk, operation: str) -> None:
    """Judging, deciding, admitting, and the platform's own work."""
    with pytest.raises(Refused, match="a token cannot carry"):
        tokens.issue(desk, console(), "robot", ["alerts.read", operation])


@pytest.mark.parametrize("operations", [[], ["alerts.burn"]])
def test_a_token_is_for_something_that_exists(desk: Desk, operations: list[str]) -> None:
    """Nothing, and what does not exist, are refused with what there is."""
    with pytest.raises(Malformed) as refusal:
        tokens.issue(desk, console(), "robot", operations)
    assert "observations.write" in str(refusal.value.limit)


def test_a_token_issues_no_token(desk: Desk) -> None:
    """Only administrators do, whatever is written on it."""
    robot = Actor(name="token:robot", role=Role.SERVICE, operations=frozenset({"tokens.manage"}))
    for act in (
        lambda: tokens.issue(desk, robot, "child", ["alerts.read"]),
        lambda: tokens.revoke(desk, robot, 1),
        lambda: tokens.everything(desk, robot),
    ):
        with pytest.raises(Refused):
            act()
