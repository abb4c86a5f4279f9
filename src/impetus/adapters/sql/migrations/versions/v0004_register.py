"""The register: answers, statements, signatures."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables and their indices."""
    _create("register_answers", "tool question text who", ("at",), "struck_at", "struck_by")
    _create("register_statements", "tool about text who", ("at", "expires_at"), "struck_at", "struck_by", signed=True)
    _create(
        "register_signings",
        "tool officer entry_hash assessment_hash facts answers why",
        ("at",),
        "withdrawn_at",
        "withdrawn_by",
        signed=True,
    )
    op.create_index("register_answers_question", "register_answers", ["tool", "question", "id"])
    op.create_index("register_statements_about", "register_statements", ["tool", "about", "id"])
    op.create_index("register_signings_tool", "register_signings", ["tool", "id"])


def _create(name: str, texts: str, times: tuple[str, ...], over_at: str, over_by: str, *, signed: bool = False) -> None:
    """Create a table whose rows end by a time and a name, with a signature when it is about one."""
    proof = [
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("is_exercise", sa.Boolean(), nullable=False),
    ]
    op.create_table(
        name,
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *(sa.Column(text, sa.Text(), nullable=False) for text in texts.split()),
        *(sa.Column(time, sa.BigInteger(), nullable=False) for time in times),
        *(proof if signed else []),
        sa.Column(over_at, sa.BigInteger(), nullable=True),
        sa.Column(over_by, sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=f"pk_{name}"),
        sqlite_autoincrement=True,
    )
