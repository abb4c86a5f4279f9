"""Tables of retention: holds, runs, proofs, and the counts that stay when alerts are erased."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number

TEXT, WHOLE = sa.Text, sa.BigInteger


def _id() -> sa.Column[int]:
    return sa.Column("id", Number, primary_key=True, autoincrement=True)


HOLDS = sa.Table(
    "holds",
    METADATA,
    _id(),
    sa.Column("subject", TEXT, nullable=False),
    sa.Column("owner", TEXT, nullable=False),
    sa.Column("why", TEXT, nullable=False),
    sa.Column("placed_at", WHOLE, nullable=False),
    sa.Column("until", WHOLE, nullable=False),
    sa.Column("extends", WHOLE),
    sa.Column("lifted_at", WHOLE),
    sa.Column("lifted_by", TEXT),
    sa.Column("lift_why", TEXT, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("holds_until", HOLDS.c.until, HOLDS.c.id)

RETENTION_RUNS = sa.Table(
    "retention_runs",
    METADATA,
    _id(),
    sa.Column("at", WHOLE, nullable=False),
    sa.Column("ended_at", WHOLE),
    sa.Column("due", WHOLE, nullable=False),
    sa.Column("gone", WHOLE, nullable=False),
    sa.Column("held", WHOLE, nullable=False),
    sa.Column("by_store", TEXT, nullable=False),
    sa.Column("behind", TEXT, nullable=False),
    sa.Column("digest", TEXT, nullable=False),
    sa.Column("log_index", WHOLE),
    sqlite_autoincrement=True,
)

RETENTION_COUNTS = sa.Table(
    "retention_counts",
    METADATA,
    sa.Column("month", TEXT, primary_key=True),
    sa.Column("name", TEXT, primary_key=True),
    sa.Column("counted", WHOLE, nullable=False),
)

RETENTION_PROOFS = sa.Table(
    "retention_proofs",
    METADATA,
    sa.Column("at", Number, primary_key=True, autoincrement=False),
    sa.Column("planted", WHOLE, nullable=False),
    sa.Column("found", WHOLE, nullable=False),
    sa.Column("held", WHOLE, nullable=False),
    sa.Column("held_found", WHOLE, nullable=False),
    sa.Column("files", WHOLE, nullable=False),
    sa.Column("bytes_", WHOLE, nullable=False),
)
