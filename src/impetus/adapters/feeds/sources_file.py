"""`sources.toml`: the sources an installation reads by itself, checked, with line numbers.

Nothing in it is guessed and nothing is passed over. One wrong line switches the whole file off, so that nobody believes in
a source that is not read; the board says which line and why.
"""

import re
import tomllib
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from impetus.adapters.effectors.devices_file import is_here
from impetus.adapters.feeds.declared import Dropped, FeedDeclared, Fetched
from impetus.adapters.feeds.declared_table import DeclaredTable, lines_of
from impetus.adapters.feeds.options import Box, Reading
from impetus.core.errors import Misconfigured

SOURCES_FILE: Final = "sources.toml"
MOST_BYTES: Final = 256 * 1024
MOST_SOURCES: Final = 50
"""Sources read by one installation; each has a thread of its own. House rule."""
FORMATS: Final = ("datex2", "gtfs-realtime", "nilu", "ngsi-ld", "openaq", "siri", "table")
SHORTEST_S: Final = 10.0
"""Seconds between two requests at least: what operators of public feeds ask for at most. House rule."""
KEYS: Final = (
    "id",
    "name",
    "format",
    "url",
    "folder",
    "files",
    "every_s",
    "freshness_s",
    "headers",
    "token_file",
    "token_header",
    "cafile",
    "zone",
    "in_zone",
    "only",
    "box",
    "thing",
    "property",
    "unit",
    "lowest",
    "highest",
    "missing",
    "sites",
    "most_datastreams",
    "cadence_s",
    "simulated",
)
_ID: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_PROPERTY: Final = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_UNIT: Final = re.compile(r"[!-~]{1,64}")
_PATTERN: Final = re.compile(r"[A-Za-z0-9_.*?-]{1,100}")
_HEADER: Final = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,60}")
_ADDRESS: Final = re.compile(r"[!-~]+")
_HOST: Final = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_OURS: Final = frozenset({"host", "connection", "content-length", "transfer-encoding", "accept-encoding", "range"})
"""Headers that say how the line works; a declaration does not set them."""


def read_sources(home: Path) -> tuple[FeedDeclared, ...]:
    """Read `sources.toml` of a home, nothing when there is none; `Misconfigured` names line and remedy."""
    file = home / SOURCES_FILE
    try:
        size = file.stat().st_size
        text = file.read_text(encoding="utf-8") if size <= MOST_BYTES else ""
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise Misconfigured(f"{file.name} cannot be read: {error}", value=file.name, remedy="mend it") from error
    if size > MOST_BYTES:
        raise Misconfigured(f"{file.name} is too large", value=size, limit=MOST_BYTES, remedy="declare fewer")
    return parse_sources(text, home)


def parse_sources(text: str, home: Path) -> tuple[FeedDeclared, ...]:
    """Check the text of a declaration; files it names are looked for under `home`."""
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Misconfigured(f"{SOURCES_FILE} is not TOML: {error}", value=SOURCES_FILE, remedy="mend it") from error
    found = document.pop("source", [])
    if document or not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        strange = next(iter(document), "source")
        raise Misconfigured(
            f"{SOURCES_FILE} has {strange[:60]}, and knows [[source]] only",
            value=strange[:60],
            limit="[[source]]",
            remedy="write [[source]], once for each",
        )
    if len(found) > MOST_SOURCES:
        raise Misconfigured(
            f"{SOURCES_FILE} has {len(found)} sources", value=len(found), limit=MOST_SOURCES, remedy="declare fewer"
        )
    lines = lines_of(text, "source")
    places = [lines[position] if position < len(lines) else {} for position in range(len(found))]
    sources = tuple(
        _source(DeclaredTable(each, SOURCES_FILE, place), home) for each, place in zip(found, places, strict=True)
    )
    for position, source in enumerate(sources):
        if source.id in {each.id for each in sources[:position]}:
            table = DeclaredTable({}, SOURCES_FILE, places[position])
            raise table.wrong("id", f"source {source.id} is declared twice", "once", "give it another name")
    return sources


def _source(table: DeclaredTable, home: Path) -> FeedDeclared:
    slug = table.matching("id", _ID, "small letters, digits, - and _, at most 63")
    form = table.text("format")
    if form not in FORMATS:
        raise table.wrong("format", f"format is {form[:60]!r}", ", ".join(FORMATS), "choose one")
    every_s = table.number("every_s", (SHORTEST_S, 86_400), 60)
    sites = table.text("sites", "")
    made = FeedDeclared(
        id=slug,
        name=table.text("name", slug),
        format=form,
        origin=_origin(table, home),
        every_s=every_s,
        freshness_s=table.number("freshness_s", (0, 31 * 86_400), max(300.0, 5 * every_s)),
        how=_reading(table, slug),
        zone_of_place=table.text("in_zone", ""),
        sites=home / sites if sites else None,
        most_streams=int(table.number("most_datastreams", (1, 20_000), 2000)),
        cadence_s=table.number("cadence_s", (0, 86_400 * 31), 0),
        simulated=table.flag("simulated", default=False),
    )
    table.close(KEYS)
    return made


def _reading(table: DeclaredTable, slug: str) -> Reading:
    box = table.numbers("box", 4)
    if box is not None and not (-180 <= box[0] < box[2] <= 180 and -90 <= box[1] < box[3] <= 90):  # noqa: PLR2004 - degrees
        raise table.wrong("box", f"box is {list(box)}", "[west, south, east, north] in degrees", "mend it")
    low, high = table.number("lowest", (-1e18, 1e18), -1e18), table.number("highest", (-1e18, 1e18), 1e18)
    if low > high:
        raise table.wrong("lowest", f"lowest {low:g} is above highest {high:g}", high, "swap them")
    return Reading(
        zone=table.zone("zone", "UTC"),
        only=frozenset(table.words("only", 500)),
        box=Box(west=box[0], south=box[1], east=box[2], north=box[3]) if box else None,
        thing=table.text("thing", slug),
        property=table.matching("property", _PROPERTY, "small letters, digits, - and _", ""),
        unit=table.matching("unit", _UNIT, "a UCUM code", ""),
        lowest=low,
        highest=high,
        missing=table.words("missing", 10),
    )


def _origin(table: DeclaredTable, home: Path) -> Fetched | Dropped:
    if table.has("url") == table.has("folder"):
        raise table.wrong("", "a source has an address or a folder", "url or folder", "declare exactly one")
    if table.has("folder"):
        pattern = table.matching("files", _PATTERN, "letters, digits, . - _ * and ?", "*")
        return Dropped(folder=home / table.text("folder"), pattern=pattern)
    cafile = table.text("cafile", "")
    return Fetched(url=_url(table), headers=_headers(table, home), cafile=str(home / cafile) if cafile else None)


def _url(table: DeclaredTable) -> str:
    """Take an address that may be spoken to: TLS, or this machine; no user, password or fragment in it."""
    url = table.text("url", longest=1000)
    try:
        parts = urlsplit(url)
        is_plain = not (parts.username or parts.password or parts.fragment) and parts.port != 0
        is_written = bool(_ADDRESS.fullmatch(url) and _HOST.fullmatch(parts.hostname or ""))
    except ValueError:
        is_plain = is_written = False
        parts = urlsplit("")
    if (
        is_plain
        and is_written
        and (parts.scheme == "https" or (parts.scheme == "http" and is_here(parts.hostname or "")))
    ):
        return url
    raise table.wrong("url", f"url is {url[:60]!r}", "https://host/path, or http on this machine", "mend it")


def _headers(table: DeclaredTable, home: Path) -> dict[str, str]:
    """Take the headers, with the secret among them; a secret in the file itself is refused by its name."""
    headers = dict(table.pairs("headers", 10))
    name = table.text("token_header", "Authorization")
    secret = table.secret("token_file", home)
    for header, value in headers.items():
        is_written = _HEADER.fullmatch(header) and value.isascii() and value.isprintable() and len(value) <= 500  # noqa: PLR2004 - a header
        if not is_written or header.lower() in _OURS or header.lower() in {"authorization", "cookie"}:
            raise table.wrong(
                "headers", f"header {header[:60]!r}", "a name with a text; secrets in token_file", "mend it"
            )
    if not _HEADER.fullmatch(name) or name.lower() in _OURS:
        raise table.wrong("token_header", f"token_header is {name[:60]!r}", "the name of a header", "mend it")
    if secret:
        headers[name] = f"Bearer {secret}" if name == "Authorization" else secret
    return headers
