"""What the panels of the ethics console are drawn from: bars of days, states of the register, and what runs out next."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from impetus.core.register import EntryState
from impetus.core.retention import Hold
from impetus.core.reveal import Reveal, RevealState
from impetus.core.text import Phrase
from impetus.desk.register_reading import AssessmentView, RegisterRow
from impetus.desk.who_looked import MonthFigures

SOON = timedelta(days=30)
"""What ends within this time is shown as running out. House rule: a month's meetings."""
MUCH_TIMES, MUCH_FROM = 3.0, 10
"""A day stands out from three times the median of all days, and from ten accesses. House rule."""
LOWEST = 2.0
"""Percent of the height that a single access still gets, so that it can be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One day: its height in percent of the highest, and whether it stands out."""

    day: date
    count: int
    height: float
    is_much: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """The panel of who looked: this month in numbers, the days in bars, and the day with the most."""

    month: MonthFigures
    bars: tuple[Bar, ...]
    total: int
    most: int
    most_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One thing that ends by itself at a time: what it is about (`kind:id`), what ends, and where to go for it."""

    at: datetime
    subject: str
    what: Phrase
    more: Phrase
    href: str
    severity: str


def states(rows: Sequence[RegisterRow]) -> tuple[tuple[EntryState, int], ...]:
    """Return how many entries stand in each state, in the order of the states."""
    counts = Counter(row.state for row in rows)
    return tuple((state, counts[state]) for state in EntryState)


def looked(month: MonthFigures, days: Sequence[tuple[date, int]]) -> Looked:
    """Return the panel of who looked, days in the order given."""
    counts = [count for _, count in days]
    most = max(counts, default=0)
    usual = median(counts) if counts else 0.0
    bars = tuple(
        Bar(
            day=day,
            count=count,
            height=max(LOWEST, 100 * count / most) if count else 0.0,
            is_much=count >= MUCH_FROM and count >= MUCH_TIMES * usual,
        )
        for day, count in days
    )
    most_on = next((bar.day for bar in bars if bar.count == most), None)
    return Looked(month=month, bars=bars, total=sum(counts), most=most, most_on=most_on)


def ending(
    at: datetime, holds: Sequence[Hold], reveals: Sequence[Reveal], views: Sequence[AssessmentView]
) -> tuple[Ending, ...]:
    """Return what ends by itself within `SOON`, the first to end first."""
    found = [
        *(_hold(hold) for hold in holds),
        *(_reveal(reveal) for reveal in reveals if reveal.state in (RevealState.OPEN, RevealState.ASKED)),
        *(each for view in views for each in _statements(view)),
    ]
    return tuple(sorted((each for each in found if at <= each.at <= at + SOON), key=lambda each: each.at))


def _hold(hold: Hold) -> Ending:
    return Ending(
        at=hold.until,
        subject=hold.subject,
        what=Phrase(template="the hold ends"),
        more=Phrase(template="placed by {who}; what it covers is erased after that", values={"who": hold.owner}),
        href="/ethics/retention#holds",
        severity="moderate",
    )


def _reveal(reveal: Reveal) -> Ending:
    is_open = reveal.state is RevealState.OPEN
    return Ending(
        at=reveal.good_until,
        subject=reveal.subject,
        what=Phrase(template="the mask is lifted" if is_open else "a reveal waits for an answer"),
        more=Phrase(
            template="asked by {who} for incident {number}",
            values={"who": reveal.asked_by, "number": reveal.incident},
        ),
        href="/reveals",
        severity="severe" if is_open else "minor",
    )


def _statements(view: AssessmentView) -> list[Ending]:
    """Return the statements behind a tool's claims, each once."""
    claims = [claim for section in view.sections for question in section.questions for claim in question.claims]
    seen = {claim.id: claim for claim in claims if claim.expires_at}
    return [
        Ending(
            at=claim.expires_at,
            subject=f"tool:{view.tool}",
            what=Phrase(template="a statement by {who} ends", values={"who": claim.stated_by}),
            more=Phrase(template=claim.says),
            href=f"/ethics/assessments/{view.tool}",
            severity="minor",
        )
        for claim in seen.values()
        if claim.expires_at
    ]
