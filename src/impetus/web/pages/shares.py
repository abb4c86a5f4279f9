"""Other agencies: an incident shared with them, what they are asked and what they say, and what they share with us."""

import json
from typing import Annotated

from fastapi import APIRouter, File, Form, Path, Request, Response, UploadFile

from impetus.core.access import Regime
from impetus.core.errors import Malformed, TooLarge
from impetus.core.ids import IncidentId, ShareId, TaskId
from impetus.core.situation import TaskEvent
from impetus.core.text import Phrase
from impetus.desk import shares, shares_received
from impetus.desk.needs import needs
from impetus.processes.share_document import LARGEST
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages import bar
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]


@router.post("/incidents/{incident}/shares")
def share(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    agency: Words = "",
    regime: Words = "",
    part: Annotated[list[str] | None, Form()] = None,
    why: Words = "",
) -> Response:
    """Share the incident with another agency."""

    def act() -> Done:
        if regime not in set(Regime):
            raise Malformed("no law is named", value=regime[:40], limit=", ".join(Regime), remedy="choose the law")
        law, parts = Regime(regime), part or []
        shares.share_incident(desk, actor, IncidentId(incident), agency=agency, regime=law, parts=parts, why=why)
        return _done(incident, N_("Asked; two people must agree before anything goes"))

    return perform(request, act)


@router.post("/shares/{share_id}/package")
def propose_package(request: Request, desk: TheDesk, actor: Person, share_id: Id, why: Words = "") -> Response:
    """Propose a newer package."""

    def act() -> Done:
        action = shares.propose_package(desk, actor, ShareId(share_id), why=why)
        return _done(action.incident or 0, N_("Asked; two people must agree before anything goes"))

    return perform(request, act)


@router.post("/shares/{share_id}/end")
def end_share(request: Request, desk: TheDesk, actor: Person, share_id: Id, why: Words = "") -> Response:
    """Stop sharing."""

    def act() -> Done:
        ended = shares.end_share(desk, actor, ShareId(share_id), why=why)
        return _done(ended.incident, N_("Nothing more goes to them"))

    return perform(request, act)


@router.get("/shares/{share_id}/preview")
def preview_share(request: Request, desk: TheDesk, actor: Person, share_id: Id) -> Response:
    """Return what the agency would get now."""
    told = shares.preview_share(desk, actor, ShareId(share_id))
    words = json.dumps(told, indent=2, ensure_ascii=False, sort_keys=True)
    return page(
        request,
        "share_preview.html",
        actor=actor,
        told=told,
        words=words,
        bar=bar.bar_of(needs(desk, actor)),
    )


@router.post("/shares/{share_id}/tasks")
def ask_task(request: Request, desk: TheDesk, actor: Person, share_id: Id, text: Words = "") -> Response:
    """Ask the agency to do something."""

    def act() -> Done:
        shares.ask_task(desk, actor, ShareId(share_id), text)
        return Done(said=Phrase(template=N_("Written down; tell them, or send a new package")), back="/incidents")

    return perform(request, act)


@router.post("/incidents/{incident}/tasks/{task}")
def move_task(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    task: Id,
    *,
    event: Annotated[TaskEvent, Form()],
    said: Words = "",
    said_by: Words = "",
    came: Words = "",
) -> Response:
    """Write down what was said of a task."""

    def act() -> Done:
        shares.move_task(desk, actor, TaskId(task), event, said=said, said_by=said_by, came=came)
        return _done(incident, N_("Written down"))

    return perform(request, act)


@router.post("/shares/{share_id}/report")
def take_report(
    request: Request, desk: TheDesk, actor: Person, share_id: Id, file: Annotated[UploadFile, File()]
) -> Response:
    """Read what the agency reports on its tasks."""
    body = _body(file)

    def act() -> Done:
        shares.take_report(desk, actor, ShareId(share_id), body)
        return Done(said=Phrase(template=N_("Read")), back="/incidents")

    return perform(request, act)


@router.post("/incidents/{incident}/report")
def report(desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return our report on an agency's tasks, to be sent to them."""
    body = shares_received.report_of(desk, actor, IncidentId(incident))
    headers = {"Content-Disposition": f'attachment; filename="report-{incident}.json"'}
    return Response(body, media_type="application/json", headers=headers)


@router.post("/shares/receive")
def receive(request: Request, desk: TheDesk, actor: Person, file: Annotated[UploadFile, File()]) -> Response:
    """Take in what another agency shares with us."""
    body = _body(file)

    def act() -> Done:
        incident = shares_received.receive_share(desk, actor, body)
        back = f"/incidents/{incident.id}"
        return Done(said=Phrase(template=N_("Taken in")), back=back, go=back)

    return perform(request, act)


def _done(incident: int, said: str) -> Done:
    return Done(said=Phrase(template=said), back=f"/incidents/{incident}/situation")


def _body(file: UploadFile) -> bytes:
    """Return an uploaded file; refuses more than the largest package."""
    body = file.file.read(LARGEST + 1)
    if len(body) > LARGEST:
        raise TooLarge("the file is larger", value=len(body), limit=LARGEST, remedy="ask them to share fewer parts")
    return body
