"""Tables of effects on the city and of warnings, out and in; `docs/reference/store.md` says why each is there."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, _flag, _id, _index, _int, _real, _text

CITY_EFFECTS = sa.Table(
    "city_effects",
    METADATA,
    _id(),
    _int("version"),
    _int("action"),
    _text("key"),
    _text("device"),
    _text("name"),
    _text("kind"),
    _text("words"),
    _text("state"),
    _int("at"),
    _int("until"),
    _int("changed_at"),
    _int("incident", null=True),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _flag("simulated"),
    _text("receipt"),
    _text("trouble"),
    _int("attempts"),
    _int("next_try", null=True),
    _text("reverted_by"),
    _flag("is_told"),
    sa.UniqueConstraint("key"),
    sqlite_autoincrement=True,
)
_index(CITY_EFFECTS, "state", "state", "id")
_index(CITY_EFFECTS, "action", "action")
_index(CITY_EFFECTS, "incident", "incident", "id", where="incident IS NOT NULL")

PUBLIC_WARNINGS = sa.Table(
    "public_warnings",
    METADATA,
    _id(),
    _int("version"),
    _text("status"),
    _text("type"),
    _text("state"),
    _text("identifier"),
    _text("sender"),
    _text("content"),
    _text("drafted_by"),
    _int("at"),
    _int("changed_at"),
    _int("incident", null=True),
    _int("follows", null=True),
    _int("chain"),
    _int("action", null=True),
    _int("sent_at", null=True),
    _text("digest"),
    _text("receipt"),
    sa.UniqueConstraint("identifier"),
    sqlite_autoincrement=True,
)
_index(PUBLIC_WARNINGS, "chain", "chain", "id")
_index(PUBLIC_WARNINGS, "changed", "changed_at", "id")

WARNINGS_READ_IN = sa.Table(
    "warnings_read_in",
    METADATA,
    sa.Column("feed", sa.Text, primary_key=True),
    sa.Column("sender", sa.Text, primary_key=True),
    sa.Column("identifier", sa.Text, primary_key=True),
    sa.Column("sent", sa.BigInteger, primary_key=True, autoincrement=False),
    _int("at"),
    _text("status"),
    _text("type"),
    _text("headline"),
    _text("severity"),
    _int("expires", null=True),
    _text("signed"),
    _text("signer"),
    _text("finding"),
)
_index(WARNINGS_READ_IN, "at", "at")
