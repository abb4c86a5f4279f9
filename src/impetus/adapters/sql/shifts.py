"""Shifts, hand-overs with their items, and the shift log."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from impetus.adapters.sql.calls_schema import HAND_OVER_ITEMS, HAND_OVERS, SHIFT_NOTES, SHIFTS
from impetus.adapters.sql.codec import RowCodec
from impetus.adapters.sql.repository import Repository, unknown
from impetus.core.errors import Conflict
from impetus.core.hand_over import HandOver, HandOverState, Item, Shift, ShiftNote
from impetus.core.ids import HandOverId
from impetus.core.observation import to_us

SHIFT, HAND_OVER, ITEM, NOTE = RowCodec(Shift), RowCodec(HandOver), RowCodec(Item), RowCodec(ShiftNote)
MOST_ITEMS = 1_000
MARKS = ("pinned_at", "pinned_by", "struck_at", "struck_by", "struck_why")
"""What of a line of the log may change: never its words."""


class SqlShifts(Repository):
    """Fulfils `impetus.ports.calls.Shifts`."""

    def begin(self, shift: Shift) -> Shift:
        """Store a shift; one that lasts at the same watch refuses it."""
        lasting = self.at_watch(shift.watch)
        if lasting is not None:
            raise Conflict(
                f"{lasting.person} has the watch {shift.watch} since {lasting.began_at:%Y-%m-%d %H:%M} UTC",
                value=shift.watch,
                limit="one shift at a watch",
                remedy=f"let {lasting.person} hand it over",
            )
        return replace(shift, id=self._add(SHIFTS, SHIFT.to_row(shift)))

    def at_watch(self, watch: str) -> Shift | None:
        """Return the shift that lasts at a watch."""
        row = self._row(sa.select(SHIFTS).where(SHIFTS.c.watch == watch, SHIFTS.c.ended_at.is_(None)))
        return SHIFT.from_row(row) if row else None

    def recent(self, *, limit: int = 20) -> Sequence[Shift]:
        """Return shifts, newest first."""
        rows = self._rows(sa.select(SHIFTS).order_by(SHIFTS.c.id.desc()).limit(limit))
        return tuple(SHIFT.from_row(row) for row in rows)

    def end(self, shift: int, at: datetime) -> None:
        """Store that a shift ended."""
        self._connection.execute(sa.update(SHIFTS).where(SHIFTS.c.id == shift).values(ended_at=to_us(at)))

    def give(self, hand_over: HandOver) -> HandOver:
        """Store a hand-over and return it with its id."""
        return replace(hand_over, id=HandOverId(self._add(HAND_OVERS, HAND_OVER.to_row(hand_over))))

    def get(self, hand_over: HandOverId) -> HandOver:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(HAND_OVERS).where(HAND_OVERS.c.id == hand_over))
        if row is None:
            raise unknown("hand-over", hand_over)
        return HAND_OVER.from_row(row)

    def replace(self, hand_over: HandOver) -> HandOver:
        """Store the change if nobody else did first."""
        after = replace(hand_over, version=hand_over.version + 1)
        unchanged = (HAND_OVERS.c.id == hand_over.id, HAND_OVERS.c.version == hand_over.version)
        change = sa.update(HAND_OVERS).where(*unchanged).values(HAND_OVER.to_row(after))
        if self._connection.execute(change).rowcount == 1:
            return after
        raise Conflict(
            f"hand-over {hand_over.id} was changed by somebody else",
            value=hand_over.version,
            limit=f"version {self.get(hand_over.id).version}",
            remedy="reload; somebody acted before you",
        )

    def hand_overs(self, *, states: Sequence[HandOverState] = (), limit: int = 20) -> Sequence[HandOver]:
        """Return hand-overs, newest first."""
        found = sa.select(HAND_OVERS)
        if states:
            found = found.where(HAND_OVERS.c.state.in_([str(state) for state in states]))
        return tuple(HAND_OVER.from_row(row) for row in self._rows(found.order_by(HAND_OVERS.c.id.desc()).limit(limit)))

    def add_item(self, item: Item) -> Item | None:
        """Store an item, once a key."""
        row = {name: value for name, value in ITEM.to_row(item).items() if name != "id"}
        if not self._put_once(HAND_OVER_ITEMS, row):
            return None
        mine = (HAND_OVER_ITEMS.c.hand_over == item.hand_over, HAND_OVER_ITEMS.c.key == item.key)
        stored = self._row(sa.select(HAND_OVER_ITEMS.c.id).where(*mine))
        return None if stored is None else replace(item, id=stored["id"])

    def item(self, item: int) -> Item:
        """Return it, or raise `Unknown`."""
        row = self._row(sa.select(HAND_OVER_ITEMS).where(HAND_OVER_ITEMS.c.id == item))
        if row is None:
            raise unknown("item of a hand-over", item)
        return ITEM.from_row(row)

    def items(self, hand_over: HandOverId) -> Sequence[Item]:
        """Return the items in the order they came."""
        mine = sa.select(HAND_OVER_ITEMS).where(HAND_OVER_ITEMS.c.hand_over == hand_over)
        rows = self._rows(mine.order_by(HAND_OVER_ITEMS.c.id).limit(MOST_ITEMS))
        return tuple(ITEM.from_row(row) for row in rows)

    def change_item(self, item: Item) -> None:
        """Store an item as changed."""
        mine = sa.update(HAND_OVER_ITEMS).where(HAND_OVER_ITEMS.c.id == item.id)
        self._connection.execute(mine.values(ITEM.to_row(item)))

    def note(self, note: ShiftNote) -> ShiftNote:
        """Store a line of the log and return it with its id."""
        row = {**NOTE.to_row(note), "folded": note.text.casefold()}
        return replace(note, id=self._add(SHIFT_NOTES, row))

    def note_of(self, note: int) -> ShiftNote:
        """Return a line, or raise `Unknown`."""
        row = self._row(sa.select(SHIFT_NOTES).where(SHIFT_NOTES.c.id == note))
        if row is None:
            raise unknown("line of the shift log", note)
        return NOTE.from_row(row)

    def change_note(self, note: ShiftNote) -> None:
        """Store that a line was pinned, unpinned or struck; its words stay."""
        row = NOTE.to_row(note)
        change = sa.update(SHIFT_NOTES).where(SHIFT_NOTES.c.id == note.id)
        self._connection.execute(change.values({name: row[name] for name in MARKS}))

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
        found = sa.select(SHIFT_NOTES)
        for word in words:
            found = found.where(SHIFT_NOTES.c.folded.contains(word.casefold(), autoescape=True))
        if since is not None:
            found = found.where(SHIFT_NOTES.c.at >= to_us(since))
        if until is not None:
            found = found.where(SHIFT_NOTES.c.at < to_us(until))
        if pinned:
            found = found.where(SHIFT_NOTES.c.pinned_at.is_not(None))
        if after is not None:
            found = found.where(SHIFT_NOTES.c.id < after)
        return tuple(NOTE.from_row(row) for row in self._rows(found.order_by(SHIFT_NOTES.c.id.desc()).limit(limit)))

    def erase_before(self, before: datetime, *, limit: int = 500) -> int:
        """Erase shifts that ended and lines written before the time; hand-overs go with their shift."""
        gone = 0
        for table, column in ((SHIFTS, SHIFTS.c.ended_at), (SHIFT_NOTES, SHIFT_NOTES.c.at)):
            old = sa.select(table.c.id).where(column < to_us(before)).limit(limit)
            gone += self._connection.execute(sa.delete(table).where(table.c.id.in_(old))).rowcount
        return gone
