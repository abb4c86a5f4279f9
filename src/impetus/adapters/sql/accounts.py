"""Accounts, sessions, service tokens."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.adapters.sql.schema import ACCOUNTS, SESSIONS, TOKENS
from impetus.core.account import Account, ServiceToken, Session
from impetus.core.errors import Conflict
from impetus.core.ids import AccountId
from impetus.core.observation import to_us

ACCOUNT = RowCodec(Account)
SESSION = RowCodec(Session)
TOKEN = RowCodec(ServiceToken)


class SqlAccounts(Repository):
    """Fulfils `impetus.ports.Accounts`."""

    def add(self, account: Account) -> Account:
        """Store a new account; `Conflict` when the name is taken in any case of letters."""
        self._require_free(account, but=None)
        return replace(account, id=AccountId(self._add(ACCOUNTS, _row(account))))

    def by_name(self, name: str) -> Account | None:
        """Return the account of that name, case-insensitive."""
        row = self._row(sa.select(ACCOUNTS).where(ACCOUNTS.c.name_key == name.casefold()))
        return None if row is None else ACCOUNT.from_row(row)

    def get(self, account: AccountId) -> Account:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(ACCOUNTS).where(ACCOUNTS.c.id == account))
        if row is None:
            raise unknown("account", account)
        return ACCOUNT.from_row(row)

    def all(self) -> Sequence[Account]:
        """Return every account by name."""
        rows = self._rows(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name_key))
        return tuple(ACCOUNT.from_row(row) for row in rows)

    def replace(self, account: Account) -> None:
        """Store the change; `Unknown` when there is none, `Conflict` when the new name is taken."""
        self._require_free(account, but=account.id)
        change = sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account.id).values(_row(account))
        if self._connection.execute(change).rowcount != 1:
            raise unknown("account", account.id)

    def open_session(self, session: Session) -> None:
        """Store a session; `Unknown` when there is no such account."""
        self._connection.execute(sa.insert(SESSIONS).values(SESSION.to_row(session)))

    def session(self, token_hash: str) -> Session | None:
        """Return the session with this hash."""
        row = self._row(sa.select(SESSIONS).where(SESSIONS.c.token_hash == token_hash))
        return None if row is None else SESSION.from_row(row)

    def end_sessions(self, *, account: AccountId | None = None, token_hash: str | None = None) -> int:
        """End one session, or all of an account; with neither named nothing ends."""
        ends = []
        if account is not None:
            ends.append(SESSIONS.c.account == account)
        if token_hash is not None:
            ends.append(SESSIONS.c.token_hash == token_hash)
        return self._connection.execute(sa.delete(SESSIONS).where(*ends)).rowcount if ends else 0

    def expire_sessions(self, at: datetime) -> int:
        """Delete sessions that have expired."""
        return self._connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.expires_at <= to_us(at))).rowcount

    def erase_departed(self, before: datetime, *, limit: int = 500) -> int:
        """Erase accounts disabled, and service tokens revoked, before the time; sessions go with their account."""
        gone = 0
        for table, since in ((ACCOUNTS, ACCOUNTS.c.disabled_at), (TOKENS, TOKENS.c.revoked_at)):
            old = sa.select(table.c.id).where(since < to_us(before)).limit(limit)
            gone += self._connection.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
        return gone

    def add_token(self, token: ServiceToken) -> ServiceToken:
        """Store a service token and return it with its id."""
        return replace(token, id=self._add(TOKENS, TOKEN.to_row(token)))

    def token(self, token_hash: str) -> ServiceToken | None:
        """Return the token with this hash."""
        row = self._row(sa.select(TOKENS).where(TOKENS.c.token_hash == token_hash))
        return None if row is None else TOKEN.from_row(row)

    def tokens(self) -> Sequence[ServiceToken]:
        """Return every token by name."""
        rows = self._rows(sa.select(TOKENS).order_by(TOKENS.c.name, TOKENS.c.id))
        return tuple(TOKEN.from_row(row) for row in rows)

    def revoke_token(self, token: int, at: datetime) -> None:
        """Revoke; a token revoked before keeps its first time; `Unknown` when there is none."""
        first = sa.func.coalesce(TOKENS.c.revoked_at, to_us(at))
        change = sa.update(TOKENS).where(TOKENS.c.id == token).values(revoked_at=first)
        if self._connection.execute(change).rowcount != 1:
            raise unknown("token", token)

    def _require_free(self, account: Account, *, but: AccountId | None) -> None:
        holder = self.by_name(account.name)
        if holder is not None and holder.id != but:
            raise Conflict(
                f"the name {account.name} is taken",
                value=account.name,
                limit="one account a name, whatever the case of letters",
                remedy="choose another name",
            )


def _row(account: Account) -> dict[str, object]:
    """Return the columns of an account but its id."""
    row = ACCOUNT.to_row(account) | {"name_key": account.name.casefold()}
    del row["id"]
    return row
