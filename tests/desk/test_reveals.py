"""Reveals through the desk: every act in every state, two persons, one thing at a time, told to everybody, logged."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pytest

from desk.media_room import CAMERA, WHY, Room
from impetus.core.actor import Actor, Role, console
from impetus.core.effects import Step
from impetus.core.errors import Conflict, ImpetusError, Malformed, Refused, Unknown
from impetus.core.evidence import EvidenceRecord
from impetus.core.ids import EvidenceId, FindingKey, IncidentId
from impetus.core.log_record import Outcome
from impetus.core.reveal import REVEAL_LIFECYCLE, RevealEvent, RevealState
from impetus.desk import incidents, reveals
from impetus.desk.context import Desk
from impetus.testing.journal import MemoryJournal

WAYS: Mapping[RevealState, tuple[str, ...]] = {
    RevealState.ASKED: (),
    RevealState.APPROVED: ("approve",),
    RevealState.OPEN: ("approve", "open"),
    RevealState.CLOSED: ("approve", "open", "close"),
    RevealState.DECLINED: ("decline",),
    RevealState.EXPIRED: ("wait",),
}
ACTS: Mapping[str, Callable[[Desk, Room, int], object]] = {
    "approve": lambda desk, room, number: reveals.approve(desk, room.who("sol"), number),
    "decline": lambda desk, room, number: reveals.decline(desk, room.who("sol"), number, why="no"),
    "open": lambda desk, room, number: reveals.open_(desk, room.who("kari"), number),
    "close": lambda desk, room, number: reveals.close(desk, room.who("bo"), number, why="done"),
    "wait": lambda _, room, __: room.later(hours=1),
}
CELLS = [(state, event) for state in RevealState for event in RevealEvent if event is not RevealEvent.EXPIRE]


def in_state(state: RevealState) -> Room:
    """Return a room whose reveal 1 is in a state."""
    room = Room()
    room.asked()
    for act in WAYS[state]:
        ACTS[act](room.desk, room, 1)
    reveals.expire_due(room.desk)
    assert room.stored().state is state
    return room


@pytest.mark.parametrize(("state", "event"), CELLS)
def test_every_act_in_every_state_is_as_the_table_says(state: RevealState, event: RevealEvent) -> None:
    """Allowed acts change the state and tell the timeline; refused ones change nothing at all."""
    room = in_state(state)
    before, told = room.stored(), room.timeline()
    cell = REVEAL_LIFECYCLE.table[state, event]
    if isinstance(cell, Step):
        ACTS[event](room.desk, room, 1)
        assert room.stored().state == cell.state
        assert room.timeline()[-1][0] == f"reveal.{event}"
    else:
        with pytest.raises(Conflict, match=cell):
            ACTS[event](room.desk, room, 1)
        assert (room.stored(), room.timeline()) == (before, told)


def test_a_reveal_from_first_to_last_is_told_with_names_and_times() -> None:
    """Asked by one, approved by another, open for ten minutes, closed by a third, with the reason all along."""
    room = Room()
    room.opened()
    room.later(minutes=4)
    reveals.close(room.desk, room.who("bo"), 1, why="situation over")
    found = room.stored()
    assert (found.asked_by, found.approved_by, found.ended_by, found.why) == ("kari", "sol", "bo", WHY)
    assert found.opened_at is not None
    assert found.ended_at is not None
    assert (found.ended_at - found.opened_at).total_seconds() == 240
    assert room.timeline() == [
        ("reveal.ask", "kari"),
        ("reveal.approve", "sol"),
        ("reveal.open", "kari"),
        ("reveal.close", "bo"),
    ]


@pytest.mark.parametrize("act", ["approve", "decline"])
def test_nobody_answers_what_they_asked(act: str) -> None:
    """A supervisor who asked needs another supervisor or the officer; the refusal changes nothing."""
    room = Room()
    room.asked("sol")
    with pytest.raises(Refused, match="cannot approve"):
        ACTS[act](room.desk, room, 1)
    assert room.stored().state is RevealState.ASKED
    assert reveals.approve(room.desk, room.who("dag"), 1).approved_by == "dag"


@pytest.mark.parametrize("name", ["bo", "per", "ane"])
def test_who_may_not_approve_does_not(name: str) -> None:
    """Operators, security staff and analysts are no second person."""
    room = Room()
    room.asked()
    with pytest.raises(Refused):
        reveals.approve(room.desk, room.who(name), 1)
    assert room.stored().state is RevealState.ASKED


@pytest.mark.parametrize(
    "actor",
    [
        console(),
        Actor(name="a program", role=Role.SERVICE, operations=frozenset({"reveals.ask", "reveals.approve"})),
        Actor(name="nameless", role=Role.SUPERVISOR),
    ],
)
def test_what_is_no_person_neither_asks_nor_approves(actor: Actor) -> None:
    """The console, tokens and anybody without an account are refused both."""
    room = Room()
    room.asked()
    with pytest.raises(Refused):
        reveals.ask(room.desk, actor, "camera:c12", room.incident, why=WHY, minutes=5)
    with pytest.raises(Refused):
        reveals.approve(room.desk, actor, 1)


def test_only_the_one_who_asked_opens() -> None:
    """The approver does not get the picture by approving."""
    room = Room()
    room.approved()
    with pytest.raises(Conflict, match="kari asked"):
        reveals.open_(room.desk, room.who("sol"), 1)


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"why": "  "}, Malformed),
        ({"minutes": 0}, Malformed),
        ({"minutes": 31}, Malformed),
        ({"subject": "camera:*"}, Malformed),
        ({"subject": "camera:c99"}, Unknown),
        ({"subject": "evidence:nothing"}, Unknown),
        ({"recipient": "x" * 101}, Malformed),
        ({"incident": IncidentId(99)}, ImpetusError),
    ],
)
def test_a_request_without_reason_limit_or_object_is_refused(
    changes: dict[str, object], error: type[ImpetusError]
) -> None:
    """And nothing of it is kept."""
    room = Room()
    fields = {"subject": CAMERA, "incident": room.incident, "why": WHY, "minutes": 10, **changes}
    with pytest.raises(error):
        reveals.ask(room.desk, room.who("kari"), **fields)  # type: ignore[arg-type]  # a test names the field it means
    assert reveals.reveals(room.desk, room.who("sol")) == ()


def test_a_closed_incident_is_no_reason() -> None:
    """Without an open case nobody looks."""
    room = Room()
    incidents.close(room.desk, room.who("kari"), room.incident, outcome="over")
    with pytest.raises((Conflict, Refused)):
        room.asked()


def test_evidence_that_exists_can_be_asked_for() -> None:
    """One piece, by its id."""
    room = Room()
    record = EvidenceRecord(
        id=EvidenceId("e-1"), finding=FindingKey("gun"), media_type="image/png", bytes_=1, stored_at=room.clock.now()
    )
    with room.desk.store.write() as unit:
        unit.evidence.add(record)
    assert room.asked(subject="evidence:e-1").state is RevealState.ASKED


def test_one_person_asks_for_one_thing_once_at_a_time() -> None:
    """A second request waits for the first; another person's, or another camera's, does not."""
    room = Room()
    room.asked()
    with pytest.raises(Conflict, match="already"):
        room.asked()
    assert room.asked("bo").id != room.asked(subject="camera:c12").id
    room.later(minutes=20)
    assert room.asked().state is RevealState.ASKED


def test_an_unanswered_request_ends_by_itself() -> None:
    """After a quarter of an hour it cannot be approved any more, swept or not."""
    room = Room()
    room.asked()
    room.later(minutes=15)
    with pytest.raises(Conflict, match="time is over"):
        reveals.approve(room.desk, room.who("sol"), 1)
    assert reveals.expire_due(room.desk) == 1
    assert reveals.expire_due(room.desk) == 0
    assert room.stored().state is RevealState.EXPIRED
    assert room.timeline()[-1] == ("reveal.expire", "platform:reveals")


def test_an_approval_nobody_used_ends_by_itself() -> None:
    """A quarter of an hour after it was given."""
    room = Room()
    room.asked()
    room.later(minutes=14)
    reveals.approve(room.desk, room.who("sol"), 1)
    room.later(minutes=14)
    assert room.stored().state is RevealState.APPROVED
    assert reveals.expire_due(room.desk) == 0
    room.later(minutes=1)
    with pytest.raises(Conflict, match="time is over"):
        reveals.open_(room.desk, room.who("kari"), 1)


def test_an_open_reveal_ends_on_time_and_lists_say_so_at_once() -> None:
    """Nobody needs to sweep for a list to say expired."""
    room = Room()
    room.opened()
    room.later(minutes=9, seconds=59)
    assert [each.state for each in reveals.reveals(room.desk, room.who("bo"), open_only=True)] == ["open"]
    room.later(seconds=1)
    assert reveals.reveals(room.desk, room.who("bo"), open_only=True) == ()
    assert [each.state for each in reveals.reveals(room.desk, room.who("bo"))] == ["expired"]


@pytest.mark.parametrize("hours", [-1, 1, 24 * 365, -24 * 365])
def test_a_clock_that_jumps_either_way_ends_it(hours: int) -> None:
    """Forward its time is over; backward it could be won back, so it ends too."""
    room = Room()
    room.opened()
    room.later(hours=hours)
    assert reveals.reveals(room.desk, room.who("bo"), open_only=True) == ()
    assert reveals.expire_due(room.desk) == 1
    room.later(hours=-hours)
    assert reveals.reveals(room.desk, room.who("bo"), open_only=True) == ()


def test_two_approvers_at_once_approve_once() -> None:
    """One of them is told that the other was faster; the timeline has one approval."""
    room = Room()
    room.asked()

    def approve(name: str) -> str:
        try:
            return str(reveals.approve(room.desk, room.who(name), 1).approved_by)
        except Conflict as refusal:
            return refusal.detail

    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(approve, ["sol", "ida", "dag"]))
    winner = room.stored().approved_by
    assert answers.count(str(winner)) == 1
    assert sum("approved already" in answer for answer in answers) == 2
    assert [event for event, _ in room.timeline()].count("reveal.approve") == 1


def test_who_acts_on_an_old_page_is_told() -> None:
    """A version that is past refuses, and one that never was too."""
    room = Room()
    asked = room.asked()
    reveals.close(room.desk, room.who("kari"), 1)
    with pytest.raises(Conflict, match="changed since"):
        reveals.approve(room.desk, room.who("sol"), 1, version=asked.version)


def test_each_step_is_in_the_log_with_case_reason_and_recipient() -> None:
    """The log's lines carry what article 25 asks for, about the camera, never about a person."""
    room = Room()
    asked = reveals.ask(
        room.desk, room.who("kari"), CAMERA, room.incident, why=WHY, minutes=10, recipient="police, control room"
    )
    reveals.approve(room.desk, room.who("sol"), asked.id)
    reveals.open_(room.desk, room.who("kari"), asked.id)
    assert isinstance(room.desk.journal, MemoryJournal)
    lines = [
        each for each in room.desk.journal.records if each.act.startswith("reveal.") and each.outcome is Outcome.DONE
    ]
    assert [(line.act, line.who) for line in lines] == [
        ("reveal.ask", "kari"),
        ("reveal.approve", "sol"),
        ("reveal.open", "kari"),
    ]
    assert {(line.subject, line.case, line.why, line.recipient) for line in lines} == {
        (CAMERA, str(room.incident), WHY, "police, control room")
    }


def test_everybody_on_the_incident_hears_of_each_step() -> None:
    """Each step is a change of the incident for open screens; the approval asks for attention."""
    room = Room()
    with room.desk.store.read() as unit:
        before = unit.outbox.newest()
    room.opened()
    with room.desk.store.read() as unit:
        changes = unit.outbox.after(before)
    assert [(change.kind, change.facts["sound"]) for change in changes] == [
        ("incident", False),
        ("incident", True),
        ("incident", False),
    ]


def test_who_may_not_read_reveals_does_not() -> None:
    """Analysts see neither requests nor reasons."""
    room = Room()
    room.asked()
    with pytest.raises(Refused):
        reveals.reveals(room.desk, room.who("ane"))
    assert len(reveals.reveals(room.desk, room.who("dag"))) == 1


def test_the_reveals_of_one_incident_are_listed_alone() -> None:
    """An incident's page shows its own."""
    room = Room()
    room.asked()
    assert len(reveals.reveals(room.desk, room.who("kari"), incident=room.incident)) == 1
    assert reveals.reveals(room.desk, room.who("kari"), incident=IncidentId(2)) == ()
