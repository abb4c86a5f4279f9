"""Human gates: an action is proposed, people answer, and only what enough of them agreed to can be performed.

Three answers stand equal: yes, no, and "not enough information". What a yes is worth is decided when it is used
(`desk.decide`), not when it is given. A proposal lives until its end at most; nothing prolongs it.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from impetus.core.action import WAITING, Action, ActionClass, ActionEvent, ActionState, answerable_of, deciders_of
from impetus.core.actor import Actor, Role, platform
from impetus.core.errors import Conflict, Refused
from impetus.core.ids import AccountId, ActionId
from impetus.desk.action_step import Deed, move_action, person_of
from impetus.desk.context import Desk
from impetus.desk.decide import consents_of, standing
from impetus.desk.decision_figures import count_answer, gate_figures
from impetus.desk.gate_reading import pending
from impetus.desk.perform import perform, perform_due
from impetus.desk.permit import permit
from impetus.desk.proposing import Proposal, checked_parameters, fitted_parameters, propose
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit

__all__ = (
    "Proposal",
    "approve",
    "change",
    "decline",
    "expire_due",
    "gate_figures",
    "lack",
    "pending",
    "perform_due",
    "propose",
    "withdraw",
)
GATES = platform("gates")


def approve(
    desk: Desk,
    actor: Actor,
    action_id: ActionId,
    *,
    content_hash: str,
    why: str = "",
    shown: datetime | None = None,
) -> Action:
    """Say yes to exactly what was shown, as `content_hash` names it; the last yes needed performs it.

    One person's yes counts once, from however many sessions. Raises `Conflict` when it is no longer what was shown.
    `shown` is when the question came on the screen; it is counted, and not kept with the answer.
    """
    permit(desk, actor, Operation.DECISIONS_WRITE, on=f"action:{action_id}")
    at, text = desk.clock.now(), words(why, "the reason", needed=False)
    with desk.store.write() as unit:
        action = _as_shown(unit, action_id, content_hash, at)
        person = _decider(desk, actor, action)
        agreed = standing(unit, action.kind, [consent.account for consent in consents_of(unit, action)])
        if person in agreed:
            raise Conflict(
                f"{actor.name} has agreed already",
                value=actor.name,
                limit=f"{action.rule.persons} different people",
                remedy="wait for somebody else",
            )
        agreed[person] = actor.role
        is_enough = len(agreed) >= action.rule.persons
        if is_enough:
            _check_answerable(action, frozenset(agreed.values()))
        event = ActionEvent.AUTHORISE if is_enough else ActionEvent.APPROVE
        moved = move_action(desk, unit, action, Deed(actor=actor, event=event, at=at, text=text))
        count_answer(unit, event, person, shown=shown, at=at)
    return perform(desk, actor, action_id) if is_enough else moved


def decline(
    desk: Desk, actor: Actor, action_id: ActionId, *, content_hash: str, why: str, shown: datetime | None = None
) -> Action:
    """Say no, with a reason; the proposal is over."""
    permit(desk, actor, Operation.DECISIONS_WRITE, on=f"action:{action_id}")
    deed = Deed(actor=actor, event=ActionEvent.DECLINE, at=desk.clock.now(), text=words(why, "the reason", needed=True))
    return _answer(desk, action_id, deed, content_hash, shown)


def lack(
    desk: Desk, actor: Actor, action_id: ActionId, *, content_hash: str, missing: str, shown: datetime | None = None
) -> Action:
    """Say that there is not enough information, and what is missing; earlier yeses were given without it, and are void."""
    permit(desk, actor, Operation.DECISIONS_WRITE, on=f"action:{action_id}")
    text = words(missing, "what is missing", needed=True)
    deed = Deed(actor=actor, event=ActionEvent.LACK, at=desk.clock.now(), text=text)
    return _answer(desk, action_id, deed, content_hash, shown)


def change(desk: Desk, actor: Actor, action_id: ActionId, *, parameters: Mapping[str, str], why: str) -> Action:
    """Change what is proposed, or add what was missing; whoever agreed is asked again. Its end stays as it is."""
    permit(desk, actor, Operation.ACTIONS_PROPOSE, on=f"action:{action_id}")
    at, text = desk.clock.now(), words(why, "the reason", needed=True)
    with desk.store.read() as unit:
        seen = unit.actions.get(action_id)
    said = checked_parameters(seen.kind, parameters)
    said = fitted_parameters(desk, seen.kind, seen.target, said, at=at, is_simulated=seen.simulated)
    with desk.store.write() as unit:
        action = unit.actions.get(action_id)
        _only_proposer(actor, action, "change")
        _check_live(action, at)
        changed = replace(action, parameters=said)
        return move_action(desk, unit, changed, Deed(actor=actor, event=ActionEvent.CHANGE, at=at, text=text))


def withdraw(desk: Desk, actor: Actor, action_id: ActionId, *, why: str = "") -> Action:
    """Take one's own proposal back."""
    permit(desk, actor, Operation.ACTIONS_PROPOSE, on=f"action:{action_id}")
    at, text = desk.clock.now(), words(why, "the reason", needed=False)
    with desk.store.write() as unit:
        action = unit.actions.get(action_id)
        _only_proposer(actor, action, "withdraw")
        return move_action(desk, unit, action, Deed(actor=actor, event=ActionEvent.WITHDRAW, at=at, text=text))


def expire_due(desk: Desk) -> int:
    """End every proposal whose time is over and return how many; cheap enough to ask each second."""
    permit(desk, GATES, Operation.ALERTS_RAISE)
    at = desk.clock.now()
    states = (*WAITING, ActionState.AUTHORISED)
    with desk.store.read() as unit:
        if not any(action.expires <= at for action in unit.actions.find(states=states)):
            return 0
    with desk.store.write() as unit:
        due = [action for action in unit.actions.find(states=states) if action.expires <= at >= action.changed_at]
        for action in due:
            deed = Deed(actor=GATES, event=ActionEvent.EXPIRE, at=at, text="its time is over")
            move_action(desk, unit, action, deed)
        return len(due)


def _answer(desk: Desk, action_id: ActionId, deed: Deed, content_hash: str, shown: datetime | None) -> Action:
    """Record a no or a "not enough information" about exactly what was shown."""
    with desk.store.write() as unit:
        action = _as_shown(unit, action_id, content_hash, deed.at)
        person = _decider(desk, deed.actor, action)
        moved = move_action(desk, unit, action, deed)
        count_answer(unit, deed.event, person, shown=shown, at=deed.at)
        return moved


def _decider(desk: Desk, actor: Actor, action: Action) -> AccountId:
    """Return whose answer it is; refuses who is not among those who decide on this kind."""
    if action.action_class is not ActionClass.B:
        permit(desk, actor, Operation.ACTIONS_APPROVE, on=f"action:{action.id}")
    person = person_of(actor)
    deciders = ", ".join(sorted(deciders_of(action.kind)))
    if actor.role not in deciders_of(action.kind):
        raise Refused(
            f"{actor.name} ({actor.role}) does not decide on this",
            rule=f"class {action.action_class}: {action.rule.means}",
            value=actor.role.value,
            limit=deciders or "nobody needs to",
            source="action classes, F9 of the house's ethics; AI Act, article 14",
            remedy=f"ask somebody who is one of {deciders}",
        )
    return person


def _as_shown(unit: Unit, action_id: ActionId, content_hash: str, at: datetime) -> Action:
    """Return the proposal when it is still exactly what was shown, and still time."""
    action = unit.actions.get(action_id)
    _check_live(action, at)
    if action.content_hash() != content_hash:
        raise Conflict(
            f"action {action_id} is not what you were shown",
            value=content_hash[:12],
            limit=action.content_hash()[:12],
            remedy="look at it as it is now, then answer again",
        )
    return action


def _check_live(action: Action, at: datetime) -> None:
    """Refuse to touch what is over, whether or not somebody has noted that it is."""
    if at >= action.expires:
        raise Conflict(
            f"the time of action {action.id} was over at {action.expires:%H:%M:%S}",
            value=at.isoformat(),
            limit=action.expires.isoformat(),
            remedy="propose it anew",
        )


def _check_answerable(action: Action, roles: frozenset[Role]) -> None:
    """Refuse a last yes after which still nobody answerable would be among those who agreed."""
    answerable = answerable_of(action.kind)
    if not roles & answerable:
        raise Refused(
            "nobody answerable is among those who agree",
            rule=f"class {action.action_class}: {action.rule.means}",
            value=", ".join(sorted(roles)),
            limit=", ".join(sorted(answerable)),
            remedy=f"ask somebody who is {' or '.join(sorted(answerable))}",
        )


def _only_proposer(actor: Actor, action: Action, what: str) -> None:
    """Refuse everybody but who proposed it, by account."""
    if person_of(actor) != action.proposer:
        raise Refused(
            f"{action.proposed_by} proposed it; {actor.name} may not {what} it",
            rule="only who proposed it",
            value=actor.name,
            limit=action.proposed_by,
            remedy="decline it, or say what is missing",
        )
