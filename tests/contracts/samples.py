"""Example items of the store's suites, each with every field that matters overridable."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from impetus.core.account import Account
from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState
from impetus.core.board import Quarantined, Rule
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import (
    AccountId,
    AlertId,
    DatastreamId,
    DatastreamKey,
    FindingKey,
    IncidentId,
    SourceId,
    ThingKey,
    ToolId,
)
from impetus.core.incident import Incident, IncidentState
from impetus.core.observation import Datastream, Source
from impetus.core.place import Point
from impetus.core.text import Phrase

T0 = datetime(2026, 5, 17, 12, 0, tzinfo=UTC)
ANOMALY = ToolId("urban_anomaly")
SQUARE = SourceId("square")
LOUD = Phrase(template="{thing} is louder than usual", values={"thing": "C11", "times": 2.5})


def minutes(count: float) -> datetime:
    """Return the time so many minutes after noon."""
    return T0 + timedelta(minutes=count)


def an_alert(**changes: Any) -> Alert:
    """Return a new, moderate anomaly raised at noon."""
    alert = Alert(
        id=AlertId(0),
        fingerprint="loud/zone:north",
        content_hash="c0",
        version=0,
        state=AlertState.NEW,
        kind=Kind.ANOMALY,
        tools=(ANOMALY,),
        subject="zone:north",
        headline=LOUD,
        why=LOUD,
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        score=0.75,
        one_in=1e6,
        began=T0,
        last_at=T0,
        raised_at=T0,
        changed_at=T0,
        point=Point(lon=10.73, lat=59.91),
        datastreams=(DatastreamId(3), DatastreamId(5)),
        facts={"residual": 4.25},
    )
    return replace(alert, **changes)


def a_finding(**changes: Any) -> Finding:
    """Return a finding noticed at noon."""
    finding = Finding(
        key=FindingKey("f-1"),
        tool=ANOMALY,
        kind=Kind.ANOMALY,
        subject="zone:north",
        headline=LOUD,
        why=LOUD,
        began=T0,
        noticed=T0,
    )
    return replace(finding, **changes)


def an_incident(**changes: Any) -> Incident:
    """Return an open incident of one operator."""
    incident = Incident(
        id=IncidentId(0),
        version=0,
        state=IncidentState.OPEN,
        title="Noise on the quay",
        severity=Severity.SEVERE,
        owner="kari",
        opened_at=T0,
        opened_by="kari",
        changed_at=T0,
    )
    return replace(incident, **changes)


def an_account(**changes: Any) -> Account:
    """Return an operator's account."""
    account = Account(
        id=AccountId(0), name="Kari", role=Role.OPERATOR, password_hash="argon2id...", created_at=T0, totp_sealed=b"\0s"
    )
    return replace(account, **changes)


def a_source(**changes: Any) -> Source:
    """Return a simulated source."""
    return replace(Source(id=SQUARE, name="City square", kind="http", simulated=True), **changes)


def a_datastream(number: int, **changes: Any) -> Datastream:
    """Return one of the square's datastreams, not numbered yet."""
    datastream = Datastream(
        id=DatastreamId(0),
        key=DatastreamKey(f"square/c{number}/level"),
        source=SQUARE,
        thing=ThingKey(f"square/c{number}"),
        thing_name=f"C{number}",
        observed_property="sound level",
        unit="dB",
        point=Point(lon=10.73, lat=59.91),
    )
    return replace(datastream, **changes)


def a_refusal(number: int = 1, **changes: Any) -> Quarantined:
    """Return a refused record."""
    refused = Quarantined(
        id=0, source=SQUARE, at=T0, rule=Rule.MALFORMED, detail=f"record {number}", record=f"{number}".encode()
    )
    return replace(refused, **changes)
