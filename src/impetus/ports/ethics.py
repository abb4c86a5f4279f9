"""Protocols of what ethics needs from outside: the policy engine, the log, signatures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from impetus.core.access import AccessRequest, Ruling
from impetus.core.log_record import LogRecord


class Policy(Protocol):
    """Decides what may be done; denies by default, and denies everything when it cannot decide."""

    def decide(self, request: AccessRequest) -> Ruling:
        """Return the decision; never raises for a request, however odd."""
        ...


class Journal(Protocol):
    """Where every guard decision and every act goes on its way into the log."""

    def write(self, records: Sequence[LogRecord]) -> None:
        """Keep durably before returning; `NotNow` when the disk is full: an act that cannot be logged does not happen."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """An Ed25519 signature (RFC 8032): who signed by name, with which public key (32 bytes), the 64 bytes, and when."""

    name: str
    public_key: bytes
    signature: bytes
    at: datetime


class Signatures(Protocol):
    """Ed25519 key pairs by name, private halves encrypted at rest; a name's pair is made when first asked for."""

    def public_key(self, name: str) -> bytes:
        """Return the 32 bytes of the name's public key, making the pair when there is none."""
        ...

    def sign(self, name: str, message: bytes) -> bytes:
        """Return the 64-byte signature of the message by the name's private key."""
        ...

    def verify(self, public_key: bytes, signature: bytes, message: bytes) -> bool:
        """Say whether the signature is that key's over that message; false for anything unreadable: fails closed."""
        ...
