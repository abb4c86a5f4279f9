"""A real installation to measure: its own home, free ports, `impetus serve` as a person would start it."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from impetus.core.actor import console
from impetus.core.errors import OurFault
from impetus.demo.exercise_register import make_exercise
from impetus.desk import tokens
from impetus.settings import Settings, read_settings
from impetus.wiring import open_desk

BENCH = console()
"""Who prepares the installation: a person at the console of their own machine."""
READY_LIMIT_S = 60.0
STOP_LIMIT_S = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """A running installation: its settings, the supervisor's process, and a token that may read."""

    settings: Settings
    process: subprocess.Popen[bytes]
    reader: str

    def get(self, path: str) -> object:
        """Return a JSON answer of the web API."""
        connection = http.client.HTTPConnection(self.settings.host, self.settings.port, timeout=30)
        connection.request("GET", path, headers={"Authorization": f"Bearer {self.reader}"})
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != http.client.OK:
            raise OurFault(f"GET {path} answered {answer.status}", value=body[:200])
        return json.loads(body)

    def cpu_s(self) -> dict[str, float]:
        """Return processor seconds used so far by each part, by its role."""
        import psutil  # noqa: PLC0415 - only a measurement needs it, not the start

        used: dict[str, float] = {}
        for child in psutil.Process(self.process.pid).children(recursive=True):
            words = child.cmdline()
            role = words[words.index("impetus.run.child") + 1] if "impetus.run.child" in words else child.name()
            times = child.cpu_times()
            used[role] = used.get(role, 0.0) + times.user + times.system
        return used

    def memory_mib(self) -> float:
        """Return resident memory of the supervisor and all its children, in MiB."""
        import psutil  # noqa: PLC0415 - only a measurement needs it, not the start

        family = [psutil.Process(self.process.pid)]
        family += family[0].children(recursive=True)
        return sum(_resident(process) for process in family) / 2**20


def _resident(process: object) -> int:
    """Return a process's resident bytes, 0 when it has just ended."""
    import psutil  # noqa: PLC0415 - only a measurement needs it, not the start

    try:
        return int(process.memory_info().rss) if isinstance(process, psutil.Process) else 0
    except psutil.NoSuchProcess:
        return 0


def free_port() -> int:
    """Return a port that nobody listens on, with its neighbour free too."""
    for _ in range(100):
        with socket.socket() as one, socket.socket() as two:
            one.bind(("127.0.0.1", 0))
            port = int(one.getsockname()[1])
            try:
                two.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise OurFault("no two free ports next to each other on loopback", remedy="close programs that listen")


def write_settings(home: Path, **values: str | float | bool) -> Settings:
    """Write `impetus.toml` under home and read it back."""
    lines = [f"{name} = {json.dumps(value)}" for name, value in values.items()]
    (home / "impetus.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_settings(home)


def reader_token(settings: Settings) -> str:
    """Issue a service token that may read, straight in the home."""
    desk = open_desk(settings)
    operations = ["alerts.read", "events.read", "parts.read", "sources.read", "history.read", "incidents.read"]
    _, secret = tokens.issue(desk, BENCH, "bench", operations)
    desk.close()
    return secret


def clear_tools(settings: Settings) -> None:
    """Make the register of an exercise in the home, so that its tools may run on simulated input."""
    desk = open_desk(settings)
    make_exercise(desk, BENCH)
    desk.close()


def wait_until_up(host: str, port: int, *, limit_s: float = READY_LIMIT_S) -> float:
    """Wait until `/healthz` answers and return the seconds it took."""
    began = time.perf_counter()
    while time.perf_counter() - began < limit_s:
        connection = http.client.HTTPConnection(host, port, timeout=1)
        try:
            connection.request("GET", "/healthz")
            if connection.getresponse().status == http.client.OK:
                return time.perf_counter() - began
        except OSError:
            time.sleep(0.02)
        finally:
            connection.close()
    raise OurFault(f"nothing answered at {host}:{port}", limit=f"{limit_s:g} s", remedy="read the home's log/")


@contextmanager
def installation(**values: str | float | bool) -> Iterator[Installation]:
    """Start an installation in a temporary home, and stop it at the end."""
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        home = Path(folder)
        settings = write_settings(home, port=free_port(), exercise=True, **values)
        clear_tools(settings)
        reader = reader_token(settings)
        log = (home / "serve.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "impetus", "serve", "--home", str(home)],
            stdout=log,
            stderr=log,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        try:
            wait_until_up(settings.host, settings.port)
            wait_until_up(*settings.ingest_address)
            yield Installation(settings=settings, process=process, reader=reader)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
            log.close()
