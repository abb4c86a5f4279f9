"""Planted test alerts: an old, closed alert whose truth is known is told again, as if it happened now.

Why: who sees a tool be right a hundred times looks less closely the next time. A planted alert keeps looking alive and shows,
for everybody together, how often a wrong suggestion is caught.

Rules (record 0013): it looks real until somebody judged it, then everybody sees at once what it was, in violet; half an hour
unanswered, it is disclosed as well; it never claims more than moderate severity; it waits while there is much to do; no
finding joins it; an incident of planted alerts alone reaches no effector; log and figures know it from the first moment; no
name stands beside what was said; that this is done is on the workers' page and agreed with their council.

**Source**: AI Act, article 14(4)(b): remaining aware of automation bias; article 26(7): workers are told beforehand.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from impetus.core.actor import Actor, platform
from impetus.core.alert import Alert, AlertEntry, AlertState, Verdict
from impetus.core.attention import Because
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.evidence import Evidence, EvidenceRecord
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, EvidenceId, FindingKey
from impetus.core.log_record import Processing
from impetus.core.plant import FINGERPRINT, Plant, is_planted
from impetus.desk.access import access_evidence
from impetus.desk.action_step import person_of
from impetus.desk.context import Desk
from impetus.desk.decision_figures import count_plant, count_verdict
from impetus.desk.flood import call
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import announce, words
from impetus.ethics.guard import Operation
from impetus.ports import Unit

PLANTS = platform("fusion")
"""In whose name a planted alert is raised: fusion's, like every other, until it is disclosed."""
KNOWN = frozenset({Verdict.CONFIRMED, Verdict.FALSE_ALARM, Verdict.BENIGN})
MILD = frozenset({Severity.MINOR, Severity.MODERATE})
"""Severities a planted alert may have: nobody runs for a test. House rule."""
MOST_OPEN = 3
LATEST = timedelta(days=14)
UNANSWERED = timedelta(minutes=30)
BUSY_PER_10_MIN = 2
"""Alerts in ten minutes above which a planted one waits: "manageable" ends there, EEMUA 191."""
TEN_MINUTES = timedelta(minutes=10)
RAISED, DISCLOSED = "raise", "plant"
MEDIA_TYPE = "application/json"


def plan(desk: Desk, actor: Actor, source: AlertId, *, due: datetime, why: str) -> Plant:
    """Plan to tell a closed alert again at a time; its verdict is what looking closely should find."""
    permit(desk, actor, Operation.PLANTS_MANAGE, on=f"alert:{source}")
    person_of(actor)
    at, why = desk.clock.now(), words(why, "the reason", needed=True)
    if due.tzinfo is None or not at <= due.astimezone(UTC) <= at + LATEST:
        raise Malformed(
            f"a test at {due}", value=str(due), limit=f"within {LATEST.days} days from now", remedy="choose a time"
        )
    with desk.store.write() as unit:
        expected = _truth(unit.alerts.get(source))
        if len(unit.plants.open()) >= MOST_OPEN:
            raise Conflict(
                f"{MOST_OPEN} tests are planned already", value=MOST_OPEN, limit=MOST_OPEN, remedy="wait for one"
            )
        plant = unit.plants.add(
            Plant(id=0, source=source, expected=expected, due=due, planned_by=actor.name, planned_at=at, why=why)
        )
        _note(desk, actor, "plan", plant)
        return plant


def cancel(desk: Desk, actor: Actor, plant_id: int) -> Plant:
    """Take a test back that was not raised yet."""
    permit(desk, actor, Operation.PLANTS_MANAGE, on=f"plant:{plant_id}")
    with desk.store.write() as unit:
        plant = unit.plants.get(plant_id)
        if plant.alert is not None or plant.cancelled_at is not None:
            raise Conflict(f"test {plant_id} is not waiting", value=plant_id, remedy="reload")
        cancelled = replace(plant, cancelled_at=desk.clock.now())
        unit.plants.replace(cancelled)
        _note(desk, actor, "cancel", cancelled)
        return cancelled


def plants(desk: Desk, actor: Actor) -> Sequence[Plant]:
    """Return planned and past tests, newest first: what was said, never by whom."""
    permit(desk, actor, Operation.PLANTS_MANAGE)
    with desk.store.read() as unit:
        return unit.plants.all()


def tend(desk: Desk) -> int:
    """Raise what is due, unless there is much to do, and disclose what nobody answered; return how many changed."""
    permit(desk, PLANTS, Operation.ALERTS_RAISE)
    at = desk.clock.now()
    with desk.store.read() as unit:
        waiting = unit.plants.open()
        is_busy = unit.alerts.raised_between(at - TEN_MINUTES, at) >= BUSY_PER_10_MIN
    due = [plant for plant in waiting if plant.alert is None and plant.due <= at and not is_busy][:1]
    old = [plant for plant in waiting if plant.raised_at is not None and at - plant.raised_at >= UNANSWERED]
    return sum(_raised(desk, plant, at) for plant in due) + sum(_unanswered(desk, plant, at) for plant in old)


def disclose(desk: Desk, unit: Unit, alert: Alert, verdict: Verdict | None, *, at: datetime) -> Alert:
    """Show everybody that an alert was a planted test, in the unit in which it was judged; a real one stays as it is."""
    if not is_planted(alert):
        return alert
    plant = unit.plants.of_alert(alert.id)
    if plant is None or plant.disclosed_at is not None:
        return alert
    told = replace(plant, disclosed_at=at, verdict=verdict)
    unit.plants.replace(told)
    count_plant(unit, verdict, plant.expected, at=at)
    shown = unit.alerts.replace(replace(alert, simulated=True))
    detail: dict[str, str | int | float] = {
        "expected": plant.expected.value,
        "source": plant.source,
        "version": shown.version,
    }
    unit.alerts.record(
        AlertEntry(alert=alert.id, at=at, event=DISCLOSED, who=PLANTS.name, state=shown.state, detail=detail)
    )
    announce(unit, shown, at, sound=False)
    _note(desk, PLANTS, "disclose", told)
    return shown


def judged(desk: Desk, unit: Unit, before: Alert, after: Alert, actor: Actor, shown: datetime | None) -> Alert:
    """Count the first verdict on an alert, disclose a planted one, and return the alert as it then stands."""
    if after.verdict is None:
        return after
    if before.verdict is None and not is_planted(after) and actor.account is not None:
        count_verdict(unit, after.verdict, actor.account, shown=shown, at=after.changed_at)
    return disclose(desk, unit, after, after.verdict, at=after.changed_at)


def plant_of(desk: Desk, actor: Actor, alert: AlertId) -> Plant | None:
    """Return the test an alert was, once it is disclosed; before that it is as real as any."""
    permit(desk, actor, Operation.ALERTS_READ, on=f"alert:{alert}")
    with desk.store.read() as unit:
        plant = unit.plants.of_alert(alert)
    return plant if plant is not None and plant.disclosed_at is not None else None


def _truth(source: Alert) -> Verdict:
    """Return what an alert turned out to be; refuses one that is open, unclear, severe, or a test itself."""
    if source.state is AlertState.CLOSED and source.verdict in KNOWN and source.severity in MILD:
        if not is_planted(source):
            return source.verdict
        raise Malformed(f"alert {source.id} was a test itself", value=source.id, remedy="choose a real one")
    raise Malformed(
        f"alert {source.id} is {source.state}, {source.verdict}, {source.severity}",
        value=source.id,
        limit="closed; confirmed, false alarm or benign; minor or moderate",
        remedy="choose one whose truth is known and for which nobody has to run",
    )


def _raised(desk: Desk, plant: Plant, at: datetime) -> bool:
    """Raise a planned test; one whose source was erased meanwhile is cancelled."""
    try:
        with desk.store.read() as unit:
            source = unit.alerts.get(plant.source)
            findings = unit.findings.of_alert(plant.source, limit=1)
    except Unknown:
        with desk.store.write() as unit:
            unit.plants.replace(replace(plant, cancelled_at=at))
        return True
    shift = at - source.raised_at
    copies = _evidence(desk, plant, source, shift)
    with desk.store.write() as unit:
        if unit.plants.get(plant.id).alert is not None:
            return False
        for record in copies:
            unit.evidence.add(record)
        alert = unit.alerts.add(_again(source, plant, shift, tuple(record.id for record in copies), at))
        for finding in findings:
            copy = replace(finding, key=FindingKey(f"{FINGERPRINT}{plant.id}"), began=finding.began + shift)
            unit.findings.add(replace(copy, noticed=finding.noticed + shift, ended=None), alert.id)
        detail: dict[str, str | int | float] = {
            "tool": str(source.tools[0]) if source.tools else "",
            "version": alert.version,
        }
        unit.alerts.record(
            AlertEntry(alert=alert.id, at=at, event=RAISED, who=PLANTS.name, state=alert.state, detail=detail)
        )
        raised = replace(plant, alert=alert.id, raised_at=at)
        unit.plants.replace(raised)
        call(unit, alert, at, because=Because.NEW)
        announce(unit, alert, at, sound=True, paced=True)
        _note(desk, PLANTS, "raise", raised)
    return True


def _again(source: Alert, plant: Plant, shift: timedelta, evidence: tuple[EvidenceId, ...], at: datetime) -> Alert:
    """Return the alert as it is told again: the same words, the times moved, nobody's yet."""
    return replace(
        source,
        id=AlertId(0),
        fingerprint=f"{FINGERPRINT}{plant.id}",
        version=0,
        state=AlertState.NEW,
        began=source.began + shift,
        last_at=at,
        raised_at=at,
        changed_at=at,
        repeats=0,
        evidence=evidence,
        owner=None,
        offered_to=None,
        verdict=None,
        shelved_until=None,
        incident=None,
        joined=(),
    )


def _evidence(desk: Desk, plant: Plant, source: Alert, shift: timedelta) -> list[EvidenceRecord]:
    """Store the evidence with its times moved, bytes before rows; what was erased when its time was over is left out."""
    records: list[EvidenceRecord] = []
    for place, found in enumerate(access_evidence(desk, PLANTS, source.evidence, on=f"alert:{source.id}")):
        if found is None:
            continue
        finding = FindingKey(f"{FINGERPRINT}{plant.id}:{place}")
        body = desk.codec.encode_evidence(_moved(found, finding, shift))
        copy = EvidenceId(f"plant-{plant.id}-{place}")
        desk.blobs.put(copy, body)
        records.append(
            EvidenceRecord(
                id=copy, finding=finding, media_type=MEDIA_TYPE, bytes_=len(body), stored_at=desk.clock.now()
            )
        )
    return records


def _moved(evidence: Evidence, finding: FindingKey, shift: timedelta) -> Evidence:
    """Return evidence as if it had been measured later."""
    by_us = shift // timedelta(microseconds=1)
    series = tuple(
        replace(each, time_us=np.asarray(each.time_us + by_us, dtype=np.int64), from_us=each.from_us + by_us)
        for each in evidence.series
    )
    return replace(evidence, finding=finding, series=series)


def _unanswered(desk: Desk, plant: Plant, at: datetime) -> bool:
    """Disclose a test that nobody judged in time; it counts as not found."""
    if plant.alert is None:
        return False
    with desk.store.write() as unit:
        try:
            disclose(desk, unit, unit.alerts.get(plant.alert), None, at=at)
        except Unknown:
            unit.plants.replace(replace(plant, disclosed_at=at))
    return True


def _note(desk: Desk, actor: Actor, verb: str, plant: Plant) -> None:
    """Write it into the log, where a test is a test from the first moment on."""
    note_done(
        desk,
        actor,
        f"plant.{verb}",
        f"alert:{plant.alert or plant.source}",
        processing=Processing.CONTROL,
        facts={"planted": True, "plant": plant.id, "expected": plant.expected.value},
    )
