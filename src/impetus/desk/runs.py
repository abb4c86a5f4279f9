"""Working through a playbook: start it, do a step, skip one with a reason, propose what takes others' yes, notice what is late.

Who clicks first has done it: the second is told who, when and what was said. Nothing here acts on the world: a step that
would proposes at the gates, in the same unit as its event, so that dying in between is not possible.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from impetus.core.action import CLASS_RULES, KIND_RULES, ActionKind
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, ImpetusError, Malformed, OurFault, Refused, TheirFault, Unknown
from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.incident import Incident, IncidentEntry, IncidentState
from impetus.core.run import Run, RunEvent, RunEventKind
from impetus.desk.context import Desk
from impetus.desk.effects import TO_ALL, recipients
from impetus.desk.incident_types import type_now
from impetus.desk.perform import effector_of, perform
from impetus.desk.permit import permit
from impetus.desk.proposing import Proposal, prepared, put_forward
from impetus.desk.run_reading import RunView, may_do, state_of, view_of
from impetus.desk.run_start import begin, event_of, stop, tell_recipients
from impetus.desk.run_step import RUNS, happened
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.playbook import Step
from impetus.processes.run import RunState, Standing, Visit

LASTS = timedelta(hours=1)
"""How long a step's proposal may be agreed to, unless its class allows less: after an hour the step is looked at anew."""
MAX_EVIDENCE = 500
"""Longest evidence in characters: a sentence, or the name of a picture. House rule."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What is said at a step's end. `by_hand` when an act was done without the gate, `parameters` when it is to differ."""

    answer: str = ""
    evidence: str = ""
    version: int | None = None
    by_hand: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)


def start(desk: Desk, actor: Actor, incident_id: IncidentId, type_: str) -> RunView:
    """Give an incident its type and start the type's playbook; who comes second is shown the run that is there.

    A run of another type that is not over ends: its open steps stand as skipped, with who chose the other type.
    """
    permit(desk, actor, Operation.RUNS_WORK, on=f"incident:{incident_id}")
    with desk.store.write() as unit:
        incident, now = _live(unit, incident_id), type_now(desk, unit, type_)
        tell_recipients(desk, unit, actor, incident, now.type)
        run = begin(desk, unit, actor, incident, now)
        return view_of(actor, run, state_of(unit, run))


def finish_step(  # noqa: PLR0913 - what one can say at a step's end
    desk: Desk,
    actor: Actor,
    incident_id: IncidentId,
    number: str,
    *,
    answer: str = "",
    evidence: str = "",
    version: int | None = None,
    by_hand: bool = False,
    parameters: Mapping[str, str] | None = None,
) -> RunView:
    """Do a step: with an answer when it asks, with what shows it when it says `Done when:`.

    A step that proposes an act waits for people's yes then; with `by_hand` it was done without the gate, and the evidence
    says how. `version` is that of the view acted on: a step opened again since is refused, others' steps disturb nobody.
    The same click twice is one. Completing a step that was the owner's to do takes the incident.
    """
    permit(desk, actor, Operation.RUNS_WORK, on=f"incident:{incident_id}")
    said = Said(
        answer=words(answer, "the answer", needed=False),
        evidence=words(evidence, "the evidence", needed=False, longest=MAX_EVIDENCE),
        version=version,
        by_hand=by_hand,
        parameters=parameters or {},
    )
    proposal = None if by_hand else _proposal_of(desk, actor, incident_id, number, said)
    with desk.store.write() as unit:
        run, state = _run(unit, incident_id)
        if _is_repeated(state, number, actor, said):
            return view_of(actor, run, state)
        step, visit = _open_step(actor, state, number, version)
        if visit.standing is Standing.WAITING:
            raise _waits(step, visit)
        action = put_forward(desk, unit, actor, proposal) if proposal else None
        event = _ended(actor, desk.clock.now(), run, step, said, action=action.id if action else None)
        run, state = happened(desk, unit, actor, run, event)
        _take(unit, actor, step, unit.incidents.get(incident_id), event.at)
        view = view_of(actor, run, state)
    if action is not None and not action.rule.persons:
        perform(desk, actor, action.id)
    return view


def skip_step(
    desk: Desk, actor: Actor, incident_id: IncidentId, number: str, *, why: str, version: int | None = None
) -> RunView:
    """Skip a step, with a reason; a mandatory one stands on the page of who leads until they have seen it."""
    permit(desk, actor, Operation.RUNS_WORK, on=f"incident:{incident_id}")
    why = words(why, "the reason", needed=True, longest=MAX_EVIDENCE)
    with desk.store.write() as unit:
        run, state = _run(unit, incident_id)
        known = state.visits.get(number)
        if known and known.standing is Standing.SKIPPED and (known.who, known.text) == (actor.name, why):
            return view_of(actor, run, state)
        _open_step(actor, state, number, version)
        event = event_of(run, desk.clock.now(), RunEventKind.SKIP, actor.name, step=number, text=why)
        run, state = happened(desk, unit, actor, run, event)
        return view_of(actor, run, state)


def see_skip(desk: Desk, actor: Actor, incident_id: IncidentId, number: str) -> RunView:
    """Say, leading, that one has seen that a step was skipped."""
    permit(desk, actor, Operation.RUNS_LEAD, on=f"incident:{incident_id}")
    with desk.store.write() as unit:
        run, state = _run(unit, incident_id)
        visit = state.visits.get(number)
        if visit is None or visit.standing is not Standing.SKIPPED:
            raise Conflict(f"step {number[:4]} is not skipped", value=number[:4], remedy="reload")
        if not visit.seen_by:
            event = event_of(run, desk.clock.now(), RunEventKind.SEE, actor.name, step=number)
            run, state = happened(desk, unit, actor, run, event)
        return view_of(actor, run, state)


def run_late_steps(desk: Desk) -> int:
    """Let every step whose time is over lead on to what its playbook says then, and return how many; cheap when none is.

    Runs of closed incidents end. One run in trouble does not keep the others waiting.
    """
    permit(desk, RUNS, Operation.ALERTS_RAISE)
    with desk.store.read() as unit:
        due = unit.runs.due(desk.clock.now())
    return sum(_let_late(desk, run.id) for run in due)


def _let_late(desk: Desk, run_id: RunId) -> int:
    """Let the late steps of one run lead on, each an event of its own."""
    try:
        with desk.store.write() as unit:
            run, at = unit.runs.get(run_id), desk.clock.now()
            if unit.incidents.get(run.incident).state is IncidentState.CLOSED:
                stop(desk, unit, RUNS, run, "the incident is closed")
                return 0
            late = state_of(unit, run).due(at)
            for number in late:
                run, _ = happened(desk, unit, RUNS, run, event_of(run, at, RunEventKind.LATE, RUNS.name, step=number))
            return len(late)
    except Conflict:  # somebody acted in between; what is still late is so at the next look
        return 0
    except (OurFault, TheirFault) as error:
        log.warning("run %d is in trouble, and others go on: %s", run_id, error.detail)
        return 0


def _live(unit: Unit, incident_id: IncidentId) -> Incident:
    """Return an incident that is not closed."""
    incident = unit.incidents.get(incident_id)
    if incident.state is IncidentState.CLOSED:
        raise Conflict(
            f"incident {incident_id} is closed", value=incident.state, remedy="reopen it first, with a reason"
        )
    return incident


def _run(unit: Unit, incident_id: IncidentId) -> tuple[Run, RunState]:
    """Return the run of an incident that is not closed, and how it stands."""
    _live(unit, incident_id)
    run = unit.runs.of_incident(incident_id)
    if run is None:
        raise Unknown(f"incident {incident_id} has no playbook", value=incident_id, remedy="choose its type first")
    return run, state_of(unit, run)


def _open_step(actor: Actor, state: RunState, number: str, version: int | None) -> tuple[Step, Visit]:
    """Return an open step that the actor may do, seen as it is; each refusal says who or what stands in the way."""
    step, visit = state.steps.get(number), state.visits.get(number)
    if step is None:
        raise Unknown(f"there is no step {number[:4]!r}", value=number[:4], remedy="reload")
    if visit is None or not visit.is_open:
        raise _not_open(step, visit)
    if version is not None and visit.opened_by > version:
        raise Conflict(
            f"step {number} was opened again since you saw it",
            value=version,
            limit=visit.opened_by,
            remedy="look at it as it is now, then act again",
        )
    if not may_do(actor, step):
        raise Refused(
            f"step {number} is for {step.role}; {actor.name} is {actor.role}",
            rule="a step is done by the role it names, or by who leads",
            value=actor.role.value,
            limit=f"{step.role}, supervisor",
            remedy=f"ask somebody who is {step.role}",
        )
    return step, visit


def _not_open(step: Step, visit: Visit | None) -> Conflict:
    """Return the refusal of a step that has not come, or is over: with who ended it, when and how."""
    if visit is None:
        return Conflict(f"step {step.number} has not come yet", value=step.number, remedy="do the step that is open")
    when = f" at {visit.at:%H:%M:%S}" if visit.at else ""
    said = f", {visit.answer or visit.text}" if visit.answer or visit.text else ""
    return Conflict(
        f"step {step.number} is {visit.standing} ({visit.who}{when}{said})", value=step.number, remedy="read on"
    )


def _waits(step: Step, visit: Visit) -> Conflict:
    return Conflict(
        f"step {step.number} waits for people to agree to action {visit.action}",
        value=step.number,
        limit=f"{step.gate.people if step.gate else 1} people",
        remedy="answer it at the gates; withdraw it there to propose something else",
    )


def _is_repeated(state: RunState, number: str, actor: Actor, said: Said) -> bool:
    """Say whether the same person just said the same: a second click, or a form sent again."""
    visit = state.visits.get(number)
    if visit is None or visit.who != actor.name or said.version is None or visit.opened_by > said.version:
        return False
    if visit.standing is Standing.WAITING:
        return not said.by_hand
    is_same = (visit.answer.casefold(), visit.text) == (said.answer.casefold(), said.evidence)
    return visit.standing is Standing.DONE and is_same


def _ended(actor: Actor, at: datetime, run: Run, step: Step, said: Said, *, action: ActionId | None) -> RunEvent:
    """Return the event of a step that ends or is proposed; refuses an answer that is none, and missing evidence."""
    if action is not None:
        return event_of(run, at, RunEventKind.PROPOSE, actor.name, step=step.number, action=action)
    answers = {answer.words.casefold(): answer.words for answer in step.answers}
    if (said.answer.casefold() in answers) != bool(answers) or (said.answer and not answers):
        raise Malformed(
            f"{said.answer[:60]!r} is no answer to step {step.number}",
            value=said.answer[:60],
            limit=", ".join(answers.values()) or "this step asks nothing",
            remedy="choose one of the answers" if answers else "leave the answer out",
        )
    if (step.done_when or step.gate) and not said.evidence:
        asked = step.done_when or "it was done by hand"
        raise Malformed(
            f"step {step.number} wants what shows it: {asked}",
            value="",
            limit="some words",
            remedy="say what you saw or heard, or name the picture",
        )
    return RunEvent(
        run=run.id,
        number=0,
        at=at,
        event=RunEventKind.FINISH,
        who=actor.name,
        step=step.number,
        answer=answers.get(said.answer.casefold(), ""),
        text=said.evidence,
    )


def _proposal_of(desk: Desk, actor: Actor, incident_id: IncidentId, number: str, said: Said) -> Proposal | None:
    """Return what a step proposes, in order; None for one that proposes nothing, or is not open."""
    with desk.store.read() as unit:
        run, state = _run(unit, incident_id)
        step, visit = state.steps.get(number), state.visits.get(number)
        if step is None or step.gate is None or visit is None or visit.standing is not Standing.NOW:
            return None
        kind = ActionKind(step.gate.kind)
        parameters = {**step.gate.parameters, **said.parameters}
        parameters["step"] = f"{run.title}, step {number}, time {visit.count}"
        if kind is ActionKind.MESSAGE:
            parameters |= _addressed(unit, parameters.get("to", ""), parameters.get("text", ""))
    longest = CLASS_RULES[KIND_RULES[kind].action_class].longest
    proposal = Proposal(
        kind=kind,
        target=parameters.get("area") or parameters.get("command") or parameters.get("to") or kind.value,
        why=f"{run.title}, step {number}: {step.text}",
        lasts=min(longest, LASTS),
        incident=incident_id,
        parameters=parameters,
    )
    return prepared(desk, actor, proposal)


def _addressed(unit: Unit, to: str, text: str) -> Mapping[str, str]:
    """Return to whom a message goes: accounts as named; for others, such as stewards, to all on duty, who pass it on."""
    try:
        recipients(unit, to)
    except Malformed:
        return {"to": TO_ALL, "text": f"For {to}: {text}"}
    return {"to": to, "text": text}


def _take(unit: Unit, actor: Actor, step: Step, incident: Incident, at: datetime) -> None:
    """Give the incident to who did what was its owner's to do; a step of another role leaves it where it is."""
    if incident.state is not IncidentState.OPEN or incident.owner == actor.name:
        return
    owner = unit.accounts.by_name(incident.owner)
    if owner is not None and owner.disabled_at is None and owner.role.value != step.role:
        return
    taken = unit.incidents.replace(replace(incident, owner=actor.name, changed_at=at))
    unit.incidents.record(
        IncidentEntry(
            incident=taken.id,
            at=at,
            event="playbook.take",
            who=actor.name,
            text=f"{actor.name} does the steps now; before it was {incident.owner}",
            detail={"version": taken.version},
        )
    )


def can_propose(desk: Desk, kind: str) -> bool:
    """Say whether something here performs this kind of act; what nothing performs is done by hand."""
    try:
        effector_of(desk, ActionKind(kind))
    except ImpetusError:
        return False
    return True


def started(desk: Desk, actor: Actor) -> Sequence[Run]:
    """Return the runs that still want somebody, newest first."""
    permit(desk, actor, Operation.INCIDENTS_READ)
    with desk.store.read() as unit:
        return unit.runs.open()
