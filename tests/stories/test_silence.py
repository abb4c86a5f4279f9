"""Silence is told once, has an end, and a cabinet that goes dark is one alert and not thirty."""

from types import SimpleNamespace

import pytest

from impetus.core.alert import AlertState, Verdict
from impetus.core.finding import Kind, Severity
from stories.square import Square
from stories.story import Story
from stories.words import alert, history, nothing_published

NEW, HELD, CLOSED = AlertState.NEW, AlertState.HELD, AlertState.CLOSED


@pytest.fixture
def square(story: Story) -> Square:
    """Return a square with three cameras."""
    return Square(story)


def test_a_camera_falls_silent_and_returns(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Told when its minute is over, once; when it speaks again the same alert says so, quietly."""
    story.at("21:00") >> square.speak() >> square.keeper_looks() << nothing_published()
    story.at("21:01") >> square.speak("C1", "C2") >> square.keeper_looks() << nothing_published()
    story.at("21:01:01") >> square.speak("C1", "C2") >> square.keeper_looks()
    story << alert("Camera C3 is silent", state=NEW, severity=Severity.MINOR, sound=True)
    story >> people.ada.acknowledges() << alert(state=HELD, owner="ada")
    story.at("21:02") >> square.speak("C1", "C2") >> square.keeper_looks() << nothing_published()
    story.at("21:09") >> square.speak() >> square.keeper_looks()
    story << alert("Camera C3 speaks again", state=HELD, owner="ada", sound=False, repeats=1)
    assert story.alert().why.say() == "It was silent for 540 s."
    story << history("raise", "acknowledge")


def test_a_silence_is_a_condition_however_long(story: Story, people: SimpleNamespace, square: Square) -> None:
    """A whole night is one alert; the morning's return belongs to it."""
    story.at("21:00") >> square.speak()
    story.at("21:05") >> square.speak("C1", "C2") >> square.keeper_looks() << alert("Camera C3 is silent")
    for hour in ("23:00", "03:00", "06:00"):
        story.at(hour) >> square.speak("C1", "C2") >> square.keeper_looks() << nothing_published()
    story.at("07:00") >> square.speak() >> square.keeper_looks() << alert("Camera C3 speaks again", repeats=1)
    assert story.alert_id == 1


def test_a_camera_that_flickers_stays_one_alert(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Five silences in an hour, while nobody closed the first: one alert that counts."""
    story.at("21:00") >> square.speak()
    for minute in (5, 15, 25, 35, 45):
        story.at(f"21:{minute:02}") >> square.speak("C1", "C2") >> square.keeper_looks()
        story.at(f"21:{minute + 1:02}") >> square.speak() >> square.keeper_looks()
    assert (story.alert_id, story.alert().repeats) == (1, 9)
    assert story.alert().kind is Kind.SILENCE


def test_after_closing_the_next_silence_is_news(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Judged and closed at ten; dark again at midnight: a new alert."""
    story.at("21:00") >> square.speak()
    story.at("21:05") >> square.speak("C1", "C2") >> square.keeper_looks()
    story.at("22:00") >> square.speak() >> square.keeper_looks()
    story >> people.ada.assesses(Verdict.BENIGN, "its cable was mended") >> people.ada.closes() << alert(state=CLOSED)
    story.at("23:58") >> square.speak()
    story.at("00:05") >> square.speak("C1", "C2") >> square.keeper_looks()
    story << alert("Camera C3 is silent", state=NEW, sound=True, repeats=0)
    assert story.alert_id == 2


def test_a_cabinet_that_goes_dark_is_one_alert(story: Story, people: SimpleNamespace) -> None:
    """Thirty cameras behind one switch: one alert that says thirty, and one end."""
    square = Square(story, cameras=30)
    story.at("21:00") >> square.speak()
    story.at("21:02") >> square.keeper_looks()
    story << alert("30 datastreams of square are silent", state=NEW, severity=Severity.MODERATE, sound=True)
    story.at("21:10") >> square.speak() >> square.keeper_looks()
    story << alert("30 datastreams of square are silent", repeats=1)
    assert story.alert_id == 1


def test_a_source_that_says_nothing_speaks_for_its_cameras(story: Story, people: SimpleNamespace) -> None:
    """The gateway is gone: one alert about the source, none about what lies behind it."""
    square = Square(story, source_freshness_s=30.0)
    story.at("21:00") >> square.speak()
    story.at("21:03") >> square.keeper_looks() << alert("The square is silent", severity=Severity.MODERATE)
    story.at("21:20") >> square.keeper_looks() << nothing_published()


def test_cameras_still_dark_after_their_source_returned_are_told(story: Story, people: SimpleNamespace) -> None:
    """The gateway is back, camera C2 is not: the source's alert has its end, the camera gets its own."""
    square = Square(story, source_freshness_s=30.0)
    story.at("21:00") >> square.speak()
    story.at("21:03") >> square.keeper_looks() << alert("The square is silent")
    story.at("21:04") >> square.speak("C1", "C3") >> square.keeper_looks()
    said = {change.subject: story.alert(int(change.subject)).headline.say() for change in story.changes()}
    assert set(said.values()) == {"The square is silent", "Camera C2 is silent"}
    story.at("21:05") >> square.speak() >> square.keeper_looks() << alert("Camera C2 speaks again")


def test_nobody_is_blamed_for_the_time_before_the_watch(story: Story, people: SimpleNamespace, square: Square) -> None:
    """Cameras that were never heard have their full minute after the start, and then are told, each by itself."""
    story.at("21:00:59") >> square.keeper_looks() << nothing_published()
    story.at("21:01:01") >> square.keeper_looks()
    assert [story.alert(int(change.subject)).headline.say() for change in story.changes()] == [
        f"Camera C{number} is silent" for number in (1, 2, 3)
    ]
