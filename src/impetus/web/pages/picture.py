"""The common operational picture: what needs me now, where, why, and how the platform itself is."""

from datetime import datetime, timedelta
from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertState
from impetus.desk import read
from impetus.desk.context import Desk
from impetus.desk.views import PictureView
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery
from impetus.web import plan
from impetus.web.cards import cards, keep_placed, memory_of
from impetus.web.context import TheDesk, TheSettings, settings_of
from impetus.web.kept import keep
from impetus.web.names import name_of
from impetus.web.pages import bar
from impetus.web.pages.tools_board import source_rows, tool_rows
from impetus.web.render import page
from impetus.web.session import Person

TIMELINE = timedelta(hours=6)
TIMELINE_ALERTS = 120
SHELVED_SHOWN = 5

router = APIRouter()
router.include_router(bar.router)


@router.get("/")
def picture(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> Response:
    """Return the picture, whole: it reads without scripts, and lives with them.

    Roles that do not see alerts are sent to what they came for, the sources.
    """
    if not may(actor, Operation.ALERTS_READ):
        return RedirectResponse("/sources", status_code=303)
    view = read.picture(desk, actor)
    return page(
        request,
        "picture.html",
        actor=actor,
        basemap=bool(settings.basemap),
        change=view.change,
        headers=keep(actor),
        **_scene(request, desk, actor, view),
    )


@router.get("/picture/now")
def now(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the parts of the picture that changes may have touched, for the page to take in where they differ."""
    view = read.picture(desk, actor)
    return page(request, "picture_now.html", actor=actor, **_scene(request, desk, actor, view))


@router.get("/picture/readings")
def readings(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> Response:
    """Return the newest readings of the things on the plan: `{thing: {property: [value, unix seconds, unit]}}`."""
    where = keep_placed(desk, actor, settings.place_file, memory_of(request))
    told = plan.readings(where, read.latest(desk, actor))
    return Response(orjson.dumps(told), media_type="application/json", headers=keep(actor))


def _scene(request: Request, desk: Desk, actor: Actor, view: PictureView) -> dict[str, Any]:
    """Return what the templates show."""
    at, memory = desk.clock.now(), memory_of(request)
    keep_placed(desk, actor, settings_of(request).place_file, memory)
    return {
        "bar": bar.bar_of(view),
        "cards": cards(desk, actor, view.alerts, memory),
        "shelved": _shelved(desk, actor, view),
        "counts": {state.value: count for state, count in view.counts.items()},
        "tools": tool_rows(view.parts, view.alerts),
        "sources": source_rows(view.sources, view.latest, at),
        "moments": _moments(desk, actor, at),
        "quiet_since": _quiet_since(desk, actor) if not view.alerts else None,
        "may_triage": may(actor, Operation.ALERTS_TRIAGE),
        "colleagues": read.colleagues(desk, actor),
        "tool_name": name_of,
        "may_incident": may(actor, Operation.INCIDENTS_WRITE),
    }


def _shelved(desk: Desk, actor: Actor, view: PictureView) -> tuple[Alert, ...]:
    """Return the alerts put aside, dimmed below the open ones, so that nobody forgets them."""
    if not view.counts.get(AlertState.SHELVED):
        return ()
    query = AlertQuery(states=(AlertState.SHELVED,), order="urgent", limit=SHELVED_SHOWN)
    return read.list_alerts(desk, actor, query).items


def _moments(desk: Desk, actor: Actor, at: datetime) -> tuple[Alert, ...]:
    """Return the alerts of the last six hours for the timeline, oldest first."""
    query = AlertQuery(raised_since=at - TIMELINE, order="newest", limit=TIMELINE_ALERTS)
    return tuple(reversed(read.list_alerts(desk, actor, query).items))


def _quiet_since(desk: Desk, actor: Actor) -> datetime | None:
    """Return when the newest alert was last heard of, None when there never was one."""
    newest = read.list_alerts(desk, actor, AlertQuery(order="newest", limit=1)).items
    return newest[0].changed_at if newest else None
