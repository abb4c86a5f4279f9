"""Both OpenAPI documents against their apps: whatever a client sends, no 5xx, and only what the document says."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from schemathesis import APIOperation, CheckFunction, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from impetus.core.admission import Limits
from impetus.core.ids import SourceId
from impetus.core.observation import Source
from impetus.desk import tokens
from impetus.desk.context import Desk
from impetus.desk.ingest import Intake
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app
from impetus.web.ingest.app import create_ingest_app
from town import CONSOLE, NOW, Town, close_town, csrf_of, furnish, open_town

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
BOUNDED = settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
"""Enough for each route to be tried with good and bad input within a minute."""
HOST = {"host": "127.0.0.1"}
ENDLESS = "/api/v1/events"


def ingest_of(home: Path) -> tuple[FastAPI, Intake]:
    """Return an ingest in memory, not yet started."""
    desk = memory_desk(NOW)
    intake = Intake(desk, Limits())
    return create_ingest_app(desk, Settings(home=home), intake), intake


def routes(app: FastAPI) -> list[tuple[str, str, GenerationMode]]:
    """Return method and path of every documented route with what it is sent: what is allowed, and what is forbidden.

    The endless stream has tests of its own; a route that takes nothing but text cannot be sent anything forbidden.
    """
    modes = []
    for path, methods in app.openapi()["paths"].items():
        for method, route in methods.items():
            if path != ENDLESS:
                modes.append((method.upper(), path, GenerationMode.POSITIVE))
            if path != ENDLESS and ("requestBody" in route or any(map(_can_be_wrong, route.get("parameters", [])))):
                modes.append((method.upper(), path, GenerationMode.NEGATIVE))
    return modes


def _can_be_wrong(parameter: Mapping[str, Any]) -> bool:
    return parameter["in"] != "path" or parameter["schema"].get("type") != "string"


WEB = routes(create_app(memory_desk(NOW), Settings(home=Path("unused"))))
INGEST = routes(ingest_of(Path("unused"))[0])


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return a furnished installation with a plan, which all routes share."""
    town = open_town(tmp_path_factory.mktemp("town"))
    furnish(town)
    town.settings.place_file.write_text('{"type": "FeatureCollection", "features": []}')
    yield town
    close_town(town)


@pytest.fixture(scope="module")
def operator(town: Town) -> dict[str, str]:
    """Return what an operator's browser sends with each request."""
    person = town.person()
    cookie = f"impetus_session={person.cookies['impetus_session']}"
    return {"cookie": cookie, "x-csrf-token": csrf_of(person), **HOST}


@pytest.fixture(scope="module")
def ingest_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Return an ingest that takes readings of one declared source."""
    app, intake = ingest_of(tmp_path_factory.mktemp("ingest"))
    desk: Desk = app.state.desk
    with desk.store.write() as unit:
        unit.sources.declare(Source(id=SourceId("square"), name="The square", kind="http"), [])
    intake.start()
    yield app
    intake.close()
    desk.store.close()


@pytest.fixture(scope="module")
def sensor(ingest_app: FastAPI) -> dict[str, str]:
    """Return what a source sends with each request."""
    operations = ["observations.write", "sources.declare", "sources.read", "history.read"]
    _, secret = tokens.issue(ingest_app.state.desk, CONSOLE, "sensor", operations, SourceId("square"))
    return {"authorization": f"Bearer {secret}", **HOST}


@pytest.mark.parametrize(("method", "path", "mode"), WEB)
def test_the_web_answers_as_its_document_says(
    town: Town, operator: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    """Reads and acts of an operator: no 5xx, no status, type or shape that the document does not name."""
    document = schemathesis.openapi.from_asgi("/api/v1/openapi.json", town.app, headers=HOST)
    check_route(document[path][method], mode, operator, CHECKS)


@pytest.mark.parametrize(("method", "path", "mode"), INGEST)
def test_the_ingest_never_fails_on_what_it_is_sent(
    ingest_app: FastAPI, sensor: dict[str, str], method: str, path: str, mode: GenerationMode
) -> None:
    """Readings of any shape from a source with a good token."""
    document = schemathesis.openapi.from_asgi("/openapi.json", ingest_app, headers=HOST)
    check_route(document[path][method], mode, sensor, [not_a_server_error])


def check_route(
    route: APIOperation, mode: GenerationMode, headers: dict[str, str], checks: list[CheckFunction]
) -> None:
    """Send a route what its document allows, or what it forbids."""

    @BOUNDED
    @given(case=route.as_strategy(generation_mode=mode))
    def try_it(case: schemathesis.Case) -> None:
        case.call_and_validate(headers=headers, checks=checks)

    try_it()
