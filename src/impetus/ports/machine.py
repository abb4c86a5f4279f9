"""Protocols of the machine: time, chance, passwords, keys, bytes that are kept, and how columns and findings are written."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.evidence import Evidence
from impetus.core.finding import Finding
from impetus.core.observation import Batch


class Clock(Protocol):
    """The only way to learn the time."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        ...

    def monotonic_s(self) -> float:
        """Return seconds that never go back, for measuring spans."""
        ...


class Chance(Protocol):
    """The only source of secrets and numbers nobody can guess."""

    def token(self) -> str:
        """Return 256 bits as URL-safe text without padding (43 characters)."""
        ...

    def bytes_(self, count: int) -> bytes:
        """Return `count` random bytes."""
        ...


class Passwords(Protocol):
    """Slow hashing of passwords (argon2id)."""

    def hash(self, password: str) -> str:
        """Return the encoded hash with its parameters and salt."""
        ...

    def matches(self, encoded: str, password: str) -> bool:
        """Say whether the password is the one hashed; false for anything unreadable: fails closed."""
        ...


class OneTimeCodes(Protocol):
    """Codes of a second factor that change with time (TOTP, RFC 6238: SHA-1, 6 digits, 30 s)."""

    def uri(self, secret: str, *, name: str, issuer: str) -> str:
        """Return the `otpauth:` address an authenticator reads; `secret` is base 32."""
        ...

    def step_of(self, secret: str, code: str, *, at: datetime) -> int | None:
        """Return the time step whose code this is, one step of clock skew either way, None when it is none of them."""
        ...


class Keys(Protocol):
    """Authenticated encryption under the installation's key, made at first start and readable by its owner only."""

    def seal(self, plain: bytes, *, about: str) -> bytes:
        """Return ciphertext bound to `about`; opening it under another name fails."""
        ...

    def open(self, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `TheirFault` when the bytes or the name were changed."""
        ...


class Blobs(Protocol):
    """Bytes under a name, encrypted at rest."""

    def put(self, name: str, plain: bytes) -> None:
        """Store durably; the same name again replaces whole, never half."""
        ...

    def get(self, name: str) -> bytes:
        """Return the bytes, or raise `Unknown`."""
        ...

    def erase(self, names: Iterable[str]) -> int:
        """Delete and return how many existed."""
        ...

    def names(self, *, older_than: datetime | None = None) -> Sequence[str]:
        """Return the names, sorted; only those stored before the time when one is given."""
        ...

    def size_bytes(self) -> int:
        """Return the bytes all blobs take."""
        ...

    def reseal(self, names: Iterable[str], kind: str) -> int:
        """Seal these again under another class of keys, of the day each was stored; return how many were under another."""
        ...

    def sealed_under(self, kind: str) -> Sequence[str]:
        """Return the names of what is sealed under a class of keys, sorted; reads the head of every blob."""
        ...


class Columns(Protocol):
    """Readings as the bytes of one message of the bus."""

    def encode(self, batch: Batch) -> bytes:
        """Return the columns as bytes."""
        ...

    def decode(self, body: bytes) -> Batch:
        """Return the columns, read-only; `Malformed` for anything `encode` does not write."""
        ...


class Codec(Protocol):
    """Findings and evidence as bytes, on the bus and in blobs."""

    def encode_finding(self, finding: Finding, evidence: Evidence) -> bytes:
        """Return the finding with its evidence as one message; `Malformed` when either is outside its bounds."""
        ...

    def decode_finding(self, body: bytes) -> tuple[Finding, Evidence]:
        """Return what `encode_finding` wrote; `Malformed` for anything else."""
        ...

    def encode_evidence(self, evidence: Evidence) -> bytes:
        """Return the evidence alone; `Malformed` when it is outside its bounds."""
        ...

    def decode_evidence(self, body: bytes) -> Evidence:
        """Return what `encode_evidence` wrote; `Malformed` for anything else."""
        ...
