"""Who looked at what, why, and who got a copy: the screen of the data protection officer, over the log's index.

**Source**: Directive (EU) 2016/680, article 25(1) and (2): logs are used to verify that processing is lawful.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from impetus.core.actor import Actor
from impetus.core.log_record import Outcome
from impetus.desk.access import access_openings
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import Page
from impetus.ports.ethics import AccessQuery, Logged


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """One line of the log, read back. `index` is its number in the log; `count` is above 1 for like acts in one line.

    `who`, `why` and `recipient` are empty when the legal retention of those openings is over.
    """

    index: int
    at: datetime
    who: str
    role: str
    act: str
    outcome: str
    subject: str
    purpose: str
    category: str
    case: str
    why: str
    recipient: str
    rule: str
    count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigures:
    """This calendar month so far, in UTC: reveals opened, identities brought back, requests refused."""

    reveals: int
    identities: int
    refusals: int


REVEALED = ("reveal.open",)
IDENTIFIED = ("identity.show",)
"""Verbs of the desk by which a mask is lifted, and a pseudonym given back its name."""


def who_looked(  # noqa: PLR0913 - a question has this many parts, and each is named at the call
    desk: Desk,
    actor: Actor,
    *,
    subject: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[Access]:
    """Return one page of the answer, newest first: who did what with it, why, in which case, and who got a copy.

    One query over an index by subject and time answers "who looked at camera 14 on 3 May, why, and who got a copy":
    `subject="camera:c14"`, from midnight to midnight. An empty subject asks about everything.
    """
    query = AccessQuery(subject=subject, since=since, until=until, after=after, limit=limit)
    page = access_openings(desk, actor, query)
    return Page(items=tuple(_access(entry) for entry in page.items), next=page.next)


def access_days(desk: Desk, actor: Actor, days: int = 30) -> tuple[tuple[date, int], ...]:
    """Return for each of the last days (UTC) how many accesses to personal data there were, today last, none left out."""
    permit(desk, actor, Operation.ACCESSES_READ)
    today = desk.clock.now().astimezone(UTC).date()
    span = [today - timedelta(days=back) for back in range(days - 1, -1, -1)]
    begin = datetime.combine(span[0], time(), UTC)
    with desk.store.read() as unit:
        counted = dict(unit.accesses.days(begin, is_personal=True))
    return tuple((day, counted.get(day, 0)) for day in span)


def month_figures(desk: Desk, actor: Actor) -> MonthFigures:
    """Return this calendar month's figures, in UTC."""
    permit(desk, actor, Operation.ACCESSES_READ)
    begin = desk.clock.now().astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    with desk.store.read() as unit:
        return MonthFigures(
            reveals=unit.accesses.count(AccessQuery(since=begin, acts=REVEALED, outcome=Outcome.DONE)),
            identities=unit.accesses.count(AccessQuery(since=begin, acts=IDENTIFIED, outcome=Outcome.DONE)),
            refusals=unit.accesses.count(AccessQuery(since=begin, outcome=Outcome.REFUSED)),
        )


def _access(entry: Logged) -> Access:
    """Return an entry as the screen reads it."""
    record = entry.record
    return Access(
        index=entry.index,
        at=record.at,
        who=record.who,
        role=record.role,
        act=record.act,
        outcome=record.outcome.value,
        subject=record.subject,
        purpose=record.purpose.value,
        category=record.category.value,
        case=record.case,
        why=record.why,
        recipient=record.recipient,
        rule=record.rule,
        count=record.count,
    )
