"""What stays usable without the server: the page that is shown then, and what a browser should ask for beforehand."""

from dataclasses import dataclass

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.incident import IncidentState
from impetus.desk import incident_types, read
from impetus.desk.context import Desk
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk
from impetus.web.kept import keep
from impetus.web.render import page
from impetus.web.session import Person

WORKED_ON = (IncidentState.OPEN, IncidentState.OFFERED)
MOST_INCIDENTS = 12
"""Open incidents kept on a seat; more nobody works on at once. House rule."""
MOST_CHECKLISTS = 40

router = APIRouter()


@dataclass(frozen=True, slots=True, kw_only=True)
class Needed:
    """A page to keep; ask for it again when `version` has changed."""

    path: str
    version: str


@router.get("/offline")
def offline(request: Request, actor: Person) -> HTMLResponse:
    """Show what this browser has kept, and what waits to be sent."""
    return page(request, "offline.html", actor=actor, headers=keep(actor))


@router.get("/offline/keep")
def to_keep(desk: TheDesk, actor: Person) -> Response:
    """Return the pages that this person may need without the server, in the order of need."""
    return Response(orjson.dumps({"pages": needed(desk, actor)}), media_type="application/json")


def needed(desk: Desk, actor: Actor) -> tuple[Needed, ...]:
    """Return this page, the incidents worked on, whom to call, the checklists and the picture; no camera: a look is logged."""
    found = [Needed(path="/offline", version="1")]
    if may(actor, Operation.INCIDENTS_READ):
        worked_on = read.list_incidents(desk, actor, states=WORKED_ON, limit=MOST_INCIDENTS).items
        found += [Needed(path=f"/incidents/{each.id}", version=f"{each.version}") for each in worked_on]
        found.append(Needed(path="/incidents", version=",".join(str(each.id) for each in worked_on)))
    if may(actor, Operation.CALLS_READ):
        hour = int(desk.clock.now().timestamp()) // 3600
        found.append(Needed(path="/on-call", version=f"{hour}"))
    if may(actor, Operation.PLAYBOOKS_READ):
        lists = incident_types.checklists(desk, actor)[:MOST_CHECKLISTS]
        found += [Needed(path=f"/playbooks/{slug}/print", version=f"{version}") for slug, version in lists]
    if may(actor, Operation.ALERTS_READ):
        minute = int(desk.clock.now().timestamp()) // 60
        found += [Needed(path="/", version=f"{minute}"), Needed(path="/api/v1/place", version="1")]
    return tuple(found)
