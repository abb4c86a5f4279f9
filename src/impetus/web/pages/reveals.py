"""Reveals and re-identifications: what is asked, what is open, and what was answered, for those who answer it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.errors import Malformed
from impetus.core.identity import IdentityRequest
from impetus.core.ids import IncidentId
from impetus.core.reveal import Reveal, RevealState
from impetus.core.text import Phrase
from impetus.desk import identities, reveals
from impetus.desk.identities import Behind
from impetus.desk.reveal_step import STANDING
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.media_panel import identity_rows, rows
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
SHOWN_BEFORE = 30
HOME = "/reveals"
ONCE_HEADERS = {"Cache-Control": "no-store, private", "Referrer-Policy": "no-referrer"}
"""What is shown once is kept by no browser and no proxy."""

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form()]
Version = Annotated[int | None, Form(ge=0)]


@router.get("/reveals")
def show_reveals(request: Request, desk: TheDesk, actor: Person) -> HTMLResponse:
    """Show what waits for an answer, what is open, and what was."""
    found = rows(actor, reveals.reveals(desk, actor))
    requests = identities.requests(desk, actor)
    return page(
        request,
        "reveals.html",
        actor=actor,
        waiting=[row for row in found if row.reveal.state in {RevealState.ASKED, RevealState.APPROVED}],
        open_now=[row for row in found if row.reveal.state is RevealState.OPEN],
        before=[row for row in found if row.reveal.state not in STANDING][:SHOWN_BEFORE],
        requests=identity_rows(actor, [each for each in requests if each.state in identities.WAITING]),
        requests_before=[each for each in requests if each.state not in identities.WAITING][:SHOWN_BEFORE],
        may_ask=may(actor, Operation.IDENTITIES_ASK),
    )


@router.post("/reveals/{reveal}/approve")
def approve(
    request: Request, desk: TheDesk, actor: Person, reveal: Id, version: Version = None, back: Words = ""
) -> Response:
    """Say yes as the second person."""
    return perform(
        request,
        lambda: _done(reveals.approve(desk, actor, reveal, version=version), N_("Approved: {asker} may open it"), back),
    )


@router.post("/reveals/{reveal}/decline")
def decline(request: Request, desk: TheDesk, actor: Person, reveal: Id, why: Words = "", back: Words = "") -> Response:
    """Say no, with a reason."""
    return perform(
        request, lambda: _done(reveals.decline(desk, actor, reveal, why=why), N_("Declined; {asker} is told why"), back)
    )


@router.post("/reveals/{reveal}/open")
def open_(request: Request, desk: TheDesk, actor: Person, reveal: Id, back: Words = "") -> Response:
    """Lift the mask for oneself; the time begins."""

    def act() -> Done:
        opened = reveals.open_(desk, actor, reveal)
        return _done(opened, N_("The mask is lifted for you, until the time is over"), back)

    return perform(request, act)


@router.post("/reveals/{reveal}/close")
def close(request: Request, desk: TheDesk, actor: Person, reveal: Id, why: Words = "", back: Words = "") -> Response:
    """Put the mask back, or take a request back."""
    return perform(
        request,
        lambda: _done(reveals.close(desk, actor, reveal, why=why), N_("Closed: everybody is masked again"), back),
    )


@router.post("/identities")
def ask_identity(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    domain: Annotated[str, Form(max_length=100)] = "",
    period: Annotated[str, Form(max_length=10)] = "",
    pseudonym: Annotated[str, Form(max_length=26)] = "",
    incident: Annotated[str, Form(max_length=20)] = "",
    why: Words = "",
    back: Words = "",
) -> Response:
    """Ask who is behind a pseudonym; `back` = `incident` leads to the incident's page, where the answer will stand."""

    def act() -> Done:
        behind = Behind(domain=domain.strip(), period=_day(period), pseudonym=pseudonym.strip().lower())
        made = identities.ask(desk, actor, behind, _incident(incident), why=why)
        page_after = f"/incidents/{made.incident}" if back == "incident" else ""
        return _done_identity(made, N_("Asked: request {request} waits for a second person"), page_after)

    return perform(request, act)


@router.post("/identities/{identity}/approve")
def approve_identity(request: Request, desk: TheDesk, actor: Person, identity: Id, back: Words = "") -> Response:
    """Say yes as the second person."""
    return perform(
        request,
        lambda: _done_identity(identities.approve(desk, actor, identity), N_("Approved: {asker} may look, once"), back),
    )


@router.post("/identities/{identity}/decline")
def decline_identity(
    request: Request, desk: TheDesk, actor: Person, identity: Id, why: Words = "", back: Words = ""
) -> Response:
    """Say no, with a reason."""

    def act() -> Done:
        return _done_identity(
            identities.decline(desk, actor, identity, why=why), N_("Declined; {asker} is told why"), back
        )

    return perform(request, act)


@router.post("/identities/{identity}/show")
def show_identity(request: Request, desk: TheDesk, actor: Person, identity: Id) -> HTMLResponse:
    """Show who is behind it, in this answer and never again: not after a reload, not in an address."""
    shown = identities.show(desk, actor, identity)
    return page(request, "identity_shown.html", actor=actor, headers=ONCE_HEADERS, shown=shown)


def _done(reveal: Reveal, template: str, back: str) -> Done:
    said = Phrase(template=template, values={"asker": reveal.asked_by, "reveal": reveal.id})
    return Done(said=said, back=back or HOME)


def _done_identity(found: IdentityRequest, template: str, back: str) -> Done:
    said = Phrase(template=template, values={"asker": found.asked_by, "request": found.id})
    return Done(said=said, back=back or HOME)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(f"{text[:10]!r} is no day", value=text, limit="YYYY-MM-DD", remedy="choose the day") from error


def _incident(text: str) -> IncidentId:
    if not (text.isascii() and text.isdecimal()):
        raise Malformed("the incident is not chosen", value=text, limit="an open incident", remedy="give its number")
    return IncidentId(int(text))
