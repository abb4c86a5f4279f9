"""Which function reads which format; a process loads the libraries of the formats its sources have, and of no other."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Final

from impetus.adapters.feeds.declared import FeedDeclared
from impetus.core.errors import Misconfigured
from impetus.core.feed import FeedReport

Read = Callable[[bytes], FeedReport]
MOST_BESIDE: Final = 128 * 1024 * 1024
"""Bytes of a table of sites or trips; a country's trips have about 60 MB. House rule."""
PLAIN: Final[Mapping[str, str]] = {
    "siri": "read_siri",
    "nilu": "read_nilu",
    "openaq": "read_openaq",
    "table": "read_table",
}
"""Format, and the function that reads it, in the module of its name."""


def reader_of(declared: FeedDeclared) -> Read:
    """Return what reads a source's bodies; `Misconfigured` for a format nobody here knows or a table of sites that is none."""
    if declared.format in PLAIN:
        module = import_module(f"impetus.adapters.feeds.{declared.format.replace('-', '_')}")
        return partial(getattr(module, PLAIN[declared.format]), how=declared.how)
    if declared.format == "gtfs-realtime":
        return _gtfs(declared)
    if declared.format == "ngsi-ld":
        return _read_ngsi
    if declared.format == "datex2":
        return _datex2(declared)
    raise Misconfigured(
        f"no format {declared.format}", value=declared.format, remedy="see docs/how-to/connect-feeds.md"
    )


def _read_ngsi(body: bytes) -> FeedReport:
    """Read what a context broker answers to a query for entities."""
    from impetus.adapters.feeds.json_body import parse_json  # noqa: PLC0415 - see the module's docstring
    from impetus.web.ingest.ngsi import read_entities  # noqa: PLC0415 - see the module's docstring

    return read_entities(parse_json(body))


def _datex2(declared: FeedDeclared) -> Read:
    from impetus.adapters.feeds.datex2 import read_datex2, read_sites  # noqa: PLC0415 - see the module's docstring

    sites = {} if declared.sites is None else read_sites(_beside(declared, declared.sites))
    return partial(read_datex2, how=declared.how, sites=sites)


def _gtfs(declared: FeedDeclared) -> Read:
    from impetus.adapters.feeds.gtfs_realtime import read_gtfs_realtime  # noqa: PLC0415 - see the module's docstring
    from impetus.adapters.feeds.gtfs_trips import read_trips  # noqa: PLC0415 - see the module's docstring

    trips = {} if declared.sites is None else read_trips(_beside(declared, declared.sites))
    return partial(read_gtfs_realtime, how=declared.how, trips=trips)


def _beside(declared: FeedDeclared, file: Path) -> bytes:
    """Return the file that says what bodies only refer to."""
    try:
        with file.open("rb") as opened:
            body = opened.read(MOST_BESIDE + 1)
    except OSError as error:
        raise Misconfigured(
            f"sites of {declared.id} cannot be read: {error.strerror}", value=file.name, remedy="put the table there"
        ) from error
    if len(body) > MOST_BESIDE:
        raise Misconfigured(
            f"sites of {declared.id} are too large", value=file.name, limit=MOST_BESIDE, remedy="cut it"
        )
    return body
