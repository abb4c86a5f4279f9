"""The ways the detector looks at a reading, and what each of them found; which one carried is told with every reading."""

from dataclasses import dataclass
from enum import IntEnum

from impetus.core.observation import Float64s


class View(IntEnum):
    """Which way of looking made a reading as surprising as it was."""

    NONE = 0
    """The datastream is still being learnt."""
    SEASONAL = 1
    """Far from what this time of day and the last hours make normal."""
    NOVELTY = 2
    """Far from every value this datastream ever had."""
    TOGETHER = 3
    """The datastreams of one thing stand to each other, and to the time of day, as they never did before."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Forecast:
    """What is expected of datastreams at times, each of shape `(datastreams, times)`, in the datastream's unit.

    `low` and `high` bound the share `coverage` of readings; NaN where the datastream is still being learnt.
    """

    expected: Float64s
    low: Float64s
    high: Float64s
    coverage: float
