"""Standings: columns that fit each other, or an error that says which do not."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.errors import Malformed
from impetus.core.standing import (
    PAST_TYPES,
    STANDING_TYPES,
    FaultKind,
    Forecast,
    Standing,
    StandingState,
    joined_past,
    past_of,
    standing_of,
    unknown_standing,
)

IDS = np.array([3, 7, 8])


def stands(**changes: object) -> Standing:
    """Return three datastreams nothing is known about, but for these columns."""
    return replace(unknown_standing(IDS, at_us=5), **changes)  # type: ignore[arg-type]  # a test names columns


def test_of_an_unknown_datastream_nothing_is_made_up() -> None:
    """It learns, was never heard, and every figure is NaN."""
    fresh = stands()
    assert fresh.state.tolist() == [StandingState.LEARNING] * 3
    assert fresh.time_us.tolist() == [-1, -1, -1]
    assert fresh.alarms.tolist() == [0, 0, 0]
    for name in ("measured", "expected", "low", "high", "p"):
        assert np.isnan(getattr(fresh, name)).all(), name


@pytest.mark.parametrize(
    "changes",
    [
        {"p": np.zeros(2)},
        {"p": np.zeros(3, dtype=np.float32)},
        {"p": np.zeros((3, 1))},
        {"datastream": np.array([3, 3, 8])},
        {"datastream": np.array([8, 7, 3])},
        {"state": np.array([0, 9, 0], dtype=np.uint8)},
        {"fault": np.array([0, 0, 8], dtype=np.uint8)},
        {"coverage": 1.0},
        {"coverage": float("nan")},
    ],
    ids=["short", "type", "flat", "twice", "order", "state", "fault", "certain", "nan"],
)
def test_columns_that_do_not_fit_are_refused(changes: dict[str, object]) -> None:
    """A wrong column is a bug worth stopping for, and the error names the limit."""
    with pytest.raises(Malformed) as refusal:
        stands(**changes)
    assert refusal.value.limit


def test_a_missing_column_is_named() -> None:
    """Columns by name come from a file, whose version may be another."""
    columns = {name: getattr(stands(), name) for name in STANDING_TYPES if name != "nominal"}
    with pytest.raises(Malformed, match="nominal"):
        standing_of(columns, at_us=0, coverage=0.9)


def test_rows_are_found_by_datastream() -> None:
    """One that is not there has row -1, whether below, between or above."""
    assert stands().rows_of(np.array([8, 3, 1, 5, 99])).tolist() == [2, 0, -1, -1, -1]
    assert stands().take(np.array([], dtype=np.intp)).rows_of(IDS).tolist() == [-1, -1, -1]


def test_a_moment_of_the_past_keeps_what_screens_draw() -> None:
    """In four bytes a figure, under the moment it was written down."""
    measured = stands(measured=np.array([1.5, 2.5, np.nan]), state=np.array([1, 2, 4], dtype=np.uint8))
    past = past_of(measured, 9)
    assert past.time_us.tolist() == [9, 9, 9]
    assert past.state.tolist() == [1, 2, 4]
    assert past.measured.dtype == np.float32
    assert past.measured[:2].tolist() == [1.5, 2.5]
    with pytest.raises(Malformed, match="measured"):
        replace(past, measured=past.measured.astype(np.float64))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 5), st.integers(0, 50)), max_size=30), st.integers(1, 6))
def test_joined_parts_are_all_there_in_order(rows: list[tuple[int, int]], cuts: int) -> None:
    """Whatever parts they come in: by datastream, then time, and no row is lost."""
    parts = [
        past_of(unknown_standing(np.array([datastream]), at_us=0), time_us)
        for piece in np.array_split(np.arange(len(rows)), cuts)
        for datastream, time_us in (rows[place] for place in piece)
    ]
    joined = joined_past(parts)
    assert list(zip(joined.datastream.tolist(), joined.time_us.tolist(), strict=True)) == sorted(rows)
    assert {getattr(joined, name).dtype for name in ("p", "low")} == {np.dtype(PAST_TYPES["p"])}


def test_a_forecast_has_one_row_a_datastream_and_one_column_a_time() -> None:
    """Other shapes and types are refused."""
    grid = np.zeros((2, 3), dtype=np.float32)
    ids, times = np.array([1, 2]), np.array([10, 20, 30])
    made = Forecast(at_us=0, coverage=0.9, datastream=ids, time_us=times, expected=grid, low=grid, high=grid)
    assert made.expected.shape == (2, 3)
    wrong: Sequence[np.ndarray] = (grid.T, grid.astype(np.float64), grid[:1])
    for each in wrong:
        with pytest.raises(Malformed):
            replace(made, high=each)


def test_codes_are_what_files_and_tools_agreed_on() -> None:
    """They are written to disk: a change needs a new version of the files."""
    assert [state.name for state in StandingState] == ["LEARNING", "CALM", "STRANGE", "FAULT", "SILENT"]
    assert [fault.name for fault in FaultKind] == [
        "NONE",
        "STUCK",
        "DROPOUT",
        "DRIFT",
        "SPIKE",
        "CLOCK",
        "UNIT",
        "MISSING",
    ]
