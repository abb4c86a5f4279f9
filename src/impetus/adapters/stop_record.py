"""The record of a stop as JSON, and the names of its files. Reading is lenient: in doubt it is a stop in force."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from impetus.core.errors import Malformed
from impetus.core.stop import ALL, Stop, StopState, Target, parse_target

MAX_BYTES = 64 * 1024
"""Longest record read; a reason is at most a page. House rule."""
NOBODY_KNOWN = "somebody unknown"
_TEXTS = ("by", "why", "why_by", "lifted_by", "lifted_why")
_TIMES = ("why_at", "gone_at", "lifted_at")


def file_name(target: Target) -> str:
    """Return the name of a target's file; a slash of a camera's key is written `%2F`.

    >>> file_name(parse_target("camera:square/c11"))
    'camera:square%2Fc11'
    """
    return str(target).replace("/", "%2F")


def read_name(name: str) -> tuple[Target, str]:
    """Return what a file's name stops, and the trouble with it: a name nobody understands stops everything."""
    try:
        return parse_target(name.replace("%2F", "/").replace("%2f", "/")), ""
    except Malformed:
        return ALL, f"the file {name[:80]!r} in stops is nothing known, so everything is stopped"


def encode_stop(stop: Stop) -> bytes:
    """Return the record as one JSON object."""
    plain: dict[str, object] = {"target": str(stop.target), "state": stop.state.value, "at": stop.at.isoformat()}
    plain |= {name: getattr(stop, name) for name in (*_TEXTS, "by_hand")}
    plain |= {name: time.isoformat() for name in _TIMES if (time := getattr(stop, name)) is not None}
    return json.dumps(plain).encode("ascii")


def decode_stop(body: bytes, target: Target, otherwise_at: datetime) -> Stop:
    """Return the record; what cannot be read is a stop in force by nobody known."""
    try:
        plain = json.loads(body[:MAX_BYTES])
    except (ValueError, RecursionError):
        plain = {}
    words: Mapping[str, object] = plain if isinstance(plain, dict) else {}
    state = words.get("state")
    return Stop(
        target=target,
        state=StopState(state) if isinstance(state, str) and state in set(StopState) else StopState.STOPPED,
        at=_time(words.get("at")) or otherwise_at,
        by=_text(words.get("by")) or NOBODY_KNOWN,
        why=_text(words.get("why")),
        why_by=_text(words.get("why_by")),
        why_at=_time(words.get("why_at")),
        by_hand=words.get("by_hand") is True,
        gone_at=_time(words.get("gone_at")),
        lifted_at=_time(words.get("lifted_at")),
        lifted_by=_text(words.get("lifted_by")),
        lifted_why=_text(words.get("lifted_why")),
    )


def _text(value: object) -> str:
    """Return a text that can be stored and shown, empty for anything else."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else ""


def _time(value: object) -> datetime | None:
    """Return an aware time in UTC, None for anything else."""
    try:
        time = datetime.fromisoformat(value) if isinstance(value, str) else None
        return time.astimezone(UTC) if time and time.tzinfo else None
    except (ValueError, OverflowError):
        return None
