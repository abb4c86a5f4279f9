"""Wake-ups between processes without polling: each sleeper has a FIFO in a directory, and a bell writes a byte to all.

A byte stays in its FIFO until read, so a ring between "is there anything?" and "then I sleep" is not lost: make the
sleeper first, look, then wait. A sleeper's FIFO appears under its name only after it was opened for reading, so one that
cannot be opened for writing (ENXIO) belongs to a process that is gone, and the bell removes it. Ringing never blocks: a
FIFO that is full has been rung already. Nothing is promised about how often a sleeper wakes for one ring.
"""

import contextlib
import errno
import os
import secrets
import select
import time
from pathlib import Path

FIFO_BYTES = 65_536
"""Read at once to empty a FIFO. Source: pipe(7), default capacity of a pipe on Linux."""
ABANDONED_S = 60.0
"""Age in seconds after which a FIFO that never got its name is removed; making one takes microseconds. House rule."""


class Bell:
    """Wakes every sleeper of a directory, in any process."""

    def __init__(self, directory: Path) -> None:
        self._directory = str(directory)

    def ring(self) -> None:
        """Wake all sleepers; never blocks; costs one directory listing (about 5 us) when nobody listens."""
        try:
            names = os.listdir(self._directory)  # noqa: PTH208 - on the path of every publish; a Path per name costs 10x
        except FileNotFoundError:
            return
        for name in names:
            if not name.startswith("."):
                _ring_one(f"{self._directory}/{name}")


def _ring_one(path: str) -> None:
    """Write one byte to a FIFO, or remove it when nobody can ever read it."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
    except OSError as error:
        if error.errno == errno.ENXIO:
            with contextlib.suppress(FileNotFoundError):
                Path(path).unlink()
        elif error.errno != errno.ENOENT:
            raise
        return
    try:
        # EAGAIN: full, so already rung. EPIPE: it closed in between.
        with contextlib.suppress(BlockingIOError, BrokenPipeError):
            os.write(descriptor, b"!")
    finally:
        os.close(descriptor)


class Sleeper:
    """Sleeps until a bell of its directory rings; one per thread that waits."""

    def __init__(self, directory: Path) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_abandoned(directory)
        name = f"{os.getpid()}-{secrets.token_hex(6)}"
        hidden = directory / f".{name}"
        self._path = directory / name
        os.mkfifo(hidden, 0o600)
        # Read and write: with a writer of its own, a FIFO never reports "hung up" when a bell closes its end.
        self._descriptor = os.open(hidden, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
        hidden.rename(self._path)
        self._poll = select.poll()
        self._poll.register(self._descriptor, select.POLLIN)

    def wait(self, timeout_s: float) -> bool:
        """Sleep until rung since the last wait, or the time is over, and say whether it was rung."""
        if not self._poll.poll(max(0.0, timeout_s) * 1000):
            return False
        with contextlib.suppress(BlockingIOError):
            os.read(self._descriptor, FIFO_BYTES)
        return True

    def close(self) -> None:
        """Stop listening; calling it again does nothing."""
        if self._descriptor >= 0:
            self._path.unlink(missing_ok=True)
            os.close(self._descriptor)
            self._descriptor = -1


def _remove_abandoned(directory: Path) -> None:
    """Remove FIFOs whose maker died before naming them."""
    for path in directory.glob(".*"):
        with contextlib.suppress(FileNotFoundError):
            if time.time() - path.stat().st_mtime > ABANDONED_S:
                path.unlink()
