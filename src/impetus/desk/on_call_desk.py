"""Who is on call: rotations, stand-ins and escalations, kept by version, and the calendar of the weeks."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from impetus.core.account import Account
from impetus.core.actor import Actor
from impetus.core.call import Plan, PlanKind, StandIn
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.call_calendar import stretches
from impetus.processes.call_plan import (
    ESCALATION_PREFIX,
    ROTATION_PREFIX,
    Escalation,
    check_name,
    read_escalation,
    read_rotation,
    write_escalation,
    write_rotation,
)
from impetus.processes.on_call import Override, Rotation, Shift, on_call

MOST_PLANS = 100
"""Rotations, and escalations, at once; a page of them is a page nobody reads. House rule."""
LONGEST_STAND_IN = timedelta(days=366)
MOST_WEEKS = 13
UNSAVED = datetime(1970, 1, 1, tzinfo=UTC)
"""Time of a version that was not stored yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RotationView:
    """A rotation, its version, who has it now (None before it begins), and its stretches in the span asked for."""

    rotation: Rotation
    version: int
    now: Shift | None
    stretches: tuple[Shift, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """The weeks as they are: rotations, escalations with their versions, and stand-ins that have not ended."""

    since: datetime
    until: datetime
    rotations: tuple[RotationView, ...]
    escalations: tuple[tuple[Escalation, int], ...]
    stand_ins: tuple[StandIn, ...]


def calendar(desk: Desk, actor: Actor, *, since: datetime, weeks: int = 5) -> Calendar:
    """Return who is on call from a moment on, 1..13 weeks; stand-ins that ended before it are left out."""
    permit(desk, actor, Operation.CALLS_READ)
    if not 1 <= weeks <= MOST_WEEKS:
        raise Malformed(f"{weeks} weeks", value=weeks, limit=f"1..{MOST_WEEKS}", remedy="ask for fewer at once")
    at, until = desk.clock.now(), since + timedelta(weeks=weeks)
    with desk.store.read() as unit:
        covers = unit.calls.stand_ins(since=min(at, since))
        overrides = [override_of(one) for one in covers]
        plans = [(read_rotation(plan.body), plan.version) for plan in unit.calls.plans(PlanKind.ROTATION)]
        escalations = tuple(
            (read_escalation(plan.body), plan.version) for plan in unit.calls.plans(PlanKind.ESCALATION)
        )
    views = [
        RotationView(
            rotation=rotation,
            version=version,
            now=on_call(rotation, at, overrides),
            stretches=stretches(rotation, since, until, overrides),
        )
        for rotation, version in plans
    ]
    return Calendar(since=since, until=until, rotations=tuple(views), escalations=escalations, stand_ins=tuple(covers))


def save_rotation(desk: Desk, actor: Actor, rotation: Rotation, *, version: int) -> Plan:
    """Save a rotation of people who have accounts; `version` is the one that was looked at, 0 for a new name."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"rotation:{rotation.name}")
    body = write_rotation(rotation)
    with desk.store.write() as unit:
        _require_people(unit, rotation.people)
        return _save(desk, unit, actor, _plan(PlanKind.ROTATION, rotation.name, body, version))


def save_escalation(desk: Desk, actor: Actor, escalation: Escalation, *, version: int) -> Plan:
    """Save an escalation whose steps ask people who have accounts, or rotations that there are."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"escalation:{escalation.name}")
    body = write_escalation(escalation)
    with desk.store.write() as unit:
        for step in escalation.steps:
            _require_asked(unit, step.asks)
        return _save(desk, unit, actor, _plan(PlanKind.ESCALATION, escalation.name, body, version))


def retire(desk: Desk, actor: Actor, kind: PlanKind, name: str, *, version: int) -> Plan:
    """End a plan; one that an escalation asks is not ended, because its step would ask nobody."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"{kind}:{name}")
    with desk.store.write() as unit:
        plan = unit.calls.plan(kind, name)
        if plan is None or plan.retired:
            raise Unknown(f"there is no {kind} {name}", value=name, remedy="reload the page")
        if kind is PlanKind.ROTATION:
            _require_unasked(unit, name)
        return _save(desk, unit, actor, replace(plan, id=0, version=version, retired=True))


def stand_in(desk: Desk, actor: Actor, override: Override) -> StandIn:
    """Put somebody in another's place on a rotation, for at most 366 days; the later written one counts."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"rotation:{override.rotation}")
    at, why = desk.clock.now(), words(override.why, "the reason", needed=True)
    if override.ends <= at or override.ends - override.begins > LONGEST_STAND_IN:
        raise Malformed(
            f"it ends {override.ends.isoformat()}",
            value=override.ends.isoformat(),
            limit=f"after {at.isoformat()}, at most 366 days long",
            remedy="mend its end",
        )
    with desk.store.write() as unit:
        _require_asked(unit, (f"{ROTATION_PREFIX}{override.rotation}",))
        _require_people(unit, (override.person,))
        stored = unit.calls.add_stand_in(
            StandIn(
                id=0,
                rotation=override.rotation,
                person=override.person,
                begins=override.begins,
                ends=override.ends,
                why=why,
                by=actor.name,
                at=at,
            )
        )
        note_done(desk, actor, "call.stand_in", f"rotation:{override.rotation}", why=why)
        announce_calls(unit, at, override.rotation)
    return stored


def cancel_stand_in(desk: Desk, actor: Actor, number: int) -> StandIn:
    """Take a stand-in back; who has the turn by the rotation has it again."""
    permit(desk, actor, Operation.CALLS_MANAGE, on=f"stand_in:{number}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        found = next((one for one in unit.calls.stand_ins(since=at) if one.id == number), None)
        if found is None:
            raise Unknown(f"no stand-in {number} lies ahead", value=number, remedy="reload; it ended or was cancelled")
        cancelled = replace(found, cancelled_at=at, cancelled_by=actor.name)
        unit.calls.cancel_stand_in(cancelled)
        note_done(desk, actor, "call.cancel_stand_in", f"rotation:{found.rotation}")
        announce_calls(unit, at, found.rotation)
    return cancelled


def people(desk: Desk, actor: Actor) -> tuple[str, ...]:
    """Return who can be named in a plan: everybody with an account that is not disabled."""
    permit(desk, actor, Operation.CALLS_READ)
    with desk.store.read() as unit:
        return tuple(account.name for account in unit.accounts.all() if account.disabled_at is None)


def resolve(unit: Unit, asks: Iterable[str], at: datetime) -> tuple[Account, ...]:
    """Return the people that names and `rotation:NAME` stand for at a moment, each once; who is gone is left out."""
    accounts = {account.name: account for account in unit.accounts.all() if account.disabled_at is None}
    found: dict[str, Account] = {}
    for ask in asks:
        name = holder(unit, ask.removeprefix(ROTATION_PREFIX), at) if ask.startswith(ROTATION_PREFIX) else ask
        if name in accounts:
            found[name] = accounts[name]
    return tuple(found.values())


def holder(unit: Unit, rotation: str, at: datetime) -> str:
    """Return who has a rotation at a moment, empty for nobody or no such rotation."""
    plan = unit.calls.plan(PlanKind.ROTATION, rotation)
    if plan is None or plan.retired:
        return ""
    overrides = [override_of(one) for one in unit.calls.stand_ins(since=at)]
    shift = on_call(read_rotation(plan.body), at, overrides)
    return "" if shift is None else shift.person


def override_of(stored: StandIn) -> Override:
    """Return a stand-in as the calendar counts it."""
    return Override(
        rotation=stored.rotation, person=stored.person, begins=stored.begins, ends=stored.ends, why=stored.why
    )


def announce_calls(unit: Unit, at: datetime, name: str) -> None:
    """Tell open pages that who is on call changed."""
    unit.outbox.add(at, "call", name, {})


def _plan(kind: PlanKind, name: str, body: str, version: int) -> Plan:
    return Plan(id=0, kind=kind, name=check_name(name), version=version, body=body, by="", at=UNSAVED)


def _save(desk: Desk, unit: Unit, actor: Actor, plan: Plan) -> Plan:
    """Store the version after the one that was looked at."""
    at, newest = desk.clock.now(), unit.calls.plan(plan.kind, plan.name)
    stored = 0 if newest is None else newest.version
    if plan.version != stored and not (newest is not None and newest.retired and plan.version == 0):
        raise Conflict(
            f"{plan.kind} {plan.name} was changed by {newest.by if newest else 'nobody'} meanwhile",
            value=plan.version,
            limit=stored,
            remedy="reload and look at it as it is now",
        )
    begins = newest is None or (newest.retired and not plan.retired)
    if begins and len(unit.calls.plans(plan.kind)) >= MOST_PLANS:
        raise Conflict(f"{MOST_PLANS} plans", value=plan.name, limit=MOST_PLANS, remedy="end one that nobody needs")
    saved = unit.calls.save_plan(replace(plan, version=stored + 1, by=actor.name, at=at))
    act = f"call.{'retire' if plan.retired else 'save'}_{plan.kind}"
    note_done(desk, actor, act, f"{plan.kind}:{plan.name}", facts={"version": saved.version, "body": plan.body[:1000]})
    announce_calls(unit, at, plan.name)
    return saved


def _require_people(unit: Unit, names: Sequence[str]) -> None:
    """Refuse names that nobody here has."""
    known = {account.name for account in unit.accounts.all() if account.disabled_at is None}
    if strangers := [name for name in names if name not in known]:
        raise Malformed(
            f"nobody here is called {', '.join(strangers)}",
            value=", ".join(strangers),
            limit="accounts that are not disabled",
            remedy="choose from the list",
        )


def _require_asked(unit: Unit, asks: Sequence[str]) -> None:
    """Refuse rotations that there are not, escalations inside escalations, and strangers."""
    for ask in asks:
        if ask.startswith(ESCALATION_PREFIX):
            raise Malformed("an escalation asks people and rotations", value=ask, remedy="name the people of its steps")
        if not ask.startswith(ROTATION_PREFIX):
            continue
        plan = unit.calls.plan(PlanKind.ROTATION, ask.removeprefix(ROTATION_PREFIX))
        if plan is None or plan.retired:
            raise Malformed(f"there is no {ask}", value=ask, limit="rotations listed here", remedy="make it first")
    _require_people(unit, [ask for ask in asks if not ask.startswith(ROTATION_PREFIX)])


def _require_unasked(unit: Unit, rotation: str) -> None:
    """Refuse to end a rotation that an escalation asks."""
    for plan in unit.calls.plans(PlanKind.ESCALATION):
        for step in read_escalation(plan.body).steps:
            if f"{ROTATION_PREFIX}{rotation}" in step.asks:
                raise Conflict(
                    f"the escalation {plan.name} asks {rotation}",
                    value=rotation,
                    limit="a rotation nobody asks",
                    remedy=f"change {plan.name} first",
                )
