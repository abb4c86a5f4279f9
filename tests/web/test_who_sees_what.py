"""Each role sees only what it may, and is offered only what it sees: pages, links and the API agree with the guard."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.desk import accounts, triage
from impetus.ethics.guard import GRANTABLE, MATRIX, Operation, may
from page_reader import by_id, links
from seats import COOKIE, actor, look, opened, seat
from town import CONSOLE, Town, close_town, csrf_of, enter, furnish, open_town

PEOPLE = sorted(accounts.PEOPLE)
PAGES = {
    "/alerts": Operation.ALERTS_READ,
    "/alerts/1": Operation.ALERTS_READ,
    "/alerts/1/now": Operation.ALERTS_READ,
    "/picture/now": Operation.ALERTS_READ,
    "/incidents": Operation.INCIDENTS_READ,
    "/incidents/1": Operation.INCIDENTS_READ,
    "/incidents/1/now": Operation.INCIDENTS_READ,
    "/sources": Operation.SOURCES_READ,
    "/sources/quarantine": Operation.QUARANTINE_READ,
    "/city": Operation.SENSORS_READ,
    "/city/frames": Operation.SENSORS_READ,
    "/city/worst": Operation.SENSORS_READ,
    "/sensors": Operation.SENSORS_READ,
    "/sensors/grid": Operation.SENSORS_READ,
    "/sensors/1": Operation.SENSORS_READ,
    "/sensors/1/said": Operation.SENSORS_READ,
    "/sensors/1/series": Operation.SENSORS_READ,
    "/sensors/rates": Operation.SENSORS_READ,
    "/samplers": Operation.SENSORS_READ,
    "/samples": Operation.SAMPLES_READ,
    "/board": Operation.PARTS_READ,
    "/accounts": Operation.ACCOUNTS_MANAGE,
    "/picture/readings": Operation.HISTORY_READ,
    "/api/v1/alerts": Operation.ALERTS_READ,
    "/api/v1/alerts/1": Operation.ALERTS_READ,
    "/api/v1/incidents/1": Operation.INCIDENTS_READ,
    "/api/v1/picture": Operation.ALERTS_READ,
    "/api/v1/series?datastream=1": Operation.HISTORY_READ,
    "/api/v1/parts": Operation.PARTS_READ,
    "/api/v1/sources": Operation.SOURCES_READ,
}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[Role, TestClient]]:
    """Return one person of each role in a furnished installation; nothing in this file's reads changes it."""
    town = open_town(tmp_path_factory.mktemp("house"))
    furnish(town)
    people = {role: seat(town, f"the-{role}", role) for role in PEOPLE}
    opened(town, 1, name="the-operator")
    yield people
    close_town(town)


@pytest.mark.parametrize("role", PEOPLE)
def test_pages_and_api_answer_as_the_guard_says(house: dict[Role, TestClient], role: Role) -> None:
    """Every page and every read, for every role: 200 where the matrix grants it, 403 where it does not."""
    answered = {path: house[role].get(path).status_code for path in PAGES}
    assert answered == {path: 200 if needs in MATRIX[role].may else 403 for path, needs in PAGES.items()}


@pytest.mark.parametrize("role", PEOPLE)
def test_no_link_leads_to_a_refusal(house: dict[Role, TestClient], role: Role) -> None:
    """From the bar and from every page a role may see."""
    client = house[role]
    wanted: set[str] = set()
    for path, needs in PAGES.items():
        if (
            needs in MATRIX[role].may
            and not path.startswith("/api")
            and not path.endswith(("/now", "/readings", "/frames", "/grid", "/said", "/series"))
        ):
            wanted |= {link.partition("#")[0] for link in links(look(client, path))}
    assert len(wanted) > 3
    assert {link for link in wanted if client.get(link).status_code >= 400} == set()


@pytest.mark.parametrize(
    ("role", "names"),
    [
        (Role.OPERATOR, ["Picture", "Alerts", "Incidents", "Decisions", "Cameras", "Board", "Ethics"]),
        (Role.EXECUTIVE, ["Picture", "Alerts", "Incidents", "Decisions", "Board", "Ethics", "Reveals"]),
        (Role.INTEGRATOR, ["Board", "Ethics"]),
        (Role.ADMINISTRATOR, ["Picture", "Alerts", "Incidents", "Decisions", "Board", "Ethics", "Accounts"]),
    ],
)
def test_the_bar_names_the_pages_of_a_role(house: dict[Role, TestClient], role: Role, names: list[str]) -> None:
    """No more and no fewer; the pages about work and about sensors each stand behind a button of their own."""
    bar, menu, sensors = (
        [link.words for link in by_id(look(house[role], "/keys"), name).all("a")]
        for name in ("nav", "nav-processes", "nav-sensors")
    )
    behind = [*menu, *sensors]
    assert [link for link in bar if link not in behind] == names
    assert ("Sources" in sensors) == ("sources.read" in MATRIX[role].may)
    assert ("City view" in sensors) == ("sensors.read" in MATRIX[role].may)
    assert {"Playbooks and types", "On call", "Public warnings"} <= set(behind)
    assert ("Hand-over" in behind) == ("shifts.read" in MATRIX[role].may)


def test_a_refusal_leads_on_to_where_one_may_go(house: dict[Role, TestClient]) -> None:
    """An integrator who was sent a link to an alert is not sent to the alerts."""
    page = by_id(look(house[Role.INTEGRATOR], "/alerts/1", 403), "main")
    assert [link.words for link in page.all("a")] == ["To the picture"]
    assert "ask somebody who is operator" in page.words


@pytest.mark.parametrize("operation", sorted(GRANTABLE))
def test_a_token_reads_what_is_written_on_it_and_nothing_else(furnished: Town, operation: Operation) -> None:
    """Each operation opens exactly its own reads of the API."""
    program = furnished.program(operation)
    reads = {path: needs for path, needs in PAGES.items() if path.startswith("/api") and "incidents" not in path}
    answered = {path: program.get(path).status_code for path in reads}
    assert answered == {path: 200 if needs == operation else 403 for path, needs in reads.items()}


@pytest.mark.parametrize("path", ["/", "/alerts", "/board", "/sources", "/accounts", "/keys", "/sign-in/password"])
def test_a_token_opens_no_page(furnished: Town, path: str) -> None:
    """Pages are for people: a program is told 401, never shown a form."""
    answer = furnished.program(*GRANTABLE).get(path)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer imp_", "bearer imp_x", "Basic a2FyaTp4", "imp_x", "é"])
def test_a_credential_that_is_no_token_is_not_covered_by_a_session(town: Town, header: str) -> None:
    """Who sends a credential is judged by it, even with a good cookie beside it."""
    client = seat(town)
    assert client.get("/api/v1/alerts").status_code == 200
    answer = client.get("/api/v1/alerts", headers={"authorization": header.encode()})
    assert (answer.status_code, answer.json()["title"]) == (401, "Sign in first")


def test_a_token_needs_no_forgery_token_and_a_session_does(furnished: Town) -> None:
    """The token itself is what no other site can send; its refusal is the guard's, not the form's."""
    program = furnished.program("alerts.read").post("/api/v1/alerts/1/acknowledge", json={})
    client = seat(furnished)
    client.headers.pop("x-csrf-token")
    person = client.post("/api/v1/alerts/1/acknowledge", json={})
    assert (program.status_code, person.status_code) == (403, 403)
    assert "person" in program.json()["rule"]
    assert person.json()["rule"] == "form-token"


def test_a_one_time_password_opens_nothing_of_the_api(town: Town) -> None:
    """Neither reads nor acts, until it was changed."""
    secret = accounts.add(town.desk, CONSOLE, "kari", Role.OPERATOR).password
    client = town.visitor()
    enter(client, "kari", secret)
    answer = client.get("/api/v1/alerts")
    assert (answer.status_code, answer.json()["rule"]) == (401, "password")
    acted = client.post("/api/v1/alerts/1/acknowledge", json={}, headers={"x-csrf-token": csrf_of(client)})
    assert acted.status_code == 401


def test_a_cookie_of_nobody_is_nobody(town: Town) -> None:
    """Guessed, empty, cut and doubled cookies all lead to the door."""
    good = seat(town).cookies[COOKIE]
    for value in ("x", good[:-1], good + "x", good.upper(), "%00"):
        visitor = town.visitor()
        visitor.cookies.set(COOKIE, value, domain="127.0.0.1", path="/")
        assert visitor.get("/board").headers["location"].startswith("/sign-in"), value


def test_a_change_of_role_counts_at_once(town: Town) -> None:
    """An operator who becomes an integrator sees no alert on the next page."""
    client = seat(town)
    assert client.get("/alerts").status_code == 200
    with town.desk.store.write() as unit:
        account = unit.accounts.by_name("Kari")
        assert account is not None
        unit.accounts.replace(replace(account, role=Role.INTEGRATOR))
    assert client.get("/alerts").status_code == 403


def test_what_is_done_carries_the_name_of_who_did_it(furnished: Town) -> None:
    """A form cannot say who acts: the session does."""
    client = seat(furnished)
    client.post("/alerts/1/acknowledge", data={"who": "Ola", "actor": "Ola", "owner": "Ola"})
    with furnished.desk.store.read() as unit:
        assert unit.alerts.get(1).owner == "Kari"


def test_the_guard_and_the_desk_agree_for_the_one_who_acts(furnished: Town) -> None:
    """What the page asks before it offers is what the desk asks before it does."""
    seat(furnished)
    kari = actor(furnished)
    assert may(kari, Operation.ALERTS_TRIAGE)
    assert triage.acknowledge(furnished.desk, kari, 1).owner == "Kari"
