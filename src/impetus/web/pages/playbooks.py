"""Playbooks as people read, edit and print them: the text, what is wrong with it while one types, and its drawing."""

import json
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from markupsafe import Markup

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.text import Phrase
from impetus.desk import incident_types
from impetus.desk.context import Desk
from impetus.desk.incident_types import PLAYBOOK, Draft, PlaybookNow
from impetus.processes.cacao import to_cacao
from impetus.processes.draw_playbook import draw_playbook
from impetus.processes.incident_type import SHAPES
from impetus.processes.playbook import Playbook
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.kept import keep
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

MAX_TEXT = 60_000
"""Longest text in a form in characters; the longest shipped playbook has 6,000."""
LARGEST_VERSION = 2**53
DRAWN_STEPS = 200
EMPTY = """---
title: What it is about
incident_type: my_type
version: 1
roles: [operator, supervisor]
---
1. [operator] Look. (must; within 60 s, else 2)
   What do you see?
   - something -> 2
   - nothing -> end
   - cannot tell -> 2
2. [supervisor] Tell who must know. (must) -> end
"""

router = APIRouter()
Slug = Annotated[str, Path(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Text = Annotated[str, Form(max_length=MAX_TEXT)]
Why = Annotated[str, Form(max_length=2000)]
Base = Annotated[int, Form(ge=0, le=LARGEST_VERSION)]


@router.get("/playbooks")
def show_playbooks(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the incident types and the playbooks that lead people through them."""
    return page(
        request,
        "playbooks.html",
        actor=actor,
        types=incident_types.types(desk, actor),
        playbooks=incident_types.playbooks(desk, actor),
        shapes=SHAPES,
    )


@router.get("/new-playbook")
def new_playbook(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the editor with a playbook to begin from."""
    return _editor(request, desk, actor, text=EMPTY, now=None)


@router.post("/new-playbook")
def add_playbook(request: Request, desk: TheDesk, actor: Person, text: Text, why: Why = "") -> Response:
    """Save a playbook under the type its text names."""
    slug = incident_types.check_text(desk, actor, text)[0].incident_type
    return _save(request, desk, actor, slug, Draft(text=text, why=why, base=0))


@router.post("/check-playbook")
def check_playbook(request: Request, desk: TheDesk, actor: Person, text: Text = "") -> Response:
    """Return what is wrong with a text, and its drawing, as a part of the editor."""
    found, faults = incident_types.check_text(desk, actor, text)
    return page(request, "_playbook_check.html", actor=actor, faults=faults, drawing=_drawing(found), playbook=found)


@router.get("/playbooks/{slug}.svg")
def playbook_drawing(desk: TheDesk, actor: Person, slug: Slug) -> Response:
    """Return the drawing alone, with its own colours."""
    now = incident_types.playbook(desk, actor, slug)
    return Response(draw_playbook(now.playbook), media_type="image/svg+xml")


@router.get("/playbooks/{slug}.json")
def playbook_as_cacao(desk: TheDesk, actor: Person, slug: Slug) -> Response:
    """Return a playbook as CACAO 2.0, for other people's programs."""
    now = incident_types.playbook(desk, actor, slug)
    body = json.dumps(to_cacao(now.playbook, desk.clock.now()), indent=2, ensure_ascii=False)
    headers = {"content-disposition": f'attachment; filename="{slug}.cacao.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.get("/playbooks/{slug}")
def show_playbook(request: Request, desk: TheDesk, actor: Person, slug: Slug) -> Response:
    """Return one playbook in the editor; who may not change it reads it there."""
    now = incident_types.playbook(desk, actor, slug)
    return _editor(request, desk, actor, text=now.text, now=now)


@router.post("/playbooks/{slug}")
def save_playbook(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request, desk: TheDesk, actor: Person, slug: Slug, *, base: Base, text: Text, why: Why = ""
) -> Response:
    """Save a new version."""
    return _save(request, desk, actor, slug, Draft(text=text, why=why, base=base))


@router.get("/playbooks/{slug}/versions/{version}")
def show_version(
    request: Request, desk: TheDesk, actor: Person, slug: Slug, version: Annotated[int, Path(ge=1, le=LARGEST_VERSION)]
) -> Response:
    """Return the text of an older version, to be read or brought back by saving it."""
    now = incident_types.playbook(desk, actor, slug)
    older = next((one for one in incident_types.versions(desk, actor, PLAYBOOK, slug) if one.version == version), None)
    if older is None:
        raise Malformed(f"version {version} is not kept", value=version, remedy="choose one from the list")
    return _editor(request, desk, actor, text=older.text, now=now)


@router.get("/playbooks/{slug}/print")
def print_playbook(request: Request, desk: TheDesk, actor: Person, slug: Slug) -> Response:
    """Return a playbook as a checklist for paper: boxes to tick, who and when to write in."""
    now = incident_types.playbook(desk, actor, slug)
    return page(request, "playbook_print.html", actor=actor, now_=now, playbook=now.playbook, headers=keep(actor))


def _save(request: Request, desk: Desk, actor: Actor, slug: str, draft: Draft) -> Response:
    def act() -> Done:
        saved = incident_types.save_playbook(desk, actor, slug, draft)
        said = Phrase(template=N_("Version {version} is saved"), values={"version": saved.version})
        return Done(said=said, back=f"/playbooks/{slug}", go=f"/playbooks/{slug}")

    return perform(request, act)


def _editor(request: Request, desk: Desk, actor: Actor, *, text: str, now: PlaybookNow | None) -> Response:
    found, faults = incident_types.check_text(desk, actor, text)
    return page(
        request,
        "playbook_edit.html",
        actor=actor,
        text=text,
        now_=now,
        playbook=found,
        faults=faults,
        drawing=_drawing(found),
        versions=incident_types.versions(desk, actor, PLAYBOOK, now.slug) if now else (),
    )


def _drawing(playbook: Playbook) -> Markup:
    """Return the drawing for a page: its words are escaped where it is drawn, and it brings no style of its own."""
    return Markup(draw_playbook(playbook, styled=False)) if playbook.steps[:DRAWN_STEPS] else Markup("")  # noqa: S704 - `draw_playbook` escapes every word it is given
