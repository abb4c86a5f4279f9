"""What is permitted unless a forbidding rule fits; what none of these fits is refused.

**Source**: GDPR, articles 2, 4, 5, 6, 9, 25, 32, 39 and 89; Directive (EU) 2016/680, articles 4 and 25.
"""

from impetus.core.access import Category, Purpose
from impetus.core.actor import Role
from impetus.ethics.operation import Operation
from impetus.ethics.purpose import PURPOSES
from impetus.ethics.rule import Rule

_O, _P, _C, _R = Operation, Purpose, Category, Role
_SQUARE = frozenset({_R.OPERATOR, _R.SUPERVISOR})
_DUTY = _SQUARE | {_R.IT_SECURITY}
_OVERSEERS = frozenset({_R.DPO, _R.AUDITOR})
_STORY = frozenset({_O.ALERTS_READ, _O.INCIDENTS_READ})
_HOUSE = "position of the house"

PERMITTED: tuple[Rule, ...] = (
    Rule(
        id="impersonal",
        says="What is about nobody is open to whom the role matrix gives it, for the purposes of the operation.",
        source="GDPR, article 2(1): data about nobody is outside; role matrix of the guard",
        categories=frozenset({_C.NONE}),
        when=lambda request: (
            request.purpose is _P.EXERCISE or request.purpose in PURPOSES[Operation(request.operation)]
        ),
    ),
    Rule(
        id="masked-images",
        says="Operators and supervisors watch masked images to keep the public safe.",
        source="GDPR, articles 6(1)(e) and 25(2): masked by default",
        roles=_SQUARE,
        operations=frozenset({_O.MEDIA_READ, _O.ALERTS_READ}),
        purposes=frozenset({_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.IMAGE_MASKED}),
    ),
    Rule(
        id="masked-texts",
        says="Operators and supervisors read masked texts that are evidence of an alert or an incident.",
        source="GDPR, articles 6(1)(e) and 25(2): masked by default",
        roles=_SQUARE,
        operations=_STORY,
        purposes=frozenset({_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.TEXT_MASKED}),
    ),
    Rule(
        id="analyst-case",
        says="Analysts read masked texts and pseudonyms within a case.",
        source="GDPR, articles 5(1)(c) and 89(1); a project needs a purpose, an owner and an end",
        roles=frozenset({_R.ANALYST}),
        operations=_STORY,
        purposes=frozenset({_P.PUBLIC_SAFETY}),
        categories=frozenset({_C.TEXT_MASKED, _C.PSEUDONYM}),
        when=lambda request: bool(request.case),
    ),
    Rule(
        id="reveal",
        says="Operators and supervisors open what was masked once another person approved it, for an open incident.",
        source="Directive (EU) 2016/680, article 4(1)(c); GDPR, article 6(1)(e)",
        roles=_SQUARE,
        operations=frozenset({_O.REVEALS_ASK}),
        purposes=frozenset({_P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.IMAGE_CLEAR, _C.TEXT_CLEAR}),
    ),
    Rule(
        id="network",
        says="The city's security staff read addresses, handles and masked texts to defend its systems.",
        source="GDPR, recital 49; Directive (EU) 2022/2555, article 21",
        roles=frozenset({_R.IT_SECURITY}),
        operations=_STORY | {_O.QUARANTINE_READ},
        purposes=frozenset({_P.CYBER_SECURITY, _P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.NETWORK, _C.TEXT_MASKED, _C.PSEUDONYM}),
    ),
    Rule(
        id="network-supervisor",
        says="Supervisors read addresses and handles within a case.",
        source="GDPR, article 5(1)(c) and recital 49",
        roles=frozenset({_R.SUPERVISOR}),
        operations=_STORY,
        purposes=frozenset({_P.CYBER_SECURITY, _P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.NETWORK}),
        when=lambda request: bool(request.case),
    ),
    Rule(
        id="pseudonyms",
        says="Those on duty see pseudonyms within an incident, and ask about them there.",
        source="GDPR, articles 4(5) and 5(1)(c)",
        roles=_DUTY,
        operations=_STORY | {_O.IDENTITIES_ASK},
        purposes=frozenset({_P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.PSEUDONYM}),
        when=lambda request: bool(request.case),
    ),
    Rule(
        id="identity",
        says="Those on duty learn whom a pseudonym stands for once another person approved it, for an open incident.",
        source="GDPR, article 4(5): additional information is kept apart and its use is controlled",
        roles=_DUTY,
        operations=frozenset({_O.IDENTITIES_ASK}),
        purposes=frozenset({_P.INCIDENT_RESPONSE}),
        categories=frozenset({_C.IDENTITY}),
    ),
    Rule(
        id="exercise-masked",
        says="In an exercise those on duty see the masked views of simulated people.",
        source="no person is concerned: GDPR, article 4(1)",
        roles=_SQUARE,
        operations=_STORY | {_O.MEDIA_READ},
        purposes=frozenset({_P.EXERCISE}),
        categories=frozenset({_C.IMAGE_MASKED, _C.TEXT_MASKED, _C.PSEUDONYM}),
    ),
    Rule(
        id="exercise-reveal",
        says="In an exercise those on duty practise a reveal on simulated people, with a case as in earnest.",
        source="no person is concerned: GDPR, article 4(1)",
        roles=_SQUARE,
        operations=frozenset({_O.REVEALS_ASK}),
        purposes=frozenset({_P.EXERCISE}),
        categories=frozenset({_C.IMAGE_CLEAR, _C.TEXT_CLEAR}),
    ),
    Rule(
        id="exercise-identity",
        says="In an exercise those on duty practise asking for a simulated person's name, with a case as in earnest.",
        source="no person is concerned: GDPR, article 4(1)",
        roles=_DUTY,
        operations=frozenset({_O.IDENTITIES_ASK}),
        purposes=frozenset({_P.EXERCISE}),
        categories=frozenset({_C.PSEUDONYM, _C.IDENTITY}),
    ),
    Rule(
        id="staff-oversight",
        says="The data protection officer and the auditor see who of the staff did what.",
        source="Directive (EU) 2016/680, article 25(2); GDPR, article 39(1)(b)",
        roles=_OVERSEERS,
        operations=_STORY
        | {_O.ACCESSES_READ, _O.LOG_READ, _O.REVEALS_READ, _O.HOLDS_READ, _O.RETENTION_READ, _O.REGISTER_READ},
        purposes=frozenset({_P.OVERSIGHT}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="staff-accounts",
        says="Administrators see the accounts they keep.",
        source="GDPR, articles 6(1)(c) and 32",
        roles=frozenset({_R.ADMINISTRATOR}),
        operations=frozenset({_O.ACCOUNTS_MANAGE, _O.TOKENS_MANAGE}),
        purposes=frozenset({_P.OPERATION}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="staff-colleagues",
        says="Those who work on an incident see which colleague did what to it.",
        source="GDPR, article 6(1)(e): a shift cannot be handed over without names",
        roles=_DUTY | {_R.EXECUTIVE},
        operations=_STORY | {_O.REVEALS_READ, _O.STOPS_READ, _O.ACTIONS_APPROVE},
        purposes=frozenset({_P.PUBLIC_SAFETY, _P.INCIDENT_RESPONSE, _P.CYBER_SECURITY}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="staff-second-person",
        says="The second person sees who asked.",
        source=f"{_HOUSE} 5: two people, so each must know the other",
        roles=frozenset({_R.SUPERVISOR, _R.DPO}),
        operations=frozenset({_O.REVEALS_APPROVE, _O.IDENTITIES_APPROVE}),
        purposes=frozenset({_P.INCIDENT_RESPONSE, _P.OVERSIGHT}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="staff-log",
        says="The platform writes into its log who did what, and erases it when its time is over.",
        source="Directive (EU) 2016/680, article 25(1)",
        roles=frozenset({_R.PLATFORM}),
        operations=frozenset({_O.LOG_KEEP, _O.RETENTION_SWEEP}),
        purposes=frozenset({_P.OVERSIGHT, _P.OPERATION}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="biosignal-own",
        says="Whoever wears a sensor sees their own signal, for their own safety at work.",
        source="GDPR, articles 9(2)(a) and 15; Directive 89/391/EEC, article 6",
        roles=_DUTY,
        operations=frozenset({_O.HISTORY_READ}),
        purposes=frozenset({_P.OCCUPATIONAL_SAFETY}),
        categories=frozenset({_C.BIOSIGNAL}),
        when=lambda request: request.is_own,
    ),
)
"""Permitting rules; what none of them fits is refused."""
