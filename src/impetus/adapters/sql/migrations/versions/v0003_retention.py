"""Holds, retention runs, proofs of erasure, and the counts that stay; room to give freed pages back."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE = sa.Text(), sa.BigInteger()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _id() -> sa.Column[int]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "holds",
        _id(),
        *_each(TEXT, "subject owner why lift_why"),
        *_each(WHOLE, "placed_at until"),
        *_each(WHOLE, "extends lifted_at", null=True),
        *_each(TEXT, "lifted_by", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_holds"),
        sqlite_autoincrement=True,
    )
    op.create_index("holds_until", "holds", ["until", "id"])
    op.create_table(
        "retention_runs",
        _id(),
        *_each(WHOLE, "at due gone held"),
        *_each(WHOLE, "ended_at log_index", null=True),
        *_each(TEXT, "by_store behind digest"),
        sa.PrimaryKeyConstraint("id", name="pk_retention_runs"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "retention_counts",
        *_each(TEXT, "month name"),
        *_each(WHOLE, "counted"),
        sa.PrimaryKeyConstraint("month", "name", name="pk_retention_counts"),
    )
    op.create_table(
        "retention_proofs",
        *_each(NUMBER, "at"),
        *_each(WHOLE, "planted found held held_found files bytes_"),
        sa.PrimaryKeyConstraint("at", name="pk_retention_proofs"),
    )
