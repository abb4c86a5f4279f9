"""A crowd's alert opens an incident that leads people: the square, from the alert to the end of the playbook."""

from types import SimpleNamespace

from desk.gate_samples import LIVE_KINDS
from impetus.core.actor import Actor, Role
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import IncidentState
from impetus.core.text import Phrase
from impetus.desk import gates, incident_types, incidents, runs
from impetus.desk.run_reading import needs_a_lead, run_view
from impetus.testing.effectors import RecordingEffector
from stories.people import Person
from stories.story import Act, Expected, Story
from stories.words import incident, noticed, refused

READER = Actor(name="reader", role=Role.SUPERVISOR)
DENSITY = Phrase(template="{property} far above normal", values={"property": "People density"})


def opens_as_suggested(who: Person) -> Act:
    """Open an incident of the type the alert speaks for."""

    def act(story: Story) -> None:
        now = incident_types.suggest_type(story.desk, who.actor, story.alert_id)
        assert now is not None
        opened = incidents.open_incident(
            story.desk, who.actor, "Crowd at E1", [AlertId(story.alert_id)], type_=now.type.slug
        )
        story.incident_id = IncidentId(opened.id)

    return Act(says=f"{who.name} opens the incident the alert suggests", does=act)


def does(who: Person, number: str, answer: str = "", evidence: str = "", *, by_hand: bool = False) -> Act:
    """Do a step."""
    return Act(
        says=f"{who.name} does step {number}: {answer or evidence or 'done'}",
        does=lambda story: runs.finish_step(
            story.desk, who.actor, story.incident_id, number, answer=answer, evidence=evidence, by_hand=by_hand
        ),
    )


def skips(who: Person, number: str, why: str) -> Act:
    """Skip a step."""
    return Act(
        says=f"{who.name} skips step {number}: {why}",
        does=lambda story: runs.skip_step(story.desk, who.actor, story.incident_id, number, why=why),
    )


def closes(who: Person, outcome: str) -> Act:
    """Close the incident."""
    return Act(
        says=f"{who.name} closes the incident: {outcome}",
        does=lambda story: incidents.close(story.desk, who.actor, story.incident_id, outcome=outcome),
    )


def keeper_looks() -> Act:
    """Let the keeper see what is late."""
    return Act(says="the keeper looks", does=lambda story: runs.run_late_steps(story.desk))


def agrees(who: Person) -> Act:
    """Say yes to the newest proposal."""

    def act(story: Story) -> None:
        with story.desk.store.read() as unit:
            newest = unit.actions.find()[0]
        gates.approve(story.desk, who.actor, newest.id, content_hash=newest.content_hash())

    return Act(says=f"{who.name} agrees", does=act)


def steps(**expected: str) -> Expected:
    """Expect that steps stand so: `_1="done"`."""
    wanted = {name.removeprefix("_"): state for name, state in expected.items()}

    def fails(story: Story) -> str:
        view = run_view(story.desk, READER, story.incident_id)
        states = {step.number: step.state for step in view.steps} if view else {}
        wrong = {number: states.get(number) for number, state in wanted.items() if states.get(number) != state}
        return f"expected {wanted}, but {wrong}" if wrong else ""

    return Expected(says=f"steps {wanted}", fails=fails)


def told_to_lead(words: str) -> Expected:
    """Expect that who leads reads these words on their page."""

    def fails(story: Story) -> str:
        told = " ".join(f"{one.step.state} {one.step.why_skipped}" for one in needs_a_lead(story.desk, READER))
        return "" if words in told else f"{words!r} is not in {told!r}"

    return Expected(says=f"who leads reads {words!r}", fails=fails)


def crowd() -> Act:
    """Let counters say that there are too many people at one place."""
    return noticed("many people", headline=DENSITY, kind=Kind.ANOMALY, severity=Severity.MODERATE)


def test_a_crowd_is_led_from_the_alert_to_the_end(story: Story, people: SimpleNamespace) -> None:
    """The type is suggested, its playbook starts, gates decide, and only then may the incident be closed."""
    city = RecordingEffector(is_repeatable=False)
    object.__setattr__(story.desk, "effectors", dict.fromkeys(LIVE_KINDS, city))
    story.at("21:04") >> crowd() >> opens_as_suggested(people.ada) << steps(_1="now", _2="ahead")
    story.at("21:04:20") >> does(people.ada, "1", "no") << steps(_1="done", _2="now")
    story >> closes(people.ada, "calm") << refused("mandatory steps are open", "2")
    story.at("21:05") >> does(people.ada, "2", "tight") << steps(_3="now")
    story >> does(people.bo, "3") << refused("step 3 is for supervisor")
    story >> does(people.sol, "3") << steps(_3="waiting")
    story >> agrees(people.sol) << steps(_3="done", _5="now")
    assert len(city.performed) == 1
    story >> does(people.sol, "5") << steps(_6="now", _7="now", _8="ahead")
    story >> does(people.ada, "6") >> does(people.bo, "7") << steps(_8="now")
    story.at("21:08") >> does(people.sol, "8", "falling") >> does(people.ada, "9", "yes") << steps(_11="now")
    story >> does(people.ada, "11") >> closes(people.ada, "the flow is even")
    story << incident(IncidentState.CLOSED)


def test_nobody_answers_and_the_next_step_comes_by_itself(story: Story, people: SimpleNamespace) -> None:
    """After a minute the steward is to be called; the first look stays late until somebody says why."""
    story.at("21:04") >> crowd() >> opens_as_suggested(people.ada)
    story.at("21:05:01") >> keeper_looks() << steps(_1="late", _2="now") << told_to_lead("late")
    story >> does(people.sol, "1", "cannot tell") << steps(_1="done", _2="now")
    story << incident(IncidentState.OPEN, owner="sol")


def test_a_skipped_step_is_known_to_who_leads(story: Story, people: SimpleNamespace) -> None:
    """The reason stands on the supervisor's page, and skipping without one is refused."""
    story.at("21:04") >> crowd() >> opens_as_suggested(people.ada)
    story >> skips(people.ada, "1", " ") << refused("the reason is empty")
    story >> skips(people.ada, "1", "the camera is dark") << steps(_1="skipped", _2="now")
    story << told_to_lead("the camera is dark")
