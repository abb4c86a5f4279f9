"""The idea: what is expected of a sample here and now, how rare it is to lie so far above it, and whether that is a fault.

Each sampler has its own course: seasons by regression (`regression.py`), weather by what the last samples say (`memory.py`),
its instrument's habits (`faults.py`), and a record of how often its model was this surprised (`conformal.py`), which turns
surprise into a chance that holds. Samples come in whole and in order of time; a late one is counted and left out. Nothing here
knows the clock.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum

from impetus.core.ids import ThingKey
from impetus.core.observation import Catalogue
from impetus.tools.bacteria.config import Config
from impetus.tools.bacteria.conformal import Tail, pooled
from impetus.tools.bacteria.course import Course, Expectation, surprise
from impetus.tools.bacteria.faults import Fault, Health
from impetus.tools.bacteria.instrument import Sample, Sampler, samplers_of

MONTH_DAYS = 30.44
DAY_US = 86_400_000_000
MOST_WATCH = 0.05
"""Largest chance of a single sample that may raise a watch, however rarely is sampled."""
POOL_EVERY = 64
"""Judged samples, of all samplers, after which the common tail is reckoned again."""


class Level(IntEnum):
    """What a sample is worth."""

    NOTHING = 0
    WATCH = 1
    ALARM = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One sample judged. `chance` 0..1 (NaN unjudged) of one so high where nothing happens; band of `course.COVERAGE`."""

    sample: Sample
    fault: Fault = Fault.NONE
    chance: float = math.nan
    normal: float = math.nan
    expected: float = math.nan
    low: float = math.nan
    high: float = math.nan
    level: Level = Level.NOTHING

    @property
    def one_in(self) -> float:
        """Return "one in so many samples", at least 1."""
        return 1.0 / max(self.chance, 1e-9) if self.chance >= 0 else 1.0


@dataclass(slots=True, kw_only=True, eq=False)
class Detector:
    """All samplers of an installation; mutable, pickles, bounded by samplers."""

    config: Config
    samplers: dict[ThingKey, Sampler] = field(default_factory=dict)
    courses: dict[ThingKey, Course] = field(default_factory=dict)
    health: dict[ThingKey, Health] = field(default_factory=dict)
    carried: dict[ThingKey, float] = field(default_factory=dict)
    raised: dict[ThingKey, int] = field(default_factory=dict)
    pool: Tail = field(default_factory=Tail)
    judged: int = 0

    def learn(self, catalogue: Catalogue) -> None:
        """Take in what is declared; what was learned of a withdrawn sampler is kept until it comes back or we restart."""
        self.samplers = samplers_of(catalogue)

    def take(self, sample: Sample) -> Judged:
        """Judge a sample and learn from it."""
        sampler = self.samplers[sample.thing]
        course = self.courses.setdefault(sample.thing, Course(zone=self.config.zone()))
        fault = self.health.setdefault(sample.thing, Health()).look(sample, sampler)
        if fault or sample.time_us <= course.last_us:
            return Judged(sample=sample, fault=fault or Fault.DOUBTFUL)
        course.forget(sample.time_us - round(self.config.baseline_days * DAY_US))
        expected = course.expect(sample.time_us, sample.volume_m3)
        if expected is None or course.seen < self.config.learning_samples:
            return self._only_learn(course, sample, expected)
        return self._judge(course, sample, expected)

    def _only_learn(self, course: Course, sample: Sample, expected: Expectation | None) -> Judged:
        load = _load(sample)
        if expected is not None:
            normal = course.normal(load, expected, sample.volume_m3)
            course.memory.learn(normal, course.steps(sample.time_us))
            course.charts.learn(load, normal)
        course.learn(sample.time_us, load, _limit(sample), sample.volume_m3)
        if expected is None:
            return Judged(sample=sample)
        return Judged(sample=sample, expected=expected.centre(), low=expected.low, high=expected.high)

    def _judge(self, course: Course, sample: Sample, expected: Expectation) -> Judged:
        load = _load(sample)
        normal = course.normal(load, expected, sample.volume_m3)
        score = self._score(course, load, normal, expected)
        chance = course.calibration.chance(score)
        level = self._level(course, chance)
        fault = self._carry_over(course, sample, expected, level)
        runs = self.raised.get(sample.thing, 0) > 0
        course.calibration.learn(score, chance, self.pool, is_first=not runs)
        self.raised[sample.thing] = 3 if level and not fault else max(0, self.raised.get(sample.thing, 0) - 1)
        self._count()
        course.memory.learn(normal, course.steps(sample.time_us))
        course.charts.learn(load, normal)
        course.learn(sample.time_us, load, _limit(sample), sample.volume_m3)
        return Judged(
            sample=sample,
            fault=fault,
            chance=chance,
            normal=(normal - expected.weather) / expected.deviation,
            expected=expected.centre(),
            low=expected.low,
            high=expected.high,
            level=Level.NOTHING if fault else level,
        )

    def _score(self, course: Course, load: float, normal: float, expected: Expectation) -> float:
        """Return -ln of the chance the chosen method gives."""
        if self.config.method == "regression":
            value = (normal - expected.weather) / expected.deviation
        else:
            value = course.charts.score(self.config.method, load, normal)
        return surprise(value)

    def _carry_over(self, course: Course, sample: Sample, expected: Expectation, level: Level) -> Fault:
        """Say whether what is left of the sample before explains this one; keep what this one may leave behind."""
        left = self.carried.pop(sample.thing, 0.0)
        excess = max(0.0, _load(sample) - expected.mean)
        if level and excess > 0:
            self.carried[sample.thing] = self.config.carry_over * excess
        if not level or left <= 0:
            return Fault.NONE
        without = course.normal(max(0.0, _load(sample) - left), expected, sample.volume_m3)
        score = self._score(course, max(0.0, _load(sample) - left), without, expected)
        return Fault.NONE if self._level(course, course.calibration.chance(score)) else Fault.CARRY_OVER

    def _level(self, course: Course, chance: float) -> Level:
        watch, alarm = self.nominal(course)
        return Level.ALARM if chance <= alarm else Level.WATCH if chance <= watch else Level.NOTHING

    def nominal(self, course: Course) -> tuple[float, float]:
        """Return the chances at which a sample raises a watch and an alarm, by how often this sampler samples."""
        months = max(course.spacing_us, 1.0) / DAY_US / MONTH_DAYS
        watch = min(self.config.watch_per_month * months, MOST_WATCH)
        return watch, min(self.config.alarm_per_month * months, watch)

    def _count(self) -> None:
        self.judged += 1
        if self.judged % POOL_EVERY == 0:
            self.pool = pooled([course.calibration for course in self.courses.values()])


def rates(detector: Detector) -> Mapping[ThingKey, tuple[int, int]]:
    """Return how many samples of each sampler fell below the nominal chance, and of how many."""
    return {
        thing: (course.calibration.exceeded, course.calibration.judged) for thing, course in detector.courses.items()
    }


def _load(sample: Sample) -> float:
    """Return the load to reckon with: at the limit of detection when below it."""
    return max(sample.limit if sample.is_censored else sample.concentration, 0.0)


def _limit(sample: Sample) -> float:
    return sample.limit if sample.limit > 0 else 0.0
