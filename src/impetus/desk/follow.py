"""Follow what changes: the outbox in order, and who may be told of what."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from impetus.core.actor import Actor
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ports import Change

TOLD_TO: Mapping[str, Operation] = {
    "alert": Operation.ALERTS_READ,
    "ask": Operation.ALERTS_READ,
    "incident": Operation.INCIDENTS_READ,
    "part": Operation.PARTS_READ,
    "source": Operation.SOURCES_READ,
    "stop": Operation.STOPS_READ,
    "register": Operation.REGISTER_READ,
    "action": Operation.INCIDENTS_READ,
    "effect": Operation.EFFECTS_READ,
    "warning": Operation.WARNINGS_READ,
    "message": Operation.INCIDENTS_READ,
    "call": Operation.CALLS_READ,
    "notice": Operation.CALLS_READ,
    "shift": Operation.SHIFTS_READ,
    "methane": Operation.INCIDENTS_READ,
    "playbook": Operation.PLAYBOOKS_READ,
    "sample": Operation.SAMPLES_READ,
}
"""Which operation lets an actor be told of a kind of change; a kind that is not here is told to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The changes still kept: lowest and highest id, 0 and 0 for none."""

    oldest: int
    newest: int


def may_follow(desk: Desk, actor: Actor) -> None:
    """Return when the actor may be told of changes at all, else raise `Refused`."""
    permit(desk, actor, Operation.EVENTS_READ)


def may_be_told(actor: Actor, kind: str, *, seat: str = "") -> bool:
    """Say whether the actor may be told of changes of this kind; what is for one seat is told there and nowhere else."""
    return kind in TOLD_TO and may(actor, TOLD_TO[kind]) and seat in ("", actor.name)


def span(desk: Desk) -> Span:
    """Return which changes are still kept."""
    with desk.store.read() as unit:
        return Span(oldest=unit.outbox.oldest(), newest=unit.outbox.newest())


def changes_after(desk: Desk, after: int, *, limit: int = 500) -> Sequence[Change]:
    """Return changes with a higher id, in order; for the platform itself, which tells each actor only what it may."""
    with desk.store.read() as unit:
        return unit.outbox.after(after, limit=limit)


def wait(desk: Desk, after: int, *, timeout_s: float) -> bool:
    """Sleep until something newer was committed by any process, or the time is over."""
    return desk.store.wait_for_change(after, timeout_s=timeout_s)
