"""Incident types, versions of playbooks, and the events of runs."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG = sa.Text(), sa.BigInteger(), sa.Boolean()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _index(table: str, name: str, columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(f"{table}_{name}", table, columns.split(), sqlite_where=condition, postgresql_where=condition)


def _create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(NUMBER, "incident"),
        *_each(TEXT, "type title steps started_by"),
        *_each(WHOLE, "type_version playbook_version started_at changed_at length"),
        *_each(FLAG, "is_open simulated"),
        *_each(WHOLE, "due_at", null=True),
        sa.PrimaryKeyConstraint("id", name="pk_runs"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_runs_incident", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    _index("runs", "incident", "incident id")
    _index("runs", "due", "due_at id", "due_at IS NOT NULL")
    _index("runs", "open", "is_open id")
    op.create_table(
        "run_events",
        sa.Column("run", NUMBER, autoincrement=False, nullable=False),
        sa.Column("number", NUMBER, autoincrement=False, nullable=False),
        *_each(WHOLE, "at"),
        *_each(TEXT, "event who step answer text"),
        *_each(WHOLE, "action", null=True),
        sa.PrimaryKeyConstraint("run", "number", name="pk_run_events"),
        sa.ForeignKeyConstraint(["run"], ["runs.id"], name="fk_run_events_run", ondelete="CASCADE"),
    )
    _index("run_events", "action", "action", "action IS NOT NULL")


def upgrade() -> None:
    """Make the tables, and give incidents their type."""
    op.add_column("incidents", sa.Column("type", TEXT, server_default="", nullable=False))
    op.add_column("incidents", sa.Column("type_version", WHOLE, server_default="0", nullable=False))
    op.create_table(
        "revisions",
        *_each(TEXT, "kind slug"),
        sa.Column("version", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "text saved_by why"),
        *_each(WHOLE, "saved_at"),
        sa.PrimaryKeyConstraint("kind", "slug", "version", name="pk_revisions"),
    )
    _create_runs()
