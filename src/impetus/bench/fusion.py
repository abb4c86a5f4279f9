"""Measure findings to alerts: how many a second go from decoded messages through fusion into a durable state.

A home on the disk of this machine with `synchronous=FULL`, evidence sealed and written to files, batches as the host of
fusion takes them. Two loads: `new` is the worst case, every finding a new alert with evidence of its own; `repeats` is the
usual flood, ten findings to each alert. For comparison: Keep, an alert store in the field, states 1,000 alerts a minute,
about 17 a second, on 16 vCPU and 32 GB.
"""

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from impetus.core.evidence import Evidence, SeriesEvidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, FindingKey, Offset, ToolId
from impetus.core.observation import to_us
from impetus.core.place import Point
from impetus.core.text import Phrase
from impetus.desk.context import FINDINGS, Desk
from impetus.desk.raise_alert import raise_alerts
from impetus.ports import Message
from impetus.run.fusion_host import READ_MESSAGES, joiner_of
from impetus.run.tools import find_tool
from impetus.settings import Settings
from impetus.wiring import open_desk

FINDINGS_EACH = 2_000
"""Findings of one load; at hundreds a second enough for some seconds."""
POINTS = 200
"""Points of the series shown with a finding."""
REPEATS = 10
SPREAD_DEG = 0.01
"""About one kilometre: findings spread over a watched square kilometre."""
KEEP_ALERTS_PER_S = 17.0
"""1,000 alerts a minute on 16 vCPU and 32 GB. Source: Keep's documentation, page "Stress Testing"."""


def run(progress: Callable[[str], None], *, findings: int = FINDINGS_EACH) -> dict[str, float]:
    """Measure both loads; `alerts_per_s` is the worst case, `findings_per_s` the usual flood."""
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        settings = Settings(home=Path(folder))
        desk = open_desk(settings)
        try:
            new_s = _measure(desk, settings, _load(findings, subjects=findings, name="new"), progress, "new alerts")
            flood = _load(findings, subjects=max(1, findings // REPEATS), name="repeats")
            repeats_s = _measure(desk, settings, flood, progress, "repeats")
        finally:
            desk.close()
    return {
        "findings": float(findings),
        "alerts_per_s": round(findings / new_s, 1),
        "findings_per_s": round(findings / repeats_s, 1),
        "keep_alerts_per_s": KEEP_ALERTS_PER_S,
        "times_keep": round(findings / new_s / KEEP_ALERTS_PER_S, 1),
    }


def _measure(
    desk: Desk,
    settings: Settings,
    pairs: Sequence[tuple[Finding, Evidence]],
    progress: Callable[[str], None],
    what: str,
) -> float:
    """Publish a load, take it in as the host does, and return the seconds the taking took."""
    joiner = joiner_of(find_tool("fusion"), settings)
    desk.bus.publish(FINDINGS, [desk.codec.encode_finding(finding, evidence) for finding, evidence in pairs])
    with desk.store.read() as unit:
        cursor = unit.cursors.get("fusion", FINDINGS)
    started_s, done = time.perf_counter(), 0
    while messages := _next(desk, cursor):
        cursor = raise_alerts(desk, joiner, messages).cursor
        done += len(messages)
        progress(f"{what}: {done} of {len(pairs)} findings")
    return time.perf_counter() - started_s


def _next(desk: Desk, cursor: Offset) -> Sequence[Message]:
    return desk.bus.read(FINDINGS, cursor, limit=READ_MESSAGES)


def _load(findings: int, *, subjects: int, name: str) -> list[tuple[Finding, Evidence]]:
    """Return findings of so many things, spread over a square kilometre, half a minute apart from one to the next."""
    rng = np.random.default_rng(20260314)
    start = datetime.now(UTC) - timedelta(hours=1)
    places = rng.uniform(0, SPREAD_DEG, (subjects, 2))
    series = rng.normal(50, 5, POINTS)
    pairs = []
    for number in range(findings):
        subject = number % subjects
        at = start + timedelta(seconds=number % 3_600)
        finding = Finding(
            key=FindingKey(f"{name}/{number}"),
            tool=ToolId("urban_anomaly"),
            kind=Kind.ANOMALY if name == "repeats" else Kind.FAULT,
            subject=f"thing:bench/{name}-{subject}",
            headline=Phrase(template="{count} people", values={"count": number}),
            why=Phrase(template="usual is {low} to {high}", values={"low": 40, "high": 60}),
            began=at,
            noticed=at,
            severity=Severity.MODERATE,
            urgency=Urgency.EXPECTED,
            certainty=Certainty.LIKELY,
            score=0.7,
            one_in=2_000.0,
            point=Point(lon=10.73 + places[subject, 0], lat=59.91 + places[subject, 1]),
            datastreams=(DatastreamId(subject + 1),),
        )
        pairs.append((finding, _evidence(finding, series)))
    return pairs


def _evidence(finding: Finding, series: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> Evidence:
    """Return evidence of the usual size."""
    time_us = to_us(finding.noticed) + np.arange(POINTS, dtype=np.int64) * 10_000_000
    shown = SeriesEvidence(
        datastream=finding.datastreams[0],
        title=Phrase(template="people"),
        unit="1",
        time_us=time_us,
        measured=series,
        low=series - 10,
        high=series + 10,
        coverage=0.95,
        from_us=int(time_us[-20]),
    )
    return Evidence(finding=finding.key, summary=finding.headline, series=(shown,))
