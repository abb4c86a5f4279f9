"""Addresses of feeds against a small real server: sizes, times, what did not change, and answers of every kind."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from impetus.adapters.feeds import fetch
from impetus.adapters.feeds.declared import Dropped, Fetched
from impetus.adapters.feeds.fetch import FolderOrigin, HttpOrigin, open_origin
from impetus.core.errors import ImpetusError, Misconfigured, NotNow, TooLarge


class Answering:
    """A server of raw bytes: says the same to everybody, and keeps what it was asked."""

    def __init__(self) -> None:
        """Listen on a free port of this machine."""
        self.answer = answer(b"hello")
        self.asked: list[str] = []
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}/feed?x=1"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._socket.accept()
            except OSError:
                return
            with line:
                asked = line.recv(65_536).decode("latin-1")
                self.asked.append(asked)
                try:
                    line.sendall(self.answer)
                    line.shutdown(socket.SHUT_WR)
                    line.recv(1)
                except OSError:
                    continue

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    """Return an answer as it goes over the line."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"content-length: {len(body)}", "connection: close", *headers])
    return head.encode() + b"\r\n\r\n" + body


@pytest.fixture
def server() -> Iterator[Answering]:
    """Give a server that listens."""
    made = Answering()
    yield made
    made.close()


def asked_again(server: Answering) -> str:
    """Read a source twice and return what was asked the second time."""
    origin = HttpOrigin(fetched=Fetched(url=server.url))
    assert list(origin.bodies()) == [b"hello"]
    list(origin.bodies())
    return server.asked[-1].lower()


def test_a_body_is_fetched_with_the_declared_headers(server: Answering) -> None:
    """And nothing else of ours but what HTTP needs."""
    origin = open_origin(Fetched(url=server.url, headers={"ET-Client-Name": "harbour"}))
    assert list(origin.bodies()) == [b"hello"]
    assert "GET /feed?x=1 HTTP/1.1" in server.asked[0]
    assert "ET-Client-Name: harbour" in server.asked[0]
    assert "cookie" not in server.asked[0].lower()


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('ETag: "abc"', 'if-none-match: "abc"'),
        ("Last-Modified: Mon, 01 Jun 2026 10:00:00 GMT", "if-modified-since: mon, 01 jun 2026"),
        ("Last-Modified: yesterday", ""),
        ("X-Other: 1", ""),
    ],
)
def test_what_did_not_change_is_asked_for_as_such(server: Answering, header: str, expected: str) -> None:
    """By its mark, else by its date; a mark nobody can read is not sent back."""
    server.answer = answer(b"hello", header)
    said = asked_again(server)
    assert expected in said
    assert ("if-" in said) is bool(expected)


def test_an_unchanged_answer_is_no_body(server: Answering) -> None:
    """And no error."""
    server.answer = answer(b"hello", 'ETag: "abc"')
    origin = HttpOrigin(fetched=Fetched(url=server.url))
    list(origin.bodies())
    server.answer = answer(b"", status="304 Not Modified")
    assert list(origin.bodies()) == []


def test_a_body_that_was_not_used_is_asked_for_whole_again(server: Answering) -> None:
    """What could not be sent on is not lost because it did not change."""
    server.answer = answer(b"hello", 'ETag: "abc"')
    origin = HttpOrigin(fetched=Fetched(url=server.url))
    with pytest.raises(ValueError, match="not now"):
        use(origin)
    list(origin.bodies())
    assert "if-none-match" not in server.asked[-1].lower()


def use(origin: HttpOrigin) -> None:
    """Take the body and fail."""
    for _ in origin.bodies():
        raise ValueError("not now")


@pytest.mark.parametrize(
    ("raw", "wait_s"),
    [
        (answer(b"", status="500 No"), 60.0),
        (answer(b"", "Retry-After: 300", status="429 Slowly"), 300.0),
        (answer(b"", "Retry-After: 99999", status="503 Later"), 3600.0),
        (answer(b"", "Retry-After: 1", status="503 Later"), 60.0),
        (answer(b"", "Retry-After: soon", status="503 Later"), 60.0),
        (answer(b"", status="401 Who"), 60.0),
        (answer(b"", "Location: http://127.0.0.1:9/", status="302 There"), 60.0),
        (answer(b"", status="304 Not Modified"), 60.0),
        (b"nonsense\r\n\r\n", 60.0),
        (b"", 60.0),
        (answer(b"hello")[:-2], 60.0),
    ],
)
def test_every_other_answer_is_waited_out(server: Answering, raw: bytes, wait_s: float) -> None:
    """As long as the other side asks, within bounds; a redirect is not followed."""
    server.answer = raw
    with pytest.raises(NotNow) as said:
        list(HttpOrigin(fetched=Fetched(url=server.url)).bodies())
    assert said.value.retry_after_s == wait_s
    assert len(server.asked) == 1


def test_nobody_there_is_waited_out(server: Answering) -> None:
    """A closed port, and a certificate authority that cannot be read."""
    assert server.asked == []
    for fetched in (Fetched(url="http://127.0.0.1:9/"), Fetched(url="https://127.0.0.1:9/", cafile="nowhere.pem")):
        with pytest.raises(NotNow, match="cannot be read"):
            list(HttpOrigin(fetched=fetched).bodies())


def test_a_body_is_bounded_also_when_it_was_packed(server: Answering, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million zeros weigh a thousand bytes."""
    import gzip

    monkeypatch.setattr(fetch, "MOST_BYTES", 1000)
    for raw in (answer(b"x" * 1001), answer(gzip.compress(b"0" * 1_000_000), "Content-Encoding: gzip")):
        server.answer = raw
        with pytest.raises(TooLarge):
            list(HttpOrigin(fetched=Fetched(url=server.url)).bodies())


def test_a_server_that_drips_is_left(server: Answering) -> None:
    """Each piece comes in time, the whole never does."""
    hours = iter(range(100))
    origin = HttpOrigin(fetched=Fetched(url=server.url), now_s=lambda: next(hours) * 3600.0)
    with pytest.raises(NotNow, match="took longer"):
        list(origin.bodies())


def test_files_come_oldest_first_and_once(tmp_path: Path) -> None:
    """Again when they change; one that is too large is said and left, and the others come in the next turn."""
    import os

    for age, name in enumerate(("c.csv", "b.csv", "a.csv", "x.txt")):
        (tmp_path / name).write_text(name)
        os.utime(tmp_path / name, (1000 - age, 1000 - age))
    origin = open_origin(Dropped(folder=tmp_path, pattern="*.csv"))
    assert list(origin.bodies()) == [b"a.csv", b"b.csv", b"c.csv"]
    assert list(origin.bodies()) == []
    (tmp_path / "b.csv").write_text("more")
    os.utime(tmp_path / "b.csv", (2000, 2000))
    assert list(origin.bodies()) == [b"more"]


def test_a_file_that_is_too_large_does_not_keep_the_others(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused once, and the next turn goes on behind it."""
    import os

    monkeypatch.setattr(fetch, "MOST_BYTES", 10)
    for name, body in (("a.csv", "x" * 11), ("b.csv", "fine")):
        (tmp_path / name).write_text(body)
        os.utime(tmp_path / name, (1000, 1000))
    origin = FolderOrigin(dropped=Dropped(folder=tmp_path, pattern="*"))
    with pytest.raises(TooLarge, match=r"a\.csv"):
        list(origin.bodies())
    assert list(origin.bodies()) == [b"fine"]


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    """It is somebody's mistake, not an empty day."""
    with pytest.raises(Misconfigured, match="no folder"):
        list(FolderOrigin(dropped=Dropped(folder=tmp_path / "drop", pattern="*")).bodies())
    assert issubclass(Misconfigured, ImpetusError)
