"""The journal over the bus: a record is durable on the topic `log` before the act it speaks of goes on."""

from collections.abc import Sequence

from impetus.adapters.record_codec import encode_record
from impetus.core.ids import Offset
from impetus.core.log_record import LogRecord
from impetus.ports import Bus

LOG = "log"
"""Topic of the bus: one JSON object a log record (see `adapters/record_codec.py`)."""
KEEPER = "log"
"""Who holds the topic: the part that makes entries of records (see `desk/keep_log.py`)."""


class BusJournal:
    """Port `Journal` over a topic that whoever keeps the log holds.

    Until the keeper has come for the first time, the topic is held for it from the beginning: a record may wait for as
    long as it takes, and when there is no more room the answer is `NotNow`, never a record less.
    """

    def __init__(self, bus: Bus) -> None:
        self._bus, self._is_held = bus, False

    def write(self, records: Sequence[LogRecord]) -> None:
        """Publish all or none; `NotNow` when the bus or the disk is full: then what they speak of must not happen."""
        if not records:
            return
        if not self._is_held:
            if self._bus.held(LOG, KEEPER) is None:
                self._bus.hold(LOG, KEEPER, Offset(0))
            self._is_held = True
        self._bus.publish(LOG, [encode_record(record) for record in records])
