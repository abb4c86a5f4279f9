"""A text that people edit, cut into plain values with their lines; what the values mean is judged elsewhere."""

from collections.abc import Mapping
from dataclasses import dataclass

Plain = str | int | bool | tuple[str, ...] | tuple[Mapping[str, str], ...]
"""What a field can hold: words, a whole number, yes or no, a list of words, a list of small mappings of words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Flaw:
    """What is wrong with a file's front matter: its line from 1, the sentence and the remedy."""

    line: int
    says: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A file cut in two: plain values of the front matter, the body, how many lines stand before it, and the flaws."""

    values: Mapping[str, str | int | tuple[str, ...]]
    body: str
    lines: int
    flaws: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field of a text without a body: its name, its value and the line it stands on, from 1."""

    name: str
    value: Plain
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fields:
    """Every field of such a text that could be read, and what could not."""

    fields: tuple[Field, ...] = ()
    flaws: tuple[Flaw, ...] = ()
