"""What asks for a person's attention, and what keeps it from asking: cards on a seat, and rules that put alerts aside.

An alert **waits** until it was put before somebody. It is put before somebody by an **ask**: one card with one sound on one
seat, on which one alert or many stand. Planned works and exceptions are **quiet rules**: what they match is shelved with the
rule's reason, counted and visible, and comes back when the rule ends.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from impetus.core.alert import Verdict
from impetus.core.finding import Kind, Severity
from impetus.core.ids import AlertId, ToolId, ZoneId


class Because(StrEnum):
    """Why an alert asks."""

    NEW = "new"
    """It was raised."""
    WORSE = "worse"
    """Its severity rose."""
    MORE = "more"
    """Something else was joined to it that nobody has seen with it."""
    BACK = "back"
    """Its shelf time is over and it is still so."""
    ENDED = "ended"
    """Its shelf time is over, and it ended by itself before."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """An alert that was not put before anybody yet; `severity` is what it asks with, `since` when it began to wait.

    `bundle` names what it may share a line with (place and kind); `wanted` is the seat of the person who has it already.
    """

    alert: AlertId
    since: datetime
    severity: Severity
    bundle: str
    because: Because = Because.NEW
    wanted: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One card put before one seat, with one sound; `seat` is empty when nobody sat anywhere, and then it is for all."""

    id: int
    seat: str
    at: datetime
    severity: Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class AskLine:
    """One alert on a card, in its bundle; an extreme or severe one stands by its own headline whatever its bundle."""

    ask: int
    alert: AlertId
    bundle: str
    severity: Severity
    because: Because
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Where somebody works on alerts now. `is_second`: a supervisor's or IT security's, asked when operators cannot be."""

    name: str
    is_second: bool = False


class QuietKind(StrEnum):
    """Why alerts are put aside without being looked at one by one."""

    WORKS = "works"
    """Planned works: a window in which the city itself makes the readings odd."""
    EXCEPTION = "exception"
    """A known and accepted nuisance, until a date."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A rule that puts alerts aside from `since` until `until`.

    What is None in the match does not matter for it, and one part at least is set. `subject` matches whole
    or as the beginning of a name; alerts above `up_to` are never touched, and `up_to` is never extreme. `owner` answers for
    it. `ended_at` is when it was ended early; `reviewed_at` when somebody read at the hand-over that it had run out.
    """

    id: int
    kind: QuietKind
    title: str
    why: str
    owner: str
    since: datetime
    until: datetime
    up_to: Severity
    made_by: str
    made_at: datetime
    tool: ToolId | None = None
    alert_kind: Kind | None = None
    zone: ZoneId | None = None
    subject: str | None = None
    source: str | None = None
    ended_at: datetime | None = None
    ended_by: str | None = None
    reviewed_at: datetime | None = None
    reviewed_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertLife:
    """When the steps of one alert's life were taken; None for those that were not. It names nobody.

    `taken_at` is when somebody first had it, `judged_at` the first verdict, `qualified_at` when it joined an incident or was
    closed. `people` are marks of who acted on it, good for counting different people and nothing else. `type` is the type of
    its incident, empty when it has none.
    """

    alert: AlertId
    tools: tuple[ToolId, ...]
    kind: Kind
    zone: ZoneId | None
    severity: Severity
    began: datetime
    raised_at: datetime
    verdict: Verdict | None = None
    type: str = ""
    taken_at: datetime | None = None
    judged_at: datetime | None = None
    qualified_at: datetime | None = None
    closed_at: datetime | None = None
    people: frozenset[int] = frozenset()
