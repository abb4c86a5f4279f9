"""POST /api/v1/observations: three shapes of body, one receipt."""

import logging
from typing import Any

import orjson
import pyarrow as pa
import pytest

from impetus.core.board import Rule
from impetus.testing.clock import SettableClock
from impetus.web.ingest.door import TTL_S
from impetus.web.ingest.wire import ARROW, MAX_BODY_BYTES, MAX_ROWS
from ingest_samples import NOW, NOW_US, published
from ingest_site import Site, headers

URL = "/api/v1/observations"
KEY = "square/t1/temperature"
NOON = NOW.isoformat()


def reading(result: object = 20.5, datastream: object = KEY, time: object = NOON) -> dict[str, object]:
    """Return one reading as JSON."""
    return {"datastream": datastream, "time": time, "result": result}


def arrow(**columns: object) -> bytes:
    """Return an Arrow IPC stream of these columns."""
    table = pa.table(columns)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    body: bytes = sink.getvalue().to_pybytes()
    return body


def post(site: Site, body: object, media: str = "application/json", token: str | None = None) -> Any:
    """Send a body."""
    raw = body if isinstance(body, bytes) else orjson.dumps(body)
    return site.client.post(URL, content=raw, headers=headers(token or site.token, media))


def test_readings_as_rows(site: Site) -> None:
    """Key or number, RFC 3339 or microseconds, number or null."""
    rows = [reading(), reading(21, 2, NOW_US), reading(None, 3)]
    answer = post(site, {"observations": rows})
    assert answer.status_code == 200
    assert answer.json()["counts"] == {"accepted": 2, "missing": 1}
    assert published(site.desk).datastream.tolist() == [1, 2, 3]
    assert published(site.desk).time_us.tolist() == [NOW_US] * 3


def test_readings_as_columns(site: Site) -> None:
    """The same in three lists."""
    answer = post(site, {"datastream": [KEY, 2], "time": [NOON, NOW_US], "result": [1, None]})
    assert (answer.status_code, answer.json()["accepted"]) == (200, 2)


@pytest.mark.parametrize("kind", ["numbers", "keys", "dictionary"])
@pytest.mark.parametrize("time", [pa.int64(), pa.timestamp("us", "UTC"), pa.timestamp("ns", "Europe/Oslo")])
def test_readings_as_arrow(site: Site, kind: str, time: pa.DataType) -> None:
    """Numbers, keys or a dictionary of keys; microseconds or a timestamp with a zone."""
    keys = pa.array([KEY, "square/t2/temperature"])
    which = {"numbers": pa.array([1, 2]), "keys": keys, "dictionary": keys.dictionary_encode()}[kind]
    times = pa.array([NOW_US, NOW_US + 1], pa.timestamp("us", "UTC")).cast(time)
    answer = post(site, arrow(datastream=which, time=times, result=pa.array([1.5, None], pa.float32())), ARROW)
    assert (answer.status_code, answer.json()["counts"]) == (200, {"accepted": 1, "missing": 1})
    assert published(site.desk).time_us.tolist() == [NOW_US, NOW_US + 1]


def test_some_refused_is_207_and_says_which_and_where(site: Site) -> None:
    """The good ones are durable; the bad ones can be read in the quarantine."""
    rows = [
        reading(),
        reading(900),
        {"datastream": KEY, "time": "noon", "result": 1},
        reading(1, "square/nothing/x"),
        7,
    ]
    answer = post(site, {"observations": rows})
    document = answer.json()
    assert answer.status_code == 207
    assert document["counts"] == {"accepted": 1, "out_of_range": 1, "undeclared": 1, "malformed": 2}
    assert [refusal["row"] for refusal in document["refusals"]] == [1, 2, 3, 4]
    assert (document["quarantined"], document["quarantine"]) == (4, "/sources/quarantine?source=square")
    site.intake.settle()
    with site.desk.store.read() as unit:
        kept = unit.sources.quarantined().items
    assert {orjson.loads(record.record)["time"] for record in kept if record.rule is Rule.UNDECLARED} == {NOON}


def test_all_refused_is_422_with_the_first_reason(site: Site) -> None:
    """A problem document, with the receipt in it."""
    answer = post(site, {"observations": [reading(900)]})
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")
    assert "outside -40..60" in answer.json()["detail"]
    assert answer.json()["receipt"]["counts"] == {"out_of_range": 1}


def test_a_batch_again_is_200(site: Site) -> None:
    """A resend is acknowledged."""
    for expected in ("accepted", "duplicate"):
        answer = post(site, {"observations": [reading()]})
        assert (answer.status_code, answer.json()["counts"]) == (200, {expected: 1})


def test_nan_and_infinity_of_a_lax_writer_are_read_as_meant(site: Site) -> None:
    """Python's own json writes them."""
    body = f'{{"datastream": [1, 2], "time": [{NOW_US}, {NOW_US}], "result": [NaN, -Infinity]}}'.encode()
    assert post(site, body).json()["counts"] == {"missing": 1, "out_of_range": 1}


@pytest.mark.parametrize(
    "body",
    [
        b'{"observations": [{"datastream": 1, "time": 1, "result": %s}]}' % (b"[" * 900 + b"]" * 900),
        b'{"observations": [{"datastream": "\\ud800", "time": "\\ud800", "result": "\\ud800", "\\ud800": NaN}]}',
        b'{"\\ud800": NaN}',
        b'{"observations": [%d, NaN]}' % 2**80,
    ],
)
def test_what_can_hardly_be_quoted_is_still_refused_properly(site: Site, body: bytes) -> None:
    """Nesting near the limit, lone surrogates, numbers beyond 64 bits."""
    assert post(site, body).status_code in {400, 422}
    site.intake.settle()
    with site.desk.store.read() as unit:
        assert unit.sources.quarantined().items


def test_an_empty_batch_is_fine(site: Site) -> None:
    """Nothing came, nothing was refused."""
    assert post(site, {"observations": []}).status_code == 200


def test_a_field_that_names_a_person_is_refused_with_rule_and_source(site: Site) -> None:
    """The row is undeclared, the others are kept."""
    answer = post(site, {"observations": [reading() | {"number_plate": "AB123"}, reading()]})
    refusal = answer.json()["refusals"][0]
    assert (refusal["rule"], answer.json()["accepted"]) == ("undeclared", 1)
    assert "a person's identity" in refusal["detail"]
    assert "law 7" in refusal["detail"]


def test_a_column_that_names_a_person_refuses_the_batch(site: Site) -> None:
    """A column is a decision of the sender."""
    answer = post(site, arrow(datastream=[1], time=[NOW_US], result=[1.0], face=["x"]), ARROW)
    assert (answer.status_code, answer.json()["rule"]) == (403, "no field for a person's identity exists")


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"{]", "application/json", 400),
        (b"[1]", "application/json", 400),
        (b'{"observations": 1}', "application/json", 400),
        (b'{"observations": [], "x": 1}', "application/json", 400),
        (b'{"datastream": [1], "time": [], "result": []}', "application/json", 400),
        (b"[" * 200_000, "application/json", 400),
        (b"\xff\xfe", "application/json", 400),
        (b"no arrow", ARROW, 400),
        (b"", ARROW, 400),
        (arrow(datastream=[1], time=[1.5], result=[1.0]), ARROW, 400),
        (arrow(datastream=[1], time=pa.array([1], pa.timestamp("us")), result=[1.0]), ARROW, 400),
        (arrow(datastream=[1], time=[1], result=["x"]), ARROW, 400),
        (arrow(datastream=[1], time=[1], result=[1.0], humidity=[1.0]), ARROW, 400),
        (b"x", "text/csv", 415),
        (b"x", "", 415),
    ],
)
def test_a_body_that_cannot_be_read_is_a_problem_with_a_remedy(
    site: Site, body: bytes, media: str, status: int
) -> None:
    """It is counted as one malformed record and kept in the quarantine."""
    answer = post(site, body, media)
    site.intake.settle()
    problem = answer.json()
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert problem["detail"]
    assert problem["remedy"]
    with site.desk.store.read() as unit:
        assert [kept.record for kept in unit.sources.quarantined().items] == [body[:4096]]


def test_too_many_bytes_and_too_many_rows_are_413(site: Site) -> None:
    """8 MiB, 50,000 readings."""
    rows = MAX_ROWS + 1
    for body, media in (
        (b" " * (MAX_BODY_BYTES + 1), "application/json"),
        (orjson.dumps({"datastream": [1] * rows, "time": [1] * rows, "result": [1] * rows}), "application/json"),
        (arrow(datastream=[1] * rows, time=[1] * rows, result=[1.0] * rows), ARROW),
    ):
        answer = post(site, body, media)
        assert answer.status_code == 413
        assert answer.json()["limit"] in {str(MAX_BODY_BYTES), str(MAX_ROWS)}


def test_a_compressed_body_is_refused_before_it_is_unpacked(site: Site) -> None:
    """8 MiB can unpack to more than the machine has."""
    table = pa.table({"datastream": [1], "time": [NOW_US], "result": [1.0]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    assert "compressed" in post(site, sink.getvalue().to_pybytes(), ARROW).json()["detail"]
    answer = site.client.post(URL, content=b"x", headers={**headers(site.token), "Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_full_disk_is_503_with_retry_after_and_recovers(site: Site) -> None:
    """Nothing is acknowledged; /healthz says so; the same batch is taken once there is room."""
    site.bus.room.left = False
    answer = post(site, {"observations": [reading()]})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.json()["remedy"]
    assert site.client.get("/healthz").status_code == 503
    site.bus.room.left = True
    assert post(site, {"observations": [reading()]}).json()["counts"] == {"accepted": 1}
    assert site.client.get("/healthz").json() == {"status": "up"}


@pytest.mark.parametrize("header", ["", "Basic YTpi", "Bearer", "Bearer nonsense", f"Bearer imp_{'x' * 43}"])
def test_nobody_we_know_is_401(site: Site, header: str) -> None:
    """Also when asking again at once, from what is remembered."""
    for _ in range(2):
        answer = site.client.post(URL, content=b"{}", headers={"Authorization": header})
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_a_token_without_source_or_operation_is_403(site: Site) -> None:
    """Refusing says what would make it allowed."""
    answer = post(site, {"observations": [reading()]}, token=site.reader)
    assert answer.status_code == 403
    assert "observations.write" in answer.json()["remedy"]


def test_a_source_cannot_write_anothers_datastream(site: Site) -> None:
    """By key or by number."""
    answer = post(site, {"observations": [reading(), reading(1, 1)]}, token=site.harbour)
    assert answer.json()["receipt"]["counts"] == {"undeclared": 2}


def test_a_revoked_token_is_refused_within_seconds(site: Site) -> None:
    """The door remembers for a short while only."""
    assert post(site, {"observations": []}).status_code == 200
    with site.desk.store.write() as unit:
        for token in unit.accounts.tokens():
            unit.accounts.revoke_token(token.id, NOW)
    assert isinstance(site.desk.clock, SettableClock)
    site.desk.clock.advance(TTL_S + 1)
    assert post(site, {"observations": []}).status_code == 401


def test_a_bug_is_500_with_a_number_and_no_inside(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The sender gets a number to quote; the log has the rest."""

    def broken(*_: object) -> None:
        raise KeyError("secret inside")

    monkeypatch.setattr(site.intake, "names", broken)
    with caplog.at_level(logging.ERROR):
        answer = post(site, {"observations": []})
    assert answer.status_code == 500
    assert "secret inside" not in answer.text
    assert answer.json()["number"] in caplog.text


def test_own_datastreams_are_listed_with_their_numbers(site: Site) -> None:
    """A sender maps its keys to numbers once, then sends numbers."""
    answer = site.client.get("/api/v1/datastreams", headers=headers(site.token))
    assert {each["key"]: each["id"] for each in answer.json()["datastreams"]} == {
        f"square/t{number}/temperature": number for number in (1, 2, 3)
    }


def test_unknown_paths_and_methods_are_problems(site: Site) -> None:
    """Nothing answers in another form."""
    for answer in (site.client.get("/nowhere"), site.client.delete(URL)):
        assert answer.status_code in {404, 405}
        assert answer.headers["content-type"] == "application/problem+json"
