"""The query options of SensorThings that are offered, and a clear no to the others.

Offered: `$top`, `$skip`, `$count` on every collection; `$filter` and `$orderby` on Observations, over `phenomenonTime` and
`Datastream/id`. Any other option with a dollar is 501, as the standard asks; a wrong value is 400.

**Source**: OGC 18-088, section 9.3 "Requesting data", requirement 24 ff.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from impetus.core.errors import Malformed, TheirFault
from impetus.core.ids import DatastreamId
from impetus.web.ingest.wire import shown, us_of_text

PAGE: Final = 100
LARGEST_PAGE: Final = 1000
LARGEST_SKIP: Final = 200_000
"""Beyond it a time filter is the way to read on. House rule: what history gives at once."""
COLLECTION_OPTIONS: Final = frozenset({"$top", "$skip", "$count"})
OBSERVATION_OPTIONS: Final = COLLECTION_OPTIONS | {"$filter", "$orderby"}
MAX_TERMS: Final = 8
_NUMBER: Final = re.compile(r"[0-9]{1,9}")
_TIME_TERM: Final = re.compile(r"phenomenonTime\s+(ge|gt|le|lt|eq)\s+(\S+)")
_STREAM_TERM: Final = re.compile(r"Datastream/(?:@iot\.)?id\s+eq\s+([0-9]{1,18})")
_ORDER: Final = re.compile(r"phenomenonTime(?:\s+(asc|desc))?")
FILTERS: Final = "phenomenonTime ge|gt|le|lt|eq <RFC 3339 time>, Datastream/id eq <number>, joined by and"


class NotOffered(TheirFault):
    """This part of the standard is not offered here."""

    status = 501
    title = "Not offered"


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What a reader asks for. Times are microseconds, `since_us` included and `until_us` not; None is open."""

    top: int = PAGE
    skip: int = 0
    count: bool = False
    since_us: int | None = None
    until_us: int | None = None
    datastream: DatastreamId | None = None
    newest_first: bool = False


def read_query(options: Mapping[str, str], offered: frozenset[str]) -> Query:
    """Read the options; `NotOffered` for one that is not offered, `Malformed` for a value that cannot be read."""
    for name in options:
        if name.startswith("$") and name not in offered:
            raise NotOffered(
                f"option {name[:50]} is not offered here",
                value=name[:50],
                limit=", ".join(sorted(offered)),
                remedy="leave it out",
            )
    span = _filter(options["$filter"]) if "$filter" in options else Query()
    return Query(
        top=min(_number(options, "$top", PAGE), LARGEST_PAGE),
        skip=_skip(_number(options, "$skip", 0)),
        count=_flag(options.get("$count", "false")),
        since_us=span.since_us,
        until_us=span.until_us,
        datastream=span.datastream,
        newest_first=_order(options.get("$orderby", "phenomenonTime asc")),
    )


def _number(options: Mapping[str, str], name: str, default: int) -> int:
    value = options.get(name)
    if value is None:
        return default
    if _NUMBER.fullmatch(value) is None:
        raise Malformed(f"{name} is {shown(value)}", value=value, limit="a whole number from 0", remedy="mend it")
    return int(value)


def _skip(skip: int) -> int:
    if skip > LARGEST_SKIP:
        raise Malformed(
            f"$skip is {skip}", value=skip, limit=LARGEST_SKIP, remedy="read on with a $filter on phenomenonTime"
        )
    return skip


def _flag(value: str) -> bool:
    if value not in {"true", "false"}:
        raise Malformed(f"$count is {shown(value)}", value=value, limit="true, false", remedy="say which")
    return value == "true"


def _order(value: str) -> bool:
    found = _ORDER.fullmatch(value.strip())
    if found is None:
        raise NotOffered(
            f"$orderby {shown(value)} is not offered",
            value=value,
            limit="phenomenonTime asc, phenomenonTime desc",
            remedy="use one of these",
        )
    return found.group(1) == "desc"


def _filter(text: str) -> Query:
    """Read the terms of a filter and narrow the span by each."""
    terms = re.split(r"\s+and\s+", text.strip())
    if len(terms) > MAX_TERMS:
        raise Malformed(f"$filter has {len(terms)} terms", value=len(terms), limit=MAX_TERMS, remedy="use fewer")
    since_us: int | None = None
    until_us: int | None = None
    datastream: DatastreamId | None = None
    for term in terms:
        stream = _STREAM_TERM.fullmatch(term)
        if stream is not None:
            datastream = DatastreamId(int(stream.group(1)))
            continue
        low, high = _time_term(term)
        since_us = low if since_us is None or (low is not None and low > since_us) else since_us
        until_us = high if until_us is None or (high is not None and high < until_us) else until_us
    return Query(since_us=since_us, until_us=until_us, datastream=datastream)


def _time_term(term: str) -> tuple[int | None, int | None]:
    """Return the half-open span a term leaves."""
    found = _TIME_TERM.fullmatch(term)
    if found is None:
        raise NotOffered(f"filter {shown(term)} is not offered", value=term, limit=FILTERS, remedy="use such a filter")
    at_us = us_of_text(found.group(2))
    if at_us is None:
        raise Malformed(
            f"time {shown(found.group(2))} in $filter",
            value=found.group(2),
            limit="RFC 3339 with a zone",
            remedy="mend it",
        )
    word = found.group(1)
    low = {"ge": at_us, "gt": at_us + 1, "eq": at_us}.get(word)
    high = {"lt": at_us, "le": at_us + 1, "eq": at_us + 1}.get(word)
    return low, high
