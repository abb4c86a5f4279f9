"""What documents of others say, taken out with suspicion: text, numbers, times, what stands inside; else nothing."""

import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

from impetus.core.observation import to_us

LONGEST: Final = 300
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?", re.ASCII)

Document = Mapping[str, object]


def text(value: object) -> str:
    """Return a short text or a whole number as text, empty for anything else."""
    if isinstance(value, str):
        return value.strip()[:LONGEST]
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def number(value: object) -> float | None:
    """Return a finite number, also one in quotes; None for anything else, true and false included."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        found = float(value) if not isinstance(value, str) or len(value) <= LONGEST else math.nan
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def inner(document: object, *names: str) -> object:
    """Return what stands under these names, inside each other, None where one is missing."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document


def time_us(value: object, zone: str) -> int | None:
    """Return microseconds of a time in ISO 8601, in `zone` when it names none; None for anything else.

    The repeated hour of an autumn night is taken as the first one: feeds that name no zone do not say which it is.
    """
    if not isinstance(value, str) or not _TIME.fullmatch(value.strip()):
        return None
    try:
        at = datetime.fromisoformat(value.strip().replace(" ", "T"))
        return to_us(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    except (ValueError, OverflowError):
        return None
