"""Put before people what asks for them: what waits, and the cards that go to seats, in the unit of whatever raised it.

The rule of who is asked when is pure (`processes.flood`); here it meets the state. Fusion asks at the end of each of its
units, the keeper once a second, so that what waits is never forgotten with the unit it came in.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from impetus.core.actor import platform
from impetus.core.alert import Alert, AlertEvent
from impetus.core.attention import Ask, AskLine, Because, Seat, Waiting
from impetus.core.finding import Severity
from impetus.core.ids import AlertId
from impetus.desk.context import Desk
from impetus.desk.noted import tally_done
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.alarm_load import FLOOD_LOOK_BACK_MIN, TEN_MINUTES, is_flood
from impetus.processes.flood import Card, both, bundle_of, plan

ASKING = platform("attention")
SEAT_FRESH = timedelta(seconds=90)
"""A seat is taken while its screen was heard within a minute and a half: three of its beats. House rule."""
ASKS_KEPT = timedelta(days=1)
"""What a seat was asked is kept for a day: for the meter, the hand-over and a look at last night. House rule."""


def call(unit: Unit, alert: Alert, at: datetime, *, because: Because, severity: Severity | None = None) -> None:
    """Let an alert wait to be put before somebody; what waits already keeps the earlier limit and the higher severity."""
    wanted = Waiting(
        alert=alert.id,
        since=at,
        severity=severity or alert.severity,
        bundle=bundle_of(alert),
        because=because,
        wanted=alert.owner or "",
    )
    known = unit.attention.waits(alert.id)
    unit.attention.wait(wanted if known is None else both(known, wanted))


def heard(unit: Unit, alert: AlertId, event: AlertEvent) -> None:
    """Let an alert wait no longer since somebody acted on it.

    What was joined to it is put before them all the same, since they may have acted on an older screen; so is that it got
    worse, unless they just took it, from a list that says how bad it is.
    """
    known = unit.attention.waits(alert)
    if known is None or known.because is Because.MORE:
        return
    if known.because is not Because.WORSE or event is AlertEvent.ACKNOWLEDGE:
        unit.attention.heard([alert])


def attend(unit: Unit, at: datetime) -> Sequence[Ask]:
    """Ask whom it is time to ask, and return the cards."""
    return tuple(_put(unit, card, at) for card in _cards(unit, at))


def tend(desk: Desk) -> int:
    """Ask whom it is time to ask, as the clockwork, and return how many cards; cheap when nothing is due."""
    permit(desk, ASKING, Operation.ALERTS_RAISE)
    at = desk.clock.now()
    with desk.store.read() as unit:
        if not _cards(unit, at):
            return 0
    with desk.store.write() as unit:
        cards = attend(unit, at)
        tally_done(desk, ASKING, "alert.ask", len(cards))
    return len(cards)


def _cards(unit: Unit, at: datetime) -> Sequence[Card]:
    """Return the cards it is time for."""
    waiting = unit.attention.waiting()
    if not waiting:
        return ()
    seats = unit.attention.seats(at - SEAT_FRESH)
    asked = [(ask.seat, ask.at) for ask in unit.attention.asked(at - TEN_MINUTES)]
    return plan(waiting, seats, asked, at, flood=is_flood_now(unit, seats, at))


def is_flood_now(unit: Unit, seats: Sequence[Seat], at: datetime) -> bool:
    """Say whether it is a flood for those who sit there."""
    minutes = unit.attention.raised_by_minute(at - timedelta(minutes=FLOOD_LOOK_BACK_MIN), at)
    return is_flood(minutes, sum(not seat.is_second for seat in seats))


def _put(unit: Unit, card: Card, at: datetime) -> Ask:
    """Store a card and tell its seat."""
    lines = [
        AskLine(
            ask=0,
            alert=line.alert,
            bundle=line.bundle,
            severity=line.severity,
            because=line.because,
            since=line.since,
        )
        for line in card.lines
    ]
    ask = unit.attention.ask(Ask(id=0, seat=card.seat, at=at, severity=card.severity), lines)
    unit.outbox.add(
        at,
        "ask",
        str(ask.id),
        {
            "seat": card.seat,
            "severity": card.severity.value,
            "alerts": len(lines),
            "alert": lines[0].alert,
            "sound": True,
        },
    )
    return ask
