"""Protocol of samples taken by hand and of their chains of custody."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.custody import CustodyEntry, FieldSample, SampleState
from impetus.core.ids import IncidentId, ThingKey


class Custody(Protocol):
    """Samples, and the chain of each, to which is only ever added."""

    def add(self, sample: FieldSample) -> FieldSample:
        """Store a new one and return it with its id."""
        ...

    def get(self, sample: int) -> FieldSample:
        """Return it, or raise `Unknown`."""
        ...

    def append(self, sample: FieldSample, entry: CustodyEntry) -> FieldSample:
        """Store the sample as it is after an entry, and the entry; `Conflict` when somebody acted before."""
        ...

    def entries(self, sample: int) -> Sequence[CustodyEntry]:
        """Return its chain, oldest first."""
        ...

    def find(
        self,
        *,
        states: Sequence[SampleState] = (),
        incident: IncidentId | None = None,
        sampler: ThingKey | None = None,
        limit: int = 200,
    ) -> Sequence[FieldSample]:
        """Return samples, newest first."""
        ...

    def erase_over(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase those that were over before the time, with their chains, but those of these incidents; return how many."""
        ...

    def over_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many of these incidents' were over before the time."""
        ...
