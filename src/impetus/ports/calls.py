"""Protocols of what is kept about calling people: plans, contacts, notices and deliveries, shifts and their log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.call import Contact, Plan, PlanKind, StandIn
from impetus.core.hand_over import HandOver, HandOverState, Item, Shift, ShiftNote
from impetus.core.ids import AccountId, HandOverId, IncidentId, NoticeId
from impetus.core.notice import ChannelHealth, Delivery, NoticeRecord, Recipient


class Calls(Protocol):
    """Rotations and escalations with their versions, stand-ins, and people's contacts."""

    def save_plan(self, plan: Plan) -> Plan:
        """Store the next version of a plan and return it with its id; `Conflict` when that version is taken."""
        ...

    def plans(self, kind: PlanKind) -> Sequence[Plan]:
        """Return the newest version of every plan of this kind that is not retired, by name."""
        ...

    def plan(self, kind: PlanKind, name: str) -> Plan | None:
        """Return the newest version, retired or not, None when there never was one."""
        ...

    def add_stand_in(self, stand_in: StandIn) -> StandIn:
        """Store one and return it with its id."""
        ...

    def cancel_stand_in(self, stand_in: StandIn) -> None:
        """Store that it was cancelled."""
        ...

    def stand_ins(self, *, since: datetime) -> Sequence[StandIn]:
        """Return those that end after the time and were not cancelled, in the order written."""
        ...

    def put_contact(self, contact: Contact) -> None:
        """Store a contact, or replace the person's one of the same channel."""
        ...

    def remove_contact(self, account: AccountId, channel: str) -> bool:
        """Forget it; false when there was none."""
        ...

    def contacts(self, account: AccountId | None = None) -> Sequence[Contact]:
        """Return a person's contacts, or everybody's, in their order."""
        ...

    def erase_before(self, before: datetime, *, limit: int = 500) -> int:
        """Erase stand-ins that ended, plan versions replaced or retired, and contacts of accounts gone, before the time."""
        ...


class Notices(Protocol):
    """Notices, who was asked, how each delivery fared, and how the channels fare."""

    def add(self, notice: NoticeRecord) -> NoticeRecord:
        """Store a new one and return it with its id; the stored one when its key is known. The oldest ended go beyond a bound."""
        ...

    def is_known(self, key: str) -> bool:
        """Say whether a notice has this key."""
        ...

    def get(self, notice: NoticeId) -> NoticeRecord:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, notice: NoticeRecord) -> NoticeRecord:
        """Store the change if the version still matches; return it with version + 1, else `Conflict`."""
        ...

    def find(
        self, *, incident: IncidentId | None = None, is_open: bool = False, limit: int = 100
    ) -> Sequence[NoticeRecord]:
        """Return notices, newest first; those of an incident, or those not ended, only when asked for."""
        ...

    def ask(self, recipient: Recipient) -> bool:
        """Store that a person is asked; false, changing nothing, when they are already."""
        ...

    def recipients(self, notices: Sequence[NoticeId]) -> Sequence[Recipient]:
        """Return who was asked by these, in order."""
        ...

    def asked_of(self, account: AccountId, *, limit: int = 50) -> Sequence[Recipient]:
        """Return what a person was asked and has not acknowledged, of notices not ended, newest first."""
        ...

    def by_token(self, token_hash: str) -> Recipient | None:
        """Return whose token it is."""
        ...

    def answer(self, recipient: Recipient) -> None:
        """Store a recipient as changed."""
        ...

    def queue(self, delivery: Delivery) -> Delivery | None:
        """Store a delivery and return it with its id, None when this person has one by this channel already."""
        ...

    def deliveries(self, notices: Sequence[NoticeId]) -> Sequence[Delivery]:
        """Return the deliveries of these, in order."""
        ...

    def due(self, at: datetime, *, channel: str, limit: int = 20) -> Sequence[Delivery]:
        """Return queued deliveries of a channel whose time has come, the longest due first."""
        ...

    def change(self, delivery: Delivery) -> None:
        """Store a delivery as changed."""
        ...

    def healths(self) -> Sequence[ChannelHealth]:
        """Return how every channel that was ever used fares, by name."""
        ...

    def put_health(self, health: ChannelHealth) -> None:
        """Store how a channel fares."""
        ...

    def erase_before(self, before: datetime, *, spared: Sequence[IncidentId] = (), limit: int = 500) -> int:
        """Erase notices that ended before the time, with recipients and deliveries, but those of spared incidents."""
        ...


class Shifts(Protocol):
    """Shifts, hand-overs with their items, and the shift log."""

    def begin(self, shift: Shift) -> Shift:
        """Store a shift and return it with its id; `Conflict` when the watch has one that lasts."""
        ...

    def at_watch(self, watch: str) -> Shift | None:
        """Return the shift that lasts at a watch."""
        ...

    def recent(self, *, limit: int = 20) -> Sequence[Shift]:
        """Return shifts, newest first."""
        ...

    def end(self, shift: int, at: datetime) -> None:
        """Store that a shift ended."""
        ...

    def give(self, hand_over: HandOver) -> HandOver:
        """Store a hand-over and return it with its id."""
        ...

    def get(self, hand_over: HandOverId) -> HandOver:
        """Return it, or raise `Unknown`."""
        ...

    def replace(self, hand_over: HandOver) -> HandOver:
        """Store the change if the version still matches, else `Conflict`."""
        ...

    def hand_overs(self, *, states: Sequence[HandOverState] = (), limit: int = 20) -> Sequence[HandOver]:
        """Return hand-overs, newest first."""
        ...

    def add_item(self, item: Item) -> Item | None:
        """Store an item and return it with its id, None when the hand-over has one of that key."""
        ...

    def item(self, item: int) -> Item:
        """Return it, or raise `Unknown`."""
        ...

    def items(self, hand_over: HandOverId) -> Sequence[Item]:
        """Return the items in the order they came."""
        ...

    def change_item(self, item: Item) -> None:
        """Store an item as changed."""
        ...

    def note(self, note: ShiftNote) -> ShiftNote:
        """Store a line of the log and return it with its id."""
        ...

    def note_of(self, note: int) -> ShiftNote:
        """Return a line, or raise `Unknown`."""
        ...

    def change_note(self, note: ShiftNote) -> None:
        """Store that a line was pinned, unpinned or struck; its words stay."""
        ...

    def notes(
        self,
        *,
        words: Sequence[str] = (),
        since: datetime | None = None,
        until: datetime | None = None,
        pinned: bool = False,
        after: int | None = None,
        limit: int = 50,
    ) -> Sequence[ShiftNote]:
        """Return lines, newest first, that hold every word in whatever case, from behind an id on."""
        ...

    def erase_before(self, before: datetime, *, limit: int = 500) -> int:
        """Erase shifts and hand-overs that ended, and lines written, before the time; return how many."""
        ...
