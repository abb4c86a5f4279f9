"""What the bar of every page says: what needs the reader now, and how much their seat is asked to bear.

The picture knows all this, too, and much more beside it; a page that shows the bar alone reads a third of what the picture does.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from impetus.core.actor import Actor
from impetus.core.alert import Alert, AlertState
from impetus.desk.context import Desk
from impetus.desk.flood import SEAT_FRESH, is_flood_now
from impetus.desk.gate_reading import count_waiting
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ports import AlertQuery

TEN_MINUTES, HOUR = timedelta(minutes=10), timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class NeedsView:
    """The figures of the bar. `alerts` is the most urgent one that nobody has taken, or nothing.

    `counts` says how many alerts stand in each open state; `asked_10_min` how many cards this seat was asked; `waiting` how
    many proposals and messages wait for the reader.
    """

    alerts: tuple[Alert, ...]
    counts: Mapping[AlertState, int]
    raised_10_min: int
    raised_hour: int
    asked_10_min: int
    waiting: int
    is_flood: bool


def needs(desk: Desk, actor: Actor) -> NeedsView:
    """Return what needs the actor now, in one reading of the state."""
    permit(desk, actor, Operation.ALERTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        first = AlertQuery(states=(AlertState.NEW,), order="urgent", limit=1)
        return NeedsView(
            alerts=tuple(unit.alerts.find(first).items),
            counts=unit.alerts.count_open(),
            raised_10_min=unit.alerts.raised_between(at - TEN_MINUTES, at),
            raised_hour=unit.alerts.raised_between(at - HOUR, at),
            asked_10_min=sum(ask.seat in ("", actor.name) for ask in unit.attention.asked(at - TEN_MINUTES)),
            is_flood=is_flood_now(unit, unit.attention.seats(at - SEAT_FRESH), at),
            waiting=count_waiting(unit, actor, at) if may(actor, Operation.INCIDENTS_READ) else 0,
        )
