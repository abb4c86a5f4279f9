"""All incidents, newest first."""

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse

from impetus.core.incident import IncidentState
from impetus.desk import read
from impetus.web.context import TheDesk
from impetus.web.kept import keep
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
WORKED_ON = (IncidentState.OPEN, IncidentState.OFFERED)


@router.get("/incidents")
def show_incidents(
    request: Request,
    desk: TheDesk,
    actor: Person,
    state: Annotated[str, Query(max_length=20)] = "open",
    after: Annotated[str, Query(max_length=200)] = "",
) -> HTMLResponse:
    """Show one page of incidents."""
    states = {"open": WORKED_ON, "closed": (IncidentState.CLOSED,)}.get(state, ())
    found = read.list_incidents(desk, actor, states=states, after=after or None)
    return page(
        request,
        "incidents.html",
        actor=actor,
        incidents=found.items,
        state=state if state in {"open", "closed"} else "all",
        next=found.next,
        is_first=not after,
        headers={} if after else keep(actor),
    )
