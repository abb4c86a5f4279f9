"""Take readings in: judge them, make them durable, then acknowledge.

How it works: edges hand parcels to `submit` from any thread and get a future. One thread, the keeper of the rules'
state, takes all parcels that wait (a group), judges each in turn, publishes what is accepted with one durable write and
then fulfils the futures with receipts. A second thread settles about once a second what need not be at once: counters
and quarantine into the store, a changed catalogue out of it, and the platform's finding when there is no room.

Invariants: a receipt exists only for what is durable; when publishing fails the whole group is told to come back later and
the rules forget it; what waits is bounded in parcels and bytes, and beyond that the answer is to come back later.
"""

import logging
import queue
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from impetus.core.actor import Actor
from impetus.core.admission import (
    Codes,
    Limits,
    State,
    Undo,
    count,
    forget,
    fresh_state,
    judge,
    learn,
    remember,
    taken,
)
from impetus.core.board import Rule
from impetus.core.errors import ImpetusError, NotNow, OurFault, Refused, Stopped, Unknown
from impetus.core.ids import DatastreamId, SourceId
from impetus.core.observation import Batch, Catalogue, Datastream, empty_batch, to_us
from impetus.desk.context import OBSERVATIONS, Desk
from impetus.desk.intake_alarm import IntakeAlarm
from impetus.desk.intake_memory import recall_taken
from impetus.desk.intake_tally import IntakeTally
from impetus.desk.parcel import Parcel, Receipt
from impetus.desk.permit import permit
from impetus.desk.refused_records import STOPPED, Ground
from impetus.desk.resends import Resends, digest_of
from impetus.desk.stop_watch import StopWatch
from impetus.ethics.guard import Operation

LOGGER = logging.getLogger(__name__)

MAX_WAITING_PARCELS: Final = 1024
MAX_WAITING_BYTES: Final = 64 * 1024 * 1024
"""What may wait to become durable: five seconds at 200 parcels a second, and a bounded part of memory. House rule."""
GROUP: Final = 256
GROUP_ROWS: Final = 80_000
"""Parcels made durable with one write end when either is reached: with the largest parcel on top, 3.1 MB at 24 bytes a
reading, below the quarter of the smallest topic (16 MiB) that the bus takes at once."""
SETTLE_EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Waiting:
    """A parcel in the queue, whose it is, and who waits for it."""

    source: SourceId
    parcel: Parcel
    done: "Future[Receipt]"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Judged:
    """A parcel with its verdicts, and what undoes them."""

    waiting: _Waiting
    codes: Codes
    accepted: Batch
    digest: bytes
    undo: Undo | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeStatus:
    """How ingest is: `taken` readings since the start, parcels waiting, refused records that were only counted.

    `failing_since` is when readings stopped being durable, None while all is well.
    """

    taken: int
    waiting: int
    not_kept: int
    failing_since: datetime | None


class Intake:
    """The way in for readings; one per ingest process. `start` before use, `close` at the end."""

    def __init__(self, desk: Desk, limits: Limits) -> None:
        """Stand ready; nothing is read before `start`."""
        self._desk = desk
        self._limits = limits
        self._state: State = fresh_state()
        self._catalogue = Catalogue(version=-1)
        self._names: Mapping[SourceId, Mapping[str, DatastreamId]] = {}
        self._queue: queue.SimpleQueue[_Waiting | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._waiting_parcels = 0
        self._waiting_bytes = 0
        self._tally = IntakeTally()
        self._resends = Resends()
        self._alarm = IntakeAlarm()
        self.stops = StopWatch(desk)
        self._taken = 0
        self._closing = threading.Event()
        self._threads: tuple[threading.Thread, ...] = ()

    def start(self) -> None:
        """Learn the catalogue, remember what the bus still holds, and begin to take parcels."""
        self.refresh()
        learn(self._state, self._catalogue, self._limits)
        recall_taken(self._desk, self._catalogue, self._state, self._resends)
        self._threads = (
            threading.Thread(target=self._take_parcels, name="ingest-commit", daemon=True),
            threading.Thread(target=self._settle_often, name="ingest-settle", daemon=True),
        )
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Make durable what waits, write what is counted, and stop. No parcel is taken afterwards."""
        with self._lock:
            self._closing.set()
            self._queue.put(None)
        for thread in self._threads:
            thread.join()
        self._threads = ()
        self.settle()

    def take(self, actor: Actor, parcel: Parcel) -> Receipt:
        """Submit a parcel and wait for its receipt."""
        return self.submit(actor, parcel).result()

    def submit(self, actor: Actor, parcel: Parcel) -> "Future[Receipt]":
        """Put a parcel in the queue; the future gives its receipt when it is durable, or raises `NotNow`.

        Raises at once `Refused` when the actor may not write or is bound to no source, `Unknown` when its source was
        never declared, `Stopped` when a person stopped it, `NotNow` when too much waits.
        """
        source = self._source_of(actor)
        self.stops.refuse_source(source)
        waiting = _Waiting(source=source, parcel=parcel, done=Future())
        with self._lock:
            if self._closing.is_set():
                raise NotNow("ingest is stopping", retry_after_s=2.0)
            if self._waiting_parcels >= MAX_WAITING_PARCELS or self._waiting_bytes >= MAX_WAITING_BYTES:
                raise NotNow(
                    f"{self._waiting_parcels} parcels wait to become durable",
                    value=self._waiting_bytes,
                    limit=f"{MAX_WAITING_PARCELS} parcels, {MAX_WAITING_BYTES} bytes",
                    retry_after_s=1.0,
                )
            self._waiting_parcels += 1
            self._waiting_bytes += parcel.size_bytes
            self._queue.put(waiting)
        return waiting.done

    def refuse(self, actor: Actor, rule: Rule, detail: str, record: bytes) -> bool:
        """Count and, when there is room, quarantine a record that could not even be put in columns."""
        source = self._source_of(actor)
        return self._tally.keep(source, rule, detail, record, self._desk.clock.now())

    def names(self, source: SourceId) -> Mapping[str, DatastreamId]:
        """Return the source's datastreams by key, as last read from the store; `Unknown` for a source never declared."""
        names = self._names.get(source)
        if names is None:
            raise Unknown(
                f"source {source} is not declared",
                value=source,
                limit="a declared source",
                remedy="declare it and its datastreams first; a declaration is known here within a second",
            )
        return names

    def refresh(self) -> None:
        """Read the catalogue again when its version has risen; verdicts follow with the next group."""
        with self._desk.store.read() as unit:
            if unit.sources.catalogue_version() == self._catalogue.version:
                return
            catalogue = unit.sources.catalogue()
            sources = unit.sources.all()
        names: dict[SourceId, dict[str, DatastreamId]] = {source.id: {} for source in sources}
        for number, datastream in catalogue.datastreams.items():
            names.setdefault(datastream.source, {})[datastream.key] = number
        self._catalogue = catalogue  # before the names: a key that resolves must be declared by the time it is judged
        self._names = names

    def datastreams(self, source: SourceId | None = None) -> list[Datastream]:
        """Return a source's datastreams by number, every source's for None, as last read from the store."""
        known = self._catalogue.datastreams.values()
        return [datastream for datastream in known if source is None or datastream.source == source]

    def visible(self, actor: Actor) -> list[Datastream]:
        """Return the datastreams an actor may know of: a source its own, others those they may read."""
        if actor.source is not None and Operation.OBSERVATIONS_WRITE in actor.operations:
            return self.datastreams(self.source_of(actor))
        permit(self._desk, actor, Operation.SOURCES_READ, on=f"source:{actor.source}" if actor.source else "")
        return self.datastreams(None if actor.source is None else SourceId(actor.source))

    def source_of(self, actor: Actor) -> SourceId:
        """Return the source an actor may write for; `Refused` when it may not write or is bound to none."""
        return source_of(self._desk, actor)

    def _source_of(self, actor: Actor) -> SourceId:
        source = self.source_of(actor)
        self.names(source)
        return source

    def status(self) -> IntakeStatus:
        """Return how ingest is, for the heartbeat and the board."""
        return IntakeStatus(
            taken=self._taken,
            waiting=self._waiting_parcels,
            not_kept=self._tally.not_kept,
            failing_since=self._alarm.began,
        )

    def settle(self) -> None:
        """Write counters and refused records, say what the alarm has to say, and look for a changed catalogue.

        What the store cannot take now is kept, bounded, for the next turn.
        """
        try:
            self._tally.write(self._desk.store)
            self.refresh()
        except NotNow as error:
            LOGGER.warning("counters wait for the store: %s", error.detail)
        self._alarm.speak(self._desk)

    def _settle_often(self) -> None:
        while not self._closing.wait(SETTLE_EVERY_S):
            try:
                self.settle()
            except Exception:
                LOGGER.exception("settling failed; trying again")

    def _take_parcels(self) -> None:
        while (group := self._next_group()) is not None:
            try:
                self._make_durable(group)
            except Exception as error:
                LOGGER.exception("a group of %d parcels was not taken", len(group))
                _fail(group, OurFault(f"ingest failed: {error}", remedy="send it again"))
            with self._lock:
                self._waiting_parcels -= len(group)
                self._waiting_bytes -= sum(waiting.parcel.size_bytes for waiting in group)

    def _next_group(self) -> list[_Waiting] | None:
        """Wait for a parcel and return it with all that wait beside it; None when closing and none is left."""
        first = self._queue.get()
        if first is None:
            return None
        group, rows = [first], len(first.parcel.batch)
        while len(group) < GROUP and rows < GROUP_ROWS:
            try:
                waiting = self._queue.get_nowait()
            except queue.Empty:
                break
            if waiting is None:
                self._queue.put(None)
                break
            group.append(waiting)
            rows += len(waiting.parcel.batch)
        return group

    def _make_durable(self, group: Sequence[_Waiting]) -> None:
        """Judge a group, publish what it brings, and answer; on failure forget it and say when to come back."""
        group = self._not_stopped([waiting for waiting in group if waiting.done.set_running_or_notify_cancel()])
        if self._catalogue.version != self._state.version:
            learn(self._state, self._catalogue, self._limits)
        at = self._desk.clock.now()
        judged: list[_Judged] = []
        try:
            for waiting in group:
                judged.append(self._judge(waiting, to_us(at)))  # noqa: PERF401 - what was judged before a failure must be undone
            bodies = [self._desk.columns.encode(each.accepted) for each in judged if len(each.accepted)]
            if bodies:
                self._desk.bus.publish(OBSERVATIONS, bodies)
        except BaseException as error:
            self._forget(judged)
            if not isinstance(error, NotNow):
                raise
            self._alarm.refuse(at, sum(len(waiting.parcel.batch) for waiting in group), error.detail)
            _fail(group, error)
            return
        if bodies:
            self._alarm.recover(at)
        for each in judged:
            each.waiting.done.set_result(self._receipt(each, at))

    def _not_stopped(self, group: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Refuse parcels of sources that were stopped while they waited, and return the others."""
        left: list[_Waiting] = []
        for waiting in group:
            try:
                self.stops.refuse_source(waiting.source)
            except Stopped as error:
                waiting.done.set_exception(error)
            else:
                left.append(waiting)
        return left

    def _judge(self, waiting: _Waiting, at_us: int) -> _Judged:
        batch = waiting.parcel.batch
        digest = digest_of(waiting.source, batch)
        known = self._resends.verdicts(digest)
        if known is not None:
            return _Judged(waiting=waiting, codes=known, accepted=empty_batch(), digest=digest, undo=None)
        codes = judge(self._state, batch, self._limits, at_us, waiting.source)
        stopped = self.stops.rows(batch, self._catalogue)
        if stopped is not None:
            codes[stopped] = STOPPED
        accepted = taken(batch, codes)
        if stopped is None:
            self._resends.keep(digest, codes)
        return _Judged(
            waiting=waiting, codes=codes, accepted=accepted, digest=digest, undo=remember(self._state, accepted)
        )

    def _forget(self, judged: Sequence[_Judged]) -> None:
        for each in reversed(judged):
            if each.undo is not None:
                forget(self._state, each.undo)
                self._resends.drop(each.digest)

    def _receipt(self, judged: _Judged, at: datetime) -> Receipt:
        """Count what became of a parcel and write its receipt."""
        source, parcel, codes = judged.waiting.source, judged.waiting.parcel, judged.codes
        counts = count(codes)
        ground = Ground(state=self._state, catalogue=self._catalogue, limits=self._limits, at=at)
        self._tally.count(source, counts, at)
        refusals, quarantined = self._tally.explain(ground, source, parcel, codes)
        self._taken += len(judged.accepted)
        return Receipt(source=source, codes=codes, counts=counts, refusals=refusals, quarantined=quarantined)


def source_of(desk: Desk, actor: Actor) -> SourceId:
    """Return the source an actor may write for; `Refused` when it may not write or is bound to none."""
    permit(desk, actor, Operation.OBSERVATIONS_WRITE, on=f"source:{actor.source or ''}")
    if actor.source is None:
        raise Refused(
            f"{actor.name} is bound to no source",
            rule="readings are sent with the token of their source",
            remedy="issue a token for one source",
        )
    return SourceId(actor.source)


def _fail(group: Sequence[_Waiting], error: ImpetusError) -> None:
    """Tell everybody in the group who has no answer yet."""
    for waiting in group:
        if not waiting.done.done():
            waiting.done.set_exception(error)
