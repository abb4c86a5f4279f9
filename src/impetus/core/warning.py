"""Warnings to the public in the words of CAP 1.2, and the three statuses kept apart by type.

An `ExerciseMessage` is no `ActualMessage` and cannot become one: the status is the class, not a field, so no copy, change,
update or cancellation carries a message from one to the other, and the type checker refuses whoever tries. What is stored
says its status in a column that no statement updates.

**Source**: Common Alerting Protocol 1.2 (OASIS, 2010), section 3.2; the section of each element stands beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar

from impetus.core.effects import Effect, Step
from impetus.core.errors import Malformed
from impetus.core.finding import Certainty, Severity, Urgency
from impetus.core.ids import ActionId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle
from impetus.core.place import Point


class Status(StrEnum):
    """Section 3.2.1, `status`: whether anybody out there is to act on it. `System` and `Draft` we never send."""

    ACTUAL = "Actual"
    EXERCISE = "Exercise"
    TEST = "Test"


class MessageType(StrEnum):
    """Section 3.2.1, `msgType`; `Ack` and `Error` answer other systems and are read, never sent."""

    ALERT = "Alert"
    UPDATE = "Update"
    CANCEL = "Cancel"


class Category(StrEnum):
    """Section 3.2.2, `category`."""

    GEO = "Geo"
    MET = "Met"
    SAFETY = "Safety"
    SECURITY = "Security"
    RESCUE = "Rescue"
    FIRE = "Fire"
    HEALTH = "Health"
    ENV = "Env"
    TRANSPORT = "Transport"
    INFRA = "Infra"
    CBRNE = "CBRNE"
    OTHER = "Other"


class Response(StrEnum):
    """Section 3.2.2, `responseType`: what people are asked to do."""

    SHELTER = "Shelter"
    EVACUATE = "Evacuate"
    PREPARE = "Prepare"
    EXECUTE = "Execute"
    AVOID = "Avoid"
    MONITOR = "Monitor"
    ASSESS = "Assess"
    ALL_CLEAR = "AllClear"
    NONE = "None"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """One language's words; each becomes an `info` block of its own (section 3.2.2). `language` is RFC 3066."""

    language: str
    event: str
    headline: str
    description: str
    instruction: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Section 3.2.4, `circle`: a centre in WGS 84 and a radius in kilometres."""

    centre: Point
    radius_km: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Section 3.2.4: where it holds. A polygon's first point is not repeated here; the codec closes it."""

    description: str
    polygons: tuple[tuple[Point, ...], ...] = ()
    circles: tuple[Circle, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class WarningContent:
    """What a warning says: once for all languages what and where, and words for each."""

    category: Category
    severity: Severity
    urgency: Urgency
    certainty: Certainty
    response: Response
    wordings: tuple[Wording, ...]
    area: Area
    expires: datetime
    contact: str = ""
    web: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reference:
    """Section 3.2.1, `references`: an earlier message, by sender, identifier and when it was sent."""

    sender: str
    identifier: str
    sent: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """Section 3.2.1: who says it, when, and about which earlier messages."""

    identifier: str
    sender: str
    sent: datetime
    type: MessageType
    references: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActualMessage:
    """A message people out there are to act on."""

    status: ClassVar[Status] = Status.ACTUAL
    header: Header
    content: WarningContent


@dataclass(frozen=True, slots=True, kw_only=True)
class ExerciseMessage:
    """A message only for those who take part in an exercise."""

    status: ClassVar[Status] = Status.EXERCISE
    header: Header
    content: WarningContent


@dataclass(frozen=True, slots=True, kw_only=True)
class TestMessage:
    """A technical test; nobody is to act on it."""

    __test__: ClassVar[bool] = False
    status: ClassVar[Status] = Status.TEST
    header: Header
    content: WarningContent


Message = ActualMessage | ExerciseMessage | TestMessage
M = TypeVar("M", ActualMessage, ExerciseMessage, TestMessage)


def follow_up(earlier: M, header: Header, content: WarningContent) -> M:
    """Return an update or a cancellation of a message: of the same type as it, and naming it; `Malformed` otherwise."""
    named = {reference.identifier for reference in header.references}
    if header.type is MessageType.ALERT or earlier.header.identifier not in named:
        raise Malformed(
            f"a follow-up of {earlier.header.identifier} that is {header.type} and names {', '.join(sorted(named)) or 'none'}",
            value=header.type.value,
            limit=f"Update or Cancel with a reference to {earlier.header.identifier}",
            remedy="start from the earlier warning's page",
        )
    return type(earlier)(header=header, content=content)


class WarningState(StrEnum):
    """Where a warning stands here. `unknown`: it was handed on and nobody knows whether the gateway has it."""

    DRAFT = "draft"
    PROPOSED = "proposed"
    SENDING = "sending"
    RELEASED = "released"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DISCARDED = "discarded"


class WarningEvent(StrEnum):
    """What can happen to a warning. `return`: the proposal to release it ended without enough people agreeing."""

    CHANGE = "change"
    PROPOSE = "propose"
    RETURN = "return"
    SEND = "send"
    RELEASE = "release"
    LOSE = "lose"
    FAIL = "fail"
    DISCARD = "discard"


_S, _E = WarningState, WarningEvent


def _to(state: WarningState, *effects: Effect) -> Step:
    return Step(state=state, effects=effects or (Effect.RECORD, Effect.SHOW))


def _row(why: str, cells: Mapping[WarningEvent, Cell]) -> dict[WarningEvent, Cell]:
    """Return a row in which everything not named is refused for one reason."""
    return {**dict.fromkeys(WarningEvent, why), **cells}


_TABLE: Mapping[WarningState, Mapping[WarningEvent, Cell]] = {
    _S.DRAFT: _row(
        "it is a draft, and nobody was asked to release it",
        {
            _E.CHANGE: _to(_S.DRAFT),
            _E.PROPOSE: _to(_S.PROPOSED, Effect.RECORD, Effect.SHOW, Effect.SOUND),
            _E.DISCARD: _to(_S.DISCARDED),
        },
    ),
    _S.PROPOSED: _row(
        "people are asked to release exactly this",
        {_E.RETURN: _to(_S.DRAFT), _E.SEND: _to(_S.SENDING)},
    ),
    _S.SENDING: _row(
        "it is being handed to the gateway",
        {
            _E.SEND: _to(_S.SENDING),
            _E.RELEASE: _to(_S.RELEASED, Effect.RECORD, Effect.SHOW, Effect.SOUND),
            _E.LOSE: _to(_S.UNKNOWN, Effect.RECORD, Effect.SHOW, Effect.SOUND),
            _E.FAIL: _to(_S.FAILED, Effect.RECORD, Effect.SHOW, Effect.SOUND),
        },
    ),
    _S.RELEASED: _row("it was released; update or cancel it", {}),
    _S.UNKNOWN: _row(
        "nobody knows whether the gateway has it; ask to release it again, it is the same message",
        {_E.PROPOSE: _to(_S.PROPOSED, Effect.RECORD, Effect.SHOW, Effect.SOUND), _E.RELEASE: _to(_S.RELEASED)},
    ),
    _S.FAILED: _row(
        "the gateway did not take it; change it, or ask to release it again",
        {
            _E.CHANGE: _to(_S.DRAFT),
            _E.PROPOSE: _to(_S.PROPOSED, Effect.RECORD, Effect.SHOW, Effect.SOUND),
            _E.DISCARD: _to(_S.DISCARDED),
        },
    ),
    _S.DISCARDED: _row("it was discarded", {}),
}
WARNING_LIFECYCLE = Lifecycle(
    name="warning",
    states=tuple(WarningState),
    events=tuple(WarningEvent),
    table={(state, event): cell for state, row in _TABLE.items() for event, cell in row.items()},
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicWarning:
    """A warning as stored. `chain` is the first warning of its chain, 0 for that one itself until it is stored.

    `status` never changes; `identifier` is given with the draft, so that releasing it twice is one message. `digest` is
    the SHA-256 of what two people agreed to, over everything but the time of sending.
    """

    id: int
    version: int
    status: Status
    type: MessageType
    state: WarningState
    identifier: str
    sender: str
    content: WarningContent
    drafted_by: str
    at: datetime
    changed_at: datetime
    incident: IncidentId | None = None
    follows: int | None = None
    chain: int = 0
    action: ActionId | None = None
    sent_at: datetime | None = None
    digest: str = ""
    receipt: str = ""


class Signed(StrEnum):
    """What is known of a signature. `unverified`: there is one and nobody here can tell whether it holds."""

    NO = "no"
    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True, kw_only=True)
class CapAlert:
    """An alert of another authority as read: `status` and `type` in its own words, which may be any of CAP's."""

    identifier: str
    sender: str
    sent: datetime
    status: str
    type: str
    scope: str
    wordings: tuple[Wording, ...]
    severity: Severity = Severity.UNKNOWN
    urgency: Urgency = Urgency.UNKNOWN
    certainty: Certainty = Certainty.UNKNOWN
    area: str = ""
    areas: tuple[Area, ...] = ()
    expires: datetime | None = None
    references: tuple[str, ...] = ()
    signed: Signed = Signed.NO
    signer: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """What a feed holds: alerts in it, addresses of alerts elsewhere, and what was left out and why."""

    alerts: tuple[CapAlert, ...] = ()
    links: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadIn:
    """That an alert of another authority was read in, and what became of it."""

    feed: str
    identifier: str
    sender: str
    sent: datetime
    at: datetime
    status: str
    type: str
    headline: str
    severity: Severity
    expires: datetime | None = None
    signed: Signed = Signed.NO
    signer: str = ""
    finding: str = ""
