"""The web's role: listens where it was told, beats, and says whose fault it is when it cannot."""

import socket
import threading
from pathlib import Path

import httpx
import pytest

from impetus.core.errors import Misconfigured
from impetus.run.heartbeat import Heart
from impetus.run.web import listen, serve
from town import close_town, open_town


def test_a_port_that_is_taken_is_a_wrong_configuration() -> None:
    """The error names the address and what to do; exit code 78 tells the supervisor."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(Misconfigured, match=f"cannot listen on 127.0.0.1:{port}") as refusal:
            listen("127.0.0.1", port)
    assert refusal.value.exit_code == 78
    assert refusal.value.remedy


def test_an_address_of_another_machine_is_refused() -> None:
    """192.0.2.1 is nobody's (RFC 5737)."""
    with pytest.raises(Misconfigured):
        listen("192.0.2.1", 8470)


def test_it_listens_on_loopback_of_both_kinds() -> None:
    """IPv6 is an address like any other."""
    with listen("127.0.0.1", 0) as four, listen("::1", 0) as six:
        assert (four.family, six.family) == (socket.AF_INET, socket.AF_INET6)


class CountingHeart(Heart):
    """A heart that counts its beats."""

    def __init__(self) -> None:
        super().__init__()
        self.beaten = threading.Semaphore(0)

    def beat(self, rate_per_s: float = 0.0, lag: int = 0, dropped: int = 0, note: str = "") -> None:
        """Count a beat."""
        super().beat(rate_per_s, lag, dropped, note)
        self.beaten.release()


def test_it_beats_while_it_serves_and_ends_when_told(tmp_path: Path) -> None:
    """Two beats within their time, an answer in between, and the thread is done soon after `stopping`."""
    town, heart = open_town(tmp_path), CountingHeart()
    with listen("127.0.0.1", 0) as probe:
        port = probe.getsockname()[1]
    thread = threading.Thread(target=serve, args=(town.app, "127.0.0.1", port, heart))
    thread.start()
    assert heart.beaten.acquire(timeout=10)
    assert httpx.get(f"http://127.0.0.1:{port}/healthz").text == "up\n"
    assert heart.beaten.acquire(timeout=10)
    heart.stopping.set()
    thread.join(2)
    assert not thread.is_alive()
    close_town(town)
