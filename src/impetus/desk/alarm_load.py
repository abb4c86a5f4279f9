"""The alarm load of a seat: who sits where, how often each seat was asked, and the cards that were put before it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from impetus.core.actor import Actor, Role
from impetus.core.alert import Alert
from impetus.core.attention import Ask, AskLine, Seat
from impetus.core.errors import Unknown
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.desk.context import Desk
from impetus.desk.flood import ASKS_KEPT, SEAT_FRESH, is_flood_now
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ports import Unit
from impetus.processes.alarm_load import (
    MOST_PER_10_MIN,
    TEN_MINUTES,
    LoadState,
    PriorityShare,
    priorities,
    state_of,
    trend,
)
from impetus.processes.flood import OWN_HEADLINE, due_of

SEEN_EVERY = timedelta(seconds=30)
"""How often a screen that stays open is noted as a seat. House rule."""
HOUR = timedelta(hours=1)
PRIORITIES_OVER = timedelta(days=7)
CARDS_SHOWN = 30
RULES_KEPT = timedelta(days=365)


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """How much a seat is asked now.

    `shown_10min` counts the cards of the last ten minutes against `limit`; `waiting` what nobody was asked about yet, `late`
    how many of those are past their limit; `raised_10min` all alerts, whoever was asked.
    """

    seat: str
    shown_10min: int
    limit: int
    state: LoadState
    trend: str
    priorities: tuple[PriorityShare, ...]
    is_flood: bool
    waiting: int
    late: int
    raised_10min: int
    seats: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bundle:
    """The alerts of one place and kind on a card: `own` by their own headlines, `more` behind a count, each to be opened."""

    name: str
    severity: Severity
    own: tuple[Alert, ...]
    more: tuple[Alert, ...]
    erased: int = 0

    @property
    def count(self) -> int:
        """Return how many there are in all."""
        return len(self.own) + len(self.more) + self.erased


@dataclass(frozen=True, slots=True, kw_only=True)
class CardShown:
    """One card as it is read: when, on which seat, and its bundles, worst first."""

    ask: Ask
    bundles: tuple[Bundle, ...]

    @property
    def count(self) -> int:
        """Return how many alerts stand on it."""
        return sum(bundle.count for bundle in self.bundles)


def sit(desk: Desk, actor: Actor) -> bool:
    """Note that somebody works on alerts at this screen; true when it was written. Whoever does not triage has no seat."""
    if actor.role is Role.SERVICE or not may(actor, Operation.ALERTS_TRIAGE):
        return False
    permit(desk, actor, Operation.LOAD_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        if any(seat.name == actor.name for seat in unit.attention.seats(at - SEEN_EVERY)):
            return False
    with desk.store.write() as unit:
        unit.attention.sit(Seat(name=actor.name, is_second=actor.role is not Role.OPERATOR), at)
    return True


def load_of(desk: Desk, actor: Actor) -> Load:
    """Return the load of the actor's own seat; nobody is shown another's."""
    permit(desk, actor, Operation.LOAD_READ)
    with desk.store.read() as unit:
        return read_load(unit, actor.name, desk.clock.now())


def read_load(unit: Unit, name: str, at: datetime) -> Load:
    """Return the load of a seat within a unit."""
    mine = [ask.at for ask in unit.attention.asked(at - HOUR) if ask.seat in ("", name)]
    shown = sum(when > at - TEN_MINUTES for when in mine)
    waiting = unit.attention.waiting()
    seats = unit.attention.seats(at - SEAT_FRESH)
    counted = unit.attention.severities(at - PRIORITIES_OVER)
    return Load(
        seat=name,
        shown_10min=shown,
        limit=MOST_PER_10_MIN,
        state=state_of(shown),
        trend=trend(shown, len(mine)),
        priorities=priorities(severity for severity, raised in counted.items() for _ in range(raised)),
        is_flood=is_flood_now(unit, seats, at),
        waiting=len(waiting),
        late=sum(due_of(each) < at for each in waiting),
        raised_10min=unit.alerts.raised_between(at - TEN_MINUTES, at),
        seats=len(seats),
    )


def cards(desk: Desk, actor: Actor, *, since: datetime | None = None) -> tuple[CardShown, ...]:
    """Return the latest cards put before the actor's seat or before all, newest first, at most thirty."""
    permit(desk, actor, Operation.ALERTS_READ, on="page:load")
    with desk.store.read() as unit:
        asked = unit.attention.asked(since or desk.clock.now() - ASKS_KEPT)
        mine = [ask for ask in asked if ask.seat in ("", actor.name)][-CARDS_SHOWN:][::-1]
        lines = unit.attention.lines([ask.id for ask in mine])
        alerts = _alerts(unit, {line.alert for line in lines})
    by_ask: dict[int, list[AskLine]] = {}
    for line in lines:
        by_ask.setdefault(line.ask, []).append(line)
    return tuple(CardShown(ask=ask, bundles=_bundles(by_ask.get(ask.id, ()), alerts)) for ask in mine)


def waiting(desk: Desk, actor: Actor) -> tuple[Bundle, ...]:
    """Return what nobody was asked about yet, by bundles, worst first: visible before its card goes out."""
    permit(desk, actor, Operation.ALERTS_READ, on="page:load")
    with desk.store.read() as unit:
        lines = [
            AskLine(
                ask=0,
                alert=each.alert,
                bundle=each.bundle,
                severity=each.severity,
                because=each.because,
                since=each.since,
            )
            for each in unit.attention.waiting(limit=500)
        ]
        alerts = _alerts(unit, {line.alert for line in lines})
    return _bundles(sorted(lines, key=lambda line: (-line.severity.rank, line.since)), alerts)


def sweep_load(desk: Desk, actor: Actor) -> int:
    """Erase cards of yesterday and rules that ended a year ago; return rows erased."""
    permit(desk, actor, Operation.RETENTION_SWEEP)
    at = desk.clock.now()
    with desk.store.write() as unit:
        return unit.attention.erase_asks(at - ASKS_KEPT) + unit.attention.erase_rules(at - RULES_KEPT)


def _alerts(unit: Unit, ids: set[AlertId]) -> dict[AlertId, Alert]:
    """Return the alerts that still exist."""
    found = {}
    for alert in ids:
        try:
            found[alert] = unit.alerts.get(alert)
        except Unknown:
            continue
    return found


def _bundles(lines: Sequence[AskLine], alerts: dict[AlertId, Alert]) -> tuple[Bundle, ...]:
    """Return lines by bundle, in the order of the worst in each; alone in its bundle, an alert has its own headline too."""
    grouped: dict[str, list[AskLine]] = {}
    for line in lines:
        grouped.setdefault(line.bundle, []).append(line)
    return tuple(_bundle(name, mine, alerts) for name, mine in grouped.items())


def _bundle(name: str, lines: Sequence[AskLine], alerts: dict[AlertId, Alert]) -> Bundle:
    """Return one bundle; its first alert speaks for it, and whatever is extreme or severe for itself."""
    known = [(line, alerts[line.alert]) for line in lines if line.alert in alerts]
    own = [alert for place, (line, alert) in enumerate(known) if place == 0 or line.severity in OWN_HEADLINE]
    shown = {alert.id for alert in own}
    return Bundle(
        name=name,
        severity=max((line.severity for line in lines), key=lambda severity: severity.rank),
        own=tuple(own),
        more=tuple(alert for _, alert in known if alert.id not in shown),
        erased=len(lines) - len(known),
    )
