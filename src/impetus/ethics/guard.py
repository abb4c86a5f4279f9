"""The guard: which role may do what, and why. Deny by default; every use case of the desk asks here first.

`OPERATIONS` says in one sentence what each operation is; `MATRIX` says who may, with the reason for each row. A cell that
is not there is refused. A service token may do only what was written on it, and never what takes a person's judgement.
What is asked for personal data (purpose, category, case, tenant) stands in `policy`; here it is put into words.
"""

from dataclasses import dataclass
from functools import lru_cache

from impetus.core.access import AccessRequest, Category, Purpose
from impetus.core.actor import Actor, Role
from impetus.core.errors import Refused, Unauthenticated
from impetus.ethics.matrix import GRANTABLE, MATRIX, Grant
from impetus.ethics.operation import OPERATIONS, Operation
from impetus.ethics.policy import RULES, decide

__all__ = [
    "GRANTABLE",
    "MATRIX",
    "OPERATIONS",
    "Grant",
    "Operation",
    "WhoCanSee",
    "may",
    "permit",
    "who_can_see",
    "who_may",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoCanSee:
    """Who can see something, and why: the roles, the rules in one sentence each, and each role's own reason.

    `because` goes with `roles`, place by place.
    """

    roles: tuple[str, ...]
    says: tuple[str, ...]
    because: tuple[str, ...]

    @property
    def why(self) -> str:
        """Return the rules in one line."""
        return " ".join(self.says)


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


@lru_cache(maxsize=512)
def who_can_see(operation: str, category: Category = Category.NONE) -> WhoCanSee:
    """Return who can do this with that kind of data, for any purpose it is given for, and why; for the pages to say.

    Conditions that a role can meet (an open incident, somebody who answers) are taken as met; they stand in `says`.

    >>> who_can_see("media.read", Category.IMAGE_MASKED).roles
    ('operator', 'supervisor')
    """
    given = {role: _given(role, operation, category) for role in MATRIX}
    given = {role: rules for role, rules in given.items() if rules}
    said = dict.fromkeys(rule for rules in given.values() for rule in rules)
    return WhoCanSee(
        roles=tuple(role.value for role in given),
        says=tuple(RULES[rule].says for rule in said),
        because=tuple(MATRIX[role].because for role in given),
    )


def _given(role: Role, operation: str, category: Category) -> tuple[str, ...]:
    """Return the rules that give it to the role, for one purpose or another."""
    rulings = (
        decide(
            AccessRequest(
                role=role,
                operation=operation,
                purpose=purpose,
                category=category,
                case="0",
                tenant="here",
                owner="here",
                granted=frozenset({operation}),
                controller="here",
                is_own=True,
            )
        )
        for purpose in Purpose
    )
    return tuple(dict.fromkeys(ruling.rule for ruling in rulings if ruling.is_permitted))


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
