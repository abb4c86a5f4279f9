"""Retention: what has been kept long enough is erased, from the first start on, a bounded piece at a time.

Each call erases at most a little of each kind and says whether there is more, so that whoever calls stays alive and
nobody waits long for the state's one writer. Bytes go before the rows that name them: a sweep that dies in between finds
the rows again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.observation import EPOCH
from impetus.desk.context import FINDINGS, OBSERVATIONS, Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation

CHUNK = 500
"""Alerts or pieces of evidence erased in one unit: some tens of milliseconds of the state's writer. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """How long each kind is kept."""

    observations: timedelta
    alerts: timedelta
    evidence: timedelta
    quarantine: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepReport:
    """What one call erased; `is_complete` when nothing that is due is left."""

    at: datetime
    partitions: int = 0
    readings: int = 0
    history_bytes: int = 0
    messages: int = 0
    alerts: int = 0
    evidence: int = 0
    quarantined: int = 0
    sessions: int = 0
    is_complete: bool = True

    @property
    def erased(self) -> int:
        """Return how many things were erased, of whatever kind."""
        return self.readings + self.messages + self.alerts + self.evidence + self.quarantined + self.sessions


def sweep(desk: Desk, actor: Actor, keep: Keep) -> SweepReport:
    """Erase what is due: readings by whole days of every class, messages of the bus, closed alerts, evidence, the rest.

    Open alerts are kept however old: somebody still has to look at them. To be called in the process that keeps history.
    """
    permit(desk, actor, Operation.RETENTION_SWEEP)
    at = desk.clock.now()
    swept = desk.history.sweep(_horizons(desk, before(at, keep.observations)))
    messages = desk.bus.trim(OBSERVATIONS, older_than=before(at, keep.observations))
    messages += desk.bus.trim(FINDINGS, older_than=before(at, keep.alerts))
    alerts = _erase_alerts(desk, before(at, keep.alerts))
    evidence = _erase_evidence(desk, before(at, keep.evidence))
    with desk.store.write() as unit:
        quarantined = unit.sources.erase_quarantine(before(at, keep.quarantine))
        sessions = unit.accounts.expire_sessions(at)
    return SweepReport(
        at=at,
        partitions=swept.partitions,
        readings=swept.rows,
        history_bytes=swept.bytes_,
        messages=messages,
        alerts=alerts,
        evidence=evidence,
        quarantined=quarantined,
        sessions=sessions,
        is_complete=max(alerts, evidence) < CHUNK,
    )


def before(at: datetime, span: timedelta) -> datetime:
    """Return the time this long ago, at the earliest 1970-01-01."""
    return max(EPOCH, at - span)


def _horizons(desk: Desk, horizon: datetime) -> Mapping[str, datetime]:
    """Give every class there is the same horizon, so that none is kept for ever by having been forgotten here."""
    return {retention: horizon for retention, _, _ in desk.history.days()}


def _erase_alerts(desk: Desk, horizon: datetime) -> int:
    """Erase some closed alerts and the evidence they list."""
    with desk.store.write() as unit:
        alerts = unit.alerts.erase_closed(horizon, limit=CHUNK)
        names = [evidence for alert in alerts for evidence in alert.evidence]
        unit.evidence.erase(names)
    # After the commit: evidence of an alert that is still there must not be missing. What a crash leaves here is older
    # than the evidence's horizon some day, and goes with it.
    desk.blobs.erase(names)
    return len(alerts)


def _erase_evidence(desk: Desk, horizon: datetime) -> int:
    """Erase some evidence by age, with or without a row that names it."""
    with desk.store.read() as unit:
        records = unit.evidence.older_than(horizon, limit=CHUNK)
    names = [record.id for record in records]
    left_behind = [] if names else list(desk.blobs.names(older_than=horizon)[:CHUNK])
    erased = desk.blobs.erase([*names, *left_behind])
    if names:
        with desk.store.write() as unit:
            unit.evidence.erase(names)
    return max(len(names), erased)
