"""Samples taken by hand and their chains of custody."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.custody_schema import CUSTODY_ENTRIES, FIELD_SAMPLES
from impetus.adapters.sql.repository import Repository, check_limit, unknown
from impetus.core.custody import OPEN_SAMPLES, CustodyEntry, FieldSample, SampleState
from impetus.core.errors import Conflict
from impetus.core.ids import IncidentId, ThingKey
from impetus.core.observation import to_us

SAMPLE, ENTRY = RowCodec(FieldSample), RowCodec(CustodyEntry)
ENTRIES_KEPT = 500
"""Links of one chain at most; nobody hands a sample on that often. What would be more is refused, never dropped."""


class SqlCustody(Repository):
    """Fulfils `impetus.ports.custody.Custody`."""

    def add(self, sample: FieldSample) -> FieldSample:
        """Store a new one and return it with its id."""
        return replace(sample, id=self._add(FIELD_SAMPLES, SAMPLE.to_row(sample)))

    def get(self, sample: int) -> FieldSample:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(FIELD_SAMPLES).where(FIELD_SAMPLES.c.id == sample))
        if row is None:
            raise unknown("sample", sample)
        return SAMPLE.from_row(row)

    def append(self, sample: FieldSample, entry: CustodyEntry) -> FieldSample:
        """Store the sample as it is after an entry if nobody acted before, and the entry; its number is its only key."""
        if entry.number > ENTRIES_KEPT:
            raise Conflict(
                f"sample {sample.id} has {ENTRIES_KEPT} entries",
                value=entry.number,
                limit=ENTRIES_KEPT,
                remedy="ask for another sample",
            )
        after = replace(sample, version=sample.version + 1)
        unchanged = (FIELD_SAMPLES.c.id == sample.id, FIELD_SAMPLES.c.version == sample.version)
        change = sa.update(FIELD_SAMPLES).where(*unchanged).values(SAMPLE.to_row(after))
        if self._connection.execute(change).rowcount != 1:
            raise Conflict(
                f"sample {sample.id} was changed by somebody else",
                value=sample.version,
                limit=f"version {self.get(sample.id).version}",
                remedy="reload; somebody acted before you",
            )
        self._connection.execute(sa.insert(CUSTODY_ENTRIES).values(ENTRY.to_row(entry)))
        return after

    def entries(self, sample: int) -> Sequence[CustodyEntry]:
        """Return its chain, oldest first."""
        mine = sa.select(CUSTODY_ENTRIES).where(CUSTODY_ENTRIES.c.sample == sample)
        return tuple(ENTRY.from_row(row) for row in self._rows(mine.order_by(CUSTODY_ENTRIES.c.number)))

    def find(
        self,
        *,
        states: Sequence[SampleState] = (),
        incident: IncidentId | None = None,
        sampler: ThingKey | None = None,
        limit: int = 200,
    ) -> Sequence[FieldSample]:
        """Return samples, newest first."""
        statement = sa.select(FIELD_SAMPLES)
        if states:
            statement = statement.where(FIELD_SAMPLES.c.state.in_([str(state) for state in states]))
        if incident is not None:
            statement = statement.where(FIELD_SAMPLES.c.incident == incident)
        if sampler is not None:
            statement = statement.where(FIELD_SAMPLES.c.sampler == sampler)
        rows = self._rows(statement.order_by(FIELD_SAMPLES.c.id.desc()).limit(check_limit(limit)))
        return tuple(SAMPLE.from_row(row) for row in rows)

    def erase_over(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase those that were over before the time, with their chains, but those of these incidents; return how many."""
        incident = FIELD_SAMPLES.c.incident
        old = (*_over(before), sa.or_(incident.is_(None), incident.not_in(spared)))
        gone = [row["id"] for row in self._rows(sa.select(FIELD_SAMPLES.c.id).where(*old).limit(limit))]
        if gone:
            self._connection.execute(sa.delete(CUSTODY_ENTRIES).where(CUSTODY_ENTRIES.c.sample.in_(gone)))
            self._connection.execute(sa.delete(FIELD_SAMPLES).where(FIELD_SAMPLES.c.id.in_(gone)))
        return len(gone)

    def over_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many of these incidents' were over before the time."""
        found = sa.select(sa.func.count()).select_from(FIELD_SAMPLES)
        return self._connection.execute(
            found.where(*_over(before), FIELD_SAMPLES.c.incident.in_(incidents))
        ).scalar_one()


def _over(before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a sample was over before the time."""
    still_open = [str(state) for state in OPEN_SAMPLES]
    return FIELD_SAMPLES.c.state.not_in(still_open), FIELD_SAMPLES.c.changed_at < to_us(before)
