"""One line for the log: what was done or refused, by whom, with what, why, and who got a copy.

**Source**: Directive (EU) 2016/680, article 25(1): collection, alteration, consultation, disclosure including transfers,
combination and erasure; of consultation and disclosure the justification, date and time, and as far as possible who
consulted or disclosed, and the recipients.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from impetus.core.access import Category, Purpose, Regime


class Processing(StrEnum):
    """What kind of processing it is, in the words of article 25(1); `control` for a decision alone."""

    COLLECTION = "collection"
    ALTERATION = "alteration"
    CONSULTATION = "consultation"
    DISCLOSURE = "disclosure"
    COMBINATION = "combination"
    ERASURE = "erasure"
    CONTROL = "control"


class Outcome(StrEnum):
    """How it ended."""

    PERMITTED = "permitted"
    REFUSED = "refused"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogRecord:
    """What goes to the log. `who`, `why` and `recipient` are personal: the log holds salted commitments of them only.

    `act` is an operation of the guard or a verb of the desk (`alert.acknowledge`). `subject` is what it was done with,
    `kind:id` (`alert:12`, `camera:C14`, `tool:firearm`), never a person. `count` is above 1 when many like acts of a
    machine stand in one line. `facts` are plain, not personal.
    """

    at: datetime
    who: str
    role: str
    act: str
    outcome: Outcome
    processing: Processing = Processing.CONTROL
    rule: str = ""
    subject: str = ""
    purpose: Purpose = Purpose.OPERATION
    category: Category = Category.NONE
    regime: Regime = Regime.GDPR
    controller: str = ""
    case: str = ""
    why: str = ""
    recipient: str = ""
    count: int = 1
    facts: Mapping[str, str | int | float | bool] = field(default_factory=dict)
