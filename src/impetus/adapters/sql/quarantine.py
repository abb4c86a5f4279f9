"""Refused records: bounded per source and in all, the oldest go and are counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, check_limit
from impetus.adapters.sql.schema import QUARANTINE, QUARANTINE_HELD
from impetus.core.board import Quarantined
from impetus.core.ids import SourceId
from impetus.core.observation import to_us
from impetus.ports import Page

QUARANTINED = RowCodec(Quarantined)
KEPT_PER_SOURCE = 10_000
"""Refused records of one source, as the port says."""
KEPT_IN_ALL = 100_000
"""Refused records of all sources, so that invented source names cannot fill the disk. House rule."""
RECORD_BYTES = 16_384
"""Bytes kept of one refused record; longer ones are cut and say so. House rule: about what a person reads."""
DROPPED = "dropped.quarantine"


class SqlQuarantine(Repository):
    """The quarantine of `impetus.ports.Sources`."""

    def quarantine(self, records: Sequence[Quarantined]) -> None:
        """Keep refused records; the source need not be declared."""
        if not records:
            return
        new: Counter[SourceId] = Counter()
        newest: list[Quarantined] = []
        for record in reversed(records):
            if new[record.source] < KEPT_PER_SOURCE:
                new[record.source] += 1
                newest.append(record)
        self._insert(newest[::-1])
        self._count_dropped(len(records) - len(newest))
        for source, count in new.items():
            self._drop(QUARANTINE.c.source == source, self._hold(source, count) - KEPT_PER_SOURCE)
        total = sa.select(sa.func.coalesce(sa.func.sum(QUARANTINE_HELD.c.held), 0))
        self._drop(sa.true(), int(self._connection.execute(total).scalar_one()) - KEPT_IN_ALL)

    def quarantined(
        self, *, source: SourceId | None = None, after: int | None = None, limit: int = 50
    ) -> Page[Quarantined]:
        """Return refused records, newest first."""
        check_limit(limit)
        statement = sa.select(QUARANTINE)
        if source is not None:
            statement = statement.where(QUARANTINE.c.source == source)
        if after is not None:
            statement = statement.where(QUARANTINE.c.id < after)
        rows = self._rows(statement.order_by(QUARANTINE.c.id.desc()).limit(limit + 1))
        items = tuple(QUARANTINED.from_row(row) for row in rows[:limit])
        return Page(items=items, next=str(items[-1].id) if len(rows) > limit else None)

    def quarantine_dropped(self) -> int:
        """Return how many refused records were pushed out of the quarantine."""
        return self.counted(DROPPED)[DROPPED]

    def erase_quarantine(
        self,
        before: datetime,
        *,
        limit: int = KEPT_IN_ALL,
        spared: Sequence[tuple[SourceId, datetime, datetime]] = (),
    ) -> int:
        """Erase refused records older than the time; this is retention, not loss, and not counted as dropped."""
        kept = (_within(source, since, until) for source, since, until in spared)
        old = sa.select(QUARANTINE.c.id).where(QUARANTINE.c.at < to_us(before), *(~one for one in kept))
        return self._erase(QUARANTINE.c.id.in_(old.order_by(QUARANTINE.c.at).limit(limit)))

    def quarantined_before(self, before: datetime) -> int:
        """Return how many refused records are older than the time."""
        old = sa.select(sa.func.count()).select_from(QUARANTINE).where(QUARANTINE.c.at < to_us(before))
        return int(self._connection.execute(old).scalar_one())

    def _insert(self, records: Sequence[Quarantined]) -> None:
        rows = [QUARANTINED.to_row(_cut(record)) for record in records]
        for row in rows:
            del row["id"]
        self._connection.execute(sa.insert(QUARANTINE), rows)

    def _hold(self, source: SourceId, by: int) -> int:
        """Change how many of a source are held and return how many are."""
        self._add_to(QUARANTINE_HELD, "held", {"source": source, "held": by})
        mine = QUARANTINE_HELD.c.source == source
        held = int(self._connection.execute(sa.select(QUARANTINE_HELD.c.held).where(mine)).scalar_one())
        if held <= 0:
            self._connection.execute(sa.delete(QUARANTINE_HELD).where(mine))
        return held

    def _drop(self, which: sa.ColumnElement[bool], count: int) -> None:
        """Drop the oldest `count` of these and count them as dropped."""
        if count <= 0:
            return
        oldest = sa.select(QUARANTINE.c.id).where(which).order_by(QUARANTINE.c.id).limit(count)
        self._count_dropped(self._erase(QUARANTINE.c.id.in_(oldest)))

    def _erase(self, which: sa.ColumnElement[bool]) -> int:
        gone = self._connection.execute(sa.delete(QUARANTINE).where(which).returning(QUARANTINE.c.source)).scalars()
        per_source = Counter(gone)
        for source, count in per_source.items():
            self._hold(SourceId(source), -count)
        return per_source.total()

    def _count_dropped(self, count: int) -> None:
        if count:
            self._count(DROPPED, count)


def _within(source: SourceId, since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    """Return what a refused record of a source within a span fulfils."""
    at = QUARANTINE.c.at
    return sa.and_(QUARANTINE.c.source == source, at >= to_us(since), at < to_us(until))


def _cut(record: Quarantined) -> Quarantined:
    """Return the record short enough to keep."""
    size = len(record.record)
    if size <= RECORD_BYTES:
        return record
    detail = f"{record.detail} (the first {RECORD_BYTES} of {size} bytes kept)"
    return replace(record, record=record.record[:RECORD_BYTES], detail=detail)
