"""The index over the log: who looked at what."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

WORDS = "who role act outcome processing rule subject purpose category regime controller case_ why recipient"


def upgrade() -> None:
    """Make the table and its indices."""
    op.create_table(
        "accesses",
        sa.Column("index", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False) for name in WORDS.split()),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("salts", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("index", name="pk_accesses"),
    )
    op.create_index("accesses_subject", "accesses", ["subject", "at", "index"])
    op.create_index("accesses_at", "accesses", ["at", "index"])
    op.create_index("accesses_category", "accesses", ["category", "at", "index"])
