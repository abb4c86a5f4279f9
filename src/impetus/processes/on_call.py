"""Who is on call: rotations in local time, overrides, and the steps of an escalation.

A rotation hands over at a time of day on the wall clock of its place, every so many days. Days are counted on the calendar
and the time of day is looked up afterwards: a shift across a change of the clock is an hour shorter or longer, and nobody
is on call for a minute that was counted twice or not at all. A handover that the clock jumps over happens at the first
moment after the jump; one that comes twice happens the first time.

**Source**: RFC 5545, section 3.3.5 (local times that do not exist or come twice).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from impetus.core.errors import Malformed

MAX_PEOPLE, MAX_DAYS, MAX_STEPS = 50, 366, 10
"""Bounds of one rotation and one escalation; house rules."""
LONGEST_WAIT = timedelta(hours=4)
"""An escalation step that waits longer is no escalation. House rule."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotation:
    """People who take turns of `days` (1..366) days, the first from `begins` on, each from `handover` local time to the next."""

    name: str
    people: tuple[str, ...]
    begins: date
    days: int
    handover: time
    zone: str

    def __post_init__(self) -> None:
        """Refuse a rotation that cannot be told."""
        if not 1 <= len(self.people) <= MAX_PEOPLE or len(set(self.people)) < len(self.people):
            raise _refused("people", ", ".join(self.people)[:80], f"1..{MAX_PEOPLE} different names", "name each once")
        if not 1 <= self.days <= MAX_DAYS:
            raise _refused("days", self.days, f"1..{MAX_DAYS}", "choose a whole number of days")
        if self.handover.tzinfo is not None or self.handover.second or self.handover.microsecond:
            raise _refused("handover", self.handover, "hours and minutes of the wall clock", "write for instance 07:00")
        _zone(self.zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One person instead of another between two moments; the later written one counts where two overlap."""

    rotation: str
    person: str
    begins: datetime
    ends: datetime
    why: str

    def __post_init__(self) -> None:
        """Refuse an override that ends before it begins, or whose times have no zone."""
        if self.begins.tzinfo is None or self.ends.tzinfo is None or self.ends <= self.begins:
            raise _refused("override", f"{self.begins} to {self.ends}", "two aware times in order", "mend its end")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One turn: who, and between which moments (UTC); `instead_of` names whom an override replaced."""

    person: str
    begins: datetime
    ends: datetime
    instead_of: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EscalationStep:
    """Whom to ask, by rotation or by name, and how long to wait for an answer before the next step."""

    asks: tuple[str, ...]
    wait: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """One step that is due: its place from 0, whom it asks, and since when."""

    place: int
    asks: tuple[str, ...]
    since: datetime


def on_call(rotation: Rotation, at: datetime, overrides: Sequence[Override] = ()) -> Shift | None:
    """Return whose turn it is, None before the rotation begins; overrides of other rotations do not count."""
    turn = _turn(rotation, at)
    if turn is None:
        return None
    for override in reversed([one for one in overrides if one.rotation == rotation.name]):
        if override.begins <= at < override.ends:
            begins, ends = max(turn.begins, override.begins), min(turn.ends, override.ends)
            return Shift(person=override.person, begins=begins, ends=ends, instead_of=turn.person)
    return turn


def shifts(rotation: Rotation, since: datetime, until: datetime) -> Iterator[Shift]:
    """Yield the turns between two moments in order, without overrides; the first and last may reach beyond them."""
    at = max(since, _moment(rotation, rotation.begins))
    while at < until:
        turn = _turn(rotation, at)
        if turn is None:
            return
        yield turn
        at = turn.ends


def due_steps(steps: Sequence[EscalationStep], asked_at: datetime, at: datetime) -> tuple[Due, ...]:
    """Return the steps that are due when nobody has answered; the last one stays due until somebody does.

    A clock that went back asks nobody twice: what is due depends on the two moments alone.
    """
    check_steps(steps)
    due, since = [], asked_at
    for place, step in enumerate(steps):
        if at < since:
            break
        due.append(Due(place=place, asks=step.asks, since=since))
        since += step.wait
    return tuple(due)


def check_steps(steps: Sequence[EscalationStep]) -> None:
    """Refuse an escalation that asks nobody, waits too long or not at all, or has too many steps."""
    if not 1 <= len(steps) <= MAX_STEPS:
        raise _refused("escalation", f"{len(steps)} steps", f"1..{MAX_STEPS}", "name whom to ask first")
    for place, step in enumerate(steps, start=1):
        if not step.asks:
            raise _refused(f"step {place}", "nobody", "at least one rotation or person", "name whom it asks")
        if not timedelta(0) < step.wait <= LONGEST_WAIT:
            raise _refused(f"step {place}", step.wait, f"up to {LONGEST_WAIT}", "choose how long it waits")


def _turn(rotation: Rotation, at: datetime) -> Shift | None:
    """Return the turn of a moment: the last handover at or before it decides."""
    local = at.astimezone(_zone(rotation.zone)).date()
    number = (local - rotation.begins).days // rotation.days
    while _handover(rotation, number) > at:
        number -= 1
    while _handover(rotation, number + 1) <= at:
        number += 1
    if number < 0:
        return None
    person = rotation.people[number % len(rotation.people)]
    return Shift(person=person, begins=_handover(rotation, number), ends=_handover(rotation, number + 1))


def _handover(rotation: Rotation, number: int) -> datetime:
    """Return the moment at which a turn begins, counted from 0; negative ones lie before the rotation."""
    return _moment(rotation, rotation.begins + timedelta(days=number * rotation.days))


def _moment(rotation: Rotation, day: date) -> datetime:
    """Return when the wall clock first shows the handover's time on a day, or first shows a later one."""
    zone = _zone(rotation.zone)
    local = datetime.combine(day, rotation.handover, tzinfo=zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    return _after_jump(local, zone)


def _after_jump(local: datetime, zone: ZoneInfo) -> datetime:
    """Return the first moment after the jump that leaves out this local time: where the two offsets meet."""
    early, late = (local.replace(fold=fold).astimezone(UTC) for fold in (1, 0))
    before, step = early - timedelta(hours=1), timedelta(minutes=1)
    offset = before.astimezone(zone).utcoffset()
    moment = before
    while moment < late and moment.astimezone(zone).utcoffset() == offset:
        moment += step
    return moment


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise _refused("zone", name[:40], "an IANA name", "write for instance Europe/Oslo") from error


def _refused(what: str, value: object, limit: str, remedy: str) -> Malformed:
    return Malformed(f"{what}: {value}", value=value, limit=limit, remedy=remedy)
