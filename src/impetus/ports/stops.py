"""Protocol of the kill switch's memory: it must work when the state, the bus and the web do not."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from impetus.core.log_record import LogRecord
from impetus.core.stop import Standing, Stop, Target


class Stops(Protocol):
    """Stops, durable, shared by processes, and standing through restarts. Nothing here needs state or bus."""

    def standing(self) -> Standing:
        """Return every stop in force; never raises: when nobody can tell, everything is stopped, and it says why."""
        ...

    def all(self) -> Sequence[Stop]:
        """Return the stops in force and those lifted last, newest first."""
        ...

    def stop(self, target: Target, *, by: str, at: datetime, why: str = "") -> Stop:
        """Stop: holds at once for every process, then durably; `NotNow` only when not even an empty file can be made."""
        ...

    def explain(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """Give the reason of a stop; `Conflict` when there is none in force, `NotNow` when it cannot be kept."""
        ...

    def lift(self, target: Target, *, by: str, at: datetime, why: str) -> Stop:
        """End a stop, durably; `Conflict` when there is none in force. Half done by a crash, it still stands."""
        ...

    def notice(self, *, at: datetime) -> Standing:
        """As `standing`, and keep what people did by hand: a touched file gets its record, a removed one keeps it."""
        ...

    def keep(self, record: LogRecord) -> None:
        """Keep a line for the log until it can be written there; never raises."""
        ...

    def kept(self) -> Sequence[tuple[str, LogRecord]]:
        """Return the lines that wait for the log, oldest first, each under its name."""
        ...

    def forget(self, name: str) -> None:
        """Drop a line that is in the log now."""
        ...
