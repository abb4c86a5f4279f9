"""The ethics console: what watches the city and by what right, who looked, what is gone, and whether the log is whole."""

from collections import Counter
from collections.abc import Sequence

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from impetus.core.register import EntryState
from impetus.desk.register_reading import RegisterRow, register_rows
from impetus.web.context import TheDesk
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()


def states(rows: Sequence[RegisterRow]) -> tuple[tuple[EntryState, int], ...]:
    """Return how many entries stand in each state, in the order of the states."""
    counts = Counter(row.state for row in rows)
    return tuple((state, counts[state]) for state in EntryState)


@router.get("/ethics")
def show_ethics(request: Request, desk: TheDesk, actor: Person) -> HTMLResponse:
    """Show the register, and beside it each panel that the reader's role may see."""
    rows = register_rows(desk, actor)
    return page(
        request,
        "ethics.html",
        actor=actor,
        rows=rows,
        states=states(rows),
        refused=[row for row in rows if row.refusal],
        looked=None,
        erased=None,
        log=None,
        stopped=None,
        ending=(),
    )
