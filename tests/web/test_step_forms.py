"""What people send about a playbook's steps: who may, what no form of ours sends, and that a refusal changes nothing."""

from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from desk.run_samples import add_drill
from impetus.core.actor import Role
from impetus.core.ids import AlertId, IncidentId
from impetus.desk import incidents, run_reading
from seats import act, actor, look, seat
from town import Town, close_town, furnish, open_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return one house with the drill, led by nobody yet."""
    made = open_town(tmp_path_factory.mktemp("town"))
    furnish(made)
    yield made
    close_town(made)


@pytest.fixture(scope="module")
def kari(town: Town) -> TestClient:
    """Return the operator whose incident the drill leads: number 1."""
    seat(town, "Sol", Role.SUPERVISOR)
    add_drill(town.desk, actor(town, "Sol"))
    client = seat(town)
    incidents.open_incident(town.desk, actor(town, "Kari"), "Smoke", [AlertId(1)], type_="drill")
    return client


def length(town: Town) -> tuple[int, int]:
    """Return how far the run of incident 1 is."""
    view = run_reading.run_view(town.desk, actor(town, "Kari"), IncidentId(1))
    assert view is not None
    return view.done, view.version


@pytest.mark.parametrize(
    ("path", "fields", "statuses"),
    [
        ("steps/1/finish", {"answer": "", "evidence": "C1"}, {400}),
        ("steps/1/finish", {"answer": "rain", "evidence": "C1"}, {400}),
        ("steps/1/finish", {"answer": "smoke", "evidence": ""}, {400}),
        ("steps/1/finish", {"answer": "x" * 2001, "evidence": "C1"}, {400, 422}),
        ("steps/1/finish", {"answer": "smoke", "evidence": "C1", "version": -1}, {400, 422}),
        ("steps/1/finish", {"answer": "smoke", "evidence": "C1", "version": "new"}, {400, 422}),
        ("steps/2/finish", {}, {409}),
        ("steps/99/finish", {}, {400, 404, 409}),
        ("steps/1000/finish", {}, {400, 404, 422}),
        ("steps/one/finish", {}, {400, 404, 422}),
        ("steps/1/skip", {"why": ""}, {400}),
        ("steps/1/skip", {"why": " \n"}, {400}),
        ("steps/2/skip", {"why": "x"}, {409}),
        ("steps/1/skip", {"why": "x" * 2001}, {400, 422}),
        ("playbook", {"type": "nothing"}, {400, 404}),
        ("playbook", {"type": "x" * 41}, {400, 404, 422}),
        ("playbook", {"type": "../drill"}, {400, 404}),
        ("playbook", {}, {400, 422}),
    ],
)
def test_each_odd_form_is_refused_and_the_run_stays_where_it_is(
    town: Town, kari: TestClient, path: str, fields: dict[str, object], statuses: set[int]
) -> None:
    """Empty, unknown, too long, too early; with a sentence that says what would help."""
    before = length(town)
    status, problem = act(kari, f"/incidents/1/{path}", **fields)
    assert status in statuses, problem
    assert problem["detail"]
    assert length(town) == before


@pytest.mark.parametrize("role", [Role.EXECUTIVE, Role.DPO, Role.AUDITOR, Role.ANALYST, Role.PLANNER])
def test_who_does_not_work_on_incidents_moves_no_step(town: Town, kari: TestClient, role: Role) -> None:
    """Neither done nor skipped nor led by another playbook."""
    assert kari.get("/incidents/1").status_code == 200
    before, client = length(town), seat(town, f"b-{role}", role)
    for path, fields in (
        ("steps/1/finish", {"answer": "smoke", "evidence": "C1"}),
        ("steps/1/skip", {"why": "x"}),
        ("playbook", {"type": "drill"}),
    ):
        assert act(client, f"/incidents/1/{path}", **fields)[0] == 403
    assert length(town) == before


@pytest.mark.parametrize("incident", [0, 99, 2**63])
def test_an_incident_that_is_not_there_has_no_steps(kari: TestClient, incident: int) -> None:
    """At the door, or behind it."""
    assert kari.get(f"/incidents/{incident}/playbook").status_code in {400, 404, 422}
    assert act(kari, f"/incidents/{incident}/steps/1/skip", why="x")[0] in {400, 404, 422}


def test_the_choice_of_playbooks_names_each_with_its_title(kari: TestClient) -> None:
    """Twelve that come with the platform, and the house's own."""
    page = look(kari, "/incidents/1/playbook")
    for title in ("Drill", "Risk of a crowd crush", "Firearm seen"):
        assert title in page.words
