"""Two people at once: the first act counts, the second person is told who acted, and nothing they wrote is lost."""

from collections.abc import Callable

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.core.incident import Incident
from page_reader import acts, by_id, read_page
from seats import act, look, opened, seat
from town import Town

Raise = Callable[..., Alert]


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return the first operator's browser."""
    return seat(town, "Kari")


@pytest.fixture
def ola(town: Town) -> TestClient:
    """Return the second operator's browser."""
    return seat(town, "Ola")


def stored(town: Town, alert: int) -> Alert:
    """Return the alert as it stands."""
    with town.desk.store.read() as unit:
        return unit.alerts.get(AlertId(alert))


def incident_of(town: Town, incident: Incident) -> Incident:
    """Return the incident as it stands."""
    with town.desk.store.read() as unit:
        return unit.incidents.get(incident.id)


def test_the_second_to_take_an_alert_is_told_who_has_it(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient
) -> None:
    """By name and by time; the alert stays with the first."""
    alert = raised()
    assert act(kari, f"/alerts/{alert.id}/acknowledge", version=alert.version)[0] == 200
    status, problem = act(ola, f"/alerts/{alert.id}/acknowledge", version=alert.version)
    assert (status, problem["title"]) == (409, "State does not allow this")
    assert "Kari" in problem["detail"]
    assert "13:07:32" in problem["detail"]
    assert stored(town, alert.id).owner == "Kari"


def test_without_scripts_the_second_gets_a_page_that_says_what_to_do(
    raised: Raise, kari: TestClient, ola: TestClient
) -> None:
    """What happened, what helps, and the way on, in a whole page with the bar."""
    alert = raised()
    kari.post(f"/alerts/{alert.id}/acknowledge", data={"version": alert.version})
    answer = ola.post(f"/alerts/{alert.id}/acknowledge", data={"version": alert.version})
    page = read_page(answer.text)
    assert answer.status_code == 409
    assert "Somebody may have acted before you" in page.words
    assert "Kari" in page.words
    assert {"/", "/alerts"} <= {link.get("href") for link in page.all("a")}
    assert "/sign-out" in acts(page)


def test_a_page_of_the_list_is_said_in_the_readers_language(raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """The conflict page speaks what the reader speaks."""
    alert = raised()
    kari.post(f"/alerts/{alert.id}/acknowledge", data={})
    ola.headers["accept-language"] = "nb"
    english = "Somebody may have acted before you"
    answer = ola.post(f"/alerts/{alert.id}/acknowledge", data={})
    assert '<html lang="nb"' in answer.text
    assert english not in answer.text


@pytest.mark.parametrize(
    ("verb", "fields"),
    [
        ("assess", {"verdict": "benign", "why": "a long thought"}),
        ("shelve", {"minutes": 60, "why": "roadworks"}),
        ("offer", {"to": "Sigrid", "why": "my shift ends"}),
        ("close", {"why": "done"}),
    ],
)
def test_what_somebody_else_holds_is_not_changed(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient, verb: str, fields: dict[str, object]
) -> None:
    """The owner may; everybody else is told whom to ask."""
    seat(town, "Sigrid", Role.SUPERVISOR)
    alert = raised()
    act(kari, f"/alerts/{alert.id}/assess", verdict="confirmed")
    before = stored(town, alert.id)
    status, problem = act(ola, f"/alerts/{alert.id}/{verb}", **fields)
    assert (status, stored(town, alert.id)) == (403, before)
    assert "Kari" in problem["remedy"]
    assert act(kari, f"/alerts/{alert.id}/{verb}", **fields)[0] == 200


def test_a_supervisor_may_step_in(town: Town, raised: Raise, kari: TestClient) -> None:
    """Somebody fell ill with an alert in hand: a supervisor says what it was and closes it."""
    sigrid = seat(town, "Sigrid", Role.SUPERVISOR)
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    assert act(sigrid, f"/alerts/{alert.id}/assess", verdict="benign")[0] == 200
    assert act(sigrid, f"/alerts/{alert.id}/close")[0] == 200
    assert stored(town, alert.id).state is AlertState.CLOSED


def test_a_repeat_in_between_stands_in_nobodys_way(town: Town, raised: Raise, kari: TestClient) -> None:
    """An alert that repeats every second can still be taken: its version rose, but no person acted."""
    alert = raised()
    with town.desk.store.write() as unit:
        unit.alerts.replace(unit.alerts.get(alert.id))
    assert stored(town, alert.id).version > alert.version
    assert act(kari, f"/alerts/{alert.id}/acknowledge", version=alert.version)[0] == 200


def test_acting_on_an_old_page_is_refused_to_its_own_writer_too(town: Town, raised: Raise, kari: TestClient) -> None:
    """Two windows of one person: the older one is told to look again."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/assess", verdict="confirmed", version=alert.version)
    status, problem = act(kari, f"/alerts/{alert.id}/assess", verdict="benign", version=alert.version)
    assert (status, problem["limit"]) == (409, str(stored(town, alert.id).version))
    assert stored(town, alert.id).verdict == "confirmed"


def test_a_version_that_never_was_is_refused(raised: Raise, kari: TestClient) -> None:
    """A page cannot have shown what did not exist."""
    alert = raised()
    assert act(kari, f"/alerts/{alert.id}/acknowledge", version=alert.version + 7)[0] == 409
    assert act(kari, f"/alerts/{alert.id}/acknowledge", version=alert.version)[0] == 200


def test_an_offer_is_answered_by_the_one_who_was_asked(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient
) -> None:
    """Nobody takes it in between, not even its owner; the one asked does, once."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    act(kari, f"/alerts/{alert.id}/offer", to="Ola")
    assert act(kari, f"/alerts/{alert.id}/accept")[0] == 403
    assert act(ola, f"/alerts/{alert.id}/accept")[0] == 200
    assert act(ola, f"/alerts/{alert.id}/accept")[0] == 409
    assert stored(town, alert.id).owner == "Ola"


@pytest.mark.parametrize(
    ("to", "status"), [("Nobody", 400), ("Kari", 409), ("Petra", 403), ("", 422), ("x" * 101, 422), ("Ola", 200)]
)
def test_an_alert_goes_only_to_somebody_who_can_take_it(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient, to: str, status: int
) -> None:
    """Not to strangers, not to oneself, not to a role that may not act; to a colleague it does."""
    seat(town, "Petra", Role.PLANNER)
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    assert act(kari, f"/alerts/{alert.id}/offer", to=to)[0] == status
    assert stored(town, alert.id).offered_to == ("Ola" if status == 200 else None)


def test_undo_takes_back_exactly_one_step(town: Town, raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """Offered becomes held, held becomes new, and then there is nothing to take back."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/acknowledge")
    act(kari, f"/alerts/{alert.id}/offer", to="Ola")
    assert act(ola, f"/alerts/{alert.id}/undo")[0] == 403
    states = []
    for _ in range(2):
        assert act(kari, f"/alerts/{alert.id}/undo")[0] == 200
        states.append(stored(town, alert.id).state)
    assert states == [AlertState.HELD, AlertState.NEW]
    assert act(kari, f"/alerts/{alert.id}/undo")[0] == 409


def test_what_was_shelved_is_taken_back_by_who_shelved_it(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient
) -> None:
    """A shelf has no owner, but a name stands in the history."""
    alert = raised()
    act(kari, f"/alerts/{alert.id}/shelve", minutes=60, why="roadworks")
    assert act(ola, f"/alerts/{alert.id}/undo")[0] == 403
    assert act(kari, f"/alerts/{alert.id}/undo")[0] == 200
    assert stored(town, alert.id).state is AlertState.NEW


@pytest.mark.parametrize(("minutes", "status"), [(0, 422), (-5, 422), (10_081, 422), ("soon", 422), (10_080, 200)])
def test_a_shelf_lasts_a_minute_to_a_week(raised: Raise, kari: TestClient, minutes: int | str, status: int) -> None:
    """Nothing is put aside for ever, or for no time at all."""
    alert = raised()
    assert act(kari, f"/alerts/{alert.id}/shelve", minutes=minutes, why="roadworks")[0] == status


def test_notes_of_two_people_never_collide(town: Town, raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """Both lines stand in the timeline, each with its name, in the order they came."""
    incident = opened(town, raised().id)
    for client, text in ((kari, "guards called"), (ola, "street closed")):
        assert act(client, f"/incidents/{incident.id}/note", text=text)[0] == 200
    story = by_id(look(kari, f"/incidents/{incident.id}"), "story").words
    assert story.index("street closed") < story.index("guards called")
    assert "Ola" in story


def test_closing_an_incident_that_changed_is_refused(
    town: Town, raised: Raise, kari: TestClient, ola: TestClient
) -> None:
    """An alert that joined since may be the reason not to close; a note is not."""
    incident, other = opened(town, raised("one").id), raised("two")
    act(ola, f"/incidents/{incident.id}/note", text="quiet now")
    act(ola, f"/incidents/{incident.id}/join/{other.id}")
    status, problem = act(kari, f"/incidents/{incident.id}/close", outcome="over", version=incident.version)
    assert status == 409
    assert "Ola" in problem["detail"]
    now = incident_of(town, incident).version
    act(ola, f"/incidents/{incident.id}/note", text="still quiet")
    assert act(kari, f"/incidents/{incident.id}/close", outcome="over", version=now)[0] == 200


def test_an_alert_is_in_one_incident_at_most(town: Town, raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """The second incident is told where it is already."""
    alert = raised()
    first, second = opened(town, alert.id), opened(town, raised("two").id, name="Ola")
    status, problem = act(ola, f"/incidents/{second.id}/join/{alert.id}")
    assert (status, f"in incident {first.id}" in problem["detail"]) == (409, True)
    assert act(kari, f"/incidents/{first.id}/leave/{alert.id}")[0] == 200
    assert act(ola, f"/incidents/{second.id}/join/{alert.id}")[0] == 200


def test_two_open_an_incident_from_one_alert(town: Town, raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """The second does not get an incident without its alert."""
    alert = raised()
    assert act(kari, f"/alerts/{alert.id}/incident", title="Crowd")[0] == 200
    assert act(ola, f"/alerts/{alert.id}/incident", title="Crowd too")[0] == 409
    with town.desk.store.read() as unit:
        assert len(unit.incidents.find(states=()).items) == 1


def test_a_decision_is_corrected_once(town: Town, raised: Raise, kari: TestClient, ola: TestClient) -> None:
    """Two corrections of one decision would be a fork; the second is told which to correct instead."""
    incident = opened(town, raised().id)
    words = {"seen": "crowd", "option": ["wait", "call"], "choice": 0, "reason": "calm"}
    act(kari, f"/incidents/{incident.id}/decide", **words)
    assert act(ola, f"/incidents/{incident.id}/decide", **{**words, "choice": 1, "corrects": 1})[0] == 200
    status, problem = act(kari, f"/incidents/{incident.id}/decide", **{**words, "corrects": 1})
    assert (status, "Ola" in problem["detail"]) == (409, True)
    assert "decision 2" in problem["remedy"]


def test_an_incident_gets_worse_with_the_alert_that_joins(town: Town, raised: Raise, kari: TestClient) -> None:
    """And not better when a milder one does."""
    incident = opened(town, raised("one", severity=Severity.MODERATE).id)
    for severity, then in ((Severity.MINOR, Severity.MODERATE), (Severity.EXTREME, Severity.EXTREME)):
        act(kari, f"/incidents/{incident.id}/join/{raised(severity, severity=severity).id}")
        assert incident_of(town, incident).severity is then
