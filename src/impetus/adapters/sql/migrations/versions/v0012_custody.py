"""Samples taken by hand, and who has had them."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG = sa.Text(), sa.BigInteger(), sa.Boolean()
REAL: sa.Double[float] = sa.Double()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _index(name: str, columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(
        f"field_samples_{name}", "field_samples", columns.split(), sqlite_where=condition, postgresql_where=condition
    )


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "field_samples",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(WHOLE, "version at changed_at due_at entries"),
        *_each(TEXT, "state sampler sampler_name asked_by why seal seal_state holder reference head"),
        *_each(WHOLE, "incident alert notice", null=True),
        *_each(REAL, "point_lon point_lat measured", null=True),
        *_each(TEXT, "outcome", null=True),
        *_each(FLAG, "simulated"),
        sa.PrimaryKeyConstraint("id", name="pk_field_samples"),
        sqlite_autoincrement=True,
    )
    _index("state", "state id")
    _index("changed", "changed_at id")
    _index("sampler", "sampler id")
    _index("incident", "incident id", "incident IS NOT NULL")
    op.create_table(
        "custody_entries",
        sa.Column("sample", WHOLE, autoincrement=False, nullable=False),
        sa.Column("number", WHOLE, autoincrement=False, nullable=False),
        *_each(WHOLE, "at"),
        *_each(TEXT, "event who holder place text digest"),
        sa.PrimaryKeyConstraint("sample", "number", name="pk_custody_entries"),
    )
