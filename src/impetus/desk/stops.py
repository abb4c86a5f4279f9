"""The kill switch: stop first, log second, ask why third, and start again only when a named person says so.

The effect is a file (see the port `Stops`), made before anything is logged or asked of the state, and never taken back
because logging failed: what cannot be logged now is spooled beside the stop and logged later by `write_kept`.

**Source**: AI Act, article 14(4)(e) and 26(5); LED, article 25 (who, when and why, in the log).
"""

import contextlib
from collections.abc import Sequence
from datetime import datetime

from impetus.core.actor import Actor, Role
from impetus.core.errors import ImpetusError, Refused
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.core.stop import Scope, Stop, Target, parse_target
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics import guard
from impetus.ethics.guard import Operation
from impetus.ports.stops import Stops

RULE = "AI Act, article 14(4)(e)"
NAMELESS = frozenset({"console", "root", "admin", "system"})
"""Names that are nobody's: whoever starts something again answers for it by name."""


def stop(desk: Desk, actor: Actor, target: str, *, why: str = "") -> Stop:
    """Stop a target and return how the stop stands. A reason is welcome and never needed.

    The stop holds when this returns, and also when logging it failed: then its line waits in the spool. Raises
    `Malformed` for what cannot be stopped, `Refused` for who may not, `NotNow` when not even a file can be made.
    """
    if not guard.may(actor, Operation.STOPS_MAKE):
        permit(desk, actor, Operation.STOPS_MAKE, on=_subject(parse_target(target)))
    made = stop_now(desk.stops, actor, target, at=desk.clock.now(), why=why)
    with contextlib.suppress(ImpetusError):  # it is stopped; the line below is spooled when the log is not there
        permit(desk, actor, Operation.STOPS_MAKE, on=_subject(made.target))
    _tell(desk, made)
    return made


def explain(desk: Desk, actor: Actor, target: str, why: str) -> Stop:
    """Give the reason of a stop afterwards; whoever may stop may explain."""
    wanted = parse_target(target)
    _let(desk, actor, Operation.STOPS_MAKE, wanted)
    told = explain_now(desk.stops, actor, target, at=desk.clock.now(), why=why)
    _tell(desk, told)
    return told


def lift(desk: Desk, actor: Actor, target: str, why: str) -> Stop:
    """Let run again what was stopped; needs a person with a name, and a reason."""
    wanted = parse_target(target)
    _let(desk, actor, Operation.STOPS_LIFT, wanted)
    lifted = lift_now(desk.stops, actor, target, at=desk.clock.now(), why=why)
    _tell(desk, lifted)
    return lifted


def stops(desk: Desk, actor: Actor) -> Sequence[Stop]:
    """Return the stops in force and those lifted last, newest first."""
    permit(desk, actor, Operation.STOPS_READ)
    return desk.stops.all()


def stop_now(held: Stops, actor: Actor, target: str, *, at: datetime, why: str = "") -> Stop:
    """Stop with nothing but the folder: for the command line while state and bus are down."""
    wanted = parse_target(target)
    guard.permit(actor, Operation.STOPS_MAKE)
    made = held.stop(wanted, by=actor.name, at=at, why=why.strip()[:2000])
    held.keep(_line(actor, "stop.make", made, at, made.why))
    return made


def explain_now(held: Stops, actor: Actor, target: str, *, at: datetime, why: str) -> Stop:
    """Explain with nothing but the folder."""
    wanted = parse_target(target)
    guard.permit(actor, Operation.STOPS_MAKE)
    told = held.explain(wanted, by=actor.name, at=at, why=words(why, "the reason", needed=True))
    held.keep(_line(actor, "stop.explain", told, at, told.why))
    return told


def lift_now(held: Stops, actor: Actor, target: str, *, at: datetime, why: str) -> Stop:
    """Lift with nothing but the folder."""
    wanted = parse_target(target)
    guard.permit(actor, Operation.STOPS_LIFT)
    _refuse_nameless(actor)
    lifted = held.lift(wanted, by=actor.name, at=at, why=words(why, "the reason", needed=True))
    held.keep(_line(actor, "stop.lift", lifted, at, lifted.lifted_why))
    return lifted


def write_kept(desk: Desk) -> int:
    """Write to the log what waits for it beside the stops, oldest first, and return how many lines that was.

    Stops at the first the log does not take; the rest waits on.
    """
    written = 0
    for name, record in desk.stops.kept():
        try:
            desk.journal.write([record])
        except (ImpetusError, OSError):
            return written
        desk.stops.forget(name)
        written += 1
    return written


def is_known(desk: Desk, target: Target) -> bool | None:
    """Say whether what is stopped exists here, None when the state cannot say: a mistyped name stops nothing."""
    if not target.key:
        return True
    try:
        with desk.store.read() as unit:
            if target.scope is Scope.TOOL:
                return any(part.part == target.key for part in unit.parts.all())
            if target.scope is Scope.SOURCE:
                return any(source.id == target.key for source in unit.sources.all())
            things = {datastream.thing for datastream in unit.sources.catalogue().datastreams.values()}
            return any(f"/{thing}".endswith(f"/{target.key}") for thing in things)
    except Exception:  # noqa: BLE001 - the state may be broken in any way; the stop holds without it
        return None


def _let(desk: Desk, actor: Actor, operation: Operation, target: Target) -> None:
    """Ask the guard; while its decision cannot be logged, its matrix decides and the line waits in the spool."""
    try:
        permit(desk, actor, operation, on=_subject(target))
    except Refused:
        raise
    except ImpetusError:
        guard.permit(actor, operation)


def _refuse_nameless(actor: Actor) -> None:
    if actor.role in {Role.PLATFORM, Role.SERVICE} or not actor.name.strip() or actor.name.lower() in NAMELESS:
        raise Refused(
            f"{actor.name or 'nobody'} is nobody by name",
            rule="a named person starts again what was stopped",
            value=actor.name,
            limit="a person's name",
            source=f"{RULE}; position 8 of the house's ethics",
            remedy="say who you are: --as NAME, or sign in",
        )


def _tell(desk: Desk, stop: Stop) -> None:
    """Let the log and open screens know; neither can hold up or undo a stop."""
    write_kept(desk)
    by = stop.lifted_by or stop.by
    with contextlib.suppress(Exception), desk.store.write() as unit:  # screens read the folder, too
        unit.outbox.add(desk.clock.now(), "stop", str(stop.target), {"state": stop.state.value, "by": by})


def _line(actor: Actor, act: str, stop: Stop, at: datetime, why: str) -> LogRecord:
    return LogRecord(
        at=at,
        who=actor.name,
        role=actor.role.value,
        act=act,
        outcome=Outcome.DONE,
        processing=Processing.CONTROL,
        rule=RULE,
        subject=_subject(stop.target),
        why=why,
    )


def _subject(target: Target) -> str:
    """Return what it is about as the log writes it, `kind:id`."""
    return str(target) if target.key else f"stop:{target}"
