"""Reveals, pseudonyms and what was brought back."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> list[sa.Column[Any]]:
    """Return a column of this kind for each name."""
    return [sa.Column(name, kind, nullable=null) for name in names.split()]


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "reveals",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(sa.BigInteger(), "version incident asked_account asked_at minutes good_until"),
        *_each(sa.BigInteger(), "approved_at opened_at newest_at ended_at", null=True),
        *_each(sa.Text(), "state subject asked_by why recipient ended_why"),
        *_each(sa.Text(), "approved_by ended_by", null=True),
        sa.Column("simulated", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_reveals"),
        sqlite_autoincrement=True,
    )
    op.create_index("reveals_state", "reveals", ["state", "id"])
    op.create_index("reveals_incident", "reveals", ["incident", "id"])
    op.create_index("reveals_subject", "reveals", ["subject", "id"])
    op.create_table(
        "sealed_identities",
        *_each(sa.Text(), "domain period pseudonym kind"),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("stored_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("domain", "period", "pseudonym", name="pk_sealed_identities"),
    )
    op.create_index("sealed_identities_period", "sealed_identities", ["period"])
    op.create_table(
        "identity_requests",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(sa.BigInteger(), "version incident asked_account asked_at good_until"),
        *_each(sa.BigInteger(), "approved_at ended_at", null=True),
        *_each(sa.Text(), "state domain period pseudonym asked_by why ended_why"),
        *_each(sa.Text(), "approved_by ended_by", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_identity_requests"),
        sqlite_autoincrement=True,
    )
    op.create_index("identity_requests_state", "identity_requests", ["state", "id"])
