"""What is erased when, what is held back by whom, and the proof: runs, holds, and marks that were searched for."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Path, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.errors import ImpetusError, Malformed, Refused, TheirFault
from impetus.core.retention import RetentionRun
from impetus.core.text import Phrase
from impetus.desk import holds
from impetus.desk.context import Desk
from impetus.desk.retention_reading import RetentionView, retention_view
from impetus.ethics.guard import Operation, may
from impetus.settings import Settings, keep_of
from impetus.web.acts import Done, perform, wants_json
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter(prefix="/ethics")
DAY = timedelta(days=1)
MEASURED = ("source", "datastream")
Short = Annotated[str, Form(max_length=160)]
Why = Annotated[str, Form(max_length=4000)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What was typed into the form of a new hold, so that a refusal loses none of it."""

    kind: str = "incident"
    which: str = ""
    until: str = ""
    first: str = ""
    last: str = ""
    why: str = ""

    def subject(self, zone: ZoneInfo) -> str:
        """Return what is held, as a hold names it; raises `Malformed` for readings without days."""
        if self.kind not in MEASURED:
            return f"{self.kind}:{self.which.strip()}"
        since = _midnight(self.first, zone, "the first day of the readings")
        until = _midnight(self.last, zone, "the last day of the readings") + DAY
        return f"{self.kind}:{self.which.strip()}@{since.isoformat()}/{until.isoformat()}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """One store's part of a run."""

    due: int
    gone: int
    held: int


def stores(run: RetentionRun) -> tuple[tuple[str, Figures], ...]:
    """Return what a run did in each store in which something was due, in the order of their names."""
    by: dict[str, dict[str, int]] = {}
    for key, count in run.by_store.items():
        store, _, what = key.rpartition(".")
        by.setdefault(store, {})[what] = count
    return tuple((store, _figures(counts)) for store, counts in sorted(by.items()) if counts.get("due"))


def _figures(counts: Mapping[str, int]) -> Figures:
    return Figures(due=counts.get("due", 0), gone=counts.get("gone", 0), held=counts.get("held", 0))


def share_gone(run: RetentionRun | None) -> float:
    """Return which share of what was due is gone; 1 when nothing was due."""
    return run.gone / run.due if run and run.due else 1.0


def newest_ended(view: RetentionView | None) -> RetentionRun | None:
    """Return the last run that came to its end."""
    return next((run for run in view.runs if run.ended_at), None) if view else None


def _midnight(text: str, zone: ZoneInfo, name: str) -> datetime:
    """Return the day's first moment in UTC; raises `Malformed` naming the field."""
    try:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=zone).astimezone(UTC)
    except ValueError as error:
        raise Malformed(
            f"{name} is {text[:20]!r}", value=text[:40], limit="a day, 2027-05-22", remedy="choose a day"
        ) from error


@router.get("/retention")
def show_retention(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> HTMLResponse:
    """Show what is held back, and to those who oversee retention its classes and runs."""
    return _show(request, desk, settings, actor)


@router.post("/holds")
def place_hold(  # noqa: PLR0913 - a form has as many fields as it has
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    kind: Short = "incident",
    which: Short = "",
    until: Short = "",
    first: Short = "",
    last: Short = "",
    why: Why = "",
) -> Response:
    """Hold something back through the end of a day; what was typed is kept when it is refused."""
    typed = Typed(kind=kind, which=which, until=until, first=first, last=last, why=why)

    def act() -> Done:
        zone = ZoneInfo(settings.timezone)
        end = _midnight(until, zone, "the last day of the hold") + DAY
        hold = holds.place(desk, actor, typed.subject(zone), end, why)
        said = Phrase(template=N_("Hold {hold} is placed until {day}"), values={"hold": hold.id, "day": until})
        return Done(said=said, back="/ethics/retention", go="/ethics/retention#holds")

    try:
        return perform(request, act)
    except (TheirFault, Refused) as refusal:
        if wants_json(request):
            raise
        return _show(request, desk, settings, actor, typed=typed, wrong=refusal)


@router.post("/holds/{hold}/lift")
def lift_hold(
    request: Request, desk: TheDesk, actor: Person, hold: Annotated[int, Path(ge=1, le=2**63 - 1)], why: Why = ""
) -> Response:
    """End a hold at once."""

    def act() -> Done:
        lifted = holds.lift(desk, actor, hold, why)
        said = Phrase(template=N_("Hold {hold} is lifted"), values={"hold": lifted.id})
        return Done(said=said, back="/ethics/retention", go="/ethics/retention#holds")

    return perform(request, act)


def _show(
    request: Request,
    desk: Desk,
    settings: Settings,
    actor: Actor,
    *,
    typed: Typed | None = None,
    wrong: ImpetusError | None = None,
) -> HTMLResponse:
    view = retention_view(desk, actor, keep_of(settings)) if may(actor, Operation.RETENTION_READ) else None
    last = newest_ended(view)
    return page(
        request,
        "retention.html",
        actor=actor,
        status=wrong.status if wrong else 200,
        view=view,
        holds=holds.standing(desk, actor),
        soon={hold.id for hold in holds.running_out(desk, actor)},
        last=last,
        share=share_gone(last),
        stores=stores,
        typed=typed or Typed(),
        wrong=wrong,
    )
