"""What a tool is told back: what people found its alerts to be, and what the city has planned."""

from datetime import datetime, timedelta

from impetus.core.actor import platform
from impetus.core.alert import Alert, AlertState
from impetus.core.attention import QuietKind
from impetus.core.ids import ToolId
from impetus.core.observation import to_us
from impetus.core.tool import Window
from impetus.core.verdict import Verdict, kind_of
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation
from impetus.ports import AlertQuery

LONGEST = timedelta(days=14)
"""How long after it was raised an alert's verdict still reaches the tool: later it has forgotten the readings. House rule."""
PAGE = 200
PAGES = 10
"""Pages of alerts looked through at once; two thousand alerts in two weeks are more than people close."""


def decided(desk: Desk, tool: ToolId, since: datetime) -> tuple[Verdict, ...]:
    """Return what was decided after a time on a tool's own alerts by closing them, in the order it was decided.

    Simulated alerts too: their datastreams are simulated as well. What two tools raised together is no single tool's.
    """
    permit(desk, platform(f"tool:{tool}"), Operation.ALERTS_READ)
    at = desk.clock.now()
    found: list[Alert] = []
    after: str | None = None
    with desk.store.read() as unit:
        for _ in range(PAGES):
            page = unit.alerts.find(
                AlertQuery(states=(AlertState.CLOSED,), tool=tool, raised_since=at - LONGEST, after=after, limit=PAGE)
            )
            found += [alert for alert in page.items if alert.changed_at > since and alert.tools == (tool,)]
            after = page.next
            if after is None:
                break
    found.sort(key=lambda alert: (alert.changed_at, alert.id))
    return tuple(verdict for alert in found if (verdict := _verdict(alert)) is not None)


def planned(desk: Desk, tool: ToolId) -> tuple[Window, ...]:
    """Return the works that run or are to come, as zones and times; those of no zone in particular are left out."""
    permit(desk, platform(f"tool:{tool}"), Operation.ALERTS_READ)
    at = desk.clock.now()
    with desk.store.read() as unit:
        rules = unit.attention.rules(QuietKind.WORKS, ends_after=at)
    kept = [rule for rule in rules if rule.zone is not None and rule.ended_at is None and rule.tool in {None, tool}]
    return tuple(sorted((rule.zone, to_us(rule.since), to_us(rule.until)) for rule in kept if rule.zone is not None))


def _verdict(alert: Alert) -> Verdict | None:
    """Return what a closed alert tells a tool, None when nothing."""
    kind = kind_of(alert.verdict)
    if kind is None or not alert.datastreams:
        return None
    began_us = to_us(alert.began)
    return Verdict(
        subject=alert.subject,
        datastreams=alert.datastreams,
        began_us=began_us,
        ended_us=max(began_us, to_us(alert.last_at)),
        kind=kind,
    )
