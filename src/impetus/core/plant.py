"""A planted test alert: an old alert whose truth is known, told again, so that looking stays looking.

**Source**: AI Act, article 14(4)(b): people who oversee remain aware of the tendency to rely on the output of a machine
(automation bias).
"""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.alert import Alert, Verdict
from impetus.core.ids import AlertId

FINGERPRINT = "plant:"
"""What the fingerprint of a planted alert begins with, so that no finding ever joins one."""


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


def is_planted(alert: Alert) -> bool:
    """Say whether an alert is a planted test, disclosed or not; for joining and statistics, never for the screen."""
    return alert.fingerprint.startswith(FINGERPRINT)
