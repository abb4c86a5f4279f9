"""Probes: what the running system answers when a claim asks it. Each looks at the thing itself, now, and at nothing typed in.

A probe that cannot look raises, and the claim is red.
"""

from collections.abc import Callable
from datetime import timedelta

from impetus.core.access import AccessRequest, Category, Purpose
from impetus.core.account import Account
from impetus.core.actor import Role
from impetus.core.assessment import Probed
from impetus.core.errors import Malformed, Refused, TheirFault
from impetus.core.register import Configured
from impetus.desk.clearance import clearance
from impetus.desk.context import FINDINGS, LOG, OBSERVATIONS, Desk
from impetus.desk.declare_source import read_document
from impetus.desk.identity_words import RULE
from impetus.desk.log_notes import read_trouble, read_verified
from impetus.ethics.claims import Probe
from impetus.ethics.entry import entry_hash, entry_of
from impetus.ethics.guard import Operation, who_may
from impetus.ethics.policy import decide

TRIAL = b"a trial of what is kept"
LOOPBACK = ("127.0.0.1", "::1", "localhost")
UNUSED_AFTER = timedelta(days=14)
"""How long a one-time password may lie unused. House rule."""
POWERFUL = frozenset({Role.ADMINISTRATOR, Role.DPO, Role.SUPERVISOR})

Look = Callable[[], tuple[str, bool]]


def probes_of(desk: Desk, configured: Configured, tool: str) -> dict[str, Probe]:
    """Return every probe by name, ready to be asked about one tool; asking all takes some milliseconds."""
    looks: dict[str, Look] = {
        "retention.observations": lambda: _kept(configured, "observations"),
        "retention.alerts": lambda: _kept(configured, "alerts"),
        "retention.evidence": lambda: _kept(configured, "evidence"),
        "input.undeclared_refused": _undeclared_refused,
        "identity.absent": _identity_refused,
        "guard.denies_by_default": _denies_by_default,
        "guard.platform_does_not_judge": _platform_does_not_judge,
        "roles.alerts": lambda: _roles(Operation.ALERTS_READ),
        "roles.stops": lambda: _roles(Operation.STOPS_MAKE),
        "encryption.at_rest": lambda: _encrypted(desk),
        "home.private": lambda: _own_key(desk),
        "passwords.slow": lambda: _slow(desk),
        "accounts.named": lambda: _accounts(desk),
        "accounts.second_factor": lambda: _second_factor(desk),
        "log.healthy": lambda: _log(desk),
        "network.private": lambda: _private(configured),
        "queues.bounded": lambda: _bounded(desk),
        "register.complete": lambda: _complete(configured),
        "register.gate": lambda: _gated(desk, configured, tool),
    }
    return {name: _probe(desk, look) for name, look in looks.items()}


def _probe(desk: Desk, look: Look) -> Probe:
    def probe() -> Probed:
        value, holds = look()
        return Probed(value=value, holds=holds, at=desk.clock.now())

    return probe


def _kept(configured: Configured, name: str) -> tuple[str, bool]:
    """Look at the days configured; they must be there and end."""
    days = configured.days.get(name)
    return (f"{days} days", days > 0) if days else ("no limit", False)


def _undeclared_refused() -> tuple[str, bool]:
    """Try to declare a source with a field that does not exist."""
    try:
        read_document({"source": {"id": "trial"}, "things": [], "colour": "red"})
    except TheirFault:
        return "a field nobody knows was refused", True
    return "a field nobody knows was let in", False


def _identity_refused() -> tuple[str, bool]:
    """Try to declare sensors of faces, gait, emotion and identity, one after the other."""
    let_in = [word for word in ("face_embedding", "gait", "emotion", "person_id") if not _is_refused(word)]
    return (f"let in: {', '.join(let_in)}", False) if let_in else ("faces, gait, emotion and identity refused", True)


def _is_refused(word: str) -> bool:
    streams = [{"property": word, "unit": "1"}]
    things = [{"key": "trial", "position": [10.7, 59.9], "zone": "trial", "datastreams": streams}]
    try:
        read_document({"source": {"id": "trial"}, "things": things})
    except Refused as refusal:
        return refusal.rule == RULE
    except Malformed:
        return False
    return False


def _denies_by_default() -> tuple[str, bool]:
    """Ask the policy for what nobody has been given."""
    request = AccessRequest(
        role=Role.PLANNER, operation="no.such", purpose=Purpose.PLANNING, category=Category.IDENTITY, tenant="here"
    )
    is_permitted = decide(request).is_permitted
    return ("an operation nobody was given was permitted", False) if is_permitted else ("refused", True)


def _platform_does_not_judge() -> tuple[str, bool]:
    """Look at who may judge and decide."""
    judging = {
        operation
        for operation in (Operation.ALERTS_TRIAGE, Operation.DECISIONS_WRITE)
        if {Role.PLATFORM.value, Role.SERVICE.value} & set(who_may(operation))
    }
    return ("it may", False) if judging else ("only people judge and decide", True)


def _roles(operation: Operation) -> tuple[str, bool]:
    roles = who_may(operation)
    return ", ".join(roles) or "nobody", bool(roles)


def _encrypted(desk: Desk) -> tuple[str, bool]:
    """Seal something, look whether it can be seen, and whether a changed byte is noticed."""
    sealed = desk.keys.seal(TRIAL, about="trial")
    if TRIAL in sealed or desk.keys.open(sealed, about="trial") != TRIAL:
        return "what is sealed can be read", False
    try:
        desk.keys.open(sealed[:-1] + bytes([sealed[-1] ^ 1]), about="trial")
    except Malformed:
        return "sealed, and a changed byte was noticed", True
    return "a changed byte was not noticed", False


def _own_key(desk: Desk) -> tuple[str, bool]:
    """Use the key; a key file that others may read is refused when it is opened, so that nothing could be sealed."""
    is_used = desk.keys.open(desk.keys.seal(TRIAL, about="trial"), about="trial") == TRIAL
    return ("the key file opened, which it does for its owner only", True) if is_used else ("no key", False)


def _slow(desk: Desk) -> tuple[str, bool]:
    """Look at how a password lies in the state."""
    kinds = {account.password_hash.split("$")[1] if "$" in account.password_hash else "?" for account in _people(desk)}
    return ", ".join(sorted(kinds)) or "no accounts", bool(kinds) and kinds <= {"argon2id"}


def _accounts(desk: Desk) -> tuple[str, bool]:
    """Count accounts, and those whose one-time password has lain unused for long."""
    people, at = _people(desk), desk.clock.now()
    unused = sum(account.must_change and at - account.created_at > UNUSED_AFTER for account in people)
    return f"{len(people)} accounts, {unused} never used", bool(people) and not unused


def _second_factor(desk: Desk) -> tuple[str, bool]:
    """Count those who may do much, and those of them with a second factor."""
    powerful = [account for account in _people(desk) if account.role in POWERFUL]
    enrolled = sum(account.totp_sealed is not None for account in powerful)
    return f"{enrolled} of {len(powerful)}", bool(powerful) and enrolled == len(powerful)


def _people(desk: Desk) -> list[Account]:
    with desk.store.read() as unit:
        return [account for account in unit.accounts.all() if account.disabled_at is None]


def _log(desk: Desk) -> tuple[str, bool]:
    """Look whether acts reach the log, and whether its keeper or its last whole verification found trouble."""
    verified, lines = read_verified(desk.log_files), desk.bus.status(LOG).last
    trouble = "; ".join(said for said in (read_trouble(desk.log_files), verified.trouble if verified else "") if said)
    seen = f", verified {verified.at:%Y-%m-%d %H:%M}" if verified else ", not verified yet"
    return trouble or f"{lines} lines{seen}", not trouble


def _private(configured: Configured) -> tuple[str, bool]:
    """Look at the address; beyond this machine only encryption in front makes it private, which nobody here can see."""
    if configured.listens in LOOPBACK:
        return f"listens on {configured.listens} only", True
    return f"listens on {configured.listens}, beyond this machine", False


def _bounded(desk: Desk) -> tuple[str, bool]:
    """Look at the bounds of the topics, and whether they hold."""
    found = [desk.bus.status(topic) for topic in (OBSERVATIONS, FINDINGS)]
    most = max(status.limit_bytes for status in found)
    return f"{len(found)} topics, {most >> 20} MiB each", all(0 < one.limit_bytes >= one.bytes_ for one in found)


def _complete(configured: Configured) -> tuple[str, bool]:
    """Look for tools that are switched on and of which the register says nothing."""
    without = [tool for tool in configured.switched_on if tool not in configured.register.tools]
    said = (
        f"without an entry: {', '.join(without)}" if without else f"{len(configured.switched_on)} tools, each entered"
    )
    return said, not without


def _gated(desk: Desk, configured: Configured, tool: str) -> tuple[str, bool]:
    """Look whether the signature under a tool that is cleared covers what is configured now."""
    judgement = clearance(desk, tool)
    if not judgement.is_cleared:
        return f"it does not run: {judgement.state}", True
    signed = judgement.signing.entry_hash if judgement.signing else ""
    return f"signed entry {signed[:12]}", signed == entry_hash(entry_of(configured, tool))
