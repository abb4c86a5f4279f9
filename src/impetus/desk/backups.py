"""Backups: who may make one, under which keys its pieces lie, and the line in the log."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from impetus.core.actor import Actor
from impetus.core.alert import Alert
from impetus.core.board import Quarantined
from impetus.core.incident import Incident
from impetus.core.log_record import Processing
from impetus.core.retention import Hold
from impetus.desk.context import Desk
from impetus.desk.holds import cover_now
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.retention import DAY, Cover, Keep, held_kind, keys_due
from impetus.ports.backups import Backups, Check, HistoryDay, Item, KeyName, Made, Move, Verified


def make(desk: Desk, actor: Actor, backups: Backups, target: Path, keep: Keep, move: Move) -> Made:
    """Copy the installation into a new folder while it runs, each piece under the key of what it holds."""
    permit(desk, actor, Operation.BACKUPS_MAKE)
    at = desk.clock.now()
    with desk.store.read() as unit:
        labels = Labels(cover=cover_now(unit, at), keep=keep, at=at)
    made = backups.make(target, labels, move)
    facts = {"pieces": made.pieces, "rows": made.rows, "files": made.files, "bytes": made.bytes_, "keys": made.keys}
    subject = f"backup:{made.made_at:%Y%m%dT%H%M%SZ}"
    note_done(desk, actor, "backup.make", subject, processing=Processing.DISCLOSURE, facts=facts)
    return made


def check(check_one: Check, place: Path, keys: Sequence[Path], move: Move) -> Verified:
    """Check a backup; needs no installation, so nobody is asked: whoever holds the folder may look whether it is whole."""
    return check_one(place, keys, move)


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """Says under which key each thing lies: its own class and day, or its hold's once that day's key has to go."""

    cover: Cover
    keep: Keep
    at: datetime

    def __call__(self, kind: str, day: date, item: Item) -> KeyName:
        """Return class and day."""
        own = (kind, day)
        if item is None or self.cover == Cover() or not keys_due([own], self.keep, self.at, frozenset()):
            return own
        hold = self._hold_on(item)
        return own if hold is None else (held_kind(hold.id), day)

    def _hold_on(self, item: Item) -> Hold | None:
        """Return the hold that covers a thing."""
        match item:
            case Alert():
                return self.cover.of_alert(item.id, item.incident, item.datastreams, item.began, item.last_at)
            case Incident():
                return self.cover.of_incident(item.id)
            case Quarantined():
                return self.cover.of_record(item.source, item.at)
            case HistoryDay():
                start = datetime(item.day.year, item.day.month, item.day.day, tzinfo=UTC)
                holds = [span.hold for span in self.cover.of_span(start, start + DAY)]
                return max(holds, key=lambda hold: (hold.until, hold.id), default=None)
            case _:
                return None
