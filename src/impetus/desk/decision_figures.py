"""How people decide, counted so that nobody can be found in it.

What is counted: how long from shown to decided, in steps of a quarter; how often people decide against what a tool or a
colleague suggested; how often "not enough information" was the answer; planted test alerts and how many were judged right.
How nobody is found: counts are by calendar week and kind of decision, never by person, shift, seat or place; a week is told
only when it is over (a running total would show what one person added since yesterday) and only when at least five
different people decided in it.

**Source**: AI Act, article 14(4)(b), automation bias, and article 26(5), deployers watch how a system does; F17 of the house's
ethics: no per-person performance, aggregates of at least five people.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from impetus.core.action import ActionEvent
from impetus.core.actor import Actor
from impetus.core.alert import Verdict
from impetus.core.ids import AccountId
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Unit

FEWEST_PEOPLE = 5
"""People below whose number a figure is withheld. **Source**: F17; the k of k-anonymity usual for staff statistics."""
WEEKS = 4
"""Finished weeks that are told together. House rule: about a month."""
KEPT_WEEKS = 104
STEP = 1.25
"""Ratio of one step of the time scale to the next: a median read off it is right to about an eighth."""
LONGEST_S = 4 * 3600.0
"""Longest time counted as deciding; a page left open over night says nothing. House rule."""
AGAINST = frozenset({Verdict.FALSE_ALARM, Verdict.BENIGN})
TIME, FOLLOWED, OVERRULED, UNDECIDED = "time", "followed", "overruled", "undecided"
PLANTED, FOUND = "planted", "planted_found"
Counts = Mapping[tuple[str, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class GateFigures:
    """Figures of the finished weeks from `since` to `until` that at least five people decided in; None is "withheld".

    `median_s` is seconds from shown to decided. `overruled_share` (0..1) is of decisions that went with or against the
    suggestion; `undecided_share` is "not enough information" among all. `withheld` counts the weeks with too few people.
    """

    since: datetime
    until: datetime
    weeks: int
    withheld: int
    fewest_people: int = FEWEST_PEOPLE
    decisions: int | None = None
    median_s: float | None = None
    overruled_share: float | None = None
    undecided_share: float | None = None
    planted: int | None = None
    planted_found: int | None = None


def week_of(at: datetime) -> datetime:
    """Return Monday 00:00 UTC of the week.

    >>> week_of(datetime(2026, 11, 22, 12, tzinfo=UTC)).isoformat()
    '2026-11-16T00:00:00+00:00'
    """
    day = at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return day - timedelta(days=day.weekday())


def count_answer(unit: Unit, event: ActionEvent, person: AccountId, *, shown: datetime | None, at: datetime) -> None:
    """Count one answer to a proposal."""
    word = {ActionEvent.DECLINE: OVERRULED, ActionEvent.LACK: UNDECIDED}.get(event, FOLLOWED)
    unit.figures.add(week_of(at), word, 0, person=person)
    _count_time(unit, shown, at)


def count_verdict(unit: Unit, verdict: Verdict, person: AccountId, *, shown: datetime | None, at: datetime) -> None:
    """Count the first verdict on an alert; exercises count for nothing."""
    if verdict is Verdict.EXERCISE:
        return
    word = OVERRULED if verdict in AGAINST else UNDECIDED if verdict is Verdict.NOT_ENOUGH_INFORMATION else FOLLOWED
    unit.figures.add(week_of(at), word, 0, person=person)
    _count_time(unit, shown, at)


def count_plant(unit: Unit, verdict: Verdict | None, expected: Verdict, *, at: datetime) -> None:
    """Count a planted alert that was disclosed, and whether it was judged right; "not enough information" is not wrong."""
    if verdict is Verdict.NOT_ENOUGH_INFORMATION:
        return
    unit.figures.add(week_of(at), PLANTED, 0)
    if verdict is expected:
        unit.figures.add(week_of(at), FOUND, 0)


def gate_figures(desk: Desk, actor: Actor) -> GateFigures:
    """Return the figures of the last four finished weeks, of those weeks that enough people decided in."""
    permit(desk, actor, Operation.FIGURES_READ)
    until = week_of(desk.clock.now())
    weeks = [until - timedelta(weeks=back) for back in range(WEEKS, 0, -1)]
    with desk.store.read() as unit:
        told = [unit.figures.counts(week) for week in weeks if unit.figures.people(week) >= FEWEST_PEOPLE]
        withheld = sum(0 < unit.figures.people(week) < FEWEST_PEOPLE for week in weeks)
    total: dict[tuple[str, int], int] = {}
    for counts in told:
        for key, count in counts.items():
            total[key] = total.get(key, 0) + count
    if not told:
        return GateFigures(since=weeks[0], until=until, weeks=0, withheld=withheld)
    followed, overruled, undecided = (total.get((word, 0), 0) for word in (FOLLOWED, OVERRULED, UNDECIDED))
    return GateFigures(
        since=weeks[0],
        until=until,
        weeks=len(told),
        withheld=withheld,
        decisions=followed + overruled + undecided,
        median_s=median_of(total),
        overruled_share=_share(overruled, followed + overruled),
        undecided_share=_share(undecided, followed + overruled + undecided),
        planted=total.get((PLANTED, 0), 0),
        planted_found=total.get((FOUND, 0), 0),
    )


def bucket_of(seconds: float) -> int:
    """Return the step of the time scale a span falls into, 0 for a second or less.

    >>> [bucket_of(seconds) for seconds in (0.3, 1.0, 1.3, 10.0, 60.0)]
    [0, 0, 1, 10, 18]
    """
    return int(math.log(min(max(seconds, 1.0), LONGEST_S)) / math.log(STEP))


def median_of(counts: Counts) -> float | None:
    """Return the median span in seconds, the middle of the step it falls into; None when nothing was measured."""
    steps = sorted((bucket, count) for (name, bucket), count in counts.items() if name == TIME)
    half, seen = sum(count for _, count in steps) / 2, 0
    for bucket, count in steps:
        seen += count
        if seen >= half:
            return float(STEP ** (bucket + 0.5))
    return None


def _count_time(unit: Unit, shown: datetime | None, at: datetime) -> None:
    """Count how long it took, when somebody knows when it was shown; a time from the future or of yesterday is none."""
    if shown is not None and 0.0 <= (span_s := (at - shown).total_seconds()) <= LONGEST_S:
        unit.figures.add(week_of(at), TIME, bucket_of(span_s))


def _share(part: int, whole: int) -> float | None:
    """Return a share, None of nothing."""
    return part / whole if whole else None
