"""An alert as a card: its number on the map, its small plot, and how often alerts of its tool were true here.

Plots and records are remembered for as long as they cannot change or change slowly, so that a busy list stays cheap:
evidence is immutable under its id, and a tool's record is counted at most every half minute.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from fastapi import Request

from impetus.core.actor import Actor
from impetus.core.alert import Alert, Verdict
from impetus.core.errors import ImpetusError
from impetus.core.ids import AlertId, EvidenceId, ToolId
from impetus.core.plant import is_planted
from impetus.desk import read
from impetus.desk.context import Desk
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery
from impetus.web.plan import Placed, asset_keys, placed
from impetus.web.sparks import Spark, spark

SPARKS_DRAWN = 12
"""Alerts of a list that get a plot; no screen shows more at once."""
SPARKS_KEPT = 512
RECORD_ALERTS = 200
"""Newest alerts of a tool that its record is counted over."""
RECORD_AGE = timedelta(seconds=30)
PLACED_AGE = timedelta(seconds=20)
"""How long the join of plan and datastreams is kept; a source declared since shows after this."""
TRUE_VERDICTS = frozenset({Verdict.CONFIRMED})
FALSE_VERDICTS = frozenset({Verdict.FALSE_ALARM, Verdict.BENIGN})

SparkKey = tuple[AlertId, tuple[EvidenceId, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """How many of a tool's newest alerts people here judged, and how many of those were confirmed."""

    judged: int
    true: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One alert of a list; `number` is its place, shown in its shape here and on the map."""

    alert: Alert
    number: int
    spark: Spark | None
    record: Record
    assets: tuple[str, ...] = ()
    """Things on the plan whose datastreams it is about."""


@dataclass(slots=True, kw_only=True, eq=False)
class Memory:
    """What one web process remembers between requests, bounded."""

    sparks: OrderedDict[SparkKey, Spark | None] = field(default_factory=OrderedDict)
    records: dict[ToolId, tuple[datetime, Record]] = field(default_factory=dict)
    placed: Placed = field(default_factory=dict)
    placed_at: datetime | None = None


def memory_of(request: Request) -> Memory:
    """Return the memory of this process, made at the first use."""
    memory = getattr(request.app.state, "card_memory", None)
    if not isinstance(memory, Memory):
        memory = request.app.state.card_memory = Memory()
    return memory


def keep_placed(desk: Desk, actor: Actor, place_file: Path, memory: Memory) -> Placed:
    """Return which datastream stands where on the plan, joined anew at most every `PLACED_AGE`."""
    at = desk.clock.now()
    if memory.placed_at is None or at - memory.placed_at > PLACED_AGE:
        seen = read.sources(desk, actor) if may(actor, Operation.SOURCES_READ) else ()
        memory.placed, memory.placed_at = placed(asset_keys(place_file), seen), at
    return memory.placed


def cards(desk: Desk, actor: Actor, alerts: Sequence[Alert], memory: Memory) -> tuple[Card, ...]:
    """Return a card for each alert, numbered from 1; only the first `SPARKS_DRAWN` get a plot."""
    return tuple(
        Card(
            alert=alert,
            number=number,
            spark=_spark_of(desk, actor, alert, memory) if number <= SPARKS_DRAWN else None,
            record=record_of(desk, actor, alert.tools[0], memory) if alert.tools else Record(judged=0, true=0),
            assets=tuple(sorted({memory.placed[one][0] for one in alert.datastreams if one in memory.placed})),
        )
        for number, alert in enumerate(alerts, 1)
    )


def record_of(desk: Desk, actor: Actor, tool: ToolId, memory: Memory) -> Record:
    """Return how often alerts of this tool were true here."""
    now = desk.clock.now()
    counted_at, record = memory.records.get(tool, (None, None))
    if counted_at is not None and record is not None and now - counted_at < RECORD_AGE:
        return record
    listed = read.list_alerts(desk, actor, AlertQuery(tool=tool, limit=RECORD_ALERTS)).items
    found = [alert for alert in listed if not is_planted(alert)]
    record = Record(
        judged=sum(alert.verdict in TRUE_VERDICTS | FALSE_VERDICTS for alert in found),
        true=sum(alert.verdict in TRUE_VERDICTS for alert in found),
    )
    memory.records[tool] = (now, record)
    return record


def _spark_of(desk: Desk, actor: Actor, alert: Alert, memory: Memory) -> Spark | None:
    """Return the plot of an alert's most telling series; none when there is none or it can no longer be read.

    Display fails open: an alert without its plot is still an alert.
    """
    if not alert.evidence:
        return None
    key = (alert.id, alert.evidence)
    if key not in memory.sparks:
        try:
            evidences = read.alert(desk, actor, alert.id).evidences
        except ImpetusError:
            return None
        series = next((series for evidence in evidences for series in evidence.series), None)
        memory.sparks[key] = spark(series) if series is not None else None
        while len(memory.sparks) > SPARKS_KEPT:
            memory.sparks.popitem(last=False)
    memory.sparks.move_to_end(key)
    return memory.sparks[key]
