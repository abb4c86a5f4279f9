"""What sources send, read into columns: the one place where a body becomes a parcel, whichever way it came.

A row that cannot be read stays in the columns and is judged malformed or undeclared with the rest; a body that cannot be
read at all raises. Sizes are checked before anything is parsed.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final

from impetus.core.admission import NO_TIME
from impetus.core.errors import TheirFault, TooLarge
from impetus.core.ids import DatastreamId
from impetus.core.observation import to_us

JSON: Final = "application/json"
ARROW: Final = "application/vnd.apache.arrow.stream"
"""Media type of the Arrow IPC stream. Source: IANA media types registry."""
MAX_BODY_BYTES: Final = 8 * 1024 * 1024
MAX_ROWS: Final = 50_000
"""Most of one body; 100 times a usual batch, and decoded in well under a second. House rule."""
INT64_MIN: Final = -(2**63)
INT64_MAX: Final = 2**63 - 1
MAX_SHOWN: Final = 60

Names = Mapping[str, DatastreamId]

RFC3339: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(\.\d{1,12})?([Zz]|[+-]\d{2}:?\d{2})", re.ASCII)
"""RFC 3339, section 5.6; the colon of the offset may be left out, as in the examples of OGC 18-088."""


class UnsupportedMedia(TheirFault):
    """The body is of a kind that is not read here."""

    status = 415
    title = "Media type is not supported"


def check_size(body: bytes) -> None:
    """Raise `TooLarge` when a body is beyond the limit."""
    if len(body) > MAX_BODY_BYTES:
        raise TooLarge(
            f"body of {len(body)} bytes", value=len(body), limit=MAX_BODY_BYTES, remedy="send it in several batches"
        )


def check_rows(rows: int) -> None:
    """Raise `TooLarge` when there are more rows than are taken at once."""
    if rows > MAX_ROWS:
        raise TooLarge(f"{rows} readings at once", value=rows, limit=MAX_ROWS, remedy="send them in several batches")


def media_of(content_type: str) -> str:
    """Return the bare media type of a Content-Type, lower-case.

    >>> media_of("Application/JSON; charset=utf-8")
    'application/json'
    """
    return content_type.partition(";")[0].strip().lower()


def us_of_text(text: str) -> int | None:
    """Return microseconds since the epoch of an RFC 3339 time, None when it is none; finer digits are cut.

    >>> us_of_text("1970-01-01T01:00:01+01:00"), us_of_text("1970-01-01T00:00:01")
    (1000000, None)
    """
    if len(text) > MAX_SHOWN or RFC3339.fullmatch(text) is None:
        return None
    try:
        return to_us(datetime.fromisoformat(text.upper()).astimezone(UTC))
    except (ValueError, OverflowError):
        return None


def us_of(value: object) -> int | None:
    """Return microseconds since the epoch of an RFC 3339 text or a whole number of microseconds, None for anything else."""
    if isinstance(value, str):
        return us_of_text(value)
    if isinstance(value, int) and not isinstance(value, bool) and NO_TIME < value <= INT64_MAX:
        return value
    return None


def shown(value: object) -> str:
    """Show a value of whatever kind, short, for a sentence."""
    text = repr(value) if isinstance(value, str | int | float | bool | None) else type(value).__name__
    return text if len(text) <= MAX_SHOWN else text[: MAX_SHOWN - 1] + "…"
