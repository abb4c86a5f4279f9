"""One piece of evidence with people in it: masked, who sees it clearly, and the question that asks to."""

import base64
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.evidence import ImageEvidence
from impetus.core.ids import EvidenceId
from impetus.desk import reveals
from impetus.desk.reveal_step import STANDING
from impetus.desk.view_evidence import view_evidence
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk
from impetus.web.media_panel import rows
from impetus.web.pages.reveal_form import ANSWER_MINUTES, MINUTES, Filled, ask_reveal, open_incidents
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1

router = APIRouter()
Name = Annotated[str, Path(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")]
Case = Annotated[int | None, Query(ge=1, le=LARGEST_ID)]


@router.get("/evidence/{name}")
def show_evidence(request: Request, desk: TheDesk, actor: Person, name: Name, incident: Case = None) -> HTMLResponse:
    """Show it as this person may see it now, in an answer that no cache keeps."""
    shown = view_evidence(desk, actor, EvidenceId(name))
    found = reveals.reveals(desk, actor) if may(actor, Operation.REVEALS_READ) else ()
    standing = [each for each in found if each.subject == f"evidence:{name}" and each.state in STANDING]
    return page(
        request,
        "evidence.html",
        actor=actor,
        shown=shown,
        pictures=[(image, picture_address(image)) for image in shown.evidence.images],
        incident=incident,
        reveals=rows(actor, standing),
        incidents=(cases := open_incidents(desk, actor)),
        open_cases=[(each.id, each.title) for each in cases],
        asked_for=incident,
        answer_within=ANSWER_MINUTES,
        minutes=MINUTES,
        may_ask=may(actor, Operation.REVEALS_ASK),
        headers={"Cache-Control": "no-store, private"},
    )


@router.post("/evidence/{name}/reveal")
def ask(request: Request, desk: TheDesk, actor: Person, name: Name, form: Filled) -> Response:
    """Ask that the mask over this piece be lifted."""
    return ask_reveal(request, desk, actor, f"evidence:{name}", form)


def picture_address(image: ImageEvidence) -> str:
    """Return the picture as an address that carries it, empty when there is none: nothing else can then be asked for."""
    return f"data:image/png;base64,{base64.b64encode(image.body).decode('ascii')}" if image.body else ""
