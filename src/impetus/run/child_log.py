"""What a child writes to standard error, kept in a file that is rotated and bounded."""

import contextlib
import json
from pathlib import Path

LIMIT_BYTES = 4 * 1024 * 1024
"""Size at which a log is set aside. House rule: a week of warnings, minutes of a runaway trace."""
KEPT = 2
"""Logs set aside and kept, so that a part never takes more than `LIMIT_BYTES * (KEPT + 1)`."""
MAX_LINE_BYTES = 64 * 1024
"""Longest unfinished line remembered while looking for the last error."""


class ChildLog:
    """The log of one child: append what comes, remember the last error it spoke of.

    A full disk costs log lines, counted in `lost_bytes`, and never the part: display fails open.
    """

    def __init__(self, file: Path, *, limit_bytes: int = LIMIT_BYTES) -> None:
        """Open `file` for appending, making its folder."""
        file.parent.mkdir(parents=True, exist_ok=True)
        self._file, self._limit_bytes = file, limit_bytes
        self._written_bytes = file.stat().st_size if file.exists() else 0
        self._unfinished = b""
        self.lost_bytes = 0
        self.last_error = ""

    def append(self, text: bytes) -> None:
        """Keep the bytes and look through their lines for an error."""
        try:
            if self._written_bytes + len(text) > self._limit_bytes:
                self._rotate()
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
        self._written_bytes = 0


def _error_of(line: bytes) -> str:
    """Return what an error line says, as text that can be stored, empty for any other line."""
    try:
        words = json.loads(line)
    except (ValueError, RecursionError):
        text = line.decode("utf-8", "replace").strip()
        return text[:200] if "Error" in text else ""
    is_error = isinstance(words, dict) and words.get("level") in ("error", "critical")
    return str(words.get("what", ""))[:200].encode("utf-8", "replace").decode("utf-8") if is_error else ""
