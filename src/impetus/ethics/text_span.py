"""What a mask stands for, where it lies in a text, and what has to be known from outside to find it."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class TextKind(StrEnum):
    """What a mask stands for; the word is what the reader sees in brackets."""

    EMAIL = "e-mail"
    URL = "link"
    ACCOUNT = "account"
    IDENTITY = "identity number"
    PHONE = "phone"
    PLATE = "plate"
    ADDRESS = "network address"
    HANDLE = "handle"
    NAME = "name"


class Clues(Protocol):
    """What is known outside: see the port `TextMasks`."""

    def phones(self, text: str) -> Sequence[tuple[int, int]]:
        """Return begin and end of each phone number."""
        ...

    def is_given_name(self, word: str) -> bool:
        """Say whether somebody is called so by first name."""
        ...

    def is_family_name(self, word: str) -> bool:
        """Say whether somebody is called so by last name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of a text, from `start` up to `end`, and what it points at a person by."""

    start: int
    end: int
    kind: TextKind
