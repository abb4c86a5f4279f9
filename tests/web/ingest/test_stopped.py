"""What a sender is told when a person stopped its source: by every way in, before, during and after the body."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest

from impetus.core.errors import Stopped
from impetus.core.stop import parse_target
from impetus.desk.stop_watch import LOOK_EVERY_S
from impetus.run.ingest import sender_of
from impetus.testing.desk import clock_of
from impetus.web.ingest.deposit import deposit
from ingest_samples import NOW, published
from ingest_site import Site, headers

BODY = '{"observations": [{"datastream": "square/t1/temperature", "time": "2026-06-01T12:00:00Z", "result": 20.5}]}'


def hold(site: Site, target: str = "source:square") -> None:
    """Stop a target and let an older look lose its value."""
    site.desk.stops.stop(parse_target(target), by="ada", at=NOW)
    clock_of(site.desk).advance(LOOK_EVERY_S)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/observations", BODY),
        ("/api/v1/observations", "not json at all"),
        ("/sta/v1.1/Observations", '{"result": 20, "Datastream": {"@iot.id": 1}}'),
        ("/sta/v1.1/CreateObservations", "[]"),
    ],
)
def test_every_way_in_is_closed_with_a_problem_that_says_who_and_what_now(site: Site, path: str, body: str) -> None:
    """403, not 503: it is not to be sent again; and the connection is closed."""
    hold(site)
    answer = site.client.post(path, content=body, headers=headers(site.token))
    assert answer.status_code == 403
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["connection"] == "close"
    problem = answer.json()
    assert problem["type"] == "urn:impetus:problem:Stopped"
    assert "source square is stopped by ada" in problem["detail"]
    assert problem["value"] == "source:square"
    assert "14(4)(e)" in problem["source"]
    assert "do not send it again" in problem["remedy"]
    assert len(published(site.desk)) == 0


def test_another_source_is_let_in(site: Site) -> None:
    """The harbour's readings are taken while the square's are not."""
    hold(site)
    body = BODY.replace("square", "harbour")
    assert site.client.post("/api/v1/observations", content=body, headers=headers(site.harbour)).status_code == 200


def test_a_body_that_is_half_sent_is_cut_off(site: Site) -> None:
    """The stop comes between two parts: the second is not read, and nothing of the first is kept."""
    read: list[int] = []

    async def parts() -> AsyncIterator[bytes]:
        for number, part in enumerate([BODY[:20].encode(), BODY[20:].encode()]):
            if number == 1:
                hold(site)
            read.append(number)
            yield part

    async def post() -> httpx.Response:
        transport = httpx.ASGITransport(app=site.client.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://ingest") as client:
            return await client.post("/api/v1/observations", content=parts(), headers=headers(site.token))

    answer = asyncio.run(post())
    assert (answer.status_code, answer.json()["title"]) == (403, "Stopped by a person")
    assert len(published(site.desk)) == 0


def test_a_message_from_a_broker_is_refused_and_acknowledged(site: Site) -> None:
    """`Stopped` is a refusal, so the subscription gives the message back to nobody and keeps it nowhere."""
    hold(site)
    with pytest.raises(Stopped):
        asyncio.run(deposit(site.intake, sender_of("square"), "application/json", BODY.encode()))
    assert len(published(site.desk)) == 0
