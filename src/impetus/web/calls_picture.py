"""The picture of the weeks: each rotation one strip a week, each stretch a bar with its person's name on it.

Shades repeat what the words say; a stand-in has an edge of its own. Lengths are true to time: the night the clock changes is
shorter or longer in the picture, too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from impetus.desk.on_call_desk import RotationView

WIDTH = 1000.0
"""Width of a week in units of the drawing."""
SHADES = 6
LEAST_NAMED = 60.0
"""Narrowest bar that carries its name; the others say it when pointed at, and in the table below."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stretch inside one week: where it lies, whose it is, and with which shade."""

    x: float
    width: float
    person: str
    instead_of: str
    shade: int
    begins: datetime
    ends: datetime

    @property
    def is_named(self) -> bool:
        """Say whether the name fits on it."""
        return self.width >= LEAST_NAMED


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """One week of one rotation; `now_x` is where this moment lies, None in other weeks; `days` where each day begins."""

    monday: date
    bars: tuple[Bar, ...]
    days: tuple[tuple[float, date], ...]
    now_x: float | None


def monday_of(at: datetime, zone: ZoneInfo) -> datetime:
    """Return when the week of a moment begins on the wall clock, as that zone counts it."""
    local = at.astimezone(zone)
    day = local.date() - timedelta(days=local.weekday())
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def weeks_of(view: RotationView, since: datetime, weeks: int, zone: ZoneInfo, now: datetime) -> tuple[Week, ...]:
    """Return a rotation's weeks as drawn, from the Monday `since` on."""
    shade = {person: place % SHADES for place, person in enumerate(view.rotation.people)}
    return tuple(_week(view, _later(since, number, zone), zone, now, shade) for number in range(weeks))


def _week(view: RotationView, begins: datetime, zone: ZoneInfo, now: datetime, shade: dict[str, int]) -> Week:
    ends = _later(begins, 1, zone)
    days = [_days_later(begins, number, zone) for number in range(7)]
    bars = [
        Bar(
            x=_x(max(stretch.begins, begins), begins, ends),
            width=_x(min(stretch.ends, ends), begins, ends) - _x(max(stretch.begins, begins), begins, ends),
            person=stretch.person,
            instead_of=stretch.instead_of,
            shade=shade.get(stretch.person, SHADES - 1),
            begins=stretch.begins,
            ends=stretch.ends,
        )
        for stretch in view.stretches
        if stretch.begins < ends and stretch.ends > begins
    ]
    return Week(
        monday=begins.date(),
        bars=tuple(bars),
        days=tuple((_x(day, begins, ends), day.date()) for day in days),
        now_x=_x(now, begins, ends) if begins <= now < ends else None,
    )


def _later(begins: datetime, weeks: int, zone: ZoneInfo) -> datetime:
    return _days_later(begins, 7 * weeks, zone)


def _days_later(begins: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Return the same time of day so many days later on the calendar: days, not hours, are counted."""
    day = begins.astimezone(zone).date() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, tzinfo=zone)


def _x(at: datetime, begins: datetime, ends: datetime) -> float:
    """Return where a moment lies in a week, by true time."""
    share = (at.timestamp() - begins.timestamp()) / (ends.timestamp() - begins.timestamp())
    return round(WIDTH * share, 2)


def people_of(bars: Sequence[Bar]) -> tuple[str, ...]:
    """Return who stands in a week, in order, each once."""
    return tuple(dict.fromkeys(bar.person for bar in bars))
