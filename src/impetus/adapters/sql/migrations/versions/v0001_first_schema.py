"""The first schema."""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXT, WHOLE, FLAG, BYTES = sa.Text(), sa.BigInteger(), sa.Boolean(), sa.LargeBinary()
REAL: sa.Double[float] = sa.Double()


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> Iterator[sa.Column[Any]]:
    """Yield a column of this kind for each name."""
    for name in names.split():
        yield sa.Column(name, kind, nullable=null)


def _id() -> sa.Column[int]:
    return sa.Column("id", NUMBER, autoincrement=True, nullable=False)


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint(*columns, name=f"pk_{table}")


def _ref(table: str, column: str, target: str, *, cascade: bool = False) -> sa.ForeignKeyConstraint:
    on_delete = "CASCADE" if cascade else None
    return sa.ForeignKeyConstraint([column], [target], name=f"fk_{table}_{column}", ondelete=on_delete)


def _once(table: str, column: str) -> sa.UniqueConstraint:
    return sa.UniqueConstraint(column, name=f"uq_{table}_{column}")


def _index(table: str, name: str, columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(f"{table}_{name}", table, columns.split(), sqlite_where=condition, postgresql_where=condition)


def _create_people() -> None:
    op.create_table(
        "accounts",
        _id(),
        *_each(TEXT, "name name_key role password_hash language"),
        *_each(WHOLE, "created_at totp_last_step failures"),
        *_each(FLAG, "must_change"),
        *_each(BYTES, "totp_sealed", null=True),
        *_each(WHOLE, "disabled_at locked_until", null=True),
        _key("accounts", "id"),
        _once("accounts", "name_key"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sessions",
        *_each(TEXT, "token_hash csrf"),
        *_each(NUMBER, "account"),
        *_each(WHOLE, "created_at expires_at"),
        _key("sessions", "token_hash"),
        _ref("sessions", "account", "accounts.id", cascade=True),
    )
    _index("sessions", "account", "account")
    _index("sessions", "expires", "expires_at")
    op.create_table(
        "tokens",
        _id(),
        *_each(TEXT, "name token_hash operations"),
        *_each(WHOLE, "created_at"),
        *_each(TEXT, "source", null=True),
        *_each(WHOLE, "expires_at revoked_at", null=True),
        _key("tokens", "id"),
        _once("tokens", "token_hash"),
        sqlite_autoincrement=True,
    )


def _create_sources() -> None:
    op.create_table(
        "sources",
        *_each(TEXT, "id name kind"),
        *_each(FLAG, "simulated"),
        *_each(REAL, "freshness_s"),
        *_each(WHOLE, "seen_at", null=True),
        _key("sources", "id"),
    )
    op.create_table(
        "source_counts",
        *_each(TEXT, "source rule"),
        *_each(WHOLE, "readings"),
        _key("source_counts", "source", "rule"),
        _ref("source_counts", "source", "sources.id"),
    )
    op.create_table(
        "datastreams",
        *_each(NUMBER, "id"),
        *_each(TEXT, "key source thing thing_name observed_property unit retention"),
        *_each(REAL, "point_lon point_lat", null=True),
        *_each(TEXT, "zone", null=True),
        *_each(REAL, "lowest highest cadence_s freshness_s"),
        *_each(FLAG, "simulated"),
        _key("datastreams", "id"),
        _ref("datastreams", "source", "sources.id"),
        _once("datastreams", "key"),
    )
    _index("datastreams", "source", "source id")
    op.create_table(
        "quarantine",
        _id(),
        *_each(TEXT, "source rule detail"),
        *_each(WHOLE, "at"),
        *_each(BYTES, "record"),
        _key("quarantine", "id"),
        sqlite_autoincrement=True,
    )
    _index("quarantine", "at", "at")
    _index("quarantine", "source", "source id")
    op.create_table(
        "quarantine_held",
        *_each(TEXT, "source"),
        *_each(WHOLE, "held"),
        _key("quarantine_held", "source"),
    )


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        _id(),
        *_each(WHOLE, "version opened_at changed_at"),
        *_each(TEXT, "state title severity owner opened_by outcome"),
        *_each(TEXT, "offered_to", null=True),
        *_each(WHOLE, "closed_at", null=True),
        *_each(REAL, "point_lon point_lat", null=True),
        *_each(FLAG, "simulated"),
        _key("incidents", "id"),
        sqlite_autoincrement=True,
    )
    _index("incidents", "state", "state id")
    op.create_table(
        "incident_entries",
        _id(),
        *_each(NUMBER, "incident"),
        *_each(WHOLE, "at"),
        *_each(TEXT, "event who text detail"),
        *_each(WHOLE, "alert", null=True),
        _key("incident_entries", "id"),
        _ref("incident_entries", "incident", "incidents.id"),
        sqlite_autoincrement=True,
    )
    _index("incident_entries", "incident", "incident id")
    op.create_table(
        "decisions",
        _id(),
        *_each(NUMBER, "incident"),
        *_each(WHOLE, "at"),
        *_each(TEXT, "who seen options choice reason"),
        *_each(NUMBER, "corrects", null=True),
        _key("decisions", "id"),
        _ref("decisions", "corrects", "decisions.id"),
        _ref("decisions", "incident", "incidents.id"),
        sqlite_autoincrement=True,
    )
    _index("decisions", "incident", "incident id")


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        _id(),
        *_each(
            TEXT,
            "fingerprint content_hash state kind tools subject headline why severity urgency certainty datastreams evidence joined facts",
        ),
        *_each(WHOLE, "version severity_rank began last_at raised_at changed_at repeats"),
        *_each(REAL, "score"),
        *_each(REAL, "one_in point_lon point_lat", null=True),
        *_each(TEXT, "zone owner offered_to verdict", null=True),
        *_each(WHOLE, "shelved_until", null=True),
        *_each(NUMBER, "incident", null=True),
        *_each(FLAG, "simulated"),
        _key("alerts", "id"),
        _ref("alerts", "incident", "incidents.id"),
        sqlite_autoincrement=True,
    )
    _index("alerts", "changed", "state changed_at id")
    _index("alerts", "fingerprint", "fingerprint last_at id")
    _index("alerts", "incident", "incident raised_at id", "incident IS NOT NULL")
    _index("alerts", "last", "last_at id")
    _index("alerts", "newest", "raised_at id")
    _index("alerts", "owner", "owner raised_at id", "owner IS NOT NULL")
    _index("alerts", "shelved", "state shelved_until id", "shelved_until IS NOT NULL")
    _index("alerts", "state_newest", "state severity_rank raised_at id")
    _index("alerts", "state_urgent", "state severity_rank last_at id")
    op.create_table(
        "alert_tools",
        *_each(NUMBER, "id"),
        *_each(TEXT, "tool state"),
        *_each(WHOLE, "severity_rank raised_at last_at"),
        _key("alert_tools", "id", "tool"),
        _ref("alert_tools", "id", "alerts.id", cascade=True),
        sqlite_with_rowid=False,
    )
    _index("alert_tools", "newest", "tool state severity_rank raised_at id")
    _index("alert_tools", "urgent", "tool state severity_rank last_at id")
    op.create_table(
        "alert_load",
        *_each(NUMBER, "minute"),
        *_each(WHOLE, "raised"),
        _key("alert_load", "minute"),
    )
    op.create_table(
        "alert_entries",
        _id(),
        *_each(NUMBER, "alert"),
        *_each(WHOLE, "at"),
        *_each(TEXT, "event who why detail"),
        *_each(TEXT, "state", null=True),
        _key("alert_entries", "id"),
        _ref("alert_entries", "alert", "alerts.id", cascade=True),
        sqlite_autoincrement=True,
    )
    _index("alert_entries", "alert", "alert id")
    op.create_table(
        "findings",
        _id(),
        *_each(TEXT, "key tool kind subject headline why severity urgency certainty datastreams facts"),
        *_each(NUMBER, "alert"),
        *_each(WHOLE, "began noticed"),
        *_each(WHOLE, "ended", null=True),
        *_each(REAL, "score"),
        *_each(REAL, "one_in point_lon point_lat", null=True),
        *_each(TEXT, "zone", null=True),
        *_each(FLAG, "simulated"),
        _key("findings", "id"),
        _ref("findings", "alert", "alerts.id", cascade=True),
        _once("findings", "key"),
    )
    _index("findings", "alert", "alert noticed id")


def _create_platform() -> None:
    op.create_table(
        "counters",
        *_each(TEXT, "name"),
        *_each(WHOLE, "value"),
        _key("counters", "name"),
    )
    op.create_table(
        "parts",
        *_each(TEXT, "part state note"),
        *_each(WHOLE, "pid started_at seen_at", null=True),
        *_each(WHOLE, "restarts lag dropped"),
        *_each(REAL, "rate_per_s memory_mib memory_limit_mib"),
        _key("parts", "part"),
    )
    op.create_table(
        "outbox",
        _id(),
        *_each(WHOLE, "at"),
        *_each(TEXT, "kind subject facts"),
        _key("outbox", "id"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "cursors",
        *_each(TEXT, "consumer topic"),
        *_each(WHOLE, "position"),
        _key("cursors", "consumer", "topic"),
    )
    op.create_table(
        "evidence",
        *_each(TEXT, "id finding media_type"),
        *_each(WHOLE, "bytes_ stored_at"),
        _key("evidence", "id"),
    )
    _index("evidence", "stored", "stored_at id")


def upgrade() -> None:
    """Create every table."""
    _create_people()
    _create_sources()
    _create_incidents()
    _create_alerts()
    _create_platform()
