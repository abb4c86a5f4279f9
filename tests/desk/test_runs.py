"""Working through a playbook: answers lead on, the second click is told of the first, late steps go on, gates decide."""

from dataclasses import replace
from datetime import timedelta

import pytest

from desk.gate_samples import PARAMETERS
from desk.run_samples import DRILL, DRILL_TYPE, ONE, House, house
from desk.samples import AT, fuse, seen
from impetus.core.action import ActionKind, ActionState
from impetus.core.actor import Actor, Role, console, platform
from impetus.core.errors import Conflict, ImpetusError, Malformed, Refused, Unknown
from impetus.core.finding import Kind
from impetus.core.ids import ActionId, AlertId, IncidentId
from impetus.core.run import RunEvent, RunEventKind
from impetus.desk import gates, incident_types, incidents, run_reading, runs
from impetus.desk.incident_types import Draft
from impetus.testing.desk import clock_of


@pytest.fixture
def room() -> House:
    """Return a control room that is led by the drill."""
    return house()


def later(room: House, seconds: float) -> None:
    """Let time pass and the keeper look."""
    clock_of(room.desk).advance(seconds)
    runs.run_late_steps(room.desk)


def to_gate(room: House) -> None:
    """Work through to the step that proposes to open the roof."""
    room.do("ada", "1", "smoke", "seen from C1 and C2")
    room.do("ada", "2")
    room.do("sol", "3")
    room.do("ada", "4")
    room.do("ada", "5")


def test_opening_an_incident_of_a_type_starts_its_playbook(room: House) -> None:
    """The type stands on the incident with its version, and the first step is open with its limit."""
    with room.desk.store.read() as unit:
        incident = unit.incidents.get(ONE)
    assert (incident.type, incident.type_version) == ("drill", 1)
    view = room.view()
    assert (view.playbook, view.playbook_version, view.done) == ("Drill", 1, 0)
    assert room.states() == {number: "now" if number == "1" else "ahead" for number in "12345678"}
    assert room.step("1").due_at == clock_of(room.desk).now() + timedelta(seconds=60)


def test_an_answer_leads_to_its_step_and_the_others_fall_away(room: House) -> None:
    """What can no longer come is not shown."""
    room.do("ada", "1", "nothing", "C1 and C2 show an empty square")
    assert room.states() == {"1": "done", "8": "now"}
    step = room.step("1")
    assert (step.by, step.answer, step.evidence) == ("ada", "nothing", "C1 and C2 show an empty square")
    assert room.do("ada", "8").is_over


def test_steps_side_by_side_meet_again(room: House) -> None:
    """Both are open at once, and what follows opens when the second is done."""
    room.do("ada", "1", "smoke", "seen")
    room.do("ada", "2")
    room.do("sol", "3")
    assert {number: state for number, state in room.states().items() if state == "now"} == {"4": "now", "5": "now"}
    room.do("ole", "5")
    assert room.states()["6"] == "ahead"
    room.do("ada", "4")
    assert room.states()["6"] == "now"


def test_the_second_person_who_clicks_is_told_of_the_first(room: House) -> None:
    """Two operators see the same open step: one has done it, the other reads who, when and what was said."""
    seen = room.view().version
    room.do("ada", "1", "smoke", "seen", version=seen)
    with pytest.raises(Conflict, match=r"step 1 is done \(ada at 21:00:00, smoke\)"):
        room.do("ole", "1", "nothing", "seen", version=seen)
    assert room.step("1").answer == "smoke"


def test_the_same_click_twice_is_one(room: House) -> None:
    """A form sent again, by the same person with the same words, changes nothing and is no error."""
    seen = room.view().version
    first = room.do("ada", "1", "smoke", "seen", version=seen)
    assert room.do("ada", "1", "smoke", "seen", version=seen) == first
    with pytest.raises(Conflict, match="step 1 is done"):
        room.do("ada", "1", "nothing", "seen", version=seen)


def test_others_steps_in_between_disturb_nobody(room: House) -> None:
    """An act on an open step is taken though the run went on elsewhere since the page was loaded."""
    room.do("ada", "1", "smoke", "seen")
    room.do("ada", "2")
    room.do("sol", "3")
    seen = room.view().version
    room.do("ada", "4", version=seen)
    assert room.do("ole", "5", version=seen).version == seen + 2


def test_a_step_opened_again_is_not_done_by_an_old_page(room: House) -> None:
    """A page that shows an earlier visit of the step is told to look again."""
    room.do("ada", "1", "smoke", "seen")
    room.do("ada", "2")
    old = room.view().version
    later(room, 121)
    room.do("ada", "4")
    room.do("ada", "5")
    with pytest.raises(Conflict, match="step 6 was opened again since you saw it"):
        room.do("sol", "6", evidence="by hand", by_hand=True, version=old)


@pytest.mark.parametrize(
    ("answer", "evidence", "message"),
    [
        ("fire", "seen", "'fire' is no answer to step 1"),
        ("", "seen", "'' is no answer to step 1"),
        ("smoke", "  ", "step 1 wants what shows it: you saw it from two sides"),
        ("smoke", "x" * 501, "the evidence has 501 characters"),
    ],
)
def test_what_is_no_answer_or_shows_nothing_is_refused(room: House, answer: str, evidence: str, message: str) -> None:
    """A question takes one of its answers, `Done when:` takes evidence; the same step then works."""
    with pytest.raises(Malformed, match=message):
        room.do("ada", "1", answer, evidence)
    assert room.do("ada", "1", "SMOKE", "seen").done == 1


def test_an_answer_where_nothing_is_asked_is_refused(room: House) -> None:
    """Nobody is to believe that their word was taken when it was not."""
    room.do("ada", "1", "smoke", "seen")
    with pytest.raises(Malformed, match="'yes' is no answer to step 2"):
        room.do("ada", "2", "yes")


def test_a_step_that_has_not_come_and_one_that_is_not_there(room: House) -> None:
    """Each is refused for its own reason."""
    with pytest.raises(Conflict, match="step 6 has not come yet"):
        room.do("sol", "6")
    with pytest.raises(Unknown, match="no step '99'"):
        room.do("ada", "99")


def test_a_step_is_done_by_its_role_or_by_who_leads(room: House) -> None:
    """An operator does not do the supervisor's step; a supervisor may do the operator's, and then has the incident."""
    room.do("ada", "1", "smoke", "seen")
    room.do("sol", "2")
    with room.desk.store.read() as unit:
        assert unit.incidents.get(ONE).owner == "sol"
    with pytest.raises(Refused, match="step 3 is for supervisor; ada is operator"):
        room.do("ada", "3")
    room.do("siv", "3")
    with room.desk.store.read() as unit:
        assert unit.incidents.get(ONE).owner == "siv"


def test_completing_an_operators_step_takes_the_incident_from_another_operator(room: House) -> None:
    """Who does the steps has it, and the timeline says so; a supervisor's own step leaves it where it is."""
    room.do("ole", "1", "smoke", "seen")
    with room.desk.store.read() as unit:
        assert unit.incidents.get(ONE).owner == "ole"
        assert "before it was ada" in unit.incidents.entries(ONE)[-1].text
    room.do("ole", "2")
    room.do("sol", "3")
    with room.desk.store.read() as unit:
        assert unit.incidents.get(ONE).owner == "ole"


def test_a_planners_step_is_written_down_by_whoever_works_on_it(room: House) -> None:
    """Nobody on duty is a planner at night: the step is done and said by somebody who may work."""
    to_gate(room)
    room.do("sol", "6", evidence="the caretaker opened it", by_hand=True)
    assert room.step("7").is_yours
    room.do("ada", "7")
    assert room.step("7").state == "done"


@pytest.mark.parametrize("nobody", [console(), platform("x"), Actor(name="eva", role=Role.EXECUTIVE)], ids=str)
def test_who_does_not_work_on_incidents_does_no_step(room: House, nobody: Actor) -> None:
    """Neither the console nor a part nor an executive starts, does, skips or sees anything."""
    for act in (
        lambda: runs.start(room.desk, nobody, ONE, "drill"),
        lambda: runs.finish_step(room.desk, nobody, ONE, "1", answer="smoke", evidence="x"),
        lambda: runs.skip_step(room.desk, nobody, ONE, "1", why="x"),
        lambda: runs.see_skip(room.desk, nobody, ONE, "1"),
    ):
        with pytest.raises(ImpetusError):
            act()
    assert room.states()["1"] == "now"


def test_a_late_step_leads_on_by_itself_and_stays_open(room: House) -> None:
    """At 60 s nothing happens yet; after it the supervisor's step is open, and the late one still waits for somebody."""
    later(room, 59)
    assert room.states()["1"] == "now"
    later(room, 2)
    assert (room.step("1").state, room.step("3").state) == ("late", "now")
    assert "1" in room.view().open_mandatory
    with room.desk.store.read() as unit:
        assert unit.incidents.entries(ONE)[-1].text.endswith("late; go on with step 3")
        assert unit.incidents.entries(ONE)[-1].who == "platform:runs"


def test_a_late_answer_is_written_down_and_leads_nowhere(room: House) -> None:
    """The run has gone on; what was seen late is read by who is there, and the step is off the list."""
    later(room, 61)
    room.do("ada", "1", "nothing", "seen at last")
    assert (room.states()["1"], room.states()["3"]) == ("done", "now")
    assert "8" in room.states()
    assert room.states()["8"] == "ahead"
    assert "1" not in room.view().open_mandatory


def test_looking_twice_lets_a_step_be_late_once(room: House) -> None:
    """The keeper asks every few seconds; one lateness is one event."""
    clock_of(room.desk).advance(61)
    assert runs.run_late_steps(room.desk) == 1
    assert runs.run_late_steps(room.desk) == 0
    assert room.view().version == 2


def test_a_late_fork_opens_what_is_side_by_side(room: House) -> None:
    """Late, step 3 leads to one of its own branches: both are done all the same, so nothing is forgotten."""
    room.do("ada", "1", "smoke", "seen")
    room.do("ada", "2")
    later(room, 121)
    assert [room.states()[number] for number in "3456"] == ["late", "now", "now", "ahead"]


def test_a_skip_takes_a_reason_and_goes_where_cannot_tell_goes(room: House) -> None:
    """Skipping a question is not answering it."""
    with pytest.raises(Malformed, match="the reason is empty"):
        room.skip("ada", "1", "  ")
    room.skip("ada", "1", "the camera is dark")
    assert (room.step("1").state, room.step("1").why_skipped) == ("skipped", "the camera is dark")
    assert room.states()["3"] == "now"


def test_a_mandatory_skip_stands_on_the_leads_page_until_seen(room: House) -> None:
    """The supervisor is told with a sound, sees it with its reason, and says so; the optional one bothers nobody."""
    room.skip("ada", "1", "the camera is dark")
    (told,) = run_reading.needs_a_lead(room.desk, room.people["sol"])
    assert (told.step.number, told.step.why_skipped, told.incident) == ("1", "the camera is dark", ONE)
    with pytest.raises(Refused):
        run_reading.needs_a_lead(room.desk, room.people["ada"])
    runs.see_skip(room.desk, room.people["sol"], ONE, "1")
    assert run_reading.needs_a_lead(room.desk, room.people["sol"]) == ()
    assert room.step("1").seen_by == "sol"
    room.do("sol", "3")
    room.skip("ada", "4")
    assert run_reading.needs_a_lead(room.desk, room.people["sol"]) == ()


def test_a_skip_said_twice_is_one_and_sees_nothing_that_was_not_skipped(room: House) -> None:
    """The same person's same reason is one; a step that is open cannot be seen as skipped."""
    first = room.skip("ada", "1", "dark")
    assert room.skip("ada", "1", "dark") == first
    with pytest.raises(Conflict, match="step 3 is not skipped"):
        runs.see_skip(room.desk, room.people["sol"], ONE, "3")


def test_an_act_on_the_world_waits_for_people_and_then_goes_on(room: House) -> None:
    """The step proposes at the gates and stands as waiting; the yes performs it and opens what follows."""
    to_gate(room)
    room.do("sol", "6")
    step = room.step("6")
    assert step.state == "waiting"
    assert step.action is not None
    assert not room.city.performed
    with room.desk.store.read() as unit:
        action = unit.actions.get(step.action)
    assert action.parameters["step"] == "Drill, step 6, time 1"
    gates.approve(room.desk, room.people["siv"], action.id, content_hash=action.content_hash())
    assert [each.what.id for each in room.city.performed] == [action.id]
    assert (room.step("6").state, room.step("7").state) == ("done", "now")


def test_a_declined_act_comes_back_with_the_reason(room: House) -> None:
    """Nobody loses the step: it is open again, says who declined and why, and can be proposed anew or done by hand."""
    to_gate(room)
    room.do("sol", "6")
    first = room.step("6").action
    assert first is not None
    with room.desk.store.read() as unit:
        shown = unit.actions.get(first).content_hash()
    gates.decline(room.desk, room.people["siv"], first, content_hash=shown, why="people stand below it")
    step = room.step("6")
    assert (step.state, step.returned) == ("now", "declined: siv, people stand below it")
    room.do("sol", "6")
    assert room.step("6").action not in {None, first}


def test_a_proposal_that_runs_out_comes_back_too(room: House) -> None:
    """Nobody agreed in time: the step is late by then, and still somebody's."""
    to_gate(room)
    room.do("sol", "6")
    clock_of(room.desk).advance(7200)
    gates.expire_due(room.desk)
    assert room.step("6").returned.startswith("nobody agreed in time")
    runs.run_late_steps(room.desk)
    assert (room.step("6").state, room.step("7").state) == ("late", "now")


def test_a_second_click_on_a_waiting_step_proposes_nothing_more(room: House) -> None:
    """Two proposals of one step cannot be, whoever clicks."""
    to_gate(room)
    seen = room.view().version
    room.do("sol", "6", version=seen)
    room.do("sol", "6", version=seen)
    with pytest.raises(Conflict, match="step 6 waits for people to agree to action 1"):
        room.do("siv", "6", version=seen)
    with room.desk.store.read() as unit:
        assert len(unit.actions.find()) == 1


def test_what_nothing_here_performs_is_done_by_hand_with_evidence(room: House) -> None:
    """Without an effector the step is no dead end: a person does it and says how."""
    room = House(desk=replace(room.desk, effectors={}), people=room.people, city=room.city)
    to_gate(room)
    with pytest.raises(Malformed, match="nothing here performs city_system"):
        room.do("sol", "6")
    with pytest.raises(Malformed, match="it was done by hand"):
        room.do("sol", "6", by_hand=True)
    room.do("sol", "6", evidence="the caretaker opened it at 21:04", by_hand=True)
    assert room.step("6").state == "done"


def test_an_incident_is_not_closed_while_mandatory_steps_are_open(room: House) -> None:
    """Those open now and those no answer can avoid are named; done or skipped with a reason, it can be closed."""
    assert room.view().open_mandatory == ("1",)
    with pytest.raises(Conflict, match="mandatory steps are open: 1"):
        incidents.close(room.desk, room.people["ada"], ONE, outcome="over")
    room.do("ada", "1", "smoke", "seen")
    assert room.view().open_mandatory == ("2", "3", "6", "7")
    room.skip("ada", "2")
    for number in ("3", "4", "5", "6", "7"):
        room.skip("sol", number)
    incidents.close(room.desk, room.people["ada"], ONE, outcome="over")
    with pytest.raises(Conflict, match="incident 1 is closed"):
        room.do("ada", "8")


def test_late_steps_of_a_closed_incident_bother_nobody(room: House) -> None:
    """Its run ends instead, and nothing is told as late."""
    room.do("ada", "1", "nothing", "empty")
    incidents.close(room.desk, room.people["ada"], ONE, outcome="nothing there")
    later(room, 10_000)
    assert {step.state for step in room.view().steps} <= {"done", "now", "skipped"}


def test_starting_the_same_playbook_twice_shows_the_run_that_is_there(room: House) -> None:
    """Two people choose the type at once: one run."""
    before = room.view()
    assert runs.start(room.desk, room.people["ole"], ONE, "drill").run == before.run
    assert room.view() == before


def test_another_type_takes_the_runs_place_and_what_was_open_is_told(room: House) -> None:
    """The first run's open step stands as skipped, with why; the new one begins."""
    view = runs.start(room.desk, room.people["sol"], ONE, "firearm_seen")
    assert (view.playbook, view.steps[0].state) == ("Firearm seen", "now")
    with room.desk.store.read() as unit:
        older = unit.runs.all_of_incident(ONE)[1]
        stopped = run_reading.state_of(unit, older)
    assert (stopped.visits["1"].standing, stopped.visits["1"].text) == ("skipped", "Firearm seen was started instead")


def test_a_changed_playbook_changes_no_run(room: House) -> None:
    """The run follows the words it began with; the next run follows the new ones."""
    changed = DRILL.replace("Look at the camera.", "Look at both cameras.")
    incident_types.save_playbook(room.desk, room.people["sol"], "drill", Draft(text=changed, why="two", base=1))
    assert room.step("1").text == "Look at the camera."
    assert room.view().playbook_version == 1
    room.do("ada", "1", "nothing", "empty")
    room.do("ada", "8")
    assert runs.start(room.desk, room.people["ada"], ONE, "drill").playbook_version == 2
    assert room.step("1").text == "Look at both cameras."


def test_a_type_without_a_playbook_starts_nothing(room: House) -> None:
    """There is nothing to lead through, and that is said."""
    bare = DRILL_TYPE.replace("playbook: drill\nstart: when opened\n", "")
    incident_types.save_type(room.desk, room.people["sol"], "drill", Draft(text=bare, why="bare", base=1))
    with pytest.raises(Malformed, match="Drill has no playbook"):
        runs.start(room.desk, room.people["ada"], ONE, "drill")


def test_an_incident_without_a_playbook_has_no_run() -> None:
    """Nothing is shown, nothing can be done, and it closes as it always did."""
    room = house(leads=False)
    assert run_reading.run_view(room.desk, room.people["ada"], ONE) is None
    with pytest.raises(Unknown, match="incident 1 has no playbook"):
        room.do("ada", "1")
    incidents.close(room.desk, room.people["ada"], ONE, outcome="over")
    with pytest.raises(Unknown):
        run_reading.run_view(room.desk, room.people["ada"], IncidentId(7))


def test_a_message_to_people_without_accounts_goes_to_those_who_pass_it_on() -> None:
    """Stewards have no page here: everybody on duty reads for whom it is, and calls them."""
    room = house()
    runs.start(room.desk, room.people["sol"], ONE, "severe_weather")
    room.do("ada", "1", "it has begun", "")
    room.do("sol", "4", evidence="by radio", by_hand=True)
    room.do("sol", "5")
    with room.desk.store.read() as unit:
        (asked,) = unit.actions.find(states=(ActionState.PROPOSED,))
    assert asked.kind is ActionKind.MESSAGE
    assert asked.parameters["to"] == "everybody on duty"
    assert asked.parameters["text"].startswith("For stewards: What comes")
    assert PARAMETERS[ActionKind.MESSAGE].keys() <= asked.parameters.keys()
    gates.approve(room.desk, room.people["sol"], ActionId(asked.id), content_hash=asked.content_hash())
    assert room.step("5").state == "done"


def test_what_is_said_about_a_run_is_in_the_timeline_and_the_log(room: House) -> None:
    """Each event is one sentence for people and one line of the log, with step and version."""
    room.do("ada", "1", "smoke", "seen from C1")
    with room.desk.store.read() as unit:
        line = unit.incidents.entries(ONE)[-1]
    assert (line.event, line.who) == ("playbook.finish", "ada")
    assert line.text == "Step 1, Look at the camera. — smoke (seen from C1)"
    kept = [record for record in room.desk.journal.records if record.act == "playbook.finish"]  # type: ignore[attr-defined]  # the journal in memory keeps them
    assert [(record.who, record.facts["step"], record.why) for record in kept] == [("ada", "1", "seen from C1")]


def test_whom_a_type_names_is_told_when_an_incident_is_of_it() -> None:
    """Everybody of the roles but who opened it, once, however often the type is chosen; loudly when the type is loud."""
    room = house(leads=False)
    runs.start(room.desk, room.people["ada"], ONE, "missing_child")
    runs.start(room.desk, room.people["ole"], ONE, "missing_child")
    with room.desk.store.read() as unit:
        told = [entry.text for entry in unit.incidents.entries(ONE) if entry.event == "notice.ask"]
        sounds = [change.facts["sound"] for change in unit.outbox.after(0) if change.kind == "incident"]
    assert told == ["ole, siv, sol: Missing child: Smoke"]
    assert True in sounds


def test_one_run_in_trouble_keeps_no_other_waiting(room: House) -> None:
    """A run whose events do not fit its playbook is named in the log, and the others' late steps go on."""
    fuse(room.desk, seen("b", subject="zone:north", kind=Kind.SILENCE))
    other = incidents.open_incident(room.desk, room.people["ole"], "Other", [AlertId(2)], type_="drill")
    with room.desk.store.write() as unit:
        broken = unit.runs.of_incident(ONE)
        assert broken is not None
        unit.runs.append(broken, RunEvent(run=broken.id, number=2, at=AT, event=RunEventKind.SKIP, who="x", step="7"))
    clock_of(room.desk).advance(61)
    assert runs.run_late_steps(room.desk) == 1
    view = run_reading.run_view(room.desk, room.people["ole"], other.id)
    assert view is not None
    assert view.steps[0].state == "late"
