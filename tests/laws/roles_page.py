"""The page on roles, written from the guard."""

from collections.abc import Iterator

from impetus.core.actor import Role
from impetus.ethics.guard import GRANTABLE, MATRIX, OPERATIONS, Operation, who_may
from laws.tree import ROOT

DOCUMENT = ROOT / "docs" / "reference" / "roles.md"
HEAD = """# Roles

Written from `src/impetus/ethics/matrix.py`; a test compares this page with it. To write it anew: `make docs`.

Every use case asks the guard first. What is not allowed here is refused, to everybody: an unknown role, an unknown
operation and nobody at all. A refusal names the rule, who may, and what would make it allowed.

## Operations
A token may carry those with a tick in the last column, and no others: judging, deciding and admitting take a person.
"""


def _operations() -> Iterator[str]:
    """Yield the table of operations: what each is, who may, and whether a token can carry it."""
    yield "| operation | what it is | who may | token |\n|---|---|---|---|"
    for operation in Operation:
        people = ", ".join(role for role in who_may(operation) if role != Role.SERVICE)
        yield f"| `{operation}` | {OPERATIONS[operation]} | {people} | {'✓' if operation in GRANTABLE else ''} |"


def _roles() -> Iterator[str]:
    """Yield the table of roles: why each may what it may."""
    yield "\n## Roles\n| role | because | may |\n|---|---|---|"
    for role, grant in MATRIX.items():
        may = " ".join(f"`{operation}`" for operation in Operation if operation in grant.may)
        yield f"| {role} | {grant.because} | {may or 'what is written on its token'} |"


def page() -> str:
    """Return the whole page."""
    return "\n".join([HEAD, *_operations(), *_roles()]).rstrip() + "\n"
