"""Where data comes from: is it fresh, what became of every reading, and by which rule."""

from collections.abc import Mapping
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from impetus.core.board import Rule
from impetus.desk import read
from impetus.desk.views import SourceView
from impetus.ethics.guard import Operation, may
from impetus.web.context import TheDesk, TheSettings
from impetus.web.names import N_
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()

RULES: Mapping[Rule, tuple[str, str]] = {
    Rule.ACCEPTED: (N_("accepted"), N_("Taken in, kept in history, and given to the tools.")),
    Rule.MISSING: (N_("no value"), N_("The sensor said that it has no value; kept as such, never as zero.")),
    Rule.OUT_OF_ORDER: (N_("out of order"), N_("Older than the newest of its datastream, but in time: taken in.")),
    Rule.DUPLICATE: (N_("duplicate"), N_("The same datastream, time and value again: acknowledged and dropped.")),
    Rule.CONFLICT: (
        N_("conflict"),
        N_("The same datastream and time with another value: the first stays, this is in quarantine."),
    ),
    Rule.LATE: (N_("late"), N_("Older than its datastream's newest by more than the limit: in quarantine.")),
    Rule.FUTURE: (
        N_("from the future"),
        N_("Ahead of our clock by more than the tolerance; check the sensor's clock: in quarantine."),
    ),
    Rule.EXPIRED: (N_("expired"), N_("Older than what may be kept; it would be erased at once: refused.")),
    Rule.OUT_OF_RANGE: (
        N_("out of range"),
        N_("Outside what the instrument can report; the sensor or its declaration is wrong: in quarantine."),
    ),
    Rule.UNDECLARED: (N_("undeclared"), N_("No such datastream or field was declared by this source: in quarantine.")),
    Rule.MALFORMED: (N_("malformed"), N_("It cannot be read: in quarantine.")),
    Rule.STOPPED: (N_("stopped"), N_("A person stopped its camera or thing: refused, and kept nowhere.")),
}
"""What each rule of ingest is called, and what it means for the reading."""
TAKEN = frozenset({Rule.ACCEPTED, Rule.MISSING, Rule.OUT_OF_ORDER})
DROPPED = frozenset({Rule.DUPLICATE})


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One stretch of the bar of a source, in percent of all its readings."""

    name: str
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceCard:
    """One source as shown: its counters by rule and the bar made of them."""

    view: SourceView
    counts: tuple[tuple[Rule, int], ...]
    parts: tuple[Part, ...]
    severity: str

    @property
    def total(self) -> int:
        """Return how many readings it ever sent."""
        return sum(count for _, count in self.counts)


def card_of(view: SourceView) -> SourceCard:
    """Return a source with the bar of its readings: taken in, dropped harmlessly, refused."""
    counts = tuple((rule, view.status.counts.get(rule, 0)) for rule in Rule) if view.status else ()
    sums = {
        "taken": sum(count for rule, count in counts if rule in TAKEN),
        "dropped": sum(count for rule, count in counts if rule in DROPPED),
        "refused": sum(count for rule, count in counts if rule not in TAKEN | DROPPED),
    }
    parts, start, total = [], 0.0, sum(sums.values())
    for name, count in sums.items():
        width = 100 * count / total if total else 0.0
        parts.append(Part(name=name, count=count, start=start, width=width))
        start += width
    never = view.status is None or view.status.seen_at is None
    return SourceCard(
        view=view,
        counts=tuple(pair for pair in counts if pair[1]),
        parts=tuple(parts),
        severity="severe" if view.silent else "unknown" if never else "normal",
    )


@router.get("/sources")
def show_sources(request: Request, desk: TheDesk, settings: TheSettings, actor: Person) -> HTMLResponse:
    """Show every source."""
    cards = tuple(card_of(view) for view in read.sources(desk, actor))
    return page(
        request,
        "sources.html",
        actor=actor,
        cards=cards,
        rules=RULES,
        limits={Rule.LATE: settings.late_s, Rule.FUTURE: settings.future_s},
        kept_days={Rule.EXPIRED: settings.observations_days},
        may_quarantine=may(actor, Operation.QUARANTINE_READ),
    )
