"""One rule, part by part: what it asks, and which requests nobody can read."""

from dataclasses import fields

import pytest

from ethics.ask import asked
from impetus.core.access import AccessRequest, Category, Purpose, Regime
from impetus.core.actor import Role
from impetus.ethics.forbidden import FORBIDDEN
from impetus.ethics.operation import Operation
from impetus.ethics.policy import DEFAULT, RULES, decide
from impetus.ethics.rule import Rule, is_well_formed

PLAIN = asked(Role.OPERATOR, "alerts.read", Purpose.PUBLIC_SAFETY, Category.NONE, case="7")


def having(**changes: object) -> AccessRequest:
    """Return the plain request with some parts changed, odd ones too."""
    parts = {field.name: getattr(PLAIN, field.name) for field in fields(AccessRequest)}
    return AccessRequest(**{**parts, **changes})


def rule(**asks: object) -> Rule:
    """Return a rule that asks for this alone."""
    return Rule(id="r", says="It is so.", source="a law", **asks)  # type: ignore[arg-type]  # fields of a rule


@pytest.mark.parametrize(
    ("part", "mine", "another"),
    [
        ("roles", Role.OPERATOR, Role.DPO),
        ("operations", Operation.ALERTS_READ, Operation.LOG_READ),
        ("purposes", Purpose.PUBLIC_SAFETY, Purpose.PLANNING),
        ("categories", Category.NONE, Category.STAFF),
    ],
)
def test_a_rule_fits_what_it_names_and_nothing_else(part: str, mine: object, another: object) -> None:
    """A part that is not named fits all; an empty one fits nothing."""
    assert rule().fits(PLAIN)
    assert rule(**{part: frozenset({mine})}).fits(PLAIN)
    assert rule(**{part: frozenset({mine, another})}).fits(PLAIN)
    assert not rule(**{part: frozenset({another})}).fits(PLAIN)
    assert not rule(**{part: frozenset()}).fits(PLAIN)


def test_a_rule_fits_only_when_every_part_does() -> None:
    """And its condition is asked last, of the request."""
    all_of_it = {
        "roles": frozenset({Role.OPERATOR}),
        "operations": frozenset({Operation.ALERTS_READ}),
        "purposes": frozenset({Purpose.PUBLIC_SAFETY}),
        "categories": frozenset({Category.NONE}),
    }
    assert rule(**all_of_it, when=lambda request: request.case == "7").fits(PLAIN)
    assert not rule(**all_of_it, when=lambda request: request.case == "8").fits(PLAIN)
    for part in all_of_it:
        assert not rule(**{**all_of_it, part: frozenset()}, when=lambda _: True).fits(PLAIN), part


@pytest.mark.parametrize(
    "changes",
    [
        {"role": "operator"},
        {"purpose": "public_safety"},
        {"category": "none"},
        {"regime": "gdpr"},
        {"granted": {"alerts.read"}},
        {"is_simulated": 1},
        {"is_own": None},
        {"operation": None},
        {"case": 7},
        {"tenant": b"oslo"},
        {"owner": None},
        {"controller": None},
        {"granted": frozenset({7})},
        {"granted": frozenset({"alerts.read", "a\ud800"})},
        {"case": "\ud800"},
        {"case": "x\udfff"},
        {"case": "é\udc00é"},
    ],
)
def test_a_request_with_an_odd_part_is_refused_as_one_nobody_can_read(changes: dict[str, object]) -> None:
    """Each part has its kind, and each text can be written down."""
    assert not is_well_formed(having(**changes))
    ruling = decide(having(**changes))
    assert (ruling.is_permitted, ruling.rule) == (False, "malformed")


@pytest.mark.parametrize("text", ["", "7", "é", "\ud7ff", "\ue000", "💥", "a\x00b"])
def test_a_text_that_can_be_written_down_is_a_text(text: str) -> None:
    """Up to the edges of what Unicode sets aside."""
    assert is_well_formed(having(case=text, tenant=text, owner=text, controller=text, granted=frozenset({text})))
    assert is_well_formed(having(regime=Regime.LED, is_own=True, is_simulated=True))


def test_a_ruling_carries_the_rule_with_its_source_and_remedy() -> None:
    """Forbidding rules first, in their order; then permitting ones; then nothing permits."""
    other = decide(having(tenant="bergen"))
    by_name = {one.id: one for one in FORBIDDEN}["other-tenant"]
    assert (other.rule, other.source, other.remedy) == (by_name.id, by_name.source, by_name.remedy)
    given = decide(PLAIN)
    assert (given.is_permitted, given.rule, given.source) == (True, "impersonal", RULES["impersonal"].source)
    nothing = decide(having(purpose=Purpose.OCCUPATIONAL_SAFETY))
    assert (nothing.is_permitted, nothing.rule) == (False, DEFAULT.id)
    assert (nothing.source, nothing.remedy) == (DEFAULT.source, DEFAULT.remedy)
