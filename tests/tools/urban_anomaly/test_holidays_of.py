"""Public holidays are data by country."""

from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from impetus.core.errors import Misconfigured
from impetus.core.observation import to_us
from impetus.tools.urban_anomaly.config import from_settings
from impetus.tools.urban_anomaly.holidays_of import country_code, days_off, is_day_off
from impetus.tools.urban_anomaly.seasons import seasons


def days_since_epoch(day: date) -> int:
    """Return days since 1970-01-01."""
    return (day - date(1970, 1, 1)).days


@pytest.mark.parametrize(
    ("country", "day"),
    [("NO", date(2026, 5, 17)), ("IT", date(2026, 4, 25)), ("NO", date(2027, 1, 1)), ("FR", date(2026, 7, 14))],
)
def test_national_days_are_off(country: str, day: date) -> None:
    """Each country has its own."""
    assert days_since_epoch(day) in days_off(country, day.year)


def test_a_holiday_is_like_a_sunday_and_only_where_it_is_one() -> None:
    """1 May 2026 is a Friday: off in Norway, a working day without a country."""
    times = np.array([to_us(datetime(2026, 5, 1, 12, tzinfo=UTC))])
    assert seasons(times, UTC, "NO").day.tolist() == [2]
    assert seasons(times, UTC).day.tolist() == [1]


def test_days_of_several_years_are_looked_up_at_once() -> None:
    """New Year's days of three years and the days after."""
    firsts = [days_since_epoch(date(year, 1, 1)) for year in (2025, 2026, 2027)]
    days = np.array([day for first in firsts for day in (first, first + 1)])
    assert is_day_off("NO", days).tolist() == [True, False] * 3


def test_no_days_are_no_holidays() -> None:
    """Nothing in, nothing out."""
    assert is_day_off("NO", np.zeros(0, dtype=np.int64)).tolist() == []


def test_a_country_is_written_in_capitals() -> None:
    """Small letters are understood; empty is none."""
    assert from_settings({"country": " no "}).country == "NO"
    assert country_code("") == ""


@settings(max_examples=20, deadline=None)
@given(st.text(max_size=8).filter(lambda text: len(text.strip()) != 2 and text.strip()))
def test_what_is_no_country_is_refused_with_a_remedy(text: str) -> None:
    """Anything that is not a code of two letters names itself."""
    with pytest.raises(Misconfigured, match="country"):
        country_code(text)
