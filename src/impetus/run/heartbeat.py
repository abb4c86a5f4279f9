"""A child's heart: beats to the supervisor over an inherited pipe, and notices when it should stop.

The pipe is one-way, child to supervisor, one JSON line a beat. Its other end lives in the supervisor alone, so when the
supervisor dies, however it dies, the kernel tells every child at once: nobody is left running by itself. A child without
a pipe (started by hand, or in a test) has a heart that beats into nothing.
"""

import json
import os
import select
import signal
import threading
from dataclasses import dataclass
from types import FrameType

HEART_FD = "IMPETUS_HEART_FD"
"""Environment variable with the number of the inherited file descriptor."""
BACK_TO_GATE = 76
"""Exit code of a tool that the register no longer clears; its supervisor lets it stand at the gate again. EX_PROTOCOL."""
MAX_NOTE_CHARS = 200
"""Longest note of a beat; keeps a line below PIPE_BUF (4,096 bytes, POSIX.1), so that lines never mix."""
MOST_COUNTED = 2**53
"""Largest lag or loss believed: whole numbers beyond it are not exact in JSON (RFC 8259, section 6), nor ever true."""
LAST_MOMENTS_S = 4.0
"""Seconds a child may use to stop by itself after its supervisor died; then it ends hard. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Beat:
    """What one heartbeat says: readings or findings taken in per second, messages behind, messages lost, a remark.

    `blocked`: it waits at its gate, and the remark says for what.
    """

    rate_per_s: float = 0.0
    lag: int = 0
    dropped: int = 0
    note: str = ""
    blocked: bool = False


def encode_beat(beat: Beat) -> bytes:
    """Return the line that goes through the pipe."""
    words = {
        "rate_per_s": beat.rate_per_s,
        "lag": beat.lag,
        "dropped": beat.dropped,
        "note": beat.note[:MAX_NOTE_CHARS],
        "blocked": beat.blocked,
    }
    return json.dumps(words).encode("ascii") + b"\n"


def decode_beat(line: bytes) -> Beat | None:
    """Return the beat of a line, None when it is not one: a child that writes nonsense is not thereby alive.

    What the board's rows cannot hold is nonsense too, so that one child cannot keep the others off the board.
    """
    try:
        words = json.loads(line)
        beat = Beat(
            rate_per_s=float(words["rate_per_s"]),
            lag=int(words["lag"]),
            dropped=int(words["dropped"]),
            note=str(words["note"])[:MAX_NOTE_CHARS].encode("utf-8", "replace").decode("utf-8"),
            blocked=words.get("blocked", False) is True,
        )
    except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
        return None
    numbers = (beat.rate_per_s, beat.lag, beat.dropped)
    return beat if all(0 <= number <= MOST_COUNTED for number in numbers) else None


class Heart:
    """What a role is given to live by: `stopping` says when to stop, `beat` says that it is alive.

    Beat at least every two seconds. `stopping` is set by SIGTERM, by SIGINT and by the supervisor's death; a role that
    does not look at it is ended by force, from outside after two seconds or, without a supervisor, after four.
    """

    def __init__(self, fd: int | None = None) -> None:
        """Take the writing end of the pipe, None for a heart that beats into nothing."""
        self.stopping = threading.Event()
        self._fd = fd
        if fd is not None:
            os.set_blocking(fd, False)
            threading.Thread(target=self._watch_supervisor, name="supervisor-watch", daemon=True).start()

    def beat(
        self, rate_per_s: float = 0.0, lag: int = 0, dropped: int = 0, note: str = "", *, blocked: bool = False
    ) -> None:
        """Say that this child is alive; a beat that finds the pipe full is left out, since others are in it."""
        if self._fd is None:
            return
        try:
            os.write(
                self._fd, encode_beat(Beat(rate_per_s=rate_per_s, lag=lag, dropped=dropped, note=note, blocked=blocked))
            )
        except BlockingIOError:
            return
        except BrokenPipeError:
            self.stopping.set()

    def listen_to_signals(self) -> None:
        """Let SIGTERM and SIGINT set `stopping`; main thread only."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)

    def _stop(self, _number: int, _frame: FrameType | None) -> None:
        self.stopping.set()

    def _watch_supervisor(self) -> None:
        """Sleep until the reading end is gone, ask the role to stop, and make sure that it does."""
        if self._fd is None:
            return
        watch = select.poll()
        watch.register(self._fd, 0)
        watch.poll()
        self.stopping.set()
        threading.Event().wait(LAST_MOMENTS_S)
        os._exit(0)


def open_heart() -> Heart:
    """Return the heart of this process, connected when the supervisor left a pipe in the environment."""
    text = os.environ.pop(HEART_FD, "")
    heart = Heart(int(text) if text.isdigit() else None)
    heart.listen_to_signals()
    return heart
