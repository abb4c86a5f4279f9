"""The pages of an incident's situation: what is offered to whom, what the forms do, and what stands there afterwards."""

import json
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.ids import IncidentId
from impetus.core.situation import SharePart
from impetus.desk import methane, shares
from page_reader import acts, by_id
from seats import act, actor, look, opened, seat
from town import Town

Raise = Callable[..., Alert]
ONE = "/incidents/1"


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sol(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sol", Role.SUPERVISOR)


@pytest.fixture
def two(town: Town, raised: Raise, kari: TestClient) -> None:
    """Open incident 1 from two alerts, and incident 2 from a third, both Kari's."""
    opened(town, raised("one").id, raised("two").id)
    opened(town, raised("three").id, title="Smoke")


@pytest.mark.usefixtures("two")
def test_methane_is_saved_part_by_part_for_our_module(town: Town, kari: TestClient) -> None:
    """It answers with the version and what became of each part; an unknown part is no part."""
    code, said = act(kari, f"{ONE}/methane", exact="north steps", base=0, seat="a", colour="red")
    assert (code, said) == (200, {"version": 1, "joined": {"exact": "stand"}})
    methane.save_methane(town.desk, actor(town), IncidentId(1), {"type": "fire"}, base=1, seat="b")
    code, said = act(kari, f"{ONE}/methane", type="firearm", exact="steps", base=1, seat="a")
    assert said["joined"] == {"type": "beside", "exact": "stand"}


@pytest.mark.usefixtures("two")
def test_methane_works_without_scripts(kari: TestClient) -> None:
    """The form sends every part and what it said before; only what was changed is saved, and one comes back to the page."""
    act(kari, f"{ONE}/methane", hazards="gas", base=0, seat="other")
    form = {"base": "0", "exact": "quay", "was_exact": "", "hazards": "", "was_hazards": ""}
    answer = kari.post(f"{ONE}/methane", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{ONE}/methane")
    page = look(kari, f"{ONE}/methane")
    assert {row.get("data-part"): row.words for row in by_id(page, "methane-truth").all("dd") if row.words} == {
        "exact": "quay",
        "hazards": "gas",
    }
    assert "5 missing" in by_id(page, "methane-state").words


@pytest.mark.usefixtures("two")
def test_two_wordings_are_shown_with_three_equal_answers_and_settled(town: Town, kari: TestClient) -> None:
    """Who wrote what stands there; settling with a word that settles nothing is refused."""
    act(kari, f"{ONE}/methane", number="two", base=0, seat="a")
    act(kari, f"{ONE}/methane", number="three", base=0, seat="b")
    beside = by_id(look(kari, f"{ONE}/methane"), "methane-beside")
    assert all(word in beside.words for word in ("two", "three", "Keep what stands", "Take the other", "Both"))
    assert act(kari, f"{ONE}/methane/settle/1", take="neither")[0] == 400
    assert act(kari, f"{ONE}/methane/settle/1", take="both")[0] == 200
    view = methane.methane_view(town.desk, actor(town), IncidentId(1))
    assert (view.fields[5][2], view.beside) == ("two; three", ())


@pytest.mark.usefixtures("two")
def test_methane_is_sent_as_it_was_shown(kari: TestClient) -> None:
    """An older version is refused with what would help; the current one goes, and the page says when and to whom."""
    act(kari, f"{ONE}/methane", type="fire", base=0)
    code, said = act(kari, f"{ONE}/methane/send", version=0, to="everybody on duty")
    assert (code, said["detail"]) == (409, "METHANE is at version 1, you were shown 0")
    assert act(kari, f"{ONE}/methane/send", version=1, to="everybody on duty") == (
        200,
        {"said": "Done: sent to 1", "undo": None, "go": None},
    )
    assert "to everybody on duty" in by_id(look(kari, f"{ONE}/methane"), "methane-state").words


@pytest.mark.usefixtures("two")
def test_who_only_looks_reads_methane_and_is_offered_nothing(town: Town) -> None:
    """An executive sees the parts, without a form."""
    eva = seat(town, "Eva", Role.EXECUTIVE)
    for path in (f"{ONE}/methane", f"{ONE}/situation"):
        assert not [address for address in acts(look(eva, path)) if "incidents" in address]
    assert act(eva, f"{ONE}/methane", type="fire", base=0)[0] == 403


@pytest.mark.usefixtures("two")
def test_objectives_and_sectors_from_the_page(kari: TestClient) -> None:
    """Set, met, taken up again; a sector given and relieved; nobody's thing says so."""
    assert act(kari, f"{ONE}/objectives", text="keep E1 free")[0] == 200
    code, said = act(kari, f"{ONE}/objectives/1/meet")
    assert (code, said["undo"]) == (200, f"{ONE}/objectives/1/reopen")
    assert act(kari, f"{ONE}/objectives/1/meet")[0] == 409
    assert act(kari, said["undo"])[0] == 200
    assert act(kari, f"{ONE}/sectors", name="North", holder="Crew 2", task="hold the steps")[0] == 200
    held = by_id(look(kari, f"{ONE}/situation"), "held").words
    assert "North Crew 2" in " ".join(held.split())
    assert "nobody" in held
    assert act(kari, f"{ONE}/sectors/1/give-up")[0] == 200
    assert act(kari, f"{ONE}/sectors/1/give-up")[0] == 409


@pytest.mark.usefixtures("two")
def test_merging_leads_to_the_other_and_can_be_undone_there(kari: TestClient) -> None:
    """The answer goes to the incident that goes on; what is no number, or no incident, is refused."""
    for wrong in ("", "x", "9" * 40, "-1"):
        assert act(kari, "/incidents/2/merge", into=wrong, why="x")[0] == 400
    assert act(kari, "/incidents/2/merge", into="77", why="x")[0] == 404
    code, said = act(kari, "/incidents/2/merge", into="#1", why="one fire")
    assert (code, said["go"], said["undo"]) == (200, ONE, f"{ONE}/links/1/undo")
    assert "merged into incident 1" in by_id(look(kari, "/incidents/2/situation"), "links").words
    assert "took up" in by_id(look(kari, f"{ONE}/situation"), "links").words
    assert act(kari, said["undo"])[0] == 200
    assert "1 was undone" in by_id(look(kari, f"{ONE}/situation"), "links").words


@pytest.mark.usefixtures("two")
def test_splitting_and_linking_from_the_page(kari: TestClient) -> None:
    """A split opens the new one; a link stands at both ends and is undone with one press."""
    code, said = act(kari, f"{ONE}/split", alert=["2"], title="Second", why="other place")
    assert (code, said["go"]) == (200, "/incidents/3")
    assert act(kari, f"{ONE}/split", alert=["x"], title="Second", why="other place")[0] == 400
    code, said = act(kari, f"{ONE}/links", kind="cause", what="incident", number="2", why="it spread")
    assert code == 200
    assert "was caused by incident 1" in by_id(look(kari, "/incidents/2/situation"), "links").words
    assert act(kari, said["undo"])[0] == 200
    assert act(kari, f"{ONE}/links", kind="related", what="alert", number="3")[0] == 200
    assert act(kari, f"{ONE}/links", kind="merge", what="incident", number="2")[0] == 400


@pytest.mark.usefixtures("two")
def test_sharing_from_the_page(town: Town, kari: TestClient, sol: TestClient) -> None:
    """A supervisor shares, sees what they would get, asks and writes down; an operator is not offered to share."""
    assert "Share with an agency" not in look(kari, f"{ONE}/situation").words
    asked = {"agency": "Fire brigade", "part": [SharePart.SUMMARY.value, SharePart.TIMELINE.value], "why": "they come"}
    assert act(sol, f"{ONE}/shares", **asked)[0] == 400
    assert act(sol, f"{ONE}/shares", regime="gdpr", **asked)[0] == 200
    told = json.loads(next(look(kari, "/shares/1/preview").all("pre")).words)
    assert (told["to"], told["incident"], "decisions" in told) == ("Fire brigade", 1, False)
    assert "Kari" not in json.dumps(told)
    assert act(kari, "/shares/1/tasks", text="bring foam")[0] == 200
    assert act(kari, f"{ONE}/tasks/1", event="accept", said_by="officer", came="radio")[0] == 200
    assert act(sol, "/shares/1/package", why="news")[0] == 200
    panel = by_id(look(sol, f"{ONE}/situation"), "shares").words
    assert all(word in panel for word in ("Fire brigade", "bring foam", "accepted", "radio", "waits for two people"))
    assert act(sol, "/shares/1/end", why="over")[0] == 200


@pytest.mark.usefixtures("two")
def test_files_of_other_agencies_come_and_go(town: Town, sol: TestClient) -> None:
    """Their share becomes an incident, our report on it a file; what is no such file, or too large, is refused."""
    shared = {
        "format": "impetus-share/1",
        "from": "harbour-town",
        "share": 4,
        "incident": 12,
        "title": "Oil",
        "severity": "severe",
        "made": "2026-03-14T20:00:00Z",
        "simulated": False,
        "why": "it drifts your way",
        "tasks": [{"task": 9, "text": "close the beach"}],
    }
    took = sol.post(
        "/shares/receive", files={"file": ("share.json", json.dumps(shared).encode())}, follow_redirects=False
    )
    assert (took.status_code, took.headers["location"]) == (303, "/incidents/3")
    view = shares.shares_view(town.desk, actor(town, "Sol"), IncidentId(3))
    assert act(sol, f"/incidents/3/tasks/{view.asked_of_us[0].id}", event="finish", said="closed")[0] == 200
    report = sol.post("/incidents/3/report")
    assert report.headers["content-disposition"] == 'attachment; filename="report-3.json"'
    assert report.json()["tasks"][0]["task"] == 9
    for body, code in ((b"{}", 400), (b"x" * (2 * 1024 * 1024 + 1), 413)):
        assert sol.post("/shares/receive", files={"file": ("x", body)}).status_code == code
