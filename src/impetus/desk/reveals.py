"""Lifting a mask: one person asks, another approves, the first opens it for a while, anybody on duty closes it.

Only the asker sees the clear picture; everybody on the incident sees that it is open, by whom, why, and until when. A
reveal is about one camera or one piece of evidence, never "all". What is due ends by itself, whatever the clock does.

**Source**: GDPR, articles 5(1)(b), 25 and 32; Directive (EU) 2016/680, article 25; AI Act, article 26(6).
"""

from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.access import Category, Purpose, Use
from impetus.core.actor import Actor, Role
from impetus.core.errors import Conflict, Unknown
from impetus.core.ids import EvidenceId, IncidentId
from impetus.core.incident import Incident, IncidentState
from impetus.core.reveal import Reveal, RevealEvent, RevealState, check_subject
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.reveal_step import CLOCK, OVER, STANDING, Step, ended, expired, is_good, take, tell
from impetus.desk.transition import words
from impetus.ethics.guard import Operation, may
from impetus.ethics.reveal import ANSWER_WITHIN, Asker, person, second_person, span
from impetus.ports import Unit

MAX_RECIPIENT = 100
"""Longest name of a recipient in characters. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is asked for: one subject, for one incident, why, for how many minutes, and who outside gets to see it."""

    subject: str
    incident: IncidentId
    why: str
    minutes: int
    recipient: str = ""


def ask(  # noqa: PLR0913 - a request has this many parts, each named at the call
    desk: Desk, actor: Actor, subject: str, incident: IncidentId, *, why: str, minutes: int, recipient: str = ""
) -> Reveal:
    """Ask that the mask over one camera or piece of evidence be lifted, for 1..30 minutes, and say why.

    Raises `Conflict` for a closed incident or a second request by the same person for the same thing.
    """
    asked = Asking(
        subject=check_subject(subject),
        incident=incident,
        why=words(why, "the reason", needed=True),
        minutes=minutes,
        recipient=words(recipient, "the recipient", needed=False, longest=MAX_RECIPIENT),
    )
    permit(desk, actor, Operation.REVEALS_ASK, on=subject, use=_asking(asked))
    asker = person(actor)
    span(minutes)
    simulated = _camera_is_simulated(desk, subject)
    with desk.store.write() as unit:
        at = desk.clock.now()
        _check_incident(unit.incidents.get(incident))
        if subject.startswith("evidence:"):
            unit.evidence.get(EvidenceId(subject.removeprefix("evidence:")))
        _check_once(unit, asker, subject, at)
        made = unit.reveals.add(_made(asked, asker, at, simulated=simulated))
        tell(desk, unit, made, Step(actor=actor, at=at, act="reveal.ask", why=made.why))
        return made


def approve(desk: Desk, actor: Actor, reveal: int, *, version: int | None = None) -> Reveal:
    """Approve what another person asked for; it then waits for them to open it."""
    permit(desk, actor, Operation.REVEALS_APPROVE, on=f"reveal:{reveal}", use=_by_second_person(actor))

    def second(found: Reveal, at: datetime) -> Reveal:
        approver = second_person(Asker(name=found.asked_by, account=found.asked_account), actor)
        return replace(found, approved_by=approver.name, approved_at=at, good_until=at + ANSWER_WITHIN, newest_at=at)

    return take(desk, actor, reveal, RevealEvent.APPROVE, change=second, version=version)


def decline(desk: Desk, actor: Actor, reveal: int, *, why: str) -> Reveal:
    """Say no, with a reason; also to what was approved and is not open yet."""
    permit(desk, actor, Operation.REVEALS_APPROVE, on=f"reveal:{reveal}", use=_by_second_person(actor))
    reason = words(why, "the reason", needed=True)

    def second(found: Reveal, at: datetime) -> Reveal:
        second_person(Asker(name=found.asked_by, account=found.asked_account), actor)
        return ended(found, actor, at, reason)

    return take(desk, actor, reveal, RevealEvent.DECLINE, change=second, why=reason)


def open_(desk: Desk, actor: Actor, reveal: int) -> Reveal:
    """Open what was approved: its time begins now. Only the person who asked."""
    permit(desk, actor, Operation.REVEALS_ASK, on=f"reveal:{reveal}")
    asker = person(actor)

    def begin(found: Reveal, at: datetime) -> Reveal:
        if asker.account != found.asked_account:
            raise Conflict(
                f"{found.asked_by} asked for it; it opens for them alone",
                value=actor.name,
                limit=found.asked_by,
                remedy="ask for a reveal of your own",
            )
        return replace(found, opened_at=at, newest_at=at, good_until=at + span(found.minutes))

    return take(desk, actor, reveal, RevealEvent.OPEN, change=begin)


def close(desk: Desk, actor: Actor, reveal: int, *, why: str = "") -> Reveal:
    """End a reveal before its time, or take a request back; whoever may ask or approve may."""
    second = may(actor, Operation.REVEALS_APPROVE)
    operation = Operation.REVEALS_APPROVE if second else Operation.REVEALS_ASK
    permit(desk, actor, operation, on=f"reveal:{reveal}", use=_by_second_person(actor) if second else None)
    reason = words(why, "the reason", needed=False)
    return take(
        desk,
        actor,
        reveal,
        RevealEvent.CLOSE,
        change=lambda found, at: ended(found, actor, at, reason or "no longer needed"),
        why=reason,
    )


def reveals(
    desk: Desk, actor: Actor, *, incident: IncidentId | None = None, open_only: bool = False
) -> tuple[Reveal, ...]:
    """Return reveals, the newest first; those whose time is over read as expired, also before anybody wrote that."""
    permit(desk, actor, Operation.REVEALS_READ, use=reading(actor, case="" if incident is None else str(incident)))
    at = desk.clock.now()
    with desk.store.read() as unit:
        found = unit.reveals.find(incident=incident, states=STANDING if open_only else ())
    shown = tuple(each if is_good(each, at) or each.state not in STANDING else expired(each, at) for each in found)
    return tuple(each for each in shown if each.state in STANDING) if open_only else shown


def expire_due(desk: Desk) -> int:
    """End every reveal whose time is over and return how many; cheap enough to ask each second."""
    at = desk.clock.now()
    with desk.store.read() as unit:
        due = _due(unit, at)
    if not due:
        return 0
    permit(desk, CLOCK, Operation.PARTS_REPORT, on="reveals")
    with desk.store.write() as unit:
        due = _due(unit, at)
        for found in due:
            ended = unit.reveals.replace(expired(found, at))
            tell(desk, unit, ended, Step(actor=CLOCK, at=at, act="reveal.expire", why=OVER))
        return len(due)


def reading(actor: Actor, *, case: str = "") -> Use:
    """Return what names of colleagues are read for: oversight by its officers, the incident by everybody else."""
    watching = actor.role in {Role.DPO, Role.AUDITOR}
    purpose = Purpose.OVERSIGHT if watching else Purpose.INCIDENT_RESPONSE
    return Use(category=Category.STAFF, purpose=purpose, case=case)


def _made(asked: Asking, asker: Asker, at: datetime, *, simulated: bool) -> Reveal:
    return Reveal(
        id=0,
        version=0,
        state=RevealState.ASKED,
        subject=asked.subject,
        incident=asked.incident,
        asked_by=asker.name,
        asked_account=asker.account,
        asked_at=at,
        why=asked.why,
        minutes=asked.minutes,
        good_until=at + ANSWER_WITHIN,
        recipient=asked.recipient,
        simulated=simulated,
    )


def _asking(asked: Asking) -> Use:
    return Use(
        category=Category.NONE,
        purpose=Purpose.INCIDENT_RESPONSE,
        case=str(asked.incident),
        why=asked.why,
        recipient=asked.recipient,
    )


def _by_second_person(actor: Actor) -> Use:
    """Return the use of names by who approves: the officer oversees, the supervisor works on the incident."""
    purpose = Purpose.OVERSIGHT if actor.role is Role.DPO else Purpose.INCIDENT_RESPONSE
    return Use(category=Category.STAFF, purpose=purpose)


def _due(unit: Unit, at: datetime) -> tuple[Reveal, ...]:
    """Return standing reveals whose time is over, or whose clock was set back."""
    return tuple(each for each in unit.reveals.find(states=STANDING) if not is_good(each, at))


def _check_incident(incident: Incident) -> None:
    """Refuse a closed incident: without a case there is no reason."""
    if incident.state is IncidentState.CLOSED:
        raise Conflict(
            f"incident {incident.id} is closed",
            value=incident.id,
            limit="an open incident",
            remedy="reopen it with a reason, or ask for the incident that needs it",
        )


def _check_once(unit: Unit, asker: Asker, subject: str, at: datetime) -> None:
    """Refuse a second request of one person for one thing while the first stands."""
    for other in unit.reveals.find(states=STANDING, subject=subject):
        if other.asked_account == asker.account and is_good(other, at):
            raise Conflict(
                f"you asked for {subject} already: reveal {other.id} is {other.state}",
                value=subject,
                limit="one standing request a person",
                remedy=f"wait for reveal {other.id}, or close it",
            )


def _camera_is_simulated(desk: Desk, subject: str) -> bool:
    """Say whether a camera is simulated; raises `Unknown` for a camera that is not there."""
    kind, _, key = subject.partition(":")
    if kind != "camera":
        return False
    sights = {sight.key: sight for sight in desk.media.cameras()}
    if key not in sights:
        raise Unknown(f"there is no camera {key}", value=key, remedy="choose one from the list of cameras")
    return sights[key].simulated
