"""One table of a declaration, read key by key; whatever is wrong is said with the line it stands in.

`tomllib` does not say where a key stood, so lines are found again in the text. A key that nobody asked for is an error: in
a declaration nothing is passed over.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from impetus.core.errors import Misconfigured

LONGEST_WORD: Final = 200
_HEADER: Final = re.compile(r"\s*\[\[?\s*([A-Za-z_]+)\s*\]\]?\s*(#.*)?")
_NAMED: Final = re.compile(r"\s*[\"']?([A-Za-z_-]+)[\"']?\s*=")


def lines_of(text: str, table: str) -> list[dict[str, int]]:
    """Return, for each table `[[table]]` in order, the line of its header under an empty name and those of its keys."""
    found: list[dict[str, int]] = []
    is_inside = False
    for number, line in enumerate(text.splitlines(), start=1):
        if header := _HEADER.fullmatch(line):
            is_inside = header.group(1) == table
            if is_inside:
                found.append({"": number})
        elif is_inside and (named := _NAMED.match(line)):
            found[-1].setdefault(named.group(1), number)
    return found


class DeclaredTable:
    """A table that is taken apart; `close` refuses what is left."""

    def __init__(self, table: Mapping[str, object], file: str, lines: Mapping[str, int]) -> None:
        """Read `table`, which stands in `file` at these lines."""
        self._left = dict(table)
        self._file, self._lines = file, lines

    def wrong(self, key: str, said: str, limit: object, remedy: str) -> Misconfigured:
        """Return the error about a key."""
        line = self._lines.get(key, self._lines.get("", 1))
        return Misconfigured(f"{self._file} line {line}: {said}", value=key, limit=limit, remedy=remedy)

    def has(self, key: str) -> bool:
        """Say whether a key is still there."""
        return key in self._left

    def text(self, key: str, default: str | None = None, *, longest: int = 200) -> str:
        """Take a text in one line; only a default may be empty."""
        value = self._left.pop(key, default)
        if value == default == "":
            return ""
        if isinstance(value, str) and value.strip() and len(value) <= longest and value.isprintable():
            return value.strip()
        raise self.wrong(key, f"{key} is {_short(value)}", f"1..{longest} characters in one line", f"give {key}")

    def matching(self, key: str, pattern: re.Pattern[str], said: str, default: str | None = None) -> str:
        """Take a text of a form."""
        value = self.text(key, default, longest=500)
        if value == default or pattern.fullmatch(value):
            return value
        raise self.wrong(key, f"{key} is {_short(value)}", said, "mend it")

    def number(self, key: str, bounds: tuple[float, float], default: float | None = None) -> float:
        """Take a number within bounds."""
        value = self._left.pop(key, default)
        if isinstance(value, int | float) and not isinstance(value, bool) and bounds[0] <= value <= bounds[1]:
            return float(value)
        raise self.wrong(key, f"{key} is {_short(value)}", f"{bounds[0]:g}..{bounds[1]:g}", f"give {key} in range")

    def flag(self, key: str, *, default: bool) -> bool:
        """Take true or false."""
        value = self._left.pop(key, default)
        if isinstance(value, bool):
            return value
        raise self.wrong(key, f"{key} is {_short(value)}", "true or false", "write true or false")

    def words(self, key: str, most: int) -> tuple[str, ...]:
        """Take a list of texts."""
        value = self._left.pop(key, [])
        if isinstance(value, list) and len(value) <= most and all(_is_word(item) for item in value):
            return tuple(item.strip() for item in value)
        raise self.wrong(key, f"{key} is {_short(value)}", f"a list of at most {most} texts", "write a list of texts")

    def numbers(self, key: str, count: int) -> tuple[float, ...] | None:
        """Take a list of so many numbers, None when there is none."""
        if key not in self._left:
            return None
        value = self._left.pop(key)
        if isinstance(value, list) and len(value) == count and all(type(item) in {int, float} for item in value):
            found = tuple(float(item) for item in value if abs(item) <= 1e9)  # noqa: PLR2004 - beyond every map
            if len(found) == count:
                return found
        raise self.wrong(key, f"{key} is {_short(value)}", f"a list of {count} numbers", "mend it")

    def pairs(self, key: str, most: int) -> Mapping[str, str]:
        """Take an inline table of texts."""
        value = self._left.pop(key, {})
        if isinstance(value, dict) and len(value) <= most and all(isinstance(item, str) for item in value.values()):
            return value
        raise self.wrong(key, f"{key} is {_short(value)}", f"at most {most} names with texts", "mend it")

    def zone(self, key: str, default: str) -> str:
        """Take the name of a time zone that this machine knows."""
        name = self.text(key, default)
        try:
            zone: tzinfo = ZoneInfo(name)
        except (ValueError, OSError, KeyError) as error:
            raise self.wrong(key, f"there is no zone {_short(name)}", "IANA zones", "such as Europe/Oslo") from error
        return str(zone)

    def secret(self, key: str, home: Path) -> str:
        """Take the name of a file below the home and return its first line, empty when no file is named."""
        name = self.text(key, "")
        if not name:
            return ""
        try:
            found = (home / name).read_text(encoding="ascii").partition("\n")[0].strip()
        except (OSError, ValueError) as error:
            raise self.wrong(key, f"{key} cannot be read: {error}", "a readable file", "mend it") from error
        if found.isprintable() and 0 < len(found) <= 4096:  # noqa: PLR2004 - what a header may hold
            return found
        raise self.wrong(key, f"{key} names a file without a usable first line", "one line of ASCII", "write it anew")

    def close(self, known: Sequence[str]) -> None:
        """Refuse what nobody asked for."""
        for key in self._left:
            raise self.wrong(key, f"unknown key {key[:60]}", ", ".join(sorted(known)), "remove it or mend its name")


def _is_word(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value.strip()) <= LONGEST_WORD


def _short(value: object) -> str:
    return "missing" if value is None else repr(value)[:60]
