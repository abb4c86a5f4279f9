"""The log of a child: one JSON object a line on standard error, which the supervisor keeps, rotated and bounded."""

import json
import logging
import logging.handlers
import sys
from datetime import UTC, datetime
from pathlib import Path

from impetus.run.child_log import SPAN_S, began_s


class JsonLines(logging.Formatter):
    """Format a record as one line of JSON: time (UTC), level, part, where, what, and the trace of an exception."""

    def __init__(self, part: str) -> None:
        """Remember which part of the platform speaks."""
        super().__init__()
        self._part = part

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        words = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "part": self._part,
            "where": record.name,
            "what": record.getMessage(),
        }
        if record.exc_info:
            words["trace"] = self.formatException(record.exc_info)
        return json.dumps(words, ensure_ascii=False)


class DailyFile(logging.handlers.RotatingFileHandler):
    """A log rotated by size and by day, that goes on in a new file when retention removed the old one."""

    def shouldRollover(self, record: logging.LogRecord) -> bool:  # noqa: N802 - the library's name
        """Say whether the record belongs into a new file."""
        path = Path(self.baseFilename)
        if not path.exists():
            if self.stream:
                self.stream.close()
            self.stream = self._open()
            return False
        began = began_s(path) if path.stat().st_size else None
        return bool(super().shouldRollover(record)) or (began is not None and record.created - began > SPAN_S)


def log_to_stderr(part: str, level: int = logging.INFO) -> None:
    """Send everything this process logs to standard error as JSON lines."""
    stream = logging.StreamHandler(sys.stderr)
    stream.setFormatter(JsonLines(part))
    logging.basicConfig(level=level, handlers=[stream], force=True)


def log_to_file(part: str, file: Path, *, limit_bytes: int) -> None:
    """Send everything this process logs to a file as JSON lines, rotated and bounded to three times the limit."""
    file.parent.mkdir(parents=True, exist_ok=True)
    keeper = DailyFile(file, maxBytes=limit_bytes, backupCount=2, encoding="utf-8")
    keeper.setFormatter(JsonLines(part))
    logging.basicConfig(level=logging.INFO, handlers=[keeper], force=True)
