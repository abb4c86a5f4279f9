"""What waits for whom: proposals with who agreed, what is missing, and what the reader may answer."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.action import (
    LIVE,
    WAITING,
    Action,
    ActionClass,
    ActionEntry,
    ActionEvent,
    ActionKind,
    ActionState,
    deciders_of,
)
from impetus.core.actor import Actor
from impetus.core.ids import ActionId, IncidentId
from impetus.desk.context import Desk
from impetus.desk.decide import consents_of, standing
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit

READ = "read"
"""Event of the line that says a message was read."""
MESSAGE_AGE = timedelta(hours=12)
"""How long an unread message stays on its readers' pages: a shift. House rule."""
SHOWN = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposalView:
    """One proposal as somebody sees it.

    `content_hash` is what an answer is about. `agreed` are the names whose yes counts now, `needed` how many it takes,
    `deciders` the roles that may say yes. `missing` is the last "not enough information" nobody has answered yet. `may`
    holds what the reader could answer: `approve`, `decline`, `lack`, `change`, `withdraw`.
    """

    action: Action
    entries: tuple[ActionEntry, ...]
    content_hash: str
    agreed: tuple[str, ...]
    needed: int
    deciders: tuple[str, ...]
    missing: ActionEntry | None = None
    may: frozenset[str] = frozenset()

    @property
    def still(self) -> int:
        """Return how many more people must agree."""
        return max(0, self.needed - len(self.agreed))


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """A message on somebody's page: until they have read it."""

    action: Action
    text: str
    sent_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """What waits for the reader, what they wait for or may watch, and messages to them."""

    yours: tuple[ProposalView, ...]
    others: tuple[ProposalView, ...]
    messages: tuple[MessageView, ...]
    ended: tuple[ProposalView, ...] = ()

    @property
    def count(self) -> int:
        """Return how many things wait for the reader."""
        return len(self.yours) + len(self.messages)


def pending(desk: Desk, actor: Actor) -> Pending:
    """Return what waits for whom, most urgent end first, and what ended last."""
    permit(desk, actor, Operation.INCIDENTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        live = [_view(unit, actor, action, at) for action in unit.actions.find(states=LIVE, limit=SHOWN)]
        over = tuple(state for state in ActionState if state not in LIVE)
        ended = tuple(_view(unit, actor, action, at) for action in unit.actions.find(states=over, limit=20))
        messages = _messages(unit, actor, at)
    live.sort(key=lambda view: view.action.expires)
    return Pending(
        yours=tuple(view for view in live if "approve" in view.may),
        others=tuple(view for view in live if "approve" not in view.may),
        messages=messages,
        ended=ended,
    )


def waiting_for(desk: Desk, actor: Actor) -> int:
    """Return how many things wait for the reader, for the bar of every page."""
    permit(desk, actor, Operation.INCIDENTS_READ)
    with desk.store.read() as unit:
        return count_waiting(unit, actor, desk.clock.now())


def count_waiting(unit: Unit, actor: Actor, at: datetime) -> int:
    """Return the same within a reading that asked the guard already."""
    asked = unit.actions.find(states=WAITING, limit=SHOWN)
    yours = sum("approve" in _view(unit, actor, action, at).may for action in asked)
    return yours + len(_messages(unit, actor, at))


def proposal(desk: Desk, actor: Actor, action_id: ActionId) -> ProposalView:
    """Return one proposal with its history."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"action:{action_id}")
    with desk.store.read() as unit:
        return _view(unit, actor, unit.actions.get(action_id), desk.clock.now())


def proposals_of(desk: Desk, actor: Actor, incident: IncidentId) -> tuple[ProposalView, ...]:
    """Return an incident's proposals, newest first; notes are in its timeline and not repeated here."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"incident:{incident}")
    at = desk.clock.now()
    with desk.store.read() as unit:
        found = unit.actions.find(incident=incident)
        return tuple(_view(unit, actor, action, at) for action in found if action.kind is not ActionKind.NOTE)


def read_message(desk: Desk, actor: Actor, action_id: ActionId) -> None:
    """Take a message off the reader's page; once more changes nothing."""
    permit(desk, actor, Operation.INCIDENTS_READ, on=f"action:{action_id}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        if any(message.action.id == action_id for message in _messages(unit, actor, at)):
            unit.actions.record(
                ActionEntry(id=0, action=action_id, at=at, event=READ, who=actor.name, account=actor.account)
            )


def _messages(unit: Unit, actor: Actor, at: datetime) -> tuple[MessageView, ...]:
    """Return messages to the actor that they have not read, oldest first."""
    found = []
    for action in unit.actions.find(states=(ActionState.PERFORMED,), limit=SHOWN):
        if action.kind is not ActionKind.MESSAGE or at - action.changed_at > MESSAGE_AGE:
            continue
        entries = unit.actions.entries(action.id)
        sent = next((entry for entry in entries if entry.event == "deliver"), None)
        has_read = any(entry.event == READ and entry.account == actor.account for entry in entries)
        if sent is None or has_read or actor.name not in sent.text.split(", "):
            continue
        text = action.parameters["text"]
        found.append(MessageView(action=action, text=text, sent_by=action.proposed_by, at=sent.at))
    return tuple(reversed(found))


def _view(unit: Unit, actor: Actor, action: Action, at: datetime) -> ProposalView:
    """Return a proposal as this person sees it."""
    entries = tuple(unit.actions.entries(action.id))
    agreeing = standing(unit, action.kind, [consent.account for consent in consents_of(unit, action)])
    names = {entry.account: entry.who for entry in entries}
    asked = [entry for entry in entries if entry.event in (ActionEvent.LACK, ActionEvent.CHANGE)]
    return ProposalView(
        action=action,
        entries=entries,
        content_hash=action.content_hash(),
        agreed=tuple(names[account] for account in agreeing),
        needed=action.rule.persons,
        deciders=tuple(sorted(deciders_of(action.kind))),
        missing=asked[-1] if asked and asked[-1].event == ActionEvent.LACK and action.state in WAITING else None,
        may=_may(actor, action, at, has_agreed=actor.account in agreeing),
    )


def _may(actor: Actor, action: Action, at: datetime, *, has_agreed: bool) -> frozenset[str]:
    """Return what the reader could answer now; what the desk would refuse is not offered."""
    if action.state not in (*WAITING, ActionState.AUTHORISED) or at >= action.expires:
        return frozenset()
    found: set[str] = set()
    needed = Operation.DECISIONS_WRITE if action.action_class is ActionClass.B else Operation.ACTIONS_APPROVE
    if may(actor, needed) and actor.role in deciders_of(action.kind) and actor.account is not None:
        found |= {"decline", "lack"}
        if action.state in WAITING and not has_agreed:
            found.add("approve")
    if actor.account is not None and actor.account == action.proposer and may(actor, Operation.ACTIONS_PROPOSE):
        found |= {"change", "withdraw"}
    return frozenset(found)
