"""A clock that a test sets."""

from datetime import datetime, timedelta


class SettableClock:
    """Port `Clock` that stands still until moved."""

    def __init__(self, at: datetime) -> None:
        self._at = at
        self._monotonic_s = 0.0

    def now(self) -> datetime:
        """Return the time it was set to."""
        return self._at

    def monotonic_s(self) -> float:
        """Return the seconds it was moved forward in all."""
        return self._monotonic_s

    def advance(self, seconds: float) -> datetime:
        """Let seconds pass, at least 0, and return the new time."""
        self._at += timedelta(seconds=seconds)
        self._monotonic_s += max(0.0, seconds)
        return self._at

    def set(self, at: datetime) -> None:
        """Set the wall clock, forwards or backwards, as an administrator may; the monotonic clock only moves forwards."""
        self._monotonic_s += max(0.0, (at - self._at).total_seconds())
        self._at = at
