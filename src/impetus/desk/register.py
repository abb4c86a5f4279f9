"""What people do with the register: answer, state, sign, withdraw, name officers, and say what the city says of a tool."""

from dataclasses import replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Conflict, Malformed, Refused, Unknown
from impetus.core.register import Answer, Officer, Signing, Statement
from impetus.desk.context import Desk
from impetus.desk.frameworks import frameworks
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.signing import (
    Proof,
    announce,
    draft_signing,
    draft_statement,
    installed_tool,
    keep_signing,
    keep_statement,
    key_name,
    named,
    officer_of,
    proved,
    readable,
)
from impetus.desk.transition import words
from impetus.ethics.assessment import check_answer
from impetus.ethics.claims import statement_document
from impetus.ethics.framework import SITE, Claim, Question, Scope
from impetus.ethics.register import document_of
from impetus.ethics.site_register import officer_block, read_site_register, skeleton, write_site_register

WRITE, SIGN = "register.write", "register.sign"
SECOND = timedelta(seconds=1)
OUTSIDE_WITHIN = timedelta(days=7)
"""How old a signature made elsewhere may be when it is handed in. House rule."""


def answer(desk: Desk, actor: Actor, tool: str, question: str, text: str) -> Answer:
    """Answer a question of a tool's assessment; the answer that stood is struck through and stays."""
    permit(desk, actor, WRITE, on=f"tool:{tool}")
    asked = _question(question)
    about = SITE if asked.scope is Scope.SITE else installed_tool(desk.configuration.read(), tool)
    given = Answer(
        id=0, tool=about, question=question, text=check_answer(asked, text), who=actor.name, at=desk.clock.now()
    )
    with desk.store.write() as unit:
        stored = unit.register.answer(given)
        announce(unit, given.at, about, "answer", actor)
        note_done(desk, actor, "register.answer", f"tool:{about}", facts={"question": question})
    return stored


def state_(desk: Desk, actor: Actor, tool: str, claim: str, text: str, proof: Proof) -> Statement:
    """State, as an officer and signed with one's own key, that a claim is so; counts for as long as the claim says."""
    permit(desk, actor, SIGN, on=f"tool:{tool}")
    stated, configured = _claim(claim), desk.configuration.read()
    about = SITE if stated.scope is Scope.SITE else installed_tool(configured, tool)
    account = proved(desk, actor, proof)
    officer = officer_of(desk, configured, account)
    draft = draft_statement(desk, configured, officer, stated, about, words(text, "what is stated", needed=True))
    signed = replace(
        draft, signature=desk.signatures.sign(key_name(account), statement_document(draft, configured.site))
    )
    return keep_statement(desk, actor, signed)


def sign(desk: Desk, actor: Actor, tool: str, proof: Proof) -> Signing:
    """Sign a tool's entry and assessment as they stand now, with one's own key; nothing else may be missing."""
    permit(desk, actor, SIGN, on=f"tool:{tool}")
    configured = desk.configuration.read()
    account = proved(desk, actor, proof)
    draft = draft_signing(desk, configured, officer_of(desk, configured, account), tool, desk.clock.now())
    signature = desk.signatures.sign(key_name(account), document_of(draft, configured.site))
    return keep_signing(desk, actor, replace(draft, signature=signature))


def document(desk: Desk, actor: Actor, tool: str, officer: str, at: datetime) -> bytes:
    """Return the bytes an officer signs elsewhere for `sign_outside`; `at` is the signature's own time."""
    permit(desk, actor, "register.read", on=f"tool:{tool}")
    configured = desk.configuration.read()
    return document_of(draft_signing(desk, configured, named(configured, officer), tool, at), configured.site)


def sign_outside(desk: Desk, actor: Actor, tool: str, officer: str, at: datetime, signature: bytes) -> Signing:
    """Take in a signature an officer made elsewhere over `document`, with a key that never was on this machine."""
    permit(desk, actor, WRITE, on=f"tool:{tool}")
    configured, now = desk.configuration.read(), desk.clock.now()
    if not now - OUTSIDE_WITHIN <= at <= now + SECOND:
        raise Malformed(
            f"the signature is of {at.isoformat()}",
            value=at.isoformat(),
            limit=f"within {OUTSIDE_WITHIN.days} days before now",
            remedy="sign the document anew",
        )
    draft = draft_signing(desk, configured, named(configured, officer), tool, at)
    return keep_signing(desk, actor, replace(draft, signature=signature))


def withdraw(desk: Desk, actor: Actor, tool: str, signing: int, why: str) -> None:
    """Take a signature back, with a reason; the tool stops when no other covers it."""
    permit(desk, actor, SIGN, on=f"tool:{tool}")
    reason, at = words(why, "the reason", needed=True), desk.clock.now()
    with desk.store.write() as unit:
        if signing not in {one.id for one in unit.register.signings(tool)}:
            raise Unknown(f"{tool} has no signature {signing}", value=signing, remedy="impetus register show")
        unit.register.withdraw(signing, at, actor.name, reason)
        announce(unit, at, tool, "withdraw", actor)
        note_done(desk, actor, "register.withdraw", f"tool:{tool}", why=reason, facts={"signing": signing})


def appoint(desk: Desk, actor: Actor, name: str, office: str) -> Officer:
    """Name an account as officer, with its key, in the register file; nobody appoints themselves.

    Comments in the file stay, unless the officer was in it and gets a new key.
    """
    permit(desk, actor, WRITE, on="site:register")
    configured = readable(desk.configuration.read())
    with desk.store.read() as unit:
        account = unit.accounts.by_name(name.strip())
    if account is None or account.disabled_at is not None:
        raise Unknown(f"nobody here is called {name!r}", value=name, remedy="impetus account add NAME --role dpo")
    if account.id == actor.account:
        raise Refused(
            f"{actor.name} would appoint themselves",
            rule="nobody appoints themselves",
            value=name,
            source="GDPR, article 38(3) and (6)",
            remedy="let an administrator or the data protection officer do it",
        )
    key = desk.signatures.public_key(key_name(account)).hex()
    made = Officer(name=account.name, office=words(office, "the office", needed=True), public_key=key)
    register = configured.register
    if any(one.name == made.name for one in register.officers):
        others = tuple(one for one in register.officers if one.name != made.name)
        desk.configuration.write_register(write_site_register(replace(register, officers=(*others, made))))
    else:
        desk.configuration.write_register(f"{desk.configuration.register_text().rstrip()}\n\n{officer_block(made)}")
    _note_file(desk, actor, "register.appoint", {"officer": account.name, "key": key[:16]})
    return made


def begin(desk: Desk, actor: Actor) -> str:
    """Write a register file to be filled in, where there is none, and return it.

    What a tool's manifest says is set; what the city must say stands as a comment with what is meant.
    """
    permit(desk, actor, WRITE, on="site:register")
    if desk.configuration.register_text().strip():
        raise Conflict(
            "there is a register file already", limit="none yet", remedy="edit it; impetus register missing TOOL"
        )
    configured = desk.configuration.read()
    text = skeleton([part for name, part in configured.installed.items() if name in configured.switched_on])
    desk.configuration.write_register(text)
    _note_file(desk, actor, "register.begin", {"tools": ", ".join(configured.switched_on)})
    return text


def describe(desk: Desk, actor: Actor, tool: str, text: str) -> None:
    """Replace the whole register file by this text, which must be right in itself; `tool` is what it was opened for."""
    permit(desk, actor, WRITE, on=f"tool:{tool}")
    read_site_register(text)
    desk.configuration.write_register(text)
    _note_file(desk, actor, "register.describe", {"tool": tool})


def _question(name: str) -> Question:
    found = next((one for one in frameworks().questions() if one.id == name), None)
    if found is None:
        raise Unknown(f"there is no question {name!r}", value=name, remedy="impetus assessment show TOOL lists them")
    return found


def _claim(name: str) -> Claim:
    if name not in frameworks().claims:
        raise Unknown(f"there is no claim {name!r}", value=name, remedy="impetus assessment show TOOL lists them")
    return frameworks().claims[name]


def _note_file(desk: Desk, actor: Actor, act: str, facts: dict[str, str]) -> None:
    """Log a change of the register file and tell screens."""
    with desk.store.write() as unit:
        announce(unit, desk.clock.now(), SITE, "describe", actor)
        note_done(desk, actor, act, "site:register", facts=facts)
