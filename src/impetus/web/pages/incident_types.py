"""Incident types as people edit them: in fields, or as the text the fields are."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.actor import Actor, Role
from impetus.core.text import Phrase
from impetus.desk import incident_types
from impetus.desk.context import Desk
from impetus.desk.incident_types import TYPE, Draft, TypeNow
from impetus.processes.incident_type import ICONS, PRIORITIES, SHAPES, SOUNDS, STARTS, IncidentType
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

MAX_TEXT = 20_000
LARGEST_VERSION = 2**53
PEOPLE = tuple(role.value for role in Role if role not in {Role.SERVICE, Role.PLATFORM})
EMPTY = """type: my_type
title: What it is called
icon: other
shape: circle
colour: minor
sound: none
priority: low
recipients: [operator]
start: by hand
"""

router = APIRouter()
Slug = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Form(max_length=MAX_TEXT)]
Why = Annotated[str, Form(max_length=2000)]
Word = Annotated[str, Form(max_length=400)]
Base = Annotated[int, Form(ge=0, le=LARGEST_VERSION)]


@router.get("/new-type")
def new_type(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the editor with a type to begin from."""
    return _editor(request, desk, actor, text=EMPTY, now=None)


@router.post("/new-type")
def add_type(request: Request, desk: TheDesk, actor: Person, text: Text, why: Why = "") -> Response:
    """Save a type under the name its text gives it."""
    slug = incident_types.check_type(desk, actor, text)[0].slug
    return _save(request, desk, actor, slug, Draft(text=text, why=why, base=0))


@router.post("/check-type")
def check_type(request: Request, desk: TheDesk, actor: Person, text: Text = "") -> Response:
    """Return what is wrong with a text, as a part of the editor."""
    found, faults = incident_types.check_type(desk, actor, text)
    return page(request, "_type_check.html", actor=actor, faults=faults, type=found, shapes=SHAPES)


@router.get("/types/{slug}")
def show_type(request: Request, desk: TheDesk, actor: Person, slug: Slug) -> Response:
    """Return one type in the editor; who may not change it reads it there."""
    now = incident_types.type_(desk, actor, slug)
    return _editor(request, desk, actor, text=now.text, now=now)


@router.post("/types/{slug}")
def save_type(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request, desk: TheDesk, actor: Person, slug: Slug, *, base: Base, text: Text, why: Why = ""
) -> Response:
    """Save a new version from the text."""
    return _save(request, desk, actor, slug, Draft(text=text, why=why, base=base))


@router.post("/types/{slug}/fields")
def save_fields(  # noqa: PLR0913 - a type has this many fields
    request: Request,
    desk: TheDesk,
    actor: Person,
    slug: Slug,
    base: Base,
    *,
    title: Word = "",
    summary: Word = "",
    objective: Word = "",
    icon: Word = "other",
    shape: Word = "circle",
    sound: Word = "none",
    priority: Word = "low",
    playbook: Word = "",
    start: Word = "by hand",
    recipients: Annotated[list[str] | None, Form()] = None,
    why: Why = "",
) -> Response:
    """Save a new version from the fields; triggers stay as the text says them."""
    now = incident_types.type_(desk, actor, slug)
    changed = replace(
        now.type,
        title=title,
        summary=summary,
        objective=objective,
        icon=icon,
        shape=shape,
        colour=SHAPES.get(shape, now.type.colour),
        sound=sound,
        priority=priority,
        playbook=playbook,
        start=start if playbook else "by hand",
        recipients=tuple(recipients or ()),
    )
    text = incident_types.type_text(desk.process_texts, changed)
    return _save(request, desk, actor, slug, Draft(text=text, why=why, base=base))


def _save(request: Request, desk: Desk, actor: Actor, slug: str, draft: Draft) -> Response:
    def act() -> Done:
        saved = incident_types.save_type(desk, actor, slug, draft)
        said = Phrase(template=N_("Version {version} is saved"), values={"version": saved.version})
        return Done(said=said, back=f"/types/{slug}", go=f"/types/{slug}")

    return perform(request, act)


def _editor(request: Request, desk: Desk, actor: Actor, *, text: str, now: TypeNow | None) -> Response:
    found: IncidentType
    found, faults = incident_types.check_type(desk, actor, text)
    return page(
        request,
        "type_edit.html",
        actor=actor,
        text=text,
        now_=now,
        type=found,
        faults=faults,
        shapes=SHAPES,
        icons=ICONS,
        sounds=SOUNDS,
        priorities=PRIORITIES,
        starts=STARTS,
        people=PEOPLE,
        playbooks=[one.slug for one in incident_types.playbooks(desk, actor)],
        versions=incident_types.versions(desk, actor, TYPE, now.type.slug) if now else (),
    )
