"""The city as cells coloured by surprise, over the last hours with a slider, and what was most surprising then."""

import base64
from datetime import UTC, datetime
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from impetus.core.actor import Actor
from impetus.core.alert import AlertState
from impetus.core.evidence import SeriesEvidence
from impetus.core.observation import from_us
from impetus.core.standing import StandingState
from impetus.core.text import Phrase
from impetus.core.units import written
from impetus.desk import city_view, read
from impetus.desk.city_view import SPANS_H, CityView, Surprise
from impetus.desk.context import Desk
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery
from impetus.web.context import TheDesk, TheSettings
from impetus.web.i18n import Words
from impetus.web.render import page, words_of
from impetus.web.sensor_words import LEVELS, STATES, odds_of, property_of
from impetus.web.session import Person
from impetus.web.sparks import spark

BARS_WIDTH, BARS_HEIGHT = 1_000, 44
TICKS = 6
MOST_ALERTS = 60
LATEST_S = 4_102_444_800
"""The first of January 2100: later times are no times of readings."""

WORDS = {"odds_of": odds_of, "property_of": property_of, "written": written, "states": STATES}

router = APIRouter()
Hours = Annotated[int, Query(ge=1, le=24)]
At = Annotated[float | None, Query(ge=0, le=LATEST_S)]
Cell = Annotated[int | None, Query(ge=0, le=100_000)]


@router.get("/city")
def show_city(request: Request, desk: TheDesk, settings: TheSettings, actor: Person, hours: Hours = 24) -> Response:
    """Return the page; it reads without scripts: the bars, the list, and how things stand."""
    view = city_view.city_view(desk, actor, hours=hours)
    return page(
        request,
        "city_view.html",
        actor=actor,
        view=view,
        hours=hours if hours in SPANS_H else SPANS_H[-1],
        spans=SPANS_H,
        bars=bars_of(view),
        levels=LEVELS,
        basemap=bool(settings.basemap),
        **_worst(desk, actor, None, None),
    )


@router.get("/city/frames")
def frames(request: Request, desk: TheDesk, actor: Person, hours: Hours = 24) -> Response:
    """Return cells and every frame's levels, a byte a cell, for the map."""
    view = city_view.city_view(desk, actor, hours=hours)
    told = {
        "edge_m": view.cells.edge_m,
        "lon": view.cells.lon.round(7).tolist(),
        "lat": view.cells.lat.round(7).tolist(),
        "size": view.cells.size.tolist(),
        "time": (view.time_us // 1_000_000).tolist(),
        "levels": base64.b64encode(view.levels.tobytes()).decode(),
        "strange": view.strange.tolist(),
        "fault": view.fault.tolist(),
        "silent": view.silent.tolist(),
        "alerts": _alerts(desk, actor, from_us(int(view.time_us[0])), words_of(request)),
    }
    return Response(orjson.dumps(told), media_type="application/json", headers={"cache-control": "no-store"})


@router.get("/city/worst")
def worst(request: Request, desk: TheDesk, actor: Person, at: At = None, cell: Cell = None) -> Response:
    """Return the list of what was most surprising at a time, or of one cell, for the page to take in."""
    moment = None if at is None else datetime.fromtimestamp(at, UTC)
    return page(request, "_surprises.html", actor=actor, **_worst(desk, actor, moment, cell))


def _worst(desk: Desk, actor: Actor, at: datetime | None, cell: int | None) -> dict[str, Any]:
    """Return what the list shows."""
    found = city_view.surprises(desk, actor, at=at, cell=cell)
    sparks = {
        each.datastream.id: spark(_series(each), width=132, height=40) for each in found.items if len(each.time_us) > 1
    }
    return {"found": found, "sparks": sparks, "cell": cell, "is_now": at is None, **WORDS}


def _series(found: Surprise) -> SeriesEvidence:
    """Return a datastream's last hours as a small plot draws them."""
    strange = found.time_us[found.states == StandingState.STRANGE]
    return SeriesEvidence(
        datastream=found.datastream.id,
        title=Phrase(template="{thing}", values={"thing": found.datastream.thing_name}),
        unit=found.datastream.unit,
        time_us=found.time_us,
        measured=found.values,
        low=found.lows,
        high=found.highs,
        coverage=0.9,
        from_us=int(strange[0]) if len(strange) else int(found.time_us[-1]) + 1,
    )


def _alerts(desk: Desk, actor: Actor, since: datetime, words: Words) -> list[dict[str, object]]:
    """Return the alerts with a place raised after a time, for roles that see alerts; an open one goes on until now."""
    if not may(actor, Operation.ALERTS_READ):
        return []
    found = read.list_alerts(desk, actor, AlertQuery(raised_since=since, order="newest", limit=MOST_ALERTS)).items
    return [
        {
            "id": str(each.id),
            "severity": each.severity.value,
            "label": words.say(each.headline),
            "lon": each.point.lon,
            "lat": each.point.lat,
            "began": each.began.timestamp(),
            "last": (each.last_at if each.state is AlertState.CLOSED else desk.clock.now()).timestamp(),
        }
        for each in found
        if each.point is not None
    ]


def bars_of(view: CityView) -> dict[str, Any]:
    """Return the boxes of the bars below the map: how many sensors were unusual, and how many could not tell."""
    count = len(view.time_us)
    trouble = view.fault + view.silent
    top = max(1, int((view.strange + trouble).max(initial=0)))
    step = BARS_WIDTH / count
    scale = (BARS_HEIGHT - 2) / top
    bars = [
        {
            "x": round(place * step + step * 0.12, 2),
            "width": round(step * 0.76, 2),
            "strange": round(strange * scale, 2),
            "trouble": round(lost * scale, 2),
        }
        for place, (strange, lost) in enumerate(zip(view.strange.tolist(), trouble.tolist(), strict=True))
    ]
    ticks = [
        {"x": round((place + 0.5) * step, 1), "at": from_us(int(view.time_us[place]))}
        for place in range(0, count, max(1, -(-count // TICKS)))
    ]
    return {"bars": bars, "ticks": ticks, "top": top, "width": BARS_WIDTH, "height": BARS_HEIGHT, "step": step}
