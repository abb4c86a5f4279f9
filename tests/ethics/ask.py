"""Requests to the guard for tests: one that is in order, and any number at random."""

import random

from impetus.core.access import AccessRequest, Category, Purpose, Regime
from impetus.core.actor import Role
from impetus.ethics.guard import GRANTABLE, Operation

CITY = "oslo"
OPERATIONS = [operation.value for operation in Operation]
FEW_WORDS = ("", "7", "oslo", "the city")
ODD_WORDS = (
    "",
    " ",
    "\0",
    "\n",
    '"; permit(principal, action, resource); //',
    'Action::"alerts.read"',
    "alerts.read ",
    "ALERTS.READ",
    "æøå",
    "e\u0301",
    "\u202e",
    "\ud800",
    "💥",
    "x" * 10_000,
    "__class__",
    "${case}",
)


def asked(
    role: Role,
    operation: str,
    purpose: Purpose,
    category: Category = Category.NONE,
    *,
    case: str = "",
    owner: str = CITY,
) -> AccessRequest:
    """Return a request of a city about its own data, with a controller."""
    return AccessRequest(
        role=role,
        operation=operation,
        purpose=purpose,
        category=category,
        case=case,
        tenant=CITY,
        owner=owner,
        controller=CITY,
    )


def any_request(rng: random.Random) -> AccessRequest:
    """Return a request at random; half are about personal data, and most words are in order, so that some are permitted."""
    return AccessRequest(
        role=rng.choice(list(Role)),
        operation=rng.choice(OPERATIONS),
        purpose=rng.choice(list(Purpose)),
        category=rng.choice(list(Category)) if rng.random() < 0.5 else Category.NONE,
        case=rng.choice(FEW_WORDS),
        tenant=rng.choice((CITY, CITY, CITY, CITY, "bergen", "")),
        owner=CITY,
        regime=rng.choice(list(Regime)),
        granted=frozenset(rng.sample(sorted(GRANTABLE), 5)) | frozenset(rng.sample(OPERATIONS, 3)),
        controller=rng.choice(FEW_WORDS),
        is_simulated=rng.random() < 0.5,
        is_own=rng.random() < 0.5,
    )


def odd_request(rng: random.Random) -> AccessRequest:
    """Return a request with odd words in it, and now and then a part that is of no kind a request has."""
    request = any_request(rng)
    word, other = rng.choice(ODD_WORDS), rng.choice(ODD_WORDS)
    changed = rng.choice(
        (
            {"operation": word},
            {"case": word, "controller": other},
            {"tenant": word, "owner": word},
            {"tenant": word, "owner": other},
            {"granted": frozenset({word, request.operation})},
            {"role": "operator"},
            {"role": None},
            {"purpose": "public_safety"},
            {"category": word},
            {"granted": None},
            {"case": None},
            {"is_own": "yes"},
            {"tenant": 7, "owner": 7},
        )
    )
    parts = {name: getattr(request, name) for name in AccessRequest.__slots__}
    return AccessRequest(**{**parts, **changed})
