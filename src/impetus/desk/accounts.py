"""Accounts: the first one, more of them, their passwords and second factors. There is no default password anywhere."""

import base64
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from impetus.core.account import Account
from impetus.core.actor import Actor, Role, platform
from impetus.core.errors import Conflict, Malformed, Refused, Unauthenticated, Unknown
from impetus.core.ids import AccountId
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.passwords import check_name, check_password
from impetus.desk.permit import permit
from impetus.desk.sign_in import hash_of, open_session, sign_in
from impetus.desk.views import Enrolment, OneTimeSecret, SignedIn
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.settings import LANGUAGES

FIRST_ACCOUNT = "admin"
ONE_TIME_BYTES = 20
"""160 bits, 32 letters in groups of four. Source: at least 128 bits against guessing, NIST SP 800-131A rev. 2."""
PEOPLE = frozenset(Role) - {Role.SERVICE, Role.PLATFORM}
"""Roles a person can have."""


def first_start(desk: Desk) -> OneTimeSecret | None:
    """Make the first administrator with a one-time password, or return None when there are accounts already.

    The only account that nobody is asked for: without it nobody could be asked.
    """
    password = _one_time(desk)
    password_hash = desk.passwords.hash(password)
    with desk.store.write() as unit:
        if unit.accounts.all():
            return None
        stored = unit.accounts.add(_fresh(FIRST_ACCOUNT, Role.ADMINISTRATOR, password_hash, desk.clock.now()))
        note_done(desk, platform("setup"), "account.first", f"account:{stored.id}")
        return OneTimeSecret(name=FIRST_ACCOUNT, password=password)


def add(desk: Desk, actor: Actor, name: str, role: Role, language: str = "en") -> OneTimeSecret:
    """Add an account and return its one-time password, to be handed over and changed at the first sign-in."""
    permit(desk, actor, Operation.ACCOUNTS_MANAGE)
    name = check_name(name)
    if role not in PEOPLE:
        raise Malformed(
            f"role is {role!r}", value=role, limit=", ".join(sorted(PEOPLE)), remedy="choose a person's role"
        )
    _check_language(language)
    password = _one_time(desk)
    account = _fresh(name, Role(role), desk.passwords.hash(password), desk.clock.now(), language)
    with desk.store.write() as unit:
        stored = unit.accounts.add(account)
        _changed(desk, unit, stored, actor, "add")
    return OneTimeSecret(name=name, password=password)


def reset(desk: Desk, actor: Actor, name: str) -> OneTimeSecret:
    """Give an account a new one-time password, without second factor, sessions or rest; for somebody who lost theirs."""
    permit(desk, actor, Operation.ACCOUNTS_MANAGE)
    password = _one_time(desk)
    password_hash = desk.passwords.hash(password)
    with desk.store.write() as unit:
        account = _named(unit, name)
        unit.accounts.replace(
            replace(
                account,
                password_hash=password_hash,
                must_change=True,
                totp_sealed=None,
                totp_last_step=0,
                failures=0,
                locked_until=None,
            )
        )
        unit.accounts.end_sessions(account=account.id)
        _changed(desk, unit, account, actor, "reset")
    return OneTimeSecret(name=account.name, password=password)


def disable(desk: Desk, actor: Actor, name: str) -> None:
    """Disable an account and end its sessions; never one's own, so that an administrator always remains."""
    permit(desk, actor, Operation.ACCOUNTS_MANAGE)
    with desk.store.write() as unit:
        account = _named(unit, name)
        if account.id == actor.account:
            raise Refused(
                "this is your own account",
                rule="an administrator always remains",
                value=name,
                remedy="let another administrator do it",
            )
        unit.accounts.replace(replace(account, disabled_at=desk.clock.now()))
        unit.accounts.end_sessions(account=account.id)
        _changed(desk, unit, account, actor, "disable")


def enable(desk: Desk, actor: Actor, name: str) -> None:
    """Let a disabled account sign in again, with the password it had."""
    permit(desk, actor, Operation.ACCOUNTS_MANAGE)
    with desk.store.write() as unit:
        account = _named(unit, name)
        unit.accounts.replace(replace(account, disabled_at=None, failures=0, locked_until=None))
        _changed(desk, unit, account, actor, "enable")


def everyone(desk: Desk, actor: Actor) -> Sequence[Account]:
    """Return every account by name, for those who manage them."""
    permit(desk, actor, Operation.ACCOUNTS_MANAGE)
    with desk.store.read() as unit:
        return unit.accounts.all()


def change_password(desk: Desk, actor: Actor, *, old: str, new: str) -> SignedIn:
    """Replace one's own password; every session ends and a new one is opened, whose secret replaces the cookie.

    Wrong guesses at `old` count like wrong guesses at the door.
    """
    permit(desk, actor, Operation.ACCOUNT_OWN)
    account = _own(desk, actor)
    check_password(new, account.name)
    if old == new:
        raise Malformed("the new password is the old one", limit="another one", remedy="think of a new one")
    _check_old(desk, account, old)
    password_hash = desk.passwords.hash(new)
    at = desk.clock.now()
    with desk.store.write() as unit:
        changed = replace(
            unit.accounts.get(account.id),
            password_hash=password_hash,
            must_change=False,
            failures=0,
            locked_until=None,
        )
        unit.accounts.replace(changed)
        unit.accounts.end_sessions(account=account.id)
        note_done(desk, actor, "account.password", f"account:{account.id}")
        return open_session(desk, unit, changed, at)


def enrol_totp(desk: Desk, actor: Actor, *, site: str = "Impetus") -> Enrolment:
    """Return a new second factor to be put into an authenticator; it counts once `confirm_totp` has seen its first code."""
    permit(desk, actor, Operation.ACCOUNT_OWN)
    account = _own(desk, actor)
    if account.totp_sealed is not None:
        raise Conflict("a second factor is enrolled", remedy="ask an administrator to reset the account")
    secret = base64.b32encode(desk.chance.bytes_(20)).decode()
    return Enrolment(secret=secret, uri=desk.codes.uri(secret, name=account.name, issuer=site))


def confirm_totp(desk: Desk, actor: Actor, *, secret: str, code: str) -> None:
    """Store the second factor, sealed, after its first code was right."""
    permit(desk, actor, Operation.ACCOUNT_OWN)
    account = _own(desk, actor)
    try:
        step = desk.codes.step_of(secret, code.strip(), at=desk.clock.now())
    except ValueError as error:
        raise Malformed("the secret is not base 32", limit="base 32", remedy="start again") from error
    if step is None:
        raise Malformed("the code does not fit", value=code, limit="six digits", remedy="check the clock, try the next")
    with desk.store.write() as unit:
        fresh = unit.accounts.get(account.id)
        if fresh.totp_sealed is not None:
            raise Conflict("a second factor is enrolled", remedy="ask an administrator to reset the account")
        sealed = desk.keys.seal(secret.encode(), about=f"totp:{account.id}")
        unit.accounts.replace(replace(fresh, totp_sealed=sealed, totp_last_step=step))
        note_done(desk, actor, "account.second_factor", f"account:{account.id}")


def set_language(desk: Desk, actor: Actor, language: str) -> None:
    """Choose the language one's own screens speak."""
    permit(desk, actor, Operation.ACCOUNT_OWN)
    _check_language(language)
    account = _own(desk, actor)
    with desk.store.write() as unit:
        unit.accounts.replace(replace(unit.accounts.get(account.id), language=language))
        note_done(desk, actor, "account.language", f"account:{account.id}", facts={"language": language})


def _one_time(desk: Desk) -> str:
    """Return a password to be read aloud or copied: lower-case letters and digits 2 to 7, in groups of four."""
    letters = base64.b32encode(desk.chance.bytes_(ONE_TIME_BYTES)).decode().lower()
    return "-".join(letters[start : start + 4] for start in range(0, len(letters), 4))


def _fresh(name: str, role: Role, password_hash: str, at: datetime, language: str = "en") -> Account:
    return Account(id=AccountId(0), name=name, role=role, password_hash=password_hash, created_at=at, language=language)


def _named(unit: Unit, name: str) -> Account:
    """Return the account of that name, or raise `Unknown`."""
    account = unit.accounts.by_name(name.strip())
    if account is None:
        raise Unknown(f"nobody here is called {name!r}", value=name, remedy="choose from the list")
    return account


def _own(desk: Desk, actor: Actor) -> Account:
    """Return the actor's own account; a token, the console and the platform have none."""
    if actor.account is None:
        raise Unauthenticated(f"{actor.name} has no account", rule="only people have passwords", remedy="sign in")
    with desk.store.read() as unit:
        return unit.accounts.get(actor.account)


def _check_old(desk: Desk, account: Account, old: str) -> None:
    """Check the old password through the door itself, so that guesses count; a second factor is not asked again."""
    try:
        signed_in = sign_in(desk, account.name, old)
    except Unauthenticated as refusal:
        if refusal.rule != "second factor":
            raise
    else:
        with desk.store.write() as unit:
            unit.accounts.end_sessions(token_hash=hash_of(signed_in.secret))


def _check_language(language: str) -> None:
    if language not in LANGUAGES:
        raise Malformed(f"language is {language!r}", value=language, limit=", ".join(LANGUAGES), remedy="choose one")


def _changed(desk: Desk, unit: Unit, account: Account, actor: Actor, what: str) -> None:
    """Put the change of an account into the outbox of this unit and into the log; who did what, nothing secret."""
    unit.outbox.add(
        desk.clock.now(),
        "account",
        account.name,
        {"what": what, "who": actor.name, "role": account.role.value},
    )
    note_done(desk, actor, f"account.{what}", f"account:{account.id}", facts={"role": account.role.value})
