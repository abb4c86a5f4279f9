"""What erases: one function a store, each a bounded piece of work that a hold can stop and a kill cannot harm.

Bytes go before the rows that name them, except with an alert, whose page must never miss evidence it still lists: what a
kill leaves there is older than its time some day, and goes then. What is covered by a hold is counted and left; covered
evidence is sealed again under the hold's own key, so that the key of its day can be destroyed for everything else.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from impetus.core.alert import Alert
from impetus.core.errors import Unknown
from impetus.core.evidence import EvidenceRecord
from impetus.core.ids import AlertId, EvidenceId, IncidentId, SourceId
from impetus.core.retention import Hold
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.gate_watch import ACTIONS_KEPT, PLANTS_KEPT, READ_IN_KEPT
from impetus.desk.held_cases import held_cases
from impetus.desk.holds import cover_now
from impetus.ethics.retention import DAY, SCREENS, Cover, Keep, held_kind, horizon, standings_kept
from impetus.ports import Spared, Unit

CHUNK = 200
"""Alerts or pieces of evidence erased in one unit: some tens of milliseconds of the state's writer. Measured."""
PARTITIONS = 1
"""Days of readings changed at once: removing one takes milliseconds, writing one anew up to a second. House rule."""
ROWS = 5_000
"""Small rows (changes, refused records) erased in one unit: some tens of milliseconds. House rule."""

Item = TypeVar("Item")
Position = TypeVar("Position")


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """What became of one store: how much went, how much is held, and whether nothing else is due."""

    gone: int = 0
    held: int = 0
    is_complete: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What every eraser is told: how long things are kept, the time, and what holds cover."""

    desk: Desk
    keep: Keep
    at: datetime
    cover: Cover

    def still(self, unit: Unit) -> bool:
        """Say whether the holds are, in this unit, what they were when the task was set: a new hold wins."""
        return cover_now(unit, self.at) == self.cover


def erase_readings(task: Task) -> Piece:
    """Erase readings by whole days of every class there is, so that none is kept for ever by having been forgotten here."""
    before = horizon(task.at, task.keep.observations)
    spared = [Spared(datastreams=span.datastreams, since=span.since, until=span.until) for span in task.cover.spans]
    horizons = {retention: before for retention, _, _ in task.desk.history.days()} or {"observations": before}
    swept = task.desk.history.sweep(horizons, spared=spared, limit=PARTITIONS)
    return Piece(gone=swept.rows, held=swept.held, is_complete=swept.is_complete)


def erase_messages(task: Task, topic: str) -> Piece:
    """Drop old messages of a topic. Copies of what history and state keep go even when a consumer stands still."""
    is_copy = topic in (OBSERVATIONS, FINDINGS)
    findings = min(task.keep.alerts, task.keep.evidence)
    period = {OBSERVATIONS: task.keep.observations, FINDINGS: findings}.get(topic, min(DAY, findings))
    return Piece(gone=task.desk.bus.trim(topic, older_than=horizon(task.at, period), even_held=is_copy))


def erase_alerts(task: Task) -> Piece:
    """Erase some closed alerts with the evidence they list; open ones stay: somebody still has to look at them."""
    desk, before = task.desk, horizon(task.at, task.keep.alerts)
    with desk.store.read() as unit:
        due, held = _sorted_out(
            lambda after: unit.alerts.closed_before(before, after=after, limit=CHUNK),
            lambda alert: (alert.changed_at, alert.id),
            lambda alert: _hold_on(task.cover, alert),
        )
    if not due:
        return Piece(held=len(held))
    with desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        gone = unit.alerts.erase_closed(before, among=[alert.id for alert in due])
        for month, counted in _counted(gone).items():
            unit.retention_runs.count(month, counted)
        names = [evidence for alert in gone for evidence in alert.evidence]
        unit.evidence.erase(names)
    desk.blobs.erase(names)
    return Piece(gone=len(gone), held=len(held), is_complete=len(due) < CHUNK)


def erase_evidence(task: Task) -> Piece:
    """Erase some evidence by age, with or without a row that names it; seal held evidence under its hold's key."""
    desk, before = task.desk, horizon(task.at, task.keep.evidence)
    with desk.store.read() as unit:
        due, held = _sorted_out(
            lambda after: unit.evidence.older_than(before, after=after, limit=CHUNK),
            lambda record: (record.stored_at, record.id),
            lambda record: _hold_on_evidence(unit, task.cover, record),
        )
        is_same = task.still(unit)
        left_behind = [] if len(due) == CHUNK else _without_row(unit, desk.blobs.names(older_than=before))
    for record, hold in held:
        desk.blobs.reseal([record.id], held_kind(hold.id))
    if not is_same:
        return Piece(held=len(held), is_complete=False)
    names = [record.id for record in due]
    erased = desk.blobs.erase([*names, *left_behind])
    if names:
        with desk.store.write() as unit:
            unit.evidence.erase(names)
    is_complete = max(len(due), len(left_behind)) < CHUNK
    return Piece(gone=max(len(names), erased), held=len(held), is_complete=is_complete)


def erase_incidents(task: Task) -> Piece:
    """Erase some closed incidents that no alert belongs to any more, with timelines and decisions."""
    before = horizon(task.at, task.keep.incidents)
    with task.desk.store.read() as unit:
        due, held = _sorted_out(
            lambda after: unit.incidents.closed_before(before, after=after, limit=CHUNK),
            lambda incident: (incident.closed_at or before, incident.id),
            lambda incident: task.cover.of_incident(incident.id),
        )
    if not due:
        return Piece(held=len(held))
    with task.desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        gone = unit.incidents.erase_closed(before, among=[IncidentId(incident.id) for incident in due])
    return Piece(gone=gone, held=len(held), is_complete=len(due) < CHUNK)


def erase_refused(task: Task) -> Piece:
    """Erase some refused records, but those of a held source and span."""
    before = horizon(task.at, task.keep.quarantine)
    spared = [(SourceId(span.source), span.since, span.until) for span in task.cover.spans if span.source]
    with task.desk.store.read() as unit:
        due = unit.sources.quarantined_before(before)
    if not due:
        return Piece()
    with task.desk.store.write() as unit:
        if not task.still(unit):
            return Piece(is_complete=False)
        gone = unit.sources.erase_quarantine(before, limit=ROWS, spared=spared)
    return Piece(gone=gone, held=due - gone if gone < ROWS else 0, is_complete=gone < ROWS)


def erase_standings(task: Task) -> Piece:
    """Make one file of each day that is over of how datastreams stood, and erase those whose time has passed."""
    task.desk.standings.settle(task.at)
    return Piece(gone=task.desk.standings.sweep(horizon(task.at, standings_kept(task.keep))))


def erase_changes(task: Task) -> Piece:
    """Erase what screens were told longer ago than any screen comes back for."""
    before = horizon(task.at, min(SCREENS, task.keep.alerts))
    return _small(task, lambda unit: unit.outbox.erase_before(before, limit=ROWS))


def erase_sessions(task: Task) -> Piece:
    """Erase sessions that have expired."""
    return _small(task, lambda unit: unit.accounts.expire_sessions(task.at))


def erase_departed(task: Task) -> Piece:
    """Erase accounts and tokens of those who left long ago."""
    before = horizon(task.at, task.keep.accounts)
    return _small(task, lambda unit: unit.accounts.erase_departed(before, limit=CHUNK))


def erase_holds(task: Task) -> Piece:
    """Erase holds that ended long ago."""
    before = horizon(task.at, task.keep.incidents)
    return _small(task, lambda unit: unit.holds.erase_ended(before, limit=CHUNK))


def erase_actions(task: Task) -> Piece:
    """Erase ended proposals and samples with their histories but those of a held case, and disclosed tests, after their periods."""
    with task.desk.store.read() as unit:
        cases = [IncidentId(case) for case in held_cases(unit, task.cover)]
        before = horizon(task.at, ACTIONS_KEPT)
        held = unit.actions.done_before(before, cases) + unit.custody.over_before(before, cases)
        if not task.still(unit):
            return Piece(is_complete=False)
    erased = _small(
        task,
        lambda unit: (
            unit.actions.erase_done(horizon(task.at, ACTIONS_KEPT), limit=CHUNK, spared=cases)
            + unit.custody.erase_over(horizon(task.at, ACTIONS_KEPT), limit=CHUNK, spared=cases)
            + unit.plants.erase_done(horizon(task.at, PLANTS_KEPT))
            + unit.effects.erase_over(horizon(task.at, ACTIONS_KEPT), limit=CHUNK)
            + unit.warnings.erase_over(horizon(task.at, ACTIONS_KEPT), limit=CHUNK)
            + unit.warnings.erase_read_in(horizon(task.at, READ_IN_KEPT), limit=CHUNK)
        ),
    )
    return replace(erased, held=held)


def erase_openings(task: Task) -> Piece:
    """Erase who looked at what, in words, once its time is over; the log's entries are commitments and stay longer."""
    before = horizon(task.at, task.keep.openings)
    return _small(task, lambda unit: unit.accesses.erase_before(before, limit=ROWS))


def _small(task: Task, erase: Callable[[Unit], int]) -> Piece:
    """Erase small rows no hold covers, in one unit."""
    with task.desk.store.write() as unit:
        gone = erase(unit)
    return Piece(gone=gone, is_complete=gone < CHUNK)


def _sorted_out(
    page: Callable[[Position | None], Sequence[Item]],
    position: Callable[[Item], Position],
    hold_on: Callable[[Item], Hold | None],
) -> tuple[list[Item], list[tuple[Item, Hold]]]:
    """Return up to a chunk of what is due, and what is due but held, walking past the held ones."""
    due: list[Item] = []
    held: list[tuple[Item, Hold]] = []
    after: Position | None = None
    while len(due) < CHUNK:
        items = page(after)
        for item in items:
            hold = hold_on(item)
            if hold is not None:
                held.append((item, hold))
            elif len(due) < CHUNK:
                due.append(item)
        if len(items) < CHUNK:
            break
        after = position(items[-1])
    return due, held


def _hold_on(cover: Cover, alert: Alert) -> Hold | None:
    """Return the hold on an alert."""
    return cover.of_alert(alert.id, alert.incident, alert.datastreams, alert.began, alert.last_at)


def _hold_on_evidence(unit: Unit, cover: Cover, record: EvidenceRecord) -> Hold | None:
    """Return the hold on the alert a piece of evidence belongs to."""
    if cover == Cover():
        return None
    number = unit.findings.alert_of(record.finding)
    if number is None:
        return None
    try:
        return _hold_on(cover, unit.alerts.get(AlertId(number)))
    except Unknown:
        return None


def _without_row(unit: Unit, names: Sequence[str]) -> list[str]:
    """Return some blobs that no row names."""
    found: list[str] = []
    for start in range(0, len(names), CHUNK):
        some = names[start : start + CHUNK]
        known = unit.evidence.known([EvidenceId(name) for name in some])
        found.extend(name for name in some if name not in known)
        if len(found) >= CHUNK:
            break
    return found[:CHUNK]


def _counted(alerts: Iterable[Alert]) -> dict[str, Counter[str]]:
    """Return how many alerts of a tool and verdict were raised in each month: all that stays of them."""
    months: dict[str, Counter[str]] = {}
    for alert in alerts:
        verdict = alert.verdict.value if alert.verdict else "no verdict"
        names = months.setdefault(f"{alert.raised_at:%Y-%m}", Counter())
        names.update(f"alerts: {tool}: {verdict}" for tool in dict.fromkeys(alert.tools))
    return months
