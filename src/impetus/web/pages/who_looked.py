"""Who looked at what, why, and who got a copy: one question, answered in sentences from the log."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse

from impetus.core.actor import Actor
from impetus.core.errors import Malformed
from impetus.core.reveal import Reveal
from impetus.desk.context import Desk
from impetus.desk.copy_accesses import copy_accesses
from impetus.desk.reveals import reveals
from impetus.desk.who_looked import Access, who_looked
from impetus.ethics.guard import Operation, may
from impetus.web.act_words import act_words
from impetus.web.context import TheDesk, TheSettings
from impetus.web.render import page
from impetus.web.session import Person

router = APIRouter()
DEFAULT_DAYS = 7
MAX_DAYS = 366
"""Days one question may span; a year and its leap day. House rule."""
LINES = 50
DAY = timedelta(days=1)
COLUMNS = (
    "index",
    "at",
    "who",
    "role",
    "act",
    "outcome",
    "subject",
    "purpose",
    "category",
    "case",
    "why",
    "recipient",
    "rule",
    "count",
)
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""First characters that make spreadsheets calculate. **Source**: OWASP, CSV injection."""
Kind = Annotated[str, Query(max_length=20)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The question: about what, and from the first day through the last, both whole, in the site's time zone."""

    kind: str
    which: str
    since: date
    last_day: date
    zone: ZoneInfo

    @property
    def subject(self) -> str:
        """Return what it is about as the log has it, `camera:c14`; empty for anything."""
        return f"{self.kind}:{self.which}" if self.kind and self.which else ""

    @property
    def begin(self) -> datetime:
        """Return the first moment asked about."""
        return datetime.combine(self.since, time(), tzinfo=self.zone)

    @property
    def end(self) -> datetime:
        """Return the first moment no longer asked about."""
        return datetime.combine(self.last_day + DAY, time(), tzinfo=self.zone)


def read_question(kind: str, which: str, since: str, until: str, *, today: date, zone: ZoneInfo) -> Asked:
    """Return the question, the last seven days when no day is given; raises `Malformed` naming the field."""
    last = _day(until, "until") if until else today
    first = _day(since, "since") if since else last - (DEFAULT_DAYS - 1) * DAY
    if not timedelta(0) <= last - first <= MAX_DAYS * DAY:
        raise Malformed(
            f"from {first} through {last} is no span",
            value=(last - first).days,
            limit=f"0..{MAX_DAYS} days",
            remedy="let the first day come before the last, and ask for a year at most",
        )
    return Asked(kind=kind, which=which.strip().lower(), since=first, last_day=last, zone=zone)


def _day(text: str, name: str) -> date:
    """Read a day; raises `Malformed`."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Malformed(
            f"{name} is {text[:20]!r}", value=text, limit="a day, 2026-05-03", remedy="choose a day"
        ) from error


def copies(accesses: Sequence[Access], reveals: Sequence[Reveal]) -> int:
    """Return how many of these gave a copy to somebody."""
    return sum(bool(line.recipient) for line in accesses) + sum(bool(reveal.recipient) for reveal in reveals)


@router.get("/ethics/who-looked")
def show_who_looked(  # noqa: PLR0913 - a question has this many parts
    request: Request,
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    kind: Kind = "",
    which: Annotated[str, Query(max_length=160)] = "",
    since: Annotated[str, Query(max_length=20)] = "",
    until: Annotated[str, Query(max_length=20)] = "",
    after: Annotated[str | None, Query(max_length=100)] = None,
) -> HTMLResponse:
    """Answer one page of the question; a day that is none is named, and the last week answered instead."""
    zone, wrong = ZoneInfo(settings.timezone), None
    today = desk.clock.now().astimezone(zone).date()
    try:
        asked = read_question(kind, which, since, until, today=today, zone=zone)
    except Malformed as refusal:
        asked, wrong = read_question(kind, which, "", "", today=today, zone=zone), refusal
    found = who_looked(desk, actor, subject=asked.subject, since=asked.begin, until=asked.end, after=after, limit=LINES)
    revealed = reveals_of(desk, actor, asked) if after is None else ()
    return page(
        request,
        "who_looked.html",
        actor=actor,
        status=wrong.status if wrong else 200,
        asked=asked,
        accesses=found.items,
        reveals=revealed,
        refused=sum(line.outcome == "refused" for line in found.items),
        copies=copies(found.items, revealed),
        next=found.next,
        query=urlencode({"kind": kind, "which": which, "since": asked.since, "until": asked.last_day}),
        act_words=act_words,
        wrong=wrong,
    )


@router.post("/ethics/who-looked.csv")
def take_copy(  # noqa: PLR0913 - a question has this many parts
    desk: TheDesk,
    settings: TheSettings,
    actor: Person,
    *,
    kind: Annotated[str, Form(max_length=20)] = "",
    which: Annotated[str, Form(max_length=160)] = "",
    since: Annotated[str, Form(max_length=20)] = "",
    until: Annotated[str, Form(max_length=20)] = "",
) -> Response:
    """Give the answer as comma-separated values; the log then says who took a copy."""
    zone = ZoneInfo(settings.timezone)
    asked = read_question(kind, which, since, until, today=desk.clock.now().astimezone(zone).date(), zone=zone)
    lines = copy_accesses(desk, actor, subject=asked.subject, since=asked.begin, until=asked.end)
    name = f"who-looked-{asked.since}-{asked.last_day}.csv"
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(as_csv(lines, simulated=settings.simulated), media_type="text/csv; charset=utf-8", headers=headers)


def as_csv(lines: Sequence[Access], *, simulated: bool) -> str:
    """Return the lines as RFC 4180, times in UTC; every line of a simulated installation says so.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([*COLUMNS, "simulated"])
    for line in lines:
        writer.writerow([*(_cell(getattr(line, name)) for name in COLUMNS), str(simulated).lower()])
    return out.getvalue()


def _cell(value: object) -> str:
    text = value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)
    return f"'{text}" if text[:1] in FORMULA else text


def reveals_of(desk: Desk, actor: Actor, asked: Asked) -> tuple[Reveal, ...]:
    """Return the reveals that were asked for or open in these days, about the subject when one is asked about."""
    if not may(actor, Operation.REVEALS_READ):
        return ()
    return tuple(
        each
        for each in reveals(desk, actor)
        if each.asked_at < asked.end
        and (each.ended_at or each.good_until) >= asked.begin
        and asked.subject in ("", each.subject, f"incident:{each.incident}")
    )
