"""Holds: keep something beyond its retention, by a person, for a reason, until a date."""

from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import AlertId, IncidentId
from impetus.core.log_record import Processing
from impetus.core.retention import Hold
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.retention import SHOWN_BEFORE_END, Cover, Scope, check_hold, cover, read_scope
from impetus.ports import Unit

MAX_WORDS = 2000
"""Longest reason in characters; house rule, about one page."""


def place(desk: Desk, actor: Actor, subject: str, until: datetime, why: str) -> Hold:
    """Hold a subject back from erasure until a time, at most five years away; `why` must say something.

    `Unknown` for what is not here, or here no more: nothing can be held that was erased.
    """
    permit(desk, actor, Operation.HOLDS_WRITE, on=subject)
    return _place(desk, actor, Hold(id=0, subject=subject, owner=actor.name, why=why, placed_at=until, until=until))


def extend(desk: Desk, actor: Actor, hold: int, until: datetime, why: str) -> Hold:
    """Place a new hold on the subject of one that still stands: a new act, with its own reason and end."""
    permit(desk, actor, Operation.HOLDS_WRITE, on=f"hold:{hold}")
    with desk.store.read() as unit:
        before = unit.holds.get(hold)
    if not before.stands(desk.clock.now()):
        raise Conflict(f"hold {hold} has ended", value=hold, remedy="place a new one on what is still there")
    return _place(desk, actor, replace(before, id=0, owner=actor.name, why=why, until=until, extends=hold))


def lift(desk: Desk, actor: Actor, hold: int, why: str) -> Hold:
    """End a hold at once; what it covered is erased by the next run if its time is over."""
    permit(desk, actor, Operation.HOLDS_WRITE, on=f"hold:{hold}")
    reason = _words(why)
    at = desk.clock.now()
    with desk.store.write() as unit:
        before = unit.holds.get(hold)
        if not before.stands(at):
            raise Conflict(f"hold {hold} has ended already", value=hold, remedy="reload; nothing is left to lift")
        lifted = replace(before, lifted_at=at, lifted_by=actor.name, lift_why=reason)
        unit.holds.lift(lifted)
        note_done(desk, actor, "hold.lift", f"hold:{hold}", why=reason, facts={"on": before.subject})
    return lifted


def standing(desk: Desk, actor: Actor) -> tuple[Hold, ...]:
    """Return the holds that stand, the first to end first."""
    permit(desk, actor, Operation.HOLDS_READ)
    with desk.store.read() as unit:
        return tuple(unit.holds.standing(desk.clock.now()))


def running_out(desk: Desk, actor: Actor, within: timedelta = SHOWN_BEFORE_END) -> tuple[Hold, ...]:
    """Return the standing holds that end soon, so that somebody decides before the erasure does."""
    at = desk.clock.now()
    return tuple(hold for hold in standing(desk, actor) if hold.until <= at + within)


def cover_now(unit: Unit, at: datetime) -> Cover:
    """Return what standing holds cover, as this unit sees it. For the platform's own erasing and backups."""
    holds = unit.holds.standing(at)
    if not holds:
        return Cover()
    return cover(holds, at, lambda scope: _ids_of(unit, scope))


def _place(desk: Desk, actor: Actor, wanted: Hold) -> Hold:
    """Check a hold, store it and note it."""
    at = desk.clock.now()
    scope, reason = read_scope(wanted.subject), _words(wanted.why)
    check_hold(at, wanted.until)
    with desk.store.write() as unit:
        _require_there(unit, scope)
        placed = unit.holds.add(replace(wanted, placed_at=at, why=reason))
        facts: dict[str, str | int] = {"on": placed.subject, "until": placed.until.isoformat()}
        act = "hold.extend" if placed.extends else "hold.place"
        note_done(desk, actor, act, f"hold:{placed.id}", processing=Processing.ALTERATION, why=reason, facts=facts)
    return placed


def _words(why: str) -> str:
    """Return the reason, or refuse none and too long a one."""
    reason = why.strip()
    if not reason or len(reason) > MAX_WORDS:
        raise Malformed(
            "a hold needs a reason" if not reason else f"the reason has {len(reason)} characters",
            value=reason[:80],
            limit=f"1..{MAX_WORDS} characters",
            remedy="say for which claim, inquiry or request it is kept",
        )
    return reason


def _require_there(unit: Unit, scope: Scope) -> None:
    """Raise `Unknown` for a subject that is not here."""
    if scope.kind == "incident":
        unit.incidents.get(IncidentId(int(scope.key)))
    elif scope.kind == "alert":
        unit.alerts.get(AlertId(int(scope.key)))
    elif scope.kind == "request":
        raise Unknown(
            f"there is no request {scope.key}",
            value=scope.key,
            remedy="hold the alert, incident or readings it asks for",
        )
    elif not _ids_of(unit, scope) and scope.key not in {source.id for source in unit.sources.all()}:
        raise Unknown(f"there is no {scope.kind} {scope.key}", value=scope.key, remedy="see the list of sources")


def _ids_of(unit: Unit, scope: Scope) -> frozenset[int]:
    """Return the numbers of the datastreams a scope of readings names."""
    return frozenset(
        int(stream.id)
        for stream in unit.sources.catalogue().datastreams.values()
        if scope.key == (stream.source if scope.kind == "source" else stream.key)
    )
