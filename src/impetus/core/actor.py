"""Who acts: a person with a role, a service with a token, or the platform itself. Never nobody."""

from dataclasses import dataclass
from enum import StrEnum

from impetus.core.ids import AccountId


class Role(StrEnum):
    """The users of the product; a person has exactly one role at a time."""

    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ANALYST = "analyst"
    IT_SECURITY = "it_security"
    PLANNER = "planner"
    EXECUTIVE = "executive"
    DPO = "dpo"
    AUDITOR = "auditor"
    INTEGRATOR = "integrator"
    ADMINISTRATOR = "administrator"
    SERVICE = "service"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """The one who acts. `operations` limits a service token; it is empty for people, whose role decides."""

    name: str
    role: Role
    account: AccountId | None = None
    operations: frozenset[str] = frozenset()
    source: str | None = None


def platform(name: str) -> Actor:
    """Return the platform acting by itself, named by the part that acts (`fusion`, `supervisor`)."""
    return Actor(name=f"platform:{name}", role=Role.PLATFORM)


def console() -> Actor:
    """Return whoever works at the machine's own command line: they can read the key, so they are administrator."""
    return Actor(name="console", role=Role.ADMINISTRATOR)
