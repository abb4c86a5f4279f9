"""One step of a proposal's life: the table decides, this applies it, records it, tells the screens, the log and its run.

Everything that changes a proposal goes through `move_action`. What holds afterwards: a line of its history says who, when
and about exactly which content; the revision rises when everybody must be asked again.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.access import Regime
from impetus.core.action import ACTION_LIFECYCLE, Action, ActionEntry, ActionEvent, ActionState
from impetus.core.actor import Actor, Role
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Refused
from impetus.core.ids import AccountId
from impetus.core.log_record import Processing
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.run_step import follow_action
from impetus.ports import Unit

REASKING = frozenset({ActionEvent.LACK, ActionEvent.CHANGE})
"""Events after which nobody's yes counts any more: what they agreed to was found wanting, or is not what it was."""
NOT_A_PERSON = frozenset({Role.SERVICE, Role.PLATFORM})


@dataclass(frozen=True, slots=True, kw_only=True)
class Deed:
    """Who does what to a proposal, when and with which words."""

    actor: Actor
    event: ActionEvent
    at: datetime
    text: str = ""


def person_of(actor: Actor) -> AccountId:
    """Return whose decision it is; refuses tokens, the platform and the console, which are nobody in particular.

    **Source**: AI Act, article 14(4): natural persons oversee.
    """
    if actor.account is None or actor.role in NOT_A_PERSON or actor.operations:
        raise Refused(
            f"{actor.name} is no person with an account",
            rule="a decision is a person's",
            value=actor.name,
            limit="somebody signed in with their own account",
            source="AI Act, article 14(4): natural persons oversee",
            remedy="sign in as yourself",
        )
    return actor.account


def move_action(desk: Desk, unit: Unit, changed: Action, deed: Deed) -> Action:
    """Take one step of the table with a proposal as it reads after the act; store, record, announce and log it.

    A cell that refuses raises `Conflict`. So does a clock that stands before the proposal's last step: nothing that
    depends on time can be trusted then.
    """
    if deed.at < changed.changed_at:
        raise Conflict(
            f"the clock stands at {deed.at:%H:%M:%S}, before the last step of action {changed.id}",
            value=deed.at.isoformat(),
            limit=changed.changed_at.isoformat(),
            remedy="let the clock be set right, then propose it anew",
        )
    outcome = ACTION_LIFECYCLE.step(changed.state, deed.event)
    stepped = replace(
        changed,
        state=ActionState(outcome.state),
        changed_at=deed.at,
        revision=changed.revision + (deed.event in REASKING),
    )
    stored = unit.actions.replace(stepped)
    record_action(unit, stored, deed)
    announce_action(unit, stored, deed.at, sound=Effect.SOUND in outcome.effects)
    log_action(desk, stored, deed)
    follow_action(desk, unit, stored, deed.event)
    return stored


def record_action(unit: Unit, action: Action, deed: Deed, *, event: str | None = None) -> None:
    """Write one line of a proposal's history, about exactly what it says now."""
    unit.actions.record(
        ActionEntry(
            id=0,
            action=action.id,
            at=deed.at,
            event=event or deed.event,
            who=deed.actor.name,
            account=deed.actor.account,
            role=deed.actor.role.value,
            text=deed.text,
            content_hash=action.content_hash(),
        )
    )


def announce_action(unit: Unit, action: Action, at: datetime, *, sound: bool) -> None:
    """Put the change into the outbox of this unit, and its incident's, so that open pages follow."""
    unit.outbox.add(
        at,
        "action",
        str(action.id),
        {
            "state": action.state.value,
            "class": action.action_class.value,
            "version": action.version,
            "incident": action.incident,
            "sound": sound,
            "simulated": action.simulated,
        },
    )


def log_action(desk: Desk, action: Action, deed: Deed, *, event: str | None = None) -> None:
    """Write what was done into the log, before the unit commits; giving something to others is a disclosure.

    **Source**: Directive (EU) 2016/680, article 25(1): of disclosures the justification, the time and the recipients.
    """
    recipient = action.parameters.get("recipient", "")
    is_disclosed = bool(recipient) and deed.event is ActionEvent.PERFORM
    note_done(
        desk,
        deed.actor,
        f"action.{event or deed.event}",
        f"action:{action.id}",
        processing=Processing.DISCLOSURE if is_disclosed else Processing.CONTROL,
        why=deed.text or action.why,
        case=str(action.incident or ""),
        recipient=recipient if is_disclosed else "",
        regime=Regime(action.parameters.get("regime", Regime.GDPR)),
        facts={
            "kind": action.kind.value,
            "class": action.action_class.value,
            "state": action.state.value,
            "content": action.content_hash(),
        },
    )
