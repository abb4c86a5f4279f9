"""Key figures of how alerts are worked on: read from alerts and their histories, whole weeks, never of one person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.processes.alarm_load import PriorityShare, flood_share, priorities
from impetus.processes.kpis import FEWEST_PEOPLE, WEEK, By, Figures, figures_by, total_of, week_of

MOST_WEEKS = 26
MOST_ALERTS = 50_000
"""Alerts one page of figures is made of at most; beyond it the page says so. House rule: half a year of one square."""
SPAN = timedelta(weeks=8)
"""What is told when nobody says which weeks. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeekLoad:
    """How much one week asked: alerts raised, their mean in ten minutes, and the share of time that was a flood, 0..1."""

    week: datetime
    alerts: int
    per_10_min: float
    flood_share: float
    is_over: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Kpis:
    """Key figures of the whole weeks from `since` to `until`; `is_capped` when there were more alerts than are counted."""

    since: datetime
    until: datetime
    by: By
    rows: tuple[Figures, ...]
    total: Figures
    load: tuple[WeekLoad, ...]
    priorities: tuple[PriorityShare, ...]
    fewest_people: int = FEWEST_PEOPLE
    is_capped: bool = False
    is_simulated: bool = False


def kpis(
    desk: Desk,
    actor: Actor,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    by: By = By.TOOL,
    simulated: bool = False,
) -> Kpis:
    """Return the figures of the weeks a span touches, the last eight without one; `Malformed` beyond half a year.

    Real and simulated alerts are never counted together: an exercise says nothing about the city.
    """
    permit(desk, actor, Operation.FIGURES_READ, on="page:kpis")
    at = desk.clock.now()
    last = week_of(_aware(until or at)) + WEEK
    first = week_of(_aware(since)) if since is not None else last - SPAN
    if not timedelta(0) < last - first <= MOST_WEEKS * WEEK:
        raise Malformed(
            f"figures from {first.date()} to {last.date()}",
            value=f"{first.date()} .. {last.date()}",
            limit=f"1 to {MOST_WEEKS} weeks",
            remedy="choose a shorter span, its beginning first",
        )
    with desk.store.read() as unit:
        lives = unit.attention.lives(first, last, simulated=simulated, limit=MOST_ALERTS)
        minutes = unit.attention.raised_by_minute(first, last - timedelta(minutes=1))
    return Kpis(
        since=first,
        until=last,
        by=by,
        rows=figures_by(lives, by, at),
        total=total_of(lives, at),
        load=_load(minutes, first, at),
        priorities=priorities(life.severity for life in lives),
        is_capped=len(lives) >= MOST_ALERTS,
        is_simulated=simulated,
    )


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise Malformed(f"time {at} has no zone", value=at, limit="an aware time", remedy="add Z or an offset")
    return at


def _load(minutes: Sequence[int], first: datetime, at: datetime) -> tuple[WeekLoad, ...]:
    """Return the load week by week; the running one so far."""
    per_week = WEEK // timedelta(minutes=1)
    loads = []
    for start in range(0, len(minutes), per_week):
        week = first + timedelta(minutes=start)
        passed = min(per_week, max(0, (at - week) // timedelta(minutes=1) + 1))
        mine = minutes[start : start + passed]
        raised = sum(mine)
        loads.append(
            WeekLoad(
                week=week,
                alerts=raised,
                per_10_min=raised / passed * 10 if passed else 0.0,
                flood_share=flood_share(mine),
                is_over=week + WEEK <= at,
            )
        )
    return tuple(loads)
