"""An entry of the log: what is public in clear, what is personal as salted commitments.

Who, why and recipient stand in the log only as SHA-256 over a tag, 16 random bytes and the value. Who has value and salt
can show that they belong to the entry; once the salt is erased, nobody can tell a right guess from a wrong one.

**Source**: Directive (EU) 2016/680, article 25, for what must be said; GDPR, article 17, for what must be forgettable.
"""

import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from impetus.core.errors import Malformed
from impetus.core.log_record import LogRecord
from impetus.ethics.log.tiles import MAX_ENTRY_BYTES

VERSION = 1
PERSONAL = ("who", "why", "recipient")
"""Fields that stand in the log as commitments only."""
SALT_BYTES = 16
"""128 random bits a value: no two commitments of one value are alike, and none can be guessed. House rule."""
SALTS_BYTES = SALT_BYTES * len(PERSONAL)
TAG = b"impetus log commitment v1\n"
"""Keeps our commitments apart from every other use of SHA-256."""

_TAGS = {name: TAG + name.encode() + b"\n" for name in PERSONAL}
_encode = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
).encode


def write_entry(record: LogRecord, salts: bytes) -> bytes:
    """Return the entry: JSON with sorted keys, no spaces, UTF-8; what is empty is left out.

    `salts` are 48 bytes, 16 each for who, why and recipient. Facts that would make it longer than a bundle takes are
    replaced by their hash, so that no record can stop the log.
    """
    if len(salts) != SALTS_BYTES:
        raise Malformed(f"{len(salts)} bytes of salts", value=len(salts), limit=SALTS_BYTES, remedy="draw 48 bytes")
    entry = _public(record)
    entry["commit"] = {
        name: commitment(name, value, salts[place * SALT_BYTES : (place + 1) * SALT_BYTES])
        for place, name in enumerate(PERSONAL)
        if (value := getattr(record, name))
    }
    content = _encode(entry).encode()
    if len(content) <= MAX_ENTRY_BYTES:
        return content
    return _encode(_cut(entry)).encode()


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


def _public(record: LogRecord) -> dict[str, Any]:
    """Return the fields of a record that stand in clear, without the empty ones."""
    entry: dict[str, Any] = {
        "v": VERSION,
        "at": record.at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z",
        "outcome": record.outcome.value,
        "processing": record.processing.value,
        "purpose": record.purpose.value,
        "category": record.category.value,
        "regime": record.regime.value,
        "count": record.count,
    }
    words = {
        "role": record.role,
        "act": record.act,
        "rule": record.rule,
        "subject": record.subject,
        "controller": record.controller,
        "case": record.case,
    }
    entry |= {name: word for name, word in words.items() if word}
    if record.facts:
        entry["facts"] = dict(record.facts)
    return entry


def _cut(entry: dict[str, Any]) -> dict[str, Any]:
    """Return the entry short enough: facts, then long words, by their hash."""
    cut = {**entry, "facts": {"omitted_sha256": sha256(_encode(entry.get("facts", {})).encode()).hexdigest()}}
    for name, value in entry.items():
        if isinstance(value, str) and len(value) > MAX_KEPT_CHARS:
            cut[name] = f"sha256:{sha256(value.encode()).hexdigest()}"
    return cut


MAX_KEPT_CHARS = 1024
"""Characters a word keeps in an entry that is too long; the words the platform writes are far shorter. House rule."""
