"""Protocols of what is kept about human gates: proposals, planted test alerts, and figures that name nobody."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.action import Action, ActionEntry, ActionState, Performance
from impetus.core.ids import AccountId, ActionId, AlertId, IncidentId
from impetus.core.plant import Plant


class Actions(Protocol):
    """Proposals, their histories, and the rows that make an effect happen once."""

    def add(self, action: Action) -> Action:
        """Store a new one and return it with its id."""
        ...

    def get(self, action: ActionId) -> Action:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, action: Action) -> Action:
        """Store the change if the version still matches; return it with version + 1, else `Conflict`."""
        ...

    def find(
        self, *, states: Sequence[ActionState] = (), incident: IncidentId | None = None, limit: int = 100
    ) -> Sequence[Action]:
        """Return proposals, newest first; every state without `states`."""
        ...

    def record(self, entry: ActionEntry) -> ActionEntry:
        """Add a line to a proposal's history and return it with its id; nothing here changes or erases one."""
        ...

    def entries(self, action: ActionId) -> Sequence[ActionEntry]:
        """Return its history, oldest first (the first 500 lines: nothing pushes an approval out)."""
        ...

    def begin(self, performance: Performance) -> None:
        """Store that an effect begins; `Conflict` when one ever began for this action."""
        ...

    def finish(self, performance: Performance) -> None:
        """Store how it ended."""
        ...

    def performance(self, action: ActionId) -> Performance | None:
        """Return what is known of its effect, None when none began."""
        ...

    def erase_done(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase proposals that ended before the time, with their histories, but those of these incidents; return how many."""
        ...

    def done_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many proposals of these incidents ended before the time."""
        ...


class Plants(Protocol):
    """Planted test alerts."""

    def add(self, plant: Plant) -> Plant:
        """Store a new one and return it with its id."""
        ...

    def get(self, plant: int) -> Plant:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, plant: Plant) -> None:
        """Store the change."""
        ...

    def all(self, *, limit: int = 100) -> Sequence[Plant]:
        """Return them, newest first."""
        ...

    def open(self) -> Sequence[Plant]:
        """Return those that are waiting to be raised or not disclosed yet, oldest first."""
        ...

    def of_alert(self, alert: AlertId) -> Plant | None:
        """Return the plant that an alert is, None for a real one."""
        ...

    def erase_done(self, before: datetime) -> int:
        """Erase those disclosed or cancelled before the time; return how many."""
        ...


class Figures(Protocol):
    """Counts by week that name nobody, and how many different people a week's counts are of."""

    def add(self, week: datetime, name: str, bucket: int, *, person: AccountId | None = None) -> None:
        """Count one more; `person` is remembered as having been among the week's people, and not with what."""
        ...

    def counts(self, week: datetime) -> Mapping[tuple[str, int], int]:
        """Return a week's counts by name and bucket."""
        ...

    def people(self, week: datetime) -> int:
        """Return how many different people a week's counts are of."""
        ...

    def erase_before(self, week: datetime) -> int:
        """Erase weeks before the time; return rows erased."""
        ...
