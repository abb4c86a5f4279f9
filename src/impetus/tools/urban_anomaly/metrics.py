"""Figures of detectors, from scores and truth: columns in, numbers out; nothing here knows a detector.

Point-adjusted F1 is left out on purpose: it rewards chance (Kim et al., "Towards a Rigorous Evaluation of Time-Series
Anomaly Detection", AAAI 2022).
"""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from impetus.core.observation import Float64s, Int64s

Flags = NDArray[np.bool_]

VUS_WINDOWS = 9
"""Buffer lengths tried between none and the longest."""
VUS_THRESHOLDS = 250
"""Thresholds tried, at equal steps of rank, as the paper's own code does."""
ROUNDS = 1_000
"""Samples drawn for an interval."""


def average_precision(scores: Float64s, label: Flags) -> float:
    """Return the area under precision over recall, equal scores taken together; NaN without anomalies.

    >>> average_precision(np.array([0.9, 0.8, 0.1]), np.array([True, False, True]))
    0.8333333333333333
    """
    total = int(label.sum())
    if not total:
        return float("nan")
    order = np.argsort(-scores, kind="stable")
    found, taken = np.cumsum(label[order]), np.arange(1, len(order) + 1)
    last = np.append(np.flatnonzero(np.diff(scores[order])), len(order) - 1)
    gained = np.diff(np.concatenate(([0], found[last])))
    return float((found[last] / taken[last] * gained).sum() / total)


def auc(scores: Float64s, label: Flags) -> float:
    """Return the chance that an anomaly scores above a normal reading, ties half; NaN where one of the two is absent.

    **Source**: Mann and Whitney, Annals of Mathematical Statistics 18 (1947).

    >>> auc(np.array([3.0, 2.0, 1.0, 2.0]), np.array([True, False, False, True]))
    0.875
    """
    positive = int(label.sum())
    negative = len(label) - positive
    if not positive or not negative:
        return float("nan")
    ordered, where, counts = np.unique(scores, return_inverse=True, return_counts=True)
    middle = np.cumsum(counts) - (counts - 1) / 2 if len(ordered) else np.zeros(0)
    return float((middle[where][label].sum() - positive * (positive + 1) / 2) / (positive * negative))


def break_even_f1(scores: Float64s, label: Flags) -> float:
    """Return F1 where as many readings are called as are anomalies: precision, recall and F1 are one number there.

    Readings that tie at the border count by their share. NaN without anomalies.
    """
    total = int(label.sum())
    if not total:
        return float("nan")
    border = np.sort(scores)[-total]
    above, level = scores > border, scores == border
    missing = total - int(above.sum())
    hits = float(label[above].sum()) + missing * float(label[level].mean())
    return hits / total


def runs(label: Flags, *, bridge: int = 0) -> list[tuple[int, int]]:
    """Return the first and last row of each run of true rows; gaps of at most `bridge` rows are within a run.

    >>> runs(np.array([False, True, True, False, True]))
    [(1, 2), (4, 4)]
    """
    rows = np.flatnonzero(label)
    if not len(rows):
        return []
    breaks = np.flatnonzero(np.diff(rows) > bridge + 1)
    firsts = np.concatenate(([rows[0]], rows[breaks + 1]))
    lasts = np.concatenate((rows[breaks], [rows[-1]]))
    return list(zip(firsts.tolist(), lasts.tolist(), strict=True))


def vus_pr(scores: Float64s, label: Flags, *, longest: int) -> float:
    """Return the volume under the surface of range-based precision and recall over buffers of 0..`longest` rows.

    Half a buffer on either side of an anomaly counts for less the farther away it is; recall is multiplied by the share of
    anomalies that were touched at all. NaN without anomalies.

    **Source**: Paparrizos et al., "Volume Under the Surface", PVLDB 15 (2022), sections 4.1-4.3.
    """
    spans = runs(label)
    if not spans or not len(scores):
        return float("nan")
    borders = -np.sort(-scores)[np.linspace(0, len(scores) - 1, VUS_THRESHOLDS).astype(np.int64)]
    widths = np.unique(np.linspace(0, longest, VUS_WINDOWS).astype(np.int64))
    ascending = np.sort(scores)
    called = len(scores) - np.searchsorted(ascending, borders, side="left")
    return float(np.mean([_range_ap(scores, spans, int(width), borders, called) for width in widths.tolist()]))


def _range_ap(
    scores: Float64s, spans: list[tuple[int, int]], width: int, borders: Float64s, called: NDArray[np.int64]
) -> float:
    """Return the area under range-based precision over recall with one buffer."""
    weight = buffered(len(scores), spans, width)
    inside = np.flatnonzero(weight > 0)
    order = inside[np.argsort(-scores[inside], kind="stable")]
    at = np.searchsorted(-scores[order], -borders, side="right")
    hits = np.concatenate(([0.0], np.cumsum(weight[order])))[at]
    in_buffer = np.concatenate(([0.0], np.cumsum(np.where(weight[order] < 1.0, weight[order], 0.0))))[at]
    half = width // 2
    best = np.array([scores[max(0, first - half) : last + 1 + half].max() for first, last in spans])
    existence = (best[:, None] >= borders[None, :]).mean(axis=0)
    labelled = sum(last - first + 1 for first, last in spans)
    recall = np.minimum(hits / (labelled + in_buffer / 2), 1.0) * existence
    precision = hits / called
    return float((np.diff(np.concatenate(([0.0], recall))) * precision).sum())


def buffered(length: int, spans: Sequence[tuple[int, int]], width: int) -> Float64s:
    """Return labels 0..1 of shape `(length,)` with half a buffer of falling worth on either side of each span.

    >>> buffered(7, [(3, 3)], 4).round(2).tolist()
    [0.0, 0.71, 0.87, 1.0, 0.87, 0.71, 0.0]
    """
    weight = np.zeros(length)
    half = width // 2
    steps = np.arange(1, half + 1)
    worth = np.sqrt(1.0 - steps / width) if width else np.zeros(0)
    for first, last in spans:
        after = weight[last + 1 : last + 1 + half]
        np.maximum(after, worth[: len(after)], out=after)
        before = weight[max(0, first - half) : first][::-1]
        np.maximum(before, worth[: len(before)], out=before)
    for first, last in spans:
        weight[first : last + 1] = 1.0
    return weight


def alarms_at_budget(scores: Float64s, budget: float, *, bridge: int) -> list[tuple[int, int]]:
    """Return the alarms (runs of rows) at the lowest threshold that raises at most so many; no label is looked at."""
    candidates = np.unique(scores[scores > 0])
    low, high = 0, len(candidates)
    while low < high:
        middle = (low + high) // 2
        if len(runs(scores >= candidates[middle], bridge=bridge)) <= budget and _stays(
            scores, candidates[middle:], budget, bridge
        ):
            high = middle
        else:
            low = middle + 1
    return runs(scores >= candidates[low], bridge=bridge) if low < len(candidates) else []


def _stays(scores: Float64s, higher: Float64s, budget: float, bridge: int) -> bool:
    """Say whether higher thresholds keep within the budget too: runs merge as a threshold falls, so few are not calm."""
    some = higher[np.unique(np.linspace(0, len(higher) - 1, 12).astype(np.int64))]
    return all(len(runs(scores >= one, bridge=bridge)) <= budget for one in some)


def events_found(
    alarms: Sequence[tuple[int, int]], events: Sequence[tuple[int, int]], *, early: int = 0
) -> list[int | None]:
    """Return for each event the rows from its first row to the first alarm that overlaps it, None when none does.

    An alarm that began at most `early` rows before the event counts as 0.
    """
    found: list[int | None] = []
    for first, last in events:
        hits = [max(begin, first) - first for begin, end in alarms if begin <= last and end >= first - early]
        found.append(min(hits) if hits else None)
    return found


def f1(hits: float, wrong: float, missed: float) -> float:
    """Return the harmonic mean of precision and recall, NaN where there is nothing to find and nothing was called."""
    called = 2 * hits + wrong + missed
    return 2 * hits / called if called else float("nan")


def interval_90(
    units: int, figure: Callable[[NDArray[np.int64]], float], *, seed: int, rounds: int = ROUNDS
) -> list[float] | None:
    """Return the 5th and 95th percentile of a figure over units (files, events, zones) drawn again with replacement.

    `figure` takes rows of units; draws whose figure is NaN are left out; None when none is left.

    **Source**: Efron, Annals of Statistics 7 (1979), percentile method.
    """
    if units < 1:
        return None
    rng = np.random.default_rng(seed)
    drawn = np.array([figure(rng.integers(0, units, units)) for _ in range(rounds)])
    kept = drawn[np.isfinite(drawn)]
    return [float(end) for end in np.percentile(kept, [5, 95])] if len(kept) else None


def held(time_us: Int64s, scores: Float64s, hold_off_us: int) -> Float64s:
    """Silence a row when an equal or higher score came within the hold-off before it: one alarm an event.

    Cost: one pass with a falling queue.
    """
    kept = np.zeros(len(scores))
    queue: list[int] = []
    first = 0
    for row, score in enumerate(scores.tolist()):
        while first < len(queue) and time_us[queue[first]] < time_us[row] - hold_off_us:
            first += 1
        if first == len(queue) or score > scores[queue[first]]:
            kept[row] = score
        while len(queue) > first and scores[queue[-1]] < score:
            queue.pop()
        queue.append(row)
    return np.nan_to_num(kept, posinf=1e9)
