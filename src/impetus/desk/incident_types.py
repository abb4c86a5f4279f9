"""Incident types and playbooks as people edit them: reading, suggesting, checking, saving a version.

What came with the platform holds until somebody saves a version of their own, which counts on from it. A text with faults
is never saved, so whatever a run starts from can be followed to its end. Saving changes no run: each has its own copy.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from impetus.core.actor import Actor
from impetus.core.alert import Alert
from impetus.core.errors import Conflict, Malformed, Unknown
from impetus.core.ids import AlertId
from impetus.core.run import Revision
from impetus.desk.context import Desk
from impetus.desk.noted import note_done
from impetus.desk.permit import permit
from impetus.desk.transition import words
from impetus.ethics.guard import Operation
from impetus.ports import Unit
from impetus.ports.runs import ProcessTexts
from impetus.processes.check_playbook import check_playbook
from impetus.processes.incident_type import SLUG, IncidentType, read_type, suggest, values_of
from impetus.processes.playbook import Playbook
from impetus.processes.playbook_text import Fault, Front, read_playbook, write_steps

TYPE, PLAYBOOK = "type", "playbook"
MOST = 200
"""Most incident types and most playbooks of an installation: more are chosen from by nobody. House rule."""
REMEMBERED = 256
"""Texts whose meaning is remembered in a process: every type or playbook there may be, and what is being typed."""
FIRST_VERSION = 1
VERSION_LINE = re.compile(r"^version:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class TypeNow:
    """A type as it holds, with its text and version; `is_shipped` while nobody has changed what came with the platform."""

    type: IncidentType
    version: int
    text: str
    is_shipped: bool
    saved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaybookNow:
    """A playbook as it holds, with its text and version."""

    slug: str
    playbook: Playbook
    version: int
    text: str
    is_shipped: bool
    saved_by: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What somebody wants to save: the text, why, and the version they began from (0 for something new)."""

    text: str
    why: str
    base: int


def types(desk: Desk, actor: Actor) -> tuple[TypeNow, ...]:
    """Return every incident type, the high priorities first, then by title."""
    permit(desk, actor, Operation.PLAYBOOKS_READ)
    with desk.store.read() as unit:
        found = [type_now(desk, unit, slug) for slug in _slugs(desk, unit, TYPE)]
    order = {"high": 0, "medium": 1, "low": 2}
    return tuple(sorted(found, key=lambda each: (order[each.type.priority], each.type.title)))


def type_(desk: Desk, actor: Actor, slug: str) -> TypeNow:
    """Return one incident type; `Unknown` when there is none."""
    permit(desk, actor, Operation.PLAYBOOKS_READ, on=f"type:{_slug(slug)}")
    with desk.store.read() as unit:
        return type_now(desk, unit, slug)


def playbooks(desk: Desk, actor: Actor) -> tuple[PlaybookNow, ...]:
    """Return every playbook, by title."""
    permit(desk, actor, Operation.PLAYBOOKS_READ)
    with desk.store.read() as unit:
        found = [playbook_now(desk, unit, slug) for slug in _slugs(desk, unit, PLAYBOOK)]
    return tuple(sorted(found, key=lambda each: each.playbook.title))


def checklists(desk: Desk, actor: Actor) -> tuple[tuple[str, int], ...]:
    """Return the names and newest versions of all playbooks without reading their texts; 0 for one nobody has changed."""
    permit(desk, actor, Operation.PLAYBOOKS_READ)
    with desk.store.read() as unit:
        newest = [(slug, unit.revisions.newest(PLAYBOOK, slug)) for slug in _slugs(desk, unit, PLAYBOOK)]
        return tuple((slug, 0 if found is None else found.version) for slug, found in newest)


def playbook(desk: Desk, actor: Actor, slug: str) -> PlaybookNow:
    """Return one playbook; `Unknown` when there is none."""
    permit(desk, actor, Operation.PLAYBOOKS_READ, on=f"playbook:{_slug(slug)}")
    with desk.store.read() as unit:
        return playbook_now(desk, unit, slug)


def versions(desk: Desk, actor: Actor, kind: str, slug: str) -> Sequence[Revision]:
    """Return the saved versions of a type or a playbook, newest first."""
    permit(desk, actor, Operation.PLAYBOOKS_READ, on=f"{kind}:{_slug(slug)}")
    with desk.store.read() as unit:
        return unit.revisions.versions(kind, slug)


def suggest_type(desk: Desk, actor: Actor, alert_id: AlertId) -> TypeNow | None:
    """Return the type an alert speaks for, None when it speaks for none; a suggestion, which a person may overrule."""
    permit(desk, actor, Operation.PLAYBOOKS_READ, on=f"alert:{alert_id}")
    permit(desk, actor, Operation.ALERTS_READ, on=f"alert:{alert_id}")
    with desk.store.read() as unit:
        return suggested(desk, unit, unit.alerts.get(alert_id))


def suggested(desk: Desk, unit: Unit, alert: Alert) -> TypeNow | None:
    """Return the type an alert speaks for, None when it speaks for none."""
    found = {now.type.slug: now for now in (type_now(desk, unit, slug) for slug in _slugs(desk, unit, TYPE))}
    best = suggest([now.type for now in found.values()], alert)
    return found[best.slug] if best else None


def check_type(desk: Desk, actor: Actor, text: str) -> tuple[IncidentType, tuple[Fault, ...]]:
    """Return a type as far as a text says one, and every fault by line."""
    permit(desk, actor, Operation.PLAYBOOKS_READ)
    with desk.store.read() as unit:
        return _checked_type(desk, unit, text)


def check_text(desk: Desk, actor: Actor, text: str) -> tuple[Playbook, tuple[Fault, ...]]:
    """Return a playbook as far as a text says one, and every fault by line."""
    permit(desk, actor, Operation.PLAYBOOKS_READ)
    return read_text(desk.process_texts, text)


def save_type(desk: Desk, actor: Actor, slug: str, draft: Draft) -> TypeNow:
    """Save a new version of a type; `Malformed` names the first fault, `Conflict` who saved meanwhile."""
    permit(desk, actor, Operation.PLAYBOOKS_WRITE, on=f"type:{_slug(slug)}")
    with desk.store.write() as unit:
        type_, faults = _checked_type(desk, unit, draft.text)
        _refuse(faults, TYPE)
        if type_.slug != slug:
            raise _other(TYPE, type_.slug, slug)
        _save(desk, unit, actor, _revision(desk, actor, TYPE, slug, draft), _base(desk, unit, TYPE, slug))
        return type_now(desk, unit, slug)


def save_playbook(desk: Desk, actor: Actor, slug: str, draft: Draft) -> PlaybookNow:
    """Save a new version of a playbook; `Malformed` names the first fault, `Conflict` who saved meanwhile.

    The number in the text's `version:` is set to that of the version saved: what is printed says which one it is.
    """
    permit(desk, actor, Operation.PLAYBOOKS_WRITE, on=f"playbook:{_slug(slug)}")
    found, faults = read_text(desk.process_texts, draft.text)
    _refuse(faults, PLAYBOOK)
    if found.incident_type != slug:
        raise _other(PLAYBOOK, found.incident_type, slug)
    numbered = replace(draft, text=VERSION_LINE.sub(f"version: {draft.base + 1}", draft.text, count=1))
    with desk.store.write() as unit:
        revision = _revision(desk, actor, PLAYBOOK, slug, numbered)
        _save(desk, unit, actor, revision, _base(desk, unit, PLAYBOOK, slug))
        return playbook_now(desk, unit, slug)


def type_now(desk: Desk, unit: Unit, slug: str) -> TypeNow:
    """Return a type as it holds in this unit; `Unknown` when there is none."""
    text, revision = _text_of(desk, unit, TYPE, slug)
    found = _type_in(desk.process_texts, text)
    return TypeNow(
        type=found,
        version=revision.version if revision else FIRST_VERSION,
        text=text,
        is_shipped=revision is None,
        saved_by=revision.saved_by if revision else "",
    )


def playbook_now(desk: Desk, unit: Unit, slug: str) -> PlaybookNow:
    """Return a playbook as it holds in this unit; `Unknown` when there is none."""
    text, revision = _text_of(desk, unit, PLAYBOOK, slug)
    found, _ = read_text(desk.process_texts, text)
    return PlaybookNow(
        slug=slug,
        playbook=found,
        version=revision.version if revision else found.version,
        text=text,
        is_shipped=revision is None,
        saved_by=revision.saved_by if revision else "",
    )


@lru_cache(maxsize=REMEMBERED)
def _type_in(texts: ProcessTexts, text: str) -> IncidentType:
    """Return the type a text says; the same text is read once, because lists read them all."""
    return read_type(texts.read_fields(text))[0]


@lru_cache(maxsize=REMEMBERED)
def read_text(texts: ProcessTexts, text: str) -> tuple[Playbook, tuple[Fault, ...]]:
    """Return a playbook as far as a text says one, and every fault by line."""
    document = texts.read_document(text)
    values = {"title": "", "incident_type": "", "version": 0, "roles": ()} | dict(document.values)
    front = Front(**values, lines=document.lines)  # type: ignore[arg-type]  # read_document gives each field its type
    found, faults = read_playbook(front, document.body)
    flaws = [Fault(line=flaw.line, rule="front", says=flaw.says, remedy=flaw.remedy) for flaw in document.flaws]
    return found, check_playbook(found, [*flaws, *faults])


def text_of(texts: ProcessTexts, playbook: Playbook) -> str:
    """Return a playbook as text."""
    front = {
        name: getattr(playbook, name) for name in ("title", "incident_type", "version", "roles", "summary", "sources")
    }
    return texts.write_front(front) + write_steps(playbook.steps)


def type_text(texts: ProcessTexts, type_: IncidentType) -> str:
    """Return a type as text."""
    return texts.write_fields(values_of(type_))


def _checked_type(desk: Desk, unit: Unit, text: str) -> tuple[IncidentType, tuple[Fault, ...]]:
    """Read a type, and see that its playbook is there."""
    fields = desk.process_texts.read_fields(text)
    found, faults = read_type(fields)
    if not found.playbook or found.playbook in _slugs(desk, unit, PLAYBOOK):
        return found, faults
    line = next((field.line for field in fields.fields if field.name == "playbook"), 1)
    missing = Fault(
        line=line,
        rule="playbook",
        says=f"there is no playbook {found.playbook[:40]!r}",
        remedy=f"write it first, or use one of {', '.join(_slugs(desk, unit, PLAYBOOK)[:12])}",
    )
    return found, tuple(sorted((*faults, missing)))


def _text_of(desk: Desk, unit: Unit, kind: str, slug: str) -> tuple[str, Revision | None]:
    """Return the text that holds, and the revision it is of, None for what came with the platform."""
    revision = unit.revisions.newest(kind, slug)
    if revision is not None:
        return revision.text, revision
    shipped = desk.process_texts.shipped(kind, slug)
    if shipped is None:
        raise Unknown(f"there is no {kind} {slug[:40]!r}", value=slug[:40], remedy="choose from the list")
    return shipped, None


def _base(desk: Desk, unit: Unit, kind: str, slug: str) -> int:
    """Return the version a change counts on from, 0 for something new."""
    revision = unit.revisions.newest(kind, slug)
    if revision is not None:
        return revision.version
    if desk.process_texts.shipped(kind, slug) is None:
        return 0
    return playbook_now(desk, unit, slug).version if kind == PLAYBOOK else FIRST_VERSION


def _save(desk: Desk, unit: Unit, actor: Actor, revision: Revision, base: int) -> None:
    """Store a version if it follows the one that holds."""
    if revision.version != base + 1:
        newest = unit.revisions.newest(revision.kind, revision.slug)
        who = f" ({newest.saved_by} saved version {newest.version})" if newest else ""
        raise Conflict(
            f"{revision.kind} {revision.slug} changed since you began{who}",
            value=revision.version - 1,
            limit=base,
            remedy="look at what they changed, then save yours over it",
        )
    if base == 0 and len(_slugs(desk, unit, revision.kind)) >= MOST:
        raise Malformed(f"there are {MOST} already", value=MOST, limit=MOST, remedy="change one that is not used")
    unit.revisions.add(revision)
    unit.outbox.add(revision.saved_at, "playbook", revision.slug, {"kind": revision.kind, "version": revision.version})
    note_done(desk, actor, f"{revision.kind}.save", f"{revision.kind}:{revision.slug}", why=revision.why)


def _revision(desk: Desk, actor: Actor, kind: str, slug: str, draft: Draft) -> Revision:
    """Return the version a draft would be."""
    return Revision(
        kind=kind,
        slug=slug,
        version=draft.base + 1,
        text=draft.text,
        saved_at=desk.clock.now(),
        saved_by=actor.name,
        why=words(draft.why, "the reason", needed=True),
    )


def _refuse(faults: Sequence[Fault], kind: str) -> None:
    """Refuse a text with faults, naming the first."""
    if faults:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        raise Malformed(
            f"line {first.line}: {first.says}{more}",
            value=f"a {kind} with {len(faults)} faults",
            limit="none",
            remedy=first.remedy,
        )


def _slugs(desk: Desk, unit: Unit, kind: str) -> tuple[str, ...]:
    """Return what there is of a kind, shipped and own."""
    return tuple(sorted({*desk.process_texts.shipped_slugs(kind), *unit.revisions.slugs(kind)}))


def _slug(slug: str) -> str:
    """Return a name that can be one; what cannot is `Unknown`, and not repeated at length."""
    if not SLUG.fullmatch(slug):
        raise Unknown(f"there is nothing called {slug[:40]!r}", value=slug[:40], remedy="choose from the list")
    return slug


def _other(kind: str, said: str, slug: str) -> Malformed:
    return Malformed(
        f"the text is of {kind} {said}, not of {slug}", value=said, limit=slug, remedy="save it under its own name"
    )
