"""Fault or event: what is wrong with a sample before anybody asks what is in the air.

Rules look at the instrument's own words first (flag, parts), then at what it cannot truthfully say (less than nothing, no air),
then at how it usually is: its flow, its liquid, its response, its habit of repeating itself. A sample with a fault raises no
alarm and teaches nothing.
"""

import math
from collections import deque
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np

from impetus.core.standing import FaultKind
from impetus.tools.bacteria.instrument import CONCENTRATION, Flag, Sample, Sampler

KEPT = 40
"""Samples that say how an instrument usually is."""
LEAST = 5
"""Fewest of them to say it."""
BLOCKED_BELOW, VOLUME_ABOVE = 0.7, 1.5
"""Share of the usual flow below which an inlet is blocked, and above which the meter is wrong. House rule."""
LIQUID = (0.5, 2.0)
"""Shares of the usual liquid outside of which the collector was filled wrongly. House rule."""
FULL = 0.995
"""Share of what a reader can say at all from which it is saturated."""
RESPONSE_STEP = 0.12
"""Least change of the response, on the log scale, that is a calibration and no noise. House rule."""
RESPONSE_DEVIATIONS = 6.0
ACCEPT_AFTER = 8
"""Samples with a new response after which it is the usual one."""
STUCK_CHANCE = 1e-7
"""Chance of so many equal samples in a row below which the reader is stuck: one sampler in a thousand years of days."""
STUCK_LEAST = 4


class Fault(StrEnum):
    """What can be wrong with a sample; the words go to maintenance."""

    NONE = ""
    MISSING = "missing"
    FLAGGED = "flagged"
    MAINTENANCE = "maintenance"
    DOUBTFUL = "doubtful"
    NEGATIVE = "negative"
    VOLUME = "volume"
    BLOCKED = "blocked"
    SATURATED = "saturated"
    STUCK = "stuck"
    CALIBRATION = "calibration"
    CARRY_OVER = "carry_over"


SET_ASIDE = frozenset({Fault.MAINTENANCE, Fault.DOUBTFUL})
"""No alarm comes of them, and no fault finding either: the instrument has said so itself."""
CODES = {
    Fault.MISSING: FaultKind.MISSING,
    Fault.FLAGGED: FaultKind.MISSING,
    Fault.MAINTENANCE: FaultKind.MISSING,
    Fault.DOUBTFUL: FaultKind.MISSING,
    Fault.NEGATIVE: FaultKind.SPIKE,
    Fault.VOLUME: FaultKind.UNIT,
    Fault.BLOCKED: FaultKind.DROPOUT,
    Fault.SATURATED: FaultKind.STUCK,
    Fault.STUCK: FaultKind.STUCK,
    Fault.CALIBRATION: FaultKind.DRIFT,
    Fault.CARRY_OVER: FaultKind.SPIKE,
}
"""The platform's word for each."""


@dataclass(slots=True, kw_only=True)
class Health:
    """How one instrument usually is; mutable, pickles."""

    flows: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    liquids: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    responses: deque[float] = field(default_factory=lambda: deque(maxlen=KEPT))
    odd_responses: int = 0
    values: deque[float] = field(default_factory=lambda: deque(maxlen=5 * KEPT))
    last: float = math.nan
    run: int = 0

    def look(self, sample: Sample, sampler: Sampler) -> Fault:
        """Return what is wrong with a sample, and learn how the instrument is where nothing is."""
        self._count_equal(sample.concentration)
        fault = _said(sample) or _impossible(sample) or _full(sample, sampler) or self._stuck(sample)
        fault = fault or self._unusual(sample) or self._response(sample)
        if not fault:
            _add(self.flows, sample.flow_m3_per_s)
            _add(self.liquids, sample.collector_ml)
            self.values.append(sample.concentration)
        return fault

    def _count_equal(self, value: float) -> None:
        self.run = self.run + 1 if value == self.last else 1
        self.last = value

    def _stuck(self, sample: Sample) -> Fault:
        """Say whether so many equal samples in a row are beyond chance, by how often this very value came before the row.

        Nothing, from the first sample on, is what clean air holds.
        """
        if self.run < STUCK_LEAST or sample.is_censored:
            return Fault.NONE
        past = list(self.values)
        for _ in range(self.run - 1):
            if not past or past[-1] != sample.concentration:
                break
            past.pop()
        if sample.concentration == 0 and len(past) < LEAST:
            return Fault.NONE
        often = (past.count(sample.concentration) + 1.0) / (len(past) + 2.0)
        return Fault.STUCK if (self.run - 1) * math.log(often) < math.log(STUCK_CHANCE) else Fault.NONE

    def _unusual(self, sample: Sample) -> Fault:
        flow, liquid = _usual(self.flows), _usual(self.liquids)
        if flow > 0 and sample.flow_m3_per_s < BLOCKED_BELOW * flow:
            return Fault.BLOCKED
        if flow > 0 and sample.flow_m3_per_s > VOLUME_ABOVE * flow:
            return Fault.VOLUME
        if liquid > 0 and not LIQUID[0] * liquid <= sample.collector_ml <= LIQUID[1] * liquid:
            return Fault.VOLUME if not math.isnan(sample.collector_ml) else Fault.NONE
        return Fault.NONE

    def _response(self, sample: Sample) -> Fault:
        """Say whether the reader makes more or less of the same signal than it used to."""
        if not sample.response > 0:
            return Fault.NONE
        now, past = math.log(sample.response), np.array(self.responses)
        if len(past) >= LEAST:
            middle = float(np.median(past))
            noise = 1.4826 * float(np.median(np.abs(past - middle)))
            if abs(now - middle) > max(RESPONSE_STEP, RESPONSE_DEVIATIONS * noise):
                self.odd_responses += 1
                if self.odd_responses < ACCEPT_AFTER:
                    return Fault.CALIBRATION
                self.responses.clear()
        self.odd_responses = 0
        self.responses.append(now)
        return Fault.NONE


def _said(sample: Sample) -> Fault:
    """Return what the instrument says of itself, and what it left out."""
    if sample.flag == Flag.MAINTENANCE:
        return Fault.MAINTENANCE
    if math.isnan(sample.concentration) or CONCENTRATION in sample.missing:
        return Fault.MISSING
    if sample.flag == Flag.BAD:
        return Fault.FLAGGED
    if sample.missing or sample.flag == Flag.DOUBTFUL or (sample.flag != Flag.GOOD and not math.isnan(sample.flag)):
        return Fault.DOUBTFUL
    return Fault.NONE


def _impossible(sample: Sample) -> Fault:
    """Return what no air can give."""
    if sample.concentration < 0 or sample.raw < 0:
        return Fault.NEGATIVE
    if math.isinf(sample.concentration) or math.isinf(sample.raw):
        return Fault.SATURATED
    if sample.volume_m3 <= 0 or sample.duration_s <= 0 or sample.collector_ml <= 0:
        return Fault.VOLUME
    return Fault.NONE


def _full(sample: Sample, sampler: Sampler) -> Fault:
    """Say whether the reader is at the end of what it can say."""
    raw = sampler.parts.get("raw_signal")
    at_end = sample.concentration >= FULL * sampler.stream.highest
    return Fault.SATURATED if at_end or (raw is not None and sample.raw >= FULL * raw.highest) else Fault.NONE


def _usual(past: deque[float]) -> float:
    return float(np.median(np.array(past))) if len(past) >= LEAST else math.nan


def _add(past: deque[float], value: float) -> None:
    if value > 0 and math.isfinite(value):
        past.append(value)
