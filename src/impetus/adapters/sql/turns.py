"""One writer at a time, in turn: threads by a lock, processes by two file locks.

SQLite alone lets a waiting process sleep longer and longer, up to 0.1 s, and whoever asks at the right moment wins: beside two
busy writers, a third waited seconds. Here who wants to write takes the place at the head of the queue (one lock), waits for the
turn (another), and only then gives its place up. Who has just written must queue again, so the one at the head is next for
sure. The kernel frees both locks of a process that dies. The looks at a lock are a millisecond apart, and only while
somebody else holds it; neither of the two kinds of file locks can be waited for with a limit.
"""

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from impetus.adapters.sql.engine import BUSY_TIMEOUT_S
from impetus.core.errors import NotNow

LOOK_EVERY_S = 0.001
"""Seconds between two looks at a lock another process holds: a third of an ordinary transaction. Measured."""


class Turns:
    """Turns among all who write to one database; `file` is None when no other process can reach it."""

    def __init__(self, file: Path | None) -> None:
        self._within = threading.Lock()
        self._between = [] if file is None else [_open(file, "queue"), _open(file, "turn")]

    @contextlib.contextmanager
    def own(self) -> Iterator[None]:
        """Hold the turn; `NotNow` when it does not come within `BUSY_TIMEOUT_S`."""
        until = time.monotonic() + BUSY_TIMEOUT_S
        if not self._within.acquire(timeout=BUSY_TIMEOUT_S):
            raise _too_long()
        try:
            with self._between_processes(until):
                yield
        finally:
            self._within.release()

    def close(self) -> None:
        """Give the lock files back; calling it again does nothing."""
        while self._between:
            os.close(self._between.pop())

    @contextlib.contextmanager
    def _between_processes(self, until: float) -> Iterator[None]:
        if not self._between:
            yield
            return
        queue, turn = self._between
        with _locked(queue, until):
            _lock(turn, until)
        try:
            yield
        finally:
            fcntl.flock(turn, fcntl.LOCK_UN)


@contextlib.contextmanager
def _locked(descriptor: int, until: float) -> Iterator[None]:
    _lock(descriptor, until)
    try:
        yield
    finally:
        fcntl.flock(descriptor, fcntl.LOCK_UN)


def _lock(descriptor: int, until: float) -> None:
    """Take a file lock before the time `until` of the monotonic clock, or raise `NotNow`."""
    while True:
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        if time.monotonic() >= until:
            raise _too_long()
        time.sleep(LOOK_EVERY_S)


def _open(file: Path, name: str) -> int:
    return os.open(f"{file}-{name}", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)


def _too_long() -> NotNow:
    return NotNow("others are writing to the database", limit=f"{BUSY_TIMEOUT_S:g} s", retry_after_s=1.0)
