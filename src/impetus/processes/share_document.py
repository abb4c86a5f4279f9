"""What two agencies hand to one another: a share (an incident's chosen parts and tasks) and a report on those tasks.

Both are JSON with a format name and a version; reading is strict, because the document comes from outside: an unknown
format, a missing part, a wrong type or too much of anything refuses it whole. Each line keeps where it came from.

**Source**: ISO 22320:2018, 5.3 (operational information: source and time are kept); RFC 8259, RFC 3339.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from impetus.core.errors import Malformed, TooLarge
from impetus.core.situation import TaskEvent, TaskState

SHARE_FORMAT, REPORT_FORMAT = "impetus-share/1", "impetus-share-report/1"
LARGEST = 2 * 1024 * 1024
"""Largest document in bytes; a timeline of 1,000 lines of a paragraph stays below."""
MOST_LINES, MOST_TASKS, LONGEST, LONGEST_NAME = 1_000, 100, 4_000, 80
LARGEST_NUMBER = 2**53
SEVERITIES = ("extreme", "severe", "moderate", "minor", "unknown")
STATES = {
    TaskState.ACCEPTED.value: TaskEvent.ACCEPT,
    TaskState.DONE.value: TaskEvent.FINISH,
    TaskState.DECLINED.value: TaskEvent.DECLINE,
}
"""What an agency can report of a task, and what that does to it here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedLine:
    """One line of their timeline: its number there, when, what kind and what was said."""

    number: int
    at: datetime
    event: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedTask:
    """What they ask of us: its number there, and the words."""

    number: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedIncident:
    """What an agency shares with us: who they are, its numbers there, and what they chose to tell."""

    agency: str
    share: int
    incident: int
    title: str
    severity: str
    made: datetime
    simulated: bool
    why: str
    lines: tuple[SharedLine, ...] = ()
    tasks: tuple[SharedTask, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportedTask:
    """What they say of one task: where it stands now, in whose words, since when."""

    task: int
    event: TaskEvent
    said: str
    said_by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskReport:
    """What an agency reports on the tasks of a share."""

    agency: str
    share: int
    made: datetime
    tasks: tuple[ReportedTask, ...]


def read_share(body: bytes) -> SharedIncident:
    """Read what another agency shares; raises `Malformed` or `TooLarge` naming what is wrong with it."""
    document = _document(body, SHARE_FORMAT)
    severity = _text(document, "severity")
    if severity not in SEVERITIES:
        raise _wrong("severity", severity, ", ".join(SEVERITIES))
    return SharedIncident(
        agency=_text(document, "from", most=LONGEST_NAME),
        share=_number(document, "share"),
        incident=_number(document, "incident"),
        title=_text(document, "title"),
        severity=severity,
        made=_time(document, "made"),
        simulated=_flag(document, "simulated"),
        why=_text(document, "why"),
        lines=tuple(_line(each) for each in _each(document, "timeline", MOST_LINES)),
        tasks=tuple(
            SharedTask(number=_number(each, "task"), text=_text(each, "text"))
            for each in _each(document, "tasks", MOST_TASKS)
        ),
    )


def read_report(body: bytes) -> TaskReport:
    """Read what another agency reports on its tasks; raises `Malformed` or `TooLarge` naming what is wrong with it."""
    document = _document(body, REPORT_FORMAT)
    return TaskReport(
        agency=_text(document, "from", most=LONGEST_NAME),
        share=_number(document, "share"),
        made=_time(document, "made"),
        tasks=tuple(_reported(each) for each in _each(document, "tasks", MOST_TASKS)),
    )


def _line(each: Mapping[str, object]) -> SharedLine:
    return SharedLine(
        number=_number(each, "number"),
        at=_time(each, "at"),
        event=_text(each, "event"),
        text=_text(each, "text", least=0),
    )


def _reported(each: Mapping[str, object]) -> ReportedTask:
    state = _text(each, "state")
    if state not in STATES:
        raise _wrong("state", state, ", ".join(STATES))
    return ReportedTask(
        task=_number(each, "task"),
        event=STATES[state],
        said=_text(each, "said", least=0),
        said_by=_text(each, "said_by"),
        at=_time(each, "at"),
    )


def _document(body: bytes, kind: str) -> Mapping[str, object]:
    """Return the outermost object when it is of this format."""
    if len(body) > LARGEST:
        raise TooLarge(f"{len(body)} bytes", value=len(body), limit=LARGEST, remedy="share fewer parts")
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise Malformed(
            "it is no JSON", value=str(error)[:80], limit="RFC 8259", remedy="send the file itself"
        ) from error
    if not isinstance(document, dict) or document.get("format") != kind:
        named = document.get("format") if isinstance(document, dict) else type(document).__name__
        raise _wrong("format", named, kind)
    return document


def _no_constant(word: str) -> float:
    raise ValueError(word)


def _each(document: Mapping[str, object], name: str, most: int) -> list[Mapping[str, object]]:
    """Return a list of objects, empty when it was not shared."""
    found = document.get(name, [])
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _wrong(name, type(found).__name__, "a list of objects")
    if len(found) > most:
        raise TooLarge(f"{len(found)} {name}", value=len(found), limit=most, remedy="share fewer parts")
    return found


def _text(document: Mapping[str, object], name: str, *, least: int = 1, most: int = LONGEST) -> str:
    found = document.get(name)
    if not isinstance(found, str) or not least <= len(found.strip()) <= most or not found.isprintable():
        raise _wrong(
            name, found if not isinstance(found, str) else found[:80], f"printable text of {least}..{most} characters"
        )
    return found.strip()


def _number(document: Mapping[str, object], name: str) -> int:
    found = document.get(name)
    if isinstance(found, bool) or not isinstance(found, int) or not 0 < found < LARGEST_NUMBER:
        raise _wrong(name, str(found)[:40], f"a whole number 1..{LARGEST_NUMBER}")
    return found


def _flag(document: Mapping[str, object], name: str) -> bool:
    found = document.get(name)
    if not isinstance(found, bool):
        raise _wrong(name, str(found)[:40], "true or false")
    return found


def _time(document: Mapping[str, object], name: str) -> datetime:
    found = document.get(name)
    try:
        at = datetime.fromisoformat(found) if isinstance(found, str) else None
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise _wrong(name, str(found)[:40], "a time with its zone (RFC 3339)")
    try:
        return at.astimezone(UTC)
    except OverflowError:
        raise _wrong(name, str(found)[:40], "a time of this age") from None


def _wrong(name: str, value: object, limit: str) -> Malformed:
    """Return the refusal of one part."""
    return Malformed(
        f"{name} is {str(value)[:80]!r}", value=str(value)[:80], limit=limit, remedy="ask for the file to be sent again"
    )
