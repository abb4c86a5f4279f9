"""What an incident is to reach, who holds what, what belongs together: a page of its own, and the forms of the workspace."""

from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.ids import AlertId, IncidentId, LinkId, ObjectiveId, SectorId
from impetus.core.situation import LinkKind, ObjectiveEvent
from impetus.core.text import Phrase
from impetus.desk import links, objectives, read
from impetus.desk.context import Desk
from impetus.desk.needs import needs
from impetus.ethics.guard import Operation
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages import bar
from impetus.web.render import page
from impetus.web.session import Person
from impetus.web.situation_shown import situation_shown

LARGEST_ID = 2**63 - 1
LARGEST_ID_DIGITS = 18

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]
OBJECTIVE_SAID = {
    ObjectiveEvent.MEET: N_("The objective is met"),
    ObjectiveEvent.DROP: N_("The objective is dropped"),
    ObjectiveEvent.REOPEN: N_("The objective is open again"),
}


@router.get("/incidents/{incident}/situation")
def show_situation(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return objectives, sectors, links and shares on a page of their own."""
    return _page(request, desk, actor, incident, "situation.html")


@router.get("/incidents/{incident}/situation/now")
def situation_now(request: Request, desk: TheDesk, actor: Person, incident: Id) -> Response:
    """Return the parts of the page that changes may have touched."""
    return _page(request, desk, actor, incident, "situation_now.html")


def _page(request: Request, desk: Desk, actor: Actor, incident: int, template: str) -> Response:
    view = read.incident(desk, actor, IncidentId(incident))
    return page(
        request,
        template,
        actor=actor,
        view=view,
        incident=view.incident,
        colleagues=read.colleagues(desk, actor, Operation.INCIDENTS_READ),
        bar=bar.bar_of(needs(desk, actor)),
        **situation_shown(desk, actor, IncidentId(incident)),
    )


def _done(incident: int, said: str, *, go: str | None = None, undo: str | None = None) -> Done:
    return Done(said=Phrase(template=said), back=f"/incidents/{incident}/situation", go=go, undo=undo)


@router.post("/incidents/{incident}/objectives")
def set_objective(
    request: Request, desk: TheDesk, actor: Person, incident: Id, text: Words = "", holder: Words = ""
) -> Response:
    """Set an objective."""

    def act() -> Done:
        objectives.set_objective(desk, actor, IncidentId(incident), text, holder=holder)
        return _done(incident, N_("The objective is set"))

    return perform(request, act)


@router.post("/incidents/{incident}/objectives/{objective}/{event}")
def move_objective(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    objective: Id,
    *,
    event: ObjectiveEvent,
    why: Words = "",
) -> Response:
    """Say what became of an objective."""

    def act() -> Done:
        objectives.move_objective(desk, actor, IncidentId(incident), ObjectiveId(objective), event, why=why)
        is_ending = event is not ObjectiveEvent.REOPEN
        back = f"/incidents/{incident}/objectives/{objective}/reopen"
        return _done(incident, OBJECTIVE_SAID[event], undo=back if is_ending else None)

    return perform(request, act)


@router.post("/incidents/{incident}/sectors")
def set_sector(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    name: Words = "",
    holder: Words = "",
    task: Words = "",
) -> Response:
    """Give a sector to somebody."""

    def act() -> Done:
        objectives.set_sector(desk, actor, IncidentId(incident), name, holder=holder, task=task)
        return _done(incident, N_("The sector is given"))

    return perform(request, act)


@router.post("/incidents/{incident}/sectors/{sector}/give-up")
def give_up_sector(request: Request, desk: TheDesk, actor: Person, incident: Id, sector: Id) -> Response:
    """Say that nobody holds a sector any more."""

    def act() -> Done:
        objectives.give_up_sector(desk, actor, IncidentId(incident), SectorId(sector))
        return _done(incident, N_("Nobody holds the sector now"))

    return perform(request, act)


@router.post("/incidents/{incident}/merge")
def merge(request: Request, desk: TheDesk, actor: Person, incident: Id, into: Words = "", why: Words = "") -> Response:
    """Merge the incident into another."""

    def act() -> Done:
        number = _number(into)
        merged = links.merge(desk, actor, IncidentId(incident), into=IncidentId(number), why=why)
        undo = f"/incidents/{number}/links/{merged.id}/undo"
        return _done(incident, N_("Merged; both numbers stay"), go=f"/incidents/{number}", undo=undo)

    return perform(request, act)


@router.post("/incidents/{incident}/split")
def split(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    alert: Annotated[list[str] | None, Form()] = None,
    title: Words = "",
    why: Words = "",
) -> Response:
    """Split alerts off into a new incident."""

    def act() -> Done:
        chosen = [AlertId(_number(each)) for each in alert or []]
        fresh = links.split(desk, actor, IncidentId(incident), chosen, title=title, why=why)
        return _done(incident, N_("Split off"), go=f"/incidents/{fresh.id}")

    return perform(request, act)


@router.post("/incidents/{incident}/links")
def link(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    incident: Id,
    *,
    kind: Annotated[LinkKind, Form()],
    what: Words = "incident",
    number: Words = "",
    why: Words = "",
) -> Response:
    """Link the incident with another, or with an alert."""

    def act() -> Done:
        far = _number(number)
        end = links.End(alert=AlertId(far)) if what == "alert" else links.End(incident=IncidentId(far))
        made = links.link(desk, actor, links.End(incident=IncidentId(incident)), end, kind, why=why)
        return _done(incident, N_("Linked"), undo=f"/incidents/{incident}/links/{made.id}/undo")

    return perform(request, act)


@router.post("/incidents/{incident}/links/{link_id}/undo")
def undo_link(request: Request, desk: TheDesk, actor: Person, incident: Id, link_id: Id, why: Words = "") -> Response:
    """Take a merge, a split or a link back."""

    def act() -> Done:
        links.undo_link(desk, actor, LinkId(link_id), why=why)
        return _done(incident, N_("Undone"))

    return perform(request, act)


def _number(text: str) -> int:
    """Read a number of an incident or alert; raises `Malformed`."""
    plain = text.strip().lstrip("#")
    if not (plain.isascii() and plain.isdecimal() and len(plain) <= LARGEST_ID_DIGITS):
        raise Malformed(
            f"{text[:20]!r} is no number", value=text[:20], limit="its number", remedy="type the number alone"
        )
    return int(plain)
