"""A planted test alert: an old alert whose truth is known, told again, so that looking stays looking.

**Source**: AI Act, article 14(4)(b): people who oversee remain aware of the tendency to rely on the output of a machine
(automation bias).
"""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.alert import Verdict
from impetus.core.ids import AlertId


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """One planned repetition of a closed alert.

    `source` is the alert it repeats and `expected` what that one turned out to be. `alert` is the planted alert once it
    was raised. `disclosed_at` is when everybody could see that it was a test; `verdict` is what was said, by whoever:
    no name stands here.
    """

    id: int
    source: AlertId
    expected: Verdict
    due: datetime
    planned_by: str
    planned_at: datetime
    why: str
    alert: AlertId | None = None
    raised_at: datetime | None = None
    disclosed_at: datetime | None = None
    cancelled_at: datetime | None = None
    verdict: Verdict | None = None
