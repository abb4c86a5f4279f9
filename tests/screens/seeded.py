"""A seeded installation that resembles the square: real store, real history, real evidence, a clock that runs from a set time."""

import shutil
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

from impetus.adapters.parquet_history import ParquetHistory
from impetus.core.actor import Actor, Role
from impetus.core.alert import Alert, AlertEntry, AlertEvent, AlertState, Verdict
from impetus.core.board import PartState, PartStatus, Rule
from impetus.core.evidence import Evidence, EvidenceRecord, SeriesEvidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import AlertId, DatastreamId, EvidenceId, FindingKey, Offset, SourceId, ToolId, ZoneId
from impetus.core.observation import Batch, Datastream, Source, to_us
from impetus.core.text import Phrase
from impetus.demo.camera import DrawnCameras
from impetus.demo.draw import PLACE_FILE
from impetus.demo.generator import Square
from impetus.demo.script import Script
from impetus.demo.streams import declaration, streams
from impetus.desk import accounts, incidents, triage
from impetus.desk.context import Desk
from impetus.desk.decide import decide
from impetus.desk.declare_source import declare, read_document
from impetus.settings import Settings
from impetus.testing.blobs import MemoryBlobs
from impetus.testing.bus import MemoryBus
from impetus.testing.desk import memory_desk
from impetus.testing.keys import PlainKeys

START = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)
"""A Saturday, 14:07:32 in Oslo."""
OSLO = ZoneInfo("Europe/Oslo")
PAST = timedelta(hours=6)
BEGAN = START - timedelta(seconds=366)
CONSOLE = Actor(name="console", role=Role.ADMINISTRATOR)
BAND_SHARE = 0.98


class RunningClock:
    """Port `Clock` that runs at the pace of the world from a set time."""

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._zero_s = time.monotonic()

    def now(self) -> datetime:
        """Return the set time plus what has passed."""
        return self._start + timedelta(seconds=time.monotonic() - self._zero_s)

    def move(self, span: timedelta) -> None:
        """Set the clock forward, or back."""
        self._start += span

    def monotonic_s(self) -> float:
        """Return seconds that never go back."""
        return time.monotonic()


@dataclass(slots=True, kw_only=True)
class Seeded:
    """The installation: what a test needs to act from behind the screen."""

    desk: Desk
    settings: Settings
    datastreams: dict[str, Datastream]
    readings: Batch


def seeded(home: Path, *, quiet: bool = False) -> Seeded:
    """Return the square at 14:07:32 with six hours behind it; `quiet` leaves out the alerts."""
    home.mkdir(parents=True, exist_ok=True)
    with resources.as_file(resources.files("impetus.demo") / PLACE_FILE) as plan:
        shutil.copyfile(plan, home / "place.geojson")
    settings = Settings(
        home=home, site="Oslo · City Hall Square", timezone="Europe/Oslo", simulated=True, language="en"
    )
    clock = RunningClock(START)
    desk = replace(
        memory_desk(START),
        bus=MemoryBus(clock),
        history=ParquetHistory(home / "history"),
        blobs=MemoryBlobs(PlainKeys(), clock),
        clock=clock,
        media=DrawnCameras(),
    )
    found = {one.key: one for one in declare(desk, CONSOLE, read_document(declaration()))}
    readings = _readings({key: one.id for key, one in found.items()})
    desk.history.append(readings, "observations", through=Offset(1))
    desk.history.flush()
    town = Seeded(
        desk=desk, settings=settings, datastreams={str(key): one for key, one in found.items()}, readings=readings
    )
    _parts(town)
    _other_sources(town)
    if not quiet:
        _alerts(town)
    return town


def _readings(ids: dict[str, int]) -> Batch:
    square = Square(seed=7, zone=OSLO, script=Script(begin_us=to_us(BEGAN)), streams=streams(), ids=ids)
    return square.readings(to_us(START - PAST), to_us(START))


def _parts(town: Seeded) -> None:
    rows = (
        ("urban_anomaly", PartState.RUNNING, 7.2, 96.0),
        ("fusion", PartState.RUNNING, 0.3, 71.0),
        ("web", PartState.RUNNING, 4.0, 120.0),
        ("ingest", PartState.RUNNING, 7.2, 88.0),
        ("keeper", PartState.RUNNING, 7.2, 105.0),
    )
    with town.desk.store.write() as unit:
        for part, state, rate_per_s, memory_mib in rows:
            unit.parts.report(
                PartStatus(
                    part=ToolId(part),
                    state=state,
                    started_at=START - timedelta(hours=31),
                    seen_at=START,
                    rate_per_s=rate_per_s,
                    memory_mib=memory_mib,
                    memory_limit_mib=512.0,
                )
            )


def _other_sources(town: Seeded) -> None:
    """Add two more sources, one of which has fallen silent."""
    with town.desk.store.write() as unit:
        unit.sources.count(SourceId("square"), {Rule.ACCEPTED: len(town.readings), Rule.DUPLICATE: 14}, START)
        unit.sources.declare(Source(id=SourceId("weather"), name="Weather service", kind="http", freshness_s=600.0), [])
        unit.sources.count(SourceId("weather"), {Rule.ACCEPTED: 812}, START - timedelta(minutes=21))


def _alerts(town: Seeded) -> None:
    crowd = raise_alert(
        town,
        Phrase(
            template="{things} counters in {zone} far above normal together",
            values={"things": 4, "zone": "the south-east"},
        ),
        Phrase(
            template="{measured} people/m² measured, {low} to {high} expected at this time of day; 1 in {one_in} readings of this sensor is this far off",
            values={"measured": 3.5, "low": 1.1, "high": 1.7, "one_in": 900},
        ),
        keys=(
            "square/p12/people_density",
            "square/p16/people_density",
            "square/p11/people_density",
            "square/p8/people_density",
        ),
        began=START - timedelta(seconds=341),
        severity=Severity.MODERATE,
        subject="zone:south-east",
        zone="south-east",
        one_in=900.0,
        score=0.86,
        repeats=3,
    )
    raise_alert(
        town,
        Phrase(
            template="Camera {thing} dark, its switch logged {count} failed sign-ins a minute",
            values={"thing": "C11", "count": 55},
        ),
        Phrase(
            template="0 pictures/s measured, 24 to 26 expected; joined to failed sign-ins at switch {switch}, {metres} m away, {seconds} s before: {percent} % by chance",
            values={"switch": "S3", "metres": 11, "seconds": 15, "percent": 0.2},
        ),
        keys=("square/c11/frame_rate", "square/s3/failed_logins", "square/s3/packets"),
        began=START - timedelta(seconds=262),
        severity=Severity.SEVERE,
        subject="thing:square/c11",
        zone="south-east",
        one_in=21_000.0,
        score=0.97,
        tools=("urban_anomaly", "fusion"),
    )
    raise_alert(
        town,
        Phrase(template="Airborne bacteria far above normal at {thing}", values={"thing": "air sampler A2"}),
        Phrase(
            template="{measured} per m³ measured, {low} to {high} expected at this time of day; 1 in {one_in} readings of this sensor is this far off",
            values={"measured": "1 750", "low": 190, "high": 340, "one_in": 2600},
        ),
        keys=("square/a2/airborne_bacteria", "square/a3/airborne_bacteria"),
        began=START - timedelta(seconds=118),
        severity=Severity.MODERATE,
        subject="thing:square/a2",
        zone="north-east",
        one_in=2600.0,
        score=0.91,
    )
    shelved = raise_alert(
        town,
        Phrase(template="Tram delay far above normal at {thing}", values={"thing": "tram stop T1"}),
        Phrase(
            template="{measured} s measured, {low} to {high} s expected",
            values={"measured": 410, "low": -20, "high": 180},
        ),
        keys=("square/t1/tram_delay",),
        began=START - timedelta(hours=2, minutes=11),
        severity=Severity.MINOR,
        subject="thing:square/t1",
        zone="north-west",
    )
    _settle(town, shelved, AlertState.SHELVED, None)
    _past(town)
    del crowd


def _past(town: Seeded) -> None:
    """Add what was settled this morning, so that the tool has a record."""
    verdicts = (Verdict.CONFIRMED, Verdict.FALSE_ALARM, Verdict.CONFIRMED, Verdict.BENIGN, Verdict.FALSE_ALARM)
    for number, verdict in enumerate(verdicts):
        old = raise_alert(
            town,
            Phrase(
                template="Sound level far above normal at {thing}", values={"thing": f"noise meter N{1 + number % 3}"}
            ),
            Phrase(
                template="{measured} dB(A) measured, {low} to {high} expected",
                values={"measured": 78, "low": 55, "high": 66},
            ),
            keys=(f"square/n{1 + number % 3}/sound_level",),
            began=START - timedelta(hours=5.1 - 0.9 * number),
            severity=Severity.MINOR,
            subject=f"thing:square/n{number}",
            zone="quay",
        )
        _settle(town, old, AlertState.CLOSED, verdict)


def _settle(town: Seeded, alert: Alert, state: AlertState, verdict: Verdict | None) -> None:
    until = START + timedelta(hours=1) if state is AlertState.SHELVED else None
    with town.desk.store.write() as unit:
        unit.alerts.replace(replace(alert, state=state, verdict=verdict, shelved_until=until))


def raise_alert(  # noqa: PLR0913 - an alert has this many parts
    town: Seeded,
    headline: Phrase,
    why: Phrase,
    *,
    keys: tuple[str, ...],
    began: datetime,
    severity: Severity,
    subject: str,
    zone: str,
    one_in: float | None = None,
    score: float = 0.7,
    repeats: int = 0,
    tools: tuple[str, ...] = ("urban_anomaly",),
) -> Alert:
    """Store an alert with its finding, evidence and history, as fusion would."""
    lead = town.datastreams[keys[0]]
    key = FindingKey(f"seeded:{subject}:{began.isoformat()}")
    evidence = EvidenceId(f"{abs(hash(key)):032x}"[:32])
    town.desk.blobs.put(evidence, town.desk.codec.encode_evidence(_evidence(town, key, keys, began)))
    finding = Finding(
        key=key,
        tool=ToolId(tools[0]),
        kind=Kind.ANOMALY,
        subject=subject,
        headline=headline,
        why=why,
        began=began,
        noticed=began + timedelta(seconds=10),
        severity=severity,
        urgency=Urgency.IMMEDIATE,
        certainty=Certainty.LIKELY,
        score=score,
        one_in=one_in,
        point=lead.point,
        zone=ZoneId(zone),
        datastreams=tuple(town.datastreams[one].id for one in keys),
        simulated=True,
    )
    with town.desk.store.write() as unit:
        alert = unit.alerts.add(_alert(finding, evidence, tuple(ToolId(tool) for tool in tools), repeats))
        unit.findings.add(finding, alert.id)
        unit.evidence.add(
            EvidenceRecord(
                id=evidence, finding=key, media_type="application/json", bytes_=1000, stored_at=finding.noticed
            )
        )
        unit.alerts.record(
            AlertEntry(alert=alert.id, at=finding.noticed, event="raise", who="platform:fusion", state=AlertState.NEW)
        )
        for number in range(repeats):
            at = finding.noticed + timedelta(seconds=60 * (number + 1))
            unit.alerts.record(AlertEntry(alert=alert.id, at=at, event=AlertEvent.REPEAT, who="platform:fusion"))
        facts = {"state": "new", "severity": severity.value, "version": alert.version, "sound": True, "simulated": True}
        unit.outbox.add(finding.noticed, "alert", str(alert.id), facts)
    return alert


def _alert(finding: Finding, evidence: EvidenceId, tools: tuple[ToolId, ...], repeats: int) -> Alert:
    return Alert(
        id=AlertId(0),
        fingerprint=str(finding.key),
        content_hash="seeded",
        version=0,
        state=AlertState.NEW,
        kind=finding.kind,
        tools=tools,
        subject=finding.subject,
        headline=finding.headline,
        why=finding.why,
        severity=finding.severity,
        urgency=finding.urgency,
        certainty=finding.certainty,
        score=finding.score,
        one_in=finding.one_in,
        began=finding.began,
        last_at=finding.noticed,
        raised_at=finding.noticed,
        changed_at=finding.noticed,
        repeats=repeats,
        point=finding.point,
        zone=finding.zone,
        datastreams=finding.datastreams,
        evidence=(evidence,),
        simulated=True,
    )


def _evidence(town: Seeded, key: FindingKey, keys: tuple[str, ...], began: datetime) -> Evidence:
    series = tuple(_series(town, town.datastreams[one], began) for one in keys)
    return Evidence(
        finding=key, summary=Phrase(template="Measured against the usual for this time of day"), series=series
    )


def _series(town: Seeded, datastream: Datastream, began: datetime) -> SeriesEvidence:
    """Return an hour of the datastream with the band that its time before the surprise suggests."""
    own = town.readings.datastream == int(datastream.id)
    end = min(to_us(START), to_us(began) + 900_000_000)
    near = own & (town.readings.time_us > to_us(began - timedelta(minutes=50))) & (town.readings.time_us <= end)
    time_us, measured = town.readings.time_us[near], town.readings.result[near]
    before = measured[time_us < to_us(began) - 60_000_000]
    middle, spread = (
        float(np.nanmedian(before)),
        max(float(np.nanstd(before)) * 2.4, 0.02 * abs(float(np.nanmedian(before))) + 0.05),
    )
    drift = np.linspace(-0.3, 0.3, len(time_us)) * spread
    return SeriesEvidence(
        datastream=DatastreamId(datastream.id),
        title=Phrase(
            template="{property} at {thing}",
            values={
                "property": datastream.observed_property.replace("_", " ").capitalize(),
                "thing": datastream.thing_name,
            },
        ),
        unit=datastream.unit,
        time_us=time_us,
        measured=measured,
        low=np.maximum(middle - spread + drift, datastream.lowest),
        high=middle + spread + drift,
        coverage=BAND_SHARE,
        from_us=to_us(began),
    )


def person(desk: Desk, name: str, role: Role, password: str) -> None:
    """Add an account that has its own password already."""
    once = accounts.add(desk, CONSOLE, name, role)
    account = next(one for one in accounts.everyone(desk, CONSOLE) if one.name == name)
    actor = Actor(name=name, role=role, account=account.id)
    accounts.change_password(desk, actor, old=once.password, new=password)


def work(town: Seeded, name: str = "Kari") -> None:
    """Let an operator take two alerts into an incident, note, decide and correct the decision, as on a working day."""
    kari = Actor(name=name, role=Role.OPERATOR)
    camera, crowd = AlertId(2), AlertId(1)
    triage.acknowledge(town.desk, kari, camera)
    triage.assess(town.desk, kari, camera, verdict=Verdict.CONFIRMED, why="Picture is black, the switch still answers")
    incident = incidents.open_incident(town.desk, kari, "Camera C11 dark while the south-east fills", [camera])
    incidents.join(town.desk, kari, incident.id, crowd)
    incidents.note(town.desk, kari, incident.id, "Stewards at the south-east exit report people moving west, calm")
    options = ("Cut switch S3 off", "Watch ten more minutes", "Not enough information")
    first = decide(
        town.desk,
        kari,
        incident.id,
        seen="C11 dark, 55 failed sign-ins a minute at its switch, 3.5 people/m² beside it",
        options=options,
        choice=options[1],
        reason="C5 and C12 still see the corner",
    )
    incidents.note(town.desk, kari, incident.id, "IT desk: the sign-ins come from outside the plaza network")
    decide(
        town.desk,
        kari,
        incident.id,
        seen="Sign-ins come from outside the plaza network",
        options=options,
        choice=options[0],
        reason="The cameras beside it are on the same switch password",
        corrects=first.id,
    )
