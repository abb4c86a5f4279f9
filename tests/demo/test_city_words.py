"""The demonstration's devices, command by command: what they show, refuse, clear, and what they pass over."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from impetus.demo.city_systems import DEVICES, MOST_WORDS, City

NOW = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
END = (NOW + timedelta(minutes=10)).isoformat()


class Moved:
    """A city and the clock it reads."""

    def __init__(self) -> None:
        """Begin at nine in the evening."""
        self.at = NOW
        self.city = City(now=lambda: self.at)

    def say(self, device: str = "sign-ne", **command: object) -> dict[str, str] | None:
        """Send a command."""
        return self.city.take(device, json.dumps({"do": "set", "key": "k1", **command}).encode())


def test_a_command_is_answered_with_what_is_shown_then() -> None:
    """The key of the command, what was done, and the device's own face."""
    moved = Moved()
    assert moved.say(words="leave by E2", until=END) == {
        "key": "k1",
        "words": "leave by E2",
        "answers": "k1",
        "did": "set",
    }
    assert moved.say(do="clear") == {"key": "", "words": "", "answers": "k1", "did": "clear"}
    assert moved.say(do="clear") == {"key": "", "words": "", "answers": "k1", "did": "clear"}


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ({"words": "x"}, "no end is named"),
        ({"words": "x", "until": None}, "no end is named"),
        ({"words": "x", "until": "soon"}, "no end is named"),
        ({"words": "x", "until": "2026-03-14T22:00:00"}, "no end is named"),
        ({"words": "x", "until": NOW.isoformat()}, "too late: its end is over"),
        ({"words": "x", "until": "2020-01-01T00:00:00+00:00"}, "too late: its end is over"),
        ({"until": END}, "too long, or empty"),
        ({"words": "", "until": END}, "too long, or empty"),
        ({"words": "x" * (MOST_WORDS + 1), "until": END}, "too long, or empty"),
    ],
)
def test_a_refused_command_says_why_and_changes_nothing(command: dict[str, object], why: str) -> None:
    """What was shown before stays."""
    moved = Moved()
    moved.say(key="before", words="stay", until=END)
    answer = moved.say(**command)
    assert answer is not None
    assert (answer["refused"], answer["key"], answer["words"], answer["answers"]) == (why, "before", "stay", "k1")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"7",
        b'"set"',
        b"null",
        b'{"do": "set"}',
        b'{"key": "k"}',
        b'{"do": "explode", "key": "k"}',
        b"\xff",
    ],
)
def test_what_is_no_command_is_passed_over(body: bytes) -> None:
    """No answer, no change, no end of the device."""
    moved = Moved()
    assert moved.city.take("sign-ne", body) is None
    assert all(face.key == "" for face in moved.city.faces.values())


def test_a_device_that_is_not_there_answers_nothing() -> None:
    """And each of the four is one of its own."""
    moved = Moved()
    assert moved.say("sign-xx", words="x", until=END) is None
    moved.say("sign-ne", words="x", until=END)
    assert [device.id for device in DEVICES if moved.city.state(device.id)["words"]] == ["sign-ne"]


def test_what_was_set_ends_by_itself_at_its_moment_and_not_before() -> None:
    """By the second; each device for itself; twice asked, once told."""
    moved = Moved()
    moved.say("sign-ne", words="x", until=END)
    moved.say("sign-se", words="y", until=(NOW + timedelta(minutes=20)).isoformat())
    moved.at = NOW + timedelta(minutes=10) - timedelta(seconds=1)
    assert moved.city.expire() == []
    moved.at = NOW + timedelta(minutes=10)
    assert (moved.city.expire(), moved.city.expire()) == (["sign-ne"], [])
    assert moved.city.state("sign-se") == {"key": "k1", "words": "y"}


def test_a_newer_command_takes_the_older_ones_place_and_the_older_clears_it_no_more() -> None:
    """Only who is shown is cleared."""
    moved = Moved()
    moved.say(key="k1", words="x", until=END)
    moved.say(key="k2", words="y", until=END)
    answer = moved.say(key="k1", do="clear")
    assert answer is not None
    assert (answer["key"], answer["words"]) == ("k2", "y")
