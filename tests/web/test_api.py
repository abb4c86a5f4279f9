"""The API: each route answers, and refuses from the same set-up."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.finding import Severity
from impetus.core.observation import batch_of, to_us
from town import NOW, Town, csrf_of

READS = {
    "/api/v1/alerts": "alerts.read",
    "/api/v1/alerts/1": "alerts.read",
    "/api/v1/incidents": "incidents.read",
    "/api/v1/picture": "alerts.read",
    "/api/v1/latest": "history.read",
    "/api/v1/series?datastream=1": "history.read",
    "/api/v1/parts": "parts.read",
    "/api/v1/sources": "sources.read",
}


@pytest.fixture
def operator(furnished: Town) -> TestClient:
    """Return an operator's browser module: a session and its token in the header."""
    client = furnished.person()
    client.headers["x-csrf-token"] = csrf_of(client)
    return client


@pytest.mark.parametrize(("path", "operation"), READS.items())
def test_a_read_is_answered_to_who_may_and_refused_to_who_may_not(furnished: Town, path: str, operation: str) -> None:
    """The right token reads; a token for something else is told the rule; no token at all is told to bring one."""
    others = {"alerts.read", "parts.read"} - {operation}
    operations = {operation, "sources.read"} if path == "/api/v1/latest" else {operation}
    assert furnished.program(*operations).get(path).status_code == 200
    refused = furnished.program(*others).get(path)
    assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert refused.json()["value"] == operation
    assert furnished.visitor().get(path).status_code == 401


def test_the_alerts_come_in_pages(furnished: Town) -> None:
    """`next` leads on and is null at the end; together the pages hold every alert once."""
    program = furnished.program("alerts.read")
    first = program.get("/api/v1/alerts", params={"limit": 1}).json()
    second = program.get("/api/v1/alerts", params={"limit": 1, "after": first["next"]}).json()
    assert {alert["id"] for page in (first, second) for alert in page["items"]} == {1, 2}
    assert second["next"] is None


def test_alerts_are_filtered(furnished: Town) -> None:
    """Severity and state narrow the list; a word that does not exist is refused with what does."""
    program = furnished.program("alerts.read")
    minor = program.get("/api/v1/alerts", params={"severity": "minor", "state": ["new", "held"]}).json()
    assert [alert["severity"] for alert in minor["items"]] == ["minor"]
    refused = program.get("/api/v1/alerts", params={"severity": "dreadful"})
    assert refused.status_code == 422
    assert refused.json()["value"] == "dreadful"
    assert "extreme" in refused.json()["limit"]


def test_an_alert_is_said_in_the_language_asked_for(furnished: Town) -> None:
    """The headline is a sentence, not a template."""
    alert = furnished.program("alerts.read").get("/api/v1/alerts/1").json()
    assert alert["alert"]["headline"] == "Counter 4 above its norm"
    assert alert["seen_by"]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/api/v1/alerts/99", 404),
        ("/api/v1/alerts/none", 422),
        ("/api/v1/alerts/99999999999999999999", 422),
        ("/api/v1/alerts?after=nonsense", 400),
        ("/api/v1/alerts?limit=0", 422),
        ("/api/v1/incidents/7", 404),
        ("/api/v1/series", 422),
        ("/api/v1/series?datastream=1&since=2026-11-21T14:00:00Z&until=2026-11-21T13:00:00Z", 400),
        ("/api/v1/series?datastream=1&since=yesterday", 422),
        ("/api/v1/place", 404),
        ("/api/v1/nothing", 404),
    ],
)
def test_a_bad_question_is_answered_with_value_limit_and_remedy(operator: TestClient, path: str, status: int) -> None:
    """What is wrong is named, as a problem document."""
    answer = operator.get(path)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    assert problem["detail"]
    assert problem["remedy"]


def test_an_act_is_taken_once_and_only_on_what_was_seen(operator: TestClient) -> None:
    """The first acknowledgement wins; a second, and one on an old version, are told who acted before."""
    seen = operator.get("/api/v1/alerts/1")
    first = operator.post("/api/v1/alerts/1/acknowledge", json={}, headers={"if-match": seen.headers["etag"]})
    assert first.status_code == 200
    assert first.json()["state"] == "held"
    assert first.headers["etag"] != seen.headers["etag"]
    again = operator.post("/api/v1/alerts/1/acknowledge", json={})
    stale = operator.post(
        "/api/v1/alerts/1/assess", json={"verdict": "benign", "version": seen.json()["alert"]["version"]}
    )
    assert (again.status_code, stale.status_code) == (409, 409)
    assert again.json()["remedy"]


def test_an_alert_goes_its_whole_way(operator: TestClient) -> None:
    """Assess, close, reopen, shelve, undo: each act answers with the alert as it then stands."""
    until = (NOW + timedelta(hours=1)).isoformat()
    acts = [
        ("assess", {"verdict": "benign"}, "held"),
        ("close", {"why": "seen by eye"}, "closed"),
        ("reopen", {"why": "it is back"}, "held"),
        ("shelve", {"until": until, "why": "roadworks"}, "shelved"),
        ("undo", {}, "new"),
    ]
    for verb, body, state in acts:
        answer = operator.post(f"/api/v1/alerts/1/{verb}", json=body)
        assert (answer.status_code, answer.json().get("state")) == (200, state), answer.text


def test_an_alert_is_handed_on(furnished: Town, operator: TestClient) -> None:
    """It stays its owner's until the person asked accepts; declining gives it back."""
    other = furnished.person(name="mario")
    other.headers["x-csrf-token"] = csrf_of(other)
    operator.post("/api/v1/alerts/1/acknowledge", json={})
    assert operator.post("/api/v1/alerts/1/offer", json={"to": "mario"}).json()["state"] == "offered"
    assert operator.post("/api/v1/alerts/1/accept", json={}).status_code in {403, 409}
    assert other.post("/api/v1/alerts/1/decline", json={"why": "off duty"}).json()["state"] == "held"
    operator.post("/api/v1/alerts/1/offer", json={"to": "mario"})
    assert other.post("/api/v1/alerts/1/accept", json={}).json()["owner"] == "mario"


@pytest.mark.parametrize(
    ("verb", "body", "status"),
    [
        ("assess", {"verdict": "dreadful"}, 422),
        ("assess", {}, 422),
        ("assess", {"verdict": "benign", "colour": "red"}, 422),
        ("shelve", {"until": "2026-11-21T14:00:00", "why": "no zone"}, 422),
        ("shelve", {"until": "2027-11-21T14:00:00Z", "why": "too long"}, 400),
        ("close", {}, 409),
        ("acknowledge", {"why": "x" * 3000}, 422),
    ],
)
def test_a_bad_act_changes_nothing(operator: TestClient, verb: str, body: dict[str, object], status: int) -> None:
    """Refused with a problem document, and the alert is as it was."""
    before = operator.get("/api/v1/alerts/1").json()
    answer = operator.post(f"/api/v1/alerts/1/{verb}", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert operator.get("/api/v1/alerts/1").json() == before


@pytest.mark.parametrize(("tag", "status"), [('"nonsense"', 400), ("*", 200), ('W/"0"', 200)])
def test_if_match_is_a_version(operator: TestClient, tag: str, status: int) -> None:
    """Anything else is refused, naming what is expected."""
    assert operator.post("/api/v1/alerts/1/acknowledge", json={}, headers={"if-match": tag}).status_code == status


def test_a_header_and_a_body_that_differ_are_refused(operator: TestClient) -> None:
    """Two versions in one request are a mistake of the caller."""
    answer = operator.post("/api/v1/alerts/1/acknowledge", json={"version": 3}, headers={"if-match": '"1"'})
    assert (answer.status_code, answer.json()["limit"]) == (400, "1")


def test_a_program_reads_but_never_judges(furnished: Town) -> None:
    """A token that reads alerts cannot acknowledge one: that takes a person."""
    program = furnished.program("alerts.read")
    assert program.get("/api/v1/alerts/1").status_code == 200
    refused = program.post("/api/v1/alerts/1/acknowledge", json={})
    assert refused.status_code == 403
    assert "person" in refused.json()["rule"]


def test_an_incident_goes_its_whole_way(operator: TestClient) -> None:
    """Open, note, join, decide, correct, leave, close, reopen."""
    opened = operator.post("/api/v1/incidents", json={"title": "Crowd at the quay", "alerts": [1]})
    assert opened.status_code == 201
    base = f"/api/v1/incidents/{opened.json()['id']}"
    assert operator.post(f"{base}/note", json={"text": "called the guard"}).status_code == 200
    assert operator.post(f"{base}/join", json={"alert": 2}).status_code == 200
    decision = {
        "seen": "2.9 people a square metre",
        "options": ["close E1", "wait"],
        "choice": "wait",
        "reason": "falling",
    }
    decided = operator.post(f"{base}/decisions", json=decision)
    assert decided.status_code == 201
    corrected = operator.post(
        f"{base}/decisions", json={**decision, "choice": "close E1", "corrects": decided.json()["id"]}
    )
    assert corrected.json()["corrects"] == decided.json()["id"]
    assert operator.post(f"{base}/leave", json={"alert": 2, "why": "another matter"}).status_code == 200
    assert operator.post(f"{base}/close", json={"outcome": "dissolved"}).json()["state"] == "closed"
    assert operator.post(f"{base}/reopen", json={"why": "back"}).json()["state"] == "open"
    story = operator.get(base).json()
    assert [alert["id"] for alert in story["alerts"]] == [1]
    assert len(story["decisions"]) == 2
    assert "note" in {entry["event"] for entry in story["entries"]}


@pytest.mark.parametrize(
    ("body", "status"),
    [({"title": "x", "alerts": []}, 422), ({"title": "x", "alerts": [99]}, 404), ({"title": " ", "alerts": [1]}, 400)],
)
def test_an_incident_needs_alerts_and_a_title(operator: TestClient, body: dict[str, object], status: int) -> None:
    """Refused with what is missing, and none is opened."""
    assert operator.post("/api/v1/incidents", json=body).status_code == status
    assert operator.get("/api/v1/incidents").json()["items"] == []


def test_an_incident_is_handed_on(furnished: Town, operator: TestClient) -> None:
    """Offered, declined, offered, accepted."""
    other = furnished.person(name="mario")
    other.headers["x-csrf-token"] = csrf_of(other)
    base = f"/api/v1/incidents/{operator.post('/api/v1/incidents', json={'title': 'x', 'alerts': [1]}).json()['id']}"
    assert operator.post(f"{base}/offer", json={"to": "mario"}).json()["state"] == "offered"
    assert other.post(f"{base}/decline", json={}).json()["state"] == "open"
    operator.post(f"{base}/offer", json={"to": "mario"})
    assert other.post(f"{base}/accept", json={}).json()["owner"] == "mario"


def test_series_are_thinned_out_but_keep_their_peak(furnished: Town, operator: TestClient) -> None:
    """A day of seconds becomes at most 2,000 points, the highest among them."""
    count = 20_000
    times = [to_us(NOW) - (count - row) * 1_000_000 for row in range(count)]
    values = [float(row % 7) for row in range(count)]
    values[12_345] = 99.0
    furnished.desk.history.append(batch_of([1] * count, times, values), "observations", through=1)
    furnished.desk.history.flush()
    answer = operator.get("/api/v1/series", params={"datastream": 1, "since": (NOW - timedelta(hours=8)).isoformat()})
    columns = answer.json()
    assert (columns["sampled"], columns["readings"]) == (True, count)
    assert len(columns["result"]) == len(columns["time_us"]) <= 2000
    assert max(columns["result"]) == 99.0


def test_the_newest_readings_come_with_their_keys(furnished: Town, operator: TestClient) -> None:
    """The map finds its things by key; a reading without value is null, which JSON can say."""
    furnished.desk.history.append(batch_of([1], [to_us(NOW)], [float("nan")]), "observations", through=1)
    columns = operator.get("/api/v1/latest").json()
    assert (columns["key"], columns["result"]) == (["square/counter-4/people"], [None])


def test_the_plan_of_the_place_is_served_and_remembered(furnished: Town, operator: TestClient) -> None:
    """GeoJSON with an entity tag; asked again, 304."""
    furnished.settings.place_file.write_text('{"type": "FeatureCollection", "features": []}')
    first = operator.get("/api/v1/place")
    again = operator.get("/api/v1/place", headers={"if-none-match": first.headers["etag"]})
    assert first.headers["content-type"] == "application/geo+json"
    assert first.json()["features"] == []
    assert again.status_code == 304


def test_the_picture_says_where_to_follow_events_from(operator: TestClient, raised: Callable[..., Alert]) -> None:
    """Nothing falls between the picture and the stream."""
    before = operator.get("/api/v1/picture").json()
    raised("{thing} dark", severity=Severity.EXTREME)
    after = operator.get("/api/v1/picture").json()
    assert after["change"] > before["change"]
    assert after["alerts"][0]["severity"] == "extreme"
    assert after["counts"]["new"] == before["counts"]["new"] + 1


def test_up_or_not_is_said_without_authentication(furnished: Town) -> None:
    """And nothing else is: no version, no name."""
    visitor = furnished.visitor()
    assert (visitor.get("/healthz").status_code, visitor.get("/healthz").text) == (200, "up\n")


def test_the_openapi_document_names_every_refusal(town: Town) -> None:
    """Each route says what it answers, in problem documents, and how to authenticate."""
    document = town.visitor().get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    for path, verbs in document["paths"].items():
        for verb, route in verbs.items():
            assert route["summary"], path
            assert "application/problem+json" in route["responses"]["401"]["content"], (verb, path)
            assert "403" in route["responses"], path


def test_a_role_without_alerts_sees_none(furnished: Town) -> None:
    """An integrator connects sensors and does not see alerts."""
    integrator = furnished.person(Role.INTEGRATOR)
    assert integrator.get("/api/v1/alerts").status_code == 403
    assert integrator.get("/api/v1/sources").status_code == 200
