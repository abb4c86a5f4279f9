"""What was set on city systems, warnings to the public, and warnings read in."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG = sa.Text(), sa.BigInteger(), sa.Boolean()
REAL: sa.Double[float] = sa.Double()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _index(table: str, name: str, columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(f"{table}_{name}", table, columns.split(), sqlite_where=condition, postgresql_where=condition)


def _create_effects() -> None:
    op.create_table(
        "city_effects",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(WHOLE, "version action at until changed_at attempts"),
        *_each(TEXT, "key device name kind words state receipt trouble reverted_by"),
        *_each(WHOLE, "incident next_try", null=True),
        *_each(REAL, "point_lon point_lat", null=True),
        *_each(FLAG, "simulated is_told"),
        sa.PrimaryKeyConstraint("id", name="pk_city_effects"),
        sa.UniqueConstraint("key", name="uq_city_effects_key"),
        sqlite_autoincrement=True,
    )
    _index("city_effects", "state", "state id")
    _index("city_effects", "action", "action")
    _index("city_effects", "incident", "incident id", "incident IS NOT NULL")


def _create_warnings() -> None:
    op.create_table(
        "public_warnings",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(WHOLE, "version at changed_at chain"),
        *_each(TEXT, "status type state identifier sender content drafted_by digest receipt"),
        *_each(WHOLE, "incident follows action sent_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_public_warnings"),
        sa.UniqueConstraint("identifier", name="uq_public_warnings_identifier"),
        sqlite_autoincrement=True,
    )
    _index("public_warnings", "chain", "chain id")
    _index("public_warnings", "changed", "changed_at id")


def _create_read_in() -> None:
    op.create_table(
        "warnings_read_in",
        *_each(TEXT, "feed sender identifier"),
        sa.Column("sent", WHOLE, autoincrement=False, nullable=False),
        *_each(WHOLE, "at"),
        *_each(TEXT, "status type headline severity"),
        *_each(WHOLE, "expires", null=True),
        *_each(TEXT, "signed signer finding"),
        sa.PrimaryKeyConstraint("feed", "sender", "identifier", "sent", name="pk_warnings_read_in"),
    )
    _index("warnings_read_in", "at", "at")


def upgrade() -> None:
    """Make the tables."""
    _create_effects()
    _create_warnings()
    _create_read_in()
