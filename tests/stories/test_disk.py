"""The disk fills and recovers: told before it is full, once, and over when there is room."""

from types import SimpleNamespace

import pytest

from impetus.core.alert import AlertState, Verdict
from impetus.core.finding import Kind, Severity
from stories.square import Square
from stories.story import Story
from stories.words import alert, history, nothing_published, noticed

NEW, HELD, CLOSED = AlertState.NEW, AlertState.HELD, AlertState.CLOSED


@pytest.fixture
def square(story: Story) -> Square:
    """Return the square whose keeper looks after the disk."""
    return Square(story)


def test_a_disk_that_fills_is_told_before_it_is_full(story: Story, people: SimpleNamespace, square: Square) -> None:
    """At five in a hundred; the sentence says how much is left, what will happen and what helps."""
    story >> square.disk_has(40) >> square.disk_has(5.1) << nothing_published()
    story.at("21:10") >> square.disk_has(4.9)
    story << alert("The disk is nearly full", state=NEW, severity=Severity.SEVERE, sound=True)
    said = story.alert().why.say()
    assert said.startswith("5017 MiB of 102400 MiB are free.")
    assert said.endswith("Free space or shorten retention.")


def test_it_recovers_when_there_is_room_and_not_at_the_edge(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """A little room is no room; a quarter more than the limit is, and the alert says so to its owner."""
    story.at("21:10") >> square.disk_has(4.9) >> people.ada.acknowledges() << alert(state=HELD, owner="ada")
    story.at("21:20") >> square.disk_has(5.5) << nothing_published()
    story.at("21:30") >> square.disk_has(4.0) << nothing_published()
    story.at("22:00") >> square.disk_has(30) << alert(state=HELD, owner="ada", repeats=1, sound=False)
    story >> people.ada.assesses(Verdict.CONFIRMED, "logs were rotated") >> people.ada.closes() << alert(state=CLOSED)
    story << history("raise", "acknowledge", "assess", "close")


def test_it_stays_as_bad_as_it_was_until_somebody_judges_it(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """The end of the trouble does not make the alert a small one: it was severe, and its headline says what it was."""
    story.at("21:10") >> square.disk_has(1)
    story.at("21:11") >> square.disk_has(90) << alert("The disk is nearly full", severity=Severity.SEVERE, state=NEW)


def test_a_disk_that_fills_again_after_it_was_closed_is_news(
    story: Story, people: SimpleNamespace, square: Square
) -> None:
    """The next evening's trouble is another one."""
    story.at("21:10") >> square.disk_has(4.9)
    story.at("21:30") >> square.disk_has(30) >> people.ada.assesses(Verdict.CONFIRMED) >> people.ada.closes()
    story.at("21:00") >> square.disk_has(4.9) << alert("The disk is nearly full", state=NEW, sound=True)
    assert story.alert_id == 2


def test_the_platforms_trouble_and_the_citys_stay_apart(story: Story, people: SimpleNamespace, square: Square) -> None:
    """A crowd at the same moment is not joined with a disk that fills."""
    story.at("21:10") >> square.disk_has(4.9) << alert("The disk is nearly full")
    story >> noticed("many people") << alert("many people", state=NEW)
    assert story.alert(1).kind is Kind.PLATFORM
    assert story.alert(2).kind is Kind.ANOMALY


def test_a_small_disk_is_watched_by_bytes(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Of four GiB a fifth is 800 MiB and enough; less than 512 MiB is not, whatever share that is."""
    story >> square.disk_has(0.8, total_gib=4) << nothing_published()
    story >> square.disk_has(0.49, total_gib=4) << alert("The disk is nearly full")
