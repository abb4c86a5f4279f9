"""Reveals, sealed identities and requests to look behind a pseudonym."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.media_schema import IDENTITY_REQUESTS, REVEALS, SEALED_IDENTITIES
from impetus.adapters.sql.repository import Repository, check_limit, unknown
from impetus.core.errors import Conflict, Unknown
from impetus.core.identity import IdentityRequest, IdentityState, SealedIdentity
from impetus.core.ids import IncidentId
from impetus.core.observation import to_us
from impetus.core.reveal import Reveal, RevealState

REVEAL, SEALED, REQUEST = RowCodec(Reveal), RowCodec(SealedIdentity), RowCodec(IdentityRequest)
STANDING = (RevealState.ASKED, RevealState.APPROVED, RevealState.OPEN)
WAITING = (IdentityState.ASKED, IdentityState.APPROVED)
MAX_FOUND, MAX_ERASED = 200, 500


class SqlReveals(Repository):
    """Fulfils `impetus.ports.pseudonyms.Reveals`."""

    def add(self, reveal: Reveal) -> Reveal:
        """Store a new one and return it with its id."""
        return replace(reveal, id=self._add(REVEALS, REVEAL.to_row(reveal)))

    def get(self, reveal: int) -> Reveal:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(REVEALS).where(REVEALS.c.id == reveal))
        if row is None:
            raise unknown("reveal", reveal)
        return REVEAL.from_row(row)

    def replace(self, reveal: Reveal) -> Reveal:
        """Store the change if nobody else did first."""
        after = replace(reveal, version=reveal.version + 1)
        unchanged = (REVEALS.c.id == reveal.id, REVEALS.c.version == reveal.version)
        if self._connection.execute(sa.update(REVEALS).where(*unchanged).values(REVEAL.to_row(after))).rowcount == 1:
            return after
        raise _changed("reveal", reveal.id, reveal.version, self.get(reveal.id).version)

    def find(
        self,
        *,
        states: Sequence[RevealState] = (),
        incident: IncidentId | None = None,
        subject: str | None = None,
        limit: int = MAX_FOUND,
    ) -> Sequence[Reveal]:
        """Return the newest first."""
        statement = sa.select(REVEALS)
        if states:
            statement = statement.where(REVEALS.c.state.in_([str(state) for state in states]))
        if incident is not None:
            statement = statement.where(REVEALS.c.incident == incident)
        if subject is not None:
            statement = statement.where(REVEALS.c.subject == subject)
        rows = self._rows(statement.order_by(REVEALS.c.id.desc()).limit(check_limit(limit)))
        return tuple(REVEAL.from_row(row) for row in rows)

    def due(self, at: datetime, *, limit: int = MAX_ERASED) -> Sequence[Reveal]:
        """Return those still standing whose time is over."""
        standing = REVEALS.c.state.in_([str(state) for state in STANDING])
        over = sa.select(REVEALS).where(standing, REVEALS.c.good_until <= to_us(at))
        return tuple(REVEAL.from_row(row) for row in self._rows(over.order_by(REVEALS.c.id).limit(limit)))

    def erase_ended(self, before: datetime, *, limit: int = MAX_ERASED, spared: Sequence[IncidentId] = ()) -> int:
        """Erase those that ended before the time, but those of these incidents; return how many."""
        over = (*_ended(REVEALS, STANDING, before), REVEALS.c.incident.not_in(spared))
        old = sa.select(REVEALS.c.id).where(*over).limit(limit)
        return self._connection.execute(sa.delete(REVEALS).where(REVEALS.c.id.in_(old))).rowcount

    def ended_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many of these incidents' ended before the time."""
        over = (*_ended(REVEALS, STANDING, before), REVEALS.c.incident.in_(incidents))
        return self._connection.execute(sa.select(sa.func.count()).select_from(REVEALS).where(*over)).scalar_one()


class SqlIdentities(Repository):
    """Fulfils `impetus.ports.pseudonyms.Identities`."""

    def keep(self, sealed: SealedIdentity) -> None:
        """Store what lies behind a pseudonym; the same one again changes nothing."""
        self._put_once(SEALED_IDENTITIES, SEALED.to_row(sealed))

    def sealed(self, domain: str, period: date, pseudonym: str) -> SealedIdentity:
        """Return what lies behind, still sealed, or raise `Unknown`."""
        table = SEALED_IDENTITIES.c
        mine = (table.domain == domain, table.period == period.isoformat(), table.pseudonym == pseudonym)
        row = self._row(sa.select(SEALED_IDENTITIES).where(*mine))
        if row is None:
            raise Unknown(
                "nothing is kept behind this pseudonym on that day",
                value=pseudonym,
                remedy="check domain and day; what is past its retention was erased",
            )
        return SEALED.from_row(row)

    def behind(self, pseudonyms: Sequence[tuple[str, date, str]]) -> Sequence[SealedIdentity]:
        """Return what lies behind those of these (domain, day, pseudonym) that are known."""
        found: list[SealedIdentity] = []
        for start in range(0, len(pseudonyms), MAX_FOUND):
            these = _named(pseudonyms[start : start + MAX_FOUND])
            found += [SEALED.from_row(row) for row in self._rows(sa.select(SEALED_IDENTITIES).where(these))]
        return found

    def reseal(self, sealed: SealedIdentity) -> None:
        """Put other sealed bytes in place of those that lie behind the same pseudonym."""
        these = _named([(sealed.domain, sealed.period, sealed.pseudonym)])
        self._connection.execute(sa.update(SEALED_IDENTITIES).where(these).values(sealed=sealed.sealed))

    def erase_before(self, period: date, *, spared: Sequence[tuple[str, date, str]] = ()) -> int:
        """Erase what belongs to earlier days, but these; return how many."""
        old = SEALED_IDENTITIES.c.period < period.isoformat()
        kept = self.behind([each for each in spared if each[1] < period])
        gone = self._connection.execute(sa.delete(SEALED_IDENTITIES).where(old)).rowcount
        for sealed in kept:
            self.keep(sealed)
        return gone - len(kept)

    def add(self, request: IdentityRequest) -> IdentityRequest:
        """Store a new request and return it with its id."""
        return replace(request, id=self._add(IDENTITY_REQUESTS, REQUEST.to_row(request)))

    def get(self, request: int) -> IdentityRequest:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(IDENTITY_REQUESTS).where(IDENTITY_REQUESTS.c.id == request))
        if row is None:
            raise unknown("request", request)
        return REQUEST.from_row(row)

    def replace(self, request: IdentityRequest) -> IdentityRequest:
        """Store the change if nobody else did first."""
        after, table = replace(request, version=request.version + 1), IDENTITY_REQUESTS.c
        unchanged = (table.id == request.id, table.version == request.version)
        change = sa.update(IDENTITY_REQUESTS).where(*unchanged).values(REQUEST.to_row(after))
        if self._connection.execute(change).rowcount == 1:
            return after
        raise _changed("request", request.id, request.version, self.get(request.id).version)

    def find(
        self,
        *,
        states: Sequence[IdentityState] = (),
        incident: IncidentId | None = None,
        limit: int = MAX_FOUND,
    ) -> Sequence[IdentityRequest]:
        """Return requests, the newest first."""
        statement = sa.select(IDENTITY_REQUESTS)
        if incident is not None:
            statement = statement.where(IDENTITY_REQUESTS.c.incident == incident)
        if states:
            statement = statement.where(IDENTITY_REQUESTS.c.state.in_([str(state) for state in states]))
        rows = self._rows(statement.order_by(IDENTITY_REQUESTS.c.id.desc()).limit(check_limit(limit)))
        return tuple(REQUEST.from_row(row) for row in rows)

    def due(self, at: datetime, *, limit: int = MAX_ERASED) -> Sequence[IdentityRequest]:
        """Return requests still standing whose time is over."""
        table = IDENTITY_REQUESTS.c
        over = sa.select(IDENTITY_REQUESTS).where(
            table.state.in_([str(state) for state in WAITING]), table.good_until <= to_us(at)
        )
        return tuple(REQUEST.from_row(row) for row in self._rows(over.order_by(table.id).limit(limit)))

    def erase_ended(self, before: datetime, *, limit: int = MAX_ERASED, spared: Sequence[IncidentId] = ()) -> int:
        """Erase requests that ended before the time, but those of these incidents; return how many."""
        table = IDENTITY_REQUESTS.c
        over = (*_ended(IDENTITY_REQUESTS, WAITING, before), table.incident.not_in(spared))
        old = sa.select(table.id).where(*over).limit(limit)
        return self._connection.execute(sa.delete(IDENTITY_REQUESTS).where(table.id.in_(old))).rowcount

    def ended_before(self, before: datetime, incidents: Sequence[IncidentId]) -> int:
        """Return how many requests of these incidents ended before the time."""
        over = (*_ended(IDENTITY_REQUESTS, WAITING, before), IDENTITY_REQUESTS.c.incident.in_(incidents))
        found = sa.select(sa.func.count()).select_from(IDENTITY_REQUESTS).where(*over)
        return self._connection.execute(found).scalar_one()


def _named(pseudonyms: Sequence[tuple[str, date, str]]) -> sa.ColumnElement[bool]:
    """Return the condition that a row lies behind one of these."""
    table = SEALED_IDENTITIES.c
    rows = [(domain, period.isoformat(), pseudonym) for domain, period, pseudonym in pseudonyms]
    return sa.tuple_(table.domain, table.period, table.pseudonym).in_(rows)


def _ended(table: sa.Table, standing: Sequence[object], before: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """Return the conditions that a row ended before the time."""
    return table.c.state.not_in([str(state) for state in standing]), table.c.ended_at < to_us(before)


def _changed(what: str, identity: int, seen: int, stored: int) -> Conflict:
    return Conflict(
        f"{what} {identity} was changed by somebody else",
        value=seen,
        limit=f"version {stored}",
        remedy="reload; somebody acted before you",
    )
