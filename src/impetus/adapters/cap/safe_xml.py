"""Untrusted XML into a tree: no document type, no entity, no network, bounded in size, depth and number of elements.

The text is walked by expat first, which builds nothing and raises at the first thing that is not wanted; only what passed
is parsed into a tree, by a parser that resolves no entity and opens nothing.

**Source**: CAP 1.2, section 3.3 (no more of XML than needed); CWE-611 (external entities), CWE-776 (entity expansion).
"""

from typing import Final
from xml.parsers import expat

from lxml import etree

from impetus.adapters.cap.bounds import MOST_BYTES
from impetus.core.errors import Malformed, TooLarge

MOST_DEPTH: Final = 24
"""Elements inside each other; an alert in a feed with a signature has 9. House rule."""
MOST_ELEMENTS: Final = 40_000
MOST_ATTRIBUTES: Final = 32
ENCODINGS: Final = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii", "ascii", "latin-1", "windows-1252"})


class _Walk:
    """Refuses while it walks."""

    def __init__(self) -> None:
        self.depth = self.elements = 0

    def begin(self, _name: str, attributes: dict[str, str]) -> None:
        """Count an element that begins."""
        self.depth += 1
        self.elements += 1
        if self.depth > MOST_DEPTH:
            raise _too_large("elements inside each other", self.depth, MOST_DEPTH)
        if self.elements > MOST_ELEMENTS:
            raise _too_large("elements", self.elements, MOST_ELEMENTS)
        if len(attributes) > MOST_ATTRIBUTES:
            raise _too_large("attributes", len(attributes), MOST_ATTRIBUTES)

    def end(self, _name: str) -> None:
        """Count an element that ends."""
        self.depth -= 1

    def refuse_type(self, name: str, *_rest: object) -> None:
        """Refuse a document type, in which entities would be declared."""
        raise Malformed(
            "the document declares a type (DOCTYPE), by which entities do harm",
            value=name[:60],
            limit="no DOCTYPE, no entities",
            remedy="ask whoever sends it to leave the DOCTYPE out; CAP needs none",
        )


def parse_safely(body: bytes) -> etree._Element:
    """Return the root of an untrusted document; `Malformed` or `TooLarge` says why not."""
    if len(body) > MOST_BYTES:
        raise _too_large("bytes", len(body), MOST_BYTES)
    walk = _Walk()
    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = walk.begin, walk.end
    parser.StartDoctypeDeclHandler = walk.refuse_type
    parser.XmlDeclHandler = _check_encoding
    try:
        parser.Parse(body, True)
        quiet = etree.XMLParser(
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            dtd_validation=False,
            huge_tree=False,
            recover=False,
        )
        return etree.fromstring(body, quiet)
    except (expat.ExpatError, etree.XMLSyntaxError, ValueError, LookupError) as error:
        raise Malformed(
            f"it is not well-formed XML: {str(error)[:120]}", value=len(body), limit="XML 1.0", remedy="mend the sender"
        ) from error


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.lower() not in ENCODINGS:
        raise Malformed(
            f"encoding {encoding[:40]}", value=encoding[:40], limit=", ".join(sorted(ENCODINGS)), remedy="use UTF-8"
        )


def _too_large(what: str, value: int, limit: int) -> TooLarge:
    return TooLarge(f"{value} {what}", value=value, limit=limit, remedy="send less at once")
