"""One datastream: its history against what was expected, its alarms and faults, and the day ahead."""

from typing import Annotated, Any

import numpy as np
import orjson
from fastapi import APIRouter, Path, Query, Request, Response

from impetus.core.alert import Alert
from impetus.core.ids import DatastreamId
from impetus.core.observation import US_PER_S, Float64s
from impetus.core.units import written
from impetus.desk import sensor_series
from impetus.desk.sensor_health import UNJUDGED, Row
from impetus.desk.sensor_series import SPANS_H, SensorView, Series
from impetus.web.context import TheDesk
from impetus.web.names import N_, name_of
from impetus.web.render import page
from impetus.web.sensor_words import FAULTS, STATE_KEYS, STATES, odds_of, property_of
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
SPANS = {6: N_("6 hours"), 24: N_("24 hours"), 168: N_("7 days"), 720: N_("30 days")}
TOLD = 6
"""Significant digits sent for a plot; more cannot be seen."""

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Hours = Annotated[int, Query(ge=1, le=SPANS_H[-1])]


@router.get("/sensors/{sensor}")
def show_sensor(request: Request, desk: TheDesk, actor: Person, sensor: Id, hours: Hours = 24) -> Response:
    """Return the page."""
    view = sensor_series.sensor(desk, actor, DatastreamId(sensor))
    return page(
        request,
        "datastream.html",
        actor=actor,
        view=view,
        row=view.row,
        hours=hours if hours in SPANS_H else SPANS_H[1],
        spans=SPANS,
        states=STATES,
        keys=STATE_KEYS,
        faults=FAULTS,
        code=_code(view.row),
        odds_of=odds_of,
        property_of=property_of,
        written=written,
        tool_name=name_of,
        severity=severity_of(view),
    )


@router.get("/sensors/{sensor}/series")
def series(desk: TheDesk, actor: Person, sensor: Id, hours: Hours = 24) -> Response:
    """Return what the plot draws: readings, band, odd stretches, alarms and the day ahead."""
    found = sensor_series.series(desk, actor, DatastreamId(sensor), hours=hours)
    alerts = sensor_series.alerts_of(desk, actor, DatastreamId(sensor), found.since)
    return Response(
        orjson.dumps(told_of(found, alerts)), media_type="application/json", headers={"cache-control": "no-store"}
    )


def told_of(found: Series, alerts: tuple[Alert, ...]) -> dict[str, Any]:
    """Return a series as JSON; unknown values are null, times Unix seconds."""
    return {
        "since": found.since.timestamp(),
        "until": found.until.timestamp(),
        "readings": {"time": _seconds(found.readings.time_us), "value": _told(found.readings.result)},
        "past": {
            "time": _seconds(found.past.time_us),
            "expected": _told(found.past.expected),
            "low": _told(found.past.low),
            "high": _told(found.past.high),
            "p": _told(found.past.p),
        },
        "ahead": {
            "time": _seconds(found.ahead.time_us),
            "expected": _told(found.ahead.expected),
            "low": _told(found.ahead.low),
            "high": _told(found.ahead.high),
        },
        "spells": [
            {"state": STATE_KEYS[each.state], "since": each.since_us / US_PER_S, "until": each.until_us / US_PER_S}
            for each in found.spells
        ],
        "alerts": [
            {
                "id": each.id,
                "severity": each.severity.value,
                "began": each.began.timestamp(),
                "last": each.last_at.timestamp(),
            }
            for each in alerts
        ],
        "is_thinned": found.is_thinned,
        "lowest": found.lowest,
    }


def severity_of(view: SensorView) -> str:
    """Return the severity whose colour the surprising part of the plot has: that of the newest alert, else moderate."""
    return view.alerts[0].severity.value if view.alerts else "moderate"


def _code(row: Row) -> int:
    return UNJUDGED if row.state is None else int(row.state)


def _seconds(time_us: np.ndarray[tuple[int], np.dtype[np.int64]]) -> list[float]:
    seconds: list[float] = (time_us / US_PER_S).tolist()
    return seconds


def _told(values: Float64s | np.ndarray[tuple[int], np.dtype[np.float32]]) -> list[float | None]:
    """Return values with the digits a plot can show, None for NaN."""
    return [None if not np.isfinite(value) else float(f"{value:.{TOLD}g}") for value in values.tolist()]
