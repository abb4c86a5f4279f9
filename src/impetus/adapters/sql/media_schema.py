"""Tables of reveals, sealed identities and requests to look behind a pseudonym."""

from typing import Any

import sqlalchemy as sa

from impetus.adapters.sql.schema import METADATA, Number


def _id() -> sa.Column[int]:
    return sa.Column("id", Number, primary_key=True, autoincrement=True)


def _each(kind: sa.types.TypeEngine[Any], names: str, *, null: bool = False) -> list[sa.Column[Any]]:
    """Return a column of this kind for each name."""
    return [sa.Column(name, kind, nullable=null) for name in names.split()]


REVEALS = sa.Table(
    "reveals",
    METADATA,
    _id(),
    *_each(sa.BigInteger(), "version incident asked_account asked_at minutes good_until"),
    *_each(sa.BigInteger(), "approved_at opened_at newest_at ended_at", null=True),
    *_each(sa.Text(), "state subject asked_by why recipient ended_why"),
    *_each(sa.Text(), "approved_by ended_by", null=True),
    sa.Column("simulated", sa.Boolean, nullable=False),
    sqlite_autoincrement=True,
)
sa.Index("reveals_state", REVEALS.c.state, REVEALS.c.id)
sa.Index("reveals_incident", REVEALS.c.incident, REVEALS.c.id)
sa.Index("reveals_subject", REVEALS.c.subject, REVEALS.c.id)

SEALED_IDENTITIES = sa.Table(
    "sealed_identities",
    METADATA,
    *[sa.Column(name, sa.Text, primary_key=True) for name in ("domain", "period", "pseudonym")],
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("stored_at", sa.BigInteger, nullable=False),
)
sa.Index("sealed_identities_period", SEALED_IDENTITIES.c.period)

IDENTITY_REQUESTS = sa.Table(
    "identity_requests",
    METADATA,
    _id(),
    *_each(sa.BigInteger(), "version incident asked_account asked_at good_until"),
    *_each(sa.BigInteger(), "approved_at ended_at", null=True),
    *_each(sa.Text(), "state domain period pseudonym asked_by why ended_why"),
    *_each(sa.Text(), "approved_by ended_by", null=True),
    sqlite_autoincrement=True,
)
sa.Index("identity_requests_state", IDENTITY_REQUESTS.c.state, IDENTITY_REQUESTS.c.id)
