"""Every act on an incident in every state, and on every old page: as the table says, told once, refused by name."""

from collections.abc import Callable, Mapping

import pytest

from desk.samples import AT, fuse, person, seen
from impetus.core.actor import Actor, Role
from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import AlertId, IncidentId
from impetus.core.incident import INCIDENT_LIFECYCLE, Incident, IncidentEvent, IncidentState
from impetus.desk import decide, incidents
from impetus.desk.context import Desk
from impetus.ports import Change
from impetus.testing.desk import clock_of, memory_desk

NUMBER = IncidentId(1)
Acting = Callable[..., object]

WAYS: Mapping[IncidentState, tuple[str, ...]] = {
    IncidentState.OPEN: (),
    IncidentState.OFFERED: ("offer",),
    IncidentState.CLOSED: ("close",),
}
ACTS: Mapping[str, Acting] = {
    "join": lambda desk, who, **seen: incidents.join(desk, who, NUMBER, AlertId(2), why="the same crowd", **seen),
    "leave": lambda desk, who, **seen: incidents.leave(desk, who, NUMBER, AlertId(1), why="another one", **seen),
    "note": lambda desk, who: incidents.note(desk, who, NUMBER, "people wait"),
    "decide": lambda desk, who: decide.decide(
        desk, who, NUMBER, seen="full", options=("wait", "go"), choice="go", reason="it is full"
    ),
    "offer": lambda desk, who, **seen: incidents.offer(desk, who, NUMBER, to="bo", why="my shift ends", **seen),
    "accept": lambda desk, who, **seen: incidents.accept(desk, who, NUMBER, **seen),
    "decline": lambda desk, who, **seen: incidents.decline(desk, who, NUMBER, why="full hands", **seen),
    "close": lambda desk, who, **seen: incidents.close(desk, who, NUMBER, outcome="dispersed", **seen),
    "reopen": lambda desk, who, **seen: incidents.reopen(desk, who, NUMBER, why="they are back", **seen),
}
WORDS = {
    "join": "the same crowd",
    "leave": "another one",
    "note": "people wait",
    "decide": "go",
    "offer": "my shift ends",
    "accept": "",
    "decline": "full hands",
    "close": "dispersed",
    "reopen": "they are back",
}
CELLS = [(state, event) for state in IncidentState for event in ACTS]
ALLOWED = [cell for cell in CELLS if isinstance(INCIDENT_LIFECYCLE.table[cell[0], IncidentEvent(cell[1])], Step)]
REFUSED = [cell for cell in CELLS if cell not in ALLOWED]
VERSIONED = sorted(ACTS.keys() - {"note", "decide"})


class Room:
    """A desk with an incident in a state: sol's, a supervisor's, with bo as the one who is asked."""

    def __init__(self, state: IncidentState = IncidentState.OPEN) -> None:
        self.desk: Desk = memory_desk(AT)
        fuse(self.desk, seen("a"), seen("b", subject="zone:north"))
        self.sol = person(self.desk, "sol", Role.SUPERVISOR)
        self.bo = person(self.desk, "bo", Role.OPERATOR)
        incidents.open_incident(self.desk, self.sol, "Crowd", [AlertId(1)])
        for way in WAYS[state]:
            ACTS[way](self.desk, self.sol)
        with self.desk.store.read() as unit:
            self.mark = unit.outbox.newest()

    def act(self, event: str, **seen_version: int) -> Actor:
        """Let whoever would do it do it: bo answers, sol does the rest."""
        who = self.bo if event in ("accept", "decline") else self.sol
        ACTS[event](self.desk, who, **seen_version)
        return who

    def incident(self) -> Incident:
        """Return the incident as stored."""
        with self.desk.store.read() as unit:
            return unit.incidents.get(NUMBER)

    def told(self) -> list[Change]:
        """Return what the screens were told of incidents."""
        with self.desk.store.read() as unit:
            return [change for change in unit.outbox.after(self.mark) if change.kind == "incident"]


def step_of(state: IncidentState, event: str) -> Step:
    """Return what the table says comes of it."""
    cell = INCIDENT_LIFECYCLE.table[state, IncidentEvent(event)]
    assert isinstance(cell, Step)
    return cell


@pytest.mark.parametrize(("state", "event"), ALLOWED)
def test_what_the_table_allows_happens_is_written_and_told_once(state: IncidentState, event: str) -> None:
    """The state and the owner after; one line with who, when, words; one change with the version."""
    room = Room(state)
    before = room.incident()
    who = room.act(event)
    after, step = room.incident(), step_of(state, event)
    assert (after.state, after.version) == (step.state, before.version + 1)
    assert after.owner == (who.name if Effect.TAKE in step.effects else before.owner)
    with room.desk.store.read() as unit:
        entry = unit.incidents.entries(NUMBER)[-1]
    assert (entry.event, entry.who, entry.at, entry.text) == (event, who.name, AT, WORDS[event])
    assert entry.detail["version"] == after.version
    (change,) = room.told()
    assert (change.subject, change.facts["state"], change.facts["version"]) == ("1", after.state, after.version)
    assert change.facts["sound"] is (Effect.SOUND in step.effects)


@pytest.mark.parametrize(("state", "event"), REFUSED)
def test_what_the_table_refuses_changes_nothing_and_names_who_was_last(state: IncidentState, event: str) -> None:
    """The table's own sentence, who acted last, what would be allowed; and the screens hear nothing."""
    room = Room(state)
    before = room.incident()
    with pytest.raises(Conflict) as refusal:
        room.act(event)
    cell = INCIDENT_LIFECYCLE.table[state, IncidentEvent(event)]
    assert isinstance(cell, str)
    assert cell in refusal.value.detail
    assert "(sol: " in refusal.value.detail
    assert (room.incident(), room.told()) == (before, [])


@pytest.mark.parametrize("event", VERSIONED)
def test_an_act_on_an_old_page_names_who_was_first(event: str) -> None:
    """Somebody else joined an alert meanwhile: whatever was clicked is refused with who, what and when."""
    room = Room(IncidentState.OFFERED if event in ("accept", "decline") else IncidentState.OPEN)
    version = room.incident().version
    clock_of(room.desk).advance(65)
    ada = person(room.desk, "ada", Role.OPERATOR)
    fuse(room.desk, seen("c", subject="zone:east"))
    incidents.join(room.desk, ada, NUMBER, AlertId(3))
    with pytest.raises(Conflict, match=r"changed since you saw it \(ada: join at 21:01:05\)") as refusal:
        room.act(event, version=version)
    assert (refusal.value.value, refusal.value.limit) == (version, version + 1)


@pytest.mark.parametrize("event", VERSIONED)
def test_notes_on_an_old_page_stand_in_nobodys_way(event: str) -> None:
    """Notes raise the version and change nothing that was seen."""
    state = {"reopen": IncidentState.CLOSED, "accept": IncidentState.OFFERED, "decline": IncidentState.OFFERED}
    room = Room(state.get(event, IncidentState.OPEN))
    version = room.incident().version
    for number in range(3):
        incidents.note(room.desk, room.bo, NUMBER, f"note {number}")
    room.act(event, version=version)
    assert room.incident().version == version + 4


@pytest.mark.parametrize("event", VERSIONED)
def test_the_page_as_it_is_now_is_current(event: str) -> None:
    """The version that was just read is taken."""
    state = {"reopen": IncidentState.CLOSED, "accept": IncidentState.OFFERED, "decline": IncidentState.OFFERED}
    room = Room(state.get(event, IncidentState.OPEN))
    version = room.incident().version
    room.act(event, version=version)
    assert room.incident().version == version + 1


@pytest.mark.parametrize("event", ["note", "close", "reopen"])
@pytest.mark.parametrize("text", ["", " \t\n", "x" * 2_001], ids=["empty", "space", "too long"])
def test_words_that_are_needed_are_asked_for(event: str, text: str) -> None:
    """A note, an outcome and a reason to reopen: some words, and not more than a page."""
    room = Room(IncidentState.CLOSED if event == "reopen" else IncidentState.OPEN)
    acts: Mapping[str, Acting] = {
        "note": lambda: incidents.note(room.desk, room.sol, NUMBER, text),
        "close": lambda: incidents.close(room.desk, room.sol, NUMBER, outcome=text),
        "reopen": lambda: incidents.reopen(room.desk, room.sol, NUMBER, why=text),
    }
    with pytest.raises(Malformed) as refusal:
        acts[event]()
    assert refusal.value.limit
    assert room.told() == []


@pytest.mark.parametrize("event", sorted(ACTS))
def test_what_does_not_exist_is_unknown_to_every_act(event: str) -> None:
    """A number nobody gave, on a desk without incidents."""
    desk = memory_desk(AT)
    fuse(desk, seen("a"), seen("b", subject="zone:north"))
    with pytest.raises(Unknown):
        ACTS[event](desk, person(desk, "sol", Role.SUPERVISOR))


def test_reopening_takes_the_end_away_and_the_timeline_keeps_it() -> None:
    """No outcome and no end any more, but the line that said them stands."""
    room = Room(IncidentState.CLOSED)
    room.act("reopen")
    found = room.incident()
    assert (found.outcome, found.closed_at) == ("", None)
    with room.desk.store.read() as unit:
        assert [(entry.event, entry.text) for entry in unit.incidents.entries(NUMBER)][-2:] == [
            ("close", "dispersed"),
            ("reopen", "they are back"),
        ]
