"""One rule of purpose-bound access, and when it fits a request."""

from collections.abc import Callable
from dataclasses import dataclass

from impetus.core.access import AccessRequest, Category, Purpose, Regime
from impetus.core.actor import Role
from impetus.ethics.operation import Operation

Asks = Callable[[AccessRequest], bool]


def _always(_: AccessRequest) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One rule: its name, what it says in a sentence, on what it rests, what would help, and when it fits.

    None for roles, operations, purposes or categories means any.
    """

    id: str
    says: str
    source: str
    remedy: str = ""
    roles: frozenset[Role] | None = None
    operations: frozenset[Operation] | None = None
    purposes: frozenset[Purpose] | None = None
    categories: frozenset[Category] | None = None
    when: Asks = _always

    def fits(self, request: AccessRequest) -> bool:
        """Say whether the rule is about this request."""
        return (
            (self.roles is None or request.role in self.roles)
            and (self.operations is None or request.operation in self.operations)
            and (self.purposes is None or request.purpose in self.purposes)
            and (self.categories is None or request.category in self.categories)
            and self.when(request)
        )


def is_well_formed(request: AccessRequest) -> bool:
    """Say whether every part is of its kind and every text can be written down (no lone surrogate)."""
    texts = (request.operation, request.case, request.tenant, request.owner, request.controller)
    return (
        isinstance(request.role, Role)
        and isinstance(request.purpose, Purpose)
        and isinstance(request.category, Category)
        and isinstance(request.regime, Regime)
        and isinstance(request.granted, frozenset)
        and isinstance(request.is_simulated, bool)
        and isinstance(request.is_own, bool)
        and all(_is_text(each) for each in (*texts, *request.granted))
    )


def _is_text(value: object) -> bool:
    if not isinstance(value, str):
        return False
    return value.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in value)
