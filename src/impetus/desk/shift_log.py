"""The shift log: free notes, written as things happen, pinned while they matter, found again by their words.

Nothing is changed or removed: a wrong line is struck through with a reason and stays readable.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from impetus.core.actor import Actor, Role
from impetus.core.errors import Conflict, Malformed, Refused
from impetus.core.hand_over import ShiftNote
from impetus.core.ids import IncidentId
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit

MAX_NOTE = 2000
PAGE = 50
MOST_WORDS, MAX_SEARCH = 10, 200
MOST_PINNED = 30
"""Pinned lines at once; each is read back at every hand-over. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPage:
    """Lines of the log, newest first; `before` leads to older ones, None at the end."""

    notes: tuple[ShiftNote, ...]
    pinned: tuple[ShiftNote, ...]
    before: int | None


def shift_log(
    desk: Desk,
    actor: Actor,
    *,
    search: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    before: int | None = None,
) -> LogPage:
    """Return lines that hold every word searched for, in whatever case, and the pinned ones."""
    permit(desk, actor, Operation.SHIFTS_READ)
    wanted = search.split()
    if len(wanted) > MOST_WORDS or len(search) > MAX_SEARCH:
        raise Malformed(
            f"a search for {len(wanted)} words",
            value=len(wanted),
            limit=f"{MOST_WORDS} words, {MAX_SEARCH} characters",
            remedy="search for fewer",
        )
    with desk.store.read() as unit:
        found = unit.shifts.notes(words=wanted, since=since, until=until, after=before, limit=PAGE + 1)
        pinned = tuple(unit.shifts.notes(pinned=True, limit=MOST_PINNED))
    return LogPage(notes=tuple(found[:PAGE]), pinned=pinned, before=found[PAGE - 1].id if len(found) > PAGE else None)


def write_note(desk: Desk, actor: Actor, text: str, *, incident: IncidentId | None = None) -> ShiftNote:
    """Write a line, about an incident or about none."""
    permit(desk, actor, Operation.SHIFTS_WRITE)
    said, at = words(text, "the note", needed=True, longest=MAX_NOTE), desk.clock.now()
    with desk.store.write() as unit:
        if incident is not None:
            unit.incidents.get(incident)
        note = unit.shifts.note(ShiftNote(id=0, at=at, who=actor.name, text=said, incident=incident))
        note_done(desk, actor, "shift.note", f"shift_note:{note.id}", case=str(incident or ""))
        _announce(unit, at)
        return note


def pin(desk: Desk, actor: Actor, number: int) -> ShiftNote:
    """Keep a line on top until somebody takes it down; every hand-over reads it back."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"shift_note:{number}")
    at = desk.clock.now()
    with desk.store.write() as unit:
        note = _unstruck(unit, number)
        if note.pinned_at is not None:
            return note
        if len(unit.shifts.notes(pinned=True, limit=MOST_PINNED)) >= MOST_PINNED:
            raise Conflict(f"{MOST_PINNED} lines are pinned", value=number, limit=MOST_PINNED, remedy="take one down")
        return _marked(desk, unit, actor, replace(note, pinned_at=at, pinned_by=actor.name), "pin")


def unpin(desk: Desk, actor: Actor, number: int) -> ShiftNote:
    """Take a line down; it stays in the log."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"shift_note:{number}")
    with desk.store.write() as unit:
        note = unit.shifts.note_of(number)
        return _marked(desk, unit, actor, replace(note, pinned_at=None, pinned_by=""), "unpin")


def strike(desk: Desk, actor: Actor, number: int, *, why: str) -> ShiftNote:
    """Strike one's own line through, with a reason; a supervisor may strike another's. It stays readable."""
    permit(desk, actor, Operation.SHIFTS_WRITE, on=f"shift_note:{number}")
    text, at = words(why, "the reason", needed=True), desk.clock.now()
    with desk.store.write() as unit:
        note = _unstruck(unit, number)
        if actor.name != note.who and actor.role is not Role.SUPERVISOR:
            raise Refused(
                f"{note.who} wrote it",
                rule="a line is struck by who wrote it, or a supervisor",
                value=actor.name,
                limit=note.who,
                remedy=f"ask {note.who}, or write a line that says what is right",
            )
        struck = replace(note, struck_at=at, struck_by=actor.name, struck_why=text, pinned_at=None, pinned_by="")
        return _marked(desk, unit, actor, struck, "strike", why=text)


def _unstruck(unit: Unit, number: int) -> ShiftNote:
    note = unit.shifts.note_of(number)
    if note.struck_at is not None:
        raise Conflict(f"{note.struck_by} struck it through", value=number, remedy="write a new line")
    return note


def _marked(desk: Desk, unit: Unit, actor: Actor, note: ShiftNote, verb: str, *, why: str = "") -> ShiftNote:
    """Store a mark, log it and tell open pages."""
    unit.shifts.change_note(note)
    note_done(desk, actor, f"shift.{verb}", f"shift_note:{note.id}", why=why)
    _announce(unit, desk.clock.now())
    return note


def _announce(unit: Unit, at: datetime) -> None:
    unit.outbox.add(at, "shift", "log", {})
