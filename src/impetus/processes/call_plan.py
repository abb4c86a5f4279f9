"""Rotations and escalations as JSON text and back: how they are stored, version by version.

An escalation may begin by itself: when an alert of its severity or worse was taken by nobody within its time. Reading is
strict, because a plan that was misread would call the wrong person.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import TypeVar

from impetus.core.errors import Malformed
from impetus.core.finding import Severity
from impetus.processes.on_call import EscalationStep, Rotation, check_steps

LONGEST_UNTAKEN = timedelta(hours=4)
"""An alert nobody took is somebody's business long before. House rule."""
NAME = re.compile(r"[a-z][a-z0-9_-]{0,39}")
ROTATION_PREFIX, ESCALATION_PREFIX = "rotation:", "escalation:"
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Escalation:
    """Whom to ask one after another. `alerts_from`: begins by itself for alerts this bad or worse, `untaken` after they came.

    A step asks `rotation:NAME` for whoever is on call then, or a person by account name.
    """

    name: str
    steps: tuple[EscalationStep, ...]
    alerts_from: Severity | None = None
    untaken: timedelta = timedelta(minutes=5)

    def __post_init__(self) -> None:
        """Refuse an escalation that cannot be gone through."""
        check_name(self.name)
        check_steps(self.steps)
        if not timedelta(0) < self.untaken <= LONGEST_UNTAKEN:
            raise Malformed(
                f"untaken: {self.untaken}",
                value=self.untaken,
                limit=f"up to {LONGEST_UNTAKEN}",
                remedy="choose how long an alert may wait for somebody",
            )


def check_name(name: str) -> str:
    """Return the name of a plan, or refuse it: it stands in addresses and after `rotation:`."""
    if not NAME.fullmatch(name):
        raise Malformed(
            f"name: {name[:40]!r}",
            value=name[:40],
            limit="1 to 40 of a-z, 0-9, - and _, beginning with a letter",
            remedy="write for instance square-supervisors",
        )
    return name


def write_rotation(rotation: Rotation) -> str:
    """Return a rotation as JSON text; `read_rotation` gives it back."""
    check_name(rotation.name)
    return _dump(
        {
            "name": rotation.name,
            "people": list(rotation.people),
            "begins": rotation.begins.isoformat(),
            "days": rotation.days,
            "handover": rotation.handover.isoformat("minutes"),
            "zone": rotation.zone,
        }
    )


def read_rotation(text: str) -> Rotation:
    """Return the rotation of a text; `Malformed` says what is wrong with it."""
    said = _object(text, "a rotation")
    people = _field(said, "people", list)
    if not all(isinstance(name, str) for name in people):
        raise _wrong("people", people, "names")
    return Rotation(
        name=check_name(_field(said, "name", str)),
        people=tuple(people),
        begins=_day(_field(said, "begins", str)),
        days=_field(said, "days", int),
        handover=_clock(_field(said, "handover", str)),
        zone=_field(said, "zone", str),
    )


def write_escalation(escalation: Escalation) -> str:
    """Return an escalation as JSON text; `read_escalation` gives it back."""
    return _dump(
        {
            "name": escalation.name,
            "steps": [{"asks": list(step.asks), "wait_s": step.wait.total_seconds()} for step in escalation.steps],
            "alerts_from": escalation.alerts_from.value if escalation.alerts_from else "",
            "untaken_s": escalation.untaken.total_seconds(),
        }
    )


def read_escalation(text: str) -> Escalation:
    """Return the escalation of a text; `Malformed` says what is wrong with it."""
    said = _object(text, "an escalation")
    severity = _field(said, "alerts_from", str)
    if severity and severity not in set(Severity):
        raise _wrong("alerts_from", severity, ", ".join(Severity))
    return Escalation(
        name=_field(said, "name", str),
        steps=tuple(_step(one) for one in _field(said, "steps", list)),
        alerts_from=Severity(severity) if severity else None,
        untaken=_span(_field(said, "untaken_s", float)),
    )


def _step(said: object) -> EscalationStep:
    """Return one step of an escalation."""
    if not isinstance(said, dict):
        raise _wrong("a step", said, "an object with asks and wait_s")
    asks = _field(said, "asks", list)
    if not all(isinstance(name, str) and name.strip() for name in asks):
        raise _wrong("asks", asks, "names of people, or rotation:NAME")
    return EscalationStep(asks=tuple(asks), wait=_span(_field(said, "wait_s", float)))


def _object(text: str, what: str) -> Mapping[str, object]:
    """Return the object a text holds."""
    try:
        said = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _wrong(what, text[:80], "JSON text") from error
    if not isinstance(said, dict):
        raise _wrong(what, text[:80], "a JSON object")
    return said


def _field(said: Mapping[str, object], name: str, kind: type[T]) -> T:
    """Return a field in its type; a whole number may stand for one with a point, a truth value for neither."""
    value = said.get(name)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise _wrong(name, value, f"a {kind.__name__}")
    return value


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _wrong("begins", text, "a day, 2026-03-16") from error


def _clock(text: str) -> time:
    try:
        return time.fromisoformat(text)
    except ValueError as error:
        raise _wrong("handover", text, "a time of day, 07:00") from error


def _span(seconds: float) -> timedelta:
    try:
        return timedelta(seconds=seconds)
    except (OverflowError, ValueError) as error:
        raise _wrong("seconds", seconds, "a number of seconds") from error


def _dump(said: Mapping[str, object]) -> str:
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def _wrong(what: str, value: object, limit: str) -> Malformed:
    return Malformed(f"{what}: {str(value)[:80]}", value=value, limit=limit, remedy="mend it and save again")
