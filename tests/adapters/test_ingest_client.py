"""A sender against a real HTTP server that answers as told: patient where it helps, and plain where it does not."""

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from impetus.adapters.arrow import decode
from impetus.adapters.ingest_client import ARROW, FIRST_WAIT_S, LONGEST_WAIT_S, IngestClient
from impetus.core.errors import (
    ImpetusError,
    Malformed,
    NotNow,
    Refused,
    TheirFault,
    TooLarge,
    Unauthenticated,
    Unknown,
)
from impetus.core.observation import batch_of

BATCH = batch_of([1, 2], [5, 6], [1.5, 2.5])
TAKEN = {"counts": {"accepted": 2}}
NOT_NOW = (503, {"detail": "no room"}, {"Retry-After": "2"})


@dataclass
class Ingest:
    """A server on a port of its own: `answers` are given in turn, the last one for ever; `asked` is what came."""

    answers: list[tuple[int, object, dict[str, str]]] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)
    url: str = ""

    def next_answer(self) -> tuple[int, object, dict[str, str]]:
        """Return what to say now."""
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


@pytest.fixture
def ingest() -> Iterator[Ingest]:
    """Serve what the test says."""
    spoken = Ingest()

    class Door(BaseHTTPRequestHandler):
        """Note what came and give the next answer."""

        def do_GET(self) -> None:
            """Answer."""
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            spoken.asked.append((self.command, self.path, headers, body))
            status, document, more = spoken.next_answer()
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(status)
            for name, value in {"Content-Length": str(len(content)), **more}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_GET  # noqa: N815 - the name http.server calls

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    spoken.url = f"http://127.0.0.1:{server.server_port}"
    yield spoken
    server.shutdown()
    server.server_close()


@pytest.fixture
def slept() -> list[float]:
    """Return the pauses a client made, without making them."""
    return []


@pytest.fixture
def client(ingest: Ingest, slept: list[float]) -> Iterator[IngestClient]:
    """Return a client of the server with a minute's patience."""
    client = IngestClient(url=ingest.url, token="imp_secret", patience_s=60.0, sleep=slept.append)
    yield client
    client.close()


def test_a_batch_goes_as_arrow_with_the_token(ingest: Ingest, client: IngestClient) -> None:
    """What arrives is the batch, bit for bit, and whose it is; what comes back is the counts."""
    ingest.answers = [(200, TAKEN, {})]
    assert client.send(BATCH) == {"accepted": 2}
    ((method, path, headers, body),) = ingest.asked
    assert (method, path) == ("POST", "/api/v1/observations")
    assert (headers["content-type"], headers["authorization"]) == (ARROW, "Bearer imp_secret")
    assert decode(body).result.tolist() == [1.5, 2.5]


@pytest.mark.parametrize("status", [200, 207])
def test_refused_readings_are_counts_and_no_error(ingest: Ingest, client: IngestClient, status: int) -> None:
    """Some late, some taken: the sender is told how many of each."""
    ingest.answers = [(status, {"counts": {"accepted": 1, "late": 1}}, {})]
    assert client.send(BATCH) == {"accepted": 1, "late": 1}


def test_a_batch_refused_whole_is_counts_too(ingest: Ingest, client: IngestClient) -> None:
    """Every reading of it undeclared: the receipt says so, the program goes on."""
    ingest.answers = [(422, {"detail": "all refused", "receipt": {"counts": {"undeclared": 2}}}, {})]
    assert client.send(BATCH) == {"undeclared": 2}


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Malformed),
        (401, Unauthenticated),
        (403, Refused),
        (404, Unknown),
        (409, TheirFault),
        (413, TooLarge),
        (415, TheirFault),
        (422, TheirFault),
        (500, TheirFault),
    ],
)
def test_each_refusal_is_an_error_of_its_family(
    ingest: Ingest, client: IngestClient, slept: list[float], status: int, family: type[ImpetusError]
) -> None:
    """With value, limit and remedy as the other side said them; asked once, for asking again would not help."""
    document = {"detail": "no", "value": "7", "limit": "5", "remedy": "send less", "rule": "r", "source": "s"}
    ingest.answers = [(status, document, {})]
    with pytest.raises(family, match="no") as told:
        client.send(BATCH)
    assert type(told.value) is family
    assert (told.value.value, told.value.limit, told.value.remedy) == ("7", "5", "send less")
    assert (len(ingest.asked), slept) == (1, [])


def test_the_rule_of_a_refusal_is_handed_on(ingest: Ingest, client: IngestClient) -> None:
    """Whoever reads the error learns which rule said no, and its source."""
    ingest.answers = [(403, {"detail": "no", "rule": "a token declares its own source only", "source": "house"}, {})]
    with pytest.raises(Refused) as told:
        client.declare({"source": {"id": "quay"}})
    assert (told.value.rule, told.value.source) == ("a token declares its own source only", "house")


@pytest.mark.parametrize("content", [b"", b"<html>busy</html>", b"[1]", b"\xff"])
def test_an_answer_without_a_document_is_described(ingest: Ingest, client: IngestClient, content: bytes) -> None:
    """A proxy in between says something else: the status at least is told."""
    ingest.answers = [(502, content, {})]
    with pytest.raises(TheirFault, match="answer 502 without a document"):
        client.send(BATCH)


def test_not_now_is_waited_out_and_the_same_batch_sent_again(
    ingest: Ingest, client: IngestClient, slept: list[float]
) -> None:
    """As long as the other side asks, longer each time, and then it is taken: once."""
    ingest.answers = [NOT_NOW, NOT_NOW, NOT_NOW, NOT_NOW, (200, TAKEN, {})]
    assert client.send(BATCH) == {"accepted": 2}
    assert slept == [2.0, 2.0, 2.0, 4.0]
    assert len({body for _, _, _, body in ingest.asked}) == 1


@pytest.mark.parametrize("said", ["", "soon", "-3", "1.5", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_a_retry_after_that_is_no_number_leaves_our_own_pause(
    ingest: Ingest, client: IngestClient, slept: list[float], said: str
) -> None:
    """Whatever is written there, the sender waits a moment and asks again."""
    ingest.answers = [(503, {}, {"Retry-After": said}), (200, TAKEN, {})]
    client.send(BATCH)
    assert slept == [FIRST_WAIT_S]


def test_pauses_double_up_to_the_longest(ingest: Ingest, slept: list[float]) -> None:
    """A server that is down for minutes is not hammered."""
    ingest.answers = [(503, {}, {})]
    client = IngestClient(url=ingest.url, token="t", patience_s=100.0, sleep=slept.append)
    with pytest.raises(NotNow):
        client.send(BATCH)
    client.close()
    assert slept[:6] == [0.5, 1.0, 2.0, 4.0, 8.0, LONGEST_WAIT_S]
    assert set(slept[6:]) == {LONGEST_WAIT_S}


def test_patience_has_an_end_that_says_how_long_it_was(ingest: Ingest, client: IngestClient) -> None:
    """The reason of the last refusal, what was waited and what the limit is."""
    ingest.answers = [NOT_NOW]
    with pytest.raises(NotNow, match="no room") as told:
        client.send(BATCH)
    assert told.value.limit == "60 s"
    assert float(str(told.value.value).split()[1]) <= 60
    assert told.value.retry_after_s > 0


def test_who_waits_is_told_why_and_how_long(ingest: Ingest, slept: list[float]) -> None:
    """Each pause is announced before it is made."""
    told: list[tuple[str, float]] = []
    ingest.answers = [NOT_NOW, (200, TAKEN, {})]
    client = IngestClient(url=ingest.url, token="t", sleep=slept.append, on_wait=lambda *what: told.append(what))
    client.send(BATCH)
    client.close()
    assert told == [("no room", 2.0)]


def test_a_server_that_is_not_there_is_waited_for(slept: list[float]) -> None:
    """Nobody listens: as patient as with one that says "not now", and the error names where nobody was."""
    told: list[str] = []
    client = IngestClient(
        url="http://127.0.0.1:9", token="t", patience_s=2.0, sleep=slept.append, on_wait=lambda why, _: told.append(why)
    )
    with pytest.raises(NotNow, match=r"no answer from http://127\.0\.0\.1:9"):
        client.datastreams()
    client.close()
    assert slept == [0.5, 1.0]
    assert len(told) == 2


def test_datastreams_come_by_key(ingest: Ingest, client: IngestClient) -> None:
    """What the program sends by number, it knows by name."""
    ingest.answers = [(200, {"datastreams": [{"key": "square/c1/people", "id": 1}, {"key": "b", "id": 2}]}, {})]
    assert client.datastreams() == {"square/c1/people": 1, "b": 2}
    assert ingest.asked[0][:2] == ("GET", "/api/v1/datastreams")


def test_a_declaration_goes_as_json_and_brings_the_numbers(ingest: Ingest, client: IngestClient) -> None:
    """The same call declares and learns."""
    declaration: dict[str, Any] = {"source": {"id": "square"}, "things": []}
    ingest.answers = [(201, {"datastreams": [{"key": "a", "id": 7}]}, {})]
    assert client.declare(declaration) == {"a": 7}
    assert json.loads(ingest.asked[0][3]) == declaration


def test_a_proxy_of_the_environment_is_not_used(
    ingest: Ingest, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Readings go where the URL says, whatever the shell has set."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    ingest.answers = [(200, TAKEN, {})]
    client = IngestClient(url=ingest.url, token="t", sleep=slept.append)
    assert client.send(BATCH) == {"accepted": 2}
    client.close()
