"""Signing in and out, and knowing who a cookie belongs to.

Answers do not tell whether a name exists: an unknown name costs one hash as well, and a wrong name, password or code, a
disabled account and a resting account give one sentence. Each try is counted before it is checked, so that tries at the
same moment do not get more guesses than tries in a row.

**Source**: OWASP ASVS 5.0, V6.3 (general authentication) and V7.3 (session timeout); RFC 6238, section 5.2 (a code is
accepted once).
"""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.account import Account, Session
from impetus.core.actor import Actor
from impetus.core.errors import Unauthenticated
from impetus.core.ids import AccountId
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import NOBODY
from impetus.desk.views import SignedIn
from impetus.ports import Unit

SESSION_FOR = timedelta(hours=12)
"""Longest a session lasts; one shift with its hand-over. House rule."""
IDLE_FOR = timedelta(hours=2)
"""Longest a session lasts unused; a screen with live events uses it. House rule."""
TOUCH_EVERY = timedelta(minutes=5)
"""How late the idle limit may be pushed on; keeps reading a page from being a write."""
FREE_FAILURES = 5
"""Failures in a row before an account rests. Source: OWASP authentication cheat sheet, lock-out thresholds 3 to 5."""
FIRST_REST = timedelta(seconds=30)
LONGEST_REST = timedelta(minutes=15)
"""A rest doubles from the first to the longest; longer would let strangers keep operators out. House rule."""
LONGEST_PASSWORD = 200


def sign_in(desk: Desk, name: str, password: str, totp: str | None = None) -> SignedIn:
    """Check name, password and, when enrolled, the second factor, and open a session; `secret` is the cookie's value.

    Raises `Unauthenticated`; its `rule` is `second factor` when only the code is missing, else `name, password or code`.
    """
    at = desk.clock.now()
    account = _count_try(desk, name, at)
    try:
        return _checked(desk, account, password, totp, at)
    except Unauthenticated as refusal:
        _note_refused(desk, account, refusal, at)
        raise


def _checked(desk: Desk, account: Account | None, password: str, totp: str | None, at: datetime) -> SignedIn:
    """Check password and code and open a session."""
    if account is None or len(password) > LONGEST_PASSWORD:
        desk.passwords.hash(password[:LONGEST_PASSWORD])
        raise _wrong()
    if not desk.passwords.matches(account.password_hash, password):
        raise _wrong()
    if account.totp_sealed is not None and not totp:
        with desk.store.write() as unit:
            now = unit.accounts.get(account.id)
            unit.accounts.replace(replace(now, failures=max(0, now.failures - 1), locked_until=None))
        raise Unauthenticated(
            "a code is needed", rule="second factor", remedy="give the six digits of your authenticator"
        )
    with desk.store.write() as unit:
        step = _accepted_step(desk, unit.accounts.get(account.id), totp, at)
        fresh = replace(unit.accounts.get(account.id), failures=0, locked_until=None, totp_last_step=step)
        unit.accounts.replace(fresh)
        unit.accounts.expire_sessions(at)
        return open_session(desk, unit, fresh, at)


def open_session(desk: Desk, unit: Unit, account: Account, at: datetime) -> SignedIn:
    """Store a new session for an account that was just checked, and return it with its secret."""
    secret = desk.chance.token()
    session = Session(
        token_hash=hash_of(secret),
        account=account.id,
        created_at=at,
        expires_at=at + IDLE_FOR,
        csrf=desk.chance.token(),
    )
    unit.accounts.open_session(session)
    note_done(desk, actor_of(account), "session.open", f"account:{account.id}", processing=Processing.CONTROL)
    return _signed_in(account, session, secret)


def session(desk: Desk, cookie_secret: str) -> SignedIn | None:
    """Return the session a cookie belongs to, None when it is over, unknown, or its account is disabled.

    Using a session pushes its idle limit on, up to its longest. Also returned while `must_change` is true: `who` is the
    one that does not let such a person act.
    """
    at = desk.clock.now()
    token_hash = hash_of(cookie_secret)
    with desk.store.read() as unit:
        known = unit.accounts.session(token_hash)
        if known is None or known.expires_at <= at:
            return None
        account = unit.accounts.get(known.account)
    if account.disabled_at is not None:
        return None
    return _signed_in(account, _touch(desk, known, at), "")


def who(desk: Desk, cookie_secret: str) -> Actor | None:
    """Return the person a cookie belongs to, None when there is none or the password must be changed first."""
    signed_in = session(desk, cookie_secret)
    return None if signed_in is None or signed_in.must_change else signed_in.actor


def sign_out(desk: Desk, cookie_secret: str) -> None:
    """End the session of this cookie and give the seat up; one that is over already is no error.

    Who still works in another browser has the seat again at its next look, within seconds.
    """
    with desk.store.write() as unit:
        known = unit.accounts.session(hash_of(cookie_secret))
        if known is None:
            return
        unit.accounts.end_sessions(token_hash=known.token_hash)
        _note_ended(desk, unit, unit.accounts.get(known.account))


def sign_out_everywhere(desk: Desk, account: AccountId) -> int:
    """End every session of an account and return how many there were."""
    with desk.store.write() as unit:
        ended = unit.accounts.end_sessions(account=account)
        if ended:
            _note_ended(desk, unit, unit.accounts.get(account))
        return ended


def hash_of(secret: str) -> str:
    """Return the SHA-256 under which a secret of 256 bits is stored; such a secret needs no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def actor_of(account: Account) -> Actor:
    """Return the person of an account."""
    return Actor(name=account.name, role=account.role, account=account.id)


def _note_ended(desk: Desk, unit: Unit, account: Account) -> None:
    """Take a person's seat away, so that alerts are not paced for somebody who left, and write into the log that they did."""
    unit.attention.leave(account.name)
    note_done(desk, actor_of(account), "session.end", f"account:{account.id}", processing=Processing.CONTROL)


def _note_refused(desk: Desk, account: Account | None, refusal: Unauthenticated, at: datetime) -> None:
    """Write a failed try into the log, many of them as a count; a name nobody has is not kept, it may be a password."""
    record = LogRecord(
        at=at,
        who=NOBODY if account is None else account.name,
        role=NOBODY if account is None else account.role.value,
        act="session.open",
        outcome=Outcome.REFUSED,
        rule=refusal.rule,
        subject="" if account is None else f"account:{account.id}",
        controller=desk.tenant,
    )
    desk.tally.take(desk.journal, record)


def _count_try(desk: Desk, name: str, at: datetime) -> Account | None:
    """Count a try in advance and return the account, None when there is none that may be tried now."""
    with desk.store.write() as unit:
        account = unit.accounts.by_name(name.strip())
        if account is None or account.disabled_at is not None:
            return None
        if account.locked_until is not None and account.locked_until > at:
            return None
        failures = account.failures + 1
        tried = replace(account, failures=failures, locked_until=at + rest_after(failures))
        unit.accounts.replace(tried)
        return tried


def rest_after(failures: int) -> timedelta:
    """Return how long an account rests after so many failures in a row.

    >>> [rest_after(failures).total_seconds() for failures in (4, 5, 6, 7, 99)]
    [0.0, 30.0, 60.0, 120.0, 900.0]
    """
    if failures < FREE_FAILURES:
        return timedelta(0)
    doublings = min(failures - FREE_FAILURES, 10)
    return min(FIRST_REST * (1 << doublings), LONGEST_REST)


def _accepted_step(desk: Desk, account: Account, totp: str | None, at: datetime) -> int:
    """Return the time step of the code, which must be later than the last one accepted; 0 steps for no second factor."""
    if account.totp_sealed is None:
        return account.totp_last_step
    secret = desk.keys.open(account.totp_sealed, about=f"totp:{account.id}").decode()
    step = desk.codes.step_of(secret, (totp or "").strip(), at=at)
    if step is None or step <= account.totp_last_step:
        raise _wrong()
    return step


def _touch(desk: Desk, known: Session, at: datetime) -> Session:
    """Push the idle limit on when it moved far enough to be worth a write."""
    until = min(at + IDLE_FOR, known.created_at + SESSION_FOR)
    if until - known.expires_at < TOUCH_EVERY:
        return known
    touched = replace(known, expires_at=until)
    with desk.store.write() as unit:
        if unit.accounts.end_sessions(token_hash=known.token_hash):
            unit.accounts.open_session(touched)
    return touched


def _signed_in(account: Account, known: Session, secret: str) -> SignedIn:
    """Gather what a page needs to know of a session."""
    return SignedIn(
        actor=actor_of(account),
        csrf=known.csrf,
        expires_at=known.expires_at,
        must_change=account.must_change,
        language=account.language,
        secret=secret,
        has_totp=account.totp_sealed is not None,
    )


def _wrong() -> Unauthenticated:
    """Return the one answer to everything that does not fit."""
    return Unauthenticated(
        "name, password or code is wrong, or the account is resting",
        rule="name, password or code",
        limit=f"{FREE_FAILURES} failures in a row, then a rest of {FIRST_REST.seconds} s that doubles",
        remedy=f"try again; after many failures wait up to {LONGEST_REST.seconds // 60} minutes, or ask an administrator",
    )
