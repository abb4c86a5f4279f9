"""What who leads is to know of runs: steps that are late, and mandatory ones that were skipped, with why and by whom."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from impetus.core.ids import IncidentId
from impetus.core.text import Phrase
from impetus.desk import run_reading, runs
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Number = Annotated[str, Path(pattern=r"^[0-9]{1,3}[a-z]?$")]


@router.get("/runs")
def show_runs(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return late and skipped steps of every incident, for who leads."""
    return page(request, "runs.html", actor=actor, attention=run_reading.needs_a_lead(desk, actor))


@router.post("/incidents/{incident}/steps/{number}/seen")
def seen(request: Request, desk: TheDesk, actor: Person, incident: Id, number: Number) -> Response:
    """Say, leading, that one has seen a skip."""

    def act() -> Done:
        runs.see_skip(desk, actor, IncidentId(incident), number)
        return Done(said=Phrase(template=N_("Seen")), back="/runs")

    return perform(request, act)
