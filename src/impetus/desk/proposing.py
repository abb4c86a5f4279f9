"""Proposing an action: what it may be about, what it must say, and how long it may last."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from impetus.core.access import Regime
from impetus.core.action import CLASS_RULES, KIND_RULES, Action, ActionEvent, ActionKind, ActionState
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.ids import AccountId, ActionId, IncidentId
from impetus.core.incident import INCIDENT_LIFECYCLE, IncidentEvent
from impetus.core.plant import is_planted
from impetus.desk.action_step import Deed, announce_action, log_action, move_action, person_of, record_action
from impetus.desk.context import Desk
from impetus.desk.perform import effector_of, perform
from impetus.desk.permit import permit
from impetus.desk.transition import MAX_WORDS, words
from impetus.ethics.guard import Operation
from impetus.ports import AlertQuery, Unit
from impetus.ports.effects import Fitting

MAX_PARAMETERS = 20
"""Most parameters of a proposal: more than a person reads before agreeing. House rule."""
MAX_TARGET = 200
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
SHORTEST = timedelta(seconds=30)
"""Shortest time a proposal may last: below it nobody has read it. House rule."""
INCIDENT_ALERTS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What is proposed: `lasts` is how long it may be agreed to and performed, at most what its class allows."""

    kind: ActionKind
    target: str
    why: str
    lasts: timedelta
    incident: IncidentId | None = None
    parameters: Mapping[str, str] = field(default_factory=dict)


def propose(desk: Desk, actor: Actor, proposal: Proposal) -> Action:
    """Propose an action; one of class A needs nobody's yes and is performed at once.

    Nothing is proposed from a planted test alert, for a closed incident, or of a kind that nothing here can perform.
    """
    checked = prepared(desk, actor, proposal)
    with desk.store.write() as unit:
        action = put_forward(desk, unit, actor, checked)
    return action if action.rule.persons else perform(desk, actor, action.id)


def prepared(desk: Desk, actor: Actor, proposal: Proposal) -> Proposal:
    """Return a proposal with its words in order, before any unit: the guard, the person and the effector are asked here."""
    permit(desk, actor, Operation.ACTIONS_PROPOSE, on=f"incident:{proposal.incident or 0}")
    person_of(actor)
    effector_of(desk, proposal.kind)
    return _fitted(desk, _checked(proposal), desk.clock.now())


def put_forward(desk: Desk, unit: Unit, actor: Actor, checked: Proposal) -> Action:
    """Store a prepared proposal in the caller's unit, so that it and what it belongs to happen together or not at all.

    One of class A is authorised then, and the caller performs it after the unit; the gates do when the caller dies first.
    """
    at = desk.clock.now()
    is_simulated = _is_simulated(unit, checked.incident)
    action = unit.actions.add(_fresh(checked, actor, person_of(actor), at, is_simulated=is_simulated))
    deed = Deed(actor=actor, event=ActionEvent.AUTHORISE, at=at, text=action.why)
    record_action(unit, action, deed, event="propose")
    if not action.rule.persons:
        return move_action(desk, unit, action, deed)
    announce_action(unit, action, at, sound=True)
    log_action(desk, action, deed, event="propose")
    return action


def checked_parameters(kind: ActionKind, parameters: Mapping[str, str]) -> Mapping[str, str]:
    """Return the parameters without surrounding space; refuses too many, odd names, long words and what is missing."""
    given = {name: words(value, name, needed=False) for name, value in parameters.items() if value.strip()}
    odd = [name for name in given if not NAME.fullmatch(name)]
    if odd or len(given) > MAX_PARAMETERS:
        raise Malformed(
            f"parameters {', '.join(odd)[:MAX_TARGET] or len(given)}",
            value=len(given),
            limit=f"at most {MAX_PARAMETERS}, named in small letters",
            remedy="say it in fewer",
        )
    missing = [name for name in KIND_RULES[kind].needs if name not in given]
    if missing:
        raise Malformed(
            f"{kind} without {', '.join(missing)}",
            value=", ".join(given),
            limit=", ".join(KIND_RULES[kind].needs),
            remedy=f"say {missing[0]}, in at most {MAX_WORDS} characters",
        )
    if "regime" in given and given["regime"] not in set(Regime):
        raise Malformed(
            f"regime is {given['regime']!r}", value=given["regime"], limit=", ".join(Regime), remedy="choose the law"
        )
    return given


def _checked(proposal: Proposal) -> Proposal:
    """Return the proposal with its words in order; refuses what has a desk of its own, and odd times."""
    rule = KIND_RULES[proposal.kind]
    if not rule.is_proposable:
        raise Malformed(
            f"{proposal.kind} is asked for on its own page", value=proposal.kind, remedy="open the pseudonym's page"
        )
    longest = CLASS_RULES[rule.action_class].longest
    if not SHORTEST <= proposal.lasts <= longest:
        raise Malformed(
            f"a proposal of class {rule.action_class} that lasts {proposal.lasts}",
            value=str(proposal.lasts),
            limit=f"{SHORTEST} .. {longest}",
            remedy="propose it for a shorter time, and again when it is over",
        )
    return Proposal(
        kind=proposal.kind,
        target=words(proposal.target, "the target", needed=True, longest=MAX_TARGET),
        why=words(proposal.why, "the reason", needed=True),
        lasts=proposal.lasts,
        incident=proposal.incident,
        parameters=checked_parameters(proposal.kind, proposal.parameters),
    )


def fitted_parameters(
    desk: Desk, kind: ActionKind, target: str, parameters: Mapping[str, str], *, at: datetime, is_simulated: bool
) -> Mapping[str, str]:
    """Return the parameters as whatever performs this kind will read them; refuses what it could not perform."""
    effector = effector_of(desk, kind)
    if not isinstance(effector, Fitting):
        return parameters
    return effector.check(target, parameters, at=at, is_simulated=is_simulated)


def _fitted(desk: Desk, proposal: Proposal, at: datetime) -> Proposal:
    with desk.store.read() as unit:
        is_simulated = _is_simulated(unit, proposal.incident)
    parameters = fitted_parameters(
        desk, proposal.kind, proposal.target, proposal.parameters, at=at, is_simulated=is_simulated
    )
    return replace(proposal, parameters=parameters)


def _fresh(proposal: Proposal, actor: Actor, person: AccountId, at: datetime, *, is_simulated: bool) -> Action:
    """Return the proposal as it begins."""
    return Action(
        id=ActionId(0),
        version=0,
        revision=1,
        state=ActionState.PROPOSED,
        kind=proposal.kind,
        target=proposal.target,
        parameters=proposal.parameters,
        incident=proposal.incident,
        why=proposal.why,
        proposed_by=actor.name,
        proposer=person,
        at=at,
        expires=at + proposal.lasts,
        changed_at=at,
        simulated=is_simulated,
    )


def _is_simulated(unit: Unit, incident_id: IncidentId | None) -> bool:
    """Say whether the incident is simulated; refuses a closed one, and one that stands on planted test alerts alone.

    **Source**: record 0013: a planted alert never reaches an effector, whoever believes it.
    """
    if incident_id is None:
        return False
    incident = unit.incidents.get(incident_id)
    if not isinstance(INCIDENT_LIFECYCLE.table[incident.state, IncidentEvent.DECIDE], str):
        members = unit.alerts.find(AlertQuery(incident=incident_id, limit=INCIDENT_ALERTS)).items
        if members and all(is_planted(alert) for alert in members):
            raise Refused(
                f"incident {incident_id} stands on a planted test alert",
                rule="a planted test alert reaches nobody outside",
                value=members[0].id,
                source="record 0013; AI Act, article 14(4)(b)",
                remedy="nothing happened out there; close the incident",
            )
        return incident.simulated
    raise Conflict(
        f"incident {incident_id} is {incident.state}", value=incident.state, remedy="reopen it first, with a reason"
    )
