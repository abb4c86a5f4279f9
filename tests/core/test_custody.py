"""A sample's life as a table, and its chain of custody: what was changed, left out or moved shows."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.custody import (
    SAMPLE_LIFECYCLE,
    CustodyEntry,
    FieldSample,
    SampleState,
    digest_of,
    first_break,
)
from impetus.core.errors import Conflict
from impetus.core.ids import ThingKey

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
ALLOWED = {
    SampleState.ASKED: "take tell call_off",
    SampleState.TAKEN: "hand_on receive tell lose",
    SampleState.RECEIVED: "report tell lose",
    SampleState.REPORTED: "report tell",
    SampleState.CALLED_OFF: "",
    SampleState.LOST: "tell",
}


def chain(*said: str) -> tuple[FieldSample, tuple[CustodyEntry, ...]]:
    """Return a sample with a chain of so many links."""
    entries, before = list[CustodyEntry](), ""
    for number, text in enumerate(said, 1):
        bare = CustodyEntry(
            sample=7,
            number=number,
            at=AT + timedelta(minutes=number),
            event="hand_on",
            who="Kari",
            holder="field team",
            place="north steps",
            text=text,
            digest="",
        )
        before = digest_of(bare, before)
        entries.append(replace(bare, digest=before))
    sample = FieldSample(
        id=7,
        version=len(said),
        state=SampleState.TAKEN,
        sampler=ThingKey("air/s1"),
        sampler_name="S1",
        asked_by="Kari",
        at=AT,
        changed_at=AT,
        due_at=AT + timedelta(minutes=30),
        why="high twice",
        entries=len(said),
        head=before,
    )
    return sample, tuple(entries)


@pytest.mark.parametrize("state", list(SampleState))
def test_a_sample_in_each_state_allows_what_is_written_above(state: SampleState) -> None:
    """These are the buttons a person has."""
    assert " ".join(SAMPLE_LIFECYCLE.allowed(state)) == ALLOWED[state]


def test_a_result_before_the_laboratory_has_it_is_refused_with_the_reason() -> None:
    """The table's own sentence."""
    with pytest.raises(Conflict, match="the laboratory has not received it"):
        SAMPLE_LIFECYCLE.step(SampleState.TAKEN, "report")


def test_a_chain_as_it_was_written_holds() -> None:
    """Also one without a link, and one of many."""
    for links in ((), ("a",), ("a", "b", "c")):
        assert first_break(*chain(*links)) is None


@given(
    link=st.integers(0, 3),
    field=st.sampled_from(["who", "holder", "place", "text", "event", "at", "digest"]),
)
def test_a_link_that_was_changed_breaks_the_chain_there(link: int, field: str) -> None:
    """Whatever of it was changed."""
    sample, entries = chain("a", "b", "c", "d")
    changed = AT if field == "at" else "somebody else"
    entries = (*entries[:link], replace(entries[link], **{field: changed}), *entries[link + 1 :])  # type: ignore[arg-type]  # the field's own type
    assert first_break(sample, entries) == link + 1


def test_a_link_left_out_or_added_breaks_the_chain() -> None:
    """In the middle, at the end, and one too many."""
    sample, entries = chain("a", "b", "c")
    assert first_break(sample, (entries[0], entries[2])) == 2
    assert first_break(sample, entries[:2]) == 3
    longer, more = chain("a", "b", "c", "d")
    assert first_break(sample, more) == 5
    assert first_break(replace(longer, head=sample.head), more) == 5


def test_a_link_of_another_sample_does_not_fit() -> None:
    """Even with the same words."""
    sample, entries = chain("a")
    assert first_break(replace(sample, id=8), entries) == 1


def test_a_sample_is_late_until_somebody_takes_it() -> None:
    """From the minute it was wanted by."""
    asked = replace(chain()[0], state=SampleState.ASKED)
    assert not asked.is_late(AT + timedelta(minutes=29))
    assert asked.is_late(AT + timedelta(minutes=30))
    assert not replace(asked, state=SampleState.TAKEN).is_late(AT + timedelta(days=1))
