"""The METHANE report: a page of its own, what our module saves while somebody types, and the sending."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

import orjson
from fastapi import APIRouter, Depends, Form, Path, Request, Response

from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError
from impetus.core.ids import IncidentId
from impetus.core.situation import MethaneField
from impetus.core.text import Phrase
from impetus.desk import methane, read
from impetus.desk.context import Desk
from impetus.desk.effects import TO_ALL
from impetus.desk.needs import needs
from impetus.ethics.guard import Operation
from impetus.web.acts import Done, perform, wants_json
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages import bar
from impetus.web.pages.gates import SAID
from impetus.web.problems import problem_answer
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Version = Annotated[int, Form(ge=0, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]


@router.get("/incidents/{incident}/methane")
def show_methane(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return the report on a page of its own, for a phone or a second screen."""
    return _page(request, desk, actor, incident, "methane.html")


@router.get("/incidents/{incident}/methane/now")
def methane_now(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return the parts of the page that somebody else's typing may have touched."""
    return _page(request, desk, actor, incident, "methane_now.html")


def _page(request: Request, desk: Desk, actor: Actor, incident: int, template: str) -> Response:
    view = methane.methane_view(desk, actor, IncidentId(incident))
    return page(
        request,
        template,
        actor=actor,
        methane=view,
        incident=read.incident(desk, actor, IncidentId(incident)).incident,
        colleagues=read.colleagues(desk, actor, Operation.INCIDENTS_READ),
        bar=bar.bar_of(needs(desk, actor)),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """What a page sends: the parts that were changed on it, the version it had seen, and its own name."""

    typed: Mapping[str, str]
    base: int
    seat: str


async def sent(request: Request) -> Sent:
    """Return what was sent; a browser without scripts sends every part, and what it said before."""
    form = await request.form()
    given = {name: str(value) for name, value in form.items() if name in set(MethaneField)}
    return Sent(
        typed={name: text for name, text in given.items() if form.get(f"was_{name}") != text},
        base=_number(str(form.get("base", ""))),
        seat=str(form.get("seat", "")),
    )


@router.post("/incidents/{incident}/methane")
def save_methane(
    request: Request, desk: TheDesk, actor: Person, incident: Id, form: Annotated[Sent, Depends(sent)]
) -> Response:
    """Save what was typed; our module hears by part what became of it, a browser without scripts comes back."""

    def save() -> methane.Saved:
        return methane.save_methane(desk, actor, IncidentId(incident), form.typed, base=form.base, seat=form.seat)

    if not wants_json(request):
        return perform(request, lambda: _saved(incident, save()))
    try:
        saved = save()
    except ImpetusError as error:
        return problem_answer(error.problem())
    joined = {name.value: outcome.value for name, outcome in saved.joined.items()}
    return Response(orjson.dumps({"version": saved.version, "joined": joined}), media_type="application/json")


def _number(text: str) -> int:
    """Return the version a page says it saw; what is no version was never seen."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < len(str(LARGEST_ID)) else 0


def _saved(incident: int, saved: methane.Saved) -> Done:
    """Say that it was saved, and whether somebody else's words stand somewhere."""
    told = N_("Saved; somebody else wrote the same part") if saved.beside else N_("Saved")
    return Done(said=Phrase(template=told), back=f"/incidents/{incident}/methane")


@router.post("/incidents/{incident}/methane/settle/{line}")
def settle_methane(
    request: Request, desk: TheDesk, actor: Person, incident: Id, line: Id, take: Words = ""
) -> Response:
    """Say which of two wordings is right."""

    def act() -> Done:
        methane.settle_methane(desk, actor, IncidentId(incident), line, take=take)
        return Done(said=Phrase(template=N_("Settled")), back=f"/incidents/{incident}/methane")

    return perform(request, act)


@router.post("/incidents/{incident}/methane/send")
def send_methane(
    request: Request, desk: TheDesk, actor: Person, incident: Id, version: Version = 0, to: Words = TO_ALL
) -> Response:
    """Send the report as it was shown."""

    def act() -> Done:
        action = methane.send_methane(desk, actor, IncidentId(incident), version=version, to=to)
        said = Phrase(template=SAID[action.state], values={"still": 0, "receipt": action.receipt})
        return Done(said=said, back=f"/incidents/{incident}/methane")

    return perform(request, act)
