"""What comes from another agency is read whole or refused whole, whatever bytes it is made of."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Malformed, TheirFault, TooLarge
from impetus.core.situation import TaskEvent
from impetus.processes.share_document import LARGEST, read_report, read_share

AT = "2026-03-14T21:00:00+01:00"
LINE = {"number": 4, "at": AT, "event": "note", "text": "they run west"}
SHARE: dict[str, object] = {
    "format": "impetus-share/1",
    "from": "harbour-town",
    "share": 2,
    "incident": 7,
    "title": "Oil",
    "severity": "severe",
    "made": AT,
    "simulated": False,
    "why": "it drifts",
    "timeline": [LINE],
    "tasks": [{"task": 9, "text": "close the beach"}],
}
TASK = {"task": 9, "state": "done", "said": "closed", "said_by": "harbour-town", "at": AT}
REPORT: dict[str, object] = {
    "format": "impetus-share-report/1",
    "from": "harbour-town",
    "share": 2,
    "made": AT,
    "tasks": [TASK],
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


def body(document: dict[str, object], **changes: object) -> bytes:
    """Return a document with these parts changed; None leaves one out."""
    changed = {**document, **changes}
    return json.dumps({name: value for name, value in changed.items() if value is not None}).encode()


def test_a_share_is_read_with_its_lines_and_tasks_in_utc() -> None:
    """Numbers, words and times as they were written over there."""
    shared = read_share(body(SHARE))
    assert (shared.agency, shared.share, shared.incident, shared.severity) == ("harbour-town", 2, 7, "severe")
    assert (shared.lines[0].at.isoformat(), shared.lines[0].text) == ("2026-03-14T20:00:00+00:00", "they run west")
    assert [(task.number, task.text) for task in shared.tasks] == [(9, "close the beach")]


def test_parts_that_were_not_shared_are_empty() -> None:
    """A share of a summary alone has neither lines nor tasks."""
    shared = read_share(body(SHARE, timeline=None, tasks=None))
    assert (shared.lines, shared.tasks) == ((), ())


@pytest.mark.parametrize(
    ("state", "event"),
    [("accepted", TaskEvent.ACCEPT), ("done", TaskEvent.FINISH), ("declined", TaskEvent.DECLINE)],
)
def test_a_report_says_what_became_of_each_task(state: str, event: TaskEvent) -> None:
    """Three things they can say; withdrawing is ours and asking again, too."""
    assert read_report(body(REPORT, tasks=[{**TASK, "state": state}])).tasks[0].event is event


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": "impetus-share/2"}, "format is 'impetus-share/2'"),
        ({"from": ""}, "from is ''"),
        ({"from": "x" * 81}, "from is"),
        ({"from": "tab\there"}, "from is"),
        ({"share": 0}, "share is '0'"),
        ({"share": True}, "share is 'True'"),
        ({"share": 2**53}, "share is"),
        ({"share": "2"}, "share is '2'"),
        ({"severity": "red"}, "severity is 'red'"),
        ({"simulated": "no"}, "simulated is 'no'"),
        ({"made": "2026-03-14T21:00:00"}, "made is"),
        ({"made": "yesterday"}, "made is"),
        ({"made": "0001-01-01T00:00:00+23:59"}, "made is"),
        ({"title": None}, "title is 'None'"),
        ({"timeline": {}}, "timeline is 'dict'"),
        ({"timeline": ["x"]}, "timeline is 'list'"),
        ({"timeline": [{**LINE, "number": -1}]}, "number is '-1'"),
        ({"tasks": [{"task": 9}]}, "text is 'None'"),
    ],
)
def test_what_is_no_share_is_refused_naming_what_is_wrong(changes: dict[str, object], says: str) -> None:
    """The value, the limit, and the remedy; never half of it."""
    with pytest.raises(Malformed, match=says) as refusal:
        read_share(body(SHARE, **changes))
    assert refusal.value.limit
    assert refusal.value.remedy


@pytest.mark.parametrize("state", ["asked", "withdrawn", "", "DONE"])
def test_a_report_says_nothing_else_of_a_task(state: str) -> None:
    """Words that are ours, and words that are nobody's."""
    with pytest.raises(Malformed, match="state is"):
        read_report(body(REPORT, tasks=[{**TASK, "state": state}]))


@pytest.mark.parametrize(
    "many", [{"timeline": [LINE] * 1_001}, {"tasks": [{"task": 9, "text": "x"}] * 101}], ids=["lines", "tasks"]
)
def test_too_much_is_refused(many: dict[str, object]) -> None:
    """More than anybody reads, and more than anybody stores."""
    with pytest.raises(TooLarge):
        read_share(body(SHARE, **many))


def test_a_document_larger_than_the_largest_is_not_even_read() -> None:
    """Its size is looked at first."""
    with pytest.raises(TooLarge, match="bytes"):
        read_report(b" " * (LARGEST + 1))


@pytest.mark.parametrize(
    "text", [b"", b"{", b"[]", b"nothing", b'{"a": NaN}', b"\xff\xfe", b"[" * 50_000, b"9" * 5_000]
)
def test_what_is_no_json_object_is_refused(text: bytes) -> None:
    """Cut, deep, huge numbers, other encodings: one family of refusals."""
    for read in (read_share, read_report):
        with pytest.raises(Malformed):
            read(text)


@given(name=st.sampled_from(sorted({*SHARE, "extra"})), value=JSON)
def test_any_value_in_any_place_is_read_or_refused(name: str, value: object) -> None:
    """Never an error of ours."""
    body_ = json.dumps({**SHARE, name: value}).encode()
    try:
        outcome: object = read_share(body_)
    except TheirFault as refusal:
        outcome = refusal.remedy
    assert outcome


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(noise: bytes) -> None:
    """No noise is a report."""
    with pytest.raises(TheirFault):
        read_report(noise)
