"""The door for context brokers: the token of the source, what is new, what is refused, and what is passed over."""

import json
from typing import Any

import pytest

from feed_samples import sample
from impetus.core.stop import parse_target
from impetus.desk import declare_seen, tokens
from impetus.desk.stop_watch import LOOK_EVERY_S
from impetus.testing.desk import clock_of
from ingest_samples import ADMINISTRATOR, NOW, datastreams, published
from ingest_site import Site, headers

PATH = "/api/v1/ngsi-ld"
LD = "application/ld+json"
NOTIFICATION = sample("ngsi-notification.json")


def token_of(site: Site, source: str, *, may_declare: bool) -> str:
    """Return a token of a source that need not be declared yet."""
    operations = ["observations.write", *(["sources.declare"] if may_declare else [])]
    return tokens.issue(site.desk, ADMINISTRATOR, source, operations, source=source)[1]  # type: ignore[arg-type]


def entity(thing: str, **attributes: Any) -> bytes:
    """Return one entity as a body."""
    base = {"id": f"urn:ngsi-ld:AirQualityObserved:{thing}", "type": "AirQualityObserved"}
    return json.dumps({**base, "dateObserved": "2026-06-01T11:59:00Z", **attributes}).encode()


def test_a_broker_that_may_declare_needs_no_declaration_by_hand(site: Site) -> None:
    """Its first notification declares what it speaks of, and its readings are durable with the answer."""
    token = token_of(site, "broker", may_declare=True)
    answer = site.client.post(PATH, content=NOTIFICATION, headers=headers(token, LD))
    assert answer.status_code == 200, answer.text
    assert answer.json()["accepted"] == 5
    assert len(published(site.desk)) == 5
    declared = datastreams(site.desk)["broker/airqualityobserved:quay-1/no2"]
    assert (declared.unit, declared.thing_name, declared.highest) == ("ug/m3", "North Quay", 10_000.0)


def test_the_same_notification_again_is_known(site: Site) -> None:
    """Brokers send again when an answer was lost."""
    token = token_of(site, "broker", may_declare=True)
    for _ in range(2):
        answer = site.client.post(PATH, content=NOTIFICATION, headers=headers(token, LD))
    assert (answer.status_code, answer.json()["counts"]) == (200, {"duplicate": 5})
    assert len(published(site.desk)) == 5


def test_without_the_right_to_declare_what_is_new_is_refused(site: Site) -> None:
    """As anybody's readings are: undeclared, quarantined, and the answer says what to do."""
    answer = site.client.post(PATH, content=entity("quay", no2=7), headers=headers(site.harbour))
    assert answer.status_code == 422
    assert answer.json()["receipt"]["counts"] == {"undeclared": 1}
    assert "declare it first" in answer.json()["detail"]
    assert "harbour/airqualityobserved:quay/no2" not in datastreams(site.desk)


def test_what_somebody_mended_by_hand_stays(site: Site) -> None:
    """Only what is new is declared: the harbour's own name and thermometer are left as they are."""
    before = datastreams(site.desk)
    token = token_of(site, "harbour", may_declare=True)
    assert site.client.post(PATH, content=entity("quay", no2=7), headers=headers(token)).status_code == 200
    after = datastreams(site.desk)
    assert {key: after[key] for key in before} == before
    with site.desk.store.read() as unit:
        assert {source.name for source in unit.sources.all()} == {"Square", "Harbour"}


def test_a_reading_that_cannot_be_is_refused_by_the_usual_rules(site: Site) -> None:
    """Out of the range of what it measures: some refused, the rest durable."""
    token = token_of(site, "broker", may_declare=True)
    answer = site.client.post(PATH, content=entity("quay", no2=7, temperature=900), headers=headers(token))
    assert (answer.status_code, answer.json()["counts"]) == (207, {"accepted": 1, "out_of_range": 1})


def test_a_notification_about_other_things_is_answered_well(site: Site) -> None:
    """The broker did nothing wrong, and nothing is declared."""
    token = token_of(site, "broker", may_declare=True)
    body = json.dumps({"id": "urn:1", "type": "Vehicle", "speed": 31}).encode()
    answer = site.client.post(PATH, content=body, headers=headers(token))
    assert (answer.status_code, answer.json()["left_out"]) == (200, {"an entity that is no observation of a place": 1})
    assert not any(key.startswith("broker/") for key in datastreams(site.desk))


@pytest.mark.parametrize("body", [b"", b"{}", b"<xml/>", b"[" * 20_000])
def test_a_body_that_is_no_entity_is_counted_and_says_what_is_read(site: Site, body: bytes) -> None:
    """Also before the source was ever declared."""
    for token in (site.harbour, token_of(site, "broker", may_declare=True)):
        answer = site.client.post(PATH, content=body, headers=headers(token))
        assert answer.status_code == 400
        assert answer.json()["limit"]


def test_nobody_comes_in_without_a_token_of_a_source(site: Site) -> None:
    """No token, a reader's token, another medium, a compressed body."""
    assert site.client.post(PATH, content=NOTIFICATION).status_code == 401
    assert site.client.post(PATH, content=NOTIFICATION, headers=headers(site.reader)).status_code == 403
    assert site.client.post(PATH, content=NOTIFICATION, headers=headers(site.harbour, "text/html")).status_code == 415
    packed = {**headers(site.harbour), "Content-Encoding": "gzip"}
    assert site.client.post(PATH, content=NOTIFICATION, headers=packed).status_code == 415


def test_a_source_does_not_grow_without_end(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """A broker that makes a new entity each minute is stopped, and told what to do."""
    monkeypatch.setattr(declare_seen, "MOST_SEEN", 2)
    token = token_of(site, "broker", may_declare=True)
    answers = [
        site.client.post(PATH, content=entity(f"q{number}", no2=7), headers=headers(token)) for number in range(3)
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 413]
    assert "impetus source declare" in answers[2].json()["remedy"]


def test_a_stopped_source_is_refused_before_its_body_is_read(site: Site) -> None:
    """The kill switch holds here as at the other doors."""
    site.desk.stops.stop(parse_target("source:harbour"), by="ada", at=NOW)
    clock_of(site.desk).advance(LOOK_EVERY_S)
    answer = site.client.post(PATH, content=entity("quay", no2=7), headers=headers(site.harbour))
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:impetus:problem:Stopped")
