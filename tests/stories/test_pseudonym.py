"""A post calls for violence: its author is a pseudonym, and two persons decide whether one of them looks behind it."""

from datetime import date, timedelta
from types import SimpleNamespace

import pytest

from impetus.core.actor import Role, console
from impetus.core.evidence import Author
from impetus.core.identity import ShownIdentity
from impetus.core.ids import IncidentId, Offset
from impetus.core.incident import IncidentState
from impetus.demo.posts.notice import TOOL
from impetus.desk import access, identities
from impetus.desk.context import FINDINGS
from impetus.desk.identities import Behind
from impetus.desk.pseudonym_keys import set_up
from impetus.run.heartbeat import Heart
from impetus.run.posts import Watch
from impetus.run.tools import find_tool
from impetus.testing.desk import clock_of
from impetus.testing.journal import MemoryJournal
from impetus.testing.register import clear
from stories.people import Person
from stories.story import EVENING, Act, Expected, Story
from stories.words import alert, fuse, incident, refused

HANDLE = "nordlys8817.example"


class Feed:
    """The simulated posts of the story, with the register's leave and keys for the day."""

    def __init__(self, story: Story) -> None:
        """Begin the scenario now."""
        clear(story.desk, find_tool(TOOL))
        self.shares = set_up(story.desk, console(), days=2).shares
        self.watch = Watch(story.desk, Heart(), began=story.desk.clock.now())
        self.shown: list[ShownIdentity] = []

    def goes_on(self, seconds: float) -> Act:
        """Let time pass with whatever is posted in it."""

        def read(story: Story) -> None:
            clock_of(story.desk).advance(seconds)
            self.watch.turn()
            fuse(story)
            with story.desk.store.read() as unit:
                found = unit.alerts.recent((), near_since=story.start)
            story.alert_id = found[0].id if found else story.alert_id

        return Act(says=f"{seconds:g} s of posts", does=read)

    def author(self, story: Story, who: Person) -> Author:
        """Return the author as somebody sees it on the alert."""
        found = story.alert()
        evidence = access.access_evidence(story.desk, who.actor, found.evidence, on=f"alert:{found.id}")[-1]
        assert evidence is not None
        author = evidence.texts[0].author
        assert author is not None
        return author

    def is_asked_for(self, who: Person) -> Act:
        """Let somebody ask who is behind what they see."""

        def ask(story: Story) -> None:
            seen = self.author(story, who)
            behind = Behind(domain=seen.domain, period=seen.period, pseudonym=seen.pseudonym)
            identities.ask(story.desk, who.actor, behind, story.incident_id, why="he names the barrier and a time")

        return Act(says=f"{who.name} asks who it is", does=ask)

    def is_approved_by(self, who: Person) -> Act:
        """Let somebody approve."""
        return Act(says=f"{who.name} approves", does=lambda story: identities.approve(story.desk, who.actor, 1))

    def is_looked_at_by(self, who: Person) -> Act:
        """Let somebody look."""
        return Act(
            says=f"{who.name} looks",
            does=lambda story: self.shown.append(identities.show(story.desk, who.actor, 1)),
        )


def nobody_named() -> Expected:
    """Expect the handle to stand nowhere people or programs read: alert, evidence, bus, timeline, log."""

    def fails(story: Story) -> str:
        found = story.alert()
        seen = [str(found), *(str(message.body) for message in story.desk.bus.read(FINDINGS, Offset(0), limit=99))]
        with story.desk.store.read() as unit:
            if story.incident_id:
                seen += [str(entry) for entry in unit.incidents.entries(IncidentId(story.incident_id))]
        assert isinstance(story.desk.journal, MemoryJournal)
        seen += [str(record) for record in story.desk.journal.records]
        seen += [str(story.desk.blobs.get(name)) for name in found.evidence]
        return ", ".join(text[:80] for text in seen if "nordlys" in text)

    return Expected(says="nobody is named", fails=fails)


def told(*events: str) -> Expected:
    """Expect the incident's timeline to end with these."""

    def fails(story: Story) -> str:
        with story.desk.store.read() as unit:
            found = tuple(entry.event for entry in unit.incidents.entries(IncidentId(story.incident_id)))
        return "" if found[-len(events) :] == events else f"the timeline is {found}"

    return Expected(says=f"everybody on the incident reads {', '.join(events)}", fails=fails, after_refusal=True)


@pytest.fixture
def evening(story: Story, people: SimpleNamespace) -> SimpleNamespace:
    """Return the story with the alert about the post, an incident from it, its feed, and people with a second."""
    feed = Feed(story)
    story >> feed.goes_on(30) >> feed.goes_on(10) << alert("calls for violence") << nobody_named()
    story >> people.ada.opens_incident("A call for violence") << incident(IncidentState.OPEN)
    dag = Person(actor=story.person("dag", Role.DPO))
    return SimpleNamespace(story=story, feed=feed, dag=dag, **vars(people))


def test_one_asks_another_approves_and_the_name_is_seen_once(evening: SimpleNamespace) -> None:
    """By the asker alone; everybody on the incident reads that it happened, and nothing but the answer names anybody."""
    story, feed = evening.story, evening.feed
    story >> feed.is_asked_for(evening.ada) << told("identity.ask")
    story >> feed.is_looked_at_by(evening.ada) << refused("nobody has approved it yet")
    story >> feed.is_approved_by(evening.sol) << told("identity.ask", "identity.approve")
    story >> feed.is_looked_at_by(evening.ada) << told("identity.ask", "identity.approve", "identity.show")
    assert [each.value for each in feed.shown] == [HANDLE]
    story >> feed.is_looked_at_by(evening.ada) << refused("it was shown, once") << nobody_named()
    assert [each.value for each in feed.shown] == [HANDLE]


def test_the_log_has_each_step_and_the_look_as_a_consultation(evening: SimpleNamespace) -> None:
    """With who, why and for which incident."""
    story, feed = evening.story, evening.feed
    story >> feed.is_asked_for(evening.ada) >> feed.is_approved_by(evening.dag) >> feed.is_looked_at_by(evening.ada)
    found = [each for each in story.desk.journal.records if each.act.startswith("identity.")]
    assert [(each.act, each.who) for each in found] == [
        ("identity.ask", "ada"),
        ("identity.approve", "dag"),
        ("identity.show", "ada"),
    ]
    assert found[-1].processing == "consultation"
    assert {each.case for each in found} == {str(story.incident_id)}
    assert "barrier" in found[-1].why


def test_nobody_agrees_with_themselves_and_no_operator_agrees(evening: SimpleNamespace) -> None:
    """Neither the asker nor another operator approves, and the answer is wanted within its time."""
    story, feed = evening.story, evening.feed
    story >> feed.is_asked_for(evening.ada)
    story >> feed.is_approved_by(evening.ada) << refused()
    story >> feed.is_approved_by(evening.bo) << refused()
    clock_of(story.desk).advance(16 * 60)
    story >> feed.is_approved_by(evening.sol) << refused("its time is over")
    assert feed.shown == []


def test_an_author_is_the_same_all_day_and_somebody_else_tomorrow(evening: SimpleNamespace) -> None:
    """Two posts of one evening are of one author; the next day's pseudonym has nothing to do with it."""
    story, feed = evening.story, evening.feed
    first = feed.author(story, evening.ada)
    story >> feed.goes_on(120)
    with story.desk.store.read() as unit:
        assert len(unit.findings.of_alert(story.alert_id)) == 2
    assert feed.author(story, evening.ada) == first
    story >> feed.goes_on(4 * 3600)
    sent = [
        story.desk.codec.decode_finding(each.body)[1] for each in story.desk.bus.read(FINDINGS, Offset(0), limit=99)
    ]
    authors = {text.author for evidence in sent for text in evidence.texts if text.author}
    assert {author.period for author in authors} == {day(0), day(1)}
    assert len(authors) == len({author.pseudonym for author in authors}) == 2


def test_outside_an_incident_nobody_sees_the_pseudonym_and_in_it_those_on_duty_do(
    story: Story, people: SimpleNamespace
) -> None:
    """A pseudonym is personal data: it needs a case. That there is one can be read by whoever reads the text."""
    feed = Feed(story)
    story >> feed.goes_on(30) >> feed.goes_on(10)
    assert feed.author(story, people.ada).pseudonym == ""
    story >> people.ada.opens_incident("A call for violence")
    for who in (people.ada, people.bo, people.sol):
        assert len(feed.author(story, who).pseudonym) == 26
    auditor = access.access_evidence(story.desk, people.aud.actor, story.alert().evidence, on="alert:1")[0]
    assert auditor is not None
    assert auditor.texts == ()


def day(number: int) -> date:
    """Return a day of the story."""
    return (EVENING + timedelta(days=number)).date()
