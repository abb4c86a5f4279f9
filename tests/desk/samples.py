"""Findings to raise alerts from, and people who are there, for tests of the desk."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from impetus.core.actor import Actor, Role, console
from impetus.core.alert import Alert
from impetus.core.evidence import Evidence
from impetus.core.finding import Finding, Kind, Severity
from impetus.core.ids import AlertId, FindingKey, ToolId
from impetus.core.text import Phrase
from impetus.desk import accounts
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.raise_alert import Outcome, raise_alerts
from impetus.desk.sign_in import actor_of
from impetus.ports import Message
from impetus.tools.fusion.tool import Tool

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
CROWD = Finding(
    key=FindingKey("crowd"),
    tool=ToolId("urban_anomaly"),
    kind=Kind.ANOMALY,
    subject="zone:south-east",
    headline=Phrase(template="many people"),
    why=Phrase(template="usual is fewer"),
    began=AT,
    noticed=AT,
    severity=Severity.MODERATE,
)


def seen(key: str, **changes: object) -> Finding:
    """Return a finding of that key, with these fields changed."""
    return replace(CROWD, key=FindingKey(key), **changes)  # type: ignore[arg-type]  # a test names the field it means


def person(desk: Desk, name: str, role: Role) -> Actor:
    """Let somebody with an account be there."""
    accounts.add(desk, console(), name, role)
    with desk.store.read() as unit:
        account = unit.accounts.by_name(name)
    assert account is not None
    return actor_of(account)


def publish(desk: Desk, *findings: Finding) -> None:
    """Put findings with evidence on the bus."""
    evidences = [Evidence(finding=finding.key, summary=Phrase(template=finding.key)) for finding in findings]
    pairs = zip(findings, evidences, strict=True)
    desk.bus.publish(FINDINGS, [desk.codec.encode_finding(finding, evidence) for finding, evidence in pairs])


def waiting(desk: Desk) -> Sequence[Message]:
    """Return what is on the bus behind fusion's cursor."""
    with desk.store.read() as unit:
        return desk.bus.read(FINDINGS, unit.cursors.get("fusion", FINDINGS), limit=10_000)


def fuse(desk: Desk, *findings: Finding) -> Outcome:
    """Publish findings and let fusion take in what waits."""
    publish(desk, *findings)
    return raise_alerts(desk, Tool.create({}), waiting(desk))


def alert(desk: Desk, number: int = 1) -> Alert:
    """Return an alert as stored."""
    with desk.store.read() as unit:
        return unit.alerts.get(AlertId(number))
