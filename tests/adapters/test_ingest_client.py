"""A sender's patience and its words, against an ingest whose answers a test writes down beforehand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from impetus.adapters.arrow import decode
from impetus.adapters.ingest_client import FIRST_WAIT_S, LONGEST_WAIT_S, IngestClient
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

URL = "http://127.0.0.1:8471"
BATCH = batch_of([1, 2], [10, 20], [1.5, 2.5])
LOST = httpx.ConnectError("connection refused")
RECEIPT = {"counts": {"accepted": 2}}


def said(status: int, document: object = None, **headers: str) -> httpx.Response:
    """Return an answer with a JSON document."""
    return httpx.Response(
        status, json=document, headers={name.replace("_", "-"): value for name, value in headers.items()}
    )


@dataclass(slots=True)
class FarEnd:
    """The other side of the wire: gives its answers one after the other, and keeps what it was asked."""

    answers: list[httpx.Response | Exception]
    asked: list[httpx.Request] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)

    def answer(self, request: httpx.Request) -> httpx.Response:
        """Give the next answer, or fail as a network does."""
        self.asked.append(request)
        following = self.answers.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    def client(self, patience_s: float = 300.0) -> IngestClient:
        """Return a sender that talks to this side and notes its waits instead of waiting."""
        client = IngestClient(
            url=URL,
            token="imp_secret",
            patience_s=patience_s,
            on_wait=lambda reason, _: self.reasons.append(reason),
            sleep=self.waited_s.append,
        )
        client._client = httpx.Client(
            base_url=URL, headers=client._client.headers, transport=httpx.MockTransport(self.answer)
        )
        return client


@pytest.fixture
def far_end() -> Callable[..., FarEnd]:
    """Return a maker of far ends."""
    return lambda *answers: FarEnd(list(answers))


def test_a_batch_is_sent_as_arrow_with_the_token(far_end: Callable[..., FarEnd]) -> None:
    """The fast way in; the columns arrive as they left."""
    far = far_end(said(200, RECEIPT))
    assert far.client().send(BATCH) == {"accepted": 2}
    [request] = far.asked
    assert request.url.path == "/api/v1/observations"
    assert request.headers["authorization"] == "Bearer imp_secret"
    assert request.headers["content-type"] == "application/vnd.apache.arrow.stream"
    assert decode(request.content).result.tolist() == [1.5, 2.5]


@pytest.mark.parametrize("status", [200, 207])
def test_a_receipt_is_its_counts(far_end: Callable[..., FarEnd], status: int) -> None:
    """Refused readings are counts, not errors: the batch is done with."""
    counts = {"accepted": 1, "late": 1}
    assert far_end(said(status, {"counts": counts})).client().send(BATCH) == counts


def test_a_batch_refused_whole_is_counts_as_well(far_end: Callable[..., FarEnd]) -> None:
    """422 with a receipt says what became of each row, and sending again would not help."""
    far = far_end(said(422, {"detail": "all refused", "receipt": {"counts": {"late": 2}}}))
    assert far.client().send(BATCH) == {"late": 2}


def test_a_refusal_without_a_receipt_is_an_error(far_end: Callable[..., FarEnd]) -> None:
    """Something else refused it; nothing is known of the rows."""
    with pytest.raises(TheirFault, match="columns differ"):
        far_end(said(422, {"detail": "columns differ"})).client().send(BATCH)


@pytest.mark.parametrize("trouble", [LOST, httpx.ReadTimeout("slow"), said(503, {"detail": "the disk is full"})])
def test_trouble_is_waited_out_and_the_same_batch_is_sent_again(
    far_end: Callable[..., FarEnd], trouble: httpx.Response | Exception
) -> None:
    """A lost connection, a timeout or "not now": byte for byte the same, so that ingest knows it again."""
    far = far_end(trouble, said(200, RECEIPT))
    far.client().send(BATCH)
    first, second = far.asked
    assert first.content == second.content
    assert far.waited_s == [FIRST_WAIT_S]
    assert len(far.reasons) == 1


def test_waits_double_up_to_the_longest(far_end: Callable[..., FarEnd]) -> None:
    """An ingest that comes back finds no storm, and is found within a quarter of a minute."""
    far = far_end(*[LOST] * 8, said(200, RECEIPT))
    far.client().send(BATCH)
    assert far.waited_s == [0.5, 1.0, 2.0, 4.0, 8.0, 15.0, 15.0, 15.0]
    assert max(far.waited_s) == LONGEST_WAIT_S


@pytest.mark.parametrize(("header", "wait_s"), [("7", 7.0), ("0", 0.5), ("", 0.5), ("soon", 0.5), ("-3", 0.5)])
def test_the_other_side_may_ask_for_a_longer_wait(far_end: Callable[..., FarEnd], header: str, wait_s: float) -> None:
    """Whole seconds are believed; anything else is not, and never shortens the wait."""
    far = far_end(said(503, {}, retry_after=header), said(200, RECEIPT))
    far.client().send(BATCH)
    assert far.waited_s == [wait_s]


def test_patience_ends_and_says_how_long_it_was(far_end: Callable[..., FarEnd]) -> None:
    """Never longer than was asked, counting the wait that would come next."""
    far = far_end(*[LOST] * 9)
    with pytest.raises(NotNow) as told:
        far.client(patience_s=10.0).send(BATCH)
    assert far.waited_s == [0.5, 1.0, 2.0, 4.0]
    assert (told.value.value, told.value.limit) == ("waited 7.5 s", "10 s")
    assert "connection refused" in told.value.detail


def test_no_patience_is_one_attempt(far_end: Callable[..., FarEnd]) -> None:
    """A caller that must not wait does not."""
    far = far_end(LOST)
    with pytest.raises(NotNow):
        far.client(patience_s=0.0).send(BATCH)
    assert (len(far.asked), far.waited_s) == (1, [])


@pytest.mark.parametrize(
    ("status", "family"),
    [
        (400, Malformed),
        (401, Unauthenticated),
        (403, Refused),
        (404, Unknown),
        (413, TooLarge),
        (415, TheirFault),
        (409, TheirFault),
    ],
)
def test_each_refusal_raises_in_its_family_with_its_three_parts(
    far_end: Callable[..., FarEnd], status: int, family: type[ImpetusError]
) -> None:
    """What the other side says of value, limit and remedy reaches the person at this end."""
    document = {"detail": "no", "value": "7", "limit": "5", "remedy": "send less", "rule": "a rule"}
    with pytest.raises(family) as told:
        far_end(said(status, document)).client().send(BATCH)
    assert (told.value.detail, told.value.value, told.value.limit, told.value.remedy) == ("no", "7", "5", "send less")


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"5"])
def test_an_answer_without_a_document_is_described(far_end: Callable[..., FarEnd], body: bytes) -> None:
    """A proxy in between answered; its status is all there is to say."""
    with pytest.raises(TheirFault, match="answer 502 without a document"):
        far_end(httpx.Response(502, content=body)).client().send(BATCH)


@pytest.mark.parametrize("call", [lambda client: client.datastreams(), lambda client: client.declare({"source": {}})])
def test_datastreams_come_by_key(far_end: Callable[..., FarEnd], call: Callable[[IngestClient], Any]) -> None:
    """Whether asked for or declared: the number of each key."""
    listed: Sequence[dict[str, object]] = [{"key": "square/t1/temperature", "id": 7, "unit": "Cel"}]
    assert call(far_end(said(201, {"datastreams": listed})).client()) == {"square/t1/temperature": 7}


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings go where the URL says and nowhere else."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    client = IngestClient(url=URL, token="x")
    assert client._client.trust_env is False
    client.close()
