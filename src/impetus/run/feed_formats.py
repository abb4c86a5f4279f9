"""Which function reads which format; a process loads the libraries of the formats its sources have, and of no other."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from typing import Final

from impetus.adapters.feeds.declared import FeedDeclared
from impetus.adapters.feeds.options import MOST_BYTES
from impetus.core.errors import Misconfigured
from impetus.core.feed import FeedReport

Read = Callable[[bytes], FeedReport]
PLAIN: Final[Mapping[str, str]] = {
    "gtfs-realtime": "read_gtfs_realtime",
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

    if declared.sites is None:
        return partial(read_datex2, how=declared.how, sites={})
    try:
        with declared.sites.open("rb") as file:
            sites = read_sites(file.read(MOST_BYTES + 1))
    except OSError as error:
        raise Misconfigured(
            f"sites of {declared.id} cannot be read: {error.strerror}",
            value=declared.sites.name,
            remedy="put the table of sites there",
        ) from error
    return partial(read_datex2, how=declared.how, sites=sites)
