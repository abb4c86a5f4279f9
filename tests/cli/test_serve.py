"""`impetus serve`, as a person starts it."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import patience
from impetus.bench.start import fetch
from impetus.core.errors import Refused
from impetus.run.start import check_reach, free_port, is_loopback


def _serve(home: Path, port: int) -> str:
    """Serve until the page answers, stop, and return what was printed."""
    command = [sys.executable, "-m", "impetus", "serve", "--home", str(home), "--port", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        patience.until(lambda: _is_up(port), limit_s=60, what="the page")
    finally:
        process.send_signal(signal.SIGTERM)
    printed, _ = process.communicate(timeout=20)
    assert process.returncode == 0
    return printed


def _is_up(port: int) -> bool:
    try:
        return fetch(f"http://127.0.0.1:{port}/healthz")[0] == 200
    except OSError:
        return False


def test_the_first_start_prints_a_one_time_password_and_the_second_does_not(tmp_path: Path) -> None:
    """Address and home are printed each time, the secret once; the port on the command line reaches the page."""
    port = free_port()
    first, second = _serve(tmp_path / "home", port), _serve(tmp_path / "home", port)
    assert f"http://127.0.0.1:{port}/" in first
    assert "one-time password" in first
    assert "admin" in first
    assert "one-time password" not in second
    assert (tmp_path / "home").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.0.1", "::1", "localhost"])
def test_this_machine_may_always_listen_to_itself(host: str) -> None:
    """Loopback needs no acknowledgement."""
    assert is_loopback(host)
    check_reach(host, behind_tls=False)


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "impetus.example"])  # noqa: S104 - what is refused
def test_other_machines_are_let_in_only_behind_tls(host: str) -> None:
    """The refusal names rule, source and remedy; saying that TLS is in front makes it allowed."""
    with pytest.raises(Refused, match="plain HTTP") as refused:
        check_reach(host, behind_tls=False)
    assert "--behind-tls" in refused.value.remedy
    check_reach(host, behind_tls=True)
