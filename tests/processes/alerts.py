"""Alerts for tests of the processes."""

from dataclasses import replace
from datetime import UTC, datetime

from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Certainty, Kind, Severity, Urgency
from impetus.core.ids import AlertId, ToolId
from impetus.core.text import Phrase

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)


def an_alert(**changes: object) -> Alert:
    """Return an alert with these fields changed."""
    plain = Alert(
        id=AlertId(1),
        fingerprint="a",
        content_hash="b",
        version=1,
        state=AlertState.NEW,
        kind=Kind.ANOMALY,
        tools=(ToolId("urban_anomaly"),),
        subject="zone:square",
        headline=Phrase(template="many people"),
        why=Phrase(template="usual is fewer"),
        severity=Severity.MODERATE,
        urgency=Urgency.EXPECTED,
        certainty=Certainty.LIKELY,
        score=0.5,
        one_in=None,
        began=AT,
        last_at=AT,
        raised_at=AT,
        changed_at=AT,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # a test names the field it means
