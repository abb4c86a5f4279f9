"""What is known of an incident: METHANE, objectives, sectors, links, and what is shared with whom."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
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


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _numbered(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table whose rows are numbered."""
    number = sa.Column("id", NUMBER, autoincrement=True, nullable=False)
    op.create_table(table, number, *columns, _key(table, "id"), sqlite_autoincrement=True)


def _of_incident(table: str, *columns: sa.schema.SchemaItem) -> None:
    """Create a table of numbered rows that go with their incident."""
    _numbered(table, *_each(NUMBER, "incident"), *columns, _ref(table, "incident", "incidents.id"))
    op.create_index(f"{table}_incident", table, ["incident", "id"])


def _create_methane() -> None:
    op.create_table(
        "methane",
        sa.Column("incident", NUMBER, autoincrement=False, nullable=False),
        *_each(WHOLE, "version"),
        *_each(WHOLE, "action", null=True),
        _key("methane", "incident"),
        _ref("methane", "incident", "incidents.id"),
    )
    op.create_table(
        "methane_texts",
        sa.Column("incident", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "name text who seat"),
        *_each(WHOLE, "at version"),
        _key("methane_texts", "incident", "name"),
        _ref("methane_texts", "incident", "incidents.id"),
    )
    _of_incident(
        "methane_lines",
        *_each(TEXT, "name text who seat settled_by"),
        *_each(WHOLE, "at version"),
        *_each(FLAG, "lost"),
        *_each(WHOLE, "settled_at", null=True),
    )


def _create_links() -> None:
    _numbered(
        "links",
        *_each(TEXT, "kind who why moved undone_by"),
        *_each(NUMBER, "incident other alert other_alert", null=True),
        *_each(WHOLE, "at"),
        *_each(WHOLE, "undone_at", null=True),
        *(_ref("links", column, "incidents.id") for column in ("incident", "other")),
        *(_ref("links", column, "alerts.id") for column in ("alert", "other_alert")),
    )
    for end in ("incident", "other", "alert", "other_alert"):
        where = sa.text(f"{end} IS NOT NULL")
        op.create_index(f"links_{end}", "links", [end, "id"], sqlite_where=where, postgresql_where=where)


def _create_shares() -> None:
    _of_incident(
        "shares",
        *_each(TEXT, "agency regime parts why shared_by ended_by"),
        *_each(WHOLE, "shared_at"),
        *_each(WHOLE, "action ended_at", null=True),
    )
    _numbered(
        "share_tasks",
        *_each(NUMBER, "share"),
        *_each(TEXT, "state text asked_by said_by said came"),
        *_each(WHOLE, "asked_at changed_at theirs"),
        *_each(WHOLE, "said_at", null=True),
        _ref("share_tasks", "share", "shares.id"),
    )
    op.create_index("share_tasks_share", "share_tasks", ["share", "id"])
    op.create_table(
        "received_shares",
        sa.Column("incident", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "agency sha256 who"),
        *_each(WHOLE, "number share at lines"),
        _key("received_shares", "incident"),
        _ref("received_shares", "incident", "incidents.id"),
        sa.UniqueConstraint("agency", "share", name="uq_received_shares_agency_share"),
    )


def _widen_decisions() -> None:
    """Give decisions the parts of the joint decision model that they lacked."""
    for name, empty in (("risks", ""), ("powers", ""), ("assumptions", ""), ("with_whom", "[]")):
        op.add_column("decisions", sa.Column(name, TEXT, nullable=False, server_default=empty))
    op.add_column("decisions", sa.Column("review_at", WHOLE, nullable=True))


def upgrade() -> None:
    """Make the tables."""
    _create_methane()
    _of_incident(
        "objectives",
        *_each(TEXT, "state text holder set_by changed_by why"),
        *_each(WHOLE, "set_at changed_at"),
    )
    _of_incident(
        "sectors",
        *_each(TEXT, "name holder task set_by given_up_by"),
        *_each(WHOLE, "set_at"),
        *_each(WHOLE, "given_up_at", null=True),
    )
    _create_links()
    _create_shares()
    _widen_decisions()
