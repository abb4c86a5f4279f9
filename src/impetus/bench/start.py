"""Measure how long people wait for the page: the first start of a demonstration, and the second."""

import http.client
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from impetus.core.errors import OurFault

Progress = Callable[[str], None]
LIMIT_S = 180.0
STOP_LIMIT_S = 20.0


def start_demo(home: Path) -> subprocess.Popen[str]:
    """Start a demonstration on free ports, as a script would."""
    command = [sys.executable, "-m", "impetus", "demo", "--json", "--port", "0", "--home", str(home)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def read_facts(process: subprocess.Popen[str]) -> dict[str, str]:
    """Return the line a demonstration prints when its page answers."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise OurFault(
            "the demonstration ended before its page answered", remedy="run impetus demo and read what it says"
        )
    facts = json.loads(line)
    return {str(name): str(fact) for name, fact in facts.items()}


def fetch(url: str, *, token: str = "") -> tuple[int, bytes]:
    """Return status and body of one page."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    connection.request("GET", parts.path, headers={"Authorization": f"Bearer {token}"} if token else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer.status, body


def stop(process: subprocess.Popen[str]) -> float:
    """Stop a demonstration and return the seconds it took."""
    began_s = time.perf_counter()
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_LIMIT_S)
    except subprocess.TimeoutExpired as error:
        process.kill()
        raise OurFault("the demonstration did not stop", limit=f"{STOP_LIMIT_S:g} s") from error
    return time.perf_counter() - began_s


def run(progress: Progress) -> dict[str, object]:
    """Start, fetch the page, stop; twice on one home."""
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory(prefix="impetus-start-") as folder:
        for name in ("first", "second"):
            began_s = time.perf_counter()
            process = start_demo(Path(folder) / "demo")
            try:
                facts = read_facts(process)
                status, _ = fetch(facts["url"] + "sign-in")
                figures[f"{name}_start_s"] = round(time.perf_counter() - began_s, 2)
                figures[f"{name}_page_status"] = status
            finally:
                figures[f"{name}_stop_s"] = round(stop(process), 2)
            progress(f"{name} start to the page: {figures[f'{name}_start_s']} s")
    return figures
