"""Effects as data: pure code says what should happen, an adapter makes it happen."""

from dataclasses import dataclass
from enum import StrEnum


class Effect(StrEnum):
    """What a lifecycle step asks for beside the new state."""

    RECORD = "record"
    """Write who did what, when and why."""
    SHOW = "show"
    """Tell every open screen."""
    SOUND = "sound"
    """Ask for attention: screens that opted in play the sound of the severity."""
    COUNT = "count"
    """Count a repeat, without asking for attention."""
    RELEASE = "release"
    """Nobody holds it any more."""
    TAKE = "take"
    """The actor holds it now."""
    WAKE_LATER = "wake_later"
    """Come back when the shelf time is over."""
    END = "end"
    """Kill its processes and close its streams, before anything else is done."""
    START = "start"
    """What was ended may start again."""
    ASK_WHY = "ask_why"
    """Ask for the reason afterwards, and show that it is missing until it is given."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The outcome of one cell of a lifecycle table."""

    state: str
    effects: tuple[Effect, ...]
