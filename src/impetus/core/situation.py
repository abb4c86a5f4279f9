"""What is known of an incident beside its timeline: the METHANE report, objectives, sectors, links, and what is shared.

Each is a row of its own table, keyed by the incident, so that two people who work on different parts never wait for one
another. What is written over is kept as a line; a link that was undone keeps its row with who undid it.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.ids import ActionId, AlertId, IncidentId, LinkId, ObjectiveId, SectorId, ShareId, TaskId
from impetus.core.lifecycle import Cell, Lifecycle


class MethaneField(StrEnum):
    """The seven parts of a METHANE report, in the order in which they are said.

    **Source**: JESIP, "Joint Doctrine: The Interoperability Framework", edition 3 (2021), M/ETHANE.
    """

    MAJOR = "major"
    EXACT = "exact"
    TYPE = "type"
    HAZARDS = "hazards"
    ACCESS = "access"
    NUMBER = "number"
    EMERGENCY = "emergency"


class Major(StrEnum):
    """What the first part may say: whether a major incident was declared, or people stand by for one."""

    DECLARED = "declared"
    STANDBY = "standby"
    NOT_DECLARED = "not_declared"


@dataclass(frozen=True, slots=True, kw_only=True)
class Methane:
    """One incident's report: `version` rises with each change of any part; `action` is the newest sending, if any."""

    incident: IncidentId
    version: int = 0
    action: ActionId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MethaneText:
    """One part as it stands: who wrote it when, in which version of the report, and from which page (`seat`)."""

    incident: IncidentId
    name: MethaneField
    text: str
    who: str
    at: datetime
    version: int
    seat: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MethaneLine:
    """What was typed into a part and does not stand there: written over, or `lost` when two people typed at once.

    A lost line is shown beside its part until somebody has settled it.
    """

    id: int
    incident: IncidentId
    name: MethaneField
    text: str
    who: str
    at: datetime
    version: int
    seat: str = ""
    lost: bool = False
    settled_at: datetime | None = None
    settled_by: str = ""


class ObjectiveState(StrEnum):
    """Where an objective stands."""

    OPEN = "open"
    MET = "met"
    DROPPED = "dropped"


class ObjectiveEvent(StrEnum):
    """What can happen to an objective."""

    MEET = "meet"
    DROP = "drop"
    REOPEN = "reopen"


class TaskState(StrEnum):
    """Where a task of another agency stands; they say so, we write it down."""

    ASKED = "asked"
    ACCEPTED = "accepted"
    DONE = "done"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class TaskEvent(StrEnum):
    """What can happen to a task of another agency."""

    ACCEPT = "accept"
    FINISH = "finish"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"


_QUIET = (Effect.RECORD, Effect.SHOW)


def _to(state: ObjectiveState | TaskState) -> Step:
    return Step(state=state, effects=_QUIET)


_O, _OE = ObjectiveState, ObjectiveEvent
OBJECTIVE_LIFECYCLE = Lifecycle(
    name="objective",
    states=tuple(ObjectiveState),
    events=tuple(ObjectiveEvent),
    table={
        (_O.OPEN, _OE.MEET): _to(_O.MET),
        (_O.OPEN, _OE.DROP): _to(_O.DROPPED),
        (_O.OPEN, _OE.REOPEN): "it is open",
        (_O.MET, _OE.MEET): "it is met already",
        (_O.MET, _OE.DROP): "it is met; reopen it first",
        (_O.MET, _OE.REOPEN): _to(_O.OPEN),
        (_O.DROPPED, _OE.MEET): "it was dropped; reopen it first",
        (_O.DROPPED, _OE.DROP): "it was dropped already",
        (_O.DROPPED, _OE.REOPEN): _to(_O.OPEN),
    },
)

_T, _TE = TaskState, TaskEvent
_TASK_ROWS: dict[TaskState, dict[TaskEvent, Cell]] = {
    _T.ASKED: {
        _TE.ACCEPT: _to(_T.ACCEPTED),
        _TE.FINISH: _to(_T.DONE),
        _TE.DECLINE: _to(_T.DECLINED),
        _TE.WITHDRAW: _to(_T.WITHDRAWN),
        _TE.REOPEN: "it is asked already",
    },
    _T.ACCEPTED: {
        _TE.ACCEPT: "it is accepted already",
        _TE.FINISH: _to(_T.DONE),
        _TE.DECLINE: _to(_T.DECLINED),
        _TE.WITHDRAW: _to(_T.WITHDRAWN),
        _TE.REOPEN: _to(_T.ASKED),
    },
    _T.DONE: {
        **dict.fromkeys(TaskEvent, "it is done; ask again to have it done again"),
        _TE.REOPEN: _to(_T.ASKED),
    },
    _T.DECLINED: {
        **dict.fromkeys(TaskEvent, "they declined it; ask again"),
        _TE.ACCEPT: _to(_T.ACCEPTED),
        _TE.REOPEN: _to(_T.ASKED),
    },
    _T.WITHDRAWN: {
        **dict.fromkeys(TaskEvent, "it was withdrawn; ask again"),
        _TE.REOPEN: _to(_T.ASKED),
    },
}
TASK_LIFECYCLE = Lifecycle(
    name="task of another agency",
    states=tuple(TaskState),
    events=tuple(TaskEvent),
    table={(state, event): cell for state, row in _TASK_ROWS.items() for event, cell in row.items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Objective:
    """What is to be reached, in words one can tell whether it was; `holder` is who sees to it, empty for nobody yet."""

    id: ObjectiveId
    incident: IncidentId
    state: ObjectiveState
    text: str
    holder: str
    set_by: str
    set_at: datetime
    changed_by: str
    changed_at: datetime
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sector:
    """A part of the place and who holds it: a colleague or another service, with what they are there for."""

    id: SectorId
    incident: IncidentId
    name: str
    holder: str
    task: str
    set_by: str
    set_at: datetime
    given_up_at: datetime | None = None
    given_up_by: str = ""


class LinkKind(StrEnum):
    """How two things belong together. A merge and a split move alerts; the others move nothing."""

    MERGE = "merge"
    SPLIT = "split"
    RELATED = "related"
    SAME = "same"
    PART = "part"
    CAUSE = "cause"


MOVING = frozenset({LinkKind.MERGE, LinkKind.SPLIT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """Two things that belong together: from `incident` or `alert` to `other` or `other_alert`, one of each pair set.

    A merge reads "`incident` was merged into `other`", a split "`other` was split from `incident`". `moved` are the
    alerts that changed their incident with it.
    """

    id: LinkId
    kind: LinkKind
    incident: IncidentId | None
    other: IncidentId | None
    alert: AlertId | None
    other_alert: AlertId | None
    at: datetime
    who: str
    why: str
    moved: tuple[int, ...] = ()
    undone_at: datetime | None = None
    undone_by: str = ""


class SharePart(StrEnum):
    """What of an incident another agency may get; what is not named here never leaves."""

    SUMMARY = "summary"
    METHANE = "methane"
    OBJECTIVES = "objectives"
    SECTORS = "sectors"
    TIMELINE = "timeline"
    DECISIONS = "decisions"
    ALERTS = "alerts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """An incident shared with another agency: which parts, under which law, and the newest package proposed for it."""

    id: ShareId
    incident: IncidentId
    agency: str
    regime: str
    parts: frozenset[str]
    why: str
    shared_by: str
    shared_at: datetime
    action: ActionId | None = None
    ended_at: datetime | None = None
    ended_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ShareTask:
    """What another agency was asked to do, and what was last said of it: `said_by` signed it, `came` is how it came.

    `theirs` is the task's number at an agency that asked us to do it; 0 for one that we asked. `said_at` is the time of
    their newest report by their own clock, which may not be ours.
    """

    id: TaskId
    share: ShareId
    state: TaskState
    text: str
    asked_by: str
    asked_at: datetime
    changed_at: datetime
    said_by: str = ""
    said: str = ""
    came: str = ""
    theirs: int = 0
    said_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Received:
    """An incident another agency shared with us: its `number` and `share` there, and the newest package it came in.

    `lines` is the number of the last line of their timeline that we have.
    """

    incident: IncidentId
    agency: str
    number: int
    share: int
    sha256: str
    at: datetime
    who: str
    lines: int = 0
