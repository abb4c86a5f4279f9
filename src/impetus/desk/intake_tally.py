"""What ingest counts and quarantines between two visits to the store: one visit about a second, not one a batch."""

import threading
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from impetus.core.admission import Codes
from impetus.core.board import Quarantined, Rule
from impetus.core.errors import NotNow
from impetus.core.ids import SourceId
from impetus.desk.parcel import Parcel, Refusal
from impetus.desk.refused_records import Ground, RefusedRecords, explain_refused
from impetus.ports import Store

MAX_WAITING_RECORDS: Final = 2000
"""Refused records that wait while the store is away; beyond it the oldest go and are counted. House rule."""


class IntakeTally:
    """Counters, last words and refused records of every source since the last `write`; any thread may use it."""

    def __init__(self) -> None:
        """Start with nothing counted."""
        self._lock = threading.Lock()
        self._counts: dict[SourceId, Counter[Rule]] = {}
        self._spoke: dict[SourceId, datetime] = {}
        self._refused = RefusedRecords()

    @property
    def not_kept(self) -> int:
        """Return how many refused records were counted only, since the start."""
        return self._refused.not_kept

    def count(self, source: SourceId, counts: Mapping[Rule, int], at: datetime) -> None:
        """Count readings of a source, and note that it spoke."""
        with self._lock:
            self._counts.setdefault(source, Counter()).update(counts)
            self._spoke[source] = at

    def keep(self, source: SourceId, rule: Rule, detail: str, record: bytes, at: datetime) -> bool:
        """Count one record that is no columns, and say whether it goes to the quarantine."""
        self.count(source, {rule: 1}, at)
        with self._lock:
            return self._refused.keep(source, at, [(rule, detail, record)]) == 1

    def explain(
        self, ground: Ground, source: SourceId, parcel: Parcel, codes: Codes
    ) -> tuple[tuple[Refusal, ...], int]:
        """Explain the first refused rows of a parcel and keep what may be kept; return both with its number."""
        with self._lock:
            return explain_refused(ground, source, parcel, codes, self._refused)

    def write(self, store: Store) -> None:
        """Write everything to the store; what it cannot take now is kept, bounded, and `NotNow` goes on."""
        with self._lock:
            counts, self._counts = self._counts, {}
            spoke, self._spoke = self._spoke, {}
            records = self._refused.empty()
        if not counts and not records:
            return
        try:
            with store.write() as unit:
                for source, numbers in counts.items():
                    unit.sources.count(source, numbers, spoke[source])
                if records:
                    unit.sources.quarantine(records)
        except NotNow:
            self._put_back(counts, spoke, records)
            raise

    def _put_back(
        self,
        counts: Mapping[SourceId, Counter[Rule]],
        spoke: Mapping[SourceId, datetime],
        records: Sequence[Quarantined],
    ) -> None:
        with self._lock:
            for source, numbers in counts.items():
                self._counts.setdefault(source, Counter()).update(numbers)
                self._spoke.setdefault(source, spoke[source])
            waiting = [*records, *self._refused.waiting]
            self._refused.not_kept += max(0, len(waiting) - MAX_WAITING_RECORDS)
            self._refused.waiting = waiting[-MAX_WAITING_RECORDS:]
