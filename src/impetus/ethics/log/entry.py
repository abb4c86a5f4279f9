"""An entry of the log: what is public in clear, what is personal as salted commitments.

Who, why and recipient stand in the log only as SHA-256 over a tag, 16 random bytes and the value. Who has value and salt
can show that they belong to the entry; once the salt is erased, nobody can tell a right guess from a wrong one.

**Source**: Directive (EU) 2016/680, article 25, for what must be said; GDPR, article 17, for what must be forgettable.
"""

import hmac
import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from json.encoder import encode_basestring as _quote
from typing import Any

from impetus.core.access import Category, Purpose, Regime
from impetus.core.errors import Malformed
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.ethics.log.tiles import MAX_ENTRY_BYTES

VERSION = 1
PERSONAL = ("who", "why", "recipient")
"""Fields that stand in the log as commitments only."""
SALT_BYTES = 16
"""128 random bits a value: no two commitments of one value are alike, and none can be guessed. House rule."""
SALTS_BYTES = SALT_BYTES * len(PERSONAL)
TAG = b"impetus log commitment v1\n"
"""Keeps our commitments apart from every other use of SHA-256."""

MAX_KEPT_CHARS = 1024
"""Characters a word keeps in an entry that is too long; the words the platform writes are far shorter. House rule."""

_SPELLED: Mapping[str, str] = {
    member: member.value
    for kind in (Outcome, Processing, Purpose, Category, Regime)
    for member in kind.__members__.values()
}
"""Words of enumerations as plain text; `.value` costs ten times as much."""
_TAGS = {name: TAG + name.encode() + b"\n" for name in PERSONAL}
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def write_entry(record: LogRecord, salts: bytes) -> bytes:
    """Return the entry: JSON with sorted keys, no spaces, UTF-8; what is empty is left out.

    `salts` are 48 bytes, 16 each for who, why and recipient. Facts and words that would make it longer than a bundle takes
    are replaced by their hash, so that no record can stop the log.
    """
    if len(salts) != SALTS_BYTES:
        raise Malformed(f"{len(salts)} bytes of salts", value=len(salts), limit=SALTS_BYTES, remedy="draw 48 bytes")
    committed = _committed(record, salts)
    content = _written(record, committed, _encode(record.facts) if record.facts else "").encode()
    if len(content) <= MAX_ENTRY_BYTES:
        return content
    omitted = sha256(_encode(record.facts).encode()).hexdigest()
    return _written(_cut(record), committed, _encode({"omitted_sha256": omitted})).encode()


def _written(record: LogRecord, committed: str, facts: str) -> str:
    """Return the JSON text. Keys stand in their order here, which is much quicker than sorting them each time."""
    at = record.at if record.at.tzinfo is UTC else record.at.astimezone(UTC)
    parts = (
        f'"act":{_quote(record.act)}' if record.act else "",
        f'"at":"{at.isoformat(timespec="microseconds")[:-6]}Z"',
        f'"case":{_quote(record.case)}' if record.case else "",
        f'"category":"{_SPELLED[record.category]}"',
        f'"commit":{{{committed}}}',
        f'"controller":{_quote(record.controller)}' if record.controller else "",
        f'"count":{record.count}',
        f'"facts":{facts}' if facts else "",
        f'"outcome":"{_SPELLED[record.outcome]}"',
        f'"processing":"{_SPELLED[record.processing]}"',
        f'"purpose":"{_SPELLED[record.purpose]}"',
        f'"regime":"{_SPELLED[record.regime]}"',
        f'"role":{_quote(record.role)}' if record.role else "",
        f'"rule":{_quote(record.rule)}' if record.rule else "",
        f'"subject":{_quote(record.subject)}' if record.subject else "",
        f'"v":{VERSION}',
    )
    return f"{{{','.join(filter(None, parts))}}}"


def _committed(record: LogRecord, salts: bytes) -> str:
    """Return the commitments as members of a JSON object, by name."""
    parts = []
    if record.recipient:
        parts.append(f'"recipient":"{commitment("recipient", record.recipient, salts[2 * SALT_BYTES :])}"')
    if record.who:
        parts.append(f'"who":"{commitment("who", record.who, salts[:SALT_BYTES])}"')
    if record.why:
        parts.append(f'"why":"{commitment("why", record.why, salts[SALT_BYTES : 2 * SALT_BYTES])}"')
    return ",".join(parts)


def commitment(field: str, value: str, salt: bytes) -> str:
    """Return the commitment to a value of a personal field, in hexadecimal digits."""
    return sha256(_TAGS[field] + salt + value.encode()).hexdigest()


def open_commitment(entry: bytes, field: str, value: str, salts: bytes) -> bool:
    """Say whether the value is what the entry commits to in this field; an empty value is one that is not there."""
    committed = read_entry(entry).get("commit")
    if field not in PERSONAL or not isinstance(committed, dict):
        return False
    if not value:
        return field not in committed
    place = PERSONAL.index(field) * SALT_BYTES
    found = commitment(field, value, salts[place : place + SALT_BYTES])
    return len(salts) == SALTS_BYTES and hmac.compare_digest(found.encode(), str(committed.get(field)).encode())


def read_entry(content: bytes) -> Mapping[str, Any]:
    """Return what an entry says; `Malformed` for anything that is no JSON object in UTF-8."""
    try:
        found = json.loads(content.decode())
    except (ValueError, RecursionError) as error:
        raise Malformed(f"no entry of a log: {error}", value=content[:80], remedy="it was changed or cut") from error
    if not isinstance(found, dict):
        raise Malformed("no entry of a log: not an object", value=content[:80], remedy="it was changed or cut")
    return found


def time_of(content: bytes) -> datetime:
    """Return when an entry's act happened; `Malformed` when it does not say."""
    said = str(read_entry(content).get("at"))
    try:
        at = datetime.fromisoformat(said)
    except (ValueError, OverflowError) as error:
        raise Malformed(f"no time in an entry: {error}", value=said, limit="RFC 3339, UTC") from error
    if at.tzinfo is None:
        raise Malformed("a time in an entry has no zone", value=said, limit="RFC 3339, UTC")
    return at.astimezone(UTC)


def _cut(record: LogRecord) -> LogRecord:
    """Return the record with its long public words replaced by their hash."""
    return replace(
        record,
        act=_short(record.act),
        case=_short(record.case),
        controller=_short(record.controller),
        role=_short(record.role),
        rule=_short(record.rule),
        subject=_short(record.subject),
    )


def _short(word: str) -> str:
    return word if len(word) <= MAX_KEPT_CHARS else f"sha256:{sha256(word.encode()).hexdigest()}"
