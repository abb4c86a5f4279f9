"""Tables of what is known of an incident: METHANE, objectives, sectors, links, shares; `docs/reference/store.md` says why.

Every row goes with its incident (`ON DELETE CASCADE`), so that retention needs to know of one table only.
"""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number, _flag, _id, _index, _int, _ref, _text


def _incident_key() -> sa.Column[int]:
    key = sa.ForeignKey("incidents.id", ondelete="CASCADE")
    return sa.Column("incident", Number, key, primary_key=True, autoincrement=False)


METHANE = sa.Table("methane", METADATA, _incident_key(), _int("version"), _int("action", null=True))

METHANE_TEXTS = sa.Table(
    "methane_texts",
    METADATA,
    _incident_key(),
    sa.Column("name", sa.Text, primary_key=True),
    _text("text"),
    _text("who"),
    _int("at"),
    _int("version"),
    _text("seat"),
)

METHANE_LINES = sa.Table(
    "methane_lines",
    METADATA,
    _id(),
    _ref("incident", "incidents.id", cascade=True),
    _text("name"),
    _text("text"),
    _text("who"),
    _int("at"),
    _int("version"),
    _text("seat"),
    _flag("lost"),
    _int("settled_at", null=True),
    _text("settled_by"),
    sqlite_autoincrement=True,
)
_index(METHANE_LINES, "incident", "incident", "id")

OBJECTIVES = sa.Table(
    "objectives",
    METADATA,
    _id(),
    _ref("incident", "incidents.id", cascade=True),
    _text("state"),
    _text("text"),
    _text("holder"),
    _text("set_by"),
    _int("set_at"),
    _text("changed_by"),
    _int("changed_at"),
    _text("why"),
    sqlite_autoincrement=True,
)
_index(OBJECTIVES, "incident", "incident", "id")

SECTORS = sa.Table(
    "sectors",
    METADATA,
    _id(),
    _ref("incident", "incidents.id", cascade=True),
    _text("name"),
    _text("holder"),
    _text("task"),
    _text("set_by"),
    _int("set_at"),
    _int("given_up_at", null=True),
    _text("given_up_by"),
    sqlite_autoincrement=True,
)
_index(SECTORS, "incident", "incident", "id")

LINKS = sa.Table(
    "links",
    METADATA,
    _id(),
    _text("kind"),
    _ref("incident", "incidents.id", null=True, cascade=True),
    _ref("other", "incidents.id", null=True, cascade=True),
    _ref("alert", "alerts.id", null=True, cascade=True),
    _ref("other_alert", "alerts.id", null=True, cascade=True),
    _int("at"),
    _text("who"),
    _text("why"),
    _text("moved"),
    _int("undone_at", null=True),
    _text("undone_by"),
    sqlite_autoincrement=True,
)
for _end in ("incident", "other", "alert", "other_alert"):
    _index(LINKS, _end, _end, "id", where=f"{_end} IS NOT NULL")

SHARES = sa.Table(
    "shares",
    METADATA,
    _id(),
    _ref("incident", "incidents.id", cascade=True),
    _text("agency"),
    _text("regime"),
    _text("parts"),
    _text("why"),
    _text("shared_by"),
    _int("shared_at"),
    _int("action", null=True),
    _int("ended_at", null=True),
    _text("ended_by"),
    sqlite_autoincrement=True,
)
_index(SHARES, "incident", "incident", "id")

SHARE_TASKS = sa.Table(
    "share_tasks",
    METADATA,
    _id(),
    _ref("share", "shares.id", cascade=True),
    _text("state"),
    _text("text"),
    _text("asked_by"),
    _int("asked_at"),
    _int("changed_at"),
    _text("said_by"),
    _text("said"),
    _text("came"),
    _int("theirs"),
    _int("said_at", null=True),
    sqlite_autoincrement=True,
)
_index(SHARE_TASKS, "share", "share", "id")

RECEIVED = sa.Table(
    "received_shares",
    METADATA,
    _incident_key(),
    _text("agency"),
    _int("number"),
    _int("share"),
    _text("sha256"),
    _int("at"),
    _text("who"),
    _int("lines"),
    sa.UniqueConstraint("agency", "share"),
)
