"""Readings as the neighbourhood, the instrument and the events look at them: scored, in the order of time, in columns."""

from dataclasses import dataclass
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import US_PER_S, Batch, Float64s, Int64s
from impetus.tools.urban_anomaly.detect import Detector, Scored
from impetus.tools.urban_anomaly.seasons import EPOCH_WEEKDAY, SATURDAY, offsets_s, seasons


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Seen:
    """Accepted readings sorted by time, then id, columns of shape `(readings,)`.

    `judged` says whether the datastream is known well enough; `mark` is the detector's `Mark`; `p`, `z`, `expected`,
    `scale` and `one_in` as in `Scored`.
    """

    ids: Int64s
    time_us: Int64s
    value: Float64s
    z: Float64s
    p: Float64s
    expected: Float64s
    scale: Float64s
    one_in: Float64s
    mark: Int64s
    judged: NDArray[np.bool_]

    def __len__(self) -> int:
        """Return the number of readings."""
        return len(self.ids)


def seen_in_order(batch: Batch, scored: Scored) -> Seen:
    """Put what was scored in the order of time; a datastream that is still being learnt has no `p`."""
    rows = scored.row
    order = np.lexsort((batch.datastream[rows], batch.time_us[rows]))
    rows = rows[order]
    return Seen(
        ids=batch.datastream[rows],
        time_us=batch.time_us[rows],
        value=batch.result[rows],
        z=scored.z[order],
        p=scored.p[order],
        expected=scored.expected[order],
        scale=np.maximum(scored.scale[order], np.finfo(np.float64).tiny),
        one_in=scored.one_in[order],
        mark=scored.mark[order],
        judged=~np.isnan(scored.p[order]),
    )


def hours_of_week(time_us: Int64s, zone: tzinfo) -> Int64s:
    """Return the local hour of each time: 0..23 on working days, 24.. on Saturdays, 48..71 on Sundays.

    >>> from datetime import UTC
    >>> hours_of_week(np.array([0, 2 * 86_400_000_000]), UTC).tolist()
    [0, 24]
    """
    local_s = time_us // US_PER_S + offsets_s(time_us, zone)
    kind = np.maximum((local_s // 86_400 + EPOCH_WEEKDAY) % 7 - SATURDAY + 1, 0)
    return np.asarray(kind * 24 + local_s % 86_400 // 3_600, dtype=np.int64)


def bars_of(detector: Detector, seen: Seen) -> Float64s:
    """Return the bar of each reading as a multiple of the usual one: raised by what people judged or planned, else 1."""
    context = detector.context
    if not (context.rises or context.planned):
        return np.ones(len(seen))
    where = seasons(seen.time_us, detector.zone, detector.config.country)
    return context.bars(seen.ids, seen.time_us, where)
