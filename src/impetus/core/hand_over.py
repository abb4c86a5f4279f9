"""Handing a shift over: items read back one by one, and the shift log. A shift is taken only when nothing is unread.

**Source**: HSE, Human factors: shift handover; two-way, face to face or by read-back, item by item.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.ids import AccountId, HandOverId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle


class HandOverState(StrEnum):
    """Where a hand-over stands."""

    GIVEN = "given"
    TAKEN = "taken"
    WITHDRAWN = "withdrawn"


class HandOverEvent(StrEnum):
    """What can happen to a hand-over. `add`: something came up while it was being read."""

    ADD = "add"
    READ = "read"
    TAKE = "take"
    WITHDRAW = "withdraw"


class ItemKind(StrEnum):
    """What an item is about, in the order it is shown."""

    EXPECTATION = "expectation"
    INCIDENT = "incident"
    STEP = "step"
    ALERT = "alert"
    ASKED = "asked"
    NOTICE = "notice"
    STOP = "stop"
    PART = "part"
    HOLD = "hold"
    WORK = "work"
    NOTE = "note"


_S, _E = HandOverState, HandOverEvent
_QUIET = (Effect.RECORD, Effect.SHOW)


def _over(why: str) -> dict[HandOverEvent, Cell]:
    return dict.fromkeys(HandOverEvent, why)


_ROWS: dict[HandOverState, dict[HandOverEvent, Cell]] = {
    _S.GIVEN: {
        _E.ADD: Step(state=_S.GIVEN, effects=(Effect.RECORD, Effect.SHOW, Effect.SOUND)),
        _E.READ: Step(state=_S.GIVEN, effects=_QUIET),
        _E.TAKE: Step(state=_S.TAKEN, effects=(*_QUIET, Effect.TAKE)),
        _E.WITHDRAW: Step(state=_S.WITHDRAWN, effects=_QUIET),
    },
    _S.TAKEN: _over("the shift was taken; it is handed over anew at its end"),
    _S.WITHDRAWN: _over("it was withdrawn; give it anew"),
}
HAND_OVER_LIFECYCLE = Lifecycle(
    name="hand_over",
    states=tuple(HandOverState),
    events=tuple(HandOverEvent),
    table={(state, event): cell for state, row in _ROWS.items() for event, cell in row.items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One person's turn at one watch ("control room"); `ended_at` is None while it lasts."""

    id: int
    watch: str
    person: str
    account: AccountId | None
    began_at: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """One hand-over of a shift: from whom, to whom, and how it ended."""

    id: HandOverId
    version: int
    state: HandOverState
    shift: int
    watch: str
    giver: str
    taker: str
    at: datetime
    changed_at: datetime
    ended_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One thing to be read back. `key` is what it is about, once a hand-over; `gone_at` says that it was done meanwhile.

    `read_back` is what the incoming person said of it in their own words, or nothing.
    """

    id: int
    hand_over: HandOverId
    key: str
    kind: ItemKind
    title: str
    detail: str = ""
    link: str = ""
    added_at: datetime
    gone_at: datetime | None = None
    read_at: datetime | None = None
    read_by: str = ""
    read_back: str = ""

    @property
    def is_open(self) -> bool:
        """Say whether it must still be read: neither read nor done meanwhile."""
        return self.read_at is None and self.gone_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShiftNote:
    """One line of the shift log, never changed; a wrong one is struck through with a reason, and stays readable."""

    id: int
    at: datetime
    who: str
    text: str
    incident: IncidentId | None = None
    pinned_at: datetime | None = None
    pinned_by: str = ""
    struck_at: datetime | None = None
    struck_by: str = ""
    struck_why: str = ""
