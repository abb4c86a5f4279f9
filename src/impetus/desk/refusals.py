"""Prohibited uses that were refused here: what is configured now, and what tools tried to give."""

from dataclasses import dataclass
from datetime import datetime

from impetus.core.actor import Actor
from impetus.core.log_record import Outcome
from impetus.desk.access import access_openings
from impetus.desk.context import Desk
from impetus.desk.permit import permit
from impetus.ethics.guard import Operation, may
from impetus.ethics.prohibited import judge
from impetus.ethics.prohibited_site import site_configuration
from impetus.ports.ethics import AccessQuery

OUTPUT_REFUSED = "output.refused"
MOST = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedUse:
    """One prohibited use: `tools` that meet it together, rule, article and reason.

    `allowed` says what would be; `at` is None for what is configured now, else when an output was refused.
    """

    tools: tuple[str, ...]
    rule: str
    article: str
    why: str
    allowed: str = ""
    at: datetime | None = None


def refusals(desk: Desk, actor: Actor) -> tuple[RefusedUse, ...]:
    """Return what is refused as configured, then outputs refused, newest first, for those who may read the log's entries."""
    permit(desk, actor, Operation.REGISTER_READ)
    configured = desk.configuration.read()
    met = judge(site_configuration(configured.installed, configured.switched_on, configured.register.tools))
    now = [
        RefusedUse(
            tools=each.components,
            rule=each.rule,
            article=each.article,
            why=each.why,
            allowed=each.what_would_be_allowed,
        )
        for each in met
    ]
    query = AccessQuery(acts=(OUTPUT_REFUSED,), outcome=Outcome.REFUSED, limit=MOST)
    may_read = may(actor, Operation.ACCESSES_READ)
    logged = [one.record for one in access_openings(desk, actor, query).items] if may_read else []
    tried = [
        RefusedUse(
            tools=(record.subject.removeprefix("tool:"),),
            rule=record.rule.partition(": ")[0],
            article=record.rule.partition(": ")[2],
            why=record.why,
            at=record.at,
        )
        for record in logged
    ]
    return (*now, *tried)
