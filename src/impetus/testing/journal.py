"""A journal in memory: what was written, in order."""

from collections.abc import Sequence

from impetus.core.errors import NotNow
from impetus.core.log_record import LogRecord


class MemoryJournal:
    """Port `Journal`; `records` is all that was written, `room` how many it takes in all, None for no bound."""

    def __init__(self, room: int | None = None) -> None:
        self.records: list[LogRecord] = []
        self.room = room

    def write(self, records: Sequence[LogRecord]) -> None:
        """Keep all of the records or none; `NotNow` when there is no room for them."""
        if self.room is not None and len(self.records) + len(records) > self.room:
            raise NotNow("the log is full", retry_after_s=1.0, value=len(records), limit=self.room)
        self.records.extend(records)
