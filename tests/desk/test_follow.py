"""Following changes: who may be told of what, and what is still kept."""

from datetime import UTC, datetime

import pytest

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused
from impetus.desk import follow
from impetus.testing.desk import memory_desk

NOW = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)


@pytest.mark.parametrize(
    ("role", "told"),
    [
        (Role.OPERATOR, {"alert", "incident", "part", "source"}),
        (Role.INTEGRATOR, {"part", "source"}),
        (Role.EXECUTIVE, {"alert", "incident", "part"}),
    ],
)
def test_everybody_is_told_only_of_what_they_may_read(role: Role, told: set[str]) -> None:
    """Changes of accounts, and of kinds nobody has thought of yet, are told to nobody."""
    actor = Actor(name="kari", role=role)
    kinds = {"alert", "incident", "part", "source", "account", "novelty"}
    assert {kind for kind in kinds if follow.may_be_told(actor, kind)} == told


def test_following_at_all_takes_the_operation() -> None:
    """A token without `events.read` follows nothing."""
    desk = memory_desk(NOW)
    follow.may_follow(desk, Actor(name="kari", role=Role.OPERATOR))
    with pytest.raises(Refused):
        follow.may_follow(desk, Actor(name="token", role=Role.SERVICE, operations=frozenset({"alerts.read"})))


def test_what_is_kept_is_known_and_read_in_order() -> None:
    """An empty outbox spans 0 to 0; changes come in the order of their commits."""
    desk = memory_desk(NOW)
    assert follow.span(desk) == follow.Span(oldest=0, newest=0)
    assert not follow.wait(desk, 0, timeout_s=0)
    for number in range(3):
        with desk.store.write() as unit:
            unit.outbox.add(NOW, "alert", str(number), {})
    assert follow.span(desk) == follow.Span(oldest=1, newest=3)
    assert follow.wait(desk, 2, timeout_s=1)
    assert [change.subject for change in follow.changes_after(desk, 1)] == ["1", "2"]
