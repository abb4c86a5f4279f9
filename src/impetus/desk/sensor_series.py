"""One datastream: what it measured, what was expected, its alarms and faults, and what is expected of the coming day."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from impetus.core.actor import Actor
from impetus.core.alert import Alert
from impetus.core.errors import Unknown
from impetus.core.ids import DatastreamId, ToolId
from impetus.core.observation import Batch, Float64s, Int64s, to_us
from impetus.core.standing import COVERAGE, StandingPast, StandingState
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.desk.sensor_health import Row, row_of
from impetus.desk.standing import Sensors, past, sensors
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery

SPANS_H = (6, 24, 7 * 24, 30 * 24)
"""Hours a plot may span; readings are kept no longer by default."""
POINTS = 1_600
"""Points of one drawn line: as many as a wide screen has columns. House rule."""
MOST_READINGS = 200_000
PAGES, PAGE = 3, 200
"""Alerts looked through for those of one datastream: the newest six hundred."""
SHOWN = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Spell:
    """A stretch in which a datastream was strange, at fault or silent; `until_us` is its last such moment."""

    state: StandingState
    since_us: int
    until_us: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """What is expected, times ascending, NaN unknown."""

    time_us: Int64s
    expected: Float64s
    low: Float64s
    high: Float64s


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SensorView:
    """One datastream now, its neighbours at the same thing, and the newest alerts it carried."""

    sensors: Sensors
    row: Row
    beside: tuple[Row, ...]
    alerts: tuple[Alert, ...]
    has_forecast: bool
    coverage: float


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Series:
    """What a plot draws of `since` to `until`: readings thinned to `POINTS`, the band, what was odd, and the day ahead.

    `lowest` is what the instrument can report at least.
    """

    since: datetime
    until: datetime
    readings: Batch
    past: StandingPast
    spells: tuple[Spell, ...]
    ahead: Ahead
    coverage: float
    lowest: float
    is_thinned: bool


def sensor(desk: Desk, actor: Actor, identity: DatastreamId) -> SensorView:
    """Return one datastream's page; `Unknown` when there is none."""
    shown = sensors(desk, actor, on=f"datastream:{identity}")
    _known(shown, identity)
    row = row_of(shown, identity)
    beside = (
        each.id for each in shown.datastreams.values() if each.thing == row.datastream.thing and each.id != identity
    )
    coverage = desk.standings.newest(row.tool) if row.tool else None
    return SensorView(
        sensors=shown,
        row=row,
        beside=tuple(row_of(shown, each) for each in sorted(beside)[:SHOWN]),
        alerts=_alerts(desk, actor, identity, AlertQuery(order="newest", limit=PAGE)),
        has_forecast=row.tool is not None and len(_ahead(desk, row.tool, identity).time_us) > 0,
        coverage=coverage.coverage if coverage else COVERAGE,
    )


def series(desk: Desk, actor: Actor, identity: DatastreamId, *, hours: int) -> Series:
    """Return what to draw of the last hours, one of `SPANS_H`."""
    shown = sensors(desk, actor, on=f"datastream:{identity}")
    _known(shown, identity)
    row = row_of(shown, identity)
    since = shown.at - timedelta(hours=hours if hours in SPANS_H else SPANS_H[1])
    ids = np.array([identity], dtype=np.int64)
    stood = past(desk, (row.tool,) if row.tool else (), ids, since, shown.at)
    permit(desk, actor, Operation.HISTORY_READ)
    readings = desk.history.read([identity], since, shown.at, limit=MOST_READINGS)
    drawn = thinned(readings, POINTS)
    standing = desk.standings.newest(row.tool) if row.tool else None
    return Series(
        since=since,
        until=shown.at,
        readings=drawn,
        past=stood,
        spells=spells(stood),
        ahead=_ahead(desk, row.tool, identity) if row.tool else _nothing(),
        coverage=standing.coverage if standing else COVERAGE,
        lowest=row.datastream.lowest,
        is_thinned=len(drawn) < len(readings),
    )


def thinned(batch: Batch, points: int) -> Batch:
    """Return at most about so many readings of one datastream: the lowest and the highest of each stretch, in order."""
    if len(batch) <= points:
        return batch
    stretch = np.arange(len(batch)) * (points // 2) // len(batch)
    first = np.flatnonzero(np.concatenate(([True], stretch[1:] != stretch[:-1])))
    values = np.nan_to_num(batch.result, nan=0.0)
    rows = np.concatenate(
        [[one + int(np.argmin(part)), one + int(np.argmax(part))] for one, part in _parts(values, first)]
    )
    return batch.take(np.unique(rows.astype(np.intp)))


def spells(stood: StandingPast) -> tuple[Spell, ...]:
    """Return the stretches in which a datastream was anything but calm or learning, oldest first."""
    odd = np.isin(stood.state, (StandingState.STRANGE, StandingState.FAULT, StandingState.SILENT))
    turns = np.concatenate(([True], stood.state[1:] != stood.state[:-1])) if len(stood) else odd
    starts = np.flatnonzero(turns)
    ends = np.concatenate((starts[1:] - 1, [len(stood) - 1])) if len(starts) else starts
    return tuple(
        Spell(
            state=StandingState(int(stood.state[start])),
            since_us=int(stood.time_us[start]),
            until_us=int(stood.time_us[end]),
        )
        for start, end in zip(starts.tolist(), ends.tolist(), strict=True)
        if odd[start]
    )


def _parts(values: Float64s, first: Int64s) -> Sequence[tuple[int, Float64s]]:
    return list(zip(first.tolist(), np.split(values, first[1:]), strict=True))


def _known(shown: Sensors, identity: DatastreamId) -> None:
    if identity not in shown.datastreams:
        raise Unknown(f"there is no datastream {identity}", value=identity, remedy="open one from the list of sensors")


def alerts_of(desk: Desk, actor: Actor, identity: DatastreamId, since: datetime) -> tuple[Alert, ...]:
    """Return the newest alerts a datastream carried that were raised since a time; none for roles that see none."""
    return _alerts(desk, actor, identity, AlertQuery(order="newest", raised_since=since, limit=PAGE))


def _alerts(desk: Desk, actor: Actor, identity: DatastreamId, query: AlertQuery) -> tuple[Alert, ...]:
    """Return those that a datastream carried among the newest that fit a query."""
    if not may(actor, Operation.ALERTS_READ):
        return ()
    permit(desk, actor, Operation.ALERTS_READ)
    found: list[Alert] = []
    with desk.store.read() as unit:
        for _ in range(PAGES):
            page = unit.alerts.find(query)
            found += [each for each in page.items if identity in each.datastreams]
            if page.next is None or len(found) >= SHOWN:
                break
            query = replace(query, after=page.next)
    return tuple(found[:SHOWN])


def _ahead(desk: Desk, tool: ToolId, identity: DatastreamId) -> Ahead:
    """Return what a tool expects of a datastream from the last time before now on."""
    forecast = desk.standings.forecast(tool)
    if forecast is None:
        return _nothing()
    row = int(np.searchsorted(forecast.datastream, identity))
    if row >= len(forecast.datastream) or forecast.datastream[row] != identity:
        return _nothing()
    now_us = to_us(desk.clock.now())
    coming = np.concatenate((forecast.time_us[1:], [np.iinfo(np.int64).max])) > now_us
    low, high, expected = (getattr(forecast, name)[row].astype(np.float64) for name in ("low", "high", "expected"))
    return Ahead(time_us=forecast.time_us[coming], expected=expected[coming], low=low[coming], high=high[coming])


def _nothing() -> Ahead:
    empty = np.empty(0, dtype=np.float64)
    return Ahead(time_us=np.empty(0, dtype=np.int64), expected=empty, low=empty, high=empty)
