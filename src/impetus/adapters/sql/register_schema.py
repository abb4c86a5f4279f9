"""Tables of the register: answers, statements, signatures. Rows are struck through or withdrawn, never overwritten."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number


def _id() -> sa.Column[int]:
    return sa.Column("id", Number, primary_key=True, autoincrement=True)


def _texts(*names: str) -> list[sa.Column[str]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in names]


def _times(*names: str, null: bool = False) -> list[sa.Column[int]]:
    return [sa.Column(name, sa.BigInteger, nullable=null) for name in names]


REGISTER_ANSWERS = sa.Table(
    "register_answers",
    METADATA,
    _id(),
    *_texts("tool", "question", "text", "who"),
    *_times("at"),
    *_times("struck_at", null=True),
    *_texts("struck_by"),
    sqlite_autoincrement=True,
)
sa.Index("register_answers_question", REGISTER_ANSWERS.c.tool, REGISTER_ANSWERS.c.question, REGISTER_ANSWERS.c.id)

REGISTER_STATEMENTS = sa.Table(
    "register_statements",
    METADATA,
    _id(),
    *_texts("tool", "about", "text", "who"),
    *_times("at", "expires_at"),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    sa.Column("is_exercise", sa.Boolean, nullable=False),
    *_times("struck_at", null=True),
    *_texts("struck_by"),
    sqlite_autoincrement=True,
)
sa.Index("register_statements_about", REGISTER_STATEMENTS.c.tool, REGISTER_STATEMENTS.c.about, REGISTER_STATEMENTS.c.id)

REGISTER_SIGNINGS = sa.Table(
    "register_signings",
    METADATA,
    _id(),
    *_texts("tool", "officer"),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("signature", sa.LargeBinary, nullable=False),
    *_times("at"),
    *_texts("entry_hash", "assessment_hash"),
    sa.Column("is_exercise", sa.Boolean, nullable=False),
    *_texts("facts", "answers"),
    *_times("withdrawn_at", null=True),
    *_texts("withdrawn_by", "why"),
    sqlite_autoincrement=True,
)
sa.Index("register_signings_tool", REGISTER_SIGNINGS.c.tool, REGISTER_SIGNINGS.c.id)
