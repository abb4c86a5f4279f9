"""The desk's door: every use case asks here first, and here the asking is decided and logged.

Two evaluators decide, one of ours (`ethics.policy`) and the installation's policies (`desk.policy`); what they do not both
permit does not happen. Every decision goes to the log, permitted or refused (`tally` says which are counted).

**Source**: Directive (EU) 2016/680, article 25(1); GDPR, articles 5(1)(b), 5(2) and 25.
"""

import logging

from impetus.core.access import AccessRequest, Category, Purpose, Ruling, Use
from impetus.core.actor import Actor
from impetus.core.errors import Refused, TheirFault
from impetus.core.ids import IncidentId
from impetus.core.incident import IncidentState
from impetus.core.log_record import LogRecord, Outcome, Processing
from impetus.desk.context import Desk, Door
from impetus.desk.guard_alarm import raise_alarm
from impetus.ethics import guard, policy
from impetus.ethics.purpose import CLEAR, own_purpose

DIFFER = "evaluators-differ"
"""Rule of a refusal because the two evaluators do not agree: a fault of ours, and the alarm says so."""
MISSING = "policy-engine-missing"
NOBODY = "nobody"

log = logging.getLogger(__name__)


def permit(desk: Desk | Door, actor: Actor | None, operation: str, *, on: str = "", use: Use | None = None) -> None:
    """Return when the actor may, else raise: `Unauthenticated` for nobody, `Refused` naming the rule and who may.

    `on` is what it is about, `kind:id`. `use` says what personal data is wanted for; None when there is none in it. To be
    called outside any unit of the store. `NotNow` when the log cannot take the decision: then nothing happens.
    """
    if actor is None or not actor.name:
        _log_nobody(desk, operation, on)
        guard.permit(actor, operation)
        return
    use = use or Use(category=Category.NONE, purpose=own_purpose(actor.role, operation))
    request = _request(desk, actor, operation, use)
    ruling = rule(desk, request)
    desk.tally.take(desk.journal, _record(desk, request, ruling, actor=actor, on=on, use=use))
    if not ruling.is_permitted:
        if ruling.rule in (DIFFER, MISSING) and isinstance(desk, Desk):
            raise_alarm(desk, ruling.rule, operation, desk.clock.now())
        guard.permit(actor, operation)  # a refusal by role alone is said in the matrix's own words
        raise _refusal(actor, operation, use, ruling)


def rule(desk: Desk | Door, request: AccessRequest) -> Ruling:
    """Return what both evaluators decide; a difference refuses, as does an engine that is missing."""
    ours, theirs = policy.decide(request), desk.policy.decide(request)
    if ours.is_permitted == theirs.is_permitted:
        return ours
    if theirs.rule == MISSING:
        return theirs
    log.error("the guard's evaluators differ: ours %s, the policies %s, about %s", ours, theirs, request)
    return Ruling(
        is_permitted=False,
        rule=DIFFER,
        source="the guard fails closed",
        remedy="report it with the time of day; this is a fault of the platform, and it permits nothing meanwhile",
    )


def _request(desk: Desk | Door, actor: Actor, operation: str, use: Use) -> AccessRequest:
    """Return the question: an installation serves one tenant, which answers for what is done unless `use` says who does."""
    return AccessRequest(
        role=actor.role,
        operation=operation,
        purpose=use.purpose,
        category=use.category,
        case=_open_case(desk, use),
        tenant=desk.tenant,
        owner=desk.tenant,
        regime=use.regime,
        granted=actor.operations,
        controller=use.controller or desk.tenant,
        is_simulated=use.is_simulated,
        is_own=use.is_own,
    )


def _open_case(desk: Desk | Door, use: Use) -> str:
    """Return the case when it is open; for what shows who a person is, an incident that is closed or unknown is none."""
    case = use.case.strip()
    if use.category not in CLEAR or not case:
        return case
    if not case.isdecimal():
        return ""
    try:
        with desk.store.read() as unit:
            state = unit.incidents.get(IncidentId(int(case))).state
    except TheirFault:  # there is none of that number
        return ""
    return "" if state is IncidentState.CLOSED else case


def _record(desk: Desk | Door, request: AccessRequest, ruling: Ruling, *, actor: Actor, on: str, use: Use) -> LogRecord:
    """Return the decision as a line of the log, with the fields of article 25(1)."""
    is_reading = ruling.is_permitted and (request.operation.endswith(".read") or use.category is not Category.NONE)
    return LogRecord(
        at=desk.clock.now(),
        who=actor.name,
        role=actor.role.value,
        act=request.operation,
        outcome=Outcome.PERMITTED if ruling.is_permitted else Outcome.REFUSED,
        processing=Processing.CONSULTATION if is_reading else Processing.CONTROL,
        rule=ruling.rule,
        subject=on,
        purpose=use.purpose,
        category=use.category,
        regime=use.regime,
        controller=request.controller,
        case=use.case,
        why=use.why,
        recipient=use.recipient,
    )


def _log_nobody(desk: Desk | Door, operation: str, on: str) -> None:
    """Log that somebody without a name was refused."""
    record = LogRecord(
        at=desk.clock.now(),
        who=NOBODY,
        role=NOBODY,
        act=operation,
        outcome=Outcome.REFUSED,
        rule="unnamed",
        subject=on,
        purpose=Purpose.OPERATION,
        controller=desk.tenant,
    )
    desk.tally.take(desk.journal, record)


def _refusal(actor: Actor, operation: str, use: Use, ruling: Ruling) -> Refused:
    """Return the refusal in words: what was wanted, which rule refused, who may, and what would help."""
    says = policy.RULES[ruling.rule].says if ruling.rule in policy.RULES else ruling.rule
    wanted = f" with {use.category} for {use.purpose}" if use.category is not Category.NONE else f" for {use.purpose}"
    return Refused(
        f"{actor.name} ({actor.role}) may not {operation}{wanted}",
        rule=says,
        value=operation,
        limit=", ".join(guard.who_can_see(operation, use.category).roles) or "nobody",
        source=ruling.source,
        remedy=ruling.remedy,
    )
