"""What each state allows, written out by hand, so that a change of a table shows here; and the drawing of a small one."""

import pytest

from impetus.core.alert import ALERT_LIFECYCLE, AlertState
from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict
from impetus.core.incident import INCIDENT_LIFECYCLE, IncidentState
from impetus.core.lifecycle import Lifecycle

ALLOWED_TO_ALERTS = {
    AlertState.NEW: "repeat worsen acknowledge assess shelve join",
    AlertState.HELD: "repeat worsen undo assess shelve offer join close",
    AlertState.OFFERED: "repeat worsen undo assess accept decline join",
    AlertState.SHELVED: "repeat worsen acknowledge undo shelve wake join",
    AlertState.CLOSED: "repeat worsen undo join reopen",
}
ALLOWED_TO_INCIDENTS = {
    IncidentState.OPEN: "join leave note decide offer close",
    IncidentState.OFFERED: "join leave note decide accept decline",
    IncidentState.CLOSED: "note reopen",
}
SHIFTS = [
    ("new", "acknowledge", "held"),
    ("new", "shelve", "shelved"),
    ("held", "undo", "new"),
    ("held", "offer", "offered"),
    ("held", "close", "closed"),
    ("offered", "undo", "held"),
    ("offered", "accept", "held"),
    ("offered", "decline", "held"),
    ("shelved", "wake", "new"),
    ("shelved", "acknowledge", "held"),
    ("closed", "worsen", "new"),
    ("closed", "reopen", "held"),
    ("closed", "undo", "held"),
]
"""From, event and to of the steps people speak of."""

DOOR = Lifecycle(
    name="door",
    states=("shut", "open"),
    events=("push", "pull"),
    table={
        ("shut", "push"): Step(state="open", effects=(Effect.RECORD,)),
        ("shut", "pull"): "it opens inwards",
        ("open", "push"): "it is open",
        ("open", "pull"): Step(state="shut", effects=(Effect.RECORD, Effect.SHOW)),
    },
)


@pytest.mark.parametrize("state", list(AlertState))
def test_an_alert_in_each_state_allows_what_is_written_above(state: AlertState) -> None:
    """These are the buttons a person has."""
    assert " ".join(ALERT_LIFECYCLE.allowed(state)) == ALLOWED_TO_ALERTS[state]


@pytest.mark.parametrize("state", list(IncidentState))
def test_an_incident_in_each_state_allows_what_is_written_above(state: IncidentState) -> None:
    """A closed incident still takes notes: what was learnt afterwards belongs to it."""
    assert " ".join(INCIDENT_LIFECYCLE.allowed(state)) == ALLOWED_TO_INCIDENTS[state]


@pytest.mark.parametrize(("state", "event", "following"), SHIFTS)
def test_the_steps_people_speak_of_lead_where_they_say(state: str, event: str, following: str) -> None:
    """Taking, handing on, shelving, closing and coming back."""
    assert ALERT_LIFECYCLE.step(state, event).state == following


@pytest.mark.parametrize("state", ["new", "shelved"])
@pytest.mark.parametrize("event", ["close", "offer"])
def test_nobody_closes_or_hands_on_what_nobody_holds(state: str, event: str) -> None:
    """An alert is somebody's before it is done with or given away."""
    with pytest.raises(Conflict, match=r"nobody holds it|take it first"):
        ALERT_LIFECYCLE.step(state, event)


@pytest.mark.parametrize("state", list(AlertState))
def test_only_getting_worse_waking_and_being_asked_make_a_sound(state: AlertState) -> None:
    """Sound is for what needs somebody; an act of the person at the screen makes none."""
    sounding = {
        event for event in ALERT_LIFECYCLE.allowed(state) if Effect.SOUND in ALERT_LIFECYCLE.step(state, event).effects
    }
    assert sounding <= {"worsen", "wake", "offer", "decline", "undo"}
    assert "undo" not in sounding or state is AlertState.SHELVED


def test_shelving_asks_to_be_woken() -> None:
    """What is put aside comes back by itself, from every state in which it can be put aside."""
    for state in (AlertState.NEW, AlertState.HELD, AlertState.SHELVED):
        assert Effect.WAKE_LATER in ALERT_LIFECYCLE.step(state, "shelve").effects


def test_a_refusal_says_the_tables_reason_what_is_allowed_and_what_to_do() -> None:
    """Somebody acted first: the sentence, the value, the limit and the remedy of the error."""
    assert DOOR.step("shut", "push").state == "open"
    with pytest.raises(Conflict) as refusal:
        DOOR.step("shut", "pull")
    assert refusal.value.detail == "door is shut: it opens inwards"
    assert (refusal.value.value, refusal.value.limit) == ("pull", "push")
    assert "somebody may have acted before you" in refusal.value.remedy


@pytest.mark.parametrize(("state", "event"), [("ajar", "push"), ("shut", "kick")])
def test_a_state_or_event_outside_the_table_is_a_bug(state: str, event: str) -> None:
    """It is not refused as a conflict, which a person could do something about: it stops."""
    with pytest.raises(KeyError):
        DOOR.step(state, event)


def test_what_a_state_allows_comes_in_the_order_of_the_events() -> None:
    """Buttons do not change places from one page to the next."""
    assert DOOR.allowed("open") == ("pull",)
    assert ALERT_LIFECYCLE.allowed("held").index("assess") < ALERT_LIFECYCLE.allowed("held").index("close")


def test_the_drawing_of_a_small_table_is_what_a_person_would_draw() -> None:
    """Written out: the beginning, then one arrow for each step and none for what is refused."""
    assert DOOR.mermaid() == ("stateDiagram-v2\n    [*] --> shut\n    shut --> open: push\n    open --> shut: pull")


@pytest.mark.parametrize("table", [ALERT_LIFECYCLE, INCIDENT_LIFECYCLE])
def test_a_drawing_holds_nothing_mermaid_would_misread(table: Lifecycle) -> None:
    """States and events are plain words: no quotes, colons or arrows inside a label."""
    for line in table.mermaid().splitlines()[2:]:
        ends, _, event = line.strip().partition(": ")
        start, arrow, end = ends.split(" ")
        assert arrow == "-->"
        assert all(word.isidentifier() for word in (start, end, event))
