"""The platform's own finding that its guard is at fault: the two evaluators differ, or one of them is missing.

Nothing is permitted wrongly meanwhile; but people are refused what they may do, and somebody must know.
"""

import logging
from datetime import datetime

from impetus.core.errors import NotNow
from impetus.core.text import Phrase
from impetus.desk.context import Desk
from impetus.desk.platform_finding import SelfReport, publish_findings, trouble_began

SUBJECT = "platform:guard"
log = logging.getLogger(__name__)


def raise_alarm(desk: Desk, rule: str, operation: str, at: datetime) -> None:
    """Put the finding on the bus, once an hour and rule however often it happens; a full bus does not add to the fault."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    if not desk.tally.is_new((SUBJECT, rule), hour):
        return
    report = SelfReport(
        key=f"platform:guard:{rule}:{hour:%Y%m%dT%H}",
        subject=SUBJECT,
        headline=Phrase(template="The guard is at fault and refuses what it cannot decide"),
        why=Phrase(
            template="Rule {rule}, first for {operation}. Its two evaluators must agree; until they do, nothing is permitted.",
            values={"rule": rule, "operation": operation},
        ),
    )
    try:
        publish_findings(desk, [trouble_began(report, at)])
    except NotNow as error:
        log.warning("the guard's fault could not be told: %s", error.detail)
