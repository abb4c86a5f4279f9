"""The picture, an alert and an incident over HTTP: what they say, what they offer, what they refuse."""

import re
from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Severity
from impetus.core.text import Phrase
from impetus.web.pages.bar import bar_of
from town import Town, csrf_of, post

Raise = Callable[..., Alert]


def act(client: TestClient, path: str, **fields: object) -> dict[str, object]:
    """Send an act as our own module does, and return its answer with the status."""
    answer = client.post(path, data={"csrf": csrf_of(client), **fields}, headers={"accept": "application/json"})
    return {"status": answer.status_code, **answer.json()}


def test_the_picture_says_the_five_things_of_each_alert(town: Town, raised: Raise) -> None:
    """What, how sure and how often true, why, what I may do, how old."""
    raised()
    page = town.person().get("/").text
    for told in (
        "Counter 4 above its norm",
        "Likely, score 0.9",
        "1 in 900 by chance",
        "none judged here yet",
        "2.9 against 1.1 to 1.6",
        "data-age",
        "Acknowledge",
    ):
        assert told in page, told


def test_the_picture_holds_no_inline_style_or_script(town: Town, raised: Raise) -> None:
    """The content security policy would refuse them, silently and on the operator's screen."""
    alert = raised()
    person = town.person()
    for path in ("/", f"/alerts/{alert.id}"):
        page = person.get(path).text
        assert " style=" not in page
        assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
        assert not re.search(r"\son[a-z]+=", page)


def test_hostile_words_are_shown_not_run(town: Town, raised: Raise) -> None:
    """A headline from outside is text, in the page and in the data for the plots."""
    raised("<script>alert(1)</script>{thing}", why=Phrase(template="</script><img src=x>"))
    page = town.person().get("/").text
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_an_empty_picture_says_what_it_looked_at(town: Town) -> None:
    """Nothing open is told with what was fresh, so that it can be believed."""
    page = town.person().get("/").text
    assert "No alert yet" in page
    assert "datastreams fresh" in page


def test_who_sees_no_alerts_is_sent_to_the_sources(town: Town) -> None:
    """An integrator's picture is the page of sources, and the bar stays empty for them."""
    integrator = town.person(Role.INTEGRATOR)
    assert integrator.get("/").headers["location"] == "/sources"
    assert integrator.get("/bar").status_code == 204


def test_an_act_answers_in_one_sentence_with_the_way_back(town: Town, raised: Raise) -> None:
    """Our module is told what was done and how to undo it; the alert has an owner."""
    alert = raised()
    person = town.person(name="Kari")
    answer = act(person, f"/alerts/{alert.id}/acknowledge", version=alert.version)
    assert answer == {
        "status": 200,
        "said": f"You have alert {alert.id}",
        "undo": f"/alerts/{alert.id}/undo",
        "go": None,
    }
    assert act(person, f"/alerts/{alert.id}/undo")["status"] == 200


def test_a_form_comes_back_to_its_page_and_never_to_another_site(town: Town, raised: Raise) -> None:
    """Without scripts an act redirects; an address of somebody else's is not followed."""
    person = town.person()
    first, second = raised("one {thing}"), raised("two {thing}")
    assert post(person, f"/alerts/{first.id}/acknowledge", back="/").headers["location"] == "/"
    answer = post(person, f"/alerts/{second.id}/acknowledge", back="//evil.example/")
    assert answer.headers["location"] == "/"


def test_acting_on_what_somebody_changed_is_a_conflict_with_a_remedy(town: Town, raised: Raise) -> None:
    """The second person is told, not obeyed, and what they typed stays on their screen."""
    alert = raised()
    act(town.person(name="Kari"), f"/alerts/{alert.id}/acknowledge", version=alert.version)
    late = act(town.person(name="Ola"), f"/alerts/{alert.id}/acknowledge", version=alert.version)
    assert late["status"] == 409
    assert late["remedy"]


@pytest.mark.parametrize("verdict", ["confirmed", "false_alarm", "benign", "exercise", "not_enough_information"])
def test_every_verdict_can_be_given(town: Town, raised: Raise, verdict: str) -> None:
    """Five answers stand equal, "not enough information" among them; the record counts them."""
    alert = raised()
    person = town.person()
    assert act(person, f"/alerts/{alert.id}/assess", verdict=verdict, version=alert.version)["status"] == 200
    assert act(person, f"/alerts/{alert.id}/close")["status"] == 200
    assert town.desk.store is not None
    with town.desk.store.read() as unit:
        assert (unit.alerts.get(alert.id).verdict, unit.alerts.get(alert.id).state) == (verdict, AlertState.CLOSED)


def test_an_alert_is_shelved_handed_on_and_reopened(town: Town, raised: Raise) -> None:
    """Putting aside needs a reason; handing on leaves it with its owner; a closed one can be taken up again."""
    kari, ola = town.person(name="Kari"), town.person(name="Ola")
    aside, mine = raised("aside {thing}"), raised("mine {thing}")
    assert act(kari, f"/alerts/{aside.id}/shelve", minutes=60)["status"] in {400, 422}
    assert act(kari, f"/alerts/{aside.id}/shelve", minutes=60, why="roadworks")["status"] == 200
    act(kari, f"/alerts/{mine.id}/acknowledge")
    assert act(kari, f"/alerts/{mine.id}/offer", to="Ola", why="my shift ends")["status"] == 200
    assert "Take it" in ola.get(f"/alerts/{mine.id}").text
    assert act(ola, f"/alerts/{mine.id}/decline", why="on a break")["status"] == 200
    act(kari, f"/alerts/{mine.id}/offer", to="Ola")
    assert act(ola, f"/alerts/{mine.id}/accept")["status"] == 200
    act(ola, f"/alerts/{mine.id}/assess", verdict="benign")
    act(ola, f"/alerts/{mine.id}/close")
    assert act(ola, f"/alerts/{mine.id}/reopen", why="it came back")["status"] == 200


def test_an_incident_is_worked_on_and_closed(town: Town, raised: Raise) -> None:
    """Open from an alert, join another, note, decide, correct, take out, hand over, close, reopen."""
    kari = town.person(name="Kari")
    town.person(name="Ola")
    first, second = raised("one {thing}"), raised("two {thing}", severity=Severity.EXTREME)
    opened = act(kari, f"/alerts/{first.id}/incident", title="Trouble in the south")
    assert opened["go"] == "/incidents/1"
    assert act(kari, f"/alerts/{second.id}/incident", joins="1")["go"] == "/incidents/1"
    assert act(kari, f"/alerts/{second.id}/incident", joins="one")["status"] == 400
    assert act(kari, "/incidents/1/note", text="Stewards told")["status"] == 200
    words = {"seen": "crowd", "option": ["wait", "call"], "choice": 1, "reason": "getting worse"}
    assert act(kari, "/incidents/1/decide", **words)["status"] == 200
    assert act(kari, "/incidents/1/decide", **{**words, "choice": 0, "corrects": 1})["status"] == 200
    page = kari.get("/incidents/1").text
    assert "<del>" in page
    assert "Stewards told" in page
    left = act(kari, f"/incidents/1/leave/{second.id}")
    assert act(kari, str(left["undo"]))["status"] == 200
    assert act(kari, "/incidents/1/offer", to="Ola")["status"] == 200
    assert act(kari, "/incidents/1/decline", why="I stay")["status"] == 200
    assert act(kari, "/incidents/1/close", outcome="crowd left")["status"] == 200
    assert act(kari, "/incidents/1/reopen", why="they came back")["status"] == 200
    assert act(kari, "/incidents/1/accept")["status"] == 409


def test_fragments_bring_only_what_changes(town: Town, raised: Raise) -> None:
    """What a live page asks for has no frame around it and names its targets."""
    alert = raised()
    person = town.person()
    act(person, f"/alerts/{alert.id}/incident", title="One")
    for path in ("/picture/now", f"/alerts/{alert.id}/now", "/incidents/1/now", "/bar"):
        fragment = person.get(path).text
        assert "<html" not in fragment, path
        assert 'hx-target="#bar-needs"' in fragment, path


def test_readings_for_the_map_are_json(town: Town) -> None:
    """Without a plan there is nothing to tell, and it is told as an empty object."""
    assert town.person().get("/picture/readings").json() == {}


@pytest.mark.parametrize(("alerts", "load"), [(1, "normal"), (3, "moderate"), (12, "severe")])
def test_the_load_meter_follows_the_published_limits(town: Town, raised: Raise, alerts: int, load: str) -> None:
    """One or two in ten minutes is calm, more is a strain, more than ten a flood. EEMUA 191."""
    from impetus.core.actor import Actor
    from impetus.core.attention import Ask, AskLine, Because
    from impetus.core.finding import Severity
    from impetus.desk import read
    from impetus.desk.needs import needs

    kari = Actor(name="Kari", role=Role.OPERATOR)
    for number in range(alerts):
        line = AskLine(
            ask=0,
            alert=raised(f"{number} {{thing}}").id,
            bundle="",
            severity=Severity.SEVERE,
            because=next(iter(Because)),
            since=town.clock.now(),
        )
        with town.desk.store.write() as unit:
            unit.attention.ask(Ask(id=0, seat="", at=town.clock.now(), severity=Severity.SEVERE), [line])
    town.clock.advance(1)
    bar = bar_of(read.picture(town.desk, kari))
    assert (bar.needs, bar.load_severity) == (alerts, load)
    assert 0 <= bar.load_percent <= 100
    assert bar_of(needs(town.desk, kari)) == bar
