"""Measure how long the incident's page takes on the server, with few and with 10,000 lines in its timeline.

A web process of its own serves a home on the disk of this machine; one operator at a time asks for the whole page, its
live part and a page of older lines, over one kept connection on loopback. What is measured is from the first byte asked to
the last byte had: the server's time and a little more.
"""

import contextlib
import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from impetus.bench.installation import BENCH, STOP_LIMIT_S, free_port, wait_until_up, write_settings
from impetus.core.actor import Role
from impetus.core.errors import OurFault
from impetus.core.finding import Severity
from impetus.core.ids import IncidentId
from impetus.core.incident import Incident, IncidentEntry, IncidentState
from impetus.desk import accounts, sign_in
from impetus.desk.context import Desk
from impetus.settings import Settings
from impetus.wiring import open_desk

Progress = Callable[[str], None]
LINES = 10_000
"""Lines of the timeline; the figure of the requirement, and all that is kept of one."""
FEW = 50
ROUNDS = 120
"""Times each page is asked for: the 95th percentile rests on six of them."""
LIMIT_MS = 300.0
"""What an operator waits without noticing much; the figure of the requirement."""
PASSWORD = "a bench of good wood"  # noqa: S105 - of an account that lives as long as a measurement
NAME = "Operator-1"


def run(progress: Progress, *, lines: int = LINES, rounds: int = ROUNDS) -> dict[str, Any]:
    """Fill two homes, ask, and return milliseconds; `open_p95_ms` is the whole page at `lines`."""
    few = _measured(min(FEW, lines), rounds, progress)
    many = _measured(lines, rounds, progress)
    return {"lines": lines, "limit_ms": LIMIT_MS, "open_p95_ms": many["open"]["p95_ms"], "at_few": few, "at_many": many}


def _measured(lines: int, rounds: int, progress: Progress) -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="impetus-bench-") as folder:
        settings = write_settings(Path(folder), port=free_port(), exercise=True)
        desk = open_desk(settings)
        cookie = person(desk)
        incident = fill(desk, lines)
        desk.close()
        progress(f"asking {rounds} times for an incident with {lines:,} lines")
        with serving(settings) as web:
            pages = {
                "open": f"/incidents/{incident}",
                "live part": f"/incidents/{incident}/now",
                "older lines": f"/incidents/{incident}/timeline",
            }
            return {name: timed(settings, path, cookie, rounds, web) for name, path in pages.items()}


def person(desk: Desk, name: str = NAME, role: Role = Role.OPERATOR) -> str:
    """Make a person with a password of their own and return the secret of a session."""
    once = accounts.add(desk, BENCH, name, role)
    first = sign_in.sign_in(desk, name, once.password)
    return accounts.change_password(desk, first.actor, old=once.password, new=PASSWORD).secret


def fill(desk: Desk, lines: int) -> IncidentId:
    """Open an incident and give it so many lines, as a long night would."""
    began = desk.clock.now()
    with desk.store.write() as unit:
        incident = unit.incidents.add(
            Incident(
                id=IncidentId(0),
                version=0,
                state=IncidentState.OPEN,
                title="A long night at the square",
                severity=Severity.SEVERE,
                owner=NAME,
                opened_at=began,
                opened_by=NAME,
                changed_at=began,
            )
        )
        for number in range(lines):
            unit.incidents.record(
                IncidentEntry(
                    incident=incident.id,
                    at=began + timedelta(seconds=number),
                    event="note",
                    who=f"Operator {number % 5}",
                    text=f"Line {number}: stewards at exit {number % 6} count {number % 97} people leaving",
                    detail={"version": number},
                )
            )
    return incident.id


@contextlib.contextmanager
def serving(settings: Settings) -> Iterator[int]:
    """Run the web as its own process, as the supervisor does, and give its process id."""
    command = [sys.executable, "-m", "impetus.run.child", "web", "--home", str(settings.home)]
    with (settings.home / "web.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            wait_until_up(settings.host, settings.port)
            yield process.pid
        finally:
            process.terminate()
            process.wait(STOP_LIMIT_S)


def timed(settings: Settings, path: str, cookie: str, rounds: int, web: int) -> dict[str, float]:
    """Ask for a page so many times after five warm-ups and return its size and the spread of the times.

    `cpu_ms` is what the web process (`web`, its id) used of a processor for one of them: it tells the page from its machine.
    """
    connection = http.client.HTTPConnection(settings.host, settings.port, timeout=30)
    spans, size, used_s = [], 0, cpu_s(web)
    for number in range(rounds + 5):
        began = time.perf_counter()
        connection.request("GET", path, headers={"Cookie": f"impetus_session={cookie}"})
        answer = connection.getresponse()
        size = len(answer.read())
        if answer.status != http.client.OK:
            raise OurFault(f"GET {path} answered {answer.status}", value=path)
        if number >= 5:  # noqa: PLR2004 - the warm-ups of the docstring
            spans.append((time.perf_counter() - began) * 1000)
    connection.close()
    p95 = statistics.quantiles(spans, n=20)[-1]
    return {
        "p50_ms": round(statistics.median(spans), 1),
        "p95_ms": round(p95, 1),
        "max_ms": round(max(spans), 1),
        "cpu_ms": round((cpu_s(web) - used_s) * 1000 / (rounds + 5), 1),
        "kib": round(size / 1024, 1),
    }


def cpu_s(process: int) -> float:
    """Return the processor seconds a process has used so far."""
    import psutil  # noqa: PLC0415 - only a measurement needs it, not the start

    times = psutil.Process(process).cpu_times()
    return float(times.user + times.system)
