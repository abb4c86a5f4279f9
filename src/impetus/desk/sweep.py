"""Retention: what has been kept long enough is erased, from the first start on, a bounded piece at a time.

Each call erases at most a little of each kind and says whether there is more, so that whoever calls stays alive, nobody
waits long for the state's one writer, and ingest never stops. Calls that follow each other make one run; a run that is
interrupted goes on where it was. When nothing is left, free pages and journals are given up, the keys of what is gone are
destroyed, and the run's report is stored and written to the log.

The figures of a run are exact unless it was killed: what the piece at work erased may then be missing from them.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from impetus.core.actor import Actor
from impetus.core.log_record import Processing
from impetus.core.retention import RetentionRun
from impetus.desk import call_watch, erasers, media_watch
from impetus.desk.context import Desk
from impetus.desk.erasers import Piece, Task
from impetus.desk.holds import cover_now
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.retention import DAY, HELD, Keep, horizon, keys_due

__all__ = ["Keep", "SweepReport", "before", "sweep"]

ERASERS: Mapping[str, Callable[[Task], Piece]] = {
    "observations": erasers.erase_readings,
    "standings": erasers.erase_standings,
    "alerts": erasers.erase_alerts,
    "evidence": erasers.erase_evidence,
    "incidents": erasers.erase_incidents,
    "quarantine": erasers.erase_refused,
    "outbox": erasers.erase_changes,
    "sessions": erasers.erase_sessions,
    "accounts": erasers.erase_departed,
    "holds": erasers.erase_holds,
    "reveals": media_watch.erase_reveals,
    "identities": media_watch.erase_identities,
    "actions": erasers.erase_actions,
    "calls": call_watch.erase_calls,
    "log: openings": erasers.erase_openings,
}
"""Which function erases which store; alerts before evidence, so that an alert takes its own along."""
BUS, KEYS = "bus: ", "keys"

before = horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one call erased and left, by store; `is_complete` when nothing that is due is left and the run is over."""

    at: datetime
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    is_complete: bool = True
    run: RetentionRun | None = None

    @property
    def erased(self) -> int:
        """Return how many things were erased, of whatever kind."""
        return sum(piece.gone for piece in self.pieces.values())

    @property
    def held(self) -> int:
        """Return how many things were due but are held."""
        return sum(piece.held for piece in self.pieces.values())

    @property
    def messages(self) -> int:
        """Return how many messages went from the bus."""
        return sum(piece.gone for store, piece in self.pieces.items() if store.startswith(BUS))

    def gone(self, store: str) -> int:
        """Return how many things went from a store."""
        return self.pieces[store].gone if store in self.pieces else 0


def sweep(desk: Desk, actor: Actor, keep: Keep) -> SweepReport:
    """Erase some of what is due and not held; to be called in the process that keeps history, until it is complete.

    `NotNow` when the disk is full; call again.
    """
    permit(desk, actor, Operation.RETENTION_SWEEP)
    at = desk.clock.now()
    run = _run_at_work(desk, at)
    with desk.store.read() as unit:
        task = Task(desk=desk, keep=keep, at=at, cover=cover_now(unit, at))
    pieces = {store: erase(task) for store, erase in ERASERS.items()}
    pieces |= {f"{BUS}{topic}": erasers.erase_messages(task, topic) for topic in desk.bus.topics()}
    is_complete = all(piece.is_complete for piece in pieces.values())
    if is_complete:
        pieces |= _erase_files(task)
        is_complete = desk.store.compact()
    if is_complete:
        pieces[KEYS] = _destroy_keys(task)
    run = _added(run, pieces)
    run = _close(desk, actor, run) if is_complete else _store(desk, run)
    return SweepReport(at=at, pieces=pieces, is_complete=is_complete, run=run)


def _run_at_work(desk: Desk, at: datetime) -> RetentionRun:
    """Return the run that calls add to, a new one when the last is over."""
    with desk.store.read() as unit:
        run = unit.retention_runs.unfinished()
    if run is None:
        with desk.store.write() as unit:
            run = unit.retention_runs.begin(at)
    return run


def _erase_files(task: Task) -> dict[str, Piece]:
    """Erase the files beside the stores that hold copies."""
    keep = task.keep
    periods = {
        "tool snapshots": keep.observations,
        "text logs": keep.text_logs,
        "backups": keep.backups,
        "half done": DAY,
    }
    gone = task.desk.remains.sweep({store: horizon(task.at, period) for store, period in periods.items()})
    return {store: Piece(gone=count) for store, count in gone.items()}


def _destroy_keys(task: Task) -> Piece:
    """Destroy the keys of what is gone, which makes every copy of it unreadable; a hold's key only once nothing needs it."""
    desk = task.desk
    with desk.store.read() as unit:
        standing = frozenset(hold.id for hold in unit.holds.standing(task.at))
    due = keys_due(desk.class_keys.days(), task.keep, task.at, standing)
    used = {kind for kind in {kind for kind, _ in due if kind.startswith(HELD)} if desk.blobs.sealed_under(kind)}
    return Piece(gone=desk.class_keys.destroy([key for key in due if key[0] not in used]))


def _added(run: RetentionRun, pieces: Mapping[str, Piece]) -> RetentionRun:
    """Return the run with what a call did: what went is added up, what is held was counted anew."""
    figures = dict(run.by_store)
    for store, piece in pieces.items():
        gone = figures.get(f"{store}.gone", 0) + piece.gone
        figures |= {f"{store}.due": gone + piece.held, f"{store}.gone": gone, f"{store}.held": piece.held}
    figures = {name: figure for name, figure in figures.items() if figure}
    totals = {
        word: sum(figures[name] for name in figures if name.endswith(f".{word}")) for word in ("due", "gone", "held")
    }
    return replace(run, by_store=figures, due=totals["due"], gone=totals["gone"], held=totals["held"])


def _store(desk: Desk, run: RetentionRun) -> RetentionRun:
    with desk.store.write() as unit:
        unit.retention_runs.put(run)
    return run


def _close(desk: Desk, actor: Actor, run: RetentionRun) -> RetentionRun:
    """End the run: store its report, and write its hash and figures to the log."""
    behind = tuple(f"{safe.place}: {safe.behind} keys behind" for safe in desk.class_keys.safes() if safe.behind)
    run = replace(run, ended_at=desk.clock.now(), behind=behind)
    run = replace(run, digest=digest_of(run))
    facts: dict[str, str | int] = {"due": run.due, "gone": run.gone, "held": run.held, "digest": run.digest}
    facts |= dict(run.by_store)
    if behind:
        facts["key_safes_behind"] = len(behind)
    with desk.store.write() as unit:
        unit.retention_runs.put(run)
        note_done(desk, actor, "retention.run", f"retention_run:{run.id}", processing=Processing.ERASURE, facts=facts)
    return run


def digest_of(run: RetentionRun) -> str:
    """Return the SHA-256 of a run's report in hexadecimal: what the log and the stored report are compared by."""
    ended = run.ended_at.isoformat() if run.ended_at else ""
    report = {"id": run.id, "at": run.at.isoformat(), "ended_at": ended, "behind": run.behind, **run.by_store}
    return sha256(json.dumps(report, sort_keys=True, separators=(",", ":")).encode()).hexdigest()
