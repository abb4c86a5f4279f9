"""Decisions on their way to the log: written at once, or counted into one line of the same look.

How it works: a decision about a person's data, a first look, and a refusal are durable before the act goes on. What repeats
is counted: the same look of a person (a page asks several times, and again when something changes), and all that the
machines do without personal data, of which there are thousands a second. A count is written when its window is over, by
whoever comes next or by the clockwork of the process, and when the process stops.

Invariants: every decision is in exactly one line; the sum of the counts is the number of decisions; the counts of a
window that cannot be written wait for the next try. A killed process loses at most the counts of a window, never a first
look, a refusal or an act.

**Source**: Directive (EU) 2016/680, article 25(1): consultation is logged with its justification, date and time; for
machines without personal data the minute is a house rule (decision record 0007).
"""

import logging
import threading
from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from impetus.core.access import Category
from impetus.core.actor import Role
from impetus.core.errors import NotNow
from impetus.core.log_record import LogRecord, Outcome
from impetus.ports.ethics import Journal

MINUTE = timedelta(minutes=1)
"""Window of what is about nobody, and of refusals beyond the bound. House rule."""
LOOK = timedelta(seconds=5)
"""Window of one look at personal data: a page and what it loads at once. House rule."""
REFUSALS_A_MINUTE = 60
"""Refusals of one actor that get a line each; beyond it somebody tries doors by program, and a count says so. House rule."""
MOST = 4096
"""Counts kept at a time; beyond it all are written at once. Some 4 MB. House rule."""
MACHINES = frozenset({Role.PLATFORM.value, Role.SERVICE.value})

log = logging.getLogger(__name__)


@dataclass(slots=True, kw_only=True)
class _Window:
    """Like decisions: the first of them, from when until when, and how many are not written yet."""

    first: LogRecord
    begins: datetime
    ends: datetime
    waiting: int

    def line(self) -> LogRecord:
        """Return what waits as one line."""
        return replace(self.first, count=self.waiting, facts={**self.first.facts, "until": self.ends.isoformat()})


@dataclass(slots=True, weakref_slot=True)
class Tally:
    """The counts of one process; threads share it."""

    _windows: dict[Hashable, _Window] = field(default_factory=dict)
    _refusals: dict[str, tuple[datetime, int]] = field(default_factory=dict)
    _told: dict[Hashable, datetime] = field(default_factory=dict)
    _next_end: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, journal: Journal, record: LogRecord) -> None:
        """Write the decision, or count it with others like it; `NotNow` when it must be written and cannot be."""
        if self._next_end is not None and record.at >= self._next_end:
            self.write_due(journal, record.at)
        if record.outcome is Outcome.REFUSED and self._is_within_bound(record):
            journal.write([record])
            return
        key, span = _place(record)
        if self._counted(key, record):
            return
        is_counted_only = record.outcome is Outcome.REFUSED or is_impersonal_machine(record)
        if not is_counted_only:
            journal.write([record])
        self._open(key, record, span, waiting=record.count if is_counted_only else 0)
        if len(self._windows) > MOST:
            self.write_all(journal, record.at)

    def write_due(self, journal: Journal, at: datetime) -> None:
        """Write the counts whose window is over, or begins later than now because the clock was set back."""
        with self._lock:
            due = {key: each for key, each in self._windows.items() if each.ends <= at or each.begins > at}
        self._write(journal, due, at)

    def write_all(self, journal: Journal, at: datetime) -> None:
        """Write every count, at the end of a process."""
        with self._lock:
            due = dict(self._windows)
        self._write(journal, due, at)

    def is_new(self, what: Hashable, hour: datetime) -> bool:
        """Say whether this was not told in this hour by this process yet, and remember that it is now."""
        with self._lock:
            before, self._told[what] = self._told.get(what), hour
            return before != hour

    def _counted(self, key: Hashable, record: LogRecord) -> bool:
        """Count the decision in the window that is open for its like; false when none is."""
        with self._lock:
            window = self._windows.get(key)
            if window is None or not record.at < window.ends:
                return False
            window.waiting += record.count
            return True

    def _open(self, key: Hashable, record: LogRecord, span: timedelta, *, waiting: int) -> None:
        """Open a window; when another thread was faster, count in its window."""
        with self._lock:
            window = self._windows.get(key)
            if window is None:
                ends = record.at + span
                self._windows[key] = _Window(first=record, begins=record.at, ends=ends, waiting=waiting)
                self._next_end = ends if self._next_end is None else min(self._next_end, ends)
            else:
                window.waiting += waiting

    def _write(self, journal: Journal, due: dict[Hashable, _Window], at: datetime) -> None:
        """Close these windows and write what waits in them; what cannot be written stays for another minute."""
        with self._lock:
            closed = [key for key, window in due.items() if self._windows.get(key) is window]
            for key in closed:
                del self._windows[key]
        waiting = {key: due[key] for key in closed if due[key].waiting}
        try:
            journal.write([window.line() for window in waiting.values()])
        except NotNow as error:
            log.warning("%d counts of decisions wait for the log: %s", len(waiting), error.detail)
            self._put_back(waiting, at)
        with self._lock:
            self._next_end = min((window.ends for window in self._windows.values()), default=None)

    def _put_back(self, windows: dict[Hashable, _Window], at: datetime) -> None:
        with self._lock:
            for key, window in windows.items():
                window.ends = at + MINUTE
                fresh = self._windows.setdefault(key, window)
                if fresh is not window:
                    fresh.waiting += window.waiting

    def _is_within_bound(self, record: LogRecord) -> bool:
        """Say whether this refusal of its actor gets a line of its own."""
        with self._lock:
            since, count = self._refusals.get(record.who, (record.at, 0))
            if not since <= record.at < since + MINUTE:
                since, count = record.at, 0
            if len(self._refusals) > MOST:
                self._refusals.clear()
            self._refusals[record.who] = (since, count + 1)
            return count < REFUSALS_A_MINUTE


def is_impersonal_machine(record: LogRecord) -> bool:
    """Say whether a machine did it, without personal data: then only the count is kept."""
    return record.role in MACHINES and record.category is Category.NONE


def _place(record: LogRecord) -> tuple[Hashable, timedelta]:
    """Return with what a decision is counted, and for how long."""
    if record.outcome is Outcome.REFUSED or is_impersonal_machine(record):
        return (record.who, record.role, record.act, record.outcome), MINUTE
    look = (record.who, record.role, record.act, record.subject, record.rule, record.purpose, record.category)
    said = (record.regime, record.controller, record.case, record.why, record.recipient)
    return (*look, *said), MINUTE if record.category is Category.NONE else LOOK
