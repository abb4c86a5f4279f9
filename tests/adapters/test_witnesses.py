"""Witnesses outside, over a real folder, real HTTP, real UDP and TCP."""

import base64
import re
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ethics.log_samples import AT, ORIGIN, StoredLog, numbered
from impetus.adapters.witnesses import (
    FileWitness,
    HttpWitness,
    SyslogWitness,
    add_checkpoint_body,
    open_witnesses,
    syslog_message,
)
from impetus.core.errors import Misconfigured, NotNow
from impetus.ports.ethics import Witnessed
from impetus.testing.clock import SettableClock

CHECKPOINT = StoredLog().grow(numbered(7))
CLOCK = SettableClock(AT)
HEADER = re.compile(rb"<109>1 2026-05-03T12:00:00\.000000Z - impetus - checkpoint \[checkpoint@32473 (?P<said>.*)\] ")


class Answers:
    """An HTTP server on this machine that answers as it is told and keeps what it was sent."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, bytes]] = []
        self.status, self.body, self.type = 200, b"", "text/plain"
        answers = self

        class Taker(BaseHTTPRequestHandler):
            """Takes what is posted."""

            def do_POST(self) -> None:
                """Keep the body and answer."""
                answers.taken.append((self.path, self.rfile.read(int(self.headers["content-length"]))))
                self.send_response(answers.status)
                self.send_header("content-type", answers.type)
                self.send_header("content-length", str(len(answers.body)))
                self.end_headers()
                self.wfile.write(answers.body)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Taker)
        self.url = f"http://127.0.0.1:{self.server.server_port}"


@pytest.fixture
def answers() -> Iterator[Answers]:
    """Give a server that listens, and end it."""
    answers = Answers()
    thread = threading.Thread(target=answers.server.serve_forever, daemon=True)
    thread.start()
    yield answers
    answers.server.shutdown()
    answers.server.server_close()
    thread.join()


def test_a_folder_keeps_the_newest_and_the_last_of_each_day(tmp_path: Path) -> None:
    """Under the log's name, so that one folder can witness several."""
    clock = SettableClock(AT)
    witness = FileWitness(tmp_path, ORIGIN, clock)
    assert witness.last() is None
    assert witness.show(b"first", 0, ()) == Witnessed()
    clock.advance(86_400)
    witness.show(b"second", 0, ())
    witness.show(b"third", 0, ())
    assert witness.last() == b"third"
    days = tmp_path / "impetus-test.days"
    assert {file.name: file.read_bytes() for file in days.iterdir()} == {"2026-05-03": b"first", "2026-05-04": b"third"}


def test_a_folder_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    """A share that is not mounted is noticed, not made anew on our own disk."""
    witness = FileWitness(tmp_path / "gone", ORIGIN, CLOCK)
    with pytest.raises(NotNow, match="out of reach"):
        witness.show(CHECKPOINT, 0, ())
    assert not (tmp_path / "gone").exists()
    (tmp_path / "impetus-test.checkpoint").mkdir()
    with pytest.raises(NotNow, match="out of reach"):
        FileWitness(tmp_path, ORIGIN, CLOCK).last()


def test_an_address_is_posted_the_checkpoint(answers: Answers) -> None:
    """As text; whatever it answers below 300 is taken for a yes, and is no signature."""
    answers.status, answers.body = 202, b"thanks"
    witness = HttpWitness(f"{answers.url}/hook?token=secret")
    assert witness.show(CHECKPOINT, 3, (bytes(32),)) == Witnessed()
    assert answers.taken == [("/hook?token=secret", CHECKPOINT)]
    assert witness.last() is None
    assert "secret" not in witness.name


def test_a_tlog_witness_is_posted_the_proof_as_well(answers: Answers) -> None:
    """Old size, proof lines, an empty line, the checkpoint; its answer are signatures (C2SP tlog-witness)."""
    answers.body = "— w AAAAAAAA\n".encode()
    witness = HttpWitness(f"{answers.url}/w/add-checkpoint")
    assert witness.show(CHECKPOINT, 3, (bytes(32), b"\xff" * 32)) == Witnessed(signatures=answers.body)
    ((path, body),) = answers.taken
    lines = body.split(b"\n")
    assert path == "/w/add-checkpoint"
    assert lines[:4] == [b"old 3", base64.b64encode(bytes(32)), base64.b64encode(b"\xff" * 32), b""]
    assert body.endswith(b"\n\n" + CHECKPOINT)


def test_a_tlog_witness_says_which_size_it_holds(answers: Answers) -> None:
    """409 with a size; without one, it holds another tree of the size it was told."""
    witness = HttpWitness(f"{answers.url}/add-checkpoint")
    answers.status, answers.type, answers.body = 409, "text/x.tlog.size", b"20\n"
    assert witness.show(CHECKPOINT, 3, ()).holds == 20
    answers.type = "text/plain"
    refused = witness.show(CHECKPOINT, 3, ())
    assert (refused.holds, bool(refused.refusal)) == (3, True)
    answers.type, answers.body = "text/x.tlog.size", b"-1\n"
    assert witness.show(CHECKPOINT, 3, ()).holds == 3
    answers.status = 422
    assert "consistency proof" in witness.show(CHECKPOINT, 3, ()).refusal


@pytest.mark.parametrize("status", [302, 400, 403, 404, 500, 503])
def test_other_answers_are_a_trouble_and_not_a_fork(answers: Answers, status: int) -> None:
    """Somebody has to look, but nobody has seen another log."""
    answers.status = status
    for url in (f"{answers.url}/hook", f"{answers.url}/add-checkpoint"):
        with pytest.raises(NotNow, match=f"answered {status}"):
            HttpWitness(url).show(CHECKPOINT, 0, ())


def test_a_conflict_of_an_ordinary_address_is_a_trouble(answers: Answers) -> None:
    """Only a tlog-witness means another tree by it."""
    answers.status = 409
    with pytest.raises(NotNow, match="answered 409"):
        HttpWitness(f"{answers.url}/hook").show(CHECKPOINT, 0, ())


def test_an_address_nobody_listens_at_is_out_of_reach() -> None:
    """It is asked again later."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{reserved.getsockname()[1]}/"
        with pytest.raises(NotNow, match="out of reach"):
            HttpWitness(url).show(CHECKPOINT, 0, ())


def test_a_log_server_gets_a_datagram() -> None:
    """One message of RFC 5424 that carries the whole signed checkpoint."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        server.settimeout(10)
        (witness,) = open_witnesses([f"syslog:127.0.0.1:{server.getsockname()[1]}"], ORIGIN, CLOCK)
        assert witness.show(CHECKPOINT, 0, ()) == Witnessed()
        message = server.recv(65_536)
    found = HEADER.match(message)
    assert found
    said = dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', found["said"].decode()))
    assert (said["origin"], said["size"]) == (ORIGIN, "7")
    assert base64.b64decode(said["note"]) == CHECKPOINT
    assert len(message) < 1024
    assert witness.last() is None


def test_a_log_server_gets_a_counted_message_over_tcp() -> None:
    """Octet counting of RFC 6587: the length, a space, the message, and nothing after it."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        (witness,) = open_witnesses([f"syslog+tcp:127.0.0.1:{server.getsockname()[1]}"], ORIGIN, CLOCK)
        witness.show(CHECKPOINT, 0, ())
        stream, _ = server.accept()
        with stream:
            stream.settimeout(10)
            content = b"".join(iter(lambda: stream.recv(4096), b""))
    length, _, message = content.partition(b" ")
    assert int(length) == len(message)
    assert HEADER.match(message)


def test_a_log_server_that_is_down_is_out_of_reach() -> None:
    """Over TCP it is noticed; a name nobody knows, over UDP as well."""
    with socket.socket() as reserved:
        reserved.bind(("127.0.0.1", 0))
        port = reserved.getsockname()[1]
        with pytest.raises(NotNow, match="out of reach"):
            SyslogWitness("127.0.0.1", port, CLOCK, is_tcp=True).show(CHECKPOINT, 0, ())
    with pytest.raises(NotNow, match="out of reach"):
        SyslogWitness("no such host.invalid", 514, CLOCK, is_tcp=False).show(CHECKPOINT, 0, ())


def test_structured_data_is_escaped() -> None:
    """Quotes, brackets and backslashes in a name stay inside their value (RFC 5424, section 6.3.3)."""
    message = syslog_message(b'na"me]\\\n1\nroot\n\nsig\n', "-")
    assert rb'origin="na\"me\]\\" size="1"' in message


@given(st.integers(0, 2**60), st.lists(st.binary(min_size=32, max_size=32), max_size=63))
def test_a_body_is_read_as_the_specification_says(size: int, proof: list[bytes]) -> None:
    """Everything before the first empty line is size and proof, everything after it the checkpoint."""
    head, _, rest = add_checkpoint_body(CHECKPOINT, size, proof).partition(b"\n\n")
    first, *lines = head.split(b"\n")
    assert first == b"old %d" % size
    assert [base64.b64decode(line) for line in lines] == proof
    assert rest == CHECKPOINT


@pytest.mark.parametrize(
    "spelling",
    [
        "",
        "file:relative",
        "file://",
        "/path",
        "ftp://host/",
        "https://",
        "syslog:host",
        "syslog:host:0",
        "syslog:host:65536",
        "syslog+udp:host:514",
        "syslog:ho st:514",
    ],
)
def test_other_spellings_are_refused(spelling: str) -> None:
    """A witness that nobody understands is a mistake, not a witness less."""
    if spelling == "file://":
        assert open_witnesses([spelling], ORIGIN, CLOCK)
        return
    with pytest.raises(Misconfigured, match="is no witness"):
        open_witnesses([spelling], ORIGIN, CLOCK)


def test_every_documented_spelling_is_a_witness(tmp_path: Path) -> None:
    """And is called by its name, without what an address may hide."""
    spellings = [
        f"file:{tmp_path}",
        "https://user:word@witness.example:8443/add-checkpoint?key=1",
        "syslog:logs.example:514",
        "syslog+tcp:[::1]:601",
    ]
    assert [witness.name for witness in open_witnesses(spellings, ORIGIN, CLOCK)] == [
        f"file:{tmp_path}",
        "https://witness.example:8443/add-checkpoint",
        "syslog:logs.example:514",
        "syslog+tcp:::1:601",
    ]
