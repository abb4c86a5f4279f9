"""The protest in the square, told once from the first alert to the last figure: every part of the processes has its place in it."""

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from desk.city_samples import REAL
from desk.warning_samples import content
from impetus.core.action import Action
from impetus.core.actor import Actor, Role
from impetus.core.alert import Verdict
from impetus.core.finding import Severity
from impetus.core.hand_over import HandOver
from impetus.core.ids import IncidentId
from impetus.core.incident import IncidentState
from impetus.core.situation import LinkKind
from impetus.core.warning import Status
from impetus.desk import gates, hand_over, kpis, links, methane, runs, warnings
from impetus.desk.run_reading import RunView, run_view
from impetus.processes.kpis import Step
from impetus.testing.city import MemoryCity, MemoryDevice, MemoryGateways
from stories.people import Person
from stories.story import Act, Expected, Story
from stories.words import incident, noticed, refused

REPORT = {
    "major": "declared",
    "exact": "City Hall Square, north steps",
    "type": "firearm seen in a crowd",
    "hazards": "density rising south-east; camera C11 dark",
    "access": "by the quay; E1 avoid",
    "emergency": "police on the way",
}
"""What was known when it was sent; how many are hurt was not."""


@dataclass
class Protest:
    """The square that evening: who is on duty, its sign, and what the gateway was given."""

    story: Story
    people: dict[str, Person] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Let two operators and two supervisors be there, and one sign."""
        roles = {"ada": Role.OPERATOR, "bo": Role.OPERATOR, "sol": Role.SUPERVISOR, "siv": Role.SUPERVISOR}
        self.people = {name: Person(self.story.person(name, role)) for name, role in roles.items()}
        outside = self.story.desk.outside
        assert isinstance(outside.city, MemoryCity)
        assert isinstance(outside.gateways, MemoryGateways)
        self.sign: MemoryDevice = outside.city.add(REAL)
        self.gateway = outside.gateways
        self.gateway.name = "control-room@city.example"

    def starts(self, type_: str, who: str = "ada") -> Act:
        """Give the incident a type, whose playbook leads from here on."""
        return self.act(f"{who} starts {type_}", lambda s: runs.start(s.desk, self.of(who), s.incident_id, type_))

    def step(self, who: str, number: str, answer: str = "", evidence: str = "", **parameters: str) -> Act:
        """Do a step."""
        return self.act(
            f"{who} does step {number}: {answer or evidence or parameters}",
            lambda s: runs.finish_step(
                s.desk,
                self.of(who),
                s.incident_id,
                number,
                answer=answer,
                evidence=evidence,
                parameters=parameters or None,
            ),
        )

    def skip(self, who: str, number: str, why: str) -> Act:
        """Skip a step with a reason."""
        return self.act(
            f"{who} skips step {number}: {why}",
            lambda s: runs.skip_step(s.desk, self.of(who), s.incident_id, number, why=why),
        )

    def agrees(self, who: str) -> Act:
        """Say yes to the newest proposal, exactly as it stands."""
        return self.act(
            f"{who} agrees",
            lambda s: gates.approve(s.desk, self.of(who), self.newest().id, content_hash=self.newest().content_hash()),
        )

    def newest(self) -> Action:
        """Return the newest proposal."""
        with self.story.desk.store.read() as unit:
            return unit.actions.find()[0]

    def run(self) -> RunView:
        """Return how the incident's playbook stands."""
        view = run_view(self.story.desk, self.of("ada"), self.story.incident_id)
        assert view is not None
        return view

    def of(self, name: str) -> Actor:
        """Return who acts."""
        return self.people[name].actor

    @staticmethod
    def act(says: str, does: Callable[[Story], object]) -> Act:
        """Return an act of this story."""
        return Act(says=says, does=does)


def now_is(protest: Protest, *numbers: str) -> Expected:
    """Expect exactly these steps to wait for somebody to do them."""

    def fails(_: Story) -> str:
        waits = tuple(step.number for step in protest.run().steps if step.state in {"now", "late"})
        return "" if waits == numbers else f"the playbook waits for {waits}"

    return Expected(says=f"the playbook waits for {', '.join(numbers)}", fails=fails)


def sign_says(protest: Protest, words: str) -> Expected:
    """Expect the sign in the square to show this."""
    return Expected(
        says=f"the sign shows {words!r}",
        fails=lambda _: "" if protest.sign.showing.words == words else f"the sign shows {protest.sign.showing}",
    )


@pytest.fixture
def protest() -> Protest:
    """Return a square with people, told from 21:00 on."""
    return Protest(Story())


def methane_sent(protest: Protest) -> Act:
    """Type what is known into METHANE, leave what nobody knows, and send it."""

    def send(story: Story) -> None:
        desk, ada = story.desk, protest.of("ada")
        saved = methane.save_methane(desk, ada, story.incident_id, REPORT, base=0)
        methane.send_methane(desk, ada, story.incident_id, version=saved.version, to="sol")

    return Act(says="ada writes METHANE and sends it", does=send)


def linked(protest: Protest, first: IncidentId) -> Act:
    """Say that an earlier incident belongs with this one."""

    def link(story: Story) -> None:
        ends = links.End(incident=first), links.End(incident=story.incident_id)
        links.link(story.desk, protest.of("ada"), *ends, LinkKind.RELATED, why="the same square")

    return Act(says=f"ada links it with incident {first}", does=link)


def warned(protest: Protest) -> Act:
    """Draft a warning of the public, and ask two people to release it."""

    def draft(story: Story) -> None:
        desk, ada = story.desk, protest.of("ada")
        drafted = warnings.draft(desk, ada, content(desk.clock.now()), status=Status.ACTUAL, incident=story.incident_id)
        warnings.propose(desk, ada, drafted.id, version=drafted.version, why="people must leave by the west")

    return Act(says="ada drafts a public warning and asks for two", does=draft)


def gateway_has(protest: Protest, count: int) -> Expected:
    """Expect so many messages to have left for the authority's gateway."""
    return Expected(
        says=f"{count} messages at the gateway",
        fails=lambda _: "" if len(protest.gateway.released) == count else f"there are {len(protest.gateway.released)}",
    )


def test_the_square_fills_and_the_playbook_leads(protest: Protest) -> None:
    """A crowd at a place: questions, answers, one act on the city by decision, and no end while a step is owed."""
    story, ada, sol = protest.story, protest.people["ada"], protest.people["sol"]
    story.at("21:04") >> noticed("many people, and more every minute", severity=Severity.SEVERE)
    story >> ada.opens_incident("The square fills") << incident(IncidentState.OPEN, owner="ada")
    story >> protest.starts("crowd_crush_risk") << now_is(protest, "1")
    story.at("21:04:30") >> protest.step("ada", "1", "no") >> protest.step("ada", "2", "tight") << now_is(protest, "3")
    hold = {"device": REAL.id, "command": "Wait here", "until": "30 min"}
    story >> protest.step("ada", "3", **hold) << refused("supervisor")
    story >> protest.step("sol", "3", **hold) << sign_says(protest, "")
    story >> protest.agrees("siv") << sign_says(protest, "Wait here")
    story >> sol.closes_incident("calm again") << refused("step")


def test_a_firearm_is_seen_and_the_public_is_warned_by_two(protest: Protest) -> None:
    """The worst of the evening: a report in a minute, responders told, a warning that one person alone cannot release."""
    story, ada = protest.story, protest.people["ada"]
    story.at("21:04") >> noticed("many people", severity=Severity.SEVERE) >> ada.opens_incident("The square fills")
    crowd = story.incident_id
    firearm = {"subject": "zone:north-steps", "severity": Severity.EXTREME, "point": None}
    story.at("21:10") >> noticed("a firearm in view of C14", **firearm) >> ada.opens_incident("Firearm, north steps")
    story >> protest.starts("firearm_seen") >> linked(protest, crowd) << now_is(protest, "1")
    story >> protest.step("ada", "1", "a firearm", "seen by C14 and by C3") << now_is(protest, "2")
    story >> protest.step("ada", "2", evidence="police repeated: north steps") << now_is(protest, "4")
    story.at("21:11") >> methane_sent(protest) << told(protest, "methane.send")
    story.at("21:12") >> warned(protest) << gateway_has(protest, 0)
    story >> protest.agrees("sol") >> protest.agrees("sol") << refused("already") << gateway_has(protest, 0)
    story >> protest.agrees("siv") << gateway_has(protest, 1) << told(protest, "warning.release")


def test_the_evening_is_handed_over_resolved_and_counted(protest: Protest) -> None:
    """Bo reads every open thing back before the shift is his; what is skipped is skipped before sol's eyes; then figures."""
    story, ada, sol = protest.story, protest.people["ada"], protest.people["sol"]
    story >> protest.act("ada has the watch", lambda s: hand_over.begin_shift(s.desk, ada.actor))
    story.at("21:04") >> noticed("many people", severity=Severity.SEVERE) >> ada.acknowledges()
    story >> ada.opens_incident("The square fills")
    story >> protest.starts("crowd_crush_risk") >> protest.step("ada", "1", "yes") << now_is(protest, "9")
    story.at("21:10") >> protest.act("ada gives her shift to bo", lambda s: hand_over.give(s.desk, ada.actor, to="bo"))
    story >> takes_shift(protest, "bo") << refused("unread", "The square fills")
    story >> reads_back(protest, "bo") >> takes_shift(protest, "bo")
    story >> protest.step("bo", "9", "yes") << incident(IncidentState.OPEN, owner="bo") << now_is(protest, "11")
    story >> protest.skip("bo", "11", "no planner is on duty") >> protest.people["bo"].assesses(Verdict.CONFIRMED)
    story >> protest.people["bo"].closes_incident("dispersed by itself") << incident(IncidentState.CLOSED)
    total = kpis.kpis(story.desk, sol.actor).total
    assert (total.alerts, total.clear, total.false_alarms) == (1, 1, 0)
    told_of = [step for step, span in total.times.items() if span is not None]
    assert told_of == [Step.DETECT], "the machine's time is told; those of two people would be theirs"


def takes_shift(protest: Protest, who: str) -> Act:
    """Take the shift that was given."""
    return protest.act(f"{who} takes the shift", lambda s: hand_over.take(s.desk, protest.of(who), given(protest).id))


def reads_back(protest: Protest, who: str) -> Act:
    """Read every item back."""

    def read(story: Story) -> None:
        for item in hand_over.hand_over_view(story.desk, protest.of(who), given(protest).id).items:
            hand_over.read_item(story.desk, protest.of(who), item.id, read_back="seen")

    return Act(says=f"{who} reads every item back", does=read)


def given(protest: Protest) -> HandOver:
    """Return the hand-over that is being read."""
    view = hand_over.watch_view(protest.story.desk, protest.of("ada")).given
    assert view is not None
    return view.hand_over


def told(protest: Protest, event: str) -> Expected:
    """Expect the incident's timeline to say so."""

    def fails(story: Story) -> str:
        with story.desk.store.read() as unit:
            events = [str(entry.event) for entry in unit.incidents.entries(story.incident_id)]
        return "" if event in events else f"the timeline says {events}"

    return Expected(says=f"the timeline says {event}", fails=fails)
