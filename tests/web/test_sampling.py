"""Thinning out a series keeps its peaks."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.observation import batch_of
from impetus.web.sampling import sample


def test_few_readings_are_returned_as_they_are() -> None:
    """Nothing is thinned that fits."""
    batch = batch_of([1, 2], [1, 2], [3.0, np.nan])
    assert sample(batch, 10) is batch


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 5), st.floats(-1e6, 1e6)), min_size=300, max_size=600),
    st.integers(20, 100),
)
def test_peaks_survive_and_the_bound_holds(readings: list[tuple[int, float]], bound: int) -> None:
    """Highest and lowest of each datastream are kept, in at most the points asked for."""
    batch = batch_of([one for one, _ in readings], list(range(len(readings))), [value for _, value in readings])
    kept = sample(batch, bound)
    assert len(kept) <= bound
    for one in np.unique(batch.datastream):
        whole, part = batch.result[batch.datastream == one], kept.result[kept.datastream == one]
        assert (part.max(), part.min()) == (whole.max(), whole.min())


def test_readings_without_value_do_not_stand_for_a_peak() -> None:
    """NaN is the sensor's "no value"; a bucket is judged by the values it has."""
    batch = batch_of([1] * 100, list(range(100)), [np.nan] * 60 + list(range(40)))
    kept = sample(batch, 10)
    assert not np.isnan(kept.result).any()
    assert kept.result.max() == 39
