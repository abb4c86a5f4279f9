"""Planned works: a window in which the city itself makes readings odd, and what they raise is put aside with the reason."""

from impetus.core.actor import Actor
from impetus.core.attention import Quiet, QuietKind
from impetus.desk import quieting
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.quieting import RuleShown, Wanted
from impetus.ethics.guard import Operation

WORKS = QuietKind.WORKS


def plan_works(desk: Desk, actor: Actor, wanted: Wanted) -> Quiet:
    """Plan works; what they raise is shelved until they end, then asks again if it is still so."""
    permit(desk, actor, Operation.LOAD_MANAGE, on="quiet:works")
    return quieting.make(desk, actor, WORKS, wanted, owner=actor.name)


def end_works(desk: Desk, actor: Actor, works: int) -> Quiet:
    """End works before their time; what was put aside comes back now."""
    permit(desk, actor, Operation.LOAD_MANAGE, on=f"quiet:{works}")
    return quieting.end(desk, actor, WORKS, works)


def works(desk: Desk, actor: Actor) -> tuple[RuleShown, ...]:
    """Return planned, running and past works, with how many alerts each put aside."""
    permit(desk, actor, Operation.LOAD_READ, on="quiet:works")
    return quieting.rules(desk, actor, WORKS)
