"""The outbox: changes in the order they were committed, what screens live from."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec, dump
from impetus.adapters.sql.repository import Repository
from impetus.adapters.sql.schema import OUTBOX
from impetus.core.observation import to_us
from impetus.ports import Change

CHANGE = RowCodec(Change)
KEPT = 50_000
"""Changes kept for screens that come back: hours at a change a second. House rule."""
TRIM_EVERY = 256
"""Changes between two trims, so that trimming costs one statement in 256."""


class SqlOutbox(Repository):
    """Fulfils `impetus.ports.Outbox`. `added` counts this unit's changes: the store rings the bell when there are any."""

    def __init__(self, connection: sa.Connection) -> None:
        super().__init__(connection)
        self.added = 0

    def add(self, at: datetime, kind: str, subject: str, facts: Mapping[str, str | int | float | bool | None]) -> None:
        """Add a change to this unit."""
        change = self._add(OUTBOX, {"at": to_us(at), "kind": kind, "subject": subject, "facts": dump(facts)})
        self.added += 1
        if change % TRIM_EVERY == 0:
            gone = self._connection.execute(sa.delete(OUTBOX).where(OUTBOX.c.id <= change - KEPT)).rowcount
            if gone:
                self._count("dropped.outbox", gone)

    def after(self, change: int, *, limit: int = 500) -> Sequence[Change]:
        """Return changes with a higher id, in order."""
        later = sa.select(OUTBOX).where(OUTBOX.c.id > change).order_by(OUTBOX.c.id).limit(limit)
        return tuple(CHANGE.from_row(row) for row in self._rows(later))

    def erase_before(self, at: datetime, *, limit: int = 10_000) -> int:
        """Erase changes older than the time, the lowest ids first; ids follow time, so the first young one ends the search."""
        oldest = sa.select(OUTBOX.c.id, OUTBOX.c.at).order_by(OUTBOX.c.id).limit(limit).subquery()
        young = sa.select(sa.func.min(oldest.c.id)).where(oldest.c.at >= to_us(at)).scalar_subquery()
        old = sa.select(oldest.c.id).where(oldest.c.id < sa.func.coalesce(young, 1 << 62))
        return self._connection.execute(sa.delete(OUTBOX).where(OUTBOX.c.id.in_(old))).rowcount

    def newest(self) -> int:
        """Return the highest id, 0 for none."""
        return self._connection.execute(sa.select(sa.func.max(OUTBOX.c.id))).scalar() or 0

    def oldest(self) -> int:
        """Return the lowest id still kept, 0 for none."""
        return self._connection.execute(sa.select(sa.func.min(OUTBOX.c.id))).scalar() or 0
