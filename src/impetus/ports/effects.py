"""Protocols of what acts on the world."""

from dataclasses import dataclass
from typing import Protocol

from impetus.core.action import Action
from impetus.core.authorised import Authorised


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an effect ended. `receipt` is what can be looked at afterwards, one line, no personal data."""

    succeeded: bool
    receipt: str = ""


class Effector(Protocol):
    """Acts on the world, on people's decision only.

    `is_repeatable` says that performing the same `Authorised.key` again has no further effect, so that a try whose end
    nobody knows may be tried again. When it is false it never is.
    """

    @property
    def is_repeatable(self) -> bool:
        """Say whether the same key twice has one effect."""
        ...

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Do it, once, and say how it ended; an exception counts as "nobody knows"."""
        ...
