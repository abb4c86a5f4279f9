"""What is stored as plain documents anybody can read without this program: text, numbers, RFC 3339 times."""

import csv
import io
import math
from collections.abc import Mapping, Sequence
from datetime import datetime

from impetus.core.action import Action, ActionEntry
from impetus.core.alert import Alert, AlertEntry
from impetus.core.evidence import SeriesEvidence
from impetus.core.incident import Decision, Incident, IncidentEntry
from impetus.core.observation import from_us
from impetus.ports.ethics import Logged

Document = Mapping[str, object]
"""What becomes a JSON object: text, numbers, truth, nothing, lists and documents."""


def alert_document(alert: Alert, entries: Sequence[AlertEntry]) -> Document:
    """Return an alert and everything that was done to it."""
    return {
        "alert": alert.id,
        "what": alert.headline.say(),
        "why": alert.why.say(),
        "tools": [str(tool) for tool in alert.tools],
        "kind": alert.kind.value,
        "severity": alert.severity.value,
        "certainty": alert.certainty.value,
        "score": alert.score,
        "once_in_readings": alert.one_in,
        "began": when(alert.began),
        "raised": when(alert.raised_at),
        "state": alert.state.value,
        "verdict": alert.verdict.value if alert.verdict else None,
        "simulated": alert.simulated,
        "history": [
            {"at": when(entry.at), "event": str(entry.event), "who": entry.who, "why": entry.why} for entry in entries
        ],
    }


def incident_document(incident: Incident, entries: Sequence[IncidentEntry], decisions: Sequence[Decision]) -> Document:
    """Return an incident with its timeline and decisions."""
    return {
        "incident": incident.id,
        "title": incident.title,
        "severity": incident.severity.value,
        "state": incident.state.value,
        "opened": when(incident.opened_at),
        "opened_by": incident.opened_by,
        "closed": when(incident.closed_at) if incident.closed_at else None,
        "outcome": incident.outcome,
        "simulated": incident.simulated,
        "timeline": [
            {
                "at": when(entry.at),
                "event": str(entry.event),
                "who": entry.who,
                "text": entry.text,
                "alert": entry.alert,
            }
            for entry in entries
        ],
        "decisions": [
            {
                "decision": decision.id,
                "at": when(decision.at),
                "who": decision.who,
                "seen": decision.seen,
                "options": list(decision.options),
                "choice": decision.choice,
                "reason": decision.reason,
                "corrects": decision.corrects,
                "risks": decision.risks,
                "powers": decision.powers,
                "assumptions": decision.assumptions,
                "with": list(decision.with_whom),
                "review": when(decision.review_at) if decision.review_at else None,
            }
            for decision in decisions
        ],
    }


def action_document(action: Action, entries: Sequence[ActionEntry]) -> Document:
    """Return a proposal with who answered what to exactly which content."""
    return {
        "action": action.id,
        "kind": action.kind.value,
        "class": action.action_class.value,
        "target": action.target,
        "parameters": dict(action.parameters),
        "incident": action.incident,
        "why": action.why,
        "proposed_by": action.proposed_by,
        "proposed": when(action.at),
        "expires": when(action.expires),
        "content_sha256": action.content_hash(),
        "history": [
            {
                "at": when(entry.at),
                "event": str(entry.event),
                "who": entry.who,
                "role": entry.role,
                "text": entry.text,
                "content_sha256": entry.content_hash,
            }
            for entry in entries
        ],
    }


def log_document(line: Logged) -> Document:
    """Return a line of the log as it can still be opened."""
    record = line.record
    return {
        "index": line.index,
        "at": when(record.at),
        "act": record.act,
        "outcome": record.outcome.value,
        "processing": record.processing.value,
        "subject": record.subject,
        "role": record.role,
        "rule": record.rule,
        "purpose": record.purpose.value,
        "category": record.category.value,
        "regime": record.regime.value,
        "case": record.case,
    }


def series_csv(series: SeriesEvidence) -> str:
    """Return a measured series against its expected band: time, measured, low, high; an empty cell is "not known"."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(["time", f"measured_{series.unit}", "expected_low", "expected_high"])
    columns = (series.time_us, series.measured, series.low, series.high)
    for time_us, *values in zip(*(column.tolist() for column in columns), strict=True):
        writer.writerow([when(from_us(time_us)), *("" if math.isnan(value) else value for value in values)])
    return text.getvalue()


def when(at: datetime) -> str:
    """Return a time as RFC 3339 writes it, in UTC."""
    return at.isoformat().replace("+00:00", "Z")
