"""How the channels fare: checked every minute, dead after failures in a row, said once as an alert and once when it is over."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError, Misconfigured
from impetus.core.finding import Finding
from impetus.core.notice import ChannelHealth
from impetus.core.observation import to_us
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.noted import tally_done
from impetus.desk.notices import NOTICES
from impetus.desk.permit import permit
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began, trouble_ended
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.processes.notifying import DEAD_AFTER

CHECK_EVERY = timedelta(seconds=60)
"""A channel is asked whether it is there once a minute, so that nobody learns it from the night it was needed. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelView:
    """A channel as configured and as it fares; `health` is None before it was first asked."""

    name: str
    kind: str
    takes_exercises: bool
    has_fixed_address: bool
    health: ChannelHealth | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsView:
    """Every channel there is, and what is wrong with their file, empty for nothing."""

    channels: tuple[ChannelView, ...]
    fault: str


def channels_view(desk: Desk, actor: Actor) -> ChannelsView:
    """Return the channels that are configured now; none of them means that nothing goes out."""
    permit(desk, actor, Operation.CALLS_READ)
    with desk.store.read() as unit:
        healths = {health.channel: health for health in unit.notices.healths()}
    views = [
        ChannelView(
            name=name,
            kind=way.kind,
            takes_exercises=way.takes_exercises,
            has_fixed_address=bool(way.fixed_address),
            health=healths.get(name),
        )
        for name, way in sorted(desk.channels.channels().items())
    ]
    return ChannelsView(channels=tuple(views), fault=desk.channels.fault())


def check_channel(desk: Desk, channel: str) -> bool:
    """Ask a channel whether it is there, when that is due, and store what it said; return whether it was asked."""
    permit(desk, NOTICES, Operation.NOTICES_SEND)
    way, at = desk.channels.channels().get(channel), desk.clock.now()
    with desk.store.read() as unit:
        known = health_of(unit, channel)
    if way is None or (known is not None and abs(at - known.checked_at) < CHECK_EVERY):
        return False
    try:
        way.check()
        error: ImpetusError | None = None
    except ImpetusError as refusal:
        error = refusal
    with desk.store.write() as unit:
        now = health_of(unit, channel)
        health = now or ChannelHealth(channel=channel, kind=way.kind, checked_at=at)
        unit.notices.put_health(after_check(replace(health, kind=way.kind), error, desk.clock.now()))
        tally_done(desk, NOTICES, "channel.check")
    return True


def tell_channels(desk: Desk) -> int:
    """Publish which channels died and which are back, each once, and return how many; `NotNow` while the bus has no room.

    Said before it is remembered: whoever dies in between says it again with the same key, and fusion passes that over.
    """
    permit(desk, NOTICES, Operation.ALERTS_RAISE)
    at = desk.clock.now()
    with desk.store.read() as unit:
        healths = [one for one in unit.notices.healths() if one.told_at != one.dead_since]
    if not healths:
        return 0
    publish_findings(desk, [_finding(health, at) for health in healths])
    with desk.store.write() as unit:
        for health in healths:
            now = health_of(unit, health.channel)
            if now is not None:
                unit.notices.put_health(replace(now, told_at=health.dead_since))
        tally_done(desk, NOTICES, "channel.tell", len(healths))
    return len(healths)


def after_sending(health: ChannelHealth, error: ImpetusError | None, at: datetime) -> ChannelHealth:
    """Return how a channel fares after a message went out, or not; a wrong configuration is dead at once."""
    if error is None:
        return _judged(
            replace(health, failures=0, check_failures=0, last_ok_at=at, why="", sent=health.sent + 1), at, at
        )
    failures = DEAD_AFTER if isinstance(error, Misconfigured) else health.failures + 1
    return _judged(replace(health, failures=failures, why=error.detail[:200], failed=health.failed + 1), at, None)


def after_check(health: ChannelHealth, error: ImpetusError | None, at: datetime) -> ChannelHealth:
    """Return how a channel fares after it was asked whether it is there; being there does not undo failed messages."""
    if error is None:
        why = health.why if health.failures else ""
        return _judged(replace(health, check_failures=0, checked_at=at, why=why), at, at)
    failures = DEAD_AFTER if isinstance(error, Misconfigured) else health.check_failures + 1
    return _judged(replace(health, check_failures=failures, checked_at=at, why=error.detail[:200]), at, None)


def _judged(health: ChannelHealth, at: datetime, ok_at: datetime | None) -> ChannelHealth:
    """Return the health with its verdict: dead since when, or alive."""
    is_dead = max(health.failures, health.check_failures) >= DEAD_AFTER
    return replace(
        health,
        dead_since=(health.dead_since or at) if is_dead else None,
        last_ok_at=ok_at or health.last_ok_at,
    )


def health_of(unit: Unit, channel: str) -> ChannelHealth | None:
    """Return how a channel fares, None before it was first asked."""
    return next((one for one in unit.notices.healths() if one.channel == channel), None)


def _finding(health: ChannelHealth, at: datetime) -> Finding:
    """Return the finding that a channel died, or that it is back."""
    if health.dead_since is not None:
        report = SelfReport(
            key=f"channel:{health.channel}:dead:{to_us(health.dead_since)}",
            subject=f"channel:{health.channel}",
            headline=Phrase(template="The channel {channel} brings no messages", values={"channel": health.channel}),
            why=Phrase(
                template="{why}. People who are reached by it only are asked on their page; others by another channel.",
                values={"why": health.why},
            ),
            facts={"failures": float(max(health.failures, health.check_failures))},
        )
        return trouble_began(report, health.dead_since)
    began = health.told_at or at
    report = SelfReport(
        key=f"channel:{health.channel}:back:{to_us(began)}",
        subject=f"channel:{health.channel}",
        headline=Phrase(template="The channel {channel} brings messages again", values={"channel": health.channel}),
        why=Phrase(template="It answers, and nothing it was given failed since.", values={}),
    )
    return trouble_ended(report, began, at)
