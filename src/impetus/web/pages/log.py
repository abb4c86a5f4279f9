"""The log's health for people: how long, how old its checkpoint, who has seen it, and how to verify it without us."""

from dataclasses import dataclass

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.text import Phrase
from impetus.desk.log_reading import LogHealth, log_health
from impetus.desk.verify_log import ask_verify
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
FOLDER = "log-tiles"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stretch of the bar over all lines of the log, in percent of its width."""

    name: str
    start: float
    width: float


def parts(health: LogHealth) -> tuple[Part, ...]:
    """Return the bar: what retention removed, what stands under the checkpoint, what is on its way."""
    counts = {"dropped": health.pruned_before, "taken": health.size - health.pruned_before, "refused": health.pending}
    total = sum(counts.values())
    found, start = [], 0.0
    for name, count in counts.items():
        width = 100 * count / total if total else 0.0
        found.append(Part(name=name, start=start, width=width))
        start += width
    return tuple(found)


@router.post("/ethics/log/verify")
def verify(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Ask for the whole log to be verified now."""

    def act() -> Done:
        ask_verify(desk, actor)
        return Done(said=Phrase(template=N_("The whole log is being read and recomputed")), back="/ethics/log")

    return perform(request, act)


@router.get("/ethics/log")
def show_log(request: Request, desk: TheDesk, actor: Person) -> HTMLResponse:
    """Show the log's health, its witnesses, and how to verify it offline."""
    health = log_health(desk, actor)
    return page(
        request,
        "log.html",
        actor=actor,
        log=health,
        parts=parts(health),
        total=health.size + health.pending,
        folder=FOLDER,
    )
