"""Records out of untrusted XML, one at a time: no document type, no entity, no network, bounded in every direction.

expat walks the bytes piece by piece and builds nothing; only inside an element that was asked for does a small tree grow, and
it is given away and forgotten before the next one begins. So a delivery of 30 MB costs the memory of one record. Namespaces
are taken off names that belong to the format; an element of any other namespace is passed over with all it holds.

**Source**: CWE-611 (external entities), CWE-776 (entity expansion); XML 1.0, section 4.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cache
from typing import Final, TypeVar, get_args, get_type_hints
from xml.parsers import expat

from lxml import etree
from xsdata.exceptions import ConverterError, ConverterWarning, ParserError, XmlContextError
from xsdata.formats.dataclass.context import XmlContext
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig

from impetus.core.errors import Malformed, TooLarge

MOST_DEPTH: Final = 40
"""Elements inside each other; a DATEX II site with its location has about 15. House rule."""
MOST_ELEMENTS: Final = 4_000_000
MOST_IN_RECORD: Final = 5_000
"""Elements of one record; a journey with 80 stops has about 1,000. House rule."""
MOST_TEXT: Final = 2_000
"""Characters of one element; a name or a time. What is longer is cut. House rule."""
MOST_ATTRIBUTES: Final = 32
PIECE: Final = 1 << 16
ENCODINGS: Final = frozenset({"utf-8", "utf-16", "iso-8859-1", "us-ascii", "ascii", "windows-1252"})
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What is taken out of a format: the elements `records`.

    `spaces` are how its namespaces begin; `known` are the names inside a record that are read, any where it is empty: of what
    stands under another name nothing is built. `through` are wrappings that are looked through. `root` are the names with which a document of the format begins; `heads` are elements outside records whose text is kept.
    """

    root: frozenset[str]
    spaces: tuple[str, ...]
    records: frozenset[str]
    through: frozenset[str] = frozenset()
    known: frozenset[str] = frozenset()
    heads: frozenset[str] = frozenset()


@dataclass(slots=True, kw_only=True)
class Walk:
    """Walks a document; `found` are records that nobody came for yet, `heads` the texts outside them."""

    wanted: Wanted
    found: list[etree._Element] = field(default_factory=list)
    heads: dict[str, str] = field(default_factory=dict)
    _depth: int = 0
    _elements: int = 0
    _inside: int = 0
    _skipping: int = 0
    _open: list[etree._Element | None] = field(default_factory=list)
    _head: str = ""

    def begin(self, name: str, attributes: dict[str, str]) -> None:
        """Take in an element that begins."""
        self._depth += 1
        self._elements += 1
        _bound("elements inside each other", self._depth, MOST_DEPTH)
        _bound("elements", self._elements, MOST_ELEMENTS)
        _bound("attributes", len(attributes), MOST_ATTRIBUTES)
        space, _, local = name.rpartition(" ")
        if self._depth == 1 and (local not in self.wanted.root or not self._is_ours(space)):
            raise Malformed(
                f"the document is {name[:100]}",
                value=name[:100],
                limit=", ".join(sorted(self.wanted.root)),
                remedy="look at the address",
            )
        if self._skipping or not self._is_ours(space) or (self._open and not self._is_known(local)):
            self._skipping += 1
        elif self._open:
            self._grow(local, attributes)
        elif local in self.wanted.records:
            self._open.append(_element(local, attributes))
            self._inside = 1
        elif local in self.wanted.heads:
            self._head = local

    def end(self, _name: str) -> None:
        """Take in an element that ends; a record that is whole is ready."""
        self._depth -= 1
        self._head = ""
        if self._skipping:
            self._skipping -= 1
        elif self._open:
            last = self._open.pop()
            if not self._open and last is not None:
                self.found.append(last)

    def say(self, text: str) -> None:
        """Take in text of the innermost element, cut where it is longer than anything we read."""
        if self._open and not self._skipping:
            element = next(each for each in reversed(self._open) if each is not None)
            if len(element) == 0:
                element.text = ((element.text or "") + text.replace("\0", ""))[:MOST_TEXT]
        elif self._head and self._head not in self.heads:
            self.heads[self._head] = text[:MOST_TEXT]

    def refuse_type(self, name: str, *_rest: object) -> None:
        """Refuse a document type, in which entities would be declared."""
        raise Malformed(
            "the document declares a type (DOCTYPE), by which entities do harm",
            value=name[:60],
            limit="no DOCTYPE, no entities",
            remedy="ask whoever sends it to leave the DOCTYPE out",
        )

    def _grow(self, local: str, attributes: dict[str, str]) -> None:
        self._inside += 1
        _bound("elements in one record", self._inside, MOST_IN_RECORD)
        if local in self.wanted.through:
            self._open.append(None)
            return
        parent = next(each for each in reversed(self._open) if each is not None)
        child = _element(local, attributes)
        parent.append(child)
        self._open.append(child)

    def _is_known(self, local: str) -> bool:
        wanted = self.wanted
        return not wanted.known or local in wanted.known or local in wanted.through

    def _is_ours(self, space: str) -> bool:
        return not space or space.startswith(self.wanted.spaces)


def records(body: bytes, wanted: Wanted) -> Iterator[tuple[etree._Element, dict[str, str]]]:
    """Yield each record of a document with the heads told before it; `Malformed` or `TooLarge` says why not."""
    walk = Walk(wanted=wanted)
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = walk.begin, walk.end
    parser.CharacterDataHandler = walk.say
    parser.StartDoctypeDeclHandler = walk.refuse_type
    parser.XmlDeclHandler = _check_encoding
    for start in range(0, len(body) or 1, PIECE):
        try:
            parser.Parse(body[start : start + PIECE], start + PIECE >= len(body))
        except (expat.ExpatError, ValueError, LookupError) as error:
            raise Malformed(
                f"it is not well-formed XML: {str(error)[:120]}", limit="XML 1.0", remedy="look at the address"
            ) from error
        for record in walk.found:
            yield record, walk.heads
        walk.found.clear()


def bound(record: etree._Element, kind: type[T]) -> T | None:
    """Return a record as the class its schema gives it, None when a value in it is not of its type.

    Elements the schema does not name are passed over: formats grow, and what is not read does no harm.
    """
    try:
        return _parser().parse(record, kind)
    except (ParserError, ConverterError, ConverterWarning, XmlContextError, ValueError, ArithmeticError, TypeError):
        return None


def names_of(*kinds: type) -> frozenset[str]:
    """Return every name that these generated classes read, those inside each other too."""
    found: set[str] = set()
    for kind in kinds:
        hints = get_type_hints(kind)
        for each in fields(kind):
            found.add(each.metadata.get("name") or each.name)
            inside = {
                part for hint in (hints[each.name], *get_args(hints[each.name])) for part in (hint, *get_args(hint))
            }
            found |= names_of(*(part for part in inside if is_dataclass(part) and isinstance(part, type)))
    return frozenset(found)


@cache
def _parser() -> XmlParser:
    settings = ParserConfig(
        fail_on_unknown_properties=False, fail_on_unknown_attributes=False, fail_on_converter_warnings=True
    )
    return XmlParser(config=settings, context=XmlContext())


def _element(local: str, attributes: dict[str, str]) -> etree._Element:
    """Return an element without a namespace, with the attributes that have none either."""
    try:
        return etree.Element(local, {name: value[:MOST_TEXT] for name, value in attributes.items() if " " not in name})
    except ValueError as error:
        raise Malformed(f"a name in it: {str(error)[:80]}", limit="XML 1.0", remedy="look at the address") from error


def _check_encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.lower() not in ENCODINGS:
        raise Malformed(
            f"encoding {encoding[:40]}", value=encoding[:40], limit=", ".join(sorted(ENCODINGS)), remedy="use UTF-8"
        )


def _bound(what: str, value: int, limit: int) -> None:
    if value > limit:
        raise TooLarge(f"{value} {what}", value=value, limit=limit, remedy="ask for less of it")
