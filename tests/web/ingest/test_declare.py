"""POST /api/v1/sources: declared over HTTP, known at once."""

import json
import tomllib

import pytest

from impetus.core.ids import SourceId
from impetus.desk import tokens
from ingest_samples import ADMINISTRATOR, NOW_US, declaration
from ingest_site import Site, headers

URL = "/api/v1/sources"


@pytest.mark.parametrize("media", ["application/toml", "application/json"])
def test_a_declared_source_can_send_at_once(site: Site, media: str) -> None:
    """The answer has the numbers, and the ingest knows them before it answers."""
    text = declaration("park", 1)
    body = text if media.endswith("toml") else json.dumps(tomllib.loads(text))
    answer = site.client.post(URL, content=body, headers=headers(site.declarer, media))
    assert answer.status_code == 201
    number = answer.json()["datastreams"][0]["id"]
    token = tokens.issue(site.desk, ADMINISTRATOR, "park", ["observations.write"], source=SourceId("park"))[1]
    sent = {"observations": [{"datastream": number, "time": NOW_US, "result": 1}]}
    assert site.client.post("/api/v1/observations", json=sent, headers=headers(token)).json()["accepted"] == 1


def test_an_identity_cannot_be_declared(site: Site) -> None:
    """403 with rule and legal source."""
    body = declaration("park").replace('"temperature"', '"face_embedding"')
    answer = site.client.post(URL, content=body, headers=headers(site.declarer, "application/toml"))
    assert (answer.status_code, answer.json()["rule"]) == (403, "no field for a person's identity exists")
    assert "GDPR" in answer.json()["source"]


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"[source", "application/toml", 400),
        (b"\xff", "application/toml", 400),
        (b"{", "application/json", 400),
        (b"x", "text/plain", 415),
        (b"#" * (9 * 1024 * 1024), "application/toml", 413),
    ],
)
def test_what_cannot_be_read_is_a_problem(site: Site, body: bytes, media: str, status: int) -> None:
    """With a remedy."""
    answer = site.client.post(URL, content=body, headers=headers(site.declarer, media))
    assert answer.status_code == status
    assert answer.json()["remedy"]


def test_a_sending_token_does_not_declare(site: Site) -> None:
    """Deny by default."""
    answer = site.client.post(URL, content=declaration(), headers=headers(site.token, "application/toml"))
    assert answer.status_code == 403
