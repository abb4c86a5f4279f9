"""What a sender is answered: the rule of the status, and a problem document for everything that can go wrong."""

import asyncio
import json
import logging

import numpy as np
import orjson
import pytest
from fastapi import Request

from impetus.core.board import Rule
from impetus.core.errors import (
    Conflict,
    ImpetusError,
    Malformed,
    Misconfigured,
    NotNow,
    OurFault,
    Refused,
    TheirFault,
    TooLarge,
    Unauthenticated,
    Unknown,
)
from impetus.core.ids import DatastreamId, SourceId
from impetus.desk.parcel import Receipt, Refusal
from impetus.web.ingest.answers import PROBLEM_JSON, answer_error, answer_receipt, problem, receipt_document
from impetus.web.ingest.deposit import READERS, body_of, read
from impetus.web.ingest.wire import ARROW, JSON, UnsupportedMedia

NAMES = {"square/t1/temperature": DatastreamId(1)}


def receipt(counts: dict[Rule, int], *refusals: Refusal, quarantined: int = 0) -> Receipt:
    """Return a receipt with these counts."""
    return Receipt(
        source=SourceId("square"),
        codes=np.zeros(0, dtype=np.uint8),
        counts=counts,
        refusals=refusals,
        quarantined=quarantined,
    )


LATE = Refusal(row=3, rule=Rule.LATE, detail="t1: a day older than its newest")


@pytest.mark.parametrize(
    ("counts", "status"),
    [
        ({}, 200),
        ({Rule.ACCEPTED: 5}, 200),
        ({Rule.DUPLICATE: 5}, 200),
        ({Rule.MISSING: 1, Rule.OUT_OF_ORDER: 1}, 200),
        ({Rule.ACCEPTED: 4, Rule.LATE: 1}, 207),
        ({Rule.DUPLICATE: 1, Rule.LATE: 4}, 207),
        ({Rule.LATE: 5}, 422),
        ({Rule.MALFORMED: 1}, 422),
    ],
)
def test_the_status_follows_from_what_was_refused(counts: dict[Rule, int], status: int) -> None:
    """Nothing, some of it, all of it; a duplicate is acknowledged and so no refusal."""
    assert answer_receipt(receipt(counts, LATE)).status_code == status


def test_a_clean_receipt_mentions_no_refusals() -> None:
    """A sender that counts keys finds none to worry about."""
    document = receipt_document(receipt({Rule.ACCEPTED: 5, Rule.DUPLICATE: 2}))
    assert document == {
        "source": "square",
        "received": 7,
        "accepted": 5,
        "refused": 0,
        "counts": {"accepted": 5, "duplicate": 2},
    }


def test_a_receipt_with_refusals_says_which_row_why_and_where_to_read_more() -> None:
    """Row, rule, sentence; how many were kept; the page on which they stand."""
    document = receipt_document(receipt({Rule.ACCEPTED: 5, Rule.LATE: 1}, LATE, quarantined=1))
    assert document["refusals"] == [{"row": 3, "rule": "late", "detail": "t1: a day older than its newest"}]
    assert (document["quarantined"], document["quarantine"]) == (1, "/sources/quarantine?source=square")


def test_a_batch_refused_whole_is_a_problem_that_carries_its_receipt() -> None:
    """A person reads the first reason, a program the counts."""
    answer = answer_receipt(receipt({Rule.LATE: 5}, LATE))
    document = orjson.loads(answer.body)
    assert answer.media_type == PROBLEM_JSON
    assert "a day older" in document["detail"]
    assert document["receipt"]["counts"] == {"late": 5}
    assert (document["value"], document["remedy"][:12]) == ("5 of 5 refused", "correct them")


@pytest.mark.parametrize("family", [TheirFault, Malformed, TooLarge, Unknown, Conflict, UnsupportedMedia])
def test_each_of_their_faults_has_its_status_and_three_parts(family: type[TheirFault]) -> None:
    """Value, limit, remedy."""
    answer = answer_error(family("it is wrong", value=7, limit=5, remedy="send less"))
    document = json.loads(answer.body)
    assert answer.status_code == document["status"] == family.status
    assert 400 <= answer.status_code < 500
    assert (document["value"], document["limit"], document["remedy"]) == ("7", "5", "send less")


@pytest.mark.parametrize(
    "error", [Refused("no", rule="a rule", source="a law"), Unauthenticated("who?", rule="a rule")]
)
def test_a_refusal_names_its_rule(error: Refused) -> None:
    """Policy said no, and which."""
    assert json.loads(answer_error(error).body)["rule"] == "a rule"


def test_who_is_not_known_is_told_how_to_say_who_they_are() -> None:
    """RFC 9110, section 11.6.1: a 401 carries the scheme."""
    answer = answer_error(Unauthenticated("who?", rule="a rule"))
    assert answer.headers["www-authenticate"].startswith("Bearer ")
    assert "www-authenticate" not in answer_error(Refused("no", rule="a rule")).headers


@pytest.mark.parametrize(("after_s", "said"), [(0.01, "1"), (1.0, "1"), (1.6, "2"), (300.0, "300")])
def test_not_now_says_when_in_whole_seconds_and_never_at_once(after_s: float, said: str) -> None:
    """RFC 9110, section 10.2.3: whole seconds; a sender that comes back at once helps nobody."""
    answer = answer_error(NotNow("the disk is full", retry_after_s=after_s))
    assert (answer.status_code, answer.headers["retry-after"]) == (503, said)


@pytest.mark.parametrize("error", [OurFault("a bug"), Misconfigured("a setting")])
def test_a_fault_of_ours_is_logged_under_the_number_that_is_shown(
    error: ImpetusError, caplog: pytest.LogCaptureFixture
) -> None:
    """Who reports it can be helped without being shown our inside."""
    with caplog.at_level(logging.ERROR):
        document = json.loads(answer_error(error).body)
    assert len(document["number"]) == 8
    assert document["number"] in caplog.text


def test_a_problem_can_quote_what_is_no_text() -> None:
    """A lone surrogate in a quoted value is escaped instead of failing the answer."""
    body = bytes(problem({"status": 400, "detail": "\ud800"}).body)
    assert body.isascii()
    assert json.loads(body)["detail"] == "\ud800"


def test_a_problem_without_a_status_is_ours() -> None:
    """Fails closed: nothing unknown is passed off as success."""
    assert problem({"detail": "?"}).status_code == 500
    assert problem({"status": "four hundred"}).status_code == 500


def test_every_media_type_has_its_reader() -> None:
    """Two, and a body of either is read."""
    assert set(READERS) == {JSON, ARROW}
    assert len(read(JSON, b'{"observations": []}', NAMES).batch) == 0


@pytest.mark.parametrize("media", ["", "text/csv", "application/xml", "application/json, text/plain", "x" * 300])
def test_another_media_type_is_415_with_those_that_are_read(media: str) -> None:
    """The value is shown, short in the sentence."""
    with pytest.raises(UnsupportedMedia) as told:
        read(media, b"", NAMES)
    assert told.value.status == 415
    assert (told.value.value, told.value.limit) == (media, f"{JSON}, {ARROW}")
    assert len(told.value.detail) < 100


def asked(*parts: bytes, encoding: str | None = None) -> Request:
    """Return a request whose body comes in these parts."""
    waiting = list(parts)

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": waiting.pop(0), "more_body": bool(waiting)}

    headers = [] if encoding is None else [(b"content-encoding", encoding.encode())]
    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


def test_a_body_is_put_together_from_its_parts() -> None:
    """However the network cut it."""
    assert asyncio.run(body_of(asked(b"ab", b"", b"cd"), 4)) == b"abcd"


def test_a_body_beyond_its_limit_is_refused_without_reading_on() -> None:
    """The part that goes over is the last one looked at."""
    request = asked(b"ab", b"cde", b"never read")
    with pytest.raises(TooLarge) as told:
        asyncio.run(body_of(request, 4))
    assert (told.value.value, told.value.limit) == ("5 or more", 4)
    assert asyncio.run(request.receive())["body"] == b"never read"


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd", "deflate", "gzip, identity"])
def test_a_compressed_body_is_refused_before_a_byte_is_read(encoding: str) -> None:
    """What it unpacks to cannot be known before."""
    with pytest.raises(UnsupportedMedia) as told:
        asyncio.run(body_of(asked(b"x", encoding=encoding)))
    assert told.value.limit == "identity"


def test_a_body_said_to_be_as_it_is_is_read() -> None:
    """`identity` in any case."""
    assert asyncio.run(body_of(asked(b"x", encoding="Identity"))) == b"x"
