"""Service tokens: for programs, scoped to operations, stored as a hash only."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from impetus.core.account import ServiceToken
from impetus.core.actor import Actor, Role
from impetus.core.errors import Malformed, Refused, Unauthenticated
from impetus.core.ids import SourceId
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.sign_in import hash_of
from impetus.desk.transition import words
from impetus.ethics.guard import GRANTABLE, Operation

PREFIX = "imp_"
"""What every token begins with, so that scanners for leaked secrets can find ours."""
SECRET_CHARS = 43


def issue(  # a token has this many parts, and each is named at the call
    desk: Desk,
    actor: Actor,
    name: str,
    operations: Iterable[str],
    source: SourceId | None = None,
    *,
    expires_at: datetime | None = None,
) -> tuple[ServiceToken, str]:
    """Issue a token and return it with its secret, which is shown once and stored nowhere."""
    permit(desk, actor, Operation.TOKENS_MANAGE)
    wanted = frozenset(operations)
    _check_operations(wanted)
    secret = PREFIX + desk.chance.token()
    token = ServiceToken(
        id=0,
        name=words(name, "the token's name", needed=True, longest=100),
        token_hash=hash_of(secret),
        operations=wanted,
        created_at=desk.clock.now(),
        source=source,
        expires_at=expires_at,
    )
    with desk.store.write() as unit:
        stored = unit.accounts.add_token(token)
        facts = {"operations": " ".join(sorted(wanted)), "source": source or ""}
        note_done(desk, actor, "token.issue", f"token:{stored.id}", facts=facts)
        return stored, secret


def revoke(desk: Desk, actor: Actor, token: int) -> None:
    """Revoke a token at once."""
    permit(desk, actor, Operation.TOKENS_MANAGE, on=f"token:{token}")
    with desk.store.write() as unit:
        unit.accounts.revoke_token(token, desk.clock.now())
        note_done(desk, actor, "token.revoke", f"token:{token}")


def everything(desk: Desk, actor: Actor) -> Sequence[ServiceToken]:
    """Return every token by name, the revoked ones too, for those who manage them."""
    permit(desk, actor, Operation.TOKENS_MANAGE)
    with desk.store.read() as unit:
        return unit.accounts.tokens()


def who(desk: Desk, bearer: str) -> Actor:
    """Return the service a bearer token belongs to, or raise `Unauthenticated`; costs one reading by index."""
    if not bearer.startswith(PREFIX) or len(bearer) != len(PREFIX) + SECRET_CHARS:
        raise _unknown()
    with desk.store.read() as unit:
        token = unit.accounts.token(hash_of(bearer))
    if token is None or token.revoked_at is not None:
        raise _unknown()
    if token.expires_at is not None and token.expires_at <= desk.clock.now():
        raise _unknown()
    return Actor(name=f"token:{token.name}", role=Role.SERVICE, operations=token.operations, source=token.source)


def _check_operations(wanted: frozenset[str]) -> None:
    """Refuse a token for nothing, for what does not exist, and for what takes a person."""
    strange = sorted(wanted - set(Operation))
    if strange or not wanted:
        raise Malformed(
            f"operations are {strange or 'none'}",
            value=strange,
            limit=", ".join(sorted(GRANTABLE)),
            remedy="choose from these",
        )
    personal = sorted(wanted - GRANTABLE)
    if personal:
        raise Refused(
            f"a token cannot carry {', '.join(personal)}",
            rule="a token does not judge, decide or admit; a person does",
            value=personal,
            limit=", ".join(sorted(GRANTABLE)),
            source="AI Act, article 14; position 5 of the house's ethics",
            remedy="let a person sign in",
        )


def _unknown() -> Unauthenticated:
    return Unauthenticated(
        "this token is unknown, expired or revoked", rule="token", remedy="ask an administrator for a new one"
    )
