"""The incident's page and the list: what stands in it, who may do what, and how it reads when it is over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.desk import incidents
from page_reader import Node, acts, by_id, forms, read_page
from seats import act, actor, look, opened, seat
from town import Town

Raise = Callable[..., Alert]
PARTS = {"playbook", "methane", "objectives", "sectors", "merge", "split", "links", "shares"}
"""Parts of the page that have tests of their own."""
DECISION = {"seen": "2.9 a square metre", "option": ["wait", "close E1"], "choice": 1, "reason": "rising"}


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def verbs(page: Node) -> set[str]:
    """Return what the page offers to do to the incident."""
    return {address.split("/")[3] for address in acts(page) if address.startswith("/incidents/")} - PARTS


def test_an_open_incident_offers_its_owner_everything(town: Town, raised: Raise, kari: TestClient) -> None:
    """Note, decide, hand over, take alerts out, close; nothing to answer and nothing to reopen."""
    page = look(kari, f"/incidents/{opened(town, raised().id).id}")
    assert verbs(page) == {"note", "decide", "offer", "leave", "close", "propose"}


@pytest.mark.parametrize(
    ("role", "offered"),
    [
        (Role.SUPERVISOR, {"note", "decide", "offer", "leave", "close", "propose"}),
        (Role.OPERATOR, {"note", "decide", "leave", "propose"}),
        (Role.EXECUTIVE, {"decide"}),
        (Role.ANALYST, set()),
        (Role.AUDITOR, set()),
    ],
)
def test_what_is_offered_is_what_the_desk_would_take(
    town: Town, raised: Raise, kari: TestClient, role: Role, offered: set[str]
) -> None:
    """A supervisor as the owner; another operator helps; an executive decides; who looks only looks."""
    incident = opened(town, raised().id)
    vera = seat(town, "Vera", role)
    assert verbs(look(vera, f"/incidents/{incident.id}")) == offered
    assert (act(vera, f"/incidents/{incident.id}/note", text="hello")[0] == 200) == ("note" in offered)
    assert (act(vera, f"/incidents/{incident.id}/decide", **DECISION)[0] == 200) == ("decide" in offered)
    assert (act(vera, f"/incidents/{incident.id}/close", outcome="over")[0] == 200) == ("close" in offered)


def test_an_incident_is_as_bad_as_its_worst_alert_and_says_since_when(
    town: Town, raised: Raise, kari: TestClient
) -> None:
    """Title, number, severity, who opened it and when."""
    mild, bad = raised("mild", severity=Severity.MINOR), raised("bad", severity=Severity.EXTREME)
    head = by_id(look(kari, f"/incidents/{opened(town, mild.id, bad.id).id}"), "incident-head").words
    for told in ("Crowd at the quay", "Incident 1", "Extreme", "opened 13:07:32 by Kari", "Owner Kari"):
        assert told in head


def test_its_alerts_stand_in_it_each_with_a_way_out(town: Town, raised: Raise, kari: TestClient) -> None:
    """Numbered as on the map; the one taken out leaves, and the timeline says so."""
    first, second = raised("one"), raised("two")
    incident = opened(town, first.id, second.id)
    page = look(kari, f"/incidents/{incident.id}")
    assert [card.get("data-number") for card in by_id(page, "joined").all("article")] == ["1", "2"]
    assert act(kari, f"/incidents/{incident.id}/leave/{first.id}", why="another matter")[0] == 200
    page = look(kari, f"/incidents/{incident.id}")
    assert [card.get("data-alert") for card in by_id(page, "joined").all("article")] == [str(second.id)]
    assert "Alert taken out: alert 1" in by_id(page, "story").words
    assert "another matter" in by_id(page, "story").words


def test_an_incident_without_alerts_says_so(town: Town, raised: Raise, kari: TestClient) -> None:
    """An empty part is told as empty, with where alerts come from."""
    alert = raised()
    incident = opened(town, alert.id)
    act(kari, f"/incidents/{incident.id}/leave/{alert.id}")
    assert "No alert is joined" in by_id(look(kari, f"/incidents/{incident.id}"), "joined").words


def test_taking_out_can_be_taken_back(town: Town, raised: Raise, kari: TestClient) -> None:
    """The answer names the way back, and the way back names its own."""
    alert = raised()
    incident = opened(town, alert.id)
    _, left = act(kari, f"/incidents/{incident.id}/leave/{alert.id}")
    status, joined = act(kari, left["undo"])
    assert (status, joined["undo"]) == (200, f"/incidents/{incident.id}/leave/{alert.id}")


def test_a_decision_is_shown_with_its_options_and_the_one_chosen(town: Town, raised: Raise, kari: TestClient) -> None:
    """All that was weighed stays readable, and the choice is marked by more than colour."""
    incident = opened(town, raised().id)
    assert "Nothing was decided yet" in look(kari, f"/incidents/{incident.id}").words
    act(kari, f"/incidents/{incident.id}/decide", **DECISION)
    shown = by_id(look(kari, f"/incidents/{incident.id}"), "decisions")
    assert [item.words for item in shown.all("li")] == ["wait", "close E1 (chosen)"]
    assert [item.words for item in shown.all("strong")] == ["close E1"]
    assert "rising" in shown.words


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({}, 200),
        ({"option": ["only one"]}, 400),
        ({"option": ["one", " "]}, 400),
        ({"seen": " "}, 400),
        ({"reason": ""}, 400),
        ({"choice": 3}, 400),
        ({"choice": 9}, 422),
        ({"choice": "the second"}, 422),
        ({"corrects": 77}, 400),
        ({"reason": "x" * 2001}, 400),
    ],
)
def test_a_decision_is_whole_or_it_is_not_recorded(
    town: Town, raised: Raise, kari: TestClient, changes: dict[str, object], status: int
) -> None:
    """What was seen, two options at least, one of them chosen, and a reason; otherwise what is missing is said."""
    incident = opened(town, raised().id)
    answered, problem = act(kari, f"/incidents/{incident.id}/decide", **{**DECISION, **changes})
    assert answered == status
    assert status == 200 or problem["detail"]
    with town.desk.store.read() as unit:
        assert len(unit.incidents.decisions(incident.id)) == (status == 200)


def test_a_corrected_decision_is_struck_through_and_cannot_be_corrected_again(
    town: Town, raised: Raise, kari: TestClient
) -> None:
    """It stays readable; only the newer one can be chosen as what to correct."""
    incident = opened(town, raised().id)
    act(kari, f"/incidents/{incident.id}/decide", **DECISION)
    act(kari, f"/incidents/{incident.id}/decide", **{**DECISION, "choice": 0, "corrects": 1})
    page = look(kari, f"/incidents/{incident.id}")
    (struck,) = page.all("del")
    assert "close E1" in struck.words
    choices = [option.get("value") for option in by_id(page, "decide-corrects").all("option")]
    assert choices == ["", "2"]


def test_no_option_is_chosen_before_a_person_chooses(town: Town, raised: Raise, kari: TestClient) -> None:
    """Four empty lines and "not enough information", none preselected."""
    incident = opened(town, raised().id)
    form = forms(look(kari, f"/incidents/{incident.id}"))[f"/incidents/{incident.id}/decide"]
    radios = [field for field in form.all("input") if field.get("type") == "radio"]
    assert len(radios) == 5
    assert not [radio for radio in radios if "checked" in radio.attributes]


def test_a_hand_over_stays_the_owners_until_it_is_answered(town: Town, raised: Raise, kari: TestClient) -> None:
    """Offered: the one asked can take or decline, the owner can take the question back, closing waits."""
    ola = seat(town, "Ola")
    incident = opened(town, raised().id)
    assert act(kari, f"/incidents/{incident.id}/offer", to="Ola", why="my shift ends")[0] == 200
    assert {"accept", "decline"} <= verbs(look(ola, f"/incidents/{incident.id}"))
    own = look(kari, f"/incidents/{incident.id}")
    assert "Owner Kari · asks Ola" in by_id(own, "incident-head").words
    assert "Take it back" in own.words
    assert act(kari, f"/incidents/{incident.id}/close", outcome="over")[0] == 409
    assert act(ola, f"/incidents/{incident.id}/accept")[1]["said"] == f"You have incident {incident.id}"
    assert "Owner Ola" in by_id(look(kari, f"/incidents/{incident.id}"), "incident-head").words


def test_a_closed_incident_tells_how_it_ended_and_how_long_it_took(town: Town, raised: Raise, kari: TestClient) -> None:
    """Elapsed stands still; notes can still be added, decisions cannot."""
    incident = opened(town, raised().id)
    town.clock.advance(25 * 60)
    act(kari, f"/incidents/{incident.id}/close", outcome="crowd went home")
    town.clock.advance(3600)
    page = look(kari, f"/incidents/{incident.id}")
    head = by_id(page, "incident-head").words
    assert "closed 13:32:32: crowd went home" in head
    assert "25 min" in head
    assert verbs(page) == {"note", "reopen"}


def test_closing_needs_an_outcome(town: Town, raised: Raise, kari: TestClient) -> None:
    """How it ended is what the next person looks for."""
    incident = opened(town, raised().id)
    assert act(kari, f"/incidents/{incident.id}/close", outcome=" ")[0] == 400
    assert act(kari, f"/incidents/{incident.id}/close", outcome="over")[0] == 200


def test_a_reopened_incident_keeps_how_it_ended_before(town: Town, raised: Raise, kari: TestClient) -> None:
    """In its timeline; the head is of an open incident again."""
    incident = opened(town, raised().id)
    act(kari, f"/incidents/{incident.id}/close", outcome="crowd went home")
    act(kari, f"/incidents/{incident.id}/reopen", why="they came back")
    page = look(kari, f"/incidents/{incident.id}")
    assert "crowd went home" not in by_id(page, "incident-head").words
    assert "crowd went home" in by_id(page, "story").words
    assert "they came back" in by_id(page, "story").words


@pytest.mark.parametrize(("title", "status"), [("", 400), ("   ", 400), ("x" * 201, 400), ("x" * 200, 200)])
def test_an_incident_has_a_title_that_fits_a_line(raised: Raise, kari: TestClient, title: str, status: int) -> None:
    """From the alert's page, as from the API."""
    assert act(kari, f"/alerts/{raised().id}/incident", title=title)[0] == status


def test_the_list_shows_what_is_worked_on_first(town: Town, raised: Raise, kari: TestClient) -> None:
    """Open and offered ones; closed ones and all on request; an unknown word is all."""
    seat(town, "Ola")
    for title in ("goes on", "is offered", "is over"):
        opened(town, raised(title).id, title=title)
    act(kari, "/incidents/2/offer", to="Ola")
    act(kari, "/incidents/3/close", outcome="over")
    shown = {
        state: [cell.words for row in look(kari, f"/incidents?state={state}").all("tr") for cell in row.all("a")]
        for state in ("open", "closed", "all", "strange")
    }
    assert shown["open"] == ["is offered", "goes on"]
    assert shown["closed"] == ["is over"]
    assert shown["all"] == shown["strange"] == ["is over", "is offered", "goes on"]


@pytest.mark.parametrize(("state", "says"), [("open", "No incident is open"), ("closed", "There is no incident here")])
def test_an_empty_list_says_what_is_empty(kari: TestClient, state: str, says: str) -> None:
    """Nothing open is good news; nothing closed is no news."""
    assert says in look(kari, f"/incidents?state={state}").words


def test_the_pages_of_the_list_hold_every_incident_once(town: Town, raised: Raise, kari: TestClient) -> None:
    """Fifty a page, newest first, and one opened meanwhile pushes none out."""
    alerts = [raised(f"alert {number}").id for number in range(53)]
    for alert in alerts[:52]:
        incidents.open_incident(town.desk, actor(town), f"incident {alert}", [AlertId(alert)])
    first = look(kari, "/incidents")
    (onward,) = [link.get("href") for link in first.all("a") if link.get("rel") == "next"]
    incidents.open_incident(town.desk, actor(town), "meanwhile", [AlertId(alerts[52])])
    second = look(kari, onward)
    titles = [cell.words for page in (first, second) for row in page.all("tr") for cell in row.all("a")]
    assert titles == [f"incident {alert}" for alert in reversed(alerts[:52])]


def test_the_live_part_says_what_the_whole_page_says(town: Town, raised: Raise, kari: TestClient) -> None:
    """Head, timeline and joined alerts of the fragment are the page's."""
    incident = opened(town, raised().id)
    whole = look(kari, f"/incidents/{incident.id}")
    fragment = look(kari, f"/incidents/{incident.id}/now")
    parts = {part.get("hx-target"): part.words for part in fragment.all("hx-partial")}
    for name in ("incident-head", "joined", "decisions", "run"):
        assert parts[f"#{name}"] == by_id(whole, name).words
    assert parts["#story-newest"] == by_id(whole, "story").words


def test_a_long_timeline_opens_with_its_newest_lines_and_leads_to_the_others(
    town: Town, raised: Raise, kari: TestClient
) -> None:
    """Fifty at once, older ones behind a link that works with and without scripts; every line stands once."""
    incident = opened(town, raised().id)
    for number in range(120):
        incidents.note(town.desk, actor(town), incident.id, f"note {number}")
    page = look(kari, f"/incidents/{incident.id}")
    lines = [item.get("data-line") for item in by_id(page, "story").all("li")]
    assert len(lines) == 50
    assert "note 119" in by_id(page, "story").words
    (onward,) = [link.get("href") for link in by_id(page, "older").all("a")]
    while onward:
        whole = look(kari, onward)
        part = read_page(kari.get(onward, headers={"hx-request": "true"}).text)
        got = [item.get("data-line") for item in part.all("li")]
        assert got == [item.get("data-line") for item in whole.all("li") if item.get("data-line")]
        lines += got
        onward = next((link.get("href") for link in whole.all("a") if link.get("rel") == "next"), "")
    assert lines == sorted(lines, key=int, reverse=True)
    assert len(set(lines)) == len(lines) == 122


@pytest.mark.parametrize("cursor", ["x", "dGltZWxpbmU", "a" * 300])
def test_an_odd_cursor_is_refused(town: Town, raised: Raise, kari: TestClient, cursor: str) -> None:
    """Said as what it is, not as an empty timeline."""
    incident = opened(town, raised().id)
    assert kari.get(f"/incidents/{incident.id}/timeline?after={cursor}").status_code in {400, 422}


def test_a_note_that_waited_for_the_line_stands_once_and_says_when_it_was_written(
    town: Town, raised: Raise, kari: TestClient
) -> None:
    """Sent three times under one key it is one line; another key, or another person's same key, is another note."""
    incident, written = opened(town, raised().id), (town.clock.now() - timedelta(minutes=4)).isoformat()
    where, ola = f"/incidents/{incident.id}/note", seat(town, "Ola")
    for _ in range(3):
        assert act(kari, where, text="smoke at E1", key="a1b2c3d4", written=written)[0] == 200
    assert act(kari, where, text="smoke at E1", key="a1b2c3d5", written=written)[0] == 200
    assert act(ola, where, text="smoke at E1", key="a1b2c3d4", written=written)[0] == 200
    story = by_id(look(kari, f"/incidents/{incident.id}"), "story").words
    assert story.count("smoke at E1") == 3
    assert story.count("written 13:03:32 without the server") == 3


@pytest.mark.parametrize(
    ("key", "hours", "status"),
    [
        ("short", 0, 400),
        ("with space 12", 0, 400),
        ('a%"_ 12345', 0, 400),
        ("k" * 65, 0, 400),
        ("k" * 64, 0, 200),
        ("fine-key-1", -24 * 7 + 1, 200),
        ("fine-key-1", -24 * 7 - 1, 400),
        ("fine-key-1", 1, 400),
    ],
)
def test_a_note_with_an_odd_key_or_time_is_refused(
    town: Town, raised: Raise, kari: TestClient, key: str, hours: int, status: int
) -> None:
    """A key is letters and digits; a note is at most a week old and not from the future."""
    incident = opened(town, raised().id)
    written = (town.clock.now() + timedelta(hours=hours)).isoformat()
    assert act(kari, f"/incidents/{incident.id}/note", text="x", key=key, written=written)[0] == status
    assert act(kari, f"/incidents/{incident.id}/note", text="x", written="yesterday")[0] == 400
