"""Every cell of every lifecycle table: it steps, or it refuses with a sentence; nothing is decided by omission."""

from itertools import product

import pytest

from impetus.core.alert import ALERT_LIFECYCLE, AlertEvent, AlertState
from impetus.core.effects import Effect, Step
from impetus.core.errors import Conflict
from impetus.core.incident import INCIDENT_LIFECYCLE, IncidentEvent, IncidentState
from impetus.core.lifecycle import Lifecycle
from impetus.core.stop import STOP_LIFECYCLE

TABLES = (ALERT_LIFECYCLE, INCIDENT_LIFECYCLE, STOP_LIFECYCLE)
CELLS = [(table, state, event) for table in TABLES for state, event in product(table.states, table.events)]


def _name(value: object) -> str | None:
    return value.name if isinstance(value, Lifecycle) else None


def _reachable(table: Lifecycle, start: str) -> set[str]:
    found, waiting = {start}, [start]
    while waiting:
        state = waiting.pop()
        for event in table.allowed(state):
            following = table.step(state, event).state
            if following not in found:
                found.add(following)
                waiting.append(following)
    return found


@pytest.mark.parametrize(("table", "state", "event"), CELLS, ids=_name)
def test_each_cell_steps_to_a_known_state_or_refuses_with_a_sentence(table: Lifecycle, state: str, event: str) -> None:
    """A step leads to a state of the table with effects that exist; a refusal says why and what would be allowed."""
    cell = table.table[state, event]
    if isinstance(cell, Step):
        outcome = table.step(state, event)
        assert outcome.state in table.states
        assert outcome.effects
        assert set(outcome.effects) <= set(Effect)
        assert len(set(outcome.effects)) == len(outcome.effects)
        return
    with pytest.raises(Conflict) as refusal:
        table.step(state, event)
    assert len(cell.split()) >= 3, "a reason is a sentence"
    assert refusal.value.detail == f"{table.name} is {state}: {cell}"
    assert refusal.value.limit == ", ".join(table.allowed(state))
    assert refusal.value.remedy


@pytest.mark.parametrize("table", TABLES, ids=_name)
def test_tables_hold_exactly_their_cells(table: Lifecycle) -> None:
    """No cell is missing, and none is there that no state or event names."""
    assert set(table.table) == set(product(table.states, table.events))


@pytest.mark.parametrize("table", TABLES, ids=_name)
def test_every_state_is_reached_and_left(table: Lifecycle) -> None:
    """Everything begins in the first state, every state can come, and from each one everything can still be reached."""
    assert _reachable(table, table.states[0]) == set(table.states)
    for state in table.states:
        assert _reachable(table, state) == set(table.states), f"{table.name} is stuck in {state}"


@pytest.mark.parametrize("event", list(AlertEvent))
def test_every_event_of_an_alert_can_happen_somewhere(event: AlertEvent) -> None:
    """An event that every state refuses is a word without a meaning."""
    assert any(event in ALERT_LIFECYCLE.allowed(state) for state in AlertState)


@pytest.mark.parametrize("event", list(IncidentEvent))
def test_every_event_of_an_incident_can_happen_somewhere(event: IncidentEvent) -> None:
    """An event that every state refuses is a word without a meaning."""
    assert any(event in INCIDENT_LIFECYCLE.allowed(state) for state in IncidentState)


OWNED = {AlertState.HELD, AlertState.OFFERED}


@pytest.mark.parametrize(("state", "event"), list(product(AlertState, AlertEvent)))
def test_an_alert_has_an_owner_exactly_while_held_or_offered(state: AlertState, event: AlertEvent) -> None:
    """Steps into an owned state take or keep the owner, steps out of it release: two owners, or none, cannot come about."""
    cell = ALERT_LIFECYCLE.table[state, event]
    if not isinstance(cell, Step):
        return
    comes_owned, was_owned = cell.state in OWNED, state in OWNED
    if comes_owned and not was_owned:
        assert Effect.TAKE in cell.effects
    if was_owned and not comes_owned:
        assert Effect.RELEASE in cell.effects
    assert not {Effect.TAKE, Effect.RELEASE} <= set(cell.effects)
    assert comes_owned or Effect.TAKE not in cell.effects


@pytest.mark.parametrize(("state", "event"), list(product(AlertState, AlertEvent)))
def test_what_changes_an_alert_is_recorded_unless_it_only_counts(state: AlertState, event: AlertEvent) -> None:
    """Every step but a repeat writes who, when and why; a repeat changes no state."""
    cell = ALERT_LIFECYCLE.table[state, event]
    if isinstance(cell, Step) and event is AlertEvent.REPEAT:
        assert cell.state == state
        assert Effect.COUNT in cell.effects
        assert Effect.SOUND not in cell.effects
    elif isinstance(cell, Step):
        assert Effect.RECORD in cell.effects


@pytest.mark.parametrize("state", list(AlertState))
def test_worse_is_always_heard(state: AlertState) -> None:
    """An alert that gets worse asks for attention wherever it stands, and comes back from shelf and archive."""
    outcome = ALERT_LIFECYCLE.step(state, AlertEvent.WORSEN)
    assert Effect.SOUND in outcome.effects
    assert outcome.state not in {AlertState.SHELVED, AlertState.CLOSED}


@pytest.mark.parametrize("table", TABLES, ids=_name)
def test_the_diagram_shows_every_step_and_nothing_else(table: Lifecycle) -> None:
    """The drawing in the documentation is the table: one arrow a step, and where everything begins."""
    lines = table.mermaid().splitlines()
    steps = sum(isinstance(cell, Step) for cell in table.table.values())
    assert lines[:2] == ["stateDiagram-v2", f"    [*] --> {table.states[0]}"]
    assert len(lines) == len(set(lines)) == 2 + steps
