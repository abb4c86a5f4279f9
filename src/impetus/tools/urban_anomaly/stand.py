"""How every datastream stands now and goes on, as columns for the screens; nothing here changes what is learnt."""

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Int64s
from impetus.core.standing import COVERAGE, FaultKind, Forecast, Standing, StandingState, standing_of, unknown_standing
from impetus.tools.urban_anomaly.calibrate import reaches
from impetus.tools.urban_anomaly.columns import Columns
from impetus.tools.urban_anomaly.detect import Detector
from impetus.tools.urban_anomaly.fault_kernels import FAULT
from impetus.tools.urban_anomaly.faults import LEAST_MISSING_S, MISSING_CADENCES, Faults

PROMISED_PER_DAY = 0.001
"""False alarms a datastream raises in a day at most: one in a thousand stream-days, which `impetus evaluate` measures."""
US_PER_DAY = 86_400 * US_PER_S


def standing(detector: Detector, faults: Faults, *, at_us: int) -> Standing:
    """Return one row per declared datastream."""
    columns = detector.columns
    ids = np.flatnonzero(columns.known).astype(np.int64)
    judged_us = columns.last_us[ids] - columns.first_us[ids] - int(detector.config.learning_s * US_PER_S)
    learnt = (columns.last_us[ids] >= 0) & (judged_us >= 0)
    with np.errstate(invalid="ignore"):
        margin = reaches(columns.sizes[:, ids], columns.readings[ids], COVERAGE) * columns.last_scale[ids]
    fault = _fault(faults, ids)
    expected = np.where(learnt, columns.last_expected[ids], np.nan)
    made = {
        "datastream": ids,
        "time_us": columns.last_us[ids],
        "measured": np.where(columns.last_us[ids] >= 0, columns.last_value[ids], np.nan),
        "expected": expected,
        "low": expected - margin,
        "high": expected + margin,
        "p": np.where(learnt, columns.last_p[ids], np.nan),
        "state": _state(columns, faults, ids, learnt, fault, at_us),
        "fault": fault,
        "alarms": columns.alarms[ids],
        "days": np.where(learnt, judged_us / US_PER_DAY, 0.0),
        "nominal": np.full(len(ids), PROMISED_PER_DAY),
        "exceeded": columns.exceeded[ids],
        "judged": columns.judged[ids],
    }
    return standing_of(made, at_us=at_us, coverage=COVERAGE) if len(ids) else unknown_standing(ids, at_us=at_us)


def forecast(detector: Detector, times_us: Int64s, *, at_us: int) -> Forecast:
    """Return what is expected of every declared datastream at times to come."""
    ids = np.flatnonzero(detector.columns.known).astype(np.int64)
    told = detector.forecast(ids, times_us, coverage=COVERAGE)
    low, high, expected = (column.astype(np.float32) for column in (told.low, told.high, told.expected))
    return Forecast(
        at_us=at_us,
        coverage=told.coverage,
        datastream=ids,
        time_us=times_us,
        expected=expected,
        low=low,
        high=high,
    )


def _state(
    columns: Columns, faults: Faults, ids: Int64s, learnt: NDArray[np.bool_], fault: Int64s, at_us: int
) -> NDArray[np.uint8]:
    """Return the state of each; silence before a fault, a fault before an event, an event before calm.

    Silent is who says nothing while others do: a tool that catches up with the past calls nobody silent.
    """
    cadence_us = faults.cadence_us[ids]
    heard_us = min(at_us, int(columns.last_us[ids].max(initial=-1)))
    longest_us = np.maximum(MISSING_CADENCES * cadence_us, LEAST_MISSING_S * US_PER_S)
    silent = faults.columns.missing[ids] | ((cadence_us > 0) & (heard_us - columns.last_us[ids] > longest_us))
    return np.select(
        [silent & (columns.last_us[ids] >= 0), fault != FaultKind.NONE, ~learnt, columns.active[ids] > 0],
        [StandingState.SILENT, StandingState.FAULT, StandingState.LEARNING, StandingState.STRANGE],
        default=StandingState.CALM,
    ).astype(np.uint8)


def _fault(faults: Faults, ids: Int64s) -> Int64s:
    """Return what is wrong with each instrument, as far as is known for sure."""
    own = faults.columns.kinds[FAULT, ids]
    clock = np.where(faults.columns.clock[ids], FaultKind.CLOCK, own)
    return np.where(faults.columns.missing[ids], FaultKind.MISSING, clock).astype(np.int64)
