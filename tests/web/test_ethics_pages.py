"""The pages about ethics over HTTP, with a register that is signed and a log that is kept: what they say and refuse."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from ethics_town import keep, open_ethics_town, register
from impetus.core.actor import Actor, Role, platform
from impetus.core.ids import AlertId
from impetus.desk import holds, incidents, stops
from impetus.desk.clearance import clearance
from impetus.desk.verify_log import verify_log
from impetus.ethics.guard import MATRIX, Operation
from impetus.ports.ethics import AccessQuery
from page_reader import read_page
from town import NOW, PASSWORD, Town, close_town, post, raise_alert

ASSESSMENT = "/ethics/assessments/urban_anomaly"
OVERSEEN = {
    "/ethics/who-looked": Operation.ACCESSES_READ,
    "/ethics/retention": Operation.HOLDS_READ,
    "/ethics/log": Operation.LOG_READ,
}


@pytest.fixture
def town(tmp_path: Path) -> Iterator[Town]:
    """Return an installation with nobody in it yet, and nothing in its register."""
    town = open_ethics_town(tmp_path)
    yield town
    close_town(town)


@pytest.fixture
def dag(town: Town) -> TestClient:
    """Return the data protection officer's browser; the register is signed as an exercise and names Dag as an officer."""
    client = town.person(Role.DPO, "Dag")
    register(town.desk, "Dag")
    return client


def text_of(client: TestClient, path: str) -> str:
    """Return the words of a page that must be there."""
    answer = client.get(path)
    assert answer.status_code == 200, answer.text[:2000]
    return read_page(answer.text).words


def acted(client: TestClient, path: str, **fields: object) -> dict[str, object]:
    """Send a form as our own module does, and return its answer with the status."""
    from town import csrf_of

    answer = client.post(path, data={"csrf": csrf_of(client), **fields}, headers={"accept": "application/json"})
    return {"status": answer.status_code, **answer.json()}


def incident(town: Town) -> int:
    """Open an incident that something can be held about."""
    kari = Actor(name="Kari", role=Role.OPERATOR)
    alert = raise_alert(town)
    return int(incidents.open_incident(town.desk, kari, "Trouble in the south", [AlertId(alert.id)]).id)


def test_an_empty_register_says_that_nothing_may_run(town: Town) -> None:
    """No row is made up for what is not installed."""
    assert "Nothing is in the register, so nothing may run" in text_of(town.person(Role.DPO), "/ethics")


def test_the_console_answers_what_watches_and_by_what_right(town: Town, dag: TestClient) -> None:
    """Each tool with its state, its signature and who signed, marked as the exercise that it is."""
    page = text_of(dag, "/ethics")
    for told in ("What watches the city, and by what right", "Urban Anomaly", "Fusion", "running, exercise", "signed"):
        assert told in page, told
    assert "cannot start" not in page


def test_a_tool_without_a_signature_says_what_it_needs_and_from_whom(town: Town, dag: TestClient) -> None:
    """The register is the program: without register entries nothing starts, and the page says precisely why."""
    town.desk.configuration.write_register("")
    page = text_of(dag, "/ethics")
    assert "cannot start" in page
    assert "needs" in page
    assert " more" in page


@pytest.mark.parametrize("role", [role for role in Role if role not in {Role.SERVICE, Role.PLATFORM}])
def test_each_role_sees_the_pages_that_it_may_see_and_is_offered_no_other(town: Town, role: Role) -> None:
    """What the guard's matrix grants decides both the page and the way to it."""
    client = town.person(role)
    console = client.get("/ethics").text
    for path, operation in OVERSEEN.items():
        is_granted = operation in MATRIX[role].may
        assert (client.get(path).status_code == 200) is is_granted, path
        assert (f'href="{path}"' in console) is is_granted, path


def test_who_looked_answers_in_sentences_and_shows_refusals(town: Town, dag: TestClient) -> None:
    """An operator who asks for what is not theirs is refused, and the refusal stands there with the rule."""
    kari = town.person(name="Kari")
    assert kari.get("/ethics/who-looked").status_code == 403
    keep(town.desk)
    page = text_of(dag, "/ethics/who-looked")
    assert "Operator Kari" in page
    assert "looking at who looked" in page
    assert "no copy given" in page
    assert "Nobody looked" in text_of(dag, "/ethics/who-looked?kind=camera&which=c99")


def test_a_day_that_is_none_is_named_and_nothing_is_lost(town: Town, dag: TestClient) -> None:
    """The page comes back with what was wrong and the last week instead."""
    answer = dag.get("/ethics/who-looked?since=yesterday")
    assert answer.status_code == 400
    assert "yesterday" in answer.text


def test_a_copy_of_who_looked_is_itself_in_the_log(town: Town, dag: TestClient) -> None:
    """Whoever takes the lines away is named as their recipient. LED, article 25(1)."""
    town.person(name="Kari").get("/alerts")
    keep(town.desk)
    answer = post(dag, "/ethics/who-looked.csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"].startswith("text/csv")
    assert {row["who"] for row in rows} >= {"Kari"}
    assert {row["simulated"] for row in rows} == {"true"}
    keep(town.desk)
    assert "copy to Dag" in text_of(dag, "/ethics/who-looked")


def test_many_lines_come_in_pages(town: Town, dag: TestClient) -> None:
    """The older ones are one step away, and none is told twice."""
    for number in range(60):
        holds.standing(town.desk, Actor(name=f"Auditor {number}", role=Role.AUDITOR))
    keep(town.desk)
    first = dag.get("/ethics/who-looked").text
    older = next(link for link in first.split('href="') if link.startswith("/ethics/who-looked?kind=")).split('"')[0]
    second = dag.get(older.replace("&amp;", "&")).text
    assert "Auditor 59" in first
    assert "Auditor 59" not in second
    assert "Auditor 0" in second


def test_something_is_held_back_until_a_day_and_let_go_again(town: Town, dag: TestClient) -> None:
    """A hold has an owner, a reason and an end; it shows on the console as running out, and lifting it needs a reason."""
    number = incident(town)
    made = acted(
        dag, "/ethics/holds", kind="incident", which=number, until="2026-12-10", why="claim 31 of the ferry line"
    )
    assert made["said"] == "Hold 1 is placed until 2026-12-10"
    page = text_of(dag, "/ethics/retention")
    assert "claim 31 of the ferry line" in page
    assert f"Incident {number}" in page
    assert "placed by Dag" in text_of(dag, "/ethics")
    assert acted(dag, "/ethics/holds/1/lift", why=" ")["status"] == 400
    assert acted(dag, "/ethics/holds/1/lift", why="the claim is settled")["said"] == "Hold 1 is lifted"
    assert "Nothing is held back" in text_of(dag, "/ethics/retention")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"kind": "incident", "which": "99", "until": "2026-12-10"}, "99"),
        ({"kind": "incident", "which": "1", "until": ""}, "last day of the hold"),
        ({"kind": "incident", "which": "1", "until": "2040-01-01"}, "too long"),
        ({"kind": "incident", "which": "1", "until": "2026-11-01"}, "over already"),
        ({"kind": "source", "which": "square", "until": "2026-12-10"}, "first day of the readings"),
    ],
)
def test_a_hold_that_is_refused_keeps_what_was_typed(
    town: Town, dag: TestClient, fields: dict[str, str], named: str
) -> None:
    """By the browser's own hand the page comes back with the reason and every word in its field."""
    incident(town)
    answer = post(dag, "/ethics/holds", why="an inquiry about the ferry line", **fields)
    assert answer.status_code >= 400
    page = read_page(answer.text)
    assert named in page.words
    assert "an inquiry about the ferry line" in answer.text


def test_a_stop_stands_on_the_console(town: Town, dag: TestClient) -> None:
    """What is stopped, by whom and why."""
    stops.stop(town.desk, Actor(name="Sigrid", role=Role.SUPERVISOR), "tool:urban_anomaly", why="wrong map")
    page = text_of(dag, "/ethics")
    assert "thing is stopped" in page
    assert "Sigrid: wrong map" in page


def test_the_log_says_how_long_it_is_and_how_to_verify_it(town: Town, dag: TestClient) -> None:
    """Before the first checkpoint honestly so; then with its size, its root and the command."""
    assert "none yet" in text_of(dag, "/ethics/log")
    keep(town.desk)
    page = text_of(dag, "/ethics/log")
    assert "impetus log verify" in page
    assert "No witness outside this machine" in page
    assert "testby.example/log" in page


def test_the_officer_asks_for_the_log_to_be_verified_and_sees_when_it_was(town: Town, dag: TestClient) -> None:
    """One press; a second asks nothing more; the keeper does it, and the page says when, and who asked is in the log."""
    button = 'action="/ethics/log/verify"'
    assert button not in dag.get("/ethics/log").text
    keep(town.desk)
    assert button in dag.get("/ethics/log").text
    for _ in range(2):
        assert acted(dag, "/ethics/log/verify")["status"] == 200
    assert "asked for" in text_of(dag, "/ethics/log")
    assert button not in dag.get("/ethics/log").text
    town.clock.set(town.clock.now() + timedelta(seconds=5))
    assert verify_log(town.desk, platform("log"), town.desk.signatures.verify).is_sound
    page = text_of(dag, "/ethics/log")
    assert "asked for" not in page
    assert "entries, unbroken" in page
    keep(town.desk)
    with town.desk.store.read() as unit:
        asked = unit.accesses.page(AccessQuery(acts=("log.verify",))).items
    assert [each.record.who for each in asked] == ["Dag"]


def test_an_operator_cannot_ask_for_it(town: Town) -> None:
    """The log's health is for those who oversee."""
    assert acted(town.person(Role.OPERATOR, "Kari"), "/ethics/log/verify")["status"] == 403


def test_a_tools_entry_says_in_plain_words_what_it_does(town: Town, dag: TestClient) -> None:
    """Purpose, law, who answers for it, and its maker's own words."""
    page = text_of(dag, "/ethics/register/urban_anomaly")
    assert "Exercise municipality" in page
    assert "in its maker's words" in page
    assert dag.get("/ethics/register/nothing_here").status_code == 404
    assert dag.get("/ethics/assessments/nothing_here").status_code == 404


def test_an_answer_is_saved_and_the_old_one_struck_through(town: Town, dag: TestClient) -> None:
    """One question at a time; nothing that was said is lost, and the signature no longer covers what changed."""
    told = "To see early when the square fills faster than its exits can take."
    assert acted(dag, f"{ASSESSMENT}/answers/description.purpose", text=told)["said"] == "Saved"
    page = text_of(dag, ASSESSMENT)
    assert told in page
    assert "1 earlier answer, struck through" in page
    assert "The signature no longer covers what is configured" in page
    assert "stopped, stale" in text_of(dag, "/ethics")


def test_an_answer_that_is_refused_stays_in_its_field(town: Town, dag: TestClient) -> None:
    """A word too many or too few costs nobody their text."""
    answer = post(dag, f"{ASSESSMENT}/answers/description.purpose", text="x")
    assert answer.status_code == 400
    (typed,) = [
        node.words
        for node in read_page(answer.text).all("textarea")
        if node.get("name") == "text" and node.words == "x"
    ]
    assert typed == "x"


def test_the_officer_signs_with_their_own_password_and_the_tool_may_start(town: Town, dag: TestClient) -> None:
    """After a material change nothing but the signature is missing; a wrong password signs nothing."""
    acted(dag, f"{ASSESSMENT}/answers/description.purpose", text="To send stewards before the exits are full.")
    assert not clearance(town.desk, "urban_anomaly").is_cleared
    assert acted(dag, f"{ASSESSMENT}/sign", password="wrong")["status"] == 401
    assert not clearance(town.desk, "urban_anomaly").is_cleared
    assert acted(dag, f"{ASSESSMENT}/sign", password=PASSWORD)["status"] == 200
    assert clearance(town.desk, "urban_anomaly").is_cleared
    assert "by Dag" in text_of(dag, "/ethics")


def test_who_is_no_officer_is_offered_no_signature(town: Town, dag: TestClient) -> None:
    """An operator reads the whole assessment and changes nothing of it."""
    page = town.person(name="Kari").get(ASSESSMENT).text
    assert "/sign" not in page.replace("/sign-out", "").replace("/sign-in", "")
    assert f"{ASSESSMENT}/answers/" not in page
    assert "What does the tool do, step by step" in page


@pytest.mark.parametrize(
    ("form", "media", "begins"),
    [("html", "text/html", b"<!doctype"), ("pdf", "application/pdf", b"%PDF-"), ("cnil", "application/json", b"{")],
)
def test_an_assessment_can_be_taken_away_in_three_forms(
    town: Town, dag: TestClient, form: str, media: str, begins: bytes
) -> None:
    """For people, for paper, and for the tool of the French authority; the taking is logged."""
    answer = post(dag, f"{ASSESSMENT}/export", form=form)
    assert answer.headers["content-type"].startswith(media)
    assert answer.content.lower().startswith(begins.lower())
    if form == "cnil":
        assert json.loads(answer.content)
    keep(town.desk)
    assert "Urban Anomaly" in text_of(dag, "/ethics/who-looked?kind=tool&which=urban_anomaly")


def test_frameworks_are_green_only_where_something_stands_behind_it(town: Town, dag: TestClient) -> None:
    """Every row that is shown to be so names its claims; duties stand with the day they apply from."""
    page = text_of(dag, "/ethics/frameworks")
    for told in ("applies from", "25 May 2018", "ALTAI", "ENISA", "Does it rate, profile or predict people?"):
        assert told in page, told
    assert "Fusion" in page


def test_nothing_that_runs_out_later_than_a_month_is_shown_as_soon(town: Town, dag: TestClient) -> None:
    """A hold for a year is on its own page and not among what needs somebody next."""
    number = incident(town)
    holds.place(
        town.desk, Actor(name="Dag", role=Role.DPO), f"incident:{number}", NOW + timedelta(days=200), "a long inquiry"
    )
    assert "Nothing runs out in the next 30 days" in text_of(dag, "/ethics")
