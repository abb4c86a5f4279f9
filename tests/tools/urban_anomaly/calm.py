"""A detector that knows one datastream well: 100 is expected, one robust deviation is 1, so that a test speaks in z."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from impetus.core.observation import US_PER_S, batch_of, from_us, to_us
from impetus.tools.urban_anomaly.config import Config
from impetus.tools.urban_anomaly.detect import Detector, Fault, Mark, Scored
from impetus.tools.urban_anomaly.score import NORMAL
from tools.urban_anomaly.street import START, catalogue

EXPECTED = 100.0
CADENCE_S = 60.0
LONG_AGO_US = to_us(START - timedelta(days=60))


def primed(detector: Detector, row: int = 1) -> None:
    """Give a datastream a long, steady past in which nothing was ever far out."""
    columns = detector.columns
    columns.cadence_s[row] = CADENCE_S
    columns.first_us[row], columns.last_us[row] = LONG_AGO_US, to_us(START) - int(CADENCE_S * US_PER_S)
    columns.last_value[row] = columns.recent[row] = columns.mean[row] = EXPECTED
    columns.profile[:, row], columns.visits[:, row] = EXPECTED, 100.0
    columns.scale[row] = 1 / NORMAL
    columns.scale_bin[:, row], columns.scale_visits[:, row] = 1 / NORMAL, 100.0
    columns.seen[row], columns.days[row], columns.readings[row] = 1e5, 50.0, 1e5
    columns.moves[row] = 1.0


class Calm:
    """One sensor, a minute between readings, and a detector that learns next to nothing while a test runs."""

    def __init__(self, **settings: Any) -> None:
        config = replace(Config(level_s=604_800, scale_s=2_592_000, memory_days=100), **settings)
        self.detector = Detector(config, catalogue(1))
        self.time_us = to_us(START)
        primed(self.detector)

    def feed(self, *zs: float) -> Scored:
        """Take readings so many deviations from what is expected, a minute apart, as one batch."""
        times = self.time_us + np.arange(len(zs), dtype=np.int64) * int(CADENCE_S * US_PER_S)
        self.time_us = int(times[-1]) + int(CADENCE_S * US_PER_S)
        values = EXPECTED + np.array(zs, dtype=np.float64)
        return self.detector.take(batch_of([1] * len(zs), times, values), at=from_us(self.time_us))

    def marks(self, *zs: float) -> list[Mark]:
        """Return what each of these readings starts or ends."""
        return [Mark(int(mark)) for mark in self.feed(*zs).mark]

    def faults(self, *zs: float) -> list[Fault]:
        """Return what each of these readings says of the instrument."""
        return [Fault(int(fault)) for fault in self.feed(*zs).fault]

    def wait(self, seconds: float) -> None:
        """Let time pass in silence."""
        self.time_us += int(seconds * US_PER_S)
