"""Public holidays as days of another kind: a working day that is none looks like a Sunday, not like an event.

Which days those are is data, by country, from the `holidays` package; nothing is fetched. Without a country there are none.

**Source**: national laws on public holidays as collected by the package `holidays` (ISO 3166-1 codes).
"""

from functools import cache

import holidays
import numpy as np

from impetus.core.errors import Misconfigured
from impetus.core.observation import Int64s

DAY0 = np.datetime64("1970-01-01")


@cache
def days_off(country: str, year: int) -> frozenset[int]:
    """Return the public holidays of a year as days since 1970-01-01; none for the empty country.

    >>> (17_897 in days_off("NO", 2019)), len(days_off("", 2019))
    (True, 0)
    """
    if not country:
        return frozenset()
    return frozenset(
        int((np.datetime64(day) - DAY0).astype(int)) for day in holidays.country_holidays(country, years=year)
    )


def country_code(text: str) -> str:
    """Return a checked two-letter code, "" for none; `Misconfigured` for one nothing is known about."""
    code = text.strip().upper()
    if code and code not in holidays.list_supported_countries():
        raise Misconfigured(
            f"country is {text!r}", value=text, limit="an ISO 3166-1 code of two letters", remedy="write it as NO"
        )
    return code


def is_day_off(country: str, day: Int64s) -> "np.ndarray[tuple[int], np.dtype[np.bool_]]":
    """Say which days since 1970-01-01 are public holidays."""
    off = np.zeros(len(day), dtype=np.bool_)
    if country and len(day):
        for year in range(*_years(int(day.min()), int(day.max()))):
            some = days_off(country, year)
            off |= np.isin(day, np.fromiter(some, dtype=np.int64, count=len(some)))
    return off


def _years(first: int, last: int) -> tuple[int, int]:
    """Return the years of two days since 1970-01-01, as a range."""
    years = (DAY0 + np.array([first, last])).astype("datetime64[Y]").astype(int) + 1970
    return int(years[0]), int(years[1]) + 1
