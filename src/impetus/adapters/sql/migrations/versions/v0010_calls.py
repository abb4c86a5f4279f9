"""Who is on call, what was sent to whom, hand-overs and the shift log."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG, BYTES = sa.Text(), sa.BigInteger(), sa.Boolean(), sa.LargeBinary()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _number() -> sa.Column[Any]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _once(table: str, *columns: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(*columns, name=f"uq_{table}_{'_'.join(columns)}")


def _ref(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete="CASCADE")


def _index(table: str, name: str, columns: str, where: str = "", *, unique: bool = False) -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(
        f"{table}_{name}",
        table,
        columns.split(),
        unique=unique,
        sqlite_where=condition,
        postgresql_where=condition,
    )


def _create_calls() -> None:
    op.create_table(
        "call_plans",
        _number(),
        *_each(TEXT, "kind name body by"),
        *_each(WHOLE, "version at"),
        *_each(FLAG, "retired"),
        _key("call_plans", "id"),
        _once("call_plans", "kind", "name", "version"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "stand_ins",
        _number(),
        *_each(TEXT, "rotation person why by cancelled_by"),
        *_each(WHOLE, "begins ends at"),
        *_each(WHOLE, "cancelled_at", null=True),
        _key("stand_ins", "id"),
        sqlite_autoincrement=True,
    )
    _index("stand_ins", "ends", "ends")
    op.create_table(
        "contacts",
        *_each(NUMBER, "account"),
        *_each(TEXT, "channel"),
        *_each(WHOLE, "place added_at"),
        *_each(BYTES, "sealed"),
        _key("contacts", "account", "channel"),
        _ref("contacts", "account", "accounts.id"),
    )


def _create_notices() -> None:
    op.create_table(
        "notices",
        _number(),
        *_each(TEXT, "key to title text place urgency asked_by plan ended_why"),
        *_each(WHOLE, "version at ends step"),
        *_each(WHOLE, "incident alert ended_at", null=True),
        sa.Column("ahead_s", sa.Double(), nullable=False),
        *_each(FLAG, "simulated"),
        _key("notices", "id"),
        _once("notices", "key"),
        sqlite_autoincrement=True,
    )
    _index("notices", "open", "id", "ended_at IS NULL")
    _index("notices", "incident", "incident id", "incident IS NOT NULL")
    _index("notices", "ended", "ended_at")


def _create_deliveries() -> None:
    op.create_table(
        "recipients",
        sa.Column("notice", NUMBER, autoincrement=False, nullable=False),
        *_each(TEXT, "person token_hash acked_over"),
        *_each(WHOLE, "account step asked_at token_until"),
        *_each(BYTES, "token_sealed", null=True),
        *_each(WHOLE, "acked_at", null=True),
        _key("recipients", "notice", "person"),
        _once("recipients", "token_hash"),
        _ref("recipients", "notice", "notices.id"),
    )
    _index("recipients", "account", "account notice", "acked_at IS NULL")
    op.create_table(
        "deliveries",
        _number(),
        *_each(NUMBER, "notice"),
        *_each(TEXT, "person channel state why receipt"),
        *_each(WHOLE, "changed_at attempts"),
        *_each(WHOLE, "next_at", null=True),
        _key("deliveries", "id"),
        _ref("deliveries", "notice", "notices.id"),
        _once("deliveries", "notice", "person", "channel"),
        sqlite_autoincrement=True,
    )
    _index("deliveries", "due", "channel next_at", "next_at IS NOT NULL")
    op.create_table(
        "channel_health",
        *_each(TEXT, "channel kind why"),
        *_each(WHOLE, "checked_at failures check_failures sent failed"),
        *_each(WHOLE, "dead_since told_at last_ok_at", null=True),
        _key("channel_health", "channel"),
    )


def _create_shifts() -> None:
    op.create_table(
        "shifts",
        _number(),
        *_each(TEXT, "watch person"),
        *_each(WHOLE, "account ended_at", null=True),
        *_each(WHOLE, "began_at"),
        _key("shifts", "id"),
        sqlite_autoincrement=True,
    )
    _index("shifts", "lasting", "watch", "ended_at IS NULL", unique=True)
    op.create_table(
        "hand_overs",
        _number(),
        *_each(WHOLE, "version at changed_at"),
        *_each(TEXT, "state watch giver taker ended_why"),
        *_each(NUMBER, "shift"),
        _key("hand_overs", "id"),
        _ref("hand_overs", "shift", "shifts.id"),
        sqlite_autoincrement=True,
    )
    _index("hand_overs", "state", "state id")
    op.create_table(
        "hand_over_items",
        _number(),
        *_each(NUMBER, "hand_over"),
        *_each(TEXT, "key kind title detail link read_by read_back"),
        *_each(WHOLE, "added_at"),
        *_each(WHOLE, "gone_at read_at", null=True),
        _key("hand_over_items", "id"),
        _ref("hand_over_items", "hand_over", "hand_overs.id"),
        _once("hand_over_items", "hand_over", "key"),
        sqlite_autoincrement=True,
    )


def _create_shift_notes() -> None:
    op.create_table(
        "shift_notes",
        _number(),
        *_each(TEXT, "who text folded pinned_by struck_by struck_why"),
        *_each(WHOLE, "at"),
        *_each(WHOLE, "incident pinned_at struck_at", null=True),
        _key("shift_notes", "id"),
        sqlite_autoincrement=True,
    )
    _index("shift_notes", "at", "at")
    _index("shift_notes", "pinned", "id", "pinned_at IS NOT NULL")


def upgrade() -> None:
    """Make the tables."""
    _create_calls()
    _create_notices()
    _create_deliveries()
    _create_shifts()
    _create_shift_notes()
