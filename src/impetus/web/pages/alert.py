"""The alert page: what happened, how sure, why, what may I do, who can see this, who did what."""

from datetime import timedelta
from typing import Annotated

import orjson
from fastapi import APIRouter, Path, Request, Response
from markupsafe import Markup

from impetus.core.actor import Actor
from impetus.core.alert import Alert
from impetus.core.evidence import MAX_SERIES, ImageEvidence, SeriesEvidence, TextEvidence
from impetus.core.ids import AlertId
from impetus.core.incident import IncidentState
from impetus.core.units import written
from impetus.desk import incident_types, read
from impetus.desk.context import Desk
from impetus.desk.incident_types import TypeNow
from impetus.desk.needs import needs
from impetus.desk.views import AlertView
from impetus.ethics.guard import Operation, may
from impetus.web.cards import memory_of, record_of
from impetus.web.context import TheDesk, TheSettings
from impetus.web.documents import evidence_document
from impetus.web.i18n import Words
from impetus.web.media_panel import asked_in
from impetus.web.names import name_of
from impetus.web.pages import alert_acts, bar
from impetus.web.pages.evidence import picture_address
from impetus.web.pages.reveal_form import ANSWER_MINUTES
from impetus.web.render import page, words_of
from impetus.web.session import Person
from impetus.web.sparks import Spark, spark

LARGEST_ID = 2**63 - 1
OPEN_INCIDENTS = 20
LIVE_SPAN = timedelta(hours=2)
"""How long after the evidence the plot goes on with live readings; beyond it, the series page is the place."""

router = APIRouter()
router.include_router(alert_acts.router)
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/alerts/{alert}")
def alert(request: Request, desk: TheDesk, settings: TheSettings, actor: Person, alert: Id) -> Response:
    """Return the alert's page."""
    return _answer(request, desk, actor, alert, "alert.html", basemap=bool(settings.basemap))


@router.get("/alerts/{alert}/now")
def alert_now(request: Request, desk: TheDesk, actor: Person, alert: Id) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _answer(request, desk, actor, alert, "alert_now.html")


def _answer(
    request: Request, desk: Desk, actor: Actor, alert_id: int, template: str, *, basemap: bool = False
) -> Response:
    view = read.alert(desk, actor, AlertId(alert_id))
    words = words_of(request)
    types, suggested = _types(desk, actor, view.alert)
    return page(
        request,
        template,
        actor=actor,
        basemap=basemap,
        view=view,
        alert=view.alert,
        plots=_plots(view),
        plots_json=_plots_json(view, words),
        seen_media=_seen_media(view),
        record=record_of(desk, actor, view.alert.tools[0], memory_of(request)) if view.alert.tools else None,
        colleagues=read.colleagues(desk, actor),
        incidents=_open_incidents(desk, actor),
        asked_for=view.alert.incident,
        asked=asked_in(desk, actor, view.alert.incident),
        answer_within=ANSWER_MINUTES,
        may_incident=may(actor, Operation.INCIDENTS_WRITE),
        types=types,
        suggested=suggested,
        tool_name=name_of,
        unit=written,
        bar=bar.bar_of(needs(desk, actor)),
    )


def _types(desk: Desk, actor: Actor, alert: Alert) -> tuple[tuple[TypeNow, ...], str]:
    """Return what an incident from this alert could be, and what the alert speaks for, for who may open one."""
    if not may(actor, Operation.INCIDENTS_WRITE) or alert.incident is not None:
        return (), ""
    now = incident_types.suggest_type(desk, actor, alert.id)
    return incident_types.types(desk, actor), now.type.slug if now else ""


def _series(view: AlertView) -> tuple[SeriesEvidence, ...]:
    """Return the explaining series, newest evidence first, each datastream once."""
    found: dict[int, SeriesEvidence] = {}
    for evidence in view.evidences:
        for series in evidence.series:
            found.setdefault(series.datastream, series)
    return tuple(found.values())[:MAX_SERIES]


def _plots(view: AlertView) -> tuple[tuple[SeriesEvidence, Spark], ...]:
    """Return the series with a plot drawn here, for browsers without scripts."""
    return tuple((series, spark(series, width=640, height=180)) for series in _series(view))


def _seen_media(view: AlertView) -> list[tuple[tuple[TextEvidence, ...], list[tuple[ImageEvidence, str]]]]:
    """Return the texts and pictures of evidence, masked as the desk gave them, pictures with their address."""
    return [
        (evidence.texts, [(image, picture_address(image)) for image in evidence.images])
        for evidence in view.evidences
        if evidence.texts or evidence.images
    ]


def _plots_json(view: AlertView, words: Words) -> Markup:
    """Return the series for the plotting module, safe inside a script element: no `<` can end it."""
    found = [
        document.model_dump() for evidence in view.evidences for document in evidence_document(evidence, words).series
    ]
    once = {item["datastream"]: item for item in reversed(found)}
    shown = [{**once[series.datastream], "unit": written(series.unit)} for series in _series(view)]
    return Markup(orjson.dumps(shown).decode().replace("<", "\\u003c"))  # noqa: S704 - JSON with every "<" escaped


def _open_incidents(desk: Desk, actor: Actor) -> tuple[tuple[int, str], ...]:
    """Return the incidents an alert could join: number and title."""
    if not may(actor, Operation.INCIDENTS_READ):
        return ()
    states = (IncidentState.OPEN, IncidentState.OFFERED)
    found = read.list_incidents(desk, actor, states=states, limit=OPEN_INCIDENTS).items
    return tuple((incident.id, incident.title) for incident in found)
