"""Warnings to the public: drafted by one, released by two, updated and cancelled as a chain. We never broadcast ourselves.

What two people agree to is everything but the moment of sending, by its hash; what is handed to the gateway is checked
against that hash again. The status is a type: a draft for an exercise is built as an `ExerciseMessage` for good, and in an
exercise, or from a simulated incident, no other than `Exercise` and `Test` can be drafted.

**Source**: CAP 1.2, section 3.2.1 (`status`, `msgType`, `references`); class E of the house's ethics: two people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.action import LIVE, Action, ActionKind
from impetus.core.actor import Actor, platform
from impetus.core.authorised import Authorised
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, ImpetusError, Malformed, NotNow, Refused
from impetus.core.ids import ActionId, IncidentId
from impetus.core.incident import IncidentEntry
from impetus.core.log_record import Processing
from impetus.core.warning import (
    WARNING_LIFECYCLE,
    ActualMessage,
    ExerciseMessage,
    Header,
    Message,
    MessageType,
    PublicWarning,
    Reference,
    Response,
    Status,
    TestMessage,
    WarningContent,
    WarningEvent,
    WarningState,
    follow_up,
)
from impetus.desk.context import Desk
from impetus.desk.effects_on_city import refuse_when_stopped
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import MAX_WORDS, words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.ports.effects import Outcome
from impetus.processes import cap

WARNINGS = platform("warnings")
CLASSES: Mapping[Status, type[ActualMessage] | type[ExerciseMessage] | type[TestMessage]] = {
    Status.ACTUAL: ActualMessage,
    Status.EXERCISE: ExerciseMessage,
    Status.TEST: TestMessage,
}
FOLLOWED = (WarningState.RELEASED, WarningState.UNKNOWN)
"""States from which a warning can be updated or cancelled: it is out, or may be."""
LASTS = timedelta(minutes=60)
CANCEL_LASTS = timedelta(hours=1)
"""How long a cancellation holds when what it cancels is over already. House rule."""
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningView:
    """One warning as people see it: its chain, what holds it back, how phones show it, and what would read better.

    `xml` is the document as it would be, or was, handed over. `may` holds what the reader may do with it now.
    """

    warning: PublicWarning
    chain: tuple[PublicWarning, ...]
    faults: tuple[str, ...]
    previews: tuple[cap.Preview, ...]
    hints: Mapping[str, tuple[str, ...]]
    xml: str
    action: Action | None
    is_superseded: bool = False
    gateway: str = ""


def draft(
    desk: Desk, actor: Actor, content: WarningContent, *, status: Status, incident: IncidentId | None = None
) -> PublicWarning:
    """Store a new draft; `Refused` for an actual one in an exercise or from a simulated incident."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"incident:{incident or 0}")
    at = desk.clock.now()
    _check_words(content)
    with desk.store.read() as unit:
        is_simulated = incident is not None and unit.incidents.get(incident).simulated
    _check_status(desk, status, is_simulated=is_simulated)
    with desk.store.write() as unit:
        stored = unit.warnings.add(
            PublicWarning(
                id=0,
                version=0,
                status=status,
                type=MessageType.ALERT,
                state=WarningState.DRAFT,
                identifier=_identifier(desk, at),
                sender=desk.outside.gateways.sender(),
                content=content,
                drafted_by=actor.name,
                at=at,
                changed_at=at,
                incident=incident,
            )
        )
        _tell(desk, unit, stored, actor, "draft", sound=False)
        return stored


def change(desk: Desk, actor: Actor, warning_id: int, content: WarningContent, *, version: int) -> PublicWarning:
    """Change a draft; what people are asked about, or what is out, cannot be changed."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    _check_words(content)
    with desk.store.write() as unit:
        warning = _current(unit, warning_id, version)
        return _move(desk, unit, replace(warning, content=content), WarningEvent.CHANGE, actor)


def discard(desk: Desk, actor: Actor, warning_id: int, *, version: int, why: str = "") -> PublicWarning:
    """Put a draft away."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    text = words(why, "the reason", needed=False)
    with desk.store.write() as unit:
        return _move(desk, unit, _current(unit, warning_id, version), WarningEvent.DISCARD, actor, why=text)


def propose(
    desk: Desk, actor: Actor, warning_id: int, *, version: int, why: str, lasts: timedelta = LASTS
) -> PublicWarning:
    """Ask two people to release exactly this; `Malformed` names what holds it back."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    from impetus.desk.proposing import Proposal  # noqa: PLC0415 - proposing asks back what it can perform
    from impetus.desk.proposing import propose as ask

    with desk.store.read() as unit:
        warning = _current(unit, warning_id, version)
        message = message_of(unit, warning, desk.clock.now())
    WARNING_LIFECYCLE.step(warning.state, WarningEvent.PROPOSE)
    with desk.store.write() as unit:
        moved = replace(warning, digest=cap.digest_of(message), action=None)
        moved = _move(desk, unit, moved, WarningEvent.PROPOSE, actor, why=why)
    try:
        action = ask(
            desk,
            actor,
            Proposal(
                kind=ActionKind.PUBLIC_WARNING,
                target=f"warning:{warning_id}",
                why=why,
                lasts=lasts,
                incident=warning.incident,
                parameters={
                    "text": cap.said_in_short(warning.content, MAX_WORDS),
                    "area": warning.content.area.description,
                },
            ),
        )
    except ImpetusError:
        with desk.store.write() as unit:
            _move(desk, unit, unit.warnings.get(warning_id), WarningEvent.RETURN, actor, why="it could not be proposed")
        raise
    with desk.store.write() as unit:
        return unit.warnings.replace(replace(unit.warnings.get(moved.id), action=action.id))


def update(desk: Desk, actor: Actor, warning_id: int) -> PublicWarning:
    """Draft an update of a released warning, with its words to begin with."""
    return _follow(desk, actor, warning_id, MessageType.UPDATE)


def cancel(desk: Desk, actor: Actor, warning_id: int) -> PublicWarning:
    """Draft the cancellation of a released warning; two people release it, too."""
    return _follow(desk, actor, warning_id, MessageType.CANCEL)


def warnings(desk: Desk, actor: Actor, incident: IncidentId | None = None) -> tuple[PublicWarning, ...]:
    """Return the warnings, newest first."""
    permit(desk, actor, Operation.WARNINGS_READ)
    with desk.store.read() as unit:
        return tuple(_as_stands(unit, each) for each in unit.warnings.all(incident=incident, limit=SHOWN))


def warning_view(desk: Desk, actor: Actor, warning_id: int) -> WarningView:
    """Return one warning with everything that helps to judge it."""
    permit(desk, actor, Operation.WARNINGS_READ, on=f"warning:{warning_id}")
    at = desk.clock.now()
    with desk.store.read() as unit:
        warning = _as_stands(unit, unit.warnings.get(warning_id))
        chain = tuple(_as_stands(unit, each) for each in unit.warnings.of_chain(warning.chain))
        message = message_of(unit, warning, warning.sent_at or at)
        action = None if warning.action is None else unit.actions.get(warning.action)
    is_open = warning.state in (WarningState.DRAFT, WarningState.PROPOSED, WarningState.FAILED)
    return WarningView(
        warning=warning,
        chain=chain,
        faults=cap.faults(message, at) if is_open else (),
        previews=tuple(cap.preview(each) for each in warning.content.wordings),
        hints={each.language: cap.hints(each) for each in warning.content.wordings},
        xml=desk.outside.cap.write(message).decode(),
        action=action,
        is_superseded=any(each.follows == warning.id and each.state is WarningState.RELEASED for each in chain),
        gateway=desk.outside.gateways.ready(message),
    )


def message_of(unit: Unit, warning: PublicWarning, sent: datetime) -> Message:
    """Return the message a warning is, of the type of its status; a follow-up is built from what it follows."""
    earlier = [each for each in unit.warnings.of_chain(warning.chain or warning.id) if each.id < warning.id]
    references = tuple(
        Reference(sender=each.sender, identifier=each.identifier, sent=each.sent_at)
        for each in earlier
        if each.sent_at is not None and each.state in FOLLOWED
    )
    header = Header(
        identifier=warning.identifier, sender=warning.sender, sent=sent, type=warning.type, references=references
    )
    if warning.follows is None:
        return CLASSES[warning.status](header=header, content=warning.content)
    before = unit.warnings.get(warning.follows)
    return follow_up(message_of(unit, before, before.sent_at or sent), header, warning.content)


class WarningEffector:
    """Fulfils `impetus.ports.effects.Effector`: hands a released warning to the gateway of its own status."""

    is_repeatable = True

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def check(
        self, target: str, parameters: Mapping[str, str], *, at: datetime, is_simulated: bool
    ) -> Mapping[str, str]:
        """Return the parameters with status and hash of the warning that is meant; refuses what may not be released."""
        with self._desk.store.read() as unit:
            warning = unit.warnings.get(_number(target))
            message = message_of(unit, warning, at)
        if warning.state is not WarningState.PROPOSED:
            raise Malformed(
                f"warning {warning.id} is {warning.state}",
                value=warning.state,
                limit="proposed from its own page",
                remedy="open Warnings and ask to release it there",
            )
        _check_status(self._desk, warning.status, is_simulated=is_simulated)
        found = cap.faults(message, at)
        if found:
            raise Malformed(found[0], value=len(found), limit="no fault", remedy="mend the draft")
        missing = self._desk.outside.gateways.ready(message)
        if missing:
            raise Malformed(missing, value=warning.status, limit="a gateway", remedy="declare it in effectors.toml")
        return {
            **parameters,
            "status": warning.status.value,
            "type": warning.type.value,
            "digest": cap.digest_of(message),
        }

    def reaches_simulated(self, action: Action) -> bool:
        """Say whether the message is for nobody out there."""
        return action.parameters.get("status") in {Status.EXERCISE.value, Status.TEST.value}

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Hand it over, once; the gateway knows the identifier, so a repetition is the same message."""
        desk, action = self._desk, authorised.what
        warning, message = self._begin(action)
        if message is None:
            is_out = warning.state is WarningState.RELEASED
            return Outcome(succeeded=is_out, receipt=warning.receipt, is_known=is_out)
        try:
            refuse_when_stopped(desk, f"releasing warning {warning.id}")
            outcome = desk.outside.gateways.hand_over(authorised, message)
        except NotNow:
            raise
        except ImpetusError as error:
            outcome = Outcome(succeeded=False, receipt=error.detail)
        self._record(warning.id, outcome)
        return outcome

    def _begin(self, action: Action) -> tuple[PublicWarning, Message | None]:
        """Write down that it is being handed over, and when; no message when it is out already."""
        desk, at = self._desk, self._desk.clock.now()
        with desk.store.write() as unit:
            warning = unit.warnings.get(_number(action.target))
            if warning.state not in (WarningState.PROPOSED, WarningState.SENDING):
                return warning, None
            sent = warning.sent_at or at
            message = message_of(unit, warning, sent)
            if cap.digest_of(message) != action.parameters["digest"] or warning.action != action.id:
                raise Refused(
                    f"warning {warning.id} is not what was agreed to",
                    rule="what is released is what two people agreed to",
                    value=warning.id,
                    source="AI Act, article 14(4)(d)",
                    remedy="propose it anew",
                )
            if warning.content.expires <= at:
                raise Refused(
                    f"warning {warning.id} has expired", rule="what is over is not released",
                    value=warning.content.expires.isoformat(), remedy="draft it anew",
                )  # fmt: skip
            sending = _move(desk, unit, replace(warning, sent_at=sent), WarningEvent.SEND, WARNINGS)
            return sending, message

    def _record(self, warning_id: int, outcome: Outcome) -> None:
        event = WarningEvent.RELEASE if outcome.succeeded else WarningEvent.FAIL
        if not outcome.succeeded and not outcome.is_known:
            event = WarningEvent.LOSE
        with self._desk.store.write() as unit:
            warning = replace(unit.warnings.get(warning_id), receipt=outcome.receipt[:500])
            if event is WarningEvent.FAIL:
                warning = replace(warning, sent_at=None)
            _move(self._desk, unit, warning, event, WARNINGS)


def tend_warnings(desk: Desk) -> int:
    """Bring warnings to where their proposals are: back to a draft when nobody released them. Return how many moved."""
    permit(desk, WARNINGS, Operation.EFFECTS_REVERT)
    with desk.store.read() as unit:
        open_ = [each for each in unit.warnings.all() if each.state in (WarningState.PROPOSED, WarningState.SENDING)]
        due = [(each, event) for each in open_ if (event := _due(unit, each, desk.clock.now())) is not None]
    for warning, event in due:
        with desk.store.write() as unit:
            now = unit.warnings.get(warning.id)
            if now.version == warning.version:
                _move(desk, unit, now, event, WARNINGS)
    return len(due)


def _due(unit: Unit, warning: PublicWarning, at: datetime) -> WarningEvent | None:
    """Return what must happen to a warning whose proposal is over; None while it lives."""
    if warning.action is None:
        return WarningEvent.RETURN if at - warning.changed_at > timedelta(seconds=60) else None
    if unit.actions.get(warning.action).state in LIVE:
        return None
    return WarningEvent.RETURN if warning.state is WarningState.PROPOSED else WarningEvent.LOSE


def _as_stands(unit: Unit, warning: PublicWarning) -> PublicWarning:
    """Return a warning with the state its proposal leaves it in, whoever has noted that yet."""
    if warning.state is WarningState.PROPOSED and warning.action is not None:
        state = unit.actions.get(warning.action).state
        return warning if state in LIVE else replace(warning, state=WarningState.DRAFT)
    return warning


def _follow(desk: Desk, actor: Actor, warning_id: int, type_: MessageType) -> PublicWarning:
    """Store the draft of a follow-up; one at a time, and nothing follows a cancellation."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        before = unit.warnings.get(warning_id)
        _check_followable(before, unit.warnings.of_chain(before.chain))
        content = before.content
        if type_ is MessageType.CANCEL:
            expires = max(content.expires, at + CANCEL_LASTS)
            content = replace(content, response=Response.ALL_CLEAR, expires=min(expires, at + cap.LONGEST))
        stored = unit.warnings.add(
            PublicWarning(
                id=0,
                version=0,
                status=before.status,
                type=type_,
                state=WarningState.DRAFT,
                identifier=_identifier(desk, at),
                sender=before.sender,
                content=content,
                drafted_by=actor.name,
                at=at,
                changed_at=at,
                incident=before.incident,
                follows=before.id,
                chain=before.chain,
            )
        )
        _tell(desk, unit, stored, actor, "draft", sound=False)
        return stored


def _check_followable(before: PublicWarning, chain: Sequence[PublicWarning]) -> None:
    if before.state not in FOLLOWED or before.type is MessageType.CANCEL:
        raise Conflict(
            f"warning {before.id} is {before.state}, {before.type}",
            value=before.state,
            limit="a released alert or update",
            remedy="follow the newest released warning of the chain",
        )
    for later in chain:
        if later.id > before.id and later.state is not WarningState.DISCARDED:
            raise Conflict(
                f"warning {later.id} follows it already ({later.type}, {later.state})",
                value=later.id,
                limit="one follow-up at a time",
                remedy=f"go on with warning {later.id}",
            )


def _check_status(desk: Desk, status: Status, *, is_simulated: bool) -> None:
    """Refuse an actual warning in an exercise or from simulated input; whatever cannot be read counts as an exercise."""
    configured = desk.configuration.read()
    if status is Status.ACTUAL and (is_simulated or configured.is_exercise or configured.fault):
        raise Refused(
            "this is an exercise, or comes from simulated input: an actual warning cannot be made of it",
            rule="an exercise cannot become actual",
            value=status.value,
            limit="Exercise, Test",
            source="CAP 1.2, section 3.2.1, status; processes of the house",
            remedy="draft it as Exercise",
        )


def _check_words(content: WarningContent) -> None:
    """Refuse what no draft needs; what is only unfinished may be kept."""
    longest = max((len(text) for each in content.wordings for text in _texts(each)), default=0)
    corners = max((len(ring) for ring in content.area.polygons), default=0)
    if longest > cap.MOST_CHARS or len(content.wordings) > cap.MOST_LANGUAGES or corners > cap.MOST_POINTS:
        raise Malformed(
            "the draft is too long",
            value=f"{longest} characters, {len(content.wordings)} languages, {corners} corners",
            limit=f"{cap.MOST_CHARS}, {cap.MOST_LANGUAGES}, {cap.MOST_POINTS}",
            remedy="say less",
        )


def _texts(wording: object) -> tuple[str, ...]:
    return tuple(getattr(wording, name) for name in ("language", "event", "headline", "description", "instruction"))


def _identifier(desk: Desk, at: datetime) -> str:
    """Return an identifier nobody else has: whose, when, and eight digits of chance (CAP 1.2, 3.2.1: no space, comma)."""
    return f"{desk.tenant}.{at:%Y%m%dT%H%M%S}.{desk.chance.bytes_(4).hex()}"


def _number(target: str) -> int:
    word, _, number = target.partition(":")
    if word == "warning" and number.isdecimal() and len(number) < len(str(2**63)):
        return int(number)
    raise Malformed(
        f"{target[:60]!r} is no warning that was drafted",
        value=target[:60],
        limit="warning:NUMBER",
        remedy="draft it on the page Warnings, and ask to release it there",
    )


def _current(unit: Unit, warning_id: int, version: int) -> PublicWarning:
    """Return the stored warning when it is what the person saw; one whose proposal is over is a draft again."""
    warning = unit.warnings.get(warning_id)
    if warning.version != version:
        raise Conflict(
            f"warning {warning_id} changed since you saw it",
            value=version,
            limit=warning.version,
            remedy="look at it as it is now, then act again",
        )
    return _as_stands(unit, warning)


def _move(
    desk: Desk, unit: Unit, changed: PublicWarning, event: WarningEvent, actor: Actor, *, why: str = ""
) -> PublicWarning:
    """Take one step of the table, store, log, tell."""
    outcome = WARNING_LIFECYCLE.step(changed.state, event)
    at = max(desk.clock.now(), changed.changed_at)
    stored = unit.warnings.replace(replace(changed, state=WarningState(outcome.state), changed_at=at))
    _tell(desk, unit, stored, actor, event.value, sound=Effect.SOUND in outcome.effects, why=why)
    return stored


SAYINGS: Mapping[str, str] = {
    "draft": "{status} warning {id} ({type}) drafted: {headline}",
    "change": "{status} warning {id} changed: {headline}",
    "propose": "two people are asked to release {status} warning {id}: {headline}",
    "return": "{status} warning {id} was not released and is a draft again",
    "send": "{status} warning {id} is being handed to the gateway",
    "release": "{status} warning {id} ({type}) was handed to the gateway: {headline} ({receipt})",
    "lose": "nobody knows whether the gateway has {status} warning {id}: {receipt}",
    "fail": "the gateway did not take {status} warning {id}: {receipt}",
    "discard": "{status} warning {id} was put away",
}
"""One sentence for people in the timeline, by event."""


def _tell(
    desk: Desk, unit: Unit, warning: PublicWarning, actor: Actor, verb: str, *, sound: bool, why: str = ""
) -> None:
    """Write log and timeline, and wake the screens."""
    at, is_simulated = warning.changed_at, warning.status is not Status.ACTUAL
    headline = next((each.headline for each in warning.content.wordings), "")
    said = SAYINGS[verb].format(
        status=warning.status, id=warning.id, type=warning.type, headline=f"“{headline}”", receipt=warning.receipt
    )
    note_done(
        desk,
        actor,
        f"warning.{verb}",
        f"warning:{warning.id}",
        processing=Processing.CONTROL,
        why=why,
        case=str(warning.incident or ""),
        facts={"status": warning.status.value, "type": warning.type.value, "identifier": warning.identifier},
    )
    facts: dict[str, str | int | float | bool | None] = {
        "state": warning.state.value, "sound": sound, "simulated": is_simulated,
    }  # fmt: skip
    unit.outbox.add(at, "warning", str(warning.id), {**facts, "status": warning.status.value})
    if warning.incident is None:
        return
    incident = unit.incidents.get(warning.incident)
    detail: dict[str, str | int | float] = {"warning": warning.id, "status": warning.status.value}
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=at,
            event=f"warning.{verb}",
            who=actor.name,
            text=f"{said} ({why})" if why else said,
            detail={**detail, "version": incident.version},
        )
    )
    unit.outbox.add(
        at, "incident", str(incident.id), {**facts, "state": incident.state.value, "version": incident.version}
    )


def released_by(view: WarningView) -> ActionId | None:
    """Return the proposal whose agreement released it."""
    return view.action.id if view.action is not None else None
