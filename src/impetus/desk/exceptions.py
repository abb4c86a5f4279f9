"""Global exceptions: a known nuisance that nobody is asked about until a date, with an owner who answers for it.

An exception never touches what is extreme. One that ran out stands at every hand-over until somebody says that they read it.
"""

from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.attention import Quiet, QuietKind
from impetus.desk import quieting
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.quieting import RuleShown, Wanted
from impetus.ethics.guard import Operation
from impetus.ports import Unit

EXCEPTION = QuietKind.EXCEPTION


def make_exception(desk: Desk, actor: Actor, wanted: Wanted, *, owner: str) -> Quiet:
    """Make an exception in the name of whoever answers for it; at most for ninety days."""
    permit(desk, actor, Operation.LOAD_MANAGE, on="quiet:exception")
    return quieting.make(desk, actor, EXCEPTION, wanted, owner=owner.strip() or actor.name)


def end_exception(desk: Desk, actor: Actor, exception: int) -> Quiet:
    """End an exception before its time; what was put aside comes back now."""
    permit(desk, actor, Operation.LOAD_MANAGE, on=f"quiet:{exception}")
    return quieting.end(desk, actor, EXCEPTION, exception)


def review_exception(desk: Desk, actor: Actor, exception: int) -> Quiet:
    """Say that one read that an exception ran out; it leaves the hand-over."""
    permit(desk, actor, Operation.LOAD_READ, on=f"quiet:{exception}")
    return quieting.review(desk, actor, EXCEPTION, exception)


def exceptions(desk: Desk, actor: Actor) -> tuple[RuleShown, ...]:
    """Return all exceptions, standing and past, with how many alerts each put aside."""
    permit(desk, actor, Operation.LOAD_READ, on="quiet:exception")
    return quieting.rules(desk, actor, EXCEPTION)


def to_hand_over(unit: Unit, at: datetime) -> tuple[Quiet, ...]:
    """Return what a hand-over must name: rules in force, and exceptions that ran out and nobody read about yet."""
    known = unit.attention.rules()
    in_force = [rule for rule in known if rule.ended_at is None and rule.since <= at < rule.until]
    ran_out = [
        rule
        for rule in known
        if rule.kind is EXCEPTION and rule.ended_at is None and rule.until <= at and rule.reviewed_at is None
    ]
    return (*ran_out, *in_force)
