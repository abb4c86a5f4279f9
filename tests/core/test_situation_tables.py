"""The tables of objectives and tasks against what was written down by hand."""

import pytest

from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict
from impetus.core.lifecycle import Lifecycle
from impetus.core.situation import (
    MOVING,
    OBJECTIVE_LIFECYCLE,
    TASK_LIFECYCLE,
    LinkKind,
    ObjectiveState,
    TaskState,
)

ALLOWED = {
    ("objective", ObjectiveState.OPEN): "meet drop",
    ("objective", ObjectiveState.MET): "reopen",
    ("objective", ObjectiveState.DROPPED): "reopen",
    ("task of another agency", TaskState.ASKED): "accept finish decline withdraw",
    ("task of another agency", TaskState.ACCEPTED): "finish decline withdraw reopen",
    ("task of another agency", TaskState.DONE): "reopen",
    ("task of another agency", TaskState.DECLINED): "accept reopen",
    ("task of another agency", TaskState.WITHDRAWN): "reopen",
}
TABLES = {table.name: table for table in (OBJECTIVE_LIFECYCLE, TASK_LIFECYCLE)}


@pytest.mark.parametrize(("name", "state"), list(ALLOWED))
def test_what_each_state_allows(name: str, state: str) -> None:
    """Written down by hand; a changed table fails here."""
    assert " ".join(TABLES[name].allowed(state)) == ALLOWED[name, state]


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_every_cell_is_filled_and_leads_somewhere_that_is(table: Lifecycle) -> None:
    """A step to a state of the table, recorded and shown; or a sentence that refuses."""
    assert set(table.table) == {(state, event) for state in table.states for event in table.events}
    for (state, event), cell in table.table.items():
        if isinstance(cell, Step):
            assert cell.state in table.states
            assert cell.effects == (Effect.RECORD, Effect.SHOW)
            assert table.step(state, event) == cell
        else:
            with pytest.raises(Conflict, match=cell):
                table.step(state, event)


@pytest.mark.parametrize("table", TABLES.values(), ids=list(TABLES))
def test_everything_begins_open_and_can_be_taken_up_again(table: Lifecycle) -> None:
    """No state is a dead end: people change their minds."""
    reached = {table.states[0]}
    for _ in table.states:
        reached |= {
            cell.state for (state, _), cell in table.table.items() if state in reached and isinstance(cell, Step)
        }
    assert reached == set(table.states)
    for state in table.states[1:]:
        assert any(isinstance(table.table[state, event], Step) and event == "reopen" for event in table.events), state


def test_only_merges_and_splits_move_alerts() -> None:
    """The other kinds say something, and move nothing."""
    assert {LinkKind.MERGE, LinkKind.SPLIT} == MOVING
