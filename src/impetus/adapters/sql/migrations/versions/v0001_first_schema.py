"""The first schema."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _column(
    name: str, kind: sa.types.TypeEngine[Any], *, null: bool = False, autoincrement: bool = False
) -> sa.Column[Any]:
    """Spell out what each column below has in common."""
    return sa.Column(name, kind, nullable=null, autoincrement=autoincrement)


def _index(table: str, name: str, *columns: str, where: str = "") -> None:
    """Create an index, over only the rows where `where` holds when it is given."""
    condition = sa.text(where) if where else None
    op.create_index(name, table, list(columns), sqlite_where=condition, postgresql_where=condition)


def _create_accounts() -> None:
    op.create_table(
        "accounts",
        _column("id", Number, autoincrement=True),
        _column("name", sa.Text()),
        _column("name_key", sa.Text()),
        _column("role", sa.Text()),
        _column("password_hash", sa.Text()),
        _column("created_at", sa.BigInteger()),
        _column("must_change", sa.Boolean()),
        _column("totp_sealed", sa.LargeBinary(), null=True),
        _column("totp_last_step", sa.BigInteger()),
        _column("disabled_at", sa.BigInteger(), null=True),
        _column("failures", sa.BigInteger()),
        _column("locked_until", sa.BigInteger(), null=True),
        _column("language", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_accounts"),
        sa.UniqueConstraint("name_key", name="uq_accounts_name_key"),
        sqlite_autoincrement=True,
    )


def _create_alert_load() -> None:
    op.create_table(
        "alert_load",
        _column("minute", Number),
        _column("raised", sa.BigInteger()),
        sa.PrimaryKeyConstraint("minute", name="pk_alert_load"),
    )


def _create_counters() -> None:
    op.create_table(
        "counters",
        _column("name", sa.Text()),
        _column("value", sa.BigInteger()),
        sa.PrimaryKeyConstraint("name", name="pk_counters"),
    )


def _create_cursors() -> None:
    op.create_table(
        "cursors",
        _column("consumer", sa.Text()),
        _column("topic", sa.Text()),
        _column("position", sa.BigInteger()),
        sa.PrimaryKeyConstraint("consumer", "topic", name="pk_cursors"),
    )


def _create_evidence() -> None:
    op.create_table(
        "evidence",
        _column("id", sa.Text()),
        _column("finding", sa.Text()),
        _column("media_type", sa.Text()),
        _column("bytes_", sa.BigInteger()),
        _column("stored_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", name="pk_evidence"),
    )
    _index("evidence", "evidence_stored", "stored_at", "id")


def _create_incidents() -> None:
    op.create_table(
        "incidents",
        _column("id", Number, autoincrement=True),
        _column("version", sa.BigInteger()),
        _column("state", sa.Text()),
        _column("title", sa.Text()),
        _column("severity", sa.Text()),
        _column("owner", sa.Text()),
        _column("opened_at", sa.BigInteger()),
        _column("opened_by", sa.Text()),
        _column("changed_at", sa.BigInteger()),
        _column("offered_to", sa.Text(), null=True),
        _column("closed_at", sa.BigInteger(), null=True),
        _column("outcome", sa.Text()),
        _column("point_lon", sa.Double(), null=True),
        _column("point_lat", sa.Double(), null=True),
        _column("simulated", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_incidents"),
        sqlite_autoincrement=True,
    )
    _index("incidents", "incidents_state", "state", "id")


def _create_outbox() -> None:
    op.create_table(
        "outbox",
        _column("id", Number, autoincrement=True),
        _column("at", sa.BigInteger()),
        _column("kind", sa.Text()),
        _column("subject", sa.Text()),
        _column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sqlite_autoincrement=True,
    )


def _create_parts() -> None:
    op.create_table(
        "parts",
        _column("part", sa.Text()),
        _column("state", sa.Text()),
        _column("pid", sa.BigInteger(), null=True),
        _column("started_at", sa.BigInteger(), null=True),
        _column("seen_at", sa.BigInteger(), null=True),
        _column("restarts", sa.BigInteger()),
        _column("rate_per_s", sa.Double()),
        _column("lag", sa.BigInteger()),
        _column("dropped", sa.BigInteger()),
        _column("memory_mib", sa.Double()),
        _column("memory_limit_mib", sa.Double()),
        _column("note", sa.Text()),
        sa.PrimaryKeyConstraint("part", name="pk_parts"),
    )


def _create_quarantine() -> None:
    op.create_table(
        "quarantine",
        _column("id", Number, autoincrement=True),
        _column("source", sa.Text()),
        _column("at", sa.BigInteger()),
        _column("rule", sa.Text()),
        _column("detail", sa.Text()),
        _column("record", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id", name="pk_quarantine"),
        sqlite_autoincrement=True,
    )
    _index("quarantine", "quarantine_at", "at")
    _index("quarantine", "quarantine_source", "source", "id")


def _create_quarantine_held() -> None:
    op.create_table(
        "quarantine_held",
        _column("source", sa.Text()),
        _column("held", sa.BigInteger()),
        sa.PrimaryKeyConstraint("source", name="pk_quarantine_held"),
    )


def _create_sources() -> None:
    op.create_table(
        "sources",
        _column("id", sa.Text()),
        _column("name", sa.Text()),
        _column("kind", sa.Text()),
        _column("simulated", sa.Boolean()),
        _column("freshness_s", sa.Double()),
        _column("seen_at", sa.BigInteger(), null=True),
        sa.PrimaryKeyConstraint("id", name="pk_sources"),
    )


def _create_tokens() -> None:
    op.create_table(
        "tokens",
        _column("id", Number, autoincrement=True),
        _column("name", sa.Text()),
        _column("token_hash", sa.Text()),
        _column("operations", sa.Text()),
        _column("created_at", sa.BigInteger()),
        _column("source", sa.Text(), null=True),
        _column("expires_at", sa.BigInteger(), null=True),
        _column("revoked_at", sa.BigInteger(), null=True),
        sa.PrimaryKeyConstraint("id", name="pk_tokens"),
        sa.UniqueConstraint("token_hash", name="uq_tokens_token_hash"),
        sqlite_autoincrement=True,
    )


def _create_alerts() -> None:
    op.create_table(
        "alerts",
        _column("id", Number, autoincrement=True),
        _column("fingerprint", sa.Text()),
        _column("content_hash", sa.Text()),
        _column("version", sa.BigInteger()),
        _column("state", sa.Text()),
        _column("kind", sa.Text()),
        _column("tools", sa.Text()),
        _column("subject", sa.Text()),
        _column("headline", sa.Text()),
        _column("why", sa.Text()),
        _column("severity", sa.Text()),
        _column("severity_rank", sa.BigInteger()),
        _column("urgency", sa.Text()),
        _column("certainty", sa.Text()),
        _column("score", sa.Double()),
        _column("one_in", sa.Double(), null=True),
        _column("began", sa.BigInteger()),
        _column("last_at", sa.BigInteger()),
        _column("raised_at", sa.BigInteger()),
        _column("changed_at", sa.BigInteger()),
        _column("repeats", sa.BigInteger()),
        _column("point_lon", sa.Double(), null=True),
        _column("point_lat", sa.Double(), null=True),
        _column("zone", sa.Text(), null=True),
        _column("datastreams", sa.Text()),
        _column("evidence", sa.Text()),
        _column("owner", sa.Text(), null=True),
        _column("offered_to", sa.Text(), null=True),
        _column("verdict", sa.Text(), null=True),
        _column("shelved_until", sa.BigInteger(), null=True),
        _column("incident", Number, null=True),
        _column("simulated", sa.Boolean()),
        _column("joined", sa.Text()),
        _column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_alerts"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_alerts_incident"),
        sqlite_autoincrement=True,
    )
    _index("alerts", "alerts_changed", "state", "changed_at", "id")
    _index("alerts", "alerts_fingerprint", "fingerprint", "last_at", "id")
    _index("alerts", "alerts_incident", "incident", "raised_at", "id", where="incident IS NOT NULL")
    _index("alerts", "alerts_last", "last_at", "id")
    _index("alerts", "alerts_newest", "raised_at", "id")
    _index("alerts", "alerts_owner", "owner", "raised_at", "id", where="owner IS NOT NULL")
    _index("alerts", "alerts_shelved", "state", "shelved_until", "id", where="shelved_until IS NOT NULL")
    _index("alerts", "alerts_state_newest", "state", "severity_rank", "raised_at", "id")
    _index("alerts", "alerts_state_urgent", "state", "severity_rank", "last_at", "id")


def _create_datastreams() -> None:
    op.create_table(
        "datastreams",
        _column("id", Number),
        _column("key", sa.Text()),
        _column("source", sa.Text()),
        _column("thing", sa.Text()),
        _column("thing_name", sa.Text()),
        _column("observed_property", sa.Text()),
        _column("unit", sa.Text()),
        _column("point_lon", sa.Double(), null=True),
        _column("point_lat", sa.Double(), null=True),
        _column("zone", sa.Text(), null=True),
        _column("lowest", sa.Double()),
        _column("highest", sa.Double()),
        _column("cadence_s", sa.Double()),
        _column("freshness_s", sa.Double()),
        _column("retention", sa.Text()),
        _column("simulated", sa.Boolean()),
        sa.PrimaryKeyConstraint("id", name="pk_datastreams"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], name="fk_datastreams_source"),
        sa.UniqueConstraint("key", name="uq_datastreams_key"),
    )
    _index("datastreams", "datastreams_source", "source", "id")


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        _column("id", Number, autoincrement=True),
        _column("incident", Number),
        _column("at", sa.BigInteger()),
        _column("who", sa.Text()),
        _column("seen", sa.Text()),
        _column("options", sa.Text()),
        _column("choice", sa.Text()),
        _column("reason", sa.Text()),
        _column("corrects", Number, null=True),
        sa.PrimaryKeyConstraint("id", name="pk_decisions"),
        sa.ForeignKeyConstraint(["corrects"], ["decisions.id"], name="fk_decisions_corrects"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_decisions_incident"),
        sqlite_autoincrement=True,
    )
    _index("decisions", "decisions_incident", "incident", "id")


def _create_incident_entries() -> None:
    op.create_table(
        "incident_entries",
        _column("id", Number, autoincrement=True),
        _column("incident", Number),
        _column("at", sa.BigInteger()),
        _column("event", sa.Text()),
        _column("who", sa.Text()),
        _column("text", sa.Text()),
        _column("alert", sa.BigInteger(), null=True),
        _column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_incident_entries"),
        sa.ForeignKeyConstraint(["incident"], ["incidents.id"], name="fk_incident_entries_incident"),
        sqlite_autoincrement=True,
    )
    _index("incident_entries", "incident_entries_incident", "incident", "id")


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        _column("token_hash", sa.Text()),
        _column("account", Number),
        _column("created_at", sa.BigInteger()),
        _column("expires_at", sa.BigInteger()),
        _column("csrf", sa.Text()),
        sa.PrimaryKeyConstraint("token_hash", name="pk_sessions"),
        sa.ForeignKeyConstraint(["account"], ["accounts.id"], name="fk_sessions_account", ondelete="CASCADE"),
    )
    _index("sessions", "sessions_account", "account")
    _index("sessions", "sessions_expires", "expires_at")


def _create_source_counts() -> None:
    op.create_table(
        "source_counts",
        _column("source", sa.Text()),
        _column("rule", sa.Text()),
        _column("readings", sa.BigInteger()),
        sa.PrimaryKeyConstraint("source", "rule", name="pk_source_counts"),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], name="fk_source_counts_source"),
    )


def _create_alert_entries() -> None:
    op.create_table(
        "alert_entries",
        _column("id", Number, autoincrement=True),
        _column("alert", Number),
        _column("at", sa.BigInteger()),
        _column("event", sa.Text()),
        _column("who", sa.Text()),
        _column("why", sa.Text()),
        _column("state", sa.Text(), null=True),
        _column("detail", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_alert_entries"),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_alert_entries_alert", ondelete="CASCADE"),
        sqlite_autoincrement=True,
    )
    _index("alert_entries", "alert_entries_alert", "alert", "id")


def _create_alert_tools() -> None:
    op.create_table(
        "alert_tools",
        _column("id", Number),
        _column("tool", sa.Text()),
        _column("state", sa.Text()),
        _column("severity_rank", sa.BigInteger()),
        _column("raised_at", sa.BigInteger()),
        _column("last_at", sa.BigInteger()),
        sa.PrimaryKeyConstraint("id", "tool", name="pk_alert_tools"),
        sa.ForeignKeyConstraint(["id"], ["alerts.id"], name="fk_alert_tools_id", ondelete="CASCADE"),
        sqlite_with_rowid=False,
    )
    _index("alert_tools", "alert_tools_newest", "tool", "state", "severity_rank", "raised_at", "id")
    _index("alert_tools", "alert_tools_urgent", "tool", "state", "severity_rank", "last_at", "id")


def _create_findings() -> None:
    op.create_table(
        "findings",
        _column("id", Number, autoincrement=True),
        _column("key", sa.Text()),
        _column("alert", Number),
        _column("tool", sa.Text()),
        _column("kind", sa.Text()),
        _column("subject", sa.Text()),
        _column("headline", sa.Text()),
        _column("why", sa.Text()),
        _column("began", sa.BigInteger()),
        _column("noticed", sa.BigInteger()),
        _column("ended", sa.BigInteger(), null=True),
        _column("severity", sa.Text()),
        _column("urgency", sa.Text()),
        _column("certainty", sa.Text()),
        _column("score", sa.Double()),
        _column("one_in", sa.Double(), null=True),
        _column("point_lon", sa.Double(), null=True),
        _column("point_lat", sa.Double(), null=True),
        _column("zone", sa.Text(), null=True),
        _column("datastreams", sa.Text()),
        _column("simulated", sa.Boolean()),
        _column("facts", sa.Text()),
        sa.PrimaryKeyConstraint("id", name="pk_findings"),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name="fk_findings_alert", ondelete="CASCADE"),
        sa.UniqueConstraint("key", name="uq_findings_key"),
    )
    _index("findings", "findings_alert", "alert", "noticed", "id")


def upgrade() -> None:
    """Create every table."""
    _create_accounts()
    _create_alert_load()
    _create_counters()
    _create_cursors()
    _create_evidence()
    _create_incidents()
    _create_outbox()
    _create_parts()
    _create_quarantine()
    _create_quarantine_held()
    _create_sources()
    _create_tokens()
    _create_alerts()
    _create_datastreams()
    _create_decisions()
    _create_incident_entries()
    _create_sessions()
    _create_source_counts()
    _create_alert_entries()
    _create_alert_tools()
    _create_findings()
