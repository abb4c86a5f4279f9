"""Accounts, sessions and service tokens as stored: hashes and ciphertext, never a secret in clear."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Role
from impetus.core.ids import AccountId, SourceId


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """A person's local account. `totp_sealed` is the TOTP secret encrypted at rest, None until enrolled."""

    id: AccountId
    name: str
    role: Role
    password_hash: str
    created_at: datetime
    must_change: bool = True
    totp_sealed: bytes | None = None
    totp_last_step: int = 0
    disabled_at: datetime | None = None
    failures: int = 0
    locked_until: datetime | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """A signed-in browser; `token_hash` is SHA-256 of the cookie's secret."""

    token_hash: str
    account: AccountId
    created_at: datetime
    expires_at: datetime
    csrf: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceToken:
    """A token for a program: only the named operations, and for ingest only the named source."""

    id: int
    name: str
    token_hash: str
    operations: frozenset[str]
    created_at: datetime
    source: SourceId | None = None
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
