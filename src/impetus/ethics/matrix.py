"""Which role may do what, with the reason for each role. A cell that is not here is refused.

Role and operation are only the first two of the questions; `policy` asks for purpose, category, case and tenant as well.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from impetus.core.actor import Role
from impetus.ethics.operation import Operation

_O, _R = Operation, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What one role may do, and the reason."""

    may: frozenset[Operation]
    because: str


_EVERYBODY = frozenset(
    {
        _O.ACCOUNT_OWN,
        _O.REGISTER_READ,
        _O.STOPS_READ,
        _O.FIGURES_READ,
        _O.PLAYBOOKS_READ,
        _O.CALLS_READ,
        _O.CALLS_ANSWER,
        _O.WARNINGS_READ,
        _O.EFFECTS_READ,
    }
)
"""What every person who signs in may see: what runs and by what right, what is stopped, figures of nobody, and how people
are led, called and warned; the answer to a call is each one's own, as is their account."""
_WATCHING = frozenset(
    {_O.ALERTS_READ, _O.INCIDENTS_READ, _O.SOURCES_READ, _O.PARTS_READ, _O.HISTORY_READ, _O.EVENTS_READ}
)
_WORKING = (
    _EVERYBODY
    | _WATCHING
    | {
        _O.SENSORS_READ,
        _O.ALERTS_TRIAGE,
        _O.INCIDENTS_WRITE,
        _O.DECISIONS_WRITE,
        _O.QUARANTINE_READ,
        _O.REVEALS_READ,
        _O.IDENTITIES_ASK,
        _O.STOPS_MAKE,
        _O.ACTIONS_PROPOSE,
        _O.RUNS_WORK,
        _O.LOAD_READ,
        _O.SHIFTS_READ,
        _O.SHIFTS_WRITE,
    }
)
_ON_THE_SQUARE = frozenset(
    {_O.MEDIA_READ, _O.REVEALS_ASK, _O.SHARES_WORK, _O.WARNINGS_DRAFT, _O.SAMPLES_READ, _O.SAMPLES_WORK}
)
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
    _O.SAMPLES_READ,
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
            _O.PLAYBOOKS_WRITE,
            _O.RUNS_LEAD,
            _O.LOAD_MANAGE,
            _O.CALLS_MANAGE,
            _O.SHARES_WRITE,
            _O.EFFECTS_REVERT,
        },
        because="does an operator's work, answers for it, and is the second person of two",
    ),
    _R.IT_SECURITY: Grant(may=_WORKING, because="works on alerts about the city's systems"),
    _R.ANALYST: Grant(
        may=_EVERYBODY | _WATCHING | {_O.SENSORS_READ, _O.QUARANTINE_READ, _O.SAMPLES_READ},
        because="investigates and tells; operators act",
    ),
    _R.PLANNER: Grant(
        may=_EVERYBODY | _WATCHING | {_O.SENSORS_READ, _O.PLAYBOOKS_WRITE},
        because="plans events against what is going on",
    ),
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
            _O.LOAD_READ,
            _O.SHIFTS_READ,
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
        | {
            _O.SOURCES_READ,
            _O.SOURCES_DECLARE,
            _O.QUARANTINE_READ,
            _O.PARTS_READ,
            _O.HISTORY_READ,
            _O.SENSORS_READ,
            _O.EVENTS_READ,
        },
        because="connects the city's sensors and needs to see what becomes of their readings, not the alerts",
    ),
    _R.ADMINISTRATOR: Grant(
        may=_EVERYBODY
        | _WATCHING
        | {
            _O.SENSORS_READ,
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
            _O.PLAYBOOKS_WRITE,
            _O.LOAD_READ,
            _O.CALLS_MANAGE,
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
                _O.NOTICES_SEND,
                _O.EFFECTS_REVERT,
                _O.FEEDS_READ_IN,
            }
        ),
        because="senses, raises and cleans up by itself; judging, deciding and admitting people is for people",
    ),
    _R.SERVICE: Grant(may=frozenset(), because="a service token may do only what is written on it"),
}

GRANTABLE: frozenset[Operation] = _WATCHING | {
    _O.SOURCES_DECLARE,
    _O.OBSERVATIONS_WRITE,
    _O.QUARANTINE_READ,
    _O.LOG_READ,
}
"""What may be written on a service token: reading, the log without names too, and sending readings. Judging, deciding and admitting are a person's.

Source: position 5 of the house's ethics, nothing affects the world without a human decision (AI Act, article 14).
"""
