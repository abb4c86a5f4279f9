"""One step of a run: the event is stored, the timeline says it in a sentence, screens are told, and the log keeps it.

Everything that happens to a run goes through `happened`. The event's number is its key: what two people do at the same
moment, or one person twice, is one event and one refusal.
"""

from dataclasses import replace

from impetus.core.action import Action, ActionEvent
from impetus.core.actor import Actor, platform
from impetus.core.incident import Incident, IncidentEntry
from impetus.core.run import Run, RunEvent, RunEventKind
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.run_reading import state_of
from impetus.ports import Unit
from impetus.processes.playbook import Step
from impetus.processes.run import RunState, Standing, after

RUNS = platform("runs")
"""Who says that a step is late, and what became of a proposal."""
SHOWN_CHARS = 160
"""Most of a step's words that a line of the timeline repeats."""
BACK = {
    ActionEvent.DECLINE: "declined",
    ActionEvent.EXPIRE: "nobody agreed in time",
    ActionEvent.WITHDRAW: "withdrawn",
    ActionEvent.FAIL: "it failed",
}
"""How a proposal ends without its act, in words."""
LOUD = frozenset({RunEventKind.LATE, RunEventKind.RETURN})


def happened(
    desk: Desk, unit: Unit, actor: Actor, run: Run, event: RunEvent, *, is_loud: bool = False
) -> tuple[Run, RunState]:
    """Store what happened next in a run and return the run and its state after it; `Conflict` when it went on meanwhile.

    What is late, came back, or was skipped though mandatory, asks for attention; anything else when it `is_loud`.
    """
    before = state_of(unit, run)
    numbered = replace(event, run=run.id, number=run.length + 1)
    state = after(before, numbered)
    changed = replace(run, is_open=state.wants_somebody(), due_at=state.next_due(), changed_at=event.at)
    stored = unit.runs.append(changed, numbered)
    incident = unit.incidents.get(run.incident)
    step = state.steps.get(event.step)
    is_skip = event.event is RunEventKind.SKIP and step is not None and step.is_mandatory
    _tell(unit, incident, numbered, step, is_loud=is_loud or is_skip or event.event in LOUD)
    note_done(
        desk,
        actor,
        f"playbook.{event.event}",
        f"incident:{incident.id}",
        why=event.text,
        case=str(incident.id),
        facts={"run": run.id, "step": event.step, "playbook": run.type, "version": run.playbook_version},
    )
    return stored, state


def follow_action(desk: Desk, unit: Unit, action: Action, event: ActionEvent) -> None:
    """Let the run that proposed an action know how it ended, in the unit in which it ended."""
    if action.incident is None or (event is not ActionEvent.PERFORM and event not in BACK):
        return
    found = unit.runs.of_action(action.id)
    if found is None:
        return
    run, number = found
    visit = state_of(unit, run).visits[number]
    if visit.standing is not Standing.WAITING or visit.action != action.id:
        return
    done = event is ActionEvent.PERFORM
    said = action.receipt if done else ": ".join(each for each in (BACK[event], _last_words(unit, action)) if each)
    happened(
        desk,
        unit,
        RUNS,
        run,
        RunEvent(
            run=run.id,
            number=0,
            at=max(action.changed_at, run.changed_at),
            event=RunEventKind.PERFORM if done else RunEventKind.RETURN,
            who=action.proposed_by if done else RUNS.name,
            step=number,
            text=said,
            action=action.id,
        ),
    )


def _last_words(unit: Unit, action: Action) -> str:
    """Return what was said last about a proposal, by whom."""
    entries = unit.actions.entries(action.id)
    return f"{entries[-1].who}, {entries[-1].text}" if entries and entries[-1].text else ""


def _tell(unit: Unit, incident: Incident, event: RunEvent, step: Step | None, *, is_loud: bool) -> None:
    """Write the line of the timeline and tell the screens."""
    unit.incidents.record(
        IncidentEntry(
            incident=incident.id,
            at=event.at,
            event=f"playbook.{event.event}",
            who=event.who,
            text=sentence(event, step),
            detail={"step": event.step, "run": event.run, "version": incident.version},
        )
    )
    unit.outbox.add(
        event.at,
        "incident",
        str(incident.id),
        {
            "state": incident.state.value,
            "severity": incident.severity.value,
            "version": incident.version,
            "sound": is_loud,
            "simulated": incident.simulated,
        },
    )


def sentence(event: RunEvent, step: Step | None) -> str:
    """Say in a sentence what happened."""
    if step is None:
        return event.text
    said = f" ({event.text})" if event.text else ""
    ends = {
        RunEventKind.FINISH: f"{event.answer or 'done'}{said}",
        RunEventKind.SKIP: f"skipped{said}",
        RunEventKind.LATE: f"late; {_then(step)}",
        RunEventKind.PROPOSE: f"proposed as action {event.action}",
        RunEventKind.PERFORM: f"performed{said}",
        RunEventKind.RETURN: f"came back{said}",
        RunEventKind.SEE: f"skipped, and seen by {event.who}",
    }
    return f"Step {step.number}, {step.text[:SHOWN_CHARS]} — {ends[event.event]}"


def _then(step: Step) -> str:
    """Say where a late step leads."""
    then = step.time_out.leads_to if step.time_out else None
    return f"go on with step {then}" if then else "somebody is to look"
