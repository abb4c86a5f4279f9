"""Performing what people decided: once, in time, and with a row that says so before and after.

The row before the effect stands in the same unit as the check of the decisions: two clicks, two processes or a killed one
cannot both pass. Whoever dies between the row and the end leaves an action `performing`; later it is tried again when its
effector promises that the same key has one effect and the decision still holds, and else it is `failed`, because nobody
knows: at most once.
"""

import logging
from dataclasses import replace
from datetime import timedelta

from impetus.core.action import ACTION_LIFECYCLE, Action, ActionEvent, ActionKind, ActionState, Performance
from impetus.core.actor import Actor, platform
from impetus.core.authorised import Authorised
from impetus.core.errors import ImpetusError, Malformed, NotNow, Refused
from impetus.core.ids import ActionId
from impetus.desk.action_step import Deed, move_action, person_of
from impetus.desk.connected import CONNECTED, is_connected
from impetus.desk.context import Desk
from impetus.desk.decide import authorise_action
from impetus.desk.effect_step import refuse_when_stopped
from impetus.desk.effects import OWN_EFFECTORS
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports.effects import Effector, Fitting, Outcome

GATES = platform("gates")
PATIENCE = timedelta(seconds=60)
"""How long an effect may take before it is looked after; house rule, longer than any effector's own time-out."""
NOBODY_KNOWS = "nobody knows how it ended; look at the world before proposing it anew"

log = logging.getLogger(__name__)


def effector_of(desk: Desk, kind: ActionKind) -> Effector:
    """Return what performs this kind: the platform's own, else what the installation connected; `Malformed` for none."""
    if kind in OWN_EFFECTORS:
        return OWN_EFFECTORS[kind](desk)
    if kind not in desk.effectors and is_connected(desk, kind):
        return CONNECTED[kind](desk)
    if kind not in desk.effectors:
        raise Malformed(
            f"nothing here performs {kind}",
            value=kind,
            limit=", ".join(sorted({*OWN_EFFECTORS, *desk.effectors})),
            remedy="connect an effector for it",
        )
    return desk.effectors[kind]


def can_perform(desk: Desk, kind: ActionKind) -> bool:
    """Say whether something here performs this kind."""
    return kind in OWN_EFFECTORS or kind in desk.effectors or is_connected(desk, kind)


def perform(desk: Desk, actor: Actor, action_id: ActionId) -> Action:
    """Perform an authorised action and return it as it then stands; `Conflict` when it is not, `Refused` when no longer.

    Everything is checked anew, at this moment: who agreed, to exactly this, whether they still may, and the time.
    """
    permit(desk, actor, Operation.ALERTS_READ, on=f"action:{action_id}")
    if actor != GATES:
        person_of(actor)
    at = desk.clock.now()
    with desk.store.write() as unit:
        action = unit.actions.get(action_id)
        effector = effector_of(desk, action.kind)
        ACTION_LIFECYCLE.step(action.state, ActionEvent.BEGIN)
        authorised = authorise_action(unit, action, at=at)
        _check_exercise(effector, action)
        unit.actions.begin(Performance(action=action_id, key=authorised.key, started_at=at))
        move_action(desk, unit, action, Deed(actor=actor, event=ActionEvent.BEGIN, at=at))
    return _carry_out(desk, actor, effector, authorised)


def perform_due(desk: Desk) -> int:
    """Perform what was authorised and not begun, and look after what was begun and not ended; return how many ended.

    For the moments after a crash; cheap enough to ask each second.
    """
    permit(desk, GATES, Operation.ALERTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        authorised = unit.actions.find(states=(ActionState.AUTHORISED,))
        lost = [
            action
            for action in unit.actions.find(states=(ActionState.PERFORMING,))
            if at - action.changed_at >= PATIENCE
        ]
    return sum(_tried(desk, action.id) for action in authorised) + sum(_looked_after(desk, action) for action in lost)


def _carry_out(desk: Desk, actor: Actor, effector: Effector, authorised: Authorised[Action]) -> Action:
    """Let the effect happen and write down how it ended; `NotNow` of one that may be repeated leaves it for later."""
    try:
        _refuse_when_stopped(desk, authorised.what)
        outcome = effector.perform(authorised)
    except NotNow:
        if effector.is_repeatable:
            raise
        outcome = Outcome(succeeded=False, receipt=NOBODY_KNOWS)
    except ImpetusError as error:
        outcome = Outcome(succeeded=False, receipt=error.detail)
    return _ended(desk, actor, authorised.what.id, outcome)


def _ended(desk: Desk, actor: Actor, action_id: ActionId, outcome: Outcome) -> Action:
    """Store how an effect ended, in one unit with the proposal's last step."""
    event = ActionEvent.PERFORM if outcome.succeeded else ActionEvent.FAIL
    if not outcome.is_known and NOBODY_KNOWS not in outcome.receipt:
        outcome = replace(outcome, receipt=f"{NOBODY_KNOWS} ({outcome.receipt})" if outcome.receipt else NOBODY_KNOWS)
    with desk.store.write() as unit:
        action = unit.actions.get(action_id)
        at = max(desk.clock.now(), action.changed_at)  # an end is written whatever the clock did meanwhile
        known = unit.actions.performance(action_id)
        if known is not None:
            ended = replace(known, finished_at=at, succeeded=outcome.succeeded, receipt=outcome.receipt)
            unit.actions.finish(ended)
        deed = Deed(actor=actor, event=event, at=at, text=outcome.receipt)
        return move_action(desk, unit, replace(action, receipt=outcome.receipt), deed)


def _tried(desk: Desk, action_id: ActionId) -> bool:
    """Perform one that waits; one that may no longer be is left to expire."""
    try:
        perform(desk, GATES, action_id)
    except ImpetusError as error:
        log.warning("action %d is not performed: %s", action_id, error.detail)
        return False
    return True


def _looked_after(desk: Desk, action: Action) -> bool:
    """Bring to an end what somebody began and nobody ended."""
    try:
        effector = effector_of(desk, action.kind)
        with desk.store.read() as unit:
            authorised = authorise_action(unit, action, at=desk.clock.now())
    except (Refused, Malformed) as refusal:
        _ended(desk, GATES, action.id, Outcome(succeeded=False, receipt=f"{NOBODY_KNOWS} ({refusal.detail})"))
        return True
    if not effector.is_repeatable:
        _ended(desk, GATES, action.id, Outcome(succeeded=False, receipt=NOBODY_KNOWS))
        return True
    try:
        _carry_out(desk, GATES, effector, authorised)
    except NotNow as error:
        log.warning("action %d waits: %s", action.id, error.detail)
        return False
    return True


def _refuse_when_stopped(desk: Desk, action: Action) -> None:
    """Raise `Stopped` for what reaches the world while the site or all is stopped; colleagues may still be told.

    **Source**: AI Act, article 14(4)(e).
    """
    if action.kind not in OWN_EFFECTORS:
        refuse_when_stopped(desk, f"action {action.id}")


def _check_exercise(effector: Effector, action: Action) -> None:
    """Refuse to let exercise input act on anything outside the platform but what is simulated, too.

    **Source**: processes of the house: exercises have no way to a live effector.
    """
    if not action.simulated or action.kind in OWN_EFFECTORS:
        return
    if isinstance(effector, Fitting) and effector.reaches_simulated(action):
        return
    raise Refused(
        "it comes from simulated input",
        rule="exercises have no way to a live effector",
        value=action.kind,
        source="processes of the house; HSEEP",
        remedy="propose it from a real incident",
    )
