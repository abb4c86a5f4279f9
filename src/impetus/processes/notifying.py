"""What a notice needs next, decided from what is known and nothing else: whom to ask, which way, and when to stop.

How it works. A notice is looked at again and again; each look returns moves, and a look right after they were made returns
none. People are asked step by step. Each person is tried by their ways in their own order: a way whose channel is dead is
passed over while there is another, and when a way fails the next is tried. When nobody of a step can be reached any more,
the next step is asked at once, whatever time was left. It stops when somebody answered (each of them, where there is no
escalation), when its subject is over, or when its time is.

Not here: sending. A queued delivery is tried by whoever has the channel; `backoff_s` says when again.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from impetus.core.notice import LOST, Delivery, DeliveryState, NoticeRecord, Recipient
from impetus.processes.on_call import EscalationStep, due_steps

MAX_ATTEMPTS = 6
"""Tries of one delivery, over about ten minutes; then it failed. House rule."""
FIRST_WAIT_S, FACTOR, LONGEST_WAIT_S = 5.0, 3.0, 600.0
DEAD_AFTER = 3
"""Failures in a row after which a channel is dead: one lost packet is none, three are no accident. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Everything a look needs. `ways`: a person's channels in their order; `usable`: those configured for such a notice.

    `over` says why the notice's subject needs nobody any more ("taken by Kari"), empty while it does.
    """

    notice: NoticeRecord
    steps: Sequence[EscalationStep] = ()
    recipients: Sequence[Recipient] = ()
    deliveries: Sequence[Delivery] = ()
    ways: Mapping[str, Sequence[str]] = field(default_factory=dict)
    usable: frozenset[str] = frozenset()
    dead: frozenset[str] = frozenset()
    over: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Ask the people of a step."""

    step: int
    asks: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """Try to reach a person by a channel."""

    person: str
    channel: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Hurry:
    """Ask the next step at once: nobody of this one can be reached. `by_s` is the wait that is left out."""

    step: int
    by_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Stop asking, and call off what was not sent."""

    why: str


Move = Ask | Queue | Hurry | End


def next_moves(known: Known, at: datetime) -> tuple[Move, ...]:
    """Return what is to be done now, nothing for a notice that only has to wait."""
    notice = known.notice
    if notice.ended_at is not None:
        return ()
    why = known.over or _answered(known) or ("its time is over" if at >= notice.ends else "")
    if why:
        return (End(why=why),)
    asked = _steps_due(known, at)
    return (*asked, *_queued(known), *_hurried(known, at))


def backoff_s(attempts: int) -> float:
    """Return the seconds until the next try after so many.

    >>> [backoff_s(attempts) for attempts in (1, 2, 3, 4, 5, 6, 60)]
    [5.0, 15.0, 45.0, 135.0, 405.0, 600.0, 600.0]
    """
    return float(min(FIRST_WAIT_S * FACTOR ** min(attempts - 1, 10), LONGEST_WAIT_S))


def _answered(known: Known) -> str:
    """Say who answered when that is enough: anybody in an escalation, else everybody asked."""
    answered = [one.person for one in known.recipients if one.acked_at is not None]
    if not answered or (not known.steps and len(answered) < len(known.recipients)):
        return ""
    return f"acknowledged by {', '.join(answered)}"


def _began(notice: NoticeRecord) -> datetime:
    """Return when the first step would have been asked, had no wait been cut short."""
    return notice.at - timedelta(seconds=notice.ahead_s)


def _steps_due(known: Known, at: datetime) -> tuple[Ask, ...]:
    """Return the steps whose time has come since the last look."""
    if not known.steps:
        return ()
    due = due_steps(known.steps, _began(known.notice), at)
    return tuple(Ask(step=one.place, asks=one.asks) for one in due if one.place > known.notice.step)


def _queued(known: Known) -> tuple[Queue, ...]:
    """Return the next way of everybody who has neither answered nor a way that can still work."""
    return tuple(
        Queue(person=one.person, channel=way)
        for one in known.recipients
        if one.acked_at is None and (way := _next_way(known, one.person))
    )


def _next_way(known: Known, person: str) -> str:
    """Return the way to try next, empty for none: a living one, else a dead one when nothing else was ever tried."""
    mine = _of(known.deliveries, person)
    if any(_is_hopeful(one, known.dead) for one in mine):
        return ""
    used = {one.channel for one in mine}
    left = [way for way in known.ways.get(person, ()) if way in known.usable and way not in used]
    living = [way for way in left if way not in known.dead]
    return next(iter(living or ([] if mine else left)), "")


def _hurried(known: Known, at: datetime) -> tuple[Hurry, ...]:
    """Return the cut when nobody of the last step asked can be reached, and there is a next one."""
    place = known.notice.step
    if place + 1 >= len(known.steps) or not known.usable:
        return ()
    asked = [one for one in known.recipients if one.step == place and one.acked_at is None]
    if any(_next_way(known, one.person) or _has_hope(known, one.person) for one in asked):
        return ()
    waited = sum((step.wait for step in known.steps[: place + 1]), timedelta(0))
    left_s = (_began(known.notice) + waited - at).total_seconds()
    return (Hurry(step=place, by_s=left_s),) if left_s > 0 else ()


def _has_hope(known: Known, person: str) -> bool:
    return any(_is_hopeful(one, known.dead) for one in _of(known.deliveries, person))


def _is_hopeful(delivery: Delivery, dead: frozenset[str]) -> bool:
    """Say whether a delivery may still reach its person: it went out, or waits for a channel that lives."""
    if delivery.state in LOST:
        return False
    return delivery.state is not DeliveryState.QUEUED or delivery.channel not in dead


def _of(deliveries: Iterable[Delivery], person: str) -> list[Delivery]:
    return [one for one in deliveries if one.person == person]
