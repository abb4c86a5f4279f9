"""Lists of the API: pages that never repeat or skip whatever happens meanwhile, filters, orders, and versions of acts."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from impetus.core.alert import Alert, AlertState
from impetus.core.finding import Severity, Urgency
from impetus.core.ids import ToolId
from impetus.core.observation import batch_of, to_us
from impetus.web.api_acts import seen_version
from seats import seat
from town import NOW, Town

Raise = Callable[..., Alert]


@pytest.fixture
def reader(town: Town) -> TestClient:
    """Return a program that reads alerts, incidents and series."""
    return town.program("alerts.read", "incidents.read", "history.read", "sources.read", "parts.read")


@pytest.fixture
def kari(town: Town) -> TestClient:
    """Return an operator's browser module."""
    return seat(town)


def pages(client: TestClient, path: str, **options: object) -> Iterator[list[dict[str, Any]]]:
    """Return the pages of a list, one at a time; what the test does between two happens between two."""
    after: dict[str, str] = {}
    while True:
        answer = client.get(path, params={**options, **after})
        assert answer.status_code == 200, answer.text
        page = answer.json()
        yield page["items"]
        if page["next"] is None:
            return
        after = {"after": page["next"]}


def numbers(*items: list[dict[str, Any]]) -> list[int]:
    """Return the ids of the items of some pages."""
    return [item["id"] for page in items for item in page]


@pytest.mark.parametrize("order", ["newest", "urgent"])
@pytest.mark.parametrize("limit", [1, 2, 3, 7, 200])
def test_the_pages_of_a_list_hold_everything_once(
    town: Town, raised: Raise, reader: TestClient, order: str, limit: int
) -> None:
    """However long a page is; alerts of one moment and one severity stay apart by their number."""
    alerts = [raised(f"a{number}", severity=list(Severity)[number % 3]) for number in range(7)]
    found = numbers(*pages(reader, "/api/v1/alerts", order=order, limit=limit))
    assert sorted(found) == [alert.id for alert in alerts]
    assert found == numbers(*pages(reader, "/api/v1/alerts", order=order, limit=200))


def test_what_is_raised_meanwhile_pushes_nothing_to_the_next_page(
    town: Town, raised: Raise, reader: TestClient
) -> None:
    """An offset would repeat one; a keyset does not."""
    first = [raised(f"a{number}").id for number in range(4)]
    walk = pages(reader, "/api/v1/alerts", limit=2)
    page = next(walk)
    town.clock.advance(1)
    raised("meanwhile")
    assert numbers(page, *walk) == list(reversed(first))


def test_what_is_closed_meanwhile_skips_nothing(
    town: Town, raised: Raise, reader: TestClient, kari: TestClient
) -> None:
    """An alert of the first page leaves the list; an offset would then skip the one that moved up."""
    alerts = [raised(f"a{number}").id for number in range(5)]
    walk = pages(reader, "/api/v1/alerts", limit=2, state="new")
    page = next(walk)
    assert kari.post(f"/api/v1/alerts/{page[0]['id']}/acknowledge", json={}).status_code == 200
    assert numbers(page, *walk) == list(reversed(alerts))


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(st.sampled_from(["raise", "later", "next"]), min_size=4, max_size=14), st.integers(1, 3))
def test_no_walk_repeats_or_skips(town: Town, raised: Raise, reader: TestClient, steps: list[str], limit: int) -> None:
    """Whatever is raised between two pages: what was there at the start comes once, newest first."""
    town.clock.advance(3600)
    since = town.clock.now().isoformat()
    start = [raised(f"s{number}").id for number in range(4)]
    walk, found = pages(reader, "/api/v1/alerts", since=since, limit=limit), []
    for step in steps:
        if step == "raise":
            raised("between")
        elif step == "later":
            town.clock.advance(1)
        else:
            found += numbers(next(walk, []))
    found += numbers(*walk)
    assert len(found) == len(set(found))
    assert [one for one in found if one in start] == list(reversed(start))


def test_most_urgent_first_means_severity_then_age(town: Town, raised: Raise, reader: TestClient) -> None:
    """An extreme one stands before a severe one however old it is."""
    raised("minor", severity=Severity.MINOR, urgency=Urgency.IMMEDIATE)
    raised("extreme", severity=Severity.EXTREME)
    town.clock.advance(60)
    raised("severe", severity=Severity.SEVERE)
    page = reader.get("/api/v1/alerts", params={"order": "urgent"}).json()["items"]
    assert [item["severity"] for item in page] == ["extreme", "severe", "minor"]


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({}, ["closed", "mine", "old", "fusion"]),
        ({"state": "held"}, ["mine"]),
        ({"state": ["held", "closed"]}, ["closed", "mine"]),
        ({"tool": "fusion"}, ["fusion"]),
        ({"tool": "nobody"}, []),
        ({"owner": "Kari"}, ["mine"]),
        ({"owner": "kari"}, []),
        ({"severity": "minor"}, ["fusion"]),
        ({"since": (NOW - timedelta(hours=1)).isoformat()}, ["closed", "mine", "fusion"]),
        ({"since": "2026-11-21T13:07:32Z"}, ["closed", "mine", "fusion"]),
        ({"since": "2026-11-21T14:07:33+01:00"}, []),
        ({"state": "new", "severity": "minor", "tool": "fusion"}, ["fusion"]),
        ({"state": "new", "owner": "Kari"}, []),
    ],
)
def test_filters_narrow_the_list_together(
    town: Town, raised: Raise, reader: TestClient, options: dict[str, object], found: list[str]
) -> None:
    """State, tool, owner, severity and time, one and all."""
    raised("fusion", tools=(ToolId("fusion"),), severity=Severity.MINOR)
    raised("old", raised_at=NOW - timedelta(hours=2))
    raised("mine", state=AlertState.HELD, owner="Kari")
    raised("closed", state=AlertState.CLOSED)
    items = reader.get("/api/v1/alerts", params=options).json()["items"]
    assert sorted(item["headline"] for item in items) == sorted(found)


@pytest.mark.parametrize("after", ["", "x", "0", "é", "a" * 200, "%00", "MTIz", "null", "-1,-1"])
def test_a_place_we_never_gave_is_refused(raised: Raise, reader: TestClient, after: str) -> None:
    """`after` is only ever what `next` was: anything else is malformed, never a fault and never the first page again."""
    raised()
    answer = reader.get("/api/v1/alerts", params={"after": after})
    assert answer.status_code == 400
    assert answer.json()["remedy"]


def test_a_place_of_another_order_is_refused_or_goes_on(town: Town, raised: Raise, reader: TestClient) -> None:
    """`next` of the newest list does not quietly mean something else in the urgent one."""
    for number in range(3):
        raised(f"a{number}")
    place = reader.get("/api/v1/alerts", params={"limit": 1}).json()["next"]
    answer = reader.get("/api/v1/alerts", params={"limit": 1, "order": "urgent", "after": place})
    assert answer.status_code == 400


def test_the_incidents_come_in_pages_too(town: Town, raised: Raise, reader: TestClient, kari: TestClient) -> None:
    """Newest first, by state, each once."""
    for number in range(5):
        alert = raised(f"a{number}").id
        assert kari.post("/api/v1/incidents", json={"title": f"i{number}", "alerts": [alert]}).status_code == 201
    kari.post("/api/v1/incidents/3/close", json={"outcome": "over"})
    assert numbers(*pages(reader, "/api/v1/incidents", limit=2)) == [5, 4, 3, 2, 1]
    assert numbers(*pages(reader, "/api/v1/incidents", limit=2, state="open")) == [5, 4, 2, 1]
    assert numbers(*pages(reader, "/api/v1/incidents", limit=2, state="closed")) == [3]


@pytest.mark.parametrize(
    ("tag", "version"),
    [(None, None), ("*", None), (" * ", None), ('"3"', 3), ('W/"3"', 3), ("3", 3), ('"0"', 0), (' "12" ', 12)],
)
def test_an_entity_tag_is_the_version_it_carries(tag: str | None, version: int | None) -> None:
    """Quoted as RFC 9110, 8.8.3 has it, weak or bare; `*` and none mean whatever stands."""
    assert seen_version(tag) == version


@pytest.mark.parametrize("tag", ['"x"', '""', '"-1"', '"1.5"', '"1", "2"', '"²"', "latest"])
def test_an_entity_tag_that_is_no_version_changes_nothing(
    town: Town, raised: Raise, kari: TestClient, tag: str
) -> None:
    """Refused, not ignored: ignoring it would act on what was not seen."""
    alert = raised()
    answer = kari.post(f"/api/v1/alerts/{alert.id}/acknowledge", json={}, headers={"if-match": tag.encode("latin-1")})
    assert answer.status_code == 400
    assert kari.get(f"/api/v1/alerts/{alert.id}").json()["alert"]["state"] == "new"


def test_a_version_beyond_any_number_is_a_conflict_or_refused(raised: Raise, kari: TestClient) -> None:
    """Never a fault."""
    path = f"/api/v1/alerts/{raised().id}/acknowledge"
    assert kari.post(path, json={}, headers={"if-match": '"' + "9" * 90 + '"'}).status_code == 409
    assert kari.post(path, json={"version": 2**53 + 1}).status_code == 422
    assert kari.post(path, json={"version": 2**53}).status_code == 409


def test_each_act_answers_with_the_tag_for_the_next(raised: Raise, kari: TestClient) -> None:
    """A chain of acts needs no reading in between."""
    alert = raised()
    tag = kari.get(f"/api/v1/alerts/{alert.id}").headers["etag"]
    for verb, body in (("acknowledge", {}), ("assess", {"verdict": "benign"}), ("close", {}), ("reopen", {"why": "x"})):
        answer = kari.post(f"/api/v1/alerts/{alert.id}/{verb}", json=body, headers={"if-match": tag})
        assert answer.status_code == 200, answer.text
        assert answer.headers["etag"] != tag
        tag = answer.headers["etag"]


def test_an_incident_is_versioned_the_same_way(raised: Raise, kari: TestClient) -> None:
    """The tag of the answer is the tag of the page; an old one is refused."""
    opened = kari.post("/api/v1/incidents", json={"title": "Crowd", "alerts": [raised().id]})
    tag, path = opened.headers["etag"], f"/api/v1/incidents/{opened.json()['id']}"
    assert kari.get(path).headers["etag"] == tag
    assert kari.post(f"{path}/join", json={"alert": raised("two").id}, headers={"if-match": tag}).status_code == 200
    assert kari.post(f"{path}/close", json={"outcome": "over"}, headers={"if-match": tag}).status_code == 409


@pytest.mark.parametrize("verb", ["accept", "decline", "offer", "close", "reopen", "undo", "assess", "shelve"])
def test_no_act_is_done_to_what_is_not_there(kari: TestClient, verb: str) -> None:
    """404 with words, whichever act."""
    until = (NOW + timedelta(hours=1)).isoformat()
    bodies = {
        "offer": {"to": "Ola"},
        "assess": {"verdict": "benign"},
        "shelve": {"until": until, "why": "x"},
        "reopen": {"why": "x"},
    }
    answer = kari.post(f"/api/v1/alerts/41/{verb}", json=bodies.get(verb, {}))
    assert (answer.status_code, answer.json()["title"]) == (404, "Not found")


def test_the_span_of_a_series_is_half_open(town: Town, reader: TestClient) -> None:
    """`since` is in it and `until` is not, so that two spans side by side hold every reading once."""
    seconds = [to_us(NOW) - 1_000_000 * back for back in (3, 2, 1, 0)]
    town.desk.history.append(batch_of([1] * 4, seconds, [3.0, 2.0, 1.0, 0.0]), "observations", through=1)
    town.desk.history.flush()
    since, until = (NOW - timedelta(seconds=2)).isoformat(), NOW.isoformat()
    answer = reader.get("/api/v1/series", params={"datastream": 1, "since": since, "until": until})
    assert answer.json()["result"] == [2.0, 1.0]
    later = reader.get("/api/v1/series", params={"datastream": 1, "since": until, "until": "2026-11-21T14:00:00Z"})
    assert later.json()["result"] == [0.0]


def test_a_series_without_a_span_is_the_last_six_hours(town: Town, reader: TestClient) -> None:
    """Older readings are there, but were not asked for."""
    times = [to_us(NOW - timedelta(hours=hours)) for hours in (7, 5)]
    town.desk.history.append(batch_of([1, 1], times, [7.0, 5.0]), "observations", through=1)
    town.desk.history.flush()
    columns = reader.get("/api/v1/series", params={"datastream": 1}).json()
    assert (columns["result"], columns["sampled"], columns["readings"]) == ([5.0], False, 1)


@pytest.mark.parametrize(
    ("since", "until", "status"),
    [
        ("2026-11-21T13:00:00Z", "2026-11-21T13:00:00Z", 400),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:01Z", 200),
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 400),
        ("2026-11-20T13:00:00Z", "2026-11-21T13:00:00Z", 200),
    ],
)
def test_a_span_is_neither_empty_nor_endless(reader: TestClient, since: str, until: str, status: int) -> None:
    """From the beginning of time on, spans are checked and never overflow."""
    answer = reader.get("/api/v1/series", params={"datastream": 1, "since": since, "until": until})
    assert answer.status_code == status


def test_a_datastream_that_is_not_there_has_no_readings(reader: TestClient) -> None:
    """Asking for it is no mistake: it may just have been erased."""
    assert reader.get("/api/v1/series", params={"datastream": 2**63 - 1}).json()["result"] == []
