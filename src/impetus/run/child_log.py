"""What a child writes to standard error, kept in a file that is rotated by size and by day, and bounded."""

import contextlib
import json
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

LIMIT_BYTES = 4 * 1024 * 1024
"""Size at which a log is set aside. House rule: a week of warnings, minutes of a runaway trace."""
KEPT = 2
"""Logs set aside and kept, so that a part never takes more than `LIMIT_BYTES * (KEPT + 1)`."""
SPAN_S = 86_400.0
"""Seconds a log covers at most, so that retention, which goes by when a log was last written, is late by a day at most."""
MAX_LINE_BYTES = 64 * 1024
"""Longest unfinished line remembered while looking for the last error."""


class ChildLog:
    """The log of one child: append what comes, remember the last error it spoke of.

    A full disk costs log lines, counted in `lost_bytes`, and never the part: display fails open.
    """

    def __init__(self, file: Path, *, limit_bytes: int = LIMIT_BYTES, now_s: Callable[[], float] = time.time) -> None:
        """Open `file` for appending, making its folder."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file, self._limit_bytes, self._now_s = file, limit_bytes, now_s
        self._written_bytes = file.stat().st_size if file.exists() else 0
        self._began_s = began_s(file) or now_s()
        self._unfinished = b""
        self.lost_bytes = 0
        self.last_error = ""

    def append(self, text: bytes) -> None:
        """Keep the bytes and look through their lines for an error."""
        try:
            is_old = self._written_bytes > 0 and self._now_s() - self._began_s > SPAN_S
            if is_old or self._written_bytes + len(text) > self._limit_bytes:
                self._rotate()
            if not self._file.exists():  # retention removed it: a new one begins
                self._written_bytes, self._began_s = 0, self._now_s()
            with self._file.open("ab") as log:
                log.write(text)
            self._written_bytes += len(text)
        except OSError:
            self.lost_bytes += len(text)
        *lines, rest = (self._unfinished + text).split(b"\n")
        self._unfinished = rest[-MAX_LINE_BYTES:]
        for line in lines:
            self.last_error = _error_of(line) or self.last_error

    def _rotate(self) -> None:
        """Set the log aside as `.1`, the one before as `.2`, and forget the oldest."""
        names = [self._file, *(self._file.with_suffix(f".log.{number}") for number in range(1, KEPT + 1))]
        for older, newer in zip(names[:0:-1], names[-2::-1], strict=True):
            with contextlib.suppress(FileNotFoundError):
                newer.replace(older)
        self._written_bytes, self._began_s = 0, self._now_s()


def began_s(file: Path) -> float | None:
    """Return when a log's first line was written, in seconds since 1970; its last change when that cannot be read."""
    try:
        with file.open("rb") as log:
            line = log.readline(MAX_LINE_BYTES)
        return datetime.fromisoformat(json.loads(line)["at"]).timestamp()
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError, RecursionError):
        return file.stat().st_mtime


def _error_of(line: bytes) -> str:
    """Return what an error line says, as text that can be stored, empty for any other line."""
    try:
        words = json.loads(line)
    except (ValueError, RecursionError):
        text = line.decode("utf-8", "replace").strip()
        return text[:200] if "Error" in text else ""
    is_error = isinstance(words, dict) and words.get("level") in ("error", "critical")
    return str(words.get("what", ""))[:200].encode("utf-8", "replace").decode("utf-8") if is_error else ""
