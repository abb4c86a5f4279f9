"""What a person is shown, and the one table of what can become of it.

`new` waits for somebody; `held` has one named owner; `offered` is still its owner's until the person asked accepts (there
is no state in which two people each think the other has it); `shelved` comes back by itself; `closed` is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, EvidenceId, IncidentId, ToolId, ZoneId
from impetus.core.lifecycle import Cell, Lifecycle
from impetus.core.place import Point
from impetus.core.text import Phrase


class AlertState(StrEnum):
    """Where an alert stands."""

    NEW = "new"
    HELD = "held"
    OFFERED = "offered"
    SHELVED = "shelved"
    CLOSED = "closed"


class AlertEvent(StrEnum):
    """What can happen to an alert."""

    REPEAT = "repeat"
    WORSEN = "worsen"
    ACKNOWLEDGE = "acknowledge"
    UNDO = "undo"
    ASSESS = "assess"
    SHELVE = "shelve"
    WAKE = "wake"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    JOIN = "join"
    CLOSE = "close"
    REOPEN = "reopen"


class Verdict(StrEnum):
    """What a person says an alert was. "Not enough information" is a full answer."""

    CONFIRMED = "confirmed"
    FALSE_ALARM = "false_alarm"
    BENIGN = "benign"
    EXERCISE = "exercise"
    NOT_ENOUGH_INFORMATION = "not_enough_information"


_S, _E = AlertState, AlertEvent
_QUIET = (Effect.RECORD, Effect.SHOW)
_LOUD = (Effect.RECORD, Effect.SHOW, Effect.SOUND)
_TAKEN = (Effect.RECORD, Effect.SHOW, Effect.TAKE)
_FREED = (Effect.RECORD, Effect.SHOW, Effect.RELEASE)
_COUNTED = (Effect.COUNT,)


def _to(state: AlertState, effects: tuple[Effect, ...]) -> Step:
    return Step(state=state, effects=effects)


_NEW: dict[AlertEvent, Cell] = {
    _E.REPEAT: _to(_S.NEW, (Effect.COUNT, Effect.SHOW)),
    _E.WORSEN: _to(_S.NEW, _LOUD),
    _E.ACKNOWLEDGE: _to(_S.HELD, _TAKEN),
    _E.UNDO: "nothing has been done to it yet",
    _E.ASSESS: _to(_S.HELD, _TAKEN),
    _E.SHELVE: _to(_S.SHELVED, (*_FREED, Effect.WAKE_LATER)),
    _E.WAKE: "it is not shelved",
    _E.OFFER: "nobody holds it; acknowledge it first",
    _E.ACCEPT: "it was not handed to anybody",
    _E.DECLINE: "it was not handed to anybody",
    _E.JOIN: _to(_S.HELD, _TAKEN),
    _E.CLOSE: "nobody holds it; acknowledge and assess it first",
    _E.REOPEN: "it is open",
}
_HELD: dict[AlertEvent, Cell] = {
    _E.REPEAT: _to(_S.HELD, (Effect.COUNT, Effect.SHOW)),
    _E.WORSEN: _to(_S.HELD, _LOUD),
    _E.ACKNOWLEDGE: "it already has an owner; ask for it to be handed on",
    _E.UNDO: _to(_S.NEW, _FREED),
    _E.ASSESS: _to(_S.HELD, _QUIET),
    _E.SHELVE: _to(_S.SHELVED, (*_FREED, Effect.WAKE_LATER)),
    _E.WAKE: "it is not shelved",
    _E.OFFER: _to(_S.OFFERED, _LOUD),
    _E.ACCEPT: "it was not handed to anybody",
    _E.DECLINE: "it was not handed to anybody",
    _E.JOIN: _to(_S.HELD, _QUIET),
    _E.CLOSE: _to(_S.CLOSED, _FREED),
    _E.REOPEN: "it is open",
}
_OFFERED: dict[AlertEvent, Cell] = {
    _E.REPEAT: _to(_S.OFFERED, (Effect.COUNT, Effect.SHOW)),
    _E.WORSEN: _to(_S.OFFERED, _LOUD),
    _E.ACKNOWLEDGE: "it is being handed on; accept it, or wait for the answer",
    _E.UNDO: _to(_S.HELD, _QUIET),
    _E.ASSESS: _to(_S.OFFERED, _QUIET),
    _E.SHELVE: "it is being handed on; take it back first",
    _E.WAKE: "it is not shelved",
    _E.OFFER: "it is being handed on already; take it back first",
    _E.ACCEPT: _to(_S.HELD, _TAKEN),
    _E.DECLINE: _to(_S.HELD, _LOUD),
    _E.JOIN: _to(_S.OFFERED, _QUIET),
    _E.CLOSE: "it is being handed on; take it back first",
    _E.REOPEN: "it is open",
}
_SHELVED: dict[AlertEvent, Cell] = {
    _E.REPEAT: _to(_S.SHELVED, _COUNTED),
    _E.WORSEN: _to(_S.NEW, _LOUD),
    _E.ACKNOWLEDGE: _to(_S.HELD, _TAKEN),
    _E.UNDO: _to(_S.NEW, _LOUD),
    _E.ASSESS: "it is shelved; take it first",
    _E.SHELVE: _to(_S.SHELVED, (*_QUIET, Effect.WAKE_LATER)),
    _E.WAKE: _to(_S.NEW, _LOUD),
    _E.OFFER: "nobody holds it; acknowledge it first",
    _E.ACCEPT: "it was not handed to anybody",
    _E.DECLINE: "it was not handed to anybody",
    _E.JOIN: _to(_S.HELD, _TAKEN),
    _E.CLOSE: "it is shelved; take it first",
    _E.REOPEN: "it is open",
}
_CLOSED: dict[AlertEvent, Cell] = {
    _E.REPEAT: _to(_S.CLOSED, _COUNTED),
    _E.WORSEN: _to(_S.NEW, _LOUD),
    _E.ACKNOWLEDGE: "it is closed; reopen it first",
    _E.UNDO: _to(_S.HELD, _TAKEN),
    _E.ASSESS: "it is closed; reopen it first",
    _E.SHELVE: "it is closed",
    _E.WAKE: "it is not shelved",
    _E.OFFER: "it is closed; reopen it first",
    _E.ACCEPT: "it was not handed to anybody",
    _E.DECLINE: "it was not handed to anybody",
    _E.JOIN: _to(_S.CLOSED, _QUIET),
    _E.CLOSE: "it is closed already",
    _E.REOPEN: _to(_S.HELD, _TAKEN),
}

ALERT_LIFECYCLE = Lifecycle(
    name="alert",
    states=tuple(AlertState),
    events=tuple(AlertEvent),
    table={
        (state, event): cell
        for state, row in zip(AlertState, (_NEW, _HELD, _OFFERED, _SHELVED, _CLOSED), strict=True)
        for event, cell in row.items()
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One alert as stored.

    `fingerprint` is its identity (tool, kind, subject): what repeats it. `content_hash` is what it says: when that
    changes, screens change. `version` rises at each change and is what "somebody acted before you" is found by.
    `began` and `last_at` are when it happened; `raised_at` and `changed_at` are when we said so. `tools` lists every
    tool whose findings it joins, `joined` the fingerprints fusion joined to its own; `repeats` counts findings beyond
    the first. `owner` is set exactly while it is held or offered.
    """

    id: AlertId
    fingerprint: str
    content_hash: str
    version: int
    state: AlertState
    kind: Kind
    tools: tuple[ToolId, ...]
    subject: str
    headline: Phrase
    why: Phrase
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    score: float
    one_in: float | None
    began: datetime
    last_at: datetime
    raised_at: datetime
    changed_at: datetime
    repeats: int = 0
    point: Point | None = None
    zone: ZoneId | None = None
    datastreams: tuple[DatastreamId, ...] = ()
    evidence: tuple[EvidenceId, ...] = ()
    owner: str | None = None
    offered_to: str | None = None
    verdict: Verdict | None = None
    shelved_until: datetime | None = None
    incident: IncidentId | None = None
    simulated: bool = False
    joined: tuple[str, ...] = ()
    facts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """One line of an alert's history: who did what, when and why."""

    alert: AlertId
    at: datetime
    event: AlertEvent | str
    who: str
    why: str = ""
    state: AlertState | None = None
    detail: Mapping[str, str | int | float] = field(default_factory=dict)
