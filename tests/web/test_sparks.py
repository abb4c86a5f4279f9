"""Small plots keep every peak and break where nothing was measured."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.evidence import SeriesEvidence
from impetus.core.ids import DatastreamId
from impetus.core.text import Phrase
from impetus.web.sparks import MARGIN, POINTS, spark


def series(measured: list[float], *, low: float = 0.0, high: float = 1.0, from_row: int = 10**6) -> SeriesEvidence:
    """Return a series of one reading a second."""
    count = len(measured)
    return SeriesEvidence(
        datastream=DatastreamId(1),
        title=Phrase(template="one"),
        unit="1",
        time_us=np.arange(count, dtype=np.int64) * 1_000_000,
        measured=np.array(measured, dtype=np.float64),
        low=np.full(count, low),
        high=np.full(count, high),
        coverage=0.95,
        from_us=from_row * 1_000_000,
    )


def test_a_single_peak_among_thousands_is_drawn() -> None:
    """One reading of 9 in 5,000 of about 0.5 reaches the top of the plot."""
    values = [0.5] * 5000
    values[3210] = 9.0
    drawn = spark(series(values), height=44)
    assert drawn.highest == 9.0
    assert f" {MARGIN:.1f}" in drawn.line
    assert drawn.line.count("L") <= POINTS


def test_a_gap_breaks_the_line() -> None:
    """NaN is drawn as nothing, not as zero."""
    assert spark(series([0.1, float("nan"), 0.3])).line.count("M") == 2


def test_the_surprising_part_begins_where_the_evidence_says() -> None:
    """Only readings from `from_us` on are in the surprising path."""
    drawn = spark(series([0.1, 0.2, 5.0, 6.0], from_row=2))
    assert drawn.surprise.count("M") + drawn.surprise.count("L") == 2


def test_an_unknown_band_is_left_out() -> None:
    """Where nothing could be expected there is no band."""
    assert spark(series([1.0, 2.0], low=float("nan"))).band == ""


def test_nothing_measured_draws_nothing() -> None:
    """An empty or all-missing series gives empty paths and a range to label."""
    assert spark(series([])).line == ""
    drawn = spark(series([float("nan")] * 3, low=float("nan"), high=float("nan")))
    assert (drawn.line, drawn.lowest, drawn.highest) == ("", 0.0, 1.0)


def test_a_flat_series_stands_in_the_middle() -> None:
    """A series without any spread does not divide by zero."""
    drawn = spark(series([2.0, 2.0], low=2.0, high=2.0), height=40)
    assert "M0.0 20.0" in drawn.line


@given(st.lists(st.floats(-1e6, 1e6) | st.just(float("nan")), max_size=600))
def test_every_place_lies_in_the_box(values: list[float]) -> None:
    """Whatever was measured, no place leaves the plot."""
    drawn = spark(series(values), width=150, height=44)
    numbers = [float(part) for part in drawn.line.replace("M", " ").replace("L", " ").split()]
    assert all(-0.1 <= x <= 150.1 for x in numbers[::2])
    assert all(MARGIN - 0.1 <= y <= 44 - MARGIN + 0.1 for y in numbers[1::2])
