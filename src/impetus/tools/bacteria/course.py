"""One sampler's past and what is expected of its next sample. Mutable, pickles, bounded.

Past samples are kept up to `ROWS`; when more come, a sample is kept with a chance that halves each time the store is full,
drawn from its own time so that a replay keeps the same, and so that no hour of the day is preferred.
"""

import math
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
from scipy import special

from impetus.core.observation import Float64s, Int64s, from_us
from impetus.tools.bacteria.charts import Charts
from impetus.tools.bacteria.conformal import Calibration
from impetus.tools.bacteria.memory import Memory
from impetus.tools.bacteria.regression import (
    DAY_US,
    LARGEST_ETA,
    Baseline,
    Fit,
    design,
    fit,
    gamma_score,
    quantile,
    tail,
    variance,
)

ROWS = 1_600
"""Past samples kept a sampler: four years of daily ones."""
POINTS = 96
"""Samples kept for the plot that explains a finding; what fits a screen's width at a glance. House rule."""
REFIT_DAYS = 7.0
FIRST_FIT, REFIT_GROWTH, REFIT_SHARE = 4, 0.1, 0.02
"""The expectation is first fitted to four samples, then to each tenth more; later each week, or fiftieth of what was seen."""
SURELY = 8.0
"""Normal scores beyond which no difference is made."""
SPACING_RATE = 0.05
WHOLE, WHOLE_SHARE = 0.02, 0.002
"""How near to whole numbers what the liquid held must lie to be counts, absolutely and as a share of it."""
COVERAGE = 0.90
MIX, TWO_POW_64 = 0x9E3779B97F4A7C15, 1 << 64
"""Fibonacci hashing's multiplier. **Source**: Knuth, The Art of Computer Programming 3, section 6.4."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expectation:
    """What is expected of one sample: mean, variance, the normal score of the load, and where the weather puts it."""

    mean: float
    spread: float
    weather: float
    deviation: float
    low: float
    high: float

    def centre(self) -> float:
        """Return the load expected with today's weather."""
        return quantile(_above(self.weather), self.mean, self.spread)


@dataclass(slots=True, kw_only=True, eq=False)
class Course:
    """The past of one sampler; `local_us` and the other columns have `count` valid rows, oldest first."""

    zone: tzinfo
    local_us: Int64s = field(default_factory=lambda: np.zeros(ROWS, dtype=np.int64))
    load: Float64s = field(default_factory=lambda: np.zeros(ROWS))
    limit: Float64s = field(default_factory=lambda: np.zeros(ROWS))
    exposure: Float64s = field(default_factory=lambda: np.ones(ROWS))
    count: int = 0
    seen: int = 0
    halvings: int = 0
    fitted: Fit | None = None
    fitted_at: tuple[int, int] = (0, 0)
    last_us: int = -1
    first_us: int = -1
    spacing_us: float = 0.0
    volume: float = math.nan
    is_whole: bool = True
    memory: Memory = field(default_factory=Memory)
    calibration: Calibration = field(default_factory=Calibration)
    charts: Charts = field(default_factory=Charts)

    def steps(self, time_us: int) -> float:
        """Return how many usual spacings a time lies after the last sample, 1 when unknown."""
        if self.last_us < 0 or self.spacing_us <= 0:
            return 1.0
        return max((time_us - self.last_us) / self.spacing_us, 0.01)

    def expect(self, time_us: int, volume_m3: float) -> Expectation | None:
        """Return what is expected of a sample, None before anything was fitted."""
        if self.fitted is None:
            return None
        waves = design(np.array([self._local(time_us)]), self.fitted.terms)[0]
        eta = float(waves @ self.fitted.beta)
        doubt = float(waves @ self.fitted.cov @ waves)
        mean = math.exp(min(max(eta, -LARGEST_ETA), LARGEST_ETA))
        exposure = np.array([self._exposure(volume_m3)])
        spread = float(variance(np.array([mean]), self.fitted.a, self.fitted.b, exposure)[0]) + mean**2 * doubt
        weather, deviation = self.memory.expect(self.steps(time_us))
        reach = deviation * float(special.ndtri(0.5 + COVERAGE / 2))
        return Expectation(
            mean=mean,
            spread=spread,
            weather=weather,
            deviation=deviation,
            low=quantile(_above(weather - reach), mean, spread),
            high=quantile(_above(weather + reach), mean, spread),
        )

    def normal(self, load: float, expected: Expectation, volume_m3: float = math.nan) -> float:
        """Return the normal score of a load under its season alone; beyond what doubles can say, by Wilson and Hilferty."""
        above = tail(load, expected.mean, expected.spread, step=self._step(volume_m3))
        if above > 1e-12:  # noqa: PLR2004 - there the normal quantile is still exact
            return float(max(-special.ndtri(above), -SURELY))
        far = gamma_score(np.array([load]), np.array([expected.mean]), np.array([expected.spread]))
        return float(np.clip(far[0], 7.0, 1e3))

    def learn(self, time_us: int, load: float, limit: float, volume_m3: float) -> None:
        """Keep a sample, and fit again when it is time."""
        exposure = self._exposure(volume_m3)
        if volume_m3 > 0:
            self.volume = volume_m3 if math.isnan(self.volume) else self.volume + 0.05 * (volume_m3 - self.volume)
        held = load * (volume_m3 if volume_m3 > 0 else 1.0)
        if limit <= 0 or load > limit:
            self.is_whole = self.is_whole and abs(held - round(held)) <= max(WHOLE, WHOLE_SHARE * held)
        if self.last_us >= 0:
            gap = time_us - self.last_us
            rate = max(SPACING_RATE, 1.0 / self.seen)
            bound = gap if self.spacing_us <= 0 else min(gap, 3.0 * self.spacing_us)
            self.spacing_us += rate * (bound - self.spacing_us)
        else:
            self.first_us = time_us
        self.last_us = time_us
        self.seen += 1
        self._keep(time_us, load, limit, exposure)
        if self._is_time_to_fit(time_us):
            self._fit(time_us)

    def _is_time_to_fit(self, time_us: int) -> bool:
        at, size = self.fitted_at
        waits_us = max(REFIT_DAYS * DAY_US, REFIT_SHARE * (time_us - self.first_us))
        grown = self.seen - size
        return self.seen >= FIRST_FIT and (grown >= REFIT_GROWTH * size or (time_us - at >= waits_us and grown >= 1))

    def _fit(self, time_us: int) -> None:
        before = self.fitted.terms if self.fitted is not None else None
        rows = slice(0, self.count)
        self.fitted = fit(
            Baseline(
                local_us=self.local_us[rows],
                load=self.load[rows],
                limit=self.limit[rows],
                exposure=self.exposure[rows],
            )
        )
        self.fitted_at = (time_us, self.seen)
        if before is not None and before != self.fitted.terms:
            self._relive()

    def _relive(self) -> None:
        """Judge the past again once more is known of seasons, so that what was season before is not taken for weather."""
        assert self.fitted is not None  # noqa: S101 - called right after a fit
        rows = slice(0, self.count)
        eta = np.clip(design(self.local_us[rows], self.fitted.terms) @ self.fitted.beta, -LARGEST_ETA, LARGEST_ETA)
        mean = np.exp(eta)
        spread = variance(mean, self.fitted.a, self.fitted.b, self.exposure[rows])
        normal = np.clip(gamma_score(self.load[rows], mean, spread), -SURELY, 1e3)
        gaps = np.diff(self.local_us[rows], prepend=self.local_us[0]) / max(self.spacing_us, 1.0)
        self.memory, scores = Memory(), []
        for score, steps in zip(normal.tolist(), np.maximum(gaps, 0.01).tolist(), strict=True):
            weather, deviation = self.memory.expect(steps)
            scores.append(surprise((score - weather) / deviation))
            self.memory.learn(score, steps)
        self.calibration.relive(scores)

    def _keep(self, time_us: int, load: float, limit: float, exposure: float) -> None:
        if self.halvings and (time_us // 1000 * MIX % TWO_POW_64) >> (64 - self.halvings):
            return
        if self.count == ROWS:
            self._thin()
        row = self.count
        self.local_us[row] = self._local(time_us)
        self.load[row], self.limit[row], self.exposure[row] = load, limit, exposure
        self.count += 1

    def _thin(self) -> None:
        """Let every other of the older half go, so that what is recent stays dense."""
        self.halvings = min(self.halvings + 1, 20)
        kept = np.concatenate((np.arange(0, ROWS // 2, 2), np.arange(ROWS // 2, ROWS)))
        for column in (self.local_us, self.load, self.limit, self.exposure):
            column[: len(kept)] = column[kept]
        self.count = len(kept)

    def forget(self, before_us: int) -> None:
        """Let samples from before a time go, but for the newest that a fit needs."""
        past = self.local_us[: self.count]
        if self.count <= FIRST_FIT or past[0] >= before_us:
            return
        kept = np.flatnonzero((past >= before_us) | (np.arange(self.count) >= self.count - FIRST_FIT))
        if len(kept) < self.count:
            for column in (self.local_us, self.load, self.limit, self.exposure):
                column[: len(kept)] = column[kept]
            self.count = len(kept)

    def _step(self, volume_m3: float) -> float:
        """Return what one count adds to a load, 0 where loads are no counts."""
        return (1.0 / volume_m3 if volume_m3 > 0 else 1.0) if self.is_whole else 0.0

    def _exposure(self, volume_m3: float) -> float:
        if not volume_m3 > 0 or math.isnan(self.volume):
            return 1.0
        return min(max(volume_m3 / self.volume, 0.05), 20.0)

    def _local(self, time_us: int) -> int:
        offset = from_us(time_us).astimezone(self.zone).utcoffset()
        return time_us + (round(offset.total_seconds()) * 1_000_000 if offset else 0)


def surprise(normal: float) -> float:
    """Return -ln of the chance of a normal score this high or higher.

    >>> round(surprise(0.0), 3), round(surprise(5.0), 1)
    (0.693, 15.1)
    """
    return -float(special.log_ndtr(-normal))


def _above(normal: float) -> float:
    """Return the chance of more than a normal score."""
    return float(special.ndtr(-normal))
