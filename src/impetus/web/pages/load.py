"""The alert load of a seat: what it was asked, what waits, and what is put aside by planned works and exceptions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Form, Path, Request, Response

from impetus.core.errors import Malformed
from impetus.core.finding import Kind, Severity
from impetus.core.ids import ToolId, ZoneId
from impetus.core.text import Phrase
from impetus.desk import alarm_load, exceptions, planned_works, read
from impetus.desk.context import Desk
from impetus.desk.needs import needs
from impetus.desk.quieting import Wanted
from impetus.ethics.guard import Operation, may
from impetus.processes.flood import LIMITS
from impetus.web.acts import Done, perform
from impetus.web.context import TheDesk
from impetus.web.names import N_
from impetus.web.pages import bar
from impetus.web.render import page
from impetus.web.session import Person

LARGEST_ID = 2**63 - 1
MOST_MINUTES = 14 * 24 * 60
MOST_HOURS = 90 * 24
UP_TO = (Severity.MINOR, Severity.MODERATE, Severity.SEVERE)
KINDS = (
    (Kind.ANOMALY, N_("Anomaly")),
    (Kind.FAULT, N_("Fault")),
    (Kind.SILENCE, N_("Silence")),
    (Kind.PLATFORM, N_("The platform itself")),
)

router = APIRouter()
Id = Annotated[int, Path(ge=1, le=LARGEST_ID)]
Words = Annotated[str, Form(max_length=4000)]
Name = Annotated[str, Form(max_length=120)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule as its form sends it; empty fields do not matter for the match."""

    title: str
    why: str
    minutes: int
    hours: int
    up_to: Severity
    zone: str
    tool: str
    kind: str
    source: str
    subject: str

    def wanted(self, desk: Desk) -> Wanted:
        """Return what is wanted, from so many minutes ahead on; `Malformed` for a kind there is none of."""
        if self.kind and self.kind not in set(Kind):
            raise Malformed(f"kind {self.kind!r}", value=self.kind, limit=", ".join(Kind), remedy="choose one of these")
        since = desk.clock.now() + timedelta(minutes=self.minutes)
        return Wanted(
            title=self.title,
            why=self.why,
            since=since,
            until=since + timedelta(hours=self.hours),
            up_to=self.up_to,
            zone=ZoneId(self.zone.strip()) if self.zone.strip() else None,
            tool=ToolId(self.tool.strip()) if self.tool.strip() else None,
            alert_kind=Kind(self.kind) if self.kind else None,
            source=self.source.strip() or None,
            subject=self.subject.strip() or None,
        )


def _read_rule(  # noqa: PLR0913 - a rule has this many parts
    title: Name,
    why: Words,
    *,
    hours: Annotated[int, Form(ge=1, le=MOST_HOURS)],
    minutes: Annotated[int, Form(ge=0, le=MOST_MINUTES)] = 0,
    up_to: Annotated[Severity, Form()] = Severity.MODERATE,
    zone: Name = "",
    tool: Name = "",
    kind: Name = "",
    source: Name = "",
    subject: Name = "",
) -> Rule:
    """Read the form."""
    return Rule(
        title=title,
        why=why,
        hours=hours,
        minutes=minutes,
        up_to=up_to,
        zone=zone,
        tool=tool,
        kind=kind,
        source=source,
        subject=subject,
    )


Filled = Annotated[Rule, Depends(_read_rule)]


@router.get("/load")
def show_load(request: Request, desk: TheDesk, actor: Person) -> Response:
    """Return the page of one's own seat."""
    load = alarm_load.load_of(desk, actor)
    return page(
        request,
        "load.html",
        actor=actor,
        load=load,
        cards=alarm_load.cards(desk, actor),
        waiting=alarm_load.waiting(desk, actor),
        works=planned_works.works(desk, actor),
        exceptions=exceptions.exceptions(desk, actor),
        limits=[(severity, limit.total_seconds()) for severity, limit in LIMITS.items()],
        kinds=KINDS,
        up_to=UP_TO,
        sources=[view.source for view in read.sources(desk, actor)] if may(actor, Operation.SOURCES_READ) else (),
        bar=bar.bar_of(needs(desk, actor)),
    )


@router.post("/load/works")
def plan_works(request: Request, desk: TheDesk, actor: Person, rule: Filled) -> Response:
    """Plan works that begin in so many minutes and last so many hours."""
    said = N_("Planned; what the works raise is put aside until they end")
    return _perform(request, lambda: planned_works.plan_works(desk, actor, rule.wanted(desk)), said)


@router.post("/load/works/{rule}/end")
def end_works(request: Request, desk: TheDesk, actor: Person, rule: Id) -> Response:
    """End works before their time."""
    said = N_("Ended; what was put aside comes back")
    return _perform(request, lambda: planned_works.end_works(desk, actor, rule), said)


@router.post("/load/exceptions")
def make_exception(request: Request, desk: TheDesk, actor: Person, rule: Filled, owner: Name = "") -> Response:
    """Make an exception for so many hours, in its owner's name."""
    said = N_("The exception stands until its date")
    return _perform(request, lambda: exceptions.make_exception(desk, actor, rule.wanted(desk), owner=owner), said)


@router.post("/load/exceptions/{rule}/end")
def end_exception(request: Request, desk: TheDesk, actor: Person, rule: Id) -> Response:
    """End an exception before its time."""
    said = N_("Ended; what was put aside comes back")
    return _perform(request, lambda: exceptions.end_exception(desk, actor, rule), said)


@router.post("/load/exceptions/{rule}/review")
def review_exception(request: Request, desk: TheDesk, actor: Person, rule: Id) -> Response:
    """Say that one read that an exception ran out."""
    said = N_("Read; it leaves the hand-over")
    return _perform(request, lambda: exceptions.review_exception(desk, actor, rule), said)


def _perform(request: Request, act: Callable[[], object], said: str) -> Response:
    """Do it and say so."""

    def doing() -> Done:
        act()
        return Done(said=Phrase(template=said), back="/load")

    return perform(request, doing)
