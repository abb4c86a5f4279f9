"""Fewer points for a plot, without hiding a peak."""

from itertools import pairwise

import numpy as np

from impetus.core.observation import Batch, concatenate

MAX_POINTS = 2000
"""Most points of one answer; a plot 1,600 px wide shows no more. House rule."""


def sample(batch: Batch, max_points: int = MAX_POINTS) -> Batch:
    """Return at most `max_points` readings: of each bucket of equal count, its lowest and its highest.

    Each datastream gets its share. Peaks survive, which an average would hide. NaN readings are left out of buckets.

    >>> from impetus.core.observation import batch_of
    >>> sample(batch_of([1] * 6, range(6), [0, 9, 1, 2, -5, 3]), 4).result.tolist()
    [0.0, 9.0, -5.0, 3.0]
    """
    if len(batch) <= max_points:
        return batch
    ids = np.unique(batch.datastream)
    share = max(2, max_points // len(ids))
    return concatenate([_sample_one(batch.take(batch.datastream == one), share) for one in ids[: max_points // 2]])


def _sample_one(batch: Batch, share: int) -> Batch:
    """Sample one datastream."""
    batch = batch.take(np.argsort(batch.time_us, kind="stable"))
    if len(batch) <= share:
        return batch
    batch = batch.take(~np.isnan(batch.result))
    if len(batch) <= share:
        return batch
    starts = np.linspace(0, len(batch), share // 2 + 1).astype(np.intp)
    rows = {
        int(start + pick(batch.result[start:end])) for start, end in pairwise(starts) for pick in (np.argmin, np.argmax)
    }
    return batch.take(np.array(sorted(rows), dtype=np.intp))
