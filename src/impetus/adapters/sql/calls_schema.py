"""Tables of calling people: plans, contacts, notices, deliveries, shifts; `docs/reference/store.md` says why each is there."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number, _flag, _id, _index, _int, _real, _ref, _text

CALL_PLANS = sa.Table(
    "call_plans",
    METADATA,
    _id(),
    _text("kind"),
    _text("name"),
    _int("version"),
    _text("body"),
    _text("by"),
    _int("at"),
    _flag("retired"),
    sa.UniqueConstraint("kind", "name", "version"),
    sqlite_autoincrement=True,
)

STAND_INS = sa.Table(
    "stand_ins",
    METADATA,
    _id(),
    _text("rotation"),
    _text("person"),
    _int("begins"),
    _int("ends"),
    _text("why"),
    _text("by"),
    _int("at"),
    _int("cancelled_at", null=True),
    _text("cancelled_by"),
    sqlite_autoincrement=True,
)
_index(STAND_INS, "ends", "ends")

CONTACTS = sa.Table(
    "contacts",
    METADATA,
    sa.Column("account", Number, sa.ForeignKey("accounts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("channel", sa.Text, primary_key=True),
    _int("place"),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    _int("added_at"),
)

NOTICES = sa.Table(
    "notices",
    METADATA,
    _id(),
    _int("version"),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _text("to"),
    _text("title"),
    _text("text"),
    _int("incident", null=True),
    _int("alert", null=True),
    _text("place"),
    _text("urgency"),
    _text("asked_by"),
    _int("at"),
    _int("ends"),
    _text("plan"),
    _real("ahead_s"),
    _int("step"),
    _int("ended_at", null=True),
    _text("ended_why"),
    _flag("simulated"),
    sqlite_autoincrement=True,
)
_index(NOTICES, "open", "id", where="ended_at IS NULL")
_index(NOTICES, "incident", "incident", "id", where="incident IS NOT NULL")
_index(NOTICES, "ended", "ended_at")

RECIPIENTS = sa.Table(
    "recipients",
    METADATA,
    sa.Column("notice", Number, sa.ForeignKey("notices.id", ondelete="CASCADE"), primary_key=True, autoincrement=False),
    sa.Column("person", sa.Text, primary_key=True),
    _int("account"),
    _int("step"),
    _int("asked_at"),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    sa.Column("token_sealed", sa.LargeBinary, nullable=True),
    _int("token_until"),
    _int("acked_at", null=True),
    _text("acked_over"),
)
_index(RECIPIENTS, "account", "account", "notice", where="acked_at IS NULL")

DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    _id(),
    _ref("notice", "notices.id", cascade=True),
    _text("person"),
    _text("channel"),
    _text("state"),
    _int("changed_at"),
    _int("attempts"),
    _int("next_at", null=True),
    _text("why"),
    _text("receipt"),
    sa.UniqueConstraint("notice", "person", "channel"),
    sqlite_autoincrement=True,
)
_index(DELIVERIES, "due", "channel", "next_at", where="next_at IS NOT NULL")

CHANNEL_HEALTH = sa.Table(
    "channel_health",
    METADATA,
    sa.Column("channel", sa.Text, primary_key=True),
    _text("kind"),
    _int("checked_at"),
    _int("failures"),
    _int("check_failures"),
    _int("dead_since", null=True),
    _int("told_at", null=True),
    _int("last_ok_at", null=True),
    _text("why"),
    _int("sent"),
    _int("failed"),
)

SHIFTS = sa.Table(
    "shifts",
    METADATA,
    _id(),
    _text("watch"),
    _text("person"),
    _int("account", null=True),
    _int("began_at"),
    _int("ended_at", null=True),
    sqlite_autoincrement=True,
)
sa.Index(
    "shifts_lasting",
    SHIFTS.c.watch,
    unique=True,
    sqlite_where=sa.text("ended_at IS NULL"),
    postgresql_where=sa.text("ended_at IS NULL"),
)

HAND_OVERS = sa.Table(
    "hand_overs",
    METADATA,
    _id(),
    _int("version"),
    _text("state"),
    _ref("shift", "shifts.id", cascade=True),
    _text("watch"),
    _text("giver"),
    _text("taker"),
    _int("at"),
    _int("changed_at"),
    _text("ended_why"),
    sqlite_autoincrement=True,
)
_index(HAND_OVERS, "state", "state", "id")

HAND_OVER_ITEMS = sa.Table(
    "hand_over_items",
    METADATA,
    _id(),
    _ref("hand_over", "hand_overs.id", cascade=True),
    _text("key"),
    _text("kind"),
    _text("title"),
    _text("detail"),
    _text("link"),
    _int("added_at"),
    _int("gone_at", null=True),
    _int("read_at", null=True),
    _text("read_by"),
    _text("read_back"),
    sa.UniqueConstraint("hand_over", "key"),
    sqlite_autoincrement=True,
)

SHIFT_NOTES = sa.Table(
    "shift_notes",
    METADATA,
    _id(),
    _int("at"),
    _text("who"),
    _text("text"),
    _text("folded"),
    _int("incident", null=True),
    _int("pinned_at", null=True),
    _text("pinned_by"),
    _int("struck_at", null=True),
    _text("struck_by"),
    _text("struck_why"),
    sqlite_autoincrement=True,
)
_index(SHIFT_NOTES, "at", "at")
_index(SHIFT_NOTES, "pinned", "id", where="pinned_at IS NOT NULL")
