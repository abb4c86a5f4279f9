"""A run as a fold of its events: whatever happens in whatever order, the state is what the events say, and nobody is stuck."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from desk.run_samples import DRILL
from impetus.adapters.process_texts import ProcessFiles
from impetus.core.errors import OurFault
from impetus.core.ids import ActionId, RunId
from impetus.core.run import RunEvent, RunEventKind
from impetus.desk.incident_types import read_text
from impetus.processes.playbook import END, Step
from impetus.processes.playbook_text import read_steps, write_steps
from impetus.processes.run import RunState, Standing, after, ahead, fold, open_mandatory
from processes.playbooks import GOOD, read

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
K = RunEventKind
LIBRARY = {
    file.name: read_text(ProcessFiles(), file.read_text(encoding="utf-8"))[0].steps
    for file in sorted((resources.files("impetus.processes") / "library").iterdir(), key=lambda one: one.name)
}
EVERY = {**LIBRARY, "drill": read_text(ProcessFiles(), DRILL)[0].steps} | {
    f"good {place}": read(body)[0].steps for place, body in enumerate(GOOD)
}


def event(number: int, kind: RunEventKind, step: str = "", *, at: datetime = AT, **said: object) -> RunEvent:
    """Return an event of one run."""
    made = RunEvent(run=RunId(1), number=number, at=at, event=kind, who="ada", step=step)
    return replace(made, **said)  # type: ignore[arg-type]  # a test names the field it means


def happen(steps: tuple[Step, ...], *happenings: tuple[RunEventKind, str, str]) -> RunState:
    """Return the state after a start and these events, one minute apart."""
    events = [event(1, K.START)]
    for number, (kind, step, answer) in enumerate(happenings, start=2):
        events.append(event(number, kind, step, answer=answer, at=AT + timedelta(minutes=number)))
    return fold(steps, events)


def standing(state: RunState) -> dict[str, str]:
    """Return what every visited step stands at."""
    return {
        number: "late" if one.is_open and one.is_late else str(one.standing) for number, one in state.visits.items()
    }


@pytest.mark.parametrize("name", EVERY)
def test_every_playbook_can_be_followed_to_its_end_by_each_answer(name: str) -> None:
    """Answer k of every question, each k, and another one each time it comes back: the run ends."""
    steps = EVERY[name]
    most = max((len(step.answers) for step in steps), default=0)
    for choice in range(max(most, 1)):
        state, number = happen(steps), 2
        while not state.is_over() and number < 30 * len(steps):
            visit = state.open_visits()[0]
            step = state.steps[visit.step]
            turn = (choice + visit.count - 1) % max(len(step.answers), 1)
            answer = step.answers[turn].words if step.answers else ""
            state = after(state, event(number, K.FINISH, step.number, answer=answer))
            number += 1
        assert state.is_over(), (name, choice, standing(state))
        assert open_mandatory(state) == ()


@pytest.mark.parametrize("name", EVERY)
def test_a_run_nobody_works_on_comes_to_rest_and_forgets_nothing(name: str) -> None:
    """Only time passes: every limit leads on, the run stands somewhere, and each late mandatory step is still open."""
    steps = EVERY[name]
    state, at, number = happen(steps), AT, 2
    seen: set[str] = set()
    while (due := state.next_due()) is not None and number < 200:
        at = max(at, due)
        for late in state.due(at):
            seen.add(late)
            state = after(state, event(number, K.LATE, late, at=at))
            number += 1
    assert state.open_visits()
    assert {late for late in seen if state.steps[late].is_mandatory} <= set(open_mandatory(state))


@pytest.mark.parametrize("name", LIBRARY)
def test_the_steps_a_run_keeps_are_the_steps_it_was_given(name: str) -> None:
    """The stored text of a run reads as the playbook did, but for the lines."""

    def plain(steps: tuple[Step, ...]) -> list[Step]:
        return [
            replace(step, line=0, answers=tuple(replace(answer, line=0) for answer in step.answers)) for step in steps
        ]

    again, faults = read_steps(write_steps(LIBRARY[name]))
    assert faults == ()
    assert plain(again) == plain(LIBRARY[name])


def test_a_late_step_that_is_done_leads_nowhere_a_second_time() -> None:
    """The drill: step 1 is late, step 3 opens; the late answer is kept and opens nothing."""
    state = happen(EVERY["drill"], (K.LATE, "1", ""), (K.FINISH, "1", "nothing"))
    assert standing(state) == {"1": "done", "3": "now"}
    assert state.visits["1"].answer == "nothing"


def test_a_step_come_back_to_is_open_anew_with_a_new_limit() -> None:
    """Crowd crush, step 8 back to 3: the second visit counts, its limit runs from now."""
    steps = LIBRARY["crowd-crush-risk.md"]
    state = happen(
        steps,
        (K.FINISH, "1", "no"),
        (K.FINISH, "2", "tight"),
        (K.FINISH, "3", ""),
        (K.FINISH, "5", ""),
        (K.FINISH, "6", ""),
        (K.FINISH, "7", ""),
        (K.FINISH, "8", "the same"),
    )
    visit = state.visits["3"]
    assert (visit.standing, visit.count, visit.opened_by) == (Standing.NOW, 2, 8)
    assert visit.due_at == AT + timedelta(minutes=8) + timedelta(seconds=120)


def test_coming_back_to_a_late_step_takes_the_old_duty_away() -> None:
    """There are never two open visits of one step."""
    steps = read(
        "1. [operator] A. (must; within 60 s, else 2)\n2. [operator] B.\n   Again?\n   - yes -> 1\n   - no -> end\n   - cannot tell -> 1\n"
    )[0].steps
    state = happen(steps, (K.LATE, "1", ""), (K.FINISH, "2", "yes"))
    assert standing(state) == {"1": "now", "2": "done"}
    assert state.visits["1"].count == 2
    assert not state.visits["1"].is_late


def test_a_late_branch_arrives_where_the_others_meet() -> None:
    """Nobody waits for ever for a step that is late; its own way out opens as well when it is another one."""
    steps = read(
        "1. [operator] A. (together 2, 3) -> 4\n2. [operator] B. (within 60 s, else 4) -> 4\n3. [operator] C. (within 60 s, else 5) -> 4\n4. [operator] D.\n5. [operator] E. -> end\n"
    )[0].steps
    once = happen(steps, (K.FINISH, "1", ""), (K.LATE, "2", ""))
    assert standing(once) == {"1": "done", "2": "late", "3": "now"}
    twice = after(once, event(4, K.LATE, "3"))
    assert standing(twice) == {"1": "done", "2": "late", "3": "late", "4": "now", "5": "now"}


def test_what_no_answer_can_avoid_keeps_an_incident_open() -> None:
    """Hand-worked: of the drill, from step 2 on, 2, 3, 6 and 7 must come; from the start only 1, since 'nothing' avoids them."""
    steps = EVERY["drill"]
    assert open_mandatory(happen(steps)) == ("1",)
    assert open_mandatory(happen(steps, (K.FINISH, "1", "smoke"))) == ("2", "3", "6", "7")
    assert open_mandatory(happen(steps, (K.FINISH, "1", "nothing"))) == ()


def test_mandatory_branches_side_by_side_are_certain_to_come() -> None:
    """Both branches are done before the meeting, so neither can be avoided."""
    steps = read(
        "1. [operator] A. (together 2, 3) -> 4\n2. [operator] B. (must) -> 4\n3. [operator] C. (must) -> 4\n4. [operator] D. (must) -> end\n"
    )[0].steps
    assert open_mandatory(happen(steps)) == ("2", "3", "4")
    assert open_mandatory(happen(steps, (K.FINISH, "1", ""), (K.FINISH, "2", ""))) == ("3", "4")


def test_what_can_still_come_shrinks_as_answers_are_given() -> None:
    """After 'nothing' only the last step is ahead of the drill, and then nothing is."""
    steps = EVERY["drill"]
    assert ahead(happen(steps)) == frozenset("2345678")
    assert ahead(happen(steps, (K.FINISH, "1", "nothing"))) == frozenset()
    fork = happen(steps, (K.FINISH, "1", "smoke"), (K.FINISH, "2", ""), (K.FINISH, "3", ""), (K.FINISH, "4", ""))
    assert ahead(fork) == frozenset("678")


def test_another_playbook_ends_what_was_open() -> None:
    """Stopped, nothing is due, nothing is open, and what was open says why."""
    state = fold(EVERY["drill"], [event(1, K.START), event(2, K.STOP, text="fire")])
    assert (state.is_over(), state.next_due(), state.open_visits(), open_mandatory(state)) == (True, None, (), ())
    assert state.visits["1"].text == "fire"


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ([event(2, K.START)], "event 2 follows event 0"),
        ([event(1, K.START), event(3, K.FINISH, "1")], "event 3 follows event 1"),
        ([event(1, K.START), event(2, K.FINISH, "2")], "step '2' was never open"),
        ([event(1, K.START), event(2, K.FINISH, "77")], "step '77' was never open"),
    ],
)
def test_events_that_cannot_be_are_our_fault(events: list[RunEvent], message: str) -> None:
    """A missing event, or one of a step that was never open, is not read as something else."""
    with pytest.raises(OurFault, match=message):
        fold(EVERY["drill"], events)


class Walk(RuleBasedStateMachine):
    """Anybody does, skips, proposes or lets be late any open step, in any order, while time passes."""

    @initialize(name=st.sampled_from(sorted(EVERY)))
    def begin(self, name: str) -> None:
        """Start one of the playbooks."""
        self.steps = EVERY[name]
        self.at = AT
        self.events = [event(1, K.START)]
        self.state = fold(self.steps, self.events)

    def _say(self, kind: RunEventKind, step: str, **said: object) -> None:
        happened = event(len(self.events) + 1, kind, step, at=self.at, **said)
        self.events.append(happened)
        self.state = after(self.state, happened)

    def _open(self, draw: Callable[[st.SearchStrategy[str]], str], *standings: Standing) -> str | None:
        numbers = [visit.step for visit in self.state.open_visits() if visit.standing in standings]
        return draw(st.sampled_from(numbers)) if numbers else None

    @rule(data=st.data())
    def finish(self, data: st.DataObject) -> None:
        """Do an open step with one of its answers."""
        if number := self._open(data.draw, Standing.NOW):
            answers = [answer.words for answer in self.state.steps[number].answers] or [""]
            self._say(K.FINISH, number, answer=data.draw(st.sampled_from(answers)))
            assert self.state.visits[number].count > 1 or not self.state.visits[number].is_open

    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        """Skip an open step, waiting or not."""
        if number := self._open(data.draw, Standing.NOW, Standing.WAITING):
            self._say(K.SKIP, number, text="no time")

    @rule(data=st.data(), ends=st.sampled_from([K.PERFORM, K.RETURN]))
    def propose(self, data: st.DataObject, ends: RunEventKind) -> None:
        """Propose at a step that has a gate; a proposal made before ends one way or the other."""
        if number := self._open(data.draw, Standing.WAITING):
            self._say(ends, number, action=ActionId(1), text="said")
        elif (number := self._open(data.draw, Standing.NOW)) and self.state.steps[number].gate:
            self._say(K.PROPOSE, number, action=ActionId(1))
            assert self.state.visits[number].standing is Standing.WAITING

    @precondition(lambda self: self.state.next_due() is not None)
    @rule(beyond=st.integers(0, 5_000))
    def wait(self, beyond: int) -> None:
        """Let time pass beyond the next limit, and the keeper look."""
        due = self.state.next_due()
        assert due is not None
        self.at = max(self.at, due) + timedelta(seconds=beyond)
        for number in self.state.due(self.at):
            self._say(K.LATE, number)
        assert self.state.due(self.at) == ()

    @invariant()
    def the_events_are_all_there_is(self) -> None:
        """Fold them anew, as a process that was killed does: the same state."""
        if hasattr(self, "events"):
            assert fold(self.steps, self.events) == self.state

    @invariant()
    def nobody_is_stuck(self) -> None:
        """Hold that a run that is not over has a step somebody can act on, and a meeting waits for an open step."""
        if not hasattr(self, "events") or self.state.is_stopped:
            return
        open_now = {visit.step for visit in self.state.open_visits() if not visit.is_late}
        assert self.state.is_over() == (not open_now)
        for meeting in self.state.meetings:
            assert meeting.awaited & open_now, (meeting, standing(self.state))

    @invariant()
    def every_open_mandatory_step_is_named(self) -> None:
        """Hold that what is open and mandatory is named, and nothing that is not mandatory."""
        if hasattr(self, "events"):
            named = set(open_mandatory(self.state))
            assert {one.step for one in self.state.open_visits() if self.state.steps[one.step].is_mandatory} <= named
            assert named <= {number for number, step in self.state.steps.items() if step.is_mandatory}
            assert END not in named


TestWalk = Walk.TestCase
TestWalk.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)


@given(st.sampled_from(sorted(EVERY)), st.data())
@settings(max_examples=40, deadline=None)
def test_skipping_everything_ends_every_run(name: str, data: st.DataObject) -> None:
    """Whoever skips whatever is open comes to the end, or goes round a circle that asks; never to a step that is not there."""
    state, number = happen(EVERY[name]), 2
    while not state.is_over() and number < 100:
        chosen = data.draw(st.sampled_from([visit.step for visit in state.open_visits()]))
        state = after(state, event(number, K.SKIP, chosen, text="no"))
        number += 1
    assert state.is_over() or any(visit.count > 1 for visit in state.visits.values())


def test_who_cannot_tell_by_skipping_goes_where_cannot_tell_goes() -> None:
    """Hand-worked on the drill: skipped, step 1 leads to 3, as its third answer does; the answer's own letters do not matter."""
    steps = EVERY["drill"]
    skipped = happen(steps, (K.SKIP, "1", ""))
    assert standing(skipped) == {"1": "skipped", "3": "now"}
    assert set(standing(happen(steps, (K.FINISH, "1", "CANNOT TELL")))) == {"1", "3"}
    assert skipped.wants_somebody()


def test_the_longest_over_is_late_first() -> None:
    """Side by side, limits of 60 and 30 seconds: at 30 one is late, at 60 both, the one of 30 first; none before."""
    steps = read(
        "1. [operator] A. (together 2, 3) -> 4\n2. [operator] B. (within 60 s, else 4) -> 4\n3. [operator] C. (within 30 s, else 4) -> 4\n4. [operator] D.\n"
    )[0].steps
    state = fold(steps, [event(1, K.START), event(2, K.FINISH, "1")])
    assert state.next_due() == AT + timedelta(seconds=30)
    assert state.due(AT + timedelta(seconds=29)) == ()
    assert state.due(AT + timedelta(seconds=30)) == ("3",)
    assert state.due(AT + timedelta(seconds=60)) == ("3", "2")


def test_a_proposal_that_comes_back_says_why_and_the_step_is_open_again() -> None:
    """Waiting, its time still runs; returned, it is somebody's turn; performed, it leads on."""
    steps = EVERY["drill"]
    ways = [("1", "smoke"), ("2", ""), ("3", ""), ("4", ""), ("5", "")]
    events = [event(1, K.START), *(event(n, K.FINISH, s, answer=a) for n, (s, a) in enumerate(ways, start=2))]
    asked = fold(steps, [*events, event(7, K.PROPOSE, "6", action=ActionId(5))])
    assert (asked.visits["6"].standing, asked.visits["6"].action) == (Standing.WAITING, ActionId(5))
    assert asked.next_due() == AT + timedelta(seconds=300)
    back = after(asked, event(8, K.RETURN, "6", text="too early"))
    assert (back.visits["6"].standing, back.visits["6"].returned) == (Standing.NOW, "too early")
    done = after(asked, event(8, K.PERFORM, "6", text="opened"))
    assert (done.visits["6"].standing, done.visits["7"].standing) == (Standing.DONE, Standing.NOW)
    assert done.visits["6"].text == "opened"


def test_a_mandatory_skip_wants_somebody_until_who_leads_has_seen_it() -> None:
    """The run is over then, and the incident's lead still has something to look at."""
    steps = read("1. [operator] A. (must)\n")[0].steps
    skipped = happen(steps, (K.SKIP, "1", ""))
    assert (skipped.is_over(), skipped.wants_somebody()) == (True, True)
    seen = after(skipped, event(3, K.SEE, "1", who="sol"))
    assert (seen.visits["1"].seen_by, seen.wants_somebody()) == ("sol", False)
