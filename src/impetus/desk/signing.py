"""Signatures and statements of officers: drafted from what is configured now, checked, and stored when they count.

A signature is a person's. An officer's key pair is made here and its private half is sealed under the installation's key,
so whoever holds that key and the disk could use it; therefore signing asks for the officer's own password (and second
factor) each time, each signature is a line in the log, and a city that wants more signs elsewhere with a key of its own
(`desk.register.sign_outside`). A key is an officer's only while the register file says so.
"""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.account import Account
from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Refused, Unknown
from impetus.core.register import Configured, Officer, Signing, Statement
from impetus.desk.clearance import Papers, assessed, backing_of, papers_of
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.sign_in import hash_of, sign_in
from impetus.ethics.claims import why_not
from impetus.ethics.entry import entry_hash, entry_of, material, undeclared
from impetus.ethics.framework import SITE, Claim
from impetus.ethics.register import counts
from impetus.ports import Unit

SIGNATURE_BYTES = 64
"""Source: RFC 8032, section 5.1.6."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """What an officer gives to sign with their own key: their password, and the code when a second factor is enrolled."""

    password: str
    totp: str | None = None


def key_name(account: Account) -> str:
    """Return the name under which an account's signing key is kept; it stays when the account is renamed."""
    return f"officer.{account.id}"


def draft_signing(desk: Desk, configured: Configured, officer: Officer, tool: str, at: datetime) -> Signing:
    """Return what an officer would sign now, unsigned; `Conflict` names everything else that is missing."""
    readable(configured)
    with desk.store.read() as unit:
        papers = papers_of(unit, installed_tool(configured, tool))
    entry, assessment = entry_of(configured, tool), assessed(desk, configured, tool, papers, at=at)
    gaps = (*undeclared(entry), *assessment.missing)
    if gaps:
        raise Conflict(
            f"{tool} cannot be signed yet: {len(gaps)} things are missing, first {gaps[0].say()}",
            value=len(gaps),
            limit="nothing missing",
            remedy=f"impetus register missing {tool}; then {gaps[0].how}",
        )
    return Signing(
        id=0,
        tool=tool,
        officer=officer.name,
        public_key=bytes.fromhex(officer.public_key),
        signature=b"",
        at=at.replace(microsecond=0),
        entry_hash=entry_hash(entry),
        assessment_hash=assessment.hash,
        is_exercise=officer.is_exercise or configured.is_exercise,
        facts=material(entry),
        answers=dict(assessment.answers),
    )


def keep_signing(desk: Desk, actor: Actor, signing: Signing) -> Signing:
    """Store a signature that counts; `Refused` for one that does not."""
    configured = desk.configuration.read()
    against = counts(signing, configured.site, configured.register.officers, desk.signatures.verify)
    if against or len(signing.signature) != SIGNATURE_BYTES:
        raise Refused(
            f"the signature does not count: {against or 'it is not 64 bytes'}",
            rule="only a named officer's own key signs",
            value=signing.officer,
            source="GDPR, article 5(2)",
            remedy="sign the document of impetus register document, with the key that stands in the register",
        )
    with desk.store.write() as unit:
        stored = unit.register.sign(signing)
        announce(unit, signing.at, signing.tool, "sign", actor)
        facts = {"officer": signing.officer, "entry": signing.entry_hash, "assessment": signing.assessment_hash}
        note_done(
            desk, actor, "register.sign", f"tool:{signing.tool}", facts={**facts, "exercise": signing.is_exercise}
        )
    return stored


def draft_statement(
    desk: Desk, configured: Configured, officer: Officer, claim: Claim, about: str, text: str
) -> Statement:
    """Return a statement by an officer, unsigned; `Refused` for a claim that only the running system can prove."""
    if claim.valid_for is None:
        raise Refused(
            f"{claim.id} is proved by the running system",
            rule="nobody types what a probe can see",
            value=claim.id,
            limit=f"the probe {claim.probe}",
            remedy="make it so; the claim turns green by itself",
        )
    at = desk.clock.now().replace(microsecond=0)
    return Statement(
        id=0,
        tool=about,
        about=claim.id,
        text=text,
        who=officer.name,
        at=at,
        expires_at=at + claim.valid_for,
        public_key=bytes.fromhex(officer.public_key),
        signature=b"",
        is_exercise=officer.is_exercise or configured.is_exercise,
    )


def keep_statement(desk: Desk, actor: Actor, statement: Statement) -> Statement:
    """Store a statement that counts; `Refused` for one that does not."""
    configured = desk.configuration.read()
    backing = backing_of(desk, configured, Papers(answers=(), statements=(), signings=()))
    against = why_not(statement, backing, at=statement.at)
    if against:
        raise Refused(
            f"the statement does not count: {against}",
            rule="only a named officer states, with the officer's own key",
            value=statement.who,
            source="GDPR, article 5(2)",
            remedy="impetus register officer NAME",
        )
    with desk.store.write() as unit:
        stored = unit.register.state(statement)
        announce(unit, statement.at, statement.tool, "state", actor)
        note_done(desk, actor, "register.state", f"tool:{statement.tool}", facts={"claim": statement.about})
    return stored


def proved(desk: Desk, actor: Actor, proof: Proof) -> Account:
    """Return the actor's account after their password, and code when enrolled, were right just now.

    Guesses count as at the door. A one-time password somebody else has seen signs nothing.
    """
    signed_in = sign_in(desk, actor.name, proof.password, proof.totp)
    with desk.store.write() as unit:
        unit.accounts.end_sessions(token_hash=hash_of(signed_in.secret))
        account = unit.accounts.by_name(actor.name)
    if account is None or account.id != signed_in.actor.account:
        raise Unknown(f"nobody here is called {actor.name!r}", value=actor.name, remedy="sign in again")
    if account.must_change:
        raise Refused(
            f"{account.name} still has a one-time password",
            rule="whoever gave the password out could sign with it",
            value=account.name,
            remedy="sign in once and choose one of your own",
        )
    return account


def officer_of(desk: Desk, configured: Configured, account: Account) -> Officer:
    """Return the officer an account is; `Refused` when the register does not name it with its key."""
    officer = named(configured, account.name)
    if officer.public_key != desk.signatures.public_key(key_name(account)).hex():
        raise Refused(
            f"the register names another key for {account.name}",
            rule="only a named officer's own key signs",
            value=officer.public_key[:16],
            remedy="sign with that key elsewhere, or impetus register officer NAME",
        )
    return officer


def named(configured: Configured, name: str) -> Officer:
    """Return an officer of the register by name, or raise `Refused`."""
    readable(configured)
    officer = next((one for one in configured.register.officers if one.name.casefold() == name.casefold()), None)
    if officer is None:
        raise Refused(
            f"{name} is not an officer of the register",
            rule="only a named officer's own key signs",
            value=name,
            limit=", ".join(one.name for one in configured.register.officers) or "nobody is named yet",
            source="GDPR, article 5(2)",
            remedy="impetus register officer NAME, by an administrator or the data protection officer",
        )
    return officer


def installed_tool(configured: Configured, tool: str) -> str:
    """Return the tool, or `site`; `Unknown` when no such tool is installed."""
    if tool != SITE and tool not in configured.installed:
        raise Unknown(
            f"no tool {tool!r} is installed",
            value=tool,
            limit=", ".join(sorted(configured.installed)) or "none installed",
            remedy="install its package, or mend the name",
        )
    return tool


def readable(configured: Configured) -> Configured:
    """Return what is configured when the register file can be read, else raise `Conflict`."""
    if configured.fault:
        raise Conflict(f"first {configured.fault}", value=configured.site, remedy="mend register.toml")
    return configured


def announce(unit: Unit, at: datetime, tool: str, what: str, actor: Actor) -> None:
    """Put the change into the outbox of this unit."""
    unit.outbox.add(at, "register", tool, {"what": what, "by": actor.name})
