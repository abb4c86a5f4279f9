"""What may be done to the world, by how many people's decision, and the one table of what can become of it.

A proposal is `proposed`; `approved` when some but not enough people agreed; `authorised` when enough did; `performing` while
its effect is under way; then `performed` or `failed`. An answer "not enough information" is as good as yes and no: it asks
for what is missing, and everybody is asked again. An approval holds for exactly what was approved: a change voids it.

**Source**: AI Act (Regulation (EU) 2024/1689), article 14(4)(d) and (e): people can decide not to use, disregard, override or
reverse, and intervene; GDPR, article 22(1): no decision of effect by machine alone.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from impetus.core.actor import Role
from impetus.core.effects import Effect, Step
from impetus.core.ids import AccountId, ActionId, IncidentId
from impetus.core.lifecycle import Cell, Lifecycle


class ActionClass(StrEnum):
    """How far an action reaches; the further, the more people it takes."""

    A = "A"
    B = "B"
    C = "C"
    D = "D"
    E = "E"


class ActionKind(StrEnum):
    """What can be done; each kind has one class, so that nobody can give it a lower one."""

    NOTE = "note"
    MESSAGE = "message"
    CITY_SYSTEM = "city_system"
    EVIDENCE_PACKAGE = "evidence_package"
    RE_IDENTIFICATION = "re_identification"
    PUBLIC_WARNING = "public_warning"


class ActionState(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    APPROVED = "approved"
    AUTHORISED = "authorised"
    PERFORMING = "performing"
    PERFORMED = "performed"
    DECLINED = "declined"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    FAILED = "failed"


class ActionEvent(StrEnum):
    """What can happen to a proposal. `lack` is the answer "not enough information"; `authorise` is the last yes needed."""

    APPROVE = "approve"
    AUTHORISE = "authorise"
    LACK = "lack"
    CHANGE = "change"
    DECLINE = "decline"
    WITHDRAW = "withdraw"
    EXPIRE = "expire"
    BEGIN = "begin"
    PERFORM = "perform"
    FAIL = "fail"


AGREEING = frozenset({ActionEvent.APPROVE, ActionEvent.AUTHORISE})
"""Events that carry a person's yes."""
WAITING = (ActionState.PROPOSED, ActionState.APPROVED)
"""States in which people are asked."""
LIVE = (*WAITING, ActionState.AUTHORISED, ActionState.PERFORMING)
"""States from which something can still happen."""

_WORKERS = frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.IT_SECURITY, Role.EXECUTIVE})
_ANSWERABLE = frozenset({Role.SUPERVISOR, Role.EXECUTIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRule:
    """What one class takes: how many different people must agree, of which roles, and how long a proposal lasts at most."""

    means: str
    persons: int
    deciders: frozenset[Role]
    longest: timedelta


CLASS_RULES: Mapping[ActionClass, ClassRule] = {
    ActionClass.A: ClassRule(means="an internal note", persons=0, deciders=frozenset(), longest=timedelta(hours=1)),
    ActionClass.B: ClassRule(
        means="asking or telling colleagues and partner agencies",
        persons=1,
        deciders=_WORKERS,
        longest=timedelta(hours=12),
    ),
    ActionClass.C: ClassRule(
        means="a reversible act on a city system, with an end",
        persons=1,
        deciders=_ANSWERABLE,
        longest=timedelta(hours=4),
    ),
    ActionClass.D: ClassRule(
        means="giving evidence or personal data to others",
        persons=2,
        deciders=_ANSWERABLE,
        longest=timedelta(hours=24),
    ),
    ActionClass.E: ClassRule(
        means="warning the public, or bringing back an identity",
        persons=2,
        deciders=_ANSWERABLE,
        longest=timedelta(hours=2),
    ),
}
"""**Source**: classes, positions 5 and F9 of the house's ethics; two people as for the verification of a remote biometric
match, AI Act, article 14(5). The longest validities are house rules: an old yes is no yes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KindRule:
    """What one kind takes: its class, the parameters it cannot do without, and what differs from its class.

    `deciders` are whose yes counts, `answerable` those of whom at least one must be among them. A kind that is not
    `is_proposable` has a desk of its own, with stricter questions.
    """

    action_class: ActionClass
    needs: tuple[str, ...]
    deciders: frozenset[Role] | None = None
    answerable: frozenset[Role] | None = None
    is_proposable: bool = True


KIND_RULES: Mapping[ActionKind, KindRule] = {
    ActionKind.NOTE: KindRule(action_class=ActionClass.A, needs=("text",)),
    ActionKind.MESSAGE: KindRule(action_class=ActionClass.B, needs=("text", "to")),
    ActionKind.CITY_SYSTEM: KindRule(action_class=ActionClass.C, needs=("command", "until")),
    ActionKind.EVIDENCE_PACKAGE: KindRule(action_class=ActionClass.D, needs=("recipient", "regime")),
    ActionKind.RE_IDENTIFICATION: KindRule(
        action_class=ActionClass.E,
        needs=(),
        deciders=frozenset({Role.OPERATOR, Role.SUPERVISOR, Role.IT_SECURITY, Role.DPO}),
        answerable=frozenset({Role.SUPERVISOR, Role.DPO}),
        is_proposable=False,
    ),
    ActionKind.PUBLIC_WARNING: KindRule(action_class=ActionClass.E, needs=("text", "area")),
}
"""**Source**: who asks to bring an identity back is one of the two people, whoever approves is another: GDPR, article 4(5)
(additional information kept separately), F4 of the house's ethics."""

_S, _E = ActionState, ActionEvent
_QUIET = (Effect.RECORD, Effect.SHOW)
_LOUD = (Effect.RECORD, Effect.SHOW, Effect.SOUND)


def _to(state: ActionState, effects: tuple[Effect, ...] = _QUIET) -> Step:
    return Step(state=state, effects=effects)


_ASKING: dict[ActionEvent, Cell] = {
    _E.APPROVE: _to(_S.APPROVED, _LOUD),
    _E.AUTHORISE: _to(_S.AUTHORISED),
    _E.LACK: _to(_S.PROPOSED, _LOUD),
    _E.CHANGE: _to(_S.PROPOSED, _LOUD),
    _E.DECLINE: _to(_S.DECLINED),
    _E.WITHDRAW: _to(_S.WITHDRAWN),
    _E.EXPIRE: _to(_S.EXPIRED),
    _E.BEGIN: "not enough people have agreed",
    _E.PERFORM: "it was not begun",
    _E.FAIL: "it was not begun",
}
_AUTHORISED: dict[ActionEvent, Cell] = {
    **_ASKING,
    _E.APPROVE: "enough people have agreed",
    _E.AUTHORISE: "enough people have agreed",
    _E.BEGIN: _to(_S.PERFORMING, (Effect.RECORD,)),
}
_UNDER_WAY = "its effect is under way"
_PERFORMING: dict[ActionEvent, Cell] = {
    **dict.fromkeys(ActionEvent, _UNDER_WAY),
    _E.PERFORM: _to(_S.PERFORMED),
    _E.FAIL: _to(_S.FAILED, _LOUD),
}


def _over(why: str) -> dict[ActionEvent, Cell]:
    """Return the row of a state in which nothing happens any more."""
    return dict.fromkeys(ActionEvent, why)


ACTION_LIFECYCLE = Lifecycle(
    name="action",
    states=tuple(ActionState),
    events=tuple(ActionEvent),
    table={
        (state, event): cell
        for state, row in {
            _S.PROPOSED: _ASKING,
            _S.APPROVED: _ASKING,
            _S.AUTHORISED: _AUTHORISED,
            _S.PERFORMING: _PERFORMING,
            _S.PERFORMED: _over("it was performed; propose it anew to do it again"),
            _S.DECLINED: _over("it was declined; propose it anew with what has changed"),
            _S.EXPIRED: _over("its time is over; propose it anew"),
            _S.WITHDRAWN: _over("it was withdrawn; propose it anew"),
            _S.FAILED: _over("it failed; look at the world before you propose it anew"),
        }.items()
        for event, cell in row.items()
    },
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One proposal as stored.

    `target` is what it acts on, `kind:id` or a name, never a person's. `parameters` are frozen words. `expires` is when
    it may no longer be performed. `revision` rises with each change and each "not enough information"; `version` with
    every step. `receipt` is what performing it left behind.
    """

    id: ActionId
    version: int
    revision: int
    state: ActionState
    kind: ActionKind
    target: str
    incident: IncidentId | None
    why: str
    proposed_by: str
    proposer: AccountId
    at: datetime
    expires: datetime
    changed_at: datetime
    receipt: str = ""
    simulated: bool = False
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the parameters, too."""
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    @property
    def action_class(self) -> ActionClass:
        """Return its class, which its kind decides."""
        return KIND_RULES[self.kind].action_class

    @property
    def rule(self) -> ClassRule:
        """Return what its class takes."""
        return CLASS_RULES[self.action_class]

    @property
    def deciders(self) -> frozenset[Role]:
        """Return the roles whose yes counts for it."""
        return deciders_of(self.kind)

    def content_hash(self) -> str:
        """Return what an approval is bound to: SHA-256 over everything a person agrees to, as hexadecimal text."""
        content = {
            "id": self.id,
            "revision": self.revision,
            "kind": self.kind,
            "class": self.action_class,
            "target": self.target,
            "parameters": dict(self.parameters),
            "incident": self.incident,
            "why": self.why,
            "proposer": self.proposer,
            "at": self.at.isoformat(),
            "expires": self.expires.isoformat(),
            "simulated": self.simulated,
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionEntry:
    """One line of a proposal's history; `content_hash` says what exactly it was about, `account` who it was."""

    id: int
    action: ActionId
    at: datetime
    event: ActionEvent | str
    who: str
    account: AccountId | None = None
    role: str = ""
    text: str = ""
    content_hash: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Performance:
    """The row that makes an effect happen once: written before it, finished after it.

    `key` is what an effector can recognise a repetition by. `finished_at` is None while nobody knows how it ended.
    """

    action: ActionId
    key: str
    started_at: datetime
    finished_at: datetime | None = None
    succeeded: bool = False
    receipt: str = ""


def deciders_of(kind: ActionKind) -> frozenset[Role]:
    """Return the roles whose yes counts for this kind."""
    own = KIND_RULES[kind].deciders
    return CLASS_RULES[KIND_RULES[kind].action_class].deciders if own is None else own


def answerable_of(kind: ActionKind) -> frozenset[Role]:
    """Return the roles of which at least one must have said yes; those whose yes counts unless the kind is stricter."""
    own = KIND_RULES[kind].answerable
    return deciders_of(kind) if own is None else own
