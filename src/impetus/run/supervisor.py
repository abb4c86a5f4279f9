"""The supervisor: starts the parts, listens to their hearts, ends and restarts each alone, and says so.

One thread and one `select`; it wakes for heartbeats, logs, signals and four times a second to look at the clock. It does
no work of the platform itself and imports little, because everything else depends on its being there.
"""

import contextlib
import fcntl
import logging
import os
import select
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import FrameType

from impetus.core.board import PartState, PartStatus
from impetus.core.errors import Conflict
from impetus.core.finding import Certainty, Finding, Kind, Severity, Urgency
from impetus.core.ids import FindingKey, ToolId
from impetus.core.stop import Standing, Stop
from impetus.core.text import Phrase
from impetus.ports import Clock
from impetus.ports.stops import Stops
from impetus.run.board import Board, stopped
from impetus.run.parts import Part
from impetus.run.restarts import Pace, Restarts
from impetus.run.supervised import Child, Phase, Trouble
from impetus.wiring import open_stops

LOOK_EVERY_S = 0.25
HEAD_START_S = 8.0
"""Seconds the first part may take before the others start beside it. House rule: the page comes first."""
STOP_WITHIN_S = 2.5
CLOSE_WITHIN_S = 1.5
PLATFORM = ToolId("platform")
STAYING = frozenset({"web", "keeper", "log", "effects"})
"""Roles that no stop ends: people must see what is stopped, the log must go on, and what was set in the city must end."""
SIMULATED_CITY = "call:impetus.run.demo_city:"
"""The demonstration's city stands for what is outside: a stop of the platform does not switch the city's signs off."""

log = logging.getLogger(__name__)


@contextlib.contextmanager
def only_supervisor(home: Path) -> Iterator[None]:
    """Hold the home's lock; `Conflict` names the process that holds it."""
    directory = home / "lock"
    directory.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(directory / "supervisor", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        holder = os.pread(descriptor, 32, 0).decode("ascii", "replace")
        os.close(descriptor)
        raise Conflict(
            f"{home} is being served by process {holder}",
            value=str(home),
            limit="one supervisor a home",
            remedy="stop that one first, or choose another --home",
        ) from error
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, str(os.getpid()).encode("ascii"), 0)
    try:
        yield
    finally:
        os.close(descriptor)


class Supervisor:
    """Runs the parts of one home until told to stop. `on_row` is told of each part whose row reads differently."""

    def __init__(
        self,
        home: Path,
        parts: Sequence[Part],
        board: Board,
        clock: Clock,
        *,
        pace: Pace | None = None,
        on_row: Callable[[PartStatus], None] | None = None,
    ) -> None:
        """Prepare; nothing is started before `run`. The kill switch is the home's own: no caller can leave it out."""
        self._stops: Stops = open_stops(home)
        self._home, self._board, self._clock = home, board, clock
        self._pace = pace or Pace()
        self._children = [Child(part, home, Restarts(pace=self._pace)) for part in parts]
        self._on_row, self._said = on_row, dict[ToolId, tuple[PartState, str]]()
        self._stopping = threading.Event()
        self._wake_reading, self._wake_writing = os.pipe()
        self._began_s = self._reported_s = 0.0

    def stop(self) -> None:
        """Ask for the end; safe from any thread and from a signal."""
        self._stopping.set()
        os.write(self._wake_writing, b"x")

    def run(self) -> None:
        """Serve until `stop`; `Conflict` when the home has a supervisor already."""
        with only_supervisor(self._home), self._signals():
            self._began_s = self._clock.monotonic_s()
            self._mind_stops()
            self._board.show(child.status() for child in self._children)
            for child in self._children:
                if child.part.fault:
                    self._tell(child, _cannot_start(child))
            self._start_due()
            self._say_rows()
            self._board.start()
            try:
                while not self._stopping.is_set():
                    self._turn()
            finally:
                self._end_all()

    def _turn(self) -> None:
        """Listen, judge, start what is due, write the board."""
        self._listen(LOOK_EVERY_S)
        is_news = self._mind_stops()
        now_s = self._clock.monotonic_s()
        for child in self._children:
            trouble = child.judge(now_s)
            if trouble:
                self._tell(child, trouble)
                is_news = True
        is_news |= self._start_due()
        is_news |= self._say_rows()
        if is_news or now_s - self._reported_s >= self._pace.report_s:
            self._reported_s = now_s
            self._board.show(child.status() for child in self._children)

    def _mind_stops(self) -> bool:
        """Kill what a person stopped, let go on what a person lifted, and say whether there was any of it.

        Reads one small folder and nothing else, so that it works with state, bus and web down.
        """
        standing, is_news = self._stops.notice(at=self._clock.now()), False
        for child in self._children:
            found = stop_of(child.part, standing)
            if found is not None:
                is_news |= child.phase is not Phase.HALTED
                if child.halt(found.note()):
                    log.warning("%s: %s, killed", child.part.id, found.note())
            elif child.phase is Phase.HALTED:
                log.warning("%s: the stop was lifted, starting", child.part.id)
                child.resume()
                is_news = True
        return is_news

    def _say_rows(self) -> bool:
        """Tell whoever started us of rows that read differently; say whether a state did."""
        is_news = False
        for row in (child.status() for child in self._children):
            before, now = self._said.get(row.part), (row.state, row.note)
            if before != now:
                self._said[row.part] = now
                is_news |= before is None or before[0] is not row.state
                if self._on_row:
                    self._on_row(row)
        return is_news

    def _listen(self, timeout_s: float) -> None:
        """Take in whatever has arrived."""
        hearts = {child.heart_fd: child for child in self._children if child.heart_fd is not None}
        logs = {child.log_fd: child for child in self._children if child.log_fd is not None}
        ready, _, _ = select.select([self._wake_reading, *hearts, *logs], [], [], timeout_s)
        at, now_s = self._clock.now(), self._clock.monotonic_s()
        for descriptor in ready:
            if descriptor in hearts:
                hearts[descriptor].listen(at, now_s)
            elif descriptor in logs:
                logs[descriptor].keep_log()

    def _start_due(self) -> bool:
        """Start every child whose time has come; say whether there was one."""
        now_s = self._clock.monotonic_s()
        due = [child for child in self._children if child.is_due(now_s) and self._may_start(child, now_s)]
        for child in due:
            try:
                child.start(self._clock.now(), now_s)
            except OSError as error:
                self._tell(child, child.fail_to_start(error, now_s))
        return bool(due)

    def _may_start(self, child: Child, now_s: float) -> bool:
        """Say whether the first part has had its head start."""
        first = self._children[0]
        is_over = first.beat is not None or first.restarts.total > 0 or now_s - self._began_s > HEAD_START_S
        return child is first or is_over

    def _tell(self, child: Child, trouble: Trouble) -> None:
        """Log the trouble, and put it on the bus when people should know: once at its start, once when it stays."""
        log.warning("%s: %s (%s)", child.part.id, trouble.headline.say(), trouble.why.say())
        if not (trouble.is_first or trouble.is_failed):
            return
        self._board.tell(self._finding(child, trouble))

    def _finding(self, child: Child, trouble: Trouble) -> Finding:
        """Return what the platform says about its own part; the key is the episode's."""
        at = self._clock.now()
        severity = Severity.SEVERE if trouble.is_failed else Severity.MODERATE
        headline = Phrase(template="{part} keeps failing", values={"part": child.part.name})
        episode = f"{os.getpid()}-{round(self._began_s * 1000)}-{trouble.episode}"
        return Finding(
            key=FindingKey(f"platform:{child.part.id}:{episode}:{'failed' if trouble.is_failed else 'first'}"),
            tool=PLATFORM,
            kind=Kind.PLATFORM,
            subject=f"part:{child.part.id}",
            headline=headline if trouble.is_failed else trouble.headline,
            why=trouble.why,
            began=at,
            noticed=at,
            severity=severity,
            urgency=Urgency.EXPECTED,
            certainty=Certainty.OBSERVED,
            score=1.0,
        )

    def _end_all(self) -> None:
        """Stop the parts, those that send first and the page last, kill what does not stop, and close the board."""
        now_s = self._clock.monotonic_s()
        for child in reversed(self._children):
            if child.pid is not None and child.phase is not Phase.ENDING:
                child.end(now_s)
        deadline_s = now_s + STOP_WITHIN_S
        while any(child.is_running() for child in self._children) and self._clock.monotonic_s() < deadline_s:
            self._listen(0.05)
        for child in self._children:
            if child.is_running():
                log.warning("%s did not stop in %g s and is killed", child.part.id, STOP_WITHIN_S)
            child.finish()
        rows = [child.status() for child in self._children]
        self._board.show(stopped([row for row in rows if row.state is not PartState.FAILED], self._clock.now()))
        self._board.close(limit_s=CLOSE_WITHIN_S)

    @contextlib.contextmanager
    def _signals(self) -> Iterator[None]:
        """Let SIGTERM, SIGINT and SIGHUP stop, in the main thread; elsewhere whoever runs us calls `stop`."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        }
        try:
            yield
        finally:
            for number, action in before.items():
                signal.signal(number, action)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stop()


def stop_of(part: Part, standing: Standing) -> Stop | None:
    """Return what stops a part: nothing ends the page and the keeper, everything else has its own stop or the site's."""
    is_spared = part.role in STAYING or part.role.startswith(SIMULATED_CITY)
    return None if is_spared else standing.of_tool(part.id)


def _cannot_start(child: Child) -> Trouble:
    return Trouble(
        headline=Phrase(template="{part} cannot be started", values={"part": child.part.name}),
        why=Phrase(template="{fault}", values={"fault": child.part.fault}),
        episode=0,
        is_first=True,
        is_failed=False,
    )
