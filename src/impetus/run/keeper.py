"""The keeper: readings from the bus into history, retention, and the watches.

History knows how far it reaches, and the bus keeps what is behind that for as long as it takes (`hold`). A keeper that is
killed anywhere goes on there, and every reading is in history once. While the disk is full nothing is taken from the bus,
the bus fills, and ingest stops acknowledging: nobody lies.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from impetus.core.actor import platform
from impetus.core.errors import NotNow, TheirFault
from impetus.core.ids import Offset
from impetus.core.observation import Batch, Catalogue, concatenate, empty_batch
from impetus.desk.alarm_load import sweep_load
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.flood import tend
from impetus.desk.gate_watch import sweep_gates, watch_gates
from impetus.desk.media_watch import watch_media
from impetus.desk.runs import run_late_steps
from impetus.desk.stops import write_kept
from impetus.desk.sweep import sweep
from impetus.ports import Message
from impetus.run.heartbeat import Heart
from impetus.run.watches import Watches
from impetus.settings import Settings, keep_of
from impetus.wiring import open_desk

HISTORY = "history"
KEEPER = platform("keeper")
DEFAULT_CLASS = "observations"
READ_MESSAGES = 256
FLUSH_S = 5.0
"""Longest time a reading waits to be history; what a page shows lags by at most this. House rule."""
FLUSH_ROWS = 500_000
"""Readings taken in before a flush: 12 MB, and files worth having at full rate. House rule."""
BEAT_S = 1.0
WATCH_S = 5.0
SWEEP_S = 3600.0
"""A sweep looks for what is due once an hour, so that a day's end is never more than an hour away. House rule."""
SWEEP_AGAIN_S = 5.0
"""Seconds until a sweep is tried again that had to wait for somebody reading the past. House rule."""

log = logging.getLogger(__name__)


def run(settings: Settings, heart: Heart) -> None:
    """Keep history, and watch, until told to stop."""
    desk = open_desk(settings)
    try:
        Keeper(desk, settings, heart).run()
    finally:
        desk.close()


@dataclass(slots=True, kw_only=True)
class Tally:
    """What the keeper counts: readings since the last beat; messages lost or unreadable in all; what is wrong now."""

    readings: int = 0
    lost: int = 0
    unreadable: int = 0
    troubles: dict[str, str] = field(default_factory=dict)

    def note(self) -> str:
        """Say what went wrong, empty when nothing did."""
        named = {"messages lost": self.lost, "messages unreadable": self.unreadable}
        return "; ".join([*(f"{count} {name}" for name, count in named.items() if count), *self.troubles.values()])


class Keeper:
    """History's one writer, its place in the bus, and its clockwork."""

    def __init__(self, desk: Desk, settings: Settings, heart: Heart) -> None:
        self._desk = desk
        self._heart = heart
        self._keep = keep_of(settings)
        self._watches = Watches(desk, settings.home)
        self._catalogue = Catalogue(version=-1)
        self._classes: list[str] = [DEFAULT_CLASS]
        self._class_of = np.zeros(1, dtype=np.int64)
        self._pending: deque[tuple[str, Batch]] = deque()
        self._waiting_rows = 0
        self.tally = Tally()
        self.offset = self._stored()
        desk.bus.hold(OBSERVATIONS, HISTORY, self.offset)
        now_s = desk.clock.monotonic_s()
        self._flushed_s = self._beaten_s = now_s
        self._asked_s = now_s - BEAT_S
        self._watched_s, self._swept_s = now_s - WATCH_S, now_s - SWEEP_S

    def run(self) -> None:
        """Take turns until told to stop, then make history of what was taken in."""
        while not self._heart.stopping.is_set():
            more = self.turn()
            if not more and not self._heart.stopping.is_set():
                self._desk.bus.wait(OBSERVATIONS, self.offset, timeout_s=BEAT_S)
        self._attempt("flush", self._flush)

    def turn(self) -> bool:
        """Take in what is on the bus, do what is due, and say whether there is more to take in."""
        now_s = self._desk.clock.monotonic_s()
        if now_s - self._watched_s >= WATCH_S:
            self._watched_s = now_s
            self._attempt("watch", self._watch)
        if now_s - self._asked_s >= BEAT_S:
            self._asked_s = now_s
            self._attempt("asks", lambda: bool(tend(self._desk)) and False)
        more = self._attempt("history", self._take)
        if self._waiting_rows >= FLUSH_ROWS or now_s - self._flushed_s >= FLUSH_S:
            self._flushed_s = now_s
            self._attempt("flush", self._flush)
        if now_s - self._swept_s >= SWEEP_S:
            self._attempt("sweep", lambda: self._sweep(now_s))
        if now_s - self._beaten_s >= BEAT_S:
            self.beat(now_s)
        return more

    def beat(self, now_s: float) -> None:
        """Say that the keeper is alive, how fast and how far behind."""
        self._heart.beat(
            rate_per_s=self.tally.readings / max(now_s - self._beaten_s, 1e-3),
            lag=max(0, self._desk.bus.status(OBSERVATIONS).last - self.offset),
            dropped=self.tally.lost + self.tally.unreadable + self._watches.dropped,
            note=self.tally.note(),
        )
        self._beaten_s, self.tally.readings = now_s, 0

    def _attempt(self, what: str, act: Callable[[], bool]) -> bool:
        """Do something that a full disk may forbid; say so on the board until it works again."""
        try:
            more = act()
        except NotNow as error:
            if what not in self.tally.troubles:
                log.warning("%s: %s", what, error.detail)
            self.tally.troubles[what] = error.detail
            self._heart.stopping.wait(min(error.retry_after_s, BEAT_S))
            return False
        self.tally.troubles.pop(what, None)
        return bool(more)

    def _take(self) -> bool:
        """Take in one read's worth of messages."""
        self._append()
        gap = self._desk.bus.gap(OBSERVATIONS, self.offset)
        if gap is not None:
            log.warning("%d messages are missing before %d", gap.lost, gap.resume)
            self.tally.lost += gap.lost
            self.offset = Offset(gap.resume - 1)
        messages = self._desk.bus.read(OBSERVATIONS, self.offset, limit=READ_MESSAGES)
        if not messages:
            return False
        batch = self._decoded(messages)
        self._pending.extend(self._by_class(batch))
        self.offset = messages[-1].offset
        self.tally.readings += len(batch)
        self._watches.hear(batch)
        self._append()
        return len(messages) == READ_MESSAGES

    def _append(self) -> None:
        """Give history what was read; what it has no room for is given again before anything else is read or flushed."""
        while self._pending:
            retention, rows = self._pending[0]
            self._desk.history.append(rows, retention, through=self.offset)
            self._pending.popleft()
            self._waiting_rows += len(rows)

    def _decoded(self, messages: Sequence[Message]) -> Batch:
        """Read messages into one batch; an unreadable one is counted."""
        batches = []
        for message in messages:
            try:
                batches.append(self._desk.columns.decode(message.body))
            except TheirFault as error:
                self.tally.unreadable += 1
                log.warning("message %d cannot be read: %s", message.offset, error.detail)
        return concatenate(batches)

    def _by_class(self, batch: Batch) -> list[tuple[str, Batch]]:
        """Split readings by retention class; a datastream not in the catalogue yet has the default one."""
        if len(batch) and batch.datastream.max() >= self._class_of.shape[0]:
            self._look_at_catalogue()
        if len(self._classes) == 1:
            return [(self._classes[0], batch)]
        is_known = (batch.datastream > 0) & (batch.datastream < self._class_of.shape[0])
        classes = self._class_of[np.where(is_known, batch.datastream, 0)]
        present = np.unique(classes)
        if not present.size:
            return [(DEFAULT_CLASS, empty_batch())]
        return [(self._classes[number], batch.take(classes == number)) for number in present]

    def _flush(self) -> bool:
        """Make history of what was taken in, then let the bus drop it."""
        self._append()
        through = self._desk.history.flush()
        self._waiting_rows = 0
        self._desk.bus.hold(OBSERVATIONS, HISTORY, through)
        return False

    def _sweep(self, now_s: float) -> bool:
        """Erase some of what is due; when nothing is left, the next sweep is an hour away."""
        sweep_gates(self._desk, KEEPER)
        sweep_load(self._desk, KEEPER)
        report = sweep(self._desk, KEEPER, self._keep)
        if report.erased:
            log.info("retention erased %s", report)
        if report.is_complete:
            self._swept_s = now_s
        elif not report.erased:
            self._swept_s = now_s - SWEEP_S + SWEEP_AGAIN_S
        return False

    def _watch(self) -> bool:
        """Look at what is watched, and bring shelved alerts back."""
        write_kept(self._desk)
        self._look_at_catalogue()
        self._watches.look(self._catalogue)
        watch_gates(self._desk)
        run_late_steps(self._desk)
        watch_media(self._desk)
        return False

    def _look_at_catalogue(self) -> None:
        """Learn the catalogue when it changed."""
        with self._desk.store.read() as unit:
            if unit.sources.catalogue_version() != self._catalogue.version:
                self._learn(unit.sources.catalogue())

    def _learn(self, catalogue: Catalogue) -> None:
        """Take in a changed catalogue."""
        names = {datastream.retention for datastream in catalogue.datastreams.values()} - {DEFAULT_CLASS}
        self._classes = [DEFAULT_CLASS, *sorted(names)]
        number = {name: place for place, name in enumerate(self._classes)}
        self._class_of = np.zeros(catalogue.highest_id() + 1, dtype=np.int64)
        for datastream in catalogue.datastreams.values():
            self._class_of[datastream.id] = number[datastream.retention]
        self._catalogue = catalogue

    def _stored(self) -> Offset:
        """Return how far history reaches; a reach beyond a bus that never heard of us belongs to a bus that is gone."""
        bus, history = self._desk.bus, self._desk.history
        through = history.through()
        if through <= bus.status(OBSERVATIONS).last or bus.held(OBSERVATIONS, HISTORY) is not None:
            return through
        log.warning(
            "the bus was replaced: history reached %d, newest message %d", through, bus.status(OBSERVATIONS).last
        )
        history.append(empty_batch(), DEFAULT_CLASS, through=Offset(0))
        return history.flush()
