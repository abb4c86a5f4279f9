"""Who is asked what and when, so that nothing is hidden and nobody is asked more than ten times in ten minutes.

Two promises, both kept at once whatever comes in:

1. a seat gets at most ten cards in any ten minutes (EEMUA 191);
2. every alert is put before somebody within the limit of its severity: extreme and severe in 60 s, moderate in 5 minutes,
   minor in 15 (house rule; 60 s is what ten cards in ten minutes allow a single seat).

How: a card is only spent while **one card a minute for the next ten minutes** stays possible (`Book.room`). Spent at such a
time, the promise holds again a minute later (proof in record 0016), so whatever must wait waits a minute at most. When it is
calm every alert gets a card of its own at once, as long as there is room for all that wait; else they share one. In a flood
alerts gather: extreme and severe ones go out with the next card, each by its own headline; moderate and minor ones go out
together with everything of their place and kind, when the first of them is nearly due. Nothing is folded away: a bundle's line
says how many they are, and each of them can be opened.

What it does not do: it does not decide what is important beyond severity, and it forgets nothing that was not put before
somebody. It keeps the first promise even where seats leave and the second cannot be kept; what is late is told.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from impetus.core.alert import Alert
from impetus.core.attention import Because, Seat, Waiting
from impetus.core.finding import Finding, Severity
from impetus.processes.alarm_load import MOST_PER_10_MIN, TEN_MINUTES
from impetus.processes.quiet import LASTING, STILL_SO

LIMITS: Mapping[Severity, timedelta] = {
    Severity.EXTREME: timedelta(seconds=60),
    Severity.SEVERE: timedelta(seconds=60),
    Severity.MODERATE: timedelta(minutes=5),
    Severity.MINOR: timedelta(minutes=15),
    Severity.UNKNOWN: timedelta(minutes=5),
}
"""Longest time from raised to put before somebody. What nobody could grade is not taken for small. House rule."""
OWN_HEADLINE = frozenset({Severity.EXTREME, Severity.SEVERE})
"""Severities that stand by their own headline on a card, never behind a count."""
BEAT = timedelta(seconds=60)
"""A card in each of these is always kept possible: ten of them fill ten minutes."""
LEAD = timedelta(seconds=65)
"""How long before its limit a gathered alert goes out: a beat and a turn of the keeper."""
EVERYBODY = Seat(name="")
"""The seat that stands for all when nobody has sat down."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """What is put before a seat now, most severe first."""

    seat: str
    lines: tuple[Waiting, ...]

    @property
    def severity(self) -> Severity:
        """Return the worst on it."""
        return max((line.severity for line in self.lines), key=lambda severity: severity.rank)


@dataclass(slots=True, kw_only=True)
class Book:
    """Which seat was asked when, over the last ten minutes, and what that leaves."""

    seats: Sequence[Seat]
    asked: dict[str, list[datetime]] = field(default_factory=dict)

    def room(self, at: datetime) -> int:
        """Return how many cards may be spent now so that one a minute for ten minutes stays possible; may be below 0.

        A seat is never over its ten, so there is a place exactly when the seats together are not full, whoever was asked.
        """
        times = [when for seat in self.seats for when in self.asked.get(seat.name, ())]
        capacity = MOST_PER_10_MIN * len(self.seats)
        return min(capacity - _used(times, at + beat * BEAT) - beat for beat in range(MOST_PER_10_MIN))

    def spend(self, at: datetime, wanted: str = "") -> str | None:
        """Count a card and return its seat: the wanted one if it has room, else the one asked least; None when all are full.

        Seconds are asked only when no operator has room.
        """
        places = [
            (seat.name != wanted, seat.is_second, used, max(mine, default=at - TEN_MINUTES), seat.name)
            for seat in self.seats
            if (used := _used(mine := self.asked.get(seat.name, []), at)) < MOST_PER_10_MIN
        ]
        if not places:
            return None
        name = min(places)[-1]
        self.asked.setdefault(name, []).append(at)
        return name


def bundle_of(alert: Alert) -> str:
    """Return what an alert shares a line with: its place and its kind, simulated apart from real."""
    place = f"zone:{alert.zone}" if alert.zone else alert.subject.rpartition("/")[0] or alert.subject
    return f"{place}|{alert.kind.value}{'|simulated' if alert.simulated else ''}"


def due_of(waiting: Waiting) -> datetime:
    """Return until when somebody must have been asked."""
    return waiting.since + LIMITS[waiting.severity]


def both(known: Waiting, wanted: Waiting) -> Waiting:
    """Return what waits for both reasons: until the sooner of the two limits, with the worse severity, and what nobody has seen.

    It counts as waiting since so long before that limit as its severity may wait. So it is never late while neither was: what
    is late takes a card that was kept for later (record 0016).
    """
    worse = max(known, wanted, key=lambda each: each.severity.rank)
    return Waiting(
        alert=known.alert,
        since=min(due_of(known), due_of(wanted)) - LIMITS[worse.severity],
        severity=worse.severity,
        bundle=wanted.bundle,
        because=Because.MORE if Because.MORE in (known.because, wanted.because) else worse.because,
        wanted=wanted.wanted,
    )


def is_news(finding: Finding, told: Iterable[Finding]) -> bool:
    """Say whether a finding must be put before somebody although its alert is known.

    `told` are earlier findings of the same identity that came with the same alert. One of them speaks for the new one when it
    was at least as bad, had no longer a limit, and is not over: noticed within half an hour before the new one began, or a
    condition, which lasts as long as its alert. Whatever spoke was put before somebody itself, or waits for it.
    """
    return not any(_speaks_for(known, finding) for known in told)


def _speaks_for(known: Finding, finding: Finding) -> bool:
    """Say whether who was asked about one was asked about the other."""
    is_as_bad = known.severity.rank >= finding.severity.rank and LIMITS[known.severity] <= LIMITS[finding.severity]
    lasts = known.kind in LASTING and finding.kind in LASTING
    return is_as_bad and (lasts or finding.began - lasted_until(known) <= STILL_SO)


def lasted_until(finding: Finding) -> datetime:
    """Return until when a finding is known to have lasted; never before it began, whatever its tool says."""
    return max(finding.began, finding.ended or finding.noticed)


def plan(
    waiting: Iterable[Waiting],
    seats: Sequence[Seat],
    asked: Iterable[tuple[str, datetime]],
    at: datetime,
    *,
    flood: bool,
) -> tuple[Card, ...]:
    """Return the cards to put before seats now; what is not on one goes on waiting.

    `seats` are those where somebody sits now (`EVERYBODY` alone when there are none); `asked` are the cards of the last ten
    minutes; one for everybody counts for each. Cost: some hundred steps a card.
    """
    book = Book(seats=seats or (EVERYBODY,))
    for name, when in asked:
        for each in [name] if name else [seat.name for seat in book.seats]:
            book.asked.setdefault(each, []).append(when)
    left = sorted(waiting, key=lambda each: (-each.severity.rank, each.since, each.alert))
    room = book.room(at)
    if not flood and len(left) <= room:
        shared: list[tuple[Waiting, ...]] = [(each,) for each in left]
    else:
        together = tuple(_ripe(left, at) if flood else left)
        is_late = any(due_of(each) <= at for each in together)
        shared = [together] if together and (room > 0 or is_late) else []
    cards = []
    for lines in shared:
        seat = book.spend(at, lines[0].wanted)
        if seat is not None:
            cards.append(Card(seat=seat, lines=lines))
    return tuple(cards)


def _ripe(left: Sequence[Waiting], at: datetime) -> list[Waiting]:
    """Return what goes out together: the worst at once, the rest by bundles, when the first of a bundle is nearly due."""
    nearly = {each.bundle for each in left if due_of(each) - LEAD <= at and each.severity not in OWN_HEADLINE}
    return [each for each in left if each.severity in OWN_HEADLINE or each.bundle in nearly]


def _used(asked: Iterable[datetime], at: datetime) -> int:
    """Return how many cards lie in the ten minutes before a time, that time included."""
    return sum(at - TEN_MINUTES < when <= at for when in asked)
