"""The kill switch on the screen: two taps from every page, without script, and honest about what is stopped."""

import re

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.board import PartState, PartStatus
from impetus.core.ids import DatastreamId, DatastreamKey, SourceId, ThingKey, ToolId
from impetus.core.observation import Datastream, Source
from impetus.core.stop import parse_target
from page_reader import broken_references, forms, read_page, twice, unlabelled
from seats import seat
from town import NOW, Town, post

FORM = re.compile(r'<form method="post" action="/stops/stop">.*?</form>', re.DOTALL)
EVERY_PAGE = ("/", "/alerts", "/incidents", "/sources", "/board", "/stops")


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


@pytest.fixture
def sam(town: Town) -> TestClient:
    """Return a supervisor's browser."""
    return seat(town, "Sam", Role.SUPERVISOR)


@pytest.fixture
def furnished(town: Town) -> Town:
    """Return a town with a tool, a source with a camera, and a source without."""
    with town.desk.store.write() as unit:
        unit.parts.report(PartStatus(part=ToolId("urban_anomaly"), state=PartState.RUNNING, seen_at=NOW))
        unit.parts.report(PartStatus(part=ToolId("web"), state=PartState.RUNNING, seen_at=NOW))
        for name, kind in (("square", "cameras"), ("quay", "sensors")):
            stream = Datastream(
                id=DatastreamId(0),
                key=DatastreamKey(f"{name}/c1/people"),
                source=SourceId(name),
                thing=ThingKey(f"{name}/c1"),
                thing_name=f"{name} one",
                observed_property="people",
                unit="1",
            )
            unit.sources.declare(Source(id=SourceId(name), name=name.title(), kind=kind), [stream])
    return town


@pytest.mark.parametrize("path", EVERY_PAGE)
def test_every_page_has_the_red_word_in_its_bar(kari: TestClient, path: str) -> None:
    """A link, so that it works without script: the first tap."""
    bar = kari.get(path).text.partition("</header>")[0]
    assert re.search(r'<a class="chip stop" href="/stops"', bar)


def test_the_second_tap_stops_everything(furnished: Town, kari: TestClient) -> None:
    """One button, one form, no script; the page that follows says it and asks why."""
    page = kari.get("/stops")
    assert "Every tool, the taking in of readings and the simulator are killed" in page.text
    assert "This page, the alerts and incidents so far" in page.text
    answer = post(kari, "/stops/stop", target="all")
    assert (answer.status_code, answer.headers["location"]) == (303, "/stops")
    stop = furnished.desk.stops.standing().of_everything()
    assert stop is not None
    after = kari.get("/stops").text
    assert "The reason is missing." in after
    assert "1 stopped" in after.partition("</header>")[0]


def test_every_form_is_a_plain_one_with_its_token(furnished: Town, kari: TestClient) -> None:
    """Nothing depends on a module of ours; nothing can be sent from another site."""
    page = kari.get("/stops").text
    assert "hx-post" not in page
    for form in FORM.findall(page):
        assert 'name="csrf"' in form
        assert '<button class="button stop large" type="submit">' in form
    answer = kari.post("/stops/stop", data={"target": "all"}, headers={"x-csrf-token": "0" * 64})
    assert answer.status_code == 403
    assert furnished.desk.stops.standing().stops == ()


def test_what_can_be_stopped_is_what_is_there(furnished: Town, kari: TestClient) -> None:
    """Everything, the tool, both sources, and the camera of the source of cameras; never the page itself."""
    targets = re.findall(r'id="row-([^"]+)"', kari.get("/stops").text)
    assert targets == ["all", "tool:urban_anomaly", "camera:square/c1", "source:quay", "source:square"]


@pytest.mark.parametrize(
    ("asked", "first"), [("tool:urban_anomaly", True), ("camera:quay/c1", True), ("nonsense!", False)]
)
def test_a_link_may_name_what_to_stop(furnished: Town, kari: TestClient, asked: str, *, first: bool) -> None:
    """From a tool's or a camera's own page; nonsense is no target and no error."""
    page = kari.get("/stops", params={"target": asked})
    assert page.status_code == 200
    assert ("Stop this?" in page.text) is first


def test_the_reason_is_given_afterwards_and_shown(furnished: Town, kari: TestClient) -> None:
    """By whoever may stop."""
    post(kari, "/stops/stop", target="tool:urban_anomaly")
    post(kari, "/stops/explain", target="tool:urban_anomaly", why="It cried wolf <b>twice</b>")
    page = kari.get("/stops").text
    assert "It cried wolf &lt;b&gt;twice&lt;/b&gt;" in page
    assert "The reason is missing." not in page


def test_an_operator_stops_and_a_supervisor_starts_again(furnished: Town, kari: TestClient, sam: TestClient) -> None:
    """The operator is told who may, and has no such form."""
    post(kari, "/stops/stop", target="source:square")
    assert "/stops/lift" not in kari.get("/stops").text
    assert post(kari, "/stops/lift", target="source:square", why="please").status_code == 403
    assert post(sam, "/stops/lift", target="source:square", why="sensor mended").status_code == 303
    assert furnished.desk.stops.standing().stops == ()
    page = sam.get("/stops").text
    assert "sensor mended" in page
    assert "Nothing is stopped" in page


def test_a_lift_without_a_reason_is_refused(furnished: Town, kari: TestClient, sam: TestClient) -> None:
    """It stays stopped."""
    post(kari, "/stops/stop", target="all")
    assert post(sam, "/stops/lift", target="all", why=" ").status_code == 400
    assert furnished.desk.stops.standing().of_everything() is not None


def test_a_name_nobody_knows_is_stopped_and_said_to_be_unknown(furnished: Town, kari: TestClient) -> None:
    """Whoever mistyped learns it at once."""
    headers = {"accept": "application/json"}
    token = re.search(r'data-csrf="([0-9a-f]+)"', kari.get("/stops").text)
    assert token is not None
    answer = kari.post("/stops/stop", data={"target": "tool:urban_anomoly", "csrf": token[1]}, headers=headers)
    assert answer.json()["said"] == "tool:urban_anomoly is stopped, but nothing is called so"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.EXECUTIVE, Role.AUDITOR])
def test_who_may_only_look_sees_no_buttons(furnished: Town, role: Role) -> None:
    """They see what is stopped, by whom and why."""
    furnished.desk.stops.stop(parse_target("all"), by="ada", at=NOW, why="drill")
    page = seat(furnished, f"x-{role}", role).get("/stops")
    assert page.status_code == 200
    assert "stopped by ada" in page.text
    assert "/stops/stop" not in page.text
    assert "/stops/lift" not in page.text


def test_board_and_sources_show_what_is_stopped_honestly(furnished: Town, kari: TestClient) -> None:
    """Not as a failure, and not as fine."""
    for target in ("tool:urban_anomaly", "source:square"):
        furnished.desk.stops.stop(parse_target(target), by="ada", at=NOW)
    with furnished.desk.store.write() as unit:
        note = "stopped by ada at 2026-11-21 13:07:32 UTC"
        unit.parts.report(PartStatus(part=ToolId("urban_anomaly"), state=PartState.STOPPED, seen_at=NOW, note=note))
    board = kari.get("/board").text
    assert "2 stops are in force" in board
    assert note in board
    assert "part is not running" not in board
    assert "Every part runs" not in board
    sources = kari.get("/sources").text
    assert sources.count("stopped by ada") == 1
    assert note in kari.get("/").text


def test_every_field_and_button_has_a_name(furnished: Town, kari: TestClient) -> None:
    """What a screen reader says."""
    post(kari, "/stops/stop", target="tool:urban_anomaly")
    page = read_page(kari.get("/stops").text)
    assert {"/stops/explain", "/stops/stop"} <= set(forms(page))
    assert unlabelled(page) == []
    assert broken_references(page) == []
    assert twice(page) == set()
