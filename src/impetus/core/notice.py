"""Messages that ask people to come: what was asked, of whom, by which channel, and the one table of how each delivery fared.

A notice asks people; each person asked is a recipient with a one-time token that can only acknowledge; each try to reach a
recipient by one channel is a delivery. What goes out over a channel is an `Outgoing`: number, title, place and links,
nothing else (GDPR, article 5(1)(c)).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.finding import Urgency
from impetus.core.ids import AccountId, AlertId, IncidentId, NoticeId
from impetus.core.lifecycle import Cell, Lifecycle


class DeliveryState(StrEnum):
    """Where one delivery stands. `sent`: the channel took it; `delivered`: the channel says that it arrived."""

    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    FAILED = "failed"
    ACKNOWLEDGED = "acknowledged"
    CALLED_OFF = "called_off"


class DeliveryEvent(StrEnum):
    """What can happen to a delivery. `retry`: a try failed and another will follow."""

    RETRY = "retry"
    SEND = "send"
    CONFIRM = "confirm"
    FAIL = "fail"
    ACKNOWLEDGE = "acknowledge"
    CALL_OFF = "call_off"


_S, _E = DeliveryState, DeliveryEvent
_QUIET = (Effect.RECORD, Effect.SHOW)
_LOUD = (Effect.RECORD, Effect.SHOW, Effect.SOUND)


def _to(state: DeliveryState, effects: tuple[Effect, ...] = _QUIET) -> Step:
    return Step(state=state, effects=effects)


def _over(why: str, **open_: Step) -> dict[DeliveryEvent, Cell]:
    """Return the row of a state in which only the named events still mean something."""
    return {event: open_.get(event.value, why) for event in DeliveryEvent}


_ANSWERED = _to(_S.ACKNOWLEDGED)
_ROWS: dict[DeliveryState, dict[DeliveryEvent, Cell]] = {
    _S.QUEUED: {
        _E.RETRY: _to(_S.QUEUED, (Effect.COUNT,)),
        _E.SEND: _to(_S.SENT),
        _E.CONFIRM: _to(_S.DELIVERED),
        _E.FAIL: _to(_S.FAILED, _LOUD),
        _E.ACKNOWLEDGE: _ANSWERED,
        _E.CALL_OFF: _to(_S.CALLED_OFF),
    },
    _S.SENT: _over("it was sent", confirm=_to(_S.DELIVERED), fail=_to(_S.FAILED, _LOUD), acknowledge=_ANSWERED),
    _S.DELIVERED: _over("it arrived", acknowledge=_ANSWERED),
    _S.FAILED: _over("it was given up", acknowledge=_ANSWERED),
    _S.ACKNOWLEDGED: _over("it was acknowledged"),
    _S.CALLED_OFF: _over("it was called off before it was sent", acknowledge=_ANSWERED),
}

DELIVERY_LIFECYCLE = Lifecycle(
    name="delivery",
    states=tuple(DeliveryState),
    events=tuple(DeliveryEvent),
    table={(state, event): cell for state, row in _ROWS.items() for event, cell in row.items()},
)
LOST = frozenset({DeliveryState.FAILED, DeliveryState.CALLED_OFF})
"""States in which a delivery reaches nobody any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """What somebody, or the platform, wants people to be told.

    `to` names people by account, or `rotation:NAME` for whoever is on call, or one `escalation:NAME` alone. `title` goes
    out, masked; `text` stays on the page. `key` makes it happen once: the same key again is the same notice.
    """

    to: tuple[str, ...]
    title: str
    text: str = ""
    incident: IncidentId | None = None
    alert: AlertId | None = None
    place: str = ""
    urgency: Urgency = Urgency.IMMEDIATE
    key: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRecord:
    """A notice as stored.

    `plan` is the escalation as JSON text as it was when asked, empty without one. `ahead_s` is by how many seconds its
    waits were cut short because nobody of a step could be reached. `step` is the last step asked, from 0.
    """

    id: NoticeId
    version: int
    key: str
    to: tuple[str, ...]
    title: str
    text: str
    incident: IncidentId | None
    alert: AlertId | None
    place: str
    urgency: Urgency
    asked_by: str
    at: datetime
    ends: datetime
    plan: str = ""
    ahead_s: float = 0.0
    step: int = 0
    ended_at: datetime | None = None
    ended_why: str = ""
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipient:
    """A person asked. `token_hash` is SHA-256 of the link's one-time token; `token_sealed` is gone once it was used or is over."""

    notice: NoticeId
    person: str
    account: AccountId
    step: int
    asked_at: datetime
    token_hash: str
    token_sealed: bytes | None
    token_until: datetime
    acked_at: datetime | None = None
    acked_over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One way to one recipient. `next_at` is when it is due to be tried; `why` says what failed, `receipt` what the channel said."""

    id: int
    notice: NoticeId
    person: str
    channel: str
    state: DeliveryState
    changed_at: datetime
    attempts: int = 0
    next_at: datetime | None = None
    why: str = ""
    receipt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """What goes out over a channel, and nothing else does.

    `id` is the same however often it is tried, so that the other side can tell a repetition. `number` is what people say
    aloud ("incident 12"); `link` needs a sign-in, `answer_link` acknowledges once and does nothing else.
    """

    id: str
    number: str
    title: str
    place: str
    link: str
    answer_link: str
    at: datetime
    answer_until: datetime
    urgency: Urgency
    simulated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How a channel fares: failures in a row of sendings and of checks, since when it is dead (None while it lives), counts."""

    channel: str
    kind: str
    checked_at: datetime
    failures: int = 0
    check_failures: int = 0
    dead_since: datetime | None = None
    told_at: datetime | None = None
    last_ok_at: datetime | None = None
    why: str = ""
    sent: int = 0
    failed: int = 0


def headline_of(outgoing: Outgoing) -> str:
    """Return the one line a telephone shows.

    >>> from datetime import UTC
    >>> at = datetime(2026, 3, 14, 21, tzinfo=UTC)
    >>> headline_of(Outgoing(id="1", number="incident 12", title="Crowd", place="south-east", link="", answer_link="",
    ...                      at=at, answer_until=at, urgency=Urgency.IMMEDIATE, simulated=True))
    '[EXERCISE] incident 12: Crowd (south-east)'
    """
    place = f" ({outgoing.place})" if outgoing.place else ""
    mark = "[EXERCISE] " if outgoing.simulated else ""
    return f"{mark}{outgoing.number}: {outgoing.title}{place}"


def text_of(outgoing: Outgoing) -> str:
    """Return the message as plain text, the same on every channel."""
    return "\n".join(
        (
            headline_of(outgoing),
            "",
            f"See it (sign in): {outgoing.link}",
            f"I have it: {outgoing.answer_link}",
            f"The second link works once, until {outgoing.answer_until:%Y-%m-%d %H:%M} UTC, and only acknowledges.",
            "",
            f"Asked {outgoing.at:%Y-%m-%d %H:%M:%S} UTC. Message {outgoing.id}; the same number twice is one message.",
        )
    )
