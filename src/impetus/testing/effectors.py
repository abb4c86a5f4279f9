"""An effector that remembers what reached it, for tests of gates and of whoever stands before them."""

from collections.abc import Callable

from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.ports.effects import Outcome


def _nothing(_authorised: Authorised[Action]) -> None:
    """Let nothing else happen."""


class RecordingEffector:
    """Fulfils `impetus.ports.effects.Effector`: keeps every authorisation it was given, in order.

    `before` is called first: raise in it to fail, look at the state in it to judge what got through.
    """

    def __init__(self, *, is_repeatable: bool = False, before: Callable[[Authorised[Action]], None] = _nothing) -> None:
        self.is_repeatable = is_repeatable
        self.performed: list[Authorised[Action]] = []
        self._before = before

    def perform(self, authorised: Authorised[Action]) -> Outcome:
        """Keep it and say that it worked; a key that was there before has no further effect when it is repeatable."""
        self._before(authorised)
        known = any(earlier.key == authorised.key for earlier in self.performed)
        if not (known and self.is_repeatable):
            self.performed.append(authorised)
        return Outcome(succeeded=True, receipt=f"performed {authorised.key}")
