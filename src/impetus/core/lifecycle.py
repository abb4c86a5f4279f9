"""Lifecycles as tables: `(state, event)` gives the next state and effects, or is refused with a reason.

Every cell of every table is filled, with a `Step` or with the sentence that refuses it, so that nothing is decided by
omission. The diagrams in the documentation are drawn from the same tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from impetus.core.effects import Step
from impetus.core.errors import Conflict

Cell = Step | str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """A named table over its states and events; the first state is where everything begins."""

    name: str
    states: tuple[str, ...]
    events: tuple[str, ...]
    table: Mapping[tuple[str, str], Cell]

    def step(self, state: str, event: str) -> Step:
        """Return the cell's outcome; a refused cell raises `Conflict` with the table's own reason."""
        cell = self.table[state, event]
        if isinstance(cell, str):
            raise Conflict(
                f"{self.name} is {state}: {cell}",
                value=event,
                limit=", ".join(self.allowed(state)),
                remedy="reload; somebody may have acted before you",
            )
        return cell

    def allowed(self, state: str) -> tuple[str, ...]:
        """Return the events this state accepts."""
        return tuple(event for event in self.events if isinstance(self.table[state, event], Step))

    def mermaid(self) -> str:
        """Draw the table as a Mermaid state diagram, for the documentation."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.states[0]}"]
        for (state, event), cell in self.table.items():
            if isinstance(cell, Step):
                lines.append(f"    {state} --> {cell.state}: {event}")
        return "\n".join(lines)
