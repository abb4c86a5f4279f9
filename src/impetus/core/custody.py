"""A second sample by hand: asked for, taken, handed on, received by a laboratory, and what the laboratory found.

Who has had it, where and since when is a chain of entries, each bound to the one before by a digest, so that one that was
changed or left out shows. What is kept says how much was found, never what: a species is told to public health by the
laboratory itself, and there is no field for one here.

**Source**: ISO/IEC 17025:2017, 7.4 (handling of test items); WHO, Public health response to biological and chemical weapons,
2nd edition (2004), annex on sampling: seal, label, and a signature at every change of hands.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from hashlib import sha256

from impetus.core.effects import Effect, Step
from impetus.core.ids import AlertId, IncidentId, NoticeId, ThingKey
from impetus.core.lifecycle import Cell, Lifecycle
from impetus.core.place import Point


class SampleState(StrEnum):
    """Where a sample stands. `lost` is one that cannot be spoken for: gone, or in hands nobody wrote down."""

    ASKED = "asked"
    TAKEN = "taken"
    RECEIVED = "received"
    REPORTED = "reported"
    CALLED_OFF = "called_off"
    LOST = "lost"


class SampleEvent(StrEnum):
    """What can happen to a sample. `tell`: public health was told; it changes nothing about the sample."""

    TAKE = "take"
    HAND_ON = "hand_on"
    RECEIVE = "receive"
    REPORT = "report"
    TELL = "tell"
    CALL_OFF = "call_off"
    LOSE = "lose"


class LabOutcome(StrEnum):
    """What the laboratory says of the amount: within what is usual, above it, or that it cannot tell. Never what it is."""

    USUAL = "usual"
    RAISED = "raised"
    UNCLEAR = "unclear"


class SealState(StrEnum):
    """How the seal was when the laboratory opened it."""

    UNKNOWN = "unknown"
    WHOLE = "whole"
    BROKEN = "broken"


_S, _E = SampleState, SampleEvent
_TOLD = (Effect.RECORD, Effect.SHOW)


def _to(state: SampleState, *effects: Effect) -> Step:
    return Step(state=state, effects=(*_TOLD, *effects))


def _row(why: str, cells: Mapping[SampleEvent, Cell]) -> dict[SampleEvent, Cell]:
    """Return a row in which everything not named is refused for one reason."""
    return {**dict.fromkeys(SampleEvent, why), **cells}


_TABLE: Mapping[SampleState, Mapping[SampleEvent, Cell]] = {
    _S.ASKED: _row(
        "nobody has taken it yet",
        {
            _E.TAKE: _to(_S.TAKEN),
            _E.TELL: _to(_S.ASKED),
            _E.CALL_OFF: _to(_S.CALLED_OFF),
            _E.LOSE: "nobody has taken it yet; call it off",
        },
    ),
    _S.TAKEN: _row(
        "the laboratory has not received it",
        {
            _E.TAKE: "it was taken already; ask for another",
            _E.HAND_ON: _to(_S.TAKEN),
            _E.RECEIVE: _to(_S.RECEIVED),
            _E.TELL: _to(_S.TAKEN),
            _E.CALL_OFF: "it was taken; bring it to the laboratory, or say that it is lost",
            _E.LOSE: _to(_S.LOST, Effect.SOUND),
        },
    ),
    _S.RECEIVED: _row(
        "the laboratory has it",
        {
            _E.REPORT: _to(_S.REPORTED, Effect.SOUND),
            _E.TELL: _to(_S.RECEIVED),
            _E.LOSE: _to(_S.LOST, Effect.SOUND),
        },
    ),
    _S.REPORTED: _row(
        "its result is in; ask for another sample",
        {_E.REPORT: _to(_S.REPORTED, Effect.SOUND), _E.TELL: _to(_S.REPORTED)},
    ),
    _S.CALLED_OFF: _row("it was called off; ask for another", {}),
    _S.LOST: _row("it is lost; ask for another", {_E.TELL: _to(_S.LOST)}),
}
SAMPLE_LIFECYCLE = Lifecycle(
    name="sample",
    states=tuple(SampleState),
    events=tuple(SampleEvent),
    table={(state, event): cell for state, row in _TABLE.items() for event, cell in row.items()},
)
OPEN_SAMPLES = (SampleState.ASKED, SampleState.TAKEN, SampleState.RECEIVED)
"""States in which somebody still has something to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldSample:
    """A second sample as stored. `sampler` is the thing beside which it is taken, `point` where that stands.

    `seal` is the number on it, empty until it is taken; `holder` which body has it now (a team, a courier, a laboratory; no
    name of a person is needed); `measured` per m3, None when the laboratory gave no number; `reference` its own number.
    `entries` counts the chain and `head` is its newest digest.
    """

    id: int
    version: int
    state: SampleState
    sampler: ThingKey
    sampler_name: str
    asked_by: str
    at: datetime
    changed_at: datetime
    due_at: datetime
    why: str
    incident: IncidentId | None = None
    alert: AlertId | None = None
    point: Point | None = None
    seal: str = ""
    seal_state: SealState = SealState.UNKNOWN
    holder: str = ""
    outcome: LabOutcome | None = None
    measured: float | None = None
    reference: str = ""
    notice: NoticeId | None = None
    entries: int = 0
    head: str = ""
    simulated: bool = False

    def is_late(self, at: datetime) -> bool:
        """Say whether nobody has taken it by the time it was asked for."""
        return self.state is SampleState.ASKED and at >= self.due_at


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodyEntry:
    """One link of the chain: what happened, who wrote it down, and which body has the sample from then on, where.

    `digest` covers the link and the digest before it.
    """

    sample: int
    number: int
    at: datetime
    event: str
    who: str
    holder: str
    place: str
    text: str
    digest: str


def digest_of(entry: CustodyEntry, before: str) -> str:
    """Return the SHA-256 over a link and the digest before it, in hexadecimal; the link's own digest is not in it."""
    said = {
        "before": before,
        "sample": entry.sample,
        "number": entry.number,
        "at": entry.at.astimezone(UTC).isoformat(),
        "event": entry.event,
        "who": entry.who,
        "holder": entry.holder,
        "place": entry.place,
        "text": entry.text,
    }
    return sha256(json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":")).encode()).hexdigest()


def first_break(sample: FieldSample, entries: Sequence[CustodyEntry]) -> int | None:
    """Return the number of the first link that does not follow from those before it, None when the chain holds.

    A link that is missing at the end breaks it as well: the sample knows how many there are, and the newest digest.
    """
    before = ""
    for number, entry in enumerate(entries, 1):
        if entry.number != number or entry.sample != sample.id or entry.digest != digest_of(entry, before):
            return number
        before = entry.digest
    return None if (len(entries), before) == (sample.entries, sample.head) else len(entries) + 1
