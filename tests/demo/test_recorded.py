"""Recorded series played again: in whole weeks, in order, never ahead."""

from datetime import UTC, datetime, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from impetus.core.observation import US_PER_S, from_us, to_us
from impetus.demo.recorded import RECORDINGS, WEEK_US, Played, declaration
from impetus.desk.declare_source import read_document

BEGAN = datetime(2015, 9, 1, 13, 45, tzinfo=UTC)
HOUR_US = 3600 * US_PER_S
TIMES = to_us(BEGAN) + np.arange(0, 16 * 24, dtype=np.int64) * HOUR_US
PLAYED = Played(datastream=3, time_us=TIMES, result=np.arange(TIMES.size, dtype=np.float64))
NOW_US = to_us(datetime(2026, 3, 4, 10, 0, tzinfo=UTC))


def test_a_fortnight_is_played_without_a_gap() -> None:
    """One reading an hour, whatever the seam."""
    batch = PLAYED.readings(NOW_US - 2 * WEEK_US, NOW_US)
    assert len(batch) == 14 * 24
    assert set(np.diff(batch.time_us)) == {HOUR_US}


def test_weekday_and_hour_of_the_recording_are_kept() -> None:
    """Monday morning stays Monday morning."""
    batch = PLAYED.readings(NOW_US - WEEK_US, NOW_US)
    for time_us, result in zip(batch.time_us, batch.result, strict=True):
        recorded, played = BEGAN + timedelta(hours=float(result)), from_us(int(time_us))
        assert (recorded.weekday(), recorded.hour, recorded.minute) == (played.weekday(), played.hour, played.minute)


@given(st.integers(-(10**15), 4 * 10**15), st.integers(1, 10 * 86_400), st.integers(1, 10 * 86_400))
def test_how_the_time_is_cut_does_not_change_what_is_played(since_us: int, first_s: int, second_s: int) -> None:
    """Two pieces are the whole, and nothing lies outside."""
    middle_us, until_us = since_us + first_s * US_PER_S, since_us + (first_s + second_s) * US_PER_S
    whole = PLAYED.readings(since_us, until_us)
    parts = [PLAYED.readings(since_us, middle_us), PLAYED.readings(middle_us, until_us)]
    assert np.array_equal(whole.time_us, np.concatenate([part.time_us for part in parts]))
    assert np.array_equal(whole.result, np.concatenate([part.result for part in parts]))
    assert np.all((whole.time_us > since_us) & (whole.time_us <= until_us))


def test_an_empty_recording_plays_nothing() -> None:
    """A file without a readable row costs nothing."""
    empty = Played(datastream=1, time_us=TIMES[:0], result=PLAYED.result[:0])
    assert len(empty.readings(0, NOW_US)) == 0


def test_it_is_declared_as_replayed_and_not_as_happening_here() -> None:
    """Screens mark it like any simulated input."""
    declared = read_document(declaration())
    assert (declared.source.kind, declared.source.simulated) == ("replayed", True)
    assert len(declared.datastreams) == len(RECORDINGS)
