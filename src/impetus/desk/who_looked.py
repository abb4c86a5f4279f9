"""Who looked at what, why, and who got a copy: the screen of the data protection officer, over the log's index.

**Source**: Directive (EU) 2016/680, article 25(1) and (2): logs are used to verify that processing is lawful.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime


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


Days = Sequence[tuple[date, int]]
