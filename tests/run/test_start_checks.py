"""What is checked before an installation starts: who could reach it, and whether its ports are free."""

import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.errors import Misconfigured, Refused
from impetus.run.listening import GRACE_S, configured, listen
from impetus.run.start import check_ports, check_reach, free_port, is_loopback
from impetus.settings import Settings


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost"])
def test_only_this_machine_reaches_loopback(host: str) -> None:
    """All of 127.0.0.0/8 (RFC 1122, section 3.2.1.3), ::1 (RFC 4291) and the name."""
    assert is_loopback(host)
    check_reach(host, behind_tls=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "10.0.0.1", "city.example", "127.0.0.1.example", ""])  # noqa: S104 - what is refused
def test_anything_else_is_refused_unless_tls_stands_in_front(host: str) -> None:
    """The refusal names the rule, its law and the way out; saying so allows it."""
    with pytest.raises(Refused) as refusal:
        check_reach(host, behind_tls=False)
    assert "GDPR" in refusal.value.source
    assert "--behind-tls" in refusal.value.remedy
    check_reach(host, behind_tls=True)


@given(st.ip_addresses(v=4))
def test_an_address_is_loopback_exactly_in_its_block(address: object) -> None:
    """Every address of version 4 begins with 127 or is reachable."""
    assert is_loopback(str(address)) is str(address).startswith("127.")


def _settings(home: Path, port: int, host: str = "127.0.0.1", ingest_port: int = 0) -> Settings:
    return Settings(home=home, host=host, port=port, ingest_port=ingest_port)


def test_a_free_port_has_a_free_neighbour(tmp_path: Path) -> None:
    """The page and the ingest both find room."""
    check_ports(_settings(tmp_path, free_port()))


@pytest.mark.parametrize("offset", [0, 1])
def test_either_port_taken_stops_the_start(offset: int, tmp_path: Path) -> None:
    """The page's own, or the ingest's above it; the line names which."""
    port = free_port()
    with socket.socket() as other:
        other.bind(("127.0.0.1", port + offset))
        other.listen()
        with pytest.raises(Misconfigured, match=f"127.0.0.1:{port + offset}") as refusal:
            check_ports(_settings(tmp_path, port))
    assert "--port" in refusal.value.remedy
    check_ports(_settings(tmp_path, port))


def test_the_highest_port_leaves_no_room_for_the_ingest(tmp_path: Path) -> None:
    """65,536 is no port; an ingest port of its own is the way out."""
    with pytest.raises(Misconfigured, match="65536"):
        check_ports(_settings(tmp_path, 65_535))
    check_ports(_settings(tmp_path, 65_535, ingest_port=free_port()))


@pytest.mark.parametrize("host", ["192.0.2.1", "no-such-host.invalid"])
def test_an_address_that_is_not_ours_stops_the_start(host: str, tmp_path: Path) -> None:
    """Documentation's address (RFC 5737) and the name that never resolves (RFC 2606)."""
    with pytest.raises(Misconfigured, match=host):
        check_ports(_settings(tmp_path, free_port(), host))


def test_both_kinds_of_loopback_can_be_listened_on() -> None:
    """The colon tells an address of version 6."""
    with listen("127.0.0.1", 0) as four, listen("::1", 0) as six:
        assert (four.family, six.family) == (socket.AF_INET, socket.AF_INET6)


def test_a_port_that_somebody_listens_on_is_misconfigured() -> None:
    """Exit code 78 tells the supervisor's reader that a setting is to be changed, not a bug to be reported."""
    with listen("127.0.0.1", 0) as taken, pytest.raises(Misconfigured) as refusal:
        listen("127.0.0.1", taken.getsockname()[1])
    assert refusal.value.exit_code == 78
    assert "port" in refusal.value.remedy


def test_a_server_says_nothing_of_itself_and_ends_before_it_is_killed() -> None:
    """No server header, no access log with people's addresses, and a second of grace within the supervisor's two."""

    async def app(scope: object, receive: object, send: object) -> None:
        raise NotImplementedError

    config = configured(app)
    assert (config.server_header, config.access_log, config.ws) == (False, False, "none")
    assert config.timeout_graceful_shutdown == GRACE_S < 2
