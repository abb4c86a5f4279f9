"""Which evidence exists; its bytes lie encrypted in the blob store."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.schema import EVIDENCE
from impetus.core.evidence import EvidenceRecord
from impetus.core.ids import EvidenceId
from impetus.core.observation import to_us

RECORD = RowCodec(EvidenceRecord)
CHUNK = 500
"""Ids named in one statement, below the 999 parameters any SQLite takes."""


class SqlEvidence(Repository):
    """Fulfils `impetus.ports.EvidenceIndex`."""

    def add(self, record: EvidenceRecord) -> None:
        """Store; the same id again changes nothing."""
        self._put_once(EVIDENCE, RECORD.to_row(record))

    def get(self, evidence: EvidenceId) -> EvidenceRecord:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(EVIDENCE).where(EVIDENCE.c.id == evidence))
        if row is None:
            raise unknown("evidence", evidence)
        return RECORD.from_row(row)

    def older_than(
        self, before: datetime, *, after: tuple[datetime, EvidenceId] | None = None, limit: int = 10_000
    ) -> Sequence[EvidenceRecord]:
        """Return records stored before the time, oldest first, from behind a position on."""
        old = sa.select(EVIDENCE).where(EVIDENCE.c.stored_at < to_us(before))
        if after is not None:
            position = sa.tuple_(sa.literal(to_us(after[0])), sa.literal(after[1]))
            old = old.where(sa.tuple_(EVIDENCE.c.stored_at, EVIDENCE.c.id) > position)
        rows = self._rows(old.order_by(EVIDENCE.c.stored_at, EVIDENCE.c.id).limit(limit))
        return tuple(RECORD.from_row(row) for row in rows)

    def known(self, ids: Sequence[EvidenceId]) -> frozenset[EvidenceId]:
        """Return which of these there are records of."""
        chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        return frozenset(
            EvidenceId(found)
            for chunk in chunks
            for found in self._connection.execute(sa.select(EVIDENCE.c.id).where(EVIDENCE.c.id.in_(chunk))).scalars()
        )

    def erase(self, ids: Sequence[EvidenceId]) -> int:
        """Forget them and return how many were known."""
        chunks = (ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK))
        return sum(
            self._connection.execute(sa.delete(EVIDENCE).where(EVIDENCE.c.id.in_(chunk))).rowcount for chunk in chunks
        )
