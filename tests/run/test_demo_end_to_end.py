"""The demonstration as a script drives it: one line of JSON, an alert within a minute and a half, a clean end."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

import patience
from impetus.bench.start import fetch

ALERT_LIMIT_S = 90.0


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[subprocess.Popen[str], dict[str, str], Path]]:
    """Start a demonstration and give its process, the facts it printed, and its home."""
    home = tmp_path_factory.mktemp("demo") / "home"
    process = subprocess.Popen(
        [sys.executable, "-m", "impetus", "demo", "--json", "--port", "0", "--home", str(home)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline()), home
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)


def _alerts(facts: dict[str, str]) -> list[dict[str, Any]]:
    status, body = fetch(facts["url"] + "api/v1/alerts", token=facts["token"])
    assert status == 200
    items: list[dict[str, Any]] = json.loads(body)["items"]
    return items


def test_the_page_answers_when_the_line_is_printed(demo: tuple[Any, dict[str, str], Path]) -> None:
    """Url, user, password, token and the address for readings; the page asks to sign in."""
    _, facts, _ = demo
    assert set(facts) == {"url", "user", "password", "token", "ingest_url", "people", "shares"}
    status, body = fetch(facts["url"] + "sign-in")
    assert status == 200
    assert b"<form" in body


def test_an_alert_that_an_operator_must_judge_comes_by_itself(demo: tuple[Any, dict[str, str], Path]) -> None:
    """Simulated, about the square, within a minute and a half of the page."""
    _, facts, _ = demo

    def simulated() -> list[Any]:
        return [alert for alert in _alerts(facts) if alert["simulated"]]

    patience.until(lambda: bool(simulated()), limit_s=ALERT_LIMIT_S, what="an alert about the square")
    assert simulated()[0]["state"] == "new"


def _bytes_of(file: Path) -> bytes | None:
    """Return what lies in a plain file; nothing for a pipe, a folder, or a file renamed meanwhile."""
    try:
        return file.read_bytes() if file.is_file() and not file.is_symlink() else None
    except FileNotFoundError:
        return None


def test_nothing_secret_is_written_in_clear(demo: tuple[Any, dict[str, str], Path]) -> None:
    """Neither the password nor a token lies anywhere in the home."""
    _, facts, home = demo
    secrets = [facts["password"].encode(), facts["token"].encode()]
    read = {file: held for file in home.rglob("*") if (held := _bytes_of(file)) is not None}
    assert len(read) > 10
    assert [file for file, held in read.items() for secret in secrets if secret in held] == []


def test_it_stops_with_all_its_children_and_a_stranger_finds_nothing_running(
    demo: tuple[subprocess.Popen[str], dict[str, str], Path],
) -> None:
    """SIGTERM ends all of it within seconds; last in this file."""
    process, _, _ = demo
    children = psutil.Process(process.pid).children(recursive=True)
    assert len(children) >= 5
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=10) == 0
    _, alive = psutil.wait_procs(children, timeout=2)
    assert alive == []
