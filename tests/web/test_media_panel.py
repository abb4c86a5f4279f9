"""What a page offers is what the desk accepts: for every state, every person and every act."""

import itertools
from collections.abc import Callable, Mapping

import pytest

from desk.media_room import ROLES, Room
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.reveal import Reveal, RevealState
from impetus.desk import reveals
from impetus.ethics.guard import Operation, may
from impetus.web.media_panel import panel_of, rows

WAYS: Mapping[RevealState, tuple[str, ...]] = {
    RevealState.ASKED: (),
    RevealState.APPROVED: ("approve",),
    RevealState.OPEN: ("approve", "open"),
    RevealState.CLOSED: ("close",),
    RevealState.DECLINED: ("decline",),
}
ACTS: Mapping[str, Callable[[Room, str], Reveal]] = {
    "approve": lambda room, name: reveals.approve(room.desk, room.who(name), 1),
    "decline": lambda room, name: reveals.decline(room.desk, room.who(name), 1, why="no"),
    "open": lambda room, name: reveals.open_(room.desk, room.who(name), 1),
    "close": lambda room, name: reveals.close(room.desk, room.who(name), 1),
}
SECOND = {"open": "kari", "close": "kari"}
CASES = list(itertools.product(WAYS, ROLES, ACTS))


@pytest.mark.parametrize(("state", "name", "act"), CASES)
def test_an_act_that_is_offered_is_accepted(state: RevealState, name: str, act: str) -> None:
    """And one that would be refused is not offered, but for closing, which anybody may do by address for another."""
    room = Room()
    room.asked("kari")
    for step in WAYS[state]:
        ACTS[step](room, SECOND.get(step, "sol"))
    offered = rows(room.who(name), [room.stored()])[0].may
    try:
        ACTS[act](room, name)
        accepted = True
    except (Conflict, Refused, Malformed):
        accepted = False
    assert accepted or act not in offered
    assert act in offered or not accepted or act == "close"


def test_the_nearest_cameras_stand_beside_an_incident() -> None:
    """At most three; and who may not look at cameras gets none, but sees who does."""
    room = Room()
    for number in range(5):
        room.media.show(f"c{number}")
    room.asked()
    with room.desk.store.read() as unit:
        incident = unit.incidents.get(room.incident)
    mine = panel_of(room.desk, room.who("kari"), incident)
    assert len(mine.cameras) == 3
    assert [row.name for row in mine.reveals] == ["C14"]
    officers = panel_of(room.desk, room.who("dag"), incident)
    assert officers.cameras == ()
    assert len(officers.reveals) == 1
    assert panel_of(room.desk, room.who("ane"), incident).reveals == ()
    assert not may(room.who("ane"), Operation.REVEALS_READ)


def test_a_row_names_its_thing_and_leads_to_it() -> None:
    """A camera by its name, evidence by the beginning of its id; each to its page, with the incident."""
    room = Room()
    row = rows(room.who("kari"), [room.asked()])[0]
    assert (row.name, row.page) == ("C14", f"/cameras/c14?incident={room.incident}")
    from dataclasses import replace

    evidence = replace(room.stored(), subject="evidence:0123456789abcdef")
    row = rows(room.who("kari"), [evidence])[0]
    assert (row.name, row.page) == ("0123456789ab…", f"/evidence/0123456789abcdef?incident={room.incident}")
