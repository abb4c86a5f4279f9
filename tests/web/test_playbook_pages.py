"""Types and playbooks on screen: read by everybody, edited by those who may, checked while one types, printed."""

import json
from collections.abc import Iterator

import pytest
from starlette.testclient import TestClient

from desk.run_samples import DRILL, DRILL_TYPE, add_drill
from impetus.core.actor import Role
from impetus.core.ids import AlertId
from impetus.desk import incident_types, incidents, runs
from impetus.desk.incident_types import Draft
from page_reader import by_id
from seats import act, actor, look, seat
from town import Town, close_town, furnish, open_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Return one house for all of these tests; each that changes a playbook has its own."""
    town = open_town(tmp_path_factory.mktemp("town"))
    furnish(town)
    yield town
    close_town(town)


@pytest.fixture(scope="module")
def sol(town: Town) -> TestClient:
    """Return a supervisor's browser in a house that has the drill."""
    client = seat(town, "Sol", Role.SUPERVISOR)
    add_drill(town.desk, actor(town, "Sol"))
    return client


def text_of(slug: str) -> str:
    """Return the drill's text under another name."""
    return DRILL.replace("incident_type: drill", f"incident_type: {slug}")


def own(town: Town, slug: str) -> None:
    """Let Sol write the drill under another name."""
    incident_types.save_playbook(town.desk, actor(town, "Sol"), slug, Draft(text=text_of(slug), why="a drill", base=0))


def test_every_person_reads_types_and_playbooks_and_some_write(town: Town) -> None:
    """The list names the twelve types that come with the platform; who may not change them has no form."""
    for role in (Role.OPERATOR, Role.DPO, Role.PLANNER, Role.ADMINISTRATOR):
        client = seat(town, f"a-{role}", role)
        page = look(client, "/playbooks")
        assert "Risk of a crowd crush" in page.words
        assert len(list(next(page.all("tbody")).all("tr"))) == 12
        may_write = role in {Role.PLANNER, Role.ADMINISTRATOR}
        editor = look(client, "/playbooks/firearm_seen")
        assert any(one.get("name") == "text" for one in editor.all("textarea")) is may_write
        assert act(client, "/playbooks/firearm_seen", base=1, text="x", why="y")[0] == (400 if may_write else 403)


def test_what_is_typed_is_checked_with_its_lines_and_drawn(sol: TestClient) -> None:
    """The part of the editor says each fault with line and remedy, and draws what can be drawn; right text has none."""
    broken = DRILL.replace("-> 6\n5.", "-> 66\n5.")
    answer = sol.post("/check-playbook", data={"text": broken})
    assert "there is no step 66" in answer.text
    assert "Line 15" in answer.text
    good = sol.post("/check-playbook", data={"text": DRILL})
    assert "Nothing wrong found" in good.text
    assert "<svg" in good.text
    assert "<style" not in good.text


def test_hostile_text_is_checked_and_never_executed(sol: TestClient) -> None:
    """Whatever is typed comes back as faults; markup stays words, in the drawing too."""
    for text in ("", "---", "\x00", "1. [operator] <script>alert(1)</script> -> end\n", "- a\n- b\n", "{" * 3000):
        for address in ("/check-playbook", "/check-type"):
            answer = sol.post(address, data={"text": text})
            assert answer.status_code == 200
            assert "<script" not in answer.text


def test_a_change_is_a_new_version_with_why(sol: TestClient, town: Town) -> None:
    """Saved, the list of versions says who, when and why; the older text can be read again."""
    own(town, "smoke")
    changed = text_of("smoke").replace("Look at the camera.", "Look at both cameras.")
    status, said = act(sol, "/playbooks/smoke", base=1, text=changed, why="two cameras see more")
    assert (status, said["go"]) == (200, "/playbooks/smoke")
    page = look(sol, "/playbooks/smoke")
    assert "two cameras see more" in page.words
    assert "Look at both cameras." in page.words
    assert "Look at the camera." in look(sol, "/playbooks/smoke/versions/1").words
    assert look(sol, "/playbooks/smoke/versions/9", 400)
    now = incident_types.playbook(town.desk, actor(town, "Sol"), "smoke")
    assert (now.version, now.playbook.version, now.saved_by) == (2, 2, "Sol")


def test_two_who_save_from_the_same_version_are_one_save_and_one_refusal(sol: TestClient, town: Town) -> None:
    """The second is told who saved meanwhile, and what they typed is still theirs."""
    own(town, "fire")
    assert act(sol, "/playbooks/fire", base=1, text=text_of("fire"), why="a")[0] == 200
    status, problem = act(sol, "/playbooks/fire", base=1, text=text_of("fire"), why="b")
    assert (status, problem["detail"]) == (409, "playbook fire changed since you began (Sol saved version 2)")


def test_a_new_playbook_and_type_are_saved_under_the_names_they_give(town: Town) -> None:
    """A planner writes both; a name that is taken, or none, is refused."""
    client = seat(town, "Pia", Role.PLANNER)
    type_text = DRILL_TYPE.replace("drill", "flood")
    assert act(client, "/new-playbook", text=text_of("flood"), why="new")[0] == 200
    assert act(client, "/new-type", text=type_text, why="new")[0] == 200
    assert act(client, "/new-type", text=type_text, why="new")[0] == 409
    assert act(client, "/new-type", text="title: x\n", why="new")[0] in {400, 404}
    assert "Drill" in look(client, "/types/flood").words
    assert "my_type" in look(client, "/new-type").words
    assert "What do you see?" in look(client, "/new-playbook").words


def test_a_type_is_changed_in_fields_and_keeps_its_triggers(sol: TestClient, town: Town) -> None:
    """The form writes the same text a person would; the colour follows the shape; nonsense is refused with its line."""
    fields = {
        "base": 1,
        "title": "Crush",
        "icon": "crowd",
        "shape": "octagon",
        "sound": "urgent",
        "priority": "high",
        "playbook": "crowd_crush_risk",
        "start": "when opened",
        "recipients": ["operator", "supervisor"],
        "why": "worse than we thought",
    }
    assert act(sol, "/types/crowd_crush_risk/fields", **fields)[0] == 200
    now = incident_types.type_(town.desk, actor(town, "Sol"), "crowd_crush_risk")
    assert (now.type.title, now.type.colour, now.version) == ("Crush", "extreme", 2)
    assert len(now.type.triggers) == 2
    status, problem = act(sol, "/types/crowd_crush_risk/fields", **{**fields, "base": 2, "icon": "skull"})
    assert status == 400
    assert "icon cannot be 'skull'" in problem["detail"]


def test_a_type_whose_playbook_is_not_there_is_refused(sol: TestClient) -> None:
    """Nobody finds out at three in the morning that nothing leads."""
    status, problem = act(
        sol, "/types/drill", base=1, text=DRILL_TYPE.replace("playbook: drill", "playbook: gone"), why="x"
    )
    assert (status, problem["detail"]) == (400, "line 8: there is no playbook 'gone'")
    assert (
        "there is no playbook"
        in sol.post("/check-type", data={"text": DRILL_TYPE.replace("drill\nst", "gone\nst")}).text
    )


def test_paper_says_version_and_gives_boxes_to_tick(sol: TestClient) -> None:
    """Each of fifteen steps and thirteen answers has its box, with role and limit; and the page says which version it is."""
    page = look(sol, "/playbooks/firearm_seen/print")
    assert "version 1" in page.words
    assert sum(one.get("class") == "tick" for one in page.all("span")) == 28
    assert "within" in page.words


def test_a_playbook_leaves_as_cacao_and_as_a_drawing(sol: TestClient) -> None:
    """Both as files: the standard's JSON, and the SVG with its own colours."""
    document = json.loads(sol.get("/playbooks/firearm_seen.json").text)
    assert (document["type"], document["spec_version"], document["name"]) == ("playbook", "cacao-2.0", "Firearm seen")
    drawing = sol.get("/playbooks/firearm_seen.svg")
    assert drawing.headers["content-type"] == "image/svg+xml"
    assert "<style>" in drawing.text


def test_what_is_not_there_is_said_so(sol: TestClient) -> None:
    """A name nobody gave finds nothing, in whatever form it is asked for."""
    for path in ("/playbooks/nothing", "/types/nothing", "/playbooks/nothing/print", "/playbooks/nothing.svg"):
        assert sol.get(path).status_code == 404


def test_who_leads_sees_skips_on_their_page_and_says_so(sol: TestClient, town: Town) -> None:
    """The supervisor's page names the step, who, and why; after "seen" it is empty; an operator has no such page."""
    operator = seat(town, "Kari")
    assert "Nothing is late" in look(sol, "/runs").words
    incident = incidents.open_incident(town.desk, actor(town, "Kari"), "Smoke", [AlertId(1)], type_="drill")
    runs.skip_step(town.desk, actor(town, "Kari"), incident.id, "1", why="the camera is dark")
    page = look(sol, "/runs")
    assert "the camera is dark" in page.words
    assert list(by_id(page, "attention").all("form"))
    assert look(operator, "/runs", 403)
    assert act(operator, f"/incidents/{incident.id}/steps/1/seen")[0] == 403
    assert act(sol, f"/incidents/{incident.id}/steps/1/seen")[0] == 200
    assert "Nothing is late" in look(sol, "/runs").words
    assert act(sol, f"/incidents/{incident.id}/steps/3/seen")[0] == 409


def test_a_late_step_stands_on_the_leads_page(sol: TestClient, town: Town) -> None:
    """Since when it is open stands beside it; there is nothing to tick off, somebody has to do it."""
    seat(town, "Ola")
    incident = incidents.open_incident(town.desk, actor(town, "Ola"), "Smoke", [AlertId(2)], type_="drill")
    town.clock.advance(61)
    runs.run_late_steps(town.desk)
    page = look(sol, "/runs")
    assert "Late" in page.words
    assert not list(by_id(page, "attention").all("form"))
    runs.finish_step(town.desk, actor(town, "Sol"), incident.id, "1", answer="nothing", evidence="C1")
    assert "Nothing is late" in look(sol, "/runs").words


def test_the_number_of_a_version_is_written_into_the_text(sol: TestClient, town: Town) -> None:
    """What is printed says which version it is, whatever number was typed."""
    own(town, "ice")
    draft = Draft(text=text_of("ice").replace("version: 1", "version: 77"), why="x", base=1)
    assert incident_types.save_playbook(town.desk, actor(town, "Sol"), "ice", draft).playbook.version == 2
    assert "version: 2" in look(sol, "/playbooks/ice").words
