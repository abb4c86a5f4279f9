"""What a browser may keep for the time without the server: marked one by one, for one account, and never unmasked."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.ids import IncidentId
from impetus.desk import accounts, incidents, runs
from impetus.web.kept import KEEP
from page_reader import by_id, read_page
from seats import act, actor, look, opened, seat
from town import CONSOLE, Town

Raise = Callable[..., Alert]
MARKED = (
    "/",
    "/incidents",
    "/incidents/1",
    "/offline",
    "/on-call",
    "/playbooks/firearm_seen/print",
    "/picture/readings",
)
UNMARKED = (
    "/alerts",
    "/alerts/1",
    "/incidents?after=x",
    "/incidents/1/now",
    "/incidents/1/timeline",
    "/incidents/1/methane",
    "/sign-in",
    "/sign-in/password",
    "/workers",
    "/channels",
    "/hand-over",
    "/bar",
    "/offline/keep",
    "/nothing",
)


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def account(town: Town, name: str = "Kari") -> str:
    """Return the number of a person's account."""
    return str(next(one.id for one in accounts.everyone(town.desk, CONSOLE) if one.name == name))


@pytest.mark.parametrize("path", MARKED)
def test_what_is_needed_without_the_server_is_marked_for_its_account(
    town: Town, raised: Raise, kari: TestClient, path: str
) -> None:
    """The mark names whose answer it is; the browser's own cache still keeps nothing of it."""
    opened(town, raised().id)
    answer = kari.get(path)
    assert answer.status_code == 200
    assert answer.headers[KEEP] == account(town)
    assert "no-store" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", UNMARKED)
def test_nothing_else_is_marked(town: Town, raised: Raise, kari: TestClient, path: str) -> None:
    """Alerts with their evidence, accounts, what staff may read of themselves, fragments, refusals."""
    opened(town, raised().id)
    assert KEEP not in kari.get(path).headers


def test_pages_of_ethics_and_accounts_are_never_marked(town: Town) -> None:
    """Who looked, who is behind a pseudonym, requests of citizens: not in any browser when the server is gone."""
    dag, adele = seat(town, "Dag", Role.DPO), seat(town, "Adele", Role.ADMINISTRATOR)
    for client, paths in ((dag, ("/ethics", "/ethics/who-looked", "/ethics/log", "/reveals")), (adele, ("/accounts",))):
        for path in paths:
            answer = client.get(path)
            assert (answer.status_code, answer.headers.get(KEEP)) == (200, None), path


def test_a_program_is_told_nothing_to_keep(town: Town) -> None:
    """A token belongs to no account: its answers carry no mark."""
    answer = town.program("parts.read").get("/api/v1/place")
    assert KEEP not in answer.headers


def test_what_to_keep_is_what_this_person_works_on(town: Town, raised: Raise, kari: TestClient) -> None:
    """Open incidents with their versions, checklists, whom to call; not closed ones, and never a camera: a look is logged."""
    first, second = opened(town, raised("one").id), opened(town, raised("two").id)
    incidents.close(town.desk, actor(town), second.id, outcome="over")
    before = {each["path"]: each["version"] for each in kari.get("/offline/keep").json()["pages"]}
    assert {"/offline", f"/incidents/{first.id}", "/incidents", "/on-call", "/", "/api/v1/place"} <= set(before)
    assert f"/incidents/{second.id}" not in before
    assert "/playbooks/firearm_seen/print" in before
    assert not [path for path in before if path.startswith(("/cameras", "/evidence", "/alerts"))]
    act(kari, f"/incidents/{first.id}/note", text="stewards told")
    after = {each["path"]: each["version"] for each in kari.get("/offline/keep").json()["pages"]}
    assert {path for path in before if before[path] != after[path]} == {f"/incidents/{first.id}"}


def test_every_page_to_keep_can_be_kept(town: Town, raised: Raise, kari: TestClient) -> None:
    """What the list names is there and carries the mark, but for the plan this installation may not have."""
    opened(town, raised().id)
    for each in kari.get("/offline/keep").json()["pages"]:
        answer = kari.get(each["path"])
        assert KEEP in answer.headers or (each["path"] == "/api/v1/place" and answer.status_code == 404), each


def test_who_sees_no_incidents_is_given_none_to_keep(town: Town, raised: Raise, kari: TestClient) -> None:
    """An integrator keeps no incident and no picture."""
    opened(town, raised().id)
    paths = [each["path"] for each in town.person(Role.INTEGRATOR).get("/offline/keep").json()["pages"]]
    assert not [path for path in paths if path.startswith(("/incidents", "/api")) or path == "/"]


def test_nobody_without_a_session_learns_what_is_kept(town: Town) -> None:
    """They are sent to sign in, and that answer is not kept."""
    answer = town.visitor().get("/offline/keep")
    assert answer.status_code in {303, 401}
    assert KEEP not in answer.headers


def test_the_service_worker_may_watch_over_all_of_ours(town: Town, kari: TestClient) -> None:
    """Its address changes with its bytes, it may claim the root, and no other file may."""
    page = look(kari, "/offline")
    (root,) = page.all("html")
    answer = kari.get(root.get("data-sw"))
    assert answer.status_code == 200
    assert answer.headers["service-worker-allowed"] == "/"
    assert "immutable" in answer.headers["cache-control"]
    assert "service-worker-allowed" not in kari.get("/static/js/main.js").headers


def test_a_visitor_gets_no_service_worker(town: Town) -> None:
    """Who is not signed in has nothing to keep."""
    (root,) = read_page(town.visitor().get("/sign-in").text).all("html")
    assert not root.get("data-sw")
    assert not root.get("data-account")


def test_the_resolve_button_says_how_many_steps_are_open(town: Town, raised: Raise, kari: TestClient) -> None:
    """And leads to the first of them; without a playbook it is the form."""
    incident = opened(town, raised().id)
    head = by_id(look(kari, f"/incidents/{incident.id}"), "incident-head")
    assert "Resolve the incident" in head.words
    view = runs.start(town.desk, actor(town), IncidentId(incident.id), "firearm_seen")
    head = by_id(look(kari, f"/incidents/{incident.id}"), "incident-head")
    assert f"Resolve ({len(view.open_mandatory)} step" in head.words
    assert f"#step-{view.open_mandatory[0]}" in [link.get("href") for link in head.all("a")]
    assert act(kari, f"/incidents/{incident.id}/close", outcome="over")[0] == 409


def test_a_playbook_is_chosen_worked_and_skipped_by_forms(town: Town, raised: Raise, kari: TestClient) -> None:
    """The types to choose from, an answer with evidence, a skip with its reason; what is missing is said."""
    incident = opened(town, raised().id)
    where = f"/incidents/{incident.id}"
    choices = look(kari, f"{where}/playbook")
    assert "Firearm seen" in choices.words
    assert act(kari, f"{where}/playbook", type="firearm_seen")[0] == 200
    assert act(kari, f"{where}/playbook", type="no_such")[0] == 404
    assert act(kari, f"{where}/steps/1/finish", answer="a firearm")[0] == 400
    assert act(kari, f"{where}/steps/1/finish", answer="a firearm", evidence="from two sides")[0] == 200
    assert act(kari, f"{where}/steps/2/skip", why="")[0] == 400
    assert act(kari, f"{where}/steps/2/skip", why="the police called us")[0] == 200
    run = by_id(look(kari, where), "run").words
    assert "from two sides" in run
    assert "skipped: the police called us" in run
    assert act(kari, f"{where}/steps/99/finish")[0] == 404
    assert act(kari, f"{where}/steps/x/finish")[0] in {404, 422}
