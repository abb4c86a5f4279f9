"""The ingest's HTTP app: readings in, receipts out, sources declared."""

import asyncio
from typing import Final

from fastapi import APIRouter, FastAPI, Request, Response

from impetus.core.errors import Malformed
from impetus.core.observation import Datastream
from impetus.desk.context import Desk
from impetus.desk.declare_source import MAX_BYTES, declare, read_json, read_toml
from impetus.desk.ingest import Intake
from impetus.settings import Settings
from impetus.web.ingest import documented, ngsi_door, sta
from impetus.web.ingest.answers import answer_receipt, install_answers, json_answer, problem
from impetus.web.ingest.deposit import actor_of, body_of, deposit, intake_of
from impetus.web.ingest.door import Door
from impetus.web.ingest.wire import JSON, UnsupportedMedia, media_of
from impetus.web.telemetry import NO_TELEMETRY

TOML: Final = "application/toml"

router = APIRouter()


def create_ingest_app(desk: Desk, settings: Settings, intake: Intake) -> FastAPI:
    """Return the app; `intake` must have been started."""
    app = FastAPI(
        title=f"{settings.site}: readings",
        version="1",
        description="Where sources send readings. Every path but /healthz needs the bearer token of a source.",
        docs_url=None,
        redoc_url=None,
        servers=[{"url": "/"}],
        telemetry=NO_TELEMETRY,
    )
    app.state.desk, app.state.intake, app.state.door = desk, intake, Door(desk)
    install_answers(app)
    app.include_router(router)
    app.include_router(sta.router)
    app.include_router(ngsi_door.router)
    return app


@router.post("/api/v1/observations", openapi_extra=documented.OBSERVATIONS, responses=documented.RECEIPTS)
async def post_observations(request: Request) -> Response:
    """Take readings in. 200: all taken or known already; 207: some refused, the rest durable; 422: all refused."""
    actor = await actor_of(request)
    intake = intake_of(request)
    source = intake.source_of(actor)
    intake.stops.refuse_source(source)
    intake.names(source)
    body = await body_of(request, sender=actor)
    media = media_of(request.headers.get("content-type", ""))
    return answer_receipt(await deposit(intake, actor, media, body))


@router.get("/api/v1/datastreams", responses=documented.ERRORS)
async def get_datastreams(request: Request) -> Response:
    """Return the source's own datastreams: key, number and what was declared of them."""
    actor = await actor_of(request)
    intake = intake_of(request)
    source = intake.source_of(actor)
    known = intake.datastreams(source)
    return json_answer({"source": source, "datastreams": [_datastream(each) for each in known]})


@router.post("/api/v1/sources", openapi_extra=documented.SOURCES, responses=documented.ERRORS)
async def post_source(request: Request) -> Response:
    """Declare a source with its things and datastreams; the same declaration again changes nothing."""
    actor = await actor_of(request)
    media = media_of(request.headers.get("content-type", ""))
    reader = {JSON: read_json, TOML: read_toml}.get(media)
    if reader is None:
        raise UnsupportedMedia(
            f"media type {media[:50]}", value=media, limit=f"{JSON}, {TOML}", remedy="send one of these"
        )
    try:
        declaration = reader((await body_of(request, MAX_BYTES)).decode())
    except UnicodeDecodeError as error:
        raise Malformed(f"the body is not UTF-8: {error}", limit="UTF-8", remedy="send UTF-8") from error
    desk: Desk = request.app.state.desk
    stored = await asyncio.to_thread(declare, desk, actor, declaration)
    await asyncio.to_thread(intake_of(request).refresh)
    return json_answer({"source": declaration.source.id, "datastreams": [_datastream(each) for each in stored]}, 201)


@router.get("/healthz")
async def get_healthz(request: Request) -> Response:
    """Say whether readings are being taken: 200, or 503 while nothing can be made durable. No authentication."""
    if intake_of(request).status().failing_since is None:
        return json_answer({"status": "up"})
    return problem(
        {"type": "about:blank", "title": "Not now", "status": 503, "detail": "readings cannot be made durable"},
        {"Retry-After": "5"},
    )


def _datastream(datastream: Datastream) -> dict[str, object]:
    """Return a datastream as its source sees it."""
    return {
        "id": datastream.id,
        "key": datastream.key,
        "thing": datastream.thing,
        "property": datastream.observed_property,
        "unit": datastream.unit,
        "lowest": datastream.lowest,
        "highest": datastream.highest,
        "cadence_s": datastream.cadence_s,
    }
