"""Holds, retention runs, the counts that stay, and proofs of erasure."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.retention_schema import HOLDS, RETENTION_COUNTS, RETENTION_PROOFS, RETENTION_RUNS
from impetus.core.errors import Refused
from impetus.core.observation import to_us
from impetus.core.retention import Hold, Proof, RetentionRun

HOLD = RowCodec(Hold)
RUN = RowCodec(RetentionRun)
PROOF = RowCodec(Proof)
STANDING_AT_MOST = 500
"""Holds that stand at once. House rule: each is looked at for each thing that is due, and by a person for its end."""
RUNS_KEPT = 1_000
"""Runs kept: six weeks of hourly ones; older reports are in the log."""
PROOFS_KEPT = 100


class SqlHolds(Repository):
    """Fulfils `impetus.ports.retention.Holds`."""

    def add(self, hold: Hold) -> Hold:
        """Store a new one; `Refused` when too many stand already."""
        if len(self.standing(hold.placed_at)) >= STANDING_AT_MOST:
            raise Refused(
                f"{STANDING_AT_MOST} holds stand already",
                rule="holds are looked after by people",
                value=STANDING_AT_MOST,
                limit=STANDING_AT_MOST,
                source="house rule",
                remedy="lift those that are no longer needed",
            )
        row = HOLD.to_row(hold)
        return HOLD.from_row({**row, "id": self._add(HOLDS, row)})

    def get(self, hold: int) -> Hold:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(HOLDS).where(HOLDS.c.id == hold))
        if row is None:
            raise unknown("hold", hold)
        return HOLD.from_row(row)

    def lift(self, hold: Hold) -> None:
        """Store that it was lifted."""
        row = HOLD.to_row(hold)
        self._connection.execute(sa.update(HOLDS).where(HOLDS.c.id == hold.id).values(row))

    def standing(self, at: datetime) -> Sequence[Hold]:
        """Return those that hold something back, the first to end first."""
        mine = sa.select(HOLDS).where(HOLDS.c.until > to_us(at), HOLDS.c.lifted_at.is_(None))
        return tuple(HOLD.from_row(row) for row in self._rows(mine.order_by(HOLDS.c.until, HOLDS.c.id)))

    def newest(self, *, limit: int = 50) -> Sequence[Hold]:
        """Return the holds placed last, whether they stand or not."""
        rows = self._rows(sa.select(HOLDS).order_by(HOLDS.c.id.desc()).limit(limit))
        return tuple(HOLD.from_row(row) for row in rows)

    def erase_ended(self, before: datetime, *, limit: int) -> int:
        """Erase those that ended or were lifted before the time."""
        end = sa.func.coalesce(HOLDS.c.lifted_at, HOLDS.c.until)
        old = sa.select(HOLDS.c.id).where(end < to_us(before)).order_by(HOLDS.c.id).limit(limit)
        return self._connection.execute(sa.delete(HOLDS).where(HOLDS.c.id.in_(old))).rowcount


class SqlRetentionRuns(Repository):
    """Fulfils `impetus.ports.retention.RetentionRuns`."""

    def unfinished(self) -> RetentionRun | None:
        """Return the run at work, the newest when there are several."""
        mine = sa.select(RETENTION_RUNS).where(RETENTION_RUNS.c.ended_at.is_(None))
        row = self._row(mine.order_by(RETENTION_RUNS.c.id.desc()).limit(1))
        return None if row is None else RUN.from_row(row)

    def begin(self, at: datetime) -> RetentionRun:
        """Store a new run, and let the oldest go."""
        row = RUN.to_row(RetentionRun(id=0, at=at))
        number = self._add(RETENTION_RUNS, row)
        self._connection.execute(sa.delete(RETENTION_RUNS).where(RETENTION_RUNS.c.id <= number - RUNS_KEPT))
        return RUN.from_row({**row, "id": number})

    def put(self, run: RetentionRun) -> None:
        """Store what a run has done so far."""
        row = RUN.to_row(run)
        self._connection.execute(sa.update(RETENTION_RUNS).where(RETENTION_RUNS.c.id == run.id).values(row))

    def newest(self, *, limit: int = 50) -> Sequence[RetentionRun]:
        """Return runs, newest first."""
        rows = self._rows(sa.select(RETENTION_RUNS).order_by(RETENTION_RUNS.c.id.desc()).limit(limit))
        return tuple(RUN.from_row(row) for row in rows)

    def count(self, month: str, names: Mapping[str, int]) -> None:
        """Add to the counts of a month."""
        for name, counted in names.items():
            self._add_to(RETENTION_COUNTS, "counted", {"month": month, "name": name, "counted": counted})

    def counts(self) -> Mapping[tuple[str, str], int]:
        """Return the counts by month and name."""
        rows = self._rows(sa.select(RETENTION_COUNTS).order_by(RETENTION_COUNTS.c.month, RETENTION_COUNTS.c.name))
        return {(row["month"], row["name"]): row["counted"] for row in rows}

    def add_proof(self, proof: Proof) -> None:
        """Store the result of a proof, and let the oldest go."""
        self._put(RETENTION_PROOFS, PROOF.to_row(proof))
        newest = sa.select(RETENTION_PROOFS.c.at).order_by(RETENTION_PROOFS.c.at.desc()).limit(PROOFS_KEPT)
        self._connection.execute(sa.delete(RETENTION_PROOFS).where(RETENTION_PROOFS.c.at.not_in(newest)))

    def last_proof(self) -> Proof | None:
        """Return the newest one."""
        row = self._row(sa.select(RETENTION_PROOFS).order_by(RETENTION_PROOFS.c.at.desc()).limit(1))
        return None if row is None else PROOF.from_row(row)
