"""What people work on, in its first and smallest form: an owner, alerts, notes, decisions and an end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle
from impetus.core.place import Point


class IncidentState(StrEnum):
    """Where an incident stands."""

    OPEN = "open"
    OFFERED = "offered"
    CLOSED = "closed"


class IncidentEvent(StrEnum):
    """What can happen to an incident."""

    JOIN = "join"
    LEAVE = "leave"
    NOTE = "note"
    DECIDE = "decide"
    OFFER = "offer"
    ACCEPT = "accept"
    DECLINE = "decline"
    CLOSE = "close"
    REOPEN = "reopen"


_S, _E = IncidentState, IncidentEvent
_QUIET = (Effect.RECORD, Effect.SHOW)
_TAKEN = (Effect.RECORD, Effect.SHOW, Effect.TAKE)


def _to(state: IncidentState, effects: tuple[Effect, ...] = _QUIET) -> Step:
    return Step(state=state, effects=effects)


_NOT_OFFERED = "it was not handed to anybody"
_OPEN: dict[IncidentEvent, Cell] = {
    _E.JOIN: _to(_S.OPEN),
    _E.LEAVE: _to(_S.OPEN),
    _E.NOTE: _to(_S.OPEN),
    _E.DECIDE: _to(_S.OPEN),
    _E.OFFER: _to(_S.OFFERED, (*_QUIET, Effect.SOUND)),
    _E.ACCEPT: _NOT_OFFERED,
    _E.DECLINE: _NOT_OFFERED,
    _E.CLOSE: _to(_S.CLOSED),
    _E.REOPEN: "it is open",
}
_OFFERED: dict[IncidentEvent, Cell] = {
    _E.JOIN: _to(_S.OFFERED),
    _E.LEAVE: _to(_S.OFFERED),
    _E.NOTE: _to(_S.OFFERED),
    _E.DECIDE: _to(_S.OFFERED),
    _E.OFFER: "it is being handed on already",
    _E.ACCEPT: _to(_S.OPEN, _TAKEN),
    _E.DECLINE: _to(_S.OPEN),
    _E.CLOSE: "it is being handed on; wait for the answer",
    _E.REOPEN: "it is open",
}
_CLOSED: dict[IncidentEvent, Cell] = {
    _E.JOIN: "it is closed; reopen it first",
    _E.LEAVE: "it is closed; reopen it first",
    _E.NOTE: _to(_S.CLOSED),
    _E.DECIDE: "it is closed; reopen it first",
    _E.OFFER: "it is closed; reopen it first",
    _E.ACCEPT: _NOT_OFFERED,
    _E.DECLINE: _NOT_OFFERED,
    _E.CLOSE: "it is closed already",
    _E.REOPEN: _to(_S.OPEN, _TAKEN),
}

INCIDENT_LIFECYCLE = Lifecycle(
    name="incident",
    states=tuple(IncidentState),
    events=tuple(IncidentEvent),
    table={
        (state, event): cell
        for state, row in zip(IncidentState, (_OPEN, _OFFERED, _CLOSED), strict=True)
        for event, cell in row.items()
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One incident as stored; `number` counts from 1 on each installation and is what people say aloud.

    `type` is the slug of its incident type, empty while nobody has said; `type_version` which version of the type then held.
    """

    id: IncidentId
    version: int
    state: IncidentState
    title: str
    severity: Severity
    owner: str
    opened_at: datetime
    opened_by: str
    changed_at: datetime
    offered_to: str | None = None
    closed_at: datetime | None = None
    outcome: str = ""
    point: Point | None = None
    simulated: bool = False
    type: str = ""
    type_version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentEntry:
    """One line of an incident's timeline: who did what, when and why; `alert` when it concerns one.

    `id` is given by the store and grows with each line; a line is what it says, so two are compared without it.
    """

    incident: IncidentId
    at: datetime
    event: IncidentEvent | str
    who: str
    text: str = ""
    alert: AlertId | None = None
    detail: Mapping[str, str | int | float] = field(default_factory=dict)
    id: int = field(default=0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What was decided, frozen; a correction is a new decision that names the one it replaces in `corrects`.

    `seen`, `risks`, `powers`, `options`, and `choice` with `reason` are the five steps of the joint decision model;
    `assumptions` is what would change it, `with_whom` who took part beside `who`, `review_at` when to look at it again.

    **Source**: JESIP, "Joint Doctrine: The Interoperability Framework", edition 3 (2021), joint decision model.
    """

    id: int
    incident: IncidentId
    at: datetime
    who: str
    seen: str
    options: tuple[str, ...]
    choice: str
    reason: str
    corrects: int | None = None
    risks: str = ""
    powers: str = ""
    assumptions: str = ""
    with_whom: tuple[str, ...] = ()
    review_at: datetime | None = None
