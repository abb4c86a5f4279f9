"""Tables and indices of the state; `docs/reference/store.md` says why each is there.

Column names are the field names of the domain's dataclasses (a `Point` becomes two columns), so that `codec.py` needs no
mapping. Times are whole microseconds since 1970 UTC. Ids never come back after an erasure (AUTOINCREMENT).
"""

import sqlalchemy as sa

METADATA = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
"""64-bit integer; SQLite numbers rows by itself only when the type is spelled INTEGER, which holds 64 bits there too."""


def _id() -> sa.Column[int]:
    return sa.Column("id", Number, primary_key=True, autoincrement=True)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _int(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=null)


def _real(name: str, *, null: bool = False) -> sa.Column[float]:
    return sa.Column(name, sa.Double, nullable=null)


def _flag(name: str) -> sa.Column[bool]:
    return sa.Column(name, sa.Boolean, nullable=False)


def _ref(name: str, target: str, *, null: bool = False, cascade: bool = False) -> sa.Column[int]:
    key = sa.ForeignKey(target, ondelete="CASCADE" if cascade else None)
    return sa.Column(name, Number, key, nullable=null)


def _index(table: sa.Table, name: str, *columns: str, where: str = "") -> None:
    """Add an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    sa.Index(
        f"{table.name}_{name}",
        *(table.c[column] for column in columns),
        sqlite_where=condition,
        postgresql_where=condition,
    )


COUNTERS = sa.Table("counters", METADATA, sa.Column("name", sa.Text, primary_key=True), _int("value"))

INCIDENTS = sa.Table(
    "incidents",
    METADATA,
    _id(),
    _int("version"),
    _text("state"),
    _text("title"),
    _text("severity"),
    _text("owner"),
    _int("opened_at"),
    _text("opened_by"),
    _int("changed_at"),
    _text("offered_to", null=True),
    _int("closed_at", null=True),
    _text("outcome"),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _flag("simulated"),
    sa.Column("type", sa.Text, nullable=False, server_default=""),
    sa.Column("type_version", sa.BigInteger, nullable=False, server_default="0"),
    sqlite_autoincrement=True,
)
_index(INCIDENTS, "state", "state", "id")

INCIDENT_ENTRIES = sa.Table(
    "incident_entries",
    METADATA,
    _id(),
    _ref("incident", "incidents.id"),
    _int("at"),
    _text("event"),
    _text("who"),
    _text("text"),
    _int("alert", null=True),
    _text("detail"),
    sqlite_autoincrement=True,
)
_index(INCIDENT_ENTRIES, "incident", "incident", "id")

DECISIONS = sa.Table(
    "decisions",
    METADATA,
    _id(),
    _ref("incident", "incidents.id"),
    _int("at"),
    _text("who"),
    _text("seen"),
    _text("options"),
    _text("choice"),
    _text("reason"),
    _ref("corrects", "decisions.id", null=True),
    sa.Column("risks", sa.Text, nullable=False, server_default=""),
    sa.Column("powers", sa.Text, nullable=False, server_default=""),
    sa.Column("assumptions", sa.Text, nullable=False, server_default=""),
    sa.Column("with_whom", sa.Text, nullable=False, server_default="[]"),
    _int("review_at", null=True),
    sqlite_autoincrement=True,
)
_index(DECISIONS, "incident", "incident", "id")

ALERTS = sa.Table(
    "alerts",
    METADATA,
    _id(),
    _text("fingerprint"),
    _text("content_hash"),
    _int("version"),
    _text("state"),
    _text("kind"),
    _text("tools"),
    _text("subject"),
    _text("headline"),
    _text("why"),
    _text("severity"),
    _int("severity_rank"),
    _text("urgency"),
    _text("certainty"),
    _real("score"),
    _real("one_in", null=True),
    _int("began"),
    _int("last_at"),
    _int("raised_at"),
    _int("changed_at"),
    _int("repeats"),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _text("zone", null=True),
    _text("datastreams"),
    _text("evidence"),
    _text("owner", null=True),
    _text("offered_to", null=True),
    _text("verdict", null=True),
    _int("shelved_until", null=True),
    _ref("incident", "incidents.id", null=True),
    _flag("simulated"),
    _text("joined"),
    _text("facts"),
    sqlite_autoincrement=True,
)
_index(ALERTS, "newest", "raised_at", "id")
_index(ALERTS, "state_newest", "state", "severity_rank", "raised_at", "id")
_index(ALERTS, "state_urgent", "state", "severity_rank", "last_at", "id")
_index(ALERTS, "owner", "owner", "raised_at", "id", where="owner IS NOT NULL")
_index(ALERTS, "incident", "incident", "raised_at", "id", where="incident IS NOT NULL")
_index(ALERTS, "fingerprint", "fingerprint", "last_at", "id")
_index(ALERTS, "last", "last_at", "id")
_index(ALERTS, "shelved", "state", "shelved_until", "id", where="shelved_until IS NOT NULL")
_index(ALERTS, "changed", "state", "changed_at", "id")

ALERT_TOOLS = sa.Table(
    "alert_tools",
    METADATA,
    sa.Column("id", Number, sa.ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("tool", sa.Text, primary_key=True),
    _text("state"),
    _int("severity_rank"),
    _int("raised_at"),
    _int("last_at"),
    sqlite_with_rowid=False,
)
_index(ALERT_TOOLS, "newest", "tool", "state", "severity_rank", "raised_at", "id")
_index(ALERT_TOOLS, "urgent", "tool", "state", "severity_rank", "last_at", "id")

ALERT_LOAD = sa.Table(
    "alert_load", METADATA, sa.Column("minute", Number, primary_key=True, autoincrement=False), _int("raised")
)

ALERT_ENTRIES = sa.Table(
    "alert_entries",
    METADATA,
    _id(),
    _ref("alert", "alerts.id", cascade=True),
    _int("at"),
    _text("event"),
    _text("who"),
    _text("why"),
    _text("state", null=True),
    _text("detail"),
    sqlite_autoincrement=True,
)
_index(ALERT_ENTRIES, "alert", "alert", "id")

FINDINGS = sa.Table(
    "findings",
    METADATA,
    _id(),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    _ref("alert", "alerts.id", cascade=True),
    _text("tool"),
    _text("kind"),
    _text("subject"),
    _text("headline"),
    _text("why"),
    _int("began"),
    _int("noticed"),
    _int("ended", null=True),
    _text("severity"),
    _text("urgency"),
    _text("certainty"),
    _real("score"),
    _real("one_in", null=True),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _text("zone", null=True),
    _text("datastreams"),
    _flag("simulated"),
    _text("facts"),
)
_index(FINDINGS, "alert", "alert", "noticed", "id")

ACCOUNTS = sa.Table(
    "accounts",
    METADATA,
    _id(),
    _text("name"),
    sa.Column("name_key", sa.Text, nullable=False, unique=True),
    _text("role"),
    _text("password_hash"),
    _int("created_at"),
    _flag("must_change"),
    sa.Column("totp_sealed", sa.LargeBinary),
    _int("totp_last_step"),
    _int("disabled_at", null=True),
    _int("failures"),
    _int("locked_until", null=True),
    _text("language"),
    sqlite_autoincrement=True,
)

SESSIONS = sa.Table(
    "sessions",
    METADATA,
    sa.Column("token_hash", sa.Text, primary_key=True),
    _ref("account", "accounts.id", cascade=True),
    _int("created_at"),
    _int("expires_at"),
    _text("csrf"),
)
_index(SESSIONS, "account", "account")
_index(SESSIONS, "expires", "expires_at")

TOKENS = sa.Table(
    "tokens",
    METADATA,
    _id(),
    _text("name"),
    sa.Column("token_hash", sa.Text, nullable=False, unique=True),
    _text("operations"),
    _int("created_at"),
    _text("source", null=True),
    _int("expires_at", null=True),
    _int("revoked_at", null=True),
    sqlite_autoincrement=True,
)

SOURCES = sa.Table(
    "sources",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _text("name"),
    _text("kind"),
    _flag("simulated"),
    _real("freshness_s"),
    _int("seen_at", null=True),
)

SOURCE_COUNTS = sa.Table(
    "source_counts",
    METADATA,
    sa.Column("source", sa.Text, sa.ForeignKey("sources.id"), primary_key=True),
    sa.Column("rule", sa.Text, primary_key=True),
    _int("readings"),
)

DATASTREAMS = sa.Table(
    "datastreams",
    METADATA,
    sa.Column("id", Number, primary_key=True, autoincrement=False),
    sa.Column("key", sa.Text, nullable=False, unique=True),
    sa.Column("source", sa.Text, sa.ForeignKey("sources.id"), nullable=False),
    _text("thing"),
    _text("thing_name"),
    _text("observed_property"),
    _text("unit"),
    _real("point_lon", null=True),
    _real("point_lat", null=True),
    _text("zone", null=True),
    _real("lowest"),
    _real("highest"),
    _real("cadence_s"),
    _real("freshness_s"),
    _text("retention"),
    _flag("simulated"),
)
_index(DATASTREAMS, "source", "source", "id")

QUARANTINE = sa.Table(
    "quarantine",
    METADATA,
    _id(),
    _text("source"),
    _int("at"),
    _text("rule"),
    _text("detail"),
    sa.Column("record", sa.LargeBinary, nullable=False),
    sqlite_autoincrement=True,
)
_index(QUARANTINE, "source", "source", "id")
_index(QUARANTINE, "at", "at")

QUARANTINE_HELD = sa.Table("quarantine_held", METADATA, sa.Column("source", sa.Text, primary_key=True), _int("held"))

PARTS = sa.Table(
    "parts",
    METADATA,
    sa.Column("part", sa.Text, primary_key=True),
    _text("state"),
    _int("pid", null=True),
    _int("started_at", null=True),
    _int("seen_at", null=True),
    _int("restarts"),
    _real("rate_per_s"),
    _int("lag"),
    _int("dropped"),
    _real("memory_mib"),
    _real("memory_limit_mib"),
    _text("note"),
)

OUTBOX = sa.Table(
    "outbox", METADATA, _id(), _int("at"), _text("kind"), _text("subject"), _text("facts"), sqlite_autoincrement=True
)

CURSORS = sa.Table(
    "cursors",
    METADATA,
    sa.Column("consumer", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, primary_key=True),
    _int("position"),
)

EVIDENCE = sa.Table(
    "evidence",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    _text("finding"),
    _text("media_type"),
    _int("bytes_"),
    _int("stored_at"),
)
_index(EVIDENCE, "stored", "stored_at", "id")
