"""The small boards beside the map: each tool with its state and alerts, each source with its freshness."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.alert import Alert
from impetus.core.board import PartState, PartStatus
from impetus.core.finding import Severity
from impetus.core.ids import DatastreamId
from impetus.core.observation import Batch, Datastream, Source, to_us
from impetus.desk.views import SourceView
from impetus.web.names import name_of

PLATFORM_PARTS = frozenset({"web", "ingest", "keeper", "log", "supervisor", "scenario"})
STATE_SEVERITY: Mapping[PartState, str] = {
    PartState.STARTING: "minor",
    PartState.RUNNING: "normal",
    PartState.SILENT: "severe",
    PartState.RESTARTING: "moderate",
    PartState.STOPPED: "unknown",
    PartState.FAILED: "severe",
    PartState.BLOCKED: "moderate",
}
CADENCES_MISSED = 3
"""Readings that may be missing before a datastream without a limit of its own counts as stale. House rule."""
SHORTEST_LIMIT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRow:
    """One tool or part: its worst news decides its shape."""

    name: str
    status: PartStatus
    severity: str
    alerts: int
    is_tool: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceRow:
    """One source: how many of its datastreams are fresh."""

    source: Source
    severity: str
    fresh: int
    total: int
    silent: bool
    seen_at: datetime | None


def tool_rows(parts: Sequence[PartStatus], alerts: Sequence[Alert]) -> tuple[ToolRow, ...]:
    """Return tools first, then the platform's own parts."""
    rows = [_tool_row(part, alerts) for part in parts]
    return tuple(sorted(rows, key=lambda row: (not row.is_tool, row.name)))


def _tool_row(part: PartStatus, alerts: Sequence[Alert]) -> ToolRow:
    identity = part.part.removeprefix("tool:")
    own = [alert for alert in alerts if identity in alert.tools]
    worst = max((alert.severity for alert in own), key=lambda severity: severity.rank, default=None)
    return ToolRow(
        name=name_of(part.part),
        status=part,
        severity=_worse(worst, STATE_SEVERITY[part.state]),
        alerts=len(own),
        is_tool=identity not in PLATFORM_PARTS,
    )


def _worse(alert: Severity | None, state: str) -> str:
    """Return the severity to show: a part that is not running says so before its alerts do."""
    if state != "normal" or alert is None:
        return state
    return alert.value


def source_rows(sources: Sequence[SourceView], latest: Batch, at: datetime) -> tuple[SourceRow, ...]:
    """Return each source with how many of its datastreams spoke within their limit."""
    newest_us = dict(zip(latest.datastream.tolist(), latest.time_us.tolist(), strict=True))
    return tuple(_source_row(view, newest_us, at) for view in sources)


def _source_row(view: SourceView, newest_us: Mapping[int, int], at: datetime) -> SourceRow:
    fresh = sum(_is_fresh(datastream, view.source, newest_us, at) for datastream in view.datastreams)
    total = len(view.datastreams)
    return SourceRow(
        source=view.source,
        severity="severe" if view.silent else "normal" if fresh == total else "moderate",
        fresh=fresh,
        total=total,
        silent=view.silent,
        seen_at=view.status.seen_at if view.status else None,
    )


def _is_fresh(datastream: Datastream, source: Source, newest_us: Mapping[int, int], at: datetime) -> bool:
    """Say whether a datastream spoke within its own limit, its source's, or three of its cadences."""
    limit_s = datastream.freshness_s or max(
        source.freshness_s, CADENCES_MISSED * datastream.cadence_s, SHORTEST_LIMIT_S
    )
    spoke_us = newest_us.get(DatastreamId(datastream.id))
    return spoke_us is not None and spoke_us >= to_us(at - timedelta(seconds=limit_s))
