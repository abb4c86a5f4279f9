"""The guard: which role may do what, and why. Deny by default; every use case of the desk asks here first.

`OPERATIONS` says in one sentence what each operation is; `MATRIX` says who may, with the reason for each row. A cell that
is not there is refused. A service token may do only what was written on it, and never what takes a person's judgement.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused, Unauthenticated


class Operation(StrEnum):
    """Everything the desk can be asked to do."""

    ALERTS_READ = "alerts.read"
    ALERTS_TRIAGE = "alerts.triage"
    ALERTS_RAISE = "alerts.raise"
    INCIDENTS_READ = "incidents.read"
    INCIDENTS_WRITE = "incidents.write"
    DECISIONS_WRITE = "decisions.write"
    SOURCES_READ = "sources.read"
    SOURCES_DECLARE = "sources.declare"
    OBSERVATIONS_WRITE = "observations.write"
    QUARANTINE_READ = "quarantine.read"
    PARTS_READ = "parts.read"
    PARTS_REPORT = "parts.report"
    RETENTION_SWEEP = "retention.sweep"
    ACCOUNTS_MANAGE = "accounts.manage"
    TOKENS_MANAGE = "tokens.manage"
    HISTORY_READ = "history.read"
    EVENTS_READ = "events.read"


_O, _R = Operation, Role

OPERATIONS: Mapping[Operation, str] = {
    _O.ALERTS_READ: "See alerts, their histories, findings and evidence.",
    _O.ALERTS_TRIAGE: "Acknowledge, assess, shelve, hand on, close and reopen alerts.",
    _O.ALERTS_RAISE: "Turn findings into alerts and bring shelved alerts back.",
    _O.INCIDENTS_READ: "See incidents, their timelines and decisions.",
    _O.INCIDENTS_WRITE: "Open, note on, hand on, close and reopen incidents, and join alerts to them.",
    _O.DECISIONS_WRITE: "Record a decision, or correct one.",
    _O.SOURCES_READ: "See sources, their datastreams and how their readings fared.",
    _O.SOURCES_DECLARE: "Declare a source and its datastreams.",
    _O.OBSERVATIONS_WRITE: "Send readings.",
    _O.QUARANTINE_READ: "See refused records.",
    _O.PARTS_READ: "See the state of the platform's own parts.",
    _O.PARTS_REPORT: "Report the state of the platform's own parts.",
    _O.RETENTION_SWEEP: "Erase what has passed its retention.",
    _O.ACCOUNTS_MANAGE: "Add and disable accounts, and give a new one-time password.",
    _O.TOKENS_MANAGE: "Issue and revoke service tokens.",
    _O.HISTORY_READ: "See measured series.",
    _O.EVENTS_READ: "Be told of changes as they happen.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do, and the reason."""

    may: frozenset[Operation]
    because: str


_WATCHING = frozenset(
    {_O.ALERTS_READ, _O.INCIDENTS_READ, _O.SOURCES_READ, _O.PARTS_READ, _O.HISTORY_READ, _O.EVENTS_READ}
)
_WORKING = _WATCHING | {_O.ALERTS_TRIAGE, _O.INCIDENTS_WRITE, _O.DECISIONS_WRITE, _O.QUARANTINE_READ}
_OVERSEEING = frozenset(
    {_O.ALERTS_READ, _O.INCIDENTS_READ, _O.SOURCES_READ, _O.QUARANTINE_READ, _O.PARTS_READ, _O.EVENTS_READ}
)

MATRIX: Mapping[Role, Grant] = {
    _R.OPERATOR: Grant(may=_WORKING, because="works on alerts and incidents, around the clock"),
    _R.SUPERVISOR: Grant(may=_WORKING, because="does an operator's work and answers for it"),
    _R.IT_SECURITY: Grant(may=_WORKING, because="works on alerts about the city's systems"),
    _R.ANALYST: Grant(may=_WATCHING | {_O.QUARANTINE_READ}, because="investigates and tells; operators act"),
    _R.PLANNER: Grant(may=_WATCHING, because="plans events against what is going on"),
    _R.EXECUTIVE: Grant(
        may=frozenset({_O.ALERTS_READ, _O.INCIDENTS_READ, _O.DECISIONS_WRITE, _O.PARTS_READ, _O.EVENTS_READ}),
        because="takes the decisions only an executive may take, and needs no sensor series for it",
    ),
    _R.DPO: Grant(may=_OVERSEEING, because="sees what is processed and changes nothing"),
    _R.AUDITOR: Grant(may=_OVERSEEING, because="sees what was done and changes nothing"),
    _R.INTEGRATOR: Grant(
        may=frozenset(
            {_O.SOURCES_READ, _O.SOURCES_DECLARE, _O.QUARANTINE_READ, _O.PARTS_READ, _O.HISTORY_READ, _O.EVENTS_READ}
        ),
        because="connects the city's sensors and needs to see what becomes of their readings, not the alerts",
    ),
    _R.ADMINISTRATOR: Grant(
        may=_WATCHING | {_O.SOURCES_DECLARE, _O.QUARANTINE_READ, _O.ACCOUNTS_MANAGE, _O.TOKENS_MANAGE},
        because="keeps the platform and its accounts; judging alerts is for those on duty",
    ),
    _R.PLATFORM: Grant(
        may=frozenset(
            {
                _O.ALERTS_READ,
                _O.ALERTS_RAISE,
                _O.SOURCES_READ,
                _O.SOURCES_DECLARE,
                _O.OBSERVATIONS_WRITE,
                _O.PARTS_READ,
                _O.PARTS_REPORT,
                _O.HISTORY_READ,
                _O.RETENTION_SWEEP,
            }
        ),
        because="senses, raises and cleans up by itself; judging, deciding and admitting people is for people",
    ),
    _R.SERVICE: Grant(may=frozenset(), because="a service token may do only what is written on it"),
}

GRANTABLE: frozenset[Operation] = _WATCHING | {_O.SOURCES_DECLARE, _O.OBSERVATIONS_WRITE, _O.QUARANTINE_READ}
"""What may be written on a service token: reading, and sending readings. Judging, deciding and admitting are a person's.

Source: position 5 of the house's ethics, nothing affects the world without a human decision (AI Act, article 14).
"""


def may(actor: Actor, operation: str) -> bool:
    """Say whether the guard would permit it; for showing or hiding what an actor can ask for."""
    if operation not in set(Operation):
        return False
    if actor.role is Role.SERVICE:
        return operation in actor.operations and operation in GRANTABLE
    return actor.role in MATRIX and operation in MATRIX[actor.role].may


def permit(actor: Actor | None, operation: str) -> None:
    """Return when the actor may, else raise: `Unauthenticated` for nobody, `Refused` naming the rule and who may.

    An operation the guard does not know is refused to everybody: fails closed.
    """
    if actor is None or not actor.name:
        raise Unauthenticated(
            "nobody is signed in", rule="every act has a name", value=operation, remedy="sign in, or send a token"
        )
    if may(actor, operation):
        return
    raise Refused(
        f"{actor.name} ({actor.role}) may not {operation}",
        rule=_rule(actor, operation),
        value=operation,
        limit=", ".join(who_may(operation)) or "nobody",
        source="role matrix of the guard, deny by default",
        remedy=_remedy(actor, operation),
    )


def who_may(operation: str) -> tuple[str, ...]:
    """Return the roles that may, in the order of the roles; `service` when a token can carry it."""
    roles = [role.value for role, grant in MATRIX.items() if operation in grant.may]
    return (*roles, *([Role.SERVICE.value] if operation in GRANTABLE else []))


def _rule(actor: Actor, operation: str) -> str:
    """Say which rule refuses."""
    if operation not in set(Operation):
        return "an operation the guard does not know is refused"
    if actor.role is Role.SERVICE and operation not in GRANTABLE:
        return "a token does not judge, decide or admit; a person does"
    grant = MATRIX.get(actor.role)
    return f"{actor.role}: {grant.because}" if grant else "an unknown role may nothing"


def _remedy(actor: Actor, operation: str) -> str:
    """Say what would make it allowed."""
    roles = who_may(operation)
    if not roles:
        return "there is none; the platform does not do this"
    if actor.role is Role.SERVICE and operation in GRANTABLE:
        return f"issue a token that carries {operation}"
    return f"ask somebody who is {' or '.join(role for role in roles if role != Role.SERVICE)}"
