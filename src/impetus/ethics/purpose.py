"""What each operation is for: the purposes it may serve, the first of which it serves unless another is named.

**Source**: GDPR, article 5(1)(b); Directive (EU) 2016/680, article 4(1)(b): specified, explicit and legitimate purposes.
"""

from collections.abc import Mapping
from functools import lru_cache

from impetus.core.access import Category, Purpose
from impetus.core.actor import Role
from impetus.ethics.operation import Operation

_O, _P, _C = Operation, Purpose, Category

CLEAR = frozenset({_C.IMAGE_CLEAR, _C.TEXT_CLEAR, _C.IDENTITY})
"""What shows who a person is."""
CONTENT = CLEAR | {_C.IMAGE_MASKED, _C.TEXT_MASKED, _C.NETWORK, _C.PSEUDONYM, _C.BIOSIGNAL}
"""What people did, said or are, masked or not; `staff` is about who of the staff did what and is no content."""
PERSONAL = CONTENT | {_C.STAFF}
"""Everything under data protection law; masked images and pseudonyms are (GDPR, recital 26 and article 4(5))."""

_LOOKING = (_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE, _P.CYBER_SECURITY, _P.PLANNING, _P.OVERSIGHT, _P.OPERATION)
_ACTING = (_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE, _P.CYBER_SECURITY)
_RUNNING = (_P.OPERATION, _P.OVERSIGHT)
_KNOWING = (_P.OVERSIGHT, _P.PLANNING, _P.PUBLIC_SAFETY, _P.OPERATION)
_INCIDENT = (_P.INCIDENT_RESPONSE,)
_WORKING = (_P.INCIDENT_RESPONSE, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY)
_PREPARING = (_P.PLANNING, _P.OPERATION, _P.PUBLIC_SAFETY)

PURPOSES: Mapping[Operation, tuple[Purpose, ...]] = {
    _O.ALERTS_READ: _LOOKING,
    _O.ALERTS_TRIAGE: _ACTING,
    _O.ALERTS_RAISE: (*_ACTING, _P.OPERATION),
    _O.INCIDENTS_READ: (_P.INCIDENT_RESPONSE, *(each for each in _LOOKING if each is not _P.INCIDENT_RESPONSE)),
    _O.INCIDENTS_WRITE: (_P.INCIDENT_RESPONSE, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY),
    _O.DECISIONS_WRITE: (_P.INCIDENT_RESPONSE, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY),
    _O.SOURCES_READ: _LOOKING,
    _O.SOURCES_DECLARE: (_P.OPERATION,),
    _O.OBSERVATIONS_WRITE: (_P.OPERATION,),
    _O.QUARANTINE_READ: (*_RUNNING, _P.CYBER_SECURITY),
    _O.PARTS_READ: (*_RUNNING, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY),
    _O.PARTS_REPORT: (_P.OPERATION,),
    _O.RETENTION_SWEEP: (_P.OVERSIGHT, _P.OPERATION),
    _O.ACCOUNTS_MANAGE: (_P.OPERATION,),
    _O.TOKENS_MANAGE: (_P.OPERATION,),
    _O.HISTORY_READ: (*_LOOKING, _P.OCCUPATIONAL_SAFETY),
    _O.SENSORS_READ: _LOOKING,
    _O.EVENTS_READ: _LOOKING,
    _O.LOG_READ: (_P.OVERSIGHT,),
    _O.LOG_KEEP: (_P.OVERSIGHT, _P.OPERATION),
    _O.ACCESSES_READ: (_P.OVERSIGHT,),
    _O.REGISTER_READ: _KNOWING,
    _O.REGISTER_WRITE: (_P.OVERSIGHT,),
    _O.REGISTER_SIGN: (_P.OVERSIGHT,),
    _O.HOLDS_READ: (_P.OVERSIGHT, _P.INCIDENT_RESPONSE),
    _O.HOLDS_WRITE: (_P.OVERSIGHT, _P.INCIDENT_RESPONSE),
    _O.RETENTION_READ: (_P.OVERSIGHT,),
    _O.BACKUPS_MAKE: (_P.OPERATION,),
    _O.MEDIA_READ: (_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE),
    _O.REVEALS_READ: (_P.INCIDENT_RESPONSE, _P.OVERSIGHT),
    _O.REVEALS_ASK: _INCIDENT,
    _O.REVEALS_APPROVE: (_P.INCIDENT_RESPONSE, _P.OVERSIGHT),
    _O.IDENTITIES_ASK: _INCIDENT,
    _O.IDENTITIES_APPROVE: (_P.INCIDENT_RESPONSE, _P.OVERSIGHT),
    _O.STOPS_READ: (*_RUNNING, _P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE),
    _O.STOPS_MAKE: (*_RUNNING, _P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE),
    _O.STOPS_LIFT: (*_RUNNING, _P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE),
    _O.ACTIONS_PROPOSE: (_P.INCIDENT_RESPONSE, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY),
    _O.ACTIONS_APPROVE: (_P.INCIDENT_RESPONSE, _P.PUBLIC_SAFETY, _P.CYBER_SECURITY),
    _O.PLANTS_MANAGE: (_P.OVERSIGHT, _P.OPERATION),
    _O.FIGURES_READ: _KNOWING,
    _O.PLAYBOOKS_READ: _LOOKING,
    _O.PLAYBOOKS_WRITE: _PREPARING,
    _O.RUNS_WORK: _WORKING,
    _O.RUNS_LEAD: _WORKING,
    _O.LOAD_READ: _LOOKING,
    _O.LOAD_MANAGE: _PREPARING,
    _O.CALLS_READ: _LOOKING,
    _O.CALLS_MANAGE: _PREPARING,
    _O.CALLS_ANSWER: _LOOKING,
    _O.ACCOUNT_OWN: _LOOKING,
    _O.NOTICES_SEND: (*_ACTING, _P.OPERATION),
    _O.SHIFTS_READ: _LOOKING,
    _O.SHIFTS_WRITE: _WORKING,
    _O.SHARES_WRITE: _WORKING,
    _O.SHARES_WORK: _WORKING,
    _O.WARNINGS_READ: _LOOKING,
    _O.WARNINGS_DRAFT: _WORKING,
    _O.EFFECTS_READ: _LOOKING,
    _O.EFFECTS_REVERT: (*_ACTING, _P.OPERATION),
    _O.FEEDS_READ_IN: (*_ACTING, _P.OPERATION),
    _O.SAMPLES_READ: _LOOKING,
    _O.SAMPLES_WORK: _WORKING,
}
"""Besides these, every operation without personal data may serve an exercise."""

LEADING: Mapping[Role, Purpose] = {
    Role.IT_SECURITY: _P.CYBER_SECURITY,
    Role.PLANNER: _P.PLANNING,
    Role.DPO: _P.OVERSIGHT,
    Role.AUDITOR: _P.OVERSIGHT,
    Role.INTEGRATOR: _P.OPERATION,
    Role.ADMINISTRATOR: _P.OPERATION,
}
"""What a role is there for, where that says more than the operation does."""


@lru_cache(maxsize=1024)
def own_purpose(role: Role, operation: str) -> Purpose:
    """Return what this is done for when nothing else is said: what the role is there for, else what the operation is.

    >>> own_purpose(Role.PLANNER, "alerts.read"), own_purpose(Role.OPERATOR, "alerts.read")
    (<Purpose.PLANNING: 'planning'>, <Purpose.PUBLIC_SAFETY: 'public_safety'>)
    """
    purposes = PURPOSES.get(Operation(operation), ()) if operation in set(Operation) else ()
    leading = LEADING.get(role)
    if leading in purposes and leading is not None:
        return leading
    return purposes[0] if purposes else Purpose.OPERATION
