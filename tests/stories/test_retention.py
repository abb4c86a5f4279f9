"""Retention erases what is due, says how much, and leaves what somebody still has to look at."""

from types import SimpleNamespace

import pytest

from impetus.core.actor import Actor
from impetus.core.alert import AlertState, Verdict
from impetus.core.errors import Unknown
from impetus.core.ids import AlertId
from impetus.desk import read
from stories.square import Square
from stories.story import Story
from stories.words import alert, incident_is_told, nothing_published, noticed, refused, time_passes


@pytest.fixture
def square(story: Story) -> Square:
    """Return a square that keeps readings for 10 days, evidence for 15, alerts for 20 and refused records for 5."""
    return Square(story)


def seen_evidence(story: Story, reader: Actor) -> tuple[int, int]:
    """Return how much evidence the page of the story's alert shows, and how much it says is gone."""
    view = read.alert(story.desk, reader, story.alert_id)
    return len(view.evidences), view.missing_evidence


def test_readings_go_first_and_are_gone_everywhere(story: Story, people: SimpleNamespace, square: Square) -> None:
    """After ten days and the rest of the day; from the bus and from history; and the sweep says how many."""
    story >> square.speak() >> square.days_pass(9) << square.readings_left(3)
    story >> square.days_pass(3) << square.readings_left(0) << nothing_published()
    assert square.report is not None
    assert square.report.gone("observations") == 3


def test_yesterdays_readings_go_before_todays(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Whole days, the oldest first: what is kept is what the law of the installation says."""
    for _ in range(4):
        story >> square.speak() >> square.days_pass(3)
    story << square.readings_left(9)


def test_evidence_goes_before_its_alert_and_the_page_says_so(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """The sentence stays, the series behind it is gone, and nobody wonders: one piece is missing."""
    story >> noticed() >> people.ada.assesses(Verdict.CONFIRMED) >> people.ada.closes()
    assert seen_evidence(story, people.ada.actor) == (1, 0)
    story >> square.days_pass(16)
    assert seen_evidence(story, people.ada.actor) == (0, 1)
    assert story.alert().headline.say() == "many people"


def test_a_closed_alert_goes_with_all_that_is_its_own(story: Story, people: SimpleNamespace, square: Square) -> None:
    """After twenty days: the alert, its history, its findings; asking for it is asking for what is not there."""
    story >> noticed() >> people.ada.assesses(Verdict.BENIGN) >> people.ada.closes()
    story >> square.days_pass(21) << square.findings_left(0)
    with pytest.raises(Unknown, match="there is no alert 1"):
        read.alert(story.desk, people.ada.actor, AlertId(1))
    with story.desk.store.read() as unit:
        assert unit.alerts.entries(AlertId(1)) == ()
        assert unit.findings.of_alert(AlertId(1)) == ()


def test_an_open_alert_stays_however_old(story: Story, people: SimpleNamespace, square: Square) -> None:
    """A year in which nobody took it: it still waits, and can be taken."""
    story >> noticed() >> square.days_pass(365) << nothing_published()
    story >> people.bo.acknowledges() << alert(state=AlertState.HELD, owner="bo")


def test_a_shelved_alert_comes_back_instead_of_being_forgotten(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """The shelf is no way round the control room: a month later it is new again, not gone."""
    story >> noticed() >> people.ada.shelves(hours=24) >> square.days_pass(30)
    story >> time_passes() << alert(state=AlertState.NEW, sound=True)
    story >> people.sol.acknowledges() << alert(state=AlertState.HELD, owner="sol")


def test_a_number_that_was_erased_is_never_given_again(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Alert 1 is gone; the next one is 2: a note that says "alert 1" never comes to mean another one."""
    story >> noticed() >> people.ada.assesses(Verdict.BENIGN) >> people.ada.closes() >> square.days_pass(21)
    story >> noticed("something else", subject="zone:north")
    assert story.alert_id == 2


def test_an_incident_keeps_its_timeline_when_its_alert_has_gone(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """What was decided stays, who decided it too; the alert it began with is no longer listed."""
    story >> noticed() >> people.ada.opens_incident("Crowd at the quay") << incident_is_told()
    story >> people.ada.decides("open exit 3", "wait", reason="the quay is full")
    story >> people.ada.assesses(Verdict.CONFIRMED) >> people.ada.closes() >> square.days_pass(21)
    view = read.incident(story.desk, people.sol.actor, story.incident_id)
    assert [(each.who, each.choice) for each in view.decisions] == [("ada", "open exit 3")]
    assert [entry.event for entry in view.entries] == ["open", "join", "decide"]
    assert view.alerts == ()
    story >> people.ada.closes_incident("it dispersed") << incident_is_told()


def test_what_is_erased_cannot_be_acted_on(story: Story, people: SimpleNamespace, square: Square) -> None:
    """A page left open for three weeks: the click is answered with what is the matter."""
    story >> noticed() >> people.ada.assesses(Verdict.BENIGN) >> people.ada.closes() >> square.days_pass(21)
    story >> people.ada.reopens("it is back") << refused("there is no alert 1", "it may have been erased")
