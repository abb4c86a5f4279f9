"""Gateways and feeds over real folders and real HTTP: each status goes its own way, once; what is too large is not read."""

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from adapters.city_program import authorised_action
from desk.warning_samples import content
from impetus.adapters.cap.codec import XmlCap
from impetus.adapters.effectors import fetch
from impetus.adapters.effectors.city import DeclaredCity
from impetus.adapters.effectors.fetch import HttpFetcher
from impetus.core.action import Action
from impetus.core.authorised import Authorised
from impetus.core.errors import NotNow, Refused, TheirFault, TooLarge
from impetus.core.warning import ActualMessage, ExerciseMessage, Header, MessageType
from mqtt_broker import free_port

AT = datetime(2026, 3, 14, 21, 0, tzinfo=UTC)
HEADER = Header(identifier="city.1", sender="room@city.example", sent=AT, type=MessageType.ALERT)
EXERCISE = ExerciseMessage(header=HEADER, content=content(AT))


@pytest.fixture(scope="module")
def agreed() -> Authorised[Action]:
    """Return what people agreed to; a gateway asks for no more of it than that it is there."""
    return authorised_action()


class Authority(BaseHTTPRequestHandler):
    """The authority's gateway, and somebody's feed."""

    status: ClassVar[int] = 201
    taken: ClassVar[dict[str, tuple[str, bytes]]] = {}
    body: ClassVar[bytes] = b"<feed/>"

    def do_PUT(self) -> None:
        """Take a message."""
        body = self.rfile.read(int(self.headers["content-length"]))
        type(self).taken[self.path] = (self.headers["content-type"], body)
        self._say(self.status, b"")

    def do_GET(self) -> None:
        """Give the feed."""
        self._say(self.status, self.body)

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if status == 302:
            self.send_header("location", "http://127.0.0.1:1/")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def authority() -> Iterator[int]:
    """Return the port of a real HTTP server."""
    Authority.status, Authority.taken, Authority.body = 200, {}, b"<feed/>"
    server = ThreadingHTTPServer(("127.0.0.1", 0), Authority)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def city(home: Path, port: int = 0) -> DeclaredCity:
    """Return gateways: exercises into a folder, and to an address when there is one; no way for actual ones."""
    url = f'url = "http://127.0.0.1:{port}/cap/{{identifier}}"\n' if port else ""
    (home / "effectors.toml").write_text(
        f'[warnings]\nsender = "room@city.example"\n[[gateway]]\nstatus = "Exercise"\nfolder = "out"\n{url}'
    )
    return DeclaredCity(home, XmlCap())


def test_a_message_lies_in_the_folder_whole_under_its_identifier_and_twice_is_once(
    tmp_path: Path, agreed: Authorised[Action]
) -> None:
    """What lies there reads as what was sent."""
    gateways = city(tmp_path)
    for _ in range(2):
        outcome = gateways.hand_over(agreed, EXERCISE)
        assert (outcome.succeeded, "city.1.cap.xml" in outcome.receipt) == (True, True)
    (file,) = (tmp_path / "out").iterdir()
    assert XmlCap().read(file.read_bytes()).identifier == "city.1"


def test_each_status_goes_its_own_way_or_none(tmp_path: Path, agreed: Authorised[Action]) -> None:
    """An actual message finds no gateway of an exercise."""
    gateways = city(tmp_path)
    actual = ActualMessage(header=HEADER, content=content(AT))
    assert gateways.ready(EXERCISE) == ""
    assert "Actual" in gateways.ready(actual)
    with pytest.raises(Refused):
        gateways.hand_over(agreed, actual)
    assert not (tmp_path / "out").exists()


def test_a_message_is_put_to_the_authoritys_address(tmp_path: Path, authority: int, agreed: Authorised[Action]) -> None:
    """As CAP, under its identifier; both receipts are kept."""
    outcome = city(tmp_path, authority).hand_over(agreed, EXERCISE)
    assert (outcome.succeeded, "file" in outcome.receipt, "200" in outcome.receipt) == (True, True, True)
    assert Authority.taken == {"/cap/city.1": ("application/cap+xml", XmlCap().write(EXERCISE))}


@pytest.mark.parametrize(("status", "is_known"), [(400, True), (409, True), (500, False), (302, False)])
def test_what_the_authority_answers_is_said_as_it_is(
    tmp_path: Path, authority: int, agreed: Authorised[Action], status: int, *, is_known: bool
) -> None:
    """A refusal is known; trouble on their side is not."""
    Authority.status = status
    outcome = city(tmp_path, authority).hand_over(agreed, EXERCISE)
    assert (outcome.succeeded, outcome.is_known) == (False, is_known)


def test_an_authority_that_is_away_got_nothing(tmp_path: Path, agreed: Authorised[Action]) -> None:
    """Not now: it is tried again."""
    with pytest.raises(NotNow, match="nothing was sent"):
        city(tmp_path, free_port()).hand_over(agreed, EXERCISE)


def test_without_a_sender_nothing_is_ready(tmp_path: Path) -> None:
    """And a file with a fault says its line instead."""
    assert "no sender" in DeclaredCity(tmp_path, XmlCap()).ready(EXERCISE)
    (tmp_path / "effectors.toml").write_text("[warnings]\nsendr = 1\n")
    assert "line 2" in DeclaredCity(tmp_path, XmlCap()).ready(EXERCISE)


def test_a_feed_is_fetched_whole(authority: int) -> None:
    """Its bytes as they came."""
    assert HttpFetcher().fetch(f"http://127.0.0.1:{authority}/feed") == b"<feed/>"


@pytest.mark.parametrize("status", [302, 404, 500])
def test_a_feed_that_answers_otherwise_cannot_be_had_now(authority: int, status: int) -> None:
    """No redirect is followed."""
    Authority.status = status
    with pytest.raises(NotNow):
        HttpFetcher().fetch(f"http://127.0.0.1:{authority}/feed")


def test_a_feed_that_is_too_large_is_given_up(authority: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """While it comes, not after."""
    monkeypatch.setattr(fetch, "MOST_BYTES", 100)
    Authority.body = b"x" * 101
    with pytest.raises(TooLarge):
        HttpFetcher().fetch(f"http://127.0.0.1:{authority}/feed")


@pytest.mark.parametrize("url", ["http://met.example/a", "ftp://met.example/a", "file:///etc/passwd", "met"])
def test_an_address_in_clear_or_of_another_kind_is_not_spoken_to(url: str) -> None:
    """Nothing is sent at all."""
    with pytest.raises(TheirFault):
        HttpFetcher().fetch(url)


def test_a_feed_that_is_away_cannot_be_had_now() -> None:
    """And says so."""
    with pytest.raises(NotNow):
        HttpFetcher().fetch(f"http://127.0.0.1:{free_port()}/")
