"""Both doors are documented: every route of either OpenAPI document has its row, and no row leads nowhere."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI

from impetus.core.admission import Limits
from impetus.desk.ingest import Intake
from impetus.settings import Settings
from impetus.testing.desk import memory_desk
from impetus.web.app import create_app
from impetus.web.ingest.app import create_ingest_app
from laws.tree import ROOT
from town import NOW

API = ROOT / "docs/reference/api.md"
SEND = ROOT / "docs/how-to/send-readings.md"
CALL = re.compile(r"`(GET|POST) (/[^`]*)`")
WORD = re.compile(r"\b[a-z]+\b")
UNDOCUMENTED_BY_THE_APP = {("GET", "/healthz"), ("GET", "/openapi.json"), ("GET", "/api/v1/openapi.json")}
"""Routes the apps leave out of their documents and the pages rightly name."""

Route = tuple[str, str]


def plain(path: str) -> str:
    """Return a path whose places have no names, so that `{id}` and `{alert}` are one."""
    return re.sub(r"\{\w+\}", "{}", path)


def documented(page: Path) -> Iterator[Route]:
    """Yield every call that a page names; a row whose path ends in dots names one for each word beside it."""
    for line in page.read_text(encoding="utf-8").splitlines():
        for method, path in CALL.findall(line):
            if path.endswith("/…"):
                words = line.split("|")[2].partition("`")[2].partition("`")[0]
                yield from ((method, plain(path.removesuffix("…")) + word) for word in WORD.findall(words))
            else:
                yield method, plain(path.partition("?")[0])


def routes(app: FastAPI) -> set[Route]:
    """Return method and path of every route in an app's own document."""
    return {
        (method.upper(), plain(path))
        for path, methods in app.openapi()["paths"].items()
        for method in methods
        if method.upper() in {"GET", "POST", "PUT", "PATCH", "DELETE"}
    }


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Return the web's app."""
    desk = memory_desk(NOW)
    app = create_app(desk, Settings(home=tmp_path_factory.mktemp("web")))
    yield app
    app.state.web.hub.stop()
    desk.store.close()


@pytest.fixture(scope="module")
def ingest(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FastAPI]:
    """Return the ingest's app."""
    desk = memory_desk(NOW)
    yield create_ingest_app(desk, Settings(home=tmp_path_factory.mktemp("ingest")), Intake(desk, Limits()))
    desk.store.close()


def test_every_route_of_the_web_is_in_the_reference(web: FastAPI) -> None:
    """A program's author finds each call on one page."""
    assert sorted(routes(web) - set(documented(API))) == []


def test_every_route_of_the_ingest_is_in_the_how_to(ingest: FastAPI) -> None:
    """Who connects sensors finds each call where sending is explained."""
    assert sorted(routes(ingest) - set(documented(SEND))) == []


def test_no_page_names_a_route_that_is_not_there(web: FastAPI, ingest: FastAPI) -> None:
    """A call that was renamed or removed leaves no row behind."""
    there = routes(web) | routes(ingest) | UNDOCUMENTED_BY_THE_APP
    assert sorted((set(documented(API)) | set(documented(SEND))) - there) == []


def test_nothing_of_the_web_is_changed_by_reading(web: FastAPI) -> None:
    """Every change is a POST; what is fetched changes nothing."""
    assert {method for method, _ in routes(web)} == {"GET", "POST"}


@pytest.mark.parametrize("door", ["web", "ingest"])
def test_every_route_says_what_it_does(door: str, request: pytest.FixtureRequest) -> None:
    """The document a client generates code from is readable by people too."""
    app: FastAPI = request.getfixturevalue(door)
    silent = [
        (method, path)
        for path, methods in app.openapi()["paths"].items()
        for method, route in methods.items()
        if not route.get("summary") or (door == "ingest" and not route.get("description"))
    ]
    assert silent == []


@pytest.mark.parametrize("door", ["web", "ingest"])
def test_every_route_names_the_refusal_of_who_is_not_known(door: str, request: pytest.FixtureRequest) -> None:
    """401 stands in the document of every call that asks for a token."""
    app: FastAPI = request.getfixturevalue(door)
    open_calls = [
        path
        for path, methods in app.openapi()["paths"].items()
        for route in methods.values()
        if "401" not in route["responses"]
    ]
    assert open_calls == (["/healthz"] if door == "ingest" else [])


def test_paths_are_read_from_rows_as_people_do() -> None:
    """The law can fail: a row without its word names no call of that word."""
    assert ("POST", "/api/v1/alerts/{}/acknowledge") in set(documented(API))
    assert ("POST", "/api/v1/alerts/{}/juggle") not in set(documented(API))
