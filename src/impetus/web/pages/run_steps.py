"""What people do with the playbook of an incident: start it, finish a step, skip one with a reason."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.ids import IncidentId
from impetus.core.text import Phrase
from impetus.desk import read, runs
from impetus.desk.incident_types import suggest_type, types
from impetus.processes.incident_type import SHAPES
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import is_fragment, page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
SUGGESTING = 3
"""Alerts asked what the incident could be: the newest; the first look must be quick. House rule."""

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Number = Annotated[str, Path(pattern=r"^[0-9]{1,3}[a-z]?$")]
Words = Annotated[str, Form(max_length=2000)]
Version = Annotated[int | None, Form(ge=0, le=LARGEST_ID)]


@router.get("/incidents/{incident}/playbook")
def choose(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Show what the incident could be: the type its alerts suggest first, each with the playbook it would start.

    Asked for by the incident's page once it stands, because reading every type takes longer than the page itself.
    """
    view = read.incident(desk, actor, IncidentId(incident), lines=1)
    found = [suggest_type(desk, actor, alert.id) for alert in view.alerts[:SUGGESTING]]
    suggested = {now.type.slug for now in found if now is not None}
    return page(
        request,
        "playbook_choose_part.html" if is_fragment(request) else "playbook_choose.html",
        actor=actor,
        incident=view.incident,
        types=[now for now in types(desk, actor) if now.type.playbook],
        suggested=suggested,
        shapes=SHAPES,
    )


@router.post("/incidents/{incident}/playbook")
def start(
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    type_: Annotated[str, Form(alias="type", max_length=40)],
) -> Response:
    """Say what the incident is, and start the playbook of that type."""

    def act() -> Done:
        runs.start(desk, actor, IncidentId(incident), type_)
        return _done(incident, N_("The playbook leads now"))

    return perform(request, act)


@router.post("/incidents/{incident}/steps/{number}/finish")
def finish(  # noqa: PLR0913 - what a step is done with
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    number: Number,
    *,
    answer: Words = "",
    evidence: Words = "",
    version: Version = None,
    by_hand: Annotated[bool, Form()] = False,
) -> Response:
    """Finish a step with its answer and what shows that it is done; by hand, when its act was not left to the gates."""

    def act() -> Done:
        runs.finish_step(
            desk,
            actor,
            IncidentId(incident),
            number,
            answer=answer,
            evidence=evidence,
            version=version,
            by_hand=by_hand,
        )
        return _done(incident, N_("Step {number} is done"), number)

    return perform(request, act)


@router.post("/incidents/{incident}/steps/{number}/skip")
def skip(  # noqa: PLR0913 - what a step is skipped with
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    number: Number,
    *,
    why: Words = "",
    version: Version = None,
) -> Response:
    """Skip a step, with the reason."""

    def act() -> Done:
        runs.skip_step(desk, actor, IncidentId(incident), number, why=why, version=version)
        return _done(incident, N_("Step {number} is skipped"), number)

    return perform(request, act)


def _done(incident: int, template: str, number: str = "") -> Done:
    return Done(said=Phrase(template=template, values={"number": number}), back=f"/incidents/{incident}")
