"""The rules of ingest, row by row: slow, plain, and what `impetus.core.admission` is held against."""

import math
from collections import deque
from dataclasses import dataclass, field

from impetus.core.admission import NEVER, NO_TIME, RING, TAKEN, Limits
from impetus.core.board import Rule
from impetus.core.observation import Batch, Catalogue, Datastream


@dataclass(slots=True)
class Remembered:
    """What the reference keeps of one datastream."""

    newest_us: int = NEVER
    ring: deque[tuple[int, float]] = field(default_factory=lambda: deque(maxlen=RING))


class RowByRow:
    """The reference: judges one reading after the other."""

    def __init__(self, catalogue: Catalogue, limits: Limits) -> None:
        self.catalogue = catalogue
        self.limits = limits
        self.memory: dict[int, Remembered] = {number: Remembered() for number in catalogue.datastreams}

    def admit(self, batch: Batch, at_us: int, source: str) -> list[Rule]:
        """Return the rule of each row and remember what was taken."""
        before = {number: list(known.ring) for number, known in self.memory.items()}
        here: dict[int, list[tuple[int, float]]] = {number: [] for number in self.memory}
        rules = []
        rows = zip(batch.datastream.tolist(), batch.time_us.tolist(), batch.result.tolist(), strict=True)
        for number, time_us, result in rows:
            rule = self._alone(number, time_us, result, at_us, source)
            if rule is Rule.ACCEPTED:
                rule = self._in_order(number, time_us, result, before[number] + here[number])
            if rule in TAKEN:
                known = self.memory[number]
                known.newest_us = max(known.newest_us, time_us)
                known.ring.append((time_us, result))
                here[number].append((time_us, result))
            rules.append(rule)
        return rules

    def _alone(self, number: int, time_us: int, result: float, at_us: int, source: str) -> Rule:
        datastream = self.catalogue.datastreams.get(number)
        if time_us == NO_TIME:
            return Rule.MALFORMED
        if datastream is None or datastream.source != source:
            return Rule.UNDECLARED
        return self._value(datastream, time_us, result, at_us)

    def _value(self, datastream: Datastream, time_us: int, result: float, at_us: int) -> Rule:
        kept_us = self.limits.retention_us.get(datastream.retention, self.limits.default_retention_us)
        if math.isinf(result) or result < datastream.lowest or result > datastream.highest:
            return Rule.OUT_OF_RANGE
        if time_us > at_us + self.limits.future_us:
            return Rule.FUTURE
        return Rule.EXPIRED if time_us < at_us - kept_us else Rule.ACCEPTED

    def _in_order(self, number: int, time_us: int, result: float, known: list[tuple[int, float]]) -> Rule:
        for held_us, held in known:
            if held_us == time_us:
                same = held == result or (math.isnan(held) and math.isnan(result))
                return Rule.DUPLICATE if same else Rule.CONFLICT
        newest_us = self.memory[number].newest_us
        if time_us < newest_us - self.limits.late_us:
            return Rule.LATE
        if math.isnan(result):
            return Rule.MISSING
        return Rule.OUT_OF_ORDER if time_us < newest_us else Rule.ACCEPTED
