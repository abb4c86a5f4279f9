"""Tables of samples taken by hand; `docs/reference/store.md` says why each is there."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, _flag, _id, _index, _int, _real, _text

FIELD_SAMPLES = sa.Table(
    "field_samples",
    METADATA,
    _id(),
    _int("version"),
    _text("state"),
    _text("sampler"),
    _text("sampler_name"),
    _text("asked_by"),
    _int("at"),
    _int("changed_at"),
    _int("due_at"),
    _text("why"),
    _int("incident", null=True),
    _int("alert", null=True),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _text("seal"),
    _text("seal_state"),
    _text("holder"),
    _text("outcome", null=True),
    _real("measured", null=True),
    _text("reference"),
    _int("notice", null=True),
    _int("entries"),
    _text("head"),
    _flag("simulated"),
    sqlite_autoincrement=True,
)
_index(FIELD_SAMPLES, "state", "state", "id")
_index(FIELD_SAMPLES, "changed", "changed_at", "id")
_index(FIELD_SAMPLES, "sampler", "sampler", "id")
_index(FIELD_SAMPLES, "incident", "incident", "id", where="incident IS NOT NULL")

CUSTODY_ENTRIES = sa.Table(
    "custody_entries",
    METADATA,
    sa.Column("sample", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    _int("at"),
    _text("event"),
    _text("who"),
    _text("holder"),
    _text("place"),
    _text("text"),
    _text("digest"),
)
