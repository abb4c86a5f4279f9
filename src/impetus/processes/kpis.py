"""Key figures of how alerts are worked on, under the names the field knows, and never of one person.

How nobody is found: times that people's work made are told only where at least five different people acted, in a week that is
over, and in that cell of that week; where exactly one cell of a week would stay untold, the next smallest stays untold with
it, so that nobody can subtract. What is about tools and the city (how many, detected how late, false or not) is always told.

**Source**: names of the times as in TheHive's case metrics (time to detect, acknowledge, triage, qualify, resolve); F17 of the
house's ethics: figures of at least five people; complementary suppression as in statistical disclosure control, Hundepool et
al., Statistical Disclosure Control (2012), section 4.4.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from statistics import median

from impetus.core.alert import Verdict
from impetus.core.attention import AlertLife

FEWEST_PEOPLE = 5
"""Different people below whose number a time of theirs is withheld. **Source**: F17 of the house's ethics."""
WEEK = timedelta(weeks=1)
CLEAR = frozenset({Verdict.CONFIRMED, Verdict.FALSE_ALARM, Verdict.BENIGN})
"""Verdicts that say what it was; the others say that nobody could tell, or that it was practice."""


class Step(StrEnum):
    """What a time is measured to."""

    DETECT = "detect"
    """From when it happened to when the alert was raised: the tool's and the line's doing."""
    ACKNOWLEDGE = "acknowledge"
    """From raised to when somebody first had it."""
    TRIAGE = "triage"
    """From raised to the first verdict."""
    QUALIFY = "qualify"
    """From raised to joining an incident, or to being closed without one."""
    RESOLVE = "resolve"
    """From raised to closed for good."""


class By(StrEnum):
    """What figures are told apart by; a person is not among it, and cannot be."""

    TOOL = "tool"
    TYPE = "type"
    ZONE = "zone"
    WEEK = "week"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A time in seconds: its median, the value nine in ten stay below, and of how many alerts."""

    median_s: float
    p90_s: float
    alerts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The figures of one tool, type, zone or week, or of all.

    `clear` alerts had a verdict that says what it was; `false_alarms` and `benign` are among those, and `false_share` is None
    when there are none. `times` has None where nothing was measured or where too few people did it; `withheld` counts the
    alerts left out for that.
    """

    key: str
    alerts: int
    clear: int
    false_alarms: int
    benign: int
    times: Mapping[Step, Span | None]
    withheld: int

    @property
    def false_share(self) -> float | None:
        """Return the share of false alarms among what was judged clearly, 0..1."""
        return self.false_alarms / self.clear if self.clear else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """The alerts of one key in one week, and the people who acted on them."""

    key: str
    week: datetime
    lives: tuple[AlertLife, ...]

    @property
    def people(self) -> int:
        """Return how many different people acted."""
        return len(frozenset[int]().union(*(life.people for life in self.lives)))


def week_of(at: datetime) -> datetime:
    """Return the Monday midnight UTC a time's week begins with.

    >>> week_of(datetime(2026, 3, 14, 21, 0, tzinfo=UTC)).isoformat()
    '2026-03-09T00:00:00+00:00'
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def figures_by(lives: Sequence[AlertLife], by: By, at: datetime) -> tuple[Figures, ...]:
    """Return the figures by tool, type, zone or week, the busiest first (weeks in order); an alert of two tools counts in both."""
    cells = cells_of(lives, KEYS[by])
    told = tellable(cells, at)
    keys = list(dict.fromkeys(cell.key for cell in cells))
    rows = [_figures(key, [cell for cell in cells if cell.key == key], told) for key in keys]
    return tuple(sorted(rows, key=(lambda row: row.key) if by is By.WEEK else (lambda row: (-row.alerts, row.key))))


def total_of(lives: Sequence[AlertLife], at: datetime) -> Figures:
    """Return the figures of all together, from the weeks in which enough people acted."""
    cells = cells_of(lives, lambda _: ("all",))
    return _figures("all", cells, tellable(cells, at))


def cells_of(lives: Sequence[AlertLife], keys_of: Callable[[AlertLife], Sequence[str]]) -> tuple[Cell, ...]:
    """Return the alerts by key and week."""
    grouped: dict[tuple[str, datetime], list[AlertLife]] = {}
    for life in lives:
        for key in keys_of(life):
            grouped.setdefault((key, week_of(life.raised_at)), []).append(life)
    return tuple(Cell(key=key, week=week, lives=tuple(mine)) for (key, week), mine in grouped.items())


def tellable(cells: Sequence[Cell], at: datetime) -> frozenset[tuple[str, datetime]]:
    """Return the cells whose people's times may be told: weeks that are over, five people, and none alone untold."""
    told: set[tuple[str, datetime]] = set()
    for week in {cell.week for cell in cells if cell.week + WEEK <= at}:
        mine = [cell for cell in cells if cell.week == week and cell.people]
        enough = sorted(
            (cell for cell in mine if cell.people >= FEWEST_PEOPLE), key=lambda cell: (cell.people, cell.key)
        )
        if len(mine) - len(enough) == 1:
            enough = enough[1:]
        told.update((cell.key, week) for cell in enough)
    return frozenset(told)


def span_of(seconds: Sequence[float]) -> Span | None:
    """Return median and 90th percentile (nearest rank), None of nothing.

    >>> span_of([30.0, 10.0, 20.0, 400.0])
    Span(median_s=25.0, p90_s=400.0, alerts=4)
    """
    ordered = sorted(seconds)
    if not ordered:
        return None
    rank = -(-9 * len(ordered) // 10)
    return Span(median_s=float(median(ordered)), p90_s=ordered[rank - 1], alerts=len(ordered))


def _figures(key: str, cells: Sequence[Cell], told: frozenset[tuple[str, datetime]]) -> Figures:
    lives = [life for cell in cells for life in cell.lives]
    telling = [life for cell in cells if (cell.key, cell.week) in told for life in cell.lives]
    clear = [life for life in lives if life.verdict in CLEAR]
    times = {step: span_of(_seconds(lives if step is Step.DETECT else telling, step)) for step in Step}
    return Figures(
        key=key,
        alerts=len(lives),
        clear=len(clear),
        false_alarms=sum(life.verdict is Verdict.FALSE_ALARM for life in clear),
        benign=sum(life.verdict is Verdict.BENIGN for life in clear),
        times=times,
        withheld=sum(bool(life.people) for life in lives) - sum(bool(life.people) for life in telling),
    )


def _seconds(lives: Sequence[AlertLife], step: Step) -> list[float]:
    """Return the seconds to a step for those that came so far; a clock set back makes a time of nought."""
    spans = (
        (life.began, life.raised_at) if step is Step.DETECT else (life.raised_at, ENDS[step](life)) for life in lives
    )
    return [max(0.0, (end - begin).total_seconds()) for begin, end in spans if end is not None]


ENDS: Mapping[Step, Callable[[AlertLife], datetime | None]] = {
    Step.ACKNOWLEDGE: lambda life: life.taken_at,
    Step.TRIAGE: lambda life: life.judged_at,
    Step.QUALIFY: lambda life: life.qualified_at,
    Step.RESOLVE: lambda life: life.closed_at,
}
KEYS: Mapping[By, Callable[[AlertLife], Sequence[str]]] = {
    By.TOOL: lambda life: life.tools or ("",),
    By.TYPE: lambda life: (life.type or life.kind.value,),
    By.ZONE: lambda life: (life.zone or "",),
    By.WEEK: lambda life: (week_of(life.raised_at).date().isoformat(),),
}
