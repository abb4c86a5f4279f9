"""The journal over the bus: a record is durable on the topic `log` before the act it speaks of goes on."""

from collections.abc import Sequence

from impetus.adapters.record_codec import encode_record
from impetus.core.log_record import LogRecord
from impetus.ports import Bus

LOG = "log"
"""Topic of the bus: one JSON object a log record (see `adapters/record_codec.py`)."""


class BusJournal:
    """Port `Journal` over a topic that whoever keeps the log holds."""

    def __init__(self, bus: Bus) -> None:
        self._bus = bus

    def write(self, records: Sequence[LogRecord]) -> None:
        """Publish all or none; `NotNow` when the bus or the disk is full."""
        if records:
            self._bus.publish(LOG, [encode_record(record) for record in records])
