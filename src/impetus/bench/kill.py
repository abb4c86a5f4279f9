"""How long a stop takes: from the touch of a file to the last byte in and the last output, with a tool that will not stop.

A supervisor runs the real ingest, a healthy part, and a tool that is deaf to SIGTERM, spins in native code, or is halted by
SIGSTOP, in turns. Before each touch the state's file is locked by another process and the bus's folder is made useless, so
that nothing but files can help. What is measured is the touch until the tool's whole group is dead (its last possible
output) and until the ingest takes no byte more of a sender that never pauses (the last byte in).
"""

import contextlib
import hashlib
import os
import shutil
import signal
import socket
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import psutil

from impetus.adapters.stop_files import StopFiles
from impetus.core.actor import console
from impetus.core.board import PartState, PartStatus
from impetus.core.errors import OurFault
from impetus.core.ids import SourceId, ToolId
from impetus.desk import tokens
from impetus.desk.declare_source import declare, read_document
from impetus.run.board import Board, Pens
from impetus.run.heartbeat import Heart
from impetus.run.parts import INGEST, Part
from impetus.run.restarts import Pace
from impetus.run.start import free_port
from impetus.run.supervisor import Supervisor
from impetus.settings import Settings
from impetus.wiring import open_bus, open_clock, open_codec, open_desk, open_door, open_state

Progress = Callable[[str], None]
TRIALS = 200
LIMIT_S = 2.0
"""Seconds in which the last byte came in and the last output went out, at the 99th percentile. Source: ethics.md, F12."""
PATIENCE_S = 180.0
LOOK_S = 0.002
HABITS = ("deaf", "spinning", "halted")
WHOLE_EVERY = 10
"""Every tenth trial stops everything, the ingest included, by `ALL` and `site` in turns; the others the tool and its source."""
TOOL = "stubborn"
HABIT_FILE = "habit"
OUTPUT_FILE = "outputs"
SINGLE = (f"tool:{TOOL}", "source:trial")
WHOLE = frozenset({"ALL", "site"})


def stubborn(settings: Settings, heart: Heart) -> None:
    """Be the tool on trial: put out without a pause and never stop by itself."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    heart.beat()
    habit = (settings.home / HABIT_FILE).read_text(encoding="ascii")
    if habit == "spinning":
        hashlib.pbkdf2_hmac("sha256", b"x", b"y", 2**31 - 1)
    with (settings.home / OUTPUT_FILE).open("ab", buffering=0) as out:
        while True:
            out.write(b"finding\n")
            heart.beat()
            time.sleep(0.01)


class Pushing:
    """A sender that pushes one endless body and never pauses; `last_s` is when its last byte was taken."""

    def __init__(self, address: tuple[str, int], token: str) -> None:
        self.last_s = 0.0
        self.is_open = threading.Event()
        self._socket = socket.create_connection(address, timeout=5)
        self._head = (
            f"POST /api/v1/observations HTTP/1.1\r\nHost: {address[0]}\r\nAuthorization: Bearer {token}\r\n"
            "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        self.thread = threading.Thread(target=self._push, daemon=True)
        self.thread.start()

    def _push(self) -> None:
        """Send a chunk of a hundred bytes every few milliseconds until somebody closes the line."""
        chunk = b"64\r\n" + b" " * 100 + b"\r\n"
        with contextlib.suppress(OSError):
            self._socket.sendall(self._head.encode("ascii"))
            while not self._answered():
                self._socket.sendall(chunk)
                self.last_s = time.monotonic()
                self.is_open.set()
                time.sleep(0.005)
        self._socket.close()

    def _answered(self) -> bool:
        """Say whether the other side answered or closed, which ends the stream."""
        self._socket.setblocking(False)
        try:
            return self._socket.recv(1, socket.MSG_PEEK) is not None
        except BlockingIOError:
            return False
        finally:
            self._socket.settimeout(5)


@contextmanager
def everything_down(home: Path) -> Iterator[None]:
    """Lock the state as a hung program would, and put a file where the bus's folder was."""
    with closing(sqlite3.connect(home / "state.sqlite3", timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        (home / "bus").rename(home / "bus-away")
        (home / "bus").write_text("no folder", encoding="ascii")
        try:
            yield
        finally:
            (home / "bus").unlink()
            (home / "bus-away").rename(home / "bus")
            other.execute("ROLLBACK")


class Trials:
    """One home under one supervisor, tried again and again."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home, port=free_port())
        desk = open_desk(self.settings)
        stream = {"property": "count", "unit": "1", "lowest": 0, "highest": 1e6, "cadence_s": 1.0}
        thing = {"key": "t", "datastreams": [stream]}
        declare(desk, console(), read_document({"source": {"id": "trial", "freshness_s": 0}, "things": [thing]}))
        _, self.token = tokens.issue(desk, console(), "trial", ["observations.write"], SourceId("trial"))
        desk.close()
        self.stops, self.rows = StopFiles(home / "stops"), dict[str, PartStatus]()
        clock = open_clock()
        part = Part(id=ToolId(TOOL), role=f"call:{__name__}:stubborn", name="Stubborn")
        port = ("--port", str(self.settings.port))
        ingest = Part(id=INGEST.id, role=INGEST.role, name=INGEST.name, limits=INGEST.limits, arguments=port)
        board = Board(self._pens, clock)
        pace = Pace(first_s=0.05, most_s=0.2, failures=1_000_000)
        self.supervisor = Supervisor(home, [part, ingest], board, clock, pace=pace, on_row=self._note)
        self.thread = threading.Thread(target=self.supervisor.run, daemon=True)

    def _pens(self) -> Pens:
        store, clock = open_state(self.settings), open_clock()
        bus = open_bus(self.settings, clock)
        return Pens(store=store, bus=bus, codec=open_codec(), door=open_door(self.settings, store, bus, clock))

    def _note(self, row: PartStatus) -> None:
        self.rows[str(row.part)] = row

    def try_once(self, habit: str, targets: Sequence[str]) -> tuple[float, float]:
        """Return the seconds from the touch to the death of the tool, and to the last byte taken in."""
        home = self.settings.home
        (home / HABIT_FILE).write_text(habit, encoding="ascii")
        self._lift()
        pid = self._running(TOOL)
        self._running("ingest")
        _wait(self._answers, "the ingest")
        pushing = Pushing(self.settings.ingest_address, self.token)
        pushing.is_open.wait(PATIENCE_S)
        if habit == "halted":
            os.kill(pid, signal.SIGSTOP)
        with everything_down(home):
            touched_s = time.monotonic()
            for target in targets:
                (home / "stops" / target).touch()
            _wait(lambda: _is_dead(pid), "the death of the tool")
            dead_s = time.monotonic() - touched_s
            size = (home / OUTPUT_FILE).stat().st_size if habit != "spinning" else 0
            pushing.thread.join(PATIENCE_S)
            if habit != "spinning" and (home / OUTPUT_FILE).stat().st_size != size:
                raise OurFault("a dead tool put out more")
            _wait(lambda: not self._is_running(TOOL), "the row of the stopped tool")
            if WHOLE.intersection(targets):
                _wait(lambda: not self._is_running("ingest"), "the row of the stopped ingest")
        return dead_s, max(0.0, pushing.last_s - touched_s)

    def _lift(self) -> None:
        """Lift what the last trial stopped."""
        for stop in self.stops.standing().stops:
            self.stops.lift(stop.target, by="bench", at=open_clock().now(), why="next trial")

    def _running(self, part: str) -> int:
        """Wait until a part runs and return its process."""
        _wait(lambda: self._is_running(part), part)
        return self.rows[part].pid or 0

    def _is_running(self, part: str) -> bool:
        return part in self.rows and self.rows[part].state is PartState.RUNNING

    def _answers(self) -> bool:
        try:
            socket.create_connection(self.settings.ingest_address, timeout=1).close()
        except OSError:
            return False
        return True


def _is_dead(pid: int) -> bool:
    try:
        return bool(psutil.Process(pid).status() == psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return True


def _wait(condition: Callable[[], bool], what: str) -> None:
    deadline_s = time.monotonic() + PATIENCE_S
    while not condition():
        if time.monotonic() > deadline_s:
            raise OurFault(f"{what} did not come about", limit=f"{PATIENCE_S:g} s")
        time.sleep(LOOK_S)


def percentile(values: list[float], share: float) -> float:
    """Return the value below which this share of values lies, by nearest rank.

    >>> percentile([0.1, 0.2, 0.3, 0.4], 0.99)
    0.4
    """
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))]


def run(progress: Progress, *, trials: int = TRIALS) -> dict[str, object]:
    """Stop so many times and return the percentiles; every trial finds state and bus down."""
    home = Path(tempfile.mkdtemp(prefix="impetus-kill-"))
    dead_s: list[float] = []
    last_in_s: list[float] = []
    trial = Trials(home)
    trial.thread.start()
    try:
        for number in range(trials):
            habit, whole = HABITS[number % len(HABITS)], number % WHOLE_EVERY == WHOLE_EVERY - 1
            targets = ("ALL", "site")[number % 4 // 2 : number % 4 // 2 + 1] if whole else SINGLE
            dead, last = trial.try_once(habit, targets)
            dead_s.append(dead)
            last_in_s.append(last)
            progress(
                f"trial {number + 1} of {trials}: {habit}, dead after {dead:.3f} s, last byte in after {last:.3f} s"
            )
    finally:
        trial.supervisor.stop()
        trial.thread.join(PATIENCE_S)
        shutil.rmtree(home, ignore_errors=True)
    return {
        "trials": trials,
        "limit_s": LIMIT_S,
        "last_output_p50_s": round(percentile(dead_s, 0.5), 3),
        "last_output_p99_s": round(percentile(dead_s, 0.99), 3),
        "last_output_most_s": round(max(dead_s), 3),
        "last_byte_in_p50_s": round(percentile(last_in_s, 0.5), 3),
        "last_byte_in_p99_s": round(percentile(last_in_s, 0.99), 3),
        "last_byte_in_most_s": round(max(last_in_s), 3),
    }
