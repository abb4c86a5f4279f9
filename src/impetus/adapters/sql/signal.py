"""Telling waiters that the outbox grew: over FIFOs between processes, or a condition within one."""

import threading
import time
from pathlib import Path
from typing import Protocol

from impetus.adapters.wake import Bell, Sleeper


class Waiter(Protocol):
    """Sleeps until rung; a ring since it was made is not lost."""

    def wait(self, timeout_s: float) -> bool:
        """Sleep until rung or the time is over, and say whether it was rung."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Signal(Protocol):
    """Rings every waiter."""

    def ring(self) -> None:
        """Wake all waiters; never blocks."""
        ...

    def waiter(self) -> Waiter:
        """Return a new waiter, listening from now on."""
        ...


class BetweenProcesses:
    """FIFOs in a directory."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._bell = Bell(directory)

    def ring(self) -> None:
        """Wake all waiters of all processes."""
        self._bell.ring()

    def waiter(self) -> Waiter:
        """Return a sleeper with a FIFO of its own."""
        return Sleeper(self._directory)


class WithinProcess:
    """A condition and a count of rings, for a store that no other process can see."""

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.rings = 0

    def ring(self) -> None:
        """Wake all waiters of this process."""
        with self.changed:
            self.rings += 1
            self.changed.notify_all()

    def waiter(self) -> Waiter:
        """Return a waiter that remembers how often it had rung."""
        return _Listener(self)


class _Listener:
    """One waiter of `WithinProcess`."""

    def __init__(self, signal: WithinProcess) -> None:
        self._signal = signal
        self._heard = signal.rings

    def wait(self, timeout_s: float) -> bool:
        """Sleep until the count of rings passes the one heard last."""
        until = time.monotonic() + timeout_s
        with self._signal.changed:
            while self._signal.rings == self._heard:
                left = until - time.monotonic()
                if left <= 0 or not self._signal.changed.wait(left):
                    return self._signal.rings != self._heard and self._hear()
            return self._hear()

    def close(self) -> None:
        """Do nothing: there is nothing to give back."""

    def _hear(self) -> bool:
        self._heard = self._signal.rings
        return True
