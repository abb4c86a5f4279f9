"""Each family of errors, told to a program, to a person and to a part of a page: whose fault, which limit, what helps."""

import logging
from collections.abc import Callable

import pytest
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from httpx import Response
from starlette.exceptions import HTTPException
from starlette.testclient import TestClient

from impetus.core.errors import (
    Conflict,
    ImpetusError,
    Malformed,
    Misconfigured,
    NotNow,
    OurFault,
    Refused,
    TheirFault,
    TooLarge,
    Unauthenticated,
    Unknown,
)
from impetus.web.problems import MAX_NAMED, TITLES, WHAT_NOW, SignInNeeded
from impetus.web.security import TooMany
from page_reader import read_page
from seats import seat
from town import Town

WORDS = {"value": "7", "limit": "1..5", "remedy": "take five"}
RULE = {"rule": "no more than five"}
FAMILIES: tuple[tuple[ImpetusError, int], ...] = (
    (OurFault("it broke", **WORDS), 500),
    (Misconfigured("it is set wrong", **WORDS), 500),
    (TheirFault("it cannot be used", **WORDS), 422),
    (Malformed("it cannot be read", **WORDS), 400),
    (TooLarge("it is too much", **WORDS), 413),
    (Unknown("it is not here", **WORDS), 404),
    (Conflict("somebody acted", **WORDS), 409),
    (Refused("you may not", **RULE, **WORDS), 403),
    (Unauthenticated("who is it", **RULE, **WORDS), 401),
    (NotNow("the disk is full", retry_after_s=12.4, **WORDS), 503),
    (TooMany("once more", retry_after_s=0.2, **WORDS), 429),
)
NAMES = [type(error).__name__ for error, _ in FAMILIES]
every_family = pytest.mark.parametrize(("error", "status"), FAMILIES, ids=NAMES)


@pytest.fixture
def failing(town: Town) -> Callable[[Exception], TestClient]:
    """Return a way to get a person's browser on an installation where a page and a route of the API fail like that."""

    def fail(error: Exception) -> TestClient:
        def broken(request: Request) -> None:
            raise error

        for path in ("/api/v1/broken", "/broken"):
            town.app.add_api_route(path, broken, methods=["GET", "POST"], include_in_schema=False)
        return seat(town)

    return fail


@every_family
def test_a_program_gets_a_problem_document(
    failing: Callable[[Exception], TestClient], error: ImpetusError, status: int
) -> None:
    """RFC 9457, with the family's name, the value, the limit and the remedy."""
    answer = failing(error).get("/api/v1/broken")
    problem = answer.json()
    assert (answer.status_code, problem["status"]) == (status, status)
    assert answer.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:impetus:problem:{type(error).__name__}"
    assert {name: problem[name] for name in WORDS} == WORDS


@every_family
def test_a_person_gets_a_page_that_says_the_same(
    failing: Callable[[Exception], TestClient], error: ImpetusError, status: int
) -> None:
    """In words, with what they can do, inside the frame of every page."""
    answer = failing(error).get("/broken")
    page = read_page(answer.text)
    assert answer.status_code == status
    for told in (error.title, error.detail, "7", "1..5", "take five", WHAT_NOW[status]):
        assert told in page.words, told
    assert next(page.all("html")).get("lang") == "en"


@every_family
def test_a_part_of_a_page_gets_the_same_without_a_frame(
    failing: Callable[[Exception], TestClient], error: ImpetusError, status: int
) -> None:
    """A fragment that is announced by screen readers at once."""
    answer = failing(error).get("/broken", headers={"hx-request": "true"})
    page = read_page(answer.text)
    assert (answer.status_code, list(page.all("html"))) == (status, [])
    assert error.detail in page.words
    assert any(node.get("role") == "alert" for node in page.all())


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({}, "text/html"),
        ({"accept": "text/html,application/json;q=0.9"}, "text/html"),
        ({"accept": "application/json"}, "application/problem+json"),
        ({"authorization": "Bearer imp_x"}, "application/problem+json"),
    ],
)
def test_who_asks_decides_the_form(
    failing: Callable[[Exception], TestClient], headers: dict[str, str], kind: str
) -> None:
    """A browser gets a page, a script and a token get a document."""
    answer = failing(Conflict("somebody acted")).get("/broken", headers=headers)
    assert answer.headers["content-type"].startswith(kind)


@pytest.mark.parametrize(("seconds", "told"), [(0.01, "1"), (1.4, "1"), (12.6, "13"), (300.0, "300")])
def test_not_now_says_when(failing: Callable[[Exception], TestClient], seconds: float, told: str) -> None:
    """In whole seconds, never zero: RFC 9110, 10.2.3."""
    answer = failing(NotNow("the disk is full", retry_after_s=seconds)).get("/api/v1/broken")
    assert answer.headers["retry-after"] == told


def test_only_not_now_says_when(failing: Callable[[Exception], TestClient]) -> None:
    """A conflict does not go away by waiting."""
    assert "retry-after" not in failing(Conflict("somebody acted")).get("/api/v1/broken").headers


def test_a_program_that_is_nobody_learns_the_scheme(failing: Callable[[Exception], TestClient]) -> None:
    """RFC 9110, 11.6.1: 401 carries a challenge; a refusal to somebody known does not."""
    client = failing(Unauthenticated("who is it", rule="token"))
    assert client.get("/api/v1/broken").headers["www-authenticate"] == 'Bearer realm="impetus"'
    assert "www-authenticate" not in client.get("/broken").headers


def test_our_fault_is_logged_under_the_number_that_is_shown(
    failing: Callable[[Exception], TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    """The administrator finds the cause by what the operator reads aloud."""
    client = failing(OurFault("the index is torn"))
    with caplog.at_level(logging.ERROR):
        number = client.get("/api/v1/broken").json()["number"]
    assert len(number) == 8
    assert any(f"fault {number}" in record.getMessage() for record in caplog.records)


def test_what_others_did_wrong_fills_no_log(
    failing: Callable[[Exception], TestClient], caplog: pytest.LogCaptureFixture
) -> None:
    """Refusals are ordinary; a log of them would hide the faults."""
    client = failing(Malformed("it cannot be read"))
    with caplog.at_level(logging.ERROR):
        client.get("/api/v1/broken")
    assert not [record for record in caplog.records if record.name.startswith("impetus.web")]


def test_a_bug_never_tells_its_inside(failing: Callable[[Exception], TestClient]) -> None:
    """Neither a page nor a document nor a fragment holds what the exception said."""
    client = failing(ZeroDivisionError("at /srv/secret/path"))
    answers: list[Response] = [
        client.get("/broken"),
        client.get("/api/v1/broken"),
        client.get("/broken", headers={"hx-request": "true"}),
    ]
    assert [answer.status_code for answer in answers] == [500] * 3
    assert not [answer for answer in answers if "secret" in answer.text or "ZeroDivision" in answer.text]


def test_when_the_problem_page_breaks_too_a_document_still_comes(town: Town) -> None:
    """The last resort needs no template."""
    client = seat(town)

    def broken() -> None:
        raise RuntimeError("first")

    town.app.add_api_route("/broken", broken, methods=["GET"])
    for environment in town.app.state.web.templates.values():
        environment.filters.pop("clock")
        environment.cache.clear()
    answer = client.get("/broken")
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert len(answer.json()["number"]) == 8


@pytest.mark.parametrize(
    ("status", "title"),
    [(400, "Input is malformed"), (405, "Method not allowed"), (413, "Input is too large"), (418, "Refused")],
)
def test_what_the_framework_refuses_has_our_form(
    failing: Callable[[Exception], TestClient], status: int, title: str
) -> None:
    """With the words we have for it."""
    problem = failing(HTTPException(status, "as it says")).get("/api/v1/broken").json()
    assert (problem["status"], problem["title"], problem["detail"]) == (status, title, "as it says")


def test_a_wrong_method_names_the_right_ones(town: Town) -> None:
    """RFC 9110, 15.5.6: 405 carries Allow."""
    answer = seat(town).request("DELETE", "/board")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET"


def test_an_address_that_is_not_there_is_cut_before_it_is_repeated(town: Town) -> None:
    """Two hundred characters of it are enough to recognise."""
    problem = seat(town).get("/api/v1/" + "x" * 5000).json()
    assert problem["status"] == 404
    assert len(problem["detail"]) < 240


def test_each_wrong_field_is_named_up_to_a_bound(failing: Callable[[Exception], TestClient]) -> None:
    """Field, value and limit of each, ten at most, each value cut."""
    wrong = [
        {"loc": ("body", "readings", number), "msg": "Input should be a number", "input": "x" * 500}
        for number in range(MAX_NAMED + 5)
    ]
    problem = failing(RequestValidationError(wrong)).get("/api/v1/broken").json()
    assert [field["field"] for field in problem["fields"]] == [f"readings.{number}" for number in range(MAX_NAMED)]
    assert all(len(field["value"]) == 100 for field in problem["fields"])
    assert problem["detail"] == "readings.0: Input should be a number"


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/v1/alerts?limit=0", "limit"),
        ("/api/v1/alerts?limit=many", "limit"),
        ("/api/v1/alerts?since=2026-11-21T13:00:00", "since"),
        ("/api/v1/alerts?tool=Not-A-Tool", "tool"),
        ("/api/v1/alerts?order=oldest", "order"),
        ("/api/v1/series?datastream=0", "datastream.0"),
        ("/api/v1/series?datastream=" + "&datastream=".join(map(str, range(1, 22))), "datastream"),
        ("/api/v1/incidents?state=lost", "state.0"),
    ],
)
def test_a_wrong_parameter_is_named_with_its_limit(town: Town, path: str, field: str) -> None:
    """Without the word `query` that only our code knows."""
    problem = seat(town).get(path).json()
    assert (problem["status"], problem["fields"][0]["field"]) == (422, field)
    assert problem["limit"]
    assert problem["remedy"]


def test_a_body_that_is_no_json_is_said_in_one_sentence(town: Town) -> None:
    """With where it stops being JSON."""
    answer = seat(town).post(
        "/api/v1/alerts/1/acknowledge", content=b'{"version": ', headers={"content-type": "application/json"}
    )
    assert answer.status_code == 422
    assert "JSON" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("method", "path", "location"),
    [
        ("GET", "/", "/sign-in"),
        ("GET", "/alerts/3", "/sign-in?next=/alerts/3"),
        ("GET", "/sources/quarantine?source=x", "/sign-in?next=/sources/quarantine"),
        ("GET", "/n%C3%A5", None),
    ],
)
def test_the_door_remembers_where_one_wanted_to_be(town: Town, method: str, path: str, location: str | None) -> None:
    """The path only: what stood in the query may be private; a page that is not there is said to be not there."""
    answer = town.visitor().request(method, path)
    assert answer.headers.get("location") == location
    assert answer.status_code == (303 if location else 404)


def test_a_change_that_was_not_signed_in_is_not_repeated_after_the_door(town: Town) -> None:
    """Coming back from the door reads, it never acts: the way on names no act."""
    client = seat(town)
    client.cookies.delete("impetus_session")
    visitor_page = client.get("/sign-in")
    token = next(
        field.get("value") for field in read_page(visitor_page.text).all("input") if field.get("name") == "csrf"
    )
    answer = client.post("/alerts/1/acknowledge", data={}, headers={"x-csrf-token": token})
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_every_title_of_a_family_is_marked_for_translation() -> None:
    """A family that pages can show cannot come without words in every language."""
    assert {error.title for error, _ in FAMILIES} <= set(TITLES)
    assert SignInNeeded.title in TITLES


def test_every_status_of_a_family_says_what_now() -> None:
    """A page never ends with what is wrong: it goes on with what helps."""
    assert {status for _, status in FAMILIES} <= set(WHAT_NOW)
