"""The shift log: written in one line, pinned, found again."""

from datetime import datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Path, Query, Request, Response

from impetus.core.errors import Malformed
from impetus.core.ids import IncidentId
from impetus.core.text import Phrase
from impetus.desk import shift_log
from impetus.ethics.guard import Operation, may
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
BACK = "/shift-log"
router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]


@router.get("/shift-log")
def show_log(  # noqa: PLR0913 - a search asks for as much as the page does
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    q: Annotated[str, Query(max_length=200)] = "",
    day: Annotated[str, Query(max_length=10)] = "",
    before: Annotated[int | None, Query(ge=1, le=LARGEST_ID)] = None,
) -> Response:
    """Show the log, newest first; with words or a day, only what holds them."""
    since = _midnight(day, ZoneInfo(settings.timezone))
    until = None if since is None else since + timedelta(days=1)
    log = shift_log.shift_log(desk, actor, search=q, since=since, until=until, before=before)
    may_write = may(actor, Operation.SHIFTS_WRITE)
    return page(request, "shift_log.html", actor=actor, log=log, q=q, day=day, may_write=may_write)


@router.post("/shift-log")
def write_note(
    request: Request,
    desk: TheDesk,
    actor: Person,
    text: Words,
    incident: Annotated[str, Form(max_length=18)] = "",
) -> Response:
    """Write a line."""

    def act() -> Done:
        number = incident.strip()
        if number and not number.isdecimal():
            raise Malformed(f"{number!r} is no incident", value=number, limit="a number", remedy="leave it empty")
        shift_log.write_note(desk, actor, text, incident=IncidentId(int(number)) if number else None)
        return Done(said=Phrase(template=N_("Written")), back=BACK)

    return perform(request, act)


@router.post("/shift-log/{number}/pin")
def pin(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Keep a line on top."""

    def act() -> Done:
        shift_log.pin(desk, actor, number)
        return Done(said=Phrase(template=N_("Pinned")), back=BACK, undo=f"/shift-log/{number}/unpin")

    return perform(request, act)


@router.post("/shift-log/{number}/unpin")
def unpin(request: Request, desk: TheDesk, actor: Person, number: Id) -> Response:
    """Take a line down."""

    def act() -> Done:
        shift_log.unpin(desk, actor, number)
        return Done(said=Phrase(template=N_("Taken down")), back=BACK, undo=f"/shift-log/{number}/pin")

    return perform(request, act)


@router.post("/shift-log/{number}/strike")
def strike(request: Request, desk: TheDesk, actor: Person, number: Id, why: Words = "") -> Response:
    """Strike a line through."""

    def act() -> Done:
        shift_log.strike(desk, actor, number, why=why)
        return Done(said=Phrase(template=N_("Struck through; it stays readable")), back=BACK)

    return perform(request, act)


def _midnight(day: str, zone: ZoneInfo) -> datetime | None:
    """Return when a day begins on the site's wall clock, None for no day."""
    if not day:
        return None
    try:
        begins = datetime.fromisoformat(day)
    except ValueError as error:
        raise Malformed(f"{day!r} is no day", value=day, limit="2026-03-16", remedy="choose a day") from error
    return datetime(begins.year, begins.month, begins.day, tzinfo=zone)
