"""When a page was made, as its forms send it back: counted by the week, kept with nobody."""

from datetime import datetime

from impetus.core.errors import Malformed


def moment(text: str) -> datetime | None:
    """Return when a page was made, None for nothing; `Malformed` for what is no time with a zone."""
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _odd(text) from error
    if at.tzinfo is None:
        raise _odd(text)
    return at


def _odd(text: str) -> Malformed:
    return Malformed(f"{text!r} is no time", value=text, limit="RFC 3339, with a zone", remedy="reload the page")
