"""What a warning is as a message, and one step of its life: stored, logged, in the timeline, told to the screens."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from impetus.core.action import LIVE
from impetus.core.actor import Actor, platform
from impetus.core.effects import Effect
from impetus.core.errors import Refused
from impetus.core.incident import IncidentEntry
from impetus.core.log_record import Processing
from impetus.core.warning import (
    WARNING_LIFECYCLE,
    ActualMessage,
    ExerciseMessage,
    Header,
    Message,
    PublicWarning,
    Reference,
    Status,
    TestMessage,
    WarningEvent,
    WarningState,
    follow_up,
)
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.ports import Unit

WARNINGS = platform("warnings")
FOLLOWED = (WarningState.RELEASED, WarningState.UNKNOWN)
"""States from which a warning can be updated or cancelled: it is out, or may be."""
CLASSES: Mapping[Status, type[ActualMessage] | type[ExerciseMessage] | type[TestMessage]] = {
    Status.ACTUAL: ActualMessage,
    Status.EXERCISE: ExerciseMessage,
    Status.TEST: TestMessage,
}


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
    earlier_message = message_of(unit, before, before.sent_at or sent)
    if isinstance(earlier_message, ActualMessage):
        return follow_up(earlier_message, header, warning.content)
    if isinstance(earlier_message, ExerciseMessage):
        return follow_up(earlier_message, header, warning.content)
    return follow_up(earlier_message, header, warning.content)


def as_stands(unit: Unit, warning: PublicWarning) -> PublicWarning:
    """Return a warning with the state its proposal leaves it in, whoever has noted that yet."""
    if warning.state is WarningState.PROPOSED and warning.action is not None:
        state = unit.actions.get(warning.action).state
        return warning if state in LIVE else replace(warning, state=WarningState.DRAFT)
    return warning


def check_status(desk: Desk, status: Status, *, is_simulated: bool) -> None:
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


def move_warning(
    desk: Desk, unit: Unit, changed: PublicWarning, event: WarningEvent, actor: Actor, *, why: str = ""
) -> PublicWarning:
    """Take one step of the table, store, log, tell."""
    outcome = WARNING_LIFECYCLE.step(changed.state, event)
    at = max(desk.clock.now(), changed.changed_at)
    stored = unit.warnings.replace(replace(changed, state=WarningState(outcome.state), changed_at=at))
    tell_warning(desk, unit, stored, actor, event.value, sound=Effect.SOUND in outcome.effects, why=why)
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


def tell_warning(  # noqa: PLR0913 - a step says this much, and the last parts are named at the call
    desk: Desk, unit: Unit, warning: PublicWarning, actor: Actor, verb: str, *, sound: bool, why: str = ""
) -> None:
    """Write log and timeline, and wake the screens."""
    at = warning.changed_at
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
    unit.outbox.add(
        at,
        "warning",
        str(warning.id),
        {
            "state": warning.state.value,
            "status": warning.status.value,
            "sound": sound,
            "simulated": warning.status is not Status.ACTUAL,
        },
    )
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
        at,
        "incident",
        str(incident.id),
        {
            "state": incident.state.value,
            "severity": incident.severity.value,
            "version": incident.version,
            "sound": sound,
            "simulated": incident.simulated,
        },
    )
