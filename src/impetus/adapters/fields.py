"""Strict reading of a parsed JSON document: each field is taken once, typed and bounded, and none may be left over.

Every refusal is `Malformed` and names the path (`event.data.finding.score`), the value, and what would have been right.
"""

import base64
import contextlib
import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar

import numpy as np

from impetus.core.errors import Malformed
from impetus.core.observation import Float64s
from impetus.core.text import Value

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)
"""RFC 3339 in UTC with at most microseconds."""
MAX_WHOLE = 2**63 - 1


def say_time(at: datetime) -> str:
    """Return an aware time as RFC 3339 in UTC with microseconds."""
    if at.tzinfo is None:
        raise Malformed(f"time {at} has no zone", value=at, limit="an aware time", remedy="give it in UTC")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


class Fields:
    """The fields of one JSON object, taken one by one."""

    def __init__(self, document: object, path: str) -> None:
        self._path = path
        if not isinstance(document, dict):
            raise Malformed(f"{path} is {_short(document)}", value=_short(document), limit="an object")
        self._left: dict[str, object] = dict(document)

    def wrong(self, name: str, value: object, limit: str) -> Malformed:
        """Return the error about one field."""
        return Malformed(
            f"{self._path}.{name} is {_short(value)}, not {limit}",
            value=_short(value),
            limit=limit,
            remedy=f"mend {self._path}.{name}",
        )

    def has(self, name: str) -> bool:
        """Say whether a field is there and not yet taken; for fields that older writers left out."""
        return name in self._left

    def end(self) -> None:
        """Refuse fields that nobody asked for."""
        if self._left:
            name = min(self._left)
            raise Malformed(f"{self._path} has the unknown field {name[:80]}", value=name, remedy="remove it")

    def constant(self, name: str, expected: str) -> None:
        """Take a field that has one possible value."""
        if (value := self._take(name)) != expected:
            raise self.wrong(name, value, repr(expected))

    def text(self, name: str, longest: int, *, shortest: int = 1) -> str:
        """Take a text of bounded length in characters."""
        value = self._take(name)
        if not isinstance(value, str) or not shortest <= len(value) <= longest:
            raise self.wrong(name, value, f"a text of {shortest}..{longest} characters")
        return value

    def bytes_(self, name: str, most: int) -> bytes:
        """Take bytes of bounded number, written in base 64."""
        value = self._take(name)
        if isinstance(value, str) and len(value) <= 4 * (most // 3 + 1):
            with contextlib.suppress(ValueError):
                body = base64.b64decode(value, validate=True)
                if len(body) <= most:
                    return body
        raise self.wrong(name, _short(value), f"at most {most} bytes in base 64")

    def truth(self, name: str) -> bool:
        """Take true or false."""
        value = self._take(name)
        if not isinstance(value, bool):
            raise self.wrong(name, value, "true or false")
        return value

    def number(self, name: str, *, lowest: float = -math.inf, highest: float = math.inf) -> float:
        """Take a finite number within bounds."""
        value = self._take(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not lowest <= value <= highest:
            raise self.wrong(name, value, f"a number {lowest:g}..{highest:g}")
        return float(value)

    def whole_number(self, name: str) -> int:
        """Take a whole number of 64 bits."""
        value = self._take(name)
        if not _is_whole(value):
            raise self.wrong(name, value, "a whole number of 64 bits")
        return value  # type: ignore[return-value]  # _is_whole said so

    def time(self, name: str) -> datetime:
        """Take a time in UTC."""
        value = self._take(name)
        try:
            if isinstance(value, str) and TIME.fullmatch(value):
                return datetime.fromisoformat(value)
        except ValueError:
            pass
        raise self.wrong(name, value, "an RFC 3339 time in UTC with at most microseconds")

    def one_of(self, name: str, words: type[E]) -> E:
        """Take one word of an enumeration."""
        value = self._take(name)
        if not isinstance(value, str) or value not in set(words):
            raise self.wrong(name, value, "one of " + ", ".join(words))
        return words(value)

    def optional(self, name: str, take: Callable[[str], T]) -> T | None:
        """Take a field that may be null."""
        if name in self._left and self._left[name] is None:
            del self._left[name]
            return None
        return take(name)

    def inner(self, name: str) -> "Fields":
        """Take an object."""
        return Fields(self._take(name), f"{self._path}.{name}")

    def inners(self, name: str, most: int) -> list["Fields"]:
        """Take a list of objects."""
        return [Fields(item, f"{self._path}.{name}[{place}]") for place, item in enumerate(self._list(name, most))]

    def whole_numbers(self, name: str, most: int) -> list[int]:
        """Take a list of whole numbers."""
        items = self._list(name, most)
        whole = [item for item in items if isinstance(item, int) and _is_whole(item)]
        if len(whole) != len(items):
            raise self.wrong(name, items[:3], "a list of whole numbers of 64 bits")
        return whole

    def column(self, name: str, most: int) -> Float64s:
        """Take a list of numbers, null for NaN."""
        items = self._list(name, most)
        if not {type(item) for item in items} <= {int, float, type(None)}:
            raise self.wrong(name, items[:3], "a list of numbers and nulls")
        return np.array(items, dtype=np.float64)

    def facts(self, name: str, most: int, longest: int) -> Mapping[str, float]:
        """Take an object of numbers, null for NaN."""
        found: dict[str, float] = {}
        for key, value in self._object(name, most, longest).items():
            if isinstance(value, bool) or not isinstance(value, int | float | None):
                raise self.wrong(f"{name}.{key}", value, "a number or null")
            found[key] = math.nan if value is None else float(value)
        return found

    def values(self, name: str, most: int, longest: int) -> Mapping[str, Value]:
        """Take an object of texts and numbers, null for NaN."""
        found: dict[str, Value] = {}
        for key, value in self._object(name, most, longest).items():
            if isinstance(value, bool) or not isinstance(value, str | int | float | None):
                raise self.wrong(f"{name}.{key}", value, "a text, a number or null")
            if isinstance(value, str) and len(value) > longest:
                raise self.wrong(f"{name}.{key}", value, f"a text of at most {longest} characters")
            found[key] = math.nan if value is None else value
        return found

    def _take(self, name: str) -> object:
        """Take a field out, or refuse its absence."""
        if name not in self._left:
            raise Malformed(f"{self._path} lacks the field {name}", limit=name, remedy=f"add {name}")
        return self._left.pop(name)

    def _list(self, name: str, most: int) -> list[object]:
        """Take a list of bounded length."""
        value = self._take(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name, value, f"a list of at most {most}")
        return value

    def _object(self, name: str, most: int, longest: int) -> dict[str, object]:
        """Take an object of bounded size and names of bounded length."""
        value = self._take(name)
        if not isinstance(value, dict) or len(value) > most or any(len(key) > longest for key in value):
            raise self.wrong(name, value, f"an object of at most {most} fields with names up to {longest} characters")
        return value


def _is_whole(value: object) -> bool:
    """Say whether a value is a whole number that fits a column."""
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_WHOLE


def _short(value: object) -> str:
    """Quote a value for a sentence, cut, without spelling out a long list first."""
    if isinstance(value, list | dict) and len(value) > 3:  # noqa: PLR2004 - three items tell what it is
        return f"a {'list' if isinstance(value, list) else 'object'} of {len(value)}"
    return repr(value)[:80]
