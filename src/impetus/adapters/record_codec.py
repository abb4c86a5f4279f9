"""Log records as bytes on the bus: one JSON object a record; strict on the way back."""

from datetime import UTC, datetime

import orjson

from impetus.core.access import Category, Purpose, Regime
from impetus.core.errors import Malformed
from impetus.core.log_record import LogRecord, Outcome, Processing

MAX_BYTES = 64 * 1024
"""Longest record; a reason is at most a page. House rule."""


_OUTCOMES = {member.value: member for member in Outcome}
_PROCESSINGS = {member.value: member for member in Processing}
_PURPOSES = {member.value: member for member in Purpose}
_CATEGORIES = {member.value: member for member in Category}
_REGIMES = {member.value: member for member in Regime}
"""Enumerations by their words; asking the class costs ten times as much, and records come by the thousand."""


def encode_record(record: LogRecord) -> bytes:
    """Return the record as one JSON object, its time as whole microseconds since 1970 UTC."""
    plain = {name: getattr(record, name) for name in record.__slots__ if name != "facts"}
    plain["at"] = int(record.at.timestamp() * 1_000_000)
    plain["facts"] = dict(record.facts)
    try:
        body = orjson.dumps(plain)
    except TypeError as error:
        raise Malformed(
            f"a log record cannot be written: {error}", remedy="use Unicode text and plain values"
        ) from error
    if len(body) > MAX_BYTES:
        raise Malformed(f"a log record of {len(body)} bytes", value=len(body), limit=MAX_BYTES, remedy="say it shorter")
    return body


def decode_record(body: bytes) -> LogRecord:
    """Return what `encode_record` wrote; `Malformed` for anything else."""
    try:
        plain = orjson.loads(body)
        return LogRecord(
            **{
                **plain,
                "at": datetime.fromtimestamp(plain["at"] / 1_000_000, UTC),
                "outcome": _OUTCOMES[plain["outcome"]],
                "processing": _PROCESSINGS[plain["processing"]],
                "purpose": _PURPOSES[plain["purpose"]],
                "category": _CATEGORIES[plain["category"]],
                "regime": _REGIMES[plain["regime"]],
            }
        )
    except (ValueError, KeyError, TypeError, OverflowError, OSError) as error:
        raise Malformed(f"no log record: {error}", value=body[:80], remedy="report it; it is skipped") from error
