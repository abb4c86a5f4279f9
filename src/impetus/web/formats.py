"""How numbers, times and spans read in a language: tabular numbers, written units, times with seconds."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from impetus.core.text import Phrase
from impetus.web.i18n import Words

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400
MIB = 1024 * 1024


@lru_cache(maxsize=16)
def _locale(language: str) -> Locale:
    """Return a language's locale, read once: a page writes a hundred moments, and reading it costs more than writing one."""
    return Locale.parse(language)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """The formats of one language and time zone."""

    words: Words
    zone: ZoneInfo

    def clock(self, at: datetime) -> str:
        """Return the time of day with seconds, `14:07:32`."""
        return at.astimezone(self.zone).strftime("%H:%M:%S")

    def clock_of(self, text: str) -> str:
        """Return the time of day of a moment kept as RFC 3339 text."""
        return self.clock(datetime.fromisoformat(text))

    def moment(self, at: datetime) -> str:
        """Return date and time with seconds, `21 Nov 2026, 14:07:32`."""
        return str(format_datetime(at, "d MMM y, HH:mm:ss", tzinfo=self.zone, locale=_locale(self.words.language)))

    def day(self, at: datetime) -> str:
        """Return the date, `21 Nov 2026`."""
        return str(format_date(at.astimezone(self.zone).date(), "d MMM y", locale=_locale(self.words.language)))

    def calendar(self, day: date) -> str:
        """Return a day that has no time of day, `21 Nov 2026`."""
        return str(format_date(day, "d MMM y", locale=_locale(self.words.language)))

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with at most so many digits after the point, grouped as the language does."""
        pattern = "#,##0" + ("." + "#" * digits if digits else "")
        return str(format_decimal(value, format=pattern, locale=_locale(self.words.language)))

    def percent(self, ratio: float) -> str:
        """Return a ratio of 0..1 as whole percent."""
        return f"{self.number(100 * ratio)} %"

    def size(self, bytes_: float) -> str:
        """Return a size in MiB, or GiB from 1,024 MiB."""
        mib = bytes_ / MIB
        return f"{self.number(mib / 1024, 1)} GiB" if mib >= 1024 else f"{self.number(mib, 1)} MiB"  # noqa: PLR2004 - 1,024 MiB are one GiB

    def span(self, seconds: float) -> str:
        """Return a span in its largest whole unit: `11 s`, `3 min`, `5 h`, `2 d`."""
        whole = max(0, int(seconds))
        if whole < MINUTE_S:
            return self.words.say(Phrase(template="{count} s", values={"count": whole}))
        if whole < HOUR_S:
            return self.words.say(Phrase(template="{count} min", values={"count": whole // MINUTE_S}))
        if whole < 2 * DAY_S:
            return self.words.say(Phrase(template="{count} h", values={"count": whole // HOUR_S}))
        return self.words.say(Phrase(template="{count} d", values={"count": whole // DAY_S}))
