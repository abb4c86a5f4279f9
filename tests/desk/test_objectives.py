"""Objectives, sectors, and who holds what: every cell, every refusal, and nobody's thing says so."""

import pytest

from desk.gate_samples import Room, room
from impetus.core.effects import Step
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.ids import AlertId, IncidentId, ObjectiveId, SectorId
from impetus.core.situation import OBJECTIVE_LIFECYCLE, Objective, ObjectiveEvent, ObjectiveState
from impetus.desk import incidents, objectives
from impetus.desk.objectives import MOST_OBJECTIVES, MOST_SECTORS, Held
from impetus.testing.desk import clock_of

ONE = IncidentId(1)
REACH: dict[ObjectiveState, ObjectiveEvent | None] = {
    ObjectiveState.OPEN: None,
    ObjectiveState.MET: ObjectiveEvent.MEET,
    ObjectiveState.DROPPED: ObjectiveEvent.DROP,
}


@pytest.fixture
def house() -> Room:
    """Return a control room with incident 1 of ada's."""
    return room()


def in_state(house: Room, state: ObjectiveState) -> Objective:
    """Return an objective brought into a state."""
    ada = house.people["ada"]
    made = objectives.set_objective(house.desk, ada, ONE, "keep E1 free")
    event = REACH[state]
    return made if event is None else objectives.move_objective(house.desk, ada, ONE, made.id, event, why="so")


def told(house: Room) -> tuple[str, str]:
    """Return event and text of the newest line of the timeline."""
    with house.desk.store.read() as unit:
        entry = unit.incidents.entries(ONE)[-1]
    return str(entry.event), entry.text


@pytest.mark.parametrize("state", ObjectiveState)
@pytest.mark.parametrize("event", ObjectiveEvent)
def test_every_cell_of_an_objective_does_what_the_table_says(
    house: Room, state: ObjectiveState, event: ObjectiveEvent
) -> None:
    """A step is taken and told; a refusal is the table's own sentence, and nothing changed."""
    before, cell = in_state(house, state), OBJECTIVE_LIFECYCLE.table[state, event]
    if isinstance(cell, Step):
        after = objectives.move_objective(house.desk, house.people["sol"], ONE, before.id, event, why="reason")
        assert (after.state, after.changed_by) == (cell.state, "sol")
        assert told(house)[0] == "objective.change"
    else:
        with pytest.raises(Conflict, match=cell):
            objectives.move_objective(house.desk, house.people["sol"], ONE, before.id, event, why="reason")
        assert objectives.situation_view(house.desk, house.people["sol"], ONE).objectives == (before,)


def test_dropping_takes_a_reason_and_meeting_does_not(house: Room) -> None:
    """What was wanted and is no longer wanted is explained."""
    made = in_state(house, ObjectiveState.OPEN)
    with pytest.raises(Malformed, match="the reason is empty"):
        objectives.move_objective(house.desk, house.people["ada"], ONE, made.id, ObjectiveEvent.DROP)
    objectives.move_objective(house.desk, house.people["ada"], ONE, made.id, ObjectiveEvent.MEET)
    assert told(house) == ("objective.change", "Objective met: keep E1 free")
    assert objectives.situation_view(house.desk, house.people["ada"], ONE).open_objectives == ()


def test_an_objective_is_given_to_somebody_and_to_nobody(house: Room) -> None:
    """The board says who sees to it."""
    made = in_state(house, ObjectiveState.OPEN)
    objectives.give_objective(house.desk, house.people["sol"], ONE, made.id, holder="Crew 2")
    assert Held(kind="objective", number=1, what="keep E1 free", holder="Crew 2", since=made.set_at) in board(house)
    objectives.give_objective(house.desk, house.people["sol"], ONE, made.id, holder=" ")
    assert told(house)[1] == "Objective given to nobody: keep E1 free"


def board(house: Room) -> tuple[Held, ...]:
    """Return who holds what."""
    return objectives.who_holds_what(house.desk, house.people["eva"], ONE)


def test_a_sector_is_handed_on_and_who_had_it_stays_on_record(house: Room) -> None:
    """The newest holder holds it, whatever the capitals of its name; the one before is relieved in the same act."""
    sol = house.people["sol"]
    objectives.set_sector(house.desk, sol, ONE, "North", holder="Crew 1", task="hold the steps")
    clock_of(house.desk).advance(60)
    objectives.set_sector(house.desk, sol, ONE, "north", holder="Crew 2")
    assert told(house)[1] == "Sector north: Crew 2, in place of Crew 1"
    assert [each.holder for each in board(house) if each.kind == "sector"] == ["Crew 2"]
    with house.desk.store.read() as unit:
        first = unit.situation.sectors(ONE)[0]
    assert (first.holder, first.given_up_by) == ("Crew 1", "sol")


def test_a_sector_is_given_up_once(house: Room) -> None:
    """Then nobody holds it; a second time says who did."""
    sol = house.people["sol"]
    made = objectives.set_sector(house.desk, sol, ONE, "North", holder="Crew 1")
    objectives.give_up_sector(house.desk, sol, ONE, made.id)
    assert not [each for each in board(house) if each.kind == "sector"]
    with pytest.raises(Conflict, match="sol gave it up at 21:00:00"):
        objectives.give_up_sector(house.desk, sol, ONE, made.id)


def test_the_board_names_owner_and_alerts(house: Room) -> None:
    """Everything somebody has or should have, the incident first; an alert nobody holds has no holder."""
    first, alert = board(house)
    assert (first.kind, first.holder, alert.kind, alert.holder) == ("incident", "ada", "alert", "ada")


@pytest.mark.parametrize(
    ("text", "holder", "says"),
    [("", "", "the objective is empty"), ("x" * 201, "", "201 characters"), ("x", "y" * 81, "81 characters")],
)
def test_words_that_say_nothing_or_too_much_are_refused(house: Room, text: str, holder: str, says: str) -> None:
    """One line on the wall screen."""
    with pytest.raises(Malformed, match=says):
        objectives.set_objective(house.desk, house.people["ada"], ONE, text, holder=holder)


def test_nobody_holds_a_sector_without_a_name(house: Room) -> None:
    """Neither the sector nor its holder is left out."""
    for name, holder in (("", "Crew 1"), ("North", " ")):
        with pytest.raises(Malformed, match="is empty"):
            objectives.set_sector(house.desk, house.people["ada"], ONE, name, holder=holder)


def test_more_than_anybody_holds_in_mind_is_refused(house: Room) -> None:
    """A hundred objectives, two hundred sectors, ended ones too."""
    ada = house.people["ada"]
    made = in_state(house, ObjectiveState.OPEN)
    sector = objectives.set_sector(house.desk, ada, ONE, "N", holder="Crew 1")
    with house.desk.store.write() as unit:
        for _ in range(MOST_OBJECTIVES - 1):
            unit.situation.add_objective(made)
        for _ in range(MOST_SECTORS - 1):
            unit.situation.add_sector(sector)
    with pytest.raises(Malformed, match="100 objectives already"):
        objectives.set_objective(house.desk, ada, ONE, "one more")
    with pytest.raises(Malformed, match="200 sectors already"):
        objectives.set_sector(house.desk, ada, ONE, "S", holder="Crew 1")


def test_another_incidents_things_are_not_found_here(house: Room) -> None:
    """A number of another incident, and one there is none of."""
    ada = house.people["ada"]
    made = in_state(house, ObjectiveState.OPEN)
    sector = objectives.set_sector(house.desk, ada, ONE, "N", holder="Crew 1")
    incidents.leave(house.desk, ada, ONE, AlertId(1))
    two = incidents.open_incident(house.desk, ada, "Other", [AlertId(1)]).id
    for act in (
        lambda: objectives.move_objective(house.desk, ada, two, made.id, ObjectiveEvent.MEET),
        lambda: objectives.give_objective(house.desk, ada, two, ObjectiveId(9), holder="x"),
        lambda: objectives.give_up_sector(house.desk, ada, two, sector.id),
        lambda: objectives.give_up_sector(house.desk, ada, two, SectorId(9)),
    ):
        with pytest.raises(Unknown):
            act()


def test_a_closed_incidents_situation_stands_as_it_was(house: Room) -> None:
    """And who only looks changes none."""
    ada, eva = house.people["ada"], house.people["eva"]
    made = in_state(house, ObjectiveState.OPEN)
    with pytest.raises(Refused):
        objectives.set_objective(house.desk, eva, ONE, "x")
    incidents.close(house.desk, ada, ONE, outcome="over")
    for act in (
        lambda: objectives.set_objective(house.desk, ada, ONE, "x"),
        lambda: objectives.move_objective(house.desk, ada, ONE, made.id, ObjectiveEvent.MEET),
        lambda: objectives.set_sector(house.desk, ada, ONE, "N", holder="Crew 1"),
    ):
        with pytest.raises(Conflict, match="incident 1 is closed"):
            act()
    assert objectives.situation_view(house.desk, ada, ONE).may_write is False
