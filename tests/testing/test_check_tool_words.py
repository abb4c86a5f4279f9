"""What the suite's child says, and how little of it is believed: a tool prints to the same pipe."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as some

from impetus.testing.check_tool import Fault, _note, _Session


def told(*lines: bytes) -> _Session:
    """Return a session after these lines."""
    session = _Session(begun=[], faults=[], digests={})
    for line in lines:
        _note(session, line)
    return session


def word(**parts: object) -> bytes:
    """Return a line as the child writes it."""
    return json.dumps(parts).encode()


def test_a_session_is_what_its_lines_say() -> None:
    """Begun, found, digested, done."""
    session = told(
        word(word="begin", check="speaks"),
        word(word="fault", check="speaks", detail="no finding"),
        word(word="digest", check="speaks", digest="abc"),
        word(word="complete"),
    )
    assert session.begun == ["speaks"]
    assert session.faults == [Fault(check="speaks", detail="no finding")]
    assert session.digests == {"speaks": "abc"}
    assert session.complete


@pytest.mark.parametrize(
    "line",
    [
        b"",
        b"loud at C11",
        b"{",
        b"[]",
        b"3",
        b'"begin"',
        b"null",
        b"{}",
        b'{"word": "applause"}',
        b'{"word": "begin"}',
        b'{"word": "fault", "check": "speaks"}',
        b'{"word": ["begin"], "check": "x"}',
        b"\xff\xfe",
    ],
)
def test_a_line_that_is_none_of_ours_is_left_alone(line: bytes) -> None:
    """What a tool prints changes nothing."""
    assert told(line) == told()


def test_a_session_that_was_not_finished_is_not_complete() -> None:
    """Only the last word makes it so; a child that died never said it."""
    assert not told(word(word="begin", check="speaks")).complete


@given(some.lists(some.binary(max_size=40), max_size=5))
def test_whatever_is_printed_never_stops_the_suite(lines: list[bytes]) -> None:
    """Any bytes at all."""
    assert not told(*lines).complete


@given(some.recursive(some.one_of(some.none(), some.text(max_size=5), some.integers()), some.lists, max_leaves=4))
def test_parts_of_any_type_are_taken_as_text(part: object) -> None:
    """A name or a detail that is no text is written as one."""
    session = told(word(word="fault", check=part, detail=part))
    assert session.faults == [Fault(check=str(part), detail=str(part))]
