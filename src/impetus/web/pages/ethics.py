"""The ethics console: what watches the city and by what right, who looked, what is gone, and whether the log is whole."""

from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.stop import Stop
from impetus.desk import holds, reveals, stops, who_looked
from impetus.desk.context import Desk
from impetus.desk.log_reading import log_health
from impetus.desk.register_reading import RegisterRow, assessment_view, register_rows
from impetus.desk.retention_reading import RetentionView, retention_view
from impetus.ethics.guard import Operation, may
from impetus.settings import Settings, keep_of
from impetus.web.context import TheDesk, TheSettings
from impetus.web.pages.ethics_panels import Ending, Looked, ending, looked, states
from impetus.web.pages.retention import newest_ended, share_gone
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
DAYS = 30


@router.get("/ethics")
def show_ethics(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> HTMLResponse:
    """Show the register, and beside it each panel that the reader's role may see."""
    rows = register_rows(desk, actor)
    erased = _erased(desk, settings, actor)
    run = newest_ended(erased)
    return page(
        request,
        "ethics.html",
        actor=actor,
        rows=rows,
        states=states(rows),
        refused=[row for row in rows if row.refusal],
        looked=_looked(desk, actor),
        erased=erased,
        run=run,
        share=share_gone(run),
        log=log_health(desk, actor) if may(actor, Operation.LOG_READ) else None,
        stopped=_stopped(desk, actor),
        ending=_ending(desk, actor, rows),
    )


def _looked(desk: Desk, actor: Actor) -> Looked | None:
    """Return the panel of who looked, None for who may not see it."""
    if not may(actor, Operation.ACCESSES_READ):
        return None
    return looked(who_looked.month_figures(desk, actor), who_looked.access_days(desk, actor, days=DAYS))


def _erased(desk: Desk, settings: Settings, actor: Actor) -> RetentionView | None:
    return retention_view(desk, actor, keep_of(settings)) if may(actor, Operation.RETENTION_READ) else None


def _stopped(desk: Desk, actor: Actor) -> list[Stop] | None:
    if not may(actor, Operation.STOPS_READ):
        return None
    return [stop for stop in stops.stops(desk, actor) if stop.is_in_force]


def _ending(desk: Desk, actor: Actor, rows: Sequence[RegisterRow]) -> tuple[Ending, ...] | None:
    """Return what runs out next of what this role may see, None when it may see none of it."""
    if not may(actor, Operation.HOLDS_READ):
        return None
    views = [assessment_view(desk, actor, tool) for tool in dict.fromkeys(row.tool for row in rows if row.signed_at)]
    shown = reveals.reveals(desk, actor, open_only=True) if may(actor, Operation.REVEALS_READ) else ()
    return ending(desk.clock.now(), holds.standing(desk, actor), shown, views)
