"""What retention looks like to those who oversee it: classes, holds, runs, the last proof, key safes."""

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.retention import Hold, Proof, RetentionRun
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ethics.retention import SHOWN_BEFORE_END, Action, Keep, RetentionClass, Start, classes
from impetus.ports import Unit
from impetus.ports.ethics import AccessQuery
from impetus.ports.retention import KeySafe

RUN_EVERY = timedelta(hours=1)
"""How often the keeper begins a run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassRow:
    """One class as shown. `held` counts what its last run left because of holds, `oldest` is the oldest day still kept."""

    name: str
    start: Start
    period: timedelta
    action: Action
    because: str
    held: int = 0
    oldest: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionView:
    """Everything of the page. `running_out` are the holds that end within two weeks; `next_at` is None before a first run."""

    classes: tuple[ClassRow, ...]
    holds: tuple[Hold, ...]
    running_out: tuple[Hold, ...]
    runs: tuple[RetentionRun, ...]
    next_at: datetime | None
    proof: Proof | None
    safes: tuple[KeySafe, ...]
    counts: tuple[tuple[str, str, int], ...]


def retention_view(desk: Desk, actor: Actor, keep: Keep, *, limit: int = 50) -> RetentionView:
    """Return what is kept for how long, what is held and by whom, and what the last runs erased."""
    permit(desk, actor, Operation.RETENTION_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        holds = tuple(unit.holds.standing(at))
        runs = tuple(_logged(unit, run) for run in unit.retention_runs.newest(limit=limit))
        proof = unit.retention_runs.last_proof()
        counts = tuple((month, name, number) for (month, name), number in unit.retention_runs.counts().items())
    last = next((run for run in runs if run.ended_at), None)
    oldest = _oldest_day(desk)
    return RetentionView(
        classes=tuple(_row(one, last, oldest) for one in classes(keep)),
        holds=holds,
        running_out=tuple(hold for hold in holds if hold.until <= at + SHOWN_BEFORE_END),
        runs=runs,
        next_at=None if last is None or last.ended_at is None else last.ended_at + RUN_EVERY,
        proof=proof,
        safes=tuple(desk.class_keys.safes()),
        counts=counts,
    )


def _row(one: RetentionClass, last: RetentionRun | None, oldest: date | None) -> ClassRow:
    return ClassRow(
        name=one.name,
        start=one.start,
        period=one.period,
        action=one.action,
        because=one.because,
        held=last.by_store.get(f"{one.name}.held", 0) if last else 0,
        oldest=oldest if one.name == "observations" else None,
    )


def _logged(unit: Unit, run: RetentionRun) -> RetentionRun:
    """Return the run with its report's place in the log, once the log's keeper has put it there."""
    query = AccessQuery(subject=f"retention_run:{run.id}", acts=("retention.run",), limit=1)
    found = unit.accesses.page(query).items
    is_it = bool(found) and found[0].record.facts.get("digest") == run.digest
    return replace(run, log_index=found[0].index) if is_it else run


def _oldest_day(desk: Desk) -> date | None:
    """Return the oldest day of readings still kept, None for none or one before our calendar."""
    days = desk.history.days()
    try:
        return date.fromisoformat(days[0][1]) if days else None
    except ValueError:
        return None
