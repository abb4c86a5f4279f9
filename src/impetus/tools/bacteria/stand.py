"""How every sampler stands now, as columns for the screens."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from impetus.core.ids import ThingKey
from impetus.core.standing import FaultKind, Standing, StandingState, unknown_standing
from impetus.tools.bacteria.course import COVERAGE
from impetus.tools.bacteria.detect import DAY_US, MONTH_DAYS, Detector, Judged
from impetus.tools.bacteria.episodes import Episodes
from impetus.tools.bacteria.faults import CODES
from impetus.tools.bacteria.instrument import Sampler
from impetus.tools.bacteria.repairs import Repairs

SILENT_SPACINGS = 3.0
"""Usual spacings without a sample after which a sampler is called silent. House rule."""


def standing_of(
    detector: Detector,
    episodes: Episodes,
    repairs: Repairs,
    past: Mapping[ThingKey, Sequence[Judged]],
    *,
    at_us: int,
) -> Standing:
    """Return one row per sampler, that of its concentration."""
    samplers = sorted(detector.samplers.values(), key=lambda sampler: sampler.stream.id)
    ids = np.array([sampler.stream.id for sampler in samplers], dtype=np.int64)
    blank = unknown_standing(ids, at_us=at_us, coverage=COVERAGE)
    columns = {
        name: getattr(blank, name).copy()
        for name in ("time_us", "measured", "expected", "low", "high", "p", "state", "fault", "alarms", "days",
                     "nominal", "exceeded", "judged")
    }  # fmt: skip
    columns["nominal"][:] = detector.config.watch_per_month / MONTH_DAYS
    for row, sampler in enumerate(samplers):
        for name, value in _row(sampler, detector, episodes, repairs, past.get(sampler.thing, ()), at_us).items():
            columns[name][row] = value
    return replace(blank, **columns)


def _row(
    sampler: Sampler,
    detector: Detector,
    episodes: Episodes,
    repairs: Repairs,
    judged: Sequence[Judged],
    at_us: int,
) -> dict[str, float]:
    thing, course = sampler.thing, detector.courses.get(sampler.thing)
    row: dict[str, float] = {"state": StandingState.LEARNING, "alarms": episodes.started.get(thing, 0)}
    if judged:
        newest = judged[-1]
        row |= {
            "time_us": newest.sample.time_us,
            "measured": newest.sample.concentration,
            "expected": newest.expected,
            "low": newest.low,
            "high": newest.high,
            "p": newest.chance,
        }
    if course is not None and course.calibration.judged:
        row |= {
            "state": StandingState.CALM,
            "days": (course.last_us - course.first_us) / DAY_US,
            "exceeded": course.calibration.exceeded,
            "judged": course.calibration.judged,
        }
        if at_us - course.last_us > SILENT_SPACINGS * max(course.spacing_us, 60e6):
            row["state"] = StandingState.SILENT
    if episodes.of(thing) is not None:
        row["state"] = StandingState.STRANGE
    if fault := repairs.fault_of(thing):
        row |= {"state": StandingState.FAULT, "fault": CODES.get(fault, FaultKind.MISSING)}
    return row
