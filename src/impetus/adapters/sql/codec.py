"""Domain dataclasses to rows and back, by their type hints.

A column has the name of its field. Times become whole microseconds, days their ISO text, enumerations their word, a `Point` two columns,
phrases, tuples, sets and mappings JSON text. NaN has no place in a required number (SQL knows no such value) and is
refused rather than silently turned into "nothing".
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Generic, NewType, Protocol, TypeVar, Union, get_args, get_origin, get_type_hints

from impetus.core.errors import Malformed
from impetus.core.observation import from_us, to_us
from impetus.core.place import Point
from impetus.core.text import Phrase

T = TypeVar("T")
Encode = Callable[[Any], Any]


class Row(Protocol):
    """What a column can be read from: a row of the database, or a dict."""

    def __getitem__(self, name: str, /) -> Any:  # noqa: ANN401 - the field's type hint says what it is
        """Return the column's value."""
        ...


_dump = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, check_circular=False).encode
_load = json.JSONDecoder().decode


def dump(value: object) -> str:
    """Return JSON text in pure ASCII; NaN and infinities keep Python's spelling, so that they come back."""
    return _dump(dict(value) if isinstance(value, Mapping) else value)


def load(text: str) -> Any:  # noqa: ANN401 - JSON is any of seven types; the codec's hint says which
    """Return what `dump` was given, mappings as dicts and tuples as lists."""
    return _load(text)


class RowCodec(Generic[T]):
    """How one frozen dataclass lies in a row. Built once per class."""

    def __init__(self, kind: type[T]) -> None:
        hints = get_type_hints(kind)
        names = [item.name for item in fields(kind)]  # type: ignore[arg-type]  # T is always a dataclass here
        self._kind = kind
        self._points = [name for name in names if Point in (hints[name], *get_args(hints[name]))]
        self._plain = [(name, *_pair(hints[name], name)) for name in names if name not in self._points]

    def to_row(self, item: T) -> dict[str, Any]:
        """Return the columns of an item."""
        row = {name: encode(getattr(item, name)) for name, encode, _ in self._plain}
        for name in self._points:
            point: Point | None = getattr(item, name)
            row[f"{name}_lon"] = point.lon if point else None
            row[f"{name}_lat"] = point.lat if point else None
        return row

    def from_row(self, row: Row) -> T:
        """Return the item of a row; columns that are no fields are ignored."""
        values = {name: decode(row[name]) for name, _, decode in self._plain}
        for name in self._points:
            lon = row[f"{name}_lon"]
            values[name] = None if lon is None else Point(lon=lon, lat=row[f"{name}_lat"])
        return self._kind(**values)


def _pair(hint: object, name: str) -> tuple[Encode, Encode]:
    """Return how a value of this type is written and read."""
    if isinstance(hint, NewType):
        return _pair(hint.__supertype__, name)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Union or type(hint).__name__ == "UnionType":
        return _union_pair(arguments, name)
    if origin is not None:
        return _collection_pair(origin)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return str, hint
    if hint is float:
        return (lambda value: _number(value, name)), float
    return _SIMPLE[hint]


def _union_pair(arguments: tuple[object, ...], name: str) -> tuple[Encode, Encode]:
    """Handle `X | None` and `SomeEnum | str`."""
    rest = [argument for argument in arguments if argument is not type(None)]
    if len(rest) == 1:
        encode, decode = _pair(rest[0], name)
        return (
            lambda value: None if value is None else encode(value),
            lambda value: None if value is None else decode(value),
        )
    words = next(kind for kind in rest if isinstance(kind, type) and issubclass(kind, StrEnum))
    known = {str(word): word for word in words}
    return str, lambda value: known.get(value, value)


def _collection_pair(origin: object) -> tuple[Encode, Encode]:
    """Write tuples, sets and mappings as JSON text."""
    if origin is tuple:
        return (lambda value: _dump(list(value))), (lambda text: tuple(_load(text)))
    if origin is frozenset:
        return (lambda value: _dump(sorted(value))), (lambda text: frozenset(_load(text)))
    return dump, _load


def _number(value: float, name: str) -> float:
    """Return the number, or refuse NaN."""
    if math.isnan(value):
        raise Malformed(f"{name} is NaN", value=value, limit="a number", remedy="leave it out where the type allows")
    return float(value)


def _same(value: Any) -> Any:  # noqa: ANN401 - texts, bytes and numbers go to the database as they are
    return value


def _phrase_to_text(phrase: Phrase) -> str:
    return _dump([phrase.template, dict(phrase.values)])


def _phrase_of_text(text: str) -> Phrase:
    template, values = _load(text)
    return Phrase(template=template, values=values)


_SIMPLE: Mapping[object, tuple[Encode, Encode]] = {
    str: (_same, _same),
    int: (int, int),
    bool: (bool, bool),
    bytes: (_same, bytes),
    datetime: (to_us, from_us),
    date: (date.isoformat, date.fromisoformat),
    Phrase: (_phrase_to_text, _phrase_of_text),
}
