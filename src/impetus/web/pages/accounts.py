"""Accounts and service tokens, for administrators: every secret is shown once and stored nowhere."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from impetus.core.actor import Actor, Role
from impetus.core.errors import ImpetusError, Refused, TheirFault
from impetus.core.ids import SourceId
from impetus.desk import accounts, read, tokens
from impetus.desk.context import Desk
from impetus.ethics.guard import GRANTABLE, OPERATIONS, Operation
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter(prefix="/accounts")
Name = Annotated[str, Form(max_length=100)]
NO_SOURCE = ""
OPERATION_WORDS = {
    Operation.ALERTS_READ: N_("See alerts, their histories, findings and evidence."),
    Operation.INCIDENTS_READ: N_("See incidents, their timelines and decisions."),
    Operation.SOURCES_READ: N_("See sources, their datastreams and how their readings fared."),
    Operation.SOURCES_DECLARE: N_("Declare a source and its datastreams."),
    Operation.OBSERVATIONS_WRITE: N_("Send readings."),
    Operation.QUARANTINE_READ: N_("See refused records."),
    Operation.PARTS_READ: N_("See the state of the platform's own parts."),
    Operation.HISTORY_READ: N_("See measured series."),
    Operation.EVENTS_READ: N_("Be told of changes as they happen."),
}
"""What can be written on a token, in the guard's own words, marked for translation."""


@router.get("")
def show_accounts(request: Request, desk: TheDesk, actor: Person) -> HTMLResponse:
    """Show accounts and tokens."""
    return _show(request, desk, actor)


@router.post("/add")
def add(
    request: Request,
    desk: TheDesk,
    actor: Person,
    name: Name = "",
    role: Annotated[str, Form(max_length=30)] = "",
    language: Annotated[str, Form(max_length=5)] = "en",
) -> HTMLResponse:
    """Add an account and show its one-time password, once."""
    try:
        once = accounts.add(desk, actor, name, _role(role), language)
    except TheirFault as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return _show(request, desk, actor, once=(once.name, once.password), once_says=N_("One-time password of"))


@router.post("/reset")
def reset(request: Request, desk: TheDesk, actor: Person, name: Name = "") -> HTMLResponse:
    """Give an account a new one-time password and show it, once."""
    try:
        once = accounts.reset(desk, actor, name)
    except TheirFault as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return _show(request, desk, actor, once=(once.name, once.password), once_says=N_("New one-time password of"))


@router.post("/disable")
def disable(request: Request, desk: TheDesk, actor: Person, name: Name = "") -> Response:
    """Disable an account and end its sessions."""
    try:
        accounts.disable(desk, actor, name)
    except (TheirFault, Refused) as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return RedirectResponse("/accounts", status_code=303)


@router.post("/enable")
def enable(request: Request, desk: TheDesk, actor: Person, name: Name = "") -> Response:
    """Let a disabled account sign in again."""
    try:
        accounts.enable(desk, actor, name)
    except TheirFault as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return RedirectResponse("/accounts", status_code=303)


@router.post("/tokens/issue")
def issue_token(  # noqa: PLR0913 - a form has as many parameters as fields
    request: Request,
    desk: TheDesk,
    actor: Person,
    *,
    name: Name = "",
    operations: Annotated[list[str], Form(max_length=20)] = [],  # noqa: B006 - FastAPI copies defaults
    source: Annotated[str, Form(max_length=64)] = NO_SOURCE,
    days: Annotated[int, Form(ge=0, le=3650)] = 0,
) -> HTMLResponse:
    """Issue a token and show its secret, once; 0 days means that it does not expire."""
    try:
        token, secret = tokens.issue(
            desk,
            actor,
            name,
            operations,
            SourceId(source) if source else None,
            expires_at=desk.clock.now() + timedelta(days=days) if days else None,
        )
    except (TheirFault, Refused) as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return _show(request, desk, actor, once=(token.name, secret), once_says=N_("Token"))


@router.post("/tokens/revoke")
def revoke_token(
    request: Request, desk: TheDesk, actor: Person, token: Annotated[int, Form(ge=1, le=2**63 - 1)]
) -> Response:
    """Revoke a token at once."""
    try:
        tokens.revoke(desk, actor, token)
    except TheirFault as refusal:
        return _show(request, desk, actor, wrong=refusal)
    return RedirectResponse("/accounts", status_code=303)


def _role(word: str) -> Role:
    """Return the role; one that does not exist is refused by the desk like one nobody can have."""
    return Role(word) if word in set(Role) else Role.SERVICE


def _show(
    request: Request,
    desk: Desk,
    actor: Actor,
    *,
    once: tuple[str, str] | None = None,
    once_says: str = "",
    wrong: ImpetusError | None = None,
) -> HTMLResponse:
    """Show the page, with a secret that was just made or what was wrong."""
    return page(
        request,
        "accounts.html",
        actor=actor,
        status=wrong.status if wrong else 200,
        accounts=accounts.everyone(desk, actor),
        tokens=tokens.everything(desk, actor),
        roles=sorted(accounts.PEOPLE),
        operations=[
            (operation, OPERATION_WORDS.get(operation, OPERATIONS[operation])) for operation in sorted(GRANTABLE)
        ],
        sources=[view.source.id for view in read.sources(desk, actor)],
        once=once,
        once_says=once_says,
        wrong=wrong,
    )
