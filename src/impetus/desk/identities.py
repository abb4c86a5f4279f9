"""Behind a pseudonym: names go in sealed, and come out once, when two persons decided it for an open incident.

The value is sealed under a key of its domain and day, which goes with the day's key when its time is over. It is returned by
one function, `show`, to one person, after the request is spent on the disk: a crash in between shows nothing, never twice.
It stands in no log, no error and no address.

**Source**: GDPR, articles 4(5) and 32(1)(a): the additional information is kept apart, under control; house rule F4.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime

from impetus.core.access import Category, Purpose, Use
from impetus.core.action import ActionKind
from impetus.core.actor import Actor, Role, platform
from impetus.core.authorised import Authorised
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Refused
from impetus.core.identity import (
    IDENTITY_LIFECYCLE,
    IdentityEvent,
    IdentityRequest,
    IdentityState,
    SealedIdentity,
    ShownIdentity,
)
from impetus.core.ids import IncidentId
from impetus.core.incident import IncidentEntry, IncidentState
from impetus.core.log_record import Processing
from impetus.desk.context import Desk
from impetus.desk.decide import Consent, Terms, authorise
from impetus.desk.held_cases import open_sealed
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ethics.pseudonym import IdentityKind, domain_key, normalise, period_of, pseudonym, vault_key
from impetus.ethics.reveal import ANSWER_WITHIN, Asker, is_within, person, second_person
from impetus.ports import Unit

WAITING = (IdentityState.ASKED, IdentityState.APPROVED)
CLOCK = platform("identities")
OVER = "its time is over"
PSEUDONYM_CHARS = 26


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """What somebody wants to look behind: a pseudonym of one domain on one day."""

    domain: str
    period: date
    pseudonym: str


def pseudonymise(desk: Desk, actor: Actor, domain: str, kind: IdentityKind, value: str, *, at: datetime) -> str:
    """Return the pseudonym of a value in a domain on the day of `at`, and keep the value sealed behind it.

    Raises `Unknown` when that day has no key: nothing is then kept, and nothing passes in clear.
    """
    permit(desk, actor, Operation.OBSERVATIONS_WRITE, on=f"domain:{domain}")
    period = period_of(at)
    day = desk.vault.day(period)
    name = pseudonym(domain_key(day, domain), kind, value)
    about = about_of(domain, period, name)
    sealed = desk.vault.seal(vault_key(day, domain), normalise(kind, value).encode(), about=about)
    with desk.store.write() as unit:
        unit.identities.keep(
            SealedIdentity(
                domain=domain,
                period=period,
                pseudonym=name,
                kind=kind.value,
                sealed=sealed,
                stored_at=desk.clock.now(),
            )
        )
    return name


def ask(desk: Desk, actor: Actor, behind: Behind, incident: IncidentId, *, why: str) -> IdentityRequest:
    """Ask who is behind a pseudonym, for an open incident, and say why; `Unknown` when nothing is kept behind it."""
    reason = words(why, "the reason", needed=True)
    use = Use(category=Category.PSEUDONYM, purpose=Purpose.INCIDENT_RESPONSE, case=str(incident), why=reason)
    permit(desk, actor, Operation.IDENTITIES_ASK, on=_subject(behind), use=use)
    asker = person(actor)
    with desk.store.write() as unit:
        at = desk.clock.now()
        if unit.incidents.get(incident).state is IncidentState.CLOSED:
            raise Conflict(
                f"incident {incident} is closed", value=incident, limit="an open incident", remedy="reopen it first"
            )
        unit.identities.sealed(behind.domain, behind.period, behind.pseudonym)
        made = unit.identities.add(
            IdentityRequest(
                id=0,
                version=0,
                state=IdentityState.ASKED,
                domain=behind.domain,
                period=behind.period,
                pseudonym=behind.pseudonym,
                incident=incident,
                asked_by=asker.name,
                asked_account=asker.account,
                asked_at=at,
                why=reason,
                good_until=at + ANSWER_WITHIN,
            )
        )
        _tell(desk, unit, made, actor, "identity.ask", at)
        return made


def approve(desk: Desk, actor: Actor, request: int) -> IdentityRequest:
    """Approve what another person asked for; they may then look, once."""
    permit(desk, actor, Operation.IDENTITIES_APPROVE, on=f"identity:{request}", use=_by_second_person(actor))

    def second(found: IdentityRequest, at: datetime) -> IdentityRequest:
        approver = second_person(Asker(name=found.asked_by, account=found.asked_account), actor)
        return replace(found, approved_by=approver.name, approved_at=at, good_until=at + ANSWER_WITHIN)

    with desk.store.write() as unit:
        return _step(desk, unit, actor, request, IdentityEvent.APPROVE, second)


def decline(desk: Desk, actor: Actor, request: int, *, why: str) -> IdentityRequest:
    """Say no, with a reason."""
    permit(desk, actor, Operation.IDENTITIES_APPROVE, on=f"identity:{request}", use=_by_second_person(actor))
    reason = words(why, "the reason", needed=True)

    def second(found: IdentityRequest, at: datetime) -> IdentityRequest:
        second_person(Asker(name=found.asked_by, account=found.asked_account), actor)
        return replace(found, ended_at=at, ended_by=actor.name, ended_why=reason)

    with desk.store.write() as unit:
        return _step(desk, unit, actor, request, IdentityEvent.DECLINE, second)


def show(desk: Desk, actor: Actor, request: int) -> ShownIdentity:
    """Return who is behind the pseudonym, once, to the person who asked; the request is spent before this returns."""
    with desk.store.read() as unit:
        found = unit.identities.get(request)
    _access_identity(desk, actor, found)

    def spend(current: IdentityRequest, at: datetime) -> IdentityRequest:
        if current.asked_account != actor.account:
            raise Refused(
                f"{current.asked_by} asked for it; it is shown to them alone",
                rule="an identity is shown to the one person who asked",
                value=actor.name,
                limit=current.asked_by,
                source="house rule F4",
                remedy="ask for it yourself",
            )
        return replace(current, ended_at=at, ended_by=actor.name, ended_why="shown once")

    with desk.store.write() as unit:
        spent = _step(desk, unit, actor, request, IdentityEvent.SHOW, spend)
        return _open(desk, unit, authorise(unit, spent, _terms(unit, spent), at=spent.ended_at or desk.clock.now()))


def _open(desk: Desk, unit: Unit, authorised: Authorised[IdentityRequest]) -> ShownIdentity:
    """Return who is behind the pseudonym that two persons decided to look behind; nothing else opens the vault."""
    spent = authorised.what
    sealed = unit.identities.sealed(spent.domain, spent.period, spent.pseudonym)
    value = open_sealed(desk, sealed, about_of(spent.domain, spent.period, spent.pseudonym))
    return ShownIdentity(request=spent, kind=sealed.kind, value=value.decode())


def _terms(unit: Unit, request: IdentityRequest) -> Terms:
    """Return what the two decisions in a stored request amount to: who asked, and who approved, if anybody did."""
    approver = unit.accounts.by_name(request.approved_by) if request.approved_by else None
    consents = [Consent(decision=request.id, account=request.asked_account, at=request.asked_at)]
    if approver is not None and request.approved_at is not None:
        consents.append(Consent(decision=request.id, account=approver.id, at=request.approved_at))
    return Terms(
        kind=ActionKind.RE_IDENTIFICATION,
        consents=tuple(consents),
        content_hash=hashlib.sha256(f"{request.domain}/{request.period}/{request.pseudonym}".encode()).hexdigest(),
        key=f"identity:{request.id}",
        begins=request.approved_at or request.asked_at,
        expires=request.good_until,
    )


def requests(desk: Desk, actor: Actor, *, incident: IncidentId | None = None) -> tuple[IdentityRequest, ...]:
    """Return requests, of one incident or of all, the newest first; those whose time is over read as expired."""
    use = Use(category=Category.STAFF, purpose=_purpose(actor), case="" if incident is None else str(incident))
    permit(desk, actor, Operation.REVEALS_READ, on="identities", use=use)
    at = desk.clock.now()
    with desk.store.read() as unit:
        found = unit.identities.find(incident=incident)
    return tuple(_expired(each, at) if each.state in WAITING and not _is_good(each, at) else each for each in found)


def expire_due(desk: Desk) -> int:
    """End every request whose time is over and return how many; cheap enough to ask each second."""
    at = desk.clock.now()
    with desk.store.read() as unit:
        if all(_is_good(each, at) for each in unit.identities.find(states=WAITING)):
            return 0
    permit(desk, CLOCK, Operation.PARTS_REPORT, on="identities")
    with desk.store.write() as unit:
        due = [each for each in unit.identities.find(states=WAITING) if not _is_good(each, at)]
        for found in due:
            _tell(desk, unit, unit.identities.replace(_expired(found, at)), CLOCK, "identity.expire", at)
        return len(due)


def _access_identity(desk: Desk, actor: Actor, found: IdentityRequest) -> None:
    """Ask the guard for an identity, with the case and the reason that were approved."""
    use = Use(
        category=Category.IDENTITY,
        purpose=Purpose.INCIDENT_RESPONSE,
        case=str(found.incident),
        why=found.why,
    )
    permit(desk, actor, Operation.IDENTITIES_ASK, on=f"identity:{found.id}", use=use)


def _step(
    desk: Desk,
    unit: Unit,
    actor: Actor,
    request: int,
    event: IdentityEvent,
    change: Callable[[IdentityRequest, datetime], IdentityRequest],
) -> IdentityRequest:
    """Take one step of the table: what is over steps to expired first, and then refuses."""
    at = desk.clock.now()
    found = unit.identities.get(request)
    if found.state in WAITING and not _is_good(found, at):
        found = _expired(found, at)
    outcome = IDENTITY_LIFECYCLE.step(found.state, event)
    stored = unit.identities.replace(replace(change(found, at), state=IdentityState(outcome.state)))
    _tell(desk, unit, stored, actor, f"identity.{event}", at, sound=Effect.SOUND in outcome.effects)
    return stored


def _tell(  # noqa: PLR0913 - what is told has this many parts
    desk: Desk, unit: Unit, request: IdentityRequest, actor: Actor, act: str, at: datetime, *, sound: bool = False
) -> None:
    """Write the step into the timeline and the log and tell the screens; the pseudonym stands there, never the value."""
    incident = unit.incidents.get(request.incident)
    unit.incidents.record(
        IncidentEntry(
            incident=request.incident,
            at=at,
            event=act,
            who=actor.name,
            text=request.ended_why or request.why,
            detail={"identity": request.id, "version": incident.version},
        )
    )
    facts = {"state": incident.state.value, "severity": incident.severity.value, "version": incident.version}
    unit.outbox.add(at, "incident", str(incident.id), {**facts, "sound": sound, "simulated": incident.simulated})
    shown = act == "identity.show"
    note_done(
        desk,
        actor,
        act,
        f"identity:{request.id}",
        processing=Processing.CONSULTATION if shown else Processing.CONTROL,
        category=Category.IDENTITY if shown else Category.NONE,
        why=request.why,
        case=str(request.incident),
        facts={"state": request.state.value, "domain": request.domain, "period": request.period.isoformat()},
    )


def _is_good(request: IdentityRequest, at: datetime) -> bool:
    begun = request.approved_at or request.asked_at
    return is_within(begun, request.good_until, begun, at)


def _expired(request: IdentityRequest, at: datetime) -> IdentityRequest:
    return replace(request, state=IdentityState.EXPIRED, ended_at=at, ended_by=CLOCK.name, ended_why=OVER)


def _purpose(actor: Actor) -> Purpose:
    return Purpose.OVERSIGHT if actor.role in {Role.DPO, Role.AUDITOR} else Purpose.INCIDENT_RESPONSE


def _by_second_person(actor: Actor) -> Use:
    return Use(category=Category.STAFF, purpose=_purpose(actor))


def _subject(behind: Behind) -> str:
    return f"domain:{behind.domain}"


def about_of(domain: str, period: date, name: str) -> str:
    """Return what a sealed identity is bound to, whoever's key it is sealed under."""
    return f"identity:{len(domain)}:{domain}:{period.isoformat()}:{name}"
