"""Protocols of pseudonyms: the keys of days, sealing under them, and what two persons decide about."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from impetus.core.identity import IdentityRequest, IdentityState, SealedIdentity
from impetus.core.ids import IncidentId
from impetus.core.reveal import Reveal, RevealState


class Vault(Protocol):
    """The keys of days, encrypted at rest, one file each, and sealing under a key. The master key is never here."""

    def day(self, period: date) -> bytes:
        """Return the 32 bytes of a day's key, or raise `Unknown` when it was never made or is erased."""
        ...

    def keep(self, days: Mapping[date, bytes]) -> None:
        """Store keys of days; one that is there already stays as it is."""
        ...

    def days(self) -> Sequence[date]:
        """Return the days that have a key, in order."""
        ...

    def erase_before(self, period: date) -> int:
        """Erase the keys of earlier days, and with them all they sealed; return how many."""
        ...

    def seal(self, key: bytes, plain: bytes, *, about: str) -> bytes:
        """Return ciphertext under this key, bound to `about`."""
        ...

    def open(self, key: bytes, sealed: bytes, *, about: str) -> bytes:
        """Return the plain bytes, or raise `Malformed` when bytes, key or name are others."""
        ...


class Reveals(Protocol):
    """Masks that were asked to be lifted."""

    def add(self, reveal: Reveal) -> Reveal:
        """Store a new one and return it with its id."""
        ...

    def get(self, reveal: int) -> Reveal:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, reveal: Reveal) -> Reveal:
        """Store the change if the version still matches; return it with version + 1, else `Conflict`."""
        ...

    def find(
        self,
        *,
        states: Sequence[RevealState] = (),
        incident: IncidentId | None = None,
        subject: str | None = None,
        limit: int = 200,
    ) -> Sequence[Reveal]:
        """Return the newest first, at most 200."""
        ...

    def due(self, at: datetime, *, limit: int = 500) -> Sequence[Reveal]:
        """Return those still standing whose time is over."""
        ...

    def erase_ended(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase those that ended before the time, but those of these incidents; return how many."""
        ...

    def ended_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many of these incidents' ended before the time."""
        ...


class Identities(Protocol):
    """What lies behind pseudonyms, sealed, and the requests to look."""

    def keep(self, sealed: SealedIdentity) -> None:
        """Store what lies behind a pseudonym; the same pseudonym of the same domain and day again changes nothing."""
        ...

    def sealed(self, domain: str, period: date, pseudonym: str) -> SealedIdentity:
        """Return what lies behind, still sealed, or raise `Unknown`."""
        ...

    def behind(self, pseudonyms: Sequence[tuple[str, date, str]]) -> Sequence[SealedIdentity]:
        """Return what lies behind those of these (domain, day, pseudonym) that are known."""
        ...

    def reseal(self, sealed: SealedIdentity) -> None:
        """Put other sealed bytes in place of those that lie behind the same pseudonym."""
        ...

    def erase_before(self, period: date, *, spared: Sequence[tuple[str, date, str]] = ()) -> int:
        """Erase what belongs to earlier days, but these; return how many."""
        ...

    def add(self, request: IdentityRequest) -> IdentityRequest:
        """Store a new request and return it with its id."""
        ...

    def get(self, request: int) -> IdentityRequest:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, request: IdentityRequest) -> IdentityRequest:
        """Store the change if the version still matches, as for reveals."""
        ...

    def find(
        self, *, states: Sequence[IdentityState] = (), incident: IncidentId | None = None, limit: int = 200
    ) -> Sequence[IdentityRequest]:
        """Return requests, the newest first, at most 200."""
        ...

    def due(self, at: datetime, *, limit: int = 500) -> Sequence[IdentityRequest]:
        """Return requests still standing whose time is over."""
        ...

    def erase_ended(self, before: datetime, *, limit: int = 500, spared: Sequence[IncidentId] = ()) -> int:
        """Erase requests that ended before the time, but those of these incidents; return how many."""
        ...

    def ended_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many of these incidents' ended before the time."""
        ...
