"""The machine's clock."""

import time
from datetime import UTC, datetime


class SystemClock:
    """Port `Clock` over the operating system."""

    def now(self) -> datetime:
        """Return the aware UTC time."""
        return datetime.now(UTC)

    def monotonic_s(self) -> float:
        """Return seconds that never go back; only differences mean anything."""
        return time.monotonic()
