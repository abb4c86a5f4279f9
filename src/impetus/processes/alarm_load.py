"""How much people are asked: the meter of a seat, when it is a flood, and how priorities spread.

**Source**: EEMUA 191, 3rd edition (about one alarm per operator in ten minutes is sustainable, two manageable, more than ten
in ten minutes a flood; priorities about 80 % low, 15 % medium, 5 % high); ISA-18.2 and IEC 62682 (a flood ends when fewer
than five alarms come in ten minutes).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from impetus.core.finding import Severity

TEN_MINUTES = timedelta(minutes=10)
SUSTAINABLE_PER_10_MIN = 1
MANAGEABLE_PER_10_MIN = 2
MOST_PER_10_MIN = 10
"""Asks a seat gets in any ten minutes at most; more is a flood by EEMUA 191."""
FLOOD_ENDS_PER_10_MIN = 5
"""Alerts a seat in ten minutes below which a flood is over. Source: ISA-18.2; IEC 62682."""
FLOOD_LOOK_BACK_MIN = 120
"""Minutes looked back for the beginning of a flood; one that lasts longer began before. House rule."""


class LoadState(StrEnum):
    """How much a seat is asked."""

    CALM = "calm"
    BUSY = "busy"
    FLOOD = "flood"


class Priority(StrEnum):
    """The three priorities of EEMUA 191; what is not graded counts as low."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


WANTED_SHARES: Mapping[Priority, float] = {Priority.LOW: 0.80, Priority.MEDIUM: 0.15, Priority.HIGH: 0.05}
PRIORITY_OF: Mapping[Severity, Priority] = {
    Severity.EXTREME: Priority.HIGH,
    Severity.SEVERE: Priority.HIGH,
    Severity.MODERATE: Priority.MEDIUM,
    Severity.MINOR: Priority.LOW,
    Severity.UNKNOWN: Priority.LOW,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorityShare:
    """How large a share of alerts has a priority, 0..1, beside what is wanted."""

    priority: Priority
    share: float
    wanted: float
    alerts: int


def state_of(asked: int) -> LoadState:
    """Return how a seat stands that was asked so often in ten minutes.

    >>> [state_of(asked).value for asked in (0, 2, 3, 10, 11)]
    ['calm', 'calm', 'busy', 'busy', 'flood']
    """
    if asked > MOST_PER_10_MIN:
        return LoadState.FLOOD
    return LoadState.BUSY if asked > MANAGEABLE_PER_10_MIN else LoadState.CALM


def is_flood(raised_by_minute: Sequence[int], seats: int) -> bool:
    """Say whether it is a flood now: it began with more than ten a seat in ten minutes, and fewer than five did not end it.

    `raised_by_minute` counts alerts raised in each past minute, oldest first, the running one last; `seats` at least 1.

    >>> is_flood([0] * 9 + [11], 1), is_flood([11] + [0] * 8 + [4], 1), is_flood([11] + [0] * 10, 1)
    (True, True, False)
    """
    wide, flood, running = max(1, seats), False, 0
    for place, raised in enumerate(raised_by_minute):
        running += raised - (raised_by_minute[place - 10] if place >= 10 else 0)  # noqa: PLR2004 - ten minutes
        if running > MOST_PER_10_MIN * wide:
            flood = True
        elif running < FLOOD_ENDS_PER_10_MIN * wide:
            flood = False
    return flood


def flood_share(raised_by_minute: Sequence[int], seats: int = 1) -> float:
    """Return the share of minutes, 0..1, at whose end the last ten had brought more than ten alerts a seat."""
    if not raised_by_minute:
        return 0.0
    over, running = 0, 0
    for place, raised in enumerate(raised_by_minute):
        running += raised - (raised_by_minute[place - 10] if place >= 10 else 0)  # noqa: PLR2004 - ten minutes
        over += running > MOST_PER_10_MIN * max(1, seats)
    return over / len(raised_by_minute)


def priorities(severities: Iterable[Severity]) -> tuple[PriorityShare, ...]:
    """Return how alerts spread over the three priorities, low first; all shares are 0 when there are none."""
    counts = Counter(PRIORITY_OF[severity] for severity in severities)
    total = sum(counts.values())
    return tuple(
        PriorityShare(
            priority=priority,
            share=counts[priority] / total if total else 0.0,
            wanted=WANTED_SHARES[priority],
            alerts=counts[priority],
        )
        for priority in Priority
    )


def trend(ten_minutes: int, hour: int) -> str:
    """Say whether the last ten minutes brought clearly more or less than the hour's average: rising, steady, falling.

    >>> trend(6, 12), trend(2, 12), trend(0, 30)
    ('rising', 'steady', 'falling')
    """
    usual = hour / 6
    if ten_minutes > usual * 1.5 + 1:
        return "rising"
    return "falling" if ten_minutes + 1 < usual / 1.5 else "steady"
