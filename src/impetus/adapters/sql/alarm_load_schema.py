"""Tables of the alarm load: who sits where, what waits, what was asked, and what is put aside."""

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number, _flag, _id, _index, _int, _text


def _part_of(name: str, target: str) -> sa.Column[int]:
    """Return a column of a primary key that refers to another table, and goes with its row."""
    key = sa.ForeignKey(target, ondelete="CASCADE")
    return sa.Column(name, Number, key, primary_key=True, autoincrement=False)


SEATS = sa.Table("seats", METADATA, sa.Column("name", sa.Text, primary_key=True), _flag("is_second"), _int("seen_at"))

WAITING = sa.Table(
    "waiting",
    METADATA,
    _part_of("alert", "alerts.id"),
    _int("since"),
    _text("severity"),
    _text("bundle"),
    _text("because"),
    _text("wanted"),
)
_index(WAITING, "since", "since", "alert")

ASKS = sa.Table(
    "asks",
    METADATA,
    _id(),
    _text("seat"),
    _int("at"),
    _text("severity"),
    sqlite_autoincrement=True,
)
_index(ASKS, "at", "at", "id")

ASK_LINES = sa.Table(
    "ask_lines",
    METADATA,
    _part_of("ask", "asks.id"),
    _part_of("alert", "alerts.id"),
    _text("bundle"),
    _text("severity"),
    _text("because"),
    _int("since"),
)
_index(ASK_LINES, "alert", "alert", "ask")

QUIET = sa.Table(
    "quiet",
    METADATA,
    _id(),
    _text("kind"),
    _text("title"),
    _text("why"),
    _text("owner"),
    _int("since"),
    _int("until"),
    _text("up_to"),
    _text("made_by"),
    _int("made_at"),
    _text("tool", null=True),
    _text("alert_kind", null=True),
    _text("zone", null=True),
    _text("subject", null=True),
    _text("source", null=True),
    _int("ended_at", null=True),
    _text("ended_by", null=True),
    _int("reviewed_at", null=True),
    _text("reviewed_by", null=True),
    sqlite_autoincrement=True,
)
_index(QUIET, "until", "until", "id")

QUIETED = sa.Table("quieted", METADATA, _part_of("rule", "quiet.id"), _part_of("alert", "alerts.id"), _int("at"))
_index(QUIETED, "alert", "alert", "rule")
