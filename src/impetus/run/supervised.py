"""One child process under supervision: started, listened to, judged, ended, started again.

A child is `waiting` (to be started at a time), `alive`, `ending` (told to stop, killed a little later) or `stopped`.
Silence, too much memory and an end nobody asked for are the three troubles; each ends in `waiting` with a longer delay.
A child that a person stopped is `halted`: its whole group of processes is killed at once, no trouble is told, and it waits
until the stop is lifted.
Reads no clock: the time is handed in.
"""

import contextlib
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import psutil

from impetus.core.board import PartState, PartStatus
from impetus.core.text import Phrase
from impetus.run.child_log import ChildLog
from impetus.run.heartbeat import BACK_TO_GATE, HEART_FD, Beat, decode_beat
from impetus.run.parts import Part
from impetus.run.restarts import Restarts

MIB = 1024 * 1024
READ_BYTES = 64 * 1024
KILLED_WITHIN_S = 0.2
"""Seconds to wait for a killed process before others are looked after; it is collected at a later look. House rule."""
LAST_READS = 64
"""Reads of a dead child's log, so that a process it left behind cannot keep its supervisor reading for ever."""


class Phase(StrEnum):
    """Where a child stands with its supervisor."""

    WAITING = "waiting"
    ALIVE = "alive"
    ENDING = "ending"
    STOPPED = "stopped"
    HALTED = "halted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One failure of a part: what to say, why, and whether it is told (the first of an episode, or the last straw)."""

    headline: Phrase
    why: Phrase
    episode: int
    is_first: bool
    is_failed: bool


class Child:
    """A part and its process."""

    def __init__(self, part: Part, home: Path, restarts: Restarts) -> None:
        """Prepare a child that starts as soon as it is judged."""
        self.part, self.restarts = part, restarts
        self.phase = Phase.STOPPED if part.fault else Phase.WAITING
        self.log = ChildLog(home / "log" / f"{part.id}.log")
        self.heart_fd: int | None = None
        self.log_fd: int | None = None
        self.beat: Beat | None = None
        self.memory_mib = 0.0
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._unread = b""
        self._due_s = self._started_s = self._seen_s = 0.0
        self._started_at: datetime | None = None
        self._seen_at: datetime | None = None
        self._trouble: tuple[Phrase, Phrase] | None = None
        self._halted_by = ""

    @property
    def pid(self) -> int | None:
        """Return the process id while there is a process."""
        return self._process.pid if self._process else None

    def start(self, at: datetime, now_s: float) -> None:
        """Start the process with a pipe for its heart and one for its log."""
        self.heart_fd, writing = os.pipe()
        os.set_blocking(self.heart_fd, False)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own interpreter and module, the role from the plan
                [
                    sys.executable,
                    "-m",
                    "impetus.run.child",
                    self.part.role,
                    "--home",
                    str(self._home),
                    *self.part.arguments,
                ],
                env={**os.environ, HEART_FD: str(writing)},
                pass_fds=(writing,),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        finally:
            os.close(writing)
        if self._process.stdout:
            self.log_fd = self._process.stdout.fileno()
            os.set_blocking(self.log_fd, False)
        self.phase, self.beat, self._unread, self._trouble = Phase.ALIVE, None, b"", None
        self._started_s = self._seen_s = now_s
        self._started_at, self.memory_mib = at, 0.0

    def is_running(self) -> bool:
        """Say whether there is a process that has not ended."""
        return self._process is not None and self._process.poll() is None

    def listen(self, at: datetime, now_s: float) -> None:
        """Take in the heartbeats that have arrived; a pipe the child closed is closed here too."""
        text = _read(self.heart_fd)
        if text is None:
            self._close_heart()
            return
        lines = (self._unread + text).split(b"\n")
        self._unread = lines.pop()[-READ_BYTES:]
        for line in lines:
            beat = decode_beat(line)
            if beat:
                self.beat, self._seen_s, self._seen_at = beat, now_s, at

    def keep_log(self) -> bool:
        """Take in what the child wrote to standard error; false when there is nothing more."""
        text = _read(self.log_fd)
        if text is None:
            self._close_log()
        elif text:
            self.log.append(text)
        return bool(text)

    def judge(self, now_s: float) -> Trouble | None:
        """Look at the child; end it when it must end, and return the trouble when it has ended."""
        if self._process is None:
            return None
        if self.phase is Phase.HALTED:
            self._kill_group()
            return None
        code = self._process.poll()
        if code == BACK_TO_GATE:
            self._return_to_gate(now_s)
            return None
        if code is not None:
            return self._bury(code, now_s)
        if self.phase is Phase.ENDING and now_s >= self._due_s:
            self._signal(signal.SIGKILL)
        elif self.phase is Phase.ALIVE:
            self._trouble = self._silence(now_s) or self._memory()
            if self._trouble:
                self.end(now_s)
        return None

    def is_due(self, now_s: float) -> bool:
        """Say whether it is time to start."""
        return self.phase is Phase.WAITING and now_s >= self._due_s

    def end(self, now_s: float) -> None:
        """Tell the process to stop; a later judgement kills it when it has not."""
        self.phase = Phase.ENDING
        self._due_s = now_s + self.restarts.pace.ending_s
        self._signal(signal.SIGTERM)

    def halt(self, note: str) -> bool:
        """Kill the child and all it started, now and without asking, close its pipes, and say whether it was running.

        A person's stop; works on a child that is deaf, spins or was itself halted by SIGSTOP. What cannot be collected yet
        (it waits for a disk) is collected by later judgements.
        """
        self._halted_by = note
        if self.phase is Phase.HALTED:
            return False
        self.phase, self.beat, self.memory_mib = Phase.HALTED, None, 0.0
        was_running = self.is_running()
        self._kill_group()
        return was_running

    def resume(self) -> None:
        """Let a halted child be started again; its failures before the stop are forgotten."""
        self.phase = Phase.STOPPED if self.part.fault else Phase.WAITING
        self._halted_by, self._trouble, self._due_s = "", None, 0.0
        self.restarts = Restarts(pace=self.restarts.pace, total=self.restarts.total, episode=self.restarts.episode)

    def finish(self) -> None:
        """Kill what is left, collect it, and give its pipes back."""
        self.phase = Phase.STOPPED
        if self._process:
            self._signal(signal.SIGKILL)
            self._process.wait()
            self._close()

    def fail_to_start(self, error: OSError, now_s: float) -> Trouble:
        """Count a start the machine refused."""
        self._close()
        self._trouble = (
            _ended(self.part.name),
            Phrase(template="it could not be started: {error}", values={"error": str(error)}),
        )
        return self._wait_again(now_s)

    def status(self) -> PartStatus:
        """Return the row of the board."""
        beat = self.beat or Beat()
        return PartStatus(
            part=self.part.id,
            state=self._state(),
            pid=self.pid,
            started_at=self._started_at,
            seen_at=self._seen_at,
            restarts=self.restarts.total,
            rate_per_s=beat.rate_per_s if self.phase is Phase.ALIVE else 0.0,
            lag=beat.lag,
            dropped=beat.dropped,
            memory_mib=round(self.memory_mib, 1),
            memory_limit_mib=self.part.limits.memory_mib,
            note=self._note(beat),
        )

    def _state(self) -> PartState:
        if self.phase is Phase.HALTED:
            return PartState.STOPPED
        if self.part.fault or (self.phase is not Phase.STOPPED and self.restarts.is_failed and not self.beat):
            return PartState.FAILED
        if self.phase is Phase.ALIVE:
            return state_alive(self.beat)
        if self.phase is Phase.ENDING:
            return PartState.SILENT
        if self.phase is Phase.STOPPED:
            return PartState.STOPPED
        return PartState.RESTARTING if self.restarts.total else PartState.STARTING

    def _note(self, beat: Beat) -> str:
        """Return the child's own remark while it lives, else why it does not."""
        if self.phase is Phase.HALTED:
            return self._halted_by[:200]
        if self.part.fault:
            return self.part.fault[:200]
        if self.phase is Phase.ALIVE and self.beat:
            return beat.note
        return self._trouble[1].say()[:200] if self._trouble else ""

    def _silence(self, now_s: float) -> tuple[Phrase, Phrase] | None:
        """Return what to say when nothing was heard for too long; the first beat may take longer."""
        limit_s = (
            self.part.limits.silence_s if self.beat else max(self.restarts.pace.starting_s, self.part.limits.silence_s)
        )
        if now_s - self._seen_s <= limit_s:
            return None
        why = Phrase(
            template="no heartbeat for {silent_s} s, limit {limit_s} s",
            values={"silent_s": round(now_s - self._seen_s), "limit_s": limit_s},
        )
        return Phrase(template="{part} stopped answering and was restarted", values={"part": self.part.name}), why

    def _memory(self) -> tuple[Phrase, Phrase] | None:
        """Measure, and return what to say when the child holds more than it may."""
        with contextlib.suppress(psutil.Error):
            self.memory_mib = psutil.Process(self.pid).memory_info().rss / MIB
        if self.memory_mib <= self.part.limits.memory_mib:
            return None
        why = Phrase(
            template="{used_mib} MiB in use, limit {limit_mib} MiB",
            values={"used_mib": round(self.memory_mib), "limit_mib": self.part.limits.memory_mib},
        )
        return Phrase(template="{part} used too much memory and was restarted", values={"part": self.part.name}), why

    def _bury(self, code: int, now_s: float) -> Trouble:
        """Take in the last words of a process that ended, and plan the next start."""
        for _ in range(LAST_READS):
            if not self.keep_log():
                break
        self._close()
        if self._trouble is None:
            said = self.log.last_error or "it said nothing"
            how = f"signal {_signal_name(-code)}" if code < 0 else f"exit code {code}"
            why = Phrase(template="{how}: {said}", values={"how": how, "said": said})
            self._trouble = _ended(self.part.name), why
        return self._wait_again(now_s)

    def _return_to_gate(self, now_s: float) -> None:
        """Start again soon, without a failure: the child left because the register no longer clears it."""
        self._close()
        self.phase, self.beat, self.memory_mib = Phase.WAITING, None, 0.0
        self._due_s = now_s + self.restarts.pace.first_s

    def _wait_again(self, now_s: float) -> Trouble:
        was_failed = self.restarts.is_failed
        self._due_s = now_s + self.restarts.fail(now_s, alive_s=now_s - self._started_s)
        self.phase, self.beat, self.memory_mib = Phase.WAITING, None, 0.0
        headline, why = self._trouble or (_ended(self.part.name), Phrase(template=""))
        return Trouble(
            headline=headline,
            why=why,
            episode=self.restarts.episode,
            is_first=self.restarts.begins_episode,
            is_failed=self.restarts.is_failed and not was_failed,
        )

    def _kill_group(self) -> None:
        """Kill the process, its group and its descendants, and collect it as soon as it is dead."""
        if self._process is None:
            return
        for number in _family(self._process.pid):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(number, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(KILLED_WITHIN_S)
            self._close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    def _close(self) -> None:
        """Give the pipes back and forget the process."""
        self._close_heart()
        self._close_log()
        self._process = None

    def _close_heart(self) -> None:
        if self.heart_fd is not None:
            os.close(self.heart_fd)
        self.heart_fd = None

    def _close_log(self) -> None:
        if self._process and self._process.stdout:
            self._process.stdout.close()
        self.log_fd = None


def _family(pid: int) -> list[int]:
    """Return the process and its descendants, those that left its group too."""
    with contextlib.suppress(psutil.Error):
        return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
    return [pid]


def _signal_name(number: int) -> str:
    """Return a signal's name, its number for one of the real-time signals that have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)


def state_alive(beat: Beat | None) -> PartState:
    """Return how a child that lives is: not heard yet, at its gate, or at work."""
    if beat is None:
        return PartState.STARTING
    return PartState.BLOCKED if beat.blocked else PartState.RUNNING


def _ended(name: str) -> Phrase:
    return Phrase(template="{part} ended unexpectedly and was restarted", values={"part": name})


def _read(descriptor: int | None) -> bytes | None:
    """Return what a pipe holds, empty for nothing yet, None when its other end is closed."""
    if descriptor is None:
        return b""
    try:
        return os.read(descriptor, READ_BYTES) or None
    except BlockingIOError:
        return b""
