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
    LOG_READ = "log.read"
    LOG_KEEP = "log.keep"
    ACCESSES_READ = "accesses.read"
    REGISTER_READ = "register.read"
    REGISTER_WRITE = "register.write"
    REGISTER_SIGN = "register.sign"
    HOLDS_READ = "holds.read"
    HOLDS_WRITE = "holds.write"
    RETENTION_READ = "retention.read"
    BACKUPS_MAKE = "backups.make"
    MEDIA_READ = "media.read"
    REVEALS_READ = "reveals.read"
    REVEALS_ASK = "reveals.ask"
    REVEALS_APPROVE = "reveals.approve"
    IDENTITIES_ASK = "identities.ask"
    IDENTITIES_APPROVE = "identities.approve"
    STOPS_READ = "stops.read"
    STOPS_MAKE = "stops.make"
    STOPS_LIFT = "stops.lift"
    ACTIONS_PROPOSE = "actions.propose"
    ACTIONS_APPROVE = "actions.approve"
    PLANTS_MANAGE = "plants.manage"
    FIGURES_READ = "figures.read"


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
    _O.LOG_READ: "See the log's health, its checkpoints and its proofs.",
    _O.LOG_KEEP: "Bring records into the log and prune it after the legal retention.",
    _O.ACCESSES_READ: "See who looked at what, why, and who got a copy.",
    _O.REGISTER_READ: "See the register: what runs, by what right, and what is missing.",
    _O.REGISTER_WRITE: "Answer the city's part of an assessment and write register entries.",
    _O.REGISTER_SIGN: "Sign a register entry and its assessment.",
    _O.HOLDS_READ: "See what is held back from erasure, by whom and until when.",
    _O.HOLDS_WRITE: "Hold something back from erasure until a date, and lift a hold.",
    _O.RETENTION_READ: "See retention classes, what is due and what was erased.",
    _O.BACKUPS_MAKE: "Make and verify backups.",
    _O.MEDIA_READ: "Look at a camera with people masked.",
    _O.REVEALS_READ: "See which reveals were asked for, are open, or are over.",
    _O.REVEALS_ASK: "Ask that something masked be revealed, and open what was approved.",
    _O.REVEALS_APPROVE: "Approve or decline a reveal that somebody else asked for.",
    _O.IDENTITIES_ASK: "Ask whom a pseudonym stands for, and read the answer once.",
    _O.IDENTITIES_APPROVE: "Approve or decline a re-identification that somebody else asked for.",
    _O.STOPS_READ: "See what is stopped, by whom and why.",
    _O.STOPS_MAKE: "Stop a tool, a camera, a source, the site, or all.",
    _O.STOPS_LIFT: "Let run again what was stopped.",
    _O.ACTIONS_PROPOSE: "Propose an action and its reason.",
    _O.ACTIONS_APPROVE: "Approve or decline an action that somebody else proposed.",
    _O.PLANTS_MANAGE: "Plant test alerts and see whether they were found.",
    _O.FIGURES_READ: "See figures on decisions and work, never of one person.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do, and the reason."""

    may: frozenset[Operation]
    because: str


_EVERYBODY = frozenset({_O.REGISTER_READ, _O.STOPS_READ, _O.FIGURES_READ})
"""What every person who signs in may see: what runs and by what right, what is stopped, and figures of nobody."""
_WATCHING = frozenset(
    {_O.ALERTS_READ, _O.INCIDENTS_READ, _O.SOURCES_READ, _O.PARTS_READ, _O.HISTORY_READ, _O.EVENTS_READ}
)
_WORKING = (
    _EVERYBODY
    | _WATCHING
    | {
        _O.ALERTS_TRIAGE,
        _O.INCIDENTS_WRITE,
        _O.DECISIONS_WRITE,
        _O.QUARANTINE_READ,
        _O.REVEALS_READ,
        _O.IDENTITIES_ASK,
        _O.STOPS_MAKE,
        _O.ACTIONS_PROPOSE,
    }
)
_ON_THE_SQUARE = frozenset({_O.MEDIA_READ, _O.REVEALS_ASK})
_OVERSEEING = _EVERYBODY | {
    _O.ALERTS_READ,
    _O.INCIDENTS_READ,
    _O.SOURCES_READ,
    _O.QUARANTINE_READ,
    _O.PARTS_READ,
    _O.EVENTS_READ,
    _O.LOG_READ,
    _O.ACCESSES_READ,
    _O.HOLDS_READ,
    _O.RETENTION_READ,
    _O.REVEALS_READ,
}

MATRIX: Mapping[Role, Grant] = {
    _R.OPERATOR: Grant(may=_WORKING | _ON_THE_SQUARE, because="works on alerts and incidents, around the clock"),
    _R.SUPERVISOR: Grant(
        may=_WORKING
        | _ON_THE_SQUARE
        | {
            _O.LOG_READ,
            _O.HOLDS_READ,
            _O.HOLDS_WRITE,
            _O.REVEALS_APPROVE,
            _O.IDENTITIES_APPROVE,
            _O.STOPS_LIFT,
            _O.ACTIONS_APPROVE,
            _O.PLANTS_MANAGE,
        },
        because="does an operator's work, answers for it, and is the second person of two",
    ),
    _R.IT_SECURITY: Grant(may=_WORKING, because="works on alerts about the city's systems"),
    _R.ANALYST: Grant(
        may=_EVERYBODY | _WATCHING | {_O.QUARANTINE_READ}, because="investigates and tells; operators act"
    ),
    _R.PLANNER: Grant(may=_EVERYBODY | _WATCHING, because="plans events against what is going on"),
    _R.EXECUTIVE: Grant(
        may=_EVERYBODY
        | {
            _O.ALERTS_READ,
            _O.INCIDENTS_READ,
            _O.DECISIONS_WRITE,
            _O.PARTS_READ,
            _O.EVENTS_READ,
            _O.REGISTER_SIGN,
            _O.REVEALS_READ,
            _O.ACTIONS_APPROVE,
        },
        because="takes the decisions only an executive may take, and needs no sensor series for it",
    ),
    _R.DPO: Grant(
        may=_OVERSEEING
        | {
            _O.REGISTER_WRITE,
            _O.REGISTER_SIGN,
            _O.HOLDS_WRITE,
            _O.REVEALS_APPROVE,
            _O.IDENTITIES_APPROVE,
            _O.STOPS_MAKE,
            _O.STOPS_LIFT,
        },
        because="answers for the register, sees who looked and can stop anything; sees no content and judges no alert",
    ),
    _R.AUDITOR: Grant(may=_OVERSEEING, because="sees what was done and changes nothing"),
    _R.INTEGRATOR: Grant(
        may=_EVERYBODY
        | {_O.SOURCES_READ, _O.SOURCES_DECLARE, _O.QUARANTINE_READ, _O.PARTS_READ, _O.HISTORY_READ, _O.EVENTS_READ},
        because="connects the city's sensors and needs to see what becomes of their readings, not the alerts",
    ),
    _R.ADMINISTRATOR: Grant(
        may=_EVERYBODY
        | _WATCHING
        | {
            _O.SOURCES_DECLARE,
            _O.QUARANTINE_READ,
            _O.ACCOUNTS_MANAGE,
            _O.TOKENS_MANAGE,
            _O.LOG_READ,
            _O.REGISTER_WRITE,
            _O.HOLDS_READ,
            _O.RETENTION_READ,
            _O.BACKUPS_MAKE,
            _O.STOPS_MAKE,
            _O.STOPS_LIFT,
        },
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
                _O.LOG_KEEP,
                _O.BACKUPS_MAKE,
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
