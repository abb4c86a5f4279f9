"""Protocols of what acts on the world."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from impetus.core.action import Action
from impetus.core.authorised import Authorised


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an effect ended. `receipt` is what can be looked at afterwards, one line, no personal data.

    `is_known` is false when it may have happened or not: then it did not succeed, and nobody may say that it failed.
    """

    succeeded: bool
    receipt: str = ""
    is_known: bool = True


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


@runtime_checkable
class Fitting(Effector, Protocol):
    """An effector that says at once whether it could perform a proposal, so that nobody agrees to what cannot be done."""

    def check(
        self, target: str, parameters: Mapping[str, str], *, at: datetime, is_simulated: bool
    ) -> Mapping[str, str]:
        """Return the parameters as they will be performed; `Malformed` or `Refused` says why they cannot."""
        ...

    def reaches_simulated(self, action: Action) -> bool:
        """Say whether what it acts on is simulated, so that exercise input may reach it."""
        ...
