"""A journal in memory: what was written, in order."""

from collections.abc import Sequence

from impetus.core.log_record import LogRecord


class MemoryJournal:
    """Port `Journal`; `records` is all that was written."""

    def __init__(self) -> None:
        self.records: list[LogRecord] = []

    def write(self, records: Sequence[LogRecord]) -> None:
        """Keep the records."""
        self.records.extend(records)
