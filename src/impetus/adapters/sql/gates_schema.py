"""Tables of the human gates: proposals, planted alerts and figures; `docs/reference/store.md` says why each is there."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number, _flag, _id, _index, _int, _ref, _text

ACTIONS = sa.Table(
    "actions",
    METADATA,
    _id(),
    _int("version"),
    _int("revision"),
    _text("state"),
    _text("kind"),
    _text("target"),
    _ref("incident", "incidents.id", null=True),
    _text("why"),
    _text("proposed_by"),
    _int("proposer"),
    _int("at"),
    _int("expires"),
    _int("changed_at"),
    _text("receipt"),
    _flag("simulated"),
    _text("parameters"),
    sqlite_autoincrement=True,
)
_index(ACTIONS, "state", "state", "id")
_index(ACTIONS, "incident", "incident", "id", where="incident IS NOT NULL")
_index(ACTIONS, "changed", "state", "changed_at", "id")

ACTION_ENTRIES = sa.Table(
    "action_entries",
    METADATA,
    _id(),
    _ref("action", "actions.id", cascade=True),
    _int("at"),
    _text("event"),
    _text("who"),
    _int("account", null=True),
    _text("role"),
    _text("text"),
    _text("content_hash"),
    sqlite_autoincrement=True,
)
_index(ACTION_ENTRIES, "action", "action", "id")

PERFORMANCES = sa.Table(
    "performances",
    METADATA,
    sa.Column("action", Number, sa.ForeignKey("actions.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    _text("key"),
    _int("started_at"),
    _int("finished_at", null=True),
    _flag("succeeded"),
    _text("receipt"),
)

PLANTS = sa.Table(
    "plants",
    METADATA,
    _id(),
    _int("source"),
    _text("expected"),
    _int("due"),
    _text("planned_by"),
    _int("planned_at"),
    _text("why"),
    _int("alert", null=True),
    _int("raised_at", null=True),
    _int("disclosed_at", null=True),
    _int("cancelled_at", null=True),
    _text("verdict", null=True),
    sqlite_autoincrement=True,
)
_index(PLANTS, "alert", "alert", where="alert IS NOT NULL")

FIGURES = sa.Table(
    "figures",
    METADATA,
    sa.Column("week", Number, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("bucket", Number, primary_key=True, autoincrement=False),
    _int("count"),
)

FIGURE_PEOPLE = sa.Table(
    "figure_people",
    METADATA,
    sa.Column("week", Number, primary_key=True, autoincrement=False),
    sa.Column("mark", sa.Text, primary_key=True),
)
