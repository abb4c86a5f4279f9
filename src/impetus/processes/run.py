"""How a run stands: the fold of its events over the steps it follows. Nothing else is kept, so nothing can disagree.

How it works. Each step has at most one open visit: `now` (somebody is to do it), `waiting` (people are asked to agree to what
it proposed) or `late`. A visit ends by being done or skipped, and leads on: to the answer's step, to the next one, or to
steps side by side, which meet again before the next. A step that is late leads on at once to what its playbook says then,
stays open itself until somebody does or skips it, and leads nowhere a second time: its answer is written down, and whoever
is on the other way reads it. Coming back to a step opens it anew.

Invariants, held by a model-based test: the same events give the same state; a step has one open visit; what is late, or
mandatory and certain to come, stands among the open ones; a run that is not over has a step somebody can act on.

Deliberately not here: who may act (the desk asks), and whether an action was agreed to (the gates tell).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from impetus.core.errors import OurFault
from impetus.core.ids import ActionId
from impetus.core.run import RunEvent, RunEventKind
from impetus.processes.playbook import CANNOT_TELL, END, Step


class Standing(StrEnum):
    """Where a visit to a step stands."""

    NOW = "now"
    WAITING = "waiting"
    DONE = "done"
    SKIPPED = "skipped"


OPEN = frozenset({Standing.NOW, Standing.WAITING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """The newest visit to a step: since when, by which event, how it stands, and what was said at its end.

    `is_late` once its time was over: it has led on then. `returned` says why a proposal came back. `count` is which visit
    of the step it is, from 1. `seen_by` is the supervisor who has seen that it was skipped.
    """

    step: str
    opened_at: datetime
    opened_by: int
    count: int = 1
    standing: Standing = Standing.NOW
    is_late: bool = False
    due_at: datetime | None = None
    who: str = ""
    at: datetime | None = None
    answer: str = ""
    text: str = ""
    action: ActionId | None = None
    returned: str = ""
    seen_by: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether somebody still has to do it, or to agree to it."""
        return self.standing in OPEN


@dataclass(frozen=True, slots=True, kw_only=True)
class Meeting:
    """Steps side by side: where they meet, and which of them are still awaited."""

    at: str
    awaited: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class RunState:
    """What the events say so far. `visits` is the newest visit of each step visited; `length` counts the events."""

    steps: Mapping[str, Step]
    visits: Mapping[str, Visit] = field(default_factory=dict)
    meetings: tuple[Meeting, ...] = ()
    is_stopped: bool = False
    length: int = 0

    def open_visits(self) -> tuple[Visit, ...]:
        """Return what somebody has to do or agree to, in the order of the playbook."""
        return tuple(visit for number in self.steps if (visit := self.visits.get(number)) and visit.is_open)

    def is_over(self) -> bool:
        """Say whether the run leads nowhere any more; late steps may still wait for somebody's word."""
        return self.is_stopped or not any(not visit.is_late for visit in self.open_visits())

    def wants_somebody(self) -> bool:
        """Say whether a step is open, or a mandatory one was skipped and nobody who leads has seen it."""
        skipped = (visit for visit in self.visits.values() if visit.standing is Standing.SKIPPED and not visit.seen_by)
        return bool(self.open_visits()) or any(self.steps[visit.step].is_mandatory for visit in skipped)

    def next_due(self) -> datetime | None:
        """Return when the next step becomes late, None when none does."""
        return min((visit.due_at for visit in _timed(self)), default=None)  # type: ignore[type-var]  # _timed: never None

    def due(self, at: datetime) -> tuple[str, ...]:
        """Return the steps whose time is over, the longest over first."""
        late = [visit for visit in _timed(self) if visit.due_at is not None and visit.due_at <= at]
        return tuple(visit.step for visit in sorted(late, key=lambda visit: (visit.due_at, visit.step)))


def fold(steps: Sequence[Step], events: Sequence[RunEvent]) -> RunState:
    """Return how a run stands after its events; `OurFault` when they are not of these steps, or one is missing."""
    state = RunState(steps={step.number: step for step in steps})
    for event in events:
        state = after(state, event)
    return state


def after(state: RunState, event: RunEvent) -> RunState:
    """Return how a run stands after one more event."""
    if event.number != state.length + 1:
        raise OurFault(
            f"event {event.number} follows event {state.length}",
            value=event.number,
            limit=state.length + 1,
            remedy="restore the state from a backup",
        )
    counted = replace(state, length=event.number)
    if event.event is RunEventKind.START:
        return _open(counted, next(iter(state.steps)), event)
    if event.event is RunEventKind.STOP:
        return replace(counted, is_stopped=True, meetings=(), visits=_closed(state, event))
    visit = state.visits.get(event.step)
    if visit is None:
        raise OurFault(f"step {event.step!r} was never open", value=event.step, remedy="restore the state")
    return _moved(counted, visit, event)


def _moved(state: RunState, visit: Visit, event: RunEvent) -> RunState:
    """Return the state after something happened at an open step."""
    step = state.steps[visit.step]
    match event.event:
        case RunEventKind.FINISH | RunEventKind.SKIP | RunEventKind.PERFORM:
            standing = Standing.SKIPPED if event.event is RunEventKind.SKIP else Standing.DONE
            ended = _put(state, _said(visit, event, standing))
            return ended if visit.is_late else _onward(ended, step, event, _way(step, event))
        case RunEventKind.LATE:
            late = _put(state, replace(visit, is_late=True, due_at=None))
            return _late_onward(late, step, event)
        case RunEventKind.PROPOSE:
            asked = replace(visit, standing=Standing.WAITING, action=event.action, returned="")
            return _put(state, replace(asked, who=event.who, at=event.at))
        case RunEventKind.RETURN:
            return _put(state, replace(visit, standing=Standing.NOW, returned=event.text))
        case _:
            return _put(state, replace(visit, seen_by=event.who))


def _said(visit: Visit, event: RunEvent, standing: Standing) -> Visit:
    """Return a visit that ended, with what was said."""
    return replace(
        visit,
        standing=standing,
        due_at=None,
        who=event.who,
        at=event.at,
        answer=event.answer,
        text=event.text,
        seen_by="",
    )


def _way(step: Step, event: RunEvent) -> str | None:
    """Return where a step leads: to its answer's step; skipped, to that of who cannot tell."""
    if not step.answers:
        return step.leads_to
    said = CANNOT_TELL if event.event is RunEventKind.SKIP else event.answer
    return next((answer.leads_to for answer in step.answers if answer.words.casefold() == said.casefold()), None)


def _onward(state: RunState, step: Step, event: RunEvent, way: str | None) -> RunState:
    """Lead on from a step that ended: to steps side by side, or to where they meet, or to what follows."""
    if step.together:
        return _fork(state, step, event)
    arrived, is_awaited = _arrive(state, step.number, event)
    if is_awaited or way is None:
        return arrived
    return _open(arrived, way, event)


def _late_onward(state: RunState, step: Step, event: RunEvent) -> RunState:
    """Lead on from a step that is late; to one of its own side-by-side steps means to all of them."""
    then = step.time_out.leads_to if step.time_out else None
    if then in step.together:
        return _fork(state, step, event)
    arrived, is_awaited = _arrive(state, step.number, event)
    if then is None or (is_awaited and then == step.leads_to):
        return arrived
    return _open(arrived, then, event)


def _fork(state: RunState, step: Step, event: RunEvent) -> RunState:
    """Open steps side by side; they meet before what follows."""
    for number in step.together:
        state = _open(state, number, event)
    meeting = Meeting(at=step.leads_to or END, awaited=frozenset(step.together))
    others = tuple(other for other in state.meetings if not other.awaited & meeting.awaited)
    return replace(state, meetings=(*others, meeting))


def _arrive(state: RunState, number: str, event: RunEvent) -> tuple[RunState, bool]:
    """Let a step arrive where it is awaited, and open what follows once all have; say whether it was awaited."""
    is_awaited = any(number in meeting.awaited for meeting in state.meetings)
    waiting = [replace(meeting, awaited=meeting.awaited - {number}) for meeting in state.meetings]
    state = replace(state, meetings=tuple(meeting for meeting in waiting if meeting.awaited))
    for meeting in waiting:
        if not meeting.awaited:
            state = _open(state, meeting.at, event)
    return state, is_awaited


def _open(state: RunState, number: str, event: RunEvent) -> RunState:
    """Open a step, unless it is open and in time already; coming back to a late one opens it anew."""
    if number == END:
        return state
    step, known = state.steps[number], state.visits.get(number)
    if known is not None and known.is_open and not known.is_late:
        return state
    due_at = event.at + timedelta(seconds=step.time_out.within_s) if step.time_out else None
    visit = Visit(
        step=number,
        opened_at=event.at,
        opened_by=event.number,
        count=known.count + 1 if known else 1,
        due_at=due_at,
    )
    return _put(state, visit)


def _put(state: RunState, visit: Visit) -> RunState:
    return replace(state, visits={**state.visits, visit.step: visit})


def _closed(state: RunState, event: RunEvent) -> Mapping[str, Visit]:
    """Return the visits with every open one ended as skipped: another playbook took the run's place."""
    return {
        number: _said(visit, replace(event, step=number), Standing.SKIPPED) if visit.is_open else visit
        for number, visit in state.visits.items()
    }


def _timed(state: RunState) -> Iterator[Visit]:
    """Yield the open visits that wait for a time."""
    if not state.is_stopped:
        yield from (visit for visit in state.open_visits() if visit.due_at is not None)


def open_mandatory(state: RunState) -> tuple[str, ...]:
    """Return the mandatory steps that stand between this run and its end, in the order of the playbook.

    They are those open now or late, and those ahead that no answer can avoid: a resolved incident has none.
    """
    if state.is_stopped:
        return ()
    here = state.open_visits()
    starts = [visit.step for visit in here if not visit.is_late] + [meeting.at for meeting in state.meetings]
    open_now = {visit.step for visit in here}
    return tuple(
        number
        for number, step in state.steps.items()
        if step.is_mandatory
        and (number in open_now or any(start != END and not _avoids(state.steps, start, number) for start in starts))
    )


def ahead(state: RunState) -> frozenset[str]:
    """Return the steps that can still come, open ones not among them."""
    here = [visit.step for visit in state.open_visits() if not visit.is_late] if not state.is_stopped else []
    reached: set[str] = set()
    waiting = [*here, *(meeting.at for meeting in state.meetings)]
    meetings = {meeting.at for meeting in state.meetings} - {END}
    while waiting:
        step = state.steps.get(waiting.pop())
        for way in step.ways() if step else ():
            if way != END and way not in reached:
                reached.add(way)
                waiting.append(way)
    return frozenset((reached | meetings) - {visit.step for visit in state.open_visits()})


def _avoids(steps: Mapping[str, Step], start: str, avoided: str) -> bool:
    """Say whether people can come from a step to the end without doing another: time-outs are no way people choose."""
    if start == avoided:
        return False
    reached, waiting = {start}, [start]
    while waiting:
        for way in _chosen(steps[waiting.pop()], avoided):
            if way == END:
                return True
            if way != avoided and way not in reached:
                reached.add(way)
                waiting.append(way)
    return False


def _chosen(step: Step, avoided: str) -> tuple[str, ...]:
    """Return where a step leads when it is done, nowhere when the avoided step is one of those beside each other."""
    if avoided in step.together:
        return ()
    return tuple(answer.leads_to for answer in step.answers) or ((step.leads_to,) if step.leads_to else ())
