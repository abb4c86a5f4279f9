"""Second samples by hand: who asked, who has it, what the laboratory found, and that public health was told.

Everything that happens is one link of the sample's chain, a line in its incident's timeline and a line in the log, in one unit.
What is found is an amount, and whether it is above what is usual; what it is stays between laboratory and public health.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor, Role
from impetus.core.call import PlanKind
from impetus.core.custody import (
    OPEN_SAMPLES,
    SAMPLE_LIFECYCLE,
    CustodyEntry,
    FieldSample,
    LabOutcome,
    SampleEvent,
    SampleState,
    SealState,
    digest_of,
    first_break,
)
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import AlertId, IncidentId, ThingKey
from impetus.core.incident import IncidentEntry, IncidentState
from impetus.core.notice import Notice
from impetus.core.observation import Datastream
from impetus.desk.context import Desk
from impetus.desk.known_datastreams import known_datastreams
from impetus.desk.noted import note_done
from impetus.desk.notices import send_notice
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.call_plan import ESCALATION_PREFIX, ROTATION_PREFIX

PUBLIC_HEALTH = "public-health"
"""Name of the escalation, else the rotation, that reaches public health on duty."""
MAX_BODY, MAX_NUMBER = 100, 60
"""Longest name of a body or a place, and longest number of a seal or a report, in characters. House rule."""
FIRST_WITHIN = timedelta(minutes=30)
"""How soon a second sample is wanted unless somebody says otherwise: what the playbook for abnormal air load gives it."""
MOST_MINUTES = 24 * 60
MOST_PER_M3 = 1e12
"""Largest amount believed, per m3: every breath would be solid. House rule, catches a slip of the key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is asked for: a sample beside a sampler, why, within how many minutes, and for which incident or alert."""

    sampler: ThingKey
    why: str
    minutes: int = int(FIRST_WITHIN.total_seconds() // 60)
    incident: IncidentId | None = None
    alert: AlertId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What the laboratory says: above what is usual or not, how much per m3 when it says so, and its own number."""

    outcome: LabOutcome
    reference: str
    measured: float | None = None
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleView:
    """One sample with its chain. `broken_at` is the first link that does not hold, None when all do."""

    sample: FieldSample
    entries: tuple[CustodyEntry, ...]
    broken_at: int | None
    is_late: bool
    may_do: tuple[SampleEvent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Deed:
    """One link as it will be written: what happens, who says so, which body has the sample then and where."""

    actor: Actor
    event: SampleEvent
    holder: str = ""
    place: str = ""
    text: str = ""


def ask(desk: Desk, actor: Actor, wanted: Wanted) -> FieldSample:
    """Ask for a second sample beside a sampler; `Conflict` while one asked for there was not taken yet."""
    permit(desk, actor, Operation.SAMPLES_WORK, on=f"thing:{wanted.sampler}")
    why = words(wanted.why, "the reason", needed=True)
    if not 1 <= wanted.minutes <= MOST_MINUTES:
        raise Malformed(
            f"{wanted.minutes} minutes", value=wanted.minutes, limit=f"1..{MOST_MINUTES}", remedy="say by when"
        )
    with desk.store.write() as unit:
        at = desk.clock.now()
        stream = _sampler(desk, unit, wanted.sampler)
        _check_case(unit, wanted)
        waiting = unit.custody.find(states=(SampleState.ASKED,), sampler=wanted.sampler, limit=1)
        if waiting:
            raise Conflict(
                f"sample {waiting[0].id} was asked for there and is not taken yet",
                value=waiting[0].id,
                limit="one at a time",
                remedy="let it be taken, or call it off",
            )
        made = unit.custody.add(
            FieldSample(
                id=0,
                version=0,
                state=SampleState.ASKED,
                sampler=stream.thing,
                sampler_name=stream.thing_name,
                asked_by=actor.name,
                at=at,
                changed_at=at,
                due_at=at + timedelta(minutes=wanted.minutes),
                why=why,
                incident=wanted.incident,
                alert=wanted.alert,
                point=stream.point,
                simulated=stream.simulated,
            )
        )
        return _link(desk, unit, made, _Deed(actor=actor, event=SampleEvent.TAKE, text=why), at, act="ask")


def take(desk: Desk, actor: Actor, sample: int, *, seal: str, holder: str, place: str) -> FieldSample:
    """Write down that it was taken and sealed: under which number, by which body, and where."""
    number = _short(seal, "the number of the seal", MAX_NUMBER)
    deed = _Deed(actor=actor, event=SampleEvent.TAKE, holder=holder, place=place, text=number)
    return _step(desk, deed, sample, lambda found: replace(found, seal=number))


def hand_on(desk: Desk, actor: Actor, sample: int, *, holder: str, place: str) -> FieldSample:
    """Write down which body has it from now on."""
    return _step(desk, _Deed(actor=actor, event=SampleEvent.HAND_ON, holder=holder, place=place), sample)


def receive(desk: Desk, actor: Actor, sample: int, *, holder: str, place: str, seal_state: SealState) -> FieldSample:
    """Write down that a laboratory has it, and how its seal was."""
    deed = _Deed(actor=actor, event=SampleEvent.RECEIVE, holder=holder, place=place, text=seal_state.value)
    return _step(desk, deed, sample, lambda found: replace(found, seal_state=seal_state))


def report(desk: Desk, actor: Actor, sample: int, said: Found) -> FieldSample:
    """Write down what the laboratory says of the amount; a later report corrects an earlier one, and both stay in the chain."""
    reference = _short(said.reference, "the number of the report", MAX_NUMBER)
    if said.measured is not None and not 0.0 <= said.measured <= MOST_PER_M3:
        raise Malformed(
            f"{said.measured:g} per m3",
            value=said.measured,
            limit=f"0..{MOST_PER_M3:g} per m3",
            remedy="leave it out when the laboratory gave no number",
        )
    amount = "" if said.measured is None else f", {said.measured:g} per m3"
    text = f"{said.outcome.value}{amount} ({reference}){': ' if said.text else ''}{words(said.text, 'the note', needed=False)}"
    return _step(
        desk,
        _Deed(actor=actor, event=SampleEvent.REPORT, text=text),
        sample,
        lambda found: replace(found, outcome=said.outcome, measured=said.measured, reference=reference),
    )


def call_off(desk: Desk, actor: Actor, sample: int, *, why: str) -> FieldSample:
    """Call off what nobody has taken yet."""
    text = words(why, "the reason", needed=True)
    return _step(desk, _Deed(actor=actor, event=SampleEvent.CALL_OFF, text=text), sample)


def lose(desk: Desk, actor: Actor, sample: int, *, why: str) -> FieldSample:
    """Say that it cannot be spoken for any more; nothing found in it counts then."""
    text = words(why, "the reason", needed=True)
    return _step(desk, _Deed(actor=actor, event=SampleEvent.LOSE, text=text), sample)


def tell(desk: Desk, actor: Actor, sample: int) -> FieldSample:
    """Call public health on duty about a sample: where, what amount, what comes next; the same twice reaches nobody twice.

    `Conflict` when nobody is declared as public health. Call by telephone then, and note who was told.
    """
    permit(desk, actor, Operation.SAMPLES_WORK, on=f"sample:{sample}")
    with desk.store.write() as unit:
        at = desk.clock.now()
        found = unit.custody.get(sample)
        SAMPLE_LIFECYCLE.step(found.state, SampleEvent.TELL)
        whom = _public_health(unit)
        notice = send_notice(
            desk,
            unit,
            actor,
            Notice(
                to=(whom,),
                title=f"Air at {found.sampler_name}: more bacteria than usual"[:200],
                text=_said_of(found),
                incident=found.incident,
                place=found.sampler_name,
                key=f"sample:{found.id}:{found.state}:{found.reference}",
                simulated=found.simulated,
            ),
        )
        told = replace(found, notice=notice)
        return _link(desk, unit, told, _Deed(actor=actor, event=SampleEvent.TELL, text=whom), at)


def samples(
    desk: Desk,
    actor: Actor,
    *,
    incident: IncidentId | None = None,
    sampler: ThingKey | None = None,
    open_only: bool = False,
) -> tuple[FieldSample, ...]:
    """Return samples, newest first."""
    permit(desk, actor, Operation.SAMPLES_READ, on="samples", use=reading(actor, incident))
    with desk.store.read() as unit:
        states = OPEN_SAMPLES if open_only else ()
        return tuple(unit.custody.find(states=states, incident=incident, sampler=sampler))


def sample_view(desk: Desk, actor: Actor, sample: int) -> SampleView:
    """Return one sample with its chain, checked link by link, and what may be written down next."""
    permit(desk, actor, Operation.SAMPLES_READ, on=f"sample:{sample}", use=reading(actor, None))
    with desk.store.read() as unit:
        found, entries = unit.custody.get(sample), tuple(unit.custody.entries(sample))
    allowed = SAMPLE_LIFECYCLE.allowed(found.state) if may(actor, Operation.SAMPLES_WORK) else ()
    return SampleView(
        sample=found,
        entries=entries,
        broken_at=first_break(found, entries),
        is_late=found.is_late(desk.clock.now()),
        may_do=tuple(SampleEvent(event) for event in allowed),
    )


def reading(actor: Actor, incident: IncidentId | None) -> Use:
    """Return what names of colleagues are read for: oversight by its officers, the incident by everybody else."""
    watching = actor.role in {Role.DPO, Role.AUDITOR}
    purpose = Purpose.OVERSIGHT if watching else Purpose.INCIDENT_RESPONSE
    return Use(category=Category.NONE, purpose=purpose, case="" if incident is None else str(incident))


def _step(
    desk: Desk, deed: _Deed, sample: int, change: Callable[[FieldSample], FieldSample] = lambda found: found
) -> FieldSample:
    """Take one step of the table."""
    permit(desk, deed.actor, Operation.SAMPLES_WORK, on=f"sample:{sample}")
    needs_body = deed.event in (SampleEvent.TAKE, SampleEvent.HAND_ON, SampleEvent.RECEIVE)
    holder = _short(deed.holder, "who has it now", MAX_BODY) if needs_body else ""
    place = _short(deed.place, "the place", MAX_BODY) if needs_body else ""
    with desk.store.write() as unit:
        at = desk.clock.now()
        found = unit.custody.get(sample)
        outcome = SAMPLE_LIFECYCLE.step(found.state, deed.event)
        after = replace(change(found), state=SampleState(outcome.state), holder=holder or found.holder)
        linked = replace(deed, holder=holder or found.holder, place=place)
        return _link(desk, unit, after, linked, at, is_loud=Effect.SOUND in outcome.effects)


def _link(  # noqa: PLR0913 - a link has this many parts, each named at the call
    desk: Desk, unit: Unit, sample: FieldSample, deed: _Deed, at: datetime, *, act: str = "", is_loud: bool = False
) -> FieldSample:
    """Add a link to the chain, store the sample with it, and tell timeline, log and screens."""
    event = act or deed.event.value
    bare = CustodyEntry(
        sample=sample.id,
        number=sample.entries + 1,
        at=at,
        event=event,
        who=deed.actor.name,
        holder=deed.holder or sample.holder,
        place=deed.place,
        text=deed.text,
        digest="",
    )
    entry = replace(bare, digest=digest_of(bare, sample.head))
    stored = unit.custody.append(replace(sample, changed_at=at, entries=entry.number, head=entry.digest), entry)
    _tell_timeline(unit, stored, entry, is_loud=is_loud)
    unit.outbox.add(at, "sample", str(stored.id), {"state": stored.state.value, "simulated": stored.simulated})
    note_done(
        desk,
        deed.actor,
        f"sample.{event}",
        f"sample:{stored.id}",
        why=deed.text if event in ("ask", "call_off", "lose") else "",
        case=str(stored.incident or ""),
        facts={"state": stored.state.value, "link": entry.number, "digest": entry.digest},
    )
    return stored


def _tell_timeline(unit: Unit, sample: FieldSample, entry: CustodyEntry, *, is_loud: bool) -> None:
    """Write the link into the incident's timeline, if the sample belongs to one that is still here."""
    if sample.incident is None:
        return
    try:
        incident = unit.incidents.get(sample.incident)
    except Unknown:
        return
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=entry.at,
            event=f"sample.{entry.event}",
            who=entry.who,
            text="; ".join(part for part in (sample.sampler_name, entry.holder, entry.text) if part),
            detail={"sample": sample.id, "link": entry.number, "version": incident.version},
        )
    )
    facts = {"state": incident.state.value, "severity": incident.severity.value, "version": incident.version}
    unit.outbox.add(
        entry.at, "incident", str(incident.id), {**facts, "sound": is_loud, "simulated": incident.simulated}
    )


def _sampler(desk: Desk, unit: Unit, sampler: ThingKey) -> Datastream:
    """Return a datastream of the sampler, or raise `Unknown`."""
    for each in known_datastreams(desk.store, unit).catalogue.datastreams.values():
        if each.thing == sampler:
            return each
    raise Unknown(f"there is no sampler {sampler}", value=sampler, remedy="choose one from the list of samplers")


def _check_case(unit: Unit, wanted: Wanted) -> None:
    """Refuse an incident that is closed and an alert that is not there."""
    if wanted.alert is not None:
        unit.alerts.get(wanted.alert)
    if wanted.incident is None:
        return
    if unit.incidents.get(wanted.incident).state is IncidentState.CLOSED:
        raise Conflict(
            f"incident {wanted.incident} is closed",
            value=wanted.incident,
            limit="an open incident",
            remedy="reopen it with a reason, or ask without an incident",
        )


def _public_health(unit: Unit) -> str:
    """Return how public health on duty is reached."""
    for kind, prefix in ((PlanKind.ESCALATION, ESCALATION_PREFIX), (PlanKind.ROTATION, ROTATION_PREFIX)):
        plan = unit.calls.plan(kind, PUBLIC_HEALTH)
        if plan is not None and not plan.retired:
            return f"{prefix}{PUBLIC_HEALTH}"
    raise Conflict(
        "nobody here is declared as public health on duty",
        value=PUBLIC_HEALTH,
        limit=f"an escalation or a rotation named {PUBLIC_HEALTH}",
        remedy="call them by telephone and note it in the incident; let a supervisor declare it under On call",
    )


def _said_of(sample: FieldSample) -> str:
    """Return what public health is told: where, how it stands, what was found, what comes next. Never what it is."""
    lines = [f"Sampler {sample.sampler_name}. Asked for: {sample.why}."]
    if sample.outcome is None:
        lines.append(f"A second sample by hand is {sample.state.value.replace('_', ' ')}; no result yet.")
    else:
        amount = "" if sample.measured is None else f", {sample.measured:g} per m3"
        lines.append(f"The laboratory says {sample.outcome.value}{amount}; its report is {sample.reference}.")
    lines.append("Which measures follow is for public health to say.")
    return " ".join(lines)


def _short(text: str, what: str, longest: int) -> str:
    """Return a needed text of one line; `Malformed` names it."""
    return words(text, what, needed=True, longest=longest)
