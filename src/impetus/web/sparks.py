"""Small plots drawn on the server: a measured line, its expected band and the surprising part, as SVG paths.

Coordinates are units of the plot's own box, so that a page needs no script and no inline style to show them. NaN breaks
a line. At most `POINTS` points are drawn; each bucket keeps the reading furthest from its middle, so that no peak is lost.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from impetus.core.evidence import SeriesEvidence
from impetus.core.observation import Float64s, Int64s

POINTS = 160
"""Points of one small plot: its width in pixels; more cannot be seen."""
MARGIN = 3.0
"""Units kept free above and below, so that a peak's line is not cut."""
FLAT_SPAN = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Spark:
    """One small plot: SVG path data in a box of `width` by `height`; `band` and `surprise` may be empty."""

    width: int
    height: int
    band: str
    line: str
    surprise: str
    lowest: float
    highest: float


def spark(series: SeriesEvidence, *, width: int = 150, height: int = 44) -> Spark:
    """Draw one series; all-NaN or empty series give empty paths."""
    rows = _rows(series.measured)
    times, measured = series.time_us[rows], series.measured[rows]
    low, high = series.low[rows], series.high[rows]
    lowest, highest = _range((measured, low, high))
    x = _across(times, width)

    def y(values: Float64s) -> Float64s:
        return MARGIN + (height - 2 * MARGIN) * (1 - (values - lowest) / (highest - lowest))

    surprising = np.where(times >= series.from_us, measured, np.nan)
    return Spark(
        width=width,
        height=height,
        band=_band(x, y(low), y(high)),
        line=_line(x, y(measured)),
        surprise=_line(x, y(surprising)),
        lowest=lowest,
        highest=highest,
    )


def _rows(measured: Float64s) -> Int64s:
    """Return the rows to draw: all when few, else the most telling of each bucket and the last."""
    count = int(measured.shape[0])
    if count <= POINTS:
        return np.arange(count, dtype=np.int64)
    edges = np.linspace(0, count, POINTS + 1).astype(np.int64)
    kept = [_telling(measured[start:end]) + start for start, end in pairwise(edges.tolist())]
    return np.unique(np.array([*kept, count - 1], dtype=np.int64))


def _telling(bucket: Float64s) -> int:
    """Return the row furthest from the bucket's middle, its first when nothing was measured."""
    if np.isnan(bucket).all():
        return 0
    return int(np.nanargmax(np.abs(bucket - np.nanmedian(bucket))))


def _range(columns: Sequence[Float64s]) -> tuple[float, float]:
    """Return the lowest and highest finite value, at least `FLAT_SPAN` apart."""
    values = np.concatenate(columns)
    values = values[np.isfinite(values)]
    if not values.size:
        return 0.0, 1.0
    lowest, highest = float(values.min()), float(values.max())
    return (lowest, highest) if highest - lowest > FLAT_SPAN else (lowest - 0.5, highest + 0.5)


def _across(times: Int64s, width: int) -> Float64s:
    """Return the horizontal places of the times."""
    if not times.size:
        return np.empty(0)
    span = max(1, int(times[-1] - times[0]))
    return np.asarray((times - times[0]) / span * width, dtype=np.float64)


def _line(x: Float64s, y: Float64s) -> str:
    """Return a path through the finite points, broken where there is none."""
    parts, drawing = [], False
    for across, down in zip(x.tolist(), y.tolist(), strict=True):
        if down != down:  # noqa: PLR0124 - only NaN differs from itself
            drawing = False
            continue
        parts.append(f"{'L' if drawing else 'M'}{across:.1f} {down:.1f}")
        drawing = True
    return "".join(parts)


def _band(x: Float64s, low: Float64s, high: Float64s) -> str:
    """Return the outline of the expected band over the longest stretch where both edges are known."""
    known = np.isfinite(low) & np.isfinite(high)
    if int(known.sum()) < 2:  # noqa: PLR2004 - an area needs two places
        return ""
    along = [*zip(x[known].tolist(), high[known].tolist(), strict=True)]
    back = [*zip(x[known].tolist(), low[known].tolist(), strict=True)][::-1]
    return "M" + "L".join(f"{across:.1f} {down:.1f}" for across, down in (*along, *back)) + "Z"
