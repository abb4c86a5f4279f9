"""What can be stopped here, for people who would rather tap than type."""

from collections.abc import Sequence
from dataclasses import dataclass

from impetus.core.actor import Actor
from impetus.core.stop import ALL, Scope, Stop, Target
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation

NEVER_STOPPED = frozenset({"web", "keeper", "log", "supervisor"})
"""Parts that stay so that people see what is stopped and the log goes on."""
MOST_CAMERAS = 200
"""Cameras offered one by one; more are stopped by name or by their source. House rule."""
LOOKING = "camera"


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One thing that can be stopped, by its name for people, and what stops it already."""

    target: Target
    name: str
    stopped: Stop | None


def choices(desk: Desk, actor: Actor) -> Sequence[Choice]:
    """Return everything, then tools, sources and cameras, in the order people look for them."""
    permit(desk, actor, Operation.STOPS_READ)
    with desk.store.read() as unit:
        parts = [str(part.part) for part in unit.parts.all() if part.part not in NEVER_STOPPED]
        sources = list(unit.sources.all())
        things = {each.thing: each.thing_name for each in unit.sources.catalogue().datastreams.values()}
    looking = {source.id for source in sources if LOOKING in source.kind.lower()}
    cameras = sorted(thing for thing in things if str(thing).partition("/")[0] in looking)[:MOST_CAMERAS]
    offered = [
        (ALL, ""),
        *((Target(scope=Scope.TOOL, key=part), part) for part in sorted(parts)),
        *((Target(scope=Scope.SOURCE, key=source.id), source.name) for source in sources),
        *((Target(scope=Scope.CAMERA, key=str(thing)), things[thing]) for thing in cameras),
    ]
    standing = desk.stops.standing()
    own = {stop.target: stop for stop in standing.stops}
    whole = standing.of_everything()
    return [Choice(target=target, name=name, stopped=own.get(target) or whole) for target, name in offered]
