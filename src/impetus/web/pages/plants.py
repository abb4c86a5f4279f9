"""Planned test alerts: for supervisors, who see what was said and never by whom."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.alert import AlertState
from impetus.core.ids import AlertId
from impetus.core.plant import is_planted
from impetus.core.text import Phrase
from impetus.desk import gates, plants, read
from impetus.ports import AlertQuery
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
CANDIDATES = 50

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]


@router.get("/plants")
def show_plants(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return planned and past tests, and the closed alerts that could be told again."""
    known = plants.plants(desk, actor)
    listed = read.list_alerts(desk, actor, AlertQuery(states=(AlertState.CLOSED,), limit=CANDIDATES)).items
    return page(
        request,
        "plants.html",
        actor=actor,
        plants=known,
        candidates=[
            alert
            for alert in listed
            if alert.verdict in plants.KNOWN and alert.severity in plants.MILD and not is_planted(alert)
        ],
        figures=gates.gate_figures(desk, actor),
    )


@router.post("/plants")
def plan(
    request: Request,
    desk: TheDesk,
    actor: Person,
    alert: Annotated[int, Form(ge=1, le=LARGEST_ID)],
    minutes: Annotated[int, Form(ge=0, le=14 * 24 * 60)],
    why: Annotated[str, Form(max_length=4000)] = "",
) -> Response:
    """Plan a test in so many minutes."""

    def act() -> Done:
        due = desk.clock.now() + timedelta(minutes=minutes)
        plants.plan(desk, actor, AlertId(alert), due=due, why=why)
        return Done(said=Phrase(template=N_("The test is planned; it waits while there is much to do")), back="/plants")

    return perform(request, act)


@router.post("/plants/{plant}/cancel")
def cancel(request: Request, desk: TheDesk, actor: Person, plant: Id) -> Response:
    """Take a test back that was not raised yet."""

    def act() -> Done:
        plants.cancel(desk, actor, plant)
        return Done(said=Phrase(template=N_("The test is taken back")), back="/plants")

    return perform(request, act)
