"""An alert explained on a page and as plain text, to be handed to whoever is affected."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import PlainTextResponse

from impetus.core.ids import AlertId
from impetus.desk.explain_alert import explain_alert, explanation_text
from impetus.web.context import TheDesk
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/alerts/{alert}/explanation")
def show_explanation(request: Request, desk: TheDesk, actor: Person, alert: Id) -> Response:
    """Return the explanation as a page that prints well."""
    return page(
        request,
        "explanation.html",
        actor=actor,
        explanation=explain_alert(desk, actor, AlertId(alert)),
    )


@router.get("/alerts/{alert}/explanation.txt")
def explanation_as_text(desk: TheDesk, actor: Person, alert: Id) -> PlainTextResponse:
    """Return the explanation as plain text, in English."""
    body = explanation_text(explain_alert(desk, actor, AlertId(alert)))
    name = f'attachment; filename="alert-{alert}-explained.txt"'
    return PlainTextResponse(body, headers={"content-disposition": name})
