"""The web process as an ASGI app: pages, API, events and static files behind one wall."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import FileResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute

import impetus
from impetus.core.errors import ImpetusError, Unknown
from impetus.desk import follow
from impetus.desk.context import Desk
from impetus.settings import Settings
from impetus.web import api
from impetus.web.assets import load_assets
from impetus.web.context import TheDesk, TheSettings, Web, web_of
from impetus.web.i18n import load_words
from impetus.web.pages import (
    accounts,
    alert,
    alerts,
    answer,
    assessment,
    board,
    cameras,
    channels,
    city_view,
    datastream,
    effects,
    ethics,
    evidence,
    explanation,
    frameworks,
    gates,
    hand_over,
    incident,
    incident_types,
    incidents_list,
    keys,
    kpis,
    load,
    log,
    methane,
    offline,
    on_call,
    picture,
    plants,
    playbooks,
    quarantine,
    register,
    retention,
    reveals,
    run_steps,
    runs,
    samplers,
    samples,
    sensor_health,
    sensor_rates,
    shares,
    shift_log,
    sign_in,
    situation,
    sources,
    stops,
    warnings,
    who_looked,
    workers,
)
from impetus.web.problems import LastResort, install_problems
from impetus.web.render import environments
from impetus.web.security import SignInLimit, Wall, forgery_guard
from impetus.web.session import Person
from impetus.web.sse import Hub, Limits
from impetus.web.telemetry import NO_TELEMETRY

DESCRIPTION = """\
Read alerts, incidents, series and the state of the platform, and act on alerts and incidents.

Programs send `Authorization: Bearer <token>`; a token is issued on the page Accounts, carries only the operations written
on it, and never judges or decides. Every refusal is `application/problem+json` (RFC 9457) with the value, the limit and
the remedy. Changes arrive as server-sent events at `/api/v1/events`.
"""
PAGES = (
    samplers,
    samples,
    effects,
    warnings,
    sign_in,
    picture,
    alerts,
    alert,
    incidents_list,
    incident,
    methane,
    situation,
    shares,
    quarantine,
    sources,
    board,
    city_view,
    sensor_rates,
    sensor_health,
    datastream,
    accounts,
    keys,
    offline,
    ethics,
    register,
    assessment,
    frameworks,
    who_looked,
    retention,
    log,
    stops,
    cameras,
    reveals,
    run_steps,
    gates,
    plants,
    on_call,
    channels,
    answer,
    hand_over,
    shift_log,
    load,
    kpis,
    playbooks,
    incident_types,
    runs,
    workers,
    explanation,
    evidence,
)

router = APIRouter(include_in_schema=False)


@router.get("/healthz")
def healthz(desk: TheDesk) -> PlainTextResponse:
    """Say only whether the platform is up: its state can be read."""
    try:
        follow.span(desk)
    except ImpetusError:
        return PlainTextResponse("not up\n", status_code=503)
    return PlainTextResponse("up\n")


@router.get("/static/{path:path}")
async def static(request: Request, path: str) -> Response:
    """Return a static file."""
    return web_of(request).assets.answer(request, path)


@router.get("/favicon.ico")
async def favicon(request: Request) -> Response:
    """Return the mark that browsers ask for by themselves."""
    return web_of(request).assets.answer(request, "icon.svg")


@router.get("/basemap.pmtiles")
def basemap(settings: TheSettings, actor: Person) -> Response:
    """Return the configured basemap, in the ranges the map asks for."""
    del actor
    file = settings.home / settings.basemap
    if not settings.basemap or not file.is_file():
        raise Unknown("no basemap is configured", value=settings.basemap, remedy="set basemap to a PMTiles file")
    return FileResponse(file, media_type="application/vnd.pmtiles")


@cache
def every_route() -> tuple[BaseRoute, ...]:
    """Return the routes of all pages and of the API, each guarded against forgery, worked out once for all apps."""
    every = APIRouter(dependencies=[Depends(forgery_guard)])
    every.include_router(router)
    every.include_router(api.router)
    for page_module in PAGES:
        every.include_router(page_module.router, include_in_schema=False)
    return tuple(every.routes)


def create_app(desk: Desk, settings: Settings, *, limits: Limits | None = None) -> FastAPI:
    """Build the app of one installation; `app.state.web.hub` is what to stop when the process should end."""
    words, assets = load_words(), load_assets()
    web = Web(
        desk=desk,
        settings=settings,
        words=words,
        assets=assets,
        templates=environments(desk, settings, words, assets),
        hub=Hub(desk, limits),
        sign_ins=SignInLimit(desk.clock),
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        web.hub.stop()

    app = FastAPI(
        title=f"Impetus at {settings.site}",
        version=impetus.__version__,
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        openapi_url="/api/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
        routes=list(every_route()),
        telemetry=NO_TELEMETRY,
    )
    app.state.web = web
    install_problems(app)
    app.add_middleware(LastResort)
    app.add_middleware(Wall, settings=settings)
    return app
