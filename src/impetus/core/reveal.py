"""A mask lifted for a while: asked for by one person, approved by another, open until a time, closed by anybody."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.effects import Effect, Step
from impetus.core.errors import Malformed
from impetus.core.ids import AccountId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle

SUBJECT = re.compile(r"(camera:[a-z0-9][a-z0-9_-]{0,62}|evidence:[A-Za-z0-9][A-Za-z0-9._-]{0,127})", re.ASCII)


class RevealState(StrEnum):
    """Where a reveal stands."""

    ASKED = "asked"
    APPROVED = "approved"
    OPEN = "open"
    CLOSED = "closed"
    DECLINED = "declined"
    EXPIRED = "expired"


class RevealEvent(StrEnum):
    """What can happen to a reveal."""

    APPROVE = "approve"
    DECLINE = "decline"
    OPEN = "open"
    CLOSE = "close"
    EXPIRE = "expire"


_S, _E = RevealState, RevealEvent
_TOLD = (Effect.RECORD, Effect.SHOW)


def _to(state: RevealState, effects: tuple[Effect, ...] = _TOLD) -> Step:
    return Step(state=state, effects=effects)


_APPROVED_ALREADY = "it was approved already"
_ASKED: dict[RevealEvent, Cell] = {
    _E.APPROVE: _to(_S.APPROVED, (*_TOLD, Effect.SOUND)),
    _E.DECLINE: _to(_S.DECLINED),
    _E.OPEN: "nobody has approved it yet",
    _E.CLOSE: _to(_S.CLOSED),
    _E.EXPIRE: _to(_S.EXPIRED),
}
_APPROVED: dict[RevealEvent, Cell] = {
    _E.APPROVE: _APPROVED_ALREADY,
    _E.DECLINE: _to(_S.DECLINED),
    _E.OPEN: _to(_S.OPEN),
    _E.CLOSE: _to(_S.CLOSED),
    _E.EXPIRE: _to(_S.EXPIRED),
}
_OPEN: dict[RevealEvent, Cell] = {
    _E.APPROVE: _APPROVED_ALREADY,
    _E.DECLINE: "it is open; close it instead",
    _E.OPEN: "it is open already",
    _E.CLOSE: _to(_S.CLOSED),
    _E.EXPIRE: _to(_S.EXPIRED),
}


def _over(why: str) -> dict[RevealEvent, Cell]:
    return dict.fromkeys(RevealEvent, why)


REVEAL_LIFECYCLE = Lifecycle(
    name="reveal",
    states=tuple(RevealState),
    events=tuple(RevealEvent),
    table={
        (state, event): cell
        for state, row in zip(
            RevealState,
            (
                _ASKED,
                _APPROVED,
                _OPEN,
                _over("it is closed; ask again"),
                _over("it was declined; ask again with more reason"),
                _over("its time is over; ask again"),
            ),
            strict=True,
        )
        for event, cell in row.items()
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reveal:
    """One reveal as stored. `subject` is `camera:KEY` or `evidence:ID`; only `asked_by` sees the clear picture.

    `good_until`: until when it may be answered or opened, and while it is open, when it ends. `newest_at`: the latest
    time at which it was looked through. `recipient`: who outside gets to see it, empty for nobody.
    """

    id: int
    version: int
    state: RevealState
    subject: str
    incident: IncidentId
    asked_by: str
    asked_account: AccountId
    asked_at: datetime
    why: str
    minutes: int
    good_until: datetime
    recipient: str = ""
    approved_by: str | None = None
    approved_at: datetime | None = None
    opened_at: datetime | None = None
    newest_at: datetime | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    ended_why: str = ""
    simulated: bool = False


def check_subject(subject: str) -> str:
    """Return the subject, or raise `Malformed` for anything but one camera or one piece of evidence."""
    if not SUBJECT.fullmatch(subject):
        raise Malformed(
            f"{subject[:80]!r} cannot be revealed",
            value=subject,
            limit="camera:KEY or evidence:ID, one at a time",
            remedy="ask for one camera or one piece of evidence",
        )
    return subject
