"""The alert's page in each of its states: what it says, what it offers to whom, and what it says when evidence is gone."""

import json
from collections.abc import Callable
from datetime import timedelta

import numpy as np
import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState, Verdict
from impetus.core.evidence import MAX_SERIES, Evidence, SeriesEvidence
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import DatastreamId, EvidenceId, FindingKey, ToolId, ZoneId
from impetus.core.text import Phrase
from impetus.desk import triage
from page_reader import Node, acts, by_id, forms
from seats import act, actor, keep, look, opened, seat
from town import NOW, Town

Raise = Callable[..., Alert]


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser."""
    return seat(town)


def series(datastream: int = 1, title: str = "Density", unit: str = "{people}/m2") -> SeriesEvidence:
    """Return four readings, one a second, of which the last is a surprise and the second is missing."""
    return SeriesEvidence(
        datastream=DatastreamId(datastream),
        title=Phrase(template=title),
        unit=unit,
        time_us=np.arange(4, dtype=np.int64) * 1_000_000,
        measured=np.array([1.0, np.nan, 1.2, 2.9]),
        low=np.full(4, 1.1),
        high=np.full(4, 1.6),
        coverage=0.95,
        from_us=3_000_000,
    )


def evidence(*shown: SeriesEvidence) -> Evidence:
    """Return evidence of these series."""
    return Evidence(finding=FindingKey("f1"), summary=Phrase(template="denser than usual"), series=shown)


def verbs(page: Node) -> set[str]:
    """Return what the page offers to do to the alert."""
    return {address.rpartition("/")[2] for address in acts(page) if address.startswith("/alerts/")}


def test_a_new_alert_is_to_be_taken_judged_or_put_aside(raised: Raise, kari: TestClient) -> None:
    """Nobody has it, so nothing can be handed on, closed or taken back."""
    page = look(kari, f"/alerts/{raised().id}")
    assert verbs(page) == {"acknowledge", "assess", "shelve", "incident"}
    assert "Nobody has it" in by_id(page, "alert-head").words


def test_what_is_mine_can_be_handed_on_and_taken_back(raised: Raise, kari: TestClient) -> None:
    """Acknowledged, it has my name; without a verdict it cannot be closed."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    page = look(kari, f"/alerts/{alert.id}")
    assert {"offer", "undo", "assess", "shelve"} <= verbs(page)
    assert "close" not in verbs(page)
    assert "Kari has it" in page.words


def test_what_is_judged_can_be_closed_and_shows_which_verdict(raised: Raise, kari: TestClient) -> None:
    """The button of the verdict given is pressed, and only that one."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/assess", verdict="exercise", why="drill at one")
    page = look(kari, f"/alerts/{alert.id}")
    pressed = [button.get("value") for button in page.all("button") if button.get("aria-pressed") == "true"]
    assert "exercise" in pressed
    assert not set(pressed) & (set(Verdict) - {Verdict.EXERCISE})
    assert "close" in verbs(page)
    assert "drill at one" in by_id(page, "history").words


def test_no_verdict_is_chosen_before_a_person_chooses(raised: Raise, kari: TestClient) -> None:
    """Five buttons stand equal: none is pressed and none looks like the answer."""
    form = forms(look(kari, f"/alerts/{(alert := raised()).id}"))[f"/alerts/{alert.id}/assess"]
    buttons = [button for button in form.all("button") if button.get("name") == "verdict"]
    assert [button.get("value") for button in buttons] == list(Verdict)
    assert not [button for button in buttons if button.get("aria-pressed")]
    assert len({button.get("class") for button in buttons}) == 1


def test_somebody_elses_alert_may_be_looked_at(town: Town, raised: Raise, kari: TestClient) -> None:
    """A colleague sees who has it and can still join it to an incident."""
    ola = seat(town, "Ola")
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    page = look(ola, f"/alerts/{alert.id}")
    assert "Kari has it" in page.words
    assert not verbs(page) & {"acknowledge", "assess", "undo", "shelve", "offer", "close"}


def test_an_offer_shows_to_each_what_they_can_answer(town: Town, raised: Raise, kari: TestClient) -> None:
    """The one asked can take or decline; the owner can take it back; a third person only looks."""
    ola, per = seat(town, "Ola"), seat(town, "Per")
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    act(kari, f"/alerts/{alert.id}/offer", to="Ola", why="my shift ends")
    seen = {name: verbs(look(client, f"/alerts/{alert.id}")) for name, client in (("Ola", ola), ("Per", per))}
    assert {"accept", "decline"} <= seen["Ola"]
    assert not {"accept", "decline", "undo"} & seen["Per"]
    own = look(kari, f"/alerts/{alert.id}")
    assert "undo" in verbs(own)
    assert "Kari offers it to Ola" in own.words
    assert "Offered to Ola" in by_id(own, "history").words


def test_a_shelved_alert_says_until_when_and_can_be_taken(raised: Raise, kari: TestClient) -> None:
    """With the reason somebody gave."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/shelve", minutes=60, why="roadworks")
    page = look(kari, f"/alerts/{alert.id}")
    assert "Shelved until 14:07:32" in page.words
    assert "roadworks" in page.words
    assert {"acknowledge", "undo"} <= verbs(page)
    assert "assess" not in verbs(page)


def test_a_closed_alert_tells_how_it_ended_and_can_be_reopened(raised: Raise, kari: TestClient) -> None:
    """Verdict and word stand in the head; what is left to do is to reopen it, with a reason, or take the closing back."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/assess", verdict="false_alarm")
    act(kari, f"/alerts/{alert.id}/close", why="a flag before the camera")
    page = look(kari, f"/alerts/{alert.id}")
    assert "Closed" in by_id(page, "alert-head").words
    assert "False alarm" in by_id(page, "alert-head").words
    assert {"reopen", "undo"} <= verbs(page)
    assert not {"assess", "close", "acknowledge", "shelve", "offer"} & verbs(page)
    assert any(area.get("name") == "why" and "required" in area.attributes for area in page.all("textarea"))


def test_reopening_needs_a_reason(town: Town, raised: Raise, kari: TestClient) -> None:
    """Refused without one; with one it is the reopener's, with its verdict."""
    alert = raised(state=AlertState.CLOSED, verdict=Verdict.BENIGN)
    assert act(kari, f"/alerts/{alert.id}/reopen", why="  ")[0] == 400
    assert act(kari, f"/alerts/{alert.id}/reopen", why="it is back")[0] == 200
    page = look(kari, f"/alerts/{alert.id}")
    assert "Kari has it" in page.words
    assert "it is back" in by_id(page, "history").words


@pytest.mark.parametrize("role", [Role.ANALYST, Role.PLANNER, Role.EXECUTIVE, Role.DPO, Role.AUDITOR])
def test_who_only_looks_is_told_so(town: Town, raised: Raise, role: Role) -> None:
    """No act is offered, and the page says who does act."""
    alert = raised()
    page = look(seat(town, "Vera", role), f"/alerts/{alert.id}")
    assert verbs(page) == set()
    assert "Your role may look" in page.words


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.SUPERVISOR, Role.IT_SECURITY])
def test_who_acts_is_offered_it(town: Town, raised: Raise, role: Role) -> None:
    """From the same set-up as the roles that may not."""
    alert = raised()
    assert "acknowledge" in verbs(look(seat(town, "Vera", role), f"/alerts/{alert.id}"))


def test_the_roles_that_can_see_it_are_named_in_words(raised: Raise, kari: TestClient) -> None:
    """Who can see this: every role that reads alerts, none that does not."""
    words = look(kari, f"/alerts/{raised().id}").words
    seen = words.partition("Who can see this")[2]
    assert "Data protection officer" in seen
    assert "Integrator" not in seen


def test_evidence_is_drawn_and_handed_to_the_plotting_module(town: Town, raised: Raise, kari: TestClient) -> None:
    """One figure with a sentence for who cannot see it; numbers as JSON, the missing one null."""
    keep(town, "e1", evidence(series()))
    page = look(kari, f"/alerts/{raised(evidence=(EvidenceId('e1'),)).id}")
    (canvas,) = [node for node in page.all("div") if node.get("class") == "canvas"]
    assert canvas.get("aria-label").startswith("Density in people/m² from 1 to 2.9")
    (plot,) = json.loads(str(by_id(page, "plots").children[0]))
    assert plot["measured"] == [1.0, None, 1.2, 2.9]
    assert (plot["unit"], plot["from_us"]) == ("people/m²", 3_000_000)
    assert "95 % of ordinary readings lie in the band" in page.words


def test_of_one_datastream_the_newest_evidence_is_shown(town: Town, raised: Raise, kari: TestClient) -> None:
    """Evidence added later explains better; each datastream is drawn once."""
    keep(town, "old", evidence(series(1, "Old"), series(2, "Other")))
    keep(town, "new", evidence(series(1, "New")))
    page = look(kari, f"/alerts/{raised(evidence=(EvidenceId('old'), EvidenceId('new'))).id}")
    assert [heading.words for heading in page.all("h3")] == ["New", "Other"]


def test_more_series_than_can_be_read_are_left_out(town: Town, raised: Raise, kari: TestClient) -> None:
    """Six at most, the most telling first."""
    keep(town, "e1", evidence(*(series(number, f"S{number}") for number in range(1, 7))))
    keep(town, "e2", evidence(*(series(number, f"T{number}") for number in range(7, 10))))
    page = look(kari, f"/alerts/{raised(evidence=(EvidenceId('e2'), EvidenceId('e1'))).id}")
    assert len(list(page.all("figure"))) == MAX_SERIES


@pytest.mark.parametrize(
    ("names", "says"),
    [((), "This tool gave no series with its alert"), (("gone",), "The evidence was erased when its time was over")],
)
def test_evidence_that_is_not_there_is_not_passed_over(
    raised: Raise, kari: TestClient, names: tuple[str, ...], says: str
) -> None:
    """None given and none left are two different sentences; the reason stays either way."""
    page = look(kari, f"/alerts/{raised(evidence=tuple(map(EvidenceId, names))).id}")
    assert says in page.words
    assert "2.9 against 1.1 to 1.6" in page.words


def test_findings_are_listed_newest_first(town: Town, raised: Raise, kari: TestClient) -> None:
    """Each with when, which tool, what and how sure; none at all is said."""
    alert = raised()
    assert "No finding is kept for this alert" in look(kari, f"/alerts/{alert.id}").words
    for number in (1, 2):
        finding = Finding(
            key=FindingKey(f"f{number}"),
            tool=ToolId("urban_anomaly"),
            kind=Kind.ANOMALY,
            subject="zone:south",
            headline=Phrase(template=f"finding {number}"),
            why=Phrase(template="why"),
            began=NOW,
            noticed=NOW + timedelta(seconds=number),
            score=number / 4,
        )
        with town.desk.store.write() as unit:
            unit.findings.add(finding, alert.id)
    words = look(kari, f"/alerts/{alert.id}").words
    assert "2 findings" in words
    assert words.index("finding 2 0.5") < words.index("finding 1 0.25")


@pytest.mark.parametrize("severity", list(Severity))
@pytest.mark.parametrize("urgency", [Urgency.IMMEDIATE, Urgency.UNKNOWN])
def test_every_degree_has_a_shape_and_a_word(
    raised: Raise, kari: TestClient, severity: Severity, urgency: Urgency
) -> None:
    """Colour is never alone."""
    alert = raised(severity=severity, urgency=urgency, certainty=Certainty.OBSERVED)
    head = by_id(look(kari, f"/alerts/{alert.id}"), "alert-head")
    assert severity.value.capitalize() in head.words
    assert any(node.get("href").endswith(f"#{severity}") for node in head.all("use"))


def test_how_often_it_was_true_here_counts_what_people_judged(raised: Raise, kari: TestClient) -> None:
    """Of four alerts of this tool one is confirmed, one a false alarm, one unclear, one unjudged: one of two."""
    for verdict in (Verdict.CONFIRMED, Verdict.FALSE_ALARM, Verdict.NOT_ENOUGH_INFORMATION):
        raised(f"judged {verdict}", state=AlertState.CLOSED, verdict=verdict)
    assert "1 of 2" in by_id(look(kari, f"/alerts/{raised().id}"), "alert-head").words


def test_an_alert_that_lasts_says_when_it_was_last_seen(raised: Raise, kari: TestClient) -> None:
    """Once seen says one time; seen again says two."""
    once, again = raised("once"), raised("again", last_at=NOW + timedelta(minutes=3), repeats=2)
    assert "last seen" not in by_id(look(kari, f"/alerts/{once.id}"), "alert-head").words
    assert "last seen 13:10:32" in by_id(look(kari, f"/alerts/{again.id}"), "alert-head").words


def test_where_it_is_goes_to_the_map_only_when_it_is_known(raised: Raise, kari: TestClient) -> None:
    """An alert of the platform itself has no place."""
    placed, nowhere = raised("placed", zone=ZoneId("south")), raised("nowhere", point=None)
    assert by_id(look(kari, f"/alerts/{placed.id}"), "map").get("data-lon") == "10.73"
    assert "data-lon" not in by_id(look(kari, f"/alerts/{nowhere.id}"), "map").attributes


def test_open_incidents_are_offered_to_join_and_closed_ones_are_not(
    town: Town, raised: Raise, kari: TestClient
) -> None:
    """By number and title; an alert that is in one offers none."""
    member, other = raised("member"), raised("other")
    incident = opened(town, member.id)
    (choice,) = by_id(look(kari, f"/alerts/{other.id}"), "joins").all("option")
    assert choice.words == f"{incident.id} · Crowd at the quay"
    assert "incident" not in verbs(look(kari, f"/alerts/{member.id}"))
    act(kari, f"/incidents/{incident.id}/close", outcome="over")
    assert "joins" not in {node.get("id") for node in look(kari, f"/alerts/{other.id}").all("select")}


def test_colleagues_who_could_take_it_are_suggested(town: Town, raised: Raise, kari: TestClient) -> None:
    """Those on duty who may act, not oneself and not who only looks."""
    for name, role in (("Ola", Role.OPERATOR), ("Petra", Role.PLANNER), ("Sigrid", Role.SUPERVISOR)):
        seat(town, name, role)
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    names = [option.get("value") for option in by_id(look(kari, f"/alerts/{alert.id}"), "colleagues").all("option")]
    assert names == ["Ola", "Sigrid"]


def test_the_live_part_says_what_the_whole_page_says(raised: Raise, kari: TestClient) -> None:
    """Head, acts and history of the fragment are the page's, so that a morph changes nothing by itself."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    whole = look(kari, f"/alerts/{alert.id}")
    parts = {part.get("hx-target"): part.words for part in look(kari, f"/alerts/{alert.id}/now").all("hx-partial")}
    for name in ("alert-head", "acts", "history"):
        assert parts[f"#{name}"] == by_id(whole, name).words


def test_the_platform_is_named_by_its_part(town: Town, raised: Raise, kari: TestClient) -> None:
    """What the platform did by itself never looks like a person's act."""
    alert = raised()
    triage.shelve(town.desk, actor(town), alert.id, until=NOW + timedelta(minutes=1), why="lunch")
    town.clock.advance(61)
    assert triage.wake_due(town.desk) == 1
    words = by_id(look(kari, f"/alerts/{alert.id}"), "history").words
    assert "the platform (shelf)" in words
    assert "Came back from the shelf" in words


@pytest.mark.parametrize(("number", "status"), [("0", 422), ("-1", 422), ("99", 404), ("9" * 30, 422), ("one", 422)])
def test_an_alert_that_is_not_there_is_a_page_too(raised: Raise, kari: TestClient, number: str, status: int) -> None:
    """With what happened and where to go on."""
    raised()
    page = look(kari, f"/alerts/{number}", status)
    assert "To the alerts" in page.words
