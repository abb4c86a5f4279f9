"""What was set on a city system: which device, which words, until when, and what is known of it.

A row is written before anything is sent, and its end stands in it: whoever dies afterwards, somebody else finds the row and
takes the effect back when its time is over. What nobody can know is `unknown` and never `standing`; it is taken back all
the same, because taking back what was never set does no harm.

**Source**: class C of the house's ethics (a reversible act with an end); IEC 61508-1, 7.4 (a safe state is reached also
when the one who ordered the act is gone).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.ids import ActionId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle
from impetus.core.place import Point


class DeviceKind(StrEnum):
    """What sort of city system it is; decides how its words are checked and drawn."""

    SIGN = "sign"
    PUBLIC_ADDRESS = "public_address"
    BARRIER = "barrier"
    LIGHT = "light"
    FIREWALL = "firewall"


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """One city system as declared: what it is called, where it stands, and how far it may be driven.

    `longest` is the longest time it may be set; `most_words` the characters it takes; `commands` the only words it
    knows, empty for free text. `simulated`: nothing moves in the world. `is_repeatable`: the same key twice has one
    effect. `address` is where it is reached, without secrets, for people.
    """

    id: str
    name: str
    kind: DeviceKind
    longest: timedelta
    most_words: int
    commands: tuple[str, ...] = ()
    point: Point | None = None
    simulated: bool = False
    is_repeatable: bool = True
    address: str = ""


class EffectState(StrEnum):
    """What is known of it. `sending`: it may or may not have reached the device yet."""

    SENDING = "sending"
    STANDING = "standing"
    UNKNOWN = "unknown"
    REVERTING = "reverting"
    REVERTED = "reverted"
    REFUSED = "refused"
    REPLACED = "replaced"


class EffectEvent(StrEnum):
    """What can happen to it. `lose`: nobody knows how the sending ended."""

    CONFIRM = "confirm"
    LOSE = "lose"
    REFUSE = "refuse"
    REVERT = "revert"
    CONFIRM_REVERT = "confirm_revert"
    REPLACE = "replace"


LIVE_EFFECTS = (EffectState.SENDING, EffectState.STANDING, EffectState.UNKNOWN, EffectState.REVERTING)
"""States in which the device may still show it."""
OVER_EFFECTS = tuple(state for state in EffectState if state not in LIVE_EFFECTS)

_S, _E = EffectState, EffectEvent
_QUIET = (Effect.RECORD, Effect.SHOW)
_LOUD = (Effect.RECORD, Effect.SHOW, Effect.SOUND)


def _to(state: EffectState, effects: tuple[Effect, ...] = _QUIET) -> Step:
    return Step(state=state, effects=effects)


_OPEN: Mapping[EffectEvent, Cell] = {
    _E.CONFIRM: _to(_S.STANDING),
    _E.LOSE: _to(_S.UNKNOWN, _LOUD),
    _E.REFUSE: _to(_S.REFUSED, _LOUD),
    _E.REVERT: _to(_S.REVERTING),
    _E.CONFIRM_REVERT: "nobody began to take it back",
    _E.REPLACE: _to(_S.REPLACED),
}
_TABLE: Mapping[EffectState, Mapping[EffectEvent, Cell]] = {
    _S.SENDING: _OPEN,
    _S.STANDING: {
        **_OPEN,
        _E.REPLACE: _to(_S.REPLACED, _LOUD),
        _E.CONFIRM: "the device confirmed it before",
        _E.LOSE: "the device confirmed it",
        _E.REFUSE: "the device confirmed it",
    },
    _S.UNKNOWN: {**_OPEN, _E.LOSE: "that is known: nobody knows"},
    _S.REVERTING: {
        _E.CONFIRM: "it is being taken back",
        _E.LOSE: "it is being taken back",
        _E.REFUSE: "it is being taken back",
        _E.REVERT: _to(_S.REVERTING, ()),
        _E.CONFIRM_REVERT: _to(_S.REVERTED),
        _E.REPLACE: _to(_S.REPLACED),
    },
    _S.REVERTED: dict.fromkeys(EffectEvent, "it was taken back"),
    _S.REFUSED: dict.fromkeys(EffectEvent, "the device never took it"),
    _S.REPLACED: dict.fromkeys(EffectEvent, "something newer stands on the device"),
}
EFFECT_LIFECYCLE = Lifecycle(
    name="effect",
    states=tuple(EffectState),
    events=tuple(EffectEvent),
    table={(state, event): cell for state, row in _TABLE.items() for event, cell in row.items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CityEffect:
    """One effect as stored.

    `key` is what the device recognises a repetition by. `until` is when it must be taken back; it only ever moves
    nearer. `attempts` counts tries to take it back, the next not before `next_try`; `trouble` is why the last one
    failed. `is_told` says that people were alarmed about it being overdue.
    """

    id: int
    version: int
    action: ActionId
    key: str
    device: str
    name: str
    kind: DeviceKind
    words: str
    state: EffectState
    at: datetime
    until: datetime
    changed_at: datetime
    incident: IncidentId | None = None
    point: Point | None = None
    simulated: bool = False
    receipt: str = ""
    trouble: str = ""
    attempts: int = 0
    next_try: datetime | None = None
    reverted_by: str = ""
    is_told: bool = False

    def is_due(self, at: datetime) -> bool:
        """Say whether it must be taken back, now or since long."""
        return self.state in LIVE_EFFECTS and (at >= self.until or self.state is EffectState.REVERTING)
