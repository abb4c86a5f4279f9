"""An incident type: how one sort of situation looks, sounds, begins, and is led. One text a type, judged with line numbers.

Pure words, like `playbook`; whoever may read YAML cuts the text into fields, and this says what they mean and what is wrong.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from impetus.core.actor import Role
from impetus.core.alert import Alert
from impetus.core.finding import Kind, Severity
from impetus.core.playbook_document import Field, Fields, Plain
from impetus.processes.playbook_text import Fault

SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
MAX_TITLE = 80
"""Longest title in characters: what fits on a map's label and is said in a breath. House rule."""
MAX_SUMMARY = 300
MOST_TRIGGERS = 20
ICONS = (
    "air",
    "bag",
    "child",
    "crowd",
    "firearm",
    "network",
    "people",
    "sensor",
    "speech",
    "tool",
    "traffic",
    "weather",
    "other",
)
SHAPES: Mapping[str, str] = {
    "octagon": "extreme",
    "diamond": "severe",
    "triangle": "moderate",
    "circle": "minor",
    "square": "unknown",
}
"""Each shape and the severity whose colour goes with it: colour is never alone. **Source**: screens of the house."""
SOUNDS = ("none", "soft", "urgent")
PRIORITIES = ("high", "medium", "low")
"""Three, so that alarms can be near 5, 15 and 80 in a hundred. **Source**: EEMUA 191, section 2.5; IEC 62682."""
STARTS = ("when opened", "by hand")
RETENTION = ("incidents",)
"""Retention classes that keep incidents; an installation has one, with its days in the settings."""
NEEDED = ("type", "title", "icon", "shape", "colour", "sound", "priority")
KNOWN = (
    "type",
    "title",
    "summary",
    "icon",
    "shape",
    "colour",
    "sound",
    "priority",
    "triggers",
    "recipients",
    "playbook",
    "start",
    "objective",
    "retention",
)
WHEN = ("kind", "tool", "property", "severity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trigger:
    """What an alert must be for the type to be suggested; what is empty asks for nothing, `severity` for at least that."""

    kind: str = ""
    tool: str = ""
    property: str = ""
    severity: str = ""

    def fits(self, alert: Alert) -> bool:
        """Say whether an alert is like this."""
        return (
            (not self.kind or alert.kind.value == self.kind)
            and (not self.tool or self.tool in alert.tools)
            and (not self.property or property_of(alert) == self.property)
            and (not self.severity or alert.severity.rank >= Severity(self.severity).rank)
        )

    def asks(self) -> int:
        """Return how much it asks for: the more, the better it fits."""
        return sum(bool(asked) for asked in (self.kind, self.tool, self.property, self.severity))


@dataclass(frozen=True, slots=True, kw_only=True)
class IncidentType:
    """One type as written. `playbook` is the slug of the playbook that leads people, empty for none."""

    slug: str
    title: str
    icon: str = "other"
    shape: str = "square"
    colour: str = "unknown"
    sound: str = "none"
    priority: str = "low"
    summary: str = ""
    triggers: tuple[Trigger, ...] = ()
    recipients: tuple[str, ...] = ()
    playbook: str = ""
    start: str = "by hand"
    objective: str = ""
    retention: str = "incidents"

    @property
    def starts_when_opened(self) -> bool:
        """Say whether opening an incident of this type starts its playbook."""
        return bool(self.playbook) and self.start == "when opened"


def property_of(alert: Alert) -> str:
    """Return the observed property an alert is about, empty when it is about none.

    Its headline names it for people, `People density`; here it is the name the sources use, `people_density`.
    """
    return str(alert.headline.values.get("property", "")).strip().lower().replace(" ", "_")


def suggest(types: Sequence[IncidentType], alert: Alert) -> IncidentType | None:
    """Return the type that fits an alert best: what asks for most of it, then the higher priority, then the alphabet."""
    fitting = [
        (-max(trigger.asks() for trigger in found), PRIORITIES.index(type_.priority), type_.slug, type_)
        for type_ in types
        if (found := [trigger for trigger in type_.triggers if trigger.fits(alert)])
    ]
    return min(fitting, key=lambda each: each[:3])[3] if fitting else None


def read_type(document: Fields) -> tuple[IncidentType, tuple[Fault, ...]]:
    """Return the type of these fields, as far as they say one, and every fault by line; never raises for a text."""
    faults = [_fault(flaw.line, "text", flaw.says, flaw.remedy) for flaw in document.flaws]
    type_ = IncidentType(slug="", title="")
    seen: dict[str, int] = {}
    for field in document.fields:
        if field.name not in KNOWN or field.name in seen:
            says = "there twice" if field.name in seen else "no field"
            faults.append(_fault(field.line, "field", f"{field.name[:40]!r} is {says}", f"use {', '.join(KNOWN)}"))
            continue
        seen[field.name] = field.line
        type_, found = _with_field(type_, field)
        faults += found
    for name in NEEDED:
        if name not in seen:
            faults.append(_fault(1, "missing", f"there is no {name}", f"write {name}: …"))
    faults += _of_the_whole(type_, seen)
    return type_, tuple(sorted(faults))


def values_of(type_: IncidentType) -> Mapping[str, Plain]:
    """Return the fields of a type as they are written, in their usual order, empty ones left out."""
    triggers = tuple(
        {name: value for name in WHEN if (value := str(getattr(trigger, name)))} for trigger in type_.triggers
    )
    written: Mapping[str, Plain] = {
        "type": type_.slug,
        "title": type_.title,
        "summary": type_.summary,
        "icon": type_.icon,
        "shape": type_.shape,
        "colour": type_.colour,
        "sound": type_.sound,
        "priority": type_.priority,
        "triggers": triggers,
        "recipients": type_.recipients,
        "playbook": type_.playbook,
        "start": type_.start,
        "objective": type_.objective,
        "retention": type_.retention,
    }
    return {name: value for name, value in written.items() if value not in ("", ())}


def _with_field(type_: IncidentType, field: Field) -> tuple[IncidentType, Sequence[Fault]]:
    """Take in one field."""
    if field.name == "triggers":
        return _with_triggers(type_, field)
    if field.name == "recipients":
        return _with_recipients(type_, field)
    if not isinstance(field.value, str) or not field.value.strip():
        return type_, [_fault(field.line, "words", f"{field.name} cannot be {_shown(field.value)}", "write some words")]
    value = " ".join(field.value.split())
    name = "slug" if field.name == "type" else field.name
    return replace(type_, **{name: value}), list(_of_words(field, value))  # type: ignore[arg-type]  # all these are str


CHOICES: Mapping[str, Sequence[str]] = {
    "icon": ICONS,
    "shape": tuple(SHAPES),
    "colour": tuple(SHAPES.values()),
    "sound": SOUNDS,
    "priority": PRIORITIES,
    "start": STARTS,
    "retention": RETENTION,
}
LONGEST: Mapping[str, int] = {"title": MAX_TITLE, "summary": MAX_SUMMARY, "objective": MAX_SUMMARY}


def _of_words(field: Field, value: str) -> Iterator[Fault]:
    """Judge one field of words."""
    choices = CHOICES.get(field.name)
    if choices and value not in choices:
        yield _fault(
            field.line, field.name, f"{field.name} cannot be {value[:40]!r}", f"choose from {', '.join(choices)}"
        )
    longest = LONGEST.get(field.name)
    if longest and len(value) > longest:
        yield _fault(
            field.line, "too-long", f"{field.name} has {len(value)} characters", f"say it in at most {longest}"
        )
    if field.name in {"type", "playbook"} and not SLUG.fullmatch(value):
        yield _fault(
            field.line, "slug", f"{value[:40]!r} is no name of a {field.name}", "write small_letters_like_this"
        )


def _with_triggers(type_: IncidentType, field: Field) -> tuple[IncidentType, Sequence[Fault]]:
    """Take in the list of triggers."""
    listed = field.value if isinstance(field.value, tuple) else ()
    given = [each for each in listed if isinstance(each, Mapping)]
    if not given or len(given) < len(listed) or len(given) > MOST_TRIGGERS:
        remedy = f"write a list of 1 to {MOST_TRIGGERS} lines like `- property: people_density`"
        return type_, [_fault(field.line, "triggers", "these are no triggers", remedy)]
    faults = [fault for place, each in enumerate(given, start=1) for fault in _of_trigger(field.line, place, each)]
    triggers = tuple(Trigger(**{name: each[name] for name in WHEN if name in each}) for each in given)
    return replace(type_, triggers=() if faults else triggers), faults


def _of_trigger(line: int, place: int, given: Mapping[str, str]) -> Iterator[Fault]:
    """Judge one trigger: names it knows, at least one, and words there are."""
    known: Mapping[str, frozenset[str]] = {"kind": frozenset(Kind), "severity": frozenset(Severity)}
    for name, value in given.items():
        if name not in WHEN:
            yield _fault(line, "triggers", f"trigger {place} asks for {name[:40]!r}", f"ask for {', '.join(WHEN)}")
        elif value not in known.get(name, {value}) or not SLUG.fullmatch(value):
            choices = ", ".join(sorted(known[name])) if name in known else "small_letters_like_this"
            yield _fault(line, "triggers", f"trigger {place} has {name} {value[:40]!r}", f"write {choices}")
    if not set(given) - {"severity"}:
        yield _fault(line, "triggers", f"trigger {place} would fit every alert", "say a kind, a tool or a property")


def _with_recipients(type_: IncidentType, field: Field) -> tuple[IncidentType, Sequence[Fault]]:
    """Take in who is told: roles of people who have accounts here."""
    people = {role.value for role in Role} - {Role.SERVICE.value, Role.PLATFORM.value}
    listed = field.value if isinstance(field.value, tuple) else ()
    odd = [str(each) for each in listed if each not in people]
    if odd or not listed or len(set(map(str, listed))) < len(listed):
        remedy = f"write a list of {', '.join(sorted(people))}, each once"
        said = f"{odd[0][:40]!r} is no role" if odd else f"recipients cannot be {_shown(field.value)}"
        return type_, [_fault(field.line, "recipients", said, remedy)]
    return replace(type_, recipients=tuple(map(str, listed))), ()


def _of_the_whole(type_: IncidentType, lines: Mapping[str, int]) -> Iterator[Fault]:
    """Judge what only two fields together can get wrong."""
    expected = SHAPES.get(type_.shape)
    if expected and type_.colour in SHAPES.values() and type_.colour != expected and "colour" in lines:
        yield _fault(
            lines["colour"], "colour", f"a {type_.shape} is {expected}, not {type_.colour}", f"write colour: {expected}"
        )
    if type_.start == "when opened" and not type_.playbook:
        yield _fault(lines.get("start", 1), "start", "there is no playbook to start", "write playbook: …, or by hand")


def _shown(value: Plain) -> str:
    """Return a value as a fault shows it."""
    return repr(value)[:40]


def _fault(line: int, rule: str, says: str, remedy: str) -> Fault:
    return Fault(line=line, rule=rule, says=says, remedy=remedy)
