"""Numbers, times and spans read as the language writes them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from impetus.web.formats import Formats
from impetus.web.i18n import load_words

AT = datetime(2026, 11, 21, 13, 7, 32, tzinfo=UTC)


def formats(language: str) -> Formats:
    """Return formats in Oslo's time."""
    return Formats(words=load_words()[language], zone=ZoneInfo("Europe/Oslo"))


def test_times_are_in_the_installations_zone_with_seconds() -> None:
    """13:07:32 UTC is 14:07:32 in Oslo in winter."""
    assert formats("en").clock(AT) == "14:07:32"
    assert formats("en").moment(AT) == "21 Nov 2026, 14:07:32"
    assert formats("it").day(AT) == "21 nov 2026"


@pytest.mark.parametrize(("language", "expected"), [("en", "1,204.5"), ("nb", "1\xa0204,5"), ("it", "1.204,5")])
def test_numbers_are_grouped_as_the_language_does(language: str, expected: str) -> None:
    """The same number has three faces."""
    assert formats(language).number(1204.5, 1) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-3, "0 s"), (11.9, "11 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h"), (90_000, "25 h"), (200_000, "2 d")],
)
def test_a_span_is_said_in_its_largest_whole_unit(seconds: float, expected: str) -> None:
    """Never more precise than a glance needs; never negative when clocks differ."""
    assert formats("en").span(seconds) == expected


def test_sizes_and_shares_have_units() -> None:
    """A bare number says nothing."""
    assert formats("en").size(3 * 1024 * 1024) == "3 MiB"
    assert formats("en").size(2048 * 1024 * 1024) == "2 GiB"
    assert formats("en").percent(0.853) == "85 %"
