"""One piece of evidence with people in it: masked, who sees it clearly, and the question that asks to."""

import base64
from typing import Annotated

from fastapi import APIRouter, Form, Path, Query, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.evidence import ImageEvidence
from impetus.core.ids import EvidenceId, IncidentId
from impetus.core.text import Phrase
from impetus.desk import reveals
from impetus.desk.reveal_step import STANDING
from impetus.desk.view_evidence import view_evidence
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.media_panel import rows
from impetus.web.names import N_
from impetus.web.pages.cameras import MINUTES, chosen_number, open_incidents
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
        incidents=open_incidents(desk, actor),
        minutes=MINUTES,
        may_ask=may(actor, Operation.REVEALS_ASK),
        headers={"Cache-Control": "no-store, private"},
    )


@router.post("/evidence/{name}/reveal")
def ask(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    name: Name,
    *,
    incident: Annotated[str, Form(max_length=20)] = "",
    minutes: Annotated[str, Form(max_length=4)] = "",
    why: Annotated[str, Form()] = "",
    recipient: Annotated[str, Form()] = "",
) -> Response:
    """Ask that the mask over this piece be lifted."""

    def act() -> Done:
        made = reveals.ask(
            desk,
            actor,
            f"evidence:{name}",
            IncidentId(chosen_number(incident, N_("the incident"))),
            why=why,
            minutes=chosen_number(minutes, N_("the minutes")),
            recipient=recipient,
        )
        said = Phrase(
            template=N_("Asked: reveal {reveal}. A supervisor or the data protection officer answers"),
            values={"reveal": made.id},
        )
        return Done(said=said, back=f"/evidence/{name}?incident={made.incident}")

    return perform(request, act)


def picture_address(image: ImageEvidence) -> str:
    """Return the picture as an address that carries it, empty when there is none: nothing else can then be asked for."""
    return f"data:image/png;base64,{base64.b64encode(image.body).decode('ascii')}" if image.body else ""
