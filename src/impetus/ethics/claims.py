"""Claims and what stands behind them. Here alone a light turns green, and only from one of two things.

A probe of the running system that holds, asked now; or a statement by a named officer, signed, dated, not yet expired.
A claim with neither is open. A probe that does not hold, or fails, is red: a claim is never taken on trust.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from impetus.core.assessment import ClaimSeen, Light, Probed
from impetus.core.register import Officer, Statement
from impetus.ethics.framework import SITE, Claim, Scope
from impetus.ethics.register import Verify

Probe = Callable[[], Probed]
STATEMENT = "impetus-statement-1"
"""The kind of document under a statement, so that a signature for one thing never counts for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What claims are judged from: probes by name, statements oldest first, the officers, and how to verify."""

    site: str
    probes: Mapping[str, Probe]
    statements: Sequence[Statement]
    officers: Sequence[Officer]
    verify: Verify
    is_exercise: bool = False


def judge_claim(claim: Claim, tool: str, backing: Backing, *, at: datetime) -> ClaimSeen:
    """Return the claim as it stands at this time, with the live value or the statement behind it."""
    return _probed(claim, backing) if claim.probe else _stated(claim, tool, backing, at)


def light_of(claims: Iterable[ClaimSeen]) -> Light:
    """Return the light of a row: red when any claim is, green when all are and there is one, else open."""
    lights = {claim.light for claim in claims}
    if Light.RED in lights:
        return Light.RED
    return Light.OPEN if Light.OPEN in lights or not lights else next(iter(lights))


def statement_document(statement: Statement, site: str) -> bytes:
    """Return the bytes an officer signs for a statement: canonical JSON, UTF-8, keys sorted, times to the second UTC."""
    words = {
        "type": STATEMENT,
        "site": site,
        "tool": statement.tool,
        "about": statement.about,
        "text": statement.text,
        "who": statement.who,
        "at": statement.at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "expires": statement.expires_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "exercise": statement.is_exercise,
    }
    return json.dumps(words, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def why_not(statement: Statement, backing: Backing, *, at: datetime) -> str:
    """Return why a statement does not count, empty when it does."""
    officer = next((one for one in backing.officers if one.name == statement.who), None)
    if statement.struck_at is not None:
        return f"{statement.struck_by} struck it through"
    if at >= statement.expires_at:
        return f"what {statement.who} stated expired on {statement.expires_at:%Y-%m-%d}"
    if officer is None or officer.public_key != statement.public_key.hex():
        return f"{statement.who} is not an officer of the register, or has another key there"
    if officer.is_exercise and not statement.is_exercise:
        return f"{statement.who} is an officer of exercises and stated it for real"
    if statement.is_exercise and not backing.is_exercise:
        return "it is an exercise's, and this installation has real input"
    document = statement_document(statement, backing.site)
    is_true = backing.verify(statement.public_key, statement.signature, document)
    return "" if is_true else "its signature does not fit what is kept"


def _probed(claim: Claim, backing: Backing) -> ClaimSeen:
    """Ask the running system; a probe that is missing or fails is red, and says so."""
    probe = backing.probes.get(claim.probe)
    if probe is None:
        return _seen(claim, Light.RED, f"this installation has no probe {claim.probe}")
    try:
        probed = probe()
    except Exception as error:  # noqa: BLE001  # whatever stops a probe from looking, nothing was proved
        return _seen(claim, Light.RED, f"it could not be looked at: {error!r}"[:200])
    light = Light.GREEN if probed.holds else Light.RED
    return ClaimSeen(
        id=claim.id,
        says=claim.says,
        light=light,
        because=f"the running system says: {probed.value}",
        source=claim.source,
        value=probed.value,
    )


def _stated(claim: Claim, tool: str, backing: Backing, at: datetime) -> ClaimSeen:
    """Look for the newest statement that counts; without one say why the newest does not."""
    about = SITE if claim.scope is Scope.SITE else tool
    found = [one for one in backing.statements if one.about == claim.id and one.tool == about]
    for statement in reversed(found):
        if not why_not(statement, backing, at=at):
            return ClaimSeen(
                id=claim.id,
                says=claim.says,
                light=Light.GREEN,
                because=f"{statement.who} stated it on {statement.at:%Y-%m-%d}: {statement.text}",
                source=claim.source,
                stated_by=statement.who,
                stated_at=statement.at,
                expires_at=statement.expires_at,
            )
    if not found:
        return _seen(claim, Light.OPEN, "nobody has stated it yet")
    return _seen(claim, Light.OPEN, why_not(found[-1], backing, at=at))


def _seen(claim: Claim, light: Light, because: str) -> ClaimSeen:
    return ClaimSeen(id=claim.id, says=claim.says, light=light, because=because, source=claim.source)
