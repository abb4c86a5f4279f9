"""Cameras: every picture masked, who is watching beside it, and the question that asks to lift a mask."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.ids import IncidentId
from impetus.desk import reveals
from impetus.desk.reveal_step import STANDING
from impetus.desk.view_camera import camera, cameras, own_open_reveal, view
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk
from impetus.web.kept import keep
from impetus.web.media_panel import rows
from impetus.web.pages.reveal_form import MINUTES, Filled, ask_reveal, open_incidents
from impetus.web.render import page, words_of
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
SHOWN_BEFORE = 8
FRAME_HEADERS = {"Cache-Control": "no-store, private", "Content-Disposition": "inline"}
"""A picture of people stays in no cache of the browser and is offered for no download; our service worker keeps the last
masked one of those its person looked at, for the time without the server (decision record 0019)."""

router = APIRouter()
Key = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9_-]{0,62}$")]
Case = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.get("/cameras")
def show_cameras(request: Request, desk: TheDesk, actor: Person) -> HTMLResponse:
    """Show every camera, masked."""
    found = cameras(desk, actor)
    standing = reveals.reveals(desk, actor, open_only=True) if may(actor, Operation.REVEALS_READ) else ()
    open_now = {row.reveal.subject.removeprefix("camera:"): row for row in rows(actor, standing)}
    return page(request, "cameras.html", actor=actor, cameras=found, open_now=open_now)


@router.get("/cameras/{key}")
def show_camera(request: Request, desk: TheDesk, actor: Person, key: Key, incident: Case = None) -> HTMLResponse:
    """Show one camera, who is watching, and the form that asks for a reveal."""
    row = camera(desk, actor, key)
    found = reveals.reveals(desk, actor) if may(actor, Operation.REVEALS_READ) else ()
    mine = [each for each in found if each.subject == f"camera:{key}"]
    standing = [each for each in mine if each.state in STANDING]
    return page(
        request,
        "camera.html",
        actor=actor,
        camera=row,
        incident=incident,
        reveals=rows(actor, standing),
        before=[each for each in mine if each not in standing][:SHOWN_BEFORE],
        own=own_open_reveal(desk, actor, f"camera:{key}"),
        incidents=open_incidents(desk, actor),
        minutes=MINUTES,
        may_ask=may(actor, Operation.REVEALS_ASK),
    )


@router.get("/cameras/{key}/frame")
def frame(request: Request, desk: TheDesk, actor: Person, key: Key, incident: Case = None) -> Response:
    """Return the picture this person may see now: masked, clear through their own open reveal, or a sentence."""
    say = words_of(request).gettext
    shown = view(desk, actor, key, None if incident is None else IncidentId(incident), say=say)
    kept = dict(keep(actor)) if shown.masked else {}
    return Response(shown.picture, media_type="image/png", headers=FRAME_HEADERS | kept)


@router.post("/cameras/{key}/reveal")
def ask(request: Request, desk: TheDesk, actor: Person, key: Key, form: Filled) -> Response:
    """Ask that this camera's mask be lifted."""
    return ask_reveal(request, desk, actor, f"camera:{key}", form)
