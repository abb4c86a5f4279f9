"""Tables of runs and of what they follow; `docs/reference/store.md` says why each is there."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number, _flag, _id, _index, _int, _ref, _text

REVISIONS = sa.Table(
    "revisions",
    METADATA,
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("slug", sa.Text, primary_key=True),
    sa.Column("version", Number, primary_key=True, autoincrement=False),
    _text("text"),
    _int("saved_at"),
    _text("saved_by"),
    _text("why"),
)

RUNS = sa.Table(
    "runs",
    METADATA,
    _id(),
    _ref("incident", "incidents.id", cascade=True),
    _text("type"),
    _int("type_version"),
    _int("playbook_version"),
    _text("title"),
    _text("steps"),
    _int("started_at"),
    _text("started_by"),
    _int("changed_at"),
    _int("length"),
    _flag("is_open"),
    _int("due_at", null=True),
    _flag("simulated"),
    sqlite_autoincrement=True,
)
_index(RUNS, "incident", "incident", "id")
_index(RUNS, "due", "due_at", "id", where="due_at IS NOT NULL")
_index(RUNS, "open", "is_open", "id")

RUN_EVENTS = sa.Table(
    "run_events",
    METADATA,
    sa.Column("run", Number, sa.ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("number", Number, primary_key=True, autoincrement=False),
    _int("at"),
    _text("event"),
    _text("who"),
    _text("step"),
    _text("answer"),
    _text("text"),
    _int("action", null=True),
)
_index(RUN_EVENTS, "action", "action", where="action IS NOT NULL")
