"""Warnings by type: an exercise stays one through every follow-up, and the life of a warning refuses what cannot be."""

from dataclasses import FrozenInstanceError, replace
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest

from desk.warning_samples import ENGLISH, content
from impetus.core.effects import Effect
from impetus.core.errors import Conflict, Malformed
from impetus.core.warning import (
    WARNING_LIFECYCLE,
    ActualMessage,
    ExerciseMessage,
    Header,
    Message,
    MessageType,
    Reference,
    Status,
    TestMessage,
    WarningEvent,
    WarningState,
    follow_up,
)
from impetus.desk.warning_step import CLASSES

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)
NAMES_IT = Reference(sender="room@city.example", identifier="city.1", sent=AT)
UPDATE = Header(
    identifier="city.2",
    sender="room@city.example",
    sent=AT + timedelta(minutes=5),
    type=MessageType.UPDATE,
    references=(NAMES_IT,),
)
KINDS = (ActualMessage, ExerciseMessage, TestMessage)
S, E = WarningState, WarningEvent


def of(kind: type[ActualMessage] | type[ExerciseMessage] | type[TestMessage]) -> Message:
    """Return an alert of this type."""
    return kind(header=HEADER, content=content(AT))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("type_", [MessageType.UPDATE, MessageType.CANCEL])
def test_a_follow_up_is_of_the_type_of_what_it_follows(
    kind: type[ActualMessage] | type[ExerciseMessage] | type[TestMessage], type_: MessageType
) -> None:
    """Status is the class: what follows an exercise is an exercise, whatever else is said in it."""
    earlier = of(kind)
    header = replace(UPDATE, type=type_)
    if isinstance(earlier, ActualMessage):
        later: Message = follow_up(earlier, header, content(AT))
    elif isinstance(earlier, ExerciseMessage):
        later = follow_up(earlier, header, content(AT))
    else:
        later = follow_up(earlier, header, content(AT))
    assert type(later) is kind
    assert (later.status, later.header.type) == (earlier.status, type_)


@pytest.mark.parametrize("kind", KINDS)
def test_no_message_has_a_status_that_could_be_set(
    kind: type[ActualMessage] | type[ExerciseMessage] | type[TestMessage],
) -> None:
    """Neither when it is made, nor by copying, nor afterwards."""
    message = of(kind)
    with pytest.raises(TypeError):
        kind(header=HEADER, content=content(AT), status=Status.ACTUAL)  # type: ignore[call-arg]  # what must not be possible
    with pytest.raises((TypeError, ValueError)):
        replace(message, status=Status.ACTUAL)  # type: ignore[call-arg]  # what must not be possible
    with pytest.raises((FrozenInstanceError, AttributeError, TypeError)):
        message.status = Status.ACTUAL  # type: ignore[misc]  # what must not be possible


def test_the_same_words_of_two_statuses_are_two_messages() -> None:
    """They never compare equal, so none can stand in for the other in a set, a cache or a comparison."""
    for one, other in permutations(KINDS, 2):
        assert of(one) != of(other)
        assert of(one) == of(one)


def test_each_status_has_its_one_class() -> None:
    """Three statuses, three classes, each with the other's word."""
    assert {status: kind.status for status, kind in CLASSES.items()} == {status: status for status in Status}
    assert len(set(CLASSES.values())) == len(Status)


@pytest.mark.parametrize(
    ("header", "word"),
    [
        (replace(UPDATE, type=MessageType.ALERT), "is Alert and names city.1"),
        (replace(UPDATE, references=()), "names none"),
        (replace(UPDATE, references=(replace(NAMES_IT, identifier="city.0"),)), "names city.0"),
        (replace(UPDATE, type=MessageType.CANCEL, references=()), "is Cancel and names none"),
    ],
)
def test_a_follow_up_that_does_not_name_what_it_follows_is_refused_whole(header: Header, word: str) -> None:
    """The error says what it names, what it must name, and where to begin."""
    with pytest.raises(Malformed) as refused:
        follow_up(ExerciseMessage(header=HEADER, content=content(AT)), header, content(AT))
    assert word in refused.value.detail
    assert refused.value.value == header.type.value
    assert "reference to city.1" in str(refused.value.limit)
    assert refused.value.remedy == "start from the earlier warning's page"


def test_a_follow_up_may_name_the_whole_chain() -> None:
    """CAP 1.2, section 3.2.1: references are all earlier messages, in any order."""
    other = replace(NAMES_IT, identifier="city.0")
    for references in ((NAMES_IT, other), (other, NAMES_IT)):
        header = replace(UPDATE, references=references)
        assert follow_up(TestMessage(header=HEADER, content=content(AT)), header, content(AT)).header == header


ALLOWED = {
    (S.DRAFT, E.CHANGE): S.DRAFT,
    (S.DRAFT, E.PROPOSE): S.PROPOSED,
    (S.DRAFT, E.DISCARD): S.DISCARDED,
    (S.PROPOSED, E.RETURN): S.DRAFT,
    (S.PROPOSED, E.SEND): S.SENDING,
    (S.SENDING, E.SEND): S.SENDING,
    (S.SENDING, E.RELEASE): S.RELEASED,
    (S.SENDING, E.LOSE): S.UNKNOWN,
    (S.SENDING, E.FAIL): S.FAILED,
    (S.UNKNOWN, E.PROPOSE): S.PROPOSED,
    (S.UNKNOWN, E.RELEASE): S.RELEASED,
    (S.FAILED, E.CHANGE): S.DRAFT,
    (S.FAILED, E.PROPOSE): S.PROPOSED,
    (S.FAILED, E.DISCARD): S.DISCARDED,
}
"""Every step there is, written down by hand; what is not here must be refused."""


@pytest.mark.parametrize("state", S)
@pytest.mark.parametrize("event", E)
def test_each_cell_of_the_table_is_as_written_down(state: WarningState, event: WarningEvent) -> None:
    """Seven states times eight events: fourteen lead somewhere, the rest say why not."""
    if (state, event) in ALLOWED:
        assert WARNING_LIFECYCLE.step(state, event).state is ALLOWED[state, event]
        return
    with pytest.raises(Conflict) as refused:
        WARNING_LIFECYCLE.step(state, event)
    assert refused.value.detail


def test_nothing_leads_to_the_gateway_but_a_proposal() -> None:
    """Sending begins in `proposed` alone: no path from a draft avoids the two people."""
    assert {state for (state, event), then in ALLOWED.items() if event is E.SEND} == {S.PROPOSED, S.SENDING}
    assert {state for (state, _), then in ALLOWED.items() if then is S.SENDING} == {S.PROPOSED, S.SENDING}
    assert {state for (state, _), then in ALLOWED.items() if then is S.RELEASED} == {S.SENDING, S.UNKNOWN}


def test_what_is_over_stays_over() -> None:
    """A released or discarded warning has no event of its own; it is followed by another."""
    for state in (S.RELEASED, S.DISCARDED):
        assert not [event for (before, event) in ALLOWED if before is state]


def test_people_hear_what_they_must_act_on() -> None:
    """Asking, releasing, failing and not knowing sound; typing does not."""
    loud = {event for (state, event) in ALLOWED if Effect.SOUND in WARNING_LIFECYCLE.step(state, event).effects}
    assert loud == {E.PROPOSE, E.RELEASE, E.LOSE, E.FAIL}
    assert Effect.SOUND not in WARNING_LIFECYCLE.step(S.DRAFT, E.CHANGE).effects


def test_every_step_is_recorded_and_shown() -> None:
    """Nothing of a warning's life happens beside the timeline."""
    for state, event in ALLOWED:
        assert {Effect.RECORD, Effect.SHOW} <= set(WARNING_LIFECYCLE.step(state, event).effects)


def test_words_of_a_warning_cannot_be_changed_in_place() -> None:
    """What two people agreed to is what stays in memory, too."""
    with pytest.raises((FrozenInstanceError, AttributeError)):
        ENGLISH.headline = "Stay"  # type: ignore[misc]  # what must not be possible
