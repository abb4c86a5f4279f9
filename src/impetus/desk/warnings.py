"""Warnings to the public: drafted by one, released by two, updated and cancelled as a chain. We never broadcast ourselves.

What two people agree to is everything but the moment of sending, by its hash; what is handed to the gateway is checked
against that hash again. The status is a type: a draft for an exercise is built as an `ExerciseMessage` for good, and in an
exercise, or from a simulated incident, no other than `Exercise` and `Test` can be drafted.

**Source**: CAP 1.2, section 3.2.1 (`status`, `msgType`, `references`); class E of the house's ethics: two people.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.action import Action, ActionKind
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed
from impetus.core.ids import IncidentId
from impetus.core.warning import (
    MessageType,
    PublicWarning,
    Response,
    Status,
    WarningContent,
    WarningEvent,
    WarningState,
)
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.proposing import Proposal, prepared, put_forward
from impetus.desk.transition import MAX_WORDS, words
from impetus.desk.warning_step import FOLLOWED, as_stands, check_status, message_of, move_warning, tell_warning
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes import cap

LASTS = timedelta(minutes=60)
CANCEL_LASTS = timedelta(hours=1)
"""How long a cancellation holds when what it cancels is over already. House rule."""
SHOWN = 100
NOTHING_YET = "nothing yet"


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
    check_status(desk, status, is_simulated=is_simulated)
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
        tell_warning(desk, unit, stored, actor, "draft", sound=False)
        return stored


def change(desk: Desk, actor: Actor, warning_id: int, content: WarningContent, *, version: int) -> PublicWarning:
    """Change a draft; what people are asked about, or what is out, cannot be changed."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    _check_words(content)
    with desk.store.write() as unit:
        warning = _current(unit, warning_id, version)
        return move_warning(desk, unit, replace(warning, content=content), WarningEvent.CHANGE, actor)


def discard(desk: Desk, actor: Actor, warning_id: int, *, version: int, why: str = "") -> PublicWarning:
    """Put a draft away."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    text = words(why, "the reason", needed=False)
    with desk.store.write() as unit:
        return move_warning(desk, unit, _current(unit, warning_id, version), WarningEvent.DISCARD, actor, why=text)


def propose(
    desk: Desk, actor: Actor, warning_id: int, *, version: int, why: str, lasts: timedelta = LASTS
) -> PublicWarning:
    """Ask two people to release exactly this; `Malformed` names what holds it back."""
    permit(desk, actor, Operation.WARNINGS_DRAFT, on=f"warning:{warning_id}")
    with desk.store.read() as unit:
        content, incident = (found := _current(unit, warning_id, version)).content, found.incident
    asked = prepared(
        desk,
        actor,
        Proposal(
            kind=ActionKind.PUBLIC_WARNING,
            target=f"warning:{warning_id}",
            why=why,
            lasts=lasts,
            incident=incident,
            parameters={
                "text": cap.said_in_short(content, MAX_WORDS) or NOTHING_YET,
                "area": content.area.description or NOTHING_YET,
            },
        ),
    )
    with desk.store.write() as unit:
        warning = _current(unit, warning_id, version)
        action = put_forward(desk, unit, actor, asked)
        proposed = replace(warning, digest=asked.parameters["digest"], action=action.id, receipt="")
        return move_warning(desk, unit, proposed, WarningEvent.PROPOSE, actor, why=why)


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
        return tuple(as_stands(unit, each) for each in unit.warnings.all(incident=incident, limit=SHOWN))


def warning_view(desk: Desk, actor: Actor, warning_id: int) -> WarningView:
    """Return one warning with everything that helps to judge it."""
    permit(desk, actor, Operation.WARNINGS_READ, on=f"warning:{warning_id}")
    at = desk.clock.now()
    with desk.store.read() as unit:
        warning = as_stands(unit, unit.warnings.get(warning_id))
        chain = tuple(as_stands(unit, each) for each in unit.warnings.of_chain(warning.chain))
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
        tell_warning(desk, unit, stored, actor, "draft", sound=False)
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
    return as_stands(unit, warning)
