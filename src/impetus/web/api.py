"""The API under `/api/v1`: the desk's use cases, typed, for programs and for our own browser modules."""

import asyncio
import contextlib
import hashlib
from datetime import datetime, timedelta
from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from pydantic import AwareDatetime

from impetus.core.alert import AlertState
from impetus.core.errors import Malformed, NotNow, Refused, Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId, DatastreamId, IncidentId, ToolId
from impetus.core.incident import IncidentState
from impetus.desk import alarm_load, follow, read
from impetus.desk.context import Desk
from impetus.ports import AlertQuery
from impetus.web import api_acts, api_explain, api_log
from impetus.web.api_routes import LARGEST_ID, READ, READ_ONE, Id, etag, problems
from impetus.web.context import TheDesk, TheSettings, web_of
from impetus.web.documents import (
    AlertDocument,
    AlertStory,
    IncidentDocument,
    IncidentStory,
    LatestDocument,
    PageOf,
    PartDocument,
    PictureDocument,
    SampledDocument,
    SourceDocument,
    alert_document,
    alert_story,
    incident_document,
    incident_story,
    latest_document,
    part_document,
    sampled_document,
    source_document,
)
from impetus.web.kept import keep
from impetus.web.render import words_of
from impetus.web.sampling import sample
from impetus.web.session import Caller, api_actor
from impetus.web.sse import EventStream

MAX_SERIES = 20
DEFAULT_SPAN = timedelta(hours=6)


router = APIRouter(prefix="/api/v1")
router.include_router(api_acts.router)
router.include_router(api_log.router)
router.include_router(api_explain.router)
Limit = Annotated[int, Query(ge=1, le=200, description="items on one page")]
After = Annotated[str | None, Query(max_length=200, description="`next` of the page before")]


@router.get("/alerts", tags=["alerts"], summary="List alerts", responses=READ)
def list_alerts(  # noqa: PLR0913 - a list has as many parameters as filters
    request: Request,
    desk: TheDesk,
    actor: Caller,
    *,
    state: Annotated[list[AlertState] | None, Query(description="one or more; all when left out")] = None,
    tool: Annotated[str | None, Query(max_length=31, pattern=r"^[a-z][a-z0-9_]*$")] = None,
    severity: Severity | None = None,
    owner: Annotated[str | None, Query(max_length=100)] = None,
    since: Annotated[AwareDatetime | None, Query(description="raised at or after")] = None,
    order: Literal["newest", "urgent"] = "newest",
    after: After = None,
    limit: Limit = 50,
) -> PageOf[AlertDocument]:
    """Return one page of alerts, newest or most urgent first."""
    words = words_of(request)
    found = read.list_alerts(
        desk,
        actor,
        AlertQuery(
            states=tuple(state or ()),
            tool=ToolId(tool) if tool else None,
            severity=severity,
            owner=owner,
            raised_since=since,
            order=order,
            after=after,
            limit=limit,
        ),
    )
    return PageOf(items=[alert_document(alert, words) for alert in found.items], next=found.next)


@router.get("/alerts/{alert}", tags=["alerts"], summary="Read one alert", responses=READ_ONE)
def read_alert(request: Request, response: Response, desk: TheDesk, actor: Caller, alert: Id) -> AlertStory:
    """Return an alert with its history, its evidence and what the caller may do to it."""
    view = read.alert(desk, actor, AlertId(alert))
    response.headers["ETag"] = etag(view.alert.version)
    return alert_story(view, words_of(request))


@router.get("/incidents", tags=["incidents"], summary="List incidents", responses=READ)
def list_incidents(
    desk: TheDesk,
    actor: Caller,
    *,
    state: Annotated[list[IncidentState] | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> PageOf[IncidentDocument]:
    """Return one page of incidents, newest first."""
    found = read.list_incidents(desk, actor, states=tuple(state or ()), after=after, limit=limit)
    return PageOf(items=[incident_document(incident) for incident in found.items], next=found.next)


@router.get("/incidents/{incident}", tags=["incidents"], summary="Read one incident", responses=READ_ONE)
def read_incident(request: Request, response: Response, desk: TheDesk, actor: Caller, incident: Id) -> IncidentStory:
    """Return an incident with its timeline, alerts and decisions."""
    view = read.incident(desk, actor, IncidentId(incident))
    response.headers["ETag"] = etag(view.incident.version)
    return incident_story(view, words_of(request))


@router.get("/picture", tags=["picture"], summary="Read the common operational picture", responses=READ)
def read_picture(request: Request, desk: TheDesk, actor: Caller) -> PictureDocument:
    """Return what is open, how the platform is, and where to follow events from."""
    view, words = read.picture(desk, actor), words_of(request)
    return PictureDocument(
        at=view.at,
        alerts=[alert_document(alert, words) for alert in view.alerts],
        counts={str(state): count for state, count in view.counts.items()},
        incidents=[incident_document(incident) for incident in view.incidents],
        parts=[part_document(part) for part in view.parts],
        sources=[source_document(source, with_datastreams=False) for source in view.sources],
        raised_10_min=view.raised_10_min,
        raised_hour=view.raised_hour,
        change=view.change,
        simulated=view.simulated,
    )


@router.get(
    "/place",
    tags=["picture"],
    summary="Read the plan of the place",
    response_class=Response,
    responses={**READ_ONE, 200: {"content": {"application/geo+json": {"schema": {"type": "object"}}}}},
)
def read_place(request: Request, settings: TheSettings, actor: Caller) -> Response:
    """Return the plan as GeoJSON; 304 when the caller has it."""
    if not settings.place_file.is_file():
        raise Unknown(
            "this installation has no plan", value=settings.place_file.name, remedy="put place.geojson into its home"
        )
    body = settings.place_file.read_bytes()
    tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", **keep(actor)}
    if request.headers.get("if-none-match") == tag:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/geo+json", headers=headers)


@router.get("/latest", tags=["readings"], summary="Read the newest reading of each datastream", responses=READ)
def read_latest(desk: TheDesk, actor: Caller) -> LatestDocument:
    """Return columns: datastream, its key, time and result."""
    batch = read.latest(desk, actor)
    names = {item.id: item.key for view in read.sources(desk, actor) for item in view.datastreams}
    return latest_document(batch, [names.get(one, "") for one in map(DatastreamId, batch.datastream.tolist())])


@router.get("/series", tags=["readings"], summary="Read series", responses=READ)
def read_series(
    desk: TheDesk,
    actor: Caller,
    *,
    datastream: Annotated[list[Annotated[int, Query(ge=1, le=LARGEST_ID)]], Query(min_length=1, max_length=MAX_SERIES)],
    since: Annotated[AwareDatetime | None, Query(description="from this time on; six hours back when left out")] = None,
    until: Annotated[AwareDatetime | None, Query(description="before this time; now when left out")] = None,
) -> SampledDocument:
    """Return readings of up to 20 datastreams, at most 2,000 points: peaks are kept, the rest is thinned out."""
    end = until or desk.clock.now()
    start = since or _earlier(end)
    if start >= end:
        raise Malformed(
            "since is not before until", value=start.isoformat(), limit=end.isoformat(), remedy="give a span"
        )
    batch = read.series(desk, actor, [DatastreamId(one) for one in datastream], start, end)
    return sampled_document(sample(batch), readings=len(batch))


def _earlier(end: datetime) -> datetime:
    """Return the default start of a span; the beginning of time has nothing before it."""
    try:
        return end - DEFAULT_SPAN
    except OverflowError:
        return end


@router.get("/parts", tags=["platform"], summary="Read the board", responses=READ)
def read_parts(desk: TheDesk, actor: Caller) -> list[PartDocument]:
    """Return every part of the platform: tools, web, ingest, keeper."""
    return [part_document(part) for part in read.board(desk, actor).parts]


@router.get("/sources", tags=["platform"], summary="Read the sources", responses=READ)
def read_sources(desk: TheDesk, actor: Caller) -> list[SourceDocument]:
    """Return every source with its datastreams and how its readings fared."""
    return [source_document(view) for view in read.sources(desk, actor)]


@router.get(
    "/events",
    tags=["events"],
    summary="Follow changes",
    response_class=Response,
    responses={
        **problems(401, 403, 422, 429, 503),
        200: {
            "description": "server-sent events `alert`, `ask`, `incident`, `part`, `source`; `time` every 5 s; `gap` when "
            "something was missed and everything should be read again",
            "content": {"text/event-stream": {"schema": {"type": "string"}}},
        },
    },
)
async def follow_events(
    request: Request,
    desk: TheDesk,
    actor: Caller,
    *,
    last_event_id: Annotated[int | None, Header(ge=0, le=LARGEST_ID, description="resume after this change")] = None,
    after: Annotated[
        int | None, Query(ge=0, le=LARGEST_ID, description="as Last-Event-ID, for a first request")
    ] = None,
) -> Response:
    """Stream what changes, from `Last-Event-ID` on or from now."""
    await asyncio.to_thread(follow.may_follow, desk, actor)
    hub = web_of(request).hub
    client = await hub.join(actor, after if last_event_id is None else last_event_id)
    return EventStream(hub, client, lambda: _still(request, desk), desk.clock.now)


def _still(request: Request, desk: Desk) -> bool:
    """Say whether the caller's session or token is still good; a person's open screen is a seat that can be asked."""
    try:
        actor = api_actor(request)
    except Refused:
        return False
    with contextlib.suppress(NotNow):  # the state is busy; the next heartbeat notes it
        alarm_load.sit(desk, actor)
    return True
