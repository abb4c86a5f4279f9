"""A pseudonym looked behind: asked for by one person, approved by another, shown once, and then spent."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.ids import AccountId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle


class IdentityState(StrEnum):
    """Where a request to look behind a pseudonym stands."""

    ASKED = "asked"
    APPROVED = "approved"
    SPENT = "spent"
    DECLINED = "declined"
    EXPIRED = "expired"


class IdentityEvent(StrEnum):
    """What can happen to such a request."""

    APPROVE = "approve"
    DECLINE = "decline"
    SHOW = "show"
    EXPIRE = "expire"


_S, _E = IdentityState, IdentityEvent
_TOLD = (Effect.RECORD, Effect.SHOW)


def _to(state: IdentityState, effects: tuple[Effect, ...] = _TOLD) -> Step:
    return Step(state=state, effects=effects)


_ASKED: dict[IdentityEvent, Cell] = {
    _E.APPROVE: _to(_S.APPROVED, (*_TOLD, Effect.SOUND)),
    _E.DECLINE: _to(_S.DECLINED),
    _E.SHOW: "nobody has approved it yet",
    _E.EXPIRE: _to(_S.EXPIRED),
}
_APPROVED: dict[IdentityEvent, Cell] = {
    _E.APPROVE: "it was approved already",
    _E.DECLINE: _to(_S.DECLINED),
    _E.SHOW: _to(_S.SPENT),
    _E.EXPIRE: _to(_S.EXPIRED),
}


def _over(why: str) -> dict[IdentityEvent, Cell]:
    return dict.fromkeys(IdentityEvent, why)


IDENTITY_LIFECYCLE = Lifecycle(
    name="re-identification",
    states=tuple(IdentityState),
    events=tuple(IdentityEvent),
    table={
        (state, event): cell
        for state, row in zip(
            IdentityState,
            (
                _ASKED,
                _APPROVED,
                _over("it was shown, once; ask again"),
                _over("it was declined; ask again with more reason"),
                _over("its time is over; ask again"),
            ),
            strict=True,
        )
        for event, cell in row.items()
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityRequest:
    """One request as stored. It names the pseudonym, never who is behind it."""

    id: int
    version: int
    state: IdentityState
    domain: str
    period: date
    pseudonym: str
    incident: IncidentId
    asked_by: str
    asked_account: AccountId
    asked_at: datetime
    why: str
    good_until: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedIdentity:
    """What lies in the vault: a pseudonym of one domain and day, its kind, and the sealed identity behind it."""

    domain: str
    period: date
    pseudonym: str
    kind: str
    sealed: bytes = field(repr=False)
    stored_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownIdentity:
    """What two persons decided to see, once; `value` never reaches a log, an address or a repr."""

    request: IdentityRequest
    kind: str
    value: str = field(repr=False)
