"""What made-up instruments report of what they caught, with the faults instruments have, each named where it is.

A reader turns a count into a raw signal and back into a concentration. Faults last some samples, never touch an outbreak, and
are labelled in the words the detector's evaluation reads.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from impetus.core.observation import Float64s
from impetus.generate.air import AIR_M3, DAY_US, LIQUID_ML, WARM_UP_DAYS, Counts

COLUMNS = ("value", "volume_m3", "duration_s", "collector_ml", "raw", "limit", "flag")
GAIN = 40.0
"""Raw signal of one count in the usual liquid."""
RAW_HIGHEST = 65_535.0
"""What sixteen bits hold."""
DURATION_S = 1_500.0
Rows = slice


@dataclass(slots=True, kw_only=True, eq=False)
class Reported:
    """What one sampler reports: columns `(samples,)` named `COLUMNS`, and the fault of each sample, empty for none."""

    columns: dict[str, Float64s]
    fault: list[str]


def report(rng: np.random.Generator, counts: Counts, *, faults_per_year: float) -> Reported:
    """Return the reports of one sampler, faults included."""
    samples = len(counts.count)
    air = AIR_M3 * rng.normal(1.0, 0.02, samples)
    liquid = LIQUID_ML * rng.normal(1.0, 0.01, samples)
    raw = np.minimum(np.round(counts.count * GAIN * LIQUID_ML / liquid), RAW_HIGHEST)
    columns = {
        "value": raw * liquid / LIQUID_ML / GAIN / air,
        "volume_m3": air,
        "duration_s": np.full(samples, DURATION_S),
        "collector_ml": liquid,
        "raw": raw,
        "limit": 0.5 / air,
        "flag": np.zeros(samples),
    }
    made = Reported(columns=columns, fault=[""] * samples)
    for name, rows in _plan(rng, counts, faults_per_year):
        FAULTS[name][0](rng, made.columns, rows)
        made.fault[rows] = [name] * (rows.stop - rows.start)
    return made


def _plan(rng: np.random.Generator, counts: Counts, per_year: float) -> list[tuple[str, Rows]]:
    """Return faults after the warm-up, in turn of kind, apart from each other and from outbreaks."""
    samples = len(counts.count)
    days = (counts.time_us - counts.time_us[0]) / DAY_US
    first = min(int(np.searchsorted(days, WARM_UP_DAYS)), samples // 2)
    taken = counts.outbreak > 0
    planned = []
    names = list(FAULTS)
    for number in range(rng.poisson(per_year * (samples - first) / max(samples, 1) * days[-1] / 365.25)):
        name = names[(number + int(rng.integers(len(names)))) % len(names)]
        shortest, longest = FAULTS[name][1]
        length = int(rng.integers(shortest, longest + 1))
        begin = int(rng.integers(first, max(samples - length - 12, first + 1)))
        near = slice(max(begin - 12, 0), begin + length + 12)
        if begin + length < samples and not taken[near].any():
            taken[near] = True
            planned.append((name, slice(begin, begin + length)))
    return planned


Columns = dict[str, Float64s]


def _blocked(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    """Draw a fraction of the air, and blame the air for what the liquid holds."""
    columns["volume_m3"][rows] *= rng.uniform(0.1, 0.5)
    columns["value"][rows] *= rng.uniform(1.0, 6.0)


def _saturated(_: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["raw"][rows] = RAW_HIGHEST
    columns["value"][rows] = RAW_HIGHEST * columns["collector_ml"][rows] / LIQUID_ML / GAIN / columns["volume_m3"][rows]


def _stuck(_: np.random.Generator, columns: Columns, rows: Rows) -> None:
    for name in ("value", "raw", "volume_m3", "collector_ml"):
        columns[name][rows] = columns[name][rows.start - 1]


def _negative(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["value"][rows] = -rng.uniform(0.1, 5.0)


def _volume(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["volume_m3"][rows] *= float(rng.choice([0.0, 2.5, 4.0]))
    columns["value"][rows] *= rng.uniform(1.0, 4.0)


def _calibration(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["value"][rows] *= rng.uniform(1.3, 2.5) ** float(rng.choice([-1.0, 1.0]))


def _flagged(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["flag"][rows] = 2.0
    columns["value"][rows] *= rng.uniform(3.0, 20.0)


def _missing(_: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["value"][rows] = np.nan


def _maintenance(rng: np.random.Generator, columns: Columns, rows: Rows) -> None:
    columns["flag"][rows] = 3.0
    columns["value"][rows] *= rng.uniform(0.0, 20.0)


FAULTS: Mapping[str, tuple[Callable[[np.random.Generator, Columns, Rows], None], tuple[int, int]]] = {
    "blocked": (_blocked, (3, 10)),
    "saturated": (_saturated, (1, 4)),
    "stuck": (_stuck, (8, 20)),
    "negative": (_negative, (1, 3)),
    "volume": (_volume, (1, 4)),
    "calibration": (_calibration, (2, 6)),
    "flagged": (_flagged, (1, 3)),
    "missing": (_missing, (1, 3)),
    "maintenance": (_maintenance, (1, 2)),
}
"""Each fault: what it does to the columns, and the fewest and most samples it lasts."""
