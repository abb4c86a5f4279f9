"""The kill switch on the screen: the bar's red word is the first tap, the button of what to stop is the second.

Plain forms, no script needed. The page is the step in between: beside each button stands what will stop and what stays.
"""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.errors import Malformed
from impetus.core.stop import Scope, Target, parse_target
from impetus.core.text import Phrase
from impetus.desk import stops
from impetus.desk.stop_choices import Choice, choices
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter(prefix="/stops")
Wanted = Annotated[str, Form(max_length=200)]
Why = Annotated[str, Form(max_length=4000)]

CONSEQUENCES: Mapping[Scope, tuple[str, str]] = {
    Scope.TOOL: (
        N_("The tool's process and everything it started are killed; it says nothing more."),
        N_("Readings are still taken in and kept, other tools go on, its alerts so far stay."),
    ),
    Scope.SOURCE: (
        N_("What it sends is refused and kept nowhere; tools read nothing more of it."),
        N_("Other sources and all tools go on; what was recorded stays until its time is over."),
    ),
    Scope.CAMERA: (
        N_("What it sends is refused and kept nowhere; nobody sees through it; tools read nothing more of it."),
        N_("Other cameras and all tools go on; what was recorded stays until its time is over."),
    ),
    Scope.ALL: (
        N_(
            "Every tool, the taking in of readings and the simulator are killed; no new alert comes, and nothing new is set "
            "in the city or sent to the public."
        ),
        N_(
            "This page, the alerts and incidents so far, what was recorded, and the log. What is set in the city still ends "
            "at its time."
        ),
    ),
}
CONSEQUENCES = {**CONSEQUENCES, Scope.SITE: CONSEQUENCES[Scope.ALL]}
"""What stops and what stays, in the words of the page."""


@router.get("")
def show_stops(
    request: Request, desk: TheDesk, actor: Person, target: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """Show what is stopped, and what can be; with `target`, that one first."""
    known = list(choices(desk, actor))
    first = _first(target, known)
    every = stops.stops(desk, actor)
    return page(
        request,
        "stops.html",
        actor=actor,
        in_force=[stop for stop in every if stop.is_in_force],
        lifted=[stop for stop in every if not stop.is_in_force],
        first=first,
        groups=[
            (name, [choice for choice in known if choice.target.scope is scope])
            for scope, name in (
                (Scope.ALL, N_("Everything")),
                (Scope.TOOL, N_("Tools and parts")),
                (Scope.CAMERA, N_("Cameras")),
                (Scope.SOURCE, N_("Sources")),
            )
        ],
        consequences=CONSEQUENCES,
        may_stop=may(actor, Operation.STOPS_MAKE),
        may_lift=may(actor, Operation.STOPS_LIFT),
    )


@router.post("/stop")
def stop(request: Request, desk: TheDesk, actor: Person, target: Wanted, why: Why = "") -> Response:
    """Stop it, now."""

    def act() -> Done:
        made = stops.stop(desk, actor, target, why=why)
        is_known = stops.is_known(desk, made.target)
        said = (
            N_("{target} is stopped") if is_known is not False else N_("{target} is stopped, but nothing is called so")
        )
        return Done(said=Phrase(template=said, values={"target": str(made.target)}), back="/stops")

    return perform(request, act)


@router.post("/explain")
def explain(request: Request, desk: TheDesk, actor: Person, target: Wanted, why: Why = "") -> Response:
    """Say why, afterwards."""

    def act() -> Done:
        told = stops.explain(desk, actor, target, why)
        return Done(said=_said(N_("The reason for stopping {target} is kept"), told.target), back="/stops")

    return perform(request, act)


@router.post("/lift")
def lift(request: Request, desk: TheDesk, actor: Person, target: Wanted, why: Why = "") -> Response:
    """Let it run again, by name."""

    def act() -> Done:
        lifted = stops.lift(desk, actor, target, why)
        return Done(said=_said(N_("{target} may run again"), lifted.target), back="/stops")

    return perform(request, act)


def _said(template: str, target: Target) -> Phrase:
    return Phrase(template=template, values={"target": str(target)})


def _first(target: str, known: list[Choice]) -> Choice | None:
    """Return what the address asks about, known or not; None for none or nonsense."""
    try:
        wanted = parse_target(target)
    except Malformed:
        return None
    unknown = Choice(target=wanted, name=wanted.key, stopped=None)
    return next((choice for choice in known if choice.target == wanted), unknown)
