"""Planting marks in every store of a scratch installation: one function a store."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from impetus.core.account import Account
from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertEntry, AlertState
from impetus.core.board import Quarantined, Rule
from impetus.core.evidence import EvidenceRecord
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import (
    AccountId,
    AlertId,
    DatastreamId,
    DatastreamKey,
    EvidenceId,
    FindingKey,
    IncidentId,
    Offset,
    SourceId,
    ThingKey,
    ToolId,
)
from impetus.core.incident import Decision, Incident, IncidentEntry, IncidentState
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.core.observation import Datastream, Source, batch_of, to_us
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS, OBSERVATIONS
from impetus.run.planting_acts import plant_action, plant_identity, plant_reveal
from impetus.run.planting_calls import plant_notice, plant_shift
from impetus.run.planting_ground import Field

TOOL = ToolId("proof")
GONE, HELD = SourceId("gone"), SourceId("held")
STREAMS: Mapping[SourceId, DatastreamId] = {GONE: DatastreamId(1), HELD: DatastreamId(2)}


def prepare(ground: Field) -> None:
    """Declare two sources of one datastream each: the readings of one will be held."""
    with ground.desk.store.write() as unit:
        for source in STREAMS:
            stream = Datastream(
                id=DatastreamId(0),
                key=DatastreamKey(f"{source}/t/p"),
                source=source,
                thing=ThingKey(f"{source}/t"),
                thing_name="T",
                observed_property="p",
                unit="1",
            )
            unit.sources.declare(Source(id=source, name=source, kind="http"), [stream])


def plant_incident(ground: Field, *, held: bool) -> None:
    """Plant marks in an incident: title, outcome, people, a note, a decision."""
    at, text = ground.at, ground.text(held=held)
    with ground.desk.store.write() as unit:
        incident = unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.CLOSED,
                title=text(),
                severity=Severity.MINOR,
                owner=text(),
                opened_at=at,
                opened_by=text(),
                changed_at=at,
                closed_at=at,
                outcome=text(),
            )
        )
        unit.incidents.record(IncidentEntry(incident=incident.id, at=at, event="note", who=text(), text=text()))
        unit.incidents.decide(
            Decision(
                id=0,
                incident=incident.id,
                at=at,
                who=text(),
                seen=text(),
                options=(text(), "wait"),
                choice=text(),
                reason=text(),
            )
        )
    if held:
        ground.subjects.add(f"incident:{incident.id}")


def plant_alert(ground: Field, *, held: bool) -> None:
    """Plant marks in a closed alert: its words, its history, its finding, its evidence."""
    at, text = ground.at, ground.text(held=held)
    name, inside = EvidenceId(text()), text()
    ground.desk.blobs.put(name, inside.encode())
    ground.blobs[name] = inside
    finding = Finding(
        key=FindingKey(text()),
        tool=TOOL,
        kind=Kind.ANOMALY,
        subject=text(),
        headline=Phrase(template=text()),
        why=Phrase(template="{x}", values={"x": text()}),
        began=at,
        noticed=at,
        severity=Severity.MINOR,
    )
    with ground.desk.store.write() as unit:
        alert = unit.alerts.add(_alert(finding, name, at))
        unit.findings.add(finding, alert.id)
        entry = AlertEntry(alert=alert.id, at=at, event="note", who=text(), why=text(), detail={"x": text()})
        unit.alerts.record(entry)
        record = EvidenceRecord(
            id=name, finding=finding.key, media_type="application/json", bytes_=len(inside), stored_at=at
        )
        unit.evidence.add(record)
    if held:
        ground.subjects.add(f"alert:{alert.id}")


def _alert(finding: Finding, evidence: EvidenceId, at: datetime) -> Alert:
    """Return a closed alert that says what a finding says."""
    return Alert(
        id=AlertId(0),
        fingerprint=finding.subject,
        content_hash="h",
        version=0,
        state=AlertState.CLOSED,
        kind=finding.kind,
        tools=(TOOL,),
        subject=finding.subject,
        headline=finding.headline,
        why=finding.why,
        severity=Severity.MINOR,
        urgency=Urgency.PAST,
        certainty=Certainty.LIKELY,
        score=0.5,
        one_in=None,
        began=at,
        last_at=at,
        raised_at=at,
        changed_at=at,
        evidence=(evidence,),
    )


def plant_refused(ground: Field, *, held: bool) -> None:
    """Plant marks in a refused record."""
    source, text = HELD if held else GONE, ground.text(held=held)
    record = Quarantined(id=0, source=source, at=ground.at, rule=Rule.MALFORMED, detail=text(), record=text().encode())
    with ground.desk.store.write() as unit:
        unit.sources.quarantine([record])
    _hold_source(ground, held=held)


def plant_readings(ground: Field, *, held: bool) -> None:
    """Plant a mark as a reading in history, with the newest values beside it."""
    stream = STREAMS[HELD if held else GONE]
    batch = batch_of([stream], [to_us(ground.at)], [ground.marks.number(held=held)])
    history = ground.desk.history
    history.append(batch, "observations", through=Offset(history.through() + 1))
    history.flush()
    _hold_source(ground, held=held)


def plant_messages(ground: Field, *, held: bool) -> None:
    """Plant marks on the bus: copies, which no hold keeps."""
    del held
    batch = batch_of([STREAMS[GONE]], [to_us(ground.at)], [ground.marks.number(held=False)])
    ground.desk.bus.publish(OBSERVATIONS, [ground.desk.columns.encode(batch)])
    for topic in (FINDINGS, "other"):
        ground.desk.bus.publish(topic, [ground.marks.text(held=False).encode()])


def plant_small_rows(ground: Field, *, held: bool) -> None:
    """Plant marks in what screens were told and in the account of somebody who left."""
    del held
    at, text = ground.at, ground.text(held=False)
    with ground.desk.store.write() as unit:
        unit.outbox.add(at, "alert", text(), {"headline": text()})
        account = Account(
            id=AccountId(0),
            name=text(),
            role=Role.OPERATOR,
            password_hash=text(),
            created_at=at,
            must_change=True,
            disabled_at=at,
        )
        unit.accounts.add(account)


def plant_log(ground: Field, *, held: bool) -> None:
    """Plant marks in the private parts of a log record."""
    del held
    text = ground.text(held=False)
    record = LogRecord(
        at=ground.at,
        who=text(),
        role="operator",
        act="alert.close",
        outcome=Outcome.DONE,
        processing=Processing.CONSULTATION,
        why=text(),
        recipient=text(),
        subject="alert:1",
    )
    ground.desk.journal.write([record])


def plant_files(ground: Field, *, held: bool) -> None:
    """Plant marks in the files beside the stores: a tool's snapshot, a text log, something half written."""
    del held
    names = ("tools/proof/snapshot", "log/proof.log", "blobs/.half.new")
    for name in names:
        path = ground.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab") as file:
            file.write(ground.marks.text(held=False).encode())
        os.utime(path, (ground.at.timestamp(), ground.at.timestamp()))


def _hold_source(ground: Field, *, held: bool) -> None:
    if held:
        since, until = ground.at - timedelta(hours=1), ground.at + timedelta(hours=1)
        ground.subjects.add(f"source:{HELD}@{since.isoformat()}/{until.isoformat()}")


PLANTERS: tuple[Callable[..., None], ...] = (
    plant_incident,
    plant_alert,
    plant_refused,
    plant_readings,
    plant_messages,
    plant_small_rows,
    plant_log,
    plant_files,
    plant_reveal,
    plant_identity,
    plant_action,
    plant_notice,
    plant_shift,
)
HELD_EVERY = 4
"""Rounds from one that is planted under holds to the next."""


def plant(ground: Field, count: int) -> None:
    """Plant at least so many marks that no hold keeps, in every store in turn, and others under holds between them."""
    prepare(ground)
    number = 0
    while ground.marks.count(held=False) < count or number < HELD_EVERY:
        for planter in PLANTERS:
            planter(ground, held=number % HELD_EVERY == HELD_EVERY - 1)
        number += 1
