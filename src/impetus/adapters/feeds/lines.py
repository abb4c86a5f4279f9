"""Vehicles and journeys of one body, told by line: how many, how late in the middle, how late at worst, how fast.

A bus has a driver and a tram has passengers; where one of them is now is nobody's business here. What the detectors need is
whether a line runs as it does at this hour, and that is what is kept. The vehicles themselves leave this module as numbers.
"""

import math
from collections import Counter, defaultdict
from statistics import median
from typing import Final

from impetus.core.feed import FeedDraft, FeedThing, thing_of
from impetus.core.quantity import LINES

STALE_S: Final = 900
"""Seconds after which a vehicle that no longer speaks is not counted as on the line. House rule: two missed rounds of a slow feed."""
SANE_DELAY_S: Final = (-7200.0, 86_400.0)


class LineTally:
    """Counts by line, and writes what was counted into a draft."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in LINES if LINES[name].is_count}
        self._delays: defaultdict[str, list[float]] = defaultdict(list)
        self._speeds: defaultdict[str, list[float]] = defaultdict(list)
        self._names: dict[str, str] = {}

    def name(self, line: str, name: str) -> None:
        """Remember how people call a line."""
        if name:
            self._names.setdefault(line, name)

    def vehicle(self, line: str, *, delay_s: float | None = None, speed_mps: float | None = None) -> None:
        """Count a vehicle that is on the line now."""
        self._counts["vehicles"][line] += 1
        self._late(line, delay_s)
        if speed_mps is not None and math.isfinite(speed_mps) and speed_mps >= 0:
            self._speeds[line].append(speed_mps)

    def journey(self, line: str, *, delay_s: float | None = None, is_cancelled: bool = False) -> None:
        """Count a journey that is foretold; a cancelled one has no delay."""
        self._counts["journeys"][line] += 1
        self._counts["cancelled"][line] += is_cancelled
        self._late(line, None if is_cancelled else delay_s)

    def disruption(self, line: str) -> None:
        """Count a notice about the line."""
        self._counts["disruptions"][line] += 1

    def write(self, draft: FeedDraft, at_us: int) -> None:
        """Write every line's figures, all of one moment."""
        for name, lines in self._counts.items():
            for line, count in sorted(lines.items()):
                draft.add(self._thing(line), LINES[name], at_us, float(count))
        for line, delays in sorted(self._delays.items()):
            draft.add(self._thing(line), LINES["delay"], at_us, median(delays))
            draft.add(self._thing(line), LINES["delay_worst"], at_us, max(delays))
        for line, speeds in sorted(self._speeds.items()):
            draft.add(self._thing(line), LINES["vehicle_speed"], at_us, median(speeds))

    def _late(self, line: str, delay_s: float | None) -> None:
        if delay_s is not None and SANE_DELAY_S[0] <= delay_s <= SANE_DELAY_S[1]:
            self._delays[line].append(delay_s)

    def _thing(self, line: str) -> FeedThing:
        return thing_of(line, self._names.get(line, ""))
