"""Planned works, exceptions, and figures on how much people are asked."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG = sa.Text(), sa.BigInteger(), sa.Boolean()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _keys(names: str) -> Iterator[sa.Column[Any]]:
    """Yield the columns of a key that refers to other tables."""
    for name in names.split():
        yield sa.Column(name, NUMBER, autoincrement=False, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _create_asks() -> None:
    op.create_table(
        "seats", *_each(TEXT, "name"), *_each(FLAG, "is_second"), *_each(WHOLE, "seen_at"), _key("seats", "name")
    )
    op.create_table(
        "waiting",
        *_keys("alert"),
        *_each(WHOLE, "since"),
        *_each(TEXT, "severity bundle because wanted"),
        _key("waiting", "alert"),
        _ref("waiting", "alert", "alerts.id"),
    )
    op.create_index("waiting_since", "waiting", ["since", "alert"])
    op.create_table(
        "asks",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(TEXT, "seat"),
        *_each(WHOLE, "at"),
        *_each(TEXT, "severity"),
        _key("asks", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("asks_at", "asks", ["at", "id"])
    op.create_table(
        "ask_lines",
        *_keys("ask alert"),
        *_each(TEXT, "bundle severity because"),
        *_each(WHOLE, "since"),
        _key("ask_lines", "ask", "alert"),
        _ref("ask_lines", "ask", "asks.id"),
        _ref("ask_lines", "alert", "alerts.id"),
    )
    op.create_index("ask_lines_alert", "ask_lines", ["alert", "ask"])


def _create_quiet() -> None:
    op.create_table(
        "quiet",
        sa.Column("id", NUMBER, autoincrement=True, nullable=False),
        *_each(TEXT, "kind title why owner"),
        *_each(WHOLE, "since until"),
        *_each(TEXT, "up_to made_by"),
        *_each(WHOLE, "made_at"),
        *_each(TEXT, "tool alert_kind zone subject source", null=True),
        *_each(WHOLE, "ended_at", null=True),
        *_each(TEXT, "ended_by", null=True),
        *_each(WHOLE, "reviewed_at", null=True),
        *_each(TEXT, "reviewed_by", null=True),
        _key("quiet", "id"),
        sqlite_autoincrement=True,
    )
    op.create_index("quiet_until", "quiet", ["until", "id"])
    op.create_table(
        "quieted",
        *_keys("rule alert"),
        *_each(WHOLE, "at"),
        _key("quieted", "rule", "alert"),
        _ref("quieted", "rule", "quiet.id"),
        _ref("quieted", "alert", "alerts.id"),
    )
    op.create_index("quieted_alert", "quieted", ["alert", "rule"])


def upgrade() -> None:
    """Make the tables."""
    _create_asks()
    _create_quiet()
