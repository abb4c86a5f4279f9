"""What is refused whatever else is written; the first rule that fits gives the reason.

**Source**: GDPR, articles 5, 9, 24, 25, 32, 38 and 39; Directive (EU) 2016/680, articles 1, 4, 9, 19 and 25.
"""

from impetus.core.access import Category, Purpose, Regime
from impetus.core.actor import Role
from impetus.ethics.matrix import GRANTABLE, MATRIX
from impetus.ethics.purpose import CLEAR, CONTENT, PERSONAL, PURPOSES
from impetus.ethics.rule import Rule, is_well_formed

_P, _C, _R = Purpose, Category, Role
_HOUSE = "position of the house"

FORBIDDEN: tuple[Rule, ...] = (
    Rule(
        id="malformed",
        says="A request that cannot be read is refused.",
        source="the guard fails closed",
        remedy="report it; this is a fault of the platform",
        when=lambda request: not is_well_formed(request),
    ),
    Rule(
        id="unknown-operation",
        says="An operation the guard does not know is refused to everybody.",
        source="the guard fails closed",
        remedy="there is none; the platform does not do this",
        when=lambda request: request.operation not in PURPOSES,
    ),
    Rule(
        id="other-tenant",
        says="Data of one city is not open to those who work for another.",
        source="GDPR, article 5(1)(f); Directive (EU) 2016/680, article 9(1): crossing is a disclosure of its own",
        remedy="ask those whose data it is for a disclosure",
        when=lambda request: not request.tenant or request.tenant != request.owner,
    ),
    Rule(
        id="role",
        says="What the role matrix does not give to a role is refused.",
        source="role matrix of the guard, deny by default",
        remedy="ask somebody whose role may",
        when=lambda request: request.role is not _R.SERVICE and request.operation not in MATRIX[request.role].may,
    ),
    Rule(
        id="token",
        says="A service token does what is written on it, and never judges, decides or admits.",
        source=f"AI Act, article 14; {_HOUSE} 5: nothing affects the world without a human decision",
        remedy="issue a token that carries the operation, or let a person sign in",
        roles=frozenset({_R.SERVICE}),
        when=lambda request: request.operation not in request.granted or request.operation not in GRANTABLE,
    ),
    Rule(
        id="machine-content",
        says="Neither a service token nor the platform itself reads what people did, said or are.",
        source="GDPR, articles 5(1)(c) and 25(2)",
        remedy="let a person who may sign in",
        roles=frozenset({_R.SERVICE, _R.PLATFORM}),
        categories=CONTENT,
    ),
    Rule(
        id="token-staff",
        says="A service token touches no personal data, that of the staff included.",
        source="GDPR, articles 5(1)(c) and 25(2)",
        remedy="let a person who may sign in",
        roles=frozenset({_R.SERVICE}),
        categories=frozenset({_C.STAFF}),
    ),
    Rule(
        id="administrator-content",
        says="Whoever keeps the machine sees no images, no texts and no names of people in the city.",
        source="GDPR, articles 25(2) and 32(4): keeping a system is no reason to read what is in it",
        remedy="ask an operator or a supervisor",
        roles=frozenset({_R.ADMINISTRATOR, _R.INTEGRATOR}),
        categories=CONTENT,
    ),
    Rule(
        id="overseer-content",
        says="Whoever oversees sees who looked, why and at what, and not what they saw.",
        source="GDPR, articles 38(6) and 39(1)(b); the overseer's own reading would need overseeing",
        remedy="ask a supervisor to describe what was seen",
        roles=frozenset({_R.DPO, _R.AUDITOR}),
        categories=CONTENT,
    ),
    Rule(
        id="exercise-real",
        says="An exercise opens nothing that shows real people.",
        source="GDPR, article 5(1)(b): training is another purpose",
        remedy="practise with a simulated camera or a simulated source",
        purposes=frozenset({_P.EXERCISE}),
        categories=PERSONAL,
        when=lambda request: not request.is_simulated,
    ),
    Rule(
        id="clear-purpose",
        says="Clear images, clear texts and identities are opened to answer an incident, and for nothing else.",
        source="GDPR, article 5(1)(b) and (c); Directive (EU) 2016/680, article 4(1)(b) and (c)",
        remedy="open or join an incident and ask for it there",
        categories=CLEAR,
        when=lambda request: request.purpose not in (_P.INCIDENT_RESPONSE, _P.EXERCISE),
    ),
    Rule(
        id="clear-case",
        says="Clear images, clear texts and identities need an open incident.",
        source="Directive (EU) 2016/680, article 25(1): the justification of a consultation is on record",
        remedy="open an incident and name it",
        categories=CLEAR,
        when=lambda request: not request.case,
    ),
    Rule(
        id="clear-controller",
        says="Clear images, clear texts and identities need somebody who answers for the processing.",
        source="GDPR, articles 5(2) and 24; Directive (EU) 2016/680, article 19",
        remedy="name the controller in the register",
        categories=CLEAR,
        when=lambda request: not request.controller,
    ),
    Rule(
        id="biosignal-wearer",
        says="A signal of the body is for the one who wears the sensor.",
        source="GDPR, article 9(1); AI Act, article 5(1)(f)",
        remedy="there is none; ask the wearer",
        categories=frozenset({_C.BIOSIGNAL}),
        when=lambda request: not request.is_own,
    ),
    Rule(
        id="led-scope",
        says="What is processed to prevent or investigate crime serves neither planning nor work safety.",
        source="Directive (EU) 2016/680, articles 1(1) and 9(1)",
        remedy="process it under the General Data Protection Regulation, with a legal basis of its own",
        purposes=frozenset({_P.PLANNING, _P.OCCUPATIONAL_SAFETY}),
        when=lambda request: request.regime is Regime.LED,
    ),
)
"""Forbidding rules; the first that fits gives the reason, and none of them can be outweighed."""
