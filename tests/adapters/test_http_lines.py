"""Devices, gateways and feeds over HTTP against a small real server: what every answer means, slow and garbled ones too."""

import socket
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.city_program import authorised_action
from desk.warning_samples import content
from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.effectors import fetch, http, put_message
from impetus.adapters.effectors.city import DeclaredCity
from impetus.adapters.effectors.declared import HttpLine
from impetus.adapters.effectors.fetch import HttpFetcher
from impetus.adapters.effectors.http import HttpLink
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.errors import ImpetusError, NotNow, TooLarge
from impetus.core.warning import ExerciseMessage, Header, MessageType
from impetus.testing.city import SIGN

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)
EXERCISE = ExerciseMessage(header=HEADER, content=content(AT))
OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"


class Answering:
    """A server of raw bytes: says the same to everybody, or nothing, and keeps the first line of what it was asked."""

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        self.answer: bytes | None = OK
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._socket.getsockname()[1])
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._over.is_set():
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with closing(line):
                line.settimeout(5)
                self.asked.append(line.recv(65_536).partition(b"\r\n")[0].decode("ascii", "replace"))
                if self.answer is None:
                    self._over.wait(5)
                else:
                    line.sendall(self.answer)
                    line.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """Stop."""
        self._over.set()
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        self._thread.join(5)


@pytest.fixture
def server() -> Iterator[Answering]:
    """Return the server."""
    made = Answering()
    yield made
    made.close()


@pytest.fixture(scope="module")
def agreed() -> Authorised[Action]:
    """Return what people agreed to."""
    return authorised_action()


def link(server: Answering) -> HttpLink:
    """Return a line to the device."""
    return HttpLink(SIGN, HttpLine(url=f"http://127.0.0.1:{server.port}/set/{{key}}"))


def saying(status: int) -> bytes:
    """Return an empty answer of this status."""
    return f"HTTP/1.1 {status} Word\r\ncontent-length: 0\r\nlocation: http://127.0.0.1:1/\r\n\r\n".encode()


GARBLED = {
    "no HTTP": b"hello\r\n\r\n",
    "nothing at all": b"",
    "half a header": b"HTTP/1.1 200",
    "half a body": b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
    "two lengths": b"HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
    "a status of words": b"HTTP/1.1 fine OK\r\n\r\n",
    "bytes": bytes(range(256)),
    "no gzip": b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nnope",
    "chunks of no size": b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
}


@pytest.mark.parametrize(
    ("status", "set_", "taken_back", "is_known"),
    [
        (200, True, True, True),
        (201, True, True, True),
        (204, True, True, True),
        (301, False, False, False),
        (400, False, False, True),
        (401, False, False, True),
        (404, False, True, True),
        (410, False, True, True),
        (429, False, False, True),
        (500, False, False, False),
        (502, False, False, False),
        (599, False, False, False),
    ],
)
def test_what_each_answer_of_a_device_means(
    server: Answering, agreed: Authorised[Action], status: int, *, set_: bool, taken_back: bool, is_known: bool
) -> None:
    """Done, refused and known, or nobody knows; that something is gone already is as good as taking it back."""
    server.answer = saying(status)
    outcome = link(server).perform(agreed)
    assert (outcome.succeeded, outcome.is_known, str(status) in outcome.receipt) == (set_, is_known, True)
    assert link(server).revert(agreed).succeeded is taken_back
    assert [line.split()[0] for line in server.asked] == ["PUT", "DELETE"]
    assert {line.split()[1] for line in server.asked} == {f"/set/{agreed.key.replace(':', '%3A')}"}


@pytest.mark.parametrize("name", GARBLED)
def test_a_garbled_answer_of_a_device_is_not_known(server: Answering, agreed: Authorised[Action], name: str) -> None:
    """It was asked; what became of it, nobody can tell; never done, never an error of ours."""
    server.answer = GARBLED[name]
    for outcome in (link(server).perform(agreed), link(server).revert(agreed)):
        assert (outcome.succeeded, outcome.is_known) == (False, False)


def test_a_slow_device_is_not_known(
    server: Answering, agreed: Authorised[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Silence longer than its time is no answer."""
    monkeypatch.setattr(http, "ANSWER_S", 0.2)
    server.answer = None
    outcome = link(server).perform(agreed)
    assert (outcome.succeeded, outcome.is_known, "not answered" in outcome.receipt) == (False, False, True)


def gateway(home: Path, server: Answering) -> DeclaredCity:
    """Return the gateway for exercises at the server."""
    url = f"http://127.0.0.1:{server.port}/cap/{{identifier}}"
    (home / "effectors.toml").write_text(
        f'[warnings]\nsender = "room@city.example"\n[[gateway]]\nstatus = "Exercise"\nurl = "{url}"\n'
    )
    return DeclaredCity(home, XmlCap())


@pytest.mark.parametrize(
    ("status", "succeeded", "is_known"),
    [
        (200, True, True),
        (202, True, True),
        (302, False, False),
        (400, False, True),
        (413, False, True),
        (503, False, False),
    ],
)
def test_what_each_answer_of_a_gateway_means(
    tmp_path: Path, server: Answering, agreed: Authorised[Action], status: int, *, succeeded: bool, is_known: bool
) -> None:
    """Taken, refused, or nobody knows; asked once, under the message's identifier."""
    server.answer = saying(status)
    outcome = gateway(tmp_path, server).hand_over(agreed, EXERCISE)
    assert (outcome.succeeded, outcome.is_known) == (succeeded, is_known)
    assert server.asked == ["PUT /cap/city.1 HTTP/1.1"]


@pytest.mark.parametrize("name", GARBLED)
def test_a_garbled_answer_of_a_gateway_is_not_known(
    tmp_path: Path, server: Answering, agreed: Authorised[Action], name: str
) -> None:
    """It may have the message: nobody says that it was sent, or that it was not."""
    server.answer = GARBLED[name]
    outcome = gateway(tmp_path, server).hand_over(agreed, EXERCISE)
    assert (outcome.succeeded, outcome.is_known) == (False, False)
    assert len(outcome.receipt) < 200


def test_a_slow_gateway_is_not_known(
    tmp_path: Path, server: Answering, agreed: Authorised[Action], monkeypatch: pytest.MonkeyPatch
) -> None:
    """And what it was asked stands in its own log, not in ours."""
    monkeypatch.setattr(put_message, "PUT_S", 0.2)
    server.answer = None
    outcome = gateway(tmp_path, server).hand_over(agreed, EXERCISE)
    assert (outcome.succeeded, outcome.is_known) == (False, False)


@pytest.mark.parametrize("name", sorted({*GARBLED} - {"no gzip"}))
def test_a_garbled_feed_cannot_be_had_now(server: Answering, name: str) -> None:
    """It is read again later; the reader does not end."""
    server.answer = GARBLED[name]
    with pytest.raises(NotNow) as refused:
        HttpFetcher().fetch(f"http://127.0.0.1:{server.port}/feed")
    assert refused.value.retry_after_s == 60


def test_a_feed_packed_wrongly_cannot_be_had_and_one_packed_tightly_is_given_up(
    server: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is counted is what it unfolds to: 2 KB of gzip are 2 MB of nothing."""
    import gzip

    address = f"http://127.0.0.1:{server.port}/feed"
    server.answer = GARBLED["no gzip"]
    with pytest.raises(ImpetusError):
        HttpFetcher().fetch(address)
    body = gzip.compress(b" " * 2_000_000)
    assert len(body) < 3_000
    monkeypatch.setattr(fetch, "MOST_BYTES", 100_000)
    head = f"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: {len(body)}\r\n\r\n"
    server.answer = head.encode() + body
    with pytest.raises(TooLarge):
        HttpFetcher().fetch(address)


def test_a_slow_feed_is_given_up(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other feeds wait behind it."""
    monkeypatch.setattr(fetch, "WAIT_S", 0.2)
    server.answer = None
    with pytest.raises(NotNow, match="cannot be read"):
        HttpFetcher().fetch(f"http://127.0.0.1:{server.port}/feed")


@pytest.mark.parametrize("url", ["https://", "https:///path", "http://127.0.0.1:99999/", "https://[::1/"])
def test_an_address_that_is_none_ends_in_a_word_of_ours(url: str) -> None:
    """Whatever a feed's index names."""
    with pytest.raises(ImpetusError):
        HttpFetcher().fetch(url)
