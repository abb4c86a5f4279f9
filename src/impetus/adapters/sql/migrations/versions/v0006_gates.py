"""Actions that wait for people, planted alerts and how people decided."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG = sa.Text(), sa.BigInteger(), sa.Boolean()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _ref(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    on_delete = "CASCADE" if cascade else None
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=on_delete)


def _index(table: str, name: str, columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(f"{table}_{name}", table, columns.split(), sqlite_where=condition, postgresql_where=condition)


def _create_actions() -> None:
    op.create_table(
        "actions",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(WHOLE, "version revision proposer at expires changed_at"),
        *_each(TEXT, "state kind target why proposed_by receipt parameters"),
        *_each(NUMBER, "incident", null=True),
        *_each(FLAG, "simulated"),
        _key("actions", "id"),
        _ref("actions", "incident", "incidents.id"),
        sqlite_autoincrement=True,
    )
    _index("actions", "state", "state id")
    _index("actions", "incident", "incident id", "incident IS NOT NULL")
    _index("actions", "changed", "state changed_at id")
    op.create_table(
        "action_entries",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(NUMBER, "action"),
        *_each(WHOLE, "at"),
        *_each(TEXT, "event who role text content_hash"),
        *_each(WHOLE, "account", null=True),
        _key("action_entries", "id"),
        _ref("action_entries", "action", "actions.id", cascade=True),
        sqlite_autoincrement=True,
    )
    _index("action_entries", "action", "action id")
    op.create_table(
        "performances",
        sa.Column("action", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "key receipt"),
        *_each(WHOLE, "started_at"),
        *_each(WHOLE, "finished_at", null=True),
        *_each(FLAG, "succeeded"),
        _key("performances", "action"),
        _ref("performances", "action", "actions.id", cascade=True),
    )


def _create_plants() -> None:
    op.create_table(
        "plants",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(WHOLE, "source due planned_at"),
        *_each(TEXT, "expected planned_by why"),
        *_each(WHOLE, "alert raised_at disclosed_at cancelled_at", null=True),
        *_each(TEXT, "verdict", null=True),
        _key("plants", "id"),
        sqlite_autoincrement=True,
    )
    _index("plants", "alert", "alert", "alert IS NOT NULL")


def _create_figures() -> None:
    op.create_table(
        "figures",
        sa.Column("week", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "name"),
        sa.Column("bucket", NUMBER, autoincrement=False, nullable=False),
        *_each(WHOLE, "count"),
        _key("figures", "week", "name", "bucket"),
    )
    op.create_table(
        "figure_people",
        sa.Column("week", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "mark"),
        _key("figure_people", "week", "mark"),
    )


def upgrade() -> None:
    """Make the tables."""
    _create_actions()
    _create_plants()
    _create_figures()
