"""Who is on call, as stored: plans with their versions, stand-ins, and under which address a person is reached."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.ids import AccountId


class PlanKind(StrEnum):
    """What a plan is."""

    ROTATION = "rotation"
    ESCALATION = "escalation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """One version of a rotation or an escalation; `body` is its JSON text. A change is a new version; the newest counts.

    `retired` versions end a plan: it is listed no more, and nobody is asked by it.
    """

    id: int
    kind: PlanKind
    name: str
    version: int
    body: str
    by: str
    at: datetime
    retired: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class StandIn:
    """One person instead of another on a rotation, between two moments."""

    id: int
    rotation: str
    person: str
    begins: datetime
    ends: datetime
    why: str
    by: str
    at: datetime
    cancelled_at: datetime | None = None
    cancelled_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Where a person is reached by one channel; `place` orders a person's contacts from 0, the first is tried first.

    `sealed` is the address, encrypted: an e-mail address, a room, a browser's push subscription.
    """

    account: AccountId
    channel: str
    place: int
    sealed: bytes
    added_at: datetime
