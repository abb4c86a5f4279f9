"""What people see of a run: each step in one of six states, by whom and when, what it waits for, and what stays open."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.action import ActionKind
from impetus.core.actor import Actor, Role
from impetus.core.ids import ActionId, IncidentId, RunId
from impetus.core.run import Run
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.playbook import Step
from impetus.processes.playbook_text import read_steps
from impetus.processes.run import RunState, Standing, Visit, ahead, fold, open_mandatory

WORKERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.IT_SECURITY})
"""Roles whose people work through runs themselves; a step of another role is done by them and written down by a worker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StepView:
    """One step as it stands. `state` is done, now, waiting (for people's yes), skipped, late or ahead.

    `is_yours` says whether the reader may do it; `needs_evidence` whether its end must say what shows it. `returned` is
    why a proposal came back. `visit` counts the visits, from 1; 0 for one that is ahead.
    """

    number: str
    text: str
    role: str
    done_when: str
    question: str
    state: str
    by: str
    at: datetime | None
    answer: str
    evidence: str
    why_skipped: str
    answers: tuple[str, ...]
    due_at: datetime | None
    late_leads_to: str | None
    action: ActionId | None
    gate_people: int
    is_mandatory: bool
    gate_kind: str = ""
    is_yours: bool = False
    needs_evidence: bool = False
    returned: str = ""
    visit: int = 0
    seen_by: str = ""
    opened_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunView:
    """A run as it stands. `steps` are those that were, are or can still come, in the playbook's order.

    `version` is what an act on it carries. `open_mandatory` are the numbers of the steps that keep its incident open;
    `done` counts those of `steps` that ended.
    """

    run: RunId
    incident: IncidentId
    type: str
    playbook: str
    playbook_version: int
    started_at: datetime
    started_by: str
    steps: tuple[StepView, ...]
    open_mandatory: tuple[str, ...]
    done: int
    version: int
    is_over: bool
    simulated: bool

    @property
    def total(self) -> int:
        """Return how many steps there are to see."""
        return len(self.steps)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """A step that a supervisor is to know of: late, or skipped though it was mandatory, and not seen by one yet."""

    incident: IncidentId
    title: str
    playbook: str
    step: StepView


def run_view(desk: Desk, actor: Actor, incident_id: IncidentId) -> RunView | None:
    """Return the incident's newest run as it stands, None when nobody has started a playbook."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident_id}")
    with desk.store.read() as unit:
        unit.incidents.get(incident_id)
        run = unit.runs.of_incident(incident_id)
        return None if run is None else view_of(actor, run, state_of(unit, run))


def needs_a_lead(desk: Desk, actor: Actor) -> tuple[Attention, ...]:
    """Return what a supervisor is to know of in open incidents, the newest run first."""
    permit(desk, actor, Operation.RUNS_LEAD)
    with desk.store.read() as unit:
        found = []
        for run in unit.runs.open():
            view = view_of(actor, run, state_of(unit, run))
            title = unit.incidents.get(run.incident).title
            found += [
                Attention(incident=run.incident, title=title, playbook=run.title, step=step)
                for step in view.steps
                if needs_seeing(step)
            ]
        return tuple(found)


def needs_seeing(step: StepView) -> bool:
    """Say whether a supervisor is to look at a step."""
    return step.state == "late" or (step.state == "skipped" and step.is_mandatory and not step.seen_by)


def state_of(unit: Unit, run: Run) -> RunState:
    """Return how a stored run stands."""
    return fold(steps_of(run), unit.runs.events(run.id))


def steps_of(run: Run) -> tuple[Step, ...]:
    """Return the steps a run follows, as they were written when it started."""
    return read_steps(run.steps)[0]


def view_of(actor: Actor, run: Run, state: RunState) -> RunView:
    """Return what is seen of a run."""
    coming = ahead(state)
    steps = tuple(
        _step(actor, step, state.visits.get(number))
        for number, step in state.steps.items()
        if number in state.visits or number in coming
    )
    return RunView(
        run=run.id,
        incident=run.incident,
        type=run.type,
        playbook=run.title,
        playbook_version=run.playbook_version,
        started_at=run.started_at,
        started_by=run.started_by,
        steps=steps,
        open_mandatory=open_mandatory(state),
        done=sum(step.state in {"done", "skipped"} for step in steps),
        version=state.length,
        is_over=state.is_over(),
        simulated=run.simulated,
    )


def may_do(actor: Actor, step: Step) -> bool:
    """Say whether a step is the actor's to do: of their role, of nobody's who works runs, or because they lead.

    A planner's or an analyst's step is done by them and written down by whoever works on the incident.
    """
    if not may(actor, Operation.RUNS_WORK):
        return False
    return may(actor, Operation.RUNS_LEAD) or step.role == actor.role or step.role not in set(WORKERS)


def _step(actor: Actor, step: Step, visit: Visit | None) -> StepView:
    is_gate = step.gate is not None
    return StepView(
        number=step.number,
        text=step.text,
        role=step.role,
        done_when=step.done_when,
        question=step.question,
        state=_state(visit),
        by=visit.who if visit else "",
        at=visit.at if visit else None,
        answer=visit.answer if visit else "",
        evidence=visit.text if visit and visit.standing is Standing.DONE else "",
        why_skipped=visit.text if visit and visit.standing is Standing.SKIPPED else "",
        answers=tuple(answer.words for answer in step.answers),
        due_at=visit.due_at if visit else None,
        late_leads_to=step.time_out.leads_to if step.time_out else None,
        action=visit.action if visit else None,
        gate_people=step.gate.people if step.gate else 0,
        is_mandatory=step.is_mandatory,
        gate_kind=str(ActionKind(step.gate.kind)) if step.gate else "",
        is_yours=may_do(actor, step),
        needs_evidence=bool(step.done_when) and not is_gate,
        returned=visit.returned if visit else "",
        visit=visit.count if visit else 0,
        seen_by=visit.seen_by if visit else "",
        opened_at=visit.opened_at if visit else None,
    )


def _state(visit: Visit | None) -> str:
    """Return a step's state in one word; late counts before waiting, since somebody is to look."""
    if visit is None:
        return "ahead"
    if not visit.is_open:
        return visit.standing.value
    return "late" if visit.is_late else visit.standing.value
